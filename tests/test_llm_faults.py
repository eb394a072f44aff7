"""What goes wrong with one request is told for that one; those beside it are answered as ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import torch
from llm_for_tests import call, run, tiny_model

from burgh.agents.llm.faults import RequestFault
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.sim.protocols import CompleteRequest, Prompt, ScoreRequest
from burgh.sim.spec import ActionSpec, Choice

COMMON = "the town and the bread on the road. " * 2


class Written(Choice):
    """A spec whose grammar is written by hand."""

    def grammar(self) -> str:
        return self.options[0]


def replies(model: TransformersModel, requests: list[Any]) -> list[Any]:
    """The texts or log-likelihoods, or the fault."""

    async def ask() -> list[Any]:
        asked = (
            model.complete(one) if isinstance(one, CompleteRequest) else model.score(one) for one in requests
        )
        return list(await asyncio.gather(*asked, return_exceptions=True))

    return [getattr(one, "texts", None) or getattr(one, "logprobs", None) or one for one in run(ask())]


def same(found: list[Any], expected: list[Any]) -> bool:
    """The same texts, and log-likelihoods but for rounding."""
    return len(found) == len(expected) and all(
        one == (pytest.approx(other, abs=1e-4) if isinstance(other[0], float) else other)
        for one, other in zip(found, expected, strict=True)
    )


def mixed(count: int = 6) -> list[Any]:
    """Replies of various lengths and scores, on one common beginning."""
    requests: list[Any] = []
    for n in range(count):
        prompt = Prompt(COMMON, f"on {n} " * (1 + n % 3))
        requests.append(CompleteRequest(call(n), prompt, 4 + n, samples=1 + n % 2, temperature=n % 2, seed=n))
        requests.append(ScoreRequest(call(n, "Ben"), prompt, (" bread", "a")))
    return requests


def empty(model: TransformersModel) -> bool:
    """Whether nothing is left in flight and no slot was lost."""
    flight = model.engine.flight
    assert not flight.live and not flight.filling and not flight.writing and not flight.ready
    assert flight.room.promised == 0
    assert flight.room.free + len(flight.tree) == flight.room.slots - 1
    return flight.tree.evictable() == len(flight.tree)


@pytest.mark.parametrize("most", [3, 33, 50])
@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("can't allocate memory: 8 bytes")]
)
def test_out_of_memory_splits_the_batch(monkeypatch: pytest.MonkeyPatch, most: int, error: Exception) -> None:
    expected = replies(tiny_model(), mixed())
    model = tiny_model()
    inner, refused = model.network.run, list[int]()

    def scarce(tokens: Any, rows: Any) -> torch.Tensor:
        if len(tokens) > most:
            refused.append(len(tokens))
            raise error
        return inner(tokens, rows)

    monkeypatch.setattr(model.network, "run", scarce)
    found = replies(model, mixed())
    assert refused
    if most > 32:  # what is halved down to a block fits
        assert same(found, expected)
    else:
        assert all(isinstance(one, RequestFault) for one in found), found
        assert "there is no memory: shorten the prompt" in str(found[0])
    assert empty(model)
    monkeypatch.undo()
    assert same(replies(model, mixed()), expected)


def test_only_the_row_that_does_not_fit_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = Prompt(COMMON, "this one ü does not fit")
    model = tiny_model()
    mark = model.encoder.tokens("ü")[0]
    inner = model.network.run

    def scarce(tokens: Any, rows: Any) -> torch.Tensor:
        if mark in tokens:
            raise torch.OutOfMemoryError("out of memory")
        return inner(tokens, rows)

    monkeypatch.setattr(model.network, "run", scarce)
    requests = [CompleteRequest(call(0, "A"), marked, 5), *mixed(), ScoreRequest(call(1), marked, ("a",))]
    first, *others, last = replies(model, requests)
    assert isinstance(first, RequestFault) and isinstance(last, RequestFault)
    assert same(others, replies(tiny_model(), mixed()))
    assert empty(model)


def test_a_request_larger_than_the_whole_memory_is_told_so_and_others_wait_their_turn() -> None:
    model = tiny_model(cache_tokens=150)
    large = CompleteRequest(call(0, "A"), Prompt("", "x"), 8, samples=40)
    first, *others = replies(model, [large, *mixed()])
    assert isinstance(first, RequestFault) and "fewer samples or tokens" in str(first)
    assert same(others, replies(tiny_model(), mixed()))
    assert empty(model)


def test_logits_that_are_no_numbers_are_told_of_that_request(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    mark = model.encoder.tokens("ü")[-1]
    embeddings = model.network.model.get_input_embeddings()
    with torch.no_grad():
        embeddings.weight[mark] = torch.nan
    bad = Prompt(COMMON, "a nan: ü")
    requests = [CompleteRequest(call(7, "A"), bad, 5), *mixed(), ScoreRequest(call(8), bad, ("a", " bread"))]
    first, *others, last = replies(model, requests)
    for fault in (first, last):
        assert isinstance(fault, RequestFault)
    assert first.call == requests[0].call
    assert "the call 7 of A at tick 1 (test) are not numbers" in str(first)
    assert same(others, replies(tiny_model(), mixed()))
    assert empty(model)


@pytest.mark.parametrize(
    "spec",
    [
        Written("?", ("this is no grammar (",)),
        Written("?", ('start: "a" nowhere\n',)),
        Written("?", ("start: /a/ & /b/\n",)),
    ],
)
def test_a_grammar_that_cannot_be_met_is_told_of_that_request(spec: ActionSpec) -> None:
    model = tiny_model()
    first, *others = replies(
        model, [CompleteRequest(call(0, "A"), Prompt(COMMON, "x"), 5, spec=spec), *mixed()]
    )
    assert isinstance(first, RequestFault)
    assert "grammar" in str(first)
    assert same(others, replies(tiny_model(), mixed()))
    assert empty(model)


def test_a_fault_of_ours_reaches_everyone_and_the_engine_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()

    def broken(*_: Any) -> torch.Tensor:
        raise ZeroDivisionError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(model.network, "run", broken)
        assert all(isinstance(one, ZeroDivisionError) for one in replies(model, mixed()))
    assert same(replies(model, mixed()), replies(tiny_model(), mixed()))


def test_a_small_memory_changes_no_answer() -> None:
    model = tiny_model(cache_tokens=130, max_rows=2, pass_tokens=16)
    assert same(replies(model, mixed(9)), replies(tiny_model(), mixed(9)))
    assert empty(model)


def test_one_who_gives_up_leaves_nothing_behind() -> None:
    model = tiny_model()

    async def leaving() -> Any:
        asked = [asyncio.ensure_future(model.complete(one)) for one in mixed() if hasattr(one, "max_tokens")]
        while not model.engine.flight.writing:
            await asyncio.sleep(0.001)
        for one in asked[1:]:
            one.cancel()
        return await asked[0]

    assert run(leaving()).texts == replies(tiny_model(), mixed())[0]
    model.close()
    model._door._worker.shutdown(wait=True)
    assert empty(model)
