"""The pure rules: who wins, who pays, how ties are drawn, what rests in a book."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from burgh.sim.types import BurghError
from burgh.worlds.auctions.formats import make_house
from burgh.worlds.auctions.rules.call_market import NO_ASK, clear
from burgh.worlds.auctions.rules.multiunit import award_units, discriminatory_payments, uniform_payments
from burgh.worlds.auctions.rules.order_book import OrderBook, Side
from burgh.worlds.auctions.rules.position import check_clicks, gsp_payments, vcg_payments
from burgh.worlds.auctions.rules.ranking import NO_BID, NOBODY, Ints, ranked
from burgh.worlds.auctions.rules.sealed import (
    ALL_PAY,
    FIRST_PRICE,
    SECOND_PRICE,
    THIRD_PRICE,
    award,
    kth_price,
    payments,
    revenue,
)
from burgh.worlds.auctions.rules.vcg import best_allocation, vcg

P_VALUE = 1e-4


def ties(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def column(*bids: int) -> Ints:
    return np.array(bids, np.int64)[:, None]


@pytest.mark.parametrize(
    ("rule", "bids", "reserve", "winner", "paid"),
    [
        (FIRST_PRICE, (3, 9, 5), 0, 1, (0, 9, 0)),
        (SECOND_PRICE, (3, 9, 5), 0, 1, (0, 5, 0)),
        (THIRD_PRICE, (3, 9, 5), 0, 1, (0, 3, 0)),
        (ALL_PAY, (3, 9, 5), 0, 1, (3, 9, 5)),
        (SECOND_PRICE, (3, 9, 5), 7, 1, (0, 7, 0)),
        (ALL_PAY, (3, 9, 5), 4, 1, (0, 9, 5)),
        (FIRST_PRICE, (3, 9, 5), 10, NOBODY, (0, 0, 0)),
        (SECOND_PRICE, (NO_BID, 0, NO_BID), 0, 1, (0, 0, 0)),
        (THIRD_PRICE, (4, 6), 2, 1, (0, 2)),
        (FIRST_PRICE, (NO_BID, NO_BID), 0, NOBODY, (0, 0)),
        (SECOND_PRICE, (8,), 0, 0, (0,)),
    ],
)
def test_sealed_rules(
    rule: object, bids: tuple[int, ...], reserve: int, winner: int, paid: tuple[int, ...]
) -> None:
    assert rule in (FIRST_PRICE, SECOND_PRICE, THIRD_PRICE, ALL_PAY)
    offers = column(*bids)
    awarded = award(offers, rule, reserve=reserve, ties=ties())
    found = payments(offers, awarded, rule, reserve=reserve)
    assert awarded.winner[0] == winner
    assert tuple(found[:, 0]) == paid
    assert revenue(offers, awarded, rule, reserve=reserve)[0] == sum(paid)


def test_a_rank_below_one_is_none() -> None:
    with pytest.raises(BurghError, match="the rank is 1 or more"):
        kth_price(0)


def test_ties_of_sealed_bids_are_drawn_fairly() -> None:
    """Chi-square over seeds, one auction each: three of four tie, each wins as often."""
    offers = column(5, 7, 7, 7)
    wins = np.bincount([award(offers, ties=ties(seed)).winner[0] for seed in range(1500)], minlength=4)
    assert wins[0] == 0
    assert stats.chisquare(wins[1:]).pvalue > P_VALUE


def test_ties_of_units_are_drawn_fairly() -> None:
    offers = column(7, 7, 9, 7, 2)
    won = sum(award_units(offers, 2, ties=ties(seed)).won[:, 0].astype(int) for seed in range(1500))
    assert np.asarray(won)[[2, 4]].tolist() == [1500, 0]
    assert stats.chisquare(np.asarray(won)[[0, 1, 3]]).pvalue > P_VALUE


def test_orders_of_equal_bids_are_all_as_likely() -> None:
    orders = [tuple(ranked(column(4, 4, 4), ties(seed))[:, 0]) for seed in range(1800)]
    counts = [orders.count(order) for order in itertools.permutations(range(3))]
    assert sum(counts) == 1800
    assert stats.chisquare(counts).pvalue > P_VALUE


def test_ties_of_bundles_are_drawn_fairly() -> None:
    bids = [{1: 5}, {1: 5}, {1: 5}]
    wins = np.zeros(3, int)
    for seed in range(1500):
        found, pays = vcg(bids, 1, ties(seed))
        wins[[mask > 0 for mask in found].index(True)] += 1
        assert sum(pays) == 5
    assert stats.chisquare(wins).pvalue > P_VALUE


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6), st.integers(1, 4), st.integers(0, 8))
def test_units_go_to_the_highest_bids(bids: list[int], units: int, reserve: int) -> None:
    offers = column(*bids)
    awarded = award_units(offers, units, reserve=reserve, ties=ties())
    won = sorted(offers[awarded.won].tolist(), reverse=True)
    good = sorted((bid for bid in bids if bid >= reserve), reverse=True)
    assert won == good[:units]
    losing = sorted(bids, reverse=True)[units:]
    price = max([reserve, *losing[:1]])
    assert awarded.price[0] == price
    assert uniform_payments(offers, awarded).sum() == price * len(won)
    assert discriminatory_payments(offers, awarded).sum() == sum(won)
    assert all(bid >= price for bid in won)


@given(st.lists(st.dictionaries(st.integers(1, 7), st.integers(0, 9)), min_size=1, max_size=3))
def test_the_best_allocation_is_the_best_of_all(bids: list[dict[int, int]]) -> None:
    total, allocation = best_allocation(bids, 3)
    every = (
        sum(own.get(bundle, 0) for own, bundle in zip(bids, bundles, strict=True))
        for bundles in itertools.product(range(8), repeat=len(bids))
        if all(a & b == 0 for a, b in itertools.combinations(bundles, 2))
    )
    assert total == max(every)
    assert all(a & b == 0 for a, b in itertools.combinations(allocation, 2))
    found, pays = vcg(bids, 3, ties())
    assert sum(own.get(b, 0) for own, b in zip(bids, found, strict=True)) == total
    for own, bundle, price in zip(bids, found, pays, strict=True):
        assert 0 <= price <= own.get(bundle, 0)


@given(st.lists(st.integers(0, 30), max_size=6), st.lists(st.integers(1, 50), min_size=1, max_size=4))
def test_slots_are_paid_at_most_as_in_gsp(bids: list[int], clicks: list[int]) -> None:
    bids, clicks = sorted(bids, reverse=True), sorted(clicks, reverse=True)
    gsp, vcg_pays = gsp_payments(bids, clicks), vcg_payments(bids, clicks)
    assert len(gsp) == len(vcg_pays) == min(len(bids), len(clicks))
    for bid, count, dear, cheap in zip(bids, clicks, gsp, vcg_pays, strict=False):
        assert 0 <= cheap <= dear <= bid * count


def test_slots_are_listed_with_the_most_clicks_first() -> None:
    for clicks in ([], [0], [1, 2], [5, -1]):
        with pytest.raises(BurghError, match="from the most to the least"):
            check_clicks(clicks)


SIDES = st.lists(st.integers(0, 20), min_size=1, max_size=5)


@given(SIDES, SIDES, st.integers(0, 100))
def test_a_call_market_clears_all_that_crosses(bids: list[int], asks: list[int], percent: int) -> None:
    cleared = clear(column(*bids), column(*asks), ties(), percent)
    high, low = sorted(bids, reverse=True), sorted(asks)
    crossing = sum(b >= a for b, a in zip(high, low, strict=False))
    assert cleared.quantity[0] == cleared.buys.sum() == cleared.sells.sum() == crossing
    price = cleared.price[0]
    if crossing:
        assert all(bid >= price for bid in column(*bids)[cleared.buys])
        assert all(ask <= price for ask in column(*asks)[cleared.sells])
        assert all(bid <= price for bid in column(*bids)[~cleared.buys])
        assert all(ask >= price for ask in column(*asks)[~cleared.sells])


def test_who_does_not_bid_does_not_trade() -> None:
    cleared = clear(column(NO_BID, 5), column(NO_ASK, 4), ties())
    assert (cleared.quantity[0], cleared.price[0]) == (1, 4)
    assert cleared.buys[:, 0].tolist() == cleared.sells[:, 0].tolist() == [False, True]


# the order book


def test_the_best_price_trades_first_and_at_one_price_the_earlier_order() -> None:
    book = OrderBook()
    for owner, price in (("a", 7), ("b", 5), ("c", 5), ("d", 6)):
        book.submit(owner, "sell", price)
    _, trades = book.submit("x", "buy", 6, 3)
    assert [(trade.seller, trade.price) for trade in trades] == [("b", 5), ("c", 5), ("d", 6)]
    number, none = book.submit("x", "buy", 6, 2)
    assert none == []
    assert book.depth("buy") == [(6, 2)]
    _, trades = book.submit("e", "sell", 3)
    assert [(trade.buyer, trade.price, trade.quantity) for trade in trades] == [("x", 6, 1)], (
        "the resting price"
    )
    book.cancel(number)
    book.cancel(number)
    assert book.best("buy") is None
    assert book.depth("sell") == [(7, 1)]


def test_nobody_trades_with_themself() -> None:
    book = OrderBook()
    book.submit("a", "sell", 5)
    book.submit("b", "sell", 6)
    _, trades = book.submit("a", "buy", 6)
    assert [(trade.seller, trade.price) for trade in trades] == [("b", 6)]
    assert not book.orders


ORDERS = st.lists(
    st.tuples(
        st.sampled_from("abcd"), st.sampled_from(["buy", "sell"]), st.integers(1, 9), st.integers(1, 3)
    ),
    max_size=25,
)


@given(ORDERS)
def test_a_book_never_crosses_and_keeps_every_unit(orders: list[tuple[str, Side, int, int]]) -> None:
    book, traded = OrderBook(), 0
    for owner, side, price, quantity in orders:
        _, trades = book.submit(owner, side, price, quantity)
        for trade in trades:
            assert trade.buyer != trade.seller
            assert trade.price <= price if side == "buy" else trade.price >= price
        traded += sum(trade.quantity for trade in trades)
        bid, ask = book.best("buy"), book.best("sell")
        assert bid is None or ask is None or bid.price < ask.price
    resting = sum(order.quantity for order in book.orders.values())
    assert resting + 2 * traded <= sum(quantity for *_, quantity in orders)
    again = OrderBook.from_json(book.to_json())
    assert again.to_json() == book.to_json()
    assert again.submit("z", "buy", 9, 40)[1] == book.submit("z", "buy", 9, 40)[1]


@pytest.mark.parametrize("items", [("act", "b"), ("a + b", "a", "b")])
def test_items_whose_names_answers_could_not_tell_apart_are_refused(items: tuple[str, ...]) -> None:
    with pytest.raises(BurghError, match="cannot be called"):
        make_house("vcg", ("Ann", "Ben"), seed=1, items=items)
