"""A scripted campaign manager as a mind: it answers each report by its strategy."""

from __future__ import annotations

from burgh.agents.bidders.answers import rule_name
from burgh.agents.campaigns.landscape import Seen
from burgh.agents.campaigns.strategies import Strategy
from burgh.sim.types import Action, Events, Json, Observation, Step


class ScriptedManager:
    """A Mind (see sim/protocols.py) that remembers at most which prices it has seen."""

    def __init__(self, name: str, strategy: Strategy) -> None:
        self.name = name
        self.strategy = strategy
        self.seen = Seen()

    async def begin(self, observation: Observation) -> Step:
        return Step(None, ())

    async def step(self, observation: Observation) -> Step:
        state = observation.state
        seen = self.seen
        if self.strategy.learns:
            seen = seen.with_report(state["report"], state["pricing"])
        if not observation.free:
            return Step(None, (), seen)
        answer = self.strategy.setting(state, seen)
        events = Events(observation.tick, self.name)
        if answer == state["setting"]:
            why = f"{self.name} leaves its campaign as it is."
            events.add("kept", self.name, {"why": why})
            return Step(None, events.all(), seen)
        causes = tuple(percept.event for percept in observation.percepts)
        why = f"{self.name} sets its campaign by rule: {rule_name(self.strategy)}."
        decided = events.add("decided", self.name, {"answer": answer, "why": why}, causes)
        return Step(Action(self.name, answer, decided.id), events.all(), seen)

    def commit(self, step: Step) -> None:
        if step.changes is not None:
            self.seen = step.changes

    def snapshot(self) -> Json:
        return self.seen.to_json()

    def restore(self, state: Json) -> None:
        self.seen = Seen.from_json(state)
