"""The control experiment: the same model, with its scores dealt out among the options at random.

What still happens then was not chosen by the model. How they are dealt depends on whose the question is and
on all that it says, and not on its tick: that is what a reply in a record is known by (`replies`), and a
model that is asked the same again says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from burgh.agents.llm.replies import score_key
from burgh.sim.protocols import CompleteRequest, Completion, LanguageModel, ScoreRequest, Scores
from burgh.sim.rng import stream
from burgh.sim.types import Json


class PermutedScores:
    """A language model whose scores are those of another, each option given that of an option at random."""

    def __init__(self, model: LanguageModel, seed: int) -> None:
        self.model = model
        self.seed = seed

    @property
    def name(self) -> str:
        return f"{self.model.name} with permuted scores"

    @property
    def identity(self) -> Mapping[str, Json]:
        return {**self.model.identity, "permuted_scores_seed": self.seed}

    async def complete(self, request: CompleteRequest) -> Completion:
        return await self.model.complete(request)

    async def score(self, request: ScoreRequest) -> Scores:
        scores = await self.model.score(request)
        order = list(range(len(request.options)))
        stream(self.seed, f"permute {score_key({}, request)}", request.call.agent).shuffle(order)
        return replace(
            scores,
            logprobs=tuple(scores.logprobs[i] for i in order),
            lengths=tuple(scores.lengths[i] for i in order),
        )
