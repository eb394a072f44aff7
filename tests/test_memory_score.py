"""Scoring against a plain float64 reference, and the faults that are known from elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burgh.memory.record import Memory
from burgh.memory.score import Weights, normalised, score, top
from burgh.memory.stream import MemoryStream

DIMENSION = 16


def memory(number: int, *, agent: str = "Mira", **fields: object) -> Memory:
    plain = {"kind": "observation", "text": f"memory {number}", "created": number, "last_access": number}
    return Memory(id=f"{agent}:{number}", **{**plain, "importance": 5.0, **fields})  # type: ignore[arg-type]


def naive_scale(values: list[float], tolerance: float) -> list[float]:
    if not values or max(values) - min(values) <= tolerance:
        return [0.5] * len(values)
    return [(value - min(values)) / (max(values) - min(values)) for value in values]


def naive_scores(
    ages: list[float], importance: list[float], vectors: list[list[float]], query: list[float], decay: float
) -> list[float]:
    """The published formula in plain Python, one memory at a time."""
    recency = naive_scale([decay**age for age in ages], 1e-9)
    important = naive_scale(importance, 1e-9)
    cosines = [sum(a * b for a, b in zip(vector, query, strict=True)) for vector in vectors]
    relevant = naive_scale(cosines, 1e-6)
    return [sum(parts) for parts in zip(recency, important, relevant, strict=True)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5_000), st.integers(1, 10), st.integers(0, 3)), min_size=0, max_size=40
    ),
    st.integers(0, 2**32 - 1),
    st.integers(1, 10),
)
def test_scores_equal_the_reference(rows: list[tuple[int, int, int]], seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(4, DIMENSION))  # few directions, so that equal vectors are common
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    stream = MemoryStream("Mira", DIMENSION, tick_seconds=360)
    for number, (created, importance, direction) in enumerate(rows):
        made = memory(number, created=created, last_access=created, importance=float(importance))
        stream.add(made, base[direction])
    query = base[0] + 0.3 * base[1]
    query /= np.linalg.norm(query)

    now = 5_000
    expected = naive_scores(
        [(now - created) * 0.1 for created, _, _ in rows],
        [float(importance) for _, importance, _ in rows],
        stream.vectors.astype(np.float64).tolist(),
        query.tolist(),
        0.995,
    )
    retrieved = stream.retrieve(query, now, len(rows))
    assert len(retrieved) == len(rows)
    for found in retrieved:
        assert found.score == pytest.approx(expected[found.memory.row], abs=2e-4)
        assert found.score == pytest.approx(found.recency + found.importance + found.relevance)
    exact = [(-found.score, -found.memory.created, found.memory.row) for found in retrieved]
    assert exact == sorted(exact)
    assert stream.retrieve(query, now, k) == retrieved[:k]


def test_without_normalisation_a_score_does_not_depend_on_what_else_is_remembered() -> None:
    rng = np.random.default_rng(3)
    rows, query = rng.normal(size=(8, DIMENSION)), rng.normal(size=DIMENSION)
    rows, query = rows / np.linalg.norm(rows, axis=1, keepdims=True), query / np.linalg.norm(query)
    found = []
    for count in (3, 8):
        stream = MemoryStream("Mira", DIMENSION, tick_seconds=360)
        for n in range(count):
            stream.add(memory(n, created=n * 100, last_access=n * 100, importance=float(n + 1)), rows[n])
        found.append({one.memory.row: one for one in stream.retrieve(query, 900, 8, normalisation="none")})
    for n in range(3):
        expected = 0.995 ** ((900 - n * 100) * 0.1) + (n + 1) / 10 + float(rows[n] @ query)
        assert found[0][n].score == pytest.approx(expected, abs=1e-5)
        assert found[0][n].score == found[1][n].score


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=50),
    st.integers(0, 60),
    st.booleans(),
)
def test_top_equals_a_full_sort(rows: list[tuple[int, int]], k: int, some: bool) -> None:
    scores = np.array([float(value) for value, _ in rows])
    created = np.array([made for _, made in rows], dtype=np.int64)
    allowed = list(range(0, len(rows), 2)) if some else list(range(len(rows)))
    expected = sorted(allowed, key=lambda row: (-scores[row], -created[row], row))[:k]
    picked = top(scores, created, k, np.array(allowed, dtype=np.intp) if some else None)
    assert picked.tolist() == expected


def test_the_newest_of_otherwise_equal_memories_scores_highest() -> None:
    """Fault 1: recency computed on a list sorted oldest first made the oldest score highest."""
    stream = MemoryStream("Mira", DIMENSION)
    for number in range(50):
        stream.add(memory(number, created=number * 100, last_access=number * 100), np.ones(DIMENSION))
    found = stream.retrieve(np.ones(DIMENSION), 6_000, 50)
    assert [f.memory.row for f in found] == list(range(49, -1, -1))
    assert (found[0].recency, found[-1].recency) == (1.0, 0.0)


def test_access_makes_an_old_memory_recent() -> None:
    stream = MemoryStream("Mira", DIMENSION)
    for number in range(10):
        stream.add(memory(number, created=number * 100, last_access=number * 100), np.ones(DIMENSION))
    stream.touch(["Mira:0"], 2_000)
    best, second = stream.retrieve(np.ones(DIMENSION), 2_000, 2)
    assert (best.memory.id, second.memory.id) == ("Mira:0", "Mira:9")
    assert best.memory.created == 0
    assert best.memory.last_access == 2_000


@pytest.mark.parametrize("n", [1, 2, 30])
def test_equal_values_count_half_and_are_never_nan(n: int) -> None:
    """Fault 2: normalising equal values divided by zero."""
    stream = MemoryStream("Mira", DIMENSION)
    for number in range(n):
        stream.add(memory(number, created=7, last_access=7), np.full(DIMENSION, 0.3))
    found = stream.retrieve(np.ones(DIMENSION), 7, n)
    parts = {(f.recency, f.importance, f.relevance, f.score) for f in found}
    assert parts == {(0.5, 0.5, 0.5, 1.5)}
    assert [f.memory.row for f in found] == list(range(n))  # all equal: lower id first


def test_an_empty_stream_and_none_wanted() -> None:
    stream = MemoryStream("Mira", DIMENSION)
    assert stream.retrieve(np.ones(DIMENSION), 5, 3) == ()
    stream.add(memory(0), np.ones(DIMENSION))
    assert stream.retrieve(np.ones(DIMENSION), 5, 0) == ()
    assert stream.retrieve(np.ones(DIMENSION), 5, 3, among=lambda m: False) == ()


def test_a_far_future_neither_underflows_nor_forgets_the_order() -> None:
    stream = MemoryStream("Mira", DIMENSION)
    for number in range(5):
        stream.add(memory(number, created=number * 360, last_access=number * 360), np.ones(DIMENSION))
    found = stream.retrieve(np.ones(DIMENSION), 10**12, 5)  # 300,000 game years on
    assert [f.memory.row for f in found] == [4, 3, 2, 1, 0]
    assert all(math.isfinite(f.score) for f in found)
    assert (found[0].recency, found[-1].recency) == (1.0, 0.0)


def test_a_query_before_the_last_access_counts_as_now() -> None:
    stream = MemoryStream("Mira", DIMENSION)
    stream.add(memory(0, last_access=500), np.ones(DIMENSION))
    stream.add(memory(1, last_access=20), np.ones(DIMENSION))
    assert {f.recency for f in stream.retrieve(np.ones(DIMENSION), 10, 2)} == {0.5}


def test_recall_does_not_fall_as_the_town_grows() -> None:
    """Fault 5: the nearest k over all agents, filtered by agent, lose more the more agents there are."""
    rng = np.random.default_rng(3)
    query = rng.normal(size=DIMENSION)
    alone: tuple[str, ...] | None = None
    town: list[MemoryStream] = []
    for name in ("Mira", *(f"Villager {number}" for number in range(30))):
        stream = MemoryStream(name, DIMENSION)
        for number in range(40):
            near = query + rng.normal(size=DIMENSION) * (3.0 if name == "Mira" else 0.01)
            stream.add(memory(number, agent=name), near)
        town.append(stream)
        picked = tuple(f.memory.id for f in town[0].retrieve(query, 100, 10))
        alone = alone or picked
        assert picked == alone
        assert len(picked) == 10


def test_equal_vectors_are_equally_relevant_to_the_last_bit() -> None:
    rng = np.random.default_rng(1)
    vector = rng.normal(size=384).astype(np.float32)
    other = rng.normal(size=384).astype(np.float32)
    for n in (3, 17, 130):
        stream = MemoryStream("Mira", 384)
        for number in range(n):
            stream.add(memory(number, created=1, last_access=1), other if number == 0 else vector)
        relevances = {f.relevance for f in stream.retrieve(vector + other, 1, n) if f.memory.row > 0}
        assert len(relevances) == 1


def test_weights_and_decay_change_the_order() -> None:
    rng = np.random.default_rng(5)
    ages = np.array([0.0, 10.0, 100.0])
    importance = np.array([1.0, 5.0, 10.0])
    vectors = rng.normal(size=(3, 4)).astype(np.float32)
    only = score(ages, importance, vectors, vectors[1], weights=Weights(0.0, 1.0, 0.0))
    assert only.score.tolist() == pytest.approx([0.0, 4 / 9, 1.0])
    ageless = score(ages, importance, vectors, vectors[1], decay=1.0)
    assert ageless.recency.tolist() == [0.5, 0.5, 0.5]


def test_normalised_takes_noise_for_equality() -> None:
    assert normalised(np.array([0.3, 0.1 + 0.2])).tolist() == [0.5, 0.5]
    assert normalised(np.array([])).tolist() == []
