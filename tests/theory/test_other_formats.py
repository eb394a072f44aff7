"""Common values, several units, two sides, positions: what theory says of them, by simulation or exactly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from burgh.agents.bidders import equilibrium
from burgh.agents.bidders.laws import Reals
from burgh.scenarios.theory import forms
from burgh.scenarios.theory.formats import FORMATS, LAW
from burgh.scenarios.theory.simulate import UNIT, generator, simulate_sealed
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.rules.multiunit import award_units, discriminatory_payments, uniform_payments
from burgh.worlds.auctions.rules.position import envy_free_bids, gsp_payments, vcg_payments
from burgh.worlds.auctions.rules.sealed import FIRST_PRICE, SECOND_PRICE, award, payments
from burgh.worlds.auctions.rules.vcg import bundles_of, vcg
from burgh.worlds.auctions.values import CommonValue, SumOfSignals

GAMES = 60_000


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_winner_s_curse_and_its_remedy(n: int) -> None:
    """Wilson (1977), Milgrom and Weber (1982): -e(n-1)/(n+1) at one's signal, +2e/(n+1) in equilibrium."""
    naive, shaded = FORMATS["common-value"](n, GAMES, 1)
    assert naive.is_right, naive
    assert shaded.is_right, shaded
    assert naive.mean < 0 < shaded.mean


