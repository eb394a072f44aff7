"""Days at the exchange as scenarios: run, recorded, replayed, gone on with, measured and drawn."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from exchange_for_tests import exchange

from burgh.agents.bidders.kinds import BidderKind, Seat
from burgh.agents.campaigns.llm import LanguageManager, Said, report_text
from burgh.agents.kinds import CAMPAIGNS, mind_kind, registered
from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.cli.summary import came_of
from burgh.scenarios.controls import RunControls
from burgh.scenarios.kinds import kind_of
from burgh.scenarios.kinds.exchange_measures import bars, day_of
from burgh.scenarios.load import ScenarioFaults, check_scenario, load_scenario
from burgh.scenarios.recorded import scenario_of
from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.fork import fork_run
from burgh.scenarios.travel.resume import resume_run
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.engine import Engine, Tick
from burgh.sim.protocols import Mind
from burgh.sim.record import open_log, replay, verify
from burgh.sim.types import BurghError

KINDS = ("constant", "random", "max-cpc", "linear", "ortb", "pid", "llm")
TEXT = """name: small-day
description: A small day.
start: 2026-05-04 06:00
tick_seconds: 1800
seed: 3
model: scripted
world: {kind: exchange, periods: 12, impressions: 6000, budget: 30000, rivals: campaigns}
mind: {kind: linear}
agents:
  - {name: Ann, mind: {kind: constant, price: 90}}
  - {name: Ben, budget: 9000, click_value: 20000}
  - {name: Cid, mind: {kind: ortb}}
  - {name: Dora, mind: {kind: pid}}
  - {name: Gus, mind: {kind: llm}}
