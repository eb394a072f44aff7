"""What can be set about minds: retrieval, reflection, talk and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from burgh.memory.score import DECAY, USUAL, Fusion, Normalisation, Weights

QueryForm = Literal["plain", "rewritten", "imagined"]
QUERY_FORMS: tuple[QueryForm, ...] = get_args(QueryForm)


@dataclass(frozen=True, slots=True)
class MindSettings:
    """Units are in the names. Importance is a rating from 1 to 10.

    weights, decay, fusion, normalisation: see memory/score.py. query: what memories are asked for with
    (agents/recall.py).
    likeness_nats: what a point of importance, read off rated sentences of like meaning, counts beside the
    model's own judgement; 0 asks the model alone. react_margin: by how many nats the place that news speaks
    for must gain on the place that was planned, against the same question without the news. words_likeness:
    the least cosine between what is said and what is meant. act_margin: by how many nats another act must
    gain on the usual one. react_rating: from what importance on something seen may break into the plan.
    insight_likeness: the cosine from which on two insights are the same. writes: the model writes questions
    and insights instead of choosing them: for a strong one. memory, reflection, planning: off, nothing
    comes to mind, no insights are drawn, and the day is the habit, without choice or change: the ablations
    of Park et al. 2023.
    """

    language: str = "en"
    retrieval_k: int = 8
    weights: Weights = USUAL
    decay: float = DECAY
    fusion: Fusion = "sum"
    normalisation: Normalisation = "min-max"
    query: QueryForm = "plain"
    likeness_nats: float = 0.75
    reflection_threshold: float = 150.0
    focal_points: int = 3
    evidence_per_insight: int = 4
    tell_rating: float = 5.0
    talk_turns: int = 4
    talk_again_minutes: int = 20
    react_margin: float = 1.0
    lead_minutes: int = 14
    visit_minutes: int = 40
    piece_minutes: tuple[int, int] = (5, 15)
    act_margin: float = 1.0
    react_rating: float = 8.0
    react_minutes: int = 10
    promise_minutes: int = 20
    closing_minutes: int = 3
    insight_likeness: float = 0.95
    choice_temperature: float = 0.5
    word_candidates: int = 3
    word_tokens: int = 28
    words_likeness: float = 0.6
    writes: bool = False
    memory: bool = True
    reflection: bool = True
    planning: bool = True
