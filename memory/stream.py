"""An agent's memory stream: its memories in order, and their embeddings in one array."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from burgh.memory.names import NameIndex
from burgh.memory.record import Memory
from burgh.memory.score import DECAY, Fusion, Normalisation, Vectors, Weights, score, top
from burgh.memory.words import WordIndex
from burgh.sim.types import Json, fixed

FIRST_CAPACITY = 64


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A memory that came to mind, with the parts of its score: each in [0, 1], normalised over the stream.

    words, names: None where they were not asked for.
    """

    memory: Memory
    recency: float
    importance: float
    relevance: float
    score: float
    words: float | None = None
    names: float | None = None

    def event_data(self) -> dict[str, Json]:
        """Its entry in a `retrieved` event's `picked` (see sim/events.md)."""
        more = {"words": self.words, "names": self.names}
        return {
            "id": self.memory.id,
            "recency": fixed(self.recency),
            "importance": fixed(self.importance),
            "relevance": fixed(self.relevance),
            **{name: fixed(part) for name, part in more.items() if part is not None},
            "score": fixed(self.score),
        }


class _Rows:
    """Embeddings that a stream and its forks share: a row is written once, by whoever comes first to it.

    vectors: (capacity, dimension). used: how many rows were written.
    """

    __slots__ = ("used", "vectors")

    def __init__(self, capacity: int, dimension: int) -> None:
        self.vectors: Vectors = np.zeros((capacity, dimension), dtype=np.float32)
        self.used = 0

    def grown(self, n: int, capacity: int) -> _Rows:
        """The first n rows in an array of their own."""
        other = _Rows(capacity, self.vectors.shape[1])
        other.vectors[:n], other.used = self.vectors[:n], n
        return other


