"""Importance: the labels, what lies near in meaning, and how well the half not tuned on is ranked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from minds_for_tests import HandModel, WordEmbedder, begun

from burgh.agents.prompts import Rated, rated, references
from burgh.agents.rating import Likeness, likeness
from burgh.sim.types import fixed

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "tests" / "data" / "importance" / "labels.jsonl"
HALVES = ("tune", "held-out")


def rows() -> list[dict[str, Any]]:
    return [json.loads(row) for row in LABELS.read_text(encoding="utf-8").splitlines()]


def test_the_labels_are_two_halves_of_mostly_mundane_memories() -> None:
    assert len({row["text"] for row in rows()}) == len(rows()) >= 120
    assert {row["half"] for row in rows()} == set(HALVES)
    for half in HALVES:
        counts = Counter(row["importance"] for row in rows() if row["half"] == half)
        assert set(counts) == set(range(1, 11))
        assert counts[1] + counts[2] > counts.total() / 2


def test_no_labelled_sentence_is_in_a_prompt_or_among_the_rated() -> None:
    shown = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "agents/prompts").rglob("*.*"))
    assert [row["text"] for row in rows() if row["text"] in shown] == []
    texts = [one.text for one in (*references(), *rated())]
    assert len(set(texts)) == len(texts)


def test_what_lies_near_a_weighty_sentence_is_weighty() -> None:
    known = [Rated(9, "the house burned down"), Rated(1, "the cup is here"), Rated(8, "the barn burned down")]
    near = Likeness(known, WordEmbedder())
    burned, cup, other = near.estimate(["the mill burned down", "the cup is there", "zebra"])
    assert burned > other > cup
    assert near.estimate(["the mill burned down", "zebra"]) == [burned, other]  # whatever stands beside it
    assert near.estimate([]) == []
    assert round(burned, 6) == burned


def test_a_rated_sentence_is_judged_by_the_others() -> None:
    """In its own light it would be rated too surely, and the scale be wider than what it measures."""
    known = [Rated(9, "the house burned down"), Rated(1, "the cup is here"), Rated(2, "the cup is there")]
    (left_out,) = Likeness(known, WordEmbedder()).estimate([known[0].text])
    without = Likeness(known[1:], WordEmbedder())
    # Leaving one out keeps the mean that all had, so it is held against the same mean.
    (naive,) = without.estimate([known[0].text])
    assert abs(left_out - naive) < 3 and left_out < 6 < known[0].rating


def test_a_mind_counts_likeness_beside_its_model() -> None:
    text = "Ida saw a zebra"
    embedder = WordEmbedder()
    for share in (0.0, 0.5):
        made = begun(HandModel(), likeness_nats=share)
        scale = made.state.scale
        like = likeness(embedder, "en").estimate([one.text for one in references()])
        expected = sorted(
            fixed(one.rating + share * near) / 1e6 for one, near in zip(references(), like, strict=True)
        )
        assert scale == pytest.approx(expected, abs=2e-6)
    assert likeness(embedder, "en").estimate([text]) == likeness(embedder, "en").estimate([text])


@pytest.mark.model
def test_ratings_rank_the_half_that_was_not_tuned_on() -> None:
    command = [sys.executable, "-m", "benchmarks.importance", "--half", "held-out", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert found["half"] == "held-out"
    assert found["sentences"] == sum(row["half"] == "held-out" for row in rows())
    assert found["spearman"] >= 0.8
    assert abs(found["mean_rating"] - found["mean_label"]) < 2
