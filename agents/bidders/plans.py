"""What a bidder carries through a sale: which lots it wants how much, and what it has seen of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from burgh.sim.types import Json

PRIORITIES = ("must", "cheap", "leave")  # how much a lot is wanted, most first


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lot that is for sale or to come, and what it is worth and starts at, as the bidder knows it."""

    item: str
    worth: int
    start: int


def lots_ahead(state: Mapping[str, Json]) -> tuple[Wanted, ...]:
    """The open lot and those to come, where the format tells of them."""
    open_lot = Wanted(str(state["item"]), worth_of(state), int(state.get("start", state.get("reserve", 0))))
    ahead = (Wanted(lot["item"], lot.get("value", 0), lot["start"]) for lot in state.get("to_come", ()))
    return (open_lot, *ahead)


def worth_of(state: Mapping[str, Json]) -> int:
    """What the open lot is worth: of several things, the most that any is."""
    if "value" in state:
        return int(state["value"])
    values = state.get("values", ())
    return max(values.values() if isinstance(values, Mapping) else values, default=0)


def reserved(plan: Mapping[str, str], ahead: Sequence[Wanted]) -> int:
    """What is kept back of the purse for lots to come that are wanted more than the open one."""
    rank = PRIORITIES.index(plan.get(ahead[0].item, PRIORITIES[0]))
    return sum(lot.start for lot in ahead[1:] if PRIORITIES.index(plan.get(lot.item, "leave")) < rank)


@dataclass(frozen=True, slots=True)
class Belief:
    """What one has seen of another bidder. dearest: the highest price paid or bid, 0 if none was seen."""

    name: str
    won: int
    spent: int
    dearest: int

    @property
    def line(self) -> str:
        if not self.won:
            return f"{self.name} has bid up to {self.dearest} and won nothing."
        things = "1 thing" if self.won == 1 else f"{self.won} things"
        return f"{self.name} has won {things} for {self.spent} and bid up to {self.dearest}."


def beliefs(name: str, history: Iterable[Mapping[str, Json]]) -> tuple[Belief, ...]:
    """What the lots that are over say of the others, those who bid most first."""
    won: dict[str, list[int]] = {}
    dearest: dict[str, int] = {}
    for sale in history:
        buyer, price = sale.get("buyer"), sale.get("price")
        if buyer and price is not None:
            won.setdefault(buyer, []).append(int(price))
            dearest[buyer] = max(dearest.get(buyer, 0), int(price))
        shown = sale.get("bids", {})
        for who, bid in shown.items() if isinstance(shown, Mapping) else ():
            if isinstance(bid, int):
                dearest[who] = max(dearest.get(who, 0), bid)
    found = (
        Belief(who, len(won.get(who, ())), sum(won.get(who, ())), most)
        for who, most in dearest.items()
        if who != name
    )
    return tuple(sorted(found, key=lambda one: (-one.dearest, one.name)))