class MemoryStream:
    """One agent's memories. Only `add`, `touch`, `forget` and `restore` change it.

    What was forgotten keeps its place, for ids are places, and can still be looked up by its id; but it is
    none of those one goes through, and never comes to mind.
    """

    def __init__(self, agent: str, dimension: int, tick_seconds: int = 10) -> None:
        self.agent = agent
        self.dimension = dimension
        self.tick_seconds = tick_seconds
        self._memories: list[Memory] = []
        self._forgotten: frozenset[int] = frozenset()  # rows
        self._words = WordIndex()
        self._names = NameIndex()
        self._rows = _Rows(FIRST_CAPACITY, dimension)
        self._allocate(FIRST_CAPACITY)

    def _allocate(self, capacity: int) -> None:
        self._importance = np.zeros(capacity, dtype=np.float64)
        self._created = np.zeros(capacity, dtype=np.int64)
        self._last_access = np.zeros(capacity, dtype=np.int64)

    def fork(self) -> MemoryStream:
        """A copy that can change without changing this one."""
        other = MemoryStream.__new__(MemoryStream)
        other.agent, other.dimension, other.tick_seconds = self.agent, self.dimension, self.tick_seconds
        other._memories = list(self._memories)
        other._forgotten = self._forgotten
        other._words = self._words
        other._names = self._names
        other._rows = self._rows
        other._importance = self._importance.copy()
        other._created = self._created.copy()
        other._last_access = self._last_access.copy()
        return other

    def __len__(self) -> int:
        return len(self._memories)

    def __iter__(self) -> Iterator[Memory]:
        """Those not forgotten, oldest first."""
        if not self._forgotten:
            return iter(self._memories)
        return (one for row, one in enumerate(self._memories) if row not in self._forgotten)

    def __contains__(self, memory_id: object) -> bool:
        return isinstance(memory_id, str) and self._row(memory_id) is not None

    def __getitem__(self, memory_id: str) -> Memory:
        """The memory of that id. Raises KeyError."""
        row = self._row(memory_id)
        if row is None:
            raise KeyError(f"{self.agent} has no memory {memory_id!r}")
        return self._memories[row]

    def _row(self, memory_id: str) -> int | None:
        agent, _, number = memory_id.rpartition(":")
        if agent != self.agent or not number.isdecimal() or int(number) >= len(self):
            return None
        return int(number)

    def next_id(self, ahead: int = 0) -> str:
        """The id of the next memory to be added, or of the one `ahead` after it."""
        return f"{self.agent}:{len(self) + ahead}"

    @property
    def vectors(self) -> Vectors:
        """The embeddings, one row a memory: (n, dimension), read-only."""
        view = self._rows.vectors[: len(self)]
        view.flags.writeable = False
        return view

    def latest(self, n: int) -> tuple[Memory, ...]:
        """The n memories made last, newest first."""
        kept = list(self) if self._forgotten else self._memories
        return tuple(kept[: -n - 1 : -1]) if n > 0 else ()

    def add(self, memory: Memory, vector: ArrayLike) -> Memory:
        """Appends a memory, whose id must be `next_id()`, and its embedding, scaled to unit length."""
        if memory.id != self.next_id():
            raise ValueError(f"the next memory of {self.agent} is {self.next_id()}, not {memory.id}")
        row = len(self)
        values = unit(vector, self.dimension)
        if row == len(self._importance):
            self._grow(2 * row)
        if self._rows.used != row or row == len(
            self._rows.vectors
        ):  # another fork has written a row of its own
            self._rows = self._rows.grown(row, 2 * max(row, FIRST_CAPACITY))
        self._rows.vectors[row] = values
        self._rows.used = row + 1
        self._memories.append(memory)
        self._mirror(row)
        return memory

    def _grow(self, capacity: int) -> None:
        importance = self._importance
        created, last_access = self._created, self._last_access
        n = len(self)
        self._allocate(capacity)
        self._importance[:n] = importance
        self._created[:n], self._last_access[:n] = created, last_access

    def _mirror(self, row: int) -> None:
        memory = self._memories[row]
        self._importance[row] = memory.importance
        self._created[row] = memory.created
        self._last_access[row] = memory.last_access

    def touch(self, ids: Iterable[str], tick: int) -> None:
        """Notes that these memories were retrieved at that tick. Raises KeyError for unknown ids."""
        for memory in [self[memory_id] for memory_id in ids]:
            self._memories[memory.row] = replace(memory, last_access=max(tick, memory.last_access))
            self._mirror(memory.row)

    def forget(self, memory_id: str) -> None:
        """Takes a memory out of all that comes to mind. Raises KeyError for an unknown id."""
        self._forgotten |= {self[memory_id].row}

    def retrieve(
        self,
        query: ArrayLike,
        tick: int,
        k: int,
        *,
        text: str = "",
        weights: Weights | None = None,
        decay: float = DECAY,
        fusion: Fusion = "sum",
        normalisation: Normalisation = "min-max",
        among: Callable[[Memory], bool] | None = None,
    ) -> tuple[Retrieved, ...]:
        """The k memories that come to mind at a tick, best first; `touch` them to note the access.

        query: an embedding, (dimension,), scaled to unit length here. text: what is asked in words, for the
        parts that go by words and names, where they have a weight. among: which memories may be picked;
        the scores are normalised over all of them either way. Of equal scores the newer comes first.
        """
        memories = self._memories
        rows: slice | NDArray[np.intp] = slice(len(self))
        if self._forgotten:
            memories = list(self)
            rows = np.array([one.row for one in memories], dtype=np.intp)
        weights = weights or Weights()
        age_hours = np.maximum(tick - self._last_access[rows], 0) * (self.tick_seconds / 3600)
        parts = score(
            age_hours,
            self._importance[rows],
            self._rows.vectors[rows],
            unit(query, self.dimension),
            words=self._words.scores([one.text for one in memories], text) if weights.words else None,
            names=self._names.scores(memories, text, self.agent) if weights.names else None,
            weights=weights,
            decay=decay,
            fusion=fusion,
            normalisation=normalisation,
        )
        allowed = None
        if among is not None:
            allowed = np.array([row for row, m in enumerate(memories) if among(m)], dtype=np.intp)
        return tuple(
            Retrieved(
                memories[row],
                float(parts.recency[row]),
                float(parts.importance[row]),
                float(parts.relevance[row]),
                float(parts.score[row]),
                None if parts.words is None else float(parts.words[row]),
                None if parts.names is None else float(parts.names[row]),
            )
            for row in top(parts.score, self._created[rows], k, allowed).tolist()
        )

    def snapshot(self) -> dict[str, Json]:
        """The whole stream as plain data; the embeddings as base64 of little-endian float32."""
        raw = self.vectors.astype("<f4").tobytes()
        return {
            "agent": self.agent,
            "dimension": self.dimension,
            "tick_seconds": self.tick_seconds,
            "memories": [memory.to_json() for memory in self._memories],
            "forgotten": sorted(self._forgotten),
            "vectors": base64.b64encode(raw).decode("ascii"),
        }

    def restore(self, state: Mapping[str, Json]) -> None:
        """Takes over a snapshot, bit for bit."""
        raw = np.frombuffer(base64.b64decode(state["vectors"]), dtype="<f4")
        self.agent, self.dimension = state["agent"], state["dimension"]
        self.tick_seconds = state["tick_seconds"]
        self._memories = [Memory.from_json(memory) for memory in state["memories"]]
        self._forgotten = frozenset(state["forgotten"])
        self._allocate(max(FIRST_CAPACITY, len(self)))
        self._rows = _Rows(max(FIRST_CAPACITY, len(self)), self.dimension)
        self._rows.vectors[: len(self)] = raw.reshape(len(self), self.dimension)
        self._rows.used = len(self)
        for row in range(len(self)):
            self._mirror(row)


def unit(vector: ArrayLike, dimension: int) -> Vectors:
    """A vector scaled to unit length, as float32: (dimension,). A zero vector stays zero.

    Raises ValueError for another shape and for values that are not finite.
    """
    values = np.asarray(vector, dtype=np.float64)
    if values.shape != (dimension,):
        raise ValueError(f"an embedding has shape {values.shape}, not ({dimension},)")
    length = float(np.linalg.norm(values))
    if not np.isfinite(length):
        raise ValueError("an embedding has values that are not finite")
    return (values / length if length > 0 else values).astype(np.float32)
