"""Confidence sequences: intervals for a mean that hold at all times at once, however often one looks.

A plain 95% interval looked at after every game declares a difference where there is none in a third of
cases. The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021,
"Time-uniform central limit theory and asymptotic confidence sequences", theorem 2.2) does so in at most
alpha of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from burgh.sim.types import BurghError

Reals = npt.NDArray[np.float64]

ALPHA = 0.05
LEAST_BLOCKS = 20  # before so many nothing is decided: of skewed profits the spread is not known yet
TIGHTEST_AT = 50  # blocks at which the sequence is made to be tightest


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """alpha: the chance that a sequence ever misses the true mean. tightest_at: in blocks."""

    alpha: float = ALPHA
    tightest_at: int = TIGHTEST_AT
    least_blocks: int = LEAST_BLOCKS

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise BurghError(f"alpha is {self.alpha}: it must lie between 0 and 1")
        if self.least_blocks < 2 or self.tightest_at < 1:
            raise BurghError(
                "a confidence sequence needs at least 2 blocks and a time at which to be tightest"
            )

    @property
    def rho_squared(self) -> float:
        """The mixture's variance for which the radius is least at `tightest_at` (appendix B.2 there)."""
        budget = -2 * math.log(self.alpha)
        return (budget + math.log(budget + 1)) / self.tightest_at

    def radii(self, figures: Reals) -> Reals:
        """The half-width after each figure: (..., blocks) as the figures; infinite before `least_blocks`."""
        count = np.arange(1, figures.shape[-1] + 1, dtype=np.float64)
        spread = running_sd(figures)
        mixed = count * self.rho_squared + 1
        factor = np.sqrt(2 * mixed / (count**2 * self.rho_squared) * np.log(np.sqrt(mixed) / self.alpha))
        # The standard deviation is an estimate: Student's quantile over the normal one allows for that.
        small = stats.t.ppf(1 - self.alpha / 2, np.maximum(count - 1, 1)) / stats.norm.ppf(1 - self.alpha / 2)
        radii = spread * factor * small
        radii[..., : self.least_blocks - 1] = np.inf
        return np.asarray(radii, np.float64)

    def interval(self, figures: Reals) -> tuple[float, float]:
        """The interval after all the figures, (blocks,): everything where there are too few."""
        if len(figures) < self.least_blocks:
            return -math.inf, math.inf
        radius = float(self.radii(figures)[-1])
        mean = float(np.mean(figures))
        return mean - radius, mean + radius

    def decided_at(self, figures: Reals) -> int | None:
        """After how many figures the interval first excluded zero; None: never."""
        apart = np.abs(running_mean(figures)) > self.radii(figures)
        return int(np.argmax(apart)) + 1 if bool(apart.any()) else None

    def blocks_left(self, figures: Reals) -> int | None:
        """About how many more blocks a decision takes if mean and spread stay as they are.

        0: it is decided. None: there is nothing to be seen yet, or more than a million are needed.
        """
        if len(figures) < 2 or self.decided_at(figures) is not None:
            return None if len(figures) < 2 else 0
        mean, spread = abs(float(np.mean(figures))), float(np.std(figures, ddof=1))
        if mean == 0:
            return None
        upto = np.unique(np.geomspace(len(figures), 1_000_000, 400).astype(np.int64)).astype(np.float64)
        mixed = upto * self.rho_squared + 1
        radii = spread * np.sqrt(
            2 * mixed / (upto**2 * self.rho_squared) * np.log(np.sqrt(mixed) / self.alpha)
        )
        enough = upto[(radii < mean) & (upto >= self.least_blocks)]
        return max(1, int(enough[0]) - len(figures)) if len(enough) else None


def running_mean(figures: Reals) -> Reals:
    """The mean after each figure: (..., blocks)."""
    return np.asarray(np.cumsum(figures, axis=-1) / np.arange(1, figures.shape[-1] + 1), np.float64)


def running_sd(figures: Reals) -> Reals:
    """The standard deviation (n - 1) after each figure: (..., blocks); 0 after the first."""
    count = np.arange(1, figures.shape[-1] + 1, dtype=np.float64)
    centred = figures - figures[..., :1]  # sums of squares of what is far from zero lose all digits
    mean = np.cumsum(centred, axis=-1) / count
    squares = np.cumsum(centred**2, axis=-1) - count * mean**2
    return np.asarray(np.sqrt(np.maximum(squares, 0) / np.maximum(count - 1, 1)), np.float64)
