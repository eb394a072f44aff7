"""Equilibrium bids: closed forms where there are any, else by integrating the law of values.

All are symmetric Bayes-Nash equilibria of n risk-neutral bidders with independent private values, unless
said otherwise. Sources: Vickrey (1961), Myerson (1981), Riley and Samuelson (1981), Krishna (2010).
Values and bids are arrays of any shape, in units of money, not yet rounded.
"""

from __future__ import annotations

from math import comb

import numpy as np

from burgh.agents.bidders.laws import Reals, bounds, cdf
from burgh.sim.types import BurghError, Json

GRID = 4097  # points of the numeric integration
NEVER = -1.0  # the bid of one whose value is under the reserve


def first_price(values: Reals, n: int, law: Json, reserve: float = 0.0, aversion: float = 0.0) -> Reals:
    """v minus the integral of F**m from the reserve to v over F(v)**m, with m = (n-1)/(1-aversion).

    aversion: rho of the utility x ** (1 - rho); 0 is risk neutral. Also the Dutch clock's.
    Uniform on [0, 1]: (n-1)/n v + r**n / (n v**(n-1)).
    """
    power = (n - 1) / (1 - aversion)
    low = max(bounds(law)[0], reserve)
    if law["law"] in ("uniform", "power"):  # F = ((v - base)/height) ** a: the integral is elementary
        base = float(law.get("low", 0.0))
        exponent = power * float(law.get("exponent", 1.0))
        if reserve <= base:
            return base + exponent / (exponent + 1) * (values - base)
        above, start = np.maximum(values - base, 0.0), low - base
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = np.where(above > 0, start ** (exponent + 1) / above**exponent, 0.0) if start > 0 else 0.0
        bids = base + (exponent * above + rest) / (exponent + 1)
    else:
        chances, area = _integrals(law, power, low)
        with np.errstate(divide="ignore", invalid="ignore"):
            shade = np.where(chances[1] > 0, area / chances[1], 0.0)
        bids = values - np.interp(values, chances[0], shade)
    return np.where(values >= reserve, np.maximum(bids, min(reserve, low)), NEVER)


def all_pay(values: Reals, n: int, law: Json, reserve: float = 0.0) -> Reals:
    """v F(v)**(n-1) minus the integral of F**(n-1). Uniform on [0, 1]: (n-1)/n v**n.

    With a reserve those stay away whose value times the chance to win is less than it.
    """
    low, high = bounds(law)
    (grid, chances), area = _integrals(law, n - 1, low)
    if reserve > 0:
        entering = float(np.interp(reserve, grid * chances, grid)) if n > 1 else reserve
        spared = float(np.interp(entering, grid, area))
        area = area - spared
    else:
        entering = low
    inside = np.clip(values, low, high)
    bids = inside * np.interp(inside, grid, chances) - np.interp(inside, grid, area)
    return np.where((values >= entering) & (values >= reserve), np.maximum(bids, reserve), NEVER)


def kth_price(values: Reals, n: int, law: Json, rank: int) -> Reals:
    """Uniform from `low`: low + (n-1)/(n-k+1) (v - low) (Kagel and Levin 1993); k = 3 for other laws:
    v + F(v) / ((n-2) f(v)) (Wolfstetter 1996). Raises BurghError where none is known."""
    if rank == 2:
        return values
    if n < rank:
        raise BurghError(
            f"no equilibrium is known of the price of rank {rank} with {n} bidders: it takes {rank}"
        )
    if law["law"] == "uniform":
        low = float(law["low"])
        return low + (n - 1) / (n - rank + 1) * (values - low)
    if rank == 3:
        low, high = bounds(law)
        grid = np.linspace(low, high, GRID)
        chances = cdf(law, grid)
        density = np.gradient(chances, grid)
        with np.errstate(divide="ignore", invalid="ignore"):
            above = np.where(density > 0, chances / ((n - 2) * density), 0.0)
        return values + np.interp(values, grid, above)
    raise BurghError(f"no equilibrium is known of the price of rank {rank} with values of law {law['law']}")


def common_first_price(signals: Reals, n: int, law: Json) -> Reals:
    """Signals evenly within `error` of a common worth that is uniform on a wide range (Wilson 1977,
    Milgrom and Weber 1982): s - e + 2e/(n+1) exp(-n/(2e) (s - low - e)). Right away from the range's ends."""
    error, (low, _) = float(law["error"]), bounds(law)
    if error == 0:
        return signals
    tail = np.exp(-n / (2 * error) * np.maximum(signals - (low + error), 0.0))
    return np.maximum(signals - error + 2 * error / (n + 1) * tail, 0.0)


def common_second_price(signals: Reals, n: int, law: Json) -> Reals:
    """The worth expected if one's own and the highest other signal are equal: s - e (n-2)/n."""
    return np.maximum(signals - float(law["error"]) * (n - 2) / n, 0.0)


def sum_second_price(signals: Reals, n: int, law: Json) -> Reals:
    """Worth is the sum of signals uniform on [0, high]: 2 s and half of s for each further one
    (Klemperer 1998 for two)."""
    if law["law"] != "uniform" or law["low"] != 0:
        raise BurghError("the equilibrium for a sum of signals is known for signals uniform from 0 only")
    return signals * (n + 2) / 2


def half_way_trade(values: Reals, law: Json, *, buys: bool) -> Reals:
    """One buyer, one seller, values uniform on [0, 1], price half-way (Chatterjee and Samuelson 1983):
    2/3 v + 1/12 for the buyer, 2/3 c + 1/4 for the seller."""
    if law["law"] != "uniform":
        raise BurghError("the equilibrium of the half-way market is known for uniform values only")
    low, height = float(law["low"]), float(law["high"]) - float(law["low"])
    return low + 2 / 3 * (values - low) + height * (1 / 12 if buys else 1 / 4)


def _integrals(law: Json, power: float, low: float) -> tuple[tuple[Reals, Reals], Reals]:
    """On a grid from `low` up: (the grid, F**power), and the integral of F**power from `low`."""
    grid = np.linspace(low, max(bounds(law)[1], low + 1), GRID)
    chances = cdf(law, grid) ** power
    area = np.concatenate([[0.0], np.cumsum((chances[1:] + chances[:-1]) / 2) * (grid[1] - grid[0])])
    return (grid, chances), area


def discriminatory(values: Reals, n: int, law: Json, units: int) -> Reals:
    """Unit demand: the expected highest losing value, given that it is below one's own (Krishna 2010, 13).

    That is the k-th highest of n - 1 values: b(v) = v minus the integral of G over G(v), with G its law.
    Bidders who all get a unit bid nothing above the lowest value.
    """
    low, high = bounds(law)
    if n <= units:
        return np.full_like(values, low)
    grid = np.linspace(low, high, GRID)
    wins = _order_cdf(cdf(law, grid), n - 1, units)
    area = np.concatenate([[0.0], np.cumsum((wins[1:] + wins[:-1]) / 2) * (grid[1] - grid[0])])
    with np.errstate(divide="ignore", invalid="ignore"):
        shade = np.where(wins > 0, area / wins, 0.0)
    return values - np.interp(values, grid, shade)


def _order_cdf(chances: Reals, n: int, rank: int) -> Reals:
    """The law of the rank-th highest of n: at most rank - 1 of them are above."""
    parts = [comb(n, above) * (1 - chances) ** above * chances ** (n - above) for above in range(rank)]
    chance: Reals = np.sum(parts, axis=0, dtype=np.float64)
    return chance
