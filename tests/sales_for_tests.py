"""Small sales of every format, as scenarios."""

from __future__ import annotations

from pathlib import Path

from burgh.scenarios.load import check_scenario
from burgh.scenarios.spec import Basis
from burgh.scenarios.yaml import parse_yaml

HOUSE_SALES = {
    "first-price": "",
    "second-price": "",
    "third-price": "",
    "all-pay": "",
    "kth-price": "rank: 2",
    "dutch": "notch: 20",
    "english-clock": "notch: 20",
    "english": "raise_percent: 10, reserve: 20, max_rounds: 30",
    "sequential": "",
    "uniform-price": "units: 2",
    "discriminatory": "units: 2",
    "vcg": "items: [apples, bread]",
    "gsp": "clicks: [20, 10]",
    "position-vcg": "clicks: [20, 10]",
}
MARKETS = {"call-market": "", "double-auction": "rounds: 8", "bargaining": "rounds: 4"}
FORMATS = (*HOUSE_SALES, *MARKETS)


def text(kind: str, *, mind: str = "truthful", more: str = "", games: int = 1) -> str:
    """A scenario of that format as YAML: three bidders, or a buyer and a seller."""
    own = {**HOUSE_SALES, **MARKETS}[kind]
    law = "" if kind == "sequential" else "values: {law: uniform, low: 0, high: 201}"
    parts = ", ".join(part for part in (f"kind: {kind}, games: {games}", law, own, more) if part)
    if kind in MARKETS:
        agents = ["{name: Ann, side: buy}", "{name: Ben, side: sell}"]
    else:
        agents = ["{name: Ann}", "{name: Ben}", "{name: Cid}"]
    lines = "\n".join(f"  - {agent}" for agent in agents)
    return f"""name: small-sale
description: A small sale.
start: 2026-05-04 11:00
seed: 3
model: scripted
world: {{{parts}}}
mind: {{kind: {mind}}}
agents:
{lines}
"""


def sale(written: str) -> Basis:
    """The scenario of a text."""
    return check_scenario(parse_yaml(written, "sale.yaml"), Path())
