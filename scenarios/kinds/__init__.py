"""Kinds of world in scenarios: what each takes, and how it is built, told and measured.

A kind is an entry point of the group `burgh.worlds`: an object that does what `Kind` says. Ours come in by
the same door (pyproject.toml): the town, and every format of sale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from burgh.scenarios.nearest import suggest
from burgh.sim.types import BurghError, Event, Json

if TYPE_CHECKING:
    from burgh.memory.embed import Embedder
    from burgh.memory.store import MemoryStore
    from burgh.scenarios.faults import Fault
    from burgh.scenarios.spec import Basis
    from burgh.sim.protocols import LanguageModel, Mind, World

GROUP = "burgh.worlds"
USUAL = "town"


@dataclass(frozen=True, slots=True)
class Means:
    """What minds are made with. embedder, store: None in worlds whose minds do not `remember`. person: who is
    asked in place of a model where a person has a seat (agents/llm/person.py)."""

    llm: LanguageModel
    embedder: Embedder | None = None
    store: MemoryStore | None = None
    person: LanguageModel | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be told. right: the columns that are numbers. note: a sentence below it, or ""."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """What came of a run: as plain data, and as tables for people."""

    data: Mapping[str, Json] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()


class Kind(Protocol):
    """A kind of world. scenario: the strict model of a whole scenario of it, a `Basis` whose `world` and
    `agents` are what this kind takes; pydantic's complaints are told with file, line and key."""

    @property
    def scenario(self) -> type[Basis]: ...

    def faults(self, scenario: Any, *, whole: bool) -> Iterable[Fault]:
        """What only the whole shows to be wrong. whole: whether all else is right."""
        ...

    def world(self, scenario: Any) -> World:
        """A fresh world: for a run, and again for its replay."""
        ...

    def asks(self, scenario: Any) -> bool:
        """Whether any mind asks the language model: if none does, none is loaded."""
        ...

    def remembers(self, scenario: Any) -> bool:
        """Whether minds need an embedder and a memory store."""
        ...

    def minds(self, scenario: Any, means: Means) -> Sequence[Mind]:
        """The minds of all agents, in any order."""
        ...

    def measures(self, scenario: Any, events: Iterable[Event]) -> Measures | None:
        """What came of a run, from its events; None where the town's own reports say it."""
        ...

    def about(self, scenario: Any) -> str:
        """What it is, in a few words, as in "3 agents on the map village"."""
        ...


@runtime_checkable
class Draws(Protocol):
    """A kind whose runs are drawn when they have ended."""

    def pictures(self, scenario: Any, events: Iterable[Event], folder: Path) -> tuple[Path, ...]:
        """Writes pictures into a run's folder, and says which."""
        ...


@cache
def registered() -> Mapping[str, EntryPoint]:
    """All kinds of world by name."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


@runtime_checkable
class Roles(Protocol):
    """A kind of world whose agents have minds of several groups."""

    def takes(self, agent: Any, kind: str) -> bool:
        """Whether a kind of mind is one for that agent's role."""
        ...


def kind_named(name: str) -> Kind:
    """A kind by name. Raises BurghError for one that is not known, or cannot be loaded."""
    point = registered().get(name)
    if point is None:
        raise BurghError(f"no kind of world is called {name!r}: {suggest(name, registered())}")
    try:
        return cast(Kind, point.load())
    except (ImportError, AttributeError) as error:
        raise BurghError(f"the kind of world {name!r} ({point.value}) cannot be loaded: {error}") from None


def kind_in(data: Json) -> Kind:
    """The kind that a scenario's data names: a town where it names none. Raises BurghError."""
    world = data.get("world") if isinstance(data, Mapping) else None
    name = world.get("kind", USUAL) if isinstance(world, Mapping) else USUAL
    if not isinstance(name, str):
        raise BurghError(f"{name!r} is not the name of a kind of world: {suggest(str(name), registered())}")
    return kind_named(name)


def kind_of(scenario: Basis) -> Kind:
    """The kind of a scenario that has been read."""
    return kind_named(scenario.world.kind)
