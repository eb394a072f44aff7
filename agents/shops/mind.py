"""A scripted provider or customer as a mind."""

from __future__ import annotations

from typing import Any

from burgh.agents.bidders.answers import rule_name
from burgh.agents.shops.strategies import Strategy
from burgh.sim.rng import stream
from burgh.sim.types import Action, Events, Json, Observation, Step


class ScriptedTrader:
    """A Mind (see sim/protocols.py) that keeps nothing: all that it goes by is shown to it."""

    def __init__(self, name: str, strategy: Strategy, seed: int) -> None:
        self.name = name
        self.strategy = strategy
        self.seed = seed

    async def begin(self, observation: Observation) -> Step:
        return Step(None, ())

    async def step(self, observation: Observation) -> Step:
        if not observation.free:
            return Step(None, ())
        state: dict[str, Any] = {**observation.state, "name": self.name}
        answer = self.strategy.answer(state, stream(self.seed, "trader", self.name, observation.tick))
        events = Events(observation.tick, self.name)
        causes = tuple(percept.event for percept in observation.percepts)
        why = f"{self.name} goes by rule: {rule_name(self.strategy)}."
        decided = events.add("decided", self.name, {"answer": answer, "why": why}, causes)
        return Step(Action(self.name, answer, decided.id), events.all())

    def commit(self, step: Step) -> None:
        return None

    def snapshot(self) -> Json:
        return {}

    def restore(self, state: Json) -> None:
        return None
