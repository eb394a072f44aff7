"""Reflecting: when enough that matters has come together, the most salient questions are asked of memory, and
insights drawn from what comes to mind.

A weak model chooses: the questions among those that there are about the people, places and news of the latest
memories, and each insight among descriptions, by what the memories add to the likelihood. A strong one writes
both, in a form in which only ids that it was shown can be cited. An insight that is one already is dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from burgh.agents.languages import option
from burgh.agents.perceive import rate
from burgh.agents.places import spoken
from burgh.agents.prompts import Insight, Remembered, Salient, phrases, sentence
from burgh.agents.recall import recall
from burgh.agents.turn import Turn
from burgh.agents.writing import write_insights, write_questions
from burgh.memory.record import Memory
from burgh.sim.spec import clean_text
from burgh.sim.types import Json, fixed

RECENT = 100  # the memories among which the questions of a reflection are sought
SUBJECTS = {"person": 3, "place": 1, "news": 2}  # how many of a kind are asked about at most
LATELY = 6  # memories that speak for the questions
MOST_CHARS = 140  # of each
NO_NAME = re.compile(  # with which a sentence may begin
    r"(?:an?|the|there|this|that|these|those|some(?:body|one|thing)?|every(?:body|one|thing)?|nobody|nothing"
    r"|it|he|she|they|we|my|his|her|our|their|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|twenty|many|most|all|both|no|in|on|at|from)\b",
    re.IGNORECASE,
)

Kind = Literal["person", "place", "news", ""]


@dataclass(frozen=True, slots=True)
class Question:
    """What one asks oneself. kind, subject: what it is about, as the prompt names it; concerns: which
    memories it is asked of."""

    text: str
    kind: Kind
    subject: str
    concerns: Callable[[Memory], bool]
    people: tuple[str, ...] = ()


async def reflect(turn: Turn) -> None:
    """Reflects where the gathered importance has passed the threshold."""
    if turn.state.poignancy < turn.settings.reflection_threshold:
        return
    turn.state.poignancy = 0.0
    latest = [one for one in turn.state.stream.latest(RECENT) if one.kind != "plan"]
    for question in await _salient(turn, latest):
        await _answer(turn, question)


async def _salient(turn: Turn, latest: list[Memory]) -> list[Question]:
    """The questions that the latest memories speak for most."""
    weightiest = sorted(latest, key=lambda memory: (-memory.importance, -memory.row))
    texts = (Remembered(clean_text(one.text, MOST_CHARS), one.created) for one in weightiest)
    lately = tuple(dict.fromkeys(texts))[:LATELY]
    if turn.settings.writes:
        written = await write_questions(turn, lately)
        return [Question(text, "", "", _is_ground) for text in written]
    possible = _possible(turn, latest)
    if len(possible) <= turn.settings.focal_points:
        return possible
    options = [f" {one.text}" for one in possible]
    contexts = [Salient(lately), Salient(())]
    given, neutral = await turn.ask.score_all("question", contexts, options)
    gains = {one.text: after - before for one, after, before in zip(possible, given, neutral, strict=True)}
    chosen: dict[str, Question] = {}
    for one in sorted(possible, key=lambda one: -gains[one.text]):
        chosen.setdefault(one.subject, one)  # one question about each
    return list(chosen.values())[: turn.settings.focal_points]


def _possible(turn: Turn, latest: list[Memory]) -> list[Question]:
    """All that one may ask about the people, places and news that the memories are most about."""
    weights: dict[Kind, Counter[str]] = {"person": Counter(), "place": Counter(), "news": Counter()}
    texts: dict[str, str] = {}
    for memory in latest:
        weight = round(memory.importance * 1000)
        for name in memory.subjects:
            weights["person"][name] += weight
        if memory.place and memory.subjects:
            weights["place"][spoken(memory.place)] += weight
        if memory.kind == "speech" and (meaning := turn.state.meanings.get(memory.id)):
            weights["news"][memory.fact or memory.id] += weight
            texts[memory.fact or memory.id] = clean_text(meaning, MOST_CHARS)
    found = []
    for kind, counted in weights.items():
        subjects = sorted(counted, key=lambda one: (-counted[one], one))[: SUBJECTS[kind]]
        for subject in subjects:
            found += _about(turn, kind, subject, texts.get(subject, subject))
    return found


def _about(turn: Turn, kind: Kind, subject: str, told: str) -> list[Question]:
    concerns = {
        "person": lambda memory: subject in memory.subjects and _is_ground(memory),
        "place": lambda memory: spoken(memory.place) == subject and _is_ground(memory),
        "news": lambda memory: (memory.fact or memory.id) == subject and _is_ground(memory),
    }[kind]
    people = (subject,) if kind == "person" else ()
    language = turn.settings.language
    named = {
        "person": subject,
        "place": sentence("insight_place", language, place=subject),
        "news": sentence("insight_news", language, news=_within(told)),
    }[kind]
    lines = (line.split(": ", 1) for line in phrases("questions", language))
    return [
        Question(form.format(subject=told if kind == "news" else subject), kind, named, concerns, people)
        for about, form in lines
        if about == kind
    ]


def _within(told: str) -> str:
    """A sentence as it stands within another: without its full stop, and small where it begins with a word
    that is surely no name, as somebody may be spoken of whom one does not know."""
    bare = told.rstrip(".!。！")
    return bare[:1].lower() + bare[1:] if NO_NAME.match(bare) else bare


def _is_ground(memory: Memory) -> bool:
    """What an insight may rest on: what was perceived, kept or concluded, not what was planned."""
    return memory.kind != "plan"


async def _answer(turn: Turn, question: Question) -> None:
    """Insights that answer a question, from what comes to mind about it; each cites what it rests on."""
    found, retrieval = await recall(
        turn, question.text, turn.settings.evidence_per_insight, question.concerns
    )
    evidence = [one.memory for one in found]
    if not evidence:
        return
    if turn.settings.writes:
        drawn = await write_insights(turn, question.text, evidence)
    else:
        drawn = [(await _chosen(turn, question, evidence), evidence)]
    insights: list[str] = []
    dropped: list[Json] = []
    for text, grounds in drawn:
        held, cosine = _alike(turn, text)
        if held is not None:
            insights.append(held.id)
            dropped.append({"text": text, "like": held.id, "cosine": fixed(cosine)})
            continue
        insights.append(await _keep(turn, text, grounds, retrieval, question))
    data = {"question": question.text, "insights": insights, "dropped": dropped}
    turn.events.add("reflected", turn.name, data, [turn.state.origin[one] for one in insights])


async def _chosen(turn: Turn, question: Question, evidence: list[Memory]) -> str:
    """The insight among descriptions that the evidence speaks for."""
    name = "descriptions" if question.kind == "person" else f"descriptions_{question.kind}"
    options = [f" {description}" for description in phrases(name, turn.settings.language)]
    texts = tuple(Remembered(clean_text(one.text, MOST_CHARS), one.created) for one in evidence)
    contexts = [Insight(question.subject, texts), Insight(question.subject, ())]
    given, neutral = await turn.ask.score_all("reflect", contexts, options)
    gains = [after - before for after, before in zip(given, neutral, strict=True)]
    description = option(turn.choose(options, gains), turn.settings.language)
    subject = question.subject[:1].upper() + question.subject[1:]
    return sentence("insight", turn.settings.language, subject=subject, description=description)


def _alike(turn: Turn, text: str) -> tuple[Memory | None, float]:
    """The insight that says the same already, and how like it is; None where there is none."""
    held = [memory for memory in turn.state.stream if memory.kind == "reflection"]
    if not held:
        return None, 0.0
    rows = [memory.row for memory in held]
    likeness = turn.state.stream.vectors[rows] @ turn.embedder.embed([text])[0]  # (n_insights,)
    best = int(likeness.argmax())
    found = held[best] if likeness[best] > turn.settings.insight_likeness else None
    return found, float(likeness[best])


async def _keep(turn: Turn, text: str, evidence: list[Memory], retrieval: str, question: Question) -> str:
    (importance,) = await rate(turn, [text])
    made = turn.remember(
        "reflection",
        text,
        importance,
        causes=(retrieval, *(turn.state.origin[memory.id] for memory in evidence)),
        subjects=question.people or dict.fromkeys(name for one in evidence for name in one.subjects),
        evidence=[memory.id for memory in evidence],
    )
    turn.state.meanings[made.id] = ""  # what one thinks of others one keeps to oneself
    return made.id
