"""Walls and hedges with height: a plan of where they stand is raised, showing a front face and a top.

Everything that stands up is painted on strips, one for each row of cells, so that people can be drawn
behind what is south of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burgh.assets.art import palette as pal
from burgh.sim.viewer.cells import Cells
from burgh.sim.viewer.ground import TILE
from burgh.sim.viewer.noise import Mask, hashed, shifted, upsampled

RISE = 13  # how high walls are, pixels
INSET = 5  # a wall is TILE - 2 * INSET thick
FOOT = TILE - INSET  # the row of a cell's pixels at which a wall's front ends
HEDGE_RISE = 6
OVERHANG = 3 * TILE  # how far a strip reaches up above its row

Pixels = NDArray[np.uint8]  # (height, width, 4)
Where = NDArray[np.intp]
_Face = Callable[[int, Where, Where], NDArray[np.uint8]]  # height above ground, xs, ys: colours (n, 3)
_Top = Callable[[Where, Where, Mask, Mask], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Pane:
    """A window as it is drawn, in pixels of the map; it is lit at night."""

    x: int
    y: int
    width: int
    height: int


def wall_plan(cells: Cells) -> Mask:
    """Where walls touch the ground, in pixels: joined to their neighbours and to doors."""
    return _plan(cells.wall, cells.wall | cells.door, INSET)


def _plan(cells: Mask, joins: Mask, inset: int) -> Mask:
    plan = np.zeros((cells.shape[0] * TILE, cells.shape[1] * TILE), np.bool_)
    far = TILE - inset
    reach = {
        (-1, 0): (slice(inset, far), slice(0, far)),
        (1, 0): (slice(inset, far), slice(inset, TILE)),
        (0, -1): (slice(0, far), slice(inset, far)),
        (0, 1): (slice(inset, TILE), slice(inset, far)),
    }
    tiles = plan.reshape(cells.shape[0], TILE, cells.shape[1], TILE)
    tiles[:, inset:far, :, inset:far] |= cells[:, None, :, None]
    for (dx, dy), (rows, columns) in reach.items():
        joined = cells & shifted(joins, -dx, -dy)
        tiles[:, rows, :, columns] |= joined[:, None, :, None]
    return plan


def paint_walls(cells: Cells) -> tuple[list[Pixels], list[Pane]]:
    """Strips of shape (OVERHANG + TILE, width, 4), one a row of cells, and the windows on them."""
    width = cells.width * TILE
    strips = [np.zeros((OVERHANG + TILE, width, 4), np.uint8) for _ in range(cells.height)]
    plan = wall_plan(cells)
    stone = upsampled(stone_walls(cells), TILE)
    _raise(strips, plan, RISE, lambda h, xs, ys: _wall_face(h, xs, stone[ys, xs]), _wall_top)
    hedge = np.zeros((cells.height, cells.width), np.bool_)
    for (x, y), name in cells.standing.items():
        hedge[y, x] = name == "hedge"
    if hedge.any():
        _raise(strips, _plan(hedge, hedge, 2), HEDGE_RISE, _leaf_face, _leaf_top)
    panes = _windows(strips, cells)
    _doors(strips, cells)
    return strips, panes


def _raise(strips: list[Pixels], plan: Mask, rise: int, face: _Face, top: _Top) -> None:
    """Paints a plan's fronts and tops into the strips of the rows where they stand."""
    south = plan & ~shifted(plan, 0, -1)
    edge = plan & ~(shifted(plan, 1, 0) & shifted(plan, -1, 0) & shifted(plan, 0, 1) & shifted(plan, 0, -1))
    ys, xs = np.nonzero(south)
    for h in range(rise):
        _put(strips, ys, xs, h, face(h, xs, ys))
    ys, xs = np.nonzero(plan)
    _put(strips, ys, xs, rise, top(xs, ys, edge[ys, xs], south[ys, xs]))


def _put(strips: list[Pixels], ys: Where, xs: Where, up: int, colours: NDArray[np.uint8]) -> None:
    rows = ys // TILE
    for row in np.unique(rows):
        here = rows == row
        strip = strips[row]
        y = ys[here] - row * TILE + OVERHANG - up
        strip[y, xs[here], :3] = colours[here]
        strip[y, xs[here], 3] = 255


