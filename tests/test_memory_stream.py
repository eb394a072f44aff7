"""The stream: what it holds, and that a snapshot is the whole of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from burgh.memory.record import Memory
from burgh.memory.stream import MemoryStream
from burgh.sim.types import Event

DIMENSION = 8


def memory(number: int, agent: str = "Mira") -> Memory:
    return Memory(
        id=f"{agent}:{number}",
        kind="speech",
        text=f"Ben said {number}",
        created=number,
        last_access=number,
        importance=1 + number % 10,
        evidence=("Mira:0",) if number else (),
        subjects=("Ben",),
        place="Burgh : Bakery : Shop",
        fact="Ben:3",
        from_agent="Ben",
    )


def filled(n: int) -> MemoryStream:
    rng = np.random.default_rng(n)
    stream = MemoryStream("Mira", DIMENSION, tick_seconds=30)
    for number in range(n):
        stream.add(memory(number), rng.normal(size=DIMENSION))
    return stream


def test_grows_past_its_capacity_and_keeps_every_row() -> None:
    stream = filled(200)
    assert stream.vectors.shape == (200, DIMENSION)
    assert np.linalg.norm(stream.vectors, axis=1) == pytest.approx(np.ones(200), abs=1e-6)
    assert [m.row for m in stream] == list(range(200))
    rng = np.random.default_rng(200)
    for row in stream.vectors:
        drawn = rng.normal(size=DIMENSION)
        assert row == pytest.approx(drawn / np.linalg.norm(drawn), abs=1e-6)


def test_vectors_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        filled(3).vectors[0, 0] = 1


def test_latest_is_newest_first() -> None:
    stream = filled(5)
    assert [m.row for m in stream.latest(2)] == [4, 3]
    assert [m.row for m in stream.latest(99)] == [4, 3, 2, 1, 0]
    assert stream.latest(0) == ()


def test_by_id() -> None:
    stream = filled(3)
    assert stream["Mira:2"].text == "Ben said 2"
    assert "Mira:2" in stream
    for unknown in ("Mira:3", "Ben:0", "Mira", "Mira:-1", ""):
        assert unknown not in stream
        with pytest.raises(KeyError, match="has no memory"):
            stream[unknown]


def test_only_the_next_id_and_a_right_vector_are_taken() -> None:
    stream = filled(3)
    assert (stream.next_id(), stream.next_id(2)) == ("Mira:3", "Mira:5")
    with pytest.raises(ValueError, match="next memory of Mira is Mira:3"):
        stream.add(memory(5), np.ones(DIMENSION))
    with pytest.raises(ValueError, match="shape"):
        stream.add(memory(3), np.ones(DIMENSION + 1))
    with pytest.raises(ValueError, match="not finite"):
        stream.add(memory(3), np.full(DIMENSION, np.nan))
    assert len(stream) == 3


def test_touch_of_an_unknown_memory_changes_nothing() -> None:
    stream = filled(3)
    with pytest.raises(KeyError):
        stream.touch(["Mira:0", "Mira:9"], 50)
    assert stream["Mira:0"].last_access == 0


def test_restore_of_a_snapshot_behaves_the_same_ever_after() -> None:
    stream = filled(70)
    stream.touch(["Mira:3", "Mira:60"], 100)
    copy = MemoryStream("Someone", 2)
    copy.restore(json.loads(json.dumps(stream.snapshot())))
    assert list(copy) == list(stream)
    assert copy.vectors.tobytes() == stream.vectors.tobytes()
    query = np.arange(DIMENSION)
    for either in (stream, copy):
        either.add(memory(70), np.ones(DIMENSION))
        either.touch(["Mira:1"], 200)
    assert copy.retrieve(query, 300, 20) == stream.retrieve(query, 300, 20)
    assert copy.snapshot() == stream.snapshot()


def test_an_empty_stream_has_a_snapshot_too() -> None:
    copy = filled(4)
    copy.restore(MemoryStream("Ida", DIMENSION).snapshot())
    assert (copy.agent, len(copy), copy.next_id()) == ("Ida", 0, "Ida:0")


def test_among_limits_what_is_picked_but_not_what_it_is_measured_against() -> None:
    stream = filled(30)
    every = {f.memory.id: f for f in stream.retrieve(np.ones(DIMENSION), 40, 30)}
    even = stream.retrieve(np.ones(DIMENSION), 40, 5, among=lambda m: m.row % 2 == 0)
    assert len(even) == 5
    assert all(found == every[found.memory.id] and found.memory.row % 2 == 0 for found in even)


def test_a_memory_event_gives_the_memory_back() -> None:
    made = replace(memory(4), last_access=4)
    event = Event("4.Mira.0", "memory", "Mira", made.event_data())
    assert Memory.from_event(event) == made
    assert (made.agent, made.row) == ("Mira", 4)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "dream", "no kind of memory"),
        ("importance", 11.0, "not from 1 to 10"),
        ("text", " ", "empty"),
    ],
)
def test_what_is_no_memory_is_refused(field: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(memory(1), **{field: value})  # type: ignore[arg-type]


def test_retrieved_is_recorded_in_whole_numbers() -> None:
    stream = filled(9)
    entry = stream.retrieve(np.ones(DIMENSION), 10, 1)[0].event_data()
    assert list(entry) == ["id", "recency", "importance", "relevance", "score"]
    assert all(isinstance(value, int) for name, value in entry.items() if name != "id")


def test_forks_share_embeddings_and_never_write_over_each_other() -> None:
    base = MemoryStream("Mira", 3)
    for row in range(70):
        base.add(_numbered(row), [1.0, float(row), 0.0])
    one, other = base.fork(), base.fork()
    one.add(_numbered(70), [1.0, 0.0, 0.0])
    other.add(_numbered(70), [0.0, 1.0, 0.0])
    base.add(_numbered(70), [0.0, 0.0, 1.0])
    found = [stream.vectors[70].tolist() for stream in (one, other, base)]
    assert found == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert one.vectors[:70].tobytes() == other.vectors[:70].tobytes() == base.vectors[:70].tobytes()


def _numbered(row: int) -> Memory:
    return Memory(f"Mira:{row}", "observation", f"Number {row}.", row, row, 5.0)
