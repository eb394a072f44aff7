"""Perceiving: what is new becomes memories, each rated once for its importance."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from burgh.agents.prompts import Importance, importance_labels, references, sentence
from burgh.agents.rating import likeness
from burgh.agents.turn import Turn, rating
from burgh.memory.record import LEAST_IMPORTANCE, Memory
from burgh.sim.types import Percept, fixed, real

# The acts by which news is told; what one is asked or promised concerns oneself, and is no news to others.
NEWS_ACTS = frozenset({"tell", "invite", "answer"})
# Outcomes of one's own doing that are worth no memory: one knows where one is.
# What one has done just as before, so many memories ago at most, is none either.
LATELY = 100
STIRS_AGAIN = 0.5  # of its importance, what one has perceived on a day before
UNREMEMBERED = frozenset({"arrived", "set_out", "waited", "unheard", "moved", "lot_opened", "price"})


async def measure_scale(turn: Turn) -> None:
    """Scores the reference memories, so that later scores can be read as ratings: once in a run."""
    board = turn.board
    while not board.scale and board.measuring is not None:  # another mind of the run is at it
        board.scale = await board.measuring
    if not board.scale:
        board.measuring = asyncio.get_running_loop().create_future()
        measured: tuple[float, ...] = ()
        try:
            measured = await _measured(turn)
        finally:
            board.measuring.set_result(measured)
            board.measuring = None
        turn.state.scale = measured
        return
    turn.state.scale = board.scale


async def _measured(turn: Turn) -> tuple[float, ...]:
    texts = [one.text for one in references(turn.settings.language)]
    differences = await _weights(turn, "importance scale", texts)
    return tuple(sorted(real(fixed(difference)) for difference in differences))


async def _weights(turn: Turn, purpose: str, texts: Sequence[str]) -> list[float]:
    """How weighty each text is, in nats: by how many the weightier of two labels is likelier than the other,
    and besides, some for what lies near it in meaning."""
    contexts = [Importance(text) for text in texts]
    scores = await turn.ask.score_all(purpose, contexts, importance_labels(turn.settings.language))
    share = turn.settings.likeness_nats
    near = likeness(turn.embedder, turn.settings.language).estimate(texts) if share else [0.0] * len(texts)
    return [news - ordinary + share * like for (ordinary, news), like in zip(scores, near, strict=True)]


async def rate(turn: Turn, texts: Sequence[str]) -> list[float]:
    """The importance of each text, 1 to 10; asked of the model once in a run for each different text."""
    await _rate(turn, _unknown(turn, texts))
    return [turn.state.ratings[text] for text in texts]


async def _rate_at_once(turn: Turn, texts: Sequence[str]) -> list[float]:
    """The same, of what others may perceive in the same tick. Only for what a step asks first: then the minds
    come in their order, and it is always the same one that asks the model."""
    claims = {text: turn.board.claimed(text, turn.name, turn.tick) for text in _unknown(turn, texts)}
    mine = [text for text, rated in claims.items() if rated is None]
    try:
        await _rate(turn, mine)
    finally:
        for text in mine:
            turn.board.settle(text, turn.state.ratings.get(text))
    for text, rated in claims.items():
        value = None if rated is None else await rated
        if value is not None:
            turn.state.ratings[text] = value
    await _rate(turn, _unknown(turn, texts))  # where the model gave the other no answer
    return [turn.state.ratings[text] for text in texts]


def _unknown(turn: Turn, texts: Sequence[str]) -> list[str]:
    """Those of the texts that nobody in the run has rated before this tick."""
    known, shared = turn.state.ratings, turn.board.ratings
    known |= {text: shared[text] for text in texts if text in shared and text not in known}
    return [text for text in dict.fromkeys(texts) if text not in known]


async def _rate(turn: Turn, texts: Sequence[str]) -> None:
    differences = await _weights(turn, "importance", texts)
    ratings = sorted(one.rating for one in references(turn.settings.language))
    for text, difference in zip(texts, differences, strict=True):
        turn.state.ratings[text] = turn.rated[text] = rating(difference, turn.state.scale, ratings)


async def perceive(turn: Turn) -> None:
    """Remembers what is new, and notes what others are now known to know."""
    percepts = news(turn)
    familiar = set(turn.state.ratings)
    weighed = [gist(one) for one in percepts if not is_small_talk(one)]
    rated = dict(zip(weighed, await _rate_at_once(turn, weighed), strict=True))
    importances = [LEAST_IMPORTANCE if is_small_talk(one) else rated[gist(one)] for one in percepts]
    take_in(turn, percepts, importances, familiar)


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
    """Remembers percepts of that importance. familiar: texts that were rated before.

    The same again stirs nobody on the same day; on another it does once, and less.
    """
    faded = turn.state.faded
    stirs = {gist(one): 1.0 for one in percepts if gist(one) not in familiar}
    stirs |= {gist(one): STIRS_AGAIN for one in percepts if gist(one) in faded}
    for percept, importance in zip(percepts, importances, strict=True):
        if gist(percept) in stirs and not is_small_talk(percept):
            stirred = stirs[gist(percept)] * importance
            turn.state.poignancy = real(fixed(turn.state.poignancy + stirred))
            faded.discard(gist(percept))
        if percept.kind == "speech":
            made = _remember_speech(turn, percept, importance)
        elif percept.kind == "inner":
            made = _remember_whisper(turn, percept, importance)
        else:
            subjects = [name for name in percept.agents if name != turn.name]
            made = turn.remember(
                "observation", percept.text, importance, causes=(percept.event,), subjects=subjects
            )
            turn.state.meanings[made.id] = ""  # what anyone can see for themselves is no news
        turn.noticed.append((made, percept))


def _is_remembered(percept: Percept) -> bool:
    return percept.kind != "outcome" or percept.data.get("kind") not in UNREMEMBERED


def is_small_talk(percept: Percept) -> bool:
    """A good day, thanks, taking leave: words that mean nothing else matter least, and nobody is asked."""
    return percept.kind == "speech" and not percept.data["meaning"]


def gist(percept: Percept) -> str:
    """What the importance of a percept is judged by: of speech, what is meant."""
    return str(percept.data.get("meaning") or percept.text)


def _remember_speech(turn: Turn, percept: Percept, importance: float) -> Memory:
    data = percept.data
    speaker, to, meaning, fact = data["speaker"], data["to"], data["meaning"], data["fact"]
    told = sentence("told", turn.settings.language, speaker=speaker, to=to, meaning=meaning)
    text = told if meaning else percept.text
    memory = turn.remember(
        "speech",
        text,
        importance,
        causes=(percept.event,),
        subjects=[name for name in percept.agents if name != turn.name],
        fact=fact,
        from_agent=speaker,
    )
    turn.state.meanings[memory.id] = meaning if fact or data["act"] in NEWS_ACTS else ""
    if data.get("cried"):
        turn.state.witnessed.add(memory.id)
    if fact:
        for name in dict.fromkeys((*percept.agents, *data.get("heard_by", ()))):
            if name != turn.name:
                turn.state.talk(name).knows.add(fact)
    return memory


def _remember_whisper(turn: Turn, percept: Percept, importance: float) -> Memory:
    """What an inner voice says can be told, and can change plans, as news from another can."""
    memory = turn.remember(
        "whisper", percept.text, importance, causes=(percept.event,), fact=percept.data["fact"]
    )
    turn.state.meanings[memory.id] = percept.data["meaning"]
    return memory
