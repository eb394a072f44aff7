"""Walking: one tile a tick, never two on one tile, and nobody stuck for ever."""

from __future__ import annotations

import itertools

import pytest
from town_for_tests import (
    CLOCK,
    EAST,
    SHOP,
    SQUARE,
    TWO_HALLS,
    WEST,
    Villagers,
    go,
    hamlet,
    sleep,
    town,
    wait,
)

from burgh.sim.rng import stream
from burgh.sim.types import Event
from burgh.worlds.town import Resident, Town
from burgh.worlds.town.movement import PATIENCE_TICKS


def positions(villagers: Villagers) -> list[tuple[int, int]]:
    seen = villagers.world.observe(villagers.tick + 1)
    return [(o.state["x"], o.state["y"]) for o in seen.values()]


def test_one_tile_a_tick_and_then_there() -> None:
    villagers = Villagers(town(("Mira", SHOP)))
    before = villagers.state("Mira")
    villagers.do(Mira=go(SQUARE))
    villagers.until_still()
    moves = [(event.data["x"], event.data["y"]) for event in villagers.of("moved")]
    steps = [(before["x"], before["y"]), *moves]
    assert all(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in itertools.pairwise(steps))
    assert [event.tick for event in villagers.of("moved")] == list(range(1, len(moves) + 1))
    (arrived,) = villagers.of("arrived")
    (set_out,) = villagers.of("set_out")
    assert arrived.data == {"place": SQUARE} and arrived.tick == len(moves)
    assert set_out.causes == ("1.Mira.0",) and arrived.causes == (set_out.id,)
    assert villagers.state("Mira")["place"] == SQUARE
    assert villagers.world.observe(villagers.tick + 1)["Mira"].free


def test_going_where_one_is_arrives_at_once() -> None:
    villagers = Villagers(town(("Mira", SHOP)))
    events = villagers.do(Mira=go(SHOP))
    assert [event.kind for event in events] == ["arrived"]
    villagers.do()
    assert villagers.texts("Mira", "outcome") == ["Mira arrived in the bakery's shop."]


@pytest.mark.parametrize("seed", range(8))
def test_two_who_meet_head_on_in_a_door_pass(seed: int) -> None:
    world = Town(TWO_HALLS, [Resident("Ann", WEST), Resident("Ben", EAST)], seed=seed, clock=CLOCK)
    villagers = Villagers(world)
    villagers.do(Ann=go(EAST), Ben=go(WEST))
    villagers.until_still(30)
    assert {event.agent: event.data["place"] for event in villagers.of("arrived")} == {
        "Ann": EAST,
        "Ben": WEST,
    }
    assert max(event.tick for event in villagers.of("arrived")) <= 10


@pytest.mark.parametrize("seed", range(4))
def test_two_crowds_change_halls_through_one_door(seed: int) -> None:
    people = [Resident(f"W{n}", WEST) for n in range(4)] + [Resident(f"E{n}", EAST) for n in range(4)]
    villagers = Villagers(Town(TWO_HALLS, people, seed=seed, clock=CLOCK))
    answers = {person.name: go(EAST if person.start_place == WEST else WEST) for person in people}
    villagers.do(**answers)
    for _ in range(60):
        assert len(set(positions(villagers))) == len(people)
        villagers.do()
    assert len(villagers.of("arrived")) == len(people)
    assert not villagers.of("blocked")


def test_one_who_stands_in_the_door_is_passed() -> None:
    villagers = Villagers(
        Town(TWO_HALLS, [Resident("Ann", WEST), Resident("Ben", WEST)], seed=1, clock=CLOCK)
    )
    villagers.do(Ben=go(EAST))
    while villagers.state("Ben")["x"] != 4:
        villagers.do()
    villagers.do(Ben=wait(60), Ann=go(EAST))
    assert villagers.state("Ben")["x"] == 4
    villagers.until_still(20)
    assert villagers.of("arrived", "Ann")


def test_one_who_stands_behind_a_door_is_not_pushed_out_of_it() -> None:
    for seed in range(4):
        people = [Resident("Ann", WEST), *(Resident(f"E{n}", EAST) for n in range(3))]
        villagers = Villagers(Town(TWO_HALLS, people, seed=seed, clock=CLOCK))
        behind = villagers.world.map.tile(5, 2)
        villagers.world._bodies["E0"].tile = behind
        villagers.do(Ann=go(EAST), **{f"E{n}": wait(60) for n in range(3)})
        villagers.until_still(40)
        (arrived,) = villagers.of("arrived", "Ann")
        assert arrived.data["place"] == EAST
        for event in villagers.of("moved"):
            if event.agent != "Ann":
                assert villagers.world.map.place_at(event.data["y"] * 9 + event.data["x"]).path == EAST
                assert event.data["x"] != 4, "nobody who stands is brought into the doorway"


