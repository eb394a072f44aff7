"""Reflecting: when enough that matters has come together, insights about the people it is about.

Each insight is a description of somebody, scored given the memories retrieved about them against the same
without; it cites those memories.
"""

from __future__ import annotations

from collections import Counter

from burgh.agents.perceive import rate
from burgh.agents.prompts import Insight, Remembered, phrases
from burgh.agents.recall import recall
from burgh.agents.turn import Turn
from burgh.memory.record import Memory

RECENT = 100  # the memories among which the focal points of a reflection are sought


async def reflect(turn: Turn) -> None:
    """Reflects where the gathered importance has passed the threshold."""
    if turn.state.poignancy < turn.settings.reflection_threshold:
        return
    turn.state.poignancy = 0.0
    for subject in _focal_points(turn):
        await _insight(turn, subject)


def _focal_points(turn: Turn) -> list[str]:
    """The people whom the weightiest of the latest memories are about."""
    weight: Counter[str] = Counter()
    for memory in turn.state.stream.latest(RECENT):
        for subject in memory.subjects:
            weight[subject] += round(memory.importance * 1000)
    weightiest = sorted(weight, key=lambda name: (-weight[name], name))
    return weightiest[: turn.settings.focal_points]


async def _insight(turn: Turn, subject: str) -> None:
    question = f"What is to be known about {subject}?"

    def concerns(memory: Memory) -> bool:
        return subject in memory.subjects and memory.kind != "plan"

    found, retrieval = await recall(turn, question, turn.settings.evidence_per_insight, concerns)
    evidence = [one.memory for one in found]
    options = [f" {description}" for description in phrases("descriptions", turn.settings.language)]
    contexts = [
        Insight(subject, tuple(Remembered(one.text, one.created) for one in evidence)),
        Insight(subject, ()),
    ]
    given, neutral = await turn.ask.score_all("reflect", contexts, options)
    gains = [after - before for after, before in zip(given, neutral, strict=True)]
    text = f"{subject} is{turn.choose(options, gains)}."
    held = [memory for memory in turn.state.stream if memory.kind == "reflection" and memory.text == text]
    insights: list[str] = [memory.id for memory in held]
    if not held:
        (importance,) = await rate(turn, [text])
        made = turn.remember(
            "reflection",
            text,
            importance,
            causes=(retrieval, *(turn.state.origin[memory.id] for memory in evidence)),
            subjects=(subject,),
            evidence=[memory.id for memory in evidence],
        )
        turn.state.meanings[made.id] = ""  # what one thinks of others one keeps to oneself
        insights = [made.id]
    data = {"question": question, "insights": insights}
    turn.events.add("reflected", turn.name, data, [turn.state.origin[one] for one in insights])
