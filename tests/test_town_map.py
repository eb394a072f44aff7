"""The village's map, the place tree, and every way in which a map can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from town_for_tests import drawn

from burgh.sim.types import BurghError, Json
from burgh.worlds.town import TownMap, load_map, village
from burgh.worlds.town.furniture import USES
from burgh.worlds.town.paths import NO_WAY
from burgh.worlds.town.places import build_tree
from burgh.worlds.town.tiled import Shape, parse_tiled

MAPS = files("burgh.assets") / "maps"
RAW = json.loads((MAPS / "village.json").read_text(encoding="utf-8"))
VILLAGE = village()


def test_the_village_has_its_places() -> None:
    rooms = set(VILLAGE.destinations)
    assert len(rooms) == len(VILLAGE.destinations) == 27
    for path in (
        "Bakery : Shop",
        "Bakery : Kitchen",
        "Tavern : Taproom",
        "School : Classroom",
        "Workshop : Floor",
    ):
        assert f"Burgh : {path}" in rooms
    for path in ("Chapel : Nave", "Market Square", "Green", "North Field", "South Field", "Street"):
        assert f"Burgh : {path}" in rooms
    homes = {path.split(" : ")[1] for path in rooms if path.endswith((": Bedroom", ": Room"))}
    assert len(homes) >= 8
    for home in homes:
        beds = [
            o
            for o in VILLAGE.tree.objects.values()
            if o.path.startswith(f"Burgh : {home} : ") and o.kind == "bed"
        ]
        assert len(beds) == 1, home
    assert VILLAGE.tree.objects["Burgh : Bakery : Kitchen : Oven"].state == "cold"
    assert (VILLAGE.width, VILLAGE.height) == (60, 40)


def test_every_door_room_and_object_can_be_reached() -> None:
    start = VILLAGE.standing("Burgh : Market Square")[0]
    steps = VILLAGE.fields.field(start).step
    doors = [tile for tile in np.flatnonzero(VILLAGE.doors) if tile != start]
    assert len(doors) == 22
    for tile in doors:
        assert steps[tile] != NO_WAY, VILLAGE.xy(int(tile))
        assert not VILLAGE.place_at(int(tile)).outdoors, VILLAGE.xy(int(tile))
    for path, place in VILLAGE.tree.places.items():
        if place.kind == "building":
            continue
        floor = list(np.flatnonzero(VILLAGE.place_of == VILLAGE.destinations.index(path)))
        assert all(steps[tile] != NO_WAY or tile == start for tile in floor), path
        assert len(VILLAGE.standing(path)) >= 7, path
    for item in VILLAGE.tree.objects.values():
        x, y = VILLAGE.xy(VILLAGE.standing(item.path)[0])
        assert abs(x - item.x) + abs(y - item.y) <= 1, item.path


def test_every_house_opens_onto_a_path() -> None:
    ground = VILLAGE.drawn.layers["ground"]
    for place in VILLAGE.tree.places.values():
        if place.kind != "building":
            continue
        inside = [tile for tile in np.flatnonzero(VILLAGE.doors) if place.holds(*VILLAGE.xy(int(tile)))]
        outside = [
            t for door in inside for t in VILLAGE.fields.around(int(door)) if VILLAGE.place_at(t).outdoors
        ]
        names = [tile.name for t in outside if (tile := ground[t // 60][t % 60])]
        assert names == ["path"], place.path


def test_the_village_is_no_empty_plain() -> None:
    """No square of 6 x 6 tiles out of doors is all one kind of tile, nor one that holds nothing."""
    ground, walls = VILLAGE.drawn.layers["ground"], VILLAGE.drawn.layers["walls"]
    things = {(item.x, item.y) for item in VILLAGE.tree.objects.values()}
    for top in range(VILLAGE.height - 5):
        for left in range(VILLAGE.width - 5):
            square = [(x, y) for x in range(left, left + 6) for y in range(top, top + 6)]
            kinds = {tile.name for x, y in square if (tile := walls[y][x] or ground[y][x])}
            assert len(kinds) > 1 or things & set(square), (left, top, kinds)


def test_the_map_is_what_its_script_draws_and_what_tiled_reads() -> None:
    from burgh.assets.maps.make_village import village as draw

    assert json.loads(draw().to_json()) == RAW
    assert RAW["version"] == "1.10" and RAW["orientation"] == "orthogonal" and not RAW["infinite"]
    ids = [item["id"] for layer in RAW["layers"] if "objects" in layer for item in layer["objects"]]
    assert len(set(ids)) == len(ids) and max(ids) < RAW["nextobjectid"]
    assert [layer["id"] for layer in RAW["layers"]] == [1, 2, 3, 4]
    tileset = RAW["tilesets"][0]
    names = (MAPS / "tiles.txt").read_text(encoding="utf-8").split()
    assert [tile["type"] for tile in tileset["tiles"]] == names
    assert tileset["tilecount"] == len(names)
    assert (
        tileset["imagewidth"] == tileset["columns"] * 16 and tileset["imageheight"] * tileset["columns"] >= 16
    )
    used = {gid for layer in RAW["layers"] if "data" in layer for gid in layer["data"]}
    assert used <= set(range(len(names) + 1))
    kinds = set((MAPS / "objects.txt").read_text(encoding="utf-8").split())
    assert {item.kind for item in VILLAGE.tree.objects.values()} <= kinds
    assert set(USES) == kinds


def test_the_scene_holds_what_can_be_drawn() -> None:
    states = {path: item.state for path, item in VILLAGE.tree.objects.items()}
    scene = VILLAGE.scene(states)
    assert json.loads(json.dumps(scene)) == scene
    assert (scene["kind"], scene["width"], scene["height"], scene["tile_px"]) == ("tiles", 60, 40, 16)
    assert [layer["name"] for layer in scene["layers"]] == ["ground", "walls"]
    assert scene["layers"][0]["rows"][20][0] in {"path", "grass"}
    assert {
        "path": "Burgh : Bakery : Kitchen : Oven",
        "kind": "oven",
        "x": 25,
        "y": 8,
        "state": "cold",
    } in scene["objects"]
    assert len(scene["places"]) == len(VILLAGE.tree.places)


def test_an_unknown_place_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        BurghError,
        match="no place 'Burgh : Bakery : Shpo' in Burgh: the nearest name is 'Burgh : Bakery : Shop'",
    ):
        VILLAGE.tree.place("Burgh : Bakery : Shpo")
    with pytest.raises(BurghError, match="'Burgh : Bakery' is a building: name one of its rooms"):
        VILLAGE.tree.place("Burgh : Bakery")
    assert VILLAGE.tree.place("Burgh : Green").outdoors


ROWS = ["#####", "#...#", "#####"]
PLACES = {"Hall": ("building", 0, 0, 5, 3), "Room": ("room", 1, 1, 3, 1)}


def _without(name: str) -> Callable[[Json], None]:
    def change(raw: Json) -> None:
        raw["layers"] = [layer for layer in raw["layers"] if layer["name"] != name]

    return change


def _set(path: str, value: Json) -> Callable[[Json], None]:
    def change(raw: Json) -> None:
        *parents, last = path.split(".")
        for key in parents:
            raw = raw[int(key) if key.isdecimal() else key]
        raw[int(last) if last.isdecimal() else last] = value

    return change


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_without("ground"), "has no tile layer named 'ground'"),
        (_without("walls"), "has no tile layer named 'walls'"),
        (_without("places"), "has no object layer named 'places'"),
        (_without("objects"), "has no object layer named 'objects'"),
        (_set("type", "tileset"), "is no Tiled map"),
        (_set("infinite", True), "is infinite"),
        (_set("width", 0), "none may be 0"),
        (_set("layers", [{}]), "lacks 'name', which every Tiled map has"),
        (_set("layers", 5), "is not as Tiled writes it"),
        (_set("tilesets", [{"firstgid": 1, "source": "a.tsx"}]), "keeps its tileset in 'a.tsx'"),
        (_set("layers.0.data", "eJw="), "is compressed"),
        (_set("layers.0.data", [1, 1]), "has 2 tiles, not 5 x 3"),
        (_set("layers.0.data.0", 99), "holds the tile 99"),
        (_set("layers.2.objects", []), "names no room or area"),
        (_set("layers.2.objects.1.name", ""), "the place at tile 1, 1 .* has no name"),
        (_set("layers.2.objects.1.name", "A : B"), "may not have a colon"),
        (_set("layers.2.objects.1.type", "cave"), "is of class 'cave': it must be building, room or area"),
        (_set("layers.2.objects.1.x", 1600), "the room 'Room' at tile 100, 1 .* lies in no building"),
        (_set("layers.1.data.7", 5), "holds the tile 5"),
        (_set("layers.3.objects.0.name", ""), "the object at tile 1, 1 .* needs a name and a class"),
        (_set("layers.3.objects.0.y", 160), "stands in no place"),
        (_set("layers.1.data", [2] * 15), "nobody can get to 'Ham : Hall : Room'"),
    ],
)
def test_a_map_that_is_wrong_is_refused_in_one_sentence(spoil: Callable[[Json], None], sentence: str) -> None:
    raw = drawn(ROWS, PLACES, [("Table", "table", 1, 1, "bare")])
    TownMap(parse_tiled(raw, "ham.json"))
    spoil(raw)
    with pytest.raises(BurghError, match=sentence) as caught:
        TownMap(parse_tiled(raw, "ham.json"))
    assert "ham.json" in str(caught.value) and "\n" not in str(caught.value)


def test_a_tile_in_no_place_is_refused() -> None:
    raw = drawn(["....."], {"Yard": ("area", 0, 0, 3, 1)})
    with pytest.raises(BurghError, match=r"the tile 3, 0 of the map ham\.json is walked on but in no place"):
        TownMap(parse_tiled(raw, "ham.json"))


def test_two_places_or_objects_of_one_name_are_refused() -> None:
    yard = Shape("Yard", "area", 0, 0, 3, 1)
    table = Shape("Table", "table", 0, 0, 1, 1)
    with pytest.raises(BurghError, match="two places of the map m are 'Ham : Yard'"):
        build_tree("Ham", [yard, yard], [], "m")
    with pytest.raises(BurghError, match="two objects of the map m are 'Ham : Yard : Table'"):
        build_tree("Ham", [yard], [table, table], "m")


def test_a_file_that_is_no_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match=r"the map .*none.json cannot be read: no such file"):
        load_map(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text('{"type":\n "map",', encoding="utf-8")
    with pytest.raises(BurghError, match=r"is not json: .* in line 2"):
        load_map(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BurghError, match="is not text"):
        load_map(broken)


def test_a_part_cut_off_is_not_walked_on() -> None:
    rows = ["......", "######", "..####"]
    town_map = TownMap(parse_tiled(drawn(rows, {"Yard": ("area", 0, 0, 6, 3)}), "ham.json"))
    assert int(town_map.walkable.sum()) == 6
