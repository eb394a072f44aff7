"""Linear maps by oneDNN give what those of torch give, also where there is no oneDNN."""

from __future__ import annotations

import platform

import pytest
import torch
from llm_for_tests import answers, call, tiny_model

from burgh.agents.llm.jobs import Request
from burgh.agents.llm.packing import PackedLinear, can_pack, pack_linears
from burgh.sim.protocols import CompleteRequest, Prompt, ScoreRequest

TOWN = Prompt("the town and the bread. ", "on the road")


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 7), (3, 7), (2, 5, 7), (300, 7)])
def test_a_packed_map_is_the_same_map(shape: tuple[int, ...], bias: bool) -> None:
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(0)
        linear = torch.nn.Linear(7, 11, bias=bias)
        packed = torch.nn.Sequential(linear)
        pack_linears(packed)
        assert isinstance(packed[0], PackedLinear) == can_pack()
        x = torch.randn(shape)
        torch.testing.assert_close(packed(x), linear(x), atol=1e-5, rtol=1e-5)
        turned = torch.randn(7, shape[0]).T  # not laid out in one piece
        torch.testing.assert_close(packed(turned), linear(turned), atol=1e-5, rtol=1e-5)


def test_a_packed_model_answers_as_before() -> None:
    requests: list[Request] = [
        ScoreRequest(call(0), TOWN, (" the", " bread or road")),
        CompleteRequest(call(1), TOWN, 12),
    ]
    scores, completion = answers(tiny_model(), requests)
    model = tiny_model()
    pack_linears(model.network.model)
    again, rewritten = answers(model, requests)
    assert again.logprobs == pytest.approx(scores.logprobs, abs=1e-4)
    assert rewritten.texts == completion.texts


def test_where_it_cannot_be_done_a_model_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    model = tiny_model()
    pack_linears(model.network.model)
    assert not any(isinstance(part, PackedLinear) for part in model.network.model.modules())
