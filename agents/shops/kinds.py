"""Kinds of provider and of customer: entry points of `burgh.providers` and `burgh.selectors` (see
agents/kinds.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from burgh.agents.bidders.kinds import BidderKind, Options
from burgh.agents.shops import strategies
from burgh.agents.shops.bank import WANTED, ToolBank
from burgh.agents.shops.mind import ScriptedTrader


class Share(Options):
    percent: Annotated[int, Field(ge=0, le=200)] = 50
    """Of what the customer gains: what is asked above the cost."""


class Wanted(Options):
    wanted: Annotated[str, Field(min_length=1, max_length=300)] = WANTED
    """What is looked for, in words."""


def _rule(make: Callable[[Any], strategies.Strategy], options: type[Options] = Options) -> BidderKind:
    return BidderKind(lambda seat, said: ScriptedTrader(seat.name, make(said), seat.seed), options)


HONEST = _rule(lambda said: strategies.Honest(said.percent), Share)
PUFFING = _rule(lambda said: strategies.Puffing(said.percent), Share)
UNDERCUTTING = _rule(lambda said: strategies.Undercutting(said.percent), Share)
RANDOM_PITCH = _rule(lambda _: strategies.RandomPitch())

BY_VALUE = _rule(lambda _: strategies.ByValue())
TRUSTING = _rule(lambda _: strategies.Trusting())
CHEAPEST = _rule(lambda _: strategies.Cheapest())
FIRST = _rule(lambda _: strategies.First())
ANYONE = _rule(lambda _: strategies.Anyone())
TOOL_BANK = _rule(lambda said: ToolBank(said.wanted), Wanted)
