"""Small worlds of every auction format, for the tests that hold of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from burgh.sim.engine import Engine
from burgh.sim.protocols import Mind
from burgh.sim.types import Action, Event, Json
from burgh.worlds.auctions import (
    Bargaining,
    CallMarket,
    ContinuousDoubleAuction,
    DutchClock,
    EnglishClock,
    EnglishOutcry,
    House,
    MultiUnit,
    PackageAuction,
    PositionAuction,
    SealedAuction,
    SequentialSale,
    Terms,
)
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.rules.sealed import ALL_PAY, FIRST_PRICE, SECOND_PRICE, THIRD_PRICE
from burgh.worlds.auctions.values import Private

NAMES = ("Ann", "Ben", "Cid", "Dot")
TEN = Private(Uniform(0, 10))
TERMS = Terms(reserve=2, entry_fee=1, limit_ticks=2)

MAKERS: dict[str, Callable[..., House]] = {
    "first-price": lambda names=NAMES, values=TEN, **m: SealedAuction(names, values, rule=FIRST_PRICE, **m),
    "second-price": lambda names=NAMES, values=TEN, **m: SealedAuction(names, values, rule=SECOND_PRICE, **m),
    "third-price": lambda names=NAMES, values=TEN, **m: SealedAuction(names, values, rule=THIRD_PRICE, **m),
    "all-pay": lambda names=NAMES, values=TEN, **m: SealedAuction(names, values, rule=ALL_PAY, **m),
    "dutch": lambda names=NAMES, values=TEN, **m: DutchClock(names, values, **m),
    "english-clock": lambda names=NAMES, values=TEN, **m: EnglishClock(names, values, **m),
    "english": lambda names=NAMES, values=TEN, **m: EnglishOutcry(names, values, calls=2, **m),
    "hard-close": lambda names=NAMES, values=TEN, **m: EnglishOutcry(
        names, values, max_rounds=4, calls=4, **m
    ),
    "uniform-price": lambda names=NAMES, values=TEN, **m: MultiUnit(names, values, demand=2, **m),
    "discriminatory": lambda names=NAMES, values=TEN, **m: MultiUnit(names, values, uniform=False, **m),
    "vcg": lambda names=NAMES, values=TEN, **m: PackageAuction(names, values, **m),
    "gsp": lambda names=NAMES, values=TEN, **m: PositionAuction(names, values, clicks=(3, 2), **m),
    "position-vcg": lambda names=NAMES, values=TEN, **m: PositionAuction(
        names, values, clicks=(3, 2), vcg=True, **m
    ),
    "call-market": lambda names=NAMES, values=TEN, **m: CallMarket(names[::2], names[1::2], values, **m),
    "double-auction": lambda names=NAMES, values=TEN, **m: ContinuousDoubleAuction(
        names[::2], names[1::2], values, rounds=5, units_each=2, **m
    ),
    "bargaining": lambda names=NAMES, values=TEN, **m: Bargaining(names[0], names[1], values, **m),
}
SEALED = ("first-price", "second-price", "third-price", "all-pay", "uniform-price", "discriminatory")


def sale(seed: int = 1, **more: Any) -> SequentialSale:
    """The AucArena setting, with prices a hundredth as high."""
    return SequentialSale(NAMES[:3], seed=seed, **more)


class Kept:
    """A recorder that keeps events in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def append(self, events: Iterable[Event]) -> None:
        self.events += events

    def aside(self, tick: int, data: Mapping[str, Json]) -> None: ...

    def end_tick(self, tick: int) -> None: ...

    def close(self, reason: str) -> None: ...


async def played(world: House, minds: Iterable[Mind]) -> list[Event]:
    """A whole run of a world with these minds; it must end by itself."""
    kept = Kept()
    engine = Engine(world, tuple(minds), kept, world.clock)
    await engine.begin({})
    await engine.run(100_000)
    assert not world.is_open
    return kept.events


def act(world: House, tick: int, answers: Mapping[str, Json]) -> tuple[Event, ...]:
    """One tick with these answers, whether legal or not."""
    return world.apply(
        tick, {name: Action(name, answer, f"{tick}.{name}.0") for name, answer in answers.items()}
    )


def bid(price: Json) -> Json:
    return {"act": "bid", "price": price}


def of_kind(events: Iterable[Event], *kinds: str) -> list[Event]:
    return [event for event in events if event.kind in kinds]
