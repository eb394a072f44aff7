"""What came of a period for each campaign: counts and sums, and prices as a bidder may know them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from burgh.sim.types import Json, fixed
from burgh.worlds.exchange.rules import Lost
from burgh.worlds.exchange.stream import Batch, Ints, Reals

Counts = tuple[tuple[int, int], ...]  # (price, how often), the lowest price first


@dataclass(frozen=True, slots=True)
class Result:
    """One campaign's. bid_at: by its own bid. won_at: by price paid. lost_at: by its own bid: of what it
    lost it learns no price.

    expected: clicks by the true rates of what it won; the campaign is not told. stopped: the impression at
    which its purse was too small, or None.
    """

    bids: int
    won: int
    clicks: int
    spent: int
    expected: float
    bid_at: Counts
    won_at: Counts
    lost_at: Counts
    stopped: int | None

    def to_json(self) -> dict[str, Json]:
        return {
            "bids": self.bids,
            "won": self.won,
            "clicks": self.clicks,
            "spent": self.spent,
            "expected": fixed(self.expected),
            "bid_at": [list(pair) for pair in self.bid_at],
            "won_at": [list(pair) for pair in self.won_at],
            "lost_at": [list(pair) for pair in self.lost_at],
            "stopped": self.stopped,
        }


def results_of(bids: Ints, lost: Lost, batch: Batch, true: Reals | None) -> list[Result]:
    """By row. bids: (rows, n), as `clear` left them. true: (rows, cells), the click rates; None where clicks
    are given."""
    rows = len(bids)
    if not rows:
        return []
    levels = int(bids.max(initial=0)) + 1
    ours = np.flatnonzero((lost.winner >= 0) & (lost.winner < rows))
    who, paid, cells = lost.winner[ours], lost.price[ours], batch.cells[ours]
    if true is None:
        assert batch.clicked is not None
        clicked, chances = batch.clicked[ours], batch.clicked[ours].astype(np.float64)
    else:
        assert batch.chance is not None
        chances = true[who, cells]
        clicked = batch.chance[ours] < chances
    won = np.bincount(who, minlength=rows)
    clicks = np.bincount(who[clicked], minlength=rows)
    spent = np.bincount(who, weights=paid, minlength=rows)
    expected = np.bincount(who, weights=chances, minlength=rows)
    prices = _grid(who, paid, rows, levels)
    at_bid = _grid(who, bids[who, ours], rows, levels)
    found = []
    for row in range(rows):
        offered = np.bincount(bids[row], minlength=levels)
        offered[0] = 0
        found.append(
            Result(
                int(offered.sum()),
                int(won[row]),
                int(clicks[row]),
                round(float(spent[row])),
                float(expected[row]),
                _pairs(offered),
                _pairs(prices[row]),
                _pairs(offered - at_bid[row]),
                lost.stopped[row],
            )
        )
    return found


def _grid(who: np.ndarray, prices: np.ndarray, rows: int, levels: int) -> np.ndarray:
    """(rows, levels): how often each row has each price."""
    return np.bincount(who * levels + prices, minlength=rows * levels).reshape(rows, levels)


def _pairs(counts: np.ndarray) -> Counts:
    at = np.flatnonzero(counts)
    return tuple(zip(at.tolist(), counts[at].tolist(), strict=True))
