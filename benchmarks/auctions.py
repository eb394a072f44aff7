"""How fast auctions are played: `python -m benchmarks.auctions [--json]`."""

from __future__ import annotations

import asyncio
import os
import platform
import random
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Annotated

import typer

from burgh.agents.bidders import Equilibrium, ScriptedBidder, ZeroIntelligence
from burgh.agents.campaigns.mind import ScriptedManager
from burgh.agents.campaigns.strategies import Constant, Linear, MaxCpc, Ortb, Paced, RandomPrice, Strategy
from burgh.scenarios.cli.console import amount, line, out, table, write_json
from burgh.scenarios.theory.formats import STANDARD, bid_function
from burgh.scenarios.theory.simulate import generator, simulate_sealed
from burgh.sim.clock import Clock
from burgh.sim.engine import Engine
from burgh.sim.protocols import Mind, World
from burgh.sim.types import Event
from burgh.worlds.auctions import ContinuousDoubleAuction, House, SealedAuction
from burgh.worlds.auctions.rules.order_book import OrderBook
from burgh.worlds.auctions.rules.sealed import ALL_PAY, FIRST_PRICE, SECOND_PRICE, SealedRule
from burgh.worlds.exchange import Campaign, Exchange, Synthetic

BIDDERS = 5
NAMES = tuple(f"bidder {n}" for n in range(BIDDERS))


class Nowhere:
    """A recorder that keeps nothing but how many bids an exchange had: the engine's own cost is measured,
    not the disk's."""

    bids = 0

    def append(self, events: Iterable[Event]) -> None:
        self.bids += sum(event.data["bids"] for event in events if event.kind == "result")

    def aside(self, tick: int, data: object) -> None: ...

    def end_tick(self, tick: int) -> None: ...

    def close(self, reason: str) -> None: ...


def sealed(rule: SealedRule, games: int) -> int:
    """Theory runs: values drawn, equilibrium bids, winner, payment, and the figures added up."""
    bids = [bid_function(rule.name, BIDDERS)] * BIDDERS
    simulate_sealed(rule, STANDARD, bids, games, generator(1, rule.name))
    return games


def orders(count: int) -> int:
    """An order book: random limit orders of both sides around one price, one unit each (drawn with them)."""
    rng, book = random.Random(1), OrderBook()
    owners = [str(n) for n in range(100)]
    for _ in range(count):
        price = 900 + int(200 * rng.random())
        book.submit(owners[int(100 * rng.random())], "buy" if rng.random() < 0.5 else "sell", price)
    return count


def in_the_engine(world: House, strategy: Equilibrium | ZeroIntelligence) -> None:
    """A whole run of a world, event by event."""
    run_whole(world, [ScriptedBidder(name, strategy) for name in world.agents], world.clock)


def run_whole(world: World, minds: Sequence[Mind], clock: Clock) -> int:
    """Returns how many bids there were, where it is an exchange."""
    recorder = Nowhere()

    async def whole() -> None:
        engine = Engine(world, minds, recorder, clock)
        await engine.begin({})
        await engine.run(10**9)

    asyncio.run(whole())
    return recorder.bids


def lots(count: int) -> int:
    in_the_engine(SealedAuction(NAMES, STANDARD, seed=1, lots=count), Equilibrium())
    return count


def engine_orders(count: int) -> int:
    """A double auction in which ten traders give an order each in every round."""
    traders = tuple(f"trader {n}" for n in range(2 * BIDDERS))
    world = ContinuousDoubleAuction(
        traders[:BIDDERS],
        traders[BIDDERS:],
        STANDARD,
        seed=1,
        rounds=count // len(traders),
        units_each=count // len(traders),
    )
    in_the_engine(world, ZeroIntelligence())
    return count


FIXED: tuple[Strategy, ...] = (Constant(60), RandomPrice(150), MaxCpc(), Linear(70), Paced())
LEARNING: tuple[Strategy, ...] = (Constant(60), MaxCpc(), Linear(), Ortb(), Paced())


def bids(strategies: Sequence[Strategy], count: int) -> int:
    """A day of an exchange with ten campaigns, two of each strategy: impressions drawn, bid for, sold, added
    up."""
    names = [f"campaign {n}" for n in range(2 * len(strategies))]
    stream = Synthetic(1, impressions=count // len(names), periods=24, period_minutes=60)
    world = Exchange([Campaign(name, 10**9, 10_000) for name in names], stream, seed=1)
    minds = [ScriptedManager(name, one) for name, one in zip(names, (*strategies, *strategies), strict=True)]
    return run_whole(world, minds, world.clock)


def per_second(play: Callable[[int], int], count: int, repeats: int) -> float:
    """By the time of the processor, the best of so many: other work on the machine only ever slows it
    down."""
    best = 0.0
    for _ in range(repeats):
        begin = time.process_time()
        done = play(count)
        best = max(best, done / (time.process_time() - begin))
    return best


def figures(scale: float, repeats: int) -> dict[str, float]:
    """What is measured, each in pieces a second. scale: of the sizes, 1 for figures worth keeping."""

    def size(count: int) -> int:
        return max(100, int(count * scale))

    return {
        "first price, theory, auctions/s": per_second(
            lambda n: sealed(FIRST_PRICE, n), size(3_000_000), repeats
        ),
        "second price, theory, auctions/s": per_second(
            lambda n: sealed(SECOND_PRICE, n), size(3_000_000), repeats
        ),
        "all-pay, theory, auctions/s": per_second(lambda n: sealed(ALL_PAY, n), size(3_000_000), repeats),
        "order book, orders/s": per_second(orders, size(300_000), repeats),
        "first price in the engine, lots/s": per_second(lots, size(300), repeats),
        "double auction in the engine, orders/s": per_second(engine_orders, size(2_000), repeats),
        "exchange in the engine, bids/s": per_second(partial(bids, FIXED), size(20_000_000), repeats),
        "exchange, two in five learning, bids/s": per_second(
            partial(bids, LEARNING), size(20_000_000), repeats
        ),
    }


def main(
    *,
    scale: Annotated[float, typer.Option(min=1e-4, help="Of the sizes measured.")] = 1.0,
    repeats: Annotated[int, typer.Option(min=1, help="Of which the best counts.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="As json.")] = False,
) -> None:
    """Measures auctions on one core: five bidders, private values, equilibrium bids; ten campaigns."""
    found = figures(scale, repeats)
    if as_json:
        write_json({**found, "bidders": BIDDERS, "cores": os.cpu_count()})
        return
    line(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; n = {BIDDERS}")
    rows = ((name, amount(value)) for name, value in found.items())
    out.print(table(("figure", "value"), rows, right=("value",)))


if __name__ == "__main__":
    typer.run(main)
