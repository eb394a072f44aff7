"""Minds with a model whose scores and words are set by hand, and what they observe."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import time
from typing import Any, TypeVar

import numpy as np
from town_for_tests import CLOCK, SHOP, SQUARE

from burgh.agents.mind import GenerativeMind
from burgh.agents.persona import Errand, Persona, SeedMemory, Stroke
from burgh.agents.prompts import references
from burgh.agents.settings import MindSettings
from burgh.agents.turn import Turn
from burgh.memory.score import Vectors
from burgh.sim.clock import parse_time
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores, Usage
from burgh.sim.rng import seed_of
from burgh.sim.types import Event, Json, Observation, Percept, Step
from burgh.worlds.town import village
from burgh.worlds.town.actions import Menu

MENU = Menu(village())
Result = TypeVar("Result")


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(coroutine)


class WordEmbedder:
    """A text's vector is the sum of its words' random vectors: texts of the same words lie near."""

    dimension = 64
    name = "words"
    identity: Mapping[str, Json] = {"embedder": "words"}

    def embed(self, texts: Sequence[str]) -> Vectors:
        made = [sum(map(self._word, re.findall(r"\w+", text.lower())), np.zeros(64)) for text in texts]
        lengths = [float(np.linalg.norm(vector)) or 1.0 for vector in made]
        rows = [vector / length for vector, length in zip(made, lengths, strict=True)]
        return np.array(rows, dtype=np.float32).reshape(len(rows), 64)

    def _word(self, word: str) -> np.ndarray:
        return np.random.default_rng(seed_of(0, "word", word)).standard_normal(64)


class HandModel:
    """A language model set by hand.

    importance: by how a text starts, 1 to 10, as it comes out (1 where not named). scores: by purpose, what
    gives the log-likelihoods; alike where not named. replies: by purpose, what is written. asked: all
    requests.
    """

    name = "by hand"
    identity: Mapping[str, Json] = {"model": "by hand"}

    def __init__(self) -> None:
        self.importance: dict[str, float] = {}
        self.scores: dict[str, Callable[[ScoreRequest], Sequence[float]]] = {}
        self.replies: dict[str, Sequence[str]] = {}
        self.asked: list[ScoreRequest | CompleteRequest] = []

    async def score(self, request: ScoreRequest) -> Scores:
        self.asked.append(request)
        return Scores(tuple(self._scores(request)), (1,) * len(request.options), Usage(), "rules")

    def _scores(self, request: ScoreRequest) -> Sequence[float]:
        if request.call.purpose in self.scores:
            return self.scores[request.call.purpose](request)
        if request.call.purpose.startswith("importance"):
            text = request.prompt.suffix.removeprefix("Memory: ").removesuffix(" This was")
            rated = {one.text: one.rating for one in references()}
            by_hand = (value for start, value in self.importance.items() if text.startswith(start))
            return (0.0, rated.get(text) or next(by_hand, 1.0))
        return (-1.0,) * len(request.options)

    async def complete(self, request: CompleteRequest) -> Completion:
        self.asked.append(request)
        return Completion(tuple(self.replies.get(request.call.purpose, ("",))), Usage())

    def purposes(self) -> list[str]:
        return [request.call.purpose for request in self.asked]


def persona(name: str = "Mira", **more: Any) -> Persona:
    """A baker who is in her shop from 08:00 to 10:00, and then at home."""
    day = (
        Stroke(time(8), 120, (Errand(SHOP, ("selling bread", "sweeping", "counting")),)),
        Stroke(time(10), 120, (Errand("Burgh : Oak Cottage : Kitchen", ("resting",)),)),
    )
    home = "Burgh : Oak Cottage : Kitchen"
    return Persona(**{"name": name, "age": 34, "job": "baker", "home": home, "day": day, **more})


def seed(text: str, say: str = "", fact: str = "") -> SeedMemory:
    return SeedMemory(text, say, fact)


def mind(model: Any, who: Persona | None = None, **settings: Any) -> GenerativeMind:
    """Importance is as the model has it: the tests' embedder knows no likeness of meaning."""
    return GenerativeMind(
        who or persona(),
        MindSettings(**{"likeness_nats": 0.0, **settings}),
        llm=model,
        embedder=WordEmbedder(),
        clock=CLOCK,
        seed=5,
    )


def begun(model: Any, who: Persona | None = None, **settings: Any) -> GenerativeMind:
    """A mind that has begun its day, at 07:30."""
    made = mind(model, who, **settings)
    made.commit(run(made.begin(observed(made.name, 0))))
    return made


def tick_at(hour_minute: str) -> int:
    return CLOCK.next_tick_of(parse_time(hour_minute))


def observed(
    name: str = "Mira",
    tick: int = 1,
    *percepts: Percept,
    near: tuple[str, ...] = (),
    place: str = SHOP,
    free: bool = True,
    goal: str | None = None,
) -> Observation:
    state = {"place": place, "goal": goal, "activity": None, "until_tick": None}
    spec = MENU.spec(place, near)
    return Observation(name, tick, CLOCK.at(tick), tuple(percepts), spec, free, near, state)


def turn(made: GenerativeMind, observation: Observation) -> Turn:
    return made._turn(observation)


def stepped(made: GenerativeMind, observation: Observation) -> Step:
    """One step, committed."""
    step = run(made.step(observation))
    made.commit(step)
    return step


def heard(
    speaker: str,
    to: str,
    meaning: str = "",
    *,
    fact: str = "",
    act: str = "tell",
    event: str = "1.world.0",
    by: Sequence[str] = (),
) -> Percept:
    """Something said, and heard by more than the one addressed. Greetings have words and no meaning."""
    words = meaning or f"Good day, {to}."
    data: dict[str, Json] = {"speaker": speaker, "to": to, "act": act, "subject": "", "fact": fact}
    data |= {"meaning": meaning, "words": words, "heard_by": list(by or (to,))}
    return Percept(event, "speech", f'{speaker} said to {to}: "{words}"', (speaker, to), data)


def sight(text: str, *agents: str, event: str = "1.world.1") -> Percept:
    return Percept(event, "sight", text, agents, {"kind": "agent"})


def said(step: Step) -> Mapping[str, Json] | None:
    """What a step says, as the arguments of `say`; None where it says nothing."""
    if step.action is None or step.action.answer["tool"] != "say":
        return None
    arguments: Mapping[str, Json] = step.action.answer["arguments"]
    return arguments


def of_kind(events: Sequence[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind == kind]


__all__ = ["CLOCK", "SHOP", "SQUARE"]
