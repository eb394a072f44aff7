"""The vector database, its rebuilding from the record, the vectors' sidecar and the reflection graph."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromadb import Collection

from burgh.memory.record import Memory
from burgh.memory.score import Vectors
from burgh.memory.store import MemoryStore, rebuild
from burgh.memory.tree import depth, grounds, reflection_tree
from burgh.memory.vectors import load_vectors, save_vectors
from burgh.sim.types import BurghError

DIMENSION = 12


def town(per_agent: int) -> tuple[list[Memory], Vectors]:
    memories = [
        Memory(
            id=f"{agent}:{number}",
            kind="speech" if number % 2 else "observation",
            text=f"{agent} saw the {'market' if number % 3 == 0 else 'mill'} {number}",
            created=number,
            last_access=number,
            importance=3.0,
            subjects=("Ben",) if number % 2 else (),
            place="Burgh : Square",
        )
        for agent in ("Mira", "Ben", "Ida")
        for number in range(per_agent)
    ]
    vectors = np.random.default_rng(2).normal(size=(len(memories), DIMENSION)).astype(np.float32)
    return memories, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_written_behind_the_loop_and_found_across_agents(tmp_path: Path) -> None:
    memories, vectors = town(20)
    with MemoryStore(tmp_path) as store:
        for start in range(0, 60, 10):
            for memory, vector in zip(memories[start : start + 10], vectors[start : start + 10], strict=True):
                store.add(memory, vector)
            store.flush()
        assert store.count() == 60
        near = store.query(vectors[25], k=7)
        exact = np.argsort(-(vectors @ vectors[25]), kind="stable")[:7]
        assert [found.id for found in near] == [memories[row].id for row in exact]
        assert near[0].cosine == pytest.approx(1.0, abs=1e-5)
        assert near[3].cosine == pytest.approx(float(vectors[exact[3]] @ vectors[25]), abs=1e-5)
        mine = store.query(vectors[25], k=5, where={"agent": "Ida"})
        assert len(mine) == 5
        assert {found.data["agent"] for found in mine} == {"Ida"}
        told = store.query(k=100, where={"subjects": {"$contains": "Ben"}}, text="market")
        assert {found.id for found in told} == {
            m.id for m in memories if "Ben" in m.subjects and "market" in m.text
        }
    with MemoryStore(tmp_path) as again:
        assert again.count() == 60


def test_more_than_the_store_takes_at_once_is_written_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a long run is forked or gone on with: all that its minds remember comes in one tick."""
    from chromadb.api.client import Client

    monkeypatch.setattr(Client, "get_max_batch_size", lambda self: 7)
    upsert, sizes = Collection.upsert, []

    def counted(self: Collection, ids: list[str], **more: Any) -> None:
        sizes.append(len(ids))
        upsert(self, ids, **more)

    monkeypatch.setattr(Collection, "upsert", counted)
    memories, vectors = town(10)
    with MemoryStore(tmp_path) as store:
        for memory, vector in zip(memories, vectors, strict=True):
            store.add(memory, vector)
        assert store.count() == 30
    assert sizes == [7, 7, 7, 7, 2]


def test_the_same_memory_twice_is_one(tmp_path: Path) -> None:
    memories, vectors = town(2)
    with MemoryStore(tmp_path) as store:
        for _ in range(2):
            store.add(memories[0], vectors[0])
            store.flush()
        assert store.count() == 1


def test_rebuilt_from_the_record_it_answers_the_same(tmp_path: Path) -> None:
    memories, vectors = town(15)
    with MemoryStore(tmp_path) as store:
        for memory, vector in zip(memories, vectors, strict=True):
            store.add(memory, vector)
        before = store.query(vectors[4], k=10)
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"this is no database")
    with MemoryStore(tmp_path) as broken, pytest.raises(BurghError, match="can be rebuilt"):
        broken.count()
    assert rebuild(tmp_path, memories, vectors) == 45
    with MemoryStore(tmp_path) as store:
        assert store.query(vectors[4], k=10) == before
        store.add(replace(memories[0], id="Zoe:0"), vectors[0])
        assert store.count() == 46


