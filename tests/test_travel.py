"""Going on with runs, forks and comparisons: what comes again is the same, what is changed is recorded."""

from __future__ import annotations

import json
import random
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from ask_for_tests import asked
from runs_for_tests import recorded, scripted

from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.ask.past import Past
from burgh.scenarios.controls import RunControls
from burgh.scenarios.load import overridden
from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.spec import Scenario
from burgh.scenarios.travel.changes import parse_event, parse_forget, parse_set, parse_whisper
from burgh.scenarios.travel.compare import compare, told_of
from burgh.scenarios.travel.fork import fork_run, make_fork
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.engine import Tick
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores
from burgh.sim.record import files, open_log, verify
from burgh.sim.record.snapshots import Snapshots
from burgh.sim.types import BurghError, Event, Json

pytestmark = pytest.mark.model  # all need the embedder's weights

NEWS = "There is a market on the square at 11:00 today."
MODEL = ScriptedModel(7)
STOP = 80  # a tick on the way


def unheard() -> Scenario:
    """A market morning on which nobody is told of the market."""
    return overridden(scripted("market-day", "11:05"), {"happenings": []})


@pytest.fixture(scope="module")
def base() -> Scenario:
    return scripted("quiet-room", "09:40")


@pytest.fixture(scope="module")
def whole(base: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return recorded(base, tmp_path_factory.mktemp("runs") / "whole", MODEL)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return recorded(unheard(), tmp_path_factory.mktemp("runs") / "morning", MODEL)


class Asked(ScriptedModel):
    """Keeps the ticks at which it is asked."""

    def __init__(self) -> None:
        super().__init__(7)
        self.ticks: list[int] = []

    async def score(self, request: ScoreRequest) -> Scores:
        self.ticks.append(request.call.tick)
        return await super().score(request)

    async def complete(self, request: CompleteRequest) -> Completion:
        self.ticks.append(request.call.tick)
        return await super().complete(request)


def of_kind(folder: Path, kind: str) -> list[Event]:
    return [event for event in open_log(folder).events() if event.kind == kind]


class Killed(BaseException):
    """As if the process had ended."""


def killed_at(scenario: Scenario, folder: Path, tick: int) -> None:
    """What a killed process leaves: the files as they are after a tick."""
    running = folder.with_name("running")

    def die(brought: Tick) -> None:
        if brought.tick >= tick:
            shutil.copytree(running, folder)
            raise Killed

    with pytest.raises(Killed):
        run_scenario(scenario, running, model=MODEL, watchers=(die,))


def test_a_stopped_run_goes_on_to_the_same_end(base: Scenario, whole: Outcome, tmp_path: Path) -> None:
    controls = RunControls()

    def stop(brought: Tick) -> None:
        if brought.tick >= STOP:
            controls.stop()

    stopped = run_scenario(base, tmp_path / "run", model=MODEL, watchers=(stop,), controls=controls)
    assert stopped.reason == "stopped"
    model = Asked()
    gone_on = resume_run(tmp_path / "run", model=model)
    assert (gone_on.reason, gone_on.final_hash) == ("end", whole.final_hash)
    assert model.ticks
    assert min(model.ticks) > stopped.tick, "what is in the record is not asked again"


@pytest.mark.parametrize("seed", range(3))
def test_a_record_cut_at_any_byte_goes_on_to_the_same_end(
    base: Scenario, whole: Outcome, tmp_path: Path, seed: int
) -> None:
    folder = tmp_path / "run"
    killed_at(base, folder, STOP)
    log = folder / files.LOG
    size = log.stat().st_size
    rng = random.Random(seed)
    with log.open("r+b") as file:
        file.truncate(rng.randrange(size // 2, size))
    snapshots = folder / files.SNAPSHOTS
    if seed and snapshots.exists():
        with snapshots.open("r+b") as file:
            file.truncate(rng.randrange(snapshots.stat().st_size))
    assert resume_run(folder, model=MODEL).final_hash == whole.final_hash
    assert verify(folder).fault is None


def test_a_run_that_is_over_goes_on_past_its_end(base: Scenario, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    short = overridden(base, {"until": "2026-05-04 09:20"})
    recorded(short, folder, MODEL)
    with pytest.raises(BurghError, match=r"is over, at .*09:20: name a later time with --until"):
        resume_run(folder, model=MODEL)
    with pytest.raises(BurghError, match="name a later time"):
        resume_run(folder, model=MODEL, until=short.start.replace(hour=9, minute=10))
    gone_on = resume_run(folder, model=MODEL, until=short.start.replace(hour=9, minute=40))
    assert gone_on.reason == "end"
    assert [event.data["what"] for event in of_kind(folder, "intervention")] == ["until"]
    assert verify(folder).complete
    assert of_kind(folder, "decided")[-1].tick > short.until_tick


def test_what_was_changed_or_is_under_way_is_not_gone_on_with(base: Scenario, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    killed_at(base, folder, STOP)
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    from burgh.sim.record import RunWriter

    writer = RunWriter.resume(folder, after=0, reopen=True)
    with pytest.raises(BurghError, match=r"is being written|another process|in use"):
        resume_run(folder, model=MODEL)
    writer.abandon()
    raw = bytearray((again / files.LOG).read_bytes())
    raw[len(raw) // 2] ^= 1
    (again / files.LOG).write_bytes(raw)
    with pytest.raises(BurghError, match="it was changed"):
        resume_run(again, model=MODEL)


def test_a_fork_without_a_change_is_the_same_run(whole: Outcome, base: Scenario, tmp_path: Path) -> None:
    model = Asked()
    same = fork_run(whole.folder, tmp_path / "same", STOP, [], model=model)
    assert same.final_hash == whole.final_hash
    assert min(model.ticks) >= STOP, "what came before costs no call"
    assert compare(whole.folder, tmp_path / "same").first is None


def test_a_whisper_changes_who_comes_and_diff_shows_it(
    morning: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "forked"
    tick = unheard().tick_at(datetime(2026, 5, 4, 8, 30).time())
    fork_run(morning.folder, folder, tick, [parse_whisper(f"Tom: {NEWS}", unheard().facts)], model=MODEL)
    found = compare(morning.folder, folder)
    assert found.first is not None
    assert (found.first.tick, found.first.time) == (tick, "08:30")
    assert found.first.other == f"from outside: an inner voice to Tom: “{NEWS}”"
    assert "{" not in found.first.one
    came = {fact: (one, other) for fact, one, other in found.outcomes["Who came"]}
    assert came["market"][0] == ""
    assert "Tom" in came["market"][1]
    assert {"Tom"} <= {hour.agent for hour in found.hours}
    code, said, _ = asked(capsys, "diff", morning.folder, folder)
    assert code == 0
    assert "The same until 08:30" in said and "Who came" in said
    code, said, _ = asked(capsys, "diff", morning.folder, folder, "--json")
    assert json.loads(said)["first"]["tick"] == tick
    assert asked(capsys, "replay", folder)[0] == 0
    assert asked(capsys, "verify", folder)[0] == 0


def test_the_commands_fork_at_0940_and_diff_show_who_comes_by_one_whisper(
    morning: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "forked"
    options = ("--at", "09:40", "--whisper", f"Tom: {NEWS}", "--out", folder, "--quiet")
    code, _, error = asked(capsys, "fork", morning.folder, *options)
    assert code == 0, error
    code, said, _ = asked(capsys, "diff", morning.folder, folder)
    assert code == 0 and "The same until 09:40" in said
    past = Past.of(folder, 10**6)
    for event in past.events:
        told = told_of(past, event)
        assert told and "{" not in told and "'tool'" not in told, event
    code, said, _ = asked(capsys, "diff", morning.folder, folder, "--json")
    found = json.loads(said)
    ((fact, before, after),) = found["outcomes"]["Who came"]
    assert (fact, before) == ("market", "") and "Tom" in after.split(", ")
    assert len(after.split(", ")) > 1, "who heard of it from Tom came too"
    last = {event.agent: event.data["place"] for event in of_kind(folder, "arrived")}
    assert all("Market Square" in last[name] for name in after.split(", "))


def test_persona_memory_and_seed_can_be_changed_and_are_recorded(whole: Outcome, tmp_path: Path) -> None:
    folder, names = tmp_path / "forked", list(open_log(whole.folder).started.data["agents"])
    changes = [
        parse_set(f"agents.{names[0]}.persona.traits=[bold]"),
        parse_forget(f"{names[0]}: 0"),
        {"what": "seed", "seed": 99},
    ]
    outcome = fork_run(whole.folder, folder, STOP, changes, model=MODEL)
    assert outcome.reason == "end" and outcome.final_hash != whole.final_hash
    assert [event.data["what"] for event in of_kind(folder, "intervention")] == ["set", "forget", "seed"]
    picked = {
        found["id"]
        for event in of_kind(folder, "retrieved")
        if event.agent == names[0] and event.tick >= STOP
        for found in event.data["picked"]
    }
    assert picked and f"{names[0]}:0" not in picked
    again = fork_run(whole.folder, tmp_path / "again", STOP, changes, model=MODEL)
    assert again.final_hash == outcome.final_hash


def test_a_fork_that_was_killed_before_its_first_tick_is_gone_on_with(whole: Outcome, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    changes = [{"what": "seed", "seed": 99}]
    make_fork(whole.folder, first, STOP, changes, model=MODEL)
    outcome = resume_run(first, model=MODEL)
    assert outcome.final_hash == fork_run(whole.folder, second, STOP, changes, model=MODEL).final_hash


def test_what_happens_at_a_place_is_seen_by_those_who_are_there(morning: Outcome, tmp_path: Path) -> None:
    folder = tmp_path / "forked"
    tick = unheard().tick_at(datetime(2026, 5, 4, 9, 0).time())
    places = ["Burgh : Bakery", "Burgh : Bakery : Shop", "Burgh : Green"]
    change = parse_event("Bakery: The bakery is on fire.", places)
    assert change["place"] == "Burgh : Bakery"
    make_fork(morning.folder, folder, tick, [change])
    resume_run(folder, model=MODEL)
    (happened,) = of_kind(folder, "happened")
    assert "Mira" in happened.data["seen_by"] and "Tom" not in happened.data["seen_by"]
    about = [e for e in of_kind(folder, "memory") if e.data["text"] == "The bakery is on fire."]
    assert {event.agent for event in about} >= set(happened.data["seen_by"])
    assert all(happened.id in event.causes for event in about if event.agent in happened.data["seen_by"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--at", "05:00"], "starts at 07:30 and has reached only"),
        (["--at", "23:00"], "has reached only"),
        (["--at", "08:30", "--whisper", "no colon"], 'write "AGENT: what the voice says"'),
        (["--at", "08:30", "--whisper", "Tim: Go."], "there is no agent 'Tim'"),
        (["--at", "08:30", "--whisper", "Tom@09:00: Go."], 'write "Tom: what the voice says"'),
        (["--at", "08:30", "--forget", "Tom: 9999"], "has no memory Tom:9999 at that time"),
        (["--at", "08:30", "--forget", "Tom: x"], "cannot be read"),
        (["--at", "08:30", "--set", "start=1"], "cannot be changed in a run that has begun"),
        (["--at", "08:30", "--set", "agents.Tim.age=3"], "there is no agent 'Tim'"),
        (["--at", "08:30", "--set", "agents.Tom.age=old"], "--set agents.Tom.age"),
        (["--at", "08:30", "--set", "nonsense"], "write KEY=VALUE"),
        (["--at", "08:30", "--event", " "], "say what happens"),
        (["--at", "08:30", "--event", "Market Square:"], "say what happens"),
        (["--at", "08:30", "--event", "Markt Square: A bell."], "did you mean 'Market Square'?"),
        (["--at", "08:30", "--model", "nosuch"], "no language model is called 'nosuch'"),
    ],
)
def test_what_cannot_be_forked_is_one_sentence(
    morning: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    code, _, error = asked(capsys, "fork", morning.folder, *more, "--out", tmp_path / "new")
    assert code == 2
    assert said in " ".join(error.split())
    assert not (tmp_path / "new").exists()
    assert list(tmp_path.iterdir()) == []


def test_diff_of_what_cannot_be_compared(
    morning: Outcome, whole: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = asked(capsys, "diff", morning.folder, morning.folder)
    assert code == 2 and "are the same run" in " ".join(error.split())
    code, _, error = asked(capsys, "diff", morning.folder, whole.folder)
    assert code == 2 and "do not begin at the same time" in " ".join(error.split())


def test_diff_says_by_name_which_settings_are_not_the_same(morning: Outcome, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(morning.folder, other)
    meta = other / files.META
    text = meta.read_text("utf-8")
    text = text.replace("name: market-day", "name: market-eve", 1)
    meta.write_text(text.replace("dimension: 384", "dimension: 385"), "utf-8")
    assert compare(morning.folder, other).settings == {
        "scenario": ("market-day", "market-eve"),
        "embedder": ("minilm-l6 (dimension 384)", "minilm-l6 (dimension 385)"),
    }


def test_the_commands_resume_and_fork(
    base: Scenario, whole: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    killed_at(base, folder, STOP)
    code, said, error = asked(capsys, "resume", folder)
    assert code == 0, error
    assert f"final hash {whole.final_hash}" in said and "Ended at 09:40" in said
    code, said, error = asked(capsys, "resume", folder)
    assert code == 2 and "name a later time with --until" in " ".join(error.split())
    code, said, error = asked(capsys, "resume", folder, "--until", "09:50", "--quiet")
    assert code == 0, error
    assert "Ended at 09:50" in said
    code, said, error = asked(capsys, "resume", folder, "--until", "2026-05-05 00:10", "--quiet")
    assert "Ended at day 2, 00:10" in said
    code, said, error = asked(capsys, "fork", folder, "--at", "09:30", "--seed", "9", "--out", tmp_path / "f")
    assert code == 0, error
    assert f"diff {folder}" in said
    assert "Ended at 09:40" in said, "the later end was named after the moment of the fork"


def test_a_run_answers_from_another_runs_record(base: Scenario, whole: Outcome, tmp_path: Path) -> None:
    model = Asked()
    again = run_scenario(base, tmp_path / "again", model=model, replies=whole.folder)
    assert again.final_hash == whole.final_hash
    assert model.ticks == [], "nothing is new"
    longer = overridden(base, {"until": "2026-05-04 10:20"})
    more = run_scenario(longer, tmp_path / "more", model=model, replies=whole.folder)
    assert more.reason == "end"
    assert model.ticks and min(model.ticks) > whole.tick


def test_the_command_run_takes_replies(
    whole: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--model", "scripted", "--until", "09:40", "--seed", "7")
    out = ("--out", tmp_path / "run")
    code, said, error = asked(capsys, "run", "quiet-room", *options, "--replies", whole.folder, *out)
    assert code == 0, error
    assert f"final hash {whole.final_hash}" in said
    code, _, error = asked(capsys, "run", "quiet-room", *options, "--replies", "nosuch", "-q")
    assert code == 2 and "there is no run 'nosuch'" in " ".join(error.split())
    assert f"Answered from the other run's record: {len(of_kind(whole.folder, 'model'))} calls" in said
    code, _, error = asked(capsys, "run", "quiet-room", *options, "--replies", whole.folder, "--seed", "8")
    assert code == 2
    assert "was on a model whose seed is 7, and here it is 8: it holds no reply" in " ".join(error.split())


def test_a_run_of_an_older_burgh_is_told_and_not_asked_anew(
    base: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("burgh.agents.asking.score_key", lambda identity, request: "0" * 16)
        recorded(overridden(base, {"until": "2026-05-04 09:10"}), tmp_path / "old", MODEL)
    model = Asked()
    with pytest.raises(BurghError, match="older burgh, which knew its replies by other keys"):
        run_scenario(base, tmp_path / "new", model=model, replies=tmp_path / "old")
    assert not (tmp_path / "new").exists() and model.ticks == []


def test_a_snapshot_of_an_older_burgh_is_told(
    whole: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(whole.folder, tmp_path / "old")
    taken = Snapshots.state

    def older(self: Snapshots, number: int) -> Json:
        state = taken(self, number)
        assert state is not None
        for mind in state["minds"].values():
            mind.pop("told_now")
        return state

    monkeypatch.setattr(Snapshots, "state", older)
    before = (tmp_path / "old" / files.LOG).read_bytes()
    with pytest.raises(KeyError, match="told_now"):  # of this very burgh: a fault of ours, not to be hidden
        resume_run(tmp_path / "old", until=datetime(2026, 5, 4, 9, 50), model=MODEL)
    with monkeypatch.context() as another:
        another.setattr("burgh.scenarios.travel.resume.code_hash", lambda: "another")
        with pytest.raises(
            BurghError, match="recorded by another burgh, whose minds and worlds kept another"
        ):
            resume_run(tmp_path / "old", until=datetime(2026, 5, 4, 9, 50), model=MODEL)
    assert (tmp_path / "old" / files.LOG).read_bytes() == before
