"""Vectors kept by the hash of their texts, so that the same text is computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np

from burgh.memory.score import Vectors
from burgh.memory.shelf import Shelf

KEPT_TEXTS = 20_000  # whose vectors are kept: 1.5 kB each at 384 dimensions


class Kept:
    """The vectors of the texts that were asked for last; with a shelf, also of earlier runs."""

    def __init__(self, most: int = KEPT_TEXTS, shelf: Shelf | None = None) -> None:
        self._most = most
        self._shelf = shelf
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()

    def __len__(self) -> int:
        return len(self._vectors)

    def vectors(self, texts: Sequence[str], compute: Callable[[str], Vectors], dimension: int) -> Vectors:
        """One row a text, (n_texts, dimension); `compute` is asked for those that are not kept."""
        if not texts:
            return np.empty((0, dimension), dtype=np.float32)
        keys = [sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        unknown = [key for key in dict.fromkeys(keys) if key not in self._vectors]
        shelved = self._shelf.get(unknown) if self._shelf is not None and unknown else {}
        return np.stack(
            [self._one(key, text, compute, shelved) for key, text in zip(keys, texts, strict=True)]
        )

    def _one(
        self, key: bytes, text: str, compute: Callable[[str], Vectors], shelved: dict[bytes, Vectors]
    ) -> Vectors:
        if key not in self._vectors:
            vector = shelved.get(key)
            if vector is None:
                vector = compute(text)
                if self._shelf is not None:
                    self._shelf.put(key, vector)
            self._vectors[key] = vector
            if len(self._vectors) > self._most:
                self._vectors.popitem(last=False)
        self._vectors.move_to_end(key)
        return self._vectors[key]
