"""Scoring and writing in batches: what replies may not learn from each other, what is not computed twice."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_for_tests import answers, call, tiny_model

from burgh.agents.llm import generating
from burgh.agents.llm.rows import Prefix, PrefixCache
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.sim.protocols import CompleteRequest, LanguageModel, Prompt, ScoreRequest
from burgh.sim.rng import stream
from burgh.sim.spec import Choice, Depends, Form, Text, ToolCall
from burgh.sim.types import BurghError

TOWN = Prompt("the town and the bread. ", "on the road")


@cache
def tiny() -> TransformersModel:
    return tiny_model()


def write(prompt: Prompt = TOWN, **more: Any) -> CompleteRequest:
    return CompleteRequest(call(), prompt, **{"max_tokens": 10, **more})


def test_it_is_a_language_model() -> None:
    assert isinstance(tiny(), LanguageModel)
    assert tiny().identity["device"] == "cpu"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text("the and.", min_size=1, max_size=20), max_size=5),
    st.integers(0, 2**32),
    st.floats(0.1, 3),
    st.sampled_from([1.0, 0.9, 0.3]),
)
def test_a_reply_does_not_depend_on_those_beside_it(
    others: list[str], seed: int, temperature: float, top_p: float
) -> None:
    request = write(temperature=temperature, top_p=top_p, seed=seed, samples=2)
    beside = [write(Prompt("x", other), max_tokens=6, temperature=1.0) for other in others]
    alone = answers(tiny(), [request])[0]
    among = answers(tiny(), [*beside, request])[-1]
    assert among.texts == alone.texts


def test_samples_differ_and_are_drawn_by_seed() -> None:
    first = answers(tiny(), [write(samples=4, temperature=1.0, seed=1)])[0]
    again = answers(tiny(), [write(samples=4, temperature=1.0, seed=1)])[0]
    other = answers(tiny(), [write(samples=4, temperature=1.0, seed=2)])[0]
    more = answers(tiny(), [write(samples=6, temperature=1.0, seed=1)])[0]
    assert first.texts == again.texts == more.texts[:4]
    assert len(set(first.texts)) > 1
    assert first.texts != other.texts


def test_at_temperature_0_all_samples_are_the_likeliest() -> None:
    texts = answers(tiny(), [write(samples=3)])[0].texts
    assert len(set(texts)) == 1


def test_a_tiny_top_p_is_greedy() -> None:
    greedy = answers(tiny(), [write()])[0].texts
    assert answers(tiny(), [write(temperature=1.0, top_p=1e-6, seed=9)])[0].texts == greedy


def test_draws_follow_the_distribution() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0, -torch.inf]]).expand(3000, -1)
    request = write(temperature=1.0)
    replies = [
        generating._Reply(request, tiny().encoder, stream(0, "sample", str(i)), None) for i in range(3000)
    ]
    drawn = torch.tensor(generating._sample(logits, replies)).bincount(minlength=4) / 3000
    assert torch.allclose(drawn, torch.softmax(logits[0], dim=0), atol=0.03)
    assert drawn[3] == 0


@pytest.mark.parametrize("top_p", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(
    "spread", [0.0, 5.0]
)  # so flat that the first few hundred do not reach it, and peaked
def test_the_nucleus_is_the_fewest_that_reach_top_p(top_p: float, spread: float) -> None:
    generator = torch.Generator().manual_seed(1)
    probabilities = torch.softmax(torch.randn(2000, generator=generator) * spread, dim=0)
    kept = generating._nucleus(probabilities, top_p)
    inside = kept > 0
    assert torch.equal(kept[inside], probabilities[inside])
    assert float(kept.sum()) >= top_p - 1e-5
    assert float(kept.sum() - probabilities[inside].min()) < top_p + 1e-5


def test_a_reply_ends_before_its_stop_and_within_its_tokens() -> None:
    whole = answers(tiny(), [write(max_tokens=20)])[0]
    assert whole.usage.tokens_out <= 20
    stop = whole.texts[0][3:5]
    cut = answers(tiny(), [write(max_tokens=20, stop=(stop, "never"))])[0]
    assert cut.texts[0] == whole.texts[0][: whole.texts[0].index(stop)]
    assert cut.usage.tokens_out < whole.usage.tokens_out
    assert answers(tiny(), [write(max_tokens=0)])[0].texts == ("",)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32), st.floats(0, 2))
def test_a_form_is_legal_however_few_tokens_it_is_given(
    max_tokens: int, seed: int, temperature: float
) -> None:
    form = Form(
        (
            ("act", Choice("?", ("say", "go"))),
            ("words", Depends("act", {"say": Text("?", 8), "go": Choice("?", ("home", "away"))})),
            ("why", Text("?", 4)),
        )
    )
    spec = ToolCall({"do": form})
    request = write(spec=spec, max_tokens=max_tokens, seed=seed, temperature=temperature, samples=2)
    for text in answers(tiny(), [request])[0].texts:
        assert spec.parse(text)["tool"] == "do"
        json.loads(text)


def count_own_tokens(model: TransformersModel, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The shapes (rows, tokens) of all passes through the network."""
    shapes: list[tuple[int, int]] = []
    inner = model.network.hidden

    def counted(own: Any, rows: Any, **more: Any) -> torch.Tensor:
        shapes.append((len(own), max(len(tokens) for tokens in own)))
        return inner(own, rows, **more)

    monkeypatch.setattr(model.network, "hidden", counted)
    return shapes


