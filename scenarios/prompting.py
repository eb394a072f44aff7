"""The exact prompts of a strategy: what a model would be asked for an agent of a scenario at a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from burgh.agents.strategies.mind import Prompted
from burgh.agents.strategies.villager import Villager
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import contestant
from burgh.scenarios.arena.sale import FORMATS, make_world, opponent, usual_opponents
from burgh.scenarios.arena.seats import Kept
from burgh.scenarios.fields import as_time, moment_of
from burgh.scenarios.kinds import Means, kind_of
from burgh.scenarios.load import load_scenario
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Basis, Scenario
from burgh.sim.clock import Clock
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
    """A language model that notes what one agent asks from a tick on."""

    model: LanguageModel
    agent: str
    from_tick: int
    clock: Clock
    asked: list[Asked] = field(default_factory=list)

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
        if call.agent == self.agent and call.tick >= self.from_tick:
            time = f"{self.clock.at(call.tick):%H:%M:%S}"
            self.asked.append(Asked(call.tick, time, call.purpose, request.prompt, options, reply))


@dataclass(frozen=True, slots=True)
class Setting:
    """A world with the minds of all others. make: the agent's mind, from the model that is listened to."""

    world: World
    clock: Clock
    others: tuple[Mind, ...]
    make: Callable[[LanguageModel], Mind]
    until_tick: int
    from_tick: int


def rendered(strategy: str, scenario: str, agent: str, at: str | None, model: LanguageModel) -> list[Asked]:
    """All that the agent's strategy asks in its first decision at or after a moment.

    scenario: a scenario, or a format of sale with what is usual in the arena. at: a time of day, or
    "tick 12"; from the start if None. model: answers for everybody until then, and in the decision itself.
    Raises BurghError where there is no such agent, or it decides nothing from then on.
    """
    who = contestant(strategy)
    if not isinstance(who, Prompted):
        raise BurghError(f"{strategy!r} is no prompt strategy: it asks a model nothing")
    setting = (
        _sale(scenario, agent, who, at) if scenario in FORMATS else _scenario(scenario, agent, who, at, model)
    )
    listening = Listening(model, agent, setting.from_tick, setting.clock)
    engine = Engine(setting.world, [*setting.others, setting.make(listening)], Kept(), setting.clock)

    def go_on(tick: int) -> bool:
        return not listening.asked

    async def run() -> None:
        await engine.begin({})
        await engine.run(setting.until_tick, before_tick=go_on)

    asyncio.run(run())
    if not listening.asked:
        raise BurghError(
            f"{agent} is asked nothing from {at or 'the start'} on: name an earlier moment with --at"
        )
    first = listening.asked[0].tick
    return [one for one in listening.asked if one.tick == first]


def _sale(name: str, agent: str, who: Prompted, at: str | None) -> Setting:
    """A sale as the arena holds it when nothing else is said."""
    players = 2 if name == "bargaining" else 3
    contest = Contest(
        format=name, strategies=("x",), ids={}, opponents=usual_opponents(name), players=players
    )
    world = make_world(contest, contest.seed)
    _known(agent, world.agents)
    others = tuple(opponent(contest, one, contest.seed) for one in world.agents if one != agent)
    return Setting(
        world,
        world.clock,
        others,
        lambda llm: who.mind(agent, contest.seed, llm, world.clock),
        MOST_TICKS,
        _tick(at, world.clock),
    )


def _scenario(name: str, agent: str, who: Prompted, at: str | None, model: LanguageModel) -> Setting:
    scenario = load_scenario(name)
    names = tuple(one.name for one in scenario.agents)
    _known(agent, names)
    kind = kind_of(scenario)
    others = tuple(mind for mind in _minds(scenario, model) if mind.name != agent)

    def make(llm: LanguageModel) -> Mind:
        if isinstance(scenario, Scenario):
            from burgh.scenarios.build import persona

            own = next(one for one in scenario.agents if one.name == agent)
            return Villager(persona(own), who.file, llm=llm, clock=scenario.clock, seed=scenario.seed)
        return who.mind(agent, scenario.seed, llm, scenario.clock)

    tick = _tick(at, scenario.clock)
    return Setting(kind.world(scenario), scenario.clock, others, make, scenario.until_tick, tick)


def _minds(scenario: Basis, model: LanguageModel) -> Sequence[Mind]:
    """Everybody, as the scenario has them."""
    if not isinstance(scenario, Scenario):
        return kind_of(scenario).minds(scenario, Means(model))
    from burgh.scenarios.arena.town import of_kind

    return [
        of_kind(agent.mind.kind or scenario.mind.kind, scenario, agent, model, scenario.seed)
        for agent in scenario.agents
    ]


def _known(agent: str, names: tuple[str, ...]) -> None:
    if agent not in names:
        raise BurghError(f"nobody is called {agent!r} there: {suggest(agent, names)}")


def _tick(at: str | None, clock: Clock) -> int:
    """The tick of a moment on the first day."""
    if at is None:
        return 0
    if at.startswith("tick ") and at[5:].isdigit():
        return int(at[5:])
    try:
        return clock.tick_of(moment_of(clock.start, as_time(at), 1))  # type: ignore[arg-type]
    except ValueError:
        raise BurghError(f"{at!r} is no moment: write a time such as 10:30, or 'tick 12'") from None


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
