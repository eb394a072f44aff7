"""`burgh memory`: the store is searched, refused where it is another's, and made anew from the record; and a
run that is killed between any two steps loses no memory that was acknowledged."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from ask_for_tests import asked, market_day
from filelock import FileLock
from minds_for_tests import WordEmbedder

from burgh.memory.embed import load_embedder
from burgh.memory.seal import damaged, is_sealed, unseal
from burgh.memory.store import CHROMA, MemoryStore
from burgh.memory.vectors import ARRAY, load_vectors, save_vectors
from burgh.scenarios.ask.memories import (
    MADE_WITH,
    check_embedder,
    made_with,
    recorded_memories,
    recorded_vectors,
    reindex,
    search,
)
from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import MEMORY, run_scenario
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.record import RunLog, files, open_log
from burgh.sim.types import BurghError, Json


class OtherEmbedder(WordEmbedder):
    name = "other"
    identity: Mapping[str, Json] = {"embedder": "other", "weights_sha256": "0123456789abcdef"}


@pytest.fixture
def run(tmp_path: Path) -> RunLog:
    """A copy of market-day to spoil."""
    shutil.copytree(market_day(), tmp_path / "run")
    return open_log(tmp_path / "run")


def test_a_store_of_another_embedder_is_refused_until_it_is_made_anew(run: RunLog) -> None:
    words = WordEmbedder()
    with pytest.raises(
        BurghError, match=r"was made with minilm-l6 \(\w{12}\), not with words: burgh memory re"
    ):
        search(run, words, "a market")
    with pytest.raises(BurghError, match="burgh memory reindex"):
        recorded_vectors(run, words)
    memories = recorded_memories(run)
    assert reindex(run, words) == len(memories) > 100
    assert made_with(run) == words.identity
    told = "Crier told Anna: There is a market on the square at 11:00 today."
    found = search(run, words, told, k=3)
    assert found[0].text == told
    assert found[0].cosine == pytest.approx(1, abs=1e-5)
    assert {one.data["agent"] for one in search(run, words, told, agent="Ben", k=5)} == {"Ben"}
    ids, vectors = load_vectors(run.folder / MEMORY)
    assert list(ids) == [memory.id for memory in memories]
    assert np.array_equal(vectors, words.embed([memory.text for memory in memories]))
    with pytest.raises(BurghError, match=r"made with words, not with other \(0123456789ab\)"):
        check_embedder(run, OtherEmbedder())
    assert reindex(run, OtherEmbedder()) == len(memories)
    check_embedder(run, OtherEmbedder())


def test_a_reindexing_that_is_broken_off_leaves_no_store_that_is_taken_for_whole(
    run: RunLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("burgh.memory.vectors.save_vectors", broken)
    with pytest.raises(KeyboardInterrupt):
        reindex(run, WordEmbedder())
    monkeypatch.undo()
    with pytest.raises(BurghError, match="was made with a reindexing that was broken off, not with words"):
        search(run, WordEmbedder(), "a market")
    (run.folder / MEMORY / MADE_WITH).write_text("[")
    with pytest.raises(BurghError, match="broken off"):
        check_embedder(run, WordEmbedder())
    reindex(run, WordEmbedder())
    assert search(run, WordEmbedder(), "a market", k=1)


def test_the_store_of_a_run_that_is_going_on_is_left_to_it(run: RunLog) -> None:
    """It was taken away below the run's feet, which then stopped: a read-only database."""
    before = sorted((run.folder / MEMORY / CHROMA).rglob("*"))
    with (
        FileLock(run.folder / files.LOCK, timeout=0),
        pytest.raises(BurghError, match="still being recorded"),
    ):
        reindex(run, WordEmbedder())
    assert sorted((run.folder / MEMORY / CHROMA).rglob("*")) == before
    assert reindex(run, WordEmbedder())


def test_vectors_are_read_where_they_are_whole_and_else_made_again(run: RunLog) -> None:
    words = WordEmbedder()
    reindex(run, words)
    path = run.folder / MEMORY / ARRAY
    before = path.stat().st_mtime_ns
    memories, vectors = recorded_vectors(run, words)
    assert path.stat().st_mtime_ns == before  # read, not written
    assert len(memories) == len(vectors)
    path.write_bytes(path.read_bytes()[:-8] + b"spoiled!")
    again = recorded_vectors(run, words)
    assert np.array_equal(again[1], vectors)
    assert load_vectors(run.folder / MEMORY)[0] == tuple(memory.id for memory in memories)
    path.unlink()
    assert np.array_equal(recorded_vectors(run, words)[1], vectors)
    save_vectors(run.folder / MEMORY, ["Ann:0"], vectors[:1])  # whole, and of other memories
    assert np.array_equal(recorded_vectors(run, words)[1], vectors)


