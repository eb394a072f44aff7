"""`burgh metrics`: measures of stories made by hand, and of a scripted market-day."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from ask_for_tests import CLOCK, HOME, SQUARE, Story, asked, market_day
from scenario_texts import SMALL

from burgh.scenarios.ask.adherence import Adherence, adherence
from burgh.scenarios.ask.costs import by_purpose, costs, costs_json, waking_hours
from burgh.scenarios.ask.diffusion import diffusions, knowings
from burgh.scenarios.ask.metrics import facts_of, metrics_of, parse_every
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.state import state
from burgh.scenarios.ask.why import why
from burgh.scenarios.load import load_town
from burgh.scenarios.report import report
from burgh.scenarios.spec import Fact, Scenario
from burgh.sim.record import RunWriter, open_log
from burgh.sim.types import BurghError, Events

MEETING = CLOCK.ticks(210)  # 11:00
MARKET = "Burgh : Market Square"


def facts(tmp_path: Path) -> dict[str, Fact]:
    """A market at 11:00 on the square; a gate that has no time."""
    (tmp_path / "small.yaml").write_text(SMALL)
    return dict(load_town(tmp_path / "small.yaml").facts)


def gathering() -> Story:
    """Ann knows and comes; Ben heard and did not plan; Cid, who heard of nothing, comes by chance."""
    story = Story()
    places = [{"path": MARKET, "kind": "area", "x": 5, "y": 5, "width": 3, "height": 3}]
    story.add(0, "scene", None, {"kind": "tiles", "places": places}, source="world")
    for agent in ("Ann", "Ben", "Cid"):
        story.add(0, "placed", agent, {"x": 1, "y": 1, "place": HOME, "look": {}}, source="world")
    cried = story.says(5, "Crier", "Ann", "A market!", fact="market")
    news = story.hears(6, "Ann", cried, "Crier", "Crier told Ann: a market.", fact="market")
    plan = story.plans(6, "Ann", [news[1]], ("11:00", 40, MARKET, news[0]), changed="revised", new=[0])
    told = story.says(8, "Ann", "Ben", "Ben, a market!", memory=news, fact="market")
    story.hears(9, "Ben", told, "Ann", "Ann told Ben: a market.", fact="market")
    for agent, causes in (("Ann", [plan]), ("Cid", [])):
        story.goes(MEETING - 30, agent, MARKET, causes)
        story.add(MEETING - 25, "moved", agent, {"x": 6, "y": 6}, source="world")
    story.add(MEETING + 3, "waited", "Ann", {"until_tick": MEETING + 30}, source="world")
    return story


def test_how_a_fact_went_and_through_whom() -> None:
    knew = knowings(gathering().past(), "market")
    assert [(one.agent, one.tick, one.path, one.source) for one in knew] == [
        ("Ann", 6, ("Crier", "Ann"), "Crier"),
        ("Ben", 9, ("Crier", "Ann", "Ben"), "Ann"),
    ]
    assert all(one.utterance for one in knew)
    story = gathering()
    story.remembers(0, "Cid", "The gate is grey.", fact="gate")
    assert knowings(story.past(), "gate")[0].path == ("Cid",)
    story.remembers(20, "Ann", "Cid told Ann: the gate is grey.", **{"fact": "gate", "from": "Cid"})
    assert knowings(story.past(), "gate")[1].path == ("Ann",)  # no utterance bears it out


def test_who_came_and_why_the_others_did_not(tmp_path: Path) -> None:
    story = gathering()
    spread = {one.fact: one for one in diffusions(story.past(), facts(tmp_path))}
    market = spread["market"].attended
    assert market is not None
    assert (market.came, market.by_plan) == (("Ann", "Cid"), ("Ann",))
    assert dict(market.absent) == {"Ben": "heard but did not plan to come"}
    assert spread["gate"].attended is None
    assert spread["market"].knew_by(8) == 1
    early = diffusions(story.past(MEETING - 1), facts(tmp_path))
    assert early[0].attended is None  # still to come


def test_other_reasons_to_be_absent(tmp_path: Path) -> None:
    story = gathering()
    events = [event for event in story.events if not (event.tick > 20 and event.agent in ("Ann", "Cid"))]
    end = events[-1].__class__(f"{MEETING + 3}.world.99", "waited", "Ben", {"until_tick": 9999})
    past = Past.from_events([*events, end], ("Ann", "Ben", "Cid"), CLOCK)
    market = diffusions(past, facts(tmp_path))[0].attended
    assert market is not None
    assert market.came == ()
    assert dict(market.absent) == {
        "Ann": "planned to come but was elsewhere",
        "Ben": "heard but did not plan to come",
        "Cid": "did not hear",
    }


def test_plans_are_kept_tick_by_tick() -> None:
    story = Story()
    story.add(0, "placed", "Ann", {"x": 1, "y": 1, "place": HOME, "look": {}}, source="world")
    news = story.remembers(0, "Ann", "news")
    story.plans(0, "Ann", (), ("07:40", 10, HOME, ""), ("07:50", 10, SQUARE, ""))
    story.goes(125, "Ann", SQUARE, ticks=15)  # until 07:50 she should be at home: tick 120 is 07:50
    story.add(150, "slept", "Ann", {"until_tick": 160}, source="world")
    story.add(160, "woke", "Ann", {}, source="world")
    past = story.past(179)
    # 0-59 unplanned, 60-119 at home, 120-124 still there, 125-139 walking, 140-179 there but for ten asleep
    assert adherence(past, "Ann") == Adherence(there=60 + 30, on_the_way=15, elsewhere=5, unplanned=60)
    assert adherence(past, "Ann").share == pytest.approx(90 / 110)
    parts = [adherence(past, "Ann", first, first + 19) for first in range(0, 180, 20)]
    assert sum(parts, Adherence()) == adherence(past, "Ann")
    assert Adherence(unplanned=9).share is None
    # an appointment: being there or setting out in time is no breach of the habit before it
    story.plans(170, "Ann", (), ("08:00", 30, HOME, ""), ("08:30", 30, SQUARE, news[0]), changed="revised")
    kept = adherence(story.past(365), "Ann", 180, 365)
    assert kept == Adherence(there=90 + 6, elsewhere=90)


def test_costs_by_purpose_agent_and_hour() -> None:
    story = Story()
    for tick, agent, purpose in (
        (0, "Ann", "rate"),
        (10, "Ann", "rate"),
        (10, "Ben", "words"),
        (400, "Ann", "rate"),
    ):
        data = {"purpose": purpose, "method": "score", "tokens_in": 100, "tokens_out": 7}
        story.add(tick, "model", agent, data)
    past = story.past(720)
    each = costs(past)
    assert [(one.agent, one.hour, one.purpose, one.calls) for one in each] == [
        ("Ann", 0, "rate", 2),
        ("Ben", 0, "words", 1),
        ("Ann", 1, "rate", 1),
    ]
    assert by_purpose(each) == {"rate": (3, 300, 21), "words": (1, 100, 7)}
    spent = costs_json(past, 150)
    assert spent["per_agent_hour"] == pytest.approx(
        {"calls": 4 / 6, "tokens_in": 400 / 6, "tokens_computed": 250 / 6, "tokens_out": 28 / 6}
    )
    assert spent["per_agent_day"]["calls"] == pytest.approx(16 * 4 / 6)
    for unknown, rate in (
        (costs_json(past, None), "tokens_computed"),
        (costs_json(Story().past(), None), "calls"),
    ):
        rates: dict[str, float | None] = unknown["per_agent_hour"]
        assert rates[rate] is None


def test_costs_are_of_waking_hours() -> None:
    """Of three people one sleeps for one hour of two, and another falls asleep for the last half hour."""
    story = Story()
    story.add(360, "slept", "Ann", {"until_tick": 720})
    story.add(540, "slept", "Ben", {"until_tick": 900})
    story.add(720, "woke", "Ann", {})
    assert waking_hours(story.past(720)) == pytest.approx(6 - 1 - 0.5)


@pytest.mark.parametrize(("text", "ticks"), [("1h", 360), ("90m", 540), ("15 min", 90), ("2 hours", 720)])
def test_lengths_of_time(text: str, ticks: int) -> None:
    assert parse_every(text, CLOCK) == ticks


@pytest.mark.parametrize("text", ["", "0h", "soon", "1d", "-1h", "1.5h"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(BurghError, match=r"is no length of time: write hours or minutes, as in 1h or 15m"):
        parse_every(text, CLOCK)


def test_a_market_day(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = market_day()
    code, out, _ = asked(capsys, "metrics", run, "--json", "--every", "30m")
    assert code == 0
    found = json.loads(out)
    log = open_log(run)
    reported = {one.fact: one for one in report(log, Scenario.from_resolved(log.meta["scenario"]))}
    for fact in found["facts"]:
        told = reported[fact["fact"]]
        assert [(one["agent"], one["tick"]) for one in fact["knew"]] == [(h.agent, h.tick) for h in told.knew]
        for one, heard in zip(fact["knew"], told.knew, strict=True):
            assert (one["path"][-2] if len(one["path"]) > 1 else "") == heard.source
    market = next(fact for fact in found["facts"] if fact["fact"] == "market")
    assert market["knew"][0]["path"] == ["Crier", "Anna"]
    came = market["attended"]
    assert set(came["by_plan"]) <= set(came["came"])
    assert set(came["came"]) | set(came["absent"]) == set(found["agents"])
    assert not set(came["came"]) & set(came["absent"])
    calls = [event for event in log.events() if event.kind == "model"]
    assert found["costs"]["calls"] == len(calls) == sum(row["calls"] for row in found["series"])
    assert sum(row["tokens_in"] for row in found["series"]) == found["costs"]["tokens_in"] > 0
    assert [row["tick"] for row in found["series"]] == [*range(180, 1290, 180), 1290]
    assert found["series"][-1]["knows"] == {f["fact"]: len(f["knew"]) for f in found["facts"]}
    assert found["series"][-1]["density"] == found["density"]
    assert found["own_words"]["share"] == 0  # the scripted model's replies are about something else
    assert 0.5 < found["adherence"]["share"] <= 1
    kept = found["adherence"]["by_agent"].values()
    assert sum(one["there"] for one in kept) == found["adherence"]["there"]
    for one in kept:
        assert sum(one[key] for key in ("there", "on_the_way", "elsewhere", "unplanned")) == 1291


def test_the_command_writes_tables_csv_and_a_picture(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = market_day()
    code, out, _ = asked(capsys, "metrics", run)
    assert code == 0
    for part in (
        "Crier → Anna",
        "density",
        "Over time",
        "per agent and waking game hour",
        "At 11:00 there were",
    ):
        assert part in out
    code, series, _ = asked(capsys, "metrics", run, "--csv", "-")
    table, picture = tmp_path / "m.csv", tmp_path / "m.png"
    code, out, _ = asked(capsys, "metrics", run, "--csv", table, "--png", picture)
    assert code == 0
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert list(csv.DictReader(series.splitlines())) == rows, "- is standard output"
    assert [row["time"][11:16] for row in rows] == ["08:30", "09:30", "10:30", "11:05"]
    assert {"knows_market", "knows_hedge", "density", "own_words", "adherence", "calls"} <= set(rows[0])
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 30_000
    for arguments, sentence in (
        (("--every", "soon"), "--every: 'soon' is no length of time"),
        (("--at", "15:00"), "it goes from 07:30 to 11:05"),
        (("--csv", "-", "--json"), "--csv - and --json both write to standard output"),
        (("--png", "-"), "- is standard output, where this cannot be written: name a file"),
        (("--csv", tmp_path / "no" / "m.csv"), "m.csv cannot be written: there is no folder"),
    ):
        code, out, err = asked(capsys, "metrics", run, *arguments)
        assert (code, out) == (2, "")
        assert sentence in err
    code, out, _ = asked(capsys, "metrics", run, "--tick", 0)
    assert code == 0


def test_a_run_of_another_world_has_measures_too(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "jar", {"scenario": {"name": "jar"}, "seed": 3})
    started = {"scenario": "jar", "scenario_hash": "", "seed": 3, "start": "2026-05-04T09:00:00"}
    events = Events(0, "engine")
    events.add("run_started", None, {**started, "tick_seconds": 10, "agents": ["Ann", "Ben"]})
    thought = Events(0, "Ann")
    thought.add("decided", "Ann", {"answer": 4, "why": "It felt right."})
    writer.append([*events.all(), *thought.all()])
    writer.end_tick(0)
    writer.close("end")
    found = metrics_of(tmp_path / "jar", 0, 360)
    assert (found["facts"], found["density"], found["adherence"]["share"]) == ([], 0, None)
    assert found["own_words"]["share"] is None
    past = Past.of(tmp_path / "jar", 0)
    assert why(past, "Ann").text == "Ann decides to answer 4"
    assert state(past, "Ann")["decided"]["answer"] == 4


def test_facts_that_cannot_be_read(tmp_path: Path) -> None:
    RunWriter(tmp_path / "jar", {"scenario": {"facts": {"market": {"text": 3}}}, "seed": 3}).close("end")
    with pytest.raises(BurghError, match=r"run.yaml is not as it was written: see burgh verify"):
        facts_of(open_log(tmp_path / "jar"))
