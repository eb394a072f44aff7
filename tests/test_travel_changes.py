"""What a fork changes of a scenario: as its file has it, only where it still tells, and nothing is left of a
fork that cannot be."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from ask_for_tests import asked, market_day
from runs_for_tests import recorded, scripted

from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.load import load_scenario, overridden
from burgh.scenarios.run import run_scenario
from burgh.scenarios.seating import with_minds
from burgh.scenarios.spec import AgentMind
from burgh.scenarios.travel.changes import parse_forget, parse_set
from burgh.scenarios.travel.compare import compare
from burgh.scenarios.travel.fork import fork_run
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.record import open_log
from burgh.sim.types import BurghError, Event, Json

pytestmark = pytest.mark.model  # all need the embedder's weights

MODEL = ScriptedModel(7)
BEFORE, OPENS, SELLING = 1200, 1260, 1270  # ticks of market-day, whose auction opens at 11:00
HEN = "auction.lots=[{item: a hen, usual: 4, owner: Tom}]"


def events(folder: Path, *kinds: str) -> list[Event]:
    return [event for event in open_log(folder).events() if event.kind in kinds]


def test_a_value_is_read_as_a_scenarios_file_has_it() -> None:
    def value(written: str) -> Json:
        return parse_set(f"key={written}")["value"]

    assert value("11:30") == "11:30" and value("no") == "no" and value(".nan") == ".nan"
    assert value("[bold, 3, 2.5]") == ["bold", 3, 2.5] and value("2026-05-05") == "2026-05-05"
    assert value("") is None and value("null") is None and value("'Burgh : Green'") == "Burgh : Green"
    with pytest.raises(BurghError, match="put a text that holds one into quotes"):
        value("Burgh : Green")
    with pytest.raises(BurghError, match="it is more than one line"):
        value("1\nother: 2")


def test_an_auction_that_has_not_opened_can_be_another_or_none(tmp_path: Path) -> None:
    hen, none, both = tmp_path / "hen", tmp_path / "none", tmp_path / "both"
    fork_run(market_day(), hen, BEFORE, [parse_set(HEN)], model=MODEL)
    (opened,) = events(hen, "auction")
    assert [lot["item"] for lot in opened.data["lots"]] == ["a hen"]
    assert asked_of("replay", hen) == asked_of("verify", hen) == 0
    without = [parse_set("goals=[]"), parse_set("auction=null")]
    fork_run(market_day(), none, BEFORE, without, model=MODEL)
    assert events(none, "auction") == [] and asked_of("replay", none) == 0
    again = (
        "auction={at: '11:02', place: 'Burgh : Market Square', lots: [{item: a hen, usual: 4, owner: Tom}]}"
    )
    fork_run(none, both, BEFORE + 10, [parse_set(again)], model=MODEL)
    assert [event.tick for event in events(both, "auction")] == [OPENS + 12]
    assert asked_of("replay", both) == 0


def asked_of(command: str, folder: Path) -> int:
    from burgh.scenarios.cli import main as cli

    return cli._answer([command, str(folder)])


@pytest.mark.parametrize(
    ("tick", "written", "said"),
    [
        (SELLING, HEN, "--set auction.lots: the auction has opened by then, at 2026-05-04 11:00"),
        (BEFORE, "auction.at=08:00", "--set auction.at: 2026-05-04 08:00 is past by then: name a later"),
        (BEFORE, "agents.Tom.coins=3", "'agents.Tom.coins' cannot be changed: what was given at the start"),
        (BEFORE, "agents.Tom.persona.look.coat='#000000'", "cannot be changed: what was given at the start"),
        (BEFORE, "agents.Tom.memories.0=x", "cannot be changed: what was given at the start"),
        (BEFORE, "agents.Tom.persona=x", "say what of an agent, as in agents.NAME.traits"),
        (BEFORE, "description=x", "--set: 'description' is for readers: in the run nothing would change"),
        (BEFORE, "goals=[]", "--set: 'goals' are what an arena judges by: in the run nothing would"),
        (BEFORE, "agents.Anna.job=teacher", "--set agents.Anna.job: it is so already"),
        (BEFORE, "mind={}", "--set mind: it is so already"),
        (BEFORE, "auction=null", "the goal 'bought' cannot be met: nothing is for sale"),
        (
            BEFORE,
            "mind.kind=habits",
            "Mira's mind was of another kind, whose state a mind of rules cannot take",
        ),
    ],
)
def test_what_would_change_nothing_is_refused_and_leaves_nothing(
    tmp_path: Path, tick: int, written: str, said: str
) -> None:
    with pytest.raises(BurghError) as fault:
        fork_run(market_day(), tmp_path / "a" / "b", tick, [parse_set(written)], model=MODEL)
    assert said in str(fault.value) and "\n" not in str(fault.value) and len(str(fault.value)) < 300
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty").mkdir()
    with pytest.raises(BurghError):
        fork_run(market_day(), tmp_path / "empty", tick, [parse_set(written)], model=MODEL)
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_general_mind_is_not_set_where_everyone_has_its_own(tmp_path: Path) -> None:
    base = scripted("quiet-room")
    agents = [agent.model_copy(update={"mind": AgentMind(kind="idle", memory=True)}) for agent in base.agents]
    recorded(base.model_copy(update={"agents": agents}), tmp_path / "run", MODEL)
    for written in ("mind.kind=habits", "mind.memory=false"):
        with pytest.raises(BurghError, match="every agent names its own, so that nothing would change: set"):
            fork_run(tmp_path / "run", tmp_path / "fork", 30, [parse_set(written)], model=MODEL)


def test_a_fork_that_came_to_the_same_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = f"What was changed made no difference: all that follows is as in {market_day()}."
    for name, change, same in (
        ("bold", ("--set", "agents.Tom.traits=[bold]"), True),
        ("none", (), False),
        ("voice", ("--whisper", "Tom: Look at the sky."), False),
    ):
        at = ("fork", market_day(), "--at", "11:01", *change, "--out", tmp_path / name, "-q")
        code, out, _ = asked(capsys, *at)
        assert code == 0
        assert (said in " ".join(out.split())) is same


def test_no_run_is_recorded_inside_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inside = market_day() / "a" / "b"
    code, _, err = asked(capsys, "fork", market_day(), "--at", "11:00", "--out", inside, "-q")
    assert (code, inside.parent.exists()) == (2, False)
    assert f"would be inside the folder of a run, {market_day()}: name one beside it" in " ".join(err.split())


def test_a_run_is_not_forked_in_the_tick_that_only_a_later_end_brought(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    short = overridden(scripted("quiet-room"), {"until": "09:10"})
    recorded(short, folder, MODEL)
    resume_run(folder, model=MODEL, until=datetime(2026, 5, 4, 9, 20))
    with pytest.raises(
        BurghError, match="was over at 09:10, and told to go on only then: name a time until 0"
    ):
        fork_run(folder, tmp_path / "fork", 61, [{"what": "seed", "seed": 3}], model=MODEL)
    assert not (tmp_path / "fork").exists()
    fork_run(folder, tmp_path / "fork", 62, [{"what": "seed", "seed": 3}], model=MODEL)
    assert [event.data["what"] for event in events(tmp_path / "fork", "intervention")] == ["until", "seed"]


def test_a_later_fork_hears_a_fact_as_it_is_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = "There is a dance on the square at 11:00 today."
    first, second = tmp_path / "first", tmp_path / "second"
    run = (
        "fork",
        market_day(),
        "--at",
        "tick 1180",
        "--set",
        f"facts.market.text={told}",
        "--out",
        first,
        "-q",
    )
    assert asked(capsys, *run)[0] == 0
    run = ("fork", first, "--at", "tick 1200", "--whisper", f"Paul: {told}", "--out", second, "-q")
    assert asked(capsys, *run)[0] == 0
    assert [event.data["fact"] for event in events(second, "intervention")[1:]] == ["market"]


@pytest.mark.parametrize(("was", "now"), [("truthful", "llm"), ("llm", "truthful")])
def test_a_mind_of_another_kind_does_not_take_over(tmp_path: Path, was: str, now: str) -> None:
    folder = tmp_path / "sale"
    run_scenario(with_minds(load_scenario("auction-house", {"model": "scripted"}), was), folder)
    with pytest.raises(
        BurghError, match="Agnes's mind was of another kind, whose state this one cannot take"
    ):
        fork_run(folder, tmp_path / "fork", 30, [parse_set(f"agents.Agnes.mind={{kind: {now}}}")])
    assert not (tmp_path / "fork").exists()


def test_runs_in_two_towns_are_compared_each_by_its_own_facts(tmp_path: Path) -> None:
    one, other, market = tmp_path / "one", tmp_path / "other", scripted("market-day", "07:33")
    facts = market.resolved()["facts"]
    soon = {**facts, "market": {**facts["market"], "at": "07:32"}}
    recorded(overridden(market, {"facts": soon}), one, MODEL)
    recorded(overridden(scripted("jishi", "07:33"), {"embedder": market.embedder}), other, MODEL)
    found = compare(one, other)
    assert found.settings["scenario"] == ("market-day", "jishi")
    assert found.first is not None and found.first.tick == 0


def test_a_fork_goes_where_a_link_leads_and_forgets_a_thing_once(tmp_path: Path) -> None:
    folder, link = tmp_path / "run", tmp_path / "link"
    recorded(overridden(scripted("quiet-room"), {"until": "09:05"}), folder, MODEL)
    (tmp_path / "real").mkdir()
    link.symlink_to(tmp_path / "real")
    gone = parse_forget("Edda: 0")
    with pytest.raises(BurghError, match="--forget: Edda:0 is forgotten already"):
        fork_run(folder, link, 20, [gone, gone], model=MODEL)
    fork_run(folder, link, 20, [gone], model=MODEL)
    assert link.is_symlink() and events(tmp_path / "real", "run_ended")
    with pytest.raises(BurghError, match="--forget: Edda:0 is forgotten already"):
        fork_run(link, tmp_path / "again", 25, [gone], model=MODEL)
    assert not (tmp_path / "again").exists()
