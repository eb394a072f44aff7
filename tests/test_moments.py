"""One way of naming a moment, wherever one is named: on the command line, in a scenario, while it runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from ask_for_tests import asked

from burgh.scenarios.controls import RunControls
from burgh.scenarios.live import Live
from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import run_scenario
from burgh.sim.clock import Clock, moment_named
from burgh.sim.types import BurghError

CLOCK = Clock(datetime(2026, 5, 4, 9, 0), 10)
SAME = (
    "09:05",
    "9:05",
    "09:05:00",
    "day 1, 09:05",
    "day 1 09:05",
    "2026-05-04 09:05",
    "2026-05-04T09:05",
    "tick 30",
)


@pytest.mark.parametrize("text", [*SAME, " 09:05 ", "tick  30"])
def test_a_moment_has_several_names(text: str) -> None:
    assert CLOCK.tick_of(moment_named(CLOCK, text)) == 30


@pytest.mark.parametrize(
    ("text", "tick"),
    [("day 2, 07:00", 7920), ("07:00", 7920), ("2026-05-05 07:00:10", 7921), ("tick 0", 0), ("09:00", 0)],
)
def test_a_bare_time_is_the_first_that_a_clock_shows(text: str, tick: int) -> None:
    assert CLOCK.tick_of(moment_named(CLOCK, text)) == tick


@pytest.mark.parametrize(
    "text",
    [
        *("", "noon", "tick", "tick -1", "tick 999999999999", "day 0, 09:00", "day 999999999, 09:00"),
        *("2026-02-30 09:00", "day 2", "09:60", "day 2, noon", "9.05", "2026-05-04"),
    ],
)
def test_what_names_no_moment_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(BurghError, match=r"is not a time of day: write|names no day: write"):
        moment_named(CLOCK, text)


@pytest.mark.parametrize("text", SAME)
def test_the_end_of_a_run_is_named_so(text: str) -> None:
    assert load_scenario("quiet-room", {"until": text}).until == datetime(2026, 5, 4, 9, 5)


def test_commands_take_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "sale"
    first = run_scenario(load_scenario("auction-house", {"model": "scripted"}), folder)
    for number, at in enumerate(("11:05", "day 1, 11:05", "2026-05-04 11:05", "tick 30")):
        for command in (("show", folder), ("why", folder, "Agnes"), ("state", folder, "Agnes")):
            code, _, error = asked(capsys, *command, "--at", at)
            assert code == 0, error
        picture = ("export", folder, "--png", tmp_path / "a.png", "--from", at, "--size", "160x120")
        assert asked(capsys, *picture)[0] == 0
        code, said, error = asked(capsys, "fork", folder, "--at", at, "--out", tmp_path / f"{number}", "-q")
        assert code == 0, error
        assert first.final_hash in said and "Ended at 11:" in said, "not at the last tick of a calendar"
    code, said, error = asked(capsys, "resume", folder, "--until", "tick 200", "-q")
    assert code == 0 and "Ended at 11:33" in said, error


def test_a_run_under_way_goes_on_until_any_of_them() -> None:
    live = Live(RunControls(), load_scenario("quiet-room", {"model": "scripted", "until": "day 2, 08:00"}))
    for text in ("09:05", "day 1, 09:05", "2026-05-04 09:05", "tick 30"):
        assert live.command(f"until {text}") == "going on until 09:05"
    assert live.command("until day 2, 07:00") == "going on until day 2, 07:00"
