"""Towns in the arena: strategies in the places of villagers, judged by goals that the scenario declares."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_for_tests import Said, runner

from burgh.scenarios import goals
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import contestant
from burgh.scenarios.arena.evaluate import evaluate
from burgh.scenarios.arena.setting import Asked, contest_of
from burgh.scenarios.load import load_scenario
from burgh.sim.types import BurghError, Event


@pytest.fixture
def burgh(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    return runner(capsys, monkeypatch, tmp_path)


MEETINGS = {"market": ("Square", 10)}


def event(tick: int, kind: str, agent: str | None, **data: Any) -> Event:
    return Event(f"{tick}.world.{kind}{agent}{len(data)}", kind, agent, data)


def test_goals_are_read_off_the_events() -> None:
    tally = goals.Tally(MEETINGS)
    tally.read(
        [
            event(0, "placed", "Ann", place="Home"),
            event(0, "placed", "Bob", place="Square"),
            event(2, "said", None, fact="market", heard_by=["Ann"]),
            event(3, "set_out", "Ann", place="Square"),
            event(9, "arrived", "Ann", place="Square"),
            event(10, "set_out", "Bob", place="Home"),
            event(12, "memory", "Bob", fact="other"),
            event(13, "sold", "Ann", item="a saw", seller="Bob", price=4),
            event(13, "paid", "Ann", **{"from": "Ann", "to": "Bob", "amount": 4}),
        ]
    )
    tally.end(20)
    wanted = tuple(
        map(
            goals.parse,
            ("came:market*3", "knows:market", "bought", "bought:a hat", "sold:a saw*2", "coins*0.5"),
        )
    )
    assert tally.points("Ann", wanted) == (
        3 + 1 + 1 - 2,
        ("came:market*3", "knows:market", "bought", "-4 coins"),
    )
    assert tally.points("Bob", wanted) == (2 + 2, ("sold:a saw*2", "+4 coins"))
    assert tally.points("Cid", wanted) == (0, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("come:market", "no goal is called 'come': did you mean 'came'"),
        ("came", "needs a fact"),
        ("came:nothing", "names no fact"),
        ("came:hedge", "has no place and time"),
        ("bought:a hat", "nothing that is for sale"),
        ("coins:5", "takes no name"),
        ("!", "is no goal"),
    ],
)
def test_what_is_no_goal_is_said(text: str, said: str) -> None:
    with pytest.raises(BurghError, match=said):
        contest_of(Asked("market-day", ["habits"], goals=[text]))
    with pytest.raises(BurghError, match=f"goals.*{said}"):
        load_scenario("market-day", {"goals": [text]})


def test_villagers_who_live_by_minds_rules_and_prompts() -> None:
    """A morning to just after 11 in one place: those who hear and plan come, those of habit do not."""
    asked = Asked(
        "market-day",
        ["generative", "habits", "direct"],
        "scripted",
        seats=["Ben"],
        until="11:01",
        control=False,
    )
    setting = contest_of(asked)
    assert setting.goals == ("came:market", "knows:market", "bought")
    from burgh.agents.llm.scripted import ScriptedModel

    who = {name: contestant(name, town=True) for name in setting.strategies}
    found = evaluate(setting, who, [1], model=ScriptedModel())
    assert found.faults() == ()
    seats = {name: found.games[name][0].seats[0] for name in who}
    assert "knows:market" in seats["generative"].goals
    assert "came:market" not in seats["habits"].goals
    assert seats["habits"].calls == 0 < seats["direct"].calls < seats["generative"].calls
    story = found.transcripts("direct")[0]
    assert "You are Ben, 41 years old, carpenter. It is 07:30." in story
    assert "Usually: 07:30 to 08:00 eating porridge (Burgh : Willow Cottage : Kitchen)." in story
    assert "go: place (" in story
    again = evaluate(setting, {"direct": who["direct"]}, [1], model=ScriptedModel())
    assert again.games["direct"][0].transcript == found.games["direct"][0].transcript


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("market-day", "--strategies", "shade:60"), "bids at sales only"),
        (("market-day", "--strategies", "generatif"), "did you mean 'generative'"),
        (("market-day", "--strategies", "habits", "--seats", "Bem"), "nobody is called 'Bem'"),
        (("market-day", "--strategies", "habits", "--until", "10:00"), "ends before its time"),
        (("market-day", "--strategies", "habits", "--players", "3"), "--players is for formats of sale"),
        (("market-day", "--strategies", "habits", "--opponents", "truthful"), "no kind of mind"),
        (("quiet-room", "--strategies", "habits"), "declares no goals"),
        (("sealed-bids", "--strategies", "truthful"), "hold the arena in the format"),
        (("marketday", "--strategies", "habits"), "no arena is held in 'marketday'"),
        (("dutch", "--strategies", "truthful", "--goal", "coins"), "--goal is for scenarios of towns"),
    ],
)
def test_what_no_town_can_hold_is_said_in_one_sentence(
    burgh: Callable[..., Said], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    out = burgh("arena", *arguments)
    assert out.code == 2
    assert said in out.err
    assert out.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_of_another_goal_or_scenario_is_refused(tmp_path: Path) -> None:
    held = contest_of(Asked("market-day", ["habits"]))
    held.keep(tmp_path / "x")
    with pytest.raises(BurghError, match="its scenario says other things"):
        contest_of(Asked("market-day", ["habits"], until="11:30")).keep(tmp_path / "x")
    with pytest.raises(BurghError, match="its goals is"):
        contest_of(Asked("market-day", ["habits"], goals=["coins"])).keep(tmp_path / "x")
    assert Contest.model_validate_json((tmp_path / "x" / "contest.json").read_bytes()) == held


def test_two_mornings_from_the_command_to_the_report(burgh: Callable[..., Said], tmp_path: Path) -> None:
    arguments = (
        "arena",
        "market-day",
        "--strategies",
        "habits,idle",
        "--model",
        "scripted",
        "--opponents",
        "habits",
    )
    out = burgh(
        *arguments, "--seats", "Ben,Paul", "--goal", "came:market", "--until", "11:01", "--games", "4"
    )
    assert out.code == 0, out.err
    (folder,) = (tmp_path / "arena").iterdir()
    summary = (folder / "summary.md").read_text()
    assert "judged by came:market" in summary
    assert "12 games, 2 whole blocks of them; model scripted; all games are played." in summary
    # neither a benchmark nor lots nor a model's costs, which are a sale's or a prompt's
    assert "| strategy | rank | points a game | ± 95% | deals | invalid | games left |" in summary
    assert "- *deals*: how often it bought or sold in a game" in summary
    assert "Plackett-Luce" not in summary  # two blocks give no interval by resampling
    assert "points" in out.out.splitlines()[1]
    page = (folder / "report.html").read_text()
    assert "points a game" in page
    assert "<th>villager</th>" in page
    assert "<th>benchmark</th>" not in page
    games = games_in(page)
    assert {seat[1] for game in games for seat in game["seats"]} == {"Ben", "Paul"}
    assert games[0]["story"][0][0] == "07:30"  # when, in a town


def games_in(page: str) -> list[dict[str, Any]]:
    """The games that stand packed in a report."""
    packed = page.partition('<script id="data" type="application/gzip">')[2].partition("</script>")[0]
    found: list[dict[str, Any]] = json.loads(gzip.decompress(base64.b64decode(packed)))["games"]
    return found
