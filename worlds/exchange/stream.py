"""Where impressions come from: a synthetic stream whose law is known, drawn from named random streams.

An impression is of a cell: a region, a slot and a kind of user. A cell has a click rate for each campaign
and a law of market prices (the highest bid of those who are not on the exchange as agents). Over the day the
traffic, the click rates and the prices have a shape, and both of the latter drift besides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from burgh.sim.rng import seed_of
from burgh.sim.types import BurghError, Json
from burgh.worlds.auctions.terms import WHOLE, whole

Reals: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int32]

REGIONS, SLOTS, USERS = 8, 4, 6
CELLS = REGIONS * SLOTS * USERS
TICKETS = 4096  # a cell is drawn as one of so many tickets, so that its chance is known exactly
MINUTES_A_DAY = 24 * 60
MOST_IMPRESSIONS = 1_000_000_000
MOST_SPREAD = 10.0
NIGHT = 0.25  # traffic at the quietest hour, of that at the busiest


@dataclass(frozen=True, slots=True)
class Batch:
    """The impressions of a period, in the order in which they come.

    cells, market: (n,). market: the price to beat, at least 1. chance: (n,), uniform on [0, 1), decides
    clicks where it is under the true rate. clicked: (n,), where clicks are given instead. floors: (n,), the
    seller's own.
    """

    cells: npt.NDArray[np.intp]
    market: Ints
    chance: npt.NDArray[np.float32] | None = None
    clicked: npt.NDArray[np.bool_] | None = None
    floors: Ints | None = None


class Stream(Protocol):
    """Periods of impressions. Equal seeds give equal periods, whatever anyone bids."""

    @property
    def periods(self) -> int: ...

    @property
    def about(self) -> dict[str, Json]:
        """What everybody knows of it, as the record tells it."""
        ...

    def batch(self, period: int) -> Batch: ...

    def believed(self, period: int, names: Sequence[str]) -> Reals:
        """(campaigns, cells): the click rates that campaigns go by."""
        ...

    def expected(self, period: int) -> float:
        """How many impressions come in a period, on average."""
        ...

    def true(self, period: int, names: Sequence[str]) -> Reals | None:
        """(campaigns, cells): the click rates that hold; None where clicks are given."""
        ...

    def shares(self, period: int) -> Reals:
        """(cells,): how much of the traffic each is believed to be."""
        ...


class PriceLaw(Protocol):
    """A law of market prices that scales: `scale` is the median."""

    @property
    def name(self) -> str: ...

    def draw(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.float32]:
        """(n,): prices of scale 1."""
        ...

    def cdf(self, ratio: Reals) -> Reals:
        """The probability of a price of at most `ratio` times the scale."""
        ...


@dataclass(frozen=True, slots=True)
class LogNormal:
    """sigma: the standard deviation of the logarithm."""

    sigma: float = 0.7
    name: str = "log-normal"

    def draw(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.float32]:
        return np.asarray(np.exp(np.float32(self.sigma) * rng.standard_normal(n, np.float32)), np.float32)

    def cdf(self, ratio: Reals) -> Reals:
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            return np.asarray(ndtr(np.log(np.maximum(ratio, 0.0)) / self.sigma), np.float64)


@dataclass(frozen=True, slots=True)
class LogLogistic:
    """P(price <= b) = b / (c + b), with c the scale: the law that ORTB is derived for (Zhang et al. 2014)."""

    name: str = "log-logistic"

    def draw(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.float32]:
        chance = rng.random(n, np.float32)
        return np.asarray(chance / np.maximum(1 - chance, np.float32(1e-7)), np.float32)

    def cdf(self, ratio: Reals) -> Reals:
        ratio = np.maximum(ratio, 0.0)
        return np.asarray(ratio / (1.0 + ratio), np.float64)


def check_periods(stream: object, periods: object, period_minutes: object, first_minute: object) -> None:
    """Raises BurghError for periods that make no day."""
    for value, name, least in (
        (periods, "periods", 1),
        (period_minutes, "period_minutes", 1),
        (first_minute, "first_minute", 0),
    ):
        if whole(value, f"{type(stream).__name__}: {name}", least) > MINUTES_A_DAY:
            raise BurghError(f"{type(stream).__name__}: {name} is {value}: a day has {MINUTES_A_DAY} minutes")


def _is_real(value: object) -> bool:
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and math.isfinite(value)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Synthetic:
    """See `Stream`. impressions: of the whole day, on average. click_rate: of an average impression.

    spread: standard deviation of the log-odds of clicks over cells, half of it common to all campaigns.
    median_price: of an average cell; dearer where all campaigns' click rates are higher, by `quality_price`
    (an elasticity). drift: standard deviation of the random walk over a whole day, of log prices and of
    log-odds.
    """

    seed: int
    impressions: int = 200_000
    periods: int = 48
    period_minutes: int = 30
    first_minute: int = 0
    click_rate: float = 0.01
    spread: float = 0.7
    median_price: float = 60.0
    price: PriceLaw = LogNormal()
    quality_price: float = 0.5
    daily: bool = True
    drift: float = 0.2
    top_price: int = 2_000_000

    def __post_init__(self) -> None:
        if isinstance(self.seed, bool) or not isinstance(self.seed, WHOLE):
            raise BurghError(f"the seed is {self.seed!r}: it must be a whole number")
        check_periods(self, self.periods, self.period_minutes, self.first_minute)
        for name, least, most in (("impressions", 0, MOST_IMPRESSIONS), ("top_price", 1, 2**31 - 1)):
            if whole(getattr(self, name), name, least) > most:
                raise BurghError(f"{name} is {getattr(self, name)}: it must be at most {most}")
        for name in ("click_rate", "spread", "median_price", "quality_price", "drift"):
            if not _is_real(getattr(self, name)):
                raise BurghError(f"{name} is {getattr(self, name)!r}: it must be a number")
        if not 0 < self.click_rate < 1:
            raise BurghError(f"a click rate of {self.click_rate} cannot be: it lies between 0 and 1")
        if not 0 < self.median_price <= self.top_price:
            top = f"at most {self.top_price}"
            raise BurghError(f"a median price of {self.median_price} cannot be: it is above 0, and {top}")
        for name in ("spread", "quality_price", "drift"):
            if not 0 <= getattr(self, name) <= MOST_SPREAD:
                raise BurghError(f"{name} is {getattr(self, name)}: it must be from 0 to {MOST_SPREAD}")

    @property
    def about(self) -> dict[str, Json]:
        return {"stream": "synthetic", "law": self.price.name}

    def _rng(self, role: str, agent: str = "", tick: int = 0) -> np.random.Generator:
        return np.random.default_rng(seed_of(self.seed, role, agent, tick))

    @cached_property
    def _tickets(self) -> npt.NDArray[np.intp]:
        """(TICKETS,): which cell each ticket is; regions, slots and users are not equally frequent."""
        rng = self._rng("cells")
        parts = (rng.dirichlet(np.full(size, 4.0)) for size in (REGIONS, SLOTS, USERS))
        region, slot, user = parts
        chances = np.einsum("r,s,u->rsu", region, slot, user).ravel()
        bounds = np.floor(np.cumsum(chances) * TICKETS + 0.5)
        return np.searchsorted(bounds, np.arange(TICKETS), side="right").clip(0, CELLS - 1).astype(np.intp)

    def shares(self, period: int) -> Reals:
        counted = np.bincount(self._tickets, minlength=CELLS)
        return np.asarray(counted / TICKETS, np.float64)

    @cached_property
    def _common(self) -> Reals:
        """(cells,): what raises or lowers the log-odds of a click of all campaigns."""
        rng = self._rng("quality")
        region, slot, user = (rng.standard_normal(size) for size in (REGIONS, SLOTS, USERS))
        whole = (region[:, None, None] + slot[None, :, None] + user[None, None, :]).ravel() / np.sqrt(3.0)
        return np.asarray(whole * self.spread * np.sqrt(0.5), np.float64)

    def _own(self, name: str) -> Reals:
        """(cells,): what does so of one campaign's alone: a table of its own, by its name."""
        if name not in self._tables:
            drawn = self._rng("affinity", name).standard_normal(CELLS)
            self._tables[name] = np.asarray(drawn * self.spread * np.sqrt(0.5), np.float64)
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, Reals]:
        return {}

    @cached_property
    def _walks(self) -> Reals:
        """(2, periods): drift of log prices and of log-odds; 0 in the first period."""
        steps = self._rng("drift").standard_normal((2, self.periods)) * self.drift / np.sqrt(self.periods)
        steps[:, 0] = 0.0
        return np.asarray(np.cumsum(steps, axis=1), np.float64)

    def _hour(self, period: int) -> float:
        return ((self.first_minute + (period + 0.5) * self.period_minutes) / 60.0) % 24.0

    def _busy(self, period: int) -> float:
        """From 0 at night to about 1 in the evening, lower at noon."""
        hour = self._hour(period)
        day = np.exp(-(((hour - 11.0) / 4.0) ** 2)) * 0.7 + np.exp(-(((hour - 20.0) / 3.0) ** 2))
        return float(min(1.0, day))

    def expected(self, period: int) -> float:
        """How many impressions come in a period, on average."""
        if not self.daily:
            return self.impressions / self.periods
        weights = [NIGHT + (1 - NIGHT) * self._busy(one) for one in range(self.periods)]
        return self.impressions * weights[period] / sum(weights)

    def _logits(self, period: int, names: Sequence[str], *, drifted: bool) -> Reals:
        base = np.log(self.click_rate / (1 - self.click_rate)) - self.spread**2 / 2
        shape = 0.3 * (self._busy(period) - 0.5) if self.daily else 0.0
        moved = float(self._walks[1, period]) if drifted else 0.0
        own = np.array([self._own(name) for name in names], np.float64).reshape(len(names), CELLS)
        return np.asarray(base + shape + moved + self._common[None, :] + own, np.float64)

    def believed(self, period: int, names: Sequence[str]) -> Reals:
        """As the true rates, without the drift, of which nobody knows."""
        return np.asarray(1 / (1 + np.exp(-self._logits(period, names, drifted=False))), np.float64)

    def true(self, period: int, names: Sequence[str]) -> Reals:
        return np.asarray(1 / (1 + np.exp(-self._logits(period, names, drifted=True))), np.float64)

    def scales(self, period: int) -> Reals:
        """(cells,): the median market price of each cell in a period."""
        shape = 0.5 * (self._busy(period) - 0.5) if self.daily else 0.0
        logs = np.log(self.median_price) + self.quality_price * self._common + shape
        return np.asarray(np.exp(logs + float(self._walks[0, period])), np.float64)

    def price_cdf(self, period: int, prices: Reals) -> Reals:
        """The law of market prices of a period, over all its cells: P(price <= each), before rounding."""
        return np.asarray(self.cell_cdf(period, prices[:, None]) @ self.shares(period), np.float64)

    def cell_cdf(self, period: int, prices: Reals) -> Reals:
        """The same for each cell. prices: (..., cells), or (..., 1) for one price in all."""
        return self.price.cdf(prices / self.scales(period))

    def batch(self, period: int) -> Batch:
        rng = self._rng("impressions", "", period)
        n = int(rng.poisson(self.expected(period)))
        cells = self._tickets[rng.integers(0, TICKETS, n, np.uint16)]
        prices = self.price.draw(rng, n) * self.scales(period).astype(np.float32)[cells]
        market = np.minimum(np.ceil(prices), self.top_price).astype(np.int32)
        return Batch(cells, np.maximum(market, 1), rng.random(n, np.float32))
