"""What an auction is given and what it hears: terms, lots, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from burgh.sim.types import BurghError, Json
from burgh.worlds.auctions.money import HOUSE
from burgh.worlds.auctions.values import Values

WHOLE = int | np.integer


def whole(value: object, what: str, least: int = 0) -> int:
    """A whole number from Python, numpy's too. Raises BurghError, naming what it is, for anything else."""
    if isinstance(value, bool) or not isinstance(value, WHOLE):
        raise BurghError(f"{what} is {value!r}: it must be a whole number from {least}")
    if value < least:
        raise BurghError(f"{what} is {value}: it must be at least {least}")
    return int(value)


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
            object.__setattr__(self, name, whole(getattr(self, name), f"terms: {name}", least))
        if not isinstance(self.reveal, bool):
            raise BurghError(f"terms: reveal is {self.reveal!r}: it must be True or False")


@dataclass(frozen=True, slots=True)
class Lot:
    """Something put up for sale. start: the least price for it, if above the terms' reserve."""

    item: str
    start: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.item, str) or not self.item:
            raise BurghError(f"a lot is called {self.item!r}: its name must be a text")
        object.__setattr__(self, "start", whole(self.start, f"the start price of {self.item}"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent said in a round, and the event that recorded it."""

    given: Mapping[str, Json]
    event: str

    @property
    def price(self) -> int:
        return int(self.given["price"])


def check_sale(  # noqa: PLR0917
    format: str, agents: Sequence[str], values: object, lots: object, terms: object, least_players: int
) -> None:
    """Raises BurghError for bidders, values, lots or terms with which there can be no sale."""
    if wrong := [name for name in agents if not isinstance(name, str) or not name]:
        raise BurghError(f"a bidder is called {wrong[0]!r}: a name must be a text")
    if len(set(agents)) != len(agents):
        raise BurghError("two bidders have one name: give each a name of its own")
    if HOUSE in agents:
        raise BurghError(f"a bidder cannot be called {HOUSE!r}: that is the auctioneer's account")
    if len(agents) < least_players:
        raise BurghError(f"{format} needs at least {least_players} players")
    if not isinstance(values, Values):
        raise BurghError(
            f"the values of a sale are {values!r}: they must be Values, as Private(Uniform(0, 101))"
        )
    if terms is not None and not isinstance(terms, Terms):
        raise BurghError(f"the terms of a sale are {terms!r}: they must be Terms, as Terms(reserve=20)")
    check_lots(lots)


def check_lots(lots: object) -> None:
    """Raises BurghError for what are no lots."""
    if isinstance(lots, WHOLE) and not isinstance(lots, bool):
        if lots < 0:
            raise BurghError(f"a sale of {lots} lots cannot be: there are none, or some")
    elif not isinstance(lots, Sequence) or isinstance(lots, str):
        raise BurghError(f"the lots of a sale are {lots!r}: they must be a number, or a sequence of Lot")
    elif wrong := [lot for lot in lots if not isinstance(lot, Lot)]:
        raise BurghError(f"{wrong[0]!r} is not a lot: write Lot('a coil of rope', start=4)")


def purses(agents: Sequence[str], budgets: object) -> dict[str, int]:
    """What is in each purse; nothing in that of whom the budgets leave out. Raises BurghError for budgets of
    strangers, and for what is no budget."""
    if not isinstance(budgets, Mapping | WHOLE):
        raise BurghError(
            f"budgets are {budgets!r}: they must be one whole number, or a mapping of one by name"
        )
    if not isinstance(budgets, Mapping):
        return dict.fromkeys(agents, whole(budgets, "the budget"))
    if strangers := [name for name in budgets if name not in agents]:
        raise BurghError(f"there is a budget for {strangers[0]!r}, who is none of {', '.join(agents)}")
    return {name: whole(budgets.get(name, 0), f"the budget of {name}") for name in agents}
