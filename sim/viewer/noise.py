"""Chance that hangs on position only, so that a place looks the same in any map; and soft masks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float32]
Mask = NDArray[np.bool_]


def hashed(x: NDArray[Any], y: NDArray[Any], salt: int) -> Reals:
    """A number from 0 to 1 for each pair of whole numbers: the same pair and salt, the same number."""
    h = (x.astype(np.uint32) * np.uint32(374761393) + y.astype(np.uint32) * np.uint32(668265263)).astype(
        np.uint32
    )
    h = h ^ np.uint32((salt * 2246822519 + 3266489917) & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(2246822519)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(3266489917)
    h = h ^ (h >> np.uint32(16))
    return (h >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)


@lru_cache(maxsize=1 << 16)
def hash_cell(x: int, y: int, salt: int) -> float:
    """`hashed` for one cell."""
    return float(hashed(np.array([x]), np.array([y]), salt)[0])


def smooth(height: int, width: int, cell: int, salt: int) -> Reals:
    """Value noise from 0 to 1 of shape (height, width) whose hills are about `cell` pixels wide."""
    rows, columns = height // cell + 2, width // cell + 2
    ys, xs = np.mgrid[0:rows, 0:columns]
    grid = hashed(xs, ys, salt)
    y, x = np.arange(height, dtype=np.float32) / cell, np.arange(width, dtype=np.float32) / cell
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = y - y0, x - x0
    fy, fx = fy * fy * (3 - 2 * fy), fx * fx * (3 - 2 * fx)
    left = grid[y0][:, x0] * (1 - fy)[:, None] + grid[y0 + 1][:, x0] * fy[:, None]
    right = grid[y0][:, x0 + 1] * (1 - fy)[:, None] + grid[y0 + 1][:, x0 + 1] * fy[:, None]
    return np.asarray(left * (1 - fx) + right * fx, np.float32)


def blur(image: Reals, radius: int, times: int = 2) -> Reals:
    """A box blur, edges repeated; applied twice it is round enough."""
    for _ in range(times):
        for axis in (0, 1):
            pad = [(0, 0), (0, 0)]
            pad[axis] = (radius + 1, radius)
            sums = np.cumsum(np.pad(image, pad, mode="edge"), axis=axis, dtype=np.float64)
            n = 2 * radius + 1
            if axis == 0:
                image = ((sums[n:] - sums[:-n]) / n).astype(np.float32)
            else:
                image = ((sums[:, n:] - sums[:, :-n]) / n).astype(np.float32)
    return image


def shifted(mask: Mask, dx: int, dy: int) -> Mask:
    """The mask moved dx to the right and dy down; nothing comes in from outside."""
    moved = np.zeros_like(mask)
    height, width = mask.shape
    moved[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)] = mask[
        max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)
    ]
    return moved


def upsampled(cells: Mask, px: int) -> Mask:
    """Cells as pixels."""
    return np.asarray(cells.repeat(px, axis=0).repeat(px, axis=1), np.bool_)
