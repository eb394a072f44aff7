"""Plain sentences about what is seen, heard and felt, in the third person with names."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.sim.types import Json
from burgh.worlds.town.body import SLEEP, USE, Body
from burgh.worlds.town.map import TownMap
from burgh.worlds.town.places import SEPARATOR


class Texts:
    """Sentences that need the town's place names."""

    def __init__(self, town_map: TownMap) -> None:
        self._tree = town_map.tree

    def where(self, path: str) -> str:
        """The place as a phrase: "in the bakery's shop"."""
        return self._tree.places[path].phrase

    def thing(self, path: str) -> str:
        """An object as a phrase: "the oven"."""
        return f"the {path.rsplit(SEPARATOR, 1)[1].lower()}"

    def seen(self, body: Body, place: str) -> str:
        """What someone looks to be doing, and where."""
        where = self.where(place)
        if body.asleep:
            return f"{body.name} is asleep {where}."
        if body.doing == USE and body.until_tick is not None:
            return f"{body.name} is busy {self.work(body)} {where}."
        if body.walking:
            return f"{body.name} is walking {where}."
        return f"{body.name} is {where}."

    def work(self, body: Body) -> str:
        """What someone is busy with: "kneading dough at the oven"."""
        assert body.activity is not None and body.object is not None
        activity, thing = body.activity, self.thing(body.object)
        if activity.split()[:1] and activity.split()[0].endswith("ing"):
            return f"{activity} at {thing}"
        return f"at {thing} ({activity})"

    def arrived(self, name: str, place: str) -> str:
        return f"{name} arrived {self.where(place)}."

    def finished(self, body: Body, place: str) -> str:
        return f"{body.name} finished {self.work(body)} {self.where(place)}."

    def woke(self, name: str, place: str) -> str:
        return f"{name} woke up {self.where(place)}."

    def object(self, path: str, state: str, place: str) -> str:
        thing = self.thing(path)
        return f"{thing[0].upper()}{thing[1:]} {self.where(place)} is now {state}."


def said(data: Mapping[str, Json]) -> str:
    return f'{data["speaker"]} said to {data["to"]}: "{data["words"]}"'


def whispered(data: Mapping[str, Json]) -> str:
    return f"{data['to']}'s inner voice says: {data['meaning']}"


def unheard(data: Mapping[str, Json], other: str) -> str:
    return f"{data['speaker']} spoke to {data['to']}, but {other} was heard first."


def doing(body: Body) -> str:
    """What is worth a second look: work and sleep, as a key to compare. Empty for all else."""
    if body.until_tick is None or body.doing not in {USE, SLEEP}:
        return ""
    return SLEEP if body.doing == SLEEP else f"{body.activity} @ {body.object}"
