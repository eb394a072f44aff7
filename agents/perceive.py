"""Perceiving: what is new becomes memories, each rated once for its importance."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from burgh.agents.prompts import Importance, references
from burgh.agents.rating import likeness
from burgh.agents.turn import Turn, rating
from burgh.sim.types import Percept, fixed, real

# Outcomes of one's own doing that are worth no memory: one knows where one is.
# What one has done just as before, so many memories ago at most, is none either.
LATELY = 100
UNREMEMBERED = frozenset({"arrived", "set_out", "waited", "unheard", "moved", "lot_opened", "price"})


async def measure_scale(turn: Turn) -> None:
    """Scores the reference memories, so that later scores can be read as ratings."""
    texts = [one.text for one in references(turn.settings.language)]
    differences = await _weights(turn, "importance scale", texts)
    turn.state.scale = tuple(sorted(real(fixed(difference)) for difference in differences))


async def _weights(turn: Turn, purpose: str, texts: Sequence[str]) -> list[float]:
    """How weighty each text is, in nats: by how many the weightier of two labels is likelier than the other,
    and besides, some for what lies near it in meaning."""
    contexts = [Importance(text) for text in texts]
    scores = await turn.ask.score_all(purpose, contexts, Importance.LABELS)
    share = turn.settings.likeness_nats
    near = likeness(turn.embedder, turn.settings.language).estimate(texts) if share else [0.0] * len(texts)
    return [news - ordinary + share * like for (ordinary, news), like in zip(scores, near, strict=True)]


async def rate(turn: Turn, texts: Sequence[str]) -> list[float]:
    """The importance of each text, 1 to 10; asked of the model once for each different text."""
    known = turn.state.ratings
    unknown = [text for text in dict.fromkeys(texts) if text not in known]
    differences = await _weights(turn, "importance", unknown)
    ratings = sorted(one.rating for one in references(turn.settings.language))
    for text, difference in zip(unknown, differences, strict=True):
        known[text] = rating(difference, turn.state.scale, ratings)
    return [known[text] for text in texts]


async def perceive(turn: Turn) -> None:
    """Remembers what is new, and notes what others are now known to know."""
    percepts = news(turn)
    familiar = set(turn.state.ratings)
    take_in(turn, percepts, await rate(turn, [gist(one) for one in percepts]), familiar)


def news(turn: Turn) -> list[Percept]:
    """What of all that is perceived is to be remembered."""
    lately = {one.text for one in turn.state.stream.latest(LATELY) if one.kind == "observation"}
    return [
        one
        for one in turn.observation.percepts
        if _is_remembered(one) and not (one.kind == "outcome" and one.text in lately)
    ]


def take_in(
    turn: Turn, percepts: Sequence[Percept], importances: Sequence[float], familiar: Collection[str]
) -> None:
    """Remembers percepts of that importance. familiar: texts that were rated before."""
    for percept, importance in zip(percepts, importances, strict=True):
        if gist(percept) not in familiar:  # the same again stirs nobody
            turn.state.poignancy = real(fixed(turn.state.poignancy + importance))
        if percept.kind == "speech":
            _remember_speech(turn, percept, importance)
        elif percept.kind == "inner":
            _remember_whisper(turn, percept, importance)
        else:
            subjects = [name for name in percept.agents if name != turn.name]
            memory = turn.remember(
                "observation", percept.text, importance, causes=(percept.event,), subjects=subjects
            )
            turn.state.meanings[memory.id] = ""  # what anyone can see for themselves is no news


def _is_remembered(percept: Percept) -> bool:
    return percept.kind != "outcome" or percept.data.get("kind") not in UNREMEMBERED


def gist(percept: Percept) -> str:
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
        for name in dict.fromkeys((*percept.agents, *data.get("heard_by", ()))):
            if name != turn.name:
                turn.state.talk(name).knows.add(fact)


def _remember_whisper(turn: Turn, percept: Percept, importance: float) -> None:
    """What an inner voice says can be told, and can change plans, as news from another can."""
    memory = turn.remember(
        "whisper", percept.text, importance, causes=(percept.event,), fact=percept.data["fact"]
    )
    turn.state.meanings[memory.id] = percept.data["meaning"]
