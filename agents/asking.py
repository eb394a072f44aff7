"""How a mind asks the language model, so that every question and answer is in the record."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, TypeVar, Unpack

from burgh.agents.languages import option
from burgh.agents.llm.replies import RecordedReplies, complete_key, drawn_by, score_key
from burgh.agents.llm.unanswered import ModelFault, Unanswered
from burgh.agents.prompts import Inputs, Remembered, text_hash
from burgh.agents.trimming import fitting
from burgh.sim.protocols import (
    Call,
    CompleteRequest,
    Completion,
    LanguageModel,
    Prompt,
    ScoreRequest,
    Scores,
)
from burgh.sim.rng import seed_of
from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Events, fixed, real

Answer = TypeVar("Answer", Completion, Scores)

SAMPLING_TEMPERATURE = 0.6
STOPS = {"zh": ('"', "”", "\n")}  # ends of what is said, where there are others than a quotation mark


class Drawing(TypedDict, total=False):
    """How else tokens may be drawn than by temperature (see CompleteRequest)."""

    top_p: float
    top_k: int
    min_p: float
    repetition_penalty: float
    beams: int


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
        options = [option(one, self.language) for one in options]
        prompts = [self.fitted(purpose, inputs, options)[0] for inputs in contexts]
        return await self.score_prompts(purpose, prompts, options)

    def fitted(
        self, purpose: str, inputs: Inputs, options: Sequence[str] = (), reply_tokens: int = 0
    ) -> tuple[Prompt, tuple[Remembered, ...]]:
        """The prompt of these inputs, without the oldest memories where the model does not hold all; and
        those, which are recorded."""
        prompt, left_out = fitting(inputs, self.language, self.llm, options, reply_tokens)
        self.trimmed(purpose, left_out)
        return prompt, left_out

    def trimmed(self, purpose: str, left_out: Sequence[str]) -> None:
        """Records what a prompt is asked without, if anything."""
        if left_out:
            data = {"purpose": purpose, "left_out": [str(one) for one in left_out]}
            self.events.add("trimmed", self.agent, data)

    async def _answers(
        self,
        requests: Sequence[ScoreRequest | CompleteRequest],
        answers: Sequence[Coroutine[Any, Any, Answer]],
    ) -> list[Answer]:
        """The answers to what is asked at once: to all of it, or none. Raises Unanswered."""
        call = requests[0].call if requests else None
        keeper = self.llm if isinstance(self.llm, RecordedReplies) else None
        try:
            if keeper is not None and call is not None:
                keeper.admit(call)
        except BurghError:
            for waiting in answers:
                waiting.close()
            raise
        found = await asyncio.gather(*answers, return_exceptions=True)
        faults = [one for one in found if isinstance(one, BaseException)]
        for fault in faults[:1]:
            if keeper is not None and call is not None and isinstance(fault, BurghError):
                raise keeper.fault(fault, call) from None
            raise fault
        made = [one for one in found if not isinstance(one, BaseException)]
        for request, answer in zip(requests, made, strict=True):
            if keeper is not None:
                keeper.paid(request.call, answer.usage)
        return made

    async def write(
        self, purpose: str, inputs: Inputs, spec: ActionSpec, *, samples: int, max_tokens: int
    ) -> tuple[str, ...]:
        """Candidates for a line of text: each ends at a closing quotation mark or a line's end."""
        return await self.reply(
            purpose,
            self.fitted(purpose, inputs, reply_tokens=max_tokens)[0],
            spec,
            samples=samples,
            max_tokens=max_tokens,
            temperature=SAMPLING_TEMPERATURE,
            stop=STOPS.get(self.language, ('"', "\n")),
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
        **drawing: Unpack[Drawing],
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
            **drawing,
        )
        (answer,) = await self._answers([request], [self.llm.complete(request)])
        data = {
            "key": complete_key(self.llm.identity, request),
            "purpose": purpose,
            "method": "complete",
            "prefix": self._prefix(request.prompt),
            "suffix": request.prompt.suffix,
            "replies": list(answer.texts),
            **drawn_by(request),
            "tokens_in": answer.usage.tokens_in,
            "tokens_out": answer.usage.tokens_out,
        }
        self.events.add("model", self.agent, data)
        return answer.texts

    async def score_prompt(self, purpose: str, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """The log-likelihood of each option after any prompt."""
        (scores,) = await self.score_prompts(purpose, [prompt], options)
        return scores

    async def score_prompts(
        self, purpose: str, prompts: Sequence[Prompt], options: Sequence[str]
    ) -> list[tuple[float, ...]]:
        """The same options after several prompts, asked at once; each prompt counts as one call."""
        requests = [ScoreRequest(self._call(purpose), prompt, tuple(options)) for prompt in prompts]
        answers = await self._answers(requests, [self.llm.score(request) for request in requests])
        return [
            self._record_score(request, answer) for request, answer in zip(requests, answers, strict=True)
        ]

    def _record_score(self, request: ScoreRequest, answer: Scores) -> tuple[float, ...]:
        """Returns the log-likelihoods as recorded."""
        if len(answer.logprobs) != len(request.options) or not all(map(math.isfinite, answer.logprobs)):
            raise self._fault(
                request.call,
                f"the model {self.llm.name} scored the {len(request.options)} options of"
                f" {request.call.purpose!r} for {self.agent} with {list(answer.logprobs)}:"
                " one finite log-likelihood each was asked for",
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

    def _fault(self, call: Call, sentence: str) -> Unanswered:
        fault = ModelFault(sentence, call)
        return self.llm.fault(fault, call) if isinstance(self.llm, RecordedReplies) else fault

    def _prefix(self, prompt: Prompt) -> str:
        name = text_hash(prompt.prefix)
        if name not in self.known:
            self.known.add(name)
            self.events.add("prompt", self.agent, {"hash": name, "text": prompt.prefix})
        return name
