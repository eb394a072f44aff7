"""Scripted campaign managers: each answers a report with a setting."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from burgh.agents.campaigns.landscape import Seen, log_logistic, log_normal
from burgh.agents.campaigns.planning import lasting_level, optimal_bids, pace_errors
from burgh.sim.types import Json

State = Mapping[str, Json]


class Strategy(ABC):
    """A way to set a campaign. learns: whether it needs to remember what it has seen of prices."""

    learns: ClassVar[bool] = False

    @abstractmethod
    def setting(self, state: State, seen: Seen) -> Json:
        """A legal answer."""


def legal(state: State, rule: str, *, price: float | None = None, click: float | None = None) -> Json:
    """A setting with its numbers cut to what is legal."""
    answer: dict[str, Json] = {"rule": rule}
    if price is not None:
        answer["price"] = round(min(max(price, 1 if rule == "ortb" else 0), state["most_bid"]))
    if click is not None:
        answer["click"] = round(max(click, 0))
    return {**answer, "pace": 100}


@dataclass(frozen=True)
class Constant(Strategy):
    """The same price for every impression."""

    price: int

    def setting(self, state: State, seen: Seen) -> Json:
        return legal(state, "constant", price=self.price)


@dataclass(frozen=True)
class RandomPrice(Strategy):
    """Any price up to one."""

    price: int

    def setting(self, state: State, seen: Seen) -> Json:
        return legal(state, "random", price=self.price)


@dataclass(frozen=True)
class MaxCpc(Strategy):
    """The click rate times a price of a click: by default what a click is worth."""

    click: int | None = None

    def setting(self, state: State, seen: Seen) -> Json:
        return legal(state, "max-cpc", click=state["click_value"] if self.click is None else self.click)


@dataclass(frozen=True)
class Linear(Strategy):
    """In proportion to the click rate, which is optimal in a second-price exchange with a budget.

    price: for an impression of average click rate. None: as high as the money allows by the landscape seen
    so far, and no higher than a click is worth.
    """

    price: int | None = None
    learns: ClassVar[bool] = True

    def setting(self, state: State, seen: Seen) -> Json:
        rates, shares = np.array(state["rates"]), np.array(state["shares"])
        mean = float(shares @ rates)
        if self.price is not None:
            return legal(state, "linear", price=self.price)
        worth = float(state["click_value"])
        landscape = log_normal(seen)
        if landscape is None:
            return legal(state, "linear", price=worth * mean / 2)
        click = lasting_level(state, landscape, lambda level: level * rates, worth)
        return legal(state, "linear", price=click * mean)


@dataclass(frozen=True)
class Ortb(Strategy):
    """Optimal for a first-price exchange where a bid b wins with b / (c + b): c is fitted to what was seen,
    the price of a click is such that the money lasts."""

    c: int | None = None
    learns: ClassVar[bool] = True

    def setting(self, state: State, seen: Seen) -> Json:
        worth = float(state["click_value"])
        rates, shares = np.array(state["rates"]), np.array(state["shares"])
        landscape = log_logistic(seen)
        if landscape is None:
            c = self.c if self.c is not None else max(1.0, worth * float(shares @ rates) / 2)
            return legal(state, "ortb", price=c, click=worth)
        c = float(self.c) if self.c is not None else math.exp(landscape.shape[0])
        c = min(max(round(c), 1), int(state["most_bid"]))
        click = lasting_level(state, landscape, lambda level: optimal_bids(rates, level, c), worth)
        return legal(state, "ortb", price=c, click=click)


@dataclass(frozen=True)
class Paced(Strategy):
    """Linear bidding whose price a PID controller moves, so that spending follows the day's traffic.

    price: for an impression of average click rate, before it is moved. proportional, integral, derivative:
    percent of log price for each usual period's spending that it is behind.
    """

    price: int | None = None
    proportional: int = 25
    integral: int = 4
    derivative: int = 10

    def setting(self, state: State, seen: Seen) -> Json:
        rates, shares = np.array(state["rates"]), np.array(state["shares"])
        worth = float(state["click_value"]) * float(shares @ rates)
        base = worth / 2 if self.price is None else float(self.price)
        errors = pace_errors(state)
        if not errors.size:
            return legal(state, "linear", price=base)
        change = float(errors[-1] - (errors[-2] if errors.size > 1 else 0.0))
        moved = self.proportional * float(errors[-1]) + self.derivative * change
        moved += self.integral * float(errors.sum())
        return legal(state, "linear", price=base * math.exp(min(max(moved / 100, -4.0), 4.0)))
