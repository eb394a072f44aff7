"""Scripted ways to bid: each says what it would pay, or answers by itself."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from burgh.agents.bidders import equilibrium
from burgh.agents.bidders.answers import PASS, answer_of, bid, fit, one_price
from burgh.agents.bidders.laws import Reals
from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Json

TRUTHFUL = {"second-price", "english", "english-clock", "vcg", "position-vcg", "uniform-price"}


class Strategy(ABC):
    """A way to bid. It keeps nothing: `bids` says how often one has bid for the open lot."""

    @abstractmethod
    def price(self, value: int, state: Json, rng: random.Random) -> int:
        """The most it pays for a thing of that value (a seller: the least it asks), in whole units."""

    def answer(self, state: Json, spec: ActionSpec, rng: random.Random, bids: int) -> Json:
        return answer_of(state, lambda value: self.price(value, state, rng))


@dataclass(frozen=True)
class Truthful(Strategy):
    """Bids what it is worth."""

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        return value


@dataclass(frozen=True)
class Shading(Strategy):
    """Bids a percentage of its value; a seller asks so much less of the way from its cost to the top."""

    percent: int

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        if state.get("side") == "sell":
            return value + (int(state["ceiling"]) - value) * (100 - self.percent) // 100
        return value * self.percent // 100


@dataclass(frozen=True)
class Equilibrium(Strategy):
    """Bids as in the symmetric equilibrium of the format. Raises BurghError where none is known.

    Entry fees and budgets are not taken into account.
    """

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        return round(equilibrium_bid(float(value), state))


def equilibrium_bid(value: float, state: Json) -> float:
    """The equilibrium bid, not yet rounded."""
    kind, n, law = state["format"], int(state["others"]) + 1, state["law"]
    values = np.array([value])
    dependence, rank = law["values"], int(state.get("rank", 1))
    if dependence in ("common", "sum of signals"):
        return _common(kind, values, n, law)
    if (kind in TRUTHFUL and state.get("demand", 1) == 1) or (kind.endswith("-price") and rank == 2):
        return value
    if kind == "call-market" and n == 2:
        return float(equilibrium.half_way_trade(values, law, buys=state["side"] == "buy")[0])
    if dependence == "private":
        if kind in ("first-price", "dutch"):
            return float(equilibrium.first_price(values, n, law, state["reserve"])[0])
        if kind == "all-pay":
            return float(equilibrium.all_pay(values, n, law, state["reserve"])[0])
        if kind.endswith("-price") and rank > 2 and not state["reserve"]:
            return float(equilibrium.kth_price(values, n, law, rank)[0])
        if kind == "discriminatory" and state["demand"] == 1:
            return float(equilibrium.discriminatory(values, n, law, state["units"])[0])
    raise BurghError(f"no equilibrium is known of {kind} with {n} bidders and {dependence} values")


def _common(kind: str, values: Reals, n: int, law: Json) -> float:
    """Equilibria with a common worth."""
    if law["values"] == "sum of signals" and kind == "second-price":
        return float(equilibrium.sum_second_price(values, n, law)[0])
    if law["values"] == "common" and kind in ("first-price", "dutch"):
        return float(equilibrium.common_first_price(values, n, law)[0])
    if law["values"] == "common" and kind == "second-price":
        return float(equilibrium.common_second_price(values, n, law)[0])
    raise BurghError(f"no equilibrium is known of {kind} with {n} bidders and {law['values']} values")


@dataclass(frozen=True)
class BestResponse(Strategy):
    """The best bid against the highest rival bids of the lots before, each as likely again.

    For first price and all-pay, where sealed bids are revealed; truthful until it has seen two lots bid
    for (less a half, where one pays one's bid), and in any other format.
    """

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        kind = state["format"]
        if kind not in ("first-price", "all-pay"):
            return value
        own = state["name"]
        rivals = [
            max((price for name, price in sale["bids"].items() if name != own), default=-1)
            for sale in state["history"]
            if "bids" in sale
        ]
        if len(rivals) < 2:
            return value // 2
        least, step = fit(state, state["least"], up=True), int(state["step"])
        over = {max(fit(state, rival + 1, up=True), least) for rival in rivals} | {least}
        offers = sorted(offer for offer in over if offer <= value + step)

        def gain(offer: int) -> float:
            chance = sum((rival < offer) + 0.5 * (rival == offer) for rival in rivals) / len(rivals)
            return value * chance - offer * (1.0 if kind == "all-pay" else chance)

        best = max(offers, key=gain, default=least)
        return best if gain(best) >= 0 else -1


@dataclass(frozen=True)
class ZeroIntelligence(Strategy):
    """Any price that loses nothing, each as likely (ZI-C: Gode and Sunder 1993)."""

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        if state.get("side") == "sell":
            return rng.randint(min(value, state["ceiling"]), state["ceiling"])
        return rng.randint(0, max(value, 0))


@dataclass(frozen=True)
class Rule(Strategy):
    """The rule bidder of AucArena: at the least raise while that is within its value, but at most so many
    bids for one item."""

    most_bids: int = 4

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        return value

    def answer(self, state: Json, spec: ActionSpec, rng: random.Random, bids: int) -> Json:
        if bids >= self.most_bids and state["format"] in ("english", "sequential"):
            return PASS
        return super().answer(state, spec, rng, bids)


@dataclass(frozen=True)
class Sniper(Strategy):
    """Waits for the last moment, then makes the least raise, if that is within its value.

    In the last rounds of a double auction it takes the other side's best price, if that is within its value;
    else it is the best of its own side by a step. Where passing is final, and in formats without a last
    moment, it bids at once.
    """

    last_rounds: int = 2

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        return value

    def answer(self, state: Json, spec: ActionSpec, rng: random.Random, bids: int) -> Json:
        kind = state["format"]
        if kind == "double-auction":
            return self._take(state)
        if kind == "english" and not state["final_pass"]:
            hard = state["rounds_left"] is not None
            if state["rounds_left"] > 0 if hard else state["calls_left"] > 1:
                return PASS
        return super().answer(state, spec, rng, bids)

    def _take(self, state: Json) -> Json:
        if state["rounds_left"] >= self.last_rounds:
            return PASS
        buys, step = state["side"] == "buy", int(state["step"])
        theirs, ours = state["best_ask"], state["best_bid"]
        theirs, ours = (theirs, ours) if buys else (ours, theirs)
        limit = fit(state, min(state["value"], state["most"]) if buys else state["value"], up=not buys)
        if theirs is not None and (theirs <= limit if buys else theirs >= limit):
            return bid(theirs)
        if ours is None:
            return one_price(state, limit)
        if ours == state["live"]:
            return PASS
        price = ours + step if buys else ours - step
        return one_price(state, price) if (price <= limit if buys else price >= limit) else PASS


@dataclass(frozen=True)
class Random(Strategy):
    """Any legal answer."""

    def price(self, value: int, state: Json, rng: random.Random) -> int:
        return rng.randint(0, max(int(state["most"]), 0))

    def answer(self, state: Json, spec: ActionSpec, rng: random.Random, bids: int) -> Json:
        return spec.sample(rng)
