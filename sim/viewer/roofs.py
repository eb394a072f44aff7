"""A strip of roof behind each house: the rest of it is lifted, so that one looks in."""

from __future__ import annotations

import numpy as np

from burgh.assets.art import palette as pal
from burgh.sim.viewer.ground import TILE
from burgh.sim.viewer.noise import Mask, hash_cell, hashed, shifted
from burgh.sim.viewer.walls import OVERHANG, Pixels

ABOVE, BELOW = 12, 9  # from so far above the upper edge of its row of cells to so far below
EAVES = 3  # how far a roof reaches past its walls
COLOURS = (
    pal.ROOF,
    pal.ramp("#8f6a35", "#bd9350", "#dab873"),
    pal.ramp("#7a4a4f", "#a0656a", "#bd8584"),
    pal.ramp("#5f6b4a", "#84935f", "#a5b079"),
    pal.ramp("#9a5a34", "#c27a45", "#dd9c62"),
)
SLATE = pal.ramp("#4d566b", "#6a7690", "#8e9ab0")


def paint_roofs(strips: list[Pixels], roof: Mask, stone: Mask) -> None:
    """Paints the runs of roof cells into the strips. stone: cells whose house is of stone (slate on top)."""
    starts = roof & ~shifted(roof, 1, 0)
    for y, x0 in np.argwhere(starts):
        x1 = int(x0)
        while x1 + 1 < roof.shape[1] and roof[y, x1 + 1]:
            x1 += 1
        below = stone[min(int(y) + 1, stone.shape[0] - 1), x0 : x1 + 1]
        ramp = SLATE if below.any() else COLOURS[int(hash_cell(int(x0), int(y), 41) * len(COLOURS))]
        _paint_run(strips[y], int(x0) * TILE - EAVES, (x1 + 1) * TILE + EAVES, ramp)


def _paint_run(strip: Pixels, left: int, right: int, ramp: pal.Ramp) -> None:
    left, right = max(0, left), min(strip.shape[1], right)
    height = ABOVE + TILE - BELOW + 2
    ys, xs = np.mgrid[0:height, left:right]
    course = ys // 4
    offset = xs + 3 * (course % 2)
    tone = hashed(offset // 6, course, 42)
    dark, middle, light = ramp
    colours = np.empty((*ys.shape, 3), np.uint8)
    colours[:] = middle
    colours[tone < 0.25] = pal.mix(dark, middle, 0.55)
    colours[tone > 0.72] = pal.mix(middle, light, 0.6)
    colours[(ys % 4 == 3) | (offset % 6 == 0)] = pal.mix(dark, middle, 0.25)
    colours[(ys % 4 == 0) & (offset % 6 != 0)] = pal.mix(middle, light, 0.55)
    colours[:2] = light
    colours[2] = dark
    colours[-2] = dark
    colours[0] = colours[-1] = pal.INK
    colours[:, :3] = colours[:, -3:] = pal.TIMBER[2]
    colours[:, 0] = colours[:, -1] = pal.INK
    top = OVERHANG - ABOVE
    strip[top : top + height, left:right, :3] = colours
    strip[top : top + height, left:right, 3] = 255
