"""The auction of market-day on the scripted model: who bids for what, why, and what came of it."""

from __future__ import annotations

import json

import pytest
from ask_for_tests import market_day

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.state import state
from burgh.scenarios.ask.why import why
from burgh.sim.protocols import World
from burgh.sim.record import open_log, verify
from burgh.sim.types import Event

TICK = 1290  # 11:05


@pytest.fixture(scope="module")
def past() -> Past:
    return Past.of(market_day(), TICK)


def of_kind(past: Past, kind: str) -> list[Event]:
    return [event for event in past.events if event.kind == kind]


def test_who_needs_the_rope_and_heard_of_the_market_from_another_buys_it(past: Past) -> None:
    rope = next(event for event in of_kind(past, "sold") if event.data["item"] == "a coil of rope")
    assert rope.agent == "Ben"
    heard = next(e for e in past.of_agent("Ben", "memory") if e.data["fact"] == "market")
    assert heard.data["from"] in past.agents


def test_why_of_the_bid_leads_back_to_the_words(past: Past) -> None:
    bid = [event for event in past.of_agent("Ben", "bid") if event.data["lot"] == 0][-1]
    chain = list(why(Past.of(market_day(), bid.tick), "Ben").all())
    assert chain[0].kind == "decided" and "bid" in chain[0].text
    assert {step.agent for step in chain if step.kind == "bid"} <= {"Ben"}  # not what others bid before
    kinds = [step.kind for step in chain]
    assert "staked" in kinds and "lot_opened" in kinds and "planned" in kinds
    texts = " ".join(step.text for step in chain)
    assert "Crier, a voice from outside, says to Anna" in texts
    told = [step for step in chain if step.kind == "said" and step.agent in past.agents]
    assert any("There is a market on the square" in step.text for step in told)
    assert "needs new rope" in texts  # the wish that the bid rests on


def test_coins_and_goods_are_conserved_in_every_tick(past: Past) -> None:
    purses = {event.agent: event.data["money"] for event in of_kind(past, "purse") if event.tick == 0}
    assert sum(purses.values()) == 109
    owned = dict(purses)
    owned["the house"] = 0
    for event in of_kind(past, "paid"):
        owned[event.data["from"]] -= event.data["amount"]
        owned[event.data["to"]] += event.data["amount"]
        assert sum(owned.values()) == 109 and min(owned.values()) >= 0
    for name in past.agents:
        assert state(past, name)["money"] == owned[name]


def test_what_was_bought_is_in_the_state_and_in_the_window(past: Past) -> None:
    from burgh.scenarios.cli.moment import Moment

    sold = of_kind(past, "sold")
    assert sold
    shown = Moment.of(market_day(), TICK)
    for event in sold:
        assert state(past, str(event.agent))["goods"][event.data["item"]] == 1
        assert shown.scene.sale.bidders[str(event.agent)].goods[event.data["item"]] == 1
    assert json.loads(json.dumps(state(past, "Tom")))["goods"] in ({}, {"a basket of apples": 1})


def test_all_who_were_there_remember_who_bought_what(past: Past) -> None:
    cry = next(e for e in of_kind(past, "said") if e.data["fact"] == "lot 1")
    remember = {e.agent for e in of_kind(past, "memory") if e.data["fact"] == "lot 1"}
    assert remember == set(cry.data["heard_by"]) and len(remember) >= 3


def test_each_stake_is_within_the_purse_and_each_bid_within_the_stake(past: Past) -> None:
    staked = {(e.agent, e.data["lot"]): e.data["most"] for e in of_kind(past, "staked")}
    bids = of_kind(past, "bid")
    assert bids and not of_kind(past, "bid_refused") and not of_kind(past, "refused")
    for bid in bids:
        assert bid.data["price"] <= staked[bid.agent, bid.data["lot"]]


def test_the_record_is_whole() -> None:
    assert verify(market_day()).ok
    assert open_log(market_day()).meta["scenario"]["auction"]["auctioneer"] == "Hugo"


def test_the_totals_never_change_while_the_run_goes_on() -> None:
    from burgh.scenarios.load import load_town
    from burgh.scenarios.town import build_town

    world: World = build_town(load_town("market-day", {"model": "scripted"}))
    assert world.facts.conserved == ("money", "goods")
    assert world.snapshot()["totals"] == {"money": 109, "goods": 6}


def test_the_window_shows_the_board_while_the_auction_is_on() -> None:
    import pygame

    from burgh.sim.viewer.hud import Status
    from burgh.sim.viewer.playback import Playback
    from burgh.sim.viewer.source import RecordSource
    from burgh.sim.viewer.text import Fonts
    from burgh.sim.viewer.view import View

    playback = Playback()
    RecordSource(market_day()).feed(playback)
    view, size = View((640, 360)), (640, 360)
    shown = {}
    for tick in (1250, 1270):
        target = pygame.Surface(size, 0, 32)
        view.draw(target, playback, tick, Status(paused=False, speed=1.0, live=False, at_edge=False))
        where = view.board.box(size)
        shown[tick] = pygame.image.tobytes(
            target.subsurface((where.x, where.y, where.width, where.height)), "RGB"
        )
        assert view.board.is_shown(playback.at(tick).sale, tick) == (tick == 1270)
    assert shown[1250] != shown[1270]
    view.select("Anna")
    view.draw(target, playback, 1270, Status(paused=False, speed=None, live=False, at_edge=False))
    anna = playback.at(1270).people["Anna"]
    x, _ = view.camera.to_screen(anna.x + 1, anna.y)
    assert x < view.board.box(view.town.size).x, "who is followed is not behind the board"
    sale = playback.at(1270).sale
    assert Fonts().width(view.board._called(sale, 1270), 12) > 0
    assert view.board._called(sale, sale.prices[-1][0] + 1) == "going once"
    assert view.board._called(sale, sale.prices[-1][0] + 2) == "going twice"
