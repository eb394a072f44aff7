"""What may be said and what comes of it: bad bids, silence, ties, order of arrival, conservation."""

from __future__ import annotations

import asyncio
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from auctions_for_tests import MAKERS, NAMES, SEALED, Kept, act, bid, of_kind
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from burgh.sim.engine import Engine
from burgh.sim.rng import stream
from burgh.sim.types import Action, Event, Json, Observation, Step
from burgh.worlds.auctions import EnglishOutcry, House, Lot, SealedAuction, Terms
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.values import Given, Private


def auction(**more: Any) -> SealedAuction:
    return SealedAuction(("Ann", "Ben"), Private(Uniform(0, 100)), seed=1, **more)


BAD = [
    (bid(4), "under the reserve"),
    (bid(21), "over the purse"),
    (bid(7), "not a multiple of 2"),
    (bid(-2), "negative"),
    (bid(math.nan), "not a whole number"),
    (bid(math.inf), "not a whole number"),
    (bid(6.5), "not a whole number"),
    (bid(True), "not a whole number"),
    (bid(10**400), "over the purse"),
    ({"act": "bid", "price": "six"}, "not a whole number"),
    ({"act": "bid", "price": None}, "not a whole number"),
    ({"act": "bid"}, "the field 'price' is missing"),
    ({"act": "pass", "price": 6}, "there is no field 'price' here"),
    ({"act": "steal"}, "'steal' is not one of"),
    ({}, "the field 'act' is missing"),
    (None, "is not a form"),
    ([6], "is not a form"),
]


@pytest.mark.parametrize(("answer", "why"), BAD, ids=[repr(answer)[:40] for answer, _ in BAD])
def test_a_bad_bid_is_void_and_recorded(answer: Json, why: str) -> None:
    world = auction(terms=Terms(reserve=6, step=2), budgets=20)
    world.begin()
    events = act(world, 1, {"Ann": answer, "Ben": bid(8)})
    (refused,) = of_kind(events, "bid_refused")
    assert refused.agent == "Ann"
    assert why in refused.data["why"]
    assert refused.causes == ("1.Ann.0",)
    json.dumps(refused.to_json(), allow_nan=False)
    (sold,) = of_kind(events, "sold")
    assert (sold.agent, sold.data["price"]) == ("Ben", 8)
    assert world.ledger.money == {"the house": 8, "Ann": 20, "Ben": 12}
    heard = world.observe(2)["Ann"].percepts
    assert any("was refused" in percept.text for percept in heard)


def test_after_the_close_nothing_is_taken() -> None:
    world = auction()
    world.begin()
    act(world, 1, {"Ann": bid(5), "Ben": {"act": "pass"}})
    assert world.next_tick(1) == 2, "the news is still to be heard"
    (refused,) = act(world, 2, {"Ben": bid(50)})
    assert (refused.kind, refused.data["why"]) == ("bid_refused", "the sale is closed")
    assert act(world, 3, {}) == ()
    assert world.next_tick(3) is None
    assert world.ledger.goods["Ann"] == {"lot 1": 1}


def test_a_lot_that_is_sold_takes_no_bid_and_a_second_answer_is_none() -> None:
    world = auction(lots=2, terms=Terms(limit_ticks=3))
    world.begin()
    act(world, 1, {"Ann": bid(5)})
    (refused,) = act(world, 2, {"Ann": bid(6)})
    assert refused.data["why"] == "answered already in this round"
    act(world, 3, {})
    assert world.lot == 1
    assert world.history[0]["buyer"] == "Ann"
    assert world.history[0]["price"] == 5


def test_one_who_has_left_the_clock_is_not_asked() -> None:
    world = MAKERS["english-clock"](seed=1)
    world.begin()
    act(world, 1, {name: {"act": "leave" if name == "Ann" else "stay"} for name in NAMES})
    events = act(world, 2, {"Ann": {"act": "stay"}})
    assert of_kind(events, "bid_refused")[0].data["why"] == "not asked in this round"


