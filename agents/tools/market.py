"""Tools of bidders: what was paid before, how one's rivals bid, and what bid is best against that.

All of it is reckoned from what the bidder was shown: the lots before, the law of values that all know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le

from burgh.agents.bidders.answers import fit
from burgh.agents.bidders.strategies import equilibrium_bid
from burgh.agents.tools import base
from burgh.agents.tools.base import Desk, Tool
from burgh.sim.types import BurghError, Json

MOST = 1_000_000_000
PRIOR_LOTS = 8  # as many lots as rivals in equilibrium are worth, beside those that were seen
GRID = 200
Price = Annotated[int, Ge(0), Le(MOST)]
PAY_YOUR_BID = ("first-price", "dutch", "all-pay")


class Value(base.Arguments):
    value: Price


class Bid(base.Arguments):
    bid: Price


def sales(state: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The lots before this one that were sold."""
    return [lot for lot in state.get("history", ()) if lot.get("price") is not None]


def rival_bids(state: Mapping[str, Json], own: str) -> list[int]:
    """The highest bid of others at each lot before this one of which the bids were shown; -1 for none."""
    return [
        max((price for name, price in lot["bids"].items() if name != own), default=-1)
        for lot in state.get("history", ())
        if "bids" in lot
    ]


class PriceHistory(Tool):
    """The prices of the lots before."""

    name = "price_history"
    of_sales = True
    says = "the prices at which the lots before were sold"

    def use(self, arguments: base.Arguments, desk: Desk) -> str:
        prices = [str(lot["price"]) for lot in sales(desk.state)]
        return f"prices so far: {', '.join(prices)}" if prices else "nothing has been sold yet"

    def suits(self, state: Mapping[str, Json]) -> bool:
        return "history" in state


class PriceStatistics(PriceHistory):
    """Their mean and spread."""

    name = "price_statistics"
    says = "mean, lowest and highest price of the lots before"

    def use(self, arguments: base.Arguments, desk: Desk) -> str:
        prices = [int(lot["price"]) for lot in sales(desk.state)]
        if not prices:
            return "nothing has been sold yet"
        mean = round(sum(prices) / len(prices))
        return f"{len(prices)} sold, mean price {mean}, lowest {min(prices)}, highest {max(prices)}"


class Landscape(Tool):
    """How likely a bid is to win."""

    name = "landscape"
    of_sales = True
    says = "the chance that a bid beats all rivals"
    Arguments = Bid

    def use(self, arguments: Bid, desk: Desk) -> str:
        chance = win_chance(desk)(float(arguments.bid))
        return f"a bid of {arguments.bid} wins with a chance of {round(100 * chance)} in 100"

    def suits(self, state: Mapping[str, Json]) -> bool:
        return "law" in state and "others" in state


class BestResponse(Tool):
    """The bid that gains most on average."""

    name = "best_response"
    of_sales = True
    says = "the bid that gains most on average for a thing of that value"
    Arguments = Value

    def use(self, arguments: Value, desk: Desk) -> str:
        best = best_bid(arguments.value, desk)
        return f"for a value of {arguments.value} the best bid is {best}"

    def suits(self, state: Mapping[str, Json]) -> bool:
        return "law" in state and "others" in state


def win_chance(desk: Desk) -> Callable[[float], float]:
    """The chance that a bid beats all rivals.

    Rivals in equilibrium weigh as much as PRIOR_LOTS lots, beside the lots that were seen; a tie is half won.
    """
    state = desk.state
    seen = np.sort(np.array(rival_bids(state, desk.agent), np.float64))
    rivals = int(state["others"])
    table = np.array(state["law"]["quantiles"], np.float64)
    expected = np.array([_expected_bid(value, state) for value in table])
    share = np.linspace(0, 1, len(table))

    def chance(bid: float) -> float:
        below = np.interp(bid, expected, share, left=0.0, right=1.0) if len(expected) > 1 else 0.0
        likely = PRIOR_LOTS * below**rivals
        won = (
            np.searchsorted(seen, bid, "left")
            + (np.searchsorted(seen, bid, "right") - np.searchsorted(seen, bid, "left")) / 2
        )
        return float((likely + won) / (PRIOR_LOTS + len(seen)))

    return chance


def _expected_bid(value: float, state: Mapping[str, Json]) -> float:
    try:
        return equilibrium_bid(value, state)
    except BurghError:
        return value  # no equilibrium is known: rivals are taken to bid what it is worth to them


def best_bid(value: int, desk: Desk) -> int:
    """The bid from the least to the purse that gains most on average. Raises BurghError outside auctions."""
    state = desk.state
    if "format" not in state:
        raise BurghError("nothing is for sale here")
    kind = str(state["format"])
    if kind not in PAY_YOUR_BID:
        # one pays what others bid: the value is best, or what the format's equilibrium makes of it
        return max(0, min(round(_expected_bid(value, state)), int(state["most"])))
    chance = win_chance(desk)
    offers = sorted(
        {fit(state, round(offer)) for offer in np.linspace(0, min(value, int(state["most"])), GRID)}
    )

    def gain(offer: int) -> float:
        won = chance(float(offer))
        return value * won - offer * (1.0 if kind == "all-pay" else won)

    return max((offer for offer in offers if offer >= int(state["reserve"])), key=gain, default=0)


def market_tools() -> tuple[Any, ...]:
    return (PriceHistory(), PriceStatistics(), Landscape(), BestResponse())
