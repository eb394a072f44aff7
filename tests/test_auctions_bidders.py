"""Scripted bidders: legal in every format, rational where they should be, and each by its rule."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from auctions_for_tests import MAKERS, NAMES, of_kind, played, sale
from hypothesis import given, settings
from hypothesis import strategies as st

from burgh.agents.bidders import (
    BestResponse,
    Equilibrium,
    Random,
    Rule,
    ScriptedBidder,
    Shading,
    Sniper,
    Strategy,
    Truthful,
    ZeroIntelligence,
)
from burgh.sim.types import BurghError, Event
from burgh.worlds.auctions import (
    ContinuousDoubleAuction,
    EnglishOutcry,
    House,
    SealedAuction,
    SequentialSale,
    Terms,
)
from burgh.worlds.auctions.laws import Exponential, Uniform
from burgh.worlds.auctions.rules.sealed import ALL_PAY, FIRST_PRICE, SECOND_PRICE
from burgh.worlds.auctions.values import Affiliated, CommonValue, Given, Private, SumOfSignals

STRATEGIES: Sequence[Strategy] = (
    Truthful(),
    Shading(60),
    BestResponse(),
    ZeroIntelligence(),
    Rule(),
    Sniper(),
    Random(),
)
COMPATIBLE = ("second-price", "english-clock", "english", "vcg", "position-vcg")  # truth is dominant
WIDE = Private(Uniform(0, 1000))


def run(world: House, *strategies: Strategy, seed: int = 0) -> list[Event]:
    """A whole sale; the last strategy is that of all who are left."""
    minds = [
        ScriptedBidder(name, strategies[min(n, len(strategies) - 1)], seed)
        for n, name in enumerate(world.agents)
    ]
    return asyncio.run(played(world, minds))


def gains(events: Sequence[Event], name: str) -> int:
    """What someone has gained: worth and money in, money and cost out."""
    total = 0
    for event in events:
        if event.kind == "sold" and event.agent == name:
            total += event.data["value"]
        if event.kind == "sold" and event.data["seller"] == name:
            total -= event.data["cost"]
        if event.kind == "paid" and event.data["from"] == name:
            total -= event.data["amount"]
        if event.kind == "paid" and event.data["to"] == name:
            total += event.data["amount"]
    return total


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("name", MAKERS)
def test_every_strategy_plays_every_format_legally(name: str, strategy: Strategy) -> None:
    for seed, terms in ((1, Terms()), (2, Terms(reserve=3, entry_fee=1, step=2))):
        world = MAKERS[name](seed=seed, lots=3, terms=terms, budgets=25)
        events = run(world, strategy, Truthful(), seed=seed)
        assert of_kind(events, "refused") == []
        refused = {event.data["why"] for event in of_kind(events, "bid_refused")}
        if isinstance(strategy, Random):  # the form allows sums and bundle prices that the house does not
            refused -= {"over the purse", "under the reserve"}
        assert refused <= {"traded already in this round"}
        assert len(of_kind(events, "closed")) == len(world.lots)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 8))
@pytest.mark.parametrize("name", COMPATIBLE)
def test_the_truthful_never_lose(name: str, seed: int, reserve: int) -> None:
    """Individual rationality, whatever the others do."""
    world = MAKERS[name](seed=seed, terms=Terms(reserve=reserve))
    events = run(world, Truthful(), Random(), seed=seed)
    assert gains(events, "Ann") >= 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
@pytest.mark.parametrize("name", ["call-market", "double-auction", "bargaining"])
def test_traders_who_may_not_lose_do_not(name: str, seed: int) -> None:
    for strategy in (Truthful(), ZeroIntelligence(), Sniper()):
        events = run(MAKERS[name](seed=seed), strategy, seed=seed)
        assert min(gains(events, trader) for trader in NAMES) >= 0


def test_the_same_again_is_the_same() -> None:
    first, second = (run(MAKERS["double-auction"](seed=3), ZeroIntelligence(), seed=5) for _ in range(2))
    assert first == second
    assert run(MAKERS["double-auction"](seed=3), ZeroIntelligence(), seed=6) != first


# the rules one by one


def bids_of(events: Sequence[Event], name: str) -> list[int]:
    return [event.data["price"] for event in of_kind(events, "bid") if event.agent == name]


def test_equilibrium_bids_as_theory_says() -> None:
    worths = ((900,), (300,), (30,))
    for rule, bid in ((FIRST_PRICE, 600), (SECOND_PRICE, 900), (ALL_PAY, round(1000 * 2 / 3 * 0.9**3))):
        world = SealedAuction(("Ann", "Ben", "Cid"), WIDE, seed=1, rule=rule)
        world.drawn = Given(worths).draw(world.agents, 1, 1)
        assert bids_of(run(world, Equilibrium()), "Ann") == [pytest.approx(bid, abs=1)]


def test_equilibrium_in_formats_with_a_common_value() -> None:
    common = CommonValue(Uniform(0, 10_000), 100)
    world = SealedAuction(("Ann", "Ben"), common, seed=2, lots=30)
    events = run(world, Equilibrium())
    signals, worths = world.drawn.signals, world.drawn.worths
    for lot, price in enumerate(bids_of(events, "Ann")):
        assert price == pytest.approx(max(int(signals[0, lot]) - 100, 0), abs=70)
    assert abs(int(worths[0, 0]) - int(signals[0, 0])) <= 100
    wallet = SealedAuction(("Ann", "Ben"), SumOfSignals(Uniform(0, 100)), seed=2, rule=SECOND_PRICE)
    assert bids_of(run(wallet, Equilibrium()), "Ann") == [2 * int(wallet.drawn.signals[0, 0])]


@pytest.mark.parametrize(
    "world",
    [
        MAKERS["gsp"](seed=1),
        MAKERS["uniform-price"](seed=1),  # who wants two units shades the second (Ausubel and Cramton 2014)
        MAKERS["double-auction"](seed=1),
        SealedAuction(NAMES, Affiliated(Uniform(0, 9)), seed=1),
        SealedAuction(NAMES, SumOfSignals(Uniform(0, 9)), seed=1),
        SealedAuction(NAMES, SumOfSignals(Exponential(9)), seed=1, rule=SECOND_PRICE),
    ],
    ids=lambda world: f"{world.format} {world.values.kind}",
)
def test_where_no_equilibrium_is_known_it_says_so(world: House) -> None:
    with pytest.raises(BurghError, match="equilibrium"):
        run(world, Equilibrium())


def test_affiliated_values_are_private_enough_for_the_truth() -> None:
    world = SealedAuction(NAMES, Affiliated(Uniform(0, 1000)), seed=1, rule=SECOND_PRICE)
    assert bids_of(run(world, Equilibrium()), "Ann") == [int(world.drawn.worths[0, 0])]


def test_best_responses_learn_the_bids_of_others() -> None:
    """Against two who bid half of uniform values, the best reply in the long run is near 2/3 of one's own."""
    world = SealedAuction(("Ann", "Ben", "Cid"), WIDE, seed=1, lots=200)
    events = run(world, BestResponse(), Shading(66))
    late = [event for event in of_kind(events, "bid") if event.agent == "Ann" and event.data["lot"] >= 100]
    shares = [event.data["price"] / int(world.drawn.worths[0, event.data["lot"]]) for event in late]
    assert sum(shares) / len(shares) == pytest.approx(2 / 3, abs=0.08)
    truth = run(SealedAuction(("Ann", "Ben", "Cid"), WIDE, seed=1, lots=200), Truthful(), Shading(66))
    assert gains(events, "Ann") > gains(truth, "Ann") == 0


