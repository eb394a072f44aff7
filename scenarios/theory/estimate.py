"""Means with their standard errors, added up in pieces."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MOST_ERRORS = 4.0  # further from the closed form than so many standard errors is wrong
CONFIDENCE_95 = 1.959964


@dataclass(slots=True)
class Tally:
    """Sums of one measure over games."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, figures: npt.NDArray[Any]) -> None:
        """figures: (games,), in units of the highest value."""
        reals = np.asarray(figures, np.float64)
        self.count += reals.size
        self.total += float(reals.sum())
        self.squares += float(reals @ reals)

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation of one game's figure."""
        return math.sqrt(max(self.squares / self.count - self.mean**2, 0.0)) if self.count else math.nan

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return self.sd / math.sqrt(self.count) if self.count else math.nan


@dataclass(frozen=True, slots=True)
class Figure:
    """A simulated mean beside what theory says. closed: None where there is no theorem.

    error: the standard error; 0 where the figure is exact.
    """

    format: str
    n: int
    measure: str
    mean: float
    error: float
    closed: float | None

    @classmethod
    def of(cls, name: str, n: int, measure: str, tally: Tally, closed: float | None) -> Figure:
        return cls(name, n, measure, tally.mean, tally.error, closed)

    @property
    def half_width(self) -> float:
        """Of the 95% confidence interval."""
        return CONFIDENCE_95 * self.error

    @property
    def errors_off(self) -> float | None:
        """How many standard errors the mean lies from the closed form."""
        if self.closed is None:
            return None
        gap = self.mean - self.closed
        floor = 1e-9 if self.error == 0 else self.error
        return 0.0 if abs(gap) < 1e-9 else gap / floor

    @property
    def is_right(self) -> bool:
        return self.errors_off is None or abs(self.errors_off) <= MOST_ERRORS
