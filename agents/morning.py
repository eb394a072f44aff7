"""A new day: what one keeps of the day before, and a plan that starts from it."""

from __future__ import annotations

from datetime import timedelta

from burgh.agents.languages import listed
from burgh.agents.plan import plan_day
from burgh.agents.prompts import sentence
from burgh.agents.recall import recall
from burgh.agents.turn import Turn
from burgh.agents.wording import shortened
from burgh.memory.record import Memory

KEPT = 5  # memories of a day that its summary rests on
MOST_CHARS = 140  # of each in the summary


async def new_day(turn: Turn) -> None:
    """Sums the day up and plans the next, where the one that was planned is over."""
    if turn.tick < turn.state.day_ends:
        return
    for talk in turn.state.talks.values():
        talk.greeted = False
    turn.state.faded = set(turn.state.ratings)
    summary = await _summary(turn) if turn.settings.memory else None
    await plan_day(turn, (turn.state.origin[summary.id],) if summary else ())


async def _summary(turn: Turn) -> Memory:
    """The weightiest of what came to mind of the day that is over, as one memory that rests on it."""
    state, language = turn.state, turn.settings.language
    began = max(
        (one.created for one in state.stream if one.kind == "summary" and not one.subjects), default=-1
    )

    def of_the_day(memory: Memory) -> bool:
        return memory.created > began and memory.kind != "plan"

    question = sentence("question_day", language, name=turn.name)
    found, retrieval = await recall(turn, question, 2 * KEPT, of_the_day)
    once = {memory.fact or memory.text: memory for memory in reversed([one.memory for one in found])}
    kept = sorted(once.values(), key=lambda memory: (-memory.importance, memory.row))[:KEPT]
    texts = [shortened(memory.text, MOST_CHARS) for memory in kept]
    state.yesterday = texts[0] if texts else ""
    memory = turn.remember(
        "summary",
        sentence(
            "summary",
            language,
            name=turn.name,
            date=f"{turn.clock.at(state.day_ends) - timedelta(days=1):%Y-%m-%d}",
            outline=listed(texts, " ", language) or sentence("uneventful", language),
        ),
        max((memory.importance for memory in kept), default=1.0),
        causes=(retrieval, *(state.origin[memory.id] for memory in kept)),
        evidence=[memory.id for memory in kept],
    )
    state.meanings[memory.id] = ""
    return memory
