"""What a memory seems to matter by what lies near it in meaning: asked of no model.

A language model of 135M parameters, asked whether something is ordinary or big news, is a noisy judge. Rated
sentences are another one, whose errors are its own: kernel ridge regression (Saunders, Gammerman and Vovk,
1998) from their embeddings to their ratings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from burgh.agents.prompts import Rated, rated, references
from burgh.memory.embed import Embedder

RIDGE = 1.0  # of cosines: how many sentences of the same meaning count as much as the mean of all

_fitted: dict[tuple[str, str], Likeness] = {}  # by the embedder's identity and the language


class Likeness:
    """Fitted to rated sentences; `estimate` reads the importance of others off them."""

    def __init__(self, known: Sequence[Rated], embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors = _vectors(embedder, [one.text for one in known])  # (n, dimension)
        ratings = np.array([one.rating for one in known])
        self._mean = float(ratings.mean())
        inverse = np.linalg.inv(self._vectors @ self._vectors.T + RIDGE * np.eye(len(known)))
        self._dual = inverse @ (ratings - self._mean)  # (n,)
        left_out = ratings - self._dual / np.diag(inverse)
        self._left_out = {one.text: float(value) for one, value in zip(known, left_out, strict=True)}

    def estimate(self, texts: Sequence[str]) -> list[float]:
        """The importance of each text, about 1 to 10; of a rated one, what the others say of it.

        Rounded to 1e-6, so that the last bits of a solver show nowhere.
        """
        if not texts:
            return []
        found = self._mean + _vectors(self._embedder, texts) @ (self._vectors.T @ self._dual)
        pairs = zip(texts, found.tolist(), strict=True)
        return [round(self._left_out.get(text, value), 6) for text, value in pairs]


def _vectors(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float64]:
    return embedder.embed(texts).astype(np.float64)


def likeness(embedder: Embedder, language: str) -> Likeness:
    """The one of that embedder and language, fitted once."""
    key = (json.dumps(dict(embedder.identity), sort_keys=True), language)
    if key not in _fitted:
        _fitted[key] = Likeness((*references(language), *rated(language)), embedder)
    return _fitted[key]
