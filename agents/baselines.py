"""Baselines: minds made of rules, over the same observations and the same ActionSpecs. They ask no model.

They remember nothing and hear nothing, so that what a town of generative minds does can be held against a
town of none. `idle` does nothing, `habits` goes through the usual day of its persona, `random` gives a legal
answer at random.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from burgh.agents.persona import Errand, Persona, Stroke
from burgh.agents.places import destinations, options_of
from burgh.agents.settings import MindSettings
from burgh.memory.embed import Embedder
from burgh.memory.record import Memory
from burgh.memory.score import Vectors
from burgh.sim.clock import Clock
from burgh.sim.protocols import LanguageModel
from burgh.sim.rng import stream
from burgh.sim.spec import ToolCall, clean_text
from burgh.sim.types import Action, BurghError, Events, Json, Observation, Step

MOST_WAIT = 240  # minutes
MOST_CHARS = 96  # of an activity
PIECE = (15, 30)  # minutes of one activity
SLEEP = (10, 600)  # minutes
NAP = 180  # minutes without a habit in which one does not go home to bed


class Baseline:
    """A Mind that only answers; subclasses say what. It carries nothing from tick to tick."""

    def __init__(
        self,
        persona: Persona,
        settings: MindSettings,
        *,
        llm: LanguageModel | None = None,
        embedder: Embedder | None = None,
        clock: Clock,
        seed: int,
        keep: Callable[[Memory, Vectors], None] | None = None,
    ) -> None:
        self.persona = persona
        self.settings = settings
        self.clock = clock
        self.seed = seed

    @property
    def name(self) -> str:
        return self.persona.name

    async def begin(self, observation: Observation) -> Step:
        return Step(None, (), wake_tick=self.wake(observation))

    async def step(self, observation: Observation) -> Step:
        chosen = self.answer(observation)
        if chosen is None:
            return Step(None, (), wake_tick=self.wake(observation))
        answer, why = chosen
        events = Events(observation.tick, self.name)
        decided = events.add("decided", self.name, {"answer": answer, "why": why})
        action = Action(self.name, answer, decided.id)
        return Step(action, events.all(), wake_tick=self.wake(observation))

    def answer(self, observation: Observation) -> tuple[Json, str] | None:
        """The answer, and a sentence why; None where what is under way goes on."""
        raise NotImplementedError

    def wake(self, observation: Observation) -> int | None:
        """The next tick at which to ask though nothing new is perceived."""
        return None

    def commit(self, step: Step) -> None:
        """A step has changed nothing."""

    def snapshot(self) -> Json:
        return {"baseline": type(self).__name__.lower(), "agent": self.name}

    def restore(self, state: Json) -> None:
        """Takes over a snapshot of the same agent and kind. Raises BurghError for another's."""
        if state != self.snapshot():
            raise BurghError(
                f"{self.name}'s mind was of another kind, whose state a mind of rules cannot take over"
            )


class Idle(Baseline):
    """Waits where it is; in a world without waiting it answers nothing."""

    def answer(self, observation: Observation) -> tuple[Json, str] | None:
        if not observation.free or not _has(observation, "wait"):
            return None
        return _tool("wait", minutes=MOST_WAIT), "an idle mind waits"


class Random(Baseline):
    """Any legal answer, whenever it is free."""

    def answer(self, observation: Observation) -> tuple[Json, str] | None:
        if not observation.free:
            return None
        rng = stream(self.seed, "random mind", self.name, observation.tick)
        return observation.spec.sample(rng), "a legal answer at random"


class Habits(Baseline):
    """The usual day of its persona, every day; at home, asleep, while the day says nothing for long."""

    def answer(self, observation: Observation) -> tuple[Json, str] | None:
        now = observation.time
        stroke = self._now(now)
        if stroke is None:
            return self._between(observation)
        start = datetime.combine(now.date(), stroke.at)
        chance = stream(self.seed, "errand", self.name, self.clock.tick_of(start))
        errand = chance.choice(stroke.choices)
        if observation.state.get("place") != errand.place:
            return self._go(observation, errand.place, f"it is the habit at {stroke.at:%H:%M}")
        if not observation.free:
            return None
        return self._use(observation, errand, start + timedelta(minutes=stroke.minutes))

    def _now(self, now: datetime) -> Stroke | None:
        """The stroke of the day that holds now."""
        for stroke in reversed(self.persona.day):
            start = datetime.combine(now.date(), stroke.at)
            if start <= now < start + timedelta(minutes=stroke.minutes):
                return stroke
        return None

    def _between(self, observation: Observation) -> tuple[Json, str] | None:
        """What one does while there is no habit: waits for the next, or goes home to sleep until then."""
        minutes = self._minutes_until_next(observation.time)
        if minutes >= NAP and observation.state.get("place") != self.persona.home:
            return self._go(observation, self.persona.home, "the day is over")
        if not observation.free:
            return None
        if minutes >= NAP and _has(observation, "sleep"):
            asleep = max(SLEEP[0], min(SLEEP[1], minutes // 10 * 10))
            return _tool("sleep", minutes=asleep), "the day is over"
        if _has(observation, "wait"):
            return _tool("wait", minutes=max(1, min(MOST_WAIT, minutes))), "no habit is due"
        return None

    def _minutes_until_next(self, now: datetime) -> int:
        """Whole minutes until the next stroke begins, today or tomorrow; a day where there is none."""
        starts = [
            datetime.combine(now.date() + timedelta(days=day), stroke.at)
            for day in (0, 1)
            for stroke in self.persona.day
        ]
        ahead = [start for start in starts if start > now]
        return math.ceil((min(ahead) - now).total_seconds() / 60) if ahead else 24 * 60

    def _go(self, observation: Observation, place: str, why: str) -> tuple[Json, str] | None:
        if observation.state.get("goal") == place:
            return None
        if any(one.data.get("kind") == "blocked" for one in observation.percepts):
            return _tool("wait", minutes=2), "the way is blocked"
        if place not in destinations(observation.spec):
            return None
        return _tool("go", place=place), why

    def _use(self, observation: Observation, errand: Errand, end: datetime) -> tuple[Json, str] | None:
        rng = stream(self.seed, "habit", self.name, observation.tick)
        left = math.ceil((end - observation.time).total_seconds() / 60)
        objects = options_of(observation.spec, "use", "object")
        if not objects:
            minutes = max(1, min(MOST_WAIT, left))
            return (_tool("wait", minutes=minutes), rng.choice(errand.doing)) if left > 0 else None
        doing = rng.choice(errand.doing)
        answer = _tool(
            "use",
            object=rng.choice(objects),
            activity=clean_text(doing, MOST_CHARS),
            minutes=max(5, min(left // 5 * 5, rng.randrange(PIECE[0], PIECE[1] + 1, 5))),
        )
        return answer, f"it is the habit to be {doing}"

    def wake(self, observation: Observation) -> int | None:
        """When the next stroke begins."""
        if not self.persona.day:
            return None
        ahead = timedelta(minutes=self._minutes_until_next(observation.time))
        return max(observation.tick + 1, self.clock.tick_of(observation.time + ahead))


def _has(observation: Observation, tool: str) -> bool:
    return isinstance(observation.spec, ToolCall) and tool in observation.spec.tools


def _tool(name: str, **arguments: Any) -> dict[str, Json]:
    return {"tool": name, "arguments": arguments}
