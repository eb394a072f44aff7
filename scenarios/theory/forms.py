"""Closed forms for n bidders with values uniform on [0, 1]. Sources: Vickrey (1961), Myerson (1981),
Riley and Samuelson (1981), Krishna (2010), Milgrom and Weber (1982), Chatterjee and Samuelson (1983)."""

from __future__ import annotations

import math

TRADE_PROBABILITY = 9 / 32
TRADE_GAINS = 9 / 64
FIRST_BEST_GAINS = 1 / 6


def revenue(n: int, reserve: float = 0.0) -> float:
    """Of every standard auction: (n-1)/(n+1) + r**n - 2n/(n+1) r**(n+1)."""
    return (n - 1) / (n + 1) + (reserve**n if reserve else 0.0) - 2 * n / (n + 1) * reserve ** (n + 1)


def efficiency(n: int, reserve: float = 0.0) -> float:
    """The expected highest value, where it reaches the reserve."""
    return n / (n + 1) * (1 - reserve ** (n + 1))


def averse_revenue(n: int, aversion: float) -> float:
    """First price, utility x ** (1 - rho): everyone bids (n-1)/(n-rho) of the value."""
    return (n - 1) / (n - aversion) * efficiency(n)


def power_revenue(n: int, exponent: float) -> float:
    """F = v**a: everyone bids ((n-1)a) / ((n-1)a + 1) of the value; the highest is na/(na+1)."""
    share = (n - 1) * exponent / ((n - 1) * exponent + 1)
    return share * power_efficiency(n, exponent)


def power_efficiency(n: int, exponent: float) -> float:
    return n * exponent / (n * exponent + 1)


def units_revenue(n: int, units: int) -> float:
    """Unit demand, uniform price or discriminatory: k (n-k) / (n+1)."""
    return units * (n - units) / (n + 1)


def units_efficiency(n: int, units: int) -> float:
    """The expected sum of the k highest values."""
    return sum((n + 1 - rank) / (n + 1) for rank in range(1, units + 1))


def curse(n: int, error: float) -> float:
    """What bidding one's signal costs the winner of a common-value first-price auction."""
    return error * (n - 1) / (n + 1)


def common_gain(n: int, error: float) -> float:
    """What the winner gains there in equilibrium."""
    return 2 * error / (n + 1)


def unequal_first_price() -> float:
    """U[0,1] against U[0,2], first price: 2/3 minus the integral of the law of the highest bid, which is
    2 b**2 / (1 - (3/4 b**2)**2) up to 2/3 (equilibrium: Griesmer, Levitan and Shubik 1967)."""
    root = math.sqrt(0.75)
    return 2 / 3 - (math.atanh(root * 2 / 3) - math.atan(root * 2 / 3)) / root**3


def unequal_second_price() -> float:
    """U[0,1] against U[0,2], second price: the expected lower value."""
    return 5 / 12


def optimal_reserve(low: float, high: float) -> float:
    """Values uniform on [low, high] (Myerson 1981): where the virtual value 2v - high is 0, or the lowest."""
    return max(low, high / 2)