@pytest.mark.parametrize("limit", [1, 4])
def test_silence_is_a_pass_when_the_time_is_up(limit: int) -> None:
    world = auction(terms=Terms(limit_ticks=limit))
    world.begin()
    for tick in range(1, limit):
        assert act(world, tick, {"Ben": bid(3)} if tick == 1 else {}) != () or tick > 1
        assert world.is_open
    events = act(world, limit, {"Ben": bid(3)} if limit == 1 else {})
    assert of_kind(events, "sold")[0].agent == "Ben"
    assert not world.is_open


def test_an_answer_in_time_ends_the_waiting() -> None:
    world = auction(terms=Terms(limit_ticks=50))
    world.begin()
    act(world, 1, {"Ann": bid(3)})
    events = act(world, 2, {"Ben": bid(4)})
    assert of_kind(events, "sold")[0].data["price"] == 4


class Babbler:
    """A mind that always gives one answer, legal or not."""

    def __init__(self, name: str, answer: Json) -> None:
        self.name, self.answer = name, answer

    async def begin(self, observation: Observation) -> Step:
        return Step(None, ())

    async def step(self, observation: Observation) -> Step:
        return Step(Action(self.name, self.answer, f"{observation.tick}.{self.name}.0"), ())

    def commit(self, step: Step) -> None: ...

    def snapshot(self) -> Json:
        return {}

    def restore(self, state: Json) -> None: ...


def test_the_engine_refuses_before_the_house_does() -> None:
    world, kept = auction(budgets=10), Kept()

    async def whole() -> None:
        engine = Engine(world, (Babbler("Ann", bid(11)), Babbler("Ben", bid(9))), kept, world.clock)
        await engine.begin({})
        await engine.run(5)

    asyncio.run(whole())
    assert of_kind(kept.events, "refused")[0].agent == "Ann"
    assert of_kind(kept.events, "sold")[0].agent == "Ben"


# what always holds


def random_run(world: House, seed: int, reverse: bool = False) -> list[Event]:
    """Random legal answers until the house closes."""
    events, tick = list(world.begin()), 0
    totals = world.ledger.totals
    while world.is_open and tick < 400:
        tick += 1
        seen = world.observe(tick)
        answers = {
            name: Action(name, one.spec.sample(stream(seed, "x", name, tick)), f"{tick}.{name}.0")
            for name, one in seen.items()
            if one.free
        }
        given_ = dict(reversed(answers.items())) if reverse else answers
        events += world.apply(tick, given_)
        assert world.ledger.totals == totals
        assert min(world.ledger.money.values()) >= 0
    return events


