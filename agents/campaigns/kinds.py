"""Kinds of campaign manager: entry points of the group `burgh.campaigns` (see agents/kinds.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from burgh.agents.bidders.kinds import BidderKind, Options
from burgh.agents.campaigns import strategies
from burgh.agents.campaigns.mind import ScriptedManager

Price = Annotated[int, Field(ge=0, le=1_000_000)]
Gain = Annotated[int, Field(ge=0, le=1000)]


class AtPrice(Options):
    price: Price = 60
    """For an impression; the highest, where it is drawn."""


class AtClick(Options):
    click: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """For a click; what it is worth, if none."""


class AtAverage(Options):
    price: Price | None = None
    """For an impression of average click rate; as high as the money allows, if none."""


class AtC(Options):
    c: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Of the landscape b / (c + b); fitted, if none."""


class ByPid(AtAverage):
    proportional: Gain = 25
    integral: Gain = 4
    derivative: Gain = 10


def _rule(make: Callable[[Any], strategies.Strategy], options: type[Options]) -> BidderKind:
    return BidderKind(lambda seat, said: ScriptedManager(seat.name, make(said)), options)


CONSTANT = _rule(lambda said: strategies.Constant(said.price), AtPrice)
RANDOM = _rule(lambda said: strategies.RandomPrice(said.price), AtPrice)
MAX_CPC = _rule(lambda said: strategies.MaxCpc(said.click), AtClick)
LINEAR = _rule(lambda said: strategies.Linear(said.price), AtAverage)
ORTB = _rule(lambda said: strategies.Ortb(said.c), AtC)
PID = _rule(
    lambda said: strategies.Paced(said.price, said.proportional, said.integral, said.derivative), ByPid
)
