"""The exchange: the contract of worlds, who wins and pays what, purses, fairness, bad settings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from exchange_for_tests import NAMES, SETTINGS, exchange, one_by_one
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from burgh.sim.spec import InvalidAnswer
from burgh.sim.types import Action, BurghError, Event
from burgh.worlds.conformance import check_world
from burgh.worlds.exchange import FIRST, SECOND, Campaign, Exchange, Market, Synthetic, clear
from burgh.worlds.exchange.forms import bids_of
from burgh.worlds.exchange.rules import Pricing, clear_alone


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"pricing": FIRST},
        {"alone": True},
        {"virtual": True},
        {"floor": 50},
        {"budget": 0},
        {"budget": 300},
    ],
)
def test_it_keeps_the_contract_of_worlds(more: dict[str, object]) -> None:
    check_world(lambda: exchange(**more), ticks=14)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [(), ("Ann",)])
def test_hardly_any_campaign(names: tuple[str, ...]) -> None:
    check_world(lambda: exchange(names), ticks=14)


def bids_and_market(seed: int, rows: int, n: int, top: int, floor: int) -> tuple[np.ndarray, Market]:
    rng = np.random.default_rng(seed)
    bids = rng.integers(0, top + 1, (rows, n)).astype(np.int32)
    price = rng.integers(1, top + 1, n).astype(np.int32)
    floors = np.full(n, floor, np.int32)
    return bids, Market(price, floors, rng.random(n, np.float32))


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 5),
    n=st.integers(0, 60),
    top=st.integers(1, 12),
    floor=st.integers(0, 6),
    purses=st.lists(st.integers(0, 150), min_size=5, max_size=5),
    pricing=st.sampled_from([FIRST, SECOND]),
)
def test_it_sells_as_one_would_by_hand(
    *, seed: int, rows: int, n: int, top: int, floor: int, purses: list[int], pricing: Pricing
) -> None:
    bids, market = bids_and_market(seed, rows, n, top, floor)
    winners, prices, stops = one_by_one(bids, market, pricing, purses[:rows])
    found = clear(bids.copy(), market, pricing, purses[:rows])
    assert found.winner.tolist() == winners
    assert found.price.tolist() == prices
    assert list(found.stopped) == stops
    for row in range(rows):
        paid = int(found.price[found.winner == row].sum())
        assert paid <= purses[row]


def test_alone_each_meets_the_market_only() -> None:
    bids, market = bids_and_market(1, 3, 500, 40, 5)
    for row, found in enumerate(clear_alone(bids.copy(), market, SECOND, [10**6, 10**6, 300])):
        winners, prices, stops = one_by_one(bids[row : row + 1], market, SECOND, [[10**6, 10**6, 300][row]])
        assert found.winner.tolist() == winners and found.price.tolist() == prices
        assert list(found.stopped) == stops


def test_ties_are_fair() -> None:
    n = 30_000
    rng = np.random.default_rng(5)
    bids = np.full((4, n), 7, np.int32)
    bids[2] = 3
    market = Market(np.full(n, 7, np.int32), np.zeros(n, np.int32), rng.random(n, np.float32))
    found = clear(bids, market, FIRST, [10**9] * 4)
    won = np.bincount(found.winner, minlength=5)
    assert won[2] == 0
    assert chisquare(won[[0, 1, 3, 4]]).pvalue > 0.001


def test_no_bid_reaches_the_floor_and_nothing_is_sold() -> None:
    bids, market = bids_and_market(2, 2, 50, 10, 11)
    assert set(clear(bids, market, SECOND, [999, 999]).winner.tolist()) == {-1}


def played(world: Exchange, ticks: int = 10) -> list[Event]:
    events = list(world.begin())
    for tick in range(1, ticks + 1):
        chosen = zip(world.agents, SETTINGS, strict=False)
        actions = {name: Action(name, setting, f"{tick}.{name}.0") for name, setting in chosen}
        events += world.apply(tick, actions if tick == 1 else {})
    return events


@pytest.mark.parametrize("alone", [False, True])
def test_money_only_changes_hands(alone: bool) -> None:
    world = exchange(alone=alone, budget=3000)
    events = played(world)
    spent = sum(event.data["spent"] for event in events if event.kind == "result")
    assert spent > 0
    assert world.ledger.money["the house"] == spent
    assert sum(world.ledger.money.values()) == 3000 * len(NAMES)
    assert all(money >= 0 for money in world.ledger.money.values())


def test_what_is_recorded_adds_up_and_is_a_sum_of_periods() -> None:
    world = exchange()
    events = played(world)
    periods = [event for event in events if event.kind == "period"]
    results = [event for event in events if event.kind == "result"]
    assert len(periods) == 10 and len(results) == 40
    for period in periods:
        own = [one.data for one in results if one.data["period"] == period.data["period"]]
        assert sum(one["won"] for one in own) == period.data["sold"]
        assert sum(one["spent"] for one in own) == period.data["revenue"]
        taken = period.data["sold"] + period.data["outside"] + period.data["unsold"]
        assert taken == period.data["impressions"]
        for one in own:
            assert sum(count for _, count in one["bid_at"]) == one["bids"]
            assert sum(count for _, count in one["won_at"]) == one["won"]
            assert sum(count for _, count in one["lost_at"]) == one["bids"] - one["won"]
            assert sum(price * count for price, count in one["won_at"]) == one["spent"]


def test_losers_learn_no_price() -> None:
    """A report differs in nothing when the market asks more for what was lost anyway."""
    world = exchange(("Ann",), stream={"median_price": 500.0})
    dearer = exchange(("Ann",), stream={"median_price": 50_000.0})
    for one in (world, dearer):
        one.begin()
        one.apply(1, {"Ann": Action("Ann", {"rule": "constant", "price": 1, "pace": 100}, "1.Ann.0")})
    reports = [one.observe(2)["Ann"].state["report"] for one in (world, dearer)]
    assert reports[0] == reports[1]
    assert reports[0]["won_at"] == [] and reports[0]["lost_at"][0][0] == 1
    assert "expected" not in reports[0]


def test_a_setting_holds_until_it_is_changed_and_none_is_a_pause() -> None:
    world = exchange(("Ann", "Ben"))
    world.begin()
    world.apply(1, {"Ann": Action("Ann", SETTINGS[0], "1.Ann.0")})
    last = world.apply(2, {})
    bids = {event.agent: event.data["bids"] for event in last if event.kind == "result"}
    assert bids["Ann"] > 0 and bids["Ben"] == 0
    cause = next(event.causes for event in last if event.kind == "result" and event.agent == "Ann")
    assert cause[0].startswith("1.world.")


def test_the_form_takes_legal_numbers_only() -> None:
    form = exchange(most_bid=100).observe(1)["Ann"].spec
    form.validate({"rule": "pause"})
    for bad in (
        {"rule": "constant", "price": 101, "pace": 100},
        {"rule": "constant", "price": -1, "pace": 100},
        {"rule": "constant", "price": 1.5, "pace": 100},
        {"rule": "constant", "price": float("nan"), "pace": 100},
        {"rule": "ortb", "price": 0, "click": 1, "pace": 100},
        {"rule": "constant", "price": 5, "pace": 0},
        {"rule": "constant", "price": 5, "click": 5, "pace": 100},
        {"rule": "steal", "price": 5},
    ):
        with pytest.raises((InvalidAnswer, ArithmeticError)):
            form.validate(bad)


def test_a_setting_after_the_close_is_refused_and_recorded() -> None:
    world = exchange(stream={"periods": 1})
    world.begin()
    world.apply(1, {})
    assert world.next_tick(1) is None
    (refused,) = world.apply(2, {"Ann": Action("Ann", SETTINGS[0], "2.Ann.0")})
    assert (refused.kind, refused.data["why"]) == ("bid_refused", "the day is over")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (None, "is not a form"),
        ({"rule": "constant"}, "'price' is missing"),
        ({"rule": "constant", "price": math.nan, "pace": 100}, "price: nan is not from 0"),
        ({"rule": "constant", "price": -1, "pace": 100}, "price: -1 is not from 0"),
        ({"rule": "constant", "price": 5.0, "pace": 100}, "price: 5.0 is not a whole number"),
        ({"rule": "constant", "price": "5", "pace": 100}, "price: '5' is not a number"),
        ({"rule": "pause", "price": 5}, "there is no field 'price' here"),
    ],
)
def test_a_setting_that_is_none_is_refused_and_recorded_and_changes_nothing(answer: Any, why: str) -> None:
    world = exchange(("Ann",))
    world.begin()
    world.apply(1, {"Ann": Action("Ann", SETTINGS[0], "1.Ann.0")})
    events = world.apply(2, {"Ann": Action("Ann", answer, "2.Ann.0")})
    (refused,) = (event for event in events if event.kind == "bid_refused")
    assert why in refused.data["why"]
    assert world.observe(3)["Ann"].state["setting"] == SETTINGS[0]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: exchange(("Ann", "Ann")), "two campaigns have one name"),
        (lambda: exchange(("the house",)), "the seller's account"),
        (lambda: exchange(budget=-1), "the budget is -1: it must be at least 0"),
        (lambda: exchange(floor=2000), "a floor of 2000 is not from 0"),
        (lambda: Exchange([Campaign("A", 1, 1)], Synthetic(1), seed=1, pricing="third"), "'third' is no"),  # type: ignore[arg-type]
        (lambda: Synthetic(1, periods=0), "periods is 0: it must be at least 1"),
        (lambda: Synthetic(1, periods=2000), "periods is 2000: a day has 1440 minutes"),
        (lambda: Synthetic(1, period_minutes=0), "period_minutes is 0: it must be at least 1"),
        (lambda: Synthetic(1, impressions=math.nan), "impressions is nan: it must be a whole number"),  # type: ignore[arg-type]
        (lambda: Synthetic(1, drift=math.inf), "drift is inf: it must be a number"),
        (lambda: Synthetic("x"), "the seed is 'x'"),  # type: ignore[arg-type]
        (lambda: Campaign("A", math.nan, 1), "A: the budget is nan: it must be a whole number"),  # type: ignore[arg-type]
        (lambda: Campaign("A", 1, 10**30), "A: what a click is worth is 10+: it must be at most"),
        (lambda: Campaign(3, 1, 1), "a campaign is called 3"),  # type: ignore[arg-type]
        (lambda: Exchange(["A"], Synthetic(1), seed=1), "'A' is no campaign"),  # type: ignore[list-item]
        (lambda: exchange(floor=1.5), "the floor is 1.5: it must be a whole number"),
        (lambda: exchange(most_bid=0), "most_bid is 0: it must be at least 1"),
        (lambda: Synthetic(1, click_rate=1.0), "a click rate of 1.0 cannot be"),
        (lambda: Synthetic(1, median_price=0.0), "a median price of 0.0"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(BurghError, match=said):
        make()


def test_bids_follow_their_rules() -> None:
    rates = np.array([0.0, 0.01, 0.02])
    assert bids_of({"rule": "constant", "price": 9}, rates, 0.01, 99).tolist() == [9, 9, 9]
    assert bids_of({"rule": "max-cpc", "click": 1000}, rates, 0.01, 99).tolist() == [0, 10, 20]
    assert bids_of({"rule": "linear", "price": 30}, rates, 0.01, 99).tolist() == [0, 30, 60]
    assert bids_of({"rule": "linear", "price": 60}, rates, 0.01, 99).tolist() == [0, 60, 99]
    # sqrt(c k p + c^2) - c with c = 30, k = 16,000: 0 at p = 0; sqrt(30 * 16000 * .01 + 900) - 30 = 45.50
    assert bids_of({"rule": "ortb", "price": 30, "click": 16_000}, rates, 0.01, 99).tolist() == [0, 45, 72]


def test_the_floor_follows_the_bids() -> None:
    world = exchange(virtual=True, budget=10**7, stream={"impressions": 20_000})
    played(world)
    assert 20 < world.floor < 200
    fixed = exchange(floor=5, budget=10**7)
    played(fixed)
    assert fixed.floor == 5
