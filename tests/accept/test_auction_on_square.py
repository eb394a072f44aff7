"""The auction of market-day on the embedded model: sold to those who heard of the market from one another.

One whole morning, seed 7, read from its record alone. Stated before any run:

1. At least one lot is sold to a villager who first heard of the market from another villager, within earshot.
2. `why` on that villager's last bid for the lot leads back, through the plan that brought it there, to the
   words in which it was told of the market.
3. Coins are conserved: what the record says of purses and payments adds up in every tick, and nobody pays
   what is not there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.why import Step, why
from burgh.scenarios.load import load_town
from burgh.scenarios.run import run_scenario
from burgh.scenarios.spread import spread
from burgh.sim.record import open_log, verify
from burgh.sim.types import Event

pytestmark = [pytest.mark.accept, pytest.mark.timeout(0)]

HOUSE = "the house"


def sales(folder: Path) -> Iterator[tuple[Event, str, tuple[Step, ...]]]:
    """Each lot sold to a villager who heard of the market from another: the sale, the id of the words, and
    the steps behind the buyer's last bid for it."""
    log = open_log(folder)
    events = list(log.events())
    scenario = load_town("market-day")
    heard = {one.agent: one.utterance for one in spread(log, scenario, "market").hearings}
    for sold in (event for event in events if event.kind == "sold" and event.agent in heard):
        bid = [
            event
            for event in events
            if event.kind == "bid" and event.agent == sold.agent and event.data["lot"] == sold.data["lot"]
        ][-1]
        past = Past.of(folder, bid.tick)
        yield sold, heard[str(sold.agent)], tuple(why(past, str(sold.agent)).all())


def conserved(folder: Path) -> bool:
    """Whether coins only changed hands, and nobody ever owed any."""
    log = open_log(folder)
    money = dict.fromkeys((*log.started.data["agents"], HOUSE), 0)
    for event in log.events():
        if event.kind == "purse" and event.tick == 0:
            money[str(event.agent)] = event.data["money"]
        elif event.kind == "purse" and money[str(event.agent)] != event.data["money"]:
            return False
        elif event.kind == "paid":
            money[event.data["from"]] -= event.data["amount"]
            money[event.data["to"]] += event.data["amount"]
            if min(money.values()) < 0:
                return False
    return True


def told(folder: Path) -> list[str]:
    """What came of it, in lines."""
    lines = [f"{'conserved' if conserved(folder) else 'NOT conserved'}: coins in {folder.name}"]
    for sold, words, steps in sales(folder):
        lines.append(f"{sold.agent} buys {sold.data['item']} for {sold.data['price']}; why:")
        lines += [
            f"  {'* ' if step.event == words else ''}{step.text}"
            for step in steps
            if step.kind != "retrieved"
        ]
    return lines


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("auction") / "market-day"
    return run_scenario(load_town("market-day"), folder).folder


def test_a_lot_is_sold_to_one_who_heard_from_another_and_why_says_so(
    morning: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *told(morning), ""]))
    found = list(sales(morning))
    assert found, "no lot was sold to a villager who heard of the market from another"
    assert any(words in {step.event for step in steps} for _, words, steps in found)


def test_coins_are_conserved(morning: Path) -> None:
    assert conserved(morning) and verify(morning).ok
