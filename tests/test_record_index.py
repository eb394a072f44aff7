"""The index answers as the record does, and is made anew whenever it is not of this record."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from worlds_for_tests import record_run

from burgh.sim.record import RunIndex, open_index, open_log
from burgh.sim.types import BurghError, Event


@pytest.fixture
def run(tmp_path: Path) -> Path:
    record_run(tmp_path / "run", ticks=60)
    return tmp_path / "run"


def where(index: RunIndex) -> str:
    return str(index.database.execute("PRAGMA database_list").fetchone()[2])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"first_tick": 10, "last_tick": 20},
        {"kind": "moved"},
        {"agent": "Bo"},
        {"kind": "decided", "agent": "Cy", "first_tick": 5},
        {"kind": "nothing"},
    ],
)
def test_it_finds_what_a_reading_of_everything_finds(run: Path, asked: dict[str, str | int]) -> None:
    def wanted(event: Event) -> bool:
        return (
            int(asked.get("first_tick", 0)) <= event.tick <= int(asked.get("last_tick", 10**9))
            and asked.get("kind", event.kind) == event.kind
            and asked.get("agent", event.agent) == event.agent
        )

    with open_index(run) as index:
        found = list(index.events(**asked))  # type: ignore[arg-type]
    assert found == [event for event in open_log(run).events() if wanted(event)]
    assert bool(found) == (asked != {"kind": "nothing"})


def test_an_event_by_its_id(run: Path) -> None:
    events = list(open_log(run).events())
    with open_index(run) as index:
        for event in events[::25]:
            assert index.event(event.id) == event
        assert index.event("999.world.0") is None


def test_the_last_frame_at_or_before_a_tick(run: Path) -> None:
    frames = list(open_log(run).frames())
    with open_index(run) as index:
        for tick in (0, 1, 31, 59):
            best = [frame for frame in frames if frame.tick <= tick][-1]
            assert index.frame_before(tick) == (best.number, best.offset)
        assert index.frame_before(10_000) == (frames[-1].number, frames[-1].offset)
        assert index.frame_before(-1) is None
        found = index.frame_before(31)
    assert found is not None
    assert next(open_log(run).frames(found[1], found[0])).tick == 31


def test_it_is_kept_and_not_made_twice(run: Path) -> None:
    open_index(run).close()
    written = (run / "index.sqlite").read_bytes()
    open_index(run).close()
    assert (run / "index.sqlite").read_bytes() == written


def test_it_grows_with_the_record(run: Path) -> None:
    path = run / "events.jsonl.zst"
    raw = path.read_bytes()
    frames = list(open_log(run).frames())
    for count in (0, 5, 5, 30, len(frames) - 1):
        path.write_bytes(raw[: frames[count].offset + 1])
        with open_index(run) as index:
            assert len(list(index.events())) == sum(len(frame.events) for frame in frames[:count])
            path.write_bytes(raw[: frames[count].offset + frames[count].length])
            index.update()
            assert len(list(index.events())) == sum(len(frame.events) for frame in frames[: count + 1])


@pytest.mark.parametrize("ticks", [10, 200])
def test_it_is_made_anew_for_another_record(run: Path, tmp_path: Path, ticks: int) -> None:
    open_index(run).close()
    record_run(tmp_path / "other", ticks, seed=8)
    (run / "events.jsonl.zst").write_bytes((tmp_path / "other" / "events.jsonl.zst").read_bytes())
    with open_index(run) as index:
        assert list(index.events()) == list(open_log(tmp_path / "other").events())
        assert where(index).endswith("index.sqlite")


@pytest.mark.parametrize("text", [b"", b"no database at all, but long enough to be looked at" * 30])
def test_a_spoilt_index_is_made_anew(run: Path, text: bytes) -> None:
    (run / "index.sqlite").write_bytes(text)
    with open_index(run) as index:
        assert len(list(index.events())) == len(list(open_log(run).events()))
        assert where(index).endswith("index.sqlite")


def test_an_index_of_another_version_is_made_anew(run: Path) -> None:
    open_index(run).close()
    database = sqlite3.connect(run / "index.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.execute("DROP TABLE frames")
    database.close()
    with open_index(run) as index:
        assert index.frame_before(5) is not None


def test_where_no_file_can_be_written_it_stands_in_memory(run: Path) -> None:
    (run / "index.sqlite").mkdir()  # as good as a read-only folder, and holds for root as well
    with open_index(run) as index:
        assert where(index) == ""
        assert len(list(index.events())) == len(list(open_log(run).events()))


def test_a_database_that_may_only_be_read_serves_as_far_as_it_is_up_to_date(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = run / "events.jsonl.zst"
    raw = path.read_bytes()
    path.write_bytes(raw[:2000])
    open_index(run).close()
    connect = sqlite3.connect

    def read_only(where: Path | str, *, isolation_level: None) -> sqlite3.Connection:
        if where == ":memory:":
            return connect(where, isolation_level=isolation_level)
        return connect(f"file:{where}?mode=ro", uri=True, isolation_level=isolation_level)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with open_index(run) as index:
        assert where(index).endswith("index.sqlite")
    path.write_bytes(raw)
    with open_index(run) as index:
        assert where(index) == ""
        assert list(index.events()) == list(open_log(run).events())


def test_several_processes_may_open_it_at_once(run: Path) -> None:
    script = (
        "import sys; from burgh.sim.record import open_index\n"
        "with open_index(sys.argv[1]) as index:\n    print(len(list(index.events())))"
    )
    several = [
        subprocess.Popen([sys.executable, "-c", script, str(run)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    counts = {process.communicate()[0].strip() for process in several}
    assert counts == {str(len(list(open_log(run).events())))}
    with open_index(run) as index:
        assert where(index).endswith("index.sqlite")


def test_a_damaged_record_is_not_indexed(run: Path) -> None:
    path = run / "events.jsonl.zst"
    raw = bytearray(path.read_bytes())
    raw[1000] ^= 1
    path.write_bytes(raw)
    with pytest.raises(BurghError, match="is damaged"):
        open_index(run)
    path.write_bytes(raw[:1000])
    open_index(run).close()
