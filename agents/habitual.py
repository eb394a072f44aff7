"""What a mind does where the language model gives no answer: it goes by its habits, and the record says so.

What it perceives meanwhile is remembered all the same, its importance read off sentences of like meaning.
"""

from __future__ import annotations

from burgh.agents.baselines import Habits
from burgh.agents.falling_back import fell_back
from burgh.agents.llm.unanswered import Unanswered
from burgh.agents.perceive import gist, news, take_in
from burgh.agents.rating import likeness
from burgh.agents.saying import take_back_unheard
from burgh.agents.turn import Turn
from burgh.sim.types import Action, Events

LEAST, MOST = 1.0, 10.0
KEPT = ("prompt", "model", "trimmed")  # what was asked until then stays recorded: it was paid for


def by_habit(turn: Turn, asked: Events, fault: Unanswered) -> tuple[Action | None, int | None]:
    """The action by habit, and when to be asked again. turn: a fresh one, into which is taken over what was
    `asked` in the one that broke off."""
    for event in asked.all():
        if event.kind in KEPT:
            turn.events.add(event.kind, event.agent, event.data)
            if event.kind == "prompt":
                turn.state.prompts.add(event.data["hash"])
    fell = fell_back(turn.events, turn.name, fault, [one.event for one in turn.observation.percepts])
    take_back_unheard(turn)
    _perceive(turn)
    habits = Habits(turn.persona, turn.settings, clock=turn.clock, seed=turn.ask.seed)
    chosen = habits.answer(turn.observation)
    wake = habits.wake(turn.observation)
    if chosen is None:
        return None, wake
    answer, why = chosen
    return turn.decide(answer, why, (fell.id,)), wake


def _perceive(turn: Turn) -> None:
    percepts = news(turn)
    if not percepts:
        return
    texts = [gist(one) for one in percepts]
    estimates = likeness(turn.embedder, turn.settings.language).estimate(texts)
    known = turn.state.ratings
    importances = [
        known.get(text, min(MOST, max(LEAST, value))) for text, value in zip(texts, estimates, strict=True)
    ]
    take_in(turn, percepts, importances, known)
