"""A tiny deterministic world, a scripted mind for it, and whole runs of both, for the tests of the record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from burgh.sim.clock import Clock
from burgh.sim.engine import Engine
from burgh.sim.protocols import Mind, Recorder, WorldFacts
from burgh.sim.record import RunWriter, scenario_hash
from burgh.sim.rng import stream
from burgh.sim.spec import Choice, Form, Number
from burgh.sim.types import WORLD, Action, Event, Events, Json, Observation, Percept, Step, fixed

NAMES = ("Ada", "Bo", "Cy")
START = datetime(2026, 5, 1, 9, 0)
SPEC = Form((("act", Choice("what?", ("walk", "rest"))), ("amount", Number("how much?", 1, 9))))


class Lane:
    """Agents on one lane walk some tiles or rest some ticks; now and then a gust pushes one a tile on.

    The gusts come in ticks that no agent chose, so that some ticks hold only what the world does by itself.
    """

    def __init__(self, names: tuple[str, ...] = NAMES, seed: int = 7, gust_every: int = 11) -> None:
        self.agents = names
        self.facts = WorldFacts("lane", (1, 9))
        self.seed = seed
        self.gust_every = gust_every
        self.at = dict.fromkeys(names, 0)
        self.goal = dict.fromkeys(names, 0)
        self.rest_until = dict.fromkeys(names, 0)
        self.news: dict[str, list[str]] = {name: [] for name in names}

    def begin(self) -> tuple[Event, ...]:
        events = Events(0, WORLD)
        for name in self.agents:
            events.add("placed", name, {"x": 0, "y": 0, "place": "Lane", "look": {"coat": "#aa0000"}})
        return events.all()

    def _busy(self, name: str, tick: int) -> bool:
        return self.at[name] != self.goal[name] or self.rest_until[name] > tick

    def observe(self, tick: int) -> Mapping[str, Observation]:
        time = Clock(START).at(tick)
        return {
            name: Observation(
                name,
                tick,
                time,
                tuple(Percept(event, "outcome", f"Something moved {name}.") for event in self.news[name]),
                SPEC,
                free=not self._busy(name, tick),
            )
            for name in self.agents
        }

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = Events(tick, WORLD)
        self.news = {name: [] for name in self.agents}
        for name, action in actions.items():
            amount = int(action.answer["amount"])
            if action.answer["act"] == "walk":
                self.goal[name] = self.at[name] + amount
                events.add("set_out", name, {"place": f"Lane {self.goal[name]}"}, (action.id,))
            else:
                self.rest_until[name] = tick + amount
        for name in self.agents:
            if self.at[name] < self.goal[name]:
                self.at[name] += 1
                events.add("moved", name, {"x": self.at[name], "y": 0})
        if tick % self.gust_every == 0:
            name = stream(self.seed, "gust", "", tick).choice(self.agents)
            self.at[name] += 1
            self.goal[name] += 1
            blown = events.add("blown", name, {"x": self.at[name], "y": 0})
            self.news[name].append(blown.id)
        return events.all()

    def next_tick(self, tick: int) -> int | None:
        gust = (tick // self.gust_every + 1) * self.gust_every
        if any(self.news.values()) or any(self.at[name] != self.goal[name] for name in self.agents):
            return tick + 1
        return min(gust, *(max(self.rest_until[name], tick + 1) for name in self.agents))

    def snapshot(self) -> Json:
        return {"at": self.at, "goal": self.goal, "rest_until": self.rest_until, "news": self.news}

    def restore(self, state: Json) -> None:
        self.at, self.goal = dict(state["at"]), dict(state["goal"])
        self.rest_until, self.news = dict(state["rest_until"]), {k: list(v) for k, v in state["news"].items()}


class Walker:
    """Walks or rests by its own random stream, remembers what happens, and sometimes answers illegally.

    It also asks to be woken in ticks in which it then does nothing: those leave no trace in the record.
    """

    def __init__(self, name: str, seed: int = 7) -> None:
        self.name = name
        self.seed = seed
        self.memories = 0

    async def begin(self, observation: Observation) -> Step:
        events = Events(0, self.name)
        self._remember(events, 0, f"{self.name} lives on the lane.")
        return Step(None, events.all(), wake_tick=5)

    async def step(self, observation: Observation) -> Step:
        await asyncio.sleep(0)
        tick = observation.tick
        rng = stream(self.seed, "walker", self.name, tick)
        events = Events(tick, self.name)
        for percept in observation.percepts:
            self._remember(events, tick, percept.text, percept.event)
        wake = tick + 4
        if not observation.free:
            return Step(None, events.all(), wake_tick=wake)
        amount = 99 if rng.random() < 0.1 else rng.randint(1, 9)  # 99 is refused
        answer = {"act": rng.choice(("walk", "rest")), "amount": amount}
        decided = events.add("decided", self.name, {"answer": answer, "why": "It seemed right."})
        return Step(Action(self.name, answer, decided.id), events.all(), wake_tick=wake)

    def _remember(self, events: Events, tick: int, text: str, cause: str | None = None) -> None:
        data = {
            "id": f"{self.name}:{self.memories}",
            "kind": "observation",
            "text": text,
            "importance": fixed(0.25),
            "created": tick,
            "place": "Lane",
            "subjects": [self.name],
            "evidence": [],
            "fact": "",
            "from": "",
        }
        self.memories += 1
        events.add("memory", self.name, data, () if cause is None else (cause,))

    def commit(self, step: Step) -> None:
        """Its only state, the number of memories, was counted in the step."""

    def snapshot(self) -> Json:
        return {"memories": self.memories}

    def restore(self, state: Json) -> None:
        self.memories = state["memories"]


def scenario(seed: int = 7) -> dict[str, Json]:
    return {"name": "lane", "agents": list(NAMES), "decay": 0.995, "from": "09:00", "seed": seed}


def meta(seed: int = 7) -> dict[str, Json]:
    return {
        "scenario": scenario(seed),
        "seed": seed,
        "versions": {"burgh": "0.1.0"},
        "model": {"name": "none"},
    }


def started(seed: int = 7) -> dict[str, Json]:
    return {
        "scenario": "lane",
        "scenario_hash": scenario_hash(scenario(seed)),
        "seed": seed,
        "start": START.isoformat(),
        "tick_seconds": 10,
        "agents": list(NAMES),
    }


def record_into(recorder: Recorder, ticks: int = 60, seed: int = 7) -> None:
    """Runs the lane, without closing the record."""
    minds: Iterable[Mind] = [Walker(name, seed) for name in NAMES]
    engine = Engine(Lane(seed=seed), tuple(minds), recorder, Clock(START))

    async def whole() -> None:
        await engine.begin(started(seed))
        await engine.run(ticks)

    asyncio.run(whole())


def record_run(folder: Path, ticks: int = 60, seed: int = 7, reason: str | None = "end") -> RunWriter:
    """A run of the lane in that folder; reason None leaves it as a crash would."""
    writer = RunWriter(folder, meta(seed))
    record_into(writer, ticks, seed)
    if reason is not None:
        writer.close(reason)
    return writer
