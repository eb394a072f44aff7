"""What never moves, drawn once: ground, shadows, walls, roofs, plants; and strips to hide people behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.cells import TERRAINS, Cells, read_cells
from burgh.sim.viewer.ground import TILE, Picture, paint_ground
from burgh.sim.viewer.houses import House, houses
from burgh.sim.viewer.noise import Reals, blur, hash_cell, shifted
from burgh.sim.viewer.roofs import paint_roofs
from burgh.sim.viewer.scene import Thing, TownMap
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.walls import OVERHANG, Pane, Pixels, paint_walls, stone_walls, wall_plan

_COARSE = {
    "grass": pal.GRASS[1],
    "path": pal.PATH[1],
    "cobble": pal.COBBLE[1],
    "field": pal.FIELD[1],
    "water": pal.WATER[1],
    "floor_wood": pal.FLOOR_WOOD[1],
    "floor_stone": pal.FLOOR_STONE[1],
}
TREES = (0, 1, 2, 0, 1, 3, 4, 5, 6, 5)  # how often each kind of tree stands


@dataclass(frozen=True, slots=True)
class Backdrop:
    """picture: all of it. strips: by row of cells, what stands there, OVERHANG above it (None: nothing)."""

    picture: pygame.Surface
    strips: tuple[pygame.Surface | None, ...]
    filled: tuple[bytes, ...]  # by row, for each column of cells: 1 where its strip holds anything
    panes: tuple[Pane, ...]
    houses: tuple[House, ...] = ()

    def hides(self, x: float, y: float) -> bool:
        """Whether anything south of a tile may stand before one who is on it."""
        first = max(0, int(x))
        row = int(y) + 1
        return any(any(filled[first : first + 2]) for filled in self.filled[row : row + OVERHANG // TILE])

    def cover(self, target: pygame.Surface, box: pygame.Rect, y: float, offset: tuple[int, int]) -> None:
        """Draws over a box (pixels of the map) what stands south of a row y in cells."""
        first, last = max(0, box.left // TILE), max(0, (box.right - 1) // TILE)
        for row in range(int(y) + 1, min(int(y) + 1 + OVERHANG // TILE, len(self.strips))):
            strip = self.strips[row]
            if strip is None or not any(self.filled[row][first : last + 1]):
                continue
            top = row * TILE - OVERHANG
            area = box.move(0, -top).clip(strip.get_rect())
            if area.width and area.height:
                target.blit(strip, (area.x - offset[0], area.y + top - offset[1]), area)


def paint_backdrop(town: TownMap, atlas: Atlas, things: Iterable[Thing] = ()) -> Backdrop:
    """Paints a map. A village of 60 x 40 cells takes about a second. things: chimneys stand over fires."""
    cells = read_cells(town)
    ground = paint_ground(cells)
    walls, panes = paint_walls(cells)
    paint_roofs(walls, cells.roof, stone_walls(cells))
    _shadows(ground, cells)
    picture = _surface(ground)
    _undergrowth(picture, cells, atlas)
    strips = [_strip(pixels) for pixels in walls]
    for (x, y), name in sorted(cells.standing.items(), key=lambda item: (item[0][1], item[0][0])):
        _stand(strips[y], x, y, name, cells, atlas)
    kept: list[pygame.Surface | None] = []
    for row, strip in enumerate(strips):
        empty = strip.get_bounding_rect().width == 0
        kept.append(None if empty else strip)
        if not empty:
            picture.blit(strip, (0, row * TILE - OVERHANG))
    filled = tuple(_filled(strip) for strip in strips)
    return Backdrop(picture, tuple(kept), filled, tuple(panes), houses(town, cells, things))


def coarse_backdrop(town: TownMap) -> Backdrop:
    """One flat colour a cell, in no time: what is shown while the backdrop is being painted."""
    cells = read_cells(town)
    colours = np.array([_COARSE[name] for name in TERRAINS], np.uint8)
    small = colours[cells.terrain]  # (height, width, 3)
    small[cells.wall], small[cells.door], small[cells.roof] = pal.TIMBER[1], pal.WOOD[1], pal.ROOF[1]
    for (x, y), name in cells.standing.items():
        if name in {"tree", "bush", "hedge"}:
            small[y, x] = pal.LEAF[1]
    picture = pygame.transform.scale_by(_surface(small), TILE)
    return Backdrop(picture, (None,) * cells.height, (bytes(cells.width),) * cells.height, ())


def _surface(ground: Picture) -> pygame.Surface:
    size = (ground.shape[1], ground.shape[0])
    picture = pygame.Surface(size, 0, 32)
    picture.blit(pygame.image.frombuffer(ground.tobytes(), size, "RGB"), (0, 0))
    return picture


def _strip(pixels: Pixels) -> pygame.Surface:
    size = (pixels.shape[1], pixels.shape[0])
    strip = pygame.Surface(size, pygame.SRCALPHA, 32)
    strip.blit(pygame.image.frombuffer(pixels.tobytes(), size, "RGBA"), (0, 0))
    return strip


def _filled(strip: pygame.Surface) -> bytes:
    alpha = pygame.surfarray.array_alpha(strip)  # (width, height)
    return bytes(int(column.any()) for column in alpha.reshape(-1, TILE, alpha.shape[1]))


def _shadows(ground: Picture, cells: Cells) -> None:
    """Soft shadows to the right of and below what stands: the light comes from the upper left."""
    plan = wall_plan(cells)
    cast = np.zeros_like(plan)
    for step in range(1, 7):
        cast |= shifted(plan, step, step // 2)
    for step in range(1, 4):
        cast |= shifted(plan, 0, step)
    dark = blur(cast.astype(np.float32), 1, 1) * 0.34
    for (x, y), name in cells.standing.items():
        _blob(dark, x, y, {"tree": (13.0, 5.5), "bush": (8.0, 3.5), "hedge": (9.5, 5.0)}.get(name))
    tint = np.array(pal.mix(pal.INK, (40, 40, 90), 0.6), np.float32)
    share = np.clip(dark, 0, 0.4)[..., None]
    ground[:] = (ground * (1 - share) + tint * share).astype(np.uint8)


def _blob(dark: Reals, x: int, y: int, radii: tuple[float, float] | None) -> None:
    if radii is None:
        return
    rx, ry = radii
    cx, cy = x * TILE + 10, y * TILE + 12
    x0, x1 = max(0, int(cx - rx) - 1), min(dark.shape[1], int(cx + rx) + 2)
    y0, y1 = max(0, int(cy - ry) - 1), min(dark.shape[0], int(cy + ry) + 2)
    ys, xs = np.mgrid[y0:y1, x0:x1]
    away = ((xs + 0.5 - cx) / rx) ** 2 + ((ys + 0.5 - cy) / ry) ** 2
    patch = np.where(away <= 0.55, 0.36, np.where(away <= 1.0, 0.2, 0.0)).astype(np.float32)
    dark[y0:y1, x0:x1] = np.maximum(dark[y0:y1, x0:x1], patch)


def _undergrowth(picture: pygame.Surface, cells: Cells, atlas: Atlas) -> None:
    """Tufts and single flowers on the grass, sprouts on the fields, cabbages in the gardens."""
    free = ~(cells.wall | cells.door | cells.roof)
    grass, field = cells.is_terrain("grass") & free, cells.is_terrain("field") & free
    for y, x in np.argwhere(grass):
        _tufts(picture, int(x), int(y), atlas)
    for y, x in np.argwhere(field):
        cell = (int(x), int(y))
        if cells.standing.get(cell) == "garden":
            for i in range(4):
                variant = int(hash_cell(cell[0], cell[1] // 3, 57) * 3)
                picture.blit(
                    atlas.sprite(f"cabbage/{variant}"), (x * TILE + i % 2 * 8, y * TILE + i // 2 * 8)
                )
        elif cell not in cells.standing:
            for i in range(6):
                chance = hash_cell(cell[0] * 6 + i, cell[1], 58)
                if chance > 0.35:
                    at = (x * TILE + i % 3 * 5 + 1, y * TILE + i // 3 * 8 + int(chance * 3))
                    picture.blit(atlas.sprite("sprout"), at)


def _tufts(picture: pygame.Surface, x: int, y: int, atlas: Atlas) -> None:
    for i in range(2):
        chance = hash_cell(x, y, 51 + i)
        if chance < 0.3:
            at = (x * TILE + int(chance * 29) % 9, y * TILE + int(chance * 97) % 10)
            picture.blit(atlas.sprite(f"tuft/{int(chance * 10)}"), at)
    chance = hash_cell(x, y, 53)
    if chance < 0.045:
        variant = int(chance / 0.045 * atlas.variants("flower"))
        picture.blit(atlas.sprite(f"flower/{variant}"), (x * TILE + 3 + variant * 2, y * TILE + 5))


def _stand(  # noqa: PLR0917
    strip: pygame.Surface, x: int, y: int, name: str, cells: Cells, atlas: Atlas
) -> None:
    """Puts what grows on a cell into its row's strip."""
    if name == "tree":
        kind = TREES[int(hash_cell(x // 2, y // 2, 61) * 5) + (5 if hash_cell(x, y, 62) > 0.6 else 0)]
        _put(strip, atlas.sprite(f"tree/{kind}"), x, int(hash_cell(x, y, 63) * 5) - 2, -1)
    elif name == "bush":
        _put(strip, atlas.sprite(f"bush/{int(hash_cell(x, y, 64) * 3)}"), x, 0, -1)
    elif name in ("wheat", "reeds"):
        variant = int(hash_cell(x, y, 65) * atlas.variants(name))
        _put(strip, atlas.sprite(f"{name}/{variant}"), x, 0, 0)
    elif name == "fence":
        ways = (("n", 0, -1), ("w", -1, 0), ("e", 1, 0), ("s", 0, 1))
        arms = "".join(arm for arm, dx, dy in ways if cells.standing.get((x + dx, y + dy)) == "fence")
        _put(strip, atlas.sprite(f"fence/{arms}"), x, 0, 2 if "s" in arms else 0)
    elif name == "flowers":
        for i, (dx, dy) in enumerate(((1, 1), (9, 0), (5, 6), (11, 9), (0, 10))):
            chance = hash_cell(x * 5 + i, y, 66)
            variant = int(hash_cell(x // 2, y // 2, 67) * 5 + chance * 2) % atlas.variants("flower")
            strip.blit(atlas.sprite(f"flower/{variant}"), (x * TILE + dx, OVERHANG + dy))


def _put(strip: pygame.Surface, sprite: pygame.Surface, x: int, dx: int, dy: int) -> None:
    """Stands a sprite on the lower edge of a cell, in its middle."""
    left = x * TILE + (TILE - sprite.get_width()) // 2 + dx
    strip.blit(sprite, (left, OVERHANG + TILE - sprite.get_height() + dy))
