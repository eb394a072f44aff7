"""One game of the arena: a world, minds in their seats, the loop, and what each contestant made of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from burgh.agents.bidders import ScriptedBidder, Strategy
from burgh.agents.llm.accounts import Accounts
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import RULES, contestant
from burgh.scenarios.arena.design import OPPONENT, Game
from burgh.scenarios.arena.results import Played, Seat
from burgh.sim.engine import Engine
from burgh.sim.protocols import LanguageModel, Mind
from burgh.sim.rng import seed_of
from burgh.sim.types import BurghError, Event, Json
from burgh.worlds import auctions
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.rules import sealed
from burgh.worlds.auctions.values import Private

SEALED = {
    rule.name: rule for rule in (sealed.FIRST_PRICE, sealed.SECOND_PRICE, sealed.THIRD_PRICE, sealed.ALL_PAY)
}
OPEN: Mapping[str, Callable[..., auctions.House]] = {
    "dutch": auctions.DutchClock,
    "english-clock": auctions.EnglishClock,
    "english": auctions.EnglishOutcry,
}
FORMATS = (*SEALED, *OPEN)
MOST_TICKS = 20_000
MIND_KINDS = ("decided", "model", "prompt", "tool_called", "fell_back", "noted", "believed")
INVALID_KINDS = ("refused", "bid_refused", "fell_back")
WORLD_KINDS = ("bid", "passed", "bid_refused", "sold", "unsold", "closed")


def seat_names(players: int) -> tuple[str, ...]:
    return tuple(f"Bidder {seat + 1}" for seat in range(players))


def make_world(contest: Contest, seed: int) -> auctions.House:
    """The auction of a contest over one block's draw of values."""
    names = seat_names(contest.players)
    values = Private(Uniform(0, contest.top + 1))
    purse = contest.top * contest.lots  # enough for any sensible bid on every lot
    if contest.format in SEALED:
        rule = SEALED[contest.format]
        return auctions.SealedAuction(names, values, seed=seed, lots=contest.lots, rule=rule, budgets=purse)
    if contest.format in OPEN:
        return OPEN[contest.format](names, values, seed=seed, lots=contest.lots, budgets=purse)
    raise BurghError(f"no arena is held in {contest.format!r}: there are {', '.join(FORMATS)}")


