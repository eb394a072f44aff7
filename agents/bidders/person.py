"""A bidder whose bids are a person's."""

from __future__ import annotations

from typing import Any

from burgh.agents.asking import Asker
from burgh.agents.bidders.kinds import BidderKind, Options, Seat
from burgh.agents.llm.person import MAY_PASS, NOTHING
from burgh.agents.strategies.situation import situation
from burgh.sim.protocols import Prompt
from burgh.sim.types import Action, BurghError, Events, Json, Observation, Step

ANSWER_TOKENS = 60


class PersonBidder:
    """A Mind (see sim/protocols.py) that asks the person in its seat. It remembers only what was asked."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.name = seat.name
        self._prompts: set[str] = set()

    async def begin(self, observation: Observation) -> Step:
        return Step(None, (), set(self._prompts))

    async def step(self, observation: Observation) -> Step:
        prompts = set(self._prompts)
        if not observation.free:
            return Step(None, (), prompts)
        if self.seat.person is None:
            raise BurghError(f"nobody is there to play {self.name}: name the seat with --play {self.name}")
        events = Events(observation.tick, self.name)
        ask = Asker(self.seat.person, self.name, observation.tick, self.seat.seed, events, prompts)
        heard = "\n".join(percept.text for percept in observation.percepts)
        shown = "\n".join(part for part in (heard, situation(observation)) if part)
        (text,) = await ask.reply("play", Prompt(MAY_PASS, shown), observation.spec, max_tokens=ANSWER_TOKENS)
        if text == NOTHING:
            return Step(None, events.all(), prompts)
        answer: Json = observation.spec.parse(text)
        causes = tuple(percept.event for percept in observation.percepts)
        decided = events.add(
            "decided", self.name, {"answer": answer, "why": f"{self.name} is played by a person"}, causes
        )
        return Step(Action(self.name, answer, decided.id), events.all(), prompts)

    def commit(self, step: Step) -> None:
        self._prompts = step.changes

    def snapshot(self) -> Json:
        return {"prompts": sorted(self._prompts)}

    def restore(self, state: Json) -> None:
        self._prompts = set(state["prompts"])


def _make(seat: Seat, said: Any) -> PersonBidder:
    return PersonBidder(seat)


PERSON = BidderKind(_make, Options)
