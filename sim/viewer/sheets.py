"""Puts the sprites on sheets: atlas.png with atlas.json (where each is), and tiles.png for map editors.

`python -m burgh.sim.viewer.sheets` writes them anew.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np

from burgh.assets.art import furniture, icons, nature, people
from burgh.assets.art.canvas import Canvas
from burgh.sim.viewer.cells import FLAT, TERRAINS, UNDER, WALLS, read_cells
from burgh.sim.viewer.ground import TILE, paint_ground
from burgh.sim.viewer.roofs import paint_roofs
from burgh.sim.viewer.scene import Layer, TownMap
from burgh.sim.viewer.walls import OVERHANG, paint_walls, stone_walls

SHEET_WIDTH = 256
TILESET_COLUMNS = 8
ASSETS = Path(str(files("burgh.assets")))
Boxes = dict[str, tuple[int, int, int, int]]


def atlas() -> tuple[Canvas, Boxes]:
    """All sprites on one sheet, and the box (x, y, width, height) of each."""
    sprites = {**furniture.draw(), **nature.draw(), **people.draw(), **icons.draw()}
    order = sorted(sprites, key=lambda name: (-sprites[name].height, name))
    boxes: Boxes = {}
    x = y = tall = 0
    for name in order:
        sprite = sprites[name]
        if x + sprite.width > SHEET_WIDTH:
            x, y, tall = 0, y + tall, 0
        boxes[name] = (x, y, sprite.width, sprite.height)
        x, tall = x + sprite.width, max(tall, sprite.height)
    sheet = Canvas(SHEET_WIDTH, y + tall)
    for name, (left, top, _, _) in boxes.items():
        sheet.paste(sprites[name], left, top)
    return sheet, dict(sorted(boxes.items()))


def tileset(names: list[str]) -> Canvas:
    """One 16 x 16 picture for each tile name, in order, TILESET_COLUMNS a row: what a map editor shows."""
    rows = -(-len(names) // TILESET_COLUMNS)
    sheet = Canvas(TILESET_COLUMNS * TILE, rows * TILE)
    for i, name in enumerate(names):
        x, y = i % TILESET_COLUMNS * TILE, i // TILESET_COLUMNS * TILE
        sheet.pixels[y : y + TILE, x : x + TILE] = _tile(name)
    return sheet


def _tile(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The middle of a patch of 5 x 5 tiles of that name, with what stands on it."""
    solid = name in TERRAINS or name in FLAT
    under = name if name in TERRAINS else UNDER.get(name, "floor_wood" if name in WALLS else "grass")
    ground = tuple(tuple([under] * 5) for _ in range(5))
    row = (None, name, name, name, None) if not solid or name in FLAT else (None,) * 5
    empty: tuple[str | None, ...] = (None,) * 5
    overlay = (empty, row if name in FLAT else empty, row, row if name in FLAT else empty, empty)
    if name == "door":
        overlay = (empty, empty, (None, "wall", "door", "wall", None), empty, empty)
    cells = read_cells(TownMap(5, 5, (Layer("ground", ground), Layer("walls", overlay))))
    picture = np.zeros((5 * TILE, 5 * TILE, 4), np.uint8)
    picture[..., :3], picture[..., 3] = paint_ground(cells), 255
    strips, _ = paint_walls(cells)
    paint_roofs(strips, cells.roof, stone_walls(cells))
    canvas = Canvas(5 * TILE, 5 * TILE)
    canvas.pixels = picture
    strip = Canvas(5 * TILE, OVERHANG + TILE)
    strip.pixels = strips[2]
    canvas.paste(strip, 0, 2 * TILE - OVERHANG)
    sprite = _standing(name)
    if sprite is not None:
        canvas.paste(sprite, 2 * TILE + (TILE - sprite.width) // 2, 3 * TILE - sprite.height)
    return canvas.pixels[2 * TILE : 3 * TILE, 2 * TILE : 3 * TILE]


def _standing(name: str) -> Canvas | None:
    """What stands on a tile of that name; trees small enough to fit."""
    plants = nature.draw()
    if name == "tree":
        tree = plants["tree/1"]
        small = Canvas(TILE, TILE)
        small.pixels = tree.pixels[1:41:3, 0:32:2][:TILE, :TILE].copy()
        return small
    piece = {"bush": "bush/1", "wheat": "wheat/0", "reeds": "reeds/0", "fence": "fence/we"}.get(name)
    if piece is not None:
        return plants[piece]
    if name not in {"flowers", "garden"}:
        return None
    patch = Canvas(TILE, TILE)
    kind = "flower" if name == "flowers" else "cabbage"
    for i, (x, y) in enumerate(((0, 0), (8, 1), (1, 8), (9, 9))):
        patch.paste(plants[f"{kind}/{i % 3}"], x, y)
    return patch


def write() -> None:
    """Draws all sheets anew into the assets folder."""
    import pygame

    names = (ASSETS / "maps" / "tiles.txt").read_text("utf-8").split()
    sheet, boxes = atlas()
    for canvas, name in ((sheet, "atlas.png"), (tileset(names), "tiles.png")):
        picture = pygame.image.frombuffer(canvas.pixels.tobytes(), (canvas.width, canvas.height), "RGBA")
        pygame.image.save(picture, str(ASSETS / name))
    lines = ",\n".join(f'  "{name}": {json.dumps(box)}' for name, box in boxes.items())
    (ASSETS / "atlas.json").write_text("{\n" + lines + "\n}\n", "utf-8")


if __name__ == "__main__":
    write()
