"""Markets with buyers and sellers: the call market, and the continuous double auction with an order book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Event, Events, Json
from burgh.worlds.auctions.forms import bid_form, choice_form
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.rules.call_market import NO_ASK, clear
from burgh.worlds.auctions.rules.order_book import OrderBook, Side, Trade
from burgh.worlds.auctions.rules.ranking import NO_BID
from burgh.worlds.auctions.terms import Answer
from burgh.worlds.auctions.values import Values

BUY: Side = "buy"
SELL: Side = "sell"
TRADED = "traded already in this round"


class Market(House):
    """Buyers with money, sellers with goods. A lot is a period of trading, in which each trades up to
    `units_each` units; what one does not trade is worth its money or its cost.

    costs: the law of what a unit costs its seller; as `values` if None. values, costs: drawn for each unit.
    """

    good = "unit"

    def __init__(
        self,
        buyers: Sequence[str],
        sellers: Sequence[str],
        values: Values,
        *,
        costs: Values | None = None,
        units_each: int = 1,
        **more: Any,
    ) -> None:
        if units_each < 1:
            raise BurghError("each trader of a market has at least one unit")
        self.buyers, self.sellers, self.units_each = tuple(buyers), tuple(sellers), units_each
        self.laws = {BUY: values, SELL: costs or values}
        super().__init__([*buyers, *sellers], values, **more)
        self.ceiling = max(law.most(len(self.agents)) for law in self.laws.values()) // self.terms.step
        self.ceiling *= self.terms.step  # the highest price that anyone may name: no purse shows in it
        self._units = {side: self._draw(side, law) for side, law in self.laws.items()}

    def _draw(self, side: str, law: Values) -> dict[str, Any]:
        names = self.buyers if side == BUY else self.sellers
        seats = [f"{name}/{n}" for name in names for n in range(self.units_each)]
        rows = law.draw(seats, len(self.lots), self.seed).worths.reshape(
            len(names), self.units_each, len(self.lots)
        )
        return dict(zip(names, np.sort(rows, axis=1), strict=True))

    def _draws(self) -> dict[str, Json]:
        units = {side: {name: rows.tolist() for name, rows in of.items()} for side, of in self._units.items()}
        return {**super()._draws(), "units": units}

    def _take_draws(self, raw: Json) -> None:
        super()._take_draws(raw)
        self._units = {
            side: {name: np.asarray(rows, np.int64) for name, rows in of.items()}
            for side, of in raw["units"].items()
        }

    def _seats(self) -> Sequence[str]:
        """None: units are drawn for each side by its own law."""
        return ()

    def _law(self, name: str) -> Json:
        if name not in self._laws:
            side = self.side(name)
            names = self.buyers if side == BUY else self.sellers
            self._laws[name] = self.laws[side].describe(names.index(name))
        return self._laws[name]

    def _goods(self) -> dict[str, dict[str, int]]:
        return {name: {self.good: self.units_each * len(self.lots)} for name in self.sellers}

    def _ample(self) -> int:
        return 2 * self.values.most(len(self.buyers)) * len(self.lots) * self.units_each

    def _particulars(self) -> dict[str, Json]:
        return {"buyers": list(self.buyers), "sellers": list(self.sellers), "units_each": self.units_each}

    def side(self, name: str) -> Side:
        return BUY if name in self.buyers else SELL

    def unit_value(self, name: str, unit: int) -> int:
        """What one's n-th unit of the period is worth: buyers' fall, sellers' costs rise."""
        side = self.side(name)
        return int(self._units[side][name][-1 - unit if side == BUY else unit, self.lot])

    def _best(self) -> int:
        values, costs = (
            [self.unit_value(name, unit) for name in names for unit in range(self.units_each)]
            for names in (self.buyers, self.sellers)
        )
        pairs = zip(sorted(values, reverse=True), sorted(costs), strict=False)
        return sum(max(value - cost, 0) for value, cost in pairs)

    def _shown(self, name: str) -> dict[str, Json]:
        return {"side": self.side(name)}

    def _most(self, name: str) -> int:
        """The highest price that one may name."""
        purse = self.purse(name)
        return min(purse, self.ceiling) if self.side(name) == BUY or purse < 0 else self.ceiling

    def _spec(self, name: str) -> ActionSpec:
        verb = "pay" if self.side(name) == BUY else "ask"
        question = f"What do you {verb} for a {self.good}?"
        return bid_form(question, self.reserve, self._most(name), self.terms.step)

    def _view(self, name: str) -> dict[str, Json]:
        view = {"side": self.side(name), "least": self.reserve, "most": self._most(name)}
        return {**view, "ceiling": self.ceiling, "value": self.unit_value(name, 0)}

    def _deal(
        self,
        events: Events,
        buyer: str,
        seller: str,
        price: int,
        causes: Sequence[str],
        *,
        units: tuple[int, int],
    ) -> Event:
        """A unit changes hands. units: which of theirs it is to the buyer and to the seller."""
        value, cost = self.unit_value(buyer, units[0]), self.unit_value(seller, units[1])
        sold = self._sell(events, seller, buyer, self.good, price, causes, value=value, cost=cost)
        self._tell(sold, f"{buyer} buys a {self.good} from {seller} for {price}.")
        return sold


