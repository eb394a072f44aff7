"""The table of what `burgh theory` simulates: each format with its equilibrium and its closed forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from burgh.agents.bidders import equilibrium
from burgh.scenarios.nearest import suggest
from burgh.scenarios.theory import forms
from burgh.scenarios.theory.estimate import Figure
from burgh.scenarios.theory.simulate import (
    UNIT,
    BidFunction,
    Outcome,
    Reals,
    UnitSale,
    generator,
    simulate_bilateral,
    simulate_sealed,
    simulate_units,
    zero_intelligence_efficiency,
)
from burgh.sim.types import BurghError, Json
from burgh.worlds.auctions.laws import Power, Uniform
from burgh.worlds.auctions.rules import position
from burgh.worlds.auctions.rules.sealed import ALL_PAY, FIRST_PRICE, SECOND_PRICE, THIRD_PRICE, SealedRule
from burgh.worlds.auctions.values import Asymmetric, CommonValue, Private, Values

STANDARD = Private(Uniform(0, UNIT))
LAW: Json = STANDARD.describe(0)
RESERVE = 0.5
AVERSION = 0.5
EXPONENT = 2.0
ERROR = UNIT // 10
FAR = 50 * UNIT  # a common worth so far from 0 that the ends of its law play no part
UNITS = {2: 1, 3: 2, 4: 2, 5: 2, 6: 3}  # how many units are sold to so many bidders
SLOT_VALUES, CLICKS = (10, 4, 2), (200, 100)
ZERO_TRADERS, ZERO_ORDERS = 8, 1200

Figures = list[Figure]
Format = Callable[[int, int, int], Figures]  # n, games, seed


def truth(values: Reals) -> Reals:
    return values


def of_one_item(name: str, rule: SealedRule, least_n: int = 2) -> Format:
    """A standard auction in its symmetric equilibrium: one revenue for all (revenue equivalence)."""

    def simulate(n: int, games: int, seed: int) -> Figures:
        if n < least_n:
            return []
        bids = [bid_function(name, n)] * n
        outcome = simulate_sealed(rule, STANDARD, bids, games, generator(seed, f"{name} {n}"))
        return _standard(name, n, outcome, forms.revenue(n), forms.efficiency(n))

    return simulate


def bid_function(name: str, n: int) -> BidFunction:
    """How everyone bids in a standard auction of that name, in whole units."""
    if name in ("first-price", "dutch"):
        return lambda values: equilibrium.first_price(values, n, LAW)
    if name == "third-price":
        return lambda values: equilibrium.kth_price(values, n, LAW, 3)
    if name == "all-pay":
        return lambda values: values * ((n - 1) / n * (values / UNIT) ** (n - 1))
    return truth


def with_reserve(name: str, rule: SealedRule) -> Format:
    """The best reserve, 1/2 for every n (Myerson 1981)."""

    def simulate(n: int, games: int, seed: int) -> Figures:
        reserve = int(RESERVE * UNIT)
        first = rule is FIRST_PRICE
        bid = (lambda values: equilibrium.first_price(values, n, LAW, reserve)) if first else truth
        rng = generator(seed, f"{name} {n}")
        outcome = simulate_sealed(rule, STANDARD, [bid] * n, games, rng, reserve=reserve)
        return _standard(name, n, outcome, forms.revenue(n, RESERVE), forms.efficiency(n, RESERVE))

    return simulate


def risk_averse(n: int, games: int, seed: int) -> Figures:
    def bid(values: Reals) -> Reals:
        return equilibrium.first_price(values, n, LAW, aversion=AVERSION)

    outcome = simulate_sealed(FIRST_PRICE, STANDARD, [bid] * n, games, generator(seed, f"averse {n}"))
    return _standard("risk-averse", n, outcome, forms.averse_revenue(n, AVERSION), forms.efficiency(n))


def power_law(n: int, games: int, seed: int) -> Figures:
    values = Private(Power(UNIT, EXPONENT))
    law = values.describe(0)

    def bid(signals: Reals) -> Reals:
        return equilibrium.first_price(signals, n, law)

    outcome = simulate_sealed(FIRST_PRICE, values, [bid] * n, games, generator(seed, f"power {n}"))
    closed = forms.power_revenue(n, EXPONENT), forms.power_efficiency(n, EXPONENT)
    return _standard("power-law", n, outcome, *closed)


def unequal_bid(seat: int) -> BidFunction:
    """First price, U[0,1] against U[0,2]: (1 - sqrt(1 - k v**2)) / (k v), k = 1/w**2 - 1/other**2."""
    k = 0.75 if seat == 0 else -0.75

    def bid(values: Reals) -> Reals:
        v = np.maximum(values / UNIT, 1e-9)
        return UNIT * (1 - np.sqrt(np.maximum(1 - k * v * v, 0))) / (k * v)

    return bid


def unequal(n: int, games: int, seed: int) -> Figures:
    """Unequal bidders: revenue equivalence must fail."""
    if n != 2:
        return []
    values: Values = Asymmetric((Uniform(0, UNIT), Uniform(0, 2 * UNIT)))
    figures = []
    for rule, bids, closed in (
        (FIRST_PRICE, [unequal_bid(0), unequal_bid(1)], forms.unequal_first_price()),
        (SECOND_PRICE, [truth, truth], forms.unequal_second_price()),
    ):
        outcome = simulate_sealed(rule, values, bids, games, generator(seed, f"unequal {rule.name}"))
        figures.append(
            Figure.of("unequal", 2, f"revenue, {rule.name.split('-')[0]}", outcome.revenue, closed)
        )
    return figures


def common_value(n: int, games: int, seed: int) -> Figures:
    """The winner's curse, and its remedy."""
    values = CommonValue(Uniform(FAR, FAR + UNIT), ERROR)
    law = {**values.describe(0), "low": 0}
    error = ERROR / UNIT

    def shaded(signals: Reals) -> Reals:
        return equilibrium.common_first_price(signals, n, law)

    figures = []
    for bid, measure, closed in (
        (truth, "gain at signal", -forms.curse(n, error)),
        (shaded, "equilibrium gain", forms.common_gain(n, error)),
    ):
        outcome = simulate_sealed(FIRST_PRICE, values, [bid] * n, games, generator(seed, f"{measure} {n}"))
        figures.append(Figure.of("common-value", n, measure, outcome.surplus, closed))
    return figures


