"""Strengths of strategies from who did better than whom in the same game, by maximum likelihood.

Without ties the model is that of Plackett (1975) and Luce (1959), fitted by `choix` on whole rankings; with
ties, Davidson's (1970), in which a tie of i and j is as likely as nu times the geometric mean of their
strengths. Neither depends on the order of the games, as Elo and TrueSkill do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from burgh.scenarios.arena.stats.intervals import LEVEL, resampled_blocks

Reals = npt.NDArray[np.float64]
Figures = Sequence[tuple[int, float]]  # of one game: who (an index), and what they made of it

PRIOR = 0.1  # a weak pull towards equal strengths, so that one who never lost has a finite one
SAMPLES = 200


@dataclass(frozen=True, slots=True)
class Ratings:
    """strengths, low, high: (strategies,), natural logarithms, of mean 0. ties: Davidson's nu, 0 without.
    ranks: best and worst rank, from 1, that the bootstrap leaves each."""

    strengths: Reals
    low: Reals
    high: Reals
    ranks: tuple[tuple[int, int], ...]
    ties: float


def rate(
    blocks: Sequence[Sequence[Figures]], strategies: int, rng: np.random.Generator, samples: int = SAMPLES
) -> Ratings:
    """Strengths from blocks of games, with percentile intervals by a bootstrap over whole blocks."""
    games = [game for block in blocks for game in block]
    strengths, ties = fit(games, strategies)
    drawn = np.array(
        [
            fit([game for index in picks for game in blocks[index]], strategies, start=strengths)[0]
            for picks in resampled_blocks(len(blocks), samples, rng)
        ]
    ).reshape(-1, strategies)
    tail = 100 * (1 - LEVEL) / 2
    low, high = (np.percentile(drawn, q, axis=0) if len(drawn) else strengths for q in (tail, 100 - tail))
    places = (-drawn).argsort(axis=1).argsort(axis=1) + 1
    ranks = tuple(
        (int(np.percentile(row, tail, method="lower")), int(np.percentile(row, 100 - tail, method="higher")))
        for row in places.T
    )
    return Ratings(strengths, np.asarray(low), np.asarray(high), ranks, ties)


def fit(games: Sequence[Figures], strategies: int, start: Reals | None = None) -> tuple[Reals, float]:
    """Log-strengths of mean 0, (strategies,), and Davidson's nu. One's own seats are not compared."""
    if not any(_ties(game) for game in games) and all(
        len({who for who, _ in game}) == len(game) for game in games
    ):
        return _plackett_luce(games, strategies, start), 0.0
    return _davidson(games, strategies, start)


def _ties(game: Figures) -> bool:
    return len({figure for _, figure in game}) < len(game)


def _plackett_luce(games: Sequence[Figures], strategies: int, start: Reals | None) -> Reals:
    import choix

    rankings = [
        tuple(who for who, _ in sorted(game, key=lambda one: -one[1])) for game in games if len(game) > 1
    ]
    if not rankings:
        return np.zeros(strategies)
    found = choix.opt_rankings(strategies, rankings, alpha=PRIOR, initial_params=start)
    return np.asarray(found - np.mean(found), np.float64)


def _davidson(games: Sequence[Figures], strategies: int, start: Reals | None) -> tuple[Reals, float]:
    wins, draws = np.zeros((strategies, strategies)), np.zeros((strategies, strategies))
    for game in games:
        for (one, made), (other, others) in combinations(game, 2):
            if one == other:
                continue
            if made == others:
                draws[one, other] += 0.5
                draws[other, one] += 0.5
            else:
                winner, loser = (one, other) if made > others else (other, one)
                wins[winner, loser] += 1

    def loss(parameters: Reals) -> tuple[float, Reals]:
        strength, log_nu = parameters[:-1], parameters[-1]
        half = (strength[:, None] + strength[None, :]) / 2
        parts = np.stack(
            [
                np.broadcast_to(strength[:, None], half.shape),
                np.broadcast_to(strength, half.shape),
                log_nu + half,
            ]
        )
        top = parts.max(axis=0)
        shares = np.exp(parts - top)
        total = shares.sum(axis=0)
        norm = top + np.log(total)
        share_one, share_tie = shares[0] / total, shares[2] / total
        value = float((wins * (norm - strength[:, None])).sum() + (draws * (norm - parts[2])).sum())
        met = wins + draws
        # The share of row i in a game of i and j is its win and half of its tie; column j has the rest.
        weight = met * (share_one + share_tie / 2)
        slope = weight.sum(axis=1) + (met - weight).sum(axis=0) - wins.sum(axis=1)
        slope -= (draws.sum(axis=1) + draws.sum(axis=0)) / 2
        nu_slope = float((met * share_tie).sum() - draws.sum())
        value += PRIOR / 2 * float(strength @ strength) + PRIOR / 2 * float(log_nu**2)
        return value, np.append(slope + PRIOR * strength, nu_slope + PRIOR * log_nu)

    first = np.append(start if start is not None else np.zeros(strategies), 0.0)
    found = minimize(loss, first, jac=True, method="L-BFGS-B").x
    strengths = found[:-1] - found[:-1].mean()
    return strengths, float(np.exp(found[-1]))
