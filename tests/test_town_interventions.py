"""What is made to happen in a town from outside: who perceives it, when, and what cannot be."""

from __future__ import annotations

import pytest
from town_for_tests import SHOP, SQUARE, Villagers, sleep, town

from burgh.sim.types import BurghError, Event, Json
from burgh.worlds.town import Town


def intervention(tick: int, **data: Json) -> Event:
    return Event(f"{tick}.engine.0", "intervention", None, data)


def whispered(tick: int, to: str) -> Event:
    return intervention(tick, what="whisper", to=to, say="Go home.", fact="")


def test_a_whisper_is_heard_in_its_tick_and_names_its_cause() -> None:
    villagers = Villagers(town(("Ann", SHOP), ("Ben", SHOP)))
    villagers.run(2)
    villagers.world.intervene(whispered(3, "Ann"))
    villagers.run(1)
    (event,) = villagers.of("whispered")
    assert (event.agent, event.tick, event.causes) == ("Ann", 3, ("3.engine.0",))


def test_one_who_sleeps_is_told_on_waking_also_after_a_snapshot() -> None:
    villagers = Villagers(town(("Ann", SHOP)))
    villagers.do(Ann=sleep(10))
    villagers.world.intervene(whispered(villagers.tick + 1, "Ann"))
    villagers.run(2)
    assert villagers.of("whispered") == []
    other = town(("Ann", SHOP))
    other.restore(villagers.world.snapshot())
    assert other.snapshot() == villagers.world.snapshot()
    villagers.world = other
    villagers.run(80)
    (woke,), (event,) = villagers.of("woke"), villagers.of("whispered")
    assert event.tick >= woke.tick


def test_what_happens_at_a_place_is_seen_there_only() -> None:
    villagers = Villagers(town(("Ann", SHOP), ("Ben", SQUARE)))
    villagers.world.intervene(intervention(1, what="event", say="It burns.", place="Burgh : Bakery"))
    villagers.run(1)
    assert [event.data["seen_by"] for event in villagers.of("happened")] == [["Ann"]]
    villagers.world.intervene(intervention(2, what="event", say="It thunders.", place=""))
    villagers.run(1)
    assert villagers.of("happened")[-1].data["seen_by"] == ["Ann", "Ben"]


def test_a_thing_that_is_put_somewhere_stays_and_can_be_used() -> None:
    villagers = Villagers(town(("Ann", SQUARE), ("Ben", SHOP)))
    put = intervention(1, what="object", name="Notice board", place=SQUARE, kind="")
    villagers.world.check_intervention(put.data)
    villagers.world.intervene(put)
    villagers.run(1)
    path = f"{SQUARE} : Notice board"
    (event,) = villagers.of("object_put")
    assert event.causes == ("1.engine.0",) and event.data["path"] == path
    seen = villagers.world.observe(2)
    assert [one.text for one in seen["Ann"].percepts if one.event == event.id]
    assert not [one for one in seen["Ben"].percepts if one.event == event.id]
    with pytest.raises(BurghError, match="already"):
        villagers.world.check_intervention(put.data)
    other = town(("Ann", SQUARE), ("Ben", SHOP))
    assert path not in other.map.tree.objects, "towns of one map must not share what was put"
    other.restore(villagers.world.snapshot())
    assert other.snapshot() == villagers.world.snapshot()
    for world in (villagers.world, other):
        villagers.world = world
        use = {"object": path, "activity": "reading it", "minutes": 5}
        villagers.do(Ann={"tool": "use", "arguments": use})
        villagers.run(20)
        assert villagers.of("began")[-1].data["object"] == path


def test_a_thing_looks_like_what_its_name_says() -> None:
    for name, kind in (("Old well", "well"), ("Bench by the tree", "bench"), ("Statue", "crate")):
        villagers = Villagers(town(("Ann", SQUARE)))
        villagers.world.intervene(intervention(1, what="object", name=name, place=SQUARE, kind=""))
        villagers.run(1)
        assert villagers.of("object_put")[0].data["kind"] == kind


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"what": "flood"}, "whisper, event and object can"),
        ({"what": "object", "name": "A : b", "place": SQUARE}, "no colon"),
        ({"what": "object", "name": "Box", "place": "Burgh : Bakery"}, "is a building"),
        ({"what": "object", "name": "Box", "place": SQUARE, "kind": "welll"}, "did you mean 'well'"),
        ({"what": "whisper", "to": "Ana", "say": "Go."}, "did you mean 'Ann'"),
        ({"what": "whisper", "to": "Ann", "say": " "}, "says something"),
        ({"what": "event", "say": "x" * 501, "place": ""}, "at most 500 characters"),
        ({"what": "event", "say": "It burns.", "place": "Burgh : Bakry"}, "did you mean 'Burgh : Bakery'"),
    ],
)
def test_what_cannot_be_is_said(data: dict[str, Json], said: str) -> None:
    world: Town = town(("Ann", SHOP))
    with pytest.raises(BurghError, match=said):
        world.check_intervention(data)
