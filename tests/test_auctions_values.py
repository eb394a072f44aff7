"""Laws of values: what is drawn is what bidders are told, and what depends on what."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from burgh.agents.bidders.laws import bounds, cdf
from burgh.sim.types import BurghError
from burgh.worlds.auctions.laws import Empirical, Exponential, Law, LogNormal, Power, Uniform
from burgh.worlds.auctions.values import (
    Affiliated,
    Asymmetric,
    CommonValue,
    Given,
    Private,
    SumOfSignals,
    Values,
)

SCALE = 100_000
LAWS: tuple[Law, ...] = (
    Uniform(SCALE // 4, SCALE),
    Power(SCALE, 2.5),
    Exponential(SCALE // 3),
    LogNormal(SCALE // 2, 0.4),
)
KINDS: tuple[Values, ...] = (
    Private(Uniform(0, SCALE)),
    Asymmetric((Uniform(0, SCALE), Power(SCALE, 3.0))),
    Affiliated(Uniform(0, SCALE), 40),
    CommonValue(Uniform(0, SCALE), 50),
    SumOfSignals(Exponential(SCALE)),
)
NAMES = ("Ann", "Ben", "Cid")


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
def test_values_follow_the_law_that_bidders_are_told(law: Law) -> None:
    """Kolmogorov-Smirnov against the distribution function of what is described."""
    values = Private(law).draw_many(1, 4000, np.random.default_rng(1)).worths[0]
    told = law.describe()
    shares = cdf(told, values.astype(np.float64))
    assert stats.kstest(shares, "uniform").pvalue > 1e-4
    low, high = bounds(told)
    assert low <= values.min()
    assert np.mean(values > high) < 2e-3
    table = {"law": "table", "quantiles": told["quantiles"]}
    grid = np.linspace(low, high, 50)
    assert np.abs(cdf(told, grid) - cdf(table, grid)).max() < 0.02


def test_an_empirical_law_gives_its_values_alike() -> None:
    found = Private(Empirical((3, 5, 9))).draw_many(2, 3000, np.random.default_rng(2)).worths
    values, counts = np.unique(found, return_counts=True)
    assert values.tolist() == [3, 5, 9]
    assert stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("values", KINDS, ids=lambda values: values.kind)
def test_a_bidder_s_values_are_named_by_seed_bidder_and_lot(values: Values) -> None:
    many = values.draw(NAMES, 5, seed=3)
    assert many.signals.shape == many.worths.shape == (3, 5)
    assert many.signals.dtype == many.worths.dtype == np.int64
    assert (many.signals >= 0).all()
    fewer = values.draw(NAMES[:2], 3, seed=3)
    assert (fewer.signals == many.signals[:2, :3]).all(), "others and later lots change nothing"
    assert (values.draw(NAMES, 5, seed=4).signals != many.signals).any()
    assert values.draw((), 2, seed=3).worths.shape == (0, 2)


def test_what_depends_on_what() -> None:
    rng = np.random.default_rng(4)

    def correlation(values: Values) -> float:
        signals = values.draw_many(2, 20_000, rng).signals
        return float(stats.pearsonr(signals[0], signals[1])[0])

    assert abs(correlation(Private(Uniform(0, SCALE)))) < 0.03
    assert correlation(Affiliated(Uniform(0, SCALE), 50)) == pytest.approx(0.5, abs=0.03)
    common = CommonValue(Uniform(SCALE, 2 * SCALE), 50).draw_many(3, 1000, rng)
    assert (common.worths == common.worths[0]).all()
    assert np.abs(common.signals - common.worths).max() == 50
    purses = SumOfSignals(Uniform(0, SCALE)).draw_many(3, 1000, rng)
    assert (purses.worths == purses.signals.sum(axis=0)).all()
    unequal = Asymmetric((Uniform(0, 10), Uniform(90, 100))).draw_many(3, 100, rng).worths
    assert unequal[0].max() < 10
    assert unequal[1:].min() >= 90


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Uniform(-1, 5), "values from -1 to 5 are not from 0 up"),
        (lambda: Uniform(5, 5), "not from 0 up"),
        (lambda: Power(10, 0), "positive height and exponent"),
        (lambda: Exponential(0), "a mean of 0 is not positive"),
        (lambda: LogNormal(0, 1), "positive median and sigma"),
        (lambda: Empirical(()), "at least one value"),
        (lambda: Empirical((3, -1)), "none below 0"),
        (lambda: Given(((3,), (-2,))), "a value in the table is negative"),
        (lambda: Given(((3, 4), (2,))), "not of one length"),
        (lambda: Given(((3,),)).draw(("a", "b"), 1, 0), "too small for 2 bidders and 1 lots"),
        (lambda: CommonValue(Uniform(0, 9), -1), "an error of -1 is negative"),
        (lambda: Affiliated(Uniform(0, 9), 101), "not from 0 to 100"),
        (lambda: Asymmetric(()), "at least one law"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(BurghError, match=said):
        make()


def test_a_law_without_bounds_stays_within_all_money() -> None:
    drawn = LogNormal(10**12, 50.0).quantile(np.array([0.0, 0.5, 0.999999]))
    assert drawn.min() >= 0 and drawn.max() == 10**15