TERMS = st.builds(Terms, reserve=st.integers(0, 6), entry_fee=st.integers(0, 3), step=st.integers(1, 3))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), TERMS, st.integers(0, 40))
@pytest.mark.parametrize("name", MAKERS)
def test_money_and_goods_are_conserved(name: str, seed: int, terms: Terms, budget: int) -> None:
    world = MAKERS[name](seed=seed, terms=terms, budgets=budget, lots=2)
    events = random_run(world, seed)
    assert not world.is_open
    paid = sum(event.data["amount"] for event in of_kind(events, "paid") if event.data["to"] == "the house")
    assert paid == world.ledger.money["the house"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
@pytest.mark.parametrize("name", SEALED)
def test_the_order_of_arrival_does_not_matter(name: str, seed: int) -> None:
    first, second = (MAKERS[name](seed=seed) for _ in range(2))
    assert random_run(first, seed) == random_run(second, seed, reverse=True)


@pytest.mark.parametrize("name", ["first-price", "dutch", "english-clock", "english", "uniform-price", "gsp"])
def test_ties_are_fair_over_seeds(name: str) -> None:
    """Chi-square: three equal bidders win as often as each other, though they stand in one order."""
    wins = dict.fromkeys(NAMES[:3], 0)
    answers: dict[str, Json] = {
        "dutch": {"act": "take"},
        "english-clock": {"act": "stay"},
        "uniform-price": {"act": "bid", "unit 1": 5, "unit 2": 0},
    }
    for seed in range(450):
        more = {"start_price": 5} if name == "dutch" else {}
        world = MAKERS[name](names=NAMES[:3], seed=seed, **more)
        world.begin()
        answer = answers.get(name, bid(5))
        last = {"act": "leave"} if name == "english-clock" else {"act": "pass"}
        events = list(act(world, 1, dict.fromkeys(wins, answer)))
        for tick in range(2, 6):
            if world.is_open:
                asked = [one for one, seen in world.observe(tick).items() if seen.free]
                events += act(world, tick, dict.fromkeys(asked, last))
        winners = {str(event.agent) for event in of_kind(events, "sold")}
        if name in ("uniform-price", "gsp"):  # two of three win: count who does not
            winners = set(wins) - winners
        (winner,) = winners
        wins[winner] += 1
    assert stats.chisquare(list(wins.values())).pvalue > 1e-4


@pytest.mark.parametrize("name", ["double-auction", "call-market"])
def test_equal_orders_of_one_round_are_drawn_fairly(name: str) -> None:
    """Chi-square: two buyers offer the same at once, and there is one unit."""
    wins = {"Ann": 0, "Cid": 0}
    for seed in range(400):
        world = MAKERS[name](names=NAMES[:3], seed=seed, budgets=50)
        world.begin()
        events = act(
            world, 1, {**dict.fromkeys(wins, bid(5)), **({"Ben": bid(5)} if name == "call-market" else {})}
        )
        if name == "double-auction":
            events = act(world, 2, {"Ben": bid(5)})
        (sold,) = of_kind(events, "sold")
        wins[str(sold.agent)] += 1
        assert (sold.data["seller"], sold.data["price"]) == ("Ben", 5)
    assert stats.chisquare(list(wins.values())).pvalue > 1e-4


@pytest.mark.parametrize("name", MAKERS)
def test_every_kind_of_event_is_in_the_list_of_kinds(name: str) -> None:
    world = MAKERS[name](seed=3, lots=3, terms=Terms(entry_fee=1))
    kinds = {event.kind for event in random_run(world, 3)}
    text = (Path(__file__).resolve().parent.parent / "sim" / "events.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", text.split("## Written by auctions")[1], re.MULTILINE))
    assert {"auction", "purse", "lot_opened", "bid", "closed"} <= kinds <= listed


def drawn(world: House) -> str:
    """All that has been drawn of values."""
    return repr(world.drawn) + repr(getattr(world, "_units", ""))


@pytest.mark.parametrize("name", MAKERS)
def test_values_do_not_depend_on_what_bidders_do(name: str) -> None:
    quiet, loud = (MAKERS[name](seed=4, lots=3) for _ in range(2))
    random_run(loud, 9)
    assert drawn(loud) == drawn(quiet)
    assert drawn(MAKERS[name](seed=5, lots=3)) != drawn(quiet)


def test_an_entry_fee_is_paid_once_a_lot_and_kept_by_the_house() -> None:
    world = EnglishOutcry(
        ("Ann", "Ben"),
        Given(((9, 9), (9, 9))),
        seed=1,
        lots=[Lot("a jug"), Lot("a hen", 3)],
        terms=Terms(entry_fee=2),
        budgets=20,
    )
    world.begin()
    for tick, answers in enumerate(
        [{"Ann": bid(1)}, {"Ben": bid(2)}, {"Ann": bid(4)}, {}, {"Ann": bid(2)}, {"Ben": bid(3)}, {}], 1
    ):
        act(world, tick, answers)
    assert not world.is_open
    assert [sale["price"] for sale in world.history] == [4, None], "a bid under the start price is void"
    assert world.ledger.money == {"the house": 8, "Ann": 14, "Ben": 18}
    assert world.ledger.goods["Ann"] == {"a jug": 1}
