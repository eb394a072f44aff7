"""Perceiving: what is new becomes memories, each rated once for its importance."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.agents.prompts import Importance, Inputs, Interest, Rated, references
from burgh.agents.turn import Turn, rating
from burgh.sim.types import Percept

# Outcomes of one's own doing that are worth no memory: one knows where one is.
UNREMEMBERED = frozenset({"arrived", "set_out", "waited", "unheard", "moved"})
STRANGERS = ("Karl", "Lena")  # between whom the references of interest are said


MUNDANE = "interest of the mundane"  # the scale that holds the mean score of the mundane references
YARDSTICKS = 3


def mundane(language: str) -> tuple[Rated, ...]:
    """The first of the references: as mundane as can be."""
    return references(language)[:YARDSTICKS]


async def measure_scales(turn: Turn) -> None:
    """Scores the reference memories, so that later scores can be read as ratings."""
    language = turn.settings.language
    rated = references(language)
    importance = [Importance(one.text) for one in rated]
    interest = [Interest(one.text, *STRANGERS) for one in rated]
    for purpose, contexts in (("importance", importance), ("interest", interest)):
        differences = await score_difference(turn, f"{purpose} scale", contexts)
        turn.state.scales[purpose] = tuple(sorted(differences))
    plain = [
        difference for one, difference in zip(rated, differences, strict=True) if one in mundane(language)
    ]
    turn.state.scales[MUNDANE] = (sum(plain) / len(plain),)


async def score_difference(turn: Turn, purpose: str, contexts: Sequence[Inputs]) -> list[float]:
    """For each context, by how many nats the weightier of the two labels is likelier than the other."""
    scores = await turn.ask.score_all(purpose, contexts, Importance.LABELS)
    return [news - ordinary for ordinary, news in scores]


def rated(turn: Turn, purpose: str, difference: float) -> float:
    """A difference as a rating from 1 to 10."""
    ratings = sorted(one.rating for one in references(turn.settings.language))
    return rating(difference, turn.state.scales[purpose], ratings)


async def rate(turn: Turn, texts: Sequence[str]) -> list[float]:
    """The importance of each text, 1 to 10; asked of the model once for each different text."""
    known = turn.state.ratings
    unknown = [text for text in dict.fromkeys(texts) if text not in known]
    differences = await score_difference(turn, "importance", [Importance(text) for text in unknown])
    for text, difference in zip(unknown, differences, strict=True):
        known[text] = rated(turn, "importance", difference)
    return [known[text] for text in texts]


async def perceive(turn: Turn) -> None:
    """Remembers what is new, and notes what others are now known to know."""
    percepts = [one for one in turn.observation.percepts if _is_remembered(one)]
    importances = await rate(turn, [_gist(one) for one in percepts])
    for percept, importance in zip(percepts, importances, strict=True):
        turn.state.poignancy += importance
        if percept.kind == "speech":
            _remember_speech(turn, percept, importance)
        else:
            subjects = [name for name in percept.agents if name != turn.name]
            memory = turn.remember(
                "observation", percept.text, importance, causes=(percept.event,), subjects=subjects
            )
            if percept.kind == "outcome":  # what one has just done oneself is no news
                turn.state.meanings[memory.id] = ""


def _is_remembered(percept: Percept) -> bool:
    return percept.kind != "outcome" or percept.data.get("kind") not in UNREMEMBERED


def _gist(percept: Percept) -> str:
    """What the importance of a percept is judged by: of speech, what is meant."""
    return str(percept.data.get("meaning") or percept.text)


def _remember_speech(turn: Turn, percept: Percept, importance: float) -> None:
    data = percept.data
    speaker, to, meaning, fact = data["speaker"], data["to"], data["meaning"], data["fact"]
    text = f"{speaker} told {to}: {meaning}" if meaning else percept.text
    memory = turn.remember(
        "speech",
        text,
        importance,
        causes=(percept.event,),
        subjects=[name for name in percept.agents if name != turn.name],
        fact=fact,
        from_agent=speaker,
    )
    turn.state.meanings[memory.id] = meaning
    if fact:
        for name in percept.agents:
            if name != turn.name:
                turn.state.talk(name).knows.add(fact)
