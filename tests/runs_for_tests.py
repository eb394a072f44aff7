"""Whole runs of the library's scenarios on the scripted model (with the real embedder, store and world)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random

from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.load import load_town
from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.spec import Scenario
from burgh.sim.protocols import CompleteRequest, Completion, LanguageModel, ScoreRequest, Scores
from burgh.sim.types import Json


def scripted(name: str, until: str | None = None, seed: int = 7) -> Scenario:
    return load_town(name, {"model": "scripted", "until": until, "seed": seed})


def recorded(scenario: Scenario, folder: Path, model: LanguageModel | None = None) -> Outcome:
    return run_scenario(scenario, folder, model=model or ScriptedModel(scenario.seed))


class Late:
    """A language model whose answers come after a random number of turns of the event loop."""

    def __init__(self, model: LanguageModel, seed: int) -> None:
        self.model = model
        self.name = model.name
        self._rng = Random(seed)

    @property
    def identity(self) -> Mapping[str, Json]:
        return self.model.identity

    async def _tarry(self) -> None:
        for _ in range(self._rng.randrange(40)):
            await asyncio.sleep(0)

    async def score(self, request: ScoreRequest) -> Scores:
        await self._tarry()
        scores = await self.model.score(request)
        await self._tarry()
        return scores

    async def complete(self, request: CompleteRequest) -> Completion:
        await self._tarry()
        completion = await self.model.complete(request)
        await self._tarry()
        return completion
