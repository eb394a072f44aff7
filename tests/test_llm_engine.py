"""Scoring and writing in batches: what replies may not learn from each other, what is not computed twice."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_for_tests import answers, call, run, tiny_llama_config, tiny_model

from burgh.agents.llm.accounts import Accounts
from burgh.agents.llm.permuted import PermutedScores
from burgh.agents.llm.sampling import draw
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.sim.protocols import Call, CompleteRequest, Completion, LanguageModel, Prompt, ScoreRequest
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


@settings(max_examples=12, deadline=None)
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
    logits = torch.tensor([0.0, 1.0, 2.0, -torch.inf])
    request = write(temperature=1.0)
    rng = stream(0, "draws")
    numbers = [rng.random() for _ in range(3000)]
    drawn = torch.tensor(draw(logits.expand(3000, -1), [request] * 3000, numbers)).bincount(minlength=4)
    assert torch.allclose(drawn / 3000, torch.softmax(logits, dim=0), atol=0.03)
    assert drawn[3] == 0


@pytest.mark.parametrize("spread", [0.0, 0.6, 5.0])  # so flat that the likeliest 256 do not reach it; peaked
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"top_p": 0.2},
        {"top_p": 0.97},
        {"top_k": 7},
        {"top_k": 700},
        {"min_p": 0.2},
        {"top_k": 300, "top_p": 0.8, "min_p": 0.01, "temperature": 1.7},
    ],
    ids=str,
)
def test_what_may_be_drawn_is_what_transformers_leaves(more: dict[str, Any], spread: float) -> None:
    logits = torch.randn(1500, generator=torch.Generator().manual_seed(1)) * spread
    request = write(**{"temperature": 0.8, **more})
    warpers: list[Any] = [transformers.TemperatureLogitsWarper(request.temperature)]
    if request.top_k:
        warpers.append(transformers.TopKLogitsWarper(request.top_k))
    if request.top_p < 1:
        warpers.append(transformers.TopPLogitsWarper(request.top_p))
    if request.min_p:
        warpers.append(transformers.MinPLogitsWarper(request.min_p))
    scores = logits[None].clone()
    for warp in warpers:
        scores = warp(torch.zeros((1, 1), dtype=torch.long), scores)
    expected, order = torch.softmax(scores[0].double(), dim=0).sort(descending=True, stable=True)
    cumulative = expected.cumsum(dim=0)
    likely = int((expected > 1e-5).sum())
    for place in {0, likely // 2, likely - 1}:
        middle = float(cumulative[place] - expected[place] / 2)  # of that token's share of [0, 1)
        if spread:  # among equals the order is anybody's
            assert draw(logits[None], [request], [middle]) == [int(order[place])]
        else:
            assert 0 <= draw(logits[None], [request], [middle])[0] < 1500


def test_what_was_said_is_penalised_as_transformers_does() -> None:
    request = write(max_tokens=12, repetition_penalty=1.6)
    prefix, suffix = tiny().encoder.prompt(request.prompt)
    ids = torch.tensor([prefix + suffix])
    made = tiny().network.model.generate(
        ids, max_new_tokens=12, do_sample=False, repetition_penalty=1.6, pad_token_id=0
    )
    expected = tiny().encoder.text([token for token in made[0, ids.shape[1] :].tolist() if token])
    assert answers(tiny(), [request])[0].texts == (expected,)
    assert answers(tiny(), [write(max_tokens=12)])[0].texts != (expected,)


def test_a_reply_ends_before_its_stop_and_within_its_tokens() -> None:
    whole = answers(tiny(), [write(max_tokens=20)])[0]
    assert whole.usage.tokens_out <= 20
    stop = whole.texts[0][3:5]
    cut = answers(tiny(), [write(max_tokens=20, stop=(stop, "never"))])[0]
    assert cut.texts[0] == whole.texts[0][: whole.texts[0].index(stop)]
    assert cut.usage.tokens_out < whole.usage.tokens_out
    assert answers(tiny(), [write(max_tokens=0)])[0].texts == ("",)


@settings(max_examples=15, deadline=None)
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


def count_passes(model: TransformersModel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tokens of all passes through the network."""
    passes: list[int] = []
    inner = model.network.run

    def counted(tokens: Any, rows: Any) -> torch.Tensor:
        passes.append(len(tokens))
        return inner(tokens, rows)

    monkeypatch.setattr(model.network, "run", counted)
    return passes


