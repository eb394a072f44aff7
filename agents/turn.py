"""One step of one mind while it is being thought: the observation, a fork of the state, what comes of it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from burgh.agents.asking import Asker
from burgh.agents.persona import Persona
from burgh.agents.rating import Board
from burgh.agents.settings import MindSettings
from burgh.agents.state import MindState
from burgh.memory.embed import Embedder
from burgh.memory.record import Kind, Memory
from burgh.memory.score import Vectors
from burgh.memory.stream import Retrieved
from burgh.sim.clock import Clock
from burgh.sim.types import Action, Events, Json, Observation, Percept, fixed


@dataclass(slots=True)
class Turn:
    """What the phases of a step work on. made: the memories of this step with their unit vectors.
    noticed: memories of what was perceived.
    board: what the run has rated before this step. rated: what this step adds to it."""

    persona: Persona
    settings: MindSettings
    clock: Clock
    observation: Observation
    state: MindState
    ask: Asker
    events: Events
    embedder: Embedder
    rng: random.Random
    board: Board = field(default_factory=Board)
    rated: dict[str, float] = field(default_factory=dict)
    made: list[tuple[Memory, Vectors]] = field(default_factory=list)
    noticed: list[tuple[Memory, Percept]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.persona.name

    @property
    def tick(self) -> int:
        return self.observation.tick

    @property
    def hour_minute(self) -> str:
        return f"{self.observation.time:%H:%M}"

    def remember(
        self,
        kind: Kind,
        text: str,
        importance: float,
        *,
        causes: Iterable[str] = (),
        subjects: Iterable[str] = (),
        evidence: Iterable[str] = (),
        fact: str = "",
        from_agent: str = "",
        place: str | None = None,
        start: int = -1,
        ticks: int = 0,
    ) -> Memory:
        """Adds a memory to the stream and to the record. place: where one is, where none is given."""
        memory = Memory(
            id=self.state.stream.next_id(),
            kind=kind,
            text=text,
            created=self.tick,
            last_access=self.tick,
            importance=importance,
            evidence=tuple(evidence),
            subjects=tuple(subjects),
            place=str(self.observation.state.get("place", "")) if place is None else place,
            fact=fact,
            from_agent=from_agent,
            start=start,
            ticks=ticks,
        )
        self.state.stream.add(memory, self.embedder.embed([text])[0])
        self.made.append((memory, self.state.stream.vectors[memory.row]))
        event = self.events.add("memory", self.name, memory.event_data(), tuple(causes))
        self.state.origin[memory.id] = event.id
        return memory

    def retrieve(
        self,
        query: str,
        k: int,
        among: Callable[[Memory], bool] | None = None,
        more: Sequence[str] = (),
    ) -> tuple[tuple[Retrieved, ...], str]:
        """The k memories that come to mind, and the id of the event that records it; none without memory.

        more: other forms of the query: asked for are the mean of all their vectors, and all their words.
        """
        stream = self.state.stream
        k = k if self.settings.memory else 0
        found = stream.retrieve(
            self.embedder.embed([query, *more]).mean(axis=0),
            self.tick,
            k,
            text=" ".join((query, *more)),
            weights=self.settings.weights,
            decay=self.settings.decay,
            fusion=self.settings.fusion,
            normalisation=self.settings.normalisation,
            among=among,
        )
        stream.touch((one.memory.id for one in found), self.tick)
        data: dict[str, Json] = {"query": query, "picked": [one.event_data() for one in found]}
        if more:
            data["more"] = list(more)
        causes = [self.state.origin[one.memory.id] for one in found]
        return found, self.events.add("retrieved", self.name, data, causes).id

    def decide(self, answer: Json, why: str, causes: Sequence[str]) -> Action:
        """The action of this step, with what it rests on."""
        event = self.events.add("decided", self.name, {"answer": answer, "why": why}, causes)
        return Action(self.name, answer, event.id)

    def choose(self, options: Sequence[str], logprobs: Sequence[float]) -> str:
        """One of the options, drawn from the softmax of their scores at the settings' temperature."""
        temperature = self.settings.choice_temperature
        highest = max(logprobs)
        weights = [math.exp((logprob - highest) / temperature) for logprob in logprobs]
        return self.rng.choices(list(options), weights)[0]


def rating(difference: float, scale: Sequence[float], ratings: Sequence[float]) -> float:
    """A score (a difference of log-likelihoods, in nats) as a rating, by its place among references.

    scale, ratings: the references' scores and intended ratings, each sorted rising and of one length: the
    quantiles of one are mapped onto those of the other, linearly between them. Rounded to 1e-6, as recorded.
    """
    if difference <= scale[0]:
        return ratings[0]
    for n in range(1, len(scale)):
        if difference <= scale[n]:
            part = (difference - scale[n - 1]) / (scale[n] - scale[n - 1])  # it lies above the lower one
            value = ratings[n - 1] + part * (ratings[n] - ratings[n - 1])
            return fixed(value) / 1_000_000
    return ratings[-1]
