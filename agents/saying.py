"""Saying: one utterance as an action, never the same line twice in a conversation, and what was not heard."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.agents.acts import Move
from burgh.agents.news import root
from burgh.agents.prompts import sentence
from burgh.agents.turn import Turn
from burgh.agents.wording import THEY, without
from burgh.sim.spec import clean_text
from burgh.sim.types import Action

MOST_CHARS = 480  # of a meaning, and of the plain form of saying it
MOST_LINES = 6  # of a conversation that are kept in mind
ALIKE = 0.95  # the cosine, names left out, from which on two lines are the same


def say(turn: Turn, other: str, move: Move, words: str, causes: Sequence[str] = ()) -> Action | None:
    """The utterance; where the speaker said as much before, taking leave instead, and then nothing."""
    if _repeats(turn, other, words):
        move = Move("end", why="what there is to say was said before")
        words = sentence("goodbye", turn.settings.language, other=other)
        if _repeats(turn, other, words):
            return None
    talk = turn.state.talk(other)
    talk.turns += 1
    talk.greeted = True  # after whatever was said, a good day comes late
    talk.last = turn.tick
    words = clean_text(words, MOST_CHARS)
    note(turn, other, turn.name, words, move.memory.id if move.memory else "")
    if move.act == "end":
        talk.turns = turn.settings.talk_turns
    arguments = {
        "to": other,
        "act": move.act,
        "subject": move.memory.id if move.memory else "",
        "fact": root(move.memory) if move.memory and move.act in ("tell", "invite", "answer") else "",
        "meaning": clean_text(move.meaning, MOST_CHARS),
        "words": words,
    }
    return turn.decide({"tool": "say", "arguments": arguments}, move.why, (*move.causes, *causes))


def note(turn: Turn, other: str, speaker: str, words: str, memory: str = "") -> None:
    """Keeps in mind what was said in the conversation with another, and which memory it was about."""
    talk = turn.state.talk(other)
    talk.lines = (*talk.lines, (speaker, words))[-MOST_LINES:]
    if memory:
        talk.about = tuple(dict.fromkeys((*talk.about, memory)))


def _repeats(turn: Turn, other: str, words: str) -> bool:
    """Whether one has said this, or nearly, in this conversation."""
    mine = [line for speaker, line in turn.state.talk(other).lines if speaker == turn.name]
    if not mine:
        return False
    bare = [without((turn.name, other), line, THEY[turn.settings.language]) for line in (words, *mine)]
    vectors = turn.embedder.embed(bare)  # (1 + n_lines, dimension)
    return bool((vectors[1:] @ vectors[0]).max() >= ALIKE)


def take_back_unheard(turn: Turn) -> None:
    """Where another had the floor, what one wanted to tell was not told, nobody was greeted, and nothing is
    promised."""
    for percept in turn.observation.percepts:
        if percept.kind == "outcome" and percept.data.get("kind") == "unheard":
            talk = turn.state.talk(percept.data["to"])
            talk.turns = max(0, talk.turns - 1) if percept.data["act"] != "end" else 0
            if talk.lines and talk.lines[-1][0] == turn.name:
                talk.lines = talk.lines[:-1]
            talk.about = tuple(one for one in talk.about if one != percept.data["subject"])
            for name in turn.state.told_now:
                turn.state.talk(name).knows.discard(percept.data["fact"])
            if percept.data["act"] == "greet":
                talk.greeted = False
            turn.state.pledge = None
