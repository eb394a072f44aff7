"""Paints the ground pixel by pixel: soft, wavering edges between terrains, shores, planks and flagstones.

Where two terrains meet, each cell's share is blurred and roughened, and the stronger one wins the pixel: so
paths have round corners and grass hangs over their edges, whatever the map's shapes are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from burgh.assets.art import palette as pal
from burgh.sim.viewer.cells import SOFT, Cells
from burgh.sim.viewer.noise import Mask, Reals, blur, hashed, shifted, smooth, upsampled

TILE = 16
Where = NDArray[np.intp]
Picture = NDArray[np.uint8]  # (height, width, 3)


def paint_ground(cells: Cells) -> Picture:
    """The whole ground, TILE pixels a cell."""
    height, width = cells.height * TILE, cells.width * TILE
    ys, xs = np.mgrid[0:height, 0:width]
    soft = _soft_terrains(cells, height, width)
    picture = np.zeros((height, width, 3), np.uint8)
    _grass(picture, soft["grass"], xs, ys)
    _path(picture, soft["path"], xs, ys)
    _cobble(picture, soft["cobble"], xs, ys)
    _field(picture, soft["field"], xs, ys)
    _water(picture, soft["water"], xs, ys)
    _lips(picture, soft)
    for name, paint in (("floor_wood", _floor_wood), ("floor_stone", _floor_stone)):
        mask = _floor_pixels(cells, cells.is_terrain(name))
        paint(picture, mask, xs, ys)
    _flat(picture, cells, xs, ys)
    return picture


def _soft_terrains(cells: Cells, height: int, width: int) -> dict[str, Mask]:
    closed = cells.floor | cells.wall | cells.door
    strengths = []
    for i, name in enumerate(SOFT):
        share = upsampled(cells.is_terrain(name) & ~closed, TILE).astype(np.float32)
        rough = (smooth(height, width, 5, 11 + i) - 0.5) * 0.34 + (
            smooth(height, width, 12, 31 + i) - 0.5
        ) * 0.2
        strengths.append(blur(share, 4) + (0.01 if name == "grass" else 0) + rough * (blur(share, 3) > 0.02))
    best = np.argmax(np.stack(strengths), axis=0)
    return {name: best == i for i, name in enumerate(SOFT)}


def _fill(picture: Picture, mask: Mask, colour: pal.Colour) -> None:
    picture[mask] = colour


def _tones(  # noqa: PLR0917
    picture: Picture, mask: Mask, ramp: pal.Ramp, value: Reals, low: float, high: float
) -> None:
    _fill(picture, mask, ramp[1])
    _fill(picture, mask & (value < low), ramp[0])
    _fill(picture, mask & (value > high), ramp[2])


def _grass(picture: Picture, mask: Mask, xs: Where, ys: Where) -> None:
    height, width = mask.shape
    hills = smooth(height, width, 40, 1) * 0.7 + smooth(height, width, 11, 2) * 0.3
    hills = hills + (hashed(xs, ys, 3) - 0.5) * 0.06
    dark, middle, light = pal.GRASS
    _tones(
        picture, mask, (pal.mix(dark, middle, 0.55), middle, pal.mix(middle, light, 0.45)), hills, 0.36, 0.62
    )
    grain = hashed(xs, ys, 4)
    blade = mask & (grain > 0.988)
    _fill(picture, blade, dark)
    _fill(picture, shifted(blade, 0, -1) & mask, light)
    _fill(picture, mask & (grain < 0.006), light)


def _path(picture: Picture, mask: Mask, xs: Where, ys: Where) -> None:
    height, width = mask.shape
    dark, middle, light = pal.PATH
    worn = smooth(height, width, 14, 5) + (hashed(xs, ys, 6) - 0.5) * 0.15
    _tones(picture, mask, (pal.mix(dark, middle, 0.6), middle, pal.mix(middle, light, 0.6)), worn, 0.36, 0.64)
    pebble = mask & (hashed(xs, ys, 7) > 0.991)
    _fill(picture, pebble | (shifted(pebble, 1, 0) & mask), light)
    _fill(picture, shifted(pebble, 0, 1) & mask, dark)


def _cobble(picture: Picture, mask: Mask, xs: Where, ys: Where) -> None:
    """Stones as the cells about jittered points: mortar where the two nearest are equally far."""
    if not mask.any():
        return
    size, n = 6, 16
    side = size * n
    py, px = np.mgrid[0:side, 0:side].astype(np.float32)
    gy, gx = np.mgrid[0:n, 0:n]
    best = np.full((side, side), 1e9, np.float32)
    second, owner = best.copy(), np.zeros((side, side), np.int32)
    for cy, cx in zip(gy.ravel(), gx.ravel(), strict=True):
        jitter = hashed(np.array([cx, cx + 99]), np.array([cy, cy]), 8)
        x, y = (cx + 0.2 + 0.6 * jitter[0]) * size, (cy + 0.2 + 0.6 * jitter[1]) * size
        dx = np.abs(px + 0.5 - x)
        dy = np.abs(py + 0.5 - y)
        away = np.hypot(np.minimum(dx, side - dx), np.minimum(dy, side - dy) * 1.25).astype(np.float32)
        nearer = away < best
        second = np.where(nearer, best, np.minimum(second, away))
        owner = np.where(nearer, cy * n + cx, owner)
        best = np.where(nearer, away, best)
    mortar, tone = (second - best) < 1.1, hashed(owner, owner // n, 9)
    dark, middle, light = pal.COBBLE
    patch = np.zeros((side, side, 3), np.uint8)
    every = np.ones((side, side), np.bool_)
    _tones(patch, every, (pal.mix(dark, middle, 0.7), middle, pal.mix(middle, light, 0.5)), tone, 0.25, 0.72)
    lit = ~mortar & np.roll(mortar, (1, 0), (0, 1))
    patch[lit] = pal.mix(middle, light, 0.75)
    patch[mortar] = pal.mix(dark, middle, 0.35)
    rows, columns = -(-mask.shape[0] // side), -(-mask.shape[1] // side)
    tiled = np.tile(patch, (rows, columns, 1))[: mask.shape[0], : mask.shape[1]]
    picture[mask] = tiled[mask]


def _field(picture: Picture, mask: Mask, xs: Where, ys: Where) -> None:
    dark, middle, light = pal.FIELD
    wave = (smooth(mask.shape[0], mask.shape[1], 9, 12) * 2).astype(int)
    furrow = (ys + wave) % 5
    _fill(picture, mask, middle)
    _fill(picture, mask & (furrow == 0), dark)
    _fill(picture, mask & (furrow == 1), pal.mix(dark, middle, 0.5))
    _fill(picture, mask & (furrow == 3), pal.mix(middle, light, 0.6))
    _fill(picture, mask & (hashed(xs, ys, 13) > 0.985), light)


def _water(picture: Picture, mask: Mask, xs: Where, ys: Where) -> None:
    if not mask.any():
        return
    dark, middle, light = pal.WATER
    depth = blur(mask.astype(np.float32), 9) + (smooth(mask.shape[0], mask.shape[1], 8, 14) - 0.5) * 0.12
    _fill(picture, mask, middle)
    _fill(picture, mask & (depth > 0.93), pal.mix(dark, middle, 0.35))
    _fill(picture, mask & (depth < 0.66), pal.mix(middle, light, 0.55))
    ripple = mask & (hashed(xs // 5, ys, 15) > 0.965) & (ys % 3 == 0) & (depth > 0.6)
    _fill(picture, ripple, pal.mix(middle, light, 0.7))
    # seen from the south, the bank on the north side shows its earth
    for dy in range(1, 5):
        bank = mask & ~shifted(mask, 0, dy)
        bank[:dy] = False
        _fill(picture, bank & shifted(~mask, 0, dy), pal.BANK if dy < 4 else pal.shade(pal.BANK, 0.75))
    shore = _border(mask)
    north = mask & shifted(~mask, 0, 1)
    _fill(picture, shore & ~north, pal.FOAM)
    _fill(picture, mask & shifted(~mask, 0, 5) & ~shifted(~mask, 0, 4), pal.FOAM)


def _border(mask: Mask) -> Mask:
    """Pixels of a mask beside pixels that are not of it; the picture's own edge is no border."""
    out = ~mask
    return mask & (shifted(out, 1, 0) | shifted(out, -1, 0) | shifted(out, 0, 1) | shifted(out, 0, -1))


