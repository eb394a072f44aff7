"""What can be made to happen in a town from outside: an inner voice, something that all about it see, or a
thing that is put somewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from burgh.sim.types import BurghError, Json
from burgh.worlds.town.furniture import USES
from burgh.worlds.town.places import SEPARATOR, PlaceTree
from burgh.worlds.town.speech import WHISPER, Happening

EVENT = "event"
OBJECT = "object"
MOST_CHARS = 500
MOST_NAME_CHARS = 40
PLAIN_KIND = "crate"  # what a thing looks like of whose kind nothing is known


def check(data: Mapping[str, Json], agents: Collection[str], places: Collection[str]) -> None:
    """Raises BurghError, saying what would be right, for what cannot be made to happen.

    data: of a whisper `to`, `say` and `fact`; of an event `say` and `place` ("" for everywhere); of an object
    `name`, `place` and `kind` ("" for what its name says).
    """
    what = data.get("what")
    if what not in (WHISPER, EVENT, OBJECT):
        raise BurghError(f"{what!r} cannot be made to happen in a town: {WHISPER}, {EVENT} and {OBJECT} can")
    if what == OBJECT:
        return
    said = str(data.get("say", "")).strip()
    if not said or len(said) > MOST_CHARS:
        raise BurghError(f"a {what} says something, in at most {MOST_CHARS} characters: this has {len(said)}")
    if what == WHISPER and data.get("to") not in agents:
        raise BurghError(f"there is no agent {data.get('to')!r}: {_nearest(str(data.get('to')), agents)}")
    if what == EVENT and data.get("place") and data["place"] not in places:
        raise BurghError(f"there is no place {data['place']!r}: {_nearest(str(data['place']), places)}")


def check_object(data: Mapping[str, Json], tree: PlaceTree) -> None:
    """Raises BurghError, saying what would be right, for a thing that cannot be put there."""
    name, kind = str(data.get("name", "")), str(data.get("kind", ""))
    if not name.strip() or len(name) > MOST_NAME_CHARS or set(name) & set(':"\\\n'):
        raise BurghError(
            f"{name!r} is no name for a thing: it has 1 to {MOST_NAME_CHARS} characters, no colon, no quotes"
        )
    place = tree.place(str(data.get("place", "")))
    if SEPARATOR.join((place.path, name)) in tree.objects:
        raise BurghError(f"there is a thing called {name!r} in {place.path!r} already: give it another name")
    if kind and kind not in USES:
        raise BurghError(f"there is no kind of thing {kind!r}: {_nearest(kind, USES)}")


def kind_of(data: Mapping[str, Json]) -> str:
    """The kind that is named, else what the name says, else a plain one."""
    words = str(data["name"]).lower().split()
    return str(data.get("kind") or next((word for word in reversed(words) if word in USES), PLAIN_KIND))


def whisper(data: Mapping[str, Json], tick: int) -> Happening:
    """The inner voice that an intervention asks for."""
    return Happening(tick, "", str(data["to"]), str(data["say"]), str(data.get("fact", "")), act=WHISPER)


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    return f"did you mean {near[0]!r}?" if near else "there are none"
