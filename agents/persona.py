"""Who an agent is: what its mind starts from, as the scenario tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time


@dataclass(frozen=True, slots=True)
class SeedMemory:
    """Something an agent knows from the start.

    say: how it says this of itself, where the text is in the third person. fact: an id by which the record
    follows who was told of it, or "".
    """

    text: str
    say: str = ""
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """A place to be, and what one may do there."""

    place: str
    doing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A broad stroke of the usual day: from `at`, for `minutes`, one of these errands."""

    at: time
    minutes: int
    choices: tuple[Errand, ...]


@dataclass(frozen=True, slots=True)
class Persona:
    """An agent's name, life and habits. relations: what it thinks of others, by name. rises, retires: when
    it gets up and goes to bed, where that does not follow from its day (see agents/day.py)."""

    name: str
    age: int
    job: str
    home: str
    work: str = ""
    traits: str = ""
    wishes: tuple[str, ...] = ()
    relations: Mapping[str, str] = field(default_factory=dict)
    memories: tuple[SeedMemory, ...] = ()
    day: tuple[Stroke, ...] = ()
    rises: time | None = None
    retires: time | None = None

    @property
    def first_wish(self) -> str:
        return self.wishes[0] if self.wishes else ""
