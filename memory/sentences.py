"""Any embedder of sentence-transformers: a folder, or a name on the hub."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from burgh.memory.kept import Kept
from burgh.memory.score import Vectors
from burgh.sim.types import BurghError, Json
from burgh.sim.weights import file_hash

MARK = "modules.json"  # what makes a folder one of sentence-transformers
HASHED = (".safetensors", ".bin", ".json", ".txt", ".model")  # what determines the vectors


class SentenceTransformers:
    """An embedder by the library sentence-transformers, on the processor, a text at a time.

    name: a folder, or a name on the hub (org/name), fetched once into the hub's own cache. Raises
    BurghError when the library is not installed, or there is no such embedder.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise BurghError(
                f"the embedder {name!r} needs sentence-transformers ({error}): pip install 'burgh[embedders]'"
            ) from None
        folder = _folder(name)
        try:
            self._model = SentenceTransformer(str(folder), device="cpu")
            dimension = len(self._model.encode("a", show_progress_bar=False))
        except Exception as error:  # of four libraries, some of which raise nothing more particular
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise BurghError(f"the embedder {name!r} cannot be loaded: {first}") from None
        self._dimension = dimension
        self._hash = _hash(folder)
        self._kept = Kept()

    @property
    def name(self) -> str:
        return self._name

    @property
    def identity(self) -> Mapping[str, Json]:
        return {"embedder": self._name, "weights_sha256": self._hash, "dimension": self._dimension}

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32 (n_texts, dimension); zero for a text in which the model knows no word."""
        return self._kept.vectors(texts, self._one, self._dimension)

    def _one(self, text: str) -> Vectors:
        """By itself: beside longer texts it would be padded, which changes the last bits."""
        found = np.asarray(self._model.encode(text, show_progress_bar=False), dtype=np.float64)
        length = float(np.linalg.norm(found))
        if not np.isfinite(length):
            raise BurghError(
                f"the embedder {self._name!r} gives a vector that is not finite to {text[:80]!r}"
            )
        vector: Vectors = (found / (length or 1.0)).astype(np.float32)
        return vector


def _folder(name: str) -> Path:
    """Where the model is: the folder of that name, or where the hub's cache has it, fetched if need be."""
    if Path(name).is_dir():
        if not (Path(name) / MARK).is_file():
            raise BurghError(
                f"the folder {name} holds no embedder of sentence-transformers: there is no {MARK}"
            )
        return Path(name)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except Exception:  # not there yet, as the hub's client says in several ways
        pass
    try:
        return Path(snapshot_download(name))
    except Exception as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BurghError(f"the embedder {name!r} cannot be fetched from the hub: {first}") from None


def _hash(folder: Path) -> str:
    """The sha256 of the names and contents of all files that determine the vectors."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in HASHED and path.is_file())
    said = "".join(f"{path.relative_to(folder).as_posix()} {file_hash(path)}\n" for path in files)
    return hashlib.sha256(said.encode()).hexdigest()
