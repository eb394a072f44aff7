"""The contracts: what a world, a mind, a language model, a recorder and controls must offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from burgh.sim.spec import ActionSpec
from burgh.sim.types import Action, Event, Json, Observation, Step


@dataclass(frozen=True, slots=True)
class WorldFacts:
    """What a world declares about itself; the conformance suite checks what is declared.

    players: least and most agents it takes. earshot_tiles: how far speech carries, None without space.
    conserved: names of totals in `snapshot()["totals"]` that never change (money, goods). values: how what
    agents seek is worth to them ("private", "common", ...), "" where nothing is bid for.
    """

    name: str
    players: tuple[int, int]
    spatial: bool = False
    conserved: tuple[str, ...] = ()
    values: str = ""


@runtime_checkable
class World(Protocol):
    """Where agents act: rules only, no rendering, no model. Equal seeds and actions give equal events."""

    @property
    def facts(self) -> WorldFacts: ...

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents' names in the canonical order."""
        ...

    def begin(self) -> tuple[Event, ...]:
        """The events of tick 0: what can be drawn, and who is where."""
        ...

    def observe(self, tick: int) -> Mapping[str, Observation]:
        """What each agent perceives at this tick's start. Changes nothing."""
        ...

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        """Lets one tick happen: all actions together, in a canonical order."""
        ...

    def next_tick(self, tick: int) -> int | None:
        """The next tick after this one at which anything moves, is perceived or has to be decided.

        None: nothing will ever happen again unless a mind acts.
        """
        ...

    def snapshot(self) -> Json:
        """The whole state as plain data."""
        ...

    def restore(self, state: Json) -> None:
        """Takes over a snapshot; behaves the same ever after."""
        ...


@runtime_checkable
class Intervenable(Protocol):
    """A world in which things can be made to happen from outside (see `intervention` in sim/events.md)."""

    def check_intervention(self, data: Mapping[str, Json]) -> None:
        """Raises BurghError, saying what would be right, for one that cannot be. Changes nothing, and may be
        asked from another thread."""
        ...

    def intervene(self, event: Event) -> None:
        """Takes in an intervention of the tick that is about to be applied; one that is none of the world's
        (it is about minds) changes nothing."""
        ...


@runtime_checkable
class Mind(Protocol):
    """Who acts. A step changes nothing shared, so steps may run concurrently; `commit` changes the mind."""

    @property
    def name(self) -> str: ...

    async def begin(self, observation: Observation) -> Step:
        """Tick 0: seed memories, what the day starts from. Its action must be None."""
        ...

    async def step(self, observation: Observation) -> Step: ...

    def commit(self, step: Step) -> None: ...

    def snapshot(self) -> Json: ...

    def restore(self, state: Json) -> None: ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """A context in two parts. prefix: shared by many calls (world, persona, examples) and cached;
    suffix: what is this call's own. They are tokenised separately and then joined."""

    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Call:
    """Whose call it is: batches form in (tick, agent, index) order; `purpose` is for the accounts."""

    agent: str
    tick: int
    purpose: str
    index: int = 0

    @property
    def order(self) -> tuple[int, str, int]:
        return (self.tick, self.agent, self.index)


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """Asks for text after a prompt. spec: the answer must be legal under it (compiled to a grammar).

    samples: how many replies (each with its own seed derived from `seed`). temperature 0 is greedy; top_p,
    top_k (0: all) and min_p (of the likeliest's probability) leave unlikely tokens out; repetition_penalty
    divides what prompt and reply hold already (1: nothing). stop: the reply ends before the first of these
    strings. beams: more than 1 seeks the likeliest reply by beam search, where the backend can.
    """

    call: Call
    prompt: Prompt
    max_tokens: int
    spec: ActionSpec | None = None
    samples: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    beams: int = 1


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Asks for the log-likelihood of each option as the continuation of the prompt."""

    call: Call
    prompt: Prompt
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost. cached: of the tokens in, those not computed again. seconds: wall clock, this
    call's share of its batch; queue_seconds: waited before that began. tries: how often it was asked, where a
    server failed or an answer was not legal. These stand beside the hashed frames, never in them."""

    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    queue_seconds: float = 0.0
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Completion:
    texts: tuple[str, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Scores:
    """logprobs: natural log-likelihood of each option (summed over its tokens); lengths: tokens of each.

    way: how it was found: "exact", "labels" or "sampled" (backends differ in what they can do), or
    "rules" for the scripted backend.
    """

    logprobs: tuple[float, ...]
    lengths: tuple[int, ...]
    usage: Usage
    way: Literal["exact", "labels", "sampled", "rules"] = "exact"


@runtime_checkable
class LanguageModel(Protocol):
    """A language model behind some engine. Minds never know which."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> Mapping[str, Json]:
        """What determines its replies: model name, weight hash, dtype; goes into run.yaml."""
        ...

    async def complete(self, request: CompleteRequest) -> Completion: ...

    async def score(self, request: ScoreRequest) -> Scores: ...


@runtime_checkable
class Recorder(Protocol):
    """Append-only; everything else is derived from it."""

    def append(self, events: Iterable[Event]) -> None:
        """Adds events to the tick that is open."""
        ...

    def aside(self, tick: int, data: Mapping[str, Json]) -> None:
        """Keeps what may differ between equal runs (seconds, cache hits) beside the hashed frames."""
        ...

    def end_tick(self, tick: int) -> None:
        """Writes the open tick's events, if any, as one frame and flushes it."""
        ...

    def close(self, reason: str) -> None:
        """Writes the last frame (`run_ended`, with the number of frames)."""
        ...


@runtime_checkable
class Controls(Protocol):
    """What a viewer may ask of a run: never more than this."""

    paused: bool
    ticks_per_second: float | None  # None: as fast as it goes

    def step(self) -> None:
        """Lets one tick happen while paused."""
        ...

    def stop(self) -> None:
        """Ends the run after this tick."""
        ...


def merged(*batches: Sequence[Event]) -> tuple[Event, ...]:
    """Several batches of events as one, in order."""
    return tuple(event for batch in batches for event in batch)
