"""`burgh prompts`: what is listed and shown, and the exact text that a model would get."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_for_tests import Said, runner

from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.strategies.files import built_in, names
from burgh.scenarios.prompting import counter, rendered
from burgh.sim.types import BurghError


@pytest.fixture
def burgh(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    return runner(capsys, monkeypatch, tmp_path)


def test_all_are_listed_with_their_ids(burgh: Callable[..., Said]) -> None:
    out = burgh("prompts", "list")
    assert out.code == 0
    for name in names():
        assert f"{name} " in out.out
        assert built_in(name).id in out.out
    listed = json.loads(burgh("prompts", "list", "--json").out)
    assert {one["name"]: one["id"] for one in listed} == {name: built_in(name).id for name in names()}


def test_one_is_shown_and_two_are_compared(burgh: Callable[..., Said], tmp_path: Path) -> None:
    shown = burgh("prompts", "show", "react").out
    assert shown.startswith(f"# id {built_in('react').id}\n")
    assert "best_response" in shown
    differ = burgh("prompts", "diff", "react", "react-shuffled").out
    assert "+shuffle_results: true" in differ
    built_in("direct").write(tmp_path / "mine.yaml")
    assert burgh("prompts", "diff", "direct", "mine.yaml").out == "direct and mine.yaml say the same.\n"
    out = burgh("prompts", "show", "truthful")
    assert out.code == 2
    assert "is no prompt strategy" in out.err
    assert "did you mean 'react'" in burgh("prompts", "show", "reakt").err


def test_a_prompt_is_rendered_as_the_model_gets_it(burgh: Callable[..., Said]) -> None:
    found = json.loads(
        burgh("prompts", "render", "react", "--scenario", "first-price", "--agent", "Bidder 2", "--json").out
    )
    assert [one["purpose"] for one in found[:2]] == ["thought", "tool"]
    assert found[0]["prefix"].startswith(built_in("react").instructions)
    assert found[0]["suffix"].endswith("Thought:")
    assert found[1]["suffix"].startswith(found[0]["suffix"])
    told = burgh(
        "prompts", "render", "direct", "--scenario", "first-price", "--agent", "Bidder 2", "--at", "tick 3"
    )
    assert "Bidder 2 decides at 11:00:30 (tick 3): 1 question." in told.out
    assert "bought lot 1" in told.out  # what was before is in it
    assert "Answer:" in told.out


def test_a_villager_is_rendered_at_a_time_of_day() -> None:
    (asked,) = rendered("direct", "quiet-room", "Edda", None, ScriptedModel())
    assert asked.prompt.suffix.startswith("You are Edda, ")
    assert asked.time == "09:00:10"
    with pytest.raises(BurghError, match="asked nothing from 09:59 on"):
        rendered("direct", "quiet-room", "Edda", "09:59", ScriptedModel())


@pytest.mark.parametrize(
    ("scenario", "agent", "at", "said"),
    [
        ("first-price", "Bidder 9", None, "nobody is called 'Bidder 9' there"),
        ("first-price", "Bidder 1", "tick 900", "is asked nothing from tick 900 on"),
        ("first-price", "Bidder 1", "soon", "'soon' is no moment"),
        ("nowhere", "Bidder 1", None, "nowhere"),
    ],
)
def test_what_cannot_be_rendered_is_said(scenario: str, agent: str, at: str | None, said: str) -> None:
    with pytest.raises(BurghError, match=said):
        rendered("direct", scenario, agent, at, ScriptedModel())


def test_tokens_are_those_of_the_models_own_tokenizer() -> None:
    exact = counter("smollm2-135m")
    if exact.exact:
        assert exact.count("The market is at eleven.") == 6
    about = counter("no/such-model")
    assert not about.exact
    assert about.count("12345678") == 2
