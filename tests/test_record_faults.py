"""A record outlives the death of its process and a full disk; nothing of it is ever lost."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds_for_tests import Lane, meta, record_into, record_run

from burgh.sim.record import Frame, RunWriter, Tail, files, open_log, replay, verify
from burgh.sim.types import BurghError, Event

TESTS = Path(__file__).parent
ENDLESS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from worlds_for_tests import record_run
record_run(Path(sys.argv[1]), ticks=10_000_000)
"""


@pytest.mark.parametrize("trial", range(5))
def test_a_killed_run_opens_verifies_and_replays(tmp_path: Path, trial: int) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, str(folder), str(TESTS)])
    try:
        log = folder / files.LOG
        deadline = time.monotonic() + 60
        while not (log.exists() and log.stat().st_size > 0):
            assert process.poll() is None, "the writer ended by itself"
            assert time.monotonic() < deadline, "the writer wrote nothing"
            time.sleep(0.005)
        time.sleep(random.Random().uniform(0, 0.4))  # a moment that no test chose
    finally:
        process.kill()
        process.wait()
    verdict = verify(folder)
    assert verdict.fault is None
    assert not verdict.complete
    frames = list(open_log(folder).frames())
    assert verdict.frames == len(frames) > 0
    assert verdict.final_hash == frames[-1].hash
    outcome = replay(open_log(folder), Lane)
    assert outcome.mismatch is None
    assert outcome.ticks >= len(frames)
    writer = RunWriter.resume(folder)  # the lock died with the process
    writer.close("gone on with")
    assert verify(folder).complete


def test_a_record_can_be_followed_while_another_process_writes_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, str(folder), str(TESTS)])
    try:
        deadline = time.monotonic() + 60
        while not (folder / files.LOG).exists():
            assert time.monotonic() < deadline, "the writer wrote nothing"
            time.sleep(0.005)
        tail = Tail(open_log(folder))
        seen: list[Frame] = []
        looks = 0
        while len(seen) < 500:
            assert time.monotonic() < deadline, "the writer stopped"
            seen += tail.new_frames()
            looks += 1
    finally:
        process.kill()
        process.wait()
    assert looks > 1, "it was read while it grew"
    assert [frame.number for frame in seen] == list(range(len(seen)))
    assert all(after.prev == before.hash for before, after in itertools.pairwise(seen))


