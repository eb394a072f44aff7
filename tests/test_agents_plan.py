"""The day's plan, its pieces, and what news changes in it."""

from __future__ import annotations

import random
from datetime import time
from itertools import pairwise

import pytest
from minds_for_tests import (
    CLOCK,
    SHOP,
    SQUARE,
    HandModel,
    begun,
    heard,
    observed,
    of_kind,
    persona,
    run,
    stepped,
    tick_at,
    turn,
)

from burgh.agents.hour import plan_hour
from burgh.agents.mind import GenerativeMind
from burgh.agents.persona import Errand, Stroke
from burgh.agents.plan import current_entry, next_change
from burgh.agents.react import upcoming
from burgh.agents.state import Entry
from burgh.sim.protocols import ScoreRequest

HOME = "Burgh : Oak Cottage : Kitchen"
TAVERN = "Burgh : Tavern : Taproom"
DAY = CLOCK.ticks(24 * 60)
MARKET = "There is a market on the square at 11:00 today."


def entry(start: str, minutes: int, place: str = SHOP, *, firm: bool = False) -> Entry:
    return Entry(tick_at(start), CLOCK.ticks(minutes), place, ("looking around",), firm=firm)


def with_plan(*entries: Entry) -> GenerativeMind:
    made = begun(HandModel())
    made.state.plan = entries
    return made


def place_at(made: GenerativeMind, hour_minute: str) -> str | None:
    now = current_entry(turn(made, observed("Mira", tick_at(hour_minute))))
    return now.place if now else None


def test_the_day_is_planned_from_habit() -> None:
    made = begun(HandModel())
    assert [(e.start, e.end, e.place, e.kind) for e in made.state.plan] == [
        (0, tick_at("08:00"), HOME, "home"),
        (tick_at("08:00"), tick_at("10:00"), SHOP, "habit"),
        (tick_at("10:00"), tick_at("12:00"), HOME, "habit"),
        (tick_at("12:00"), tick_at("19:00"), HOME, "home"),
        (tick_at("19:00"), tick_at("21:30"), HOME, "home"),
        (tick_at("21:30"), DAY, "Burgh : Oak Cottage : Bedroom", "night"),
    ]
    day, *strokes = made.state.stream
    assert day.text == (
        "Mira's plan for the day: 07:30 oak cottage (dressing); 08:00 bakery (selling bread);"
        " 10:00 oak cottage (resting); 12:00 oak cottage (doing the housework);"
        " 19:00 oak cottage (eating supper); 21:30 oak cottage (sleeping)."
    )
    kept = sorted((one.start, one.ticks, one.place) for one in strokes)
    assert kept == [(e.start, e.ticks, e.place) for e in made.state.plan], "each stroke is a memory"


def test_where_habit_leaves_a_choice_the_model_chooses() -> None:
    choices = (Errand(SHOP, ("selling bread",)), Errand(SQUARE, ("fetching water",)))
    who = persona(day=(Stroke(time(8), 60, choices),))
    for wanted, place in (
        (" selling bread at the bakery", SHOP),
        (" fetching water at the market square", SQUARE),
    ):
        model = HandModel()
        model.scores["plan day"] = lambda asked, wanted=wanted: [  # type: ignore[misc]
            0.0 if option == wanted else -99.0 for option in asked.options
        ]
        assert [one.place for one in begun(model, who).state.plan if one.kind == "habit"] == [place]


def test_what_is_over_is_not_planned() -> None:
    strokes = (Stroke(time(6), 60, (Errand(HOME, ("dressing",)),)),)
    made = begun(HandModel(), persona(day=strokes))
    assert [(one.kind, one.start < 0) for one in made.state.plan] == [
        ("home", True), ("home", False), ("night", False),
    ]  # fmt: skip


def test_for_an_appointment_one_sets_out_in_time() -> None:
    made = with_plan(entry("08:00", 300), entry("11:00", 40, SQUARE, firm=True))
    lead = made.settings.lead_minutes
    assert lead == 14
    assert [place_at(made, at) for at in ("10:45", "10:46", "11:00", "11:39", "11:40")] == [
        SHOP, SQUARE, SQUARE, SQUARE, SHOP,
    ]  # fmt: skip
    changes, now = [], turn(made, observed("Mira", tick_at("07:45")))
    while (tick := next_change(now)) is not None:
        changes.append(f"{CLOCK.at(tick):%H:%M}")
        now = turn(made, observed("Mira", tick))
    assert changes == ["08:00", "10:46", "11:40", "13:00"]


