"""How a mind asks the language model, so that every question and answer is in the record."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from burgh.agents.llm.replies import complete_key, score_key
from burgh.agents.prompts import Inputs, render, text_hash
from burgh.sim.protocols import Call, CompleteRequest, LanguageModel, Prompt, ScoreRequest, Scores
from burgh.sim.rng import seed_of
from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Events, fixed, real

SAMPLING_TEMPERATURE = 0.6


@dataclass(slots=True)
class Asker:
    """Asks on behalf of one agent in one tick. known: hashes of the prefixes this agent has recorded.

    A mind goes by the log-likelihoods as they are recorded, in whole 1e-6, so that it does the same where
    they are answered from a record. Calls are numbered in the order in which they are made, which is the
    order of the batch.
    """

    llm: LanguageModel
    agent: str
    tick: int
    seed: int
    events: Events
    known: set[str]
    language: str = "en"
    _calls: int = field(default=0, init=False)

    def _call(self, purpose: str) -> Call:
        self._calls += 1
        return Call(self.agent, self.tick, purpose, self._calls)

    async def score(self, purpose: str, inputs: Inputs, options: Sequence[str]) -> tuple[float, ...]:
        """The log-likelihood of each option after the prompt of these inputs."""
        (scores,) = await self.score_all(purpose, [inputs], options)
        return scores

    async def score_all(
        self, purpose: str, contexts: Sequence[Inputs], options: Sequence[str]
    ) -> list[tuple[float, ...]]:
        """The same options after several contexts, asked at once; each context counts as one call."""
        requests = [
            ScoreRequest(self._call(purpose), render(inputs, self.language), tuple(options))
            for inputs in contexts
        ]
        answers = await asyncio.gather(*(self.llm.score(request) for request in requests))
        return [
            self._record_score(request, answer) for request, answer in zip(requests, answers, strict=True)
        ]

    async def write(
        self, purpose: str, inputs: Inputs, spec: ActionSpec, *, samples: int, max_tokens: int
    ) -> tuple[str, ...]:
        """Candidates for a line of text: each ends at a closing quotation mark or a line's end."""
        return await self.reply(
            purpose,
            render(inputs, self.language),
            spec,
            samples=samples,
            max_tokens=max_tokens,
            temperature=SAMPLING_TEMPERATURE,
            stop=('"', "\n"),
        )

    async def reply(
        self,
        purpose: str,
        prompt: Prompt,
        spec: ActionSpec,
        *,
        max_tokens: int,
        samples: int = 1,
        temperature: float = 0.0,
        stop: tuple[str, ...] = (),
    ) -> tuple[str, ...]:
        """What follows a prompt, legal under the spec: one text a sample."""
        call = self._call(purpose)
        request = CompleteRequest(
            call,
            prompt,
            max_tokens,
            spec=spec,
            samples=samples,
            temperature=temperature,
            seed=seed_of(self.seed, f"write-{call.index}", self.agent, self.tick),
            stop=stop,
        )
        answer = await self.llm.complete(request)
        data = {
            "key": complete_key(self.llm.identity, request),
            "purpose": purpose,
            "method": "complete",
            "prefix": self._prefix(request.prompt),
            "suffix": request.prompt.suffix,
            "replies": list(answer.texts),
            "seed": request.seed,
            "tokens_in": answer.usage.tokens_in,
            "tokens_out": answer.usage.tokens_out,
        }
        self.events.add("model", self.agent, data)
        return answer.texts

    async def score_prompt(self, purpose: str, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """The log-likelihood of each option after any prompt."""
        request = ScoreRequest(self._call(purpose), prompt, tuple(options))
        answer = await self.llm.score(request)
        return self._record_score(request, answer)

    def _record_score(self, request: ScoreRequest, answer: Scores) -> tuple[float, ...]:
        """Returns the log-likelihoods as recorded."""
        if len(answer.logprobs) != len(request.options) or not all(map(math.isfinite, answer.logprobs)):
            raise BurghError(
                f"the model {self.llm.name} scored the {len(request.options)} options of"
                f" {request.call.purpose!r} for {self.agent} with {list(answer.logprobs)}:"
                " one finite log-likelihood each was asked for"
            )
        logprobs = [fixed(logprob) for logprob in answer.logprobs]
        data = {
            "key": score_key(self.llm.identity, request),
            "purpose": request.call.purpose,
            "method": "score",
            "prefix": self._prefix(request.prompt),
            "suffix": request.prompt.suffix,
            "options": list(request.options),
            "logprobs": logprobs,
            "way": answer.way,
            "tokens_in": answer.usage.tokens_in,
            "tokens_out": answer.usage.tokens_out,
        }
        self.events.add("model", self.agent, data)
        return tuple(map(real, logprobs))

    def _prefix(self, prompt: Prompt) -> str:
        name = text_hash(prompt.prefix)
        if name not in self.known:
            self.known.add(name)
            self.events.add("prompt", self.agent, {"hash": name, "text": prompt.prefix})
        return name
