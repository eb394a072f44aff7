"""Death at any byte of any write: in a run, in going on, in forking, in making a film. Nothing is lost.

A child process is forked for each death; it writes a part of what it was about to write and is gone, as
with `kill -9`. What it left is gone on with, and comes to the final hash of the undisturbed run.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from viewer_for_tests import morning
from viewer_for_tests import recorded as recorded_morning

from burgh.scenarios.load import load_scenario, overridden
from burgh.scenarios.run import run_scenario
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.fork import fork_run
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.record import files, open_log, verify
from burgh.sim.types import BurghError

DEAD = 9  # the exit code of a child that died at its write
ALIVE = 0  # of one that came to its end first


def bidding(games: int = 20) -> Basis:
    """Sealed bids by rule, with a snapshot every few ticks."""
    scenario = load_scenario("sealed-bids", {"model": "scripted"})
    world = {**scenario.resolved()["world"], "games": games}
    return overridden(scenario, {"world": world, "tick_seconds": 300})


def dies_at(work: Callable[[], object], write: int, part: float) -> int:
    """Does the work in a child that dies within its n-th write, counted from 1. Returns its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        left, whole = write, os.write

        def written(fd: int, data: bytes | memoryview) -> int:
            nonlocal left
            left -= 1
            if left == 0:
                whole(fd, data[: int(len(data) * part)])
                os._exit(DEAD)
            return whole(fd, data)

        os.write = written  # type: ignore[assignment]
        work()
        code = ALIVE
    except BurghError:
        code = 2
    finally:
        os._exit(code)


