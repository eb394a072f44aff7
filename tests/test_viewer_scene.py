"""Events to scenes: what is where, who says what, and that seeking to a tick equals playing up to it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from viewer_for_tests import HEARD, RED, by_tick, memory, morning, opening, said

from burgh.sim.types import ENGINE, WORLD, Event, Events
from burgh.sim.viewer import store as store_module
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.light import light_at
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.scene import Scene

REPLY = "Ben>Ada: Then I shall come."


def told(scene: Scene) -> str:
    """A scene as a person would tell it."""
    people = [
        f"{p.name} {p.x:g},{p.y:g} {p.facing}"
        + (" walks" if p.walking else "")
        + (" asleep" if p.asleep else "")
        + (f" [{p.activity}]" if p.activity and not p.asleep else "")
        for p in scene.people.values()
    ]
    bubbles = [f"{b.speaker}>{b.to}: {b.text}" for b in scene.bubbles]
    return f"{scene.time:%H:%M:%S} " + "; ".join([*people, *bubbles])


def test_a_morning_as_it_is_played() -> None:
    playback = Playback(morning())
    assert [told(playback.at(tick)) for tick in (0, 2, 2.5, 6, 7, 8, 9, 12)] == [
        "09:00:00 Ada 6,3 down; Ben 1,5 right walks; Cid 11,8 down",
        "09:00:20 Ada 6,3 left [baking]; Ben 3,5 right walks; Cid 11,8 down",
        "09:00:25 Ada 6,3 left [baking]; Ben 3.5,5 right walks; Cid 11,8 down",
        f"09:01:00 Ada 6,3 down [baking]; Ben 6,5 right; Cid 11,8 down; Ada>Ben: {HEARD}",
        f"09:01:10 Ada 6,3 down [baking]; Ben 6,5 up; Cid 11,8 down; Ada>Ben: {HEARD}; {REPLY}",
        f"09:01:20 Ada 6,3 down [baking]; Ben 6,5 up; Cid 11,8 down asleep; Ada>Ben: {HEARD}; {REPLY}",
        f"09:01:30 Ada 6,3 down; Ben 6,5 up; Cid 11,8 down asleep; Ada>Ben: {HEARD}; {REPLY}",
        f"09:02:00 Ada 6,3 down; Ben 6,5 up; Cid 11,8 down; Ada>Ben: {HEARD}; {REPLY}",
    ]


def test_things_have_the_state_of_the_tick() -> None:
    playback = Playback(morning())
    assert playback.at(1).things["Ham : Hut : Oven"].state == "cold"
    assert playback.at(2).things["Ham : Hut : Oven"].state == "hot"
    assert playback.at(1).things["Ham : Hut : Oven"].state == "cold"


def test_looks_and_places_come_from_the_record() -> None:
    scene = Playback(morning()).at(0)
    assert scene.people["Ada"].look["coat"] == RED
    assert (scene.town.width, scene.town.height) == (20, 10)
    hut = scene.town.places[1]
    assert (hut.name, hut.depth, hut.kind) == ("Hut", 1, "building")
    assert scene.town.layers[1].rows[1][6] == "window"


def test_a_bubble_ages_fades_and_goes() -> None:
    events = opening()
    events += [Event("1.world.0", "said", "Ada", said("Ada", "Ben", "Hello there."))]
    events += [Event("60.world.0", "waited", "Ada", {"until_tick": 90})]
    playback = Playback(events)
    fresh = playback.at(1).bubbles[0]
    assert (fresh.speaker, fresh.to, fresh.over, fresh.age, fresh.opacity) == ("Ada", "Ben", "Ada", 0, 1)
    life = fresh.life
    assert 0 < playback.at(1 + life * 0.9).bubbles[0].opacity < 1
    assert playback.at(1 + life).bubbles == ()
    assert playback.at(0).bubbles == ()


def test_who_speaks_again_has_one_bubble() -> None:
    events = opening()
    events += [Event("1.world.0", "said", "Ada", said("Ada", "Ben", "One."))]
    events += [Event("2.world.0", "said", "Ada", said("Ada", "Ben", "Two."))]
    assert [b.text for b in Playback(events).at(2).bubbles] == ["Two."]


def test_a_voice_that_is_no_agent_hangs_over_whom_it_speaks_to() -> None:
    events = [*opening(), Event("1.world.0", "said", None, said("A crier", "Cid", "Hear ye!"))]
    bubble = Playback(events).at(1).bubbles[0]
    assert (bubble.speaker, bubble.over, bubble.x, bubble.y) == ("A crier", "Cid", 11, 8)
    events = [*opening(), Event("1.world.0", "said", None, said("A crier", "", "Hear ye!"))]
    assert Playback(events).at(1).bubbles[0].over is None


def test_a_bubble_walks_with_its_speaker() -> None:
    events = opening()
    events += [Event("1.world.0", "said", "Ben", said("Ben", "Ada", "I am coming."))]
    events += [Event("2.world.0", "moved", "Ben", {"x": 2, "y": 5})]
    assert Playback(events).at(1.5).bubbles[0].x == 1.5


def test_who_is_put_somewhere_else_does_not_glide_there() -> None:
    events = [*opening(), Event("1.world.0", "moved", "Ben", {"x": 15, "y": 9})]
    playback = Playback(events)
    assert (playback.at(0.5).people["Ben"].x, playback.at(1).people["Ben"].x) == (1, 15)


def test_time_jumped_over_shows_people_standing() -> None:
    events = [*opening(), Event("10.world.0", "moved", "Ben", {"x": 2, "y": 5})]
    playback = Playback(events)
    assert not playback.at(5).people["Ben"].walking
    assert playback.at(5).time == datetime(2024, 5, 1, 9, 0, 50)
    assert playback.at(9.5).people["Ben"].x == 1.5


def test_the_log_tells_what_happened() -> None:
    texts = [caption.text for caption in Playback(morning()).at(12).captions]
    assert texts == [
        "Ben sets out for Hut",
        "Ada: baking",
        "Ben arrives: Hut",
        f"Ada to Ben: “{HEARD}”",
        "Ben to Ada: “Then I shall come.”",
        "Ben changes the plan: Ham at 09:01",
        "Cid goes to sleep",
        "Cid wakes up",
    ]


def test_marks_are_speech_and_changed_plans() -> None:
    playback = Playback(morning())
    assert [(mark.tick, mark.kind, mark.agent) for mark in playback.marks] == [
        (6, "speech", "Ada"),
        (7, "speech", "Ben"),
        (8, "plan", "Ben"),
    ]
    assert (playback.next_mark(6), playback.next_mark(6, forward=False)) == (7, None)
    assert (playback.next_mark(8), playback.next_mark(7.5, forward=False)) == (None, 7)


def busy_events(ticks: int, people: int = 5) -> list[Event]:
    """A crowd that walks about and talks, at random."""
    rng = random.Random(5)
    events = opening()
    world = Events(0, "crowd")
    spots = {f"P{n}": (n, 6) for n in range(people)}
    for name, (x, y) in spots.items():
        world.add("placed", name, {"x": x, "y": y, "place": "Ham", "look": {}})
    events += world.all()
    for tick in range(1, ticks):
        if rng.random() < 0.2:
            continue  # nothing happened: the clock jumped
        world = Events(tick, WORLD)
        for name, (x, y) in spots.items():
            if rng.random() < 0.5:
                spots[name] = (x + rng.choice((-1, 1)), y)
                world.add("moved", name, {"x": spots[name][0], "y": y})
        speaker, to = rng.sample(sorted(spots), 2)
        world.add("said", speaker, said(speaker, to, f"Words at {tick}."))
        events += world.all()
    return events


def test_seeking_equals_playing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEY_WEIGHT", 40)
    events = busy_events(200)
    played = Playback(events)
    moments = [tick / 2 for tick in range(2 * played.last_tick)]
    scenes = {moment: played.at(moment) for moment in moments}
    sought = Playback(events)
    assert sought.store.key(10**9)[0] > 100  # or nothing would be tested
    order = random.Random(1).sample(moments, 150)
    for moment in order:
        assert sought.at(moment) == scenes[moment], moment


def test_a_run_that_grows_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEY_WEIGHT", 40)
    events = busy_events(120)
    whole, growing = Playback(events), Playback()
    for tick, some in by_tick(events).items():
        growing.feed(some[: len(some) // 2])  # the last tick may come in two parts
        growing.at(growing.last_tick)
        growing.feed(some[len(some) // 2 :])
        for moment in (tick / 2, tick - 0.25):
            assert growing.at(moment) == whole.at(moment), moment
    assert growing.at(119) == whole.at(119)
    assert growing.marks == whole.marks


def test_ticks_come_in_order() -> None:
    playback = Playback(morning())
    with pytest.raises(ValueError, match="tick 3 was fed after tick 12"):
        playback.feed([Event("3.world.9", "woke", "Cid", {})])


def test_an_empty_record_is_an_empty_scene() -> None:
    scene = Playback().at(5)
    assert (scene.people, scene.town.width, scene.tick) == ({}, 0, 0)


def test_the_end_is_known() -> None:
    playback = Playback(morning())
    assert not playback.ended
    playback.feed([Event(f"12.{ENGINE}.0", "run_ended", None, {"reason": "end", "frames": 14})])
    assert playback.ended
    assert playback.at(12).ended == "end"


def test_events_of_kinds_that_show_nothing_are_passed_over() -> None:
    builder = SceneBuilder()
    for event in [*opening(), Event("1.x.0", "something_new", "Ada", {"what": 1})]:
        builder.apply(event)
    assert builder.scene().people["Ada"].x == 6


def test_light_through_a_day() -> None:
    midnight = datetime(2024, 5, 1)
    lights = [light_at(midnight + timedelta(minutes=15 * n)) for n in range(96)]
    assert lights[48].ambient == (255, 255, 255) and lights[48].part == "noon"
    assert lights[0].brightness < 0.5 < lights[32].brightness
    assert lights[0].lamps == lights[92].lamps == 1 and lights[48].lamps == 0
    assert [light.part for light in lights[::16]] == [
        "night",
        "night",
        "morning",
        "noon",
        "afternoon",
        "evening",
    ]
    steps = [abs(a.brightness - b.brightness) for a, b in pairwise(lights)]
    assert max(steps) < 0.1  # no sudden change


def test_an_insight_is_told_and_not_the_question() -> None:
    ada = Events(13, "Ada")
    ada.add("memory", "Ada", memory("Ada", 1, "Ben is about.", 13))
    insight = {**memory("Ada", 2, "Ben is worried.", 13), "kind": "reflection"}
    ada.add("memory", "Ada", insight)
    ada.add("reflected", "Ada", {"question": "What is to be known about Ben?", "insights": ["Ada:2"]})
    before = Playback(morning()).at(12).captions
    after = Playback([*morning(), *ada.all()]).at(13).captions
    assert [caption.text for caption in after[len(before) :]] == ["Ada thinks: Ben is worried."]