def _wall_face(h: int, xs: Where, stone: Mask) -> NDArray[np.uint8]:
    """Plaster between timbers; or courses of stone."""
    colours = np.empty((len(xs), 3), np.uint8)
    dark, middle, light = pal.PLASTER
    plaster = pal.mix(dark, middle, min(1.0, h / 5)) if h < RISE - 2 else pal.mix(dark, middle, 0.35)
    if RISE - 6 <= h < RISE - 2:
        plaster = pal.mix(middle, light, 0.6)
    colours[:] = plaster
    stud = (xs % 16 < 2) | (xs % 16 == 15)
    colours[stud] = pal.TIMBER[1]
    colours[xs % 16 == 15] = pal.TIMBER[2]
    if h in (0, RISE - 1):
        colours[:] = pal.TIMBER[0] if h == 0 else pal.TIMBER[1]
    course = h // 4
    joint = ((xs + 4 * (course % 2)) % 8 == 0) | (h % 4 == 0)
    block = hashed((xs + 4 * (course % 2)) // 8, np.full_like(xs, course), 21)
    tone = np.where(block[:, None] > 0.6, pal.STONE[2], pal.mix(pal.STONE[1], pal.STONE[2], 0.4))
    bricks = np.where(joint[:, None], pal.mix(pal.STONE[0], pal.STONE[1], 0.5), tone)
    return np.where(stone[:, None], bricks, colours).astype(np.uint8)


def _wall_top(xs: Where, ys: Where, edge: Mask, south: Mask) -> NDArray[np.uint8]:
    colours = np.empty((len(xs), 3), np.uint8)
    colours[:] = pal.mix(pal.TIMBER[1], pal.TIMBER[2], 0.6)
    colours[hashed(xs // 3, ys // 3, 22) > 0.8] = pal.TIMBER[2]
    colours[edge] = pal.TIMBER[0]
    colours[south] = pal.mix(pal.TIMBER[2], pal.WOOD[2], 0.5)
    return colours


def _leaf_face(h: int, xs: Where, ys: Where) -> NDArray[np.uint8]:
    colours = np.empty((len(xs), 3), np.uint8)
    colours[:] = pal.LEAF[0]
    colours[hashed(xs // 2, ys + h, 23) > 0.6] = pal.LEAF[1] if h > 1 else pal.shade(pal.LEAF[0], 0.85)
    return colours


def _leaf_top(xs: Where, ys: Where, edge: Mask, south: Mask) -> NDArray[np.uint8]:
    colours = np.empty((len(xs), 3), np.uint8)
    colours[:] = pal.LEAF[1]
    chance = hashed(xs // 2, ys // 2, 24)
    colours[chance > 0.62] = pal.LEAF[2]
    colours[chance < 0.2] = pal.LEAF[0]
    colours[edge & ~south] = pal.shade(pal.LEAF[0], 0.8)
    return colours


def stone_walls(cells: Cells) -> Mask:
    """Walls beside stone floors, and not beside wooden ones, are of stone."""
    stone, wood = _around(cells.is_terrain("floor_stone")), _around(cells.is_terrain("floor_wood"))
    return cells.wall & stone & ~wood


def _around(mask: Mask) -> Mask:
    wide = mask | shifted(mask, 1, 0) | shifted(mask, -1, 0)
    return wide | shifted(wide, 0, 1) | shifted(wide, 0, -1)


def _windows(strips: list[Pixels], cells: Cells) -> list[Pane]:
    """On a front: a framed pane; in a wall that runs away from the eye: a light on its top."""
    panes = []
    for y, x in np.argwhere(cells.window):
        strip, left = strips[y], x * TILE
        below = y + 1 < cells.height and (cells.wall[y + 1, x] or cells.door[y + 1, x])
        box = (left + 5, OVERHANG + 5 - RISE, 6, 8) if below else (left + 3, OVERHANG + FOOT - 10, 10, 7)
        bx, by, bw, bh = box
        strip[by : by + bh, bx : bx + bw] = (*pal.TIMBER[0], 255)
        strip[by + 1 : by + bh - 1, bx + 1 : bx + bw - 1] = (*pal.GLASS[1], 255)
        strip[by + 1 : by + 3, bx + 1 : bx + bw // 2] = (*pal.GLASS[2], 255)
        if not below:
            strip[by + 1 : by + bh - 1, bx + bw // 2] = (*pal.TIMBER[1], 255)
            strip[by + bh - 1, bx - 1 : bx + bw + 1] = (*pal.TIMBER[2], 255)
        panes.append(Pane(int(bx) + 1, int(y) * TILE - OVERHANG + by + 1, bw - 2, bh - 2))
    return panes


def _doors(strips: list[Pixels], cells: Cells) -> None:
    """An open doorway: posts of timber where the wall ends, and an open leaf."""
    for y, x in np.argwhere(cells.door):
        strip, left = strips[y], x * TILE
        sideways = x > 0 and x + 1 < cells.width and cells.wall[y, x - 1] and cells.wall[y, x + 1]
        if sideways:
            strip[OVERHANG + 1 : OVERHANG + FOOT, left + 2 : left + TILE - 2] = (*pal.FLOOR_WOOD[0], 255)
            outer = y + 1 < cells.height and not cells.floor[y + 1, x]
            step = (pal.STONE[2], pal.STONE[0]) if outer else (pal.FLOOR_WOOD[0], pal.FLOOR_WOOD[0])
            strip[OVERHANG + FOOT : OVERHANG + FOOT + 2, left + 1 : left + TILE - 1] = (*step[0], 255)
            strip[OVERHANG + FOOT + 2, left + 1 : left + TILE - 1] = (*step[1], 255)
            for dx in (0, TILE - 2):
                strip[OVERHANG - 3 : OVERHANG + FOOT, left + dx : left + dx + 2] = (*pal.TIMBER[1], 255)
                strip[OVERHANG - 8 : OVERHANG - 3, left + dx : left + dx + 2] = (*pal.TIMBER[2], 255)
            leaf = strip[OVERHANG - 4 : OVERHANG + FOOT, left + 2 : left + 5]
            leaf[:] = (*pal.WOOD[1], 255)
            leaf[:, 2] = (*pal.WOOD[0], 255)
            leaf[:2] = (*pal.WOOD[2], 255)
            strip[OVERHANG + 3, left + 4, :3] = pal.WHEAT[2]
        else:
            strip[OVERHANG : OVERHANG + TILE - RISE, left + INSET : left + FOOT] = (*pal.FLOOR_WOOD[0], 255)
            for dy in (-RISE, TILE - RISE - 3):
                strip[OVERHANG + dy : OVERHANG + dy + 3, left + INSET : left + FOOT] = (*pal.TIMBER[2], 255)
