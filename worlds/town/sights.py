"""What is news to the eye: someone who comes into view, begins something, or a thing that changes."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.sim.types import Event, Percept
from burgh.worlds.town.body import Body, Seen
from burgh.worlds.town.map import TownMap
from burgh.worlds.town.texts import Texts, doing


class Sights:
    """Gives each body its percepts of what it sees. again_ticks: away for so long, one is news again."""

    def __init__(
        self, town_map: TownMap, bodies: Sequence[Body], again_ticks: int, language: str = "en"
    ) -> None:
        self.map = town_map
        self.bodies = bodies
        self.again_ticks = again_ticks
        self.texts = Texts(town_map, language)

    def look(self, tick: int, in_view: Sequence[Sequence[int]]) -> None:
        """in_view: for each body the numbers of those it sees now, nearest first."""
        places = [self.map.place_at(body.tile).path for body in self.bodies]
        deeds = [doing(body) for body in self.bodies]
        for number, body in enumerate(self.bodies):
            visible = in_view[number]
            for other in visible:
                self._notice(tick, number, other, places, deeds)
            self._lose_sight(tick, body, {self.bodies[other].name for other in visible})

    def change(self, event: Event, place: str, doer: Body) -> None:
        """A thing has changed: those in the room see it, but for the one who did it."""
        text = self.texts.object(event.data["path"], event.data["state"], place)
        percept = Percept(event.id, "sight", text, (doer.name,), {"kind": "object", **event.data})
        for body in self.bodies:
            if body is not doer and not body.asleep and self.map.place_at(body.tile).path == place:
                body.percepts.append(percept)

    def _notice(
        self, tick: int, number: int, other: int, places: Sequence[str], deeds: Sequence[str]
    ) -> None:
        body, theirs = self.bodies[number], self.bodies[other]
        place, deed = places[other], deeds[other]
        known = body.seen.get(theirs.name)
        came = known is None or (known.left is not None and tick - known.left >= self.again_ticks)
        if known is None:
            known = body.seen[theirs.name] = Seen(place, deed)
        joined = place == places[number] != known.place and not theirs.walking
        if came or joined or (deed and deed != known.doing):
            data = {"kind": "agent", "place": place, "doing": deed}
            text = self.texts.seen(theirs, place)
            body.percepts.append(Percept(theirs.last_event, "sight", text, (theirs.name,), data))
            known.place = place
        known.doing = deed
        known.left = None

    def _lose_sight(self, tick: int, body: Body, visible: set[str]) -> None:
        """Notes who has gone out of view, and forgets those who are news again anyway."""
        forgotten = []
        for name, seen in body.seen.items():
            if seen.left is None and name not in visible:
                seen.left = tick
            elif seen.left is not None and tick - seen.left >= self.again_ticks:
                forgotten.append(name)
        for name in forgotten:
            del body.seen[name]
