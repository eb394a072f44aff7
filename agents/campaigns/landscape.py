"""Bid landscapes: how likely a bid is to win, from what a bidder sees of its own auctions.

In a second-price exchange a winner learns the price to beat, and a loser only that it was not under its bid:
the price is censored on the right. In a first-price exchange a winner learns only that it was not over its
bid: every price is censored, on one side or the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from burgh.sim.types import Json

Reals: TypeAlias = npt.NDArray[np.float64]
Law = Callable[[Reals], Reals]  # P(price <= each)
LEAST_SEEN = 30  # auctions; fewer say nothing
MOST_SURE = 1e-6  # no forecast is surer than this of winning, or of losing


@dataclass
class Seen:
    """Counts by whole price. won: by the price paid; lost: by the own bid. exact: whether the price paid is
    the one that had to be beaten (second price), or only not under it (first price). period: the last one
    counted."""

    exact: bool = True
    period: int = -1
    won: dict[int, int] = field(default_factory=dict)
    lost: dict[int, int] = field(default_factory=dict)

    def add(self, won: Iterable[Sequence[int]], lost: Iterable[Sequence[int]]) -> None:
        for kept, more in ((self.won, won), (self.lost, lost)):
            for price, count in more:
                kept[price] = kept.get(price, 0) + count

    @property
    def auctions(self) -> int:
        return sum(self.won.values()) + sum(self.lost.values())

    def with_report(self, report: Mapping[str, Json], pricing: str) -> Seen:
        """This, and what a report that is newer says. Changes nothing."""
        if not report or report["period"] <= self.period:
            return self
        after = Seen(pricing == "second-price", report["period"], dict(self.won), dict(self.lost))
        after.add(report["won_at"], report["lost_at"])
        return after

    def to_json(self) -> Json:
        return {
            "exact": self.exact,
            "period": self.period,
            "won": sorted([price, count] for price, count in self.won.items()),
            "lost": sorted([price, count] for price, count in self.lost.items()),
        }

    @classmethod
    def from_json(cls, raw: Json) -> Seen:
        return cls(raw["exact"], raw["period"], dict(map(tuple, raw["won"])), dict(map(tuple, raw["lost"])))


@dataclass(frozen=True)
class Landscape:
    """A forecast. law: of the price to beat. shape: its parameters, as it was fitted with them."""

    name: str
    law: Law
    shape: tuple[float, ...] = ()

    def wins(self, bids: Reals) -> Reals:
        """The probability that each whole bid wins: a tie is won every other time."""
        return np.asarray((self.law(bids) + self.law(bids - 1)) / 2, np.float64)


def log_normal(seen: Seen) -> Landscape | None:
    """By maximum likelihood; None where there is too little to go by."""
    from scipy.special import ndtr

    def law(prices: Reals, mean: float, log_sigma: float) -> Reals:
        logs = np.log(np.maximum(prices, 1e-9))
        return np.asarray(np.where(prices > 0, ndtr((logs - mean) / np.exp(log_sigma)), 0.0), np.float64)

    return _fitted("log-normal", seen, law, spread=0.0)


def log_logistic(seen: Seen) -> Landscape | None:
    """P(price <= b) = b / (c + b), by maximum likelihood: shape is (log c,)."""

    def law(prices: Reals, log_c: float) -> Reals:
        prices = np.maximum(prices, 0.0)
        return np.asarray(prices / (np.exp(log_c) + prices), np.float64)

    return _fitted("log-logistic", seen, law)


def _fitted(name: str, seen: Seen, law: Callable[..., Reals], **more: float) -> Landscape | None:
    """A family with its location first among its parameters, fitted to whole prices: a price of p stands for
    p - 1 to p. more: where its other parameters start."""
    from scipy.optimize import minimize

    if seen.auctions < LEAST_SEEN or not seen.won:
        return None
    (won, times_won), (lost, times_lost) = _arrays(seen.won), _arrays(seen.lost)
    mean = float(np.log(np.maximum(np.concatenate([won, lost]), 1)).mean())

    def cost(shape: Reals) -> float:
        if seen.exact:
            chances = law(won, *shape) - law(won - 1, *shape)
        else:
            chances = (law(won, *shape) + law(won - 1, *shape)) / 2
        misses = 1 - (law(lost, *shape) + law(lost - 1, *shape)) / 2
        logs = times_won @ np.log(np.maximum(chances, 1e-300))
        return -float(logs + times_lost @ np.log(np.maximum(misses, 1e-300))) / seen.auctions

    start = np.array([mean, *more.values()])
    found = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-10})
    shape = tuple(float(value) for value in found.x)
    return Landscape(name, lambda prices: law(prices, *shape), shape)


def kaplan_meier(seen: Seen) -> Landscape | None:
    """The product-limit estimate (Kaplan and Meier 1958): no family is assumed. None in a first-price
    exchange, where no price is seen. Above the highest bid that was lost or price that was paid it stays
    where it is."""
    from scipy.stats import CensoredData, ecdf

    if not seen.exact or seen.auctions < LEAST_SEEN or not seen.won:
        return None
    (won, times_won), (lost, times_lost) = _arrays(seen.won), _arrays(seen.lost)
    data = CensoredData(np.repeat(won, times_won), right=np.repeat(lost, times_lost))
    steps = ecdf(data).cdf
    return Landscape("Kaplan-Meier", lambda prices: np.asarray(steps.evaluate(prices), np.float64))


def _arrays(counts: dict[int, int]) -> tuple[Reals, npt.NDArray[np.int64]]:
    pairs = sorted(counts.items())
    return np.array([price for price, _ in pairs], np.float64), np.array([n for _, n in pairs], np.int64)


FITS: dict[str, Callable[[Seen], Landscape | None]] = {
    "log-normal": log_normal,
    "Kaplan-Meier": kaplan_meier,
    "log-logistic": log_logistic,
}


@dataclass(frozen=True, slots=True)
class Score:
    """How good a forecast is. log_loss: mean, in nats. best: that of a forecast which says what is true;
    off: how far the forecast win probability is from the true one on average. auctions: over how many
    bids."""

    log_loss: float
    best: float
    off: float
    auctions: int


def score(forecast: Landscape, bids: Reals, times: Reals, true: Reals) -> Score:
    """bids: (k,), each bid `times` times. true: (k,), how likely each is to win, or how often it did."""
    said = np.clip(forecast.wins(bids), MOST_SURE, 1 - MOST_SURE)
    total = float(times.sum())

    def loss(chances: Reals) -> float:
        return -float(times @ (true * np.log(chances) + (1 - true) * np.log(1 - chances))) / total

    exact = loss(np.clip(true, MOST_SURE, 1 - MOST_SURE))
    return Score(loss(said), exact, float(times @ np.abs(said - true)) / total, round(total))