def test_a_crowd_makes_way_within_its_room_and_never_leaves_it() -> None:
    """Eight of nine tiles of a hall are stood on: whoever comes in still finds the ninth."""
    people = [Resident("Ann", WEST), *(Resident(f"E{n}", EAST) for n in range(8))]
    for seed in range(4):
        villagers = Villagers(Town(TWO_HALLS, people, seed=seed, clock=CLOCK))
        tiles = [villagers.world.map.tile(x, y) for y in (1, 2, 3) for x in (5, 6, 7)]
        for n, tile in enumerate(tiles[:8]):
            villagers.world._bodies[f"E{n}"].tile = tile
        villagers.do(Ann=go(EAST), **{f"E{n}": wait(120) for n in range(8)})
        villagers.until_still(PATIENCE_TICKS + 20)
        assert villagers.of("arrived", "Ann") and not villagers.of("blocked")
        assert len(set(positions(villagers))) == 9
        assert all(event.data["x"] > 4 for event in villagers.of("moved") if event.agent != "Ann")


@pytest.mark.parametrize("seed", range(3))
def test_nobody_who_stands_in_a_room_of_the_village_is_pushed_out_by_comers_and_goers(seed: int) -> None:
    taproom, kitchen = "Burgh : Tavern : Taproom", "Burgh : Tavern : Kitchen"
    stay = [f"S{n}" for n in range(12)]
    walk = [f"W{n}" for n in range(10)]
    world = town(*((name, taproom) for name in stay), *((name, "Burgh : Street") for name in walk), seed=seed)
    villagers = Villagers(world)
    villagers.do(**{name: wait(240) for name in stay})
    for target in (kitchen, SQUARE, kitchen, SQUARE):
        villagers.do(**{name: go(target) for name in walk if world.observe(villagers.tick + 1)[name].free})
        for _ in range(150):
            villagers.do()
            assert {villagers.state(name)["place"] for name in stay} == {taproom}
            assert not any(world.map.doors[world._bodies[name].tile] for name in stay)
    assert len(villagers.of("arrived")) >= 2 * len(walk)


def test_two_in_one_bedroom_take_a_bed_each() -> None:
    rows = ["#####", "#...#", "#...+", "#####"]
    beds = [("bed", "bed", 1, 1, "made"), ("other bed", "bed", 3, 1, "made")]
    hut = hamlet(
        rows,
        {"Hut": ("building", 0, 0, 5, 4), "Bedroom": ("room", 1, 1, 3, 2)},
        beds,
    )
    room = "Ham : Hut : Bedroom"
    people = [Resident(name, room) for name in ("Ann", "Ben", "Cid")]
    villagers = Villagers(Town(hut, people, seed=1, clock=CLOCK))
    villagers.do(Ann=sleep(120), Ben=sleep(120))
    villagers.until_still()
    villagers.run(8)
    lie = {name: (villagers.state(name)["object"], villagers.state(name)["x"]) for name in ("Ann", "Ben")}
    assert lie == {"Ann": (f"{room} : bed", 1), "Ben": (f"{room} : other bed", 3)}
    assert {event.data["path"] for event in villagers.of("object")} == {
        f"{room} : bed",
        f"{room} : other bed",
    }
    villagers.do(Cid=sleep(120))
    villagers.run(8)
    assert villagers.state("Cid")["asleep"], "who finds none free lies down beside one"


def test_a_sleeper_in_the_only_door_is_left_and_the_way_given_up() -> None:
    villagers = Villagers(
        Town(TWO_HALLS, [Resident("Ann", WEST), Resident("Ben", WEST)], seed=1, clock=CLOCK)
    )
    villagers.do(Ben=go(EAST))
    while villagers.state("Ben")["x"] != 4:
        villagers.do()
    villagers.do(Ben=sleep(600), Ann=go(EAST))
    villagers.until_still(PATIENCE_TICKS + 20)
    (blocked,) = villagers.of("blocked")
    assert blocked.agent == "Ann" and blocked.data == {"place": EAST, "why": "someone was in the way"}
    assert villagers.state("Ben")["x"] == 4
    villagers.do()
    assert villagers.texts("Ann", "outcome") == [
        "Ann gave up the way to Hall : East: someone was in the way."
    ]


