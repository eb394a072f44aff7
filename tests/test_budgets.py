"""Budgets of what may be asked of the language model, and what minds do where it gives no answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from llm_for_tests import call
from runs_for_tests import Late, recorded, scripted
from servers_for_tests import QUICK, Fake, fake_server, serving

from burgh.agents.llm.budgets import Budget, Ledger, parse_budget
from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.llm.servers.address import KEY
from burgh.agents.llm.unanswered import BudgetSpent, ModelFault
from burgh.scenarios.cli.main import main
from burgh.scenarios.load import load_scenario, load_town, overridden
from burgh.scenarios.run import run_scenario
from burgh.scenarios.seating import with_minds
from burgh.scenarios.spec import Scenario
from burgh.scenarios.town import build_town
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores, Usage
from burgh.sim.record import open_log, replay, verify
from burgh.sim.types import BurghError, Event, Json

SOME = Usage(tokens_in=90, tokens_cached=50, tokens_out=10, seconds=2.0)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("5000 tokens", Budget(5000, "tokens")),
        ("200_000 tokens", Budget(200_000, "tokens")),
        ("1 call per agent", Budget(1, "calls", per_agent=True)),
        ("40 calls per agent per hour", Budget(40, "calls", per_agent=True, per_hour=True)),
        ("40 calls per agent and hour", Budget(40, "calls", per_agent=True, per_hour=True)),
        ("40 calls per hour per agent", Budget(40, "calls", per_agent=True, per_hour=True)),
        ("60 seconds per hour for sale plan", Budget(60, "seconds", per_hour=True, purpose="sale plan")),
    ],
)
def test_budgets_are_read_and_written(text: str, budget: Budget) -> None:
    assert parse_budget(text) == budget
    assert parse_budget(str(budget)) == budget


@pytest.mark.parametrize("text", ["", "tokens", "5 apples", "-5 calls", "5 calls per town", "5calls"])
def test_what_is_no_budget_is_told(text: str) -> None:
    with pytest.raises(BurghError, match="is not a budget: write as in '200000 tokens'"):
        parse_budget(text)


def test_a_budget_counts_earlier_ticks_and_ones_own_in_this_one() -> None:
    ledger = Ledger([parse_budget("250 tokens")], ticks_per_hour=10)
    for tick in (1, 1, 2):
        ledger.admit(call(tick=tick))
        ledger.paid(call(tick=tick), SOME)
    with pytest.raises(BudgetSpent, match="the budget of 250 tokens is spent"):
        ledger.admit(call(tick=2))
    ledger.admit(call(agent="Ben", tick=2))
    with pytest.raises(BudgetSpent):
        ledger.admit(call(agent="Ben", tick=3))


def test_budgets_of_an_agent_a_purpose_and_an_hour() -> None:
    ledger = Ledger([parse_budget("2 calls per agent per hour for words")], ticks_per_hour=10)
    for _ in range(2):
        ledger.admit(call(purpose="words", tick=3))
        ledger.paid(call(purpose="words", tick=3), SOME)
    ledger.admit(call(purpose="plan", tick=4))
    ledger.admit(call(agent="Ben", purpose="words", tick=4))
    with pytest.raises(BudgetSpent):
        ledger.admit(call(purpose="words", tick=9))
    ledger.admit(call(purpose="words", tick=10))


def test_a_ledger_restored_behaves_the_same() -> None:
    budgets = [parse_budget("3 calls per agent"), parse_budget("5 seconds")]
    ledger, other = Ledger(budgets, 10), Ledger(budgets, 10)
    for tick in (1, 2):
        ledger.paid(call(tick=tick), SOME)
    other.restore(json.loads(json.dumps(ledger.snapshot())))
    for one in (ledger, other):
        one.admit(call(tick=3))
        one.paid(call(tick=3), SOME)
        (said,) = one.overrun()
        assert said["budget"] == "5 seconds"
        with pytest.raises(BudgetSpent, match="3 calls per agent"):
            one.admit(call(tick=4))
        one.admit(call(agent="Ben", tick=4))
        one.take_in(said)
        assert one.overrun() == []
        with pytest.raises(BudgetSpent, match="5 seconds"):
            one.admit(call(agent="Ben", tick=4))
        assert one.unmet == []
    assert ledger.snapshot() == other.snapshot()
    assert Ledger(budgets).unmet == budgets


def with_budgets(*budgets: str, until: str = "09:20", **more: Json) -> Scenario:
    return overridden(scripted("quiet-room", until), {"budgets": list(budgets), **more})


def of_kind(folder: Path, kind: str) -> list[Event]:
    return [event for event in open_log(folder).events() if event.kind == kind]


def test_where_a_budget_is_spent_minds_go_by_their_habits_and_the_record_says_so(tmp_path: Path) -> None:
    scenario = with_budgets("34 calls", until="09:40")
    one = recorded(scenario, tmp_path / "one")
    late = recorded(scenario, tmp_path / "late", Late(ScriptedModel(7), 3))
    free = recorded(with_budgets(until="09:40"), tmp_path / "free")
    assert one.final_hash == late.final_hash, "however the answers come in"
    fell = of_kind(tmp_path / "one", "fell_back")
    assert fell
    assert {event.data["cause"] for event in fell} == {"budget"}
    assert {event.data["why"] for event in fell} == {"the budget of 34 calls is spent"}
    calls, all_calls = (len(of_kind(tmp_path / name, "model")) for name in ("one", "free"))
    assert 34 <= calls < all_calls
    after = [event for event in of_kind(tmp_path / "one", "decided") if event.tick > fell[0].tick]
    assert after, "they act on"
    assert any("habit" in event.data["why"] for event in after)
    remembered = [event for event in of_kind(tmp_path / "one", "memory") if event.tick > fell[0].tick]
    assert remembered, "and remember"
    assert free.reason == one.reason == "end"
    assert verify(tmp_path / "one").fault is None


def test_without_any_budget_there_are_habits(tmp_path: Path) -> None:
    recorded(with_budgets("0 calls", until="09:10"), tmp_path / "nothing")
    assert not of_kind(tmp_path / "nothing", "model")
    assert len({event.agent for event in of_kind(tmp_path / "nothing", "fell_back")}) == 2


def test_a_run_with_a_spent_budget_is_gone_on_with_to_the_same_hash(tmp_path: Path) -> None:
    whole = recorded(with_budgets("34 calls"), tmp_path / "whole")
    recorded(with_budgets("34 calls"), tmp_path / "cut")
    frames = (tmp_path / "cut" / "events.jsonl.zst").read_bytes()
    (tmp_path / "cut" / "events.jsonl.zst").write_bytes(frames[: len(frames) * 2 // 3])
    (tmp_path / "cut" / "end.yaml").unlink(missing_ok=True)
    again = resume_run(tmp_path / "cut", model=ScriptedModel(7))
    assert again.final_hash == whole.final_hash


@pytest.mark.parametrize(
    ("name", "most"), [("auction-house", 30), ("exchange", 6), ("storefront", 6)], ids=str
)
def test_where_a_budget_is_spent_others_go_by_their_rules(tmp_path: Path, name: str, most: int) -> None:
    scenario = load_scenario(name, {"model": "scripted", "budgets": [f"{most} calls"]})
    scenario = with_minds(scenario, "llm") if name == "exchange" else scenario
    done = run_scenario(scenario, tmp_path / "run", model=ScriptedModel(7))
    assert done.reason == "end"
    fell = of_kind(tmp_path / "run", "fell_back")
    assert fell
    assert {event.data["cause"] for event in fell} == {"budget"}
    by_tick = [event for event in of_kind(tmp_path / "run", "decided") if event.tick >= fell[0].tick]
    assert len(by_tick) >= len(fell), "each answered all the same"
    assert not of_kind(tmp_path / "run", "refused"), "and legally"


class Slow:
    """A model whose every answer is said to have taken a second."""

    name = "slow"

    def __init__(self) -> None:
        self.model = ScriptedModel(7)
        self.identity: Mapping[str, Json] = self.model.identity

    async def score(self, request: ScoreRequest) -> Scores:
        found = await self.model.score(request)
        return Scores(found.logprobs, found.lengths, Usage(found.usage.tokens_in, seconds=1.0), found.way)

    async def complete(self, request: CompleteRequest) -> Completion:
        return Completion((await self.model.complete(request)).texts, Usage(seconds=1.0))


def test_that_seconds_are_spent_is_recorded_as_said_from_outside(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_scenario(with_budgets("34 seconds"), folder, model=Slow())
    (said,) = of_kind(folder, "intervention")
    assert said.data["what"] == "budget"
    assert said.data["budget"] == "34 seconds"
    fell = of_kind(folder, "fell_back")
    assert fell
    assert fell[0].tick >= said.tick
    quick = run_scenario(
        with_budgets("34 seconds"), tmp_path / "other", model=ScriptedModel(7), replies=folder
    )
    assert quick.reason == "end"
    assert not of_kind(tmp_path / "other", "fell_back"), "seconds are of the run, not of the seed"


DECLARED = "api=completions&score=labels&structured=none&draw=plain"


def on_server(url: str, *, until: str = "09:20", **more: Json) -> Scenario:
    name = f"openai:{url}#fake?{QUICK}&retries=1&{DECLARED}"
    return load_town("quiet-room", {"model": name, "until": until, **more})


def test_a_run_whose_server_dies_ends_with_a_named_fault_and_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "sk-a-secret-of-somebody")
    with fake_server("tops") as fake:
        whole = run_scenario(on_server(fake.url), tmp_path / "whole")
        port, calls = int(fake.url.split(":")[2].split("/")[0]), len(fake.asked)
    folder = tmp_path / "run"
    with fake_server("tops", port=port, dies_after=38) as fake:
        with pytest.raises(ModelFault, match="the model server http:") as caught:
            run_scenario(on_server(fake.url), folder)
        assert caught.value.call is not None
    assert verify(folder).fault is None
    assert of_kind(folder, "run_ended")[0].data["reason"] == "fault"
    with fake_server("tops", port=port) as fake:
        again = resume_run(folder)
        assert 0 < len(fake.asked) < calls
    assert again.reason == "end"
    assert again.final_hash == whole.final_hash, "as if it had not died"
    for file in folder.rglob("*"):
        assert not file.is_file() or b"secret" not in file.read_bytes(), file


def test_where_the_server_dies_minds_can_go_by_their_habits(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with fake_server("tops", dies_after=38) as fake:
        port = int(fake.url.split(":")[2].split("/")[0])
        done = run_scenario(on_server(fake.url, on_fault="habits"), folder)
    assert done.reason == "end"
    fell = of_kind(folder, "fell_back")
    assert {event.data["cause"] for event in fell} == {"fault"}
    assert f"the model server http://127.0.0.1:{port}/v1 failed" in fell[0].data["why"]
    scenario = on_server("http://127.0.0.1:1/v1")
    assert replay(open_log(folder), lambda: build_town(scenario)).mismatch is None
    frames = (folder / "events.jsonl.zst").read_bytes()
    (folder / "events.jsonl.zst").write_bytes(frames[: len(frames) * 3 // 4])
    (folder / "end.yaml").unlink(missing_ok=True)
    back = Fake(frozenset({"completions", "tops"}))
    with serving(back, port):
        assert resume_run(folder).reason == "end", "what came by habit comes so again, though it is back"


def test_what_is_said_of_budgets_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "quiet-room", "--model", "scripted", "--budget", "many words"])
    assert ended.value.code == 2
    assert "--budgets: 'many words' is not a budget" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    arguments = ["run", "quiet-room", "--model", "scripted", "--until", "09:10", "--quiet", "--out", "r"]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--budget", "20 calls per agent"])
    assert ended.value.code == 0
    assert open_log(Path("r")).meta["scenario"]["budgets"] == ["20 calls per agent"]
    assert "No call came under" not in capsys.readouterr().out


def test_a_budget_of_a_purpose_for_which_nothing_is_asked_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A purpose that is misspelt would bound nothing without a word."""
    until = ["--until", "09:05", "--out", str(tmp_path / "run")]
    budgets = ["--budget", "9 tokens for wrods", "--budget", "0 calls for importance"]
    with pytest.raises(SystemExit) as ended:
        main(["run", "quiet-room", "--model", "scripted", *until, *budgets])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "No call came under the budget of 9 tokens for wrods: there were calls for " in said
    assert "0 calls for importance" not in said


def test_a_model_in_parts() -> None:
    parts: dict[str, Json] = {"name": "smollm2-135m", "dtype": "float32", "compile": True}
    scenario = load_scenario("quiet-room", {"model": parts})
    assert scenario.model == "smollm2-135m?dtype=float32&compile=true"
    with pytest.raises(BurghError, match="have no option 'dtyp'"):
        load_scenario("quiet-room", {"model": {"name": "smollm2-135m", "dtyp": "float32"}})
