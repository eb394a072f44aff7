"""Trials: candidates over draws, on three sets of seeds that share none, and what is surely better.

A round looks for the most promising child on draws of its own, and tries only that one against its parent,
on fresh draws: it is accepted if the lower bound of its paired gain is above zero. The error is shared evenly
by all rounds (Bonferroni), so that where nothing is better, anything is accepted in at most `alpha` of runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.evaluate import evaluate
from burgh.scenarios.arena.stats.intervals import Estimate, of_mean
from burgh.scenarios.evolve.candidate import Candidate
from burgh.sim.protocols import LanguageModel

Reals = npt.NDArray[np.float64]

SETS = {"evolve": 1_000_000, "select": 2_000_000, "test": 3_000_000}  # where the seeds of each set begin
ROOM = 1_000  # seeds of one round


@dataclass(frozen=True, slots=True)
class Tried:
    """profits: by candidate id, (draws,), paired by draw. tokens: spent on it. transcripts: by candidate id,
    its games as texts, the worst first."""

    profits: Mapping[str, Reals]
    tokens: int = 0
    transcripts: Mapping[str, tuple[str, ...]] | None = None

    def gain(self, child: str, parent: str, level: float = 0.95) -> Estimate:
        """The mean paired gain with its interval at a level."""
        gains = self.profits[child] - self.profits[parent]
        return of_mean(gains[~np.isnan(gains)], level)


class Try(Protocol):
    """Plays candidates over draws."""

    def __call__(self, candidates: Sequence[Candidate], seeds: Sequence[int]) -> Tried: ...


@dataclass(frozen=True, slots=True)
class InArena:
    """Candidates played in the arena. rotations: how many seats of each draw are played; None for all."""

    setting: Contest
    model: LanguageModel | None = None
    rotations: int | None = None

    def __call__(self, candidates: Sequence[Candidate], seeds: Sequence[int]) -> Tried:
        entrants = {one.id: one.contestant() for one in candidates}
        found = evaluate(self.setting, entrants, seeds, model=self.model, rotations=self.rotations)
        transcripts = {name: found.transcripts(name) for name in entrants}
        return Tried(found.profits, sum(found.tokens.values()), transcripts)


def seeds(kind: str, round_: int, draws: int) -> range:
    """The draws of a round, of a set that shares none with the others."""
    first = SETS[kind] + round_ * ROOM
    return range(first, first + draws)


def level(alpha: float, rounds: int) -> float:
    """The two-sided level whose lower end is the one-sided bound that a round's trial has to pass."""
    return 1 - 2 * alpha / max(1, rounds)
