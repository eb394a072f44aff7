"""An auction on a place of the town: who may bid, what changes hands, and what is perceived of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from town_for_tests import CLOCK, SHOP, SQUARE, Villagers, go, sleep

from burgh.sim.spec import InvalidAnswer, ToolCall
from burgh.sim.types import Action, BurghError, Json
from burgh.worlds.auctions.terms import Lot
from burgh.worlds.conformance import check_world
from burgh.worlds.town import Auction, Goods, Resident, Town, village

ROPE = Goods("a coil of rope", usual=8)
APPLES = Goods("a basket of apples", start=4, usual=10, owner="Tom")
PEOPLE = (("Ann", SQUARE, 20), ("Ben", SQUARE, 9), ("Cid", SHOP, 30), ("Tom", SQUARE, 2))


def market(*lots: Goods, tick: int = 1, **more: Any) -> Town:
    auction = Auction(tick, SQUARE, lots or (ROPE, APPLES), auctioneer="Hugo", **more)
    people = [Resident(name, place, coins=coins) for name, place, coins in PEOPLE]
    return Town(village(), people, auction=auction, seed=3, clock=CLOCK)


def bid(price: int) -> dict[str, Json]:
    return {"tool": "bid", "arguments": {"act": "bid", "price": price}}


def tools(villagers: Villagers, name: str) -> set[str]:
    spec = villagers.world.observe(villagers.tick + 1)[name].spec
    assert isinstance(spec, ToolCall)
    return set(spec.tools)


def owned(villagers: Villagers, name: str) -> tuple[int, Mapping[str, int]]:
    state = villagers.state(name)
    return state["money"], state["goods"]


def opened(**more: Any) -> Villagers:
    villagers = Villagers(market(**more))
    villagers.do()
    return villagers


def test_nobody_is_asked_before_it_opens_and_then_only_who_is_there() -> None:
    villagers = Villagers(market(tick=3))
    villagers.run(2)
    assert "bid" not in tools(villagers, "Ann")
    villagers.run(1)
    assert [name for name in villagers.world.agents if "bid" in tools(villagers, name)] == [
        "Ann", "Ben", "Tom",
    ]  # fmt: skip
    assert [event.tick for event in villagers.of("auction")] == [3]


def test_a_clock_that_jumps_stops_where_the_auction_opens() -> None:
    world = market(tick=500)
    villagers = Villagers(world)
    villagers.do(**dict.fromkeys(world.agents, sleep(600)))
    villagers.run(60)  # all to their beds
    assert world.next_tick(villagers.tick) == 500


def test_coins_and_things_change_hands_and_stay_changed() -> None:
    villagers = opened()
    villagers.do(Ann=bid(3), Ben=bid(2))
    villagers.do(Ben=bid(5))
    villagers.run(3)
    (sold,) = villagers.of("sold")
    assert (sold.agent, sold.data["price"], sold.data["item"]) == ("Ben", 5, "a coil of rope")
    assert owned(villagers, "Ben") == (4, {"a coil of rope": 1})
    villagers.do(Ann=bid(4))
    villagers.run(3)
    assert owned(villagers, "Ann") == (16, {"a basket of apples": 1})
    assert owned(villagers, "Tom") == (6, {})  # whose apples they were
    villagers.run(50)
    assert owned(villagers, "Ben") == (4, {"a coil of rope": 1})
    assert villagers.world.snapshot()["totals"] == {"money": 61, "goods": 2}


def test_the_form_holds_a_bid_to_the_least_price_and_the_purse() -> None:
    villagers = opened(reserve=2, least_raise=3)
    spec = villagers.world.observe(2)["Ben"].spec
    for price in (1, 10):  # under the reserve, over the nine coins in his purse
        with pytest.raises(InvalidAnswer):
            spec.validate(bid(price))
    villagers.do(Ann=bid(2))
    spec = villagers.world.observe(3)["Ben"].spec
    with pytest.raises(InvalidAnswer):
        spec.validate(bid(4))
    spec.validate(bid(5))
    assert "bid" not in tools(villagers, "Ann")  # who leads is not asked


def test_whose_the_lot_is_does_not_bid_for_it() -> None:
    villagers = Villagers(market(APPLES))
    villagers.do()
    assert "bid" not in tools(villagers, "Tom")
    villagers.world.apply(2, {"Tom": Action("Tom", bid(4), "2.Tom.0")})
    assert villagers.state("Tom")["money"] == 2


def test_bids_that_the_engine_let_through_are_refused_with_a_reason() -> None:
    villagers = opened()
    refused = []
    for tick, (name, answer) in enumerate([("Cid", bid(5)), ("Ben", bid(50)), ("Ann", bid(-1))], 2):
        events = villagers.world.apply(tick, {name: Action(name, answer, f"{tick}.{name}.0")})
        refused += [event.data["why"] for event in events if event.kind == "bid_refused"]
    assert refused == ["not asked in this round", "over the purse", "negative"]


def test_one_who_comes_late_bids_for_what_is_open() -> None:
    villagers = Villagers(market(ROPE, calls=60))
    villagers.do(Cid=go(SQUARE))
    villagers.until_still()
    assert "bid" in tools(villagers, "Cid")
    seen = villagers.state("Cid")["sale"]
    assert seen["item"] == "a coil of rope" and seen["causes"] == [villagers.of("lot_opened")[0].id]


def test_without_anybody_there_each_lot_waits_for_its_calls_and_goes_back() -> None:
    world = market(calls=5)
    villagers = Villagers(world)
    villagers.do(Ann=go(SHOP), Ben=go(SHOP), Tom=go(SHOP))
    while world._market.begun and world._market.is_open:
        villagers.do()
    assert [event.data["item"] for event in villagers.of("unsold")] == [ROPE.item, APPLES.item]
    assert owned(villagers, "Tom")[1] == {APPLES.item: 1}


def test_what_is_sold_is_cried_to_all_who_are_there() -> None:
    villagers = opened()
    villagers.do(Ann=bid(3))
    villagers.run(4)
    (cry,) = [event for event in villagers.of("said") if event.data["fact"] == "lot 1"]
    assert cry.data["heard_by"] == ["Ann", "Ben", "Tom"] and cry.causes == (villagers.of("sold")[0].id,)
    assert cry.data["meaning"] == "Ann bought the coil of rope at the auction for 3 coins."
    assert [p.data["to"] for p in villagers.percepts["Ben"] if p.event == cry.id] == ["Ben"]
    assert not villagers.texts("Cid", "speech")


def test_the_end_is_cried_with_what_was_sold() -> None:
    villagers = opened()
    villagers.do(Ann=bid(3))
    villagers.run(12)
    cries = [event for event in villagers.of("said") if event.data["fact"] == "auction"]
    assert [cry.data["meaning"] for cry in cries] == [
        "There is an auction at the market square: a coil of rope and 1 other thing are for sale.",
        "The auction at the market square is over: 1 of 2 things were sold.",
    ]
    assert cries[1].causes == (villagers.of("closed")[-1].id,)
    assert cries[1].data["to"] == "" and cries[1].data["heard_by"] == ["Ann", "Ben", "Tom"]


def test_a_snapshot_amid_a_lot_goes_on_the_same() -> None:
    one, other = opened(), market()
    one.do(Ann=bid(3))
    other.restore(one.world.snapshot())
    again = Villagers(market())
    again.world, again.tick = other, one.tick
    for villagers in (one, again):
        villagers.do(Ben=bid(6))
        villagers.run(8)
    assert other.snapshot() == one.world.snapshot()
    assert one.events[-len(again.events) :][-8:] == again.events[-8:]


def test_the_contract_holds_with_an_auction_and_coins_are_conserved_each_tick() -> None:
    check_world(lambda: market(ROPE, APPLES, Goods("a stool", usual=4), tick=4, calls=4), ticks=120)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"lots": ()}, "needs one lot at least"),
        ({"lots": ("a hat",)}, "'a hat' is not a lot"),
        ({"lots": (Lot("a hat"),)}, "nothing that a town sells"),
        ({"tick": "11:00"}, "tick is '11:00': it must be a whole number"),
        ({"reserve": 1.5}, "reserve is 1.5"),
        ({"calls": None}, "calls is None"),
    ],
)
def test_an_auction_of_what_is_none_is_refused_where_it_is_made(more: dict[str, Any], said: str) -> None:
    with pytest.raises(BurghError, match=said):
        Auction(**{"tick": 2, "place": SQUARE, "lots": (ROPE,), **more})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tick": 0}, "before the start"),
        ({"auctioneer": "Ann"}, "name of a resident"),
        ({"place": "Burgh : Market Sqare"}, "nearest name is 'Burgh : Market Square'"),
        ({"lots": (Goods("a hat", owner="Zoe"),)}, "belongs to 'Zoe'"),
        ({"calls": 0}, "a call and a round"),
    ],
)
def test_what_cannot_be_is_said(more: dict[str, Any], said: str) -> None:
    auction = Auction(**{"tick": 1, "place": SQUARE, "lots": (ROPE,), **more})
    with pytest.raises(BurghError, match=said):
        Town(village(), [Resident("Ann", SQUARE)], auction=auction, seed=1, clock=CLOCK)