class CallMarket(Market):
    """Sealed bids and asks for one unit each, cleared at one price (the k-double auction).

    price_percent: where in the interval of clearing prices the price lies, 50 for half-way.
    """

    format = "call-market"

    def __init__(self, *args: Any, price_percent: int = 50, **more: Any) -> None:
        if not 0 <= price_percent <= 100:
            raise BurghError(f"a price at {price_percent} percent of the interval is not within it")
        self.price_percent = price_percent
        super().__init__(*args, **{**more, "units_each": 1})

    def _particulars(self) -> dict[str, Json]:
        return {**super()._particulars(), "price_percent": self.price_percent}

    def _start(self, events: Events) -> None:
        self._ask(self.agents)

    def _resolve(self, events: Events) -> None:
        bidding = set(self.bidders())
        bids = [self.answers[name].price if name in bidding else NO_BID for name in self.buyers]
        asks = [self.answers[name].price if name in bidding else NO_ASK for name in self.sellers]
        shown = (
            {"bids": {name: self.answers[name].price for name in self.bidders()}} if self.terms.reveal else {}
        )
        if not bids or not asks:
            self._none(events, shown)
            return
        cleared = clear(np.array([bids]).T, np.array([asks]).T, self.ties(), self.price_percent)
        if not cleared.quantity[0]:
            self._none(events, shown)
            return
        price = int(cleared.price[0]) // self.terms.step * self.terms.step
        trading = (self.buyers, cleared.buys), (self.sellers, cleared.sells)
        buying, selling = ([names[n] for n in np.flatnonzero(mask[:, 0])] for names, mask in trading)
        causes = [self.answers[name].event for name in (*buying, *selling)]
        shown_price = events.add("price", None, {"lot": self.lot, "price": price, "leader": None}, causes)
        for buyer, seller in zip(buying, selling, strict=True):
            self._deal(events, buyer, seller, price, (shown_price.id,), units=(0, 0))
        self._close_lot(events, {"price": price, "quantity": len(buying), **shown}, shown_price.id)

    def _none(self, events: Events, shown: dict[str, Json]) -> None:
        self._unsold(events)
        self._close_lot(events, {"price": None, "quantity": 0, **shown})


class ContinuousDoubleAuction(Market):
    """Each round every trader may put a limit order for one unit into the book, in place of the one before.

    The orders of one round come in a drawn order. rounds: how long a period is. clear_on_trade: a trade
    empties the book (the rule of Gode and Sunder 1993).
    """

    format = "double-auction"

    def __init__(self, *args: Any, rounds: int = 30, clear_on_trade: bool = False, **more: Any) -> None:
        if rounds < 1:
            raise BurghError("a period of a double auction has at least one round")
        self.rounds, self.clear_on_trade = rounds, clear_on_trade
        self._read: tuple[Json, OrderBook] = (None, OrderBook())
        super().__init__(*args, **more)

    def _particulars(self) -> dict[str, Json]:
        return {**super()._particulars(), "rounds": self.rounds}

    def _start(self, events: Events) -> None:
        self.play = {"book": OrderBook().to_json(), "events": {}, "traded": dict.fromkeys(self.agents, 0)}
        self.play |= {"last": None, "quantity": 0}
        self._ask(self._able())

    def _book(self) -> OrderBook:
        """The book, read anew only when it has changed."""
        if self._read[0] is not self.play["book"]:
            self._read = (self.play["book"], OrderBook.from_json(self.play["book"]))
        return self._read[1]

    def _able(self) -> list[str]:
        return [name for name in self.agents if self.play["traded"][name] < self.units_each]

    def _view(self, name: str) -> dict[str, Json]:
        book = self._book()
        best_bid, best_ask = book.best(BUY), book.best(SELL)
        traded = self.play["traded"][name]
        view: dict[str, Json] = {
            **super()._view(name),
            "best_bid": best_bid.price if best_bid else None,
            "best_ask": best_ask.price if best_ask else None,
            "price": self.play["last"],
            "live": next((order.price for order in book.orders.values() if order.owner == name), None),
            "units_left": self.units_each - traded,
            "rounds_left": self.rounds - self.round,
        }
        if traded < self.units_each:
            view["value"] = self.unit_value(name, traded)
        return view

    def _resolve(self, events: Events) -> None:
        book = self._book()
        traded: set[str] = set()
        coming = self.bidders()
        self.ties("arrival").shuffle(coming)
        for name in coming:
            if name in traded:
                data = {"lot": self.lot, "answer": repr(dict(self.answers[name].given)), "why": TRADED}
                events.add("bid_refused", name, data, (self.answers[name].event,))
            else:
                traded |= self._order(book, name, self.answers[name], events)
        if coming:
            depth = {"bids": book.depth(BUY), "asks": book.depth(SELL)}  # best price first
            data = {side: [list(level) for level in levels] for side, levels in depth.items()}
            events.add("book", None, {"lot": self.lot, **data}, (self.opened_event,))
        self.play["book"] = book.to_json()
        self._read = (self.play["book"], book)
        known = self.play["events"]
        self.play["events"] = {str(number): known[str(number)] for number in book.orders}
        if self.round < self.rounds and self._may_trade():
            self._ask(self._able())
            return
        if not self.play["quantity"]:
            self._unsold(events)
        self._close_lot(events, {"price": self.play["last"], "quantity": self.play["quantity"]})

    def _may_trade(self) -> bool:
        able = set(self._able())
        return bool(able & set(self.buyers)) and bool(able & set(self.sellers))

    def _order(self, book: OrderBook, name: str, answer: Answer, events: Events) -> set[str]:
        """One order: it trades or stays. Gives who has traded."""
        for order in [order for order in book.orders.values() if order.owner == name]:
            book.cancel(order.id)
        number, trades = book.submit(name, self.side(name), answer.price)
        self.play["events"][str(number)] = answer.event
        for trade in trades:
            self._trade(trade, (answer.event, self.play["events"].pop(str(trade.resting))), events)
            if self.clear_on_trade:
                book.clear()
        return {party for trade in trades for party in (trade.buyer, trade.seller)}

    def _trade(self, trade: Trade, causes: Sequence[str], events: Events) -> None:
        traded = self.play["traded"]
        units = (traded[trade.buyer], traded[trade.seller])
        self._deal(events, trade.buyer, trade.seller, trade.price, causes, units=units)
        traded[trade.buyer] += 1
        traded[trade.seller] += 1
        self.play["last"] = trade.price
        self.play["quantity"] += 1


