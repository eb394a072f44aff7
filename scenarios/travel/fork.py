"""Forking a run: what came before is copied, one thing is changed, and the rest is run anew.

The fork is made in a folder beside the new one and then given its name, so that the new folder holds a whole
fork or nothing. What is to be changed stands in its run.yaml until it is recorded: a fork is gone on with as
any run is, also where it was killed before its first tick of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson
import yaml

from burgh.scenarios.ask.past import time_at
from burgh.scenarios.build import Parts, build_model
from burgh.scenarios.controls import RunControls
from burgh.scenarios.kinds import kind_of
from burgh.scenarios.nearest import suggest
from burgh.scenarios.recorded import READ_FROM
from burgh.scenarios.run import Outcome, must_be_free
from burgh.scenarios.session import Watcher
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.changes import (
    OF_SCENARIO,
    OF_WORLD,
    changed,
    check_in_world,
    check_set,
    check_told,
)
from burgh.scenarios.travel.history import FORK, History, Taken
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.protocols import LanguageModel
from burgh.sim.record import files, open_log
from burgh.sim.record.log import host_text
from burgh.sim.record.reader import ends_run
from burgh.sim.record.snapshots import Snapshots
from burgh.sim.types import BurghError, Json

PART = ".part"  # what the name of a folder ends in while the fork in it is made


@dataclass(frozen=True, slots=True)
class Forked:
    """What `fork_run` made. frames: how many were taken over. tick: from which on it is its own."""

    folder: Path
    frames: int
    tick: int


def make_fork(
    folder: Path,
    out: Path,
    tick: int,
    changes: Sequence[Mapping[str, Json]],
    *,
    model: LanguageModel | None = None,
) -> Forked:
    """Makes a fork of the run in `folder`, without running it: `resume_run(out)` does.

    tick: the first that is its own, in which the changes are made. changes: as `travel.changes` reads them.
    model: one that is loaded already, where a change of the model or the seed is among them. Raises
    BurghError for what cannot be, before anything is written.
    """
    must_be_free(out)
    history = History.of(open_log(folder))
    kept = _frames_before(history, tick)
    scenario = history.scenario_at(tick - 1)
    check_told(changes)
    planned: list[Mapping[str, Json]] = []
    for change in changes:
        before, scenario = scenario, changed(scenario, change)
        if change["what"] == "set":
            check_set(before, scenario, change, tick)
        _check(history, scenario, change, tick, planned)
        planned.append(_with_identity(scenario, change, model))
    real = out.resolve()  # where a link leads, which stays one
    part = real.with_name(f".{real.name}{PART}")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        _copy(history, part, kept, history.snapshot(tick))
        _write_meta(history, part, kept, tick, planned)
        part.replace(real)
    except OSError as error:
        raise BurghError(f"no fork can be made in {out}: {error.strerror}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Forked(out, kept, tick)


def fork_run(
    folder: Path,
    out: Path,
    tick: int,
    changes: Sequence[Mapping[str, Json]],
    *,
    model: LanguageModel | None = None,
    threads: int | None = None,
    watchers: tuple[Watcher, ...] = (),
    controls: RunControls | None = None,
    ready: Callable[[Parts], None] | None = None,
) -> Outcome:
    """Makes a fork and runs it to the end of the scenario; nothing is left of one that comes to no tick of
    its own. model: the run's, loaded already."""
    other = any(change["what"] == "model" for change in changes)
    there, missing = out.is_dir(), [path for path in out.absolute().parents if not path.exists()]
    try:
        made = make_fork(folder, out, tick, changes, model=None if other else model)
    except BaseException:
        _remove_empty(missing)
        raise
    try:
        return resume_run(
            out, model=model, threads=threads, watchers=watchers, controls=controls, ready=ready
        )
    except BaseException:
        if not any(not ends_run(frame) for frame in islice(open_log(out).frames(), made.frames, None)):
            shutil.rmtree(out.resolve(), ignore_errors=True)
            if there:
                out.resolve().mkdir(exist_ok=True)
            _remove_empty(missing)
        raise


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _frames_before(history: History, tick: int) -> int:
    """How many frames stand before a tick. Raises BurghError where there is nothing to fork at it."""
    clock = history.base.clock
    if tick < 1:
        raise BurghError(f"--at: the run starts at {clock.start:%H:%M}: name a later time")
    if not history.frames:
        raise BurghError(f"the record in {history.log.folder} holds nothing yet: there is nothing to fork")
    if tick > history.end_tick:
        reached = time_at(clock, history.end_tick)
        raise BurghError(
            f"--at: the run in {history.log.folder} starts at {clock.start:%H:%M} and has reached only"
            f" {reached}: name a time between, or go on with it first"
        )
    if tick > (over := history.until_tick(tick)):
        raise BurghError(
            f"--at: the run in {history.log.folder} was over at {time_at(clock, over)}, and told to go on"
            f" only then: name a time until {time_at(clock, over)}, or a later one"
        )
    return sum(frame.tick < tick for frame in history.frames)


