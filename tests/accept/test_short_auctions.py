"""Auctions on the embedded model, short ones: a sale of three lots, and an auction in a town."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from burgh.agents.llm.load import load_model
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.why import why
from burgh.scenarios.load import check_scenario
from burgh.scenarios.run import run_scenario
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.protocols import LanguageModel
from burgh.sim.record import open_log, verify
from burgh.sim.types import Event

pytestmark = [pytest.mark.accept, pytest.mark.timeout(0)]

HOUSE = """
name: three-lots
description: Three bidders on the language model, three lots.
start: 2026-05-04 11:00
seed: 7
model: smollm2-135m
world:
  kind: sequential
  budget: 5000
  lots: [{item: a silver cup, start: 1000}, {item: a clock, start: 2000}, {item: a carpet, start: 1000}]
mind: {kind: llm}
agents:
  - {name: Agnes, mind: {kind: llm, profile: Agnes wants to gain as much money as she can.}}
  - {name: Clara, mind: {kind: llm, profile: Clara is careful and never pays much.}}
  - {name: Dario, mind: {kind: llm, profile: Dario is bold and hates to lose.}}
"""

TOWN = """
name: short-market
description: A crier tells one of two in the tavern of the market; the other needs rope.
start: 2026-05-04 10:33
until: 2026-05-04 11:04
seed: 7
model: smollm2-135m
world: {kind: town, map: village}
facts:
  market: {text: There is a market on the square at 11:00 today., place: "Burgh : Market Square", at: "11:00"}
happenings:
  - at: "10:39"
    speaker: Crier
    to: Greta
    fact: market
    say: There is a market on the square at 11:00 today.
auction:
  at: "11:00"
  place: "Burgh : Market Square"
  auctioneer: Hugo
  reserve: 2
  lots: [{item: a coil of rope, usual: 8}, {item: a basket of apples, usual: 10}]
agents:
  - name: Greta
    age: 45
    job: tavern keeper
    home: "Burgh : Tavern : Taproom"
    coins: 30
    wishes: [Greta needs apples for her cider.]
    memories: [The mugs hang over the bar.]
    day: [{at: "10:30", minutes: 60, place: "Burgh : Tavern : Taproom", doing: [serving cider]}]
  - name: Ben
    age: 41
    job: carpenter
    home: "Burgh : Willow Cottage : Kitchen"
    coins: 18
    memories: [The planks in the workshop are dry., Ben needs new rope.]
    day: [{at: "10:30", minutes: 60, place: "Burgh : Tavern : Taproom", doing: [drinking cider]}]
"""


@cache
def model() -> LanguageModel:
    return load_model("smollm2-135m")


def played(text: str, folder: Path) -> list[Event]:
    run_scenario(check_scenario(parse_yaml(text, "test.yaml")), folder, model=model())
    assert verify(folder).ok
    return list(open_log(folder).events())


def of_kind(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind == kind]


def test_a_sale_by_language_bidders_is_legal_and_plans_are_revised(tmp_path: Path) -> None:
    events = played(HOUSE, tmp_path / "house")
    assert not of_kind(events, "refused") and not of_kind(events, "bid_refused")
    bids = of_kind(events, "bid")
    assert bids
    left = {event.agent: event.data["money"] for event in of_kind(events, "purse")}
    for event in events:
        if event.kind == "bid":
            assert event.data["price"] <= left[event.agent]
        elif event.kind == "paid":
            left[event.agent] -= event.data["amount"]
    changed = [(event.agent, event.data["changed"]) for event in of_kind(events, "sale_plan")]
    for name in ("Agnes", "Clara", "Dario"):
        assert (name, "first") in changed and (name, "revised") in changed
    assert of_kind(events, "believed")


def test_who_heard_of_the_market_from_another_buys_and_why_leads_to_the_words(tmp_path: Path) -> None:
    events = played(TOWN, tmp_path / "town")
    heard = next(e for e in of_kind(events, "memory") if e.agent == "Ben" and e.data["fact"] == "market")
    assert heard.data["from"] == "Greta"
    sold = [event for event in of_kind(events, "sold") if event.agent == "Ben"]
    assert sold, [(event.agent, event.data["item"]) for event in of_kind(events, "sold")]
    bid = [e for e in of_kind(events, "bid") if e.agent == "Ben" and e.data["lot"] == sold[0].data["lot"]][-1]
    steps = list(why(Past.of(tmp_path / "town", bid.tick), "Ben").all())
    assert heard.causes[0] in {step.event for step in steps}
