"""Sales by the name of their format, with what is usual: for interfaces that are given a name and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from burgh.sim.types import BurghError
from burgh.worlds.auctions.clocks import DutchClock, EnglishClock
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.markets import Bargaining, CallMarket, ContinuousDoubleAuction
from burgh.worlds.auctions.outcry import EnglishOutcry, SequentialSale
from burgh.worlds.auctions.packages import PackageAuction
from burgh.worlds.auctions.positions import PositionAuction
from burgh.worlds.auctions.rules.sealed import SEALED_RULES, kth_price
from burgh.worlds.auctions.sealed import SealedAuction
from burgh.worlds.auctions.terms import whole
from burgh.worlds.auctions.units import MultiUnit
from burgh.worlds.auctions.values import Private, Values

USUAL: Values = Private(Uniform(0, 101))
Make = Callable[..., House]  # names, values, and keywords: seed and what the format takes


def _market(market: Make) -> Make:
    """Of the names the first half buys, the rest sells."""

    def make(names: Sequence[str], values: Values, **more: Any) -> House:
        half = (len(names) + 1) // 2
        return market(names[:half], names[half:], values, **more)

    return make


def _bargaining(names: Sequence[str], values: Values, **more: Any) -> House:
    if len(names) != 2:
        raise BurghError(f"bargaining is between two, not {len(names)}")
    return Bargaining(names[0], names[1], values, **more)


def _sequential(names: Sequence[str], values: Values, **more: Any) -> House:
    return SequentialSale(names, **more)


def _kth_price(names: Sequence[str], values: Values, *, rank: int = 2, **more: Any) -> House:
    return SealedAuction(names, values, rule=kth_price(whole(rank, "rank", 1)), **more)


FORMATS: Mapping[str, Make] = {
    **{name: partial(SealedAuction, rule=rule) for name, rule in SEALED_RULES.items()},
    "kth-price": _kth_price,
    "dutch": DutchClock,
    "english-clock": EnglishClock,
    "english": EnglishOutcry,
    "sequential": _sequential,
    "uniform-price": partial(MultiUnit, uniform=True),
    "discriminatory": partial(MultiUnit, uniform=False),
    "vcg": PackageAuction,
    "gsp": partial(PositionAuction, vcg=False),
    "position-vcg": partial(PositionAuction, vcg=True),
    "call-market": _market(CallMarket),
    "double-auction": _market(ContinuousDoubleAuction),
    "bargaining": _bargaining,
}

UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'")


def make_house(
    format: str, names: Sequence[str], *, seed: int, values: Values | None = None, **more: Any
) -> House:
    """A sale of that format. values: private and uniform from 0 to 100 if none are given. more: what the
    format takes (lots, terms, budgets, units, ...). Raises BurghError for what it does not take, and for an
    unknown format."""
    if format not in FORMATS:
        raise BurghError(f"no sale is called {format!r}: known are {', '.join(FORMATS)}")
    try:
        return FORMATS[format](tuple(names), values or USUAL, seed=seed, **more)
    except TypeError as error:
        if (found := UNEXPECTED.search(str(error))) is None:
            raise BurghError(f"a {format} sale cannot be made so: {error}") from None
        raise BurghError(f"a {format} sale takes no {found[1].replace('_', '-')!r}") from None
