"""From a kind of bidder to a mind: our own kinds and those that others have registered.

A kind is an entry point of the group `burgh.bidders`: a `BidderKind`. Ours come in by the same door
(pyproject.toml). Beside them, every prompt strategy of the arena (the group `burgh.strategies`) bids too.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field

from burgh.agents.bidders import strategies
from burgh.agents.bidders.mind import ScriptedBidder
from burgh.sim.clock import Clock
from burgh.sim.protocols import LanguageModel, Mind
from burgh.sim.types import BurghError

GROUP = "burgh.bidders"
PROMPTED = "burgh.strategies"


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose mind is made. llm: a model, which kinds that ask none leave alone. person: who is asked where a
    person has the seat."""

    name: str
    llm: LanguageModel
    clock: Clock
    seed: int
    language: str = "en"
    person: LanguageModel | None = None


class Options(BaseModel):
    """What may be said of a kind besides its name: nothing, unless a subclass says more."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class BidderKind:
    """make: a mind for a seat, from the options. asks: whether it asks the language model."""

    make: Callable[[Seat, Any], Mind]
    options: type[Options] = Options
    asks: bool = False


class Shade(Options):
    percent: Annotated[int, Field(ge=0, le=200)] = 80
    """Of its value: what it bids."""


class MostBids(Options):
    most_bids: Annotated[int, Field(ge=1)] = 4
    """For one lot."""


class LastRounds(Options):
    last_rounds: Annotated[int, Field(ge=1)] = 2
    """Of a double auction: how many there are left when it begins to bid."""


def _rule(make: Callable[[Any], strategies.Strategy], options: type[Options] = Options) -> BidderKind:
    return BidderKind(lambda seat, said: ScriptedBidder(seat.name, make(said), seat.seed), options)


TRUTHFUL = _rule(lambda _: strategies.Truthful())
EQUILIBRIUM = _rule(lambda _: strategies.Equilibrium())
SHADE = _rule(lambda said: strategies.Shading(said.percent), Shade)
BEST_RESPONSE = _rule(lambda _: strategies.BestResponse())
ZERO_INTELLIGENCE = _rule(lambda _: strategies.ZeroIntelligence())
RULE = _rule(lambda said: strategies.Rule(said.most_bids), MostBids)
SNIPER = _rule(lambda said: strategies.Sniper(said.last_rounds), LastRounds)
RANDOM = _rule(lambda _: strategies.Random())


class _Contestant(Protocol):
    """A prompt strategy of the arena, as far as a sale needs it."""

    def mind(self, name: str, seed: int, llm: LanguageModel, clock: Clock) -> Mind: ...


@cache
def registered() -> Mapping[str, EntryPoint]:
    """All kinds of bidder by name: those of bidders before those of prompts."""
    found = {point.name: point for group in (PROMPTED, GROUP) for point in entry_points(group=group)}
    return dict(sorted(found.items()))


def bidder_kind(name: str) -> BidderKind:
    """A kind by name. Raises BurghError: an unknown one is answered with the known and the nearest, and so is
    one that cannot be loaded."""
    point = registered().get(name)
    if point is None:
        near = difflib.get_close_matches(name, registered(), 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise BurghError(f"no kind of bidder is called {name!r}{hint}: known are {', '.join(registered())}")
    try:
        made = point.load()
    except (ImportError, AttributeError) as error:
        raise BurghError(f"the kind of bidder {name!r} ({point.value}) cannot be loaded: {error}") from None
    if isinstance(made, BidderKind):
        return made
    return _prompted(cast(Callable[[str], _Contestant], made)(name))


def _prompted(contestant: _Contestant) -> BidderKind:
    def make(seat: Seat, said: Options) -> Mind:
        return contestant.mind(seat.name, seat.seed, seat.llm, seat.clock)

    return BidderKind(make, asks=True)
