"""Strategies compared two by two over the same blocks: the arena's primary figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from burgh.scenarios.arena.stats.intervals import Estimate, holm, of_mean
from burgh.scenarios.arena.stats.sequence import ALPHA, ConfidenceSequence

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """One strategy against another. fixed: the interval if the number of games was set beforehand. low, high:
    the confidence sequence, which holds however often one looked. adjusted_p: Holm's, over all pairs.
    left: about how many more blocks a decision takes; None: unknown."""

    one: str
    other: str
    fixed: Estimate
    low: float
    high: float
    adjusted_p: float
    left: int | None

    @property
    def better(self) -> str | None:
        """The one that is better for sure, by the confidence sequence."""
        return self.one if self.low > 0 else self.other if self.high < 0 else None

    @property
    def decided(self) -> bool:
        return self.better is not None


def pairs(figures: Mapping[str, Reals], alpha: float = ALPHA) -> tuple[Pair, ...]:
    """All pairs of strategies. figures: by strategy (blocks,), block i of all of them over one draw.

    The error is shared evenly by the pairs (Bonferroni), as they are looked at together at any time.
    """
    couples = list(combinations(figures, 2))
    fixed = [of_mean(figures[one] - figures[other]) for one, other in couples]
    adjusted = holm([estimate.p for estimate in fixed])
    sequence = ConfidenceSequence(alpha / max(1, len(couples)))
    found = []
    for (one, other), estimate, p in zip(couples, fixed, adjusted, strict=True):
        differences = figures[one] - figures[other]
        low, high = sequence.interval(differences)
        found.append(Pair(one, other, estimate, low, high, p, sequence.blocks_left(differences)))
    return tuple(found)


def rank_ranges(names: tuple[str, ...], found: tuple[Pair, ...]) -> dict[str, tuple[int, int]]:
    """Best and worst rank of each strategy, from 1, that the decided pairs leave open."""
    above = dict.fromkeys(names, 0)
    below = dict.fromkeys(names, 0)
    for pair in found:
        if pair.better is None:
            continue
        worse = pair.other if pair.better == pair.one else pair.one
        above[worse] += 1
        below[pair.better] += 1
    return {name: (1 + above[name], len(names) - below[name]) for name in names}
