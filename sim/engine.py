"""The one loop: observe, decide, apply, record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from burgh.sim.clock import Clock
from burgh.sim.protocols import Mind, Recorder, World
from burgh.sim.spec import InvalidAnswer
from burgh.sim.types import ENGINE, Action, Event, Events, Json, Observation, Step


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick brought, for those who watch."""

    tick: int
    events: tuple[Event, ...]


class Engine:
    """Runs minds in a world and records it all: a tick's decisions are made at once, then applied at once.

    intervened: told of each intervention of a tick before anything else of it happens; it may change, or put
    others in the place of, world and minds.
    """

    def __init__(
        self,
        world: World,
        minds: Sequence[Mind],
        recorder: Recorder,
        clock: Clock,
        *,
        intervened: Callable[[Event], None] | None = None,
    ) -> None:
        self.world = world
        self.minds = {mind.name: mind for mind in minds}
        self.recorder = recorder
        self.clock = clock
        self.intervened = intervened
        self.tick = 0
        self._wake: dict[str, int] = {}
        self._interventions: dict[int, list[tuple[str | None, Json]]] = {}

    async def begin(self, started: Mapping[str, Json]) -> Tick:
        """Tick 0: what the run is, what can be drawn, and what each mind starts from."""
        head = Events(0, ENGINE)
        head.add("run_started", None, started)
        world_events = self.world.begin()
        observations = self.world.observe(0)
        order = [name for name in self.world.agents if name in self.minds]
        steps = await _all(self.minds[name].begin(observations[name]) for name in order)
        mind_events = self._commit(order, steps)
        return self._record(0, (*head.all(), *world_events, *mind_events))

    async def run(
        self,
        until_tick: int,
        *,
        after_tick: Callable[[Tick], None] | None = None,
        before_tick: Callable[[int], bool] | None = None,
    ) -> None:
        """Ticks until `until_tick` is reached, jumping over ticks in which nothing can happen.

        before_tick: given the next tick; False ends the run there. after_tick: told what each tick brought.
        """
        while (upcoming := self.upcoming()) is not None and upcoming <= until_tick:
            if before_tick is not None and not before_tick(upcoming):
                return
            brought = await self.step(min((upcoming, *self._interventions)))
            if after_tick is not None:
                after_tick(brought)

    def upcoming(self) -> int | None:
        """The next tick in which anything moves, is perceived, or has to be decided."""
        candidates = [
            max(wake, self.tick + 1)
            for wake in (self.world.next_tick(self.tick), *self._wake.values(), *self._interventions)
            if wake is not None
        ]
        return min(candidates, default=None)

    def intervene(self, data: Mapping[str, Json], agent: str | None = None, *, tick: int = 0) -> int:
        """Notes an intervention from outside, to be made and recorded at a tick, the next if that is past.
        Returns which it will be. A tick is gone through for it though nothing else happens in it."""
        when = max(tick, self.tick + 1)
        self._interventions.setdefault(when, []).append((agent, dict(data)))
        return when

    def snapshot(self) -> Json:
        """What the engine knows besides world and minds, but for interventions that are still to come."""
        return {"tick": self.tick, "wake": dict(self._wake)}

    def restore(self, state: Json) -> None:
        """Takes over a snapshot."""
        self.tick, self._wake = state["tick"], dict(state["wake"])

    async def step(self, tick: int) -> Tick:
        """One tick."""
        own = Events(tick, ENGINE)
        for agent, data in self._interventions.pop(tick, ()):
            event = own.add("intervention", agent, data)
            if self.intervened is not None:
                self.intervened(event)
        observations = self.world.observe(tick)
        asked = [name for name in self.world.agents if self._is_asked(observations.get(name), tick)]
        steps = await _all(self.minds[name].step(observations[name]) for name in asked)
        mind_events = self._commit(asked, steps)
        interventions = len(own)
        actions = self._legal(own, observations, steps)
        world_events = self.world.apply(tick, actions)
        self.tick = tick
        happened, refusals = own.all()[:interventions], own.all()[interventions:]
        return self._record(tick, (*happened, *mind_events, *refusals, *world_events))

    def _is_asked(self, observation: Observation | None, tick: int) -> bool:
        if observation is None or observation.agent not in self.minds:
            return False
        due = self._wake.get(observation.agent, tick + 1) <= tick
        return bool(observation.percepts) or observation.free or due

    def _commit(self, order: Sequence[str], steps: Sequence[Step]) -> tuple[Event, ...]:
        events: list[Event] = []
        for name, step in zip(order, steps, strict=True):
            self.minds[name].commit(step)
            self._wake.pop(name, None)
            if step.wake_tick is not None:
                self._wake[name] = step.wake_tick
            events += step.events
        return tuple(events)

    def _legal(
        self, own: Events, observations: Mapping[str, Observation], steps: Sequence[Step]
    ) -> dict[str, Action]:
        """The actions that are legal, by agent; the others are refused."""
        actions: dict[str, Action] = {}
        for action in (step.action for step in steps if step.action is not None):
            try:
                observations[action.agent].spec.validate(action.answer)
            except InvalidAnswer as error:
                refused = {"answer": action.answer, "why": str(error)}
                own.add("refused", action.agent, refused, (action.id,))
            else:
                actions[action.agent] = action
        return actions

    def _record(self, tick: int, events: tuple[Event, ...]) -> Tick:
        self.recorder.append(events)
        self.recorder.end_tick(tick)
        return Tick(tick, events)


async def _all(steps: Iterable[Coroutine[Any, Any, Step]]) -> list[Step]:
    """Runs steps concurrently; the first that fails fails the tick, and the others are cancelled."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
