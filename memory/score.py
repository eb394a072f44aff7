"""How strongly memories come to mind: recency, importance and relevance (Park et al. 2023, section 4.1).

score = w_recency * recency + w_importance * importance + w_relevance * relevance, each part min-max
normalised over the agent's memories, or taken as it is. Words in common and names may count beside them,
and instead of the sum, ranks may be fused. Retrieval is exact: all memories are scored, in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Vectors: TypeAlias = NDArray[np.float32]
Rows: TypeAlias = NDArray[np.intp]

DECAY = 0.995  # per game hour since the last access, as published
ALL_EQUAL = 0.5  # what a part counts where it tells no memory from another
RANK_OFFSET = 60  # of reciprocal rank fusion, as published

Fusion = Literal["sum", "ranks"]
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)
Normalisation = Literal["min-max", "none"]
MOST_IMPORTANT = 10.0


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of the score counts; one that counts nothing is not computed."""

    recency: float = 1.0
    importance: float = 1.0
    relevance: float = 1.0
    words: float = 0.0
    names: float = 0.0


PUBLISHED = Weights()
USUAL = Weights(relevance=3.0, names=2.0)  # the best of those measured: docs/benchmarks.md, Recall


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of n memories' scores before their weights, and what they come to. Each is in [0, 1], but for
    a relevance that is not normalised, which is a cosine.

    words, names: None where they were not asked for.
    """

    recency: Floats  # (n,)
    importance: Floats  # (n,)
    relevance: Floats  # (n,)
    score: Floats  # (n,)
    words: Floats | None = None  # (n,)
    names: Floats | None = None  # (n,)


def score(
    age_hours: Floats,  # (n,) since the last access, never negative
    importance: Floats,  # (n,)
    vectors: Vectors,  # (n, dimension), of unit length
    query: Vectors,  # (dimension,), of unit length
    *,
    words: Floats | None = None,  # (n,) as `memory/words.py` scores them, never negative
    names: Floats | None = None,  # (n,) as `memory/names.py` scores them
    weights: Weights | None = None,
    decay: float = DECAY,
    fusion: Fusion = "sum",
    normalisation: Normalisation = "min-max",
) -> Parts:
    """Scores every memory. Empty input gives empty parts.

    fusion: "sum" of the weighted parts, or "ranks": reciprocal rank fusion (Cormack, Clarke and Buettcher,
    2009) of the parts that have a weight; a memory without a word or name in common has no rank there.
    normalisation: "min-max" over the memories, as published, or "none": decay ** age, importance / 10 and the
    cosine as they are, so that a score says the same whatever else is remembered.
    """
    weights = weights or Weights()
    if normalisation == "none":
        recency_part: Floats = np.power(decay, age_hours)
        importance_part, relevance_part = importance / MOST_IMPORTANT, relevance(vectors, query)
    else:
        recency_part = normalised(recency(age_hours, decay))
        importance_part = normalised(importance)
        relevance_part = normalised(
            relevance(vectors, query), tolerance=1e-6
        )  # float32 noise is no difference
    parts = [
        (weights.recency, recency_part, False),
        (weights.importance, importance_part, False),
        (weights.relevance, relevance_part, False),
    ]
    words_part = _shared(words)
    names_part = _shared(names)
    parts += [
        (weight, part, True)
        for weight, part in ((weights.words, words_part), (weights.names, names_part))
        if part is not None
    ]
    total = np.zeros(age_hours.shape)
    for weight, part, sparse in parts:
        if fusion == "sum":
            total += weight * part
        elif weight > 0:
            total += weight * _reciprocal(part, sparse)
    return Parts(recency_part, importance_part, relevance_part, total, words_part, names_part)


def _shared(values: Floats | None) -> Floats | None:
    """What memories have in common with a question, as a part: 0 for nothing, 1 for the most."""
    if values is None or values.size == 0 or values.max() <= 0:
        return values
    scaled: Floats = values / values.max()
    return scaled


def _reciprocal(part: Floats, sparse: bool) -> Floats:
    """1 / (60 + rank) for each, equal ones sharing the better rank; 0 for a 0 where the part is sparse."""
    falling = -np.sort(-part)
    ranks = np.searchsorted(-falling, -part, side="left") + 1
    found: Floats = 1.0 / (RANK_OFFSET + ranks)
    return np.where(part > 0, found, 0.0) if sparse else found


def recency(age_hours: Floats, decay: float = DECAY) -> Floats:
    """decay ** age, up to a factor that is the same for all: 1 for the memory accessed last.

    The factor does not outlive the min-max normalisation, and leaving it out keeps a far future from
    underflowing to zero for all.
    """
    if age_hours.size == 0:
        return age_hours
    ages: Floats = age_hours - age_hours.min()
    powers: Floats = np.power(decay, ages)
    return powers


def relevance(vectors: Vectors, query: Vectors) -> Floats:
    """The cosine of each memory's vector with the query's, both of unit length: (n,).

    einsum and not `@`: it sums each row in the same order, so that equal vectors are equally relevant to
    the last bit, which a blocked BLAS product does not promise.
    """
    cosines: Floats = np.einsum("ij,j->i", vectors, query).astype(np.float64)
    return cosines


def normalised(values: Floats, tolerance: float = 1e-9) -> Floats:
    """Min-max scaled to [0, 1]; 0.5 for all where they are equal (within the tolerance)."""
    if values.size == 0:
        return values
    least, most = values.min(), values.max()
    if most - least <= tolerance:
        return np.full(values.shape, ALL_EQUAL)
    scaled: Floats = (values - least) / (most - least)
    return scaled


def top(scores: Floats, created: NDArray[np.int64], k: int, allowed: Rows | None = None) -> Rows:
    """The rows of the k highest scores, best first; of equal ones the newer, then the lower row.

    allowed: the rows to pick from, all where None.
    """
    rows = np.arange(scores.size) if allowed is None else allowed
    k = min(k, rows.size)
    if k <= 0:
        return np.empty(0, dtype=np.intp)
    picked = scores[rows]
    if k < rows.size:
        least = np.partition(picked, rows.size - k)[rows.size - k]
        rows = rows[picked >= least]
        picked = scores[rows]
    order = np.lexsort((rows, -created[rows], -picked))
    return rows[order[:k]].astype(np.intp)
