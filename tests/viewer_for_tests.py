"""A hamlet drawn as text, a few minutes of life in it, and the same as a recorded run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from burgh.sim.record.log import RunWriter
from burgh.sim.types import ENGINE, WORLD, Event, Events, Json, fixed

LETTERS = {
    ".": "grass",
    "-": "path",
    "~": "water",
    "_": "floor_wood",
    "#": "wall",
    "o": "window",
    "+": "door",
    "T": "tree",
    "=": "fence",
}
ROWS = (
    "....................",
    "....##o##...........",
    "....#___#......T....",
    "....#___#...........",
    "....##+##....~~~....",
    "------------.~~~....",
    "....................",
    "..===...............",
    "....................",
    "....................",
)
RED, BLUE, GREEN = "#d01818", "#1838d0", "#18a030"
LOOKS = {
    "Ada": {"hair": "#3a2a20", "skin": "#e8b98f", "coat": RED, "job": "teacher"},
    "Ben": {"hair": "#c8913e", "skin": "#f2cfa6", "coat": BLUE, "job": "clerk"},
    "Cid": {"hair": "#5a5a5a", "skin": "#b27a52", "coat": GREEN, "job": "clerk"},
}
HEARD = "A market opens at eleven."


def hamlet(rows: Sequence[str] = ROWS) -> dict[str, Json]:
    """The data of a `scene` event."""
    names = [[LETTERS[letter] for letter in row] for row in rows]
    walls = {"wall", "window", "door", "tree", "fence"}
    ground = [["grass" if name in walls else name for name in row] for row in names]
    above = [[name if name in walls else None for name in row] for row in names]
    return {
        "kind": "tiles",
        "width": len(rows[0]),
        "height": len(rows),
        "tile_px": 16,
        "layers": [{"name": "ground", "rows": ground}, {"name": "walls", "rows": above}],
        "places": [
            {"path": "Ham", "kind": "town", "x": 0, "y": 0, "width": len(rows[0]), "height": len(rows)},
            {"path": "Ham : Hut", "kind": "building", "x": 4, "y": 1, "width": 5, "height": 4},
        ],
        "objects": [
            {"path": "Ham : Hut : Oven", "kind": "oven", "x": 5, "y": 2, "state": "cold"},
            {"path": "Ham : Hut : Bed", "kind": "bed", "x": 7, "y": 2, "state": "made"},
            {"path": "Ham : Lantern", "kind": "lantern", "x": 10, "y": 8, "state": "dark"},
        ],
    }


def said(speaker: str, to: str, words: str, heard_by: Sequence[str] = ()) -> dict[str, Json]:
    """The data of a `said` event."""
    facts = {"act": "tell", "subject": "", "fact": "", "meaning": ""}
    return {"speaker": speaker, "to": to, "words": words, "heard_by": list(heard_by), **facts}


def memory(name: str, number: int, text: str, tick: int, told_by: str = "") -> dict[str, Json]:
    """The data of a `memory` event."""
    facts = {"place": "Ham", "subjects": [], "evidence": [], "fact": "", "from": told_by}
    return {
        "id": f"{name}:{number}",
        "kind": "speech" if told_by else "observation",
        "text": text,
        "importance": fixed(0.25 * number),
        "created": tick,
        **facts,
    }


def opening(start: str = "2024-05-01T09:00:00", rows: Sequence[str] = ROWS) -> list[Event]:
    """Tick 0: the hamlet with Ada in the hut, Ben on the path and Cid at the lantern."""
    engine, world = Events(0, ENGINE), Events(0, WORLD)
    facts = {"scenario": "hamlet", "scenario_hash": "", "seed": 1, "agents": list(LOOKS)}
    engine.add("run_started", None, {**facts, "start": start, "tick_seconds": 10})
    world.add("scene", None, hamlet(rows))
    for name, (x, y) in {"Ada": (6, 3), "Ben": (1, 5), "Cid": (11, 8)}.items():
        world.add("placed", name, {"x": x, "y": y, "place": "Ham", "look": LOOKS[name]})
    return [*engine.all(), *world.all()]


def morning(start: str = "2024-05-01T09:00:00") -> list[Event]:
    """Twelve ticks: Ben walks east and is told something; Ada bakes; Cid sleeps on the grass."""
    events = opening(start)
    for tick in range(1, 13):
        world, ben, ada = Events(tick, WORLD), Events(tick, "Ben"), Events(tick, "Ada")
        if tick == 1:
            world.add("set_out", "Ben", {"place": "Ham : Hut"})
        if tick <= 5:
            world.add("moved", "Ben", {"x": 1 + tick, "y": 5})
        if tick == 2:
            world.add("began", "Ada", {"activity": "baking", "object": "Ham : Hut : Oven", "until_tick": 9})
            world.add("object", "Ada", {"path": "Ham : Hut : Oven", "state": "hot"})
            plan = [("09:00", 30, "bake"), ("09:30", 60, "sell bread")]
            entries = [
                {"start": s, "minutes": m, "place": "Ham : Hut", "activity": a, "why": ""} for s, m, a in plan
            ]
            ada.add("planned", "Ada", {"entries": entries, "changed": "day", "new": [0, 1]})
            ada.add("decided", "Ada", {"answer": {}, "why": "Bread is wanted."})
        if tick == 5:
            world.add("arrived", "Ben", {"place": "Ham : Hut"})
        if tick == 6:
            world.add("said", "Ada", said("Ada", "Ben", HEARD, ["Ben"]))
            ben.add("memory", "Ben", memory("Ben", 1, "The hut smells of bread.", tick))
        if tick == 7:
            world.add("said", "Ben", said("Ben", "Ada", "Then I shall come.", ["Ada"]))
            ben.add("memory", "Ben", memory("Ben", 2, f"Ada said: {HEARD}", tick, "Ada"))
            part = {
                "recency": fixed(1),
                "importance": fixed(0.5),
                "relevance": fixed(0.25),
                "score": fixed(1.75),
            }
            ben.add("retrieved", "Ben", {"query": "the market", "picked": [{"id": "Ben:1", **part}]})
        if tick == 8:
            world.add("slept", "Cid", {"until_tick": 12})
            entries = [{"start": "09:01", "minutes": 5, "place": "Ham", "activity": "go", "why": "Ben:2"}]
            ben.add("planned", "Ben", {"entries": entries, "changed": "revised", "new": [0]})
        if tick == 9:
            world.add("finished", "Ada", {"activity": "baking", "object": "Ham : Hut : Oven"})
        if tick == 12:
            world.add("woke", "Cid", {})
        events += [*ben.all(), *ada.all(), *world.all()]
    return events


def by_tick(events: Sequence[Event]) -> Mapping[int, list[Event]]:
    ticks: dict[int, list[Event]] = {}
    for event in events:
        ticks.setdefault(event.tick, []).append(event)
    return ticks


def recorded(folder: Path, events: Sequence[Event], *, close: bool = True) -> RunWriter:
    """Writes events as a run's record."""
    writer = RunWriter(folder, {"scenario": "hamlet"})
    for tick, some in by_tick(events).items():
        writer.append(some)
        writer.end_tick(tick)
    if close:
        writer.close("end")
    return writer
