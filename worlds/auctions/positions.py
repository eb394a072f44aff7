"""Position auctions: slots that differ by their clicks, sold by generalised second price or VCG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from burgh.sim.spec import ActionSpec
from burgh.sim.types import Events, Json
from burgh.worlds.auctions.forms import bid_form
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.money import HOUSE
from burgh.worlds.auctions.rules.position import check_clicks, gsp_payments, vcg_payments
from burgh.worlds.auctions.rules.ranking import in_order, ranked


class PositionAuction(House):
    """Bids are per click; the highest bid gets the first slot. clicks: of the slots, most first.

    vcg: slots pay what those below lose, otherwise the next bid a click (GSP).
    """

    def __init__(
        self, *args: Any, clicks: Sequence[int] = (200, 100), vcg: bool = False, **more: Any
    ) -> None:
        check_clicks(clicks)
        self.clicks, self.vcg = tuple(clicks), vcg
        self.format = "position-vcg" if vcg else "gsp"
        super().__init__(*args, **more)

    def _particulars(self) -> dict[str, Json]:
        return {"clicks": list(self.clicks)}

    def _goods(self) -> dict[str, dict[str, int]]:
        return {HOUSE: {item: count * sum(self.clicks) for item, count in super()._goods()[HOUSE].items()}}

    def _ample(self) -> int:
        return super()._ample() * self.clicks[0]

    def _best(self) -> int:
        worths = sorted((self.worth(name) for name in self.agents), reverse=True)
        return sum(worth * clicks for worth, clicks in zip(worths, self.clicks, strict=False))

    def _start(self, events: Events) -> None:
        self._ask(self.agents)

    def most_a_click(self, name: str) -> int:
        """The highest bid that the purse can pay for in the first slot."""
        return self.purse(name) // self.clicks[0]

    def _spec(self, name: str) -> ActionSpec:
        question = f"What do you bid for a click of {self.item}?"
        return bid_form(question, self.reserve, self.most_a_click(name), self.terms.step)

    def _view(self, name: str) -> dict[str, Json]:
        return {
            "value": self.signal(name),
            "least": self.reserve,
            "most": self.most_a_click(name),
            "clicks": list(self.clicks),
        }

    def _resolve(self, events: Events) -> None:
        bidding = self.bidders()
        bids = np.array([self.answers[name].price for name in bidding], np.int64).reshape(-1, 1)
        order = ranked(bids, self.ties())
        highest = [int(bid) for bid in in_order(bids, order)[:, 0]]
        pays = (vcg_payments if self.vcg else gsp_payments)(highest, self.clicks, self.reserve)
        slots: list[Json] = []
        for slot, price in enumerate(pays):
            name, clicks = bidding[order[slot, 0]], self.clicks[slot]
            more = {"quantity": clicks, "slot": slot + 1, "value": clicks * self.worth(name)}
            cause = (self.answers[name].event,)
            sold = self._sell(events, HOUSE, name, self.item, price, cause, **more)
            self._tell(sold, f"{name} gets slot {slot + 1} of {self.item} for {price}.")
            slots.append({"buyer": name, "clicks": clicks, "price": price})
        if not slots:
            self._unsold(events)
        shown = {}
        if self.terms.reveal:
            shown = {"bids": {name: self.answers[name].price for name in bidding}}
        self._close_lot(events, {"slots": slots, **shown})
