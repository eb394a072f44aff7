"""The exchange and the storefront in the window and by `show`: every moment can be drawn at any size."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pygame
import pytest

from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.cli.moment import Moment, print_town
from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import run_scenario
from burgh.sim.clock import Clock
from burgh.sim.record import open_log
from burgh.sim.types import Event, Json
from burgh.sim.viewer import shop, trade
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.counter import _pieces
from burgh.sim.viewer.figures import rounds_of, times_of
from burgh.sim.viewer.hall import Hall
from burgh.sim.viewer.history import FILTERS
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.source import RecordSource
from burgh.sim.viewer.store import pack, unpack
from burgh.sim.viewer.view import View
from burgh.sim.viewer.wording import told


@pytest.fixture(scope="module", params=["exchange", "storefront"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("runs") / request.param
    scenario = load_scenario(request.param, {"model": "scripted"}).until_ticks(12)
    run_scenario(scenario, made, model=ScriptedModel(7))
    return made


def drawn(playback: Playback, tick: int, size: tuple[int, int] = (640, 360)) -> pygame.Surface:
    target = pygame.Surface(size, 0, 32)
    View(size).draw(target, playback, tick, Status(paused=False, speed=1.0, live=False, at_edge=False))
    return target


def test_moments_are_drawn_and_differ(folder: Path) -> None:
    playback = Playback()
    RecordSource(folder).feed(playback)
    pictures = [pygame.image.tobytes(drawn(playback, tick), "RGB") for tick in (0, 1, 4, 11)]
    assert len(set(pictures)) == 4
    for size in ((64, 64), (200, 900), (1920, 1080)):
        assert drawn(playback, 9, size).get_size() == size


def test_in_a_small_window_no_words_of_a_sheet_stand_over_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    playback = Playback()
    RecordSource(folder).feed(playback)
    written: list[tuple[str, pygame.Rect]] = []
    write = Hall._write

    def noted(
        hall: Hall, target: pygame.Surface, text: str, at: tuple[int, int], *given: Any, **how: Any
    ) -> None:
        write(hall, target, text, at, *given, **how)
        size = given[0] if given else 13
        shown = hall.fonts.wrap(text, size, how["width"], 1)[0] if how.get("width") else text
        wide, high = hall.fonts.width(shown, size), hall.fonts.height(size)
        box = pygame.Rect(at[0] - wide if how.get("right") else at[0], at[1], wide, high)
        written.append((shown, box.inflate(-2, -high // 2)))  # the letters, not the room around them

    monkeypatch.setattr(Hall, "_write", noted)
    for tick in (4, 11):
        written.clear()
        drawn(playback, tick, (480, 320))
        for n, (one, box) in enumerate(written):
            assert not [
                other for other, there in written[n + 1 :] if one and other and box.colliderect(there)
            ], one


def test_a_moment_is_told_as_a_table_and_as_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moment = Moment.of(folder)
    print_town(moment)
    told = capsys.readouterr().out
    view = moment.to_json()[folder.name]
    names = view["campaigns"] if folder.name == "exchange" else view["providers"]
    assert all(name in told for name in names)
    money = {"exchange": "purse", "storefront": "asks"}[folder.name]
    assert money in told


def test_views_add_up_from_events() -> None:
    told = {"pricing": "second-price", "periods": 2, "campaigns": ["Ann"]}
    view, _ = trade.apply(trade.NO_TRADE, Event("0.world.0", "exchange", None, told)) or (None, "")
    assert view is not None
    events = [
        Event("0.world.1", "budget", "Ann", {"money": 100, "click_value": 50}),
        Event(
            "1.world.0", "campaign", "Ann", {"period": 0, "rule": "ortb", "price": 9, "click": 70, "pace": 40}
        ),
        Event("1.world.2", "result", "Ann", {"spent": 30, "bids": 9, "won": 4, "clicks": 1, "stopped": None}),
    ]
    for event in events:
        view, _ = trade.apply(view, event) or (view, "")
    one = view.campaigns["Ann"]
    assert (one.money, one.profit, one.setting) == (70, 20, "ortb 9, 70 a click, 40% of all")
    assert trade.apply(view, Event("1.world.9", "said", "Ann", {})) is None
    assert shop.apply(shop.NO_SHOP, events[0]) is None  # a purse of another world


def test_charts_are_marked_with_round_times_and_rounds() -> None:
    day = times_of(Clock(datetime(2026, 5, 4, 5, 30), 1800), 36)
    assert [mark for mark in day if mark] == ["06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]
    assert day[0] == "06:00" and len(day) == 36
    assert times_of(Clock(datetime(2026, 5, 4, 9, 0), 60), 3) == ["", "", "09:03"]
    assert times_of(Clock(datetime(2026, 5, 4, 9, 0), 60), 0) == []
    assert [mark for mark in rounds_of(20) if mark] == ["5", "10", "15", "20"]
    assert rounds_of(3) == ["1", "2", "3"] and rounds_of(0) == []


def test_curves_are_broken_where_there_is_nothing() -> None:
    assert _pieces([None, 1.0, 2.0, None, 3.0]) == [[(1, 1.0), (2, 2.0)], [(4, 3.0)]]
    assert _pieces([None]) == [] and _pieces([]) == []


def test_a_state_is_kept_whole_in_the_index(folder: Path) -> None:
    builder = SceneBuilder()
    for event in open_log(folder).events():
        builder.apply(event)
    kept = builder.keep()
    again = SceneBuilder.of(unpack(pack(kept)), builder.town)
    assert again.keep() == kept
    assert again.trade.is_there or again.shop.is_there


def test_what_is_dealt_is_in_the_list_of_events() -> None:
    """It stood beside the hall only: the list held the start and the end of such a run."""
    assert {"offered", "chosen", "bought", "campaign", "period"} <= {*FILTERS[0][1]} & {*FILTERS[-1][1]}
    happened: list[tuple[str, str | None, dict[str, Json]]] = [
        ("offered", "Ann", {"price": 1200, "claim": 60, "words": "Good."}),
        ("chosen", "Cid", {"provider": "Ann"}),
        ("chosen", "Cid", {"provider": None}),
        ("bought", "Ann", {"price": 1200, "quality": 66, "value": 1300, "stars": 4}),
        ("campaign", "Ben", {"rule": "linear", "price": 25}),
        ("period", None, {"impressions": 6535, "sold": 1279, "revenue": 75358}),
    ]
    said = [told(Event(f"1.world.{n}", *one)) for n, one in enumerate(happened)]
    assert said == [
        "Ann asks 1,200, claims 60: “Good.”",
        "Cid takes the offer of Ann",
        "Cid takes no offer",
        "bought from Ann for 1,200: quality 66 of 100, worth 1,300: 4 of 5 stars",
        "Ben bids: linear 25",
        "6,535 impressions: 1,279 go to campaigns, for 75,358",
    ]
