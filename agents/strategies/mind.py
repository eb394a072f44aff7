"""A mind that plays by a prompt strategy: it answers whatever spec it is asked, in any world."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from burgh.agents.asking import Asker
from burgh.agents.falling_back import fell_back
from burgh.agents.llm.unanswered import Unanswered
from burgh.agents.strategies.afterwards import AFTERWARDS
from burgh.agents.strategies.equal import within
from burgh.agents.strategies.examples import bank_id
from burgh.agents.strategies.files import PromptFile
from burgh.agents.strategies.shown import bank_of, shown_examples
from burgh.agents.strategies.sitting import Sitting
from burgh.agents.strategies.situation import question, shown_memories, situation
from burgh.agents.strategies.ways import WAYS
from burgh.agents.tools.base import Desk
from burgh.memory.embed import Embedder, load_embedder
from burgh.sim.clock import Clock
from burgh.sim.protocols import LanguageModel
from burgh.sim.rng import stream
from burgh.sim.types import Action, BurghError, Events, Json, Observation, Step

MOST_MEMORIES = 200
WAIT = {"tool": "wait", "arguments": {"minutes": 10}}


@dataclass(frozen=True, slots=True)
class Remembered:
    """notes: the notebook, lessons, plan and beliefs. memories: what was perceived, oldest first. lots: of
    those that are over, how many have been thought about. prompts: hashes of prefixes that were recorded.
    orders: by domain, the order of examples that was found for it."""

    notes: tuple[str, ...] = ()
    memories: tuple[str, ...] = ()
    lots: int = 0
    prompts: frozenset[str] = frozenset()
    orders: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


class StrategyMind:
    """A Mind (see sim/protocols.py) of one prompt file. embedder: finds fitting tools among many.
    budget_tokens: of a decision, which is then asked again and again while they last; None: asked once.
    granted: what tools may use besides what is on the desk (see agents/tools/guard.py)."""

    def __init__(
        self,
        name: str,
        file: PromptFile,
        *,
        llm: LanguageModel,
        clock: Clock,
        seed: int,
        embedder: Any = None,
        budget_tokens: int | None = None,
        granted: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.file = file
        self.llm = llm
        self.clock = clock
        self.seed = seed
        self.embedder = embedder
        self.budget_tokens = budget_tokens
        self.granted = granted
        self.remembered = Remembered()

    async def begin(self, observation: Observation) -> Step:
        return Step(None, (), self.remembered)

    async def step(self, observation: Observation) -> Step:
        events = Events(observation.tick, self.name)
        known = set(self.remembered.prompts)
        heard = tuple(percept.text for percept in observation.percepts)
        memories = (*self.remembered.memories, *heard)[-MOST_MEMORIES:]
        now = replace(self.remembered, memories=memories)
        if not self.is_asked(observation):
            return Step(None, (), now)
        state = {**observation.state, "near": observation.near}
        desk = Desk(self.name, state, now.notes, memories, self.granted)
        shown = shown_memories(observation, memories)
        sitting = Sitting(
            self.file,
            situation(observation, shown),
            question(observation.spec),
            observation.spec,
            desk,
            Asker(self.llm, self.name, observation.tick, self.seed, events, known),
            stream(self.seed, "strategy", self.name, observation.tick),
            self.embedder or (tool_embedder() if self.file.has_many_tools else None),
            budget_tokens=self.budget_tokens,
            memories=shown,
            told=partial(situation, observation),
        )
        causes = tuple(percept.event for percept in observation.percepts)
        answer, unanswered = None, False
        try:
            now, answer = await self._thought(sitting, desk, now)
        except Unanswered as fault:
            fell_back(events, self.name, fault, causes)
            answer, unanswered = fallback(observation), True
        if answer is None:
            answer = fallback(observation)
            why = "no legal answer came from the model"
            events.add("fell_back", self.name, {"answer": answer, "why": why}, causes)
        told = {
            "answer": answer,
            "why": f"by {self.file.name}" if not unanswered else "the model gave no answer",
            "strategy": self.file.id,
            "steps": sitting.steps,
        }
        decided = events.add("decided", self.name, told, causes)
        now = replace(now, notes=(*now.notes, *sitting.notes), prompts=frozenset(known))
        return Step(Action(self.name, answer, decided.id), events.all(), now)

    async def _thought(self, sitting: Sitting, desk: Desk, now: Remembered) -> tuple[Remembered, Json]:
        """What it remembers once it has thought back and looked at examples, and its answer."""
        now = await self._think_back(sitting, now)
        sitting.desk = replace(desk, notes=now.notes)
        if self.file.shots is not None:
            bank = bank_of(self.file, cast(Hashable, self.embedder or tool_embedder()))
            sitting.examples, orders = await shown_examples(sitting, bank, now.orders)
            now = replace(now, orders=orders)
        once = self.budget_tokens is None
        return now, await (WAYS[self.file.kind](sitting) if once else within(sitting))

    def is_asked(self, observation: Observation) -> bool:
        """Whether there is anything to decide."""
        return observation.free

    async def _think_back(self, sitting: Sitting, now: Remembered) -> Remembered:
        """What a strategy makes of the lots that have ended since it last thought back."""
        history = list(sitting.desk.state.get("history", ()))
        after = AFTERWARDS.get(self.file.kind)
        if after is None or len(history) <= now.lots:
            return replace(now, lots=len(history))
        notes = await after(sitting, history[now.lots :], now.notes)
        sitting.ask.events.add("noted", self.name, {"notes": list(notes)})
        return replace(now, notes=notes, lots=len(history))

    def commit(self, step: Step) -> None:
        self.remembered = step.changes

    def snapshot(self) -> Json:
        now = self.remembered
        return {
            "strategy": self.file.id,
            "notes": list(now.notes),
            "memories": list(now.memories),
            "lots": now.lots,
            "prompts": sorted(now.prompts),
            "orders": {domain: list(order) for domain, order in sorted(now.orders.items())},
        }

    def restore(self, state: Json) -> None:
        """Takes over a snapshot. Raises BurghError for that of another strategy."""
        if state["strategy"] != self.file.id:
            raise BurghError(f"the snapshot is of the strategy {state['strategy']}, not of {self.file.id}")
        self.remembered = Remembered(
            tuple(state["notes"]),
            tuple(state["memories"]),
            state["lots"],
            frozenset(state["prompts"]),
            {domain: tuple(order) for domain, order in state.get("orders", {}).items()},
        )


@cache
def tool_embedder() -> Embedder:
    """What finds the fitting tools among many, one for a process."""
    return load_embedder()


def fallback(observation: Observation) -> Json:
    """The first legal answer that commits one to least: what is done when a model gives none."""
    for answer in ({"act": "pass"}, {"act": "wait"}, {"act": "leave"}, WAIT):
        try:
            observation.spec.validate(answer)
        except BurghError:
            continue
        return answer
    return observation.spec.sample(stream(0, "fallback", observation.agent, observation.tick))


@dataclass(frozen=True, slots=True)
class Prompted:
    """A prompt file as a contestant of the arena. budget_tokens, granted: see `StrategyMind`."""

    file: PromptFile
    asks: bool = True
    budget_tokens: int | None = None
    granted: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """With what stands in the bank of examples that the file names. Raises BurghError where that cannot
        be read."""
        bank = self.file.shots.bank if self.file.shots is not None else ""
        made = f"{self.file.id}+{bank_id(Path(bank))}" if bank else self.file.id
        return made if self.budget_tokens is None else f"{made}@{self.budget_tokens}"

    def mind(self, name: str, seed: int, llm: LanguageModel | None, clock: Clock) -> StrategyMind:
        assert llm is not None, "a prompt strategy asks a language model"
        more = {"budget_tokens": self.budget_tokens, "granted": self.granted}
        return StrategyMind(name, self.file, llm=llm, clock=clock, seed=seed, **more)  # type: ignore[arg-type]


def make(name: str) -> Prompted:
    """An entry point of the group `burgh.strategies`: one of our prompt files, by name."""
    from burgh.agents.strategies.files import built_in

    return Prompted(built_in(name))
