"""Commands to a run that goes on, and a person in an agent's seat: recorded, replayed, resumed."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO, cast

import pytest
from runs_for_tests import scripted

from burgh.scenarios.cli.live import Terminal, at_terminal
from burgh.scenarios.controls import Asked, RunControls
from burgh.scenarios.kinds import kind_of
from burgh.scenarios.live import Live
from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.seating import players, with_players
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.changes import world_after
from burgh.scenarios.travel.fork import fork_run
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.dialogue import Dialogue
from burgh.sim.engine import Tick
from burgh.sim.protocols import Call
from burgh.sim.record import open_log, verify
from burgh.sim.record.replay import replay
from burgh.sim.spec import Choice
from burgh.sim.types import BurghError, Event

pytestmark = pytest.mark.model  # all need the embedder's weights

UNTIL = "09:15"
CHANGES = (
    "until 09:02", "whisper Edda: Count the skeins.", "place spinning bench at Elm Cottage : Room",
    "event Elm Cottage : Room: It smells of smoke.", "step 2", "save", "until 09:05", "go",
)  # fmt: skip


def played(scenario: Basis, folder: Path, lines: Iterable[str], *, again: bool = False) -> Outcome:
    """A run to which these lines are given at the terminal."""
    controls = RunControls()
    controls.played = bool(players(scenario))
    live = Live(controls, scenario)
    with at_terminal(live, io.StringIO("".join(f"{one}\n" for one in lines))):
        if again:
            return resume_run(folder, watchers=(live.told,), controls=controls)
        return run_scenario(scenario, folder, watchers=(live.told,), controls=controls)


def slowly(lines: Iterable[str]) -> Iterator[str]:
    """Lines of somebody who reads what is asked."""
    for line in lines:
        time.sleep(0.2)
        yield line


def happened(folder: Path, kind: str, agent: str | None = None) -> list[Event]:
    events = open_log(folder).events()
    return [event for event in events if event.kind == kind and agent in (None, event.agent)]


def replays(scenario: Basis, folder: Path) -> bool:
    found = replay(open_log(folder), lambda: kind_of(scenario).world(scenario), world_after(scenario))
    return found.mismatch is None and found.ticks > 0


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live") / "run"
    played(scripted("quiet-room", UNTIL), folder, CHANGES)
    return folder


def test_each_command_is_in_the_record_with_its_tick(changed: Path) -> None:
    asked = happened(changed, "intervention")
    assert [event.data["what"] for event in asked] == ["whisper", "object", "event"]
    ticks = {event.tick for event in asked}
    assert len(ticks) == 1 and 12 < ticks.pop() <= 14, "09:02 is tick 12: what was asked there comes next"
    came = [happened(changed, kind)[0] for kind in ("whispered", "object_put", "happened")]
    assert [event.causes for event in came] == [(event.id,) for event in asked]
    assert happened(changed, "run_ended")[0].data["reason"] == "end"


def test_what_changes_nothing_is_kept_beside_the_record_with_its_tick(tmp_path: Path) -> None:
    lines = ["until 09:02", "save", "step 2", "speed 0", "speed 500", "quit"]
    scenario = scripted("quiet-room", UNTIL)
    played(scenario, tmp_path / "run", lines)
    asked = [(one["tick"], one["asked"]) for one in open_log(tmp_path / "run").asides() if "asked" in one]
    told = [data for _, data in asked]
    assert {"until": 12} in told and {"save": True} in told and told.count({"step": 1}) == 2
    assert {"ticks_per_second": 500 * 60 / scenario.tick_seconds} in told and told[-1] == {"stop": True}
    (saved,) = [tick for tick, data in asked if "save" in data]
    assert 11 <= saved <= 12 and not happened(tmp_path / "run", "intervention")


def test_the_same_commands_at_the_same_times_give_the_same_run(changed: Path, tmp_path: Path) -> None:
    again = played(scripted("quiet-room", UNTIL), tmp_path / "again", CHANGES)
    assert again.final_hash == verify(changed).final_hash


def test_what_was_commanded_is_replayed_and_taken_into_forks(changed: Path, tmp_path: Path) -> None:
    scenario = scripted("quiet-room", UNTIL)
    assert replays(scenario, changed)
    fork_run(changed, tmp_path / "fork", 60, [])
    assert verify(tmp_path / "fork").final_hash == verify(changed).final_hash
    assert replays(scenario, tmp_path / "fork")


def test_a_run_that_is_quit_is_gone_on_with_what_was_put_there(changed: Path, tmp_path: Path) -> None:
    lines = [*CHANGES[:-2], "until 09:08", "quit"]
    stopped = played(scripted("quiet-room", UNTIL), tmp_path / "run", lines)
    assert stopped.reason == "stopped"
    assert resume_run(tmp_path / "run").final_hash == verify(changed).final_hash


@pytest.fixture
def live() -> Live:
    made = Live(RunControls(), scripted("market-day"))
    made.places = ("Burgh : Market Square", "Burgh : Bakery : Shop")
    return made


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fly", "'fly' is no command: known are go"),
        ("whispr Anna: hi", "did you mean 'whisper'"),
        ("step many", "'many' is no number of ticks from 1 to 10000"),
        ("step 0", "is no number of ticks"),
        ("until noon", "not a time of day"),
        ("until day 0, 09:00", "names no day"),
        ("until tick 0", "it is 07:30 already"),
        ("until 07:30", "it is 07:30 already"),
        ("until 23:00", "it is 07:30 already, and the run ends at 12:30: name a time between them"),
        ("until day 2, 08:00", "name a time between them"),
        ("speed fast", "write speed 10"),
        ("speed -1", "write speed 10"),
        ("whisper Anna", "whisper: 'Anna' cannot be read: write \"AGENT: what the voice says\""),
        ("event Markt Square: A bell.", "event: there is no place 'Markt Square': did you mean"),
        ("place bench", 'write "place notice board at Market Square"'),
        ("place bench at Market Sqare", "did you mean 'Market Square'"),
        ("interview Anna", 'write "interview AGENT: QUESTION"'),
        ("interview Ana: Why?", "did you mean 'Anna'"),
        ("event Market Square: It rains.", "the run has not begun yet"),
    ],
)
def test_a_wrong_command_is_answered_with_what_would_be_right(live: Live, line: str, said: str) -> None:
    with pytest.raises(BurghError) as fault:
        live.command(line)
    assert said in str(fault.value) and "\n" not in str(fault.value) and not str(fault.value).startswith("-")


def test_what_is_being_written_is_told_until_the_tick_is_in_the_record(live: Live) -> None:
    call = Call("Anna", 4, "words", 1)
    assert live.writing == ""
    for text, told in (
        ("", ""),
        ("Ben,  there\nis", "Anna writes: Ben, there is"),
        ("b" * 80, "… " + "b" * 60),
    ):
        live.hear(call, text)
        assert live.writing.endswith(told) and bool(live.writing) == bool(told)
    live.told(Tick(4, ()))
    assert live.writing == ""


def test_commands_hold_and_drive_the_run(live: Live) -> None:
    controls = live.controls
    assert live.command("pause") == "paused" and controls.paused
    assert live.command("speed 6") and controls.ticks_per_second == 36
    assert live.command("speed 0") and controls.ticks_per_second is None
    assert live.command("go") and not controls.paused
    assert live.command("until 08:00")
    assert controls.may_go(upcoming=180) and not controls.paused
    assert live.command("") == "" and len(live.command("help").splitlines()) == len(live.commands)
    assert live.command("quit") and controls.stopped


def test_a_run_of_several_days_goes_on_until_a_time_of_a_later_day() -> None:
    live = Live(RunControls(), scripted("festival"))
    live.tick = live.scenario.clock.ticks(14 * 60)  # the evening of the first day
    assert live.command("until 23:00") == "going on until 23:00"
    assert live.command("until 08:00") == live.command("until day 2, 08:00") == "going on until day 2, 08:00"


def test_a_villager_is_played_from_the_terminal(tmp_path: Path) -> None:
    scenario = with_players(scripted("quiet-room", "09:40"), ["Jonas"])
    lines = ["wait 3", "say Edda tell: The bridge is down.", "sing", "/save", "wait 240"]
    outcome = played(scenario, tmp_path / "run", [*lines, *["wait 240"] * 30])
    (said, *_) = happened(tmp_path / "run", "said", "Jonas")
    assert (said.data["words"], said.data["meaning"]) == ("The bridge is down.", "The bridge is down.")
    heard = [event for event in happened(tmp_path / "run", "memory", "Edda") if said.id in event.causes]
    assert heard, "who is spoken to remembers it"
    asked = [
        event for event in happened(tmp_path / "run", "model", "Jonas") if event.data["purpose"] == "play"
    ]
    assert asked and all(event.data["replies"] for event in asked)
    decided = happened(tmp_path / "run", "decided", "Jonas")
    assert {event.data["why"] for event in decided} == {"Jonas is played by a person"}
    assert outcome.reason == "end" and replays(scenario, tmp_path / "run")


def test_what_is_asked_again_is_told_again(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    spec, controls = Choice("Tea or coffee?", ("tea", "coffee")), live.controls
    controls.played = True
    with at_terminal(live, cast(TextIO, slowly(["tea\n"] * 3))):
        for _ in range(3):
            controls.ask("Anna", "You are Anna.", spec, may_pass=False)
    assert capsys.readouterr().err.count("You are Anna.\nTea or coffee? (1 tea, 2 coffee)") == 3


def test_what_is_asked_is_told_again_after_a_command(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    dialogue = Dialogue(Choice("Tea or coffee?", ("tea", "coffee")))
    live.controls.asked = Asked("Anna", "You are Anna.", dialogue)
    terminal = Terminal(live, io.StringIO())
    for line, told in (("/help\n", True), ("/fly\n", True), ("tea\n", False), ("/help\n", False)):
        terminal._do(line)
        assert ("Tea or coffee? (1 tea, 2 coffee)" in capsys.readouterr().err) == told


def test_a_played_run_is_resumed_without_asking_again_what_was_answered(tmp_path: Path) -> None:
    scenario = with_players(scripted("quiet-room", "09:40"), ["Jonas"])
    lines = ["wait 2", "say Edda tell: The bridge is down.", "wait 5"]
    first = played(scenario, tmp_path / "run", lines)
    assert first.reason == "stopped", "nobody answers any more"
    then = played(scenario, tmp_path / "run", ["wait 240"] * 30, again=True)
    once = played(scenario, tmp_path / "once", [*lines, *["wait 240"] * 30])
    assert then.reason == "end"
    assert [event.data["answer"] for event in happened(tmp_path / "run", "decided", "Jonas")] == [
        event.data["answer"] for event in happened(tmp_path / "once", "decided", "Jonas")
    ]
    assert then.final_hash == once.final_hash


def test_a_bidder_is_played_from_the_terminal(tmp_path: Path) -> None:
    scenario = load_scenario("sealed-bids", {"model": "scripted"})
    name = scenario.agents[0].name
    scenario = with_players(scenario, [name])
    outcome = played(scenario, tmp_path / "run", ["bid 1"] * 200)
    bids = happened(tmp_path / "run", "bid", name)
    assert outcome.reason == "end" and bids and {event.data["price"] for event in bids} == {1}
    assert replays(scenario, tmp_path / "run")


def test_a_seat_that_nobody_takes_is_a_fault_of_one_sentence(tmp_path: Path) -> None:
    scenario = with_players(scripted("quiet-room", "09:10"), ["Jonas"])
    with pytest.raises(BurghError, match="nobody is there to play Jonas: name the seat with --play Jonas"):
        run_scenario(scenario, tmp_path / "run")
    assert verify(tmp_path / "run").complete
    with pytest.raises(BurghError, match="there is no agent 'Jon': did you mean 'Jonas'"):
        with_players(scripted("quiet-room"), ["Jon"])
