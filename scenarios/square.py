"""What a scenario says of an auction in its town, what is wrong with it, and the auction of the world."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from burgh.scenarios.fields import STRICT, Line, Name, TimeOfDay, moment_of, written_moment
from burgh.scenarios.nearest import suggest

if TYPE_CHECKING:
    from burgh.scenarios.faults import Fault
    from burgh.scenarios.spec import Scenario
    from burgh.worlds.town import Auction

Coins = Annotated[int, Field(ge=0, le=1_000_000)]
Some = Annotated[int, Field(ge=1, le=1_000_000)]


class GoodsSpec(BaseModel):
    """Something that is put up."""

    model_config = STRICT

    item: Annotated[Line, Field(max_length=60)]
    """With its article, as it stands in a sentence: a coil of rope."""
    usual: Some
    """What such a thing usually costs, in coins, as everybody knows."""
    start: Coins = 0
    """The least price for it, if above the reserve."""
    owner: Name | None = None
    """The agent whose it is, who is paid for it; the auctioneer, if none."""


class AuctionSpec(BaseModel):
    """An auction on a place of the town: whoever has come may bid with the coins in their purse."""

    model_config = STRICT

    at: TimeOfDay
    day: Annotated[int, Field(ge=1, le=366)] = 1
    """Counted from the first."""
    place: Line
    """A place on the map: town : place."""
    auctioneer: Name = "Auctioneer"
    """A voice that is none of the agents."""
    reserve: Coins = 1
    """The least price of any lot, in coins."""
    least_raise: Some = 1
    """By how many coins a bid outbids another at least."""
    calls: Annotated[int, Field(ge=1, le=1000)] = 3
    """After so many ticks without a bid the hammer falls."""
    lots: Annotated[list[GoodsSpec], Field(min_length=1, max_length=1000)]
    """One after another."""


def auction_faults(scenario: Scenario) -> Iterator[Fault]:
    """What the whole shows to be wrong with the auction."""
    from burgh.scenarios.faults import Fault

    said = scenario.auction
    if said is None:
        return
    names = [agent.name for agent in scenario.agents]
    if said.auctioneer.casefold() in {name.casefold() for name in names}:
        wrong = f"{said.auctioneer!r} is an agent: the auctioneer is a voice that is none of them"
        yield Fault(("auction", "auctioneer"), wrong)
    if scenario.tick_at(said.at, said.day) < 1:
        yield Fault(("auction", "at"), f"{said.at:%H:%M} is not after the start at {scenario.start:%H:%M}")
    for n, lot in enumerate(said.lots):
        if lot.owner is not None and lot.owner not in names:
            yield Fault(
                ("auction", "lots", n, "owner"),
                f"there is no agent {lot.owner!r}: {suggest(lot.owner, names)}",
            )


def auction_end_faults(scenario: Scenario) -> Iterator[Fault]:
    """An auction that would open when the scenario is over."""
    from burgh.scenarios.faults import Fault

    said = scenario.auction
    if said is not None and scenario.tick_at(said.at, said.day) >= scenario.until_tick:
        when = written_moment(moment_of(scenario.start, said.at, said.day))
        end = written_moment(scenario.until)
        where = "day" if said.day > 1 else "at"
        yield Fault(("auction", where), f"the auction at {when} is not before the end at {end}")


def auction_change_fault(before: Scenario, after: Scenario, tick: int) -> str:
    """What is wrong with another auction from a tick on, or ""."""
    was, now = before.auction, after.auction
    if was == now:
        return ""
    if was is not None and (opened := before.tick_at(was.at, was.day)) < tick:
        return (
            f"the auction has opened by then, at {written_moment(before.clock.at(opened))}: it stays as it is"
        )
    if now is not None and after.tick_at(now.at, now.day) < tick:
        when = written_moment(moment_of(after.start, now.at, now.day))
        return f"{when} is past by then: name a later time"
    return ""


def auction_of(scenario: Scenario) -> Auction | None:
    """The auction of the town, if there is to be one."""
    from burgh.worlds.town import Auction, Goods

    said = scenario.auction
    if said is None:
        return None
    return Auction(
        tick=scenario.tick_at(said.at, said.day),
        place=said.place,
        lots=tuple(Goods(lot.item, lot.start, usual=lot.usual, owner=lot.owner or "") for lot in said.lots),
        auctioneer=said.auctioneer,
        reserve=said.reserve,
        least_raise=said.least_raise,
        calls=said.calls,
    )
