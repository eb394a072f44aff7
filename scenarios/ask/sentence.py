"""What an event is told as: a sentence, and particulars of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from burgh.sim.types import Json, real

MOST_PLACES = 4  # of what was scored


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence, and particulars of it."""

    text: str
    notes: tuple[str, ...] = ()


def told_gains(given: Mapping[str, Json], neutral: Mapping[str, Json]) -> str:
    """By how much what is told speaks for each option, the most first."""
    pairs = zip(given["options"], given["logprobs"], neutral["logprobs"], strict=True)
    gains = sorted(((real(after - before), name.strip()) for name, after, before in pairs), reverse=True)
    return ", ".join(f"{name} {gain:+.2f}" for gain, name in gains[:MOST_PLACES])


def coins(number: int) -> str:
    """An amount of money."""
    return "1 coin" if number == 1 else f"{number:,} coins"
