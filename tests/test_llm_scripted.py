"""The scripted model: rules and seeds in place of the language model."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from llm_for_tests import call, run

from burgh.agents.llm.scripted import COMPLETE_RULES, SCORE_RULES, Rules, ScriptedModel, importance, stems
from burgh.sim.protocols import CompleteRequest, LanguageModel, Prompt, ScoreRequest
from burgh.sim.spec import ActionSpec, Choice, Depends, Form, Number, Text


def scores(suffix: str, *options: str, purpose: str = "test", seed: int = 0) -> tuple[float, ...]:
    request = ScoreRequest(call(purpose=purpose), Prompt("Anna lives in Arden.\n", suffix), options)
    return run(ScriptedModel(seed).score(request)).logprobs


def best(suffix: str, *options: str) -> str:
    found = scores(suffix, *options)
    return options[found.index(max(found))]


def said(suffix: str, spec: ActionSpec | None, *, max_tokens: int = 30, samples: int = 1) -> tuple[str, ...]:
    request = CompleteRequest(call(), Prompt("", suffix), max_tokens, spec=spec, samples=samples)
    return run(ScriptedModel(3).complete(request)).texts


@pytest.fixture
def clean_rules() -> Iterator[None]:
    """Takes back the rules that a test registers."""
    kept = dict(SCORE_RULES._rules), dict(COMPLETE_RULES._rules)
    yield
    SCORE_RULES._rules, COMPLETE_RULES._rules = kept


def test_it_is_a_language_model() -> None:
    assert isinstance(ScriptedModel(), LanguageModel)
    assert ScriptedModel(4).identity == {"model": "scripted", "backend": "scripted", "seed": 4}


def test_an_option_wins_by_words_it_shares_with_the_end_of_the_prompt() -> None:
    assert best("Anna heard of a square.\nNext she goes to the", " square", " chapel") == " square"
    assert best("She wants to pray in the chapel. She goes to the", " bakery", " chapel") == " chapel"
    assert best("Ben is baking.\nShe asks about", " the bake house", " the mill") == " the bake house"


def test_a_grave_memory_scores_as_grave() -> None:
    def gravity(memory: str) -> float:
        tragic, trivial = scores(f"Memory: {memory} This was", " tragic", " trivial")
        return tragic - trivial

    assert gravity("The old smith died in a fire.") > gravity("A market opens at eleven.") > 0
    assert gravity("She combed her hair.") < 0
    assert importance("The dead were many and the fires burned.") > importance("News of the wedding")


def test_scores_are_log_likelihoods_and_ties_are_broken_by_seed() -> None:
    import math

    found = scores("nothing in common", " a", " b", " c")
    assert sum(math.exp(value) for value in found) == pytest.approx(1)
    assert len(set(found)) == 3
    assert found == scores("nothing in common", " a", " b", " c")
    assert found != scores("nothing in common", " a", " b", " c", seed=1)
    assert scores("no options") == ()


def test_speech_says_again_what_the_prompt_said_last() -> None:
    assert said('Mira said: "A market opens at eleven." Ben asks.\nAnna says:', Text("say?", 20)) == (
        "A market opens at eleven.",
    )
    assert said("Fact: The mill is closed. It rains today.\nAnna says:", None) == ("It rains today.",)
    assert said("", Text("say?", 20))[0] != ""


def test_forms_and_numbers_are_answered_legally() -> None:
    price = Depends("act", {"bid": Number("?", 5, 50, 5)})
    spec = Form((("act", Choice("?", ("go", "bid"))), ("price", price)))
    texts = said("Decide.", spec, samples=20)
    for text in texts:
        spec.parse(text)
    assert len(set(texts)) > 3


def test_a_purpose_can_have_a_rule_of_its_own(clean_rules: None) -> None:
    @SCORE_RULES.rule("first", "foremost")
    def first(request: ScoreRequest, rng: random.Random) -> Sequence[float]:
        return [1.0, *[0.0] * (len(request.options) - 1)]

    @COMPLETE_RULES.rule("greet")
    def greet(request: CompleteRequest, rng: random.Random) -> str:
        return rng.choice(("Good day.", "Hello.")) + "\nmore"

    assert scores("the b", "a", "b", purpose="foremost")[0] == max(scores("the b", "a", "b", purpose="first"))
    request = CompleteRequest(call(purpose="greet"), Prompt("", "x"), 9, samples=9, stop=("\n",))
    completion = run(ScriptedModel().complete(request))
    assert set(completion.texts) == {"Good day.", "Hello."}
    assert completion.usage.tokens_out > 0
    assert Rules[int, int]().get("nothing") is None


def test_endings_do_not_hide_a_word() -> None:
    assert stems("The bakers bake and baked, baking") == ["baker", "bak", "bak", "bak"]


def test_it_imports_nothing_heavy() -> None:
    code = (
        "import sys; from burgh.agents.llm.load import load_model; load_model('scripted', seed=3);"
        "print([m for m in ('torch', 'transformers', 'llguidance', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
