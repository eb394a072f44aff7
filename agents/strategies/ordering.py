"""In which order worked examples stand, which may matter as much as which they are.

Global and local entropy: Lu, Bartolo, Moore, Riedel and Stenetorp 2022, "Fantastically Ordered Prompts and
Where to Find Them". An order is bad if after it the model gives nearly the same answer to whatever it is
asked. So each order is put before probes, questions whose answers nobody needs to know, and the order with
the highest entropy is taken: of the answers over all probes (global), or within each, on average (local).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice, permutations
from math import factorial

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Order = tuple[int, ...]

BINS = 5
MOST_ORDERS = 8  # that are put before probes


def softmax(logprobs: Sequence[float]) -> Reals:
    """Log-likelihoods (n,) as probabilities (n,)."""
    shifted = np.asarray(logprobs, np.float64) - max(logprobs)
    return np.asarray(np.exp(shifted) / np.exp(shifted).sum(), np.float64)


def entropy(shares: Reals) -> float:
    """Of a distribution (n,), in nats."""
    found = shares[shares > 0]
    return float(-(found * np.log(found)).sum())


def binned(value: float, low: float, high: float) -> int:
    """In which of BINS equal bins a value lies; the outermost take what is beyond them."""
    if high <= low:
        return 0
    return int(min(BINS - 1, max(0, (value - low) / (high - low) * BINS)))


def global_entropy(probabilities: Reals) -> float:
    """Of the likeliest bin of each probe: (probes, bins)."""
    counts = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
    return entropy(counts / counts.sum())


def local_entropy(probabilities: Reals) -> float:
    """The mean over the probes of the entropy of each: (probes, bins)."""
    return float(np.mean([entropy(row) for row in probabilities]))


def nearest_last(nearness: Sequence[float]) -> Order:
    """The order in which what is most like the question stands directly before it."""
    return tuple(sorted(range(len(nearness)), key=lambda n: (nearness[n], n)))


def at_random(count: int, rng: random.Random) -> Order:
    return tuple(rng.sample(range(count), count))


def some_orders(count: int, rng: random.Random, most: int = MOST_ORDERS) -> tuple[Order, ...]:
    """Different orders, all there are or so many of them."""
    if factorial(count) <= most:
        return tuple(islice(permutations(range(count)), most))
    found: dict[Order, None] = {}
    while len(found) < most:
        found.setdefault(at_random(count, rng))
    return tuple(found)
