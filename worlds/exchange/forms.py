"""What a campaign may be set to, as a form; and the bids that follow from it.

Rules, with p the believed click rate of an impression: `constant` bids its price; `random` any price up to
it; `max-cpc` p times its price of a click; `linear` its price for an impression of average click rate, and
in proportion for others; `ortb` sqrt(c k p + c**2) - c, with c its price and k its price of a click (Zhang
et al. 2014: best where a bid b wins with probability b / (c + b), with 1/k the multiplier of the budget).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from burgh.sim.spec import Choice, Depends, Form, Number
from burgh.sim.types import Json
from burgh.worlds.exchange.stream import Ints, Reals

PAUSE = "pause"
PRICED = ("constant", "random", "linear", "ortb")
BY_CLICK = ("max-cpc", "ortb")
RULES = (PAUSE, "constant", "random", "max-cpc", "linear", "ortb")
PAUSED: Mapping[str, Json] = {"rule": PAUSE}
WAIT = Form((("rule", Choice("The day is over.", (PAUSE,))),))


def setting_form(most_bid: int, most_click: int) -> Form:
    """What a campaign manager answers, once a period. most_bid, most_click: the highest legal prices."""
    price = {rule: Number("At what price?", int(rule == "ortb"), most_bid) for rule in PRICED}
    click = {rule: Number("What for a click?", 0, most_click) for rule in BY_CLICK}
    pace = {rule: Number("For how many of a hundred impressions?", 1, 100) for rule in RULES if rule != PAUSE}
    return Form(
        (
            ("rule", Choice("How does the campaign bid?", RULES)),
            ("price", Depends("rule", price)),
            ("click", Depends("rule", click)),
            ("pace", Depends("rule", pace)),
        )
    )


def bids_of(setting: Mapping[str, Json], rates: Reals, mean_rate: float, most_bid: int) -> Ints:
    """(cells,): what it bids for an impression of each cell, in whole units. rates: (cells,), believed.

    `random` bids its top price here: the draw is made for each impression.
    """
    rule, price = setting["rule"], float(setting.get("price", 0))
    if rule in ("constant", "random"):
        bids = np.full(rates.shape, price)
    elif rule == "max-cpc":
        bids = rates * float(setting["click"])
    elif rule == "linear":
        bids = rates * (price / mean_rate if mean_rate > 0 else 0.0)
    elif rule == "ortb":
        bids = np.sqrt(price * float(setting["click"]) * rates + price**2) - price
    else:
        bids = np.zeros(rates.shape)
    return np.asarray(np.clip(np.rint(bids), 0, most_bid), np.int32)
