"""What was answered at a sale, an exchange or a storefront, in words: as what comes after "decides to"."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.sim.types import Json

ACTS = {
    "pass": "pass",
    "take": "take it at the price of the clock",
    "wait": "wait for a lower price",
    "stay": "stay in at the price of the clock",
    "leave": "leave",
    "accept": "accept the offer",
    "rest": "pitch no offer",
}
PAUSE, NO_OFFER = "pause", "none"


def answer_words(answer: Json, *, sells: bool = False) -> str:
    """An answer in words; "" for one of none of these kinds. sells: it is a seller's."""
    if not isinstance(answer, Mapping):
        return ""
    if "rule" in answer:
        return _setting(answer)
    if set(answer) == {"offer"}:
        return "take no offer" if answer["offer"] == NO_OFFER else f"take the offer of {answer['offer']}"
    act = answer.get("act")
    if act == "bid":
        return _bid(answer, sells=sells)
    if act == "pitch":
        price, claim = _number(answer.get("price")), _number(answer.get("claim"))
        return f"ask {price} and claim {claim} of 100: “{answer.get('words', '')}”"
    return ACTS.get(str(act), "")


def setting_words(setting: Mapping[str, Json]) -> str:
    """How a campaign bids: "linear 70, 50% of all"."""
    said = str(setting["rule"])
    if "price" in setting:
        said += f" {_number(setting['price'])}"
    if "click" in setting:
        said += f", {_number(setting['click'])} a click"
    if setting.get("pace", 100) != 100:
        said += f", {setting['pace']}% of all"
    return said


def _setting(answer: Mapping[str, Json]) -> str:
    return "pause" if answer["rule"] == PAUSE else f"bid {setting_words(answer)}"


def _bid(answer: Mapping[str, Json], *, sells: bool) -> str:
    verb = "ask" if sells else "bid"
    if "price" in answer:
        return f"{verb} {_number(answer['price'])}"
    named = [f"{_number(price)} for {name}" for name, price in answer.items() if name != "act" and price]
    return f"{verb} {', '.join(named) or 'nothing'}"


def _number(value: Json) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
