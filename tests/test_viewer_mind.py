"""What the panel shows of a mind at a tick, as the record tells it."""

from __future__ import annotations

from viewer_for_tests import HEARD, morning

from burgh.sim.types import Events
from burgh.sim.viewer.mind import MindView
from burgh.sim.viewer.playback import Playback


def mind(name: str, tick: float, memories: int = 12) -> MindView:
    playback = Playback(morning())
    doing = playback.at(tick).people[name].activity
    return playback.minds.view(name, tick, playback.clock, doing=doing, memories=memories)


def test_doing_and_why() -> None:
    assert (mind("Ada", 1).doing, mind("Ada", 1).why) == ("nothing in particular", "")
    assert (mind("Ada", 3).doing, mind("Ada", 3).why) == ("baking", "Bread is wanted.")


def test_the_reason_of_talk_is_not_that_of_the_activity() -> None:
    talk = Events(4, "Ada")
    talk.add("decided", "Ada", {"answer": {"tool": "say", "arguments": {}}, "why": "Ben has come."})
    playback = Playback(sorted([*morning(), *talk.all()], key=lambda event: event.tick))
    assert playback.minds.view("Ada", 5, playback.clock).why == "Bread is wanted."
    wait = Events(13, "Ada")
    wait.add("decided", "Ada", {"answer": {"tool": "wait", "arguments": {}}, "why": "the oven is hot"})
    playback.feed(wait.all())
    assert playback.minds.view("Ada", 13, playback.clock).why == "the oven is hot"


def test_the_plan_with_its_current_entry() -> None:
    assert mind("Ada", 1).plan == ()
    lines = mind("Ada", 3).plan
    assert [(line.start, line.activity, line.place, line.current) for line in lines] == [
        ("09:00", "bake", "Hut", True),
        ("09:30", "sell bread", "Hut", False),
    ]


def test_a_revised_plan_takes_the_place_of_the_old_one() -> None:
    assert [line.activity for line in mind("Ben", 8).plan] == ["go"]
    assert mind("Ben", 7).plan == ()


def test_memories_newest_first_and_none_of_the_future() -> None:
    assert mind("Ben", 5).memories == ()
    assert [memory.id for memory in mind("Ben", 6).memories] == ["Ben:1"]
    later = mind("Ben", 12)
    assert [memory.text for memory in later.memories] == [f"Ada said: {HEARD}", "The hut smells of bread."]
    assert (later.memories[0].importance, later.memories[0].told_by, later.memory_count) == (0.5, "Ada", 2)
    assert [memory.id for memory in mind("Ben", 12, memories=1).memories] == ["Ben:2"]


def test_the_latest_retrieval_with_its_scores() -> None:
    assert mind("Ben", 6).picked == ()
    view = mind("Ben", 7)
    assert view.query == "the market"
    picked = view.picked[0]
    assert picked.text == "The hut smells of bread."
    assert (picked.recency, picked.importance, picked.relevance, picked.score) == (1, 0.5, 0.25, 1.75)


def test_someone_unknown_has_an_empty_mind() -> None:
    playback = Playback(morning())
    view = playback.minds.view("Nobody", 5, playback.clock)
    assert (view.plan, view.memories, view.picked) == ((), (), ())
