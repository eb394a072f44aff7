"""Intervals for a mean over blocks, and the correction for several comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Reals = npt.NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over blocks with its interval. p: two-sided, of the mean being zero; 1 where nothing varies
    and the mean is zero, 0 where nothing varies and it is not. blocks: how many it rests on."""

    mean: float
    low: float
    high: float
    p: float
    blocks: int

    @property
    def differs(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


def of_mean(figures: Reals, level: float = LEVEL) -> Estimate:
    """Student's interval for the mean of (blocks,) figures, each an independent block.

    With fewer than two blocks the interval is everything.
    """
    count = len(figures)
    if count < 2:
        mean = float(figures[0]) if count else math.nan
        return Estimate(mean, -math.inf, math.inf, 1.0, count)
    mean = float(np.mean(figures))
    error = float(np.std(figures, ddof=1)) / math.sqrt(count)
    if error == 0:
        return Estimate(mean, mean, mean, 1.0 if mean == 0 else 0.0, count)
    half = float(stats.t.ppf(0.5 + level / 2, count - 1)) * error
    p = 2 * float(stats.t.sf(abs(mean) / error, count - 1))
    return Estimate(mean, mean - half, mean + half, p, count)


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values of several comparisons, adjusted so that any is wrong with their level (Holm 1979)."""
    if not ps:
        return []
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(ps, method="holm")[1]]


def resampled_blocks(blocks: int, times: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Which blocks each bootstrap sample is made of: (times, blocks). A block is drawn whole (all its seats
    and rotations), since its games share their draw of values."""
    return rng.integers(0, blocks, size=(times, blocks))
