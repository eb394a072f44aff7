"""What a map's places and things are called in another language: NAME.LANGUAGE.txt beside NAME.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from burgh.sim.types import BurghError, Json
from burgh.worlds.town.places import BUILDING, ROOM
from burgh.worlds.town.tiled import Shape, TiledMap

TOWN, PLACES = "town", "places"
IN = {"zh": "在"}  # before a place, in languages that set no article and no space


def in_language(drawn: TiledMap, path: Path | Traversable, language: str) -> TiledMap:
    """The map with the names of its list, each place with a phrase to match; without a list its own names.

    Raises BurghError for a list that cannot be read, or that names something the map has not.
    """
    names = _names(path, language)
    known = {shape.name for shapes in drawn.shapes.values() for shape in shapes}
    known.add(str(drawn.properties.get(TOWN)))
    for name in names:
        if name not in known:
            raise BurghError(f"the names in {language} for the map {drawn.source}: it has no {name!r}")
    town = str(drawn.properties.get(TOWN) or "")
    properties: dict[str, Json] = {**drawn.properties, TOWN: names.get(town, town)}
    buildings = [shape for shape in drawn.shapes.get(PLACES, ()) if shape.kind == BUILDING]
    shapes = {
        layer: [_called(shape, names, buildings, IN[language] if layer == PLACES else "") for shape in found]
        for layer, found in drawn.shapes.items()
    }
    return replace(drawn, properties=properties, shapes=shapes)


def _called(shape: Shape, names: Mapping[str, str], buildings: Sequence[Shape], before: str) -> Shape:
    """A place or, where nothing stands before its name, a thing. A phrase that is no English is kept."""
    name = names.get(shape.name, shape.name)
    if not before or not str(shape.properties.get("phrase", "")).isascii():
        return replace(shape, name=name)
    around = ""
    if shape.kind == ROOM:
        holding = (b for b in buildings if _holds(b, shape))
        around = next((names.get(b.name, b.name) for b in holding), "")
    phrase = f"{before}{around}{name}"
    return replace(shape, name=name, properties={**shape.properties, "phrase": phrase})


def _holds(building: Shape, room: Shape) -> bool:
    return (
        building.x <= room.x < building.x + building.width
        and building.y <= room.y < building.y + building.height
    )


def _names(path: Path | Traversable, language: str) -> dict[str, str]:
    """The lines "name: name in the language"."""
    folder = path.parent if isinstance(path, Path) else files("burgh.assets") / "maps"
    listed = folder / f"{path.name.removesuffix('.json')}.{language}.txt"
    if not listed.is_file():
        return {}
    try:
        text = listed.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BurghError(f"the names {listed} cannot be read: {error}") from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, called = line.partition(": ")
        if not colon or not called.strip() or ":" in called:
            raise BurghError(f"line {number} of {listed} is {line!r}: it must be a name, a colon and a name")
        found[name] = called.strip()
    return found
