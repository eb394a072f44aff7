"""Channels besides embeddings: words in common and names, and how they are brought together."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burgh.memory.names import MENTION, NEIGHBOUR, NameIndex, named
from burgh.memory.record import Memory
from burgh.memory.score import RANK_OFFSET, Weights, score
from burgh.memory.stream import MemoryStream
from burgh.memory.words import WordIndex, tokens

DIMENSION = 4
SOME = ("bread", "mill", "ferry", "rope", "bridge", "market")


def memory(number: int, text: str = "", **more: object) -> Memory:
    plain = {"kind": "observation", "text": text or f"memory {number}", "created": number}
    given = {"last_access": number, "importance": 5.0, **more}
    return Memory(id=f"Mira:{number}", **{**plain, **given})  # type: ignore[arg-type]


def test_words_are_stemmed_and_those_that_tell_nothing_left_out() -> None:
    assert tokens("What was the miller mending?") == ["miller", "mend"]
    assert tokens("mended mends mending mend") == ["mend"] * 4
    assert tokens("Rowed, rowing; baked, baking!") == ["row", "row", "bak", "bak"]
    assert tokens("running stopped glass") == ["run", "stop", "glass"]
    assert tokens("广场上 has 集市") == ["广场", "场上", "集市"]
    assert tokens("") == tokens("the of") == []


def naive_bm25(texts: list[list[str]], query: list[str]) -> list[float]:
    """Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with Lucene's idf."""
    lengths = [len(text) for text in texts]
    mean = sum(lengths) / len(texts)
    found = [0.0] * len(texts)
    for word in dict.fromkeys(query):
        holding = sum(word in text for text in texts)
        idf = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        for row, text in enumerate(texts):
            count = Counter(text)[word]
            if count:
                found[row] += idf * count / (count + 1.5 * (0.25 + 0.75 * lengths[row] / mean))
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(SOME), max_size=6), min_size=1, max_size=20),
    st.lists(st.sampled_from((*SOME, "zebra")), max_size=4),
    st.integers(1, 20),
)
def test_words_score_as_the_reference_however_the_index_grew(
    texts: list[list[str]], query: list[str], first: int
) -> None:
    joined = [" ".join(text) for text in texts]
    grown = WordIndex()
    grown.scores(joined[:first], "bread")
    found = grown.scores(joined, " ".join(query))
    assert found.tolist() == WordIndex().scores(joined, " ".join(query)).tolist()
    stems = [[tokens(word)[0] for word in text] for text in texts]
    if any(stems):
        expected = naive_bm25(stems, tokens(" ".join(query)))
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-6)
    else:
        assert not found.any()


def test_names_stand_as_words_of_their_own() -> None:
    assert named("Has anna seen Ben?", ("Ann", "Anna", "Ben", "Tom")) == ("Anna", "Ben")
    assert named("Ben's saw", ("Ben",)) == ("Ben",)
    assert named("老王在面包店吗", ("老王", "面包店", "安娜")) == ("老王", "面包店")


def test_what_is_about_a_name_comes_before_mentions_and_neighbours() -> None:
    index = NameIndex()
    memories = [
        memory(0, "The lamp is lit."),
        memory(1, "It was a good bargain.", subjects=("Ben",), place="Burgh : Workshop"),
        memory(2, "Somebody looked for Ben."),
        memory(3, "They rowed.", subjects=("Ben", "Ida")),
        memory(4, "She sings.", subjects=("Ida",)),
        memory(5, "He sleeps.", subjects=("Tom",)),
        memory(6, "Good day.", from_agent="Ben"),
    ]
    found = index.scores(memories, "What does Ben want?").tolist()
    assert found == pytest.approx([0, 1, MENTION, 1, NEIGHBOUR / 3, 0, 1])  # Ida: in one of three with Ben
    assert index.scores(memories, "What is in the workshop?").tolist() == [0, 1, 0, 0, 0, 0, 0]
    both = index.scores(memories, "Ben and Tom").tolist()
    assert (both[1], both[5]) == (0.5, 0.5)
    assert not index.scores(memories, "Nobody is named.").any()
    assert not index.scores(memories, "Tom", own="Tom").any()  # one's own name tells nothing apart
    assert index.scores([], "Ben").tolist() == []


