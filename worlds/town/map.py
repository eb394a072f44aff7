"""A town's map: what can be walked on, which place each tile is in, and where one can stand."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from burgh.sim.types import BurghError, Json
from burgh.worlds.town.called import in_language
from burgh.worlds.town.paths import FlowFields
from burgh.worlds.town.places import Furniture, Place, PlaceTree, build_tree, leaf_at
from burgh.worlds.town.tiled import TiledMap, read_tiled

STEPPED_ON = frozenset({"bed", "chair", "bench", "pew"})  # furniture that one is on, not beside
DOOR = "door"
NOWHERE = -1


class TownMap:
    """A tile is one number, y * width + x. Arrays are over tiles.

    walkable: bool (n_tiles,). place_of: index into `destinations`, or NOWHERE, int (n_tiles,).
    """

    def __init__(self, drawn: TiledMap) -> None:
        for kind, present, name in (
            ("tile layer", drawn.layers, "ground"),
            ("tile layer", drawn.layers, "walls"),
            ("object layer", drawn.shapes, "places"),
            ("object layer", drawn.shapes, "objects"),
        ):
            if name not in present:
                raise BurghError(f"the map {drawn.source} has no {kind} named {name!r}")
        self.drawn = drawn
        self.width, self.height = drawn.width, drawn.height
        self.town = str(drawn.properties.get("town") or "Town")
        self.tree: PlaceTree = build_tree(
            self.town, drawn.shapes["places"], drawn.shapes["objects"], drawn.source
        )
        self.destinations = self.tree.destinations
        self.walkable, self.doors, cost = self._ground()
        self.place_of = self._place_of()
        self.fields = FlowFields(self.width, self.height, self.walkable, cost)
        self._standing: dict[str, tuple[int, ...]] = {}
        for path in self.destinations:
            if not self.standing(path):
                raise BurghError(f"nobody can get to {path!r} in the map {drawn.source}: open a way")

    def own(self) -> TownMap:
        """A map to which things can be added without their standing in this one."""
        twin = copy(self)
        twin.tree = PlaceTree(self.town, tuple(self.tree.places.values()), tuple(self.tree.objects.values()))
        twin._standing = dict(self._standing)
        return twin

    def add(self, item: Furniture) -> None:
        """Puts a thing where one can walk; it is in nobody's way."""
        self.tree.objects[item.path] = item

    def tile(self, x: int, y: int) -> int:
        return y * self.width + x

    def xy(self, tile: int) -> tuple[int, int]:
        return tile % self.width, tile // self.width

    def place_at(self, tile: int) -> Place:
        """The room or area a walkable tile is in."""
        return self.tree.places[self.destinations[self.place_of[tile]]]

    @cached_property
    def outdoors(self) -> NDArray[np.bool_]:
        """Whether each destination is out of doors: bool (n_destinations,)."""
        return np.array([self.tree.places[path].outdoors for path in self.destinations])

    def standing(self, path: str) -> tuple[int, ...]:
        """The tiles of a room, area or object at which to stand, best first: near its middle, every other
        tile before those between, so that people stand a little apart; never in a doorway."""
        if path not in self._standing:
            item = self.tree.objects.get(path)
            self._standing[path] = self._beside(item) if item else self._spread(self.tree.places[path])
        return self._standing[path]

    def scene(self, states: Mapping[str, str]) -> dict[str, Json]:
        """What can be drawn, as the `scene` event holds it."""
        return {
            "kind": "tiles",
            "width": self.width,
            "height": self.height,
            "tile_px": self.drawn.tile_px,
            "layers": [
                {"name": name, "rows": [[tile.name if tile else None for tile in row] for row in rows]}
                for name, rows in self.drawn.layers.items()
            ],
            "places": [
                {"path": p.path, "kind": p.kind, "x": p.x, "y": p.y, "width": p.width, "height": p.height}
                for p in self.tree.places.values()
            ],
            "objects": [
                {"path": o.path, "kind": o.kind, "x": o.x, "y": o.y, "state": states[o.path]}
                for o in self.tree.objects.values()
            ],
        }

    def _ground(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int32]]:
        """What can be walked on, what is a doorway, and what a step onto each tile costs."""
        n_tiles = self.width * self.height
        walkable, doors = np.ones(n_tiles, bool), np.zeros(n_tiles, bool)
        cost = np.ones(n_tiles, np.int32)
        for rows in self.drawn.layers.values():
            for number, tile in enumerate(tile for row in rows for tile in row):
                if tile is not None:
                    walkable[number] &= not tile.blocks
                    doors[number] |= tile.name == DOOR
                    cost[number] = max(cost[number], tile.cost)
        for item in self.tree.objects.values():
            if item.kind not in STEPPED_ON:
                walkable[self.tile(item.x, item.y)] = False
        return _connected(walkable, self.width), doors, cost

    def _place_of(self) -> NDArray[np.int32]:
        numbers = {path: number for number, path in enumerate(self.destinations)}
        places = tuple(self.tree.places.values())
        place_of = np.full(self.width * self.height, NOWHERE, np.int32)
        for tile in np.flatnonzero(self.walkable):
            home = leaf_at(places, *self.xy(int(tile)))
            if home is not None:
                place_of[tile] = numbers[home.path]
        for tile in np.flatnonzero(self.doors & self.walkable):  # a doorway belongs to the room it opens into
            around = [place_of[other] for other in self._around(int(tile)) if self.walkable[other]]
            known = [self.destinations[n] for n in around if n != NOWHERE]
            rooms = [path for path in known if not self.tree.places[path].outdoors]
            if rooms:
                place_of[tile] = numbers[rooms[0]]
        lost = np.flatnonzero(self.walkable & (place_of == NOWHERE))
        if lost.size:
            x, y = self.xy(int(lost[0]))
            raise BurghError(f"the tile {x}, {y} of the map {self.drawn.source} is walked on but in no place")
        return place_of

    def _around(self, tile: int) -> list[int]:
        x, y = self.xy(tile)
        near = ((x, y - 1), (x - 1, y), (x + 1, y), (x, y + 1))
        return [self.tile(a, b) for a, b in near if 0 <= a < self.width and 0 <= b < self.height]

    def _tiles_of(self, path: str) -> list[int]:
        inside = (self.place_of == self.destinations.index(path)) & ~self.doors
        return [int(tile) for tile in np.flatnonzero(inside)]

    def _spread(self, place: Place) -> tuple[int, ...]:
        middle_x, middle_y = place.x + (place.width - 1) // 2, place.y + (place.height - 1) // 2

        def order(tile: int) -> tuple[bool, int, int]:
            dx, dy = self.xy(tile)[0] - middle_x, self.xy(tile)[1] - middle_y
            return (dx + dy) % 2 == 1, dx * dx + dy * dy, tile

        return tuple(sorted(self._tiles_of(place.path), key=order))

    def _beside(self, item: Furniture) -> tuple[int, ...]:
        def order(tile: int) -> tuple[int, int]:
            x, y = self.xy(tile)
            far = abs(x - item.x) + abs(y - item.y)
            return far if far or item.kind in STEPPED_ON else len(self.walkable), tile

        return tuple(sorted(self._tiles_of(item.place), key=order))


def _connected(walkable: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The largest part of the walkable tiles in which one can get from anywhere to anywhere."""
    parts, count = label(walkable.reshape(-1, width))
    if count == 0:
        return walkable
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0  # what cannot be walked on
    largest: NDArray[np.bool_] = (parts == sizes.argmax()).ravel()
    return largest


def load_map(path: Path | Traversable, language: str = "en") -> TownMap:
    """The town drawn in a Tiled file, with its names in a language where there is a list of them beside it.

    Raises BurghError, one sentence, for whatever is wrong with it.
    """
    drawn = read_tiled(path)
    return TownMap(drawn if language == "en" else in_language(drawn, path, language))


def village() -> TownMap:
    """The village of Burgh, which comes with this package."""
    return load_map(files("burgh.assets") / "maps" / "village.json")
