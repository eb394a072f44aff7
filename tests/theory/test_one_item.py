"""One item, private values: Vickrey (1961), Myerson (1981), Riley and Samuelson (1981), by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from burgh.agents.bidders import equilibrium
from burgh.agents.bidders.laws import Reals
from burgh.scenarios.theory import forms
from burgh.scenarios.theory.formats import FORMATS, LAW, STANDARD, bid_function, truth
from burgh.scenarios.theory.simulate import UNIT, Outcome, generator, simulate_sealed
from burgh.sim.types import BurghError
from burgh.worlds.auctions.laws import Empirical, Exponential, Law, LogNormal, Power, Uniform
from burgh.worlds.auctions.rules.sealed import (
    ALL_PAY,
    FIRST_PRICE,
    SECOND_PRICE,
    THIRD_PRICE,
    SealedRule,
    kth_price,
)
from burgh.worlds.auctions.values import Private

GAMES = 60_000
RULES = {
    "first-price": FIRST_PRICE,
    "second-price": SECOND_PRICE,
    "third-price": THIRD_PRICE,
    "all-pay": ALL_PAY,
}


def played(rule: SealedRule, n: int, games: int = GAMES, seed: int = 1, reserve: float = 0.0) -> Outcome:
    bids = [bid_function(rule.name, n)] * n
    rng = generator(seed, f"test {n}")
    return simulate_sealed(rule, STANDARD, bids, games, rng, reserve=int(reserve * UNIT))


@pytest.mark.parametrize(
    "name", ["first-price", "dutch", "second-price", "english", "third-price", "all-pay"]
)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_revenue_equivalence(name: str, n: int) -> None:
    """Every standard auction earns (n-1)/(n+1) and gives the item to the highest value."""
    figures = FORMATS[name](n, GAMES, 3)
    assert [figure.measure for figure in figures] == (["revenue", "efficiency", "surplus"] if figures else [])
    assert bool(figures) == (name != "third-price" or n >= 3)
    for figure in figures:
        assert figure.error > 0
        assert figure.is_right, figure


@pytest.mark.parametrize(("n", "earned"), [(2, 0.3333), (3, 0.5), (5, 0.6667)])
def test_the_revenues_of_the_table(n: int, earned: float) -> None:
    assert forms.revenue(n) == pytest.approx(earned, abs=5e-5)


def test_revenue_spreads_more_where_less_of_one_s_own_bid_is_paid() -> None:
    """At n = 3 the standard deviation is .129 in first price, .224 in second, .387 in third."""
    found = [played(RULES[name], 3).revenue.sd for name in ("first-price", "second-price", "third-price")]
    assert found == pytest.approx([0.129, 0.224, 0.387], abs=0.003)
    assert found == sorted(found)


@pytest.mark.parametrize(("n", "rank"), [(4, 4), (5, 4), (6, 5)])
def test_the_price_of_rank_k(n: int, rank: int) -> None:
    """Kagel and Levin (1993): bids (n-1)/(n-k+1) v earn what all others earn."""
    law = LAW

    def bid(values: Reals) -> Reals:
        return equilibrium.kth_price(values, n, law, rank)

    found = simulate_sealed(kth_price(rank), STANDARD, [bid] * n, GAMES, generator(5, f"{n} {rank}")).revenue
    assert abs(found.mean - forms.revenue(n)) < 4 * found.error


@pytest.mark.parametrize("name", ["risk-averse", "power-law"])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_averse_bidders_and_other_laws(name: str, n: int) -> None:
    for figure in FORMATS[name](n, GAMES, 4):
        assert figure.is_right, figure
    assert forms.averse_revenue(n, 0.5) > forms.revenue(n)


@pytest.mark.parametrize("name", ["first-reserve", "second-reserve"])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_optimal_reserve_earns_what_myerson_says(name: str, n: int) -> None:
    earned = {1: 0.25, 2: 5 / 12, 3: 17 / 32, 4: 0.6125, 5: 0.671875}
    assert forms.revenue(n, 0.5) == pytest.approx(earned[n])
    for figure in FORMATS[name](n, GAMES, 5):
        assert figure.is_right, figure


@pytest.mark.parametrize("n", [1, 2, 5])
def test_half_is_the_best_reserve_for_any_number_of_bidders(n: int) -> None:
    """Myerson (1981), on equal draws: a lower and a higher reserve earn less."""
    earned = {}
    for reserve in (0.3, 0.5, 0.7):
        rng = generator(6, f"reserve {n}")
        outcome = simulate_sealed(
            SECOND_PRICE, STANDARD, [truth] * n, GAMES, rng, reserve=int(reserve * UNIT)
        )
        earned[reserve] = outcome.revenue.mean
    assert max(earned, key=lambda reserve: earned[reserve]) == 0.5


@pytest.mark.parametrize(
    ("law", "own", "best"),
    [
        (Uniform(0, UNIT), 0.0, 0.5),
        (Uniform(UNIT // 4, UNIT), 0.0, 0.5),
        (Uniform(3 * UNIT // 4, UNIT), 0.0, 0.75),
        (Exponential(UNIT // 2), 0.0, 0.5),
        (Uniform(0, UNIT), 0.4, 0.7),
    ],
)
def test_other_optimal_reserves(law: Law, own: float, best: float) -> None:
    """U[a,b]: max(a, b/2). Exp(lambda): 1/lambda. A seller who values the item at c: (1+c)/2."""
    values = law.quantile((np.arange(20_000) + 0.5) / 20_000)
    grid = [round(step / 20, 2) for step in range(2, 21)]
    gains = {r: float(np.where(values >= r * UNIT, r - own, 0.0).mean()) for r in grid}
    assert max(gains, key=lambda reserve: gains[reserve]) == pytest.approx(best)


def test_one_more_bidder_beats_the_best_reserve() -> None:
    """Bulow and Klemperer (1996): 1/2 > 5/12."""
    more = played(SECOND_PRICE, 3, seed=7).revenue
    reserve = played(SECOND_PRICE, 2, seed=7, reserve=0.5).revenue
    assert more.mean - 4 * more.error > reserve.mean + 4 * reserve.error
    assert abs(more.mean - 1 / 2) < 4 * more.error
    assert abs(reserve.mean - 5 / 12) < 4 * reserve.error


def test_revenue_equivalence_fails_for_unequal_bidders() -> None:
    """Vickrey (1961), Griesmer, Levitan and Shubik (1967): U[0,1] against U[0,2]."""
    first, second = FORMATS["unequal"](2, GAMES, 8)
    assert first.is_right, first
    assert second.is_right, second
    assert first.mean - 4 * first.error > second.mean + 4 * second.error


# how bids are found


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("reserve", [0.0, 0.5])
def test_integrated_bids_are_those_of_the_closed_form(n: int, reserve: float) -> None:
    """The same law as a table of quantiles: bids within a thousandth."""
    values = np.linspace(0.02, 0.98, 49) * UNIT
    table = {"law": "table", "quantiles": LAW["quantiles"]}
    for closed, found in (
        (
            equilibrium.first_price(values, n, LAW, reserve * UNIT),
            equilibrium.first_price(values, n, table, reserve * UNIT),
        ),
        (bid_function("all-pay", n)(values), equilibrium.all_pay(values, n, LAW)),
        (bid_function("all-pay", n)(values), equilibrium.all_pay(values, n, table)),
    ):
        assert np.abs(closed - found).max() < 2e-3 * UNIT
    assert equilibrium.first_price(values, n, LAW) == pytest.approx((n - 1) / n * values)


def test_a_first_price_reserve_shifts_bids_as_the_formula_says() -> None:
    v, n, r = 0.8, 3, 0.5
    closed = (n - 1) / n * v + r**n / (n * v ** (n - 1))
    found = equilibrium.first_price(np.array([v * UNIT, 0.4 * UNIT]), n, LAW, r * UNIT)
    assert found[0] == pytest.approx(closed * UNIT)
    assert found[1] < 0, "one whose value is under the reserve does not bid"


@pytest.mark.parametrize("law", [Exponential(UNIT // 3), LogNormal(UNIT // 2, 0.5), Power(UNIT, 3.0)])
def test_bids_under_other_laws_are_equivalent_in_revenue(law: Law) -> None:
    """First price with integrated bids earns what second price earns (Myerson 1981)."""
    values = Private(law)
    told = values.describe(0)

    def bid(signals: Reals) -> Reals:
        return equilibrium.first_price(signals, 3, told)

    first = simulate_sealed(FIRST_PRICE, values, [bid] * 3, GAMES, generator(9, "law")).revenue
    second = simulate_sealed(SECOND_PRICE, values, [truth] * 3, GAMES, generator(10, "law")).revenue
    assert abs(first.mean - second.mean) < 4 * np.hypot(first.error, second.error)


def test_third_price_for_any_law_agrees_with_the_uniform_form() -> None:
    values = np.linspace(0.1, 0.9, 9) * UNIT
    table = {"law": "table", "quantiles": LAW["quantiles"]}
    found = equilibrium.kth_price(values, 5, table, 3)
    assert found == pytest.approx(equilibrium.kth_price(values, 5, LAW, 3), rel=0.01)


def test_where_no_equilibrium_is_known_it_says_so() -> None:
    law = Private(Empirical((1, 2, 3))).describe(0)
    with pytest.raises(BurghError, match="no equilibrium is known of the price of rank 4"):
        equilibrium.kth_price(np.array([1.0]), 5, law, 4)
    with pytest.raises(BurghError, match="it takes 3"):
        equilibrium.kth_price(np.array([1.0]), 2, law, 3)
