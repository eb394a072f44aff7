"""The call market, or k-double auction: sealed bids and asks for one unit each, cleared at one price.

Chatterjee and Samuelson (1983) for one buyer and one seller; Rustichini, Satterthwaite and Williams (1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from burgh.worlds.auctions.rules.ranking import Bools, Ints, in_order, ranked

NO_ASK = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class Clearing:
    """quantity, price: (games,). buys: (buyers, games), sells: (sellers, games): who trades a unit."""

    quantity: Ints
    price: Ints
    buys: Bools
    sells: Bools


def clear(bids: Ints, asks: Ints, ties: np.random.Generator, percent: int = 50) -> Clearing:
    """Trades all that can be gained: the highest bids meet the lowest asks as long as they cross.

    bids: (buyers, games) with NO_BID, asks: (sellers, games) with NO_ASK for none. percent: where in the
    interval of clearing prices the price lies: 0 at the sellers' end, 100 at the buyers'; rounded down.
    """
    buyers, sellers = ranked(bids, ties), ranked(-asks, ties)
    high, low = in_order(bids, buyers), in_order(asks, sellers)
    most = min(len(bids), len(asks))
    quantity: Ints = (high[:most] >= low[:most]).sum(axis=0)
    last = np.maximum(quantity - 1, 0)[None, :]
    high_next = np.vstack([high, np.full_like(high[:1], -1)])
    low_next = np.vstack([low, np.full_like(low[:1], NO_ASK)])
    following = quantity[None, :]
    least = np.maximum(_at(low, last), _at(high_next, following))
    greatest = np.minimum(_at(high, last), _at(low_next, following))
    price = np.where(quantity > 0, least + (greatest - least) * percent // 100, 0)
    buys, sells = np.zeros(bids.shape, np.bool_), np.zeros(asks.shape, np.bool_)
    np.put_along_axis(buys, buyers, np.arange(len(bids))[:, None] < quantity, axis=0)
    np.put_along_axis(sells, sellers, np.arange(len(asks))[:, None] < quantity, axis=0)
    return Clearing(quantity, price, buys, sells)


def _at(rows: Ints, index: Ints) -> Ints:
    found: Ints = np.take_along_axis(rows, index, axis=0)[0]
    return found
