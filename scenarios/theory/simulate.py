"""Many auctions at once, by the rules that the worlds go by. Money is in whole units of 1e-6 of the scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from burgh.scenarios.theory.estimate import Tally
from burgh.sim.rng import seed_of
from burgh.worlds.auctions.rules import call_market, multiunit, sealed
from burgh.worlds.auctions.rules.order_book import OrderBook
from burgh.worlds.auctions.rules.ranking import NOBODY, Ints
from burgh.worlds.auctions.rules.sealed import SealedRule
from burgh.worlds.auctions.values import Values

UNIT = 1_000_000  # whole units of money in 1: the highest value, where values are from 0 to 1
BLOCK = 1 << 12  # games at once: their arrays stay in the processor's cache

Reals = npt.NDArray[np.float64]
BidFunction = Callable[[Reals], Reals]  # from signals to bids, both in whole units; below 0: no bid


@dataclass
class Outcome:
    """revenue: what the seller takes in. efficiency: the worth of the good to the one who gets it.
    surplus: what all bidders gain together. All in units of 1."""

    revenue: Tally = field(default_factory=Tally)
    efficiency: Tally = field(default_factory=Tally)
    surplus: Tally = field(default_factory=Tally)

    def add(self, revenue: Ints, worth: Ints) -> None:
        self.revenue.add(revenue / UNIT)
        self.efficiency.add(worth / UNIT)
        self.surplus.add((worth - revenue) / UNIT)


def generator(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng(seed_of(seed, "theory", name))


def blocks(games: int) -> Iterator[int]:
    """The sizes of the blocks in which so many games are played."""
    for start in range(0, games, BLOCK):
        yield min(BLOCK, games - start)


def whole(bids: Reals) -> Ints:
    """Bids in whole units."""
    return np.rint(bids).astype(np.int64)


def simulate_sealed(
    rule: SealedRule,
    values: Values,
    bids: Sequence[BidFunction],
    games: int,
    rng: np.random.Generator,
    *,
    reserve: int = 0,
) -> Outcome:
    """One item, sealed bids. bids: how each seat bids; one function for all seats if it is the same one."""
    n = len(bids)
    alike = all(function is bids[0] for function in bids)
    outcome = Outcome()
    for size in blocks(games):
        drawn = values.draw_many(n, size, rng)
        signals = drawn.signals.astype(np.float64)
        if alike:
            offers = whole(bids[0](signals))
        else:
            offers = np.stack([whole(function(row)) for function, row in zip(bids, signals, strict=True)])
        awarded = sealed.award(offers, rule, reserve=reserve, ties=rng)
        outcome.add(sealed.revenue(offers, awarded, rule, reserve=reserve), won(drawn.worths, awarded.winner))
    return outcome


def won(worths: Ints, winner: Ints) -> Ints:
    """The worth of the item to the one who gets it, 0 where nobody does: (games,)."""
    games = worths.shape[1]
    total: Ints = worths.ravel()[np.maximum(winner, 0) * games + np.arange(games)]
    total[winner == NOBODY] = 0
    return total


@dataclass(frozen=True)
class UnitSale:
    """So many equal units for bidders who want one each, and the price that they pay."""

    bidders: int
    units: int
    uniform: bool


def simulate_units(
    sale: UnitSale, values: Values, bid: BidFunction, games: int, rng: np.random.Generator
) -> Outcome:
    """Equal units, sealed bids; everyone bids by the same function."""
    outcome = Outcome()
    pay = multiunit.uniform_payments if sale.uniform else multiunit.discriminatory_payments
    for size in blocks(games):
        drawn = values.draw_many(sale.bidders, size, rng)
        offers = whole(bid(drawn.signals.astype(np.float64)))
        awarded = multiunit.award_units(offers, sale.units, ties=rng)
        outcome.add(pay(offers, awarded).sum(axis=0), np.where(awarded.won, drawn.worths, 0).sum(axis=0))
    return outcome


@dataclass
class TradeOutcome:
    """traded: how often a trade comes about. gains: what it gains both together, possible: what the best
    trade would gain."""

    traded: Tally = field(default_factory=Tally)
    gains: Tally = field(default_factory=Tally)
    possible: Tally = field(default_factory=Tally)


def simulate_bilateral(
    values: Values, buyer: BidFunction, seller: BidFunction, games: int, rng: np.random.Generator
) -> TradeOutcome:
    """One buyer and one seller in a call market that clears half-way."""
    outcome = TradeOutcome()
    for size in blocks(games):
        worths = values.draw_many(2, size, rng).worths
        offers = [whole(f(row.astype(np.float64))) for f, row in zip((buyer, seller), worths, strict=True)]
        cleared = call_market.clear(offers[0][None, :], offers[1][None, :], rng)
        gain = worths[0] - worths[1]
        outcome.traded.add(cleared.quantity)
        outcome.gains.add(np.where(cleared.quantity > 0, gain, 0) / UNIT)
        outcome.possible.add(np.maximum(gain, 0) / UNIT)
    return outcome


def zero_intelligence_efficiency(
    values: Values, traders: int, orders: int, markets: int, rng: np.random.Generator
) -> Tally:
    """Gode and Sunder (1993): so many buyers and sellers of a unit each, who put random orders that lose
    nothing into a double auction whose book is emptied by a trade. The share of the possible gains."""
    shares = Tally()
    for _ in range(markets):
        worths = values.draw_many(2 * traders, 1, rng).worths[:, 0]
        high, low = np.sort(worths[:traders])[::-1], np.sort(worths[traders:])
        possible = int(np.maximum(high - low, 0).sum())
        if possible:
            shares.add(np.array([_random_market(worths.tolist(), traders, orders, rng) / possible]))
    return shares


def _random_market(worths: list[int], traders: int, orders: int, rng: np.random.Generator) -> int:
    """The gains that are made in one market. worths: of the buyers, then of the sellers."""
    book, done, gains = OrderBook(), set[int](), 0
    comers = rng.integers(0, 2 * traders, orders).tolist()
    shares = rng.random(orders).tolist()
    for who, share in zip(comers, shares, strict=True):
        if who in done:
            continue
        worth = worths[who]
        buys = who < traders
        price = int(share * worth) if buys else worth + int(share * (UNIT - worth))
        for trade in book.submit(str(who), "buy" if buys else "sell", price)[1]:
            buyer, seller = int(trade.buyer), int(trade.seller)
            gains += worths[buyer] - worths[seller]
            done |= {buyer, seller}
            book.clear()
    return gains
