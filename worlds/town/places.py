"""The tree of a town: town : place : room : object, each known by its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from burgh.sim.types import BurghError
from burgh.worlds.town.tiled import Shape

SEPARATOR = " : "
BUILDING, ROOM, AREA = "building", "room", "area"


@dataclass(frozen=True, slots=True)
class Place:
    """A building, a room in it, or an area out of doors. phrase: "in the bakery's shop"."""

    path: str
    kind: str
    x: int
    y: int
    width: int
    height: int
    phrase: str

    @property
    def outdoors(self) -> bool:
        return self.kind == AREA

    @property
    def size(self) -> int:
        return self.width * self.height

    def holds(self, x: int, y: int) -> bool:
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class Furniture:
    """Something one can use. place: the path of the room it stands in. state: how it is at the start."""

    path: str
    kind: str
    x: int
    y: int
    place: str
    state: str

    @property
    def name(self) -> str:
        return self.path.rsplit(SEPARATOR, 1)[1]


class PlaceTree:
    """All places and objects of a town by path. Only rooms and areas can be gone to."""

    def __init__(self, town: str, places: Sequence[Place], objects: Sequence[Furniture]) -> None:
        self.town = town
        self.places = {place.path: place for place in places}
        self.objects = {item.path: item for item in objects}
        self.destinations = tuple(place.path for place in places if place.kind != BUILDING)

    def place(self, path: str) -> Place:
        """The room or area of that path. Raises BurghError with the nearest one that there is."""
        if path in self.destinations:
            return self.places[path]
        rooms = [other for other in self.destinations if other.startswith(path + SEPARATOR)]
        if rooms:
            raise BurghError(f"{path!r} is a building: name one of its rooms, {' or '.join(rooms)}")
        nearest = get_close_matches(path, self.destinations, n=1, cutoff=0.0)
        raise BurghError(f"there is no place {path!r} in {self.town}: the nearest name is {nearest[0]!r}")

    def objects_in(self, path: str) -> tuple[Furniture, ...]:
        return tuple(item for item in self.objects.values() if item.place == path)


def build_tree(town: str, places: Sequence[Shape], objects: Sequence[Shape], source: str) -> PlaceTree:
    """The tree of the rectangles of a map. Raises BurghError for one without a name, kind or home."""
    found = _places(town, places, source)
    items: dict[str, Furniture] = {}
    for shape in objects:
        if not shape.name or not shape.kind:
            raise BurghError(f"the object {_at(shape)} of the map {source} needs a name and a class")
        home = leaf_at(found, shape.x, shape.y)
        if home is None:
            raise BurghError(f"the object {shape.name!r} {_at(shape)} of the map {source} stands in no place")
        path = SEPARATOR.join((home.path, shape.name))
        if path in items:
            raise BurghError(f"two objects of the map {source} are {path!r}: give one another name")
        state = str(shape.properties.get("state", ""))
        items[path] = Furniture(path, shape.kind, shape.x, shape.y, home.path, state)
    return PlaceTree(town, found, tuple(items.values()))


def leaf_at(places: Sequence[Place], x: int, y: int) -> Place | None:
    """The smallest room or area at a tile."""
    holding = (place for place in places if place.kind != BUILDING and place.holds(x, y))
    return min(holding, key=lambda place: place.size, default=None)


def _places(town: str, shapes: Sequence[Shape], source: str) -> list[Place]:
    buildings = {shape.name: shape for shape in shapes if shape.kind == BUILDING}
    places: dict[str, Place] = {}
    for shape in shapes:
        if not shape.name:
            raise BurghError(f"the place {_at(shape)} of the map {source} has no name")
        if SEPARATOR.strip() in shape.name:
            raise BurghError(f"the place {shape.name!r} of the map {source} may not have a colon in its name")
        if shape.kind not in {BUILDING, ROOM, AREA}:
            raise BurghError(
                f"the place {shape.name!r} of the map {source} is of class {shape.kind!r}:"
                f" it must be {BUILDING}, {ROOM} or {AREA}"
            )
        parts = [town, shape.name]
        if shape.kind == ROOM:
            parts.insert(1, _building_of(shape, buildings, source))
        path = SEPARATOR.join(parts)
        if path in places:
            raise BurghError(f"two places of the map {source} are {path!r}: give one another name")
        phrase = str(shape.properties.get("phrase") or f"at {SEPARATOR.join(parts[1:])}")
        places[path] = Place(path, shape.kind, shape.x, shape.y, shape.width, shape.height, phrase)
    if all(place.kind == BUILDING for place in places.values()):
        raise BurghError(f"the map {source} names no room or area: nobody could be anywhere")
    return list(places.values())


def _building_of(room: Shape, buildings: Mapping[str, Shape], source: str) -> str:
    for name, shape in buildings.items():
        if shape.x <= room.x < shape.x + shape.width and shape.y <= room.y < shape.y + shape.height:
            return name
    raise BurghError(f"the room {room.name!r} {_at(room)} of the map {source} lies in no building")


def _at(shape: Shape) -> str:
    return f"at tile {shape.x}, {shape.y}"
