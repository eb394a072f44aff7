"""A villager who lives by a prompt strategy: whenever it is free to, it is asked what it does next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from burgh.agents.persona import Persona, Stroke
from burgh.agents.strategies.files import PromptFile
from burgh.agents.strategies.mind import Remembered, StrategyMind
from burgh.sim.clock import Clock
from burgh.sim.protocols import LanguageModel
from burgh.sim.spec import Choice, Form, ToolCall
from burgh.sim.types import Json, Observation, Step

BID = "bid"  # the tool of those whom an auction on the square asks for a bid


class Villager(StrategyMind):
    """The strategy's mind with a persona: it knows who it is, what it usually does at this hour, what it
    remembers from before and what it heard since."""

    def __init__(
        self,
        persona: Persona,
        file: PromptFile,
        *,
        llm: LanguageModel,
        clock: Clock,
        seed: int,
        budget_tokens: int | None = None,
        embedder: Any = None,
    ) -> None:
        super().__init__(
            persona.name,
            file,
            llm=llm,
            clock=clock,
            seed=seed,
            embedder=embedder,
            budget_tokens=budget_tokens,
        )
        self.persona = persona
        known = (*(one.text for one in persona.memories), *persona.wishes, *persona.relations.values())
        self.remembered = Remembered(memories=known)

    async def step(self, observation: Observation) -> Step:
        return await super().step(replace(observation, state=self._state(observation)))

    def is_asked(self, observation: Observation) -> bool:
        """When it is free, and whenever it may bid."""
        return observation.free or BID in getattr(observation.spec, "tools", ())

    def _state(self, observation: Observation) -> Mapping[str, Json]:
        now = observation.time.time()
        due = [stroke for stroke in self.persona.day if _ends(stroke) > now.hour * 60 + now.minute]
        return {
            **observation.state,
            "villager": f"{self.persona.age} years old, {self.persona.job}",
            "wishes": list(self.persona.wishes),
            "plan": [_told(stroke) for stroke in due],
            "places": places(observation.spec),
        }


def places(spec: Any) -> list[str]:
    """Where one can go."""
    go = spec.tools.get("go") if isinstance(spec, ToolCall) else None
    if not isinstance(go, Form):
        return []
    return [option for _, field in go.fields if isinstance(field, Choice) for option in field.options]


def _ends(stroke: Stroke) -> int:
    return stroke.at.hour * 60 + stroke.at.minute + stroke.minutes


def _told(stroke: Stroke) -> str:
    """A stroke of the day: "10:00 to 10:30 fetching water (Burgh : Market Square)"."""
    end = _ends(stroke)
    errands = " or ".join(f"{errand.doing[0]} ({errand.place})" for errand in stroke.choices)
    return f"{stroke.at:%H:%M} to {end // 60 % 24:02d}:{end % 60:02d} {errands}"
