"""A run's memory store: searched, and made anew from the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from burgh.memory.record import Memory
from burgh.scenarios.recorded import as_written
from burgh.scenarios.run import MEMORY
from burgh.sim.command import burgh_command
from burgh.sim.record import RunLog, files
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    from burgh.memory.embed import Embedder
    from burgh.memory.score import Vectors
    from burgh.memory.store import Found

MADE_WITH = "embedder.json"  # what a store was made anew with; where it is missing, run.yaml says it
UNFINISHED: Mapping[str, Json] = {"embedder": "a reindexing that was broken off"}


def recorded_memories(log: RunLog) -> list[Memory]:
    """Every memory that is in the record, in its order."""
    return [Memory.from_event(event) for event in log.events() if event.kind == "memory"]


def made_with(log: RunLog) -> Mapping[str, Json]:
    """The identity of the embedder that made the run's store."""
    path = log.folder / MEMORY / MADE_WITH
    if not path.is_file():
        with as_written(log):
            return dict(log.meta.get("embedder", {}))
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return UNFINISHED
    return said if isinstance(said, dict) else UNFINISHED


def check_embedder(log: RunLog, embedder: Embedder) -> None:
    """Raises BurghError where the store was made with another embedder."""
    before = made_with(log)
    if dict(before) != dict(embedder.identity):
        raise BurghError(
            f"the memory store of {log.folder} was made with {_named(before)}, not with"
            f" {_named(embedder.identity)}: {burgh_command()} memory reindex {log.folder} makes it anew"
        )


def _named(identity: Mapping[str, Json]) -> str:
    weights = str(identity.get("weights_sha256", ""))[:12]
    return f"{identity.get('embedder', 'an unknown embedder')}{f' ({weights})' if weights else ''}"


def reindex(log: RunLog, embedder: Embedder) -> int:
    """Makes the store and the vectors beside it anew from the record. Returns how many memories they hold.

    A reindexing that is broken off leaves a store that is refused until it is made anew. Raises BurghError
    for a run that is going on: it writes to its store itself, and would stop where that is taken away.
    """
    try:
        with FileLock(log.folder / files.LOCK, timeout=0):
            return _reindex(log, embedder)
    except Timeout:
        raise BurghError(
            f"{log.folder} is still being recorded, and writes to its store: make it anew when it is over"
        ) from None
    except OSError as error:
        raise BurghError(f"{log.folder / MEMORY} cannot be written: {error.strerror}") from None


def _reindex(log: RunLog, embedder: Embedder) -> int:
    from burgh.memory.store import rebuild
    from burgh.memory.vectors import save_vectors

    memories = recorded_memories(log)
    vectors = embedder.embed([memory.text for memory in memories])
    folder = log.folder / MEMORY
    folder.mkdir(parents=True, exist_ok=True)
    _note(folder, UNFINISHED)
    count = rebuild(folder, memories, vectors)
    save_vectors(folder, [memory.id for memory in memories], vectors)
    _note(folder, embedder.identity)
    return count


def _note(folder: Path, identity: Mapping[str, Json]) -> None:
    part = folder / (MADE_WITH + ".new")
    part.write_text(json.dumps(dict(identity), indent=2) + "\n", encoding="utf-8")
    part.replace(folder / MADE_WITH)


def recorded_vectors(log: RunLog, embedder: Embedder) -> tuple[list[Memory], Vectors]:
    """All memories of the record with their unit vectors, (n, dimension).

    Read from the file beside the store where that is whole and of these memories, else computed and written
    there. Raises BurghError where the store was made with another embedder.
    """
    from burgh.memory.vectors import load_vectors, save_vectors

    check_embedder(log, embedder)
    memories = recorded_memories(log)
    ids = tuple(memory.id for memory in memories)
    folder = log.folder / MEMORY
    try:
        kept, vectors = load_vectors(folder)
    except BurghError:
        kept, vectors = (), None
    if vectors is None or kept != ids or vectors.shape[1] != embedder.dimension:
        vectors = embedder.embed([memory.text for memory in memories])
        save_vectors(folder, ids, vectors)
    return memories, vectors


def search(
    log: RunLog, embedder: Embedder, text: str, *, agent: str | None = None, k: int = 10
) -> tuple[Found, ...]:
    """The k memories nearest in meaning to a text, of all agents or of one, nearest first.

    Raises BurghError where there is no store, it was made with another embedder, is damaged, or does not hold
    all that is recorded.
    """
    from burgh.memory.seal import damaged
    from burgh.memory.store import CHROMA, MemoryStore

    if not text.strip():
        raise BurghError("there is nothing to search for: give some words")
    again = f"{burgh_command()} memory reindex {log.folder} makes it anew"
    if not (log.folder / MEMORY / CHROMA).is_dir():
        raise BurghError(f"{log.folder} has no memory store: {again}")
    check_embedder(log, embedder)
    if (broken := damaged(log.folder / MEMORY / CHROMA)) is not None:
        raise BurghError(
            f"{broken} is damaged; the record is whole, and the store can be rebuilt from it: {again}"
        )
    recorded = sum(event.kind == "memory" for event in log.events())
    (vector,) = embedder.embed([text])
    try:
        with MemoryStore(log.folder / MEMORY) as store:
            held = store.count()
            found = store.query(vector, k=k, where={"agent": agent} if agent is not None else None)
    except BurghError as error:
        raise BurghError(f"{error}: {again}") from error
    if held < recorded and log.complete:
        raise BurghError(f"the memory store of {log.folder} holds {held:,} of {recorded:,} memories: {again}")
    return found
