"""The way to anywhere: for each destination one field that names, for every tile, the next step to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

NO_WAY = -9999  # as scipy writes it in predecessor arrays
CACHED_FIELDS = 1024


@dataclass(frozen=True, slots=True)
class Field:
    """The ways to one tile. step: the next tile from each, or NO_WAY, int (n_tiles,).
    cost: what the way from each tile costs, float (n_tiles,), infinite where there is none."""

    step: NDArray[np.int32]
    cost: NDArray[np.float64]


class FlowFields:
    """Cheapest ways over the tiles of a map, four neighbours to a tile; fields are computed once each."""

    def __init__(self, width: int, height: int, walkable: NDArray[np.bool_], cost: NDArray[np.int32]) -> None:
        tiles = np.arange(width * height)
        right = tiles[(tiles % width < width - 1) & walkable]
        right = right[walkable[right + 1]]
        down = tiles[(tiles < width * (height - 1)) & walkable]
        down = down[walkable[down + width]]
        start = np.concatenate((right, right + 1, down, down + width))
        end = np.concatenate((right + 1, right, down + width, down))
        # Fields are searched from the destination, so that an edge bears the cost of the tile it leaves.
        self._graph = csr_matrix((cost[start].astype(float), (start, end)), shape=(tiles.size, tiles.size))
        self._around = [
            sorted(others.tolist()) for others in np.split(self._graph.indices, self._graph.indptr[1:-1])
        ]
        self.field = lru_cache(CACHED_FIELDS)(self._field)

    def _field(self, target: int) -> Field:
        cost, before = dijkstra(self._graph, indices=[target], return_predecessors=True)  # (1, n_tiles) both
        return Field(before[0].astype(np.int32), cost[0])

    def around(self, tile: int) -> list[int]:
        """The neighbours that can be walked to."""
        return self._around[tile]

    def way_around(self, start: int, target: int, closed: Collection[int]) -> list[int]:
        """The shortest way that keeps off the closed tiles, without `start`; empty where there is none."""
        before = {start: start}
        queue = deque((start,))
        while queue and target not in before:
            tile = queue.popleft()
            for other in self.around(tile):
                if other not in before and other not in closed:
                    before[other] = tile
                    queue.append(other)
        way: list[int] = []
        tile = target
        while tile != start and tile in before:
            way.append(tile)
            tile = before[tile]
        return way[::-1]