def test_an_appointment_is_kept_though_a_stroke_begins_within_it() -> None:
    made = with_plan(entry("08:00", 190), entry("11:00", 40, SQUARE, firm=True), entry("11:10", 60, TAVERN))
    assert [place_at(made, at) for at in ("11:00", "11:10", "11:39", "11:40")] == [
        SQUARE, SQUARE, SQUARE, TAVERN,
    ]  # fmt: skip


def test_of_two_strokes_at_once_the_later_begun_holds() -> None:
    made = with_plan(entry("08:00", 120), entry("09:00", 120, TAVERN))
    assert [place_at(made, at) for at in ("07:50", "08:30", "09:00", "10:30", "11:00")] == [
        None, SHOP, TAVERN, TAVERN, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("news", "time_named"),
    [
        (MARKET, "11:00"),
        ("It was at 7:00 and will be again at 9:15.", "09:15"),
        ("From 06:30 to 07:30 there was fog.", None),
        ("The ferry leaves at 25:00 or at 12:75.", None),
        ("There is a market.", None),
        ("There is a market at 11:00 next week.", None),
        ("Yesterday at 11:00 there was a market.", None),
    ],
)
def test_the_time_that_news_names(news: str, time_named: str | None) -> None:
    now = turn(begun(HandModel()), observed("Mira", tick_at("08:00")))
    assert upcoming(now, news, now.tick) == (tick_at(time_named) if time_named else None)


def reacting(gain: float, place: str = " market square") -> HandModel:
    """A model in which news speaks for one place by so many nats more than for any other.

    The bakery is the likeliest of all, with or without the news: that is no reason to go there.
    """

    def react(asked: ScoreRequest) -> list[float]:
        heard_it = " hears: " in asked.prompt.suffix
        habits = [3.0 if option == " bakery" else -2.0 for option in asked.options]
        news = [gain if heard_it and option == place else 0.0 for option in asked.options]
        return [habit + more for habit, more in zip(habits, news, strict=True)]

    model = HandModel()
    model.scores["react"] = react
    return model


@pytest.mark.parametrize(("gain", "goes"), [(1.2, True), (1.0, True), (0.9, False), (-3.0, False)])
def test_news_of_a_time_changes_the_plan_when_the_margin_says_so(gain: float, goes: bool) -> None:
    made = begun(reacting(gain), react_margin=1.0)
    step = stepped(made, observed("Mira", tick_at("08:10"), heard("Ben", "Mira", MARKET, fact="market")))
    visits = [one for one in made.state.plan if one.firm]
    assert bool(visits) == goes
    plans = [one for one in made.state.stream if one.kind == "plan" and one.evidence]
    revisions = [e for e in of_kind(step.events, "planned") if e.data["changed"] == "revised"]
    if goes:
        (visit,), (plan,) = visits, plans
        assert (visit.place, visit.start, visit.end) == (SQUARE, tick_at("11:00"), tick_at("11:40"))
        news = next(one for one in made.state.stream if one.kind == "speech")
        assert visit.memory == news.id and plan.evidence == (news.id,) and plan.fact == "market"
        assert plan.text == "Mira plans to be at the market square at 11:00."
        (planned,) = revisions
        assert made.state.origin[news.id] in planned.causes, "it can be asked why"
        assert visit.event == planned.id
    else:
        assert not plans and not revisions


def test_the_margin_is_over_the_place_that_was_planned() -> None:
    """News that speaks for where one will be anyway, or as much for it, changes nothing."""
    for place in (" oak cottage", " bakery"):
        made = begun(reacting(3.0, place))
        stepped(made, observed("Mira", tick_at("08:10"), heard("Ben", "Mira", MARKET, fact="market")))
        assert [one.place for one in made.state.plan if one.firm] == ([] if "oak" in place else [SHOP])