def test_the_rule_bidder_bids_at_most_four_times_an_item() -> None:
    world = EnglishOutcry(("Ann", "Ben"), Given(((1000,), (900,))), seed=1, terms=Terms(step=10))
    events = run(world, Rule(), Truthful())
    assert len(bids_of(events, "Ann")) == 4
    assert of_kind(events, "sold")[0].agent == "Ben"


def test_the_numbers_of_aucarena() -> None:
    """Chen et al. (2023): ten items, two each from 1,000 to 5,000, worth twice that, thought worth a tenth
    more, from a budget of 20,000; a raise is a tenth of the start price at least."""
    world = SequentialSale(NAMES[:3], seed=1, order="ascending")
    assert [lot.start for lot in world.lots] == [1000, 1000, 2000, 2000, 3000, 3000, 4000, 4000, 5000, 5000]
    seen = world.begin() and world.observe(1)["Ann"]
    assert seen
    assert (seen.state["value"], seen.state["money"], seen.state["least_raise"]) == (2200, 20_000, 100)
    events = run(SequentialSale(NAMES[:3], seed=1, order="ascending"), Rule(), Truthful())
    assert len(of_kind(events, "sold")) == 10
    for event in of_kind(events, "sold"):
        assert event.data["value"] == 2 * (1000 + event.data["lot"] // 2 * 1000)
    assert sorted(lot.start for lot in sale(seed=4).lots) == [lot.start for lot in world.lots]


def test_a_sniper_waits_for_the_hammer() -> None:
    def make(**more: Any) -> EnglishOutcry:
        return EnglishOutcry(("Ann", "Ben"), Given(((50,), (40,))), seed=1, **more)

    soft = run(make(calls=3), Sniper(), Truthful())
    (sold,) = of_kind(soft, "sold")
    assert (sold.agent, sold.data["price"]) == ("Ann", 41), (
        "where a bid brings new calls, waiting gains nothing"
    )
    assert min(event.data["round"] for event in of_kind(soft, "bid") if event.agent == "Ann") == 4
    hard = run(make(max_rounds=5, calls=9), Sniper(), Truthful())
    (sold,) = of_kind(hard, "sold")
    assert (sold.agent, sold.data["price"]) == ("Ann", 1), "where the close is hard, it does"
    assert [event.data["round"] for event in of_kind(hard, "bid") if event.agent == "Ann"] == [5]


def test_a_sniper_takes_what_is_offered_at_the_end() -> None:
    world = ContinuousDoubleAuction(
        ("Ann",), ("Ben",), Given(((90,),)), costs=Given(((20,),)), rounds=6, seed=1, budgets=100
    )
    events = run(world, Sniper(), Truthful())
    (sold,) = of_kind(events, "sold")
    assert (sold.data["price"], sold.data["value"], sold.data["cost"]) == (20, 90, 20)
    assert of_kind(events, "bid")[-1].data["round"] == 5


@pytest.mark.parametrize(
    ("worth", "price", "bids"),
    [(90, 60, [(5, 60)]), (50, 60, [(5, 41), (6, 41)]), (30, 60, [])],
    ids=["takes what is there", "leads by a step", "would lose by leading"],
)
def test_a_sniper_in_a_double_auction_bids_in_the_last_rounds(
    worth: int, price: int, bids: list[tuple[int, int]]
) -> None:
    """The other buyer bids 40, the seller asks its cost."""
    world = ContinuousDoubleAuction(
        ("Ann", "Eve"), ("Ben",), Given(((worth,), (40,))), costs=Given(((price,),)), rounds=6, seed=1
    )
    events = run(world, Sniper(), Truthful(), Truthful())
    found = [
        (event.data["round"], event.data["price"]) for event in of_kind(events, "bid") if event.agent == "Ann"
    ]
    assert found == bids[: len(found)] and bool(found) == bool(bids)


def test_in_a_double_auction_most_of_the_gains_are_made() -> None:
    """Zero-intelligence traders in the event-driven market: far above half of what is possible."""
    names = [f"t{n}" for n in range(12)]
    shares = []
    for seed in range(12):
        world = ContinuousDoubleAuction(names[:6], names[6:], WIDE, seed=seed, rounds=60, clear_on_trade=True)
        worths = [[world.unit_value(name, 0) for name in side] for side in (names[:6], names[6:])]
        high, low = sorted(worths[0], reverse=True), sorted(worths[1])
        possible = sum(max(v - c, 0) for v, c in zip(high, low, strict=True))
        events = run(world, ZeroIntelligence(), seed=seed)
        shares.append(sum(gains(events, name) for name in names) / possible)
    assert 0.85 < sum(shares) / len(shares) <= 1


def test_a_bidder_put_away_and_taken_up_again_bids_the_same() -> None:
    """It remembers how often it has bid, and no more."""

    async def asked(mind: ScriptedBidder, world: House) -> list[str]:
        answers = []
        for _ in range(3):
            step = await mind.step(world.observe(world.tick + 1)["Ann"])
            mind.commit(step)
            answers.append(str(step.action.answer["act"]) if step.action else "")
        return answers

    world = EnglishOutcry(("Ann", "Ben"), Given(((1000,), (900,))), seed=1)
    world.begin()
    first = ScriptedBidder("Ann", Rule(most_bids=4))
    assert asyncio.run(asked(first, world)) == ["bid"] * 3
    second = ScriptedBidder("Ann", Rule(most_bids=4))
    second.restore(json.loads(json.dumps(first.snapshot())))
    assert second.snapshot() == first.snapshot()
    assert asyncio.run(asked(second, world)) == asyncio.run(asked(first, world)) == ["bid", "pass", "pass"]
