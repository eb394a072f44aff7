"""From the plan to one legal action."""

from __future__ import annotations

from datetime import time
from typing import Any

from minds_for_tests import CLOCK, SHOP, SQUARE, HandModel, begun, observed, persona, stepped, tick_at

from burgh.agents.mind import GenerativeMind
from burgh.agents.persona import Errand, Stroke
from burgh.agents.state import Entry, Piece
from burgh.sim.types import Json, Percept

HOME = "Burgh : Oak Cottage : Kitchen"


def does(made: GenerativeMind, at: str, *percepts: Percept, **seen: Any) -> Json:
    """The answer at a time of day, which its spec allows; None where there is none."""
    observation = observed("Mira", tick_at(at), *percepts, **seen)
    action = stepped(made, observation).action
    if action is None:
        return None
    observation.spec.validate(action.answer)
    return action.answer


def test_one_goes_where_the_plan_says_and_not_twice() -> None:
    made = begun(HandModel())
    assert does(made, "08:00", place=SQUARE) == {"tool": "go", "arguments": {"place": SHOP}}
    assert does(made, "08:01", place=SQUARE, goal=SHOP, free=False) is None
    assert does(made, "10:00", place=SHOP, free=False) == {"tool": "go", "arguments": {"place": HOME}}


def test_a_blocked_way_is_waited_for() -> None:
    made = begun(HandModel())
    blocked = Percept("1.world.0", "outcome", "Mira gave up the way.", ("Mira",), {"kind": "blocked"})
    assert does(made, "08:00", blocked, place=SQUARE) == {"tool": "wait", "arguments": {"minutes": 2}}
    assert does(made, "08:02", place=SQUARE)["tool"] == "go"


def test_one_does_the_next_piece_and_each_once() -> None:
    made = begun(HandModel())
    first = does(made, "08:00")
    assert first["tool"] == "use" and first["arguments"]["activity"] in made.state.plan[1].doing
    assert does(made, "08:01", free=False) is None, "it goes on with what is under way"
    second = does(made, "08:30")
    assert second["arguments"]["activity"] != first["arguments"]["activity"]


def test_the_thing_used_is_the_one_that_fits() -> None:
    day = (Stroke(time(8), 60, (Errand(SHOP, ("wiping the counter",)),)),)
    made = begun(HandModel(), persona(day=day))
    assert does(made, "08:00")["arguments"]["object"] == f"{SHOP} : Counter"


def test_with_nothing_planned_one_waits_until_something_is() -> None:
    made = begun(HandModel())
    made.state.plan = (Entry(tick_at("08:00"), CLOCK.ticks(60), SHOP, ("looking around",)),)
    assert does(made, "07:40") == {"tool": "wait", "arguments": {"minutes": 20}}
    assert does(made, "12:00") == {"tool": "wait", "arguments": {"minutes": 240}}


def test_one_who_is_early_waits_for_the_appointment() -> None:
    made = begun(HandModel())
    made.state.plan = (Entry(tick_at("11:00"), CLOCK.ticks(40), SQUARE, ("looking around",), firm=True),)
    assert does(made, "10:50", place=SQUARE) == {"tool": "wait", "arguments": {"minutes": 10}}


def test_what_is_left_over_from_before_is_not_done() -> None:
    """Two strokes in one room: at the second one does not go on with pieces of the first."""
    first, then = Errand(SHOP, ("baking", "kneading")), Errand(SHOP, ("selling", "sweeping"))
    strokes = (Stroke(time(8), 60, (first,)), Stroke(time(9), 60, (then,)))
    made = begun(HandModel(), persona(day=strokes))
    made.state.pieces = (Piece("baking", 60),)
    assert does(made, "09:00")["arguments"]["activity"] in ("selling", "sweeping")


def test_however_a_scenario_words_it_what_is_done_is_legal() -> None:
    wordy = 'telling "tall stories" \\ about ' + "the long and winding " * 20 + "road"
    made = begun(HandModel(), persona(day=(Stroke(time(8), 3, (Errand(SHOP, (wordy,)),)),)))
    answer = does(made, "08:00")
    assert answer["arguments"]["activity"].startswith("telling tall stories about")
    assert answer["arguments"]["minutes"] == 5, "a thing is used for five minutes at least"


def test_a_thing_is_known_by_what_it_is_for() -> None:
    for doing, thing in (("fetching water", "Well"), ("selling an egg at the market", "Egg Stall")):
        made = begun(HandModel(), persona(day=(Stroke(time(8), 60, (Errand(SQUARE, (doing,)),)),)))
        assert does(made, "08:00", place=SQUARE)["arguments"]["object"] == f"{SQUARE} : {thing}"
