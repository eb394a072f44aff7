"""The vector database: all agents' memories in one Chroma collection, for tools and people to query.

It is derived from the record, written behind the loop, and never asked for the memories that come to an
agent's mind: those are found exactly, in the agent's own stream.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from burgh.memory.record import Memory
from burgh.memory.score import Vectors
from burgh.memory.seal import is_sealed, seal, unseal
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

CHROMA = "chroma"  # the database's own folder within a run's memory folder
COLLECTION = "memories"
LEAST_FREE_BYTES = 8 << 20  # Chroma hangs for ever on some full disks, so it is not asked to write there
PIECE = 4096  # memories that are written as one task, at most
PATIENCE_SECONDS = 60.0  # for one answer, after which it is taken to hang
GATHER_SECONDS, GATHER = 2.0, 512  # batches that follow sooner are written together, up to so many memories
EF_SEARCH = 1000  # neighbours looked at in a query: recall 1.0 at 6,000 memories, where the default has .98


@dataclass(frozen=True, slots=True)
class Found:
    """A memory that a query found. cosine: with the query's vector; None where none was given."""

    id: str
    text: str
    data: Mapping[str, Json]  # agent, kind, created, importance, place, fact, from, subjects, evidence
    cosine: float | None


class MemoryStore:
    """One run's collection. `add` gathers, `flush` writes the batch on a thread, `close` waits."""

    def __init__(self, folder: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.folder = folder
        self._patience_seconds = patience_seconds
        self._pending: list[tuple[Memory, Vectors]] = []  # of this tick
        self._waiting: list[tuple[Memory, Vectors]] = []  # of ticks before, while a batch is being written
        self._handed_over = 0.0  # seconds of the monotonic clock, when the last batch was
        self._writing: list[Future[None]] = []
        self._thread = _Worker()
        self._hangs = False
        self._client: ClientAPI | None = None
        self._written = False  # and nothing of it failed

    def __enter__(self) -> MemoryStore:
        return self

    def __exit__(self, fault: object, *_: object) -> None:
        if fault is not None:  # what was not flushed is of a tick that did not come into the record
            self._pending.clear()
        self.close()

    def add(self, memory: Memory, vector: Vectors) -> None:
        """Adds a memory with its unit vector, (dimension,), to the batch of this tick."""
        self._pending.append((memory, vector))

    def flush(self, *, now: bool = False) -> None:
        """Hands the batch to the writing thread, together with others where they follow fast on one another
        or the thread is behind, unless it has to be `now`. Raises BurghError where an earlier one failed."""
        self._check(wait=False)
        self._waiting += self._pending
        self._pending = []
        soon = time.monotonic() - self._handed_over < GATHER_SECONDS and len(self._waiting) < GATHER
        if not self._waiting or (not now and (self._writing or soon)):
            return
        batch, self._waiting = self._waiting, []
        self._must_have_room()
        self._handed_over = time.monotonic()
        for start in range(0, len(batch), PIECE):  # each has its own time to come to an end
            self._writing.append(self._thread.submit(partial(self._write, batch[start : start + PIECE])))

    def close(self) -> None:
        """Writes what is left, waits for it and lets go of the files. Raises BurghError where it failed."""
        try:
            self.flush(now=True)
            self._check(wait=True)
        finally:
            self._pending, self._waiting, self._writing = [], [], []
            if not self._hangs:
                self._answer(self._thread.submit(self._let_go))
            self._thread.stop()

    def _must_have_room(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            full = shutil.disk_usage(self.folder).free < LEAST_FREE_BYTES
        except OSError as error:
            raise BurghError(f"the memory store in {self.folder} failed: {error.strerror}") from None
        if full:
            raise BurghError(
                f"the disk of {self.folder} is full: the memories of this tick are in the record only,"
                " from which the memory store can be rebuilt"
            )

    def _check(self, *, wait: bool) -> None:
        while self._writing and (wait or self._writing[0].done()):
            self._answer(self._writing.pop(0))

    def _answer(self, future: Future[T]) -> T:
        try:
            return future.result(self._patience_seconds)
        except TimeoutError:
            self._hangs = True
            raise BurghError(
                f"the memory store in {self.folder} has not answered for {self._patience_seconds:g} seconds;"
                " the record is whole, and the store can be rebuilt from it"
            ) from None
        except BurghError:
            raise
        except Exception as error:  # chroma raises many kinds, from sqlite's to its own
            raise BurghError(
                f"the memory store in {self.folder} failed ({type(error).__name__}: {error});"
                " the record is whole, and the store can be rebuilt from it"
            ) from error

    def _ask(self, question: Callable[[], T]) -> T:
        self._check(wait=True)
        return self._answer(self._thread.submit(question))

    def count(self) -> int:
        """How many memories it holds."""
        self.flush(now=True)
        return self._ask(lambda: int(self._collection().count()))

    def query(
        self,
        vector: Vectors | None = None,
        *,
        k: int = 10,
        where: Mapping[str, Json] | None = None,
        text: str | None = None,
    ) -> tuple[Found, ...]:
        """The k memories nearest to a unit vector, over all agents; without one, any k that fit.

        where: by metadata, in Chroma's form: {"agent": "Mira"}, {"subjects": {"$contains": "Ben"}}.
        text: words that the memory must contain.
        """
        self.flush(now=True)
        return self._ask(lambda: self._find(vector, k, where, text))

    # What follows runs on the store's own thread.

    def _collection(self) -> Collection:
        if self._client is None:
            self._client = _open(self.folder / CHROMA)
        return _collection(self._client)

    def _write(self, batch: Sequence[tuple[Memory, Vectors]]) -> None:
        unseal(self.folder / CHROMA)
        self._written = False
        if self._client is None:
            self._client = _open(self.folder / CHROMA)
        _upsert(self._client, [memory for memory, _ in batch], np.stack([v for _, v in batch]))
        self._written = True

    def _find(
        self, vector: Vectors | None, k: int, where: Mapping[str, Json] | None, text: str | None
    ) -> tuple[Found, ...]:
        fits: dict[str, Any] = {"where": dict(where) if where else None}
        fits["where_document"] = {"$contains": text} if text else None
        collection = self._collection()
        if vector is None:
            rows = collection.get(limit=k, include=["documents", "metadatas"], **fits)
            found = zip(rows["ids"], rows["documents"] or (), rows["metadatas"] or (), strict=True)
            return tuple(Found(i, document, dict(data), None) for i, document, data in found)
        near = collection.query(
            query_embeddings=np.asarray(vector, dtype=np.float32)[None],
            n_results=k,
            include=["documents", "metadatas", "distances"],
            **fits,
        )
        columns = (near["ids"], near["documents"], near["metadatas"], near["distances"])
        ids, documents, metadatas, distances = ((column or [[]])[0] for column in columns)
        return tuple(
            Found(i, document, dict(data), 1 - distance / 2)  # |a - b|^2 = 2 - 2 cos for unit vectors
            for i, document, data, distance in zip(ids, documents, metadatas, distances, strict=True)
        )

    def _let_go(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
            if self._written or is_sealed(self.folder / CHROMA):  # reading may bring the index up to date
                seal(self.folder / CHROMA)


class _Worker:
    """A thread that does one thing after the other. It holds up nobody's exit, should one of them hang."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        Thread(target=self._work, name="memory-store", daemon=True).start()

    def submit(self, task: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def do() -> None:
            try:
                future.set_result(task())
            except BaseException as error:  # told to whoever waits for the result
                future.set_exception(error)

        self._queue.put(do)
        return future

    def stop(self) -> None:
        self._queue.put(None)

    def _work(self) -> None:
        while (do := self._queue.get()) is not None:
            do()


def rebuild(folder: Path, memories: Sequence[Memory], vectors: Vectors) -> int:
    """Makes the store in `folder` anew from the record's memories and their vectors, (n, dimension).

    What stood there is replaced only when the new one is whole. Returns how many memories it holds.
    """
    if len(memories) != len(vectors):
        raise ValueError(f"{len(memories)} memories cannot have {len(vectors)} embeddings")
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{CHROMA}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    client = _open(fresh)
    try:
        count = _upsert(client, memories, vectors)
    finally:
        client.close()
    unseal(folder / CHROMA)
    shutil.rmtree(folder / CHROMA, ignore_errors=True)
    fresh.rename(folder / CHROMA)
    seal(folder / CHROMA)
    return count


def _open(path: Path) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))
    except Exception:
        # Chroma keeps what it began for a path even where it failed, and would hand that out again.
        chromadb.api.client.SharedSystemClient.clear_system_cache()
        raise


def _collection(client: ClientAPI) -> Collection:
    return client.get_or_create_collection(
        COLLECTION,
        embedding_function=None,  # the default one downloads a model
        configuration={"hnsw": {"space": "l2", "ef_search": EF_SEARCH}},
    )


def _upsert(client: ClientAPI, memories: Sequence[Memory], vectors: Vectors) -> int:
    """Writes memories, as many at once as the store takes. Returns how many it then holds."""
    collection, most = _collection(client), client.get_max_batch_size()
    for start in range(0, len(memories), most):
        some = memories[start : start + most]
        collection.upsert(
            ids=[memory.id for memory in some],
            embeddings=np.asarray(vectors[start : start + most], dtype=np.float32),
            documents=[memory.text for memory in some],
            metadatas=[_metadata(memory) for memory in some],
        )
    return int(collection.count())


def _metadata(memory: Memory) -> dict[str, Json]:
    """What can be asked for by `where`. Chroma holds no empty lists: those are left out."""
    data: dict[str, Json] = {
        "agent": memory.agent,
        "kind": memory.kind,
        "created": memory.created,
        "importance": memory.importance,
        "place": memory.place,
        "fact": memory.fact,
        "from": memory.from_agent,
    }
    lists = {"subjects": list(memory.subjects), "evidence": list(memory.evidence)}
    return data | {name: values for name, values in lists.items() if values}