def of_units(name: str, *, uniform: bool) -> Format:
    def simulate(n: int, games: int, seed: int) -> Figures:
        units = UNITS.get(n, max(1, n // 2))
        if n < 2:
            return []

        def shaded(values: Reals) -> Reals:
            return equilibrium.discriminatory(values, n, LAW, units)

        rng = generator(seed, f"{name} {n}")
        sale = UnitSale(n, units, uniform)
        outcome = simulate_units(sale, STANDARD, truth if uniform else shaded, games, rng)
        closed = forms.units_revenue(n, units), forms.units_efficiency(n, units)
        plural = "unit" if units == 1 else "units"
        return _standard(name, n, outcome, *closed, of=f", {units} {plural}")

    return simulate


def half_way(n: int, games: int, seed: int) -> Figures:
    """Chatterjee and Samuelson: two traders cannot have all the gains."""
    if n != 2:
        return []

    def buyer(values: Reals) -> Reals:
        return equilibrium.half_way_trade(values, LAW, buys=True)

    def seller(values: Reals) -> Reals:
        return equilibrium.half_way_trade(values, LAW, buys=False)

    done = simulate_bilateral(STANDARD, buyer, seller, games, generator(seed, "half-way"))
    return [
        Figure.of("half-way", 2, "share that trade", done.traded, forms.TRADE_PROBABILITY),
        Figure.of("half-way", 2, "gains", done.gains, forms.TRADE_GAINS),
        Figure.of("half-way", 2, "possible gains", done.possible, forms.FIRST_BEST_GAINS),
    ]


def zero_intelligence(n: int, games: int, seed: int) -> Figures:
    """Not a theorem: a band of efficiency to compare with."""
    if n != 2:
        return []
    markets = max(20, min(200, games // 1000))
    rng = generator(seed, "zero intelligence")
    shares = zero_intelligence_efficiency(STANDARD, ZERO_TRADERS, ZERO_ORDERS, markets, rng)
    return [Figure.of("zero-intelligence", 2 * ZERO_TRADERS, "share of gains", shares, None)]


def positions(n: int, games: int, seed: int) -> Figures:
    """Edelman, Ostrovsky and Schwarz (2007): exact, in money."""
    if n != 3:
        return []
    envy_free = [round(bid) for bid in position.envy_free_bids(SLOT_VALUES, CLICKS)]
    exact = (
        ("GSP, truthful", position.gsp_payments(SLOT_VALUES, CLICKS), 1000),
        ("VCG", position.vcg_payments(SLOT_VALUES, CLICKS), 800),
        ("GSP, envy-free", position.gsp_payments(envy_free, CLICKS), 800),
    )
    return [Figure("positions", 3, name, sum(pays), 0.0, closed) for name, pays, closed in exact]


def _standard(
    name: str, n: int, outcome: Outcome, revenue: float, efficiency: float, *, of: str = ""
) -> Figures:
    return [
        Figure.of(name, n, f"revenue{of}", outcome.revenue, revenue),
        Figure.of(name, n, "efficiency", outcome.efficiency, efficiency),
        Figure.of(name, n, "surplus", outcome.surplus, efficiency - revenue),
    ]


FORMATS: dict[str, Format] = {
    "first-price": of_one_item("first-price", FIRST_PRICE),
    "dutch": of_one_item("dutch", FIRST_PRICE),
    "second-price": of_one_item("second-price", SECOND_PRICE),
    "english": of_one_item("english", SECOND_PRICE),
    "third-price": of_one_item("third-price", THIRD_PRICE, least_n=3),
    "all-pay": of_one_item("all-pay", ALL_PAY),
    "first-reserve": with_reserve("first-reserve", FIRST_PRICE),
    "second-reserve": with_reserve("second-reserve", SECOND_PRICE),
    "risk-averse": risk_averse,
    "power-law": power_law,
    "unequal": unequal,
    "common-value": common_value,
    "uniform-price": of_units("uniform-price", uniform=True),
    "discriminatory": of_units("discriminatory", uniform=False),
    "half-way": half_way,
    "zero-intelligence": zero_intelligence,
    "positions": positions,
}
CURVES = ("first-price", "second-price", "third-price", "all-pay")  # formats whose bid functions are drawn


def figures(name: str | None, ns: Sequence[int], games: int, seed: int) -> Figures:
    """The figures of one format or of all. Raises BurghError."""
    if name is not None and name not in FORMATS:
        raise BurghError(f"there is no format {name!r}: {suggest(name, list(FORMATS))}")
    if games < 2:
        raise BurghError(f"--games: {games} is too few for an error to be told: take at least 2")
    if not ns or min(ns) < 1:
        raise BurghError("--n: give numbers of bidders, as in 2,3,5")
    chosen = FORMATS if name is None else {name: FORMATS[name]}
    found = [figure for run in chosen.values() for n in ns for figure in run(n, games, seed)]
    if not found:
        raise BurghError(f"--n: {name} says nothing of {', '.join(map(str, ns))} bidders")
    return found


def as_json(figure: Figure) -> dict[str, Any]:
    return {
        "format": figure.format,
        "n": figure.n,
        "measure": figure.measure,
        "mean": figure.mean,
        "standard_error": figure.error,
        "half_width_95": figure.half_width,
        "closed_form": figure.closed,
        "errors_off": figure.errors_off,
        "right": figure.is_right,
    }
