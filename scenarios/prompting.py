"""The exact prompts of an agent: what a model would be asked for it in a scenario at a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from burgh.agents.bidders.kinds import Seat, bidder_kind
from burgh.agents.bidders.kinds import registered as kinds_of_bidder
from burgh.agents.minds import known_kinds
from burgh.agents.strategies.mind import Prompted
from burgh.agents.strategies.villager import Villager
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import ASK_NOTHING, contestant, registered
from burgh.scenarios.arena.sale import FORMATS, make_world, opponent, usual_opponents
from burgh.scenarios.arena.seats import Kept
from burgh.scenarios.arena.town import of_kind
from burgh.scenarios.build import persona
from burgh.scenarios.kinds import Means, kind_of
from burgh.scenarios.load import load_scenario, overridden
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Basis, Scenario
from burgh.sim.clock import Clock, moment_named
from burgh.sim.engine import Engine
from burgh.sim.protocols import (
    CompleteRequest,
    Completion,
    LanguageModel,
    Mind,
    Prompt,
    ScoreRequest,
    Scores,
    World,
)
from burgh.sim.types import BurghError, Json

MOST_TICKS = 200_000
Listen = Callable[[Clock], "Listening"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the model. reply: what the model at hand answered, on which later questions rest."""

    tick: int
    time: str
    purpose: str
    prompt: Prompt
    options: tuple[str, ...]
    reply: str


