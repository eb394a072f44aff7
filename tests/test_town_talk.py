"""Speech: who hears it, who has the floor, and how news comes from outside."""

from __future__ import annotations

from collections import Counter

import pytest
from town_for_tests import SHOP, SQUARE, Villagers, go, say, sleep, town, use, wait

from burgh.sim.types import BurghError
from burgh.worlds.town import Happening, Town
from burgh.worlds.town.speech import Utterance, take_floor

TAPROOM = "Burgh : Tavern : Taproom"
NEWS = Happening(5, "the crier", "Mira", "A market opens on the square at eleven.", "market")


def shop(*names: str, seed: int = 1) -> Villagers:
    return Villagers(town(*((name, SHOP) for name in names), seed=seed))


def test_what_is_said_is_heard_within_earshot_and_by_no_one_else() -> None:
    villagers = Villagers(town(("Mira", SHOP), ("Ben", SHOP), ("Cid", SHOP), ("Dan", TAPROOM)))
    (said,) = villagers.do(Mira=say("Ben", "The market opens at eleven.", "tell", "There is a market."))
    assert said.kind == "said" and said.agent == "Mira" and said.causes == ("1.Mira.0",)
    assert said.data == {
        "speaker": "Mira",
        "to": "Ben",
        "act": "tell",
        "subject": "",
        "fact": "",
        "meaning": "There is a market.",
        "words": "The market opens at eleven.",
        "heard_by": ["Ben", "Cid"],
    }
    villagers.do()
    for name in ("Ben", "Cid"):
        (percept,) = (p for p in villagers.percepts[name] if p.kind == "speech")
        assert percept.text == 'Mira said to Ben: "The market opens at eleven."'
        assert percept.event == said.id and percept.agents == ("Mira", "Ben")
        assert percept.data == said.data, "who hears it sees who else does"
    assert not villagers.texts("Dan", "speech") and not villagers.texts("Mira", "speech")


def test_only_those_awake_within_earshot_can_be_spoken_to() -> None:
    villagers = Villagers(town(("Mira", SHOP), ("Ben", SHOP), ("Cid", SHOP), ("Dan", TAPROOM)))
    villagers.do(Cid=sleep(60))
    observation = villagers.world.observe(2)["Mira"]
    assert observation.near == ("Ben",)
    observation.spec.validate(say("Ben"))
    for name in ("Cid", "Dan", "Mira", "Zoe"):
        with pytest.raises(BurghError, match="is not one of 'Ben'"):
            observation.spec.validate(say(name))
    with pytest.raises(BurghError, match="'say' is not one of the tools 'go', 'use', 'wait', 'sleep'"):
        villagers.world.observe(2)["Dan"].spec.validate(say("Mira"))


def test_sleepers_hear_nothing() -> None:
    villagers = shop("Mira", "Ben", "Cid")
    villagers.do(Cid=sleep(60))
    (said,) = villagers.do(Mira=say("Ben"))
    assert said.data["heard_by"] == ["Ben"]
    villagers.do()
    assert not villagers.texts("Cid", "speech")


def test_near_is_nearest_first() -> None:
    villagers = shop("Mira", "Ben", "Cid", "Dan")
    seen = villagers.world.observe(1)
    for name, observation in seen.items():
        here = observation.state
        distances = [
            (seen[other].state["x"] - here["x"]) ** 2 + (seen[other].state["y"] - here["y"]) ** 2
            for other in observation.near
        ]
        assert distances == sorted(distances) and len(distances) == 3, name


def test_saying_something_does_not_end_work() -> None:
    villagers = shop("Mira", "Ben")
    villagers.do(Mira=use(f"{SHOP} : Counter"))
    villagers.run(12)
    until = villagers.state("Mira")["until_tick"]
    assert until is not None
    villagers.do(Mira=say("Ben"))
    assert villagers.state("Mira")["until_tick"] == until
    villagers.run(40)
    assert len(villagers.of("finished", "Mira")) == 1


def test_walkers_stand_still_two_ticks_for_a_talk_and_then_walk_on() -> None:
    villagers = shop("Mira", "Ben")
    villagers.do(Mira=go(SQUARE))
    villagers.run(2)
    assert villagers.world.observe(4)["Mira"].near == ("Ben",)
    villagers.do(Ben=say("Mira", "Wait!"))
    villagers.run(3)
    moved = [event.tick for event in villagers.of("moved", "Mira")]
    assert moved == [1, 2, 3, 7]
    villagers.until_still()
    assert villagers.of("arrived", "Mira")


def test_the_one_spoken_to_may_go_on_at_once() -> None:
    villagers = shop("Mira", "Ben")
    villagers.do(Mira=go(SQUARE))
    villagers.do(Ben=say("Mira", "Wait!"))
    villagers.do(Mira=go(SQUARE))
    assert [event.tick for event in villagers.of("moved", "Mira")] == [1, 3]


