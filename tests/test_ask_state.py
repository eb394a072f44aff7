"""`burgh state`: a mind put together from the record is the mind that made the run, in all that it claims."""

from __future__ import annotations

import json

import pytest
from ask_for_tests import CLOCK, HOME, SNAPSHOTS, SQUARE, Story, arrivals, asked, market_day

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.state import state
from burgh.sim.types import BurghError


def test_it_is_the_live_mind_at_every_snapshot() -> None:
    folder = market_day()
    assert len(SNAPSHOTS) > 10
    touched = told = 0
    for tick, minds in SNAPSHOTS.items():
        past = Past.of(folder, tick)
        for name, live in minds.items():
            found = state(past, name)
            origin = [memory.pop("event") for memory in found["memories"]]
            assert found["memories"] == live["stream"]["memories"], (tick, name)
            assert dict(zip((m["id"] for m in found["memories"]), origin, strict=True)) == live["origin"]
            touched += sum(memory["last_access"] > memory["created"] for memory in found["memories"])
            assert found["prompts"] == live["prompts"]
            keys = ("start", "ticks", "place", "activity", "event")
            assert [tuple(entry[key] for key in keys) for entry in found["plan"]] == [
                (entry["start"], entry["ticks"], entry["place"], entry["doing"][0], entry["event"])
                for entry in live["plan"]
            ], (tick, name)
            assert [entry["why"] for entry in found["plan"]] == [entry["memory"] for entry in live["plan"]]
            for other, talk in found["talks"].items():
                if other in minds:
                    known = live["talks"][other]
                    assert talk["greeted"] == known["greeted"], (tick, name, other)
                    assert {*talk["told"], *talk["heard"]} <= set(known["knows"]), (tick, name, other)
                    told += len(talk["told"])
    assert touched > 100
    assert told > 10


def test_place_and_activity_are_those_that_the_world_shows() -> None:
    story = Story()
    story.add(0, "placed", "Ann", {"x": 1, "y": 2, "place": HOME, "look": {}}, source="world")
    story.goes(10, "Ann", SQUARE, ticks=0)
    story.add(11, "moved", "Ann", {"x": 2, "y": 2}, source="world")
    walking = state(story.past(), "Ann")
    assert (walking["place"], walking["goal"], walking["x"], walking["doing"]) == (HOME, SQUARE, 2, "")
    story.add(12, "arrived", "Ann", {"place": SQUARE}, source="world")
    story.add(
        13, "began", "Ann", {"activity": "resting", "object": "Bench", "until_tick": 20}, source="world"
    )
    there = state(story.past(), "Ann")
    assert (there["place"], there["goal"], there["doing"]) == (SQUARE, None, "resting")
    assert there["decided"]["answer"] == {"tool": "go", "arguments": {"place": SQUARE}}
    story.add(20, "finished", "Ann", {"activity": "resting", "object": "Bench"}, source="world")
    story.add(21, "slept", "Ann", {"until_tick": 90}, source="world")
    asleep = state(story.past(), "Ann")
    assert (asleep["doing"], asleep["asleep"]) == ("", True)


def test_a_changed_plan_keeps_who_planned_what() -> None:
    story = Story()
    first = story.plans(0, "Ann", (), ("08:00", 60, HOME, ""), ("09:00", 60, HOME, ""))
    news = story.remembers(5, "Ann", "There is a market at 08:30.")
    entries = (("08:00", 60, HOME, ""), ("08:30", 40, SQUARE, news[0]), ("09:00", 60, HOME, ""))
    second = story.plans(6, "Ann", [news[1]], *entries, changed="revised", new=[1])
    story.plans(7, "Ann", [second], ("08:00", 15, HOME, ""), changed="hour")
    found = state(story.past(), "Ann")
    assert [(entry["time"], entry["event"], entry["why"]) for entry in found["plan"]] == [
        ("08:00", first, ""),
        ("08:30", second, news[0]),
        ("09:00", first, ""),
    ]
    assert found["plan"][1]["start"] == CLOCK.ticks(60)
    assert [entry["time"] for entry in found["hour"]] == ["08:00"]


def test_entries_that_are_alike_keep_their_own_events() -> None:
    story = Story()
    alike = ("08:00", 60, HOME, "")
    first = story.plans(0, "Ann", (), alike)
    second = story.plans(1, "Ann", (), alike, alike, changed="revised", new=[1])
    story.plans(2, "Ann", (), alike, alike, changed="revised", new=[])
    assert [entry["event"] for entry in state(story.past(), "Ann")["plan"]] == [first, second]


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    arrival = arrivals()[0]
    code, out, _ = asked(capsys, "state", market_day(), arrival.agent, "--tick", arrival.tick)
    found = json.loads(out)
    assert code == 0
    assert (found["agent"], found["tick"]) == (arrival.agent, arrival.tick)
    assert found["place"] == "Burgh : Market Square"
    code, out, err = asked(capsys, "state", market_day(), "Greto")
    assert (code, out) == (2, "")
    assert err == "burgh: there is no agent 'Greto' in this run: did you mean 'Greta'?\n"
    with pytest.raises(BurghError, match="known are Ann, Ben, Cid"):
        state(Story().past(), "Zoltan")
