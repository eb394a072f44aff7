"""`benchmarks.engine` measures what it says, on shapes that a test can run."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from benchmarks import engine, roof
from llm_for_tests import tiny_model


def test_the_cases_run_and_the_engine_says_what_generate_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "AGENTS", 5)
    monkeypatch.setattr(engine, "MEMORIES", 3)
    model = tiny_model(cache_tokens=2000)
    stock, effort = model.network.model, engine.Effort(scale=0.1, alone=2)
    with torch.inference_mode():
        agents = engine.agents_case(model, stock, effort)
        memories = engine.memories_case(model, stock, effort)
        overhead = engine.overhead_case(model, effort)
    assert agents.same == (2, 2)
    for one in (agents, memories):
        assert set(one.gains) == {"one at a time", "one static batch"}
        assert all(seconds > 0 for seconds in one.seconds.values())
    assert 0 < overhead.seconds["in forward passes"] < overhead.seconds["all"]


def test_the_roof_counts_weights_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roof, "BATCH", 4)
    found = roof.decode_against_roof(roof.shapes()["tiny"], torch.device("cpu"))
    shape = roof.shapes()["tiny"]
    weights = (
        4
        * shape.hidden
        * (shape.layers * (2 * shape.hidden + shape.hidden + 3 * shape.inner) + shape.vocabulary)
    )
    keys = 4 * (roof.CONTEXT // 8 + roof.WARM + roof.STEPS) * shape.layers * shape.hidden * 4
    read = found.roof_ms / 1e3 * found.bandwidth_gb_s * 1e9
    assert read == pytest.approx(weights + keys, rel=0.02)
    assert 0 < found.overhead < 1
    assert found.step_ms > 0 and len(found.row()) == 6


def test_texts_have_the_length_that_was_asked_for() -> None:
    encoder: Any = tiny_model().encoder
    rng = random.Random(1)
    assert 38 <= len(encoder.tokens(engine.text_of(encoder, rng, 50))) <= 50
