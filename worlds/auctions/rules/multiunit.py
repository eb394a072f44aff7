"""Several equal units: uniform price (the highest losing bid) and discriminatory (each pays their bid)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from burgh.worlds.auctions.rules.ranking import Bools, Ints, in_order, ranked


@dataclass(frozen=True, slots=True)
class UnitAward:
    """won: (bids, games) which bids win a unit. price: (games,) the uniform price: the highest losing bid,
    at least the reserve."""

    won: Bools
    price: Ints


def award_units(bids: Ints, units: int, *, reserve: int = 0, ties: np.random.Generator) -> UnitAward:
    """Gives the units to the highest bids. bids: (bids, games), a row for each unit that someone asks for."""
    rows, games = bids.shape
    order = ranked(bids, ties)
    won = np.zeros(bids.shape, np.bool_)
    np.put_along_axis(won, order[:units], True, axis=0)
    won &= bids >= max(reserve, 0)
    highest_losing = in_order(bids, order)[units] if rows > units else np.zeros(games, np.int64)
    return UnitAward(won, np.maximum(highest_losing, reserve))


def uniform_payments(bids: Ints, awarded: UnitAward) -> Ints:
    """Each winning bid pays the uniform price: (bids, games)."""
    return np.where(awarded.won, awarded.price, 0)


def discriminatory_payments(bids: Ints, awarded: UnitAward) -> Ints:
    """Each winning bid pays itself: (bids, games)."""
    return np.where(awarded.won, bids, 0)