@dataclass
class Kept:
    """A recorder that keeps a game's events."""

    events: list[Event] = field(default_factory=list)

    def append(self, events: Iterable[Event]) -> None:
        self.events += events

    def aside(self, tick: int, data: Mapping[str, Json]) -> None: ...

    def end_tick(self, tick: int) -> None: ...

    def close(self, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Table:
    """A game that has been played: its world, and all that happened."""

    world: auctions.House
    events: list[Event]

    def of(self, name: str) -> Iterable[Event]:
        return (event for event in self.events if event.agent == name)

    def bids(self, seat: int) -> tuple[tuple[int, int | None], ...]:
        """By lot: the value in that seat, and the last price named there, None where none was."""
        named: dict[int, int] = {}
        for event in self.of(self.world.agents[seat]):
            if event.kind == "bid" and "price" in event.data:
                named[event.data["lot"]] = event.data["price"]
        values = self.world.drawn.signals[seat].tolist()
        return tuple((value, named.get(lot)) for lot, value in enumerate(values))

    def seat(self, seat: int, strategy: str, accounts: Accounts | None, benchmark: int | None) -> Seat:
        """What the contestant in a seat made of it."""
        name = self.world.agents[seat]
        rows = accounts.table("agent", "tick") if accounts else []
        costs = [row for row in rows if row["agent"] == name]
        calls, into, cached, out = (
            sum(row[key] for row in costs) for key in ("calls", "tokens_in", "tokens_cached", "tokens_out")
        )
        kinds = [event.kind for event in self.of(name)]
        return Seat(
            strategy,
            seat,
            gains(self.events, name),
            benchmark,
            kinds.count("sold"),
            self.bids(seat),
            calls,
            into,
            cached,
            out,
            sum(map(kinds.count, INVALID_KINDS)),
            tuple(round(row["seconds"], 4) for row in costs),
        )


async def play(contest: Contest, game: Game, llm: LanguageModel | None) -> Played:
    """Plays a game to its end. What goes wrong in it is told in `fault`; nothing is raised but for our own
    mistakes and a stop from outside."""
    began = time.perf_counter()
    accounts = None if llm is None else Accounts(llm)
    try:
        table = await _play(contest, game, accounts)
    except BurghError as error:
        seconds = round(time.perf_counter() - began, 4)
        return Played(game.key, game.block, game.rotation, (), seconds=seconds, fault=str(error))
    benchmarks = await _benchmarks(contest, game, table)
    seats = tuple(
        table.seat(seat, strategy, accounts, benchmarks[seat])
        for seat, strategy in enumerate(game.seats)
        if strategy != OPPONENT
    )
    contestants = {table.world.agents[one.seat] for one in seats}
    shown = tuple(event.to_json() for event in table.events if _is_shown(event, contestants))
    seconds = round(time.perf_counter() - began, 4)
    return Played(game.key, game.block, game.rotation, seats, shown, seconds)


async def _play(contest: Contest, game: Game, llm: LanguageModel | None) -> _Table:
    """Chance differs by who plays, and by the control's number, but not by what else is in the contest."""
    seed = game.seed(contest.seed)
    world = make_world(contest, seed)
    minds = []
    for strategy, name in zip(game.seats, world.agents, strict=True):
        if strategy == OPPONENT:
            minds.append(contestant(contest.opponents).mind(name, seed, None, world.clock))
        else:
            own = seed_of(seed, "contestant", strategy)
            minds.append(contestant(strategy).mind(name, own, llm, world.clock))
    return _Table(world, await run(world, minds))


async def run(world: auctions.House, minds: Sequence[Mind]) -> list[Event]:
    """All events of a sale. Raises BurghError where it does not end."""
    kept = Kept()
    engine = Engine(world, minds, kept, world.clock)
    await engine.begin({})
    await engine.run(MOST_TICKS)
    if world.is_open:
        raise BurghError(f"the game did not end within {MOST_TICKS} ticks")
    return kept.events


def gains(events: Iterable[Event], name: str) -> int:
    """What a bidder has gained: worth and money in, money out."""
    total = 0
    for event in events:
        if event.kind == "sold" and event.agent == name:
            total += event.data["value"]
        elif event.kind == "paid":
            total += event.data["amount"] * ((event.data["to"] == name) - (event.data["from"] == name))
    return total


def _is_shown(event: Event, contestants: set[str]) -> bool:
    return event.kind in WORLD_KINDS or (event.kind in MIND_KINDS and event.agent in contestants)


@dataclass(frozen=True)
class Again(Strategy):
    """Bids what was bid, lot by lot: how the others stay as they were for the benchmark."""

    bids: tuple[int | None, ...]

    def price(self, value: int, state: Json, rng: Any) -> int:
        bid = self.bids[state["lot"]]
        return -1 if bid is None else bid


async def _benchmarks(contest: Contest, game: Game, table: _Table) -> list[int | None]:
    """What the benchmark bidder makes in each contestant's seat, all others as they were.

    It bids as the opponents do. Where others' answers depend on it (open formats, among contestants) there is
    none.
    """
    names = seat_names(contest.players)
    found: list[int | None] = [None] * contest.players
    rule = RULES.get(contest.opponents)
    if rule is None or (contest.format in OPEN and contest.design == "rotate"):
        return found
    seed = game.seed(contest.seed)
    for seat, strategy in enumerate(game.seats):
        if strategy == OPPONENT:
            continue
        world = make_world(contest, seed)
        minds: list[Mind] = []
        for other, name in enumerate(names):
            if other == seat or game.seats[other] == OPPONENT:
                minds.append(ScriptedBidder(name, rule(), seed))
            else:
                bids = tuple(bid for _, bid in table.bids(other))
                minds.append(ScriptedBidder(name, Again(bids), seed))
        found[seat] = gains(await run(world, minds), names[seat])
    return found


def play_now(contest: Contest, game: Game, llm: LanguageModel | None = None) -> Played:
    """The same, for a process of a pool."""
    return asyncio.run(play(contest, game, llm))
