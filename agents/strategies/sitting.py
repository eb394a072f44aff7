"""One decision under way: what a strategy asks its model in, and how a prompt of it is written."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from burgh.agents.asking import Asker
from burgh.agents.llm.window import window_of
from burgh.agents.strategies.files import Example, PromptFile
from burgh.agents.tools.bank import fitting, tool
from burgh.agents.tools.base import Desk, Result, Tool, call
from burgh.agents.trimming import too_long
from burgh.sim.protocols import Prompt
from burgh.sim.spec import ActionSpec, InvalidAnswer, Text
from burgh.sim.types import Json

ANSWER_TOKENS = 64
STOP = ("\n",)
SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?=\d)[^.!?]*)*[.!?]+")
MOST_SENTENCES = 2
TOWN, ELSEWHERE = "town", "elsewhere"
NOWHERE = "You choose what you do next. Answer in JSON."  # where a file says nothing of worlds without sales


@dataclass
class Sitting:
    """One decision under way. said: the lines since the situation, which the next prompt ends with.

    embedder: finds the tools that fit, where there are many. notes: what was written down in it.
    examples: chosen for it from a bank, None for those of the file. memories: that the situation tells, the
    oldest first; told: the situation with others in it.
    budget_tokens: of the decision, None without end. warmth: the least temperature of what is asked.
    """

    file: PromptFile
    situation: str
    question: str
    spec: ActionSpec
    desk: Desk
    ask: Asker
    rng: random.Random
    embedder: Any = None
    said: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    steps: list[dict[str, Json]] = field(default_factory=list)
    budget_tokens: int | None = None
    warmth: float = 0.0
    examples: tuple[Example, ...] | None = None
    memories: tuple[str, ...] = ()
    told: Callable[[Sequence[str]], str] | None = None

    @property
    def domain(self) -> str:
        """What examples are chosen by: the format of a sale, "town", or "elsewhere"."""
        state = self.desk.state
        return str(state["format"]) if "format" in state else TOWN if "villager" in state else ELSEWHERE

    def costs(self) -> list[int]:
        """Tokens of each question of this decision so far, in and out."""
        asked = (event.data for event in self.ask.events.all() if event.kind == "model")
        return [data["tokens_in"] + data["tokens_out"] for data in asked]

    def affords_more(self) -> bool:
        """Whether there are tokens for another question and then the answer, each as dear as the last."""
        if self.budget_tokens is None:
            return True
        costs = self.costs()
        return not costs or sum(costs) + 2 * costs[-1] <= self.budget_tokens

    def prompt(self, cue: str) -> Prompt:
        """Instructions and examples first, as they are shared; the situation and what was said since last.

        Where the model does not hold it, it is written again without what has been remembered longest, which
        then stays out of the decision. Raises ModelFault where it is too long without.
        """
        prompt, left_out = self._written(cue), list[str]()
        window = window_of(self.ask.llm)
        room = max(ANSWER_TOKENS, self.file.thought_tokens)
        while window is not None and not window.holds(prompt, room):
            if not self.memories and not self._noted():
                raise too_long(prompt, room, self.ask.llm, window)
            left_out.append(self._forget())
            prompt = self._written(cue)
        self.ask.trimmed(cue, left_out)
        return prompt

    def _noted(self) -> list[str]:
        """What of the notes was said."""
        return [line for line in self.said if line in self.desk.notes]

    def _forget(self) -> str:
        """Leaves out the oldest memory; where there is none, the oldest note."""
        if not self.memories or self.told is None:
            oldest = self._noted()[0]
            self.said.remove(oldest)
            return oldest
        oldest, *kept = self.memories
        self.memories = tuple(kept)
        self.situation = self.told(self.memories)
        return oldest

    def _written(self, cue: str) -> Prompt:
        parts = [*self._many_tools(), self.situation, self.question, *self.said, cue]
        return Prompt(
            prefix(self.file, self.domain, self.examples), "\n".join(part for part in parts if part)
        )

    def _many_tools(self) -> list[str]:
        """Of more tools than are shown at once, those that fit what is at hand."""
        if not self.file.has_many_tools:
            return []
        return ["Tools:", *(one.signature() for one in self.tools())]

    def tools(self) -> tuple[Tool, ...]:
        """Those of the file that are of use here, and need nothing that was not granted."""
        named = [one for one in map(tool, self.file.tool_names()) if one.needs <= self.desk.granted]
        return fitting(named, self.desk.state, self.situation, self.embedder)

    def call(self, wanted: Tool, arguments: Mapping[str, Json]) -> Result:
        """Calls a tool, but not more often than it may be called in one decision."""
        made = sum(step.get("tool") == wanted.name for step in self.steps)
        if made >= wanted.most_calls:
            said = f"error: {wanted.name} was called {made} times for this decision: that is enough"
            return Result(said, fault=True)
        notes = (*self.desk.notes, *self.notes)
        return call(wanted, arguments, replace(self.desk, notes=notes))

    def line(self) -> Prompt:
        """The same up to the beginning of the next line."""
        open_line = self.prompt("")
        return Prompt(open_line.prefix, open_line.suffix + "\n")

    async def text(self, cue: str, tokens: int, purpose: str, *, temperature: float | None = None) -> str:
        """A line of text after the cue, which is then among what was said."""
        (line,) = await self.ask.reply(
            purpose,
            self.prompt(cue),
            Text(cue, tokens, may_be_empty=True),
            max_tokens=tokens,
            temperature=max(self.warmth, self.file.temperature if temperature is None else temperature),
            stop=STOP,
        )
        kept = whole(line, self.file.thought_sentences)
        self.say(cue, kept)
        return kept

    def say(self, cue: str, line: str) -> None:
        if line.strip():
            self.said.append(f"{cue} {line.strip()}")

    async def answers(self, samples: int = 1, temperature: float = 0.0) -> list[Json]:
        """Legal answers under the grammar; what breaks its form in spite of that is left out."""
        texts = await self.ask.reply(
            "bid" if "format" in self.desk.state else "act",
            self.prompt(self.file.cue),
            self.spec,
            max_tokens=ANSWER_TOKENS,
            samples=samples,
            temperature=max(self.warmth, temperature),
        )
        found = []
        for text in texts:
            try:
                found.append(self.spec.parse(text.strip()))
            except InvalidAnswer as error:
                self.steps.append({"broken": text[:200], "why": str(error)})
        return found

    async def answer(self) -> Json | None:
        """One answer; None where none was legal."""
        found = await self.answers(temperature=0.0)
        return found[0] if found else None


def whole(line: str, most: int = MOST_SENTENCES) -> str:
    """The first sentences of a line, without the one that broke off: a small model wanders on. A line
    without an end stays as it is."""
    ended = SENTENCE.findall(line.strip())
    return " ".join(one.strip() for one in ended[:most]) if ended else line.strip()


def prefix(file: PromptFile, domain: str, chosen: Sequence[Example] | None = None) -> str:
    """What a strategy's decisions share: instructions, tools, examples: those that were chosen, or those of
    the file (of the domain if there are any)."""
    shown = () if file.has_many_tools else map(tool, file.tool_names())
    sells = domain not in (TOWN, ELSEWHERE)
    listed = [one.signature() for one in shown if sells or not one.of_sales]
    tools = ["Tools:", *listed] if listed else []
    near = [one for one in file.examples if one.domain == domain]
    if not near and sells:  # a sale of another format is like it; a town is not
        near = [one for one in file.examples if one.domain not in (TOWN, ELSEWHERE)]
    examples = (example(one, file) for one in (near if chosen is None else chosen))
    says_nothing = domain == ELSEWHERE and "elsewhere" not in file.model_fields_set
    instructions = file.instructions if sells else NOWHERE if says_nothing else file.elsewhere
    return "\n".join([instructions.strip(), *tools, "", *examples]) + "\n"


def example(one: Example, file: PromptFile) -> str:
    """A worked example as it stands in a prompt."""
    lines = [one.situation.strip(), *(f"{step.said}: {step.text.strip()}" for step in one.steps)]
    return "\n".join([*lines, f"{file.cue} {one.answer.strip()}", ""])
