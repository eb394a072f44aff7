"""English open outcry with a minimum raise, and a sale of several items one after another (AucArena)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from burgh.sim.rng import stream
from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Events, Json
from burgh.worlds.auctions.forms import bid_form
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.money import HOUSE, round_up
from burgh.worlds.auctions.terms import Lot, check_lots, whole
from burgh.worlds.auctions.values import Given


class EnglishOutcry(House):
    """Anyone but the leader may raise; the hammer falls after `calls` rounds without a raise.

    raise_percent: the least raise, in percent of the lot's start price (at least a step, and `raise_by`).
    final_pass: whoever passes is out of the lot. max_rounds: a hard close after so many rounds.
    """

    format = "english"

    def __init__(
        self,
        *args: Any,
        raise_percent: int = 0,
        raise_by: int = 0,
        calls: int = 1,
        final_pass: bool = False,
        max_rounds: int | None = None,
        **more: Any,
    ) -> None:
        raise_percent, raise_by = whole(raise_percent, "raise_percent"), whole(raise_by, "raise_by")
        calls, max_rounds = (
            whole(calls, "calls"),
            None if max_rounds is None else whole(max_rounds, "max_rounds"),
        )
        if calls < 1 or max_rounds == 0:
            raise BurghError("an outcry needs a call and a round at least")
        self.raise_percent, self.raise_by = raise_percent, raise_by
        self.calls, self.final_pass = calls, final_pass
        self.max_rounds = max_rounds
        super().__init__(*args, **more)

    def _particulars(self) -> dict[str, Json]:
        raised = {"raise_percent": self.raise_percent} | (
            {"raise_by": self.raise_by} if self.raise_by else {}
        )
        return {**raised, "calls": self.calls, "max_rounds": self.max_rounds}

    @property
    def least_raise(self) -> int:
        raised = self.reserve * self.raise_percent // 100
        return round_up(max(raised, self.raise_by, 1), self.terms.step)

    @property
    def least(self) -> int:
        """The least price that is a bid now."""
        if self.play["leader"] is None:
            return round_up(self.reserve, self.terms.step)
        return int(self.play["price"]) + self.least_raise

    def _start(self, events: Events) -> None:
        self.play = {"price": None, "leader": None, "quiet": 0, "active": list(self.agents), "cause": ""}
        self._ask(self._able())

    def _able(self) -> list[str]:
        leader = self.play["leader"]
        return [name for name in self.play["active"] if name != leader and self.purse(name) >= self.least]

    def _spec(self, name: str) -> ActionSpec:
        return bid_form(f"What do you bid for {self.item}?", self.least, self.purse(name), self.terms.step)

    def _view(self, name: str) -> dict[str, Json]:
        rounds_left = None if self.max_rounds is None else self.max_rounds - self.round
        return {
            "value": self.signal(name),
            "price": self.play["price"],
            "leader": self.play["leader"],
            "least": self.least,
            "least_raise": self.least_raise,
            "final_pass": self.final_pass,
            "calls_left": self.calls - self.play["quiet"],
            "rounds_left": rounds_left,
        }

    def _resolve(self, events: Events) -> None:
        bidding = self.bidders()
        if self.final_pass:
            stays = {*bidding, self.play["leader"]}
            self.play["active"] = [name for name in self.play["active"] if name in stays]
        if bidding:
            self._raise(bidding, events)
        else:
            self.play["quiet"] += 1
        if self._is_over() or (self.max_rounds is not None and self.round >= self.max_rounds):
            self._hammer(events)
        else:
            self._ask(self._able())

    def _is_over(self) -> bool:
        return self.play["quiet"] >= self.calls or not self._able()

    def _raise(self, bidding: Sequence[str], events: Events) -> None:
        best = max(self.answers[name].price for name in bidding)
        tied = [name for name in bidding if self.answers[name].price == best]
        leader = tied[int(self.ties().integers(len(tied)))]
        causes = [self.answers[name].event for name in tied]
        shown = events.add("price", leader, {"lot": self.lot, "price": best, "leader": leader}, causes)
        self._tell(shown, f"{leader} bids {best} for {self.item}.")
        self.play |= {"price": best, "leader": leader, "quiet": 0, "cause": shown.id}

    def _hammer(self, events: Events) -> None:
        buyer, price = self.play["leader"], self.play["price"]
        if buyer is None:
            self._unsold(events)
            self._close_lot(events, {"buyer": None, "price": None, **self._learnt()})
            return
        causes = (self.play["cause"],)
        sold = self._sell(events, self._seller(), buyer, self.item, price, causes, value=self.worth(buyer))
        self._tell(sold, f"{self.item[:1].upper()}{self.item[1:]} goes to {buyer} for {price}.")
        self._close_lot(events, {"buyer": buyer, "price": price, **self._learnt()}, sold.id)

    def _seller(self) -> str:
        """Whose the open lot is."""
        return HOUSE

    def _learnt(self) -> dict[str, Json]:
        """What all learn of the lot when the hammer has fallen."""
        return {}


START_PRICES = (1000, 1000, 2000, 2000, 3000, 3000, 4000, 4000, 5000, 5000)
BUDGET = 20_000
RAISE_PERCENT = 10
TRUE_PERCENT = 200  # of the start price
ESTIMATE_PERCENT = 110  # of the true value


def arena_lots(seed: int, order: str = "random") -> tuple[Lot, ...]:
    """The ten items of AucArena (Chen et al. 2023), in an order: random, ascending or descending."""
    lots = [Lot(f"item {chr(65 + n)}", start) for n, start in enumerate(START_PRICES)]
    if order == "random":
        stream(seed, "lots").shuffle(lots)
    elif order in ("ascending", "descending"):
        lots.sort(key=lambda lot: lot.start, reverse=order == "descending")
    else:
        raise BurghError(f"{order!r} is no order of lots: it is random, ascending or descending")
    return tuple(lots)


class SequentialSale(EnglishOutcry):
    """Several items one after another, from one budget. By default those of AucArena: everyone's estimate
    is a tenth above the true value, which is told when the hammer falls; who passes is out of the lot."""

    format = "sequential"

    def __init__(
        self,
        agents: Sequence[str],
        *,
        seed: int,
        lots: Sequence[Lot] | None = None,
        order: str = "random",
        estimate_percent: int = ESTIMATE_PERCENT,
        **more: Any,
    ) -> None:
        lots = arena_lots(seed, order) if lots is None else lots
        check_lots(lots)
        if not isinstance(lots, Sequence) or not lots:
            raise BurghError(
                "a sequential sale needs one lot at least, each with its start price: Lot('hat', 5)"
            )
        estimate_percent = whole(estimate_percent, "estimate_percent")
        worths = tuple(lot.start * TRUE_PERCENT // 100 for lot in lots)
        estimates = tuple(worth * estimate_percent // 100 for worth in worths)
        values = Given((worths,) * len(agents), (estimates,) * len(agents))
        defaults = {"budgets": BUDGET, "raise_percent": RAISE_PERCENT, "final_pass": True}
        super().__init__(agents, values, seed=seed, lots=lots, **{**defaults, **more})

    def _view(self, name: str) -> dict[str, Json]:
        seat, first = self.agents.index(name), self.lot + 1
        to_come = [
            {"item": lot.item, "start": lot.start, "value": int(self.drawn.signals[seat, first + n])}
            for n, lot in enumerate(self.lots[first:])
        ]
        return {**super()._view(name), "start": self.lots[self.lot].start, "to_come": to_come}

    def _learnt(self) -> dict[str, Json]:
        return {"worth": self.worth(self.agents[0])} if self.agents else {}
