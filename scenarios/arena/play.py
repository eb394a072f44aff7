"""One game of the arena: a world, minds in their seats, the loop, and what each contestant made of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from burgh.agents.bidders import ScriptedBidder
from burgh.agents.llm.accounts import Accounts
from burgh.scenarios.arena import sale
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import RULES, Contestant, enter
from burgh.scenarios.arena.design import OPPONENT, Game
from burgh.scenarios.arena.results import Played, Seat
from burgh.scenarios.arena.seats import Kept, seat_of
from burgh.scenarios.arena.town import play_town
from burgh.scenarios.arena.town import seats as town_seats
from burgh.scenarios.arena.watch import Bounded, Watched
from burgh.sim.engine import Engine
from burgh.sim.protocols import LanguageModel, Mind
from burgh.sim.rng import seed_of
from burgh.sim.types import BurghError, Event
from burgh.worlds import auctions

MOST_TICKS = 20_000
MIND_KINDS = ("decided", "model", "prompt", "tool_called", "fell_back", "noted", "believed")
DEEDS = ("said", "set_out", "arrived", "started")
WORLD_KINDS = ("auction", "lot_opened", "bid", "passed", "bid_refused", "sold", "unsold", "closed")


@dataclass
class Table:
    """A game at which contestants sit. minds: theirs, by seat."""

    world: auctions.House
    minds: dict[int, Watched]
    kept: Kept

    def name(self, seat: int) -> str:
        return self.world.agents[seat]

    def seat(self, seat: int, accounts: Accounts | None, benchmark: float | None) -> Seat:
        """What the contestant in a seat made of it."""
        name, mind, events = self.name(seat), self.minds[seat], self.kept.events
        made = sale.gains(events, name)
        return seat_of(mind, seat, made, benchmark, sale.deals(events, name), events, accounts)


async def play(
    contest: Contest,
    game: Game,
    llm: LanguageModel | None,
    entrants: Mapping[str, Contestant] | None = None,
) -> Played:
    """Plays a game to its end. What goes wrong in it is told in `fault`; nothing is raised but for our own
    mistakes and a stop from outside. entrants: who plays under which name, if not those of these names."""
    began = time.perf_counter()
    accounts = None if llm is None else Accounts(Bounded(llm))
    kept = Kept()
    seats: tuple[Seat, ...] = ()
    fault = ""
    try:
        town = contest.scenario is not None
        who = entrants or enter(contest.strategies, contest.ids, town=town, granted=contest.granted)
        if town:
            seats = await play_town(contest, game, kept, llm, accounts, who)
        else:
            seats = await _whole(contest, game, kept, accounts, who)
    except BurghError as error:
        fault = str(error)
    seated = zip(seat_names(contest), game.seats, strict=True)
    contestants = {name for name, strategy in seated if strategy != OPPONENT}
    shown = tuple(event.to_json() for event in kept.events if _is_shown(event, contestants))
    seconds = round(time.perf_counter() - began, 4)
    return Played(game.key, game.block, game.rotation, seats, shown, seconds, fault)


async def _whole(
    contest: Contest,
    game: Game,
    kept: Kept,
    accounts: Accounts | None,
    entrants: Mapping[str, Contestant],
) -> tuple[Seat, ...]:
    """Chance differs by who plays, and by the control's number, but not by what else is in the contest."""
    seed = game.seed(contest.seed)
    world = sale.make_world(contest, seed)
    watched: dict[int, Watched] = {}
    minds: list[Mind] = []
    for number, (strategy, name) in enumerate(zip(game.seats, world.agents, strict=True)):
        if strategy == OPPONENT:
            minds.append(sale.opponent(contest, name, seed))
        else:
            own = seed_of(seed, "contestant", strategy)
            mind = entrants[strategy].mind(name, own, accounts, world.clock)
            watched[number] = Watched(mind, strategy)
            minds.append(watched[number])
    await run(world, minds, kept)
    table = Table(world, watched, kept)
    benchmarks = await _benchmarks(contest, game, table) if sale.has_benchmark(contest) else {}
    return tuple(table.seat(seat, accounts, benchmarks.get(seat)) for seat in sorted(watched))


def seat_names(contest: Contest) -> tuple[str, ...]:
    """The names of the seats of a contest's games."""
    return town_seats(contest) if contest.scenario is not None else sale.seat_names(contest.players)


async def run(world: auctions.House, minds: Sequence[Mind], kept: Kept) -> None:
    """Lets a sale go to its end. Raises BurghError where it does not end."""
    engine = Engine(world, minds, kept, world.clock)
    await engine.begin({})
    await engine.run(MOST_TICKS)
    if world.is_open:
        raise BurghError(f"the game did not end within {MOST_TICKS} ticks")


def _is_shown(event: Event, contestants: set[str]) -> bool:
    """All of a sale, and of a town what contestants do and hear."""
    if event.kind in DEEDS:
        return event.agent in contestants or bool(contestants & set(event.data.get("heard_by", ())))
    return event.kind in WORLD_KINDS or (event.kind in MIND_KINDS and event.agent in contestants)


async def _benchmarks(contest: Contest, game: Game, table: Table) -> dict[int, float]:
    """What the benchmark bidder makes in each contestant's seat, all others as they were.

    It bids as the opponents do. Among contestants, what the others answered is answered again.
    """
    names = seat_names(contest)
    found: dict[int, float] = {}
    rule = RULES[contest.opponents]
    seed = game.seed(contest.seed)
    for seat in table.minds:
        world = sale.make_world(contest, seed)
        minds: list[Mind] = []
        for other, name in enumerate(names):
            if other == seat or game.seats[other] == OPPONENT:
                minds.append(ScriptedBidder(name, rule(), seed))
            else:
                given = sale.answers(table.kept.events, table.name(other))
                minds.append(ScriptedBidder(name, sale.Again(given), seed))
        kept = Kept()
        await run(world, minds, kept)
        found[seat] = sale.gains(kept.events, names[seat])
    return found


def play_now(
    contest: Contest,
    game: Game,
    llm: LanguageModel | None = None,
    entrants: Mapping[str, Contestant] | None = None,
) -> Played:
    """The same, for a process of a pool."""
    return asyncio.run(play(contest, game, llm, entrants))
