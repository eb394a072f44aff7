"""Two real servers on loopback with the embedded model: llama.cpp's (xllamacpp), and `transformers serve`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from llm_for_tests import call, run
from servers_for_tests import llama_server, transformers_server

from burgh.agents.llm.load import load_model
from burgh.agents.llm.servers.backend import ServerModel
from burgh.sim import weights
from burgh.sim.protocols import CompleteRequest, Prompt, ScoreRequest
from burgh.sim.spec import ActionSpec, Choice, Depends, Form, Number, Text, ToolCall

pytestmark = pytest.mark.model

WANTS = Prompt("Anna lives in a village.", " She wants to buy bread. She goes to the")
PLACES = (" bakery", " library", " chapel", " public bath")
SHOP = ToolCall(
    {
        "go": Form((("place", Choice("", ("bakery", "mill"))),)),
        "bid": Form(
            (
                ("act", Choice("", ("bid", "pass"))),
                ("price", Depends("act", {"bid": Number("", 0, 100_000, 5)})),
                ("why", Text("", 4)),
            )
        ),
    }
)


@pytest.fixture(scope="module")
def llama() -> Iterator[ServerModel]:
    gguf = next(weights.path("smollm2-135m-gguf").glob("*.gguf"))
    with llama_server(gguf) as url:
        model = load_model(f"openai:{url}")
        assert isinstance(model, ServerModel)
        yield model


@pytest.fixture(scope="module")
def served() -> Iterator[ServerModel]:
    folder: Path = weights.path("smollm2-135m")
    with transformers_server(folder) as url:
        model = load_model(f"openai:{url}#{folder}")
        assert isinstance(model, ServerModel)
        yield model


def best(options: Sequence[str], logprobs: Sequence[float]) -> str:
    return max(zip(logprobs, options, strict=True))[1]


def test_llama_scores_exactly(llama: ServerModel) -> None:
    assert (llama.identity["score"], llama.identity["structured"]) == ("forced", "lark")
    assert llama.name == "smollm2-135m-instruct-q4_1.gguf", "no folder of this machine in it"
    assert llama.window is not None
    assert llama.window.tokens == 4096
    found = run(llama.score(ScoreRequest(call(), WANTS, PLACES)))
    assert found.way == "exact"
    assert found.lengths == (1, 1, 1, 2)
    assert best(PLACES, found.logprobs) == " bakery"
    local = load_model("smollm2-135m", device="cpu", threads=1)
    here = run(local.score(ScoreRequest(call(), WANTS, PLACES)))
    assert found.logprobs == pytest.approx(here.logprobs, abs=0.6), "4-bit weights there, in fp32 here"


@pytest.mark.parametrize("spec", [Choice("", (" yes", " no")), Number("", 0, 100_000, 5), Text("", 6), SHOP])
def test_llama_gives_only_legal_answers(llama: ServerModel, spec: ActionSpec) -> None:
    request = CompleteRequest(
        call(), Prompt("Anna is asked. ", "She answers:"), 16, spec=spec, samples=2, temperature=0.9, seed=3
    )
    first = run(llama.complete(request))
    for text in first.texts:
        spec.parse(text)
    assert first.usage.tries <= 2, "each was legal at once"
    assert first.usage.tokens_in > 0
    assert first.usage.tokens_out > 0


def test_transformers_serve_scores_by_its_endpoint_for_decisions(served: ServerModel) -> None:
    expected = {"api": "completions", "score": "decision", "structured": "none", "draw": "generation_config"}
    assert {key: served.identity[key] for key in expected} == expected
    assert served.name == "smollm2-135m"
    found = run(served.score(ScoreRequest(call(), WANTS, PLACES)))
    assert found.way == "labels"
    assert best(PLACES, found.logprobs) == " bakery"
    assert math.fsum(map(math.exp, found.logprobs)) == pytest.approx(1)


def test_transformers_serve_writes_and_draws(served: ServerModel) -> None:
    asked = CompleteRequest(
        call(), WANTS, 8, spec=Text("", 8), samples=3, temperature=1.2, seed=3, stop=("\n",)
    )
    texts = run(served.complete(asked)).texts
    assert len(set(texts)) > 1, "drawn, each with a seed of its own"
    assert all("\n" not in text and text for text in texts)
    greedy = CompleteRequest(call(), WANTS, 6)
    assert run(served.complete(greedy)).texts == run(served.complete(greedy)).texts
