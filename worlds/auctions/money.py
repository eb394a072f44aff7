"""Money in whole units: who holds how much of it and of which goods, and which prices can be paid."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.sim.types import Json

HOUSE = "the house"  # the auctioneer's account: sells what no agent brought, and takes the fees


class Ledger:
    """Purses and holdings. Nothing is made or lost here: money and goods only pass from one to another.

    money: by owner. goods: by owner, then by name, how many.
    """

    def __init__(self, money: Mapping[str, int], goods: Mapping[str, Mapping[str, int]]) -> None:
        self.money = {HOUSE: 0, **money}
        self.goods = {owner: dict(goods.get(owner, {})) for owner in self.money}

    def pay(self, payer: str, payee: str, amount: int) -> None:
        assert 0 <= amount <= self.money[payer], f"{payer} cannot pay {amount}"
        self.money[payer] -= amount
        self.money[payee] += amount

    def give(self, giver: str, taker: str, good: str, count: int = 1) -> None:
        assert 0 <= count <= self.goods[giver].get(good, 0), f"{giver} has not {count} of {good}"
        self.goods[giver][good] -= count
        if not self.goods[giver][good]:
            del self.goods[giver][good]
        self.goods[taker][good] = self.goods[taker].get(good, 0) + count

    @property
    def totals(self) -> dict[str, int]:
        """The sums that never change."""
        goods = sum(count for held in self.goods.values() for count in held.values())
        return {"money": sum(self.money.values()), "goods": goods}

    def to_json(self) -> Json:
        return {"money": dict(self.money), "goods": {owner: dict(held) for owner, held in self.goods.items()}}

    @classmethod
    def from_json(cls, raw: Json) -> Ledger:
        return cls(raw["money"], raw["goods"])


def price_fault(price: Json, *, least: int, most: int, step: int, bound: str = "reserve") -> str:
    """What is wrong with a price, or "". bound: what `least` is: the reserve, or the price to outbid."""
    if isinstance(price, bool) or not isinstance(price, int):
        return "not a whole number"
    if price < 0:
        return "negative"
    if price > most:
        return "over the purse"
    if price < least:
        return f"under the {bound}"
    if price % step:
        return f"not a multiple of {step}"
    return ""


def round_up(amount: int, step: int) -> int:
    """The next multiple of a step."""
    return -(-amount // step) * step
