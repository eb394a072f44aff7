"""VCG over different items: sealed bids on bundles (the Vickrey-Clarke-Groves mechanism)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Events, Json
from burgh.worlds.auctions.forms import BID, bids_form
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.money import HOUSE
from burgh.worlds.auctions.rules.vcg import vcg
from burgh.worlds.auctions.terms import Lot

MOST_ITEMS = 4
TAKEN = ("act",)  # fields of an answer beside the bundles
JOINED = " + "  # between the items of a bundle


class PackageAuction(House):
    """Each bidder names a price for each bundle of the items, of which they get at most one.

    An item's value is an independent draw; a bundle is worth the sum, and `bonus_percent` more for each
    item after the first. The house bids the reserve for each item, so that none goes for less.
    """

    format = "vcg"

    def __init__(
        self, *args: Any, items: Sequence[str] = ("apples", "bread"), bonus_percent: int = 0, **more: Any
    ) -> None:
        if not 1 <= len(items) <= MOST_ITEMS or len(set(items)) != len(items):
            raise BurghError(f"a sale of bundles needs 1 to {MOST_ITEMS} different items")
        if wrong := next((item for item in items if item in TAKEN or JOINED in item), None):
            raise BurghError(
                f"an item of a sale of bundles cannot be called {wrong!r}: it could not be told apart in bids"
            )
        self.items, self.bonus_percent = tuple(items), bonus_percent
        self.bundles = {
            JOINED.join(item for n, item in enumerate(self.items) if mask >> n & 1): mask
            for mask in range(1, 1 << len(self.items))
        }
        super().__init__(*args, **{**more, "lots": (Lot(" + ".join(self.items)),)})

    def _particulars(self) -> dict[str, Json]:
        return {"items": list(self.items), "bonus_percent": self.bonus_percent}

    def _seats(self) -> Sequence[str]:
        return [f"{name}/{item}" for name in self.agents for item in self.items]

    def _goods(self) -> dict[str, dict[str, int]]:
        return {HOUSE: dict.fromkeys(self.items, 1)}

    def _ample(self) -> int:
        return super()._ample() * len(self.items) * 2

    def bundle_values(self, name: str) -> dict[str, int]:
        """What each bundle is worth to one."""
        first = self.agents.index(name) * len(self.items)
        worths = [int(self.drawn.worths[first + n, 0]) for n in range(len(self.items))]
        found = {}
        for bundle, mask in self.bundles.items():
            total = sum(worth for n, worth in enumerate(worths) if mask >> n & 1)
            found[bundle] = total * (100 + self.bonus_percent * (mask.bit_count() - 1)) // 100
        return found

    def _best(self) -> int:
        worths = [self.bundle_values(name) for name in self.agents]
        bids = [{mask: worth[bundle] for bundle, mask in self.bundles.items()} for worth in worths]
        given, _ = vcg(bids, len(self.items), self.ties())
        return sum(bid.get(mask, 0) for bid, mask in zip(bids, given, strict=True))

    def _start(self, events: Events) -> None:
        self._ask(self.agents)

    def _spec(self, name: str) -> ActionSpec:
        return bids_form("What do you bid?", tuple(self.bundles), self.purse(name), self.terms.step)

    def _view(self, name: str) -> dict[str, Json]:
        return {"values": self.bundle_values(name), "least": self.reserve}

    def _fault(self, name: str, answer: Mapping[str, Json]) -> str:
        if answer["act"] != BID:
            return ""
        low = any(0 < answer[b] < self.reserve * mask.bit_count() for b, mask in self.bundles.items())
        return "under the reserve" if low else ""

    def _resolve(self, events: Events) -> None:
        bidding = self.bidders()
        bids = [
            {mask: int(self.answers[name].given[bundle]) for bundle, mask in self.bundles.items()}
            for name in bidding
        ]
        house = {mask: self.reserve * mask.bit_count() for mask in self.bundles.values()}
        given, pays = vcg([*bids, house], len(self.items), self.ties())
        names = {mask: bundle for bundle, mask in self.bundles.items()}
        buyers: dict[str, Json] = {}
        for name, mask, price in zip(bidding, given, pays, strict=False):
            if not mask:
                continue
            data = {
                "lot": self.lot,
                "item": names[mask],
                "price": price,
                "seller": HOUSE,
                "quantity": mask.bit_count(),
                "value": self.bundle_values(name)[names[mask]],
            }
            sold = events.add("sold", name, data, (self.answers[name].event,))
            for n, item in enumerate(self.items):
                if mask >> n & 1:
                    self.ledger.give(HOUSE, name, item)
            self._pay(events, name, HOUSE, price, "price", (sold.id,))
            self._tell(sold, f"{name} wins {names[mask]} for {price}.")
            buyers[name] = {"item": names[mask], "price": price}
        if not buyers:
            self._unsold(events)
        self._close_lot(events, {"buyers": buyers})
