"""The town as a world: it conforms, it can be put away and taken up, and it refuses what cannot be."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

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
    say,
    sleep,
    town,
    use,
    wait,
)

from burgh.sim.rng import stream
from burgh.sim.types import Action, BurghError
from burgh.worlds.conformance import check_world
from burgh.worlds.town import Happening, Resident, Town, village

MAP = village()
NEWS = [
    Happening(5, "the crier", "V0", "A market opens.", "market"),
    Happening(90, "a bell", "V2", "Noon.", "noon"),
]


def crowded(n_agents: int = 12, seed: int = 1) -> Town:
    """People in the bakery and the tavern, close enough to talk and to be in each other's way."""
    homes = (SHOP, "Burgh : Bakery : Kitchen", "Burgh : Tavern : Taproom")
    people = [Resident(f"V{n}", homes[n % 3], {"hair": "#553311"}) for n in range(n_agents)]
    return Town(MAP, people, NEWS, seed=seed, clock=CLOCK)


@pytest.mark.parametrize("seed", range(3))
def test_the_town_conforms(seed: int) -> None:
    check_world(crowded, ticks=200, seed=seed)


def test_a_town_of_one_door_conforms() -> None:
    people = [Resident(f"W{n}", WEST) for n in range(4)] + [Resident(f"E{n}", EAST) for n in range(3)]
    check_world(lambda: Town(TWO_HALLS, people, seed=3, clock=CLOCK), ticks=200)


def test_the_beginning_can_be_drawn() -> None:
    events = town(("Mira", SHOP)).begin()
    assert [event.kind for event in events] == ["scene", "placed"]
    assert events[1].agent == "Mira" and events[1].data["place"] == SHOP
    assert set(events[1].data) == {"x", "y", "place", "look"}
    people = [Resident("Mira", SHOP, {"hair": "#553311", "job": "baker"})]
    placed = Town(MAP, people, seed=1, clock=CLOCK).begin()[1]
    assert placed.data["look"] == {"hair": "#553311", "job": "baker"}


def test_what_may_be_answered_follows_from_where_one_is() -> None:
    world = town(("Mira", SHOP), ("Ben", "Burgh : Street"))
    seen = world.observe(1)
    mira, ben = seen["Mira"], seen["Ben"]
    mira.spec.validate(use(f"{SHOP} : Counter"))
    mira.spec.validate(go("Burgh : Green"))
    mira.spec.validate(wait(240))
    for answer, sentence in (
        (go("Burgh : Bakery"), "go: place: 'Burgh : Bakery' is not one of"),
        (use("Burgh : Bakery : Kitchen : Oven"), "use: object: .* is not one of"),
        (use(f"{SHOP} : Counter", minutes=7), "minutes: 7 is not 5 plus a multiple of 5"),
        (wait(241), "wait: minutes: 241 is not from 1 to 240"),
        (sleep(5), "sleep: minutes: 5 is not from 10 to 600"),
        (say("Ben"), "'say' is not one of the tools"),
    ):
        with pytest.raises(BurghError, match=sentence):
            mira.spec.validate(answer)
    assert world.observe(2)["Ben"].spec is ben.spec
    assert ben.time == CLOCK.at(1) and ben.free and ben.tick == 1


def test_one_room_without_things_has_no_use() -> None:
    world = Town(TWO_HALLS, [Resident("Ann", WEST)], seed=1, clock=CLOCK)
    with pytest.raises(BurghError, match="'use' is not one of the tools 'go', 'wait', 'sleep'"):
        world.observe(1)["Ann"].spec.validate(use("Ham : Hall : West : Table"))


def test_the_state_tells_what_is_under_way() -> None:
    villagers = Villagers(town(("Mira", SHOP)))
    assert set(villagers.state("Mira")) == {
        "place", "where", "x", "y", "activity", "object", "until_tick", "goal", "asleep", "money", "goods",
    }  # fmt: skip
    villagers.do(Mira=go(SQUARE))
    assert villagers.state("Mira")["goal"] == SQUARE
    assert not villagers.world.observe(2)["Mira"].free
    villagers.do(Mira=wait(10))
    assert villagers.state("Mira")["until_tick"] == 62 and villagers.state("Mira")["goal"] is None
    villagers.run(60)
    assert villagers.world.observe(63)["Mira"].free


