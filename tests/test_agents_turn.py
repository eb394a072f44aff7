"""Scores become ratings by their place among references, and choices by a seeded draw."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from minds_for_tests import HandModel, begun, observed, turn

from burgh.agents.prompts import references
from burgh.agents.turn import rating

RATINGS = tuple(sorted(one.rating for one in references()))
NATS = st.floats(-50, 50, allow_nan=False)
SCALES = st.lists(NATS, min_size=len(RATINGS), max_size=len(RATINGS)).map(sorted)


@given(SCALES, st.lists(NATS, min_size=2, max_size=6))
def test_a_higher_score_is_never_a_lower_rating(scale: list[float], scores: list[float]) -> None:
    ratings = [rating(score, scale, RATINGS) for score in sorted(scores)]
    assert all(lower <= higher for lower, higher in pairwise(ratings))
    assert RATINGS[0] <= ratings[0] and ratings[-1] <= RATINGS[-1]


@given(SCALES)
def test_a_rating_is_a_whole_number_of_millionths(scale: list[float]) -> None:
    for low, high in pairwise(scale):
        value = rating((low + high) / 2, scale, RATINGS)
        assert round(value * 1_000_000) / 1_000_000 == value


@pytest.mark.parametrize(
    ("score", "wanted"),
    [(-9, 1), (0, 1), (1, 2), (2, 3), (3, 6.5), (4, 10), (9, 10)],
)
def test_scores_between_references_are_read_off_the_line_between_them(score: float, wanted: float) -> None:
    assert rating(score, (0, 2, 4), (1, 3, 10)) == wanted


def test_references_with_equal_scores_divide_by_no_zero() -> None:
    assert rating(1.0, (1.0, 1.0, 1.0), (1, 5, 10)) == 1
    assert rating(1.5, (1.0, 2.0, 2.0), (1, 5, 10)) == 3
    assert rating(2.0, (1.0, 2.0, 2.0), (1, 5, 10)) == 5
    assert rating(2.1, (1.0, 2.0, 2.0), (1, 5, 10)) == 10


def drawn(temperature: float, logprobs: tuple[float, ...], n: int = 300) -> list[str]:
    made = begun(HandModel(), choice_temperature=temperature)
    one = turn(made, observed())
    return [one.choose("abc", logprobs) for _ in range(n)]


def test_choices_follow_the_scores() -> None:
    often = drawn(1.0, (0.0, -1.0, -2.0), 2000)
    shares = [often.count(letter) / len(often) for letter in "abc"]
    assert shares == pytest.approx([0.665, 0.245, 0.090], abs=0.03)  # the softmax of 0, -1, -2
    assert set(drawn(0.05, (-3.0, -1.0, -3.0))) == {"b"}


def test_choices_are_seeded_and_bear_any_scores() -> None:
    assert drawn(0.5, (0.0, -0.5, -1.0)) == drawn(0.5, (0.0, -0.5, -1.0))
    assert set(drawn(0.5, (-9000.0, -10000.0, -9000.0))) == {"a", "c"}
