"""Minds that answer by a table, in a real town, and a record kept in lists."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from town_for_tests import SHOP, town, wait

from burgh.sim.clock import Clock
from burgh.sim.engine import Engine, Tick
from burgh.sim.types import Action, Event, Events, Json, Observation, Step

CLOCK = Clock(datetime(2024, 5, 1, 7, 30))


class Record:
    """A recorder that keeps all in lists."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, tuple[Event, ...]]] = []
        self._open: list[Event] = []

    def append(self, events: Iterable[Event]) -> None:
        self._open += events

    def aside(self, tick: int, data: Mapping[str, Json]) -> None: ...

    def end_tick(self, tick: int) -> None:
        self.frames.append((tick, tuple(self._open)))
        self._open = []

    def close(self, reason: str) -> None: ...

    def events(self, kind: str) -> list[Event]:
        return [event for _, events in self.frames for event in events if event.kind == kind]


class Puppet:
    """A mind that answers by a table of ticks, and notes what it was asked and what it saw."""

    def __init__(self, name: str, answers: Mapping[int, Any] | None = None, pauses: int = 0) -> None:
        self.name = name
        self.answers = dict(answers or {})
        self.pauses = pauses
        self.wakes: dict[int, int] = {}
        self.seen: dict[int, tuple[str, ...]] = {}
        self.committed: list[int] = []

    async def begin(self, observation: Observation) -> Step:
        return Step(None, (), 0, self.wakes.get(0))

    async def step(self, observation: Observation) -> Step:
        for _ in range(self.pauses):
            await asyncio.sleep(0)
        tick = observation.tick
        self.seen[tick] = tuple(percept.text for percept in observation.percepts)
        answer = self.answers.get(tick, wait(60) if observation.free else None)
        if isinstance(answer, BaseException):
            raise answer
        events = Events(tick, self.name)
        decided = events.add("decided", self.name, {"answer": answer, "why": ""}) if answer else None
        action = Action(self.name, answer, decided.id) if decided else None
        return Step(action, events.all(), tick, self.wakes.get(tick))

    def commit(self, step: Step) -> None:
        self.committed.append(step.changes)

    def snapshot(self) -> Json:
        return {}

    def restore(self, state: Json) -> None: ...


def engine(*puppets: Puppet, order: Sequence[int] | None = None) -> tuple[Engine, Record]:
    record = Record()
    minds = [puppets[n] for n in order] if order else list(puppets)
    return Engine(town(*((one.name, SHOP) for one in puppets)), minds, record, CLOCK), record


def run(made: Engine, until: int) -> list[Tick]:
    brought: list[Tick] = []

    async def whole() -> None:
        brought.append(await made.begin({"scenario": "test"}))
        await made.run(until, after_tick=brought.append)

    asyncio.run(whole())
    return brought
