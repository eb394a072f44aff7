"""What each cell of the map is made of: a terrain below, walls, and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burgh.sim.viewer.noise import Mask
from burgh.sim.viewer.scene import TownMap

SOFT = ("grass", "path", "cobble", "field", "water")
FLOORS = ("floor_wood", "floor_stone")
TERRAINS = (*SOFT, *FLOORS)
WALLS = frozenset({"wall", "window", "door", "roof"})
# What lies under a tile that is no terrain itself, where no layer below says otherwise.
UNDER = {"garden": "field", "wheat": "field", "reeds": "water", "bridge": "water", "rug": "floor_wood"}
FLAT = frozenset({"bridge", "rug"})
_NEIGHBOURS = ((0, 1), (0, -1), (-1, 0), (1, 0))


@dataclass(frozen=True, slots=True)
class Cells:
    """terrain: index into TERRAINS, shape (height, width). wall, window, door, roof: masks of that shape.

    flat: rugs and bridges by cell (x, y). standing: plants, fences, hedges, by cell, in the order of layers.
    """

    width: int
    height: int
    terrain: NDArray[np.int8]
    wall: Mask
    window: Mask
    door: Mask
    roof: Mask
    flat: dict[tuple[int, int], str]
    standing: dict[tuple[int, int], str]

    def is_terrain(self, name: str) -> Mask:
        return np.asarray(self.terrain == TERRAINS.index(name), np.bool_)

    @property
    def floor(self) -> Mask:
        return np.asarray(self.terrain >= len(SOFT), np.bool_)


def read_cells(town: TownMap) -> Cells:
    """Sorts the tiles of all layers."""
    width, height = town.width, town.height
    terrain = np.full((height, width), -1, np.int8)
    walls = {name: np.zeros((height, width), np.bool_) for name in WALLS}
    flat: dict[tuple[int, int], str] = {}
    standing: dict[tuple[int, int], str] = {}
    for layer in town.layers:
        for y, row in enumerate(layer.rows):
            for x, tile in enumerate(row):
                if tile is None:
                    continue
                if tile in TERRAINS:
                    terrain[y, x] = TERRAINS.index(tile)
                elif tile in WALLS:
                    walls[tile][y, x] = True
                else:
                    (flat if tile in FLAT else standing)[x, y] = tile
                    if terrain[y, x] < 0:
                        terrain[y, x] = TERRAINS.index(UNDER.get(tile, "grass"))
    door, window, roof = walls["door"], walls["window"], walls["roof"]
    wall = walls["wall"] | window
    _floor_under_doors(terrain, door)
    terrain[(wall | roof) & ~door] = TERRAINS.index("grass")
    terrain[terrain < 0] = TERRAINS.index("grass")
    return Cells(width, height, terrain, wall, window, door, roof, flat, standing)


def _floor_under_doors(terrain: NDArray[np.int8], door: Mask) -> None:
    height, width = door.shape
    for y, x in np.argwhere(door):
        near = [
            terrain[y + dy, x + dx] for dx, dy in _NEIGHBOURS if 0 <= y + dy < height and 0 <= x + dx < width
        ]
        terrain[y, x] = max([t for t in near if t >= len(SOFT)], default=TERRAINS.index("path"))
