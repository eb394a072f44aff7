"""A sheet of tiles to draw a map on, written in the format of Tiled 1.10."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TILE_PX = 16
TILESET_COLUMNS = 8
LAYERS = ("ground", "walls")
BLOCKING = {"water", "tree", "bush", "fence", "wall", "window", "roof", "hedge", "garden"}
TALL = {"hearth", "oven", "shelf", "blackboard"}  # no window behind these
COSTS = {"grass": 2, "flowers": 3, "field": 2, "wheat": 4, "reeds": 4}  # a path costs 1: people keep to paths
Rect = tuple[int, int, int, int]  # x and y of the first and of the last tile


@dataclass(frozen=True)
class House:
    """A building with its roof lifted: from the back a row of roof, a wall, floors, the front wall."""

    name: str
    x0: int
    y0: int
    x1: int
    y1: int
    door: tuple[int, int]
    rooms: Mapping[str, Rect]
    stone: bool = False


class Canvas:
    """Layers of tile names, and the places and furniture on them."""

    def __init__(
        self, town: str, width: int, height: int, tiles: Sequence[str], kinds: Sequence[str]
    ) -> None:
        self.town = town
        self.width = width
        self.height = height
        self.tiles = list(tiles)
        self.kinds = list(kinds)
        self.layers: dict[str, list[list[str | None]]] = {
            "ground": [["grass"] * width for _ in range(height)],
            "walls": [[None] * width for _ in range(height)],
        }
        self.places: list[dict[str, Any]] = []
        self.objects: list[dict[str, Any]] = []

    def at(self, layer: str, x: int, y: int) -> str | None:
        return self.layers[layer][y][x]

    def fill(self, layer: str, rect: Rect, tile: str | None) -> None:
        x0, y0, x1, y1 = rect
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                self.layers[layer][y][x] = tile

    def put(self, layer: str, x: int, y: int, tile: str | None) -> None:
        self.layers[layer][y][x] = tile

    def fence(self, rect: Rect, tile: str, gates: Sequence[tuple[int, int]] = ()) -> None:
        x0, y0, x1, y1 = rect
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                if (x in {x0, x1} or y in {y0, y1}) and (x, y) not in gates:
                    self.put("walls", x, y, tile)

    def house(self, house: House, phrase: str) -> None:
        """Draws a house and names it and its rooms."""
        self.fill(
            "ground", (house.x0, house.y0, house.x1, house.y1), "floor_stone" if house.stone else "floor_wood"
        )
        self.fill("walls", (house.x0, house.y0, house.x1, house.y1), "wall")
        self.fill("walls", (house.x0, house.y0, house.x1, house.y0), "roof")
        for rect in house.rooms.values():
            self.fill("walls", rect, None)
        for x0, y0, x1, y1 in house.rooms.values():
            for x in {x0 + 1, x1 - 1} if x1 - x0 > 2 else {x0 + (x1 - x0) // 2}:
                if y0 == house.y0 + 2:
                    self.put("walls", x, house.y0 + 1, "window")
                if y1 == house.y1 - 1:
                    self.put("walls", x, house.y1, "window")
        self.inner_door(*house.door)
        self.place(house.name, "building", (house.x0, house.y0, house.x1, house.y1), f"in {phrase}")
        for name, rect in house.rooms.items():
            within = f"in the {name.lower()} of {phrase}"
            if phrase != house.name:
                within = f"in {phrase}'s {name.lower()}" if name not in {"Floor", "Nave"} else f"in {phrase}"
            elif name == "Room":
                within = f"in {phrase}"
            self.place(name, "room", rect, within)

    def inner_door(self, x: int, y: int) -> None:
        self.put("walls", x, y, "door")

    def beside_a_door(self, x: int, y: int) -> bool:
        around = [(x + dx, y + dy) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        inside = [(a, b) for a, b in around if 0 <= a < self.width and 0 <= b < self.height]
        return any(self.at("walls", a, b) == "door" or self.at("ground", a, b) == "path" for a, b in inside)

    def place(self, name: str, kind: str, rect: Rect, phrase: str) -> None:
        self.places.append(self._object(name, kind, rect, {"phrase": phrase}))

    def furnish(self, x: int, y: int, kind: str, state: str, name: str) -> None:
        if kind not in self.kinds:
            raise ValueError(f"{kind!r} is no kind of furniture: {', '.join(self.kinds)}")
        if kind in TALL and self.at("walls", x, y - 1) == "window":
            self.put("walls", x, y - 1, "wall")
        self.objects.append(self._object(name, kind, (x, y, x, y), {"state": state}))

    def furnish_all(self, text: str) -> None:
        """Entries `x y kind state name`, the name where it is not the kind's; each ends with a semicolon."""
        for entry in text.split(";")[:-1]:
            column, row, kind, state, *words = entry.split()
            self.furnish(int(column), int(row), kind, state, " ".join(words) or kind.title())

    def _object(self, name: str, kind: str, rect: Rect, properties: Mapping[str, str]) -> dict[str, Any]:
        x0, y0, x1, y1 = rect
        return {
            "height": (y1 - y0 + 1) * TILE_PX,
            "id": len(self.places) + len(self.objects) + 1,
            "name": name,
            "properties": [{"name": k, "type": "string", "value": v} for k, v in properties.items()],
            "rotation": 0,
            "type": kind,
            "visible": True,
            "width": (x1 - x0 + 1) * TILE_PX,
            "x": x0 * TILE_PX,
            "y": y0 * TILE_PX,
        }

    def to_json(self) -> str:
        """The map as Tiled writes it."""
        layers = [self._tile_layer(n, name) for n, name in enumerate(LAYERS, 1)]
        layers.append(self._object_layer(3, "places", self.places))
        layers.append(self._object_layer(4, "objects", self.objects))
        whole = {
            "compressionlevel": -1,
            "height": self.height,
            "infinite": False,
            "layers": layers,
            "nextlayerid": len(layers) + 1,
            "nextobjectid": len(self.places) + len(self.objects) + 1,
            "orientation": "orthogonal",
            "properties": [{"name": "town", "type": "string", "value": self.town}],
            "renderorder": "right-down",
            "tiledversion": "1.10.2",
            "tileheight": TILE_PX,
            "tilesets": [self._tileset()],
            "tilewidth": TILE_PX,
            "type": "map",
            "version": "1.10",
            "width": self.width,
        }
        return json.dumps(whole, indent=1) + "\n"

    def _tile_layer(self, number: int, name: str) -> dict[str, Any]:
        gids = {tile: n for n, tile in enumerate(self.tiles, 1)}
        return {
            "data": [0 if tile is None else gids[tile] for row in self.layers[name] for tile in row],
            "height": self.height,
            "id": number,
            "name": name,
            "opacity": 1,
            "type": "tilelayer",
            "visible": True,
            "width": self.width,
            "x": 0,
            "y": 0,
        }

    def _object_layer(self, number: int, name: str, objects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            "draworder": "topdown",
            "id": number,
            "name": name,
            "objects": list(objects),
            "opacity": 1,
            "type": "objectgroup",
            "visible": True,
            "x": 0,
            "y": 0,
        }

    def _tileset(self) -> dict[str, Any]:
        rows = -(-len(self.tiles) // TILESET_COLUMNS)
        return {
            "columns": TILESET_COLUMNS,
            "firstgid": 1,
            "image": "../tiles.png",
            "imageheight": rows * TILE_PX,
            "imagewidth": TILESET_COLUMNS * TILE_PX,
            "margin": 0,
            "name": "village",
            "spacing": 0,
            "tilecount": len(self.tiles),
            "tileheight": TILE_PX,
            "tiles": [
                {
                    "id": n,
                    "properties": [
                        {"name": "blocks", "type": "bool", "value": tile in BLOCKING},
                        {"name": "cost", "type": "int", "value": COSTS.get(tile, 1)},
                    ],
                    "type": tile,
                }
                for n, tile in enumerate(self.tiles)
            ],
            "tilewidth": TILE_PX,
        }
