"""Small exchanges, and a plain loop that sells one impression after the other, as the rules say."""

from __future__ import annotations

from typing import Any

import numpy as np

from burgh.worlds.exchange import Campaign, Exchange, Synthetic
from burgh.worlds.exchange.rules import FIRST, Market, Pricing

NAMES = ("Ann", "Ben", "Cid", "Dora")
SETTINGS: tuple[dict[str, Any], ...] = (
    {"rule": "constant", "price": 60, "pace": 100},
    {"rule": "random", "price": 150, "pace": 100},
    {"rule": "max-cpc", "click": 8000, "pace": 50},
    {"rule": "ortb", "price": 60, "click": 10000, "pace": 100},
)


def exchange(
    names: tuple[str, ...] = NAMES, *, budget: int = 20_000, stream: dict[str, Any] | None = None, **more: Any
) -> Exchange:
    said = {"impressions": 1000, "periods": 10, **(stream or {})}
    campaigns = [Campaign(name, budget, 10_000) for name in names]
    return Exchange(campaigns, Synthetic(3, **said), seed=3, **more)


def one_by_one(
    bids: Any, market: Market, pricing: Pricing, purses: list[int]
) -> tuple[list[int], list[int], list[int | None]]:
    """Winners, prices and stops, impression by impression; ties as `clear` draws them."""
    rows, n = bids.shape
    left, stopped = list(purses), [None] * rows
    winners, prices = [], []
    stops: list[int | None] = list(stopped)
    for i in range(n):
        for row in range(rows):
            if stops[row] is None and bids[row, i] > left[row]:
                stops[row] = i
        offers = [int(bids[row, i]) if stops[row] is None else 0 for row in range(rows)]
        offers = [one if one >= market.floors[i] else 0 for one in [*offers, int(market.price[i])]]
        best = max(offers)
        if best == 0:
            winners.append(-1)
            prices.append(0)
            continue
        tops = [row for row, one in enumerate(offers) if one == best]
        winner = tops[min(int(np.float32(market.lots[i]) * len(tops)), len(tops) - 1)]
        second = max([one for row, one in enumerate(offers) if row != winner], default=0)
        price = best if pricing == FIRST else max(second, int(market.floors[i]))
        if winner < rows:
            left[winner] -= price
        winners.append(winner)
        prices.append(price)
    return winners, prices, stops
