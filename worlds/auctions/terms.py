"""What an auction is given and what it hears: terms, lots, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from burgh.sim.types import BurghError, Json
from burgh.worlds.auctions.money import HOUSE


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in any format, in whole units of money.

    reserve: the least price. entry_fee: paid to the house with one's first bid for a lot. step: prices are
    its multiples. limit_ticks: how long a round waits for answers. reveal: whether sealed bids are made
    known when a lot is closed.
    """

    reserve: int = 0
    entry_fee: int = 0
    step: int = 1
    limit_ticks: int = 1
    reveal: bool = True

    def __post_init__(self) -> None:
        for name, least in (("reserve", 0), ("entry_fee", 0), ("step", 1), ("limit_ticks", 1)):
            if getattr(self, name) < least:
                raise BurghError(f"terms: {name} is {getattr(self, name)}: it must be at least {least}")


@dataclass(frozen=True, slots=True)
class Lot:
    """Something put up for sale. start: the least price for it, if above the terms' reserve."""

    item: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent said in a round, and the event that recorded it."""

    given: Mapping[str, Json]
    event: str

    @property
    def price(self) -> int:
        return int(self.given["price"])


def check_sale(format: str, agents: Sequence[str], lots: Sequence[Lot] | int, least_players: int) -> None:
    """Raises BurghError for bidders or lots with which there can be no sale."""
    if len(set(agents)) != len(agents):
        raise BurghError("two bidders have one name: give each a name of its own")
    if HOUSE in agents:
        raise BurghError(f"a bidder cannot be called {HOUSE!r}: that is the auctioneer's account")
    if isinstance(lots, int) and lots < 0:
        raise BurghError(f"a sale of {lots} lots cannot be: there are none, or some")
    if len(agents) < least_players:
        raise BurghError(f"{format} needs at least {least_players} players")