@pytest.fixture(scope="module", autouse=True)
def snapshots_need_no_rest() -> Iterator[None]:
    """Every snapshot that is due is written, however slow the machine: as many writes in every run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("burgh.scenarios.session.SNAPSHOT_REST", 0)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "whole"
    run_scenario(bidding(), folder)
    return folder


def deaths(work: Callable[[], object], clean: Callable[[], None], then: Callable[[int], None]) -> int:
    """Lets the work die in each of its writes, twice: after a part of it that the seed chooses, and before or
    after all of it. Checks what is left each time. Returns how many deaths there were."""
    rng = random.Random(5)
    for write in range(1, 1_000):
        for part in (rng.random(), float(write % 2)):
            clean()
            code = dies_at(work, write, part)
            if code == ALIVE:
                return 2 * (write - 1)
            assert code == DEAD, f"write {write}: exit code {code}"
            then(write)
    raise AssertionError("it never came to its end")


def test_a_run_that_dies_in_any_write_is_gone_on_with(whole: Path, tmp_path: Path) -> None:
    folder, scenario = tmp_path / "run", bidding()
    final = verify(whole).final_hash

    def then(write: int) -> None:
        assert verify(folder).fault is None if (folder / files.HOST).exists() else True
        if not (folder / files.LOG).exists() or not list(open_log(folder).frames()):
            shutil.rmtree(folder)  # nothing was recorded yet: it is run anew
            assert run_scenario(scenario, folder).final_hash == final
            return
        before = list(open_log(folder).frames())
        ended = any(event.kind == "run_ended" for frame in before for event in frame.events)
        if ended:
            with pytest.raises(BurghError, match="is over"):
                resume_run(folder)
        else:
            assert resume_run(folder).final_hash == final, f"write {write}"
        assert list(open_log(folder).frames())[: len(before)] == before

    count = deaths(
        lambda: run_scenario(scenario, folder), lambda: shutil.rmtree(folder, ignore_errors=True), then
    )
    assert count >= 100


def test_going_on_that_dies_in_any_write_is_gone_on_with(whole: Path, tmp_path: Path) -> None:
    final, torn, folder = verify(whole).final_hash, tmp_path / "torn", tmp_path / "run"
    assert dies_at(lambda: run_scenario(bidding(), torn), 20, 0.4) == DEAD
    before = list(open_log(torn).frames())

    def clean() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(torn, folder)

    def then(write: int) -> None:
        assert list(open_log(folder).frames())[: len(before)] == before
        if any(event.kind == "run_ended" for event in open_log(folder).events()):
            assert verify(folder).fault is None
        else:
            assert resume_run(folder).final_hash == final, f"write {write}"

    assert deaths(lambda: resume_run(folder), clean, then) >= 60


def test_a_fork_that_dies_in_any_write_is_whole_or_not_there(whole: Path, tmp_path: Path) -> None:
    final, out, undisturbed = verify(whole).final_hash, tmp_path / "fork", tmp_path / "undisturbed"
    changes = [{"what": "seed", "seed": 11}]
    wanted = fork_run(whole, undisturbed, 24, changes).final_hash
    assert wanted != final

    def then(write: int) -> None:
        assert verify(whole).final_hash == final, "the run that was forked is as it was"
        if not out.exists():
            assert fork_run(whole, out, 24, changes).final_hash == wanted
        elif any(event.kind == "run_ended" for event in open_log(out).events()):
            assert verify(out).fault is None
        else:
            assert resume_run(out).final_hash == wanted, f"write {write}"

    count = deaths(
        lambda: fork_run(whole, out, 24, changes), lambda: shutil.rmtree(out, ignore_errors=True), then
    )
    assert count >= 40


@contextmanager
def full_from(write: int) -> Iterator[list[int]]:
    """The disk is full within the n-th write, counted from 1, and stays so. Yields how often it was met."""
    whole, met, count = os.write, [0], 0

    def written(fd: int, data: bytes | memoryview) -> int:
        nonlocal count
        count += 1
        if count < write:
            return whole(fd, data)
        met[0] += 1
        if count == write and len(data) > 1:
            return whole(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", written)
        yield met


def test_a_disk_that_is_full_loses_nothing_of_a_run_of_going_on_or_of_a_fork(
    whole: Path, tmp_path: Path
) -> None:
    final, scenario = verify(whole).final_hash, bidding()
    torn, wanted = tmp_path / "torn", fork_run(whole, tmp_path / "wanted", 24, [{"what": "seed", "seed": 11}])
    assert dies_at(lambda: run_scenario(scenario, torn), 20, 0.4) == DEAD
    works: Mapping[str, tuple[Callable[[Path], object], str]] = {
        "run": (lambda folder: run_scenario(scenario, folder), final),
        "resume": (resume_run, final),
        "fork": (
            lambda folder: fork_run(whole, folder, 24, [{"what": "seed", "seed": 11}]),
            wanted.final_hash,
        ),
    }
    for name, (work, hash_) in works.items():
        faults = 0
        for write in range(1, 400, 2):
            folder = tmp_path / f"{name}-{write}"
            if name == "resume":
                shutil.copytree(torn, folder)
            before = list(open_log(folder).frames()) if name == "resume" else []
            with full_from(write) as met:
                try:
                    work(folder)
                except BurghError as fault:
                    said = str(fault)
                    assert "No space left on device" in said or "full" in said, said
                    assert "\n" not in said
            if not met[0]:
                break
            faults += 1
            if not (folder / files.LOG).exists() or not list(open_log(folder).frames()):
                assert name != "resume"
                shutil.rmtree(folder, ignore_errors=True)
                work(folder)
            else:
                assert list(open_log(folder).frames())[: len(before)] == before
                if verify(folder).final_hash != hash_:
                    assert resume_run(folder).final_hash == hash_, f"{name}, write {write}"
            assert verify(folder).final_hash == hash_
            assert verify(whole).final_hash == final
            shutil.rmtree(folder)
        assert faults >= 10, name


def test_a_film_that_is_broken_off_leaves_no_half_of_it(tmp_path: Path) -> None:
    from burgh.sim.viewer.film import film

    run, target = tmp_path / "run", tmp_path / "film.gif"
    recorded_morning(run, morning())
    before = (run / files.LOG).read_bytes()
    for frame in (1, 2, 4):

        def die(number: int, of: int, last: int = frame) -> None:
            if number == last:
                os._exit(DEAD)

        child = os.fork()
        if not child:
            film(run, target, first=0, last=4, size=(160, 120), progress=die)
            os._exit(ALIVE)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DEAD
        assert not target.exists()
        assert (run / files.LOG).read_bytes() == before
    film(run, target, first=0, last=4, size=(160, 120), progress=lambda number, of: None)
    assert target.read_bytes()[:4] == b"GIF8"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".gif"] == [target.name]


GAMES = 300


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long") / "run"
    run_scenario(bidding(GAMES), folder)
    return folder


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_travel_faults import GAMES, bidding
from burgh.scenarios.run import run_scenario
run_scenario(bidding(GAMES), Path(sys.argv[1]))
"""


@pytest.mark.parametrize("trial", range(10))
def test_a_run_that_is_killed_is_gone_on_with(long: Path, tmp_path: Path, trial: int) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-c", KILLED, str(folder), str(Path(__file__).parent)]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 120
        while not ((folder / files.LOG).exists() and (folder / files.LOG).stat().st_size):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(random.Random().uniform(0, 0.3))  # a moment that no test chose
        process.send_signal(signal.SIGKILL)
    before = list(open_log(folder).frames())
    if not any(event.kind == "run_ended" for event in before[-1].events):
        assert resume_run(folder).final_hash == verify(long).final_hash
    assert list(open_log(folder).frames())[: len(before)] == before
    assert verify(folder).final_hash == verify(long).final_hash