def test_a_sleeper_in_the_open_is_walked_round() -> None:
    lane = hamlet(["......", "......"], {"Lane": ("area", 0, 0, 5, 2), "End": ("area", 5, 0, 1, 2)})
    people = [Resident("Ann", "Ham : Lane"), Resident("Ben", "Ham : Lane"), Resident("Cid", "Ham : Lane")]
    villagers = Villagers(Town(lane, people, seed=1, clock=CLOCK))
    villagers.do(Ann=go("Ham : End"), Ben=sleep(600), Cid=sleep(600))
    villagers.until_still(30)
    assert villagers.of("arrived", "Ann")
    assert not villagers.of("moved", "Ben") + villagers.of("moved", "Cid")


def test_a_full_place_is_refused() -> None:
    rows = ["#####", "#..+.", "#####"]
    hut = hamlet(
        rows, {"Hut": ("building", 0, 0, 4, 3), "Room": ("room", 1, 1, 2, 1), "Yard": ("area", 4, 1, 1, 1)}
    )
    room = "Ham : Hut : Room"
    people = [Resident("Ann", room), Resident("Ben", room), Resident("Cid", "Ham : Yard")]
    villagers = Villagers(Town(hut, people, seed=1, clock=CLOCK))
    (blocked,) = villagers.do(Cid=go(room))
    assert blocked.kind == "blocked" and blocked.data["why"] == "there is no room left at Hut : Room"
    assert villagers.world.observe(2)["Cid"].free


def test_one_whose_tile_was_taken_meanwhile_finds_another() -> None:
    villagers = Villagers(town(("Mira", SHOP), ("Ben", "Burgh : Tavern : Taproom")))
    villagers.do(Mira=go(SQUARE))
    goal = villagers.world.map.standing(SQUARE)[0]
    spot = villagers.world.map.xy(goal)
    ben = villagers.world._bodies["Ben"]
    ben.tile = goal
    villagers.do(Ben=wait(120))
    villagers.until_still()
    assert villagers.of("arrived", "Mira")
    state = villagers.state("Mira")
    assert (state["x"], state["y"]) != spot and state["place"] == SQUARE
    assert not villagers.of("moved", "Ben")


def test_random_crowds_never_collide_and_always_come_to_rest() -> None:
    world = town(*((f"V{n}", "Burgh : Street") for n in range(40)))
    villagers = Villagers(world)
    rooms = [path for path in world.map.destinations if len(world.map.standing(path)) > 12]
    for _ in range(4):
        rng = stream(1, "test", "", villagers.tick)
        last = positions(villagers)
        events: tuple[Event, ...] = villagers.do(**{name: go(rng.choice(rooms)) for name in world.agents})
        for _ in range(30):
            now = positions(villagers)
            assert len(set(now)) == len(now)
            assert all(abs(a - c) + abs(b - d) <= 1 for (a, b), (c, d) in zip(last, now, strict=True))
            moved = [event.agent for event in events if event.kind == "moved"]
            assert len(set(moved)) == len(moved)
            last, events = now, villagers.do()
    villagers.until_still(300)
    assert not villagers.of("blocked")


@pytest.mark.parametrize("seed", range(4))
def test_whatever_people_do_in_two_small_halls_no_walk_goes_on_for_ever(seed: int) -> None:
    """Ten people on nineteen tiles walk, wait and fall asleep at random, in the door too."""
    people = [Resident(f"V{n}", (WEST, EAST)[n % 2]) for n in range(10)]
    villagers = Villagers(Town(TWO_HALLS, people, seed=seed, clock=CLOCK))
    under_way = dict.fromkeys(villagers.world.agents, 0)
    for tick in range(1, 400):
        answers = {}
        for name, seen in villagers.world.observe(tick).items():
            rng = stream(seed, "test", name, tick)
            if seen.free:
                answers[name] = rng.choice((go(WEST), go(EAST), go(EAST), wait(rng.randint(1, 9)), sleep(10)))
        villagers.do(**answers)
        assert len(set(positions(villagers))) == len(people)
        for name, seen in villagers.world.observe(tick + 1).items():
            under_way[name] = under_way[name] + 1 if seen.state["goal"] else 0
            assert under_way[name] <= 2 * 8 + PATIENCE_TICKS, name
    assert len(villagers.of("arrived")) > 50
