"""Who sees and hears whom: the same room indoors, a radius out of doors, and only the nearest few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from burgh.worlds.town.body import Body
from burgh.worlds.town.map import TownMap

SEEN_AT_ONCE = 5
NEAR_AT_ONCE = 8


class Senses:
    """The bodies of one moment. All matrices are (n_bodies, n_bodies), rows the ones who perceive."""

    def __init__(self, town_map: TownMap, bodies: Sequence[Body]) -> None:
        tiles = np.array([body.tile for body in bodies], np.int64)  # (n_bodies,)
        x, y = tiles % town_map.width, tiles // town_map.width
        self._squared = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
        room = town_map.place_of[tiles]
        outdoors = town_map.outdoors[room]
        awake = np.array([not body.asleep for body in bodies])
        others = ~np.eye(len(bodies), dtype=bool)
        self._in_room = (room[:, None] == room) & ~outdoors & others & awake[:, None]
        self._open_air = outdoors[:, None] & outdoors & others & awake[:, None]
        self._awake = awake

    def seen(self, vision_tiles: int) -> list[tuple[int, ...]]:
        """Whom each body sees, nearest first: all of a room is in sight, out of doors a radius."""
        visible = self._in_room | (self._open_air & (self._squared <= vision_tiles**2))
        return self._nearest(visible, SEEN_AT_ONCE)

    def near(self, earshot_tiles: int) -> list[tuple[int, ...]]:
        """Who is awake within earshot of each body, nearest first."""
        return self._nearest(self._audible(earshot_tiles), NEAR_AT_ONCE)

    def hearers(self, speaker: int, earshot_tiles: int) -> list[int]:
        """All who hear a speaker, in the agents' order."""
        return [int(n) for n in np.flatnonzero(self._audible(earshot_tiles)[speaker])]

    def _audible(self, earshot_tiles: int) -> NDArray[np.bool_]:
        audible: NDArray[np.bool_] = (
            (self._in_room | self._open_air) & (self._squared <= earshot_tiles**2) & self._awake
        )
        return audible

    def _nearest(self, allowed: NDArray[np.bool_], limit: int) -> list[tuple[int, ...]]:
        """The nearest few allowed to each row; of those equally near the first in order."""
        n = len(allowed)
        order = np.where(allowed, self._squared * n + np.arange(n), np.iinfo(np.int64).max)
        if n > limit:
            order = np.partition(order, limit - 1, axis=1)[:, :limit]
        order.sort(axis=1)
        counts = np.minimum(allowed.sum(axis=1), limit)
        return [tuple(row[:count]) for row, count in zip((order % n).tolist(), counts.tolist(), strict=True)]
