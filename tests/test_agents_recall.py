"""Recalling: the three forms of a query, what they cost, and that the record keeps them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from minds_for_tests import HandModel, begun, observed, persona, run, seed

from burgh.agents.mind import GenerativeMind
from burgh.agents.recall import recall
from burgh.memory.score import PUBLISHED
from burgh.memory.stream import Retrieved
from burgh.sim.types import Event

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ("The rope is in the barn.", "Ida sings on Friday.", "The mill is shut.", "Bread is dear.")


def mira(model: HandModel, **settings: Any) -> GenerativeMind:
    return begun(model, persona(memories=[seed(text) for text in KNOWN]), **settings)


def asked(mind: GenerativeMind, query: str, k: int = 2) -> tuple[tuple[Retrieved, ...], Event]:
    turn = mind._turn(observed(mind.name, 5))
    found, event_id = run(recall(turn, query, k))
    (event,) = (event for event in turn.events.all() if event.id == event_id)
    return found, event


def test_plainly_asked_no_model_is_called() -> None:
    model = HandModel()
    mind = mira(model)
    before = len(model.asked)
    found, event = asked(mind, "Where is the rope?")
    assert found[0].memory.text == KNOWN[0]
    assert len(model.asked) == before
    assert set(event.data) == {"query", "picked"}
    assert set(event.data["picked"][0]) == {"id", "recency", "importance", "relevance", "names", "score"}


@pytest.mark.parametrize(
    ("form", "purpose", "samples"), [("rewritten", "rewrite query", 1), ("imagined", "imagine answer", 3)]
)
def test_other_forms_cost_one_call_and_find_what_the_question_does_not_name(
    form: str, purpose: str, samples: int
) -> None:
    model = HandModel()
    model.replies[purpose] = (" Bread is dear. ", "Bread is dear.", "", "Why is it?")
    mind = mira(model, query=form, weights=PUBLISHED)
    before = len(model.asked)
    found, event = asked(mind, "Why is it?")
    (request,) = model.asked[before:]
    assert (request.call.purpose, request.samples) == (purpose, samples)  # type: ignore[union-attr]
    assert "Why is it?" in request.prompt.suffix
    assert found[0].memory.text == KNOWN[3]
    assert event.data["more"] == ["Bread is dear."]  # once; neither nothing nor the question itself


def test_where_the_model_writes_nothing_the_query_is_asked_plainly() -> None:
    silent = mira(HandModel(), query="imagined")
    plain = mira(HandModel())
    found, event = asked(silent, "Where is the rope?")
    expected, _ = asked(plain, "Where is the rope?")
    assert found == expected
    assert "more" not in event.data


def test_without_memory_nothing_comes_to_mind_and_no_call_is_made() -> None:
    model = HandModel()
    mind = mira(model, query="rewritten", memory=False)
    before = len(model.asked)
    found, event = asked(mind, "Where is the rope?")
    assert found == ()
    assert event.data["picked"] == []
    assert len(model.asked) == before


@pytest.mark.model
def test_the_default_is_better_than_the_published_formula_on_both_halves() -> None:
    command = [sys.executable, "-m", "benchmarks.recall", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    figures = {(one["setting"], one["half"]): one for one in json.loads(done.stdout)}
    (usual,) = {name for name, _ in figures if name.endswith("(usual)")}
    for half, questions in (("tune", 35), ("held-out", 31)):
        best, published = figures[usual, half], figures["published", half]
        assert best["questions"] == published["questions"] == questions
        assert best["hit_1"] <= best["hit_3"] <= best["hit_5"]
        assert best["mrr"] > published["mrr"] + 0.1
        assert best["ndcg_10"] > published["ndcg_10"] + 0.1
    tune = [one for (_, half), one in figures.items() if half == "tune"]
    assert max(tune, key=lambda one: one["mrr"])["setting"] == usual
    assert max(tune, key=lambda one: one["ndcg_10"])["setting"] == usual


def test_the_labelled_questions_are_answered_by_memories_of_their_mind() -> None:
    folder = ROOT / "tests" / "data" / "retrieval"
    rows = {
        name: [json.loads(row) for row in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        for name in ("memories", "queries")
    }
    made = {row["id"]: row["created"] for row in rows["memories"]}
    assert len(made) == len(rows["memories"]) >= 200
    assert len(rows["queries"]) >= 60
    assert {row["type"] for row in rows["queries"]} == {"plain", "paraphrase", "name", "place", "time"}
    for row in rows["queries"]:
        assert set(row["relevant"].values()) <= {1, 2, 3}
        assert max(row["relevant"].values()) == 3
        for found in row["relevant"]:
            assert found.startswith(f"{row['mind']}:")
            assert made[found] <= row["now"]


def test_a_fault_of_the_benchmark_is_one_sentence() -> None:
    command = [sys.executable, "-m", "benchmarks.recall", "--embedder", "minilm-16"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "benchmarks.recall: no embedder is called 'minilm-16' (did you mean 'minilm-l6'?)"
    )
