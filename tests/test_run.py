"""A scenario run from end to end: its folder, its costs, its end, and what is left where it breaks off."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml
from runs_for_tests import recorded, scripted

from burgh.agents.llm.scripted import ScriptedModel
from burgh.memory.store import MemoryStore
from burgh.scenarios.build import Parts, build
from burgh.scenarios.controls import RunControls
from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.town import build_town
from burgh.sim.engine import Tick
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores
from burgh.sim.record import open_log, replay, verify
from burgh.sim.types import BurghError, Event

pytestmark = pytest.mark.model  # all need the embedder's weights

UNTIL = "09:20"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return recorded(scripted("quiet-room", UNTIL), tmp_path_factory.mktemp("runs") / "quiet")


def events(folder: Path, kind: str) -> list[Event]:
    return [event for event in open_log(folder).events() if event.kind == kind]


def stored(folder: Path) -> set[str]:
    with MemoryStore(folder / "memory") as store:
        return {found.id for found in store.query(k=100_000)}


def remembered(folder: Path) -> set[str]:
    return {event.data["id"] for event in events(folder, "memory")}


def test_the_folder_holds_the_run(quiet: Outcome) -> None:
    names = {path.name for path in quiet.folder.iterdir()}
    assert {"run.yaml", "host.yaml", "events.jsonl.zst", "memory"} <= names
    meta = yaml.safe_load((quiet.folder / "run.yaml").read_text())
    assert meta["seed"] == 7 and meta["scenario"] == scripted("quiet-room", UNTIL).resolved()
    assert meta["model"]["backend"] == "scripted" and meta["embedder"]["dimension"] == 384
    assert str(quiet.folder.parent) not in (quiet.folder / "run.yaml").read_text()
    verdict = verify(quiet.folder)
    assert quiet.reason == "end" and 60 < quiet.tick <= 120 and quiet.final_hash == verdict.final_hash
    assert events(quiet.folder, "run_ended")[0].data["reason"] == "end"
    (started,) = events(quiet.folder, "run_started")
    assert started.data["agents"] == ["Edda", "Jonas"]
    assert started.data["scenario_hash"] == scripted("quiet-room", UNTIL).hash


def test_the_costs_are_those_of_the_calls_in_the_record(quiet: Outcome) -> None:
    calls = events(quiet.folder, "model")
    by_purpose: dict[str, list[int]] = {}
    for event in calls:
        cost = by_purpose.setdefault(event.data["purpose"], [0, 0, 0])
        for n, one in enumerate((1, event.data["tokens_in"], event.data["tokens_out"])):
            cost[n] += one
    table = {row["purpose"]: [row["calls"], row["tokens_in"], row["tokens_out"]] for row in quiet.costs}
    assert table == by_purpose and {"importance", "words", "plan hour"} <= set(table)
    assert quiet.seconds > quiet.model_seconds >= 0


def test_what_may_differ_stands_aside(quiet: Outcome) -> None:
    (path,) = [path for path in quiet.folder.iterdir() if path.name.startswith("aside")]
    asides = [json.loads(line) for line in path.read_text().splitlines()]
    calls = events(quiet.folder, "model")
    assert sum(one["calls"] for one in asides) == len(calls)
    assert {one["tick"] for one in asides} == {event.tick for event in calls}
    assert all(one["seconds"] >= 0 for one in asides)
    assert not any("seconds" in event.data for event in calls)


def test_the_store_holds_exactly_the_memories_of_the_record(quiet: Outcome) -> None:
    assert stored(quiet.folder) == remembered(quiet.folder)
    with MemoryStore(quiet.folder / "memory") as store:
        assert store.count() == len(events(quiet.folder, "memory"))


def test_causes_come_before_what_they_cause(quiet: Outcome) -> None:
    known: set[str] = set()
    for event in open_log(quiet.folder).events():
        assert set(event.causes) <= known, event
        known.add(event.id)


def test_a_run_can_be_stopped(tmp_path: Path) -> None:
    controls = RunControls()

    def watch(tick: Tick) -> None:
        if tick.tick >= 5:
            controls.stop()

    scenario = scripted("quiet-room", UNTIL)
    outcome = run_scenario(scenario, tmp_path / "run", watchers=(watch,), controls=controls)
    assert outcome.reason == "stopped" and 5 <= outcome.tick < 30
    assert events(tmp_path / "run", "run_ended")[0].data["reason"] == "stopped"
    assert verify(tmp_path / "run").final_hash == outcome.final_hash


def test_an_interrupt_ends_the_run_and_closes_the_record(tmp_path: Path) -> None:
    def watch(tick: Tick) -> None:
        if tick.tick >= 5:
            raise KeyboardInterrupt

    outcome = run_scenario(scripted("quiet-room", UNTIL), tmp_path / "run", watchers=(watch,))
    assert outcome.reason == "stopped" and verify(tmp_path / "run").complete
    assert stored(tmp_path / "run") == remembered(tmp_path / "run")


def test_whoever_watches_is_told_each_tick_once_it_is_recorded(tmp_path: Path) -> None:
    told: list[int] = []
    parts: list[Parts] = []

    def watch(tick: Tick) -> None:
        frames = list(open_log(tmp_path / "run").frames())
        assert frames[-1].tick == tick.tick or not tick.events
        told.append(tick.tick)

    run_scenario(scripted("quiet-room", "09:02"), tmp_path / "run", watchers=(watch,), ready=parts.append)
    assert told[0] == 0 and told == sorted(set(told)) and told[-1] <= 12
    assert [mind.name for mind in parts[0].minds] == ["Edda", "Jonas"]


class Failing(ScriptedModel):
    """A model whose server is gone after so many answers."""

    def __init__(self, after_calls: int) -> None:
        super().__init__(7)
        self.left = after_calls

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise BurghError("the model's server does not answer")

    async def score(self, request: ScoreRequest) -> Scores:
        self._count()
        return await super().score(request)

    async def complete(self, request: CompleteRequest) -> Completion:
        self._count()
        return await super().complete(request)


@pytest.mark.parametrize("after_calls", [3, 45, 55])
def test_where_the_model_fails_what_was_recorded_is_whole(tmp_path: Path, after_calls: int) -> None:
    scenario = scripted("quiet-room", UNTIL)
    with pytest.raises(BurghError, match="the model's server does not answer"):
        recorded(scenario, tmp_path / "run", Failing(after_calls))
    (ended,) = events(tmp_path / "run", "run_ended")
    assert ended.data["reason"] == "fault"
    assert verify(tmp_path / "run").fault is None
    if events(tmp_path / "run", "run_started"):
        assert replay(open_log(tmp_path / "run"), lambda: build_town(scenario)).mismatch is None
    else:
        with pytest.raises(BurghError, match="the run stopped before its start"):
            replay(open_log(tmp_path / "run"), lambda: build_town(scenario))
    ids = [event.id for event in open_log(tmp_path / "run").events()]
    recorded(scenario, tmp_path / "whole")
    whole = [event.id for event in open_log(tmp_path / "whole").events()]
    assert ids[:-1] == whole[: len(ids) - 1], "it is the same run as far as it goes"
    assert stored(tmp_path / "run") == remembered(tmp_path / "run")


def test_a_memory_whose_tick_cannot_be_recorded_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the third frame: the minds have made memories that the record does not hold."""
    from burgh.sim.record import log

    write = log.RunWriter._write
    frames = 0

    def full(self: log.RunWriter, tick: int, happened: list[Event]) -> None:
        nonlocal frames
        frames += 1
        if any(event.kind == "memory" for event in happened) and frames > 1:
            raise self._failed(OSError(28, "No space left on device"))
        write(self, tick, happened)

    monkeypatch.setattr(log.RunWriter, "_write", full)
    with pytest.raises(BurghError, match="No space left on device"):
        recorded(scripted("quiet-room", UNTIL), tmp_path / "run")
    assert remembered(tmp_path / "run") == stored(tmp_path / "run")


