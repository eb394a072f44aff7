"""A made-up run of a thousand villagers and a million events, written with the real recorder.

`python -m benchmarks.crowd FOLDER [--events 1000000] [--people 1000]`: for measuring the window.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from burgh.scenarios.cli.console import err, line
from burgh.sim.record import RunWriter
from burgh.sim.types import ENGINE, WORLD, BurghError, Event, Events, Json, fixed
from burgh.worlds.town import village

WIDTH, HEIGHT = 140, 100
STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))
COATS = ("#c8553d", "#4d6b3c", "#4a6fa5", "#8a6d3b", "#7d3c6b", "#3b3f52", "#3f7f8c", "#b98a35")
HAIRS = ("#7a3b1e", "#2f2420", "#d9b25f", "#8d8d86", "#5a2d4f", "#e6e2d6")
SKINS = ("#e8bd98", "#d9a77f", "#f0cba8", "#cf9468", "#a8764e")
JOBS = ("baker", "carpenter", "teacher", "farmer", "tavern keeper", "smith", "")
DOINGS = ("kneading dough", "sawing boards", "reading", "resting", "selling bread", "wiping the tables")
WORDS = (
    "There is a market on the square at 11:00 today.",
    "Have you heard? The miller has raised the price of flour.",
    "Good day.",
    "I shall come, and I shall bring the children with me too.",
)
BLOCKS = frozenset({"wall", "window", "roof", "tree", "bush", "hedge", "fence", "water", "reeds"})


def town(width: int = WIDTH, height: int = HEIGHT) -> dict[str, Json]:
    """The village beside itself, as often as it takes, as a `scene` event holds it."""
    built = village()
    small = built.scene({path: thing.state for path, thing in built.tree.objects.items()})
    columns, rows = small["width"], small["height"]
    layers = [
        {
            "name": layer["name"],
            "rows": [[layer["rows"][y % rows][x % columns] for x in range(width)] for y in range(height)],
        }
        for layer in small["layers"]
    ]
    places, objects = [], []
    for x0 in range(0, width, columns):
        for y0 in range(0, height, rows):
            number = f" {x0 // columns}{y0 // rows}"
            for place in small["places"]:
                if x0 + place["x"] + place["width"] <= width and y0 + place["y"] + place["height"] <= height:
                    places.append({**place, **_moved(place, x0, y0, number)})
            for thing in small["objects"]:
                if x0 + thing["x"] < width and y0 + thing["y"] < height:
                    objects.append({**thing, **_moved(thing, x0, y0, number)})
    return {**small, "width": width, "height": height, "layers": layers, "places": places, "objects": objects}


def _moved(shape: dict[str, Json], x0: int, y0: int, number: str) -> dict[str, Json]:
    first, _, rest = shape["path"].partition(" : ")
    second, _, last = rest.partition(" : ")
    path = " : ".join(part for part in (first, second + number if second else "", last) if part)
    return {"path": path, "x": shape["x"] + x0, "y": shape["y"] + y0}


def ticks(events: int, people: int, seed: int = 7) -> Iterator[list[Event]]:
    """The events of each tick, until there are so many. Two in three walk; all else has its share too."""
    rng = random.Random(seed)
    scene = town()
    blocked = {
        (x, y)
        for layer in scene["layers"]
        for y, row in enumerate(layer["rows"])
        for x, tile in enumerate(row)
        if tile in BLOCKS
    } | {(thing["x"], thing["y"]) for thing in scene["objects"]}
    free = [(x, y) for y in range(HEIGHT) for x in range(WIDTH) if (x, y) not in blocked]
    names = [f"Villager {number:03}" for number in range(people)]
    spots = dict(zip(names, rng.sample(free, people), strict=True))
    ways = {name: rng.choice(STEPS) for name in names}
    remembered = dict.fromkeys(names, 0)
    head, world = Events(0, ENGINE), Events(0, WORLD)
    facts = {"scenario": "crowd", "scenario_hash": "", "seed": seed, "agents": names}
    head.add("run_started", None, {**facts, "start": "2026-05-04T07:30:00", "tick_seconds": 10})
    world.add("scene", None, scene)
    for name in names:
        look = {
            "coat": rng.choice(COATS),
            "hair": rng.choice(HAIRS),
            "skin": rng.choice(SKINS),
            "job": rng.choice(JOBS),
        }
        world.add("placed", name, {"x": spots[name][0], "y": spots[name][1], "place": "Burgh", "look": look})
    yield [*head.all(), *world.all()]
    done, tick = 2 + people, 0
    while done < events:
        tick += 1
        world, minds = Events(tick, WORLD), []
        for name in names:
            if rng.random() < 0.65:
                _walk(world, name, spots, ways, blocked, rng)
            elif rng.random() < 0.12:
                minds += _think(tick, name, remembered, rng)
                if rng.random() < 0.3:
                    _speak(world, name, rng.choice(names), rng)
        yield [*minds, *world.all()]
        done += len(minds) + len(world)


def _walk(  # noqa: PLR0917
    world: Events,
    name: str,
    spots: dict[str, tuple[int, int]],
    ways: dict[str, tuple[int, int]],
    blocked: set[tuple[int, int]],
    rng: random.Random,
) -> None:
    for _ in range(3):
        x, y = spots[name][0] + ways[name][0], spots[name][1] + ways[name][1]
        if 0 <= x < WIDTH and 0 <= y < HEIGHT and (x, y) not in blocked and rng.random() < 0.95:
            spots[name] = (x, y)
            world.add("moved", name, {"x": x, "y": y})
            return
        ways[name] = rng.choice(STEPS)


def _speak(world: Events, name: str, to: str, rng: random.Random) -> None:
    words = rng.choice(WORDS)
    data = {"speaker": name, "to": to, "act": "tell", "subject": "", "fact": "", "meaning": words}
    world.add("said", name, {**data, "words": words, "heard_by": [to]})


def _think(tick: int, name: str, remembered: dict[str, int], rng: random.Random) -> list[Event]:
    mind, number = Events(tick, name), remembered[name]
    remembered[name] = number + 1
    id_, kind = f"{name}:{number}", "reflection" if number % 20 == 19 else "observation"
    cites = [f"{name}:{n}" for n in range(max(0, number - 4), number)] if kind == "reflection" else []
    mind.add(
        "memory",
        name,
        {
            "id": id_, "kind": kind, "text": rng.choice(WORDS), "importance": fixed(rng.random()),
            "created": tick, "place": "Burgh", "subjects": [], "evidence": cites, "fact": "", "from": "",
        },
    )  # fmt: skip
    if cites:
        mind.add("reflected", name, {"question": "What matters?", "insights": [id_]})
    part = {key: fixed(rng.random()) for key in ("recency", "importance", "relevance", "score")}
    mind.add("retrieved", name, {"query": rng.choice(DOINGS), "picked": [{"id": id_, **part}]})
    entry = {"start": "07:30", "minutes": 60, "place": "Burgh", "activity": rng.choice(DOINGS), "why": ""}
    if rng.random() < 0.2:
        mind.add("planned", name, {"entries": [entry], "changed": "revised", "new": [0]})
    mind.add("decided", name, {"answer": {"tool": "wait", "arguments": {}}, "why": entry["activity"]})
    return list(mind.all())


def make(folder: Path, events: int = 1_000_000, people: int = 1_000) -> int:
    """Writes such a run into a new folder; returns how many events it has."""
    writer, count = RunWriter(folder, {"scenario": {"name": "crowd"}, "seed": 7}), 0
    for tick, some in enumerate(ticks(events, people)):
        writer.append(some)
        writer.end_tick(tick)
        count += len(some)
    writer.close("end")
    return count + 1


def main(
    folder: Path,
    events: Annotated[int, typer.Option(min=1)] = 1_000_000,
    people: Annotated[int, typer.Option(min=1, max=5000)] = 1_000,
) -> None:
    """Makes a run of a crowd."""
    try:
        line(f"{make(folder, events, people):,} events in {folder}")
    except BurghError as error:
        err.print(str(error))
        raise typer.Exit(2) from None


if __name__ == "__main__":
    typer.run(main)
