"""check_world finds each broken promise: a small honest world passes, and every planted fault is named."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from burgh.sim.protocols import World, WorldFacts
from burgh.sim.spec import Choice, Form, Number, Text, ToolCall
from burgh.sim.types import WORLD, Action, Event, Events, Json, Observation, Percept
from burgh.worlds.conformance import ConformanceError, check_world

NAMES = ("Ann", "Ben", "Cid")
SPEC = ToolCall(
    {
        "pay": Form((("to", Choice("Whom?", NAMES)), ("coins", Number("How many?", 1, 3)))),
        "rest": Form((("ticks", Number("How long?", 2, 6)),)),
    }
)


class Purses:
    """An honest world: three people pay each other coins and rest. Faults are planted in subclasses."""

    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self.number = type(self).made
        self.state: dict[str, Any] = {
            "tick": 0,
            "purses": dict.fromkeys(NAMES, 10),
            "rest_until": dict.fromkeys(NAMES, 0),
            "news": {name: [] for name in NAMES},
            "totals": {"coins": 30},
        }

    @property
    def facts(self) -> WorldFacts:
        return WorldFacts("purses", players=(2, 10), conserved=("coins",))

    @property
    def agents(self) -> tuple[str, ...]:
        return NAMES

    def begin(self) -> tuple[Event, ...]:
        events = Events(0, WORLD)
        events.add("scene", None, {"kind": "none"})
        return events.all()

    def free(self, name: str) -> bool:
        return bool(self.state["rest_until"][name] <= self.state["tick"])

    def observe(self, tick: int) -> Mapping[str, Observation]:
        return {
            name: Observation(
                name,
                tick,
                datetime(2024, 5, 1) + timedelta(seconds=tick),
                tuple(Percept(*news) for news in self.state["news"][name]),
                SPEC,
                self.free(name),
                state={"coins": self.state["purses"][name]},
            )
            for name in NAMES
        }

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = Events(tick, WORLD)
        self.state["tick"] = tick
        self.state["news"] = {name: [] for name in NAMES}
        for name in self.order(actions):
            if self.state["rest_until"][name] == tick:
                events.add("rested", name, {})
            if name in actions:
                self.act(name, actions[name], tick, events)
        self.state["totals"] = {"coins": sum(self.state["purses"].values())}
        return events.all()

    def order(self, actions: Mapping[str, Action]) -> tuple[str, ...]:
        return NAMES

    def act(self, name: str, action: Action, tick: int, events: Events) -> None:
        arguments = action.answer["arguments"]
        if action.answer["tool"] == "rest":
            self.state["rest_until"][name] = tick + arguments["ticks"]
            events.add("resting", name, {"until": tick + arguments["ticks"]}, (action.id,))
            return
        purses, coins = self.state["purses"], min(arguments["coins"], self.state["purses"][name])
        purses[name] -= coins
        purses[arguments["to"]] += coins
        event = events.add("paid", name, {"to": arguments["to"], "coins": coins}, (action.id,))
        self.state["news"][arguments["to"]].append([event.id, "outcome", f"{name} paid {coins}."])

    def next_tick(self, tick: int) -> int | None:
        if any(self.free(name) or self.state["news"][name] for name in NAMES):
            return tick + 1
        return max(tick + 1, int(min(self.state["rest_until"].values())))

    def snapshot(self) -> Json:
        return copy.deepcopy(self.state)

    def restore(self, state: Json) -> None:
        self.state = copy.deepcopy(state)


class OneOfTwoNames(Purses):
    @property
    def agents(self) -> tuple[str, ...]:
        return ("Ann", "Ann", "Cid")


class TooFewPlayers(Purses):
    @property
    def facts(self) -> WorldFacts:
        return WorldFacts("purses", players=(4, 10))


class UndeclaredTotal(Purses):
    @property
    def facts(self) -> WorldFacts:
        return WorldFacts("purses", players=(2, 10), conserved=("gold",))


class MintsCoins(Purses):
    def act(self, name: str, action: Action, tick: int, events: Events) -> None:
        super().act(name, action, tick, events)
        self.state["purses"][name] += 1


class MintsWhileIdle(Purses):
    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        if not actions and tick > 3 and all(self.free(name) for name in NAMES):
            self.state["purses"]["Ann"] += self.state["purses"]["Ann"] == 10
        return super().apply(tick, actions)


class RemembersItsCopies(Purses):
    def act(self, name: str, action: Action, tick: int, events: Events) -> None:
        super().act(name, action, tick, events)
        events.add("echo", name, {"copy": self.number})


class BeginsOtherwise(Purses):
    def begin(self) -> tuple[Event, ...]:
        events = Events(0, WORLD)
        events.add("scene", None, {"kind": f"none {self.number}"})
        return events.all()


class FirstComeFirstServed(Purses):
    def order(self, actions: Mapping[str, Action]) -> tuple[str, ...]:
        return (*actions, *(name for name in NAMES if name not in actions))


class CountsItsVisitors(Purses):
    def observe(self, tick: int) -> Mapping[str, Observation]:
        self.state["visits"] = self.state.get("visits", 0) + 1
        return super().observe(tick)


class NewsOnlyOnce(Purses):
    def observe(self, tick: int) -> Mapping[str, Observation]:
        seen = super().observe(tick)
        self.glance = not getattr(self, "glance", False)
        return {n: o if self.glance else replace(o, free=False) for n, o in seen.items()}


class LosesSomeone(Purses):
    def observe(self, tick: int) -> Mapping[str, Observation]:
        return {name: seen for name, seen in super().observe(tick).items() if name != "Ben" or tick < 5}


class MixesUpNames(Purses):
    def observe(self, tick: int) -> Mapping[str, Observation]:
        seen = super().observe(tick)
        return {**seen, "Ann": seen["Ben"]}


class Oversleeps(Purses):
    def next_tick(self, tick: int) -> int | None:
        upcoming = super().next_tick(tick)
        return upcoming if upcoming is None or upcoming == tick + 1 else upcoming + 1


class GoesBack(Purses):
    def next_tick(self, tick: int) -> int | None:
        return tick if tick == 7 else super().next_tick(tick)


class ForgetsRest(Purses):
    def snapshot(self) -> Json:
        return {key: value for key, value in copy.deepcopy(self.state).items() if key != "rest_until"}

    def restore(self, state: Json) -> None:
        self.state = {**copy.deepcopy(state), "rest_until": dict.fromkeys(NAMES, 0)}


class HiddenMood(Purses):
    mood = 0

    def act(self, name: str, action: Action, tick: int, events: Events) -> None:
        self.mood += 1
        super().act(name, action, tick, events)
        events.add("mood", name, {"mood": self.mood})


class SharesItsState(Purses):
    def snapshot(self) -> Json:
        return self.state


class TuplesInSnapshot(Purses):
    def snapshot(self) -> Json:
        return {**super().snapshot(), "names": NAMES}


class DatesInSnapshot(Purses):
    def snapshot(self) -> Json:
        return {**super().snapshot(), "day": datetime(2024, 5, 1)}


class FloatsInEvents(Purses):
    def act(self, name: str, action: Action, tick: int, events: Events) -> None:
        super().act(name, action, tick, events)
        events.add("joy", name, {"felt": [{"joy": 0.5}]})


class WrongSource(Purses):
    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        return tuple(
            Event(e.id.replace(WORLD, "Ann"), e.kind, e.agent, e.data) for e in super().apply(tick, actions)
        )


class WrongTick(Purses):
    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = super().apply(tick, actions)
        return tuple(Event(f"{tick + 1}.{WORLD}.{n}", e.kind, e.agent, e.data) for n, e in enumerate(events))


class SameIdTwice(Purses):
    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        return tuple(
            Event(f"{tick}.{WORLD}.0", e.kind, e.agent, e.data) for e in super().apply(tick, actions)
        )


class UnknownAgent(Purses):
    def act(self, name: str, action: Action, tick: int, events: Events) -> None:
        super().act(name, action, tick, events)
        events.add("seen", "Zoe", {})


class UnknownCause(Purses):
    def act(self, name: str, action: Action, tick: int, events: Events) -> None:
        super().act(name, action, tick, events)
        events.add("echo", name, {}, (f"{tick + 1}.{WORLD}.0",))


class SamplesNonsense(Purses):
    def observe(self, tick: int) -> Mapping[str, Observation]:
        class Odd(Text):
            def sample(self, rng: random.Random) -> Json:
                return ""

        return {n: replace(o, spec=Odd("What?", 5)) for n, o in super().observe(tick).items()}


FAULTS: tuple[tuple[Callable[[], World], str], ...] = (
    (OneOfTwoNames, "have one name"),
    (TooFewPlayers, "declares 4 to 10 players and has 3"),
    (UndeclaredTotal, "has no such total"),
    (MintsCoins, "though declared conserved"),
    (MintsWhileIdle, "nobody acted|declared conserved"),
    (RemembersItsCopies, "two fresh worlds given the same actions differ: at tick"),
    (BeginsOtherwise, "two fresh worlds given the same actions differ: at tick 0"),
    (FirstComeFirstServed, "the order in which actions are handed over shows"),
    (CountsItsVisitors, "observe changes the world"),
    (NewsOnlyOnce, "two observations in a row differ"),
    (LosesSomeone, "not the agents"),
    (MixesUpNames, "the observation of Ann says Ben"),
    (Oversleeps, r"next_tick passes over tick \d+, in which rested happens|a run of every tick differs"),
    (GoesBack, "next_tick says 7, which is not after it"),
    (ForgetsRest, "a restored world"),
    (HiddenMood, "a restored world goes on otherwise"),
    (SharesItsState, "it shares lists with the world"),
    (TuplesInSnapshot, "comes back from json as another"),
    (DatesInSnapshot, "the snapshot is not plain json"),
    (FloatsInEvents, r"data.felt\[0\].joy is the float 0.5"),
    (WrongSource, "is not of the form"),
    (WrongTick, "is not of the form"),
    (SameIdTwice, "is given twice"),
    (UnknownAgent, "'Zoe', who is no agent"),
    (UnknownCause, "which is unknown"),
    (SamplesNonsense, "refuses its own sample"),
)


def test_an_honest_world_passes() -> None:
    for seed in range(3):
        check_world(Purses, ticks=120, seed=seed)


@pytest.mark.parametrize(("broken", "sentence"), FAULTS, ids=[make.__name__ for make, _ in FAULTS])
def test_a_planted_fault_is_found(broken: Callable[[], World], sentence: str) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        check_world(broken, ticks=120)