@dataclass
class Listening:
    """A language model that notes what one agent asks from a tick on, and when it asked last before."""

    model: LanguageModel
    agent: str
    from_tick: int
    clock: Clock
    asked: list[Asked] = field(default_factory=list)
    before: int | None = None

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def identity(self) -> Mapping[str, Json]:
        return self.model.identity

    async def complete(self, request: CompleteRequest) -> Completion:
        found = await self.model.complete(request)
        self._note(request, (), " | ".join(found.texts))
        return found

    async def score(self, request: ScoreRequest) -> Scores:
        found = await self.model.score(request)
        best = max(zip(found.logprobs, request.options, strict=True))[1]
        self._note(request, request.options, best)
        return found

    def _note(self, request: CompleteRequest | ScoreRequest, options: tuple[str, ...], reply: str) -> None:
        call = request.call
        if call.agent != self.agent:
            return
        if call.tick < self.from_tick:
            self.before = call.tick
            return
        time = clock_time(self.clock, call.tick)
        self.asked.append(Asked(call.tick, time, call.purpose, request.prompt, options, reply))


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is asked in a decision. at_tick: the moment that was named, 0 if none was; the decision may come
    later. before: the tick at which the agent was asked last before that moment; deciding: what it decided
    last by then, and when."""

    agent: str
    clock: Clock
    at_tick: int
    asked: tuple[Asked, ...]
    before: int | None
    deciding: tuple[int, Json] | None

    @property
    def is_later(self) -> bool:
        """Whether the agent is not asked at the moment that was named, but after it."""
        return self.asked[0].tick > self.at_tick > 0


@dataclass(frozen=True, slots=True)
class Setting:
    """A world with everybody's minds. heard: what notes the agent's questions."""

    world: World
    heard: Listening
    minds: Sequence[Mind]
    until_tick: int


def rendered(strategy: str, scenario: str, agent: str, at: str | None, model: LanguageModel) -> Rendered:
    """All that an agent asks in its first decision at or after a moment.

    strategy: a prompt strategy or a prompt file, by which the agent then decides; or a kind of mind of that
    world. scenario: a scenario, or a format of sale with what is usual in the arena. at: a time, or
    "tick 12"; from the start if None. model: answers for everybody until then, and in the decision itself.
    Raises BurghError where there is no such agent, or it is asked nothing from then on.
    """

    def listen(clock: Clock) -> Listening:
        return Listening(model, agent, 0 if at is None else tick_named(at, clock), clock)

    place = _sale if scenario in FORMATS else _scenario
    setting = place(scenario, agent, strategy, listen)
    heard, kept = setting.heard, Kept()
    clock, from_tick = heard.clock, heard.from_tick
    if not 0 <= from_tick <= setting.until_tick:
        last = setting.until_tick
        ends = f" to {clock_time(clock, last)}, tick {last}" if last < MOST_TICKS else ""
        raise BurghError(f"{at} is not in {scenario}: it goes from {clock_time(clock, 0)}{ends}")
    engine = Engine(setting.world, setting.minds, kept, clock)

    async def run() -> None:
        await engine.begin({})
        await engine.run(setting.until_tick, before_tick=lambda _: not heard.asked)

    asyncio.run(run())
    if not heard.asked:
        raise BurghError(_asked_nothing(scenario, at, heard))
    first = heard.asked[0].tick
    decided = [one for one in kept.events if one.agent == agent and one.kind == "decided"]
    until = [one for one in decided if one.tick < max(from_tick, 1)]
    return Rendered(
        agent,
        clock,
        from_tick,
        tuple(one for one in heard.asked if one.tick == first),
        heard.before,
        (until[-1].tick, until[-1].data["answer"]) if until else None,
    )


def _asked_nothing(scenario: str, at: str | None, heard: Listening) -> str:
    if heard.before is None:
        return f"{heard.agent} asks a language model nothing in the whole of {scenario}"
    last = f"{clock_time(heard.clock, heard.before)} (tick {heard.before})"
    return (
        f"{heard.agent} is asked nothing from {at} on, and last at {last}: name that time or an earlier one"
    )


def clock_time(clock: Clock, tick: int) -> str:
    """When a tick is: "10:00:00", from the second day on with the day."""
    when = clock.at(tick)
    day = (when.date() - clock.start.date()).days + 1
    return f"{when:%H:%M:%S}" if day == 1 else f"day {day}, {when:%H:%M:%S}"


def _usual_contest(name: str) -> Contest:
    """A sale as the arena holds it when nothing else is said."""
    players = 2 if name == "bargaining" else 3
    return Contest(format=name, strategies=("x",), ids={}, opponents=usual_opponents(name), players=players)


def _sale(name: str, agent: str, strategy: str, listen: Listen) -> Setting:
    contest = _usual_contest(name)
    world = make_world(contest, contest.seed)
    _known(agent, world.agents)
    llm = listen(world.clock)
    if (who := _prompted(strategy)) is not None:
        own: Mind = who.mind(agent, contest.seed, llm, world.clock)
    else:
        own = _bidder(strategy, Seat(agent, llm, world.clock, contest.seed))
    others = [opponent(contest, one, contest.seed) for one in world.agents if one != agent]
    return Setting(world, llm, [*others, own], MOST_TICKS)


def _bidder(name: str, seat: Seat) -> Mind:
    if name not in (*registered(), *kinds_of_bidder()):
        contestant(name)  # says what is known
    kind = bidder_kind(name)
    _asks(name, asks=kind.asks)
    return kind.make(seat, kind.options())


def _scenario(name: str, agent: str, strategy: str, listen: Listen) -> Setting:
    basis = load_scenario(name)
    names = [one.name for one in basis.agents]
    _known(agent, names)
    seat, llm = names.index(agent), listen(basis.clock)
    who = _prompted(strategy)
    if who is None:
        basis = _with_mind(basis, seat, strategy)
        return Setting(
            kind_of(basis).world(basis), llm, _minds(basis, llm), min(basis.until_tick, MOST_TICKS)
        )
    if isinstance(basis, Scenario):
        own = persona(basis.agents[seat])
        mind: Mind = Villager(own, who.file, llm=llm, clock=basis.clock, seed=basis.seed)
    else:
        mind = who.mind(agent, basis.seed, llm, basis.clock)
    minds = [mind, *(one for one in _minds(basis, llm) if one.name != agent)]
    return Setting(kind_of(basis).world(basis), llm, minds, min(basis.until_tick, MOST_TICKS))


def _with_mind(basis: Basis, seat: int, kind: str) -> Basis:
    """The scenario with a kind of mind in a seat, with its options where it is of that kind already."""
    if isinstance(basis, Scenario):
        if kind not in known_kinds():
            contestant(kind, town=True)  # says what is known
        _asks(kind, asks=kind not in (*ASK_NOTHING, "person"))
    data = basis.resolved()
    usual = (data.get("mind") or {}).get("kind")
    own = data["agents"][seat].get("mind") or {}
    if (own.get("kind") or usual) != kind:
        data["agents"][seat]["mind"] = {"kind": kind}
    try:
        return overridden(basis, {"agents": data["agents"]})
    except BurghError as error:
        said = str(error).removeprefix("--agents: ")
        raise BurghError(f"{kind!r} is no mind of {basis.agents[seat].name}'s: {said}") from None


def _minds(basis: Basis, model: LanguageModel) -> list[Mind]:
    """Everybody, as the scenario has them."""
    if not isinstance(basis, Scenario):
        return list(kind_of(basis).minds(basis, Means(model)))
    return [
        of_kind(agent.mind.kind or basis.mind.kind, basis, agent, model, basis.seed) for agent in basis.agents
    ]


def _prompted(strategy: str) -> Prompted | None:
    """The prompt strategy of that name, None where it is the name of something else."""
    if strategy not in registered() and not strategy.endswith((".yaml", ".yml")):
        return None
    who = contestant(strategy)
    return who if isinstance(who, Prompted) else None


def _asks(kind: str, *, asks: bool) -> None:
    if not asks:
        raise BurghError(f"{kind!r} asks a language model nothing")


def _known(agent: str, names: Sequence[str]) -> None:
    if agent not in names:
        raise BurghError(f"nobody is called {agent!r} there: {suggest(agent, names)}")


def tick_named(at: str, clock: Clock) -> int:
    """The tick of a moment (see `moment_named`)."""
    try:
        return clock.tick_of(moment_named(clock, at))
    except BurghError:
        raise BurghError(
            f"{at!r} is no moment: write a time such as 10:30 or 'day 2, 10:30', or 'tick 12'"
        ) from None


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts tokens as a model does. exact: False where its tokenizer is not on this machine: then four
    characters are taken for one."""

    exact: bool
    count: Callable[[str], int]


def counter(model: str) -> Counter:
    """How many tokens a text is to a model."""
    from burgh.sim import weights

    try:
        path = Path(weights.resolve(model)) / "tokenizer.json"
    except BurghError:
        path = Path()
    if not path.is_file():
        return Counter(False, lambda text: -(-len(text) // 4))
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    return Counter(True, lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids))