def test_a_prefix_and_a_context_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    prefix, suffix = model.encoder.prompt(TOWN)
    shapes = count_own_tokens(model, monkeypatch)
    options = ("a", "b")
    request = ScoreRequest(call(0), TOWN, options)
    same = ScoreRequest(call(1, "Ben"), TOWN, ("b", "n"))
    first, second = answers(model, [request, same])
    assert shapes == [(1, len(prefix)), (1, len(suffix))]
    assert first.logprobs[1] == second.logprobs[0]
    assert (first.usage.tokens_cached, second.usage.tokens_cached) == (0, len(prefix) + len(suffix))
    shapes.clear()
    later = answers(model, [request])[0]
    assert shapes == [(1, len(suffix))]
    assert later.usage.tokens_cached == len(prefix)
    assert later.logprobs == pytest.approx(first.logprobs, abs=1e-5)


def test_samples_share_the_prompt_and_leave_when_done(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    prefix, suffix = model.encoder.prompt(TOWN)
    shapes = count_own_tokens(model, monkeypatch)
    spec = Choice("?", ("a", "the bread and the road"))
    answers(model, [write(spec=spec, samples=8, temperature=2.0, max_tokens=20)])
    assert shapes[:2] == [(1, len(prefix)), (1, len(suffix))]
    rows = [count for count, _ in shapes[2:]]
    assert rows == sorted(rows, reverse=True)
    assert rows[0] > rows[-1]


def test_the_prefix_cache_forgets_what_was_used_longest_ago() -> None:
    computed: list[tuple[int, ...]] = []

    def compute(tokens: tuple[int, ...]) -> Prefix:
        computed.append(tokens)
        return Prefix(len(tokens), (torch.zeros(1, 1, len(tokens), 4),), (torch.zeros(1, 1, len(tokens), 4),))

    cache = PrefixCache(compute, budget_bytes=2 * 32 * 3)
    for tokens in ((1, 1, 1), (2, 2, 2), (1, 1, 1), (3, 3, 3), (1, 1, 1), (2, 2, 2)):
        assert cache.get(tokens).length == 3
    assert computed == [(1, 1, 1), (2, 2, 2), (3, 3, 3), (2, 2, 2)]
    assert cache.size_bytes <= 2 * 32 * 3
    assert cache.get(tuple(range(50))).length == 50  # over the budget by itself, and yet served
    assert cache.get(()).length == 0


def test_an_empty_prompt_and_one_that_is_too_long_are_told_so() -> None:
    with pytest.raises(BurghError, match="a prompt is empty"):
        answers(tiny(), [write(Prompt("", ""))])
    with pytest.raises(BurghError, match="holds 512: shorten the prompt"):
        answers(tiny(), [write(Prompt("", "x" * 510))])
    with pytest.raises(BurghError, match="holds 512"):
        answers(tiny(), [ScoreRequest(call(), Prompt("", "x" * 510), ("xyz",))])


def test_empty_options_and_options_of_nothing() -> None:
    none, empty = answers(tiny(), [ScoreRequest(call(0), TOWN, ()), ScoreRequest(call(1), TOWN, ("", "a"))])
    assert none.logprobs == ()
    assert empty.logprobs[0] == 0.0
    assert empty.lengths == (0, 1)
