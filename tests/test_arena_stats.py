"""The arena's statistics against closed forms, other ways of reckoning, and play of known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from burgh.scenarios.arena.stats import ratings
from burgh.scenarios.arena.stats.compare import pairs, rank_ranges
from burgh.scenarios.arena.stats.intervals import holm, of_mean
from burgh.scenarios.arena.stats.sequence import ConfidenceSequence, running_mean, running_sd
from burgh.sim.types import BurghError

REPEATS = 2_000
BIDDERS = 3


def generator(name: int) -> np.random.Generator:
    return np.random.default_rng(name)


def profits(
    shade: float, values: np.ndarray, rivals: np.ndarray, noise: np.ndarray | float = 0.0
) -> np.ndarray:
    """A first-price bidder's profit against rivals in equilibrium; values (...,), rivals (..., 2)."""
    bids = np.clip(shade + noise, 0, 1) * values
    return np.where(bids > (2 / 3 * rivals).max(axis=-1), values - bids, 0.0)


def truth(shade: float) -> float:
    """The same, expected: shade at most 2/3, values and rivals' values uniform on [0, 1]."""
    return (1 - shade) * (1.5 * shade) ** 2 / 4


def rotated(shade: float, draws: np.ndarray, noise: np.ndarray | float = 0.0) -> np.ndarray:
    """The mean profit over the seats of each draw, (..., 3): the substitute design."""
    seats = [
        profits(shade, draws[..., seat], np.delete(draws, seat, axis=-1), noise) for seat in range(BIDDERS)
    ]
    return np.asarray(np.mean(seats, axis=0))


def test_the_intervals_of_a_known_difference_cover_it_and_the_order_is_right() -> None:
    draws = generator(1).random((REPEATS, 150, BIDDERS))
    shades = (0.35, 0.5, 2 / 3)
    made = {shade: rotated(shade, draws) for shade in shades}
    for worse, better in ((0.35, 0.5), (0.35, 2 / 3), (0.5, 2 / 3)):
        differences = made[better] - made[worse]
        estimates = [of_mean(row) for row in differences]
        true = truth(better) - truth(worse)
        covered = np.mean([one.low <= true <= one.high for one in estimates])
        assert 0.93 <= covered <= 0.97
        assert np.mean([one.mean > 0 for one in estimates]) > 0.95


def test_the_confidence_sequence_misses_a_known_difference_in_at_most_one_run_of_twenty() -> None:
    draws = generator(2).random((REPEATS, 300, BIDDERS))
    differences = rotated(0.5, draws) - rotated(0.35, draws)
    sequence = ConfidenceSequence()
    off = np.abs(running_mean(differences) - (truth(0.5) - truth(0.35))) > sequence.radii(differences)
    assert off.any(axis=1).mean() <= 0.06
    plain = 1.96 * running_sd(differences) / np.sqrt(np.arange(1, 301))
    naive = np.abs(running_mean(differences) - (truth(0.5) - truth(0.35)))[:, 10:] > plain[:, 10:]
    assert naive.any(axis=1).mean() > 0.2  # what peeking at plain intervals does


def test_a_strategy_against_itself_is_told_apart_in_at_most_six_of_a_hundred_monitored_runs() -> None:
    rng = generator(3)
    draws = rng.random((REPEATS, 300, BIDDERS))
    one, other = (rotated(0.5, draws, rng.normal(0, 0.1, draws.shape[:2])) for _ in range(2))
    sequence = ConfidenceSequence()
    declared = [sequence.decided_at(row) is not None for row in one - other]
    assert np.mean(declared) <= 0.06


def test_pairing_needs_at_most_six_tenths_of_the_games() -> None:
    draws, others = generator(4).random((2, 20_000, BIDDERS))
    for shade, other in ((0.4, 0.5), (0.45, 0.6), (0.5, 0.6)):
        paired = np.var(rotated(other, draws) - rotated(shade, draws))
        assert paired <= 0.6 * np.var(rotated(other, draws) - rotated(shade, others))


def test_the_power_of_the_paired_design_on_six_tenths_of_the_games() -> None:
    rng = generator(5)
    draws, others = rng.random((2, 1_000, 100, BIDDERS))
    gap = rotated(0.6, draws) - rotated(0.5, draws)
    unpaired = rotated(0.6, draws) - rotated(0.5, others)
    found = np.mean([of_mean(row[:60]).differs for row in gap])
    assert found >= np.mean([of_mean(row).differs for row in unpaired])


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=40))
def test_running_figures_are_those_of_numpy(figures: list[float]) -> None:
    row = np.array(figures)
    assert running_mean(row)[-1] == pytest.approx(np.mean(row), abs=1e-9)
    assert running_sd(row)[-1] == pytest.approx(np.std(row, ddof=1), abs=1e-5)


def test_a_far_offset_does_not_spoil_the_spread() -> None:
    row = 1e9 + np.array([0.0, 1.0, 2.0])
    assert running_sd(row)[-1] == pytest.approx(1.0)


def test_nothing_is_decided_too_early_and_what_never_varies_is_no_difference() -> None:
    sequence = ConfidenceSequence()
    assert sequence.decided_at(np.full(19, 5.0)) is None
    assert sequence.decided_at(np.full(20, 5.0)) == 20
    assert sequence.decided_at(np.zeros(500)) is None
    assert sequence.interval(np.ones(3)) == (-math.inf, math.inf)