def test_a_failed_write_is_told_and_not_swallowed(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("a file where the folder should be")
    memories, vectors = town(1)
    store = MemoryStore(tmp_path)
    store.add(memories[0], vectors[0])
    with pytest.raises(BurghError, match=r"memory store in .* failed"):
        store.close()


def test_a_full_disk_is_told_before_chroma_meets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memories, vectors = town(1)
    store = MemoryStore(tmp_path)
    store.add(memories[0], vectors[0])
    monkeypatch.setattr("burgh.memory.store.LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(BurghError, match=r"the disk of .* is full"):
        store.flush()
    store.close()
    assert not (tmp_path / "chroma").exists()


def test_a_store_that_hangs_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memories, vectors = town(1)
    release = threading.Event()
    monkeypatch.setattr(MemoryStore, "_write", lambda self, batch: release.wait(20))
    store = MemoryStore(tmp_path, patience_seconds=0.05)
    store.add(memories[0], vectors[0])
    with pytest.raises(BurghError, match=r"has not answered for 0\.05 seconds"):
        store.close()
    release.set()


def test_vectors_come_back_bit_for_bit(tmp_path: Path) -> None:
    memories, vectors = town(4)
    ids = [memory.id for memory in memories]
    save_vectors(tmp_path, ids, vectors)
    loaded_ids, loaded = load_vectors(tmp_path)
    assert loaded_ids == tuple(ids)
    assert loaded.tobytes() == vectors.tobytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vectors.json", "vectors.npy"]


@pytest.mark.parametrize("harm", ["cut", "changed", "missing", "note"])
def test_harmed_vectors_are_not_taken_for_whole(tmp_path: Path, harm: str) -> None:
    memories, vectors = town(4)
    save_vectors(tmp_path, [memory.id for memory in memories], vectors)
    array, note = tmp_path / "vectors.npy", tmp_path / "vectors.json"
    raw = array.read_bytes()
    if harm == "cut":
        array.write_bytes(raw[:-40])
    elif harm == "changed":
        array.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    elif harm == "missing":
        array.unlink()
    else:
        note.write_text("[]")
    with pytest.raises(BurghError, match="rebuild"):
        load_vectors(tmp_path)


def insight(number: int, *evidence: str) -> Memory:
    return Memory(f"Mira:{number}", "reflection", "an insight", number, number, 6.0, evidence=evidence)


def seen(number: int, kind: str = "observation") -> Memory:
    return Memory(f"Mira:{number}", kind, "something", number, number, 3.0)  # type: ignore[arg-type]


def test_the_leaves_of_a_reflection_are_what_was_seen_or_heard() -> None:
    memories = [
        seen(0),
        seen(1, "speech"),
        seen(2),
        insight(3, "Mira:0", "Mira:1"),
        insight(4, "Mira:3", "Mira:2"),
    ]
    tree = reflection_tree(memories)
    assert set(tree.edges) == {
        ("Mira:3", "Mira:0"),
        ("Mira:3", "Mira:1"),
        ("Mira:4", "Mira:3"),
        ("Mira:4", "Mira:2"),
    }
    assert grounds(tree, "Mira:4") == ("Mira:0", "Mira:1", "Mira:2")
    assert (depth(tree, "Mira:0"), depth(tree, "Mira:3"), depth(tree, "Mira:4")) == (0, 1, 2)
    assert tree.nodes["Mira:1"]["memory"].kind == "speech"


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ((), "cites no evidence"),
        (("Mira:7",), "no memory"),
        (("Mira:1",), "a plan"),
        (("Mira:3",), "came later"),
    ],
)
def test_an_insight_without_grounds_is_refused(evidence: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        reflection_tree([seen(0), seen(1, "plan"), insight(2, *evidence), seen(3)])
