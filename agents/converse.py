"""Conversing: meaning first, words second.

What is told is a memory, chosen by how much it would matter to the other; then it is worded, and the words
are kept only if they still mean it. Who told whom what is then known by construction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from burgh.agents.perceive import MUNDANE, mundane, rated, score_difference
from burgh.agents.places import options_of
from burgh.agents.plan import TIME_OF_DAY
from burgh.agents.prompts import Answering, Inputs, Interest, Words, phrases
from burgh.agents.turn import Turn
from burgh.memory.record import Memory
from burgh.sim.spec import Text, clean_text
from burgh.sim.types import Action, Percept

CALLS_FOR_AN_ANSWER = frozenset({"tell", "ask", "invite", "bargain"})
WORD = re.compile(r"[\w']+")
SENTENCE = re.compile(r"[^.!?]*[.!?]")
MAX_CHARS = 200  # of what is said in one breath


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
    talk.greeted = True
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
        words = await _worded(turn, other, inputs, heard.data["meaning"], plain)
        return _say(turn, other, "answer", words, why=f"{other} spoke to {turn.name}", causes=(heard.event,))
    if heard.data["act"] == "greet" and not talk.greeted:
        talk.greeted = True
        words = f"Good day to you, {other}."
        return _say(turn, other, "greet", words, why=f"{other} greeted {turn.name}", causes=(heard.event,))
    return None


async def _tell(turn: Turn, other: str, causes: Sequence[str]) -> Action | None:
    """Tells the other what would matter most to them, if anything does and they do not know it yet."""
    talk = turn.state.talk(other)

    def is_news(memory: Memory) -> bool:
        meaning = _meaning(turn, memory)
        known = _root(memory) in talk.knows or other in (memory.from_agent, *memory.subjects)
        return bool(meaning) and not known and other not in meaning

    found, retrieval = turn.retrieve(f"{turn.name} meets {other}.", turn.settings.retrieval_k, is_news)
    if not found:
        return None
    memories = [one.memory for one in found]
    interests = await _interests(turn, other, [_meaning(turn, memory) for memory in memories])
    value, place = max((interest, -n) for n, interest in enumerate(interests))
    chosen = memories[-place]
    if value < turn.settings.tell_rating:
        return None
    meaning = _meaning(turn, chosen)
    plain = f"{other}, have you heard? {turn.state.firsthand.get(chosen.id, meaning)}"
    words = await _worded(turn, other, Words(turn.name, other, meaning), meaning, plain)
    talk.knows.add(_root(chosen))
    why = f"of what {turn.name} remembers, this would matter most to {other} ({value:.1f} of 10)"
    grounds = (retrieval, turn.state.origin[chosen.id], *causes)
    return _say(turn, other, "tell", words, why=why, causes=grounds, memory=chosen, meaning=meaning)


async def _interests(turn: Turn, other: str, meanings: Sequence[str]) -> list[float]:
    """How much each would matter to the other, 1 to 10.

    Some mundane references said between the same two are scored beside them, since a name alone shifts a
    model's scores: what counts is by how much more a thing matters than they do.
    """
    yardstick = [one.text for one in mundane(turn.settings.language)]
    contexts = [Interest(text, turn.name, other) for text in (*meanings, *yardstick)]
    differences = await score_difference(turn, "interest", contexts)
    mundane_here = differences[len(meanings) :]
    shift = sum(mundane_here) / len(mundane_here) - turn.state.scales[MUNDANE][0]
    return [rated(turn, "interest", difference - shift) for difference in differences[: len(meanings)]]


async def _worded(turn: Turn, other: str, inputs: Inputs, meaning: str, plain: str) -> str:
    """The likeliest of the model's wordings that still means it, else the plain form."""
    written = await turn.ask.write(
        "words",
        inputs,
        Text("What does one say?", turn.settings.word_tokens),
        samples=turn.settings.word_candidates,
        max_tokens=turn.settings.word_tokens,
    )
    candidates = [
        sentences
        for text in written
        for sentences in _whole_sentences(text)
        if _keeps_to(meaning, sentences, turn.settings.language)
    ]
    if not candidates:
        return plain
    likeness = turn.embedder.embed(candidates) @ turn.embedder.embed([meaning])[0]  # (n_candidates,)
    best = int(likeness.argmax())
    if likeness[best] < turn.settings.words_likeness:
        return plain
    return f"{other}, {candidates[best]}"


def _whole_sentences(text: str) -> list[str]:
    """The first sentence of a reply, and its first two; what was broken off is left out."""
    sentences = SENTENCE.findall(clean_text(text, MAX_CHARS).lstrip(".,!? "))[:2]
    return list(dict.fromkeys("".join(sentences[: n + 1]).strip() for n in range(len(sentences))))


def _keeps_to(meaning: str, words: str, language: str) -> bool:
    """Whether words name the same times as what is meant, and no number, day or denial that it does not."""
    if set(TIME_OF_DAY.findall(words)) != set(TIME_OF_DAY.findall(meaning)):
        return False
    guarded = frozenset(phrases("guarded", language))
    said, meant = ({*WORD.findall(text.lower())} for text in (words, meaning))
    return all(word in meant for word in said if word in guarded or word.isdecimal())


def _meaning(turn: Turn, memory: Memory) -> str:
    """What of a memory can be told; "" for what one keeps to oneself and for mere small talk."""
    return turn.state.meanings.get(memory.id, "" if memory.kind in ("plan", "speech") else memory.text)


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
    turn.state.talk(other).turns += 1
    arguments = {
        "to": other,
        "act": act,
        "subject": memory.id if memory else "",
        "fact": _root(memory) if memory else "",
        "meaning": meaning,
        "words": clean_text(words, MAX_CHARS),
    }
    return turn.decide({"tool": "say", "arguments": arguments}, why, causes)


def take_back_unheard(turn: Turn) -> None:
    """Where another had the floor, what one wanted to tell was not told."""
    for percept in turn.observation.percepts:
        if percept.kind == "outcome" and percept.data.get("kind") == "unheard":
            talk = turn.state.talk(percept.data["to"])
            talk.turns = max(0, talk.turns - 1)
            talk.knows.discard(percept.data["fact"])
