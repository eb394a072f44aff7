"""A law of values as bidders are told it (plain data): its distribution function and its bounds."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from burgh.sim.types import Json

Reals: TypeAlias = npt.NDArray[np.float64]
TABLE_EDGE = 1e-4  # the probability at which the table of a law without ends is cut off


def bounds(law: Json) -> tuple[float, float]:
    """The lowest and the highest value; a law without ends is cut off at its table's."""
    if law["law"] == "uniform":
        return float(law["low"]), float(law["high"])
    if law["law"] == "power":
        return 0.0, float(law["high"])
    low = 0.0 if law["law"] in ("exponential", "log-normal") else float(law["quantiles"][0])
    return low, float(law["quantiles"][-1])


def cdf(law: Json, values: Reals) -> Reals:
    """The probability of a value of at most so much."""
    return np.asarray(_chances(law, values), np.float64)


def _chances(law: Json, values: Reals) -> Any:
    kind = law["law"]
    if kind == "uniform":
        low, high = bounds(law)
        return np.clip((values - low) / (high - low), 0.0, 1.0)
    if kind == "power":
        return np.clip(values / law["high"], 0.0, 1.0) ** float(law["exponent"])
    if kind == "exponential":
        return 1.0 - np.exp(-np.maximum(values, 0.0) / law["mean"])
    if kind == "log-normal":
        from scipy.special import ndtr

        logs = np.log(np.maximum(values, 1e-300)) - math.log(law["median"])
        return np.asarray(ndtr(logs / law["sigma"]))
    quantiles = np.array(law["quantiles"], np.float64)
    steps = np.clip(np.linspace(0.0, 1.0, len(quantiles)), TABLE_EDGE, 1 - TABLE_EDGE)
    return np.interp(values, quantiles, steps, left=0.0, right=1.0)