def test_the_clock_jumps_over_what_nobody_decides() -> None:
    villagers = Villagers(town(("Mira", SHOP), ("Ben", SHOP)))
    assert villagers.world.next_tick(0) == 1
    villagers.do(Mira=sleep(60), Ben=wait(30))
    villagers.do()
    assert villagers.world.next_tick(2) == 181
    villagers.run(179)
    assert villagers.world.next_tick(181) == 182


def test_sleepers_go_to_bed_where_there_is_one() -> None:
    villagers = Villagers(town(("Mira", "Burgh : Oak Cottage : Bedroom")))
    villagers.do(Mira=sleep(10))
    villagers.run(10)
    bed = villagers.world.map.tree.objects["Burgh : Oak Cottage : Bedroom : Bed"]
    state = villagers.state("Mira")
    assert (state["x"], state["y"], state["asleep"]) == (bed.x, bed.y, True)
    villagers.run(80)
    assert [event.data["state"] for event in villagers.of("object")] == ["slept in", "unmade"]


def test_work_is_done_at_the_thing() -> None:
    villagers = Villagers(town(("Mira", SHOP)))
    villagers.do(Mira=use(f"{SHOP} : Bread Shelf"))
    while not villagers.of("began"):
        villagers.do()
    shelf = villagers.world.map.tree.objects[f"{SHOP} : Bread Shelf"]
    state = villagers.state("Mira")
    assert abs(state["x"] - shelf.x) + abs(state["y"] - shelf.y) == 1


def test_a_snapshot_at_any_tick_goes_on_alike() -> None:
    """The round-trip law, at each of 60 ticks of a crowded morning, with walks, talk and work under way."""
    world = crowded()
    world.begin()
    for tick in range(1, 61):
        observations = world.observe(tick)
        other = crowded()
        other.restore(json.loads(json.dumps(world.snapshot())))
        assert repr(other.observe(tick)) == repr(observations)
        actions = {}
        for name, seen in observations.items():
            rng = stream(4, "test", name, tick)
            if seen.free and rng.random() < 0.8:
                actions[name] = Action(name, seen.spec.sample(rng), f"{tick}.{name}.0")
        assert other.apply(tick, actions) == world.apply(tick, actions)
        assert other.snapshot() == world.snapshot() and other.next_tick(tick) == world.next_tick(tick)


def test_a_snapshot_of_others_is_refused() -> None:
    state = town(("Mira", SHOP)).snapshot()
    with pytest.raises(BurghError, match="the snapshot is of Mira, not of Ben"):
        town(("Ben", SHOP)).restore(state)


@pytest.mark.parametrize(
    ("residents", "sentence"),
    [
        ([], "needs at least one resident"),
        ([("Mira", "Burgh : Bakery : Attic")], "there is no place 'Burgh : Bakery : Attic' in Burgh"),
        ([("Mira", "Burgh : Bakery")], "is a building: name one of its rooms, Burgh : Bakery : "),
        ([("Mira", SHOP), ("Ben", SHOP), ("Mira", SHOP)], "two residents are named 'Mira'"),
        (
            [(f"V{n}", "Burgh : Oak Cottage : Bedroom") for n in range(8)],
            "V7 cannot start in 'Burgh : Oak Cottage : Bedroom': its 7 tiles are taken",
        ),
    ],
)
def test_residents_who_cannot_be_are_refused(residents: Sequence[tuple[str, str]], sentence: str) -> None:
    with pytest.raises(BurghError, match=sentence):
        town(*residents)


def test_six_villagers_cost_next_to_nothing() -> None:
    villagers = Villagers(town(*((f"V{n}", path) for n, path in enumerate(MAP.destinations[:6]))))
    villagers.do(**{name: go(SQUARE) for name in villagers.world.agents})
    begun = time.process_time()
    villagers.run(200)
    assert time.process_time() - begun < 2.0  # 10 ms a tick; measured: 0.4 ms
