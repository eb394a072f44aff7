"""Reads a map in Tiled's json format: https://doc.mapeditor.org/en/stable/reference/json-map-format/."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path

from burgh.sim.types import BurghError, Json

GID_MASK = 0x0FFFFFFF  # the four bits above say how a tile is flipped


@dataclass(frozen=True, slots=True)
class Tile:
    """A kind of tile. cost: how unwelcome a step on it is (1 a path, more off the path)."""

    name: str
    blocks: bool = False
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle of an object layer, in tiles."""

    name: str
    kind: str
    x: int
    y: int
    width: int
    height: int
    properties: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TiledMap:
    """A map as it was drawn. layers: name -> rows of tiles or None, bottom layer first."""

    source: str
    width: int
    height: int
    tile_px: int
    properties: Mapping[str, Json]
    layers: Mapping[str, Sequence[Sequence[Tile | None]]]
    shapes: Mapping[str, Sequence[Shape]]


def read_tiled(path: Path | Traversable) -> TiledMap:
    """The map in a file. Raises BurghError, one sentence, for whatever is wrong with it."""
    source = str(path)
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BurghError(f"the map {source} cannot be read: {reason.lower()}") from None
    except UnicodeDecodeError:
        raise BurghError(f"the map {source} is not text: it must be a map that Tiled saved as json") from None
    except json.JSONDecodeError as error:
        raise BurghError(f"the map {source} is not json: {error.msg} in line {error.lineno}") from None
    return parse_tiled(raw, source)


def parse_tiled(raw: Json, source: str) -> TiledMap:
    """The map in parsed json. Raises BurghError as `read_tiled` does."""
    if not isinstance(raw, Mapping) or raw.get("type") != "map":
        raise BurghError(f'the map {source} is no Tiled map: it has no "type": "map"')
    if raw.get("infinite"):
        raise BurghError(f"the map {source} is infinite: switch that off in its map properties")
    try:
        return _parse(raw, source)
    except KeyError as error:
        raise BurghError(f"the map {source} lacks {error.args[0]!r}, which every Tiled map has") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise BurghError(f"the map {source} is not as Tiled writes it: {error}") from None


def _parse(raw: Mapping[str, Json], source: str) -> TiledMap:
    width, height, tile_px = int(raw["width"]), int(raw["height"]), int(raw["tilewidth"])
    if min(width, height, tile_px) < 1:
        raise BurghError(f"the map {source} is {width} x {height} tiles of {tile_px} pixels: none may be 0")
    tiles = _tiles(raw["tilesets"], source)
    layers: dict[str, Sequence[Sequence[Tile | None]]] = {}
    shapes: dict[str, Sequence[Shape]] = {}
    for layer in raw["layers"]:
        name = str(layer["name"])
        if layer["type"] == "tilelayer":
            layers[name] = _rows(layer, tiles, width, height, source)
        elif layer["type"] == "objectgroup":
            shapes[name] = [_shape(item, tile_px) for item in layer["objects"]]
    return TiledMap(source, width, height, tile_px, _properties(raw), layers, shapes)


def _properties(raw: Mapping[str, Json]) -> dict[str, Json]:
    return {str(item["name"]): item["value"] for item in raw.get("properties", ())}


def _tiles(tilesets: Sequence[Mapping[str, Json]], source: str) -> dict[int, Tile]:
    tiles = {}
    for tileset in tilesets:
        if "source" in tileset:
            raise BurghError(
                f"the map {source} keeps its tileset in {tileset['source']!r}:"
                " in Tiled, embed it in the map (Map > Embed Tilesets)"
            )
        first = int(tileset["firstgid"])
        for raw in tileset.get("tiles", ()):
            properties = _properties(raw)
            name = str(raw.get("type") or raw.get("class") or "")
            cost = int(properties.get("cost", 1))
            tiles[first + int(raw["id"])] = Tile(name, bool(properties.get("blocks")), max(1, cost))
    return tiles


def _rows(
    layer: Mapping[str, Json], tiles: Mapping[int, Tile], width: int, height: int, source: str
) -> list[list[Tile | None]]:
    data, name = layer["data"], layer["name"]
    if not isinstance(data, list):
        raise BurghError(
            f"the layer {name!r} of the map {source} is compressed:"
            " in Tiled, set Map > Map Properties > Tile Layer Format to CSV"
        )
    if len(data) != width * height:
        raise BurghError(
            f"the layer {name!r} of the map {source} has {len(data)} tiles, not {width} x {height}"
        )
    row: list[Tile | None] = []
    for gid in data:
        tile = None if gid == 0 else tiles.get(gid & GID_MASK)
        if gid != 0 and (tile is None or not tile.name):
            raise BurghError(
                f"the layer {name!r} of the map {source} holds the tile {gid & GID_MASK},"
                " to which the tileset gives no class"
            )
        row.append(tile)
    return [row[start : start + width] for start in range(0, len(row), width)]


def _shape(raw: Mapping[str, Json], tile_px: int) -> Shape:
    return Shape(
        name=str(raw.get("name", "")),
        kind=str(raw.get("type") or raw.get("class") or ""),
        x=int(raw["x"]) // tile_px,
        y=int(raw["y"]) // tile_px,
        width=max(1, round(raw["width"] / tile_px)),
        height=max(1, round(raw["height"] / tile_px)),
        properties=_properties(raw),
    )