def test_what_a_store_lacks_is_said(run: RunLog) -> None:
    embedder = load_embedder()
    with pytest.raises(BurghError, match="there is nothing to search for"):
        search(run, embedder, "  ")
    shutil.rmtree(run.folder / MEMORY / CHROMA)
    with pytest.raises(BurghError, match="has no memory store: burgh memory reindex"):
        search(run, embedder, "a market")
    memory = recorded_memories(run)[0]
    with MemoryStore(run.folder / MEMORY) as store:
        store.add(memory, embedder.embed([memory.text])[0])
    with pytest.raises(BurghError, match=r"holds 1 of \d+ memories: burgh memory reindex"):
        search(run, embedder, "a market")


def test_a_store_that_is_damaged_says_how_to_make_it_anew(run: RunLog) -> None:
    embedder = load_embedder()
    reindex(run, embedder)
    (run.folder / MEMORY / CHROMA / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(BurghError, match=r"the record is whole.*: burgh memory reindex"):
        search(run, embedder, "a market")
    reindex(run, embedder)
    assert search(run, embedder, "a market")


INDEX = ("data_level0.bin", "header.bin", "index_metadata.pickle", "length.bin", "link_lists.bin")


@pytest.fixture
def small_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma writes its index from 20 memories on, where it waits for 1,000."""
    from chromadb import Collection

    from burgh.memory import store

    def at_once(client: object) -> Collection:
        return client.get_or_create_collection(  # type: ignore[attr-defined]
            store.COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "l2", "batch_size": 20, "sync_threshold": 20}},
        )

    monkeypatch.setattr(store, "_collection", at_once)


@pytest.fixture
def indexed(run: RunLog, small_index: None) -> RunLog:
    reindex(run, WordEmbedder())
    return run


def _part(run: RunLog, name: str) -> Path:
    (path,) = (run.folder / MEMORY / CHROMA).glob(f"*/{name}")
    return path


@pytest.mark.parametrize("name", INDEX)
@pytest.mark.parametrize("harm", ["cut", "overwritten", "gone"])
def test_a_damaged_index_is_told_before_chroma_reads_it(indexed: RunLog, name: str, harm: str) -> None:
    """Its native code ended the process with no word, or found the wrong memories."""
    path, words = _part(indexed, name), WordEmbedder()
    whole = path.read_bytes()
    assert search(indexed, words, "a market", k=1) == search(indexed, words, "a market", k=1)
    if harm == "gone":
        path.unlink()
    else:
        half = len(whole) // 2
        path.write_bytes(whole[:half] + (b"" if harm == "cut" else bytes(b ^ 0xA5 for b in whole[half:])))
    if harm != "gone" and not whole:
        path.write_bytes(b"more")
    with pytest.raises(BurghError, match=f"{name} is damaged; the record is whole.*: burgh memory reindex"):
        search(indexed, words, "a market")
    reindex(indexed, words)
    assert search(indexed, words, "a market", k=1)


def test_a_store_with_no_seal_is_searched(indexed: RunLog) -> None:
    """As that of a run that was killed, or of an older burgh."""
    found = search(indexed, WordEmbedder(), "a market", k=3)
    unseal(indexed.folder / MEMORY / CHROMA)
    assert search(indexed, WordEmbedder(), "a market", k=3) == found
    assert not is_sealed(indexed.folder / MEMORY / CHROMA)  # nobody knows how it was when it was closed


def test_a_seal_stands_only_while_nobody_writes(tmp_path: Path) -> None:
    vector = WordEmbedder().embed(["a market"])[0]
    memory = recorded_memories(open_log(market_day()))[0]
    with MemoryStore(tmp_path) as store:
        store.add(memory, vector)
    assert is_sealed(tmp_path / CHROMA)
    store = MemoryStore(tmp_path)
    store.add(memory, vector)
    assert store.count() == 1
    assert not is_sealed(tmp_path / CHROMA)
    store.close()
    assert is_sealed(tmp_path / CHROMA)
    assert damaged(tmp_path / CHROMA) is None


@pytest.mark.usefixtures("small_index")
@pytest.mark.parametrize("harm", ["damaged", "not closed"])
def test_a_run_goes_on_with_a_store_made_anew_where_it_is_not_whole(tmp_path: Path, harm: str) -> None:
    """It went on into the damaged index, and chroma's native code ended it."""
    scenario = load_scenario("quiet-room", {"model": "scripted", "until": "09:10"})
    folder = run_scenario(scenario, tmp_path / "run").folder
    before = len(recorded_memories(open_log(folder)))
    database = folder / MEMORY / CHROMA
    if harm == "damaged":
        (part,) = database.glob("*/header.bin")
        part.write_bytes(part.read_bytes()[:50])
    else:
        unseal(database)
        (part := database / "left").touch()
    resume_run(folder, until=datetime(2026, 5, 4, 9, 20))
    assert damaged(database) is None
    assert not part.exists()
    with MemoryStore(folder / MEMORY) as store:
        assert store.count() == len(recorded_memories(open_log(folder))) > before


def test_the_commands(capsys: pytest.CaptureFixture[str], run: RunLog) -> None:
    code, out, _ = asked(capsys, "memory", "search", run.folder, "an ill animal", "-k", 3, "--json")
    found = json.loads(out)
    assert code == 0
    assert len(found) == 3
    assert any("cow" in one["text"] for one in found)
    cosines = [one["cosine"] for one in found]
    assert cosines == sorted(cosines, reverse=True)
    code, out, _ = asked(capsys, "memory", "reindex", run.folder)
    assert code == 0
    assert f"holds {len(recorded_memories(run)):,} memories" in out
    again = json.loads(asked(capsys, "memory", "search", run.folder, "an ill animal", "-k", 3, "--json")[1])
    assert [one["cosine"] for one in again] == pytest.approx(cosines)
    code, out, _ = asked(capsys, "memory", "search", run.folder, "an ill animal", "--agent", "Tom", "-k", 2)
    assert code == 0
    assert out.count("Tom:") >= 2
    for arguments, sentence in (
        (("search", run.folder, "x", "--agent", "Tim"), "there is no agent 'Tim' in this run: did you mean"),
        (("search", run.folder, "x", "--embedder", "nope"), "no embedder is called 'nope'"),
        (("reindex", "nowhere"), "there is no run 'nowhere'"),
        (("find", run.folder), "there is no command 'find'"),
    ):
        code, out, err = asked(capsys, "memory", *arguments)
        assert (code, out) == (2, "")
        assert sentence in err


# The process kills itself at the n-th call of a step, before or after it; what it had acknowledged by then
# (a tick whose frame was written) it has put on its output.
VICTIM = """
import os, signal, sys
from pathlib import Path
from burgh.memory.store import MemoryStore
from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import run_scenario
from burgh.sim.record import RunWriter

folder, owner, step, when, number = sys.argv[1:]
opened = []

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def wrap(cls, name, around):
    plain = getattr(cls, name)
    setattr(cls, name, lambda self, *given: around(lambda: plain(self, *given), given))

def recording(go, given):
    opened.extend(event.data["id"] for event in given[0] if event.kind == "memory")
    return go()

def acknowledging(go, given):
    go()
    print(*opened, flush=True)
    opened.clear()

calls = 0
def killing(go, given):
    global calls
    calls += 1
    if calls == int(number) and when == "before":
        die()
    result = go()
    if calls == int(number):
        die()
    return result

wrap(RunWriter, "append", recording)
wrap(RunWriter, "end_tick", acknowledging)
wrap({"RunWriter": RunWriter, "MemoryStore": MemoryStore}[owner], step, killing)
scenario = load_scenario("quiet-room", {"model": "scripted", "until": "09:10"})
run_scenario(scenario, Path(folder))
"""


@pytest.mark.parametrize(
    ("owner", "step", "when", "number"),
    [
        ("RunWriter", "append", "after", 4),
        ("RunWriter", "end_tick", "before", 1),
        ("RunWriter", "end_tick", "after", 6),
        ("MemoryStore", "flush", "before", 5),
        ("MemoryStore", "_write", "before", 2),
        ("MemoryStore", "_write", "after", 1),
    ],
)
def test_a_kill_between_any_two_steps_loses_no_acknowledged_memory(
    tmp_path: Path, owner: str, step: str, when: str, number: int
) -> None:
    folder = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-c", VICTIM, str(folder), owner, step, when, str(number)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    acknowledged = done.stdout.split()
    log = open_log(folder)
    recorded = [memory.id for memory in recorded_memories(log)]
    assert recorded[: len(acknowledged)] == acknowledged
    if number > 1 or when == "after":
        assert acknowledged
    if recorded:
        assert reindex(log, WordEmbedder()) == len(recorded)
        ids, _ = load_vectors(folder / MEMORY)
        assert list(ids) == recorded
