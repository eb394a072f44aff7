"""The frozen values that pass between worlds, minds, the engine and the record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burgh.sim.spec import ActionSpec

# Plain data as json holds it: None, bool, int, str, lists and string-keyed mappings of these, and
# floats only where nothing is hashed (the record refuses them: see `fixed`).
Json = Any

WORLD = "world"  # the source of events that no agent's mind wrote
ENGINE = "engine"
FIXED_POINT = 1_000_000  # recorded reals are whole multiples of 1e-6


class BurghError(Exception):
    """A fault that a user caused or can mend: one sentence, said without a traceback, exit code 2."""


def fixed(value: float) -> int:
    """A real as the record holds it: a whole number of 1e-6. Raises ValueError when it is not finite."""
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be recorded: it is not a finite number")
    return round(value * FIXED_POINT)


def real(value: int) -> float:
    """The real that `fixed` wrote."""
    return value / FIXED_POINT


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in the world or in a mind.

    id: "tick.source.n", unique in a run. kind: see sim/events.md. agent: whom it happened to, or None.
    causes: ids of the events that caused it, so that `why` can walk back.
    """

    id: str
    kind: str
    agent: str | None
    data: Mapping[str, Json]
    causes: tuple[str, ...] = ()

    @property
    def tick(self) -> int:
        return int(self.id.split(".", 1)[0])

    @property
    def source(self) -> str:
        return self.id.split(".", 1)[1].rsplit(".", 1)[0]

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "kind": self.kind,
            "agent": self.agent,
            "data": dict(self.data),
            "causes": list(self.causes),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Json]) -> Event:
        return cls(raw["id"], raw["kind"], raw["agent"], raw["data"], tuple(raw["causes"]))


class Events:
    """Collects the events of one source in one tick and numbers them: ids need no coordination."""

    def __init__(self, tick: int, source: str) -> None:
        self.tick = tick
        self.source = source
        self._events: list[Event] = []

    def add(
        self, kind: str, agent: str | None, data: Mapping[str, Json], causes: Sequence[str] = ()
    ) -> Event:
        event = Event(f"{self.tick}.{self.source}.{len(self._events)}", kind, agent, data, tuple(causes))
        self._events.append(event)
        return event

    def __len__(self) -> int:
        return len(self._events)

    def all(self) -> tuple[Event, ...]:
        return tuple(self._events)


@dataclass(frozen=True, slots=True)
class Percept:
    """One thing that is new to an agent: seen, heard, or felt.

    event: id of the world event perceived. kind: "sight", "speech", "outcome" or "inner".
    text: a sentence about it in the third person, with names. agents: whom it is about.
    data: particulars; for speech: speaker, to, act, subject, fact, meaning, words, heard_by; for what is
    inner: to, meaning, fact.
    """

    event: str
    kind: str
    text: str
    agents: tuple[str, ...] = ()
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one agent perceives at a tick's start, and what it may answer.

    free: it has nothing under way and has to choose something to do. Otherwise a mind may answer None,
    which goes on with what is under way. near: names of the agents within earshot, nearest first.
    state: what one knows of oneself (town: place, x, y, activity, until_tick, ...).
    """

    agent: str
    tick: int
    time: datetime
    percepts: tuple[Percept, ...]
    spec: ActionSpec
    free: bool
    near: tuple[str, ...] = ()
    state: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """An agent's answer to an ActionSpec. id: that of the `decided` event that chose it."""

    agent: str
    answer: Json
    id: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a mind wants after one observation. It has changed nothing yet: the engine commits it.

    changes: opaque to the engine, handed back to the mind's `commit`. wake_tick: the next tick at
    which the mind wants to be asked though nothing new is perceived.
    """

    action: Action | None
    events: tuple[Event, ...]
    changes: Any = None
    wake_tick: int | None = None