class Bargaining(Market):
    """One buyer and one seller offer prices in turn; one accepts, makes another offer, or walks away.

    rounds: how many offers there may be; the last can only be taken or left. first: who makes the first.
    """

    format = "bargaining"
    acts = ("accept", "bid")
    good = "item"
    least_players = 2

    def __init__(
        self, buyer: str, seller: str, values: Values, *, rounds: int = 6, first: str = SELL, **more: Any
    ) -> None:
        if rounds < 1 or first not in (BUY, SELL):
            raise BurghError("bargaining takes one offer or more, the first by the side that buys or sells")
        self.rounds, self.first = rounds, first
        super().__init__((buyer,), (seller,), values, **{**more, "units_each": 1})

    def _particulars(self) -> dict[str, Json]:
        return {**super()._particulars(), "rounds": self.rounds}

    def _start(self, events: Events) -> None:
        self.play = {"offer": None, "offers": 0, "cause": ""}
        self._ask(self.buyers if self.first == BUY else self.sellers)

    def _shown(self, name: str) -> dict[str, Json]:
        return {**super()._shown(name), "offer": self.play["offer"]}

    def _spec(self, name: str) -> ActionSpec:
        offer, most = self.play["offer"], self._most(name)
        if offer is None:
            return bid_form("What do you offer?", self.reserve, most, self.terms.step)
        acts = ("pass",) if self.side(name) == BUY and offer > most else ("pass", "accept")
        question = f"Take {offer} for the {self.good}?"
        if self.play["offers"] >= self.rounds:
            return choice_form(question, *acts)
        return bid_form(question, self.reserve, most, self.terms.step, (*acts, "bid"))

    def _view(self, name: str) -> dict[str, Json]:
        left = self.rounds - self.play["offers"]
        return {**super()._view(name), "offer": self.play["offer"], "rounds_left": left}

    def _resolve(self, events: Events) -> None:
        answered = self.bidders()
        if not answered:
            self._unsold(events)
            self._close_lot(events, {"price": None})
            return
        (name,) = answered
        answer = self.answers[name]
        if answer.given["act"] == "accept":
            price = self.play["offer"]
            causes = (answer.event, self.play["cause"])
            sold = self._deal(events, self.buyers[0], self.sellers[0], price, causes, units=(0, 0))
            self._close_lot(events, {"price": price}, sold.id)
            return
        data = {"lot": self.lot, "price": answer.price, "leader": name}
        shown = events.add("price", name, data, (answer.event,))
        self._tell(shown, f"{name} offers {answer.price} for the {self.good}.")
        self.play = {"offer": answer.price, "offers": self.play["offers"] + 1, "cause": shown.id}
        self._ask(other for other in self.agents if other != name)
