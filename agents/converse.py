"""Conversing: meaning first, words second.

What is told is a memory: of those that come to mind on meeting somebody the one that matters most. Then it is
worded, and the words are kept only if they still mean it. Who told whom what is then known by construction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from burgh.agents.perceive import rate
from burgh.agents.places import options_of
from burgh.agents.prompts import Answering, Words
from burgh.agents.react import is_over
from burgh.agents.recall import recall
from burgh.agents.turn import Turn
from burgh.agents.when import in_words_of
from burgh.agents.wording import worded
from burgh.memory.record import Memory
from burgh.sim.spec import clean_text
from burgh.sim.types import Action, Percept

MOST_CHARS = 480  # of a meaning, and of the plain form of saying it
CALLS_FOR_AN_ANSWER = frozenset({"tell", "ask", "invite", "bargain"})


async def speak(turn: Turn) -> Action | None:
    """Answers who has spoken to one, or else turns to somebody near; None where there is nothing to say."""
    near = options_of(turn.observation.spec, "say", "to") or ()
    heard = [
        one
        for one in turn.observation.percepts
        if one.kind == "speech" and one.data["to"] == turn.name and one.data["speaker"] in near
    ]
    if heard:
        return await _answer(turn, heard[-1])
    for other in near:
        talk = turn.state.talk(other)
        if turn.tick - talk.last >= turn.clock.ticks(turn.settings.talk_again_minutes):
            talk.turns, talk.last = 0, turn.tick
            return await _open(turn, other)
    return None


async def _open(turn: Turn, other: str) -> Action | None:
    talk = turn.state.talk(other)
    telling = await _tell(turn, other, ())
    if telling is not None or talk.greeted:
        return telling
    return _say(turn, other, "greet", f"Good day, {other}.", why=f"{other} is near and not yet greeted")


async def _answer(turn: Turn, heard: Percept) -> Action | None:
    """Tells something in return, else answers what calls for an answer; ends by saying nothing."""
    other = heard.data["speaker"]
    talk = turn.state.talk(other)
    if turn.tick - talk.last >= turn.clock.ticks(turn.settings.talk_again_minutes):
        talk.turns = 0
    talk.last = turn.tick
    if talk.turns * 2 >= turn.settings.talk_turns:
        return None
    telling = await _tell(turn, other, (heard.event,))
    if telling is not None:
        return telling
    if heard.data["act"] in CALLS_FOR_AN_ANSWER:
        plain = f"Thank you, {other}."
        inputs = Answering(turn.name, other, heard.data["words"])
        words = await worded(
            turn,
            other,
            inputs,
            heard.data["meaning"],
            plain=plain,
            least_shared=0.2,
            names_all=False,
            purpose="answer",
        )
        return _say(turn, other, "answer", words, why=f"{other} spoke to {turn.name}", causes=(heard.event,))
    if heard.data["act"] == "greet" and not talk.greeted:
        words = f"Good day to you, {other}."
        return _say(turn, other, "greet", words, why=f"{other} greeted {turn.name}", causes=(heard.event,))
    return None


async def _tell(turn: Turn, other: str, causes: Sequence[str]) -> Action | None:
    """Tells what matters most of what comes to mind and is news to the other; None if nothing does."""
    talk = turn.state.talk(other)

    def is_news(memory: Memory) -> bool:
        meaning = _meaning(turn, memory)
        known = _root(memory) in talk.knows or other in (memory.from_agent, *memory.subjects)
        about = _names(other, meaning) or (memory.kind == "speech" and _names(turn.name, meaning))
        return bool(meaning) and not known and not about and not is_over(turn, meaning, memory.created)

    found, retrieval = await recall(turn, f"{turn.name} meets {other}.", turn.settings.retrieval_k, is_news)
    if not found:
        return None
    memories = [one.memory for one in found]
    values = await rate(turn, [_meaning(turn, memory) for memory in memories])
    value, place = max((value, -n) for n, value in enumerate(values))
    chosen = memories[-place]
    if value < turn.settings.tell_rating:
        return None
    meaning = _today(turn, chosen, _meaning(turn, chosen))
    own = _today(turn, chosen, turn.state.firsthand.get(chosen.id, meaning))
    plain = f"{other}, have you heard? {own}"
    words = await worded(turn, other, Words(turn.name, other, own), own, plain=plain, least_shared=0.75)
    root = _root(chosen)
    present = dict.fromkeys((other, *turn.observation.near))
    turn.state.told_now = tuple(name for name in present if root not in turn.state.talk(name).knows)
    for name in turn.state.told_now:
        turn.state.talk(name).knows.add(root)
    why = f"of what came to mind on meeting {other}, this matters most ({value:.1f} of 10)"
    grounds = (retrieval, turn.state.origin[chosen.id], *causes)
    return _say(turn, other, "tell", words, why=why, causes=grounds, memory=chosen, meaning=meaning)


def _meaning(turn: Turn, memory: Memory) -> str:
    """What of a memory can be told; "" for what one keeps to oneself and for mere small talk."""
    return turn.state.meanings.get(memory.id, "" if memory.kind in ("plan", "speech") else memory.text)


def _today(turn: Turn, memory: Memory, text: str) -> str:
    """What a memory says as it is right to say today."""
    said_on, today = turn.clock.at(memory.created).date(), turn.observation.time.date()
    return in_words_of(text, said_on, today, turn.settings.language)


def _names(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def _root(memory: Memory) -> str:
    return memory.fact or memory.id


def _say(
    turn: Turn,
    other: str,
    act: str,
    words: str,
    *,
    why: str,
    causes: Sequence[str] = (),
    memory: Memory | None = None,
    meaning: str = "",
) -> Action:
    talk = turn.state.talk(other)
    talk.turns += 1
    talk.greeted = True  # after whatever was said, a good day comes late
    arguments = {
        "to": other,
        "act": act,
        "subject": memory.id if memory else "",
        "fact": _root(memory) if memory else "",
        "meaning": clean_text(meaning, MOST_CHARS),
        "words": clean_text(words, MOST_CHARS),
    }
    return turn.decide({"tool": "say", "arguments": arguments}, why, causes)


def take_back_unheard(turn: Turn) -> None:
    """Where another had the floor, what one wanted to tell was not told, and nobody was greeted."""
    for percept in turn.observation.percepts:
        if percept.kind == "outcome" and percept.data.get("kind") == "unheard":
            talk = turn.state.talk(percept.data["to"])
            talk.turns = max(0, talk.turns - 1)
            for name in turn.state.told_now:
                turn.state.talk(name).knows.discard(percept.data["fact"])
            if percept.data["act"] == "greet":
                talk.greeted = False
