"""Flow fields against a plain search, and people keep to the paths."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from burgh.worlds.town import village
from burgh.worlds.town.paths import NO_WAY, FlowFields


def plain_costs(
    width: int, height: int, walkable: list[bool], cost: list[int], target: int
) -> dict[int, int]:
    """Dijkstra (1959) by hand: the cost of the way from each tile to the target."""
    costs, heap = {target: 0}, [(0, target)]
    while heap:
        here, tile = heapq.heappop(heap)
        if here > costs[tile]:
            continue
        x, y = tile % width, tile // width
        for a, b in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
            other = b * width + a
            if 0 <= a < width and 0 <= b < height and walkable[other]:
                through = here + cost[tile]
                if through < costs.get(other, through + 1):
                    costs[other] = through
                    heapq.heappush(heap, (through, other))
    return costs


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.randoms(use_true_random=False))
def test_a_field_leads_there_by_a_cheapest_way(width: int, height: int, rng: object) -> None:
    import random

    assert isinstance(rng, random.Random)
    n_tiles = width * height
    walkable = [rng.random() < 0.75 for _ in range(n_tiles)]
    target = rng.randrange(n_tiles)
    walkable[target] = True
    cost = [rng.randint(1, 4) for _ in range(n_tiles)]
    fields = FlowFields(width, height, np.array(walkable), np.array(cost, np.int32))
    field = fields.field(target)
    expected = plain_costs(width, height, walkable, cost, target)
    for tile in range(n_tiles):
        if tile == target:
            continue
        if tile not in expected:
            assert field.step[tile] == NO_WAY
            continue
        assert field.cost[tile] == expected[tile]
        step = int(field.step[tile])
        assert step in fields.around(tile)
        assert field.cost[tile] == field.cost[step] + cost[step]


def test_a_field_is_computed_once() -> None:
    fields = village().fields
    assert fields.field(1000) is fields.field(1000)
    assert fields.field.cache_info().misses == 1


def test_a_way_around_keeps_off_what_is_closed() -> None:
    fields = FlowFields(3, 3, np.ones(9, bool), np.ones(9, np.int32))
    assert fields.way_around(0, 2, closed={1}) == [3, 4, 5, 2]
    assert fields.way_around(0, 2, closed={1, 4, 7}) == []
    assert fields.way_around(0, 0, closed=()) == []


def test_people_keep_to_the_paths() -> None:
    town_map = village()
    ground = town_map.drawn.layers["ground"]
    tile = town_map.standing("Burgh : Oak Cottage : Kitchen")[0]
    field = town_map.fields.field(town_map.standing("Burgh : Workshop : Floor")[0])
    names = []
    while field.step[tile] != NO_WAY:
        tile = int(field.step[tile])
        under = ground[tile // town_map.width][tile % town_map.width]
        assert under is not None
        names.append(under.name)
    assert len(names) > 30
    assert not {"grass", "flowers", "field", "wheat"} & set(names)