def _lips(picture: Picture, soft: dict[str, Mask]) -> None:
    """Grass stands a little over what it borders on: a dark edge of blades, and a shadow below it."""
    grass = soft["grass"]
    for name, ramp in (("path", pal.PATH), ("cobble", pal.COBBLE), ("field", pal.FIELD)):
        other = soft[name]
        _fill(picture, other & shifted(grass, 0, 1), pal.shade(ramp[0], 0.82))
        _fill(picture, other & shifted(grass, 0, 2) & ~shifted(grass, 0, 1), ramp[0])
        _fill(picture, other & (shifted(grass, 1, 0) | shifted(grass, -1, 0)), ramp[0])
    rest = ~grass
    _fill(picture, grass & (shifted(rest, 0, -1) | shifted(rest, 1, 0) | shifted(rest, -1, 0)), pal.GRASS[0])
    _fill(picture, grass & shifted(rest, 0, 1), pal.GRASS[2])


def _floor_pixels(cells: Cells, floor: Mask) -> Mask:
    """Floors reach half-way under the walls around them: a wall stands between inside and outside."""
    pixels = upsampled(floor & ~cells.door, TILE)
    wall, room = cells.wall | cells.door, floor & ~cells.door
    half = TILE // 2
    for dx, left in ((-1, 0), (1, half)):
        for dy, top in ((-1, 0), (1, half)):
            near = shifted(room, -dx, 0) | shifted(room, 0, -dy) | shifted(room, -dx, -dy)
            for y, x in np.argwhere(wall & near):
                pixels[y * TILE + top :, x * TILE + left :][:half, :half] = True
    return pixels


