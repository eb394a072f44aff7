"""Several equal units at once: uniform price or discriminatory, sealed bids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Events, Json
from burgh.worlds.auctions.forms import BID, bids_form
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.money import HOUSE
from burgh.worlds.auctions.rules.multiunit import award_units, discriminatory_payments, uniform_payments
from burgh.worlds.auctions.rules.ranking import NO_BID


class MultiUnit(House):
    """`units` of each lot are sold; each bidder names a price for each of up to `demand` units.

    uniform: all pay the highest losing bid; otherwise each pays what they bid. A price of 0 bids nothing.
    The values of one bidder's units are independent draws, from the highest to the lowest.
    """

    def __init__(
        self, *args: Any, units: int = 2, demand: int = 1, uniform: bool = True, **more: Any
    ) -> None:
        if units < 1 or demand < 1:
            raise BurghError("a sale of units needs at least one unit, and a demand of at least one")
        self.units, self.demand, self.uniform = units, demand, uniform
        self.format = "uniform-price" if uniform else "discriminatory"
        super().__init__(*args, **more)

    def _particulars(self) -> dict[str, Json]:
        return {"units": self.units, "demand": self.demand}

    def _seats(self) -> Sequence[str]:
        return [name if n == 0 else f"{name}/{n}" for name in self.agents for n in range(self.demand)]

    def _goods(self) -> dict[str, dict[str, int]]:
        return {HOUSE: {item: count * self.units for item, count in super()._goods()[HOUSE].items()}}

    def _ample(self) -> int:
        return super()._ample() * self.demand

    def unit_values(self, name: str) -> list[int]:
        """What one's first, second, ... unit is worth."""
        first = self.agents.index(name) * self.demand
        rows = self.drawn.worths[first : first + self.demand, self.lot]
        return sorted((int(value) for value in rows), reverse=True)

    def _best(self) -> int:
        worths = sorted(value for name in self.agents for value in self.unit_values(name))
        return sum(worths[-self.units :])

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(f"unit {n + 1}" for n in range(self.demand))

    def _start(self, events: Events) -> None:
        self._ask(self.agents)

    def _spec(self, name: str) -> ActionSpec:
        question = f"What do you bid for units of {self.item}?"
        return bids_form(question, self._names, self.purse(name), self.terms.step)

    def _view(self, name: str) -> dict[str, Json]:
        return {
            "values": self.unit_values(name),
            "least": self.reserve,
            "units": self.units,
            "demand": self.demand,
        }

    def _fault(self, name: str, answer: Mapping[str, Json]) -> str:
        prices = [answer[unit] for unit in self._names] if answer["act"] == BID else []
        if any(0 < price < self.reserve for price in prices):
            return "under the reserve"
        return "over the purse" if sum(prices) > max(self.purse(name), 0) else ""

    def _prices(self, name: str) -> list[int]:
        """What one bids for each unit, NO_BID for none."""
        if name not in self.bidders():
            return [NO_BID] * self.demand
        return [int(self.answers[name].given[unit]) or NO_BID for unit in self._names]

    def _resolve(self, events: Events) -> None:
        rows = [price for name in self.agents for price in self._prices(name)]
        bids = np.array(rows, np.int64).reshape(-1, 1)
        awarded = award_units(bids, self.units, reserve=self.reserve, ties=self.ties())
        paid = (uniform_payments if self.uniform else discriminatory_payments)(bids, awarded)
        won, pays = (part[:, 0].reshape(-1, self.demand) for part in (awarded.won, paid))
        price = int(awarded.price[0])
        buyers = {}
        for seat, name in enumerate(self.agents):
            if quantity := int(won[seat].sum()):
                value = sum(self.unit_values(name)[:quantity])
                cause = (self.answers[name].event,)
                total = int(pays[seat].sum())
                sold = self._sell(
                    events, HOUSE, name, self.item, total, cause, quantity=quantity, value=value
                )
                self._tell(sold, f"{name} wins {quantity} of {self.item} for {total}.")
                buyers[name] = {"quantity": quantity, "price": total}
        if not buyers:
            self._unsold(events)
        shown = {}
        if self.terms.reveal:
            shown = {"bids": {name: self._prices(name) for name in self.bidders()}}
        self._close_lot(events, {"price": price if buyers else None, "buyers": buyers, **shown})
