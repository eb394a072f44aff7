"""Who gets which impression at what price, for many impressions and campaigns at once.

Bids are whole units; 0 is no bid. The market (all bidders who are no agents, as one) bids too. Ties are
drawn by lot, the market among them. Purses are kept to in the order of the impressions: a campaign whose
purse no longer covers its next bid stops for the rest of the period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int32]
Indices: TypeAlias = npt.NDArray[np.intp]
Pricing = Literal["first-price", "second-price"]

FIRST: Pricing = "first-price"
SECOND: Pricing = "second-price"
UNSOLD = -1
BLOCK = 16_384  # impressions worked on at once: what fits in the processor's cache


@dataclass(frozen=True, slots=True)
class Market:
    """What comes to a sale besides the campaigns. price: (n,), what the market bids, at least 1. floors:
    (n,), the least prices. lots: (n,), uniform on [0, 1): decides ties."""

    price: Ints
    floors: Ints
    lots: npt.NDArray[np.float32]

    def since(self, start: int) -> Market:
        """Those from an impression on."""
        return Market(self.price[start:], self.floors[start:], self.lots[start:])


@dataclass(frozen=True, slots=True)
class Lost:
    """What came of a period. winner: (n,), a campaign's row, `market` = the number of rows, or UNSOLD.
    price: (n,), what the winner pays. stopped: by row, the impression at which its purse was too small, or
    None."""

    winner: Indices
    price: Ints
    stopped: tuple[int | None, ...]


def clear(bids: Ints, market: Market, pricing: Pricing, purses: list[int]) -> Lost:
    """Sells impressions in their order. bids: (rows, n); it is changed: set to 0 where a campaign has
    stopped. purses: by row, what it can pay; not changed."""
    rows, n = bids.shape
    left = list(purses)
    winner, price = np.empty(n, np.intp), np.empty(n, np.int32)
    found: list[int | None] = [None] * rows
    start = 0
    while start < n:
        rest = market.since(start)
        _sell(bids[:, start:], rest, pricing, winner[start:], price[start:])
        cut = n
        out: list[int] = []
        for row in range(rows):
            if found[row] is not None:
                continue
            at = _first_uncovered(bids[row, start:], winner[start:] == row, price[start:], left[row])
            if at is not None and start + at <= cut:
                out = [*out, row] if start + at == cut else [row]
                cut = start + at
        spent = np.bincount(winner[start:cut] + 1, weights=price[start:cut], minlength=rows + 2)
        left = [purse - round(float(paid)) for purse, paid in zip(left, spent[1 : rows + 1], strict=True)]
        for row in out:
            found[row] = cut
            bids[row, cut:] = 0
        start = cut
    return Lost(winner, price, tuple(found))


def clear_alone(bids: Ints, market: Market, pricing: Pricing, purses: list[int]) -> list[Lost]:
    """Each campaign in a sale of its own against the market alone, as offline benchmarks do it."""
    return [clear(bids[row : row + 1], market, pricing, [purse]) for row, purse in enumerate(purses)]


def _first_uncovered(bids: Ints, won: npt.NDArray[np.bool_], price: Ints, purse: int) -> int | None:
    """The first impression for which it bids more than it has left by then."""
    if not bids.size:
        return None
    highest = int(bids.max())
    paid = np.where(won, price, 0)
    if int(paid.sum()) + highest <= purse or not highest:
        return None
    before = np.cumsum(paid, dtype=np.int64) - paid
    short = bids > np.maximum(purse - before, 0)
    at = int(short.argmax())
    return at if short[at] else None


def _sell(bids: Ints, market: Market, pricing: Pricing, winner: Indices, price: Ints) -> None:
    """As if all purses were full. winner, price: (n,), written to."""
    rows, n = bids.shape
    for begin in range(0, n, BLOCK):
        end = min(begin + BLOCK, n)
        all_bids = np.empty((rows + 1, end - begin), np.int32)
        all_bids[:rows], all_bids[rows] = bids[:, begin:end], market.price[begin:end]
        floors = market.floors[begin:end]
        if floors.any():
            all_bids[all_bids < floors] = 0
        best = all_bids.max(axis=0)
        first = all_bids.argmax(axis=0)
        columns = np.arange(end - begin)
        all_bids[first, columns] = 0
        second = all_bids.max(axis=0)
        tied = np.flatnonzero((second == best) & (best > 0))
        all_bids[first, columns] = best
        if tied.size:
            first[tied] = _drawn(all_bids[:, tied] == best[tied], market.lots[begin:end][tied])
        winner[begin:end] = np.where(best > 0, first, UNSOLD)
        price[begin:end] = best if pricing == FIRST else np.where(best > 0, np.maximum(second, floors), 0)


def _drawn(tops: npt.NDArray[np.bool_], lots: npt.NDArray[np.float32]) -> Indices:
    """One of the highest of each column, all as likely. tops: (rows, ties)."""
    ranks = np.cumsum(tops, axis=0)
    wanted = np.minimum((lots * ranks[-1]).astype(np.intp) + 1, ranks[-1])
    return np.asarray((ranks >= wanted).argmax(axis=0), np.intp)
