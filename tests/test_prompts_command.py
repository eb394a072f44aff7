"""`burgh prompts`: what is listed and shown, and the exact text that a model would get."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_for_tests import Said, runner

from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.strategies.files import built_in, names
from burgh.scenarios.prompting import counter, rendered
from burgh.sim.types import BurghError

ROOT = Path(__file__).resolve().parent.parent
SAID_OF_WORDS = "How somebody says what is meant"


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
    found = {one["name"]: one["id"] for one in listed["strategies"]}
    assert found == {name: built_in(name).id for name in names()}


def test_prompts_of_minds_are_listed_in_each_language(burgh: Callable[..., Said]) -> None:
    listed = {one["name"]: one for one in json.loads(burgh("prompts", "list", "--json").out)["minds"]}
    folder = ROOT / "agents" / "prompts"
    files = {f"{one.parent.name}/{one.name}": one for one in folder.glob("*/*.*") if one.suffix != ".py"}
    assert set(listed) == set(files)
    assert {"en/words.j2", "zh/words.j2", "en/acts.txt"} < set(listed)
    for name, one in listed.items():
        assert one["id"] == hashlib.sha256(files[name].read_bytes()).hexdigest()[:12]
        assert one["says"], name
    shown = burgh("prompts", "list", "--language", "zh").out
    assert listed["zh/words.j2"]["id"] in shown
    assert listed["en/words.j2"]["id"] not in shown
    assert "no prompts in 'fr': known are en, zh" in burgh("prompts", "list", "--language", "fr").err


def test_a_prompt_of_minds_is_shown_and_compared(burgh: Callable[..., Said]) -> None:
    text = (ROOT / "agents" / "prompts" / "zh" / "words.j2").read_text(encoding="utf-8")
    shown = burgh("prompts", "show", "zh/words").out
    head, _, rest = shown.partition("\n")
    assert rest == text
    assert head == f"# id {hashlib.sha256(text.encode()).hexdigest()[:12]}, zh/words.j2: {SAID_OF_WORDS}"
    assert burgh("prompts", "show", "words.j2").out == burgh("prompts", "show", "en/words").out
    assert "+意思：国王明天到村里来。" in burgh("prompts", "diff", "words", "zh/words").out
    for name, said in (
        ("acts", "'acts' is the name of two prompts: write acts.j2 or acts.txt"),
        ("wrds", "did you mean 'words.j2'"),
        ("fr/words", "there are no prompts in 'fr'"),
        ("shade:40", "is no prompt strategy"),
    ):
        out = burgh("prompts", "show", name)
        assert (out.code, said in out.err) == (2, True), out.err


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
    assert "Bidder 2 is asked at 11:00:30 (tick 3): 1 question." in told.out
    assert "bought lot 1" in told.out  # what was before is in it
    assert "Answer:" in told.out


def test_a_villager_is_rendered_at_a_time_of_day() -> None:
    found = rendered("direct", "quiet-room", "Edda", None, ScriptedModel())
    (asked,) = found.asked
    assert asked.prompt.suffix.startswith("You are Edda, ")
    assert asked.time == "09:00:10"
    assert not found.is_later
    said = r"asked nothing from 09:59 on, and last at 09:\d\d:\d\d \(tick \d+\)"
    with pytest.raises(BurghError, match=said):
        rendered("direct", "quiet-room", "Edda", "09:59", ScriptedModel())


def test_another_time_than_the_one_named_is_said(burgh: Callable[..., Said]) -> None:
    asked = ("prompts", "render", "llm", "--scenario", "storefront", "--agent", "Greta", "--at")
    first, second = burgh(*asked, "09:03").out.splitlines()[:2]
    why = re.fullmatch(
        r"Greta is asked nothing at 09:03:00 \(tick 3\): before that, at 09:02:00 \(tick 2\), Greta decided"
        r" (\{.*\})\.",
        first,
    )
    assert why is not None, first
    assert "offer" in json.loads(why[1])
    assert second == "The next time, shown here, is 09:04:00 (tick 4): 2 questions."
    assert burgh(*asked, "tick 4").out.splitlines()[0] == "Greta is asked at 09:04:00 (tick 4): 2 questions."


def test_kinds_of_mind_are_rendered_as_they_ask(burgh: Callable[..., Said]) -> None:
    found = rendered("generative", "quiet-room", "Edda", None, ScriptedModel())
    assert found.asked[0].purpose == "importance scale"
    bids = rendered("llm", "auction-house", "Agnes", None, ScriptedModel())
    assert "Agnes wants to gain as much money as she can." in bids.asked[0].prompt.suffix  # her own options
    assert rendered("llm", "first-price", "Bidder 2", "tick 2", ScriptedModel()).asked[0].tick == 2
    said = burgh("prompts", "render", "habits", "--scenario", "quiet-room", "--agent", "Edda")
    assert (said.code, said.err) == (2, "burgh: 'habits' asks a language model nothing\n")


@pytest.mark.parametrize(
    ("scenario", "agent", "at", "said"),
    [
        ("first-price", "Bidder 9", None, "nobody is called 'Bidder 9' there"),
        ("first-price", "Bidder 1", "tick 900", "is asked nothing from tick 900 on"),
        ("first-price", "Bidder 1", "soon", "'soon' is no moment"),
        ("quiet-room", "Edda", "day 2, 09:30", "is not in quiet-room: it goes from 09:00:00 to 10:00:00"),
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
