"""Vectors kept by the hash of their texts, so that the same text is computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np

from burgh.memory.score import Vectors

KEPT_TEXTS = 20_000  # whose vectors are kept: 1.5 kB each at 384 dimensions


class Kept:
    """The vectors of the texts that were asked for last."""

    def __init__(self, most: int = KEPT_TEXTS) -> None:
        self._most = most
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()

    def __len__(self) -> int:
        return len(self._vectors)

    def vectors(self, texts: Sequence[str], compute: Callable[[str], Vectors], dimension: int) -> Vectors:
        """One row a text, (n_texts, dimension); `compute` is asked for those that are not kept."""
        if not texts:
            return np.empty((0, dimension), dtype=np.float32)
        return np.stack([self._one(text, compute) for text in texts])

    def _one(self, text: str, compute: Callable[[str], Vectors]) -> Vectors:
        key = sha256(text.encode("utf-8", "surrogatepass")).digest()
        if key not in self._vectors:
            self._vectors[key] = compute(text)
            if len(self._vectors) > self._most:
                self._vectors.popitem(last=False)
        self._vectors.move_to_end(key)
        return self._vectors[key]
