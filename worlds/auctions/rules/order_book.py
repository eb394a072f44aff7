"""An order book with price-time priority: the rule of the continuous double auction."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Literal

from burgh.sim.types import Json

Side = Literal["buy", "sell"]


@dataclass(slots=True)
class Order:
    """A limit order that rests in the book. quantity: what is left of it. Smaller ids came earlier."""

    id: int
    owner: str
    side: Side
    price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Trade:
    """Units that changed hands, at the price of the order that was there first."""

    buyer: str
    seller: str
    price: int
    quantity: int
    resting: int


class OrderBook:
    """Best price first, at one price the earlier order first. Nobody trades with themself: an own order
    in the way is withdrawn."""

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self._next_id = 0
        self._heaps: dict[Side, list[tuple[int, int]]] = {"buy": [], "sell": []}  # (key, id), best first

    def submit(self, owner: str, side: Side, price: int, quantity: int = 1) -> tuple[int, list[Trade]]:
        """Trades what crosses; the rest stays in the book. Gives the order's id and the trades."""
        buying = side == "buy"
        against: Side = "sell" if buying else "buy"
        number = self._next_id
        self._next_id += 1
        trades = []
        while quantity:
            resting = self.best(against)
            if resting is None or (resting.price > price if buying else resting.price < price):
                break
            if resting.owner == owner:
                self.cancel(resting.id)
                continue
            taken = min(quantity, resting.quantity)
            buyer, seller = (owner, resting.owner) if buying else (resting.owner, owner)
            trades.append(Trade(buyer, seller, resting.price, taken, resting.id))
            quantity -= taken
            resting.quantity -= taken
            if not resting.quantity:
                self.cancel(resting.id)
        if quantity:
            self.orders[number] = Order(number, owner, side, price, quantity)
            heapq.heappush(self._heaps[side], (-price if buying else price, number))
        return number, trades

    def best(self, side: Side) -> Order | None:
        """The order of that side which trades first, or None."""
        heap = self._heaps[side]
        while heap and heap[0][1] not in self.orders:
            heapq.heappop(heap)
        return self.orders[heap[0][1]] if heap else None

    def cancel(self, number: int) -> None:
        """Takes an order out; one that is not there is no matter."""
        self.orders.pop(number, None)

    def clear(self) -> None:
        """Takes all orders out."""
        self.orders.clear()
        for heap in self._heaps.values():
            heap.clear()

    def depth(self, side: Side) -> list[tuple[int, int]]:
        """(price, quantity) of one side, best price first."""
        sums: dict[int, int] = {}
        for order in self.orders.values():
            if order.side == side:
                sums[order.price] = sums.get(order.price, 0) + order.quantity
        return sorted(sums.items(), reverse=side == "buy")

    def to_json(self) -> Json:
        return {
            "next_id": self._next_id,
            "orders": [[o.id, o.owner, o.side, o.price, o.quantity] for o in self.orders.values()],
        }

    @classmethod
    def from_json(cls, raw: Json) -> OrderBook:
        book = cls()
        book._next_id = raw["next_id"]
        for number, owner, side, price, quantity in raw["orders"]:
            book.orders[number] = Order(number, owner, side, price, quantity)
            heapq.heappush(book._heaps[side], (-price if side == "buy" else price, number))
        return book
