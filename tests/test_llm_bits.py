"""A request has the same answer, to the bit, whatever it is computed with and after."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

import pytest
import torch
from llm_for_tests import answers, call, tiny_llama_config, tiny_model

from burgh.agents.llm.attention import LEAST_ROWS, matrix
from burgh.agents.llm.jobs import Job, Request
from burgh.agents.llm.lanes import Lanes
from burgh.agents.llm.layout import BLOCK, Span
from burgh.agents.llm.packing import can_pack, pack_linears
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.sim.protocols import CompleteRequest, Prompt, ScoreRequest
from burgh.sim.spec import Choice, Form, Number, Text

REQUESTS = 1000
WORDS = ["the", "bread", "and", "an", "other", "road", "th", "o", "r", "in", "on", "a.", "\n"]
COMMON = "the town and the bread on the road. " * 3
FORM = Form((("act", Choice("?", ("go", "say"))), ("n", Number("?", 1, 40)), ("why", Text("?", 3))))
needs_packing = pytest.mark.skipif(not can_pack(), reason="the bits are those of oneDNN")


@cache
def tiny() -> TransformersModel:
    config = tiny_llama_config()
    config.hidden_size, config.num_hidden_layers, config.head_dim = 48, 2, 16
    return tiny_model(config, packed=True, cache_tokens=1500, max_rows=16)


def random_request(rng: random.Random, number: int) -> Request:
    words = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 12)))
    prompt = Prompt(COMMON[: rng.choice((0, 20, 90, len(COMMON)))], words)
    who = call(number, rng.choice("ABC"), rng.randrange(4))
    if rng.random() < 0.25:
        options = tuple(rng.sample([" bread", " the other", "a", " road and on", ""], rng.randrange(1, 4)))
        return ScoreRequest(who, prompt, options)
    return CompleteRequest(
        who,
        prompt,
        rng.randrange(1, 5),
        spec=FORM if rng.random() < 0.02 else None,
        samples=rng.choice((1, 1, 1, 2)),
        temperature=rng.choice((0.0, 0.7, 1.5)),
        top_p=rng.choice((1.0, 0.9)),
        top_k=rng.choice((0, 20)),
        min_p=rng.choice((0.0, 0.05)),
        repetition_penalty=rng.choice((1.0, 1.3)),
        seed=number,
        stop=rng.choice(((), ("e",), ("an", "."))),
    )


def said(answer: object) -> object:
    """Texts, or log-likelihoods with all their bits."""
    return getattr(answer, "texts", None) or getattr(answer, "logprobs", None)


def by_itself(model: TransformersModel, request: Request) -> object:
    """The answer of an engine that remembers nothing and has nothing else to do."""
    engine, encoder, found = model.engine, model.encoder, list[object]()
    engine._start_anew()
    engine._known._contexts.clear()
    prefix, suffix = encoder.prompt(request.prompt)
    options = tuple(map(encoder.tokens, request.options)) if isinstance(request, ScoreRequest) else ()
    engine.queue.add([Job(request, prefix + suffix, options, found.append)])
    engine.drain()
    assert len(found) == 1 and not isinstance(found[0], Exception), found
    return said(found[0])


def in_batches(model: TransformersModel, requests: Sequence[Request], rng: random.Random) -> list[object]:
    """The answers, asked for in random batches in random order."""
    order = list(range(len(requests)))
    rng.shuffle(order)
    found: dict[int, object] = {}
    while order:
        size = rng.randrange(1, 60)
        batch, order = order[:size], order[size:]
        for number, answer in zip(batch, answers(model, [requests[n] for n in batch]), strict=True):
            found[number] = said(answer)
    return [found[number] for number in range(len(requests))]


@needs_packing
def test_none_of_a_thousand_requests_depends_on_what_it_was_batched_with() -> None:
    rng = random.Random(11)
    requests = [random_request(rng, number) for number in range(REQUESTS)]
    alone = [by_itself(tiny(), request) for request in requests]
    together = in_batches(tiny(), requests, random.Random(12))
    differing = [number for number in range(REQUESTS) if alone[number] != together[number]]
    assert differing == []


@needs_packing
@torch.inference_mode()
def test_however_a_row_is_cut_and_shared_its_states_have_the_same_bits() -> None:
    network = tiny().network
    rng = random.Random(3)
    length = 3 * BLOCK + 7
    tokens = [rng.randrange(1, 300) for _ in range(length)]
    slots = list(range(1, length + 1))
    whole, _ = network.prefill([Span(slots, length)], [tokens])
    for cuts in ((1,), (BLOCK,), (5, 40, 41, 90), tuple(range(1, length, 9))):
        parts = []
        for begin, end in zip((0, *cuts), (*cuts, length), strict=True):
            parts.append(network.prefill([Span(slots[:end], end - begin)], [tokens[begin:end]])[0])
        assert torch.equal(torch.cat(parts), whole)
    lanes = Lanes(network.pool, fused=False)  # the last tokens one by one, beside other rows
    other = [*slots[: 2 * BLOCK], *range(length + 1, length + 20)]
    network.prefill([Span(other, 19)], [[7] * 19])
    lanes.join([slots[: length - 6], other])
    for place in range(length - 6, length):
        states = network.run([tokens[place], 9], lanes.step([slots[place], 2 * length + place]))
        assert torch.equal(states[0], whole[place])


@needs_packing
@torch.inference_mode()
def test_the_products_that_bits_rest_on() -> None:
    generator = torch.Generator().manual_seed(1)
    linear = torch.nn.Sequential(torch.nn.Linear(576, 192, bias=False))
    pack_linears(linear)
    rows = torch.randn(200, 576, generator=generator)
    assert all(torch.equal(linear(rows[:n]), linear(rows)[:n]) for n in (1, 2, 3, 5, 17, 64, 199))
    left, right = torch.randn(3, 90, 64, generator=generator), torch.randn(3, 64, 160, generator=generator)
    whole = matrix(left, right)
    for n in (1, 2, 3, LEAST_ROWS, 7, 48):
        assert torch.equal(matrix(left[:, :n], right), whole[:, :n])
        assert torch.equal(matrix(left[:, :n], right[:, :, :BLOCK]), whole[:, :n, :BLOCK])
