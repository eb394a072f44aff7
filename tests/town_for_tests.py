"""Small towns, drawn as text, and a driver for scripted villagers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from burgh.sim.clock import Clock
from burgh.sim.types import Action, Event, Json, Percept
from burgh.worlds.town import Happening, Resident, Town, TownMap, village
from burgh.worlds.town.tiled import parse_tiled

CLOCK = Clock(datetime(2024, 5, 1, 7, 30))
TILES = {".": "grass", "#": "wall", "+": "door", "~": "water"}
SQUARE = "Burgh : Market Square"
SHOP = "Burgh : Bakery : Shop"


def drawn(
    rows: Sequence[str],
    places: Mapping[str, tuple[str, int, int, int, int]],
    objects: Sequence[tuple[str, str, int, int, str]] = (),
) -> dict[str, Json]:
    """A map in Tiled's format from rows of . (grass), # (wall), + (door) and ~ (water).

    places: name -> (class, x, y, width, height). objects: (name, class, x, y, state).
    """
    names = list(TILES.values())

    def layer(name: str, gids: list[int]) -> dict[str, Json]:
        return {"type": "tilelayer", "name": name, "data": gids}

    def shape(name: str, kind: str, rect: tuple[int, int, int, int], state: str = "") -> dict[str, Json]:
        x, y, width, height = (16 * side for side in rect)
        properties = [{"name": "state", "type": "string", "value": state}]
        rectangle = {"x": x, "y": y, "width": width, "height": height}
        return {"name": name, "type": kind, **rectangle, "properties": properties}

    tiles = [
        {
            "id": n,
            "type": name,
            "properties": [{"name": "blocks", "type": "bool", "value": name in {"wall", "water"}}],
        }
        for n, name in enumerate(names)
    ]
    text = "".join(rows)
    walls = [0 if char == "." else 1 + names.index(TILES[char]) for char in text]
    place_shapes = [shape(name, kind, (x, y, w, h)) for name, (kind, x, y, w, h) in places.items()]
    object_shapes = [shape(name, kind, (x, y, 1, 1), state) for name, kind, x, y, state in objects]
    return {
        "type": "map",
        "width": len(rows[0]),
        "height": len(rows),
        "tilewidth": 16,
        "properties": [{"name": "town", "type": "string", "value": "Ham"}],
        "tilesets": [{"firstgid": 1, "tiles": tiles}],
        "layers": [
            layer("ground", [1] * len(text)),
            layer("walls", walls),
            {"type": "objectgroup", "name": "places", "objects": place_shapes},
            {"type": "objectgroup", "name": "objects", "objects": object_shapes},
        ],
    }


def hamlet(
    rows: Sequence[str],
    places: Mapping[str, tuple[str, int, int, int, int]],
    objects: Sequence[tuple[str, str, int, int, str]] = (),
) -> TownMap:
    return TownMap(parse_tiled(drawn(rows, places, objects), "ham.json"))


TWO_HALLS = hamlet(  # two halls with a door of one tile between them
    ["#########", "#...#...#", "#...+...#", "#...#...#", "#########"],
    {
        "Hall": ("building", 0, 0, 9, 5),
        "West": ("room", 1, 1, 3, 3),
        "East": ("room", 5, 1, 3, 3),
    },
)
WEST, EAST = "Ham : Hall : West", "Ham : Hall : East"


def town(*residents: tuple[str, str], happenings: Sequence[Happening] = (), seed: int = 1) -> Town:
    """The village with these residents: (name, start place)."""
    people = [Resident(*resident) for resident in residents]
    return Town(village(), people, happenings, seed=seed, clock=CLOCK)


class Villagers:
    """Drives a town tick by tick with given answers, and keeps what happened and was perceived."""

    def __init__(self, world: Town) -> None:
        self.world = world
        self.tick = 0
        self.events: list[Event] = list(world.begin())
        self.percepts: dict[str, list[Percept]] = {name: [] for name in world.agents}

    def do(self, **answers: Mapping[str, Json]) -> tuple[Event, ...]:
        """One tick with these answers, each checked against its spec."""
        self.tick += 1
        observations = self.world.observe(self.tick)
        for name, observation in observations.items():
            self.percepts[name] += observation.percepts
        actions = {}
        for name, answer in answers.items():
            observations[name].spec.validate(answer)
            actions[name] = Action(name, answer, f"{self.tick}.{name}.0")
        events = self.world.apply(self.tick, actions)
        self.events += events
        return events

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.do()

    def until_still(self, limit: int = 500) -> None:
        """Until nobody walks any more."""
        for _ in range(limit):
            self.do()
            if not any(seen.state["goal"] for seen in self.world.observe(self.tick + 1).values()):
                return
        raise AssertionError(f"someone still walks after {limit} ticks")

    def of(self, kind: str, agent: str | None = None) -> list[Event]:
        return [e for e in self.events if e.kind == kind and agent in {None, e.agent}]

    def texts(self, name: str, kind: str) -> list[str]:
        return [percept.text for percept in self.percepts[name] if percept.kind == kind]

    def state(self, name: str) -> Mapping[str, Json]:
        return self.world.observe(self.tick + 1)[name].state


def go(place: str) -> dict[str, Json]:
    return {"tool": "go", "arguments": {"place": place}}


def use(thing: str, activity: str = "kneading dough", minutes: int = 5) -> dict[str, Json]:
    return {"tool": "use", "arguments": {"object": thing, "activity": activity, "minutes": minutes}}


def wait(minutes: int) -> dict[str, Json]:
    return {"tool": "wait", "arguments": {"minutes": minutes}}


def sleep(minutes: int) -> dict[str, Json]:
    return {"tool": "sleep", "arguments": {"minutes": minutes}}


def say(to: str, words: str = "Good morning.", act: str = "greet", meaning: str = "") -> dict[str, Json]:
    arguments = {"to": to, "act": act, "subject": "", "fact": "", "meaning": meaning, "words": words}
    return {"tool": "say", "arguments": arguments}
