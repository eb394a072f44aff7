"""The purse and the things of a villager, as of the tick that is shown: before, at and after the auction."""

from __future__ import annotations

import pygame
import pytest
from ask_for_tests import asked, market_day

from burgh.sim.record import open_log
from burgh.sim.viewer.page import Page
from burgh.sim.viewer.playback import RecordedPlayback, open_playback
from burgh.sim.viewer.shot import shot
from burgh.sim.viewer.web.collect import Collector

pytestmark = pytest.mark.model  # needs the embedder's weights
EARLY, LATE = 780, 1290  # 09:40, long before the auction; 11:05, some lots of it sold


@pytest.fixture(scope="module")
def playback() -> RecordedPlayback:
    return open_playback(market_day())


def told(monkeypatch: pytest.MonkeyPatch, name: str, tick: int) -> list[str]:
    """What the panel says of a villager at a tick."""
    lines: list[str] = []
    write = Page.text

    def keep(self: Page, text: str, *more: object, **others: object) -> None:
        lines.append(text)
        write(self, text, *more, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(Page, "text", keep)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    shot(market_day(), market_day().parent / "shot.png", at=tick, follow=name)
    pygame.display.quit()
    return lines


def held(tick: int) -> dict[str, tuple[int, dict[str, int]]]:
    """Money and goods of everyone, counted from the record."""
    has: dict[str, tuple[int, dict[str, int]]] = {"the house": (0, {})}
    for event in open_log(market_day()).events():
        data, who = event.data, event.agent or ""
        if event.tick > tick:
            break
        if event.kind == "purse":
            has[who] = data["money"], dict(data["goods"])
        elif event.kind == "paid":
            for name, sign in ((data["from"], -1), (data["to"], 1)):
                has[name] = has[name][0] + sign * data["amount"], has[name][1]
        elif event.kind == "sold":
            has[who][1][data["item"]] = has[who][1].get(data["item"], 0) + data["quantity"]
            if data["seller"] in has and data["seller"] != "the house":
                del has[data["seller"]][1][data["item"]]
    del has["the house"]
    return has


@pytest.mark.parametrize("tick", [0, EARLY, LATE])
def test_everyones_purse_is_known_at_any_tick(playback: RecordedPlayback, tick: int) -> None:
    bidders = playback.at(tick).sale.bidders
    assert {name: (one.money, dict(one.goods)) for name, one in bidders.items()} == held(tick)
    assert len(bidders) == 6
    assert playback.at(tick).sale.is_there == (tick == LATE), "no auction is shown before there is one"


def test_the_panel_says_what_is_in_the_purse(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"10 coins", "a basket of apples"} <= set(told(monkeypatch, "Tom", EARLY))
    money, goods = held(LATE)["Ben"]
    assert (
        money < 18
        and set(goods)
        and {f"{money} of 18 coins to begin with", *goods} <= set(told(monkeypatch, "Ben", LATE))
    )


def test_the_page_holds_each_change_of_a_purse() -> None:
    collector = Collector(0, LATE)
    collector.take(open_log(market_day()).events())
    minds = collector.data("run")["minds"]
    for name, (money, goods) in held(LATE).items():
        rows = minds[name]["purses"]
        assert rows[0][0] == 0
        assert rows[-1][1:] == [money, [[good, many] for good, many in goods.items()]]
    assert len(minds["Ben"]["purses"]) > 1


def test_the_command_show_says_what_one_has(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = asked(capsys, "show", market_day(), "--at", "09:40", "--agent", "Tom")
    assert code == 0 and "has 10 and a basket of apples" in said
