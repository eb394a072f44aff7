"""One item, sealed bids: first price, second price (Vickrey 1961), k-th price, all-pay.

Arrays run over many games at once, so that a theory run and a single auction go by the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from burgh.sim.types import BurghError
from burgh.worlds.auctions.rules.ranking import NO_BID, NOBODY, Ints


@dataclass(frozen=True, slots=True)
class SealedRule:
    """rank: the winner pays the rank-th highest bid. all_pay: instead everyone pays their own bid."""

    name: str
    rank: int = 1
    all_pay: bool = False


FIRST_PRICE = SealedRule("first-price")
SECOND_PRICE = SealedRule("second-price", rank=2)
THIRD_PRICE = SealedRule("third-price", rank=3)
ALL_PAY = SealedRule("all-pay", all_pay=True)
ORDINALS = {1: "st", 2: "nd", 3: "rd"}
SEALED_RULES = {rule.name: rule for rule in (FIRST_PRICE, SECOND_PRICE, THIRD_PRICE, ALL_PAY)}


def kth_price(rank: int) -> SealedRule:
    """The rule by which the winner pays the rank-th highest bid."""
    if rank < 1:
        raise BurghError(f"there is no highest bid of rank {rank}: the rank is 1 or more")
    return SealedRule(f"{ordinal(rank)}-price", rank=rank)


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, ... 11th, ... 21st."""
    teens = number // 10 % 10 == 1
    return f"{number}{'th' if teens else ORDINALS.get(number % 10, 'th')}"


@dataclass(frozen=True, slots=True)
class Award:
    """winner: (games,) the winning row, NOBODY where no bid reached the reserve. price: (games,) what the
    winner's bid comes to under the rule, 0 where nobody won; what each pays is said by `payments`."""

    winner: Ints
    price: Ints


def award(
    bids: Ints, rule: SealedRule = FIRST_PRICE, *, reserve: int = 0, ties: np.random.Generator
) -> Award:
    """Who wins at what price. bids: (bidders, games), NO_BID where someone does not bid.

    Bids under the reserve are as none. The price is the rank-th highest bid or, where there are fewer
    or it is lower, the reserve. Equal highest bids are drawn by lot from `ties`, each as likely.
    """
    bidders, games = bids.shape
    tops = [np.full(games, NO_BID, np.int64) for _ in range(max(2, rule.rank))]  # the highest bids so far
    winner = np.full(games, NOBODY, np.int64)
    beaten, spare = np.empty(games, np.int64), np.empty(games, np.int64)
    for seat in range(bidders):
        rest = bids[seat]
        np.copyto(winner, seat, where=rest > tops[0])
        for top in tops[:-1]:  # each place keeps the higher, and hands the lower on
            np.minimum(top, rest, out=spare)
            np.maximum(top, rest, out=top)
            rest, beaten, spare = spare, spare, beaten
        np.maximum(tops[-1], rest, out=tops[-1])
    unsold = tops[0] < max(reserve, 0)
    tied = np.flatnonzero((tops[0] == tops[1]) & ~unsold)
    if tied.size:
        lots = ties.random((bidders, tied.size))
        lots[bids[:, tied] != tops[0][tied]] = -1.0
        winner[tied] = lots.argmax(axis=0)
    price = np.maximum(tops[rule.rank - 1], reserve)
    winner[unsold] = NOBODY
    price[unsold] = 0
    return Award(winner, price)


def payments(bids: Ints, awarded: Award, rule: SealedRule = FIRST_PRICE, *, reserve: int = 0) -> Ints:
    """What each bidder pays: (bidders, games). A bid under the reserve is void and pays nothing."""
    if rule.all_pay:
        return np.where(bids >= max(reserve, 0), bids, 0)
    seats = np.arange(len(bids))[:, None]
    return np.where(seats == awarded.winner, awarded.price, 0)


def revenue(bids: Ints, awarded: Award, rule: SealedRule = FIRST_PRICE, *, reserve: int = 0) -> Ints:
    """What the seller takes in: (games,)."""
    if rule.all_pay:
        total: Ints = payments(bids, awarded, rule, reserve=reserve).sum(axis=0)
        return total
    return awarded.price