"""


def day(written: str = TEXT) -> Basis:
    return check_scenario(parse_yaml(written, "day.yaml"), Path())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run_scenario(day(), tmp_path_factory.mktemp("runs") / "day", model=ScriptedModel(3))


def test_all_kinds_of_manager_are_registered() -> None:
    assert set(registered(CAMPAIGNS)) >= set(KINDS)
    assert all(isinstance(mind_kind(CAMPAIGNS, name), BidderKind) for name in KINDS)
    with pytest.raises(
        BurghError, match=r"no kind of campaign manager is called 'linaer' \(did you mean 'linear'"
    ):
        mind_kind(CAMPAIGNS, "linaer")


def test_it_runs_is_whole_and_comes_again(whole: Outcome, tmp_path: Path) -> None:
    log = open_log(whole.folder)
    assert whole.reason == "end"
    assert verify(whole.folder).fault is None
    read = scenario_of(log)
    assert read == day() and read.hash == day().hash
    assert replay(log, lambda: kind_of(read).world(read)).mismatch is None
    again = run_scenario(day(), tmp_path / "again", model=ScriptedModel(3))
    assert again.final_hash == whole.final_hash


def test_a_stopped_day_goes_on_to_the_same_end(whole: Outcome, tmp_path: Path) -> None:
    controls = RunControls()

    def stop(tick: Tick) -> None:
        if tick.tick == 5:
            controls.stop()

    part = run_scenario(day(), tmp_path / "part", model=ScriptedModel(3), watchers=(stop,), controls=controls)
    assert part.reason == "stopped" and part.tick == 5
    assert resume_run(tmp_path / "part", model=ScriptedModel(3)).final_hash == whole.final_hash


def test_measures_add_up_and_are_plain_json(whole: Outcome) -> None:
    data, tell = came_of(day(), whole.folder)
    found = json.loads(json.dumps(data))["measures"]
    assert sum(one["spent"] for one in found["campaigns"].values()) == found["exchange"]["revenue"] > 0
    assert all(one["spent"] <= one["budget"] for one in found["campaigns"].values())
    assert found["campaigns"]["Ben"]["budget"] == 9000
    for one in found["campaigns"].values():
        assert sum(one["spent_by_period"]) == one["spent"]
        assert one["profit"] == one["clicks"] * one["click_value"] - one["spent"]
    assert {one["fit"] for one in found["landscapes"]} == {"log-normal", "Kaplan-Meier", "log-logistic"}
    tell()


def test_the_day_is_drawn(whole: Outcome) -> None:
    data, _ = came_of(day(), whole.folder)
    (picture,) = data["pictures"]
    assert Path(picture).read_bytes().startswith(b"\x89PNG")
    assert verify(whole.folder).fault is None


def test_the_language_model_is_asked_once_a_period_and_never_for_an_impression(whole: Outcome) -> None:
    events = list(open_log(whole.folder).events())
    calls = [event for event in events if event.kind == "model"]
    assert {event.agent for event in calls} == {"Gus"}
    assert len(calls) <= 2 * 12
    moved = [event.data for event in events if event.kind == "campaign" and event.agent == "Gus"]
    assert len({one["price"] for one in moved}) > 2


def test_pacing_spends_the_budget_over_the_day(whole: Outcome) -> None:
    accounts = day_of(open_log(whole.folder).events()).accounts
    spent = accounts["Dora"].spent
    assert sum(spent) > 0.8 * 30_000
    assert max(spent) < 0.3 * 30_000
    assert accounts["Dora"].profit > accounts["Ann"].profit


def test_forecasts_are_scored_against_the_law_where_campaigns_are_alone(tmp_path: Path) -> None:
    written = TEXT.replace("rivals: campaigns", "rivals: market, drift: 0.0").replace("6000", "60000")
    scenario = day(written.replace("budget: 30000", "budget: 3000000"))
    outcome = run_scenario(scenario, tmp_path / "alone", model=ScriptedModel(3))
    data, _ = came_of(scenario, outcome.folder)
    found = data["measures"]["landscapes"]
    assert found and all(one["law"] is not None for one in found)
    for one in found:
        assert one["law"]["log_loss"] >= one["law"]["best"] - 1e-9
        assert abs(one["law"]["best"] - one["outcome"]["best"]) < 0.05  # the law is what happens


@pytest.mark.parametrize("name", KINDS)
def test_a_mind_restored_does_as_the_one_it_was_taken_from(name: str) -> None:
    kind = mind_kind(CAMPAIGNS, name)

    def make() -> Mind:
        world = exchange(("Ann",))
        return kind.make(Seat("Ann", ScriptedModel(1), world.clock, 1), kind.options())

    class Nowhere:
        def append(self, events: object) -> None: ...
        def aside(self, tick: int, data: object) -> None: ...
        def end_tick(self, tick: int) -> None: ...
        def close(self, reason: str) -> None: ...

    async def settings(cut: int) -> list[object]:
        world, mind = exchange(("Ann",)), make()
        engine = Engine(world, [mind], Nowhere(), world.clock)
        await engine.begin({})
        await engine.run(cut)
        twin = make()
        twin.restore(json.loads(json.dumps(mind.snapshot())))
        assert twin.snapshot() == mind.snapshot()
        engine.minds = {"Ann": twin}
        await engine.run(10)
        return [world.settings["Ann"], world.curves["Ann"]]

    assert asyncio.run(settings(10)) == asyncio.run(settings(4))


def test_the_model_may_fill_in_the_form_itself() -> None:
    world = exchange(("Ann",), most_bid=50)
    world.begin()
    mind = LanguageManager(Seat("Ann", ScriptedModel(1), world.clock, 1), Said(answers="written"))
    for tick in range(1, 5):
        step = asyncio.run(mind.step(world.observe(tick)["Ann"]))
        assert step.action is not None
        world.form.validate(step.action.answer)
        mind.commit(step)
        world.apply(tick, {"Ann": step.action})


def test_a_report_says_how_the_day_goes() -> None:
    state = {
        "report": {"won": 5, "bids": 20, "clicks": 2, "spent": 300},
        "traffic": [1.0, 1.0, 2.0],
        "period": 2,
        "spent": [10, 40],
        "budget": 200,
        "click_value": 100,
    }
    told = report_text("Ann", state)
    assert told == (
        "50% of the day is over and 25% of the money is spent. It won 25 of 100 impressions."
        " A click cost 150 and is worth 100."
    )


def test_bars_are_as_high_as_their_figures() -> None:
    assert bars([0, 1, 8]) == " ▂█"
    assert bars([0, 0]) == "  " and bars([]) == ""
    assert len(bars(list(range(48)))) <= 20


COLUMNS = "click,hour,payprice,slotprice,region"


@pytest.fixture
def from_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of six periods on a file in the columns of iPinYou, stopped in the third; told from elsewhere."""
    home = tmp_path / "home"
    home.mkdir()
    rows = [f"{int(n % 37 == 0)},{6 + n % 3},{20 + n % 60},{n % 9},{n % 4}" for n in range(1200)]
    (home / "log.csv").write_text("\n".join([COLUMNS, *rows]))
    (home / "day.yaml").write_text(TEXT.replace("periods: 12", "periods: 6, csv: log.csv"))
    monkeypatch.chdir(home)
    controls = RunControls()

    def stop(tick: Tick) -> None:
        if tick.tick == 3:
            controls.stop()

    read = load_scenario("day.yaml")
    whole = run_scenario(read, tmp_path / "whole", model=ScriptedModel(3))
    run_scenario(read, tmp_path / "part", model=ScriptedModel(3), watchers=(stop,), controls=controls)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert whole.reason == "end"
    return tmp_path


