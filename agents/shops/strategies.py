"""Scripted providers and customers: what each says to what it is shown."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from burgh.sim.spec import clean_text
from burgh.sim.types import Json

State = Mapping[str, Json]
REST: Json = {"act": "rest"}
NONE: Json = {"offer": "none"}
BEST, STARS = 100, 5
PRIOR = 2  # purchases: how much a claim weighs beside what was rated or remembered
LEAST_SHARE = 10  # percent of what the customer gains: for less nobody undercuts
WORDS_CHARS = 320


class Strategy(ABC):
    """A way to pitch, or to choose."""

    @abstractmethod
    def answer(self, state: State, rng: random.Random) -> Json:
        """A legal answer."""


def value_of(state: State, quality: float) -> float:
    """What a quality is worth to the customer."""
    return float(state["worth"]) * quality / BEST


def in_tens(quality: float) -> int:
    return min(max(round(quality / 10) * 10, 0), BEST)


def pitch(state: State, price: float, claim: int, words: str) -> Json:
    """An offer with its price cut to what is legal; nothing is offered where that is under its cost."""
    least = max(int(state["least"]), int(state["cost"]))
    if least > state["most_price"]:
        return REST
    price = min(max(round(price), least), int(state["most_price"]))
    return {"act": "pitch", "price": price, "claim": claim, "words": clean_text(words, WORDS_CHARS)}


@dataclass(frozen=True)
class Honest(Strategy):
    """Claims what is so, and asks for its cost and a share of what the customer gains. percent: that
    share."""

    percent: int = 50

    def answer(self, state: State, rng: random.Random) -> Json:
        claim, cost = in_tens(state["quality"]), float(state["cost"])
        price = cost + (value_of(state, state["quality"]) - cost) * self.percent / 100
        return pitch(state, price, claim, f"Plain and as it is: {claim} of 100.")


@dataclass(frozen=True)
class Puffing(Strategy):
    """Claims the best there is, and asks for as much as an honest one of that quality would."""

    percent: int = 50

    def answer(self, state: State, rng: random.Random) -> Json:
        cost = float(state["cost"])
        price = cost + (value_of(state, BEST) - cost) * self.percent / 100
        return pitch(state, price, BEST, "The best there is. You will not find a better one anywhere.")


@dataclass(frozen=True)
class Undercutting(Strategy):
    """Claims what is so, and asks for a little less than the cheapest other of the round before."""

    percent: int = 50

    def answer(self, state: State, rng: random.Random) -> Json:
        claim = in_tens(state["quality"])
        others = [int(one["price"]) for one in state["last"] if one["provider"] != state["name"]]
        if not others:
            return Honest(self.percent).answer(state, rng)
        cost = float(state["cost"])
        least = cost + (value_of(state, state["quality"]) - cost) * LEAST_SHARE / 100
        return pitch(state, max(min(others) - 1, least), claim, "Cheaper than all the others.")


@dataclass(frozen=True)
class RandomPitch(Strategy):
    """Any claim at any price that covers the cost."""

    def answer(self, state: State, rng: random.Random) -> Json:
        price = rng.randint(min(int(state["cost"]), int(state["most_price"])), int(state["most_price"]))
        return pitch(state, price, rng.randrange(0, BEST + 1, 10), "Have a look at this one.")


def expected_quality(state: State, offer: State, *, memory: bool = True) -> float:
    """The claim, drawn towards what the stars of others and the own purchases say of that provider."""
    weight, total = float(PRIOR), PRIOR * float(offer["claim"])
    own = [one for one in state["history"] if memory and one["provider"] == offer["provider"]]
    sold, stars = state["ratings"].get(offer["provider"], (0, 0))
    others = max(sold - len(own), 0)
    if sold and others:
        weight += others
        total += others * (stars / sold - 0.5) * BEST / STARS
    weight += 2 * len(own)
    total += 2 * sum(one["quality"] for one in own)
    return float(total / weight)


@dataclass(frozen=True)
class ByValue(Strategy):
    """Takes what promises most for its price: by claims, stars and memory. Nothing, where all promise a
    loss."""

    def answer(self, state: State, rng: random.Random) -> Json:
        gains = {
            one["provider"]: value_of(state, expected_quality(state, one)) - one["price"]
            for one in state["offers"]
        }
        return _most(gains, rng)


@dataclass(frozen=True)
class Trusting(Strategy):
    """Takes what promises most by what is claimed, and learns nothing."""

    def answer(self, state: State, rng: random.Random) -> Json:
        gains = {one["provider"]: value_of(state, one["claim"]) - one["price"] for one in state["offers"]}
        return _most(gains, rng)


@dataclass(frozen=True)
class Cheapest(Strategy):
    """Takes the lowest price."""

    def answer(self, state: State, rng: random.Random) -> Json:
        return _most({one["provider"]: -float(one["price"]) for one in state["offers"]}, rng, least=None)


@dataclass(frozen=True)
class First(Strategy):
    """Takes what is shown first: the worst bias of order that there can be."""

    def answer(self, state: State, rng: random.Random) -> Json:
        return {"offer": state["offers"][0]["provider"]} if state["offers"] else NONE


@dataclass(frozen=True)
class Anyone(Strategy):
    """Takes any offer, each as likely: no bias of order at all."""

    def answer(self, state: State, rng: random.Random) -> Json:
        return {"offer": rng.choice(state["offers"])["provider"]} if state["offers"] else NONE


def _most(gains: Mapping[str, float], rng: random.Random, least: float | None = 0.0) -> Json:
    """The provider of the greatest gain; of several one by lot."""
    top = max(gains.values(), default=0.0)
    if not gains or (least is not None and top < least):
        return NONE
    return {"offer": rng.choice([name for name, gain in gains.items() if gain == top])}
