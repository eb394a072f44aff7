"""Walking: one tile a tick, nobody on anybody's tile, and nobody stuck in a doorway for ever.

A walker whose next tile is taken by another walker moves with it: a queue moves up together, two who meet
head on change places, a ring turns. Whoever stands in the way is walked round where another way is as
short, and else changes places with the one who wants past. Nobody who stands is brought into a doorway or
out of the room or area by that: there they make way, each by a tile, as far as the room has one. Who stands
in a doorway goes where there is room. Sleepers are left where they lie: there is a way round, or the walker
gives up.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence

from burgh.worlds.town.body import Body
from burgh.worlds.town.map import TownMap
from burgh.worlds.town.paths import NO_WAY

POLITE_TICKS = 1  # how long one waits for someone who stands in the way
PUSHY_TICKS = 4  # how long for someone who cannot get on either
SEARCH_TICKS = 10  # how often a way round is looked for while there is none
PATIENCE_TICKS = 60  # after that the way is given up


class Traffic:
    """Moves the bodies of one tick. moved: those whose tile changed, with the cause of it, in order."""

    def __init__(self, town_map: TownMap, bodies: Sequence[Body], tick: int, rng: random.Random) -> None:
        self.map = town_map
        self.fields = town_map.fields
        self.standing = {body.tile: body for body in bodies}
        self.moved: dict[str, tuple[Body, str]] = {}
        self._waited: set[str] = set()
        self._walkers = [body for body in bodies if body.walking and body.held_until < tick]
        rng.shuffle(self._walkers)
        self._walkers.sort(key=lambda body: -body.stuck)
        self._walking = {body.name for body in self._walkers}

    def run(self) -> None:
        for body in self._walkers:
            body.patience -= 1
            if body.name not in self.moved and body.name not in self._waited:
                self._advance(body)

    def _advance(self, first: Body) -> None:
        """Moves a walker and those in front of it who walk too, or lets all of them wait a tick."""
        queue, place_in_queue = [first], {first.name: 0}
        while True:
            last = queue[-1]
            ahead = self.standing.get(self._next_tile(last))
            if ahead is None:
                self._move_up(queue)
                return
            if ahead.name in place_in_queue:
                start = place_in_queue[ahead.name]
                self._turn_ring(queue[start:])
                self._wait(queue[:start])
                return
            if ahead.name not in self._walking or ahead.name in self.moved or ahead.name in self._waited:
                break
            place_in_queue[ahead.name] = len(queue)
            queue.append(ahead)
        if self._step_aside(last, ahead):
            self._move_up(queue[:-1])
        elif self._swap(last, ahead):
            self._wait(queue[:-1])
        else:
            self._wait(queue)

    def _next_tile(self, body: Body) -> int:
        assert body.target is not None
        if body.detour and body.detour[0] in self.fields.around(body.tile):
            return body.detour[0]
        body.detour = []
        step = int(self.fields.field(body.target).step[body.tile])
        return body.tile if step == NO_WAY else step

    def _step_aside(self, body: Body, ahead: Body) -> bool:
        """Another next tile that is free and brings the walker no less near, or a way round a sleeper."""
        assert body.target is not None
        cost = self.fields.field(body.target).cost
        for tile in self.fields.around(body.tile):
            if tile not in self.standing and cost[tile] < cost[body.tile]:
                self._place(body, tile)
                return True
        if ahead.asleep and body.stuck % SEARCH_TICKS == POLITE_TICKS and not body.detour:
            sleepers = {other.tile for other in self.standing.values() if other.asleep}
            body.detour = self.fields.way_around(body.tile, body.target, sleepers)
        return False

    def _swap(self, body: Body, ahead: Body) -> bool:
        """Gets past one who stands in the way, or walks and cannot get on: both change places, or the one
        ahead makes way."""
        patience = PUSHY_TICKS if ahead.name in self._waited else POLITE_TICKS
        if ahead is body or ahead.asleep or ahead.name in self.moved or body.stuck < patience:
            return False
        mine, theirs = body.tile, ahead.tile
        standing = ahead.name not in self._walking
        if standing and not self._may_stand(ahead, mine):
            if self._make_way(body, ahead):
                self._place(body, theirs)
                return True
            if not self.map.doors[theirs]:
                return False
        self._place(body, theirs)
        self.standing[mine] = ahead
        ahead.tile = mine
        self.moved[ahead.name] = (ahead, body.cause)
        return True

    def _may_stand(self, body: Body, tile: int) -> bool:
        """Whether one who stands may be moved there: no doorway, and still the same room or area."""
        place_of = self.map.place_of
        return not self.map.doors[tile] and bool(place_of[tile] == place_of[body.tile])

    def _make_way(self, body: Body, ahead: Body) -> bool:
        """Moves one who stands off its tile, and whoever stands behind it, each by a tile of their room to
        the nearest that is free. False where there is none."""
        start = ahead.tile
        before = {start: start}
        queue = deque((start,))
        while queue and (tile := queue.popleft()) in self.standing:
            for other in self.fields.around(tile):
                if other not in before and self._may_stand(ahead, other) and self._may_move(other):
                    before[other] = tile
                    queue.append(other)
        if tile in self.standing:
            return False
        while tile != start:
            mover = self.standing.pop(before[tile])
            self.standing[tile] = mover
            mover.tile, tile = tile, mover.tile
            self.moved[mover.name] = (mover, body.cause)
        return True

    def _may_move(self, tile: int) -> bool:
        """Whether a tile is free, or whoever is there can be asked to make way."""
        other = self.standing.get(tile)
        return other is None or not (other.asleep or other.name in self._walking or other.name in self.moved)

    def _place(self, body: Body, tile: int) -> None:
        if self.standing.get(body.tile) is body:
            del self.standing[body.tile]
        if body.detour and body.detour[0] == tile:
            body.detour.pop(0)
        self.standing[tile] = body
        body.tile = tile
        body.stuck = 0
        self.moved[body.name] = (body, body.cause)

    def _move_up(self, queue: Sequence[Body]) -> None:
        for body in reversed(queue):
            self._place(body, self._next_tile(body))

    def _turn_ring(self, ring: Sequence[Body]) -> None:
        tiles = [self._next_tile(body) for body in ring]
        for body in ring:
            del self.standing[body.tile]
        for body, tile in zip(ring, tiles, strict=True):
            self._place(body, tile)

    def _wait(self, queue: Sequence[Body]) -> None:
        for body in queue:
            body.stuck += 1
            self._waited.add(body.name)
