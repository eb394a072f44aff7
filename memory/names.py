"""Names: memories about the people and places that a question names, and about those who belong to them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from burgh.memory.record import Memory
from burgh.memory.score import Floats
from burgh.memory.words import EAST_ASIAN

NEIGHBOUR = 0.5  # of a memory about somebody who is often remembered together with whom is named
MENTION = 0.75  # of a memory in whose text alone a name stands


def named(query: str, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that stand in a text as words of their own, in their order."""
    text = query.casefold()
    return tuple(name for name in names if _stands(name.casefold(), text))


def _stands(name: str, text: str) -> bool:
    if name not in text:
        return False
    if re.search(f"[{EAST_ASIAN}]", name):  # no spaces set words apart there
        return True
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def names_of(memory: Memory) -> tuple[str, ...]:
    """Whom it is about, who said it, and where: "Burgh : Bakery : Shop" is of the bakery and of the shop."""
    places = (part.strip() for part in memory.place.split(":"))
    return tuple(dict.fromkeys(name for name in (*_people(memory), *places) if name))


def _people(memory: Memory) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (*memory.subjects, memory.from_agent) if name))


class NameIndex:
    """Who and where a stream's memories are about, for memories that are only ever added to.

    It may be shared by forks: where the memories are not those it was made of, it is made anew.
    """

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._known: list[Memory] = []
        self._texts: list[str] = []
        self._people: list[tuple[str, ...]] = []
        self._persons: set[str] = set()
        self._about: dict[str, list[int]] = {}  # the rows of what is about each name

    def scores(self, memories: Sequence[Memory], query: str, own: str = "") -> Floats:
        """How closely each memory has to do with the people and places named in a query: (n,), 0 to 1.

        1 for what is about them, in part for what only mentions them, and at most NEIGHBOUR for what is about
        people remembered together with them: the neighbours in the graph of who occurs with whom, by how
        often. Where several are named, each counts its share. own: whose memories they are; that name
        says nothing.
        """
        self._follow(memories)
        found = np.zeros(len(memories))
        wanted = named(query, tuple(name for name in self._about if name != own))
        if not wanted:
            return found
        for name in wanted:
            text = name.casefold()
            part = np.zeros(len(memories))
            part[self._about[name]] = 1.0
            held = part.tolist()
            mentioned = [n for n, one in enumerate(self._texts) if not held[n] and text in one]
            part[[n for n in mentioned if _stands(text, self._texts[n])]] = MENTION
            found += part
        found /= len(wanted)
        for name, share in self._neighbours(wanted, own).items():
            rows = np.array(self._about[name])
            found[rows] = np.maximum(found[rows], NEIGHBOUR * share)
        return found

    def _neighbours(self, wanted: Sequence[str], own: str) -> dict[str, float]:
        """Who is remembered together with the people wanted, and how often of the memories of those."""
        people = [name for name in wanted if name in self._persons]
        rows = sorted({row for name in people for row in self._about[name]})
        together = Counter(person for row in rows for person in self._people[row])
        return {
            name: count / len(rows) for name, count in together.items() if name != own and name not in wanted
        }

    def _follow(self, memories: Sequence[Memory]) -> None:
        n = len(self._known)
        if n > len(memories) or not all(map(_same, self._known, memories)):
            self._clear()
            n = 0
        for row in range(n, len(memories)):
            memory = memories[row]
            self._known.append(memory)
            self._texts.append(memory.text.casefold())
            self._people.append(_people(memory))
            self._persons.update(self._people[row])
            for name in names_of(memory):
                self._about.setdefault(name, []).append(row)


def _same(one: Memory, other: Memory) -> bool:
    """Whether it is the same but for when it was last accessed."""
    return one is other or (
        one.text is other.text
        and one.subjects is other.subjects
        and one.place is other.place
        and one.from_agent is other.from_agent
    )