class FaultyDisk:
    """Passes writes on until the k-th.

    That fails at once ("clean"), or halfway and is cut off again ("half"), or halfway and stays ("stuck");
    or it writes only half of what it was given and says so ("short").
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, k: int, manner: str) -> None:
        self.left = k
        self.manner = manner
        self.struck = False
        self._write, self._fsync, self._truncate = os.write, os.fsync, os.ftruncate
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "fsync", self.fsync)
        monkeypatch.setattr(os, "ftruncate", self.truncate)

    def write(self, fd: int, data: memoryview) -> int:
        if self.struck:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.left -= 1
        if self.left > 0:
            return self._write(fd, data)
        if self.manner == "short":  # no fault at all, only a system that writes less than it was given
            return self._write(fd, data[: max(1, len(data) // 2)])
        self.struck = True
        if self.manner != "clean":
            self._write(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    def fsync(self, fd: int) -> None:
        if self.struck:
            raise OSError(errno.EIO, "Input/output error")
        self._fsync(fd)

    def truncate(self, fd: int, size: int) -> None:
        if self.manner == "stuck":
            raise OSError(errno.EIO, "Input/output error")
        self._truncate(fd, size)


@contextlib.contextmanager
def faulty_disk(k: int, manner: str) -> Iterator[FaultyDisk]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield FaultyDisk(monkeypatch, k, manner)


# A run of 50 ticks makes 55 writes: run.yaml, host.yaml, 52 frames (ticks 0 to 50, and the end), end.yaml.
TICKS, WRITES = 50, 55


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert record_run(folder, TICKS).frames == WRITES - 3
    return folder


@pytest.mark.parametrize("manner", ["clean", "half", "stuck"])
@pytest.mark.parametrize("k", range(1, WRITES + 2))
def test_a_write_that_fails_loses_nothing_that_was_written(
    whole: Path, tmp_path: Path, k: int, manner: str
) -> None:
    folder = tmp_path / "run"
    frames = WRITES - 3
    sentence = None
    with faulty_disk(k, manner) as disk:
        try:
            writer = RunWriter(folder, meta())
        except BurghError as error:
            assert k <= 2
            assert "no run can be recorded in" in str(error)
            assert [path.name for path in folder.iterdir() if path.name != files.LOCK] == []
            return
        try:
            record_into(writer, TICKS)
            writer.close("end")
        except BurghError as error:
            sentence = str(error)
        kept = writer.frames
        writer.close("failed")
    assert disk.struck == (sentence is not None) == (k <= WRITES)
    if sentence is not None:
        intact = f"its {kept} frames, to tick" if kept else "it is empty"
        assert "cannot be written any more (No space left on device)" in sentence
        assert intact in sentence
    verdict = verify(folder)
    assert verdict.fault is None
    assert verdict.frames == kept
    assert kept == min(k - 3, frames)
    assert (verdict.torn is not None) == (manner == "stuck" and 3 <= k < WRITES)
    assert verdict.complete == (kept == frames)
    log = open_log(folder)
    assert list(log.frames()) == list(open_log(whole).frames())[:kept]
    if kept == 0:
        with pytest.raises(BurghError, match="holds nothing yet"):
            replay(log, Lane)
        return
    outcome = replay(log, Lane)
    assert outcome.mismatch is None
    assert outcome.ticks >= kept - 1


@pytest.mark.parametrize("k", range(1, WRITES, 5))
def test_a_system_that_writes_by_halves_is_written_to_again(whole: Path, tmp_path: Path, k: int) -> None:
    with faulty_disk(k, "short"):
        writer = record_run(tmp_path / "run", TICKS)
    assert writer.final_hash == open_log(whole).final_hash
    assert verify(tmp_path / "run").ok


def test_after_a_failed_write_nothing_more_is_taken(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    with faulty_disk(1, "clean"), pytest.raises(BurghError, match="it is empty"):
        record_into(writer)
    for _ in range(2):
        with pytest.raises(BurghError, match="cannot be written any more"):
            writer.end_tick(99)
    writer.close("end")
    assert verify(tmp_path / "run").frames == 0


def test_a_failing_aside_is_told_and_the_tick_is_kept(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    record_into(writer, ticks=10)
    frames = writer.frames
    writer.aside(11, {"seconds": 0.1})
    with (
        faulty_disk(1, "half"),
        pytest.raises(BurghError, match=f"its {frames} frames, to tick 10, are intact"),
    ):
        writer.end_tick(11)
    writer.close("end")
    assert verify(tmp_path / "run").frames == frames
    assert list(open_log(tmp_path / "run").asides()) == []


def test_an_interrupt_while_the_end_is_written_leaves_no_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(fd: int, data: bytes) -> None:
        raise KeyboardInterrupt

    (tmp_path / files.END).write_text("before")
    with monkeypatch.context() as patched:
        patched.setattr(files, "write_all", interrupted)
        with pytest.raises(KeyboardInterrupt):
            files.write_whole(tmp_path / files.END, "after")
    assert [path.name for path in tmp_path.iterdir()] == [files.END]
    assert (tmp_path / files.END).read_text() == "before"


@pytest.mark.parametrize("after_write", [False, True])
def test_an_interrupt_within_a_write_leaves_the_tick_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after_write: bool
) -> None:
    writer = RunWriter(tmp_path / "run", meta(), sync_frames=1)
    record_into(writer, ticks=10)
    frames, final_hash = writer.frames, writer.final_hash

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync" if after_write else "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.append([Event("11.world.0", "moved", "Ada", {"x": 1, "y": 0})])
            writer.end_tick(11)
    assert (writer.frames, writer.final_hash) == (frames, final_hash)
    writer.close("stopped")
    verdict = verify(tmp_path / "run")
    assert verdict.ok
    assert verdict.complete
    assert verdict.frames == frames + 1
