"""What is seen: the room or a radius, the nearest few, and only what is new."""

from __future__ import annotations

import pytest
from town_for_tests import CLOCK, SHOP, SQUARE, Villagers, go, hamlet, sleep, town, use, wait

from burgh.worlds.town import Resident, Town
from burgh.worlds.town.texts import Texts

KITCHEN = "Burgh : Bakery : Kitchen"
OVEN = f"{KITCHEN} : Oven"


def test_those_in_the_room_are_news_once() -> None:
    villagers = Villagers(town(("Mira", SHOP), ("Ben", SHOP), ("Cid", KITCHEN)))
    assert villagers.world.observe(0)["Mira"].percepts == ()
    villagers.run(30)
    assert villagers.texts("Mira", "sight") == ["Ben is in the bakery's shop."]
    assert villagers.texts("Cid", "sight") == []
    (percept,) = villagers.percepts["Mira"]
    assert percept.event == "0.world.2" and percept.agents == ("Ben",)


def test_walls_hide_and_the_open_air_has_a_radius() -> None:
    lane = hamlet(["." * 30], {"Lane": ("area", 0, 0, 15, 1), "Far": ("area", 15, 0, 15, 1)})
    people = [Resident("Ann", "Ham : Lane"), Resident("Ben", "Ham : Far")]  # in the middles, 15 tiles apart
    villagers = Villagers(Town(lane, people, seed=1, clock=CLOCK))
    villagers.do(Ben=go("Ham : Lane"))
    while not villagers.texts("Ann", "sight"):
        villagers.do()
    met = [event for event in villagers.of("moved") if event.id == villagers.percepts["Ann"][0].event]
    assert met[0].data["x"] - villagers.state("Ann")["x"] == 8
    assert villagers.texts("Ann", "sight") == ["Ben is walking at Far."]


def test_work_begun_in_sight_is_news_once_and_steps_are_none() -> None:
    villagers = Villagers(town(("Mira", KITCHEN), ("Ben", KITCHEN)))
    villagers.do(Mira=use(OVEN, "kneading dough", 10))
    villagers.run(80)
    began, finished = villagers.of("began", "Mira")[0], villagers.of("finished", "Mira")[0]
    assert villagers.texts("Ben", "sight") == [
        "Mira is in the bakery's kitchen.",
        "The oven in the bakery's kitchen is now hot.",
        "Mira is busy kneading dough at the oven in the bakery's kitchen.",
        "The oven in the bakery's kitchen is now warm.",
    ]
    assert villagers.texts("Mira", "outcome") == [
        "Mira finished kneading dough at the oven in the bakery's kitchen."
    ]
    assert began.data == {"activity": "kneading dough", "object": OVEN, "until_tick": finished.tick}
    assert finished.data == {"activity": "kneading dough", "object": OVEN}
    assert finished.causes == (began.id,)


def test_other_wordings_of_an_activity_read_well() -> None:
    villagers = Villagers(town(("Mira", KITCHEN), ("Ben", KITCHEN)))
    villagers.do(Mira=use(OVEN, "bread", 5))
    villagers.run(60)
    assert "Mira is busy at the oven (bread) in the bakery's kitchen." in villagers.texts("Ben", "sight")
    assert villagers.texts("Mira", "outcome") == [
        "Mira finished at the oven (bread) in the bakery's kitchen."
    ]


@pytest.mark.parametrize(("minutes", "news"), [(1, 1), (12, 2)])
def test_who_comes_back_soon_is_no_news(minutes: int, news: int) -> None:
    villagers = Villagers(town(("Mira", SHOP), ("Ben", SHOP)))
    villagers.do(Ben=go(KITCHEN))
    villagers.until_still()
    villagers.do(Ben=wait(minutes))
    villagers.run(minutes * 6)
    villagers.do(Ben=go(SHOP))
    villagers.until_still()
    villagers.do()
    assert len(villagers.texts("Mira", "sight")) == news


def test_one_seen_on_the_way_is_news_again_when_it_has_come() -> None:
    villagers = Villagers(town(("Mira", SQUARE), ("Ben", SHOP)))
    villagers.do(Ben=go(SQUARE))
    villagers.until_still()
    villagers.do()
    assert villagers.texts("Mira", "sight") == [
        "Ben is walking in the street.",
        "Ben is on the market square.",
    ]


def test_only_the_nearest_few_are_seen() -> None:
    villagers = Villagers(town(*((f"V{n}", SHOP) for n in range(9))))
    villagers.do()
    assert len(villagers.texts("V0", "sight")) == 5


def test_sleepers_see_nothing_and_are_seen_asleep() -> None:
    room = "Burgh : Elm Cottage : Room"
    villagers = Villagers(town(("Mira", room), ("Ben", room)))
    villagers.do(Mira=sleep(20))
    villagers.run(10)
    assert villagers.state("Mira")["asleep"]
    assert "Mira is asleep in Elm Cottage." in villagers.texts("Ben", "sight")
    before = list(villagers.percepts["Mira"])
    villagers.do(Ben=use(f"{room} : Hearth", "lighting a fire"))
    villagers.run(60)
    assert villagers.of("finished", "Ben") and villagers.state("Mira")["asleep"]
    assert villagers.percepts["Mira"] == before
    villagers.run(60)
    assert not villagers.state("Mira")["asleep"]
    since = [percept.text for percept in villagers.percepts["Mira"][len(before) :]]
    assert since == ["Mira woke up in Elm Cottage.", "Ben is in Elm Cottage."]


def test_one_who_gets_up_before_the_time_wakes() -> None:
    villagers = Villagers(town(("Mira", SHOP)))
    villagers.do(Mira=sleep(60))
    events = villagers.do(Mira=go(SQUARE))
    assert [event.kind for event in events] == ["woke", "set_out", "moved"]
    assert events[0].causes == ("2.Mira.0",)


def test_the_state_of_a_thing_persists() -> None:
    villagers = Villagers(town(("Mira", KITCHEN)))
    villagers.do(Mira=use(OVEN, minutes=5))
    villagers.run(60)
    villagers.do(Mira=go(SHOP))
    villagers.run(300)
    assert villagers.world.snapshot()["objects"][OVEN] == "warm"
    states = [event.data["state"] for event in villagers.of("object")]
    assert states == ["hot", "warm"]


def test_work_cut_short_leaves_the_thing_as_used() -> None:
    villagers = Villagers(town(("Mira", KITCHEN), ("Ben", KITCHEN)))
    villagers.do(Mira=use(OVEN, minutes=60))
    villagers.run(12)
    villagers.do(Mira=go(SHOP))
    assert villagers.world.snapshot()["objects"][OVEN] == "warm"
    assert not villagers.of("finished")


def test_a_thing_two_use_stays_in_use_until_both_are_done() -> None:
    villagers = Villagers(town(("Mira", KITCHEN), ("Ben", KITCHEN)))
    villagers.do(Mira=use(OVEN, minutes=5), Ben=use(OVEN, minutes=20))
    villagers.run(60)
    assert villagers.of("finished", "Mira") and villagers.world.snapshot()["objects"][OVEN] == "hot"
    villagers.run(90)
    assert villagers.world.snapshot()["objects"][OVEN] == "warm"


def test_place_names_read_as_phrases() -> None:
    texts = Texts(town(("Mira", SHOP)).map)
    assert texts.where("Burgh : Oak Cottage : Bedroom") == "in the bedroom of Oak Cottage"
    assert texts.where("Burgh : Chapel : Nave") == "in the chapel"
    assert texts.thing("Burgh : School : Classroom : Teacher's Desk") == "the teacher's desk"
