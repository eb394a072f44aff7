"""The event-driven worlds come to what the vectorised rules come to, on the same draws."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from auctions_for_tests import of_kind, played

from burgh.agents.bidders import Equilibrium, ScriptedBidder, Strategy, Truthful
from burgh.agents.bidders.equilibrium import first_price, half_way_trade
from burgh.scenarios.theory.simulate import whole
from burgh.sim.types import Event
from burgh.worlds.auctions import (
    CallMarket,
    DutchClock,
    EnglishClock,
    EnglishOutcry,
    House,
    MultiUnit,
    SealedAuction,
)
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.rules.call_market import clear
from burgh.worlds.auctions.rules.multiunit import award_units, discriminatory_payments, uniform_payments
from burgh.worlds.auctions.rules.ranking import Ints
from burgh.worlds.auctions.rules.sealed import SEALED_RULES, award, payments
from burgh.worlds.auctions.terms import Terms
from burgh.worlds.auctions.values import Private

NAMES = ("Ann", "Ben", "Cid", "Dot", "Eve")
LOTS = 60
WIDE = Private(Uniform(0, 1_000_000))
NARROW = Private(Uniform(0, 60))
TIES = np.random.default_rng(0)


def run(world: House, strategy: Strategy) -> list[Event]:
    return asyncio.run(played(world, [ScriptedBidder(name, strategy) for name in world.agents]))


def table(events: list[Event], names: tuple[str, ...]) -> Ints:
    """What each bidder paid for each lot: (bidders, lots)."""
    paid = np.zeros((len(names), LOTS), np.int64)
    for event in of_kind(events, "paid"):
        paid[names.index(event.data["from"]), event.data["lot"]] += event.data["amount"]
    return paid


def bids(events: list[Event], names: tuple[str, ...], key: str = "price") -> Ints:
    said = np.full((len(names), LOTS), -1, np.int64)
    for event in of_kind(events, "bid"):
        said[names.index(str(event.agent)), event.data["lot"]] = event.data[key]
    return said


def winners(events: list[Event]) -> dict[int, str]:
    return {event.data["lot"]: str(event.agent) for event in of_kind(events, "sold")}


@pytest.mark.parametrize("name", SEALED_RULES)
@pytest.mark.parametrize("reserve", [0, 400_000])
def test_sealed_auctions(name: str, reserve: int) -> None:
    if name == "third-price" and reserve:
        reserve = 0  # its equilibrium is known without one
    rule, terms = SEALED_RULES[name], Terms(reserve=reserve)
    world = SealedAuction(NAMES, WIDE, seed=8, rule=rule, lots=LOTS, terms=terms, budgets=10**12)
    events = run(world, Equilibrium())
    offers = bids(events, NAMES)
    if name == "first-price":
        expected = whole(first_price(world.drawn.signals.astype(float), 5, WIDE.describe(0), reserve))
        assert (offers == np.where(expected < 0, -1, expected)).all(), "the same bids as in theory"
    awarded = award(offers, rule, reserve=reserve, ties=TIES)
    assert (table(events, NAMES) == payments(offers, awarded, rule, reserve=reserve)).all()
    sold = {lot: NAMES[seat] for lot, seat in enumerate(awarded.winner) if seat >= 0}
    assert winners(events) == sold
    assert len(sold) == LOTS if not reserve else len(sold) > LOTS / 2


@pytest.mark.parametrize("uniform", [True, False])
def test_units(uniform: bool) -> None:
    world = MultiUnit(NAMES, WIDE, seed=8, lots=LOTS, units=2, uniform=uniform, budgets=10**12)
    events = run(world, Equilibrium())
    offers = bids(events, NAMES, "unit 1")
    awarded = award_units(offers, 2, ties=TIES)
    pay = uniform_payments if uniform else discriminatory_payments
    assert (table(events, NAMES) == pay(offers, awarded)).all()


def test_the_half_way_market() -> None:
    world = CallMarket(NAMES[:1], NAMES[1:2], WIDE, seed=8, lots=LOTS, budgets=10**12)
    events = run(world, Equilibrium())
    law = WIDE.describe(0)
    worths = np.array([world._units["buy"]["Ann"][0], world._units["sell"]["Ben"][0]])
    offers = [
        whole(half_way_trade(row.astype(float), law, buys=buys))
        for row, buys in zip(worths, (True, False), strict=True)
    ]
    cleared = clear(np.minimum(offers[0], world.ceiling)[None, :], offers[1][None, :], TIES)
    assert (table(events, NAMES[:2])[0] == np.where(cleared.quantity > 0, cleared.price, 0)).all()
    assert 0 < cleared.quantity.sum() < LOTS


def highest(world: House) -> Any:
    return np.sort(world.drawn.worths, axis=0)[::-1]


def test_the_english_clock_is_second_price() -> None:
    """Vickrey (1961): the last rival leaves at the second-highest value."""
    world = EnglishClock(NAMES, NARROW, seed=8, lots=LOTS)
    events = run(world, Truthful())
    assert (table(events, NAMES).sum(axis=0) == highest(world)[1]).all()
    for lot, name in winners(events).items():
        assert world.drawn.worths[NAMES.index(name), lot] == highest(world)[0, lot]


def test_the_outcry_is_second_price_to_within_a_raise() -> None:
    world = EnglishOutcry(NAMES, NARROW, seed=8, lots=LOTS)
    events = run(world, Truthful())
    assert np.abs(table(events, NAMES).sum(axis=0) - highest(world)[1]).max() <= 1


def test_the_dutch_clock_is_first_price() -> None:
    """Vickrey (1961): the same bids, the same price, the same winner; ties apart."""
    clock = run(world := DutchClock(NAMES, NARROW, seed=8, lots=LOTS), Equilibrium())
    sealed = run(SealedAuction(NAMES, NARROW, seed=8, lots=LOTS), Equilibrium())
    assert (world.drawn.worths == SealedAuction(NAMES, NARROW, seed=8, lots=LOTS).drawn.worths).all()
    assert (table(clock, NAMES).sum(axis=0) == table(sealed, NAMES).sum(axis=0)).all()
