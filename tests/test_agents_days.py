"""Several days: people sleep at home, wake, and plan a new day from what they keep of the one before."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from minds_for_tests import (
    CLOCK,
    SHOP,
    HandModel,
    begun,
    heard,
    mind,
    observed,
    of_kind,
    persona,
    run,
    said,
    stepped,
    tick_at,
)

from burgh.agents.day import day_at, rhythm
from burgh.agents.mind import GenerativeMind
from burgh.agents.persona import Errand, Persona, Stroke
from burgh.agents.when import day_of, in_words_of, ticks_named
from burgh.sim.clock import Clock
from burgh.sim.types import Json, Step

HOME = "Burgh : Oak Cottage : Kitchen"
BEDROOM = "Burgh : Oak Cottage : Bedroom"
DAY = CLOCK.ticks(24 * 60)
MARKET = "There is a market on the square at 11:00 today."
FAIR = "There is a fair on the square at 11:00 tomorrow."


def does(step: Step) -> Json:
    return None if step.action is None else step.action.answer


def test_at_night_one_goes_to_bed_and_sleeps_until_morning() -> None:
    made = begun(HandModel())
    night = tick_at("21:30")
    assert does(stepped(made, observed("Mira", night, place=HOME))) == {
        "tool": "go",
        "arguments": {"place": BEDROOM},
    }
    abed = does(stepped(made, observed("Mira", tick_at("21:34"), place=BEDROOM)))
    assert abed == {"tool": "sleep", "arguments": {"minutes": 600}}, "until 07:30, in tens of minutes"
    late = does(stepped(made, observed("Mira", tick_at("23:58"), place=BEDROOM)))
    assert late == {"tool": "sleep", "arguments": {"minutes": 460}}


def morning(made: GenerativeMind) -> Step:
    """What is thought when the night is over."""
    seen = observed("Mira", DAY, place=BEDROOM, free=False)
    seen.state["asleep"] = True  # type: ignore[index]
    return stepped(made, seen)


def test_a_new_day_is_planned_from_what_is_kept_of_yesterday() -> None:
    model = HandModel()
    model.importance[MARKET] = 8.0
    made = begun(model)
    stepped(made, observed("Mira", 30, heard("Ben", "Mira", MARKET, fact="market")))
    step = morning(made)
    (summary,) = [one for one in made.state.stream if one.kind == "summary"]
    news = next(one for one in made.state.stream if one.kind == "speech")
    assert summary.evidence[0] == news.id and summary.importance == news.importance
    assert summary.text.startswith("What Mira keeps of 2024-05-01: Ben told Mira: There is a market")
    (planned,) = [event for event in of_kind(step.events, "planned") if event.data["changed"] == "day"]
    day = next(one for one in made.state.stream if one.kind == "plan" and one.created == DAY)
    origin = {event.id: event for event in step.events}[made.state.origin[day.id]]
    assert made.state.origin[summary.id] in origin.causes and origin.id in planned.causes
    assert {entry["day"] for entry in planned.data["entries"]} == {2}
    assert made.state.day_ends == 2 * DAY
    assert does(step) == {"tool": "go", "arguments": {"place": HOME}}, "and one gets up, though asleep"
    assert [one.start - DAY for one in made.state.plan[1:3]] == [tick_at("08:00"), tick_at("10:00")]
    stepped(made, observed("Mira", DAY + 1, place=HOME))
    assert len([one for one in made.state.stream if one.kind == "summary"]) == 1, "once a day"


def test_where_there_is_a_choice_yesterday_is_in_the_question() -> None:
    choices = (Errand(SHOP, ("selling bread",)), Errand(HOME, ("resting",)))
    made = begun(HandModel(), persona(day=(Stroke(time(9), 60, choices),)))
    stepped(made, observed("Mira", 30, heard("Ben", "Mira", MARKET, fact="market")))
    made.llm.asked.clear()  # type: ignore[attr-defined]
    stepped(made, observed("Mira", made.state.day_ends, place=HOME))
    asked = [one for one in made.llm.asked if one.call.purpose == "plan day"]  # type: ignore[attr-defined]
    assert [f"Ben told Mira: {MARKET}" in one.prompt.suffix for one in asked] == [True]


def test_without_memory_a_new_day_starts_from_habit_alone() -> None:
    made = begun(HandModel(), memory=False)
    stepped(made, observed("Mira", 30, heard("Ben", "Mira", MARKET, fact="market")))
    morning(made)
    assert [one.kind for one in made.state.stream if one.created == DAY and one.kind != "plan"] == []
    assert made.state.yesterday == ""


def test_news_of_tomorrow_is_planned_for_and_told_in_the_words_of_the_day() -> None:
    model = HandModel()
    model.importance[FAIR] = 8.0
    model.scores["react"] = lambda asked: [
        3.0 if " hears: " in asked.prompt.suffix and option == " market square" else 0.0
        for option in asked.options
    ]
    made = begun(model)
    stepped(made, observed("Mira", 30, heard("Ben", "Mira", FAIR, fact="fair")))
    (visit,) = [one for one in made.state.plan if one.firm]
    assert visit.start == tick_at("11:00") + DAY
    morning(made)
    assert visit in made.state.plan, "what was promised stands in the new day's plan"
    telling = said(stepped(made, observed("Mira", DAY + 60, near=("Tom",))))
    assert telling is not None
    assert telling["meaning"] == "There is a fair on the square at 11:00 today."
    made.state.talk("Paul").last = -1_000_000
    over = said(stepped(made, observed("Mira", visit.start + 1, near=("Paul",))))
    assert over is not None and over["act"] == "greet", "what is over is no news"


def test_every_morning_one_greets_again() -> None:
    made = begun(HandModel())
    assert said(stepped(made, observed("Mira", 10, near=("Ben",)))) is not None
    assert said(stepped(made, observed("Mira", tick_at("11:00"), near=("Ben",)))) is None
    morning(made)
    greeting = said(stepped(made, observed("Mira", DAY + 10, near=("Ben",))))
    assert greeting is not None and greeting["act"] == "greet"


@pytest.mark.parametrize(
    ("who", "minutes"),
    [
        (persona(), (7 * 60 + 30, 21 * 60 + 30)),
        (persona(day=()), (6 * 60 + 30, 21 * 60 + 30)),
        (persona(rises=time(5), retires=time(20)), (5 * 60, 20 * 60)),
        (persona(retires=time(0, 30)), (7 * 60 + 30, 24 * 60 + 30)),
        (persona(day=(Stroke(time(18), 420, (Errand(SHOP, ("serving",)),)),)), (17 * 60 + 30, 25 * 60)),
        (persona(day=(Stroke(time(0, 10), 60, (Errand(SHOP, ("baking",)),)),)), (0, 21 * 60 + 30)),
    ],
)
def test_when_one_gets_up_and_goes_to_bed(who: Persona, minutes: tuple[int, int]) -> None:
    assert rhythm(who) == minutes


def test_after_midnight_it_is_still_the_same_day_until_bed() -> None:
    owl = persona(rises=time(9), retires=time(1))
    clock = Clock(datetime(2024, 5, 1, 9))
    hours = [clock.ticks(60 * n) for n in (0, 15, 15.9, 16.1, 23.9)]
    ends = [day_at(owl, clock, tick).end // clock.ticks(60) for tick in hours]
    assert ends == [24, 24, 24, 48, 48]


def test_one_who_begins_in_the_night_is_asleep() -> None:
    made = mind(HandModel(), persona(rises=time(9)))
    made.commit(run(made.begin(observed("Mira", 0))))
    assert made.state.plan[0].kind == "night" and made.state.plan[0].end == tick_at("09:00")


MONDAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("A fair at 11:00.", 0),
        ("A fair today, not tomorrow.", 0),
        ("Tomorrow at 11:00", 1),
        ("It was yesterday", -1),
        ("On Monday", 0),
        ("on sunday at 9:00", 6),
        ("next week", None),
        ("on Friday of next week", None),
        ("the Fridays of old, Thursdayish", 0),
    ],
)
def test_the_day_that_a_text_names(text: str, days: int | None) -> None:
    assert day_of(text, MONDAY, "en") == (None if days is None else MONDAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("text", "days"), [("明天11:00有集市", 1), ("周五下午", 4), ("下周五", None), ("有集市", 0)]
)
def test_the_day_that_a_chinese_text_names(text: str, days: int | None) -> None:
    assert day_of(text, MONDAY, "zh") == (None if days is None else MONDAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("said_then", "later", "now"),
    [
        ("A fair at 11:00 tomorrow.", 1, "A fair at 11:00 today."),
        ("Tomorrow, a fair.", 1, "today, a fair."),
        ("A fair today.", 1, "A fair yesterday."),
        ("A fair today.", 0, "A fair today."),
        ("A fair on Friday.", 3, "A fair on Friday."),
        ("A fair today.", 5, "A fair today."),
    ],
)
def test_words_for_days_move_with_the_day(said_then: str, later: int, now: str) -> None:
    assert in_words_of(said_then, MONDAY, MONDAY + timedelta(days=later), "en") == now


def test_times_are_those_of_the_day_that_is_named() -> None:
    named = ticks_named("From 9:30 to 11:00 tomorrow.", 50, CLOCK, "en")
    assert named == [tick_at("09:30") + DAY, tick_at("11:00") + DAY]
