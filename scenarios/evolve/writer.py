"""A language model that writes instructions."""

from __future__ import annotations

import asyncio

from burgh.sim.protocols import Call, CompleteRequest, LanguageModel, Prompt
from burgh.sim.spec import Text

MOST_TOKENS = 60
LEAST_CHARS = 12  # of an instruction
TEMPERATURE = 0.9
ENDING = " Answer in JSON."


class Writer:
    """Asks a model for lines. tokens: in and out, so far."""

    def __init__(self, model: LanguageModel, max_tokens: int = MOST_TOKENS) -> None:
        self.model = model
        self.max_tokens = max_tokens
        self.tokens = 0
        self._calls = 0

    def write(self, prompt: str, count: int, seed: int) -> list[str]:
        """At most so many different instructions that go on from the prompt; "You" at its end is part of
        them. Those that say hardly anything are left out."""
        self._calls += 1
        request = CompleteRequest(
            Call("proposer", 0, "propose", self._calls),
            Prompt("", prompt),
            self.max_tokens,
            spec=Text("An instruction", self.max_tokens),
            samples=count,
            temperature=TEMPERATURE,
            seed=seed,
            stop=("\n",),
        )
        answer = asyncio.run(self._ask(request))
        begun = "You " if prompt.endswith("You") else ""
        texts = (_clean(begun + text.strip()) for text in answer)
        return list(dict.fromkeys(text for text in texts if len(text) >= LEAST_CHARS))

    def reflect(self, prompt: str, seed: int) -> str:
        """One text of several lines' worth: what the gepa library asks for."""
        self._calls += 1
        request = CompleteRequest(
            Call("proposer", 0, "reflect", self._calls),
            Prompt("", prompt),
            self.max_tokens,
            spec=Text("An instruction", self.max_tokens),
            temperature=TEMPERATURE,
            seed=seed,
        )
        (text,) = asyncio.run(self._ask(request))
        return text.strip()

    async def _ask(self, request: CompleteRequest) -> tuple[str, ...]:
        answer = await self.model.complete(request)
        self.tokens += answer.usage.tokens_in + answer.usage.tokens_out
        return answer.texts


def _clean(text: str) -> str:
    """Whole sentences, as far as there are any, and what form to answer in."""
    end = max(text.rfind(mark) for mark in ".!?")
    text = " ".join(text[: end + 1].split()) if end > LEAST_CHARS else " ".join(text.split())
    return text if not text or "JSON" in text else text.rstrip(".!? ") + "." + ENDING
