"""What a way of bidding will cost, and how high to bid so that the money lasts the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from burgh.agents.campaigns.landscape import Landscape, Reals
from burgh.sim.types import Json

Bids = Callable[[float], Reals]  # by cell, at a level


def optimal_bids(rates: Reals, click: float, c: float) -> Reals:
    """ORTB: what an impression is bid for in a first-price exchange where b wins with b / (c + b) and a click
    counts as much as `click` (Zhang, Yuan and Wang 2014)."""
    return np.asarray(np.sqrt(c * click * rates + c * c) - c, np.float64)


def costs_of(landscape: Landscape, pricing: str, top: int) -> Reals:
    """(top + 1,): what a bid of each whole price costs on average, won or lost."""
    grid = np.arange(0, top + 1, dtype=np.float64)
    law = landscape.law(grid)
    if pricing == "first-price":
        return np.asarray(grid * (law + np.concatenate([[0.0], law[:-1]])) / 2, np.float64)
    steps = np.diff(law, prepend=0.0)  # else the expected price to beat, where it is beaten
    return np.asarray(np.cumsum(grid * steps) - grid * steps / 2, np.float64)


def spending(costs: Reals, bids: Reals, shares: Reals) -> float:
    """The cost of an average impression. costs: as `costs_of`. bids, shares: (cells,)."""
    bids = np.clip(np.rint(bids), 0, costs.size - 1)
    return float(shares @ costs[bids.astype(np.intp)])


def lasting_level(
    state: Mapping[str, Json], landscape: Landscape, bids: Bids, most: float, *, rounds: int = 40
) -> float:
    """The level, up to `most`, at which what is left of the money lasts for what is left of the day."""
    left = sum(state["traffic"][state["period"] :])
    shares = np.array(state["shares"])
    costs = costs_of(landscape, str(state["pricing"]), int(state["most_bid"]))
    if left <= 0:
        return most

    def cost(level: float) -> float:
        return float(left) * spending(costs, bids(level), shares)

    if cost(most) <= state["money"]:
        return most
    low, high = 0.0, most
    for _ in range(rounds):
        middle = (low + high) / 2
        low, high = (middle, high) if cost(middle) <= state["money"] else (low, middle)
    return low


def pace_errors(state: Mapping[str, Json]) -> Reals:
    """By period that is over: how far the spending is behind, in usual periods' spending.

    The target follows the traffic: after a tenth of the day's impressions, a tenth of the budget.
    """
    done = int(state["period"])
    traffic = np.array(state["traffic"], np.float64)
    if not done or not state["budget"] or traffic.sum() <= 0:
        return np.zeros(0)
    target = np.cumsum(traffic)[:done] / traffic.sum()
    spent = np.cumsum(np.array(state["spent"][:done], np.float64)) / state["budget"]
    return np.asarray((target - spent) * traffic.size, np.float64)
