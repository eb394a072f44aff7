"""The auction room in the window: what it says, and that every moment of a sale can be drawn at any size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pygame
import pytest

from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import run_scenario
from burgh.sim.viewer.board import Board
from burgh.sim.viewer.figures import bid_said, lot_said, round_said
from burgh.sim.viewer.hall import Hall
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.sale import Bid, LotView, SaleView, format_name, standing
from burgh.sim.viewer.source import RecordSource
from burgh.sim.viewer.text import Fonts
from burgh.sim.viewer.view import View


def drawn(playback: Playback, tick: int, size: tuple[int, int] = (640, 360)) -> pygame.Surface:
    target = pygame.Surface(size, 0, 32)
    View(size).draw(target, playback, tick, Status(paused=False, speed=1.0, live=False, at_edge=False))
    return target


@pytest.fixture(scope="module", params=["auction-house", "sealed-bids", "double-auction"])
def playback(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Playback:
    folder: Path = tmp_path_factory.mktemp("runs") / request.param
    scenario = load_scenario(request.param, {"model": "scripted"})
    run_scenario(scenario, folder, model=ScriptedModel(7))
    found = Playback()
    RecordSource(folder).feed(found)
    return found


def test_moments_of_a_sale_are_drawn_and_differ(playback: Playback) -> None:
    ticks = sorted({1, playback.last_tick // 3, playback.last_tick // 2, playback.last_tick})
    pictures = [pygame.image.tobytes(drawn(playback, tick), "RGB") for tick in ticks]
    assert len(set(pictures)) == len(ticks)
    for tick in range(0, playback.last_tick + 1, max(1, playback.last_tick // 12)):
        drawn(playback, tick, (320, 180))


@pytest.mark.parametrize("size", [(64, 64), (200, 900), (1280, 720), (2560, 1440)])
def test_any_size_of_window_can_be_filled(playback: Playback, size: tuple[int, int]) -> None:
    assert drawn(playback, playback.last_tick // 2, size).get_size() == size


def test_what_is_said_of_lots_and_bids() -> None:
    assert lot_said(LotView(0, "vase", "sold", 10, (("Ann", 1200),))) == "Ann 1,200"
    assert lot_said(LotView(0, "corn", "sold", 0, (("Ann", 3), ("Ben", 4)))) == "Ben 4 and 1 more"
    assert lot_said(LotView(0, "vase", "open", 1000)) == "from 1,000"
    assert lot_said(LotView(0, "vase", "unsold", 1000)) == "unsold"
    assert round_said(1, 1) == "round 1, open for 1 tick" and round_said(2, 0).endswith("0 ticks")
    assert bid_said(Bid(1, "Ann", "pass", None)) == "passes"
    assert bid_said(Bid(1, "Ann", "bid", 1500, "sell")) == "asks 1,500"


def test_rows_are_in_letters_in_which_names_are_whole() -> None:
    written: list[tuple[str, int]] = []

    class Told(Hall):
        def _write(
            self, target: pygame.Surface, text: str, *more: Any, width: int | None = None, **how: Any
        ) -> None:
            written.append((text if width is None else self.fonts.wrap(text, more[1], width, 1)[0], more[1]))

    hall, rows = Told(Fonts()), [("Bartholomew", "12,000", 0), ("Ann", "9", 1)]
    sizes = []
    for width in (400, 150):
        written.clear()
        hall._rows(pygame.Surface((400, 200)), pygame.Rect(0, 0, width, 200), rows)
        assert [text for text, _ in written] == ["Bartholomew", "12,000", "Ann", "9"]
        sizes.append(written[0][1])
    assert sizes[0] == Hall.sizes[0] > sizes[1]


def test_a_board_beside_the_town_leaves_half_of_it() -> None:
    board = Board(Fonts())
    assert board.fits((1280, 720)) and board.fits((600, 300))
    assert not board.fits((540, 720)) and not board.fits((1280, 160))


def test_an_empty_line_is_nothing_drawn() -> None:
    picture = Fonts().draw("", 13, (0, 0, 0))
    assert picture.get_width() <= 1


@pytest.mark.parametrize(
    ("format", "name"),
    [("vcg", "VCG"), ("position-vcg", "Position VCG"), ("english-clock", "English clock"), ("gsp", "GSP")],
)
def test_a_format_as_a_title(format: str, name: str) -> None:
    assert format_name(format) == name


def test_what_stands_beside_the_price() -> None:
    lot = (LotView(0, "a hat", "open"),)
    stays = tuple(Bid(5, name, "stay", 40, round=4) for name in ("Ann", "Ben"))
    clock = SaleView(format="english-clock", lots=lot, lot=0, price=50, round=4, bids=stays)
    assert standing(clock) == "rising: 2 stay in"
    assert standing(replace(clock, format="dutch")) == "falling, until somebody takes it"
    assert standing(replace(clock, format="english")) == "no bid yet"
    assert standing(replace(clock, format="bargaining", leader="Ann")) == "Ann offers"
    assert standing(replace(clock, format="english", leader="Ann")) == "Ann leads"
    sold = replace(clock, lots=(LotView(0, "a hat", "sold"),), leader="Ben")
    assert standing(sold) == "SOLD to Ben"
    assert standing(replace(clock, lots=(LotView(0, "a hat", "unsold"),))) == "nobody buys it"
