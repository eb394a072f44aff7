"""Clock formats: the Dutch clock falls until someone takes the item, the English rises until one is left."""

from __future__ import annotations

from typing import Any

from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Events, Json
from burgh.worlds.auctions.forms import choice_form
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.money import HOUSE, round_up


class Clock(House):
    """A price that all see, moved a notch each round."""

    def __init__(self, *args: Any, notch: int | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.notch = self.terms.step if notch is None else notch
        if self.notch < 1 or self.notch % self.terms.step:
            raise BurghError(f"a clock's notch of {self.notch} is no multiple of the step {self.terms.step}")

    def _particulars(self) -> dict[str, Json]:
        return {"notch": self.notch}

    def _shown(self, name: str) -> dict[str, Json]:
        return {"price": self.play["price"]}

    def _view(self, name: str) -> dict[str, Json]:
        return {
            "value": self.signal(name),
            "price": self.play["price"],
            "least": self.play["price"],
            "notch": self.notch,
            "active": len(self.play.get("active", self.agents)),
        }

    def _show(self, events: Events) -> None:
        event = events.add(
            "price",
            None,
            {"lot": self.lot, "price": self.play["price"], "leader": None},
            (self.opened_event,),
        )
        self._tell(event, f"The clock for {self.item} shows {self.play['price']}.")

    def _award(self, events: Events, among: list[str], price: int, causes: list[str]) -> None:
        """Sold to one of these, drawn by lot."""
        buyer = among[int(self.ties().integers(len(among)))]
        sold = self._sell(events, HOUSE, buyer, self.item, price, causes, value=self.worth(buyer))
        self._tell(sold, f"{buyer} wins {self.item} for {price}.")
        self._close_lot(events, {"buyer": buyer, "price": price}, sold.id)

    def _fail(self, events: Events) -> None:
        self._unsold(events)
        self._close_lot(events, {"buyer": None, "price": None})


class DutchClock(Clock):
    """The first to take the item pays what the clock shows; of several at once one is drawn.

    start_price: where the clock starts; above all values that are likely, if None.
    """

    format = "dutch"
    acts = ("take",)

    def __init__(self, *args: Any, start_price: int | None = None, **more: Any) -> None:
        self.start_price = start_price
        super().__init__(*args, **more)

    def _start(self, events: Events) -> None:
        top = self.values.most(len(self.agents)) if self.start_price is None else self.start_price
        self.play = {"price": max(round_up(top, self.terms.step), round_up(self.reserve, self.terms.step))}
        self._show(events)
        self._ask(self._able())

    def _able(self) -> list[str]:
        return [name for name in self.agents if self.purse(name) >= self.play["price"]]

    def _spec(self, name: str) -> ActionSpec:
        return choice_form(f"Take {self.item} at {self.play['price']}?", "wait", "take")

    def _resolve(self, events: Events) -> None:
        takers = self.bidders()
        least = round_up(self.reserve, self.terms.step)
        if takers:
            causes = [self.answers[name].event for name in takers]
            self._award(events, takers, self.play["price"], causes)
        elif self.play["price"] <= least:
            self._fail(events)
        else:
            self.play["price"] = max(self.play["price"] - self.notch, least)
            self._show(events)
            self._ask(self._able())


class EnglishClock(Clock):
    """The price rises while two or more stay; leaving is final. The last to stay pays the price at which
    the last rival left: the highest that rival was willing to pay (Milgrom and Weber 1982)."""

    format = "english-clock"
    acts = ("stay",)

    def _start(self, events: Events) -> None:
        price = round_up(self.reserve, self.terms.step)
        self.play = {"price": price, "active": list(self.agents), "before": None}
        self._show(events)
        self._ask(self._able())

    def _able(self) -> list[str]:
        return [name for name in self.play["active"] if self.purse(name) >= self.play["price"]]

    def _spec(self, name: str) -> ActionSpec:
        return choice_form(f"Stay for {self.item} at {self.play['price']}?", "leave", "stay")

    def _resolve(self, events: Events) -> None:
        staying = self.bidders()
        causes = [self.answers[name].event for name in staying]
        before = self.play["before"]  # the price that all active ones were willing to pay; None: no such yet
        if len(staying) > 1:
            price = self.play["price"]
            self.play = {"price": price + self.notch, "active": staying, "before": price}
            self._show(events)
            self._ask(self._able())
        elif len(staying) == 1:
            self._award(events, staying, self.play["price"] if before is None else before, causes)
        elif before is None:
            self._fail(events)
        else:  # all left at once: each had been willing to pay the price before
            self._award(events, self.play["active"], before, [self.opened_event])
