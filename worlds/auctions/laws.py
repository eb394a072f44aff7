"""Laws of a single value, in whole units: uniform, power, exponential, log-normal, empirical."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from burgh.sim.types import BurghError, Json
from burgh.worlds.auctions.rules.ranking import Ints

Floats = npt.NDArray[np.float64]
TABLE_STEPS = 64  # a law as bidders know it: its quantiles at 0, 1/64, ... 1
TABLE_EDGE = 1e-4  # the ends of the table, for laws without ends
MOST_VALUE = 10**15  # what no draw goes beyond: sums of values stay whole numbers of 64 bits


class Law(ABC):
    """The law of one value. Values are rounded down to whole units."""

    kind: ClassVar[str]

    @abstractmethod
    def real_quantile(self, uniforms: Floats) -> Floats:
        """The values at these probabilities in [0, 1)."""

    def quantile(self, uniforms: Floats) -> Ints:
        with np.errstate(over="ignore"):  # what is beyond all money is the most of it
            reals = np.minimum(self.real_quantile(uniforms), MOST_VALUE)
        return reals.astype(np.int64)  # none is negative: cut off is rounded down

    def quantile_int(self, probability: float) -> int:
        return int(self.quantile(np.array([probability]))[0])

    def describe(self) -> Json:
        """The law as plain data: its kind, its parameters, and a table of quantiles for any kind."""
        ends = np.clip(np.linspace(0, 1, TABLE_STEPS + 1), TABLE_EDGE, 1 - TABLE_EDGE)
        return {"law": self.kind, "quantiles": [int(value) for value in self.quantile(ends)]}


@dataclass(frozen=True)
class Uniform(Law):
    """Any value from `low` up to `high`, `high` itself not included."""

    low: int
    high: int
    kind: ClassVar[str] = "uniform"

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high:
            raise BurghError(f"values from {self.low} to {self.high} are not from 0 up")

    def real_quantile(self, uniforms: Floats) -> Floats:
        return self.low + (self.high - self.low) * uniforms

    def describe(self) -> Json:
        return {**super().describe(), "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Power(Law):
    """F(v) = (v / high) ** exponent."""

    high: int
    exponent: float
    kind: ClassVar[str] = "power"

    def __post_init__(self) -> None:
        if self.high < 1 or self.exponent <= 0:
            raise BurghError(
                f"the power law needs a positive height and exponent, not {self.high}, {self.exponent}"
            )

    def real_quantile(self, uniforms: Floats) -> Floats:
        return self.high * uniforms ** (1 / self.exponent)

    def describe(self) -> Json:
        return {**super().describe(), "high": self.high, "exponent": self.exponent}


@dataclass(frozen=True)
class Exponential(Law):
    """F(v) = 1 - exp(-v / mean)."""

    mean: int
    kind: ClassVar[str] = "exponential"

    def __post_init__(self) -> None:
        if self.mean < 1:
            raise BurghError(f"a mean of {self.mean} is not positive")

    def real_quantile(self, uniforms: Floats) -> Floats:
        return -self.mean * np.log1p(-uniforms)

    def describe(self) -> Json:
        return {**super().describe(), "mean": self.mean}


@dataclass(frozen=True)
class LogNormal(Law):
    """The logarithm is normal: around that of the median, with standard deviation sigma."""

    median: int
    sigma: float
    kind: ClassVar[str] = "log-normal"

    def __post_init__(self) -> None:
        if self.median < 1 or self.sigma <= 0:
            raise BurghError(
                f"the log-normal law needs a positive median and sigma, not {self.median}, {self.sigma}"
            )

    def real_quantile(self, uniforms: Floats) -> Floats:
        from scipy.special import ndtri

        normal = ndtri(np.maximum(uniforms, 1e-300))
        values: Floats = np.exp(math.log(self.median) + self.sigma * normal)
        return values

    def describe(self) -> Json:
        return {**super().describe(), "median": self.median, "sigma": self.sigma}


@dataclass(frozen=True)
class Empirical(Law):
    """One of these values, each as likely."""

    values: tuple[int, ...]
    kind: ClassVar[str] = "empirical"

    def __post_init__(self) -> None:
        if not self.values or min(self.values) < 0:
            raise BurghError("an empirical law needs at least one value, and none below 0")

    def real_quantile(self, uniforms: Floats) -> Floats:
        ordered = np.sort(np.array(self.values, np.float64))
        return ordered[np.minimum((uniforms * len(ordered)).astype(np.int64), len(ordered) - 1)]
