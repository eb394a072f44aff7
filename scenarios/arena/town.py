"""Towns in the arena: strategies take the places of villagers, and are judged by the scenario's goals.

A strategy is a kind of mind (generative, habits, ...) or a prompt strategy, which then chooses what to do
whenever its villager is free to.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from burgh.agents.llm.accounts import Accounts
from burgh.agents.minds import maker
from burgh.agents.strategies.mind import Prompted
from burgh.agents.strategies.villager import Villager
from burgh.memory.embed import Embedder, load_embedder
from burgh.scenarios import goals
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import Contestant, OfKind
from burgh.scenarios.arena.design import OPPONENT, Game
from burgh.scenarios.arena.results import Seat
from burgh.scenarios.arena.seats import Kept, seat_of
from burgh.scenarios.arena.watch import Watched
from burgh.scenarios.build import persona, settings
from burgh.scenarios.spec import Agent, Scenario
from burgh.scenarios.town import build_town
from burgh.sim.engine import Engine
from burgh.sim.protocols import LanguageModel, Mind
from burgh.sim.rng import seed_of


def scenario_of(contest: Contest, seed: int) -> Scenario:
    """The contest's town with the seed of a block."""
    assert contest.scenario is not None
    return Scenario.from_resolved({**contest.scenario, "seed": seed}, Path())


def things(scenario: Scenario) -> tuple[str, ...]:
    """What is for sale there."""
    return tuple(lot.item for lot in scenario.auction.lots) if scenario.auction is not None else ()


def seats(contest: Contest) -> tuple[str, ...]:
    """The villagers whose places contestants take."""
    assert contest.scenario is not None
    return contest.seats or tuple(agent["name"] for agent in contest.scenario["agents"])


@cache
def embedder(name: str) -> Embedder:
    """One for all games of a process: what was embedded once is kept."""
    return load_embedder(name)


async def play_town(  # noqa: PLR0917
    contest: Contest,
    game: Game,
    kept: Kept,
    llm: LanguageModel | None,
    bounded: Accounts | None,
    entrants: Mapping[str, Contestant],
) -> tuple[Seat, ...]:
    """One game. llm: what the other villagers ask. bounded: what contestants ask, with its accounts."""
    seed = seed_of(game.seed(contest.seed), "town") % 2**62
    scenario = scenario_of(contest, seed)
    who = dict(zip(seats(contest), game.seats, strict=True))
    minds: list[Mind] = []
    watched: dict[str, Watched] = {}
    for agent in scenario.agents:
        strategy = who.get(agent.name, OPPONENT)
        if strategy == OPPONENT:
            kind = contest.opponents or agent.mind.kind or scenario.mind.kind
            minds.append(of_kind(kind, scenario, agent, llm, seed))
            continue
        own = seed_of(seed, "contestant", strategy)
        watched[agent.name] = Watched(_mind(entrants[strategy], scenario, agent, bounded, own), strategy)
        minds.append(watched[agent.name])
    engine = Engine(build_town(scenario), minds, kept, scenario.clock)
    await engine.begin({})
    await engine.run(scenario.until_tick)
    tally = goals.Tally(meetings(scenario))
    tally.read(kept.events)
    tally.end(scenario.until_tick)
    wanted = tuple(map(goals.parse, contest.goals))
    found = []
    for number, name in enumerate(who):
        if name in watched:
            points, met = tally.points(name, wanted)
            deals = len(tally.bought.get(name, ())) + len(tally.sold.get(name, ()))
            found.append(seat_of(watched[name], number, points, None, deals, kept.events, bounded, met))
    return tuple(found)


def meetings(scenario: Scenario) -> dict[str, tuple[str, int]]:
    """Place and tick of each fact that has both."""
    return {
        key: (fact.place, scenario.tick_at(fact.at, fact.day))
        for key, fact in scenario.facts.items()
        if fact.at is not None and fact.place is not None
    }


def _mind(who: Contestant, scenario: Scenario, agent: Agent, llm: LanguageModel | None, seed: int) -> Mind:
    if isinstance(who, OfKind):
        return of_kind(who.id, scenario, agent, llm, seed)
    if isinstance(who, Prompted):
        assert llm is not None
        return Villager(
            persona(agent),
            who.file,
            llm=llm,
            clock=scenario.clock,
            seed=seed,
            budget_tokens=who.budget_tokens,
        )
    return who.mind(agent.name, seed, llm, scenario.clock)


def of_kind(kind: str, scenario: Scenario, agent: Agent, llm: LanguageModel | None, seed: int) -> Mind:
    return maker(kind)(
        persona(agent),
        settings(scenario, agent),
        llm=llm,  # type: ignore[arg-type]
        embedder=embedder(scenario.embedder),
        clock=scenario.clock,
        seed=seed,
    )