def test_a_fork_that_is_thrown_away_leaves_no_trace_in_the_indices() -> None:
    usual = Weights(words=1.0, names=1.0)
    stream = MemoryStream("Mira", DIMENSION)
    stream.add(memory(0, "The ferry is late.", subjects=("Ben",)), np.ones(DIMENSION))
    thrown = stream.fork()
    thrown.add(memory(1, "Tom sold the mill.", subjects=("Tom",)), np.ones(DIMENSION))
    thrown.retrieve(np.ones(DIMENSION), 5, 2, text="Tom mill", weights=usual)
    stream.add(memory(1, "The bridge is shut.", subjects=("Ida",)), np.ones(DIMENSION))
    for text in ("Tom mill", "Ida bridge"):
        found = stream.retrieve(np.ones(DIMENSION), 5, 2, text=text, weights=usual)
        copy = MemoryStream("", 1)
        copy.restore(stream.snapshot())
        assert found == copy.retrieve(np.ones(DIMENSION), 5, 2, text=text, weights=usual)
        if text == "Ida bridge":
            assert (found[0].memory.row, found[0].words, found[0].names) == (1, 1.0, 1.0)
        else:
            assert {(one.words, one.names) for one in found} == {(0.0, 0.0)}


def test_an_access_does_not_make_the_indices_anew() -> None:
    stream = MemoryStream("Mira", DIMENSION)
    for number in range(3):
        stream.add(memory(number, subjects=("Ben",)), np.ones(DIMENSION))
    weights = Weights(names=1.0)
    before = stream.retrieve(np.ones(DIMENSION), 3, 3, text="Ben", weights=weights)
    stream.touch(["Mira:0"], 50)
    known = stream._names._known
    after = stream.retrieve(np.ones(DIMENSION), 60, 3, text="Ben", weights=weights)
    assert stream._names._known is known
    assert {one.names for one in (*before, *after)} == {1.0}


def test_parts_without_a_weight_are_not_computed_nor_recorded() -> None:
    stream = MemoryStream("Mira", DIMENSION)
    stream.add(memory(0, "Ben rows.", subjects=("Ben",)), np.ones(DIMENSION))
    (plain,) = stream.retrieve(np.ones(DIMENSION), 5, 1, text="Ben")
    assert (plain.words, plain.names) == (None, None)
    assert list(plain.event_data()) == ["id", "recency", "importance", "relevance", "score"]
    (more,) = stream.retrieve(np.ones(DIMENSION), 5, 1, text="Ben", weights=Weights(words=2.0, names=3.0))
    assert list(more.event_data()) == ["id", "recency", "importance", "relevance", "words", "names", "score"]
    assert more.score == pytest.approx(1.5 + 2.0 + 3.0)


def test_ranks_are_fused_reciprocally() -> None:
    """Cormack, Clarke and Buettcher (2009): the sum of 1 / (60 + rank); equal ones share the better rank."""
    ages, importance = np.array([0.0, 1.0, 2.0]), np.array([5.0, 5.0, 9.0])
    vectors = np.eye(3, dtype=np.float32)
    words = np.array([0.0, 2.0, 1.0])
    weights = Weights(recency=1.0, importance=1.0, relevance=0.0, words=2.0)
    found = score(ages, importance, vectors, vectors[0], words=words, weights=weights, fusion="ranks").score
    ranks = [(1, 2, None), (2, 2, 1), (3, 1, 2)]
    expected = [
        1 / (RANK_OFFSET + age)
        + 1 / (RANK_OFFSET + weight)
        + (2 / (RANK_OFFSET + word) if word is not None else 0)
        for age, weight, word in ranks
    ]
    assert found.tolist() == pytest.approx(expected)
    empty = np.array([])
    assert (
        score(empty, empty, np.empty((0, 3), "f4"), vectors[0], words=empty, fusion="ranks").score.size == 0
    )
