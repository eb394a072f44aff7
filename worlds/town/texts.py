"""Plain sentences about what is seen, heard and felt, in the third person, in the town's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from burgh.sim.types import Json
from burgh.worlds.town.body import SLEEP, USE, Body
from burgh.worlds.town.map import TownMap
from burgh.worlds.town.places import SEPARATOR


class Sentences:
    """The sentences of a language, from words/LANGUAGE.txt."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self._forms = table(language)

    def say(self, key: str, **parts: Json) -> str:
        """A sentence with its parts filled in."""
        return self._forms[key].format(**parts)

    def said(self, data: Mapping[str, Json]) -> str:
        return self.say("said", **data)

    def whispered(self, data: Mapping[str, Json]) -> str:
        return self.say("whispered", **data)

    def unheard(self, data: Mapping[str, Json], other: str) -> str:
        return self.say("unheard", **data, other=other)


class Texts(Sentences):
    """Sentences that need the town's place names."""

    def __init__(self, town_map: TownMap, language: str = "en") -> None:
        super().__init__(language)
        self._tree = town_map.tree
        self._states = table(f"{language}-states") if language != "en" else {}

    def where(self, path: str) -> str:
        """The place as a phrase: "in the bakery's shop"."""
        return self._tree.places[path].phrase

    def thing(self, path: str) -> str:
        """An object as a phrase: "the oven"."""
        return self.say("thing", name=path.rsplit(SEPARATOR, 1)[1].lower())

    def seen(self, body: Body, place: str) -> str:
        """What someone looks to be doing, and where."""
        where = self.where(place)
        if body.asleep:
            return self.say("asleep", name=body.name, where=where)
        if body.doing == USE and body.until_tick is not None:
            return self._working("busy", body, where)
        return self.say("walking" if body.walking else "there", name=body.name, where=where)

    def work(self, body: Body) -> str:
        """What someone is busy with: "kneading dough at the oven"."""
        assert body.activity is not None and body.object is not None
        activity, thing = body.activity, self.thing(body.object)
        if activity.split()[:1] and activity.split()[0].endswith("ing"):
            return self.say("work", activity=activity, thing=thing)
        return self.say("work_other", activity=activity, thing=thing)

    def arrived(self, name: str, place: str) -> str:
        return self.say("arrived", name=name, where=self.where(place), place=short(place))

    def finished(self, body: Body, place: str) -> str:
        return self._working("finished", body, self.where(place))

    def woke(self, name: str, place: str) -> str:
        return self.say("woke", name=name, where=self.where(place))

    def object(self, path: str, state: str, place: str) -> str:
        thing = self.thing(path)
        return self.say(
            "object",
            thing=thing,
            Thing=f"{thing[0].upper()}{thing[1:]}",
            where=self.where(place),
            place=short(place),
            state=self._states.get(state, state),
        )

    def full(self, path: str) -> str:
        return self.say("full", where=self.where(path), place=short(path))

    def gave_up(self, name: str, path: str, why: str) -> str:
        place = path.partition(SEPARATOR)[2] if self.language == "en" else short(path)
        return self.say("gave_up", name=name, place=place, why=why)

    def _working(self, key: str, body: Body, where: str) -> str:
        thing = self.thing(str(body.object))
        return self.say(key, name=body.name, where=where, work=self.work(body), thing=thing)


def short(path: str) -> str:
    """A place without the town, its parts one after another, as languages without spaces say it."""
    return "".join(path.split(SEPARATOR)[1:])


def doing(body: Body) -> str:
    """What is worth a second look: work and sleep, as a key to compare. Empty for all else."""
    if body.until_tick is None or body.doing not in {USE, SLEEP}:
        return ""
    return SLEEP if body.doing == SLEEP else f"{body.activity} @ {body.object}"


@cache
def table(name: str) -> Mapping[str, str]:
    """The lines "key: sentence" of words/NAME.txt."""
    text = (files("burgh.worlds.town") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split(": ", 1) for line in lines)