def _check(
    history: History,
    scenario: Basis,
    change: Mapping[str, Json],
    tick: int,
    planned: Sequence[Mapping[str, Json]],
) -> None:
    """Raises BurghError for a change that cannot be made at that tick, after those planned already."""
    what = change["what"]
    agents = [agent.name for agent in scenario.agents]
    if "to" in change and change["to"] not in agents:
        right = suggest(str(change["to"]), agents)
        raise BurghError(f"--{what}: there is no agent {change['to']!r}: {right}")
    if what in OF_WORLD or what in OF_SCENARIO:
        world = kind_of(scenario).world(scenario)
        if what in OF_WORLD:
            check_in_world(world, change)
    if what == "forget":
        known = {
            event.data["id"]
            for event in history.log.events()
            if event.kind == "memory" and event.agent == change["to"] and event.tick < tick
        }
        before = [event.data for event in history.interventions if event.tick < tick]
        if any(one["what"] == what and one["memory"] == change["memory"] for one in (*before, *planned)):
            raise BurghError(f"--forget: {change['memory']} is forgotten already at that time")
        if change["memory"] not in known:
            last = max((int(one.rpartition(":")[2]) for one in known), default=None)
            others = "there is none" if last is None else f"the last is {change['to']}:{last}"
            raise BurghError(
                f"--forget: {change['to']} has no memory {change['memory']} at that time: {others}"
            )


def _copy(history: History, part: Path, kept: int, taken: Taken | None) -> None:
    """The frames before the fork, byte for byte, and the snapshots among them."""
    _copy_start(history.log.path, part / files.LOG, history.frames[kept - 1].offset if kept else 0)
    if taken is not None:
        source = Snapshots(history.log.folder)
        _copy_start(source.path, part / files.SNAPSHOTS, source.end_of(taken.number))


def _copy_start(source: Path, target: Path, size: int) -> None:
    copy = files.AppendFile(target)
    try:
        with source.open("rb") as file:
            while size > 0 and (data := file.read(min(size, 1 << 20))):
                copy.append(data)
                size -= len(data)
        copy.sync()
    finally:
        copy.close()


def _with_identity(
    scenario: Basis, change: Mapping[str, Json], model: LanguageModel | None
) -> Mapping[str, Json]:
    """A change with what determines the replies from then on, where that may be something else."""
    if change["what"] not in ("model", "seed"):
        return change
    accounts = build_model(scenario, model=model)
    return {**change, "identity": dict(accounts.identity)}


def _write_meta(
    history: History, part: Path, kept: int, tick: int, changes: Sequence[Mapping[str, Json]]
) -> None:
    meta = dict(history.log.meta)
    meta[FORK] = {
        "tick": tick,
        "frames": kept,
        "hash": history.frames[kept - 1].hash if kept else "",
        "changes": [{"agent": change.get("to"), "data": dict(change)} for change in changes],
    }
    plain = orjson.loads(orjson.dumps(meta))
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
    host = {"forked_from": str(history.log.folder), READ_FROM: str(history.base.folder.absolute())}
    files.write_whole(part / files.META, text)
    files.write_whole(part / files.HOST, host_text(text, host))
