"""Sealed bids for one item a lot: first price, second price, k-th price, all-pay."""

from __future__ import annotations

from typing import Any

import numpy as np

from burgh.sim.spec import ActionSpec
from burgh.sim.types import Events, Json
from burgh.worlds.auctions.forms import bid_form
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.money import HOUSE
from burgh.worlds.auctions.rules.ranking import NO_BID, NOBODY, Ints
from burgh.worlds.auctions.rules.sealed import FIRST_PRICE, SealedRule, award, payments


class SealedAuction(House):
    """Everyone bids at once and once; the rule says who wins and what is paid."""

    def __init__(self, *args: Any, rule: SealedRule = FIRST_PRICE, **more: Any) -> None:
        self.rule = rule
        self.format = rule.name
        super().__init__(*args, **more)

    def _start(self, events: Events) -> None:
        self._ask(self.agents)

    def _spec(self, name: str) -> ActionSpec:
        return bid_form(f"What do you bid for {self.item}?", self.reserve, self.purse(name), self.terms.step)

    def _view(self, name: str) -> dict[str, Json]:
        return {"value": self.signal(name), "least": self.reserve, "rank": self.rule.rank}

    def bids(self) -> Ints:
        """(bidders, 1), NO_BID for those who passed."""
        bidding = set(self.bidders())
        prices = [self.answers[name].price if name in bidding else NO_BID for name in self.agents]
        return np.array(prices, np.int64).reshape(-1, 1)

    def _resolve(self, events: Events) -> None:
        bids = self.bids()
        causes = [self.answers[name].event for name in self.bidders()]
        shown: dict[str, Json] = {}
        if self.terms.reveal:
            shown = {"bids": {name: self.answers[name].price for name in self.bidders()}}
        awarded = award(bids, self.rule, reserve=self.reserve, ties=self.ties())
        if awarded.winner[0] == NOBODY:
            self._unsold(events, causes)
            self._close_lot(events, {"buyer": None, "price": None, **shown})
            return
        buyer, price = self.agents[awarded.winner[0]], int(awarded.price[0])
        sold = self._sell(events, HOUSE, buyer, self.item, price, causes, value=self.worth(buyer))
        paid = payments(bids, awarded, self.rule, reserve=self.reserve)
        for name, amount in zip(self.agents, paid[:, 0].tolist(), strict=True):
            if name != buyer:
                self._pay(events, name, HOUSE, amount, "bid", (self.answers[name].event,) if amount else ())
        self._tell(sold, f"{buyer} wins {self.item} for {price}.")
        self._close_lot(events, {"buyer": buyer, "price": price, **shown}, sold.id)