def measured(folder: Path) -> dict[str, Any]:
    data, _ = came_of(scenario_of(open_log(folder)), folder)
    return dict(data["measures"])


def test_a_day_from_a_file_is_found_again_from_elsewhere(from_file: Path) -> None:
    log = open_log(from_file / "whole")
    read = scenario_of(log)
    assert str(from_file) not in (log.folder / "run.yaml").read_text()
    assert replay(log, lambda: kind_of(read).world(read)).mismatch is None
    found = measured(log.folder)
    assert sum(one["won"] for one in found["campaigns"].values()) > 100
    went_on = resume_run(from_file / "part", model=ScriptedModel(3))
    assert went_on.final_hash == log.last_frame.hash  # type: ignore[union-attr]
    forked = fork_run(from_file / "whole", from_file / "fork", 3, [], model=ScriptedModel(3))
    assert forked.final_hash == went_on.final_hash
    again = scenario_of(open_log(from_file / "fork"))
    assert replay(open_log(from_file / "fork"), lambda: kind_of(again).world(again)).mismatch is None


def test_a_file_that_has_changed_or_gone_is_refused(from_file: Path) -> None:
    path = from_file / "home" / "log.csv"
    path.write_text(path.read_text().replace("0,6,20", "1,6,20", 1))
    log = open_log(from_file / "whole")
    read = scenario_of(log)
    assert "sha256" in str(replay(log, lambda: kind_of(read).world(read)).mismatch)
    before = (from_file / "part" / "events.jsonl.zst").read_bytes()
    with pytest.raises(BurghError, match="sha256"):
        resume_run(from_file / "part", model=ScriptedModel(3))
    path.unlink()
    with pytest.raises(BurghError, match=r"log\.csv: No such file"):
        resume_run(from_file / "part", model=ScriptedModel(3))
    assert (from_file / "part" / "events.jsonl.zst").read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (("kind: linear", "kind: linaer"), "mind.kind: no kind of campaign manager is called 'linaer'"),
        (("price: 90", "price: -1"), "agents[0].mind.price"),
        (("price: 90", "prise: 90"), "there is no key 'prise' here"),
        (("budget: 9000", "budget: -1"), "agents[1].budget"),
        (("periods: 12", "periods: 49"), "49 periods of 1800 seconds are more than a day: at most 48"),
        (("tick_seconds: 1800", "tick_seconds: 90"), "tick_seconds is 90: a period takes whole minutes"),
        (("periods: 12", "periods: 12, floor: 5000"), "world: a floor of 5000 is not from 0"),
        (("periods: 12", "periods: 12, csv: none.csv"), "world: none.csv: No such file or directory"),
        (("rivals: campaigns", "rivals: nobody"), "world.rivals: 'nobody' is not read here"),
        (("name: Ben", "name: the house"), "a campaign cannot be called 'the house'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(spoil: tuple[str, str], told: str) -> None:
    assert spoil[0] in TEXT
    with pytest.raises(ScenarioFaults) as caught:
        day(TEXT.replace(*spoil))
    assert told in "\n".join(caught.value.said)


def test_the_library_has_a_day_that_is_right() -> None:
    scenario = load_scenario("exchange", {"model": "scripted"})
    assert {agent.mind.kind for agent in scenario.agents} == set(KINDS)  # type: ignore[attr-defined]
    assert kind_of(scenario).asks(scenario)
