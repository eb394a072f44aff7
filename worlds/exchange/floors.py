"""A seller's floor from the bids it has seen: where the estimated virtual value is nothing (Myerson 1981).

The campaigns' bids at a second-price exchange are taken for draws of values, log-normal ones; phi(r) = r -
(1 - F(r)) / f(r). Where bids are shaded, as in a first-price exchange, so is the floor.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

LEAST_BIDS = 50  # fewer say too little: the floor stays as it is


def log_normal_fit(counts: npt.NDArray[np.int64]) -> tuple[float, float] | None:
    """Mean and standard deviation of the logarithms of bids; None where there are too few, or all are one.

    counts: (prices,), how often each price from 0 was bid; 0 is no bid.
    """
    total = int(counts[1:].sum())
    if total < LEAST_BIDS:
        return None
    logs = np.log(np.arange(1, counts.size, dtype=np.float64))
    mean = float(logs @ counts[1:]) / total
    variance = float((logs - mean) ** 2 @ counts[1:]) / total
    return (mean, math.sqrt(variance)) if variance > 0 else None


def virtual_value(price: float, mean: float, sigma: float) -> float:
    """price - (1 - F(price)) / f(price), F log-normal."""
    from scipy.special import ndtr

    z = (math.log(price) - mean) / sigma
    density = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / (price * sigma)
    return price - float(ndtr(-z)) / density if density > 0 else price


def optimal_floor(mean: float, sigma: float) -> float:
    """The price at which the virtual value is 0: there is one, since a log-normal law's r f(r) / (1 - F(r))
    rises.

    In z = (log r - mean) / sigma the condition reads h(z) = sigma, h the normal law's hazard rate.
    """
    from scipy.optimize import brentq
    from scipy.special import log_ndtr

    def gap(z: float) -> float:
        return -(z**2) / 2 - math.log(math.sqrt(2 * math.pi)) - float(log_ndtr(-z)) - math.log(sigma)

    return math.exp(mean + sigma * float(brentq(gap, -40.0, 40.0 + sigma)))