def test_news_of_where_one_will_be_anyway_sends_nobody_elsewhere() -> None:
    """A host who hears of her own party stays where she gives it, whatever else the news makes likelier."""
    model = reacting(9.0, " bakery")
    made = begun(model)
    party = "There is a party at the oak cottage at 11:00 today."
    stepped(made, observed("Mira", tick_at("08:10"), heard("Ben", "Mira", party, fact="party")))
    assert not [one for one in made.state.plan if one.firm] and "react" not in model.purposes()


def test_news_is_thought_over_once() -> None:
    model = reacting(0.0)
    made = begun(model)
    for tick, teller in enumerate(("Ben", "Tom", "Ben"), tick_at("08:10")):
        stepped(made, observed("Mira", tick, heard(teller, "Mira", MARKET, fact="market")))
    assert model.purposes().count("react") == 2, "with the news and without"


def test_news_of_where_one_has_promised_to_be_adds_nothing() -> None:
    made = begun(reacting(2.0))
    stepped(made, observed("Mira", tick_at("08:10"), heard("Ben", "Mira", MARKET, fact="market")))
    again = "The square has a market and a juggler at 11:00 today."
    stepped(made, observed("Mira", tick_at("08:11"), heard("Tom", "Mira", again, fact="juggler")))
    assert len([one for one in made.state.plan if one.firm]) == 1


def test_what_one_sees_or_remembers_oneself_revises_nothing() -> None:
    model = reacting(9.0)
    stepped(begun(model), observed("Mira", tick_at("08:10"), heard("Ben", "Mira", act="greet")))
    assert "react" not in model.purposes()


def pieces(seed: int, doing: tuple[str, ...], before: str = "") -> tuple[list[str], int]:
    made = begun(HandModel())
    made.seed = seed
    made.state.doing = before
    now = turn(made, observed("Mira", tick_at("08:00")))
    run(plan_hour(now, Entry(tick_at("08:00"), CLOCK.ticks(120), SHOP, doing)))
    return [one.activity for one in now.state.pieces], sum(one.ticks for one in now.state.pieces)


@pytest.mark.parametrize("seed", range(12))
def test_an_hour_is_filled_and_no_piece_comes_twice_in_a_row(seed: int) -> None:
    doing = ("selling bread", "sweeping", "counting")[: 2 + seed % 2]
    activities, ticks = pieces(seed, doing, before="sweeping")
    assert ticks == CLOCK.ticks(60)
    assert all(one != other for one, other in pairwise(["sweeping", *activities]))
    assert set(activities) <= set(doing) and len(activities) >= 2


def test_one_thing_to_do_is_done_for_as_long_as_there_is() -> None:
    assert pieces(1, ("resting",), before="resting") == (["resting"], CLOCK.ticks(60))
    assert pieces(1, ("resting", "resting"), before="resting") == (["resting"], CLOCK.ticks(60))


@pytest.mark.parametrize("minutes", [5, 7, 17, 33, 59, 61, 64, 65, 120])
def test_no_piece_is_shorter_than_5_minutes_or_longer_than_15(minutes: int) -> None:
    for seed in range(12):
        now = turn(begun(HandModel()), observed("Mira", tick_at("08:00")))
        now.rng = random.Random(seed)
        run(plan_hour(now, Entry(tick_at("08:00"), CLOCK.ticks(minutes), SHOP, ("selling", "sweeping"))))
        lengths = [one.ticks for one in now.state.pieces]
        assert all(CLOCK.ticks(5) <= ticks <= CLOCK.ticks(15) for ticks in lengths), lengths
        assert sum(lengths) == CLOCK.ticks(minutes if minutes < 65 else 60)


def test_pieces_end_with_the_entry() -> None:
    made = begun(HandModel())
    now = turn(made, observed("Mira", tick_at("09:50")))
    run(plan_hour(now, made.state.plan[1]))
    assert sum(one.ticks for one in now.state.pieces) == CLOCK.ticks(10)
    planned = of_kind(now.events.all(), "planned")[0]
    assert planned.data["changed"] == "hour" and planned.data["entries"][0]["start"] == "09:50"
