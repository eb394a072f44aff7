"""The floor: of those who speak at once to each other one is heard first, then the one addressed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from burgh.sim.types import Json

TURN_TICKS = 2  # how long the one addressed has the turn: as long as both stand still
WHISPER = "whisper"  # the act of a happening that is an inner voice
FIELDS = ("to", "act", "subject", "fact", "meaning", "words")


@dataclass(frozen=True, slots=True)
class Happening:
    """News from outside: at its tick a voice that is no agent says a meaning to one agent, wherever it is.

    One who is asleep then is told on waking. fact: the id under which the record follows the news. Of the act
    WHISPER, it is no voice that anyone hears but a thought that comes to the agent; it has no speaker.
    """

    tick: int
    speaker: str
    to: str
    meaning: str
    fact: str
    act: str = "tell"

    @property
    def inner(self) -> bool:
        return self.act == WHISPER

    def said(self) -> dict[str, Json]:
        """The data of its `said` event."""
        return {
            "speaker": self.speaker,
            "to": self.to,
            "act": self.act,
            "subject": "",
            "fact": self.fact,
            "meaning": self.meaning,
            "words": self.meaning,
            "heard_by": [self.to],
        }


@dataclass(frozen=True, slots=True)
class Utterance:
    """One `say`, as answered. action: id of the decision behind it."""

    speaker: str
    arguments: Mapping[str, Json]
    action: str

    @property
    def to(self) -> str:
        return str(self.arguments["to"])

    def data(self) -> dict[str, Json]:
        return {"speaker": self.speaker, **{key: self.arguments[key] for key in FIELDS}}


def take_floor(
    utterances: Sequence[Utterance], turns: Mapping[str, int], tick: int, rng: random.Random
) -> dict[str, str]:
    """Who is heard this tick: speaker -> the speaker who has the floor in its group (maybe itself).

    utterances: in the agents' order. turns: agent -> the last tick at which the turn is its own.
    """
    floor: dict[str, str] = {}
    for group in _groups(utterances):
        in_turn = [name for name in group if turns.get(name, -1) >= tick]
        first = rng.choice(in_turn or group)
        floor.update(dict.fromkeys(group, first))
    return floor


def _groups(utterances: Sequence[Utterance]) -> list[list[str]]:
    """Speakers who speak to each other or to the same person, directly or through others."""
    leader = {utterance.speaker: utterance.speaker for utterance in utterances}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    first_to: dict[str, str] = {}
    for utterance in utterances:
        for other in (utterance.to, first_to.setdefault(utterance.to, utterance.speaker)):
            if other in leader:
                leader[find(utterance.speaker)] = find(other)
    groups: dict[str, list[str]] = {}
    for utterance in utterances:
        groups.setdefault(find(utterance.speaker), []).append(utterance.speaker)
    return list(groups.values())