def test_a_prefix_and_a_context_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    prefix, suffix = model.encoder.prompt(TOWN)
    passes = count_passes(model, monkeypatch)
    options = (" bread", "a")
    longer = len(model.encoder.tokens(" bread")) - 1
    first = answers(model, [ScoreRequest(call(0), TOWN, options)])[0]
    assert passes == [len(prefix) + len(suffix) + longer]
    assert first.usage.tokens_cached == 0
    again = answers(model, [ScoreRequest(call(1, "Ben"), TOWN, ("a", " bread"))])[0]
    assert passes[1:] == []  # it is known
    assert again.logprobs == first.logprobs[::-1]
    other = answers(model, [ScoreRequest(call(2), Prompt(TOWN.prefix, "near"), ("a",))])[0]
    assert passes[1:] == [len(model.encoder.tokens("near"))]
    assert other.usage.tokens_cached == len(prefix)
    both = [ScoreRequest(call(3, agent), Prompt(TOWN.prefix, "by"), ("a",)) for agent in ("Anna", "Ben")]
    answers(model, both)
    assert passes[2:] == [len(model.encoder.tokens("by"))]  # asked by two, computed once


def test_samples_share_the_prompt_and_leave_when_done(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    prefix, suffix = model.encoder.prompt(TOWN)
    passes = count_passes(model, monkeypatch)
    spec = Choice("?", ("a", "the bread and the road"))
    answers(model, [write(spec=spec, samples=8, temperature=2.0, max_tokens=20)])
    assert passes[0] == len(prefix) + len(suffix)
    assert passes[1:] == sorted(passes[1:], reverse=True)
    assert passes[1] > passes[-1]


def test_a_reply_that_was_written_is_not_computed_again() -> None:
    model = tiny_model()
    said = answers(model, [write(max_tokens=8)])[0].texts[0]
    going_on = answers(model, [write(Prompt(TOWN.prefix, TOWN.suffix + said + " and"), max_tokens=1)])[0]
    before = sum(map(len, model.encoder.prompt(TOWN)))
    assert before < going_on.usage.tokens_cached < before + 8


@pytest.mark.parametrize("window", [None, 7])
def test_the_way_that_graphics_cards_take_says_the_same(window: int | None) -> None:
    config = None
    if window is not None:
        config = transformers.MistralConfig(**{**tiny_llama_config().to_dict(), "sliding_window": window})
    plain, fused = tiny_model(config), tiny_model(config, fused=True)
    prompts = [Prompt(TOWN.prefix, "on " * n) for n in (1, 4, 9, 20)]
    requests: list[Any] = [write(prompt, samples=2, temperature=0.8, seed=3) for prompt in prompts]
    requests += [ScoreRequest(call(n), prompt, (" bread", "a")) for n, prompt in enumerate(prompts)]
    for mine, theirs in zip(answers(fused, requests), answers(plain, requests), strict=True):
        if isinstance(mine, Completion):
            assert mine.texts == theirs.texts
        else:
            assert mine.logprobs == pytest.approx(theirs.logprobs, abs=1e-3)


def test_rows_join_a_batch_that_is_running(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    passes = count_passes(model, monkeypatch)

    async def late() -> list[Completion]:
        long = asyncio.ensure_future(model.complete(write(max_tokens=40, seed=1)))
        while len(passes) < 3:
            await asyncio.sleep(0.001)
        short = await model.complete(write(Prompt("x", "y"), max_tokens=4))
        assert not long.done()
        return [short, await long]

    short, long = run(late())
    assert 2 in passes  # both in one step
    assert [short.texts, long.texts] == [
        answers(tiny_model(), [request])[0].texts
        for request in (write(Prompt("x", "y"), max_tokens=4), write(max_tokens=40, seed=1))
    ]


def test_an_earlier_tick_goes_first() -> None:
    model = tiny_model(cache_tokens=120)  # one at a time
    order: list[int] = []

    async def all_of_them() -> None:
        async def ask(tick: int) -> None:
            await model.complete(CompleteRequest(call(0, "Anna", tick), Prompt("", f"x{tick} " * 20), 8))
            order.append(tick)

        await asyncio.gather(*(ask(tick) for tick in (5, 3, 9, 1)))

    run(all_of_them())
    assert order == [1, 3, 5, 9]


@pytest.mark.parametrize("stop", ['"', "\n"])
def test_a_bound_answer_may_end_in_a_stop_that_no_answer_holds(
    monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    model = tiny_model()
    (mark,) = model.encoder.tokens(stop)
    logits = torch.zeros(model.network.vocabulary)
    logits[mark], logits[model.encoder.tokens("a")[0]] = 9.0, 5.0  # what it always wants to say next
    monkeypatch.setattr(model.network, "logits", lambda states: logits.repeat(len(states), 1))
    bound = write(spec=Text("?", 5), stop=(stop,), max_tokens=9)
    (text,) = answers(model, [bound])[0].texts
    assert text == "a"  # an answer of one character at least, then the stop
    (free,) = answers(model, [write(spec=Text("?", 5), max_tokens=9)])[0].texts
    assert free == "a" * 9


def test_text_is_streamed_as_it_is_written() -> None:
    request = write(max_tokens=12, stop=("zzz",))
    whole = answers(tiny(), [request])[0].texts[0]

    async def listen() -> list[str]:
        return [piece async for piece in tiny().stream(request)]

    pieces = run(listen())
    assert "".join(pieces) == whole
    assert len(pieces) > 3

    async def leave() -> None:
        async for _ in tiny().stream(write(max_tokens=200)):
            break

    run(leave())
    assert answers(tiny(), [request])[0].texts[0] == whole


def test_who_listens_hears_each_reply_grow_and_changes_none() -> None:
    requests = [write(max_tokens=12, stop=("zzz",)) for _ in range(2)]
    whole = [one.texts for one in answers(tiny(), requests)]
    model, heard = tiny_model(), list[tuple[Call, str]]()
    accounts = Accounts(PermutedScores(model, 1))
    accounts.listen(lambda call, text: heard.append((call, text)))
    assert [one.texts for one in answers(accounts, requests)] == whole
    texts = [text for call, text in heard if call == requests[0].call]
    assert len(texts) > 3 and all(later.startswith(one) for one, later in pairwise(texts))
    assert whole[0][0].startswith(texts[-1])
    accounts.listen(None)
    heard.clear()
    answers(accounts, requests)
    assert not heard


@pytest.mark.parametrize("beams", [2, 4])
def test_beams_are_those_of_transformers(beams: int) -> None:
    prefix, suffix = tiny().encoder.prompt(TOWN)
    ids = torch.tensor([prefix + suffix])
    made = tiny().network.model.generate(
        ids, max_new_tokens=8, do_sample=False, num_beams=beams, pad_token_id=0
    )
    expected = tiny().encoder.text([token for token in made[0, ids.shape[1] :].tolist() if token])
    assert answers(tiny(), [write(max_tokens=8, beams=beams)])[0].texts == (expected,)
    spec = Choice("?", ("the bread", "a road", "on"))
    assert answers(tiny(), [write(max_tokens=8, beams=beams, spec=spec)])[0].texts[0] in spec.options


def test_a_draft_model_changes_nothing_but_who_proposes() -> None:
    model = tiny_model()
    greedy = answers(model, [write(max_tokens=12)])[0].texts
    model.engine.draft = tiny_model(seed=5).network.model
    assert answers(model, [write(max_tokens=12)])[0].texts == greedy
    form = Form((("act", Choice("?", ("say", "go"))),))
    form.parse(answers(model, [write(max_tokens=12, spec=form)])[0].texts[0])


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