def test_of_two_who_speak_at_once_one_is_heard_and_the_other_told_so() -> None:
    firsts = Counter[str]()
    for seed in range(40):
        villagers = shop("Mira", "Ben", seed=seed)
        villagers.do(Mira=say("Ben", "Fresh bread!"), Ben=say("Mira", "Good day!"))
        (said,), (unheard,) = villagers.of("said"), villagers.of("unheard")
        firsts[said.agent or ""] += 1
        assert {said.agent, unheard.agent} == {"Mira", "Ben"}
        assert "heard_by" not in unheard.data and unheard.causes == (f"1.{unheard.agent}.0",)
        villagers.do()
        other = unheard.agent or ""
        expected = f"{other} spoke to {said.agent}, but {said.agent} was heard first."
        assert villagers.texts(other, "outcome") == [expected]
        assert villagers.texts(other, "speech") == [f'{said.agent} said to {other}: "{said.data["words"]}"']
    assert min(firsts["Mira"], firsts["Ben"]) >= 10


@pytest.mark.parametrize("seed", range(12))
def test_the_turn_passes_to_the_one_addressed(seed: int) -> None:
    villagers = shop("Mira", "Ben", "Cid", seed=seed)
    villagers.do(Mira=say("Ben", "How are you?", "ask"))
    villagers.do(Mira=say("Ben", "And?"), Cid=say("Ben", "Ben!"), Ben=say("Mira", "Well.", "answer"))
    assert [event.agent for event in villagers.of("said")] == ["Mira", "Ben"]
    assert {event.agent for event in villagers.of("unheard")} == {"Mira", "Cid"}


def test_separate_talks_do_not_hinder_each_other() -> None:
    villagers = shop("Mira", "Ben", "Cid", "Dan")
    villagers.do(Mira=say("Ben"), Cid=say("Dan"))
    assert [event.agent for event in villagers.of("said")] == ["Mira", "Cid"]


def test_the_floor_is_had_by_groups() -> None:
    from burgh.sim.rng import stream

    said = [
        Utterance(a, {"to": b}, "") for a, b in (("A", "X"), ("B", "X"), ("C", "D"), ("D", "Y"), ("E", "Z"))
    ]
    floor = take_floor(said, {}, 1, stream(1, "floor"))
    assert floor["A"] == floor["B"] in {"A", "B"}
    assert floor["C"] == floor["D"] in {"C", "D"}
    assert floor["E"] == "E"


def test_a_voice_tells_one_agent_at_its_tick() -> None:
    villagers = Villagers(town(("Mira", SHOP), ("Ben", SHOP), happenings=[NEWS]))
    villagers.run(6)
    (said,) = villagers.of("said")
    assert said.tick == 5 and said.agent is None
    assert said.data["speaker"] == "the crier" and said.data["heard_by"] == ["Mira"]
    assert said.data["fact"] == "market" and said.data["words"] == said.data["meaning"] == NEWS.meaning
    assert villagers.texts("Mira", "speech") == [f'the crier said to Mira: "{NEWS.meaning}"']
    assert not villagers.texts("Ben", "speech")


def test_news_for_a_sleeper_waits_for_the_waking() -> None:
    villagers = Villagers(town(("Mira", SHOP), happenings=[NEWS]))
    villagers.do(Mira=sleep(10))
    assert villagers.world.next_tick(2) == 61
    villagers.run(60)
    assert [event.tick for event in villagers.of("said")] == [61]


def test_the_clock_jumps_to_the_news() -> None:
    villagers = Villagers(town(("Mira", SHOP), happenings=[NEWS]))
    villagers.do(Mira=wait(60))
    villagers.do()
    assert villagers.world.next_tick(2) == 5


@pytest.mark.parametrize(
    ("news", "sentence"),
    [
        (
            Happening(5, "the crier", "Mora", "x", "f"),
            "news for 'Mora', who does not live here: did you mean 'Mira'",
        ),
        (Happening(0, "the crier", "Mira", "x", "f"), "is before the start: tick 0"),
        (Happening(5, "Mira", "Mira", "x", "f"), "the voice 'Mira' has the name of a resident"),
    ],
)
def test_news_that_cannot_be_is_refused(news: Happening, sentence: str) -> None:
    with pytest.raises(BurghError, match=sentence):
        town(("Mira", SHOP), happenings=[news])


def test_a_conversation_on_the_way_can_be_held_to_its_end() -> None:
    villagers = shop("Mira", "Ben")
    villagers.do(Mira=go(SQUARE), Ben=go("Burgh : Green"))
    for words in ("Where to?", "To the square.", "I to the green.", "Till later."):
        speaker, hearer = ("Ben", "Mira") if len(villagers.of("said")) % 2 == 0 else ("Mira", "Ben")
        villagers.do(**{speaker: say(hearer, words)})
    assert len(villagers.of("said")) == 4
    assert max(event.tick for event in villagers.of("moved")) == 1
    villagers.until_still()
    assert {event.agent for event in villagers.of("arrived")} == {"Mira", "Ben"}
    assert isinstance(villagers.world, Town)