def test_second_price_with_a_common_value_breaks_even_with_two() -> None:
    """Milgrom and Weber (1982): bidding one's signal is the equilibrium for n = 2, and gains the winner
    the expected distance of two signals less that of the higher from the worth: e/3."""
    values, error = CommonValue(Uniform(50 * UNIT, 51 * UNIT), UNIT // 10), 0.1
    law = values.describe(0)

    def bid(signals: Reals) -> Reals:
        return equilibrium.common_second_price(signals, 2, law)

    gain = simulate_sealed(SECOND_PRICE, values, [bid] * 2, GAMES, generator(2, "second")).surplus
    assert abs(gain.mean - error / 3) < 4 * gain.error


def test_the_wallet_game() -> None:
    """Klemperer (1998): two bid twice their signal; the price is twice the lower of two, 2/3 on average."""
    values = SumOfSignals(Uniform(0, UNIT))
    law = values.describe(0)

    def bid(signals: Reals) -> Reals:
        return equilibrium.sum_second_price(signals, 2, law)

    found = simulate_sealed(SECOND_PRICE, values, [bid] * 2, GAMES, generator(3, "wallet"))
    assert abs(found.revenue.mean - 2 / 3) < 4 * found.revenue.error
    assert abs(found.efficiency.mean - 1) < 4 * found.efficiency.error


@pytest.mark.parametrize("name", ["uniform-price", "discriminatory"])
@pytest.mark.parametrize(("n", "units", "earned"), [(5, 2, 1.0), (6, 3, 1.2857)])
def test_units_earn_the_same_at_one_price_and_at_many(name: str, n: int, units: int, earned: float) -> None:
    """k(n-k)/(n+1): Vickrey (1961), Weber (1983)."""
    assert forms.units_revenue(n, units) == pytest.approx(earned, abs=5e-5)
    for figure in FORMATS[name](n, GAMES, 4):
        assert figure.is_right, figure


def test_one_unit_discriminatory_is_first_price() -> None:
    values = np.linspace(0.05, 1, 20) * UNIT
    found = equilibrium.discriminatory(values, 4, LAW, 1)
    assert found == pytest.approx(equilibrium.first_price(values, 4, LAW), rel=1e-3)


def test_two_traders_cannot_have_all_the_gains() -> None:
    """Chatterjee and Samuelson (1983), Myerson and Satterthwaite (1983): 9/32, 9/64 of 1/6."""
    figures = FORMATS["half-way"](2, GAMES, 5)
    for figure in figures:
        assert figure.is_right, figure
    assert [figure.closed for figure in figures] == [9 / 32, 9 / 64, 1 / 6]
    v = np.array([UNIT * 1.0])
    assert equilibrium.half_way_trade(v, LAW, buys=True)[0] == pytest.approx(0.75 * UNIT)
    assert equilibrium.half_way_trade(v * 0, LAW, buys=False)[0] == pytest.approx(0.25 * UNIT)


def test_traders_without_intelligence_take_most_of_the_gains() -> None:
    """Gode and Sunder (1993): about 95%; a band, not a theorem."""
    (figure,) = FORMATS["zero-intelligence"](2, 100_000, 6)
    assert 0.92 < figure.mean < 0.98
    assert figure.closed is None


# positions: Edelman, Ostrovsky and Schwarz (2007)


def test_gsp_and_vcg_at_truth() -> None:
    assert sum(gsp_payments([10, 4, 2], [200, 100])) == 1000
    assert sum(vcg_payments([10, 4, 2], [200, 100])) == 800


def test_the_lowest_envy_free_bids_pay_as_vcg() -> None:
    bids = envy_free_bids([10, 4, 2], [200, 100])
    assert bids == [10, 3, 2]
    assert gsp_payments([10, 3, 2], [200, 100]) == vcg_payments([10, 4, 2], [200, 100]) == [600, 200]


def test_gsp_is_not_truthful() -> None:
    """With 200 and 199 clicks, truth earns 1200, and a bid of 3 earns 1592."""
    clicks = [200, 199]
    assert 200 * 10 - gsp_payments([10, 4, 2], clicks)[0] == 1200
    assert 199 * 10 - gsp_payments([4, 3, 2], clicks)[1] == 1592


def test_vcg_positions_are_truthful() -> None:
    clicks = [200, 199, 40]
    for value, low, high in itertools.product(range(6), range(6), range(6)):

        def gain(bid: int, value: int = value, others: tuple[int, int] = (low, high)) -> int:
            ranking = sorted([(bid, 1), *((other, 0) for other in others)], reverse=True)
            slot = [mine for _, mine in ranking].index(1)
            return clicks[slot] * value - vcg_payments([b for b, _ in ranking], clicks)[slot]

        assert all(gain(value) >= gain(other) for other in range(7))


# truth is dominant: no deviation pays, whatever the others bid (every case of a grid)


def one_item_gain(rank_rule: object, value: int, bids: tuple[int, ...]) -> int:
    rule = SECOND_PRICE if rank_rule == "second-price" else FIRST_PRICE
    offers = np.array(bids)[:, None]
    awarded = award(offers, rule, ties=np.random.default_rng(0))
    paid = int(payments(offers, awarded, rule)[0, 0])
    return (value if awarded.winner[0] == 0 else 0) - paid


def unit_gain(pay: object, value: int, bids: tuple[int, ...]) -> int:
    offers = np.array(bids)[:, None]
    awarded = award_units(offers, 2, ties=np.random.default_rng(0))
    paid = (uniform_payments if pay == "uniform" else discriminatory_payments)(offers, awarded)[0, 0]
    return (value if awarded.won[0, 0] else 0) - int(paid)


@pytest.mark.parametrize(
    ("gain", "rule", "truthful"),
    [
        (one_item_gain, "second-price", True),
        (one_item_gain, "first-price", False),
        (unit_gain, "uniform", True),
        (unit_gain, "discriminatory", False),
    ],
)
def test_truth_is_dominant_where_it_must_be(gain: object, rule: str, truthful: bool) -> None:
    """Vickrey (1961). Where one pays one's bid, some deviation pays: the check can fail."""
    assert callable(gain)
    better = [
        (value, bid, others)
        for value, bid in itertools.product(range(6), repeat=2)
        for others in itertools.product(range(6), repeat=3)
        if gain(rule, value, (bid, *others)) > gain(rule, value, (value, *others))
    ]
    assert (better == []) is truthful


def test_vcg_is_truthful_over_bundles() -> None:
    """Groves (1973): no bid for one's bundles gains more than the truth, complements included."""
    rng = np.random.default_rng(1)
    for _ in range(40):
        bids = [{b: int(rng.integers(0, 9)) for b in bundles_of(3)} for _ in range(3)]
        bids[0][3] += bids[0][1]

        def gain(own: dict[int, int], bids: list[dict[int, int]] = bids) -> int:
            given, pays = vcg([own, *bids[1:]], 2, np.random.default_rng(2))
            return bids[0].get(given[0], 0) - pays[0]

        for other in range(20):
            lie = {b: int(np.random.default_rng(other * 8 + b).integers(0, 14)) for b in bundles_of(3)}
            assert gain(bids[0]) >= gain(lie)
