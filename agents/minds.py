"""From a kind of mind to minds: our own kinds and those that others have registered.

A kind is an entry point of the group `burgh.minds`: a function or class that is called as `Maker` says and
gives a Mind (see sim/protocols.py). Ours come in by the same door (pyproject.toml).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Protocol, cast

from burgh.sim.protocols import LanguageModel, Mind
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.agents.persona import Persona
    from burgh.agents.settings import MindSettings
    from burgh.memory.embed import Embedder
    from burgh.memory.record import Memory
    from burgh.memory.score import Vectors
    from burgh.sim.clock import Clock

GROUP = "burgh.minds"


class Maker(Protocol):
    """What an entry point of the group is. keep: told of each memory that the mind makes."""

    def __call__(
        self,
        persona: Persona,
        settings: MindSettings,
        *,
        llm: LanguageModel,
        embedder: Embedder,
        clock: Clock,
        seed: int,
        keep: Callable[[Memory, Vectors], None] | None = None,
    ) -> Mind: ...


@cache
def kinds() -> Mapping[str, EntryPoint]:
    """All registered kinds of mind by name."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


def known_kinds() -> tuple[str, ...]:
    """Their names."""
    return tuple(kinds())


def maker(kind: str) -> Maker:
    """What makes minds of a kind. Raises BurghError: an unknown one is answered with the known and the
    nearest, and so is one that cannot be imported."""
    point = kinds().get(kind)
    if point is None:
        raise BurghError(unknown(kind))
    try:
        return cast(Maker, point.load())
    except (ImportError, AttributeError) as error:
        raise BurghError(f"the kind of mind {kind!r} ({point.value}) cannot be loaded: {error}") from None


def unknown(kind: str) -> str:
    """What to say of a kind that there is not."""
    near = difflib.get_close_matches(kind, known_kinds(), 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"no kind of mind is called {kind!r}{hint}: known are {', '.join(known_kinds())}"