def a_file(folder: Path) -> None:
    folder.write_text("mine")


def a_folder_with_something(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")


def another_run(folder: Path) -> None:
    recorded(scripted("quiet-room", "09:01"), folder)


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (a_file, "is not a folder"),
        (a_folder_with_something, r"already holds notes\.txt: a run needs a folder of its own"),
        (another_run, r"already holds a run: name a new or an empty folder"),
    ],
)
def test_a_folder_that_is_taken_is_left_alone(
    tmp_path: Path, prepare: Callable[[Path], None], sentence: str
) -> None:
    folder = tmp_path / "taken"
    prepare(folder)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(BurghError, match=sentence):
        recorded(scripted("quiet-room", UNTIL), folder)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_folder_below_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BurghError, match=r"no run can be recorded in .*run: .*file is not a folder"):
        recorded(scripted("quiet-room", UNTIL), tmp_path / "file" / "run")


def test_a_folder_that_may_not_be_written_to_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)  # as root one may write all
    with pytest.raises(BurghError, match="may not be written to"):
        recorded(scripted("quiet-room", UNTIL), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert recorded(scripted("quiet-room", "09:01"), tmp_path).reason == "end"


def test_without_the_embedder_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURGH_HOME", str(tmp_path / "home"))
    with pytest.raises(BurghError, match="burgh models pull"):
        recorded(scripted("quiet-room", UNTIL), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_scores_can_be_shuffled_and_the_run_says_so(tmp_path: Path) -> None:
    scenario = scripted("quiet-room", "09:05")
    shuffled = scenario.model_copy(update={"mind": scenario.mind.model_copy(update={"shuffle_scores": True})})
    one, other = recorded(scenario, tmp_path / "one"), recorded(shuffled, tmp_path / "other")
    assert one.final_hash != other.final_hash
    parts = build(shuffled, tmp_path / "memory", model=ScriptedModel(7))
    assert parts.store is not None
    parts.store.close()
    assert parts.accounts.name == "scripted with permuted scores"
    ratings = [
        [event.data["importance"] for event in events(tmp_path / name, "memory")] for name in ("one", "other")
    ]
    assert ratings[0] != ratings[1]
    shutil.rmtree(tmp_path / "one")


def test_a_run_that_ends_in_a_lull_has_reached_its_end(tmp_path: Path) -> None:
    """Nothing happens in the last ticks, so that no frame tells of them; the end is recorded where it is."""
    for until in ("09:12", "09:17", "09:23"):
        scenario = scripted("quiet-room", until)
        folder = tmp_path / until.replace(":", "")
        recorded(scenario, folder)
        (ended,) = events(folder, "run_ended")
        assert ended.tick == scenario.until_tick and ended.data["reason"] == "end"
        assert verify(folder).ok
        assert replay(open_log(folder), partial(build_town, scenario)).mismatch is None
