"""A scripted bidder as a mind: it answers whatever it is asked, by its strategy and what it is shown."""

from __future__ import annotations

from typing import Any

from burgh.agents.bidders.answers import rule_name
from burgh.agents.bidders.strategies import Strategy
from burgh.sim.rng import stream
from burgh.sim.types import Action, Events, Json, Observation, Step


class ScriptedBidder:
    """A Mind (see sim/protocols.py) that follows a strategy and remembers only how often it has bid."""

    def __init__(self, name: str, strategy: Strategy, seed: int = 0) -> None:
        self.name = name
        self.strategy = strategy
        self.seed = seed
        self._bids: dict[str, int] = {}  # by lot

    async def begin(self, observation: Observation) -> Step:
        return Step(None, ())

    async def step(self, observation: Observation) -> Step:
        if not observation.free:
            return Step(None, ())
        state: dict[str, Any] = {**observation.state, "name": self.name}
        lot = f"{state['game']}.{state['lot']}" if "game" in state else str(state["lot"])
        rng = stream(self.seed, "bidder", self.name, observation.tick)
        answer = self.strategy.answer(state, observation.spec, rng, self._bids.get(lot, 0))
        events = Events(observation.tick, self.name)
        causes = tuple(percept.event for percept in observation.percepts)
        why = f"{self.name} bids by rule: {rule_name(self.strategy)}."
        decided = events.add("decided", self.name, {"answer": answer, "why": why}, causes)
        return Step(Action(self.name, answer, decided.id), events.all(), changes=lot)

    def commit(self, step: Step) -> None:
        if step.action is not None and step.action.answer["act"] not in ("pass", "wait", "leave"):
            self._bids[step.changes] = self._bids.get(step.changes, 0) + 1

    def snapshot(self) -> Json:
        return {"bids": dict(self._bids)}

    def restore(self, state: Json) -> None:
        self._bids = dict(state["bids"])
