"""The embeddings of a run beside its record: one `.npy` array and a note of whose rows they are.

Derived: made again from the record's texts where missing. The note carries a checksum, so that an array
that was cut short or belongs to another note is not taken for the right one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from burgh.memory.score import Vectors
from burgh.sim.types import BurghError

ARRAY, NOTE = "vectors.npy", "vectors.json"


def save_vectors(folder: Path, ids: Sequence[str], vectors: Vectors) -> None:
    """Writes the embeddings of these memories, (n, dimension); replaces what was there in one move each."""
    if len(ids) != len(vectors):
        raise ValueError(f"{len(ids)} memories cannot have {len(vectors)} embeddings")
    folder.mkdir(parents=True, exist_ok=True)
    array = np.ascontiguousarray(vectors, dtype="<f4")
    with (folder / (ARRAY + ".new")).open("wb") as file:
        np.save(file, array, allow_pickle=False)
    note = {"sha256": _checksum(array), "shape": list(array.shape), "ids": list(ids)}
    (folder / (NOTE + ".new")).write_text(json.dumps(note), encoding="utf-8")
    for name in (ARRAY, NOTE):
        os.replace(folder / (name + ".new"), folder / name)  # noqa: PTH105


def load_vectors(folder: Path) -> tuple[tuple[str, ...], Vectors]:
    """The memories' ids and their embeddings, (n, dimension). Raises BurghError unless both are whole."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        array = np.load(folder / ARRAY, allow_pickle=False)
        ids = tuple(str(memory_id) for memory_id in note["ids"])
        whole = list(array.shape) == note["shape"] == [len(ids), *array.shape[1:]]
        right = whole and array.dtype == np.float32 and _checksum(array) == note["sha256"]
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise BurghError(f"the embeddings in {folder} cannot be read ({error}): rebuild them") from None
    if not right:
        raise BurghError(f"{folder / ARRAY} does not match its checksum in {NOTE}: rebuild the embeddings")
    return ids, array


def _checksum(array: Vectors) -> str:
    return hashlib.sha256(np.ascontiguousarray(array, dtype="<f4").tobytes()).hexdigest()
