"""The town of the festival: a bed and a place to work for everyone, and ways between them all."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files

import numpy as np

from burgh.scenarios.load import load_town
from burgh.scenarios.town import town_map
from burgh.worlds.town.paths import NO_WAY

FESTIVAL = load_town("festival")
TOWN = town_map(FESTIVAL)


def test_the_map_is_what_its_script_draws() -> None:
    from burgh.assets.maps.make_town import town

    raw = (files("burgh.assets") / "maps" / "town.json").read_text(encoding="utf-8")
    assert json.loads(town().to_json()) == json.loads(raw)


def test_everybody_has_a_bed() -> None:
    beds = Counter(item.place for item in TOWN.tree.objects.values() if item.kind == "bed")
    homes = Counter(agent.home for agent in FESTIVAL.agents)
    assert sum(homes.values()) == 25
    assert beds == homes


def test_every_place_can_be_reached_and_holds_a_party() -> None:
    start = TOWN.standing("Burgh : Market Square")[0]
    steps = TOWN.fields.field(start).step
    for path, place in TOWN.tree.places.items():
        if place.kind == "building":
            continue
        floor = list(np.flatnonzero(TOWN.place_of == TOWN.destinations.index(path)))
        assert all(steps[tile] != NO_WAY or tile == start for tile in floor), path
        assert len(TOWN.standing(path)) >= 7, path
    assert len(TOWN.standing("Burgh : Teahouse : Parlour")) >= 25
    assert all(agent.work in TOWN.destinations for agent in FESTIVAL.agents)


def test_every_house_opens_onto_a_path() -> None:
    ground = TOWN.drawn.layers["ground"]
    for place in TOWN.tree.places.values():
        if place.kind != "building":
            continue
        inside = [tile for tile in np.flatnonzero(TOWN.doors) if place.holds(*TOWN.xy(int(tile)))]
        around = [tile for door in inside for tile in TOWN.fields.around(int(door))]
        outside = [divmod(tile, TOWN.width) for tile in around if TOWN.place_at(tile).outdoors]
        assert [tile.name for y, x in outside if (tile := ground[y][x])] == ["path"], place.path


def test_two_facts_are_known_to_one_each_and_who_knows_whom_is_as_published() -> None:
    """Park et al. (2023): 25 agents; a density of .167 at the start."""
    told = {
        fact: [a.name for a in FESTIVAL.agents for m in a.memories if m.fact == fact]
        for fact in FESTIVAL.facts
    }
    assert told == {"party": ["Flora"], "candidacy": ["Viktor"]}
    knows = {(agent.name, other) for agent in FESTIVAL.agents for other in agent.relations}
    assert all((other, name) in knows for name, other in knows)
    assert len(knows) / (25 * 24) == 1 / 6
    for agent in FESTIVAL.agents:
        for other, thought in agent.relations.items():
            assert other in thought
