"""Minds of rules, the kinds of mind, and minds with a phase switched off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
    said,
    seed,
    sight,
    stepped,
    tick_at,
)
from runs_for_tests import recorded, scripted

from burgh.agents.baselines import Baseline, Habits, Idle, Random
from burgh.agents.minds import known_kinds, maker
from burgh.agents.settings import MindSettings
from burgh.scenarios.build import settings
from burgh.scenarios.load import ScenarioFaults, overridden
from burgh.sim.record import open_log
from burgh.sim.types import BurghError, Event, Observation, Step

HOME = "Burgh : Oak Cottage : Kitchen"


def made(kind: type[Baseline], **more: Any) -> Baseline:
    return kind(persona(**more), MindSettings(), clock=CLOCK, seed=5)


def answer(mind: Baseline, observation: Observation) -> Any:
    step: Step = run(mind.step(observation))
    if step.action is not None:
        observation.spec.validate(step.action.answer)
    return None if step.action is None else step.action.answer


def test_the_kinds_of_mind_come_in_by_one_door() -> None:
    assert known_kinds() == ("generative", "habits", "idle", "person", "random")
    assert maker("habits") is Habits
    with pytest.raises(BurghError, match=r"called 'habit' \(did you mean 'habits'\?\): known are generative"):
        maker("habit")


def test_an_idle_mind_waits_and_does_nothing_else() -> None:
    mind = made(Idle)
    assert answer(mind, observed()) == {"tool": "wait", "arguments": {"minutes": 240}}
    assert answer(mind, observed("Mira", 5, heard("Ben", "Mira", "A wolf!"), free=False)) is None


def test_a_random_mind_gives_every_legal_answer_and_the_same_ones_again() -> None:
    answers = [answer(made(Random), observed("Mira", tick, near=("Ben",))) for tick in range(1, 60)]
    assert {one["tool"] for one in answers} == {"go", "use", "say", "wait", "sleep"}
    assert answers == [answer(made(Random), observed("Mira", tick, near=("Ben",))) for tick in range(1, 60)]


@pytest.mark.parametrize(
    ("at", "place", "tool", "argument"),
    [
        ("08:00", SQUARE, "go", SHOP),
        ("09:00", SHOP, "use", None),
        ("10:00", SHOP, "go", HOME),
        ("13:00", SHOP, "go", HOME),  # the day is over, the next habit far
        ("13:00", HOME, "sleep", 600),
    ],
)
def test_habits_are_the_personas_day(at: str, place: str, tool: str, argument: object) -> None:
    given = answer(made(Habits), observed("Mira", tick_at(at), place=place))
    assert given["tool"] == tool
    assert argument is None or argument in given["arguments"].values()
    if tool == "use":
        assert given["arguments"]["activity"] in ("selling bread", "sweeping", "counting")


def test_habits_come_again_on_the_next_day() -> None:
    next_day = tick_at("08:30") + CLOCK.ticks(24 * 60)
    assert answer(made(Habits), observed("Mira", next_day, place=HOME))["arguments"] == {"place": SHOP}
    step = run(made(Habits).step(observed("Mira", tick_at("09:00"), free=False)))
    assert step.action is None and step.wake_tick == tick_at("10:00"), "it is asked again when that begins"


@pytest.mark.parametrize("kind", [Idle, Habits, Random])
def test_a_snapshot_is_taken_over_by_the_same_mind_only(kind: type[Baseline]) -> None:
    mind = made(kind)
    mind.restore(mind.snapshot())
    with pytest.raises(BurghError, match="mind of rules"):
        mind.restore(made(kind, name="Ben").snapshot())


# Phases switched off.


def wolves() -> HandModel:
    model = HandModel()
    model.importance["A wolf"] = 9.0
    return model


def purposes(model: HandModel) -> set[str]:
    return set(model.purposes())


@pytest.mark.parametrize("on", [True, False])
def test_without_memory_nothing_comes_to_mind_and_nothing_is_told(*, on: bool) -> None:
    mind = begun(wolves(), persona(memories=(seed("A wolf was seen."),)), memory=on)
    step = stepped(mind, observed("Mira", 300, near=("Ben",)))
    (retrieved, *_) = of_kind(step.events, "retrieved")
    spoken = said(step)
    assert spoken is not None and spoken["act"] == ("tell" if on else "greet")
    assert bool(retrieved.data["picked"]) == on


@pytest.mark.parametrize("on", [True, False])
def test_without_reflection_there_are_no_insights(*, on: bool) -> None:
    mind = begun(wolves(), reflection=on, reflection_threshold=5.0)
    step = stepped(mind, observed("Mira", 300, sight("A wolf bit Ben.", "Ben")))
    assert bool(of_kind(step.events, "reflected")) == on


@pytest.mark.parametrize("on", [True, False])
def test_without_planning_the_day_is_the_habit(*, on: bool) -> None:
    model = wolves()
    mind = begun(model, planning=on)
    news = heard("Ben", "Mira", "A market opens on the square at 11:00.", fact="Ben:1")
    stepped(mind, observed("Mira", tick_at("08:05"), news))
    asked = purposes(model) & {"plan day", "plan hour", "react"}
    assert bool(asked) == on
    assert mind.state.plan, "but it has its day"


def test_phases_are_set_for_all_and_for_one() -> None:
    scenario = scripted("quiet-room")
    first, *others = scenario.resolved()["agents"]
    agents = [{**first, "mind": {"memory": True}}, *others]
    given = overridden(scenario, {"mind": {"memory": False}, "agents": agents, "whispers": []})
    assert not settings(given).memory and settings(given, given.agents[0]).memory
    with pytest.raises(
        ScenarioFaults, match=r"agents.*no kind of mind is called 'habbits': did you mean 'habits'"
    ):
        overridden(scenario, {"agents": [{**first, "mind": {"kind": "habbits"}}, *others]})


@pytest.mark.model
def test_a_town_of_several_kinds_of_mind_runs(tmp_path: Path) -> None:
    scenario = scripted("market-day", "08:30")
    agents = scenario.resolved()["agents"]
    for agent, kind in zip(agents, ("generative", "habits", "idle", "random", "habits"), strict=False):
        agent["mind"]["kind"] = kind
    recorded(overridden(scenario, {"agents": agents}), tmp_path)
    events: Sequence[Event] = list(open_log(tmp_path).events())
    assert {event.agent for event in events if event.kind == "decided"} == {one["name"] for one in agents}
    assert {event.agent for event in events if event.kind == "model"} == {"Mira", "Paul"}
    assert not [event for event in events if event.kind == "refused"]
