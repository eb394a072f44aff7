"""From a price to an answer: what someone who would pay so much says in each format."""

from __future__ import annotations

import re
from collections.abc import Callable

from burgh.sim.types import Json

PASS: Json = {"act": "pass"}
Price = Callable[
    [int], int
]  # the most that one pays for a thing of that value; for a seller the least one asks


def rule_name(rule: object) -> str:
    """What a rule is called, by its class: "zero-intelligence"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(rule).__name__).lower()


def answer_of(state: Json, price: Price) -> Json:
    """The answer in the format that the state names. Prices are cut to what is legal: to the step, to the
    purse; under the least price one passes."""
    kind = state["format"]
    if kind == "dutch":
        return {"act": "take" if price(state["value"]) >= state["price"] else "wait"}
    if kind == "english-clock":
        return {"act": "stay" if price(state["value"]) >= state["price"] else "leave"}
    if kind in ("english", "sequential"):
        least = fit(state, state["least"], up=True)
        return bid(least) if least <= min(price(state["value"]), state["most"]) else PASS
    if kind in ("uniform-price", "discriminatory"):
        return _units(state, price)
    if kind == "vcg":
        return _bundles(state, price)
    if kind == "bargaining" and state["offer"] is not None:
        return _haggle(state, price)
    return one_price(state, price(state["value"]))


def bid(price: int) -> Json:
    return {"act": "bid", "price": price}


def one_price(state: Json, price: int) -> Json:
    """A bid of that price, cut to what is legal, or a pass."""
    selling = state.get("side") == "sell"
    least = fit(state, state["least"], up=True)
    price = min(fit(state, price, up=selling), fit(state, state["most"]))
    if selling:
        price = max(price, least)
    return bid(price) if least <= price else PASS


def fit(state: Json, price: int, *, up: bool = False) -> int:
    """A price on the step below, or above."""
    step = int(state["step"])
    return -(-price // step) * step if up else price // step * step


def _units(state: Json, price: Price) -> Json:
    left = state["most"]
    answer: dict[str, Json] = {"act": "bid"}
    for n, value in enumerate(state["values"]):
        offer = fit(state, min(price(value), left))
        offer = 0 if offer < state["least"] else max(offer, 0)
        answer[f"unit {n + 1}"] = offer
        left -= offer
    return answer if any(answer[key] for key in answer if key != "act") else PASS


def _bundles(state: Json, price: Price) -> Json:
    answer: dict[str, Json] = {"act": "bid"}
    for bundle, value in state["values"].items():
        offer = fit(state, min(price(value), state["most"]))
        answer[bundle] = 0 if offer < state["least"] * len(bundle.split(" + ")) else max(offer, 0)
    return answer if any(answer[bundle] for bundle in state["values"]) else PASS


def _haggle(state: Json, price: Price) -> Json:
    """Takes an offer that is good enough, else names the own price as long as it may."""
    own, offer = price(state["value"]), state["offer"]
    buys = state["side"] == "buy"
    if offer <= min(own, state["most"]) if buys else offer >= own:
        return {"act": "accept"}
    return one_price(state, own) if state["rounds_left"] > 0 else PASS