def _floor_wood(picture: Picture, mask: Mask, xs: Where, ys: Where) -> None:
    dark, middle, light = pal.FLOOR_WOOD
    row = ys // 5
    offset = (hashed(row, row * 0, 16) * 24).astype(int)
    plank = (xs + offset) // 24
    tone = hashed(plank, row, 17)
    _tones(picture, mask, (pal.mix(dark, middle, 0.6), middle, pal.mix(middle, light, 0.5)), tone, 0.3, 0.7)
    _fill(picture, mask & (ys % 5 == 0), pal.mix(dark, middle, 0.25))
    _fill(picture, mask & ((xs + offset) % 24 == 0), pal.mix(dark, middle, 0.25))
    _fill(picture, mask & (ys % 5 == 1) & (tone > 0.55), pal.mix(middle, light, 0.8))


def _floor_stone(picture: Picture, mask: Mask, xs: Where, ys: Where) -> None:
    dark, middle, light = pal.FLOOR_STONE
    tone = hashed(xs // 8, ys // 8, 18) * 0.5 + ((xs // 8 + ys // 8) % 2) * 0.5
    _tones(picture, mask, (pal.mix(dark, middle, 0.5), middle, pal.mix(middle, light, 0.5)), tone, 0.3, 0.62)
    _fill(picture, mask & ((xs % 8 == 0) | (ys % 8 == 0)), pal.mix(dark, middle, 0.3))
    _fill(picture, mask & (ys % 8 == 1) & (xs % 8 > 0), pal.mix(middle, light, 0.7))


def _flat(picture: Picture, cells: Cells, xs: Where, ys: Where) -> None:
    rug = np.zeros((cells.height, cells.width), np.bool_)
    bridge = np.zeros_like(rug)
    for (x, y), name in cells.flat.items():
        (rug if name == "rug" else bridge)[y, x] = True
    if rug.any():
        wide = upsampled(rug, TILE)
        inner = [
            shifted(wide, dx * k, dy * k) for k in (2, 3, 5) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        cloth = wide & np.logical_and.reduce(inner[:4])
        _fill(picture, cloth, pal.RED[0])
        _fill(picture, wide & np.logical_and.reduce(inner[4:8]), pal.WHEAT[1])
        middle = wide & np.logical_and.reduce(inner[8:])
        _fill(picture, middle, pal.RED[1])
        _fill(picture, middle & ((xs + ys) % 8 == 0), pal.RED[2])
        _fill(picture, middle & ((xs - ys) % 8 == 0), pal.RED[2])
    if bridge.any():
        _bridge(picture, cells, bridge, xs, ys)


def _bridge(picture: Picture, cells: Cells, bridge: Mask, xs: Where, ys: Where) -> None:
    """Boards lie across the way: the way runs where water does not."""
    wet = cells.is_terrain("water") & ~bridge
    deck = upsampled(bridge, TILE)
    beside = (wet & shifted(bridge, 1, 0)) | (wet & shifted(bridge, -1, 0))
    along_y = beside.sum() > (wet & (shifted(bridge, 0, 1) | shifted(bridge, 0, -1))).sum()
    across = ys if along_y else xs
    dark, middle, light = pal.WOOD
    tone = hashed(across // 4, across * 0, 19)
    _tones(picture, deck, (pal.mix(dark, middle, 0.6), middle, pal.mix(middle, light, 0.5)), tone, 0.3, 0.7)
    _fill(picture, deck & (across % 4 == 0), dark)
    sides = ((1, 0), (-1, 0)) if along_y else ((0, 1), (0, -1))
    for dx, dy in sides:
        _fill(picture, deck & ~shifted(deck, dx * 3, dy * 3), pal.TIMBER[2])
        _fill(picture, deck & ~shifted(deck, dx, dy), pal.INK)