def test_the_blocks_left_are_about_right() -> None:
    rng = generator(6)
    sequence = ConfidenceSequence()
    row = rng.normal(0.2, 1, 5_000)
    left = sequence.blocks_left(row[:60])
    decided = sequence.decided_at(row)
    assert left is not None and decided is not None
    assert 0.2 < (60 + left) / decided < 5
    assert sequence.blocks_left(row) == 0
    assert sequence.blocks_left(np.zeros(50)) is None
    assert sequence.blocks_left(np.ones(1)) is None


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(BurghError, match="alpha is 0"):
        ConfidenceSequence(alpha=0)
    with pytest.raises(BurghError, match="at least 2 blocks"):
        ConfidenceSequence(least_blocks=1)


def test_an_interval_needs_two_blocks() -> None:
    assert of_mean(np.array([3.0])).low == -math.inf
    assert math.isnan(of_mean(np.array([])).mean)
    same = of_mean(np.full(5, 2.0))
    assert (same.low, same.high, same.p) == (2.0, 2.0, 0.0)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_pairs_and_ranks() -> None:
    rng = generator(7)
    base = rng.normal(0, 1, 200)
    figures = {
        "good": base + 1 + rng.normal(0, 0.2, 200),
        "fair": base,
        "same": base + rng.normal(0, 0.2, 200),
    }
    found = pairs(figures)
    assert [(pair.one, pair.other, pair.better) for pair in found] == [
        ("good", "fair", "good"),
        ("good", "same", "good"),
        ("fair", "same", None),
    ]
    assert rank_ranges(tuple(figures), found) == {"good": (1, 1), "fair": (2, 3), "same": (2, 3)}
    assert all(pair.low <= pair.fixed.mean <= pair.high for pair in found)


def games_of(
    strengths: list[float], nu: float, count: int, rng: np.random.Generator
) -> list[list[tuple[int, float]]]:
    """Games of two drawn from Davidson's model."""
    games = []
    for _ in range(count):
        i, j = rng.choice(len(strengths), 2, replace=False)
        parts = np.array([math.exp(strengths[i]), math.exp(strengths[j]), 0.0])
        parts[2] = nu * math.sqrt(parts[0] * parts[1])
        result = rng.choice(3, p=parts / parts.sum())
        games.append([(int(i), 1.0 if result == 0 else 0.0), (int(j), 1.0 if result == 1 else 0.0)])
    return games


def test_davidson_finds_the_strengths_and_the_ties() -> None:
    true = [0.8, 0.0, -0.8]
    found, nu = ratings.fit(games_of(true, 0.7, 6_000, generator(8)), 3)
    assert found == pytest.approx(true, abs=0.12)
    assert nu == pytest.approx(0.7, abs=0.1)


def test_davidsons_slope_is_that_of_its_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}
    real = scipy.optimize.minimize

    def caught(loss, first, jac, method):  # type: ignore[no-untyped-def]
        seen["loss"] = loss
        return real(loss, first, jac=jac, method=method)

    monkeypatch.setattr(ratings, "minimize", caught)

    ratings.fit(games_of([0.5, 0.1, -0.6], 0.5, 60, generator(9)), 3)
    point = np.array([0.3, -0.2, 0.4, -0.5])
    slope = approx_fprime(point, lambda at: seen["loss"](at)[0], 1e-6)
    assert seen["loss"](point)[1] == pytest.approx(slope, abs=1e-3)


def test_without_ties_it_is_plackett_luce_over_whole_rankings() -> None:
    rng = generator(10)
    true = np.array([1.0, 0.3, -0.2, -1.1])
    games = []
    for _ in range(1_500):
        order = np.argsort(-(true + rng.gumbel(size=4)))  # Plackett and Luce's model, as an order of draws
        games.append([(int(who), float(4 - place)) for place, who in enumerate(order)])
    found, nu = ratings.fit(games, 4)
    assert nu == 0
    assert found == pytest.approx(true, abs=0.12)


def test_the_order_of_games_does_not_matter_and_intervals_hold_the_estimate() -> None:
    games = games_of([0.6, 0.0, -0.6], 0.4, 300, generator(11))
    blocks = [games[start : start + 3] for start in range(0, 300, 3)]
    one = ratings.rate(blocks, 3, generator(12), samples=80)
    two, _ = ratings.fit(games[::-1], 3)
    assert two == pytest.approx(one.strengths, abs=1e-4)
    assert np.all((one.low <= one.strengths) & (one.strengths <= one.high))
    assert one.ranks[0] == (1, 1)
    assert one.ranks[2] == (3, 3)


def test_one_who_never_lost_has_a_finite_strength() -> None:
    found, _ = ratings.fit([[(0, 1.0), (1, 0.0)]] * 50, 2)
    assert np.all(np.isfinite(found))
    assert found[0] > 1


def test_seats_of_one_strategy_are_not_compared_with_each_other() -> None:
    found, _ = ratings.fit([[(0, 3.0), (0, 1.0), (1, 2.0)]] * 20, 2)
    assert found == pytest.approx([0, 0], abs=1e-3)
