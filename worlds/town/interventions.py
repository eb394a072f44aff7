"""What can be made to happen in a town from outside: an inner voice, or something that all about it see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from burgh.sim.types import BurghError, Json
from burgh.worlds.town.speech import WHISPER, Happening

EVENT = "event"
MOST_CHARS = 500


def check(data: Mapping[str, Json], agents: Collection[str], places: Collection[str]) -> None:
    """Raises BurghError, saying what would be right, for what cannot be made to happen.

    data: of a whisper `to`, `say` and `fact`; of an event `say` and `place` ("" for everywhere).
    """
    what = data.get("what")
    if what not in (WHISPER, EVENT):
        raise BurghError(f"{what!r} cannot be made to happen in a town: {WHISPER} and {EVENT} can")
    said = str(data.get("say", "")).strip()
    if not said or len(said) > MOST_CHARS:
        raise BurghError(f"a {what} says something, in at most {MOST_CHARS} characters: this has {len(said)}")
    if what == WHISPER and data.get("to") not in agents:
        raise BurghError(f"there is no agent {data.get('to')!r}: {_nearest(str(data.get('to')), agents)}")
    if what == EVENT and data.get("place") and data["place"] not in places:
        raise BurghError(f"there is no place {data['place']!r}: {_nearest(str(data['place']), places)}")


def whisper(data: Mapping[str, Json], tick: int) -> Happening:
    """The inner voice that an intervention asks for."""
    return Happening(tick, "", str(data["to"]), str(data["say"]), str(data.get("fact", "")), act=WHISPER)


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    return f"did you mean {near[0]!r}?" if near else "there are none"
