"""The page of a run without a map: at every tick its sheets say what the scene at that tick holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_for_tests import browser
from sales_for_tests import sale, text
from test_web_page import data_of, opened

from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import run_scenario
from burgh.sim.record import open_log
from burgh.sim.types import BurghError
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.web.write import write_page

NAMES = ("exchange", "storefront", "sale")
SIZES = ((1280, 720), (400, 800))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of each kind, with its page beside it."""
    folder = tmp_path_factory.mktemp("boards")
    run_scenario(load_scenario("exchange", {"model": "scripted"}), folder / "exchange")
    run_scenario(load_scenario("storefront", {"model": "scripted"}), folder / "storefront")
    run_scenario(sale(text("double-auction")), folder / "sale")
    for name in NAMES:
        write_page(folder / name, folder / f"{name}.html")
    return {name: folder / name for name in NAMES}


# The browser stays open, and with it its event loop: whatever runs a scenario comes before.


@pytest.fixture(scope="module")
def pages(runs: dict[str, Path]) -> Iterator[dict[str, Any]]:
    with browser() as made:
        shown = {name: opened(made, path.with_suffix(".html")) for name, path in runs.items()}
        yield shown
        for page in shown.values():
            assert page.faults == []


def moments(run: Path) -> tuple[Playback, list[int]]:
    frame = open_log(run).last_frame
    assert frame is not None
    return open_playback(run), [0, 1, 2, 3, frame.tick // 2, frame.tick // 2 + 1, frame.tick - 1, frame.tick]


def rows(page: Any, key: str) -> list[str]:
    """What the rows of a sheet say, with single blanks."""
    found = page.locator(f"#sheet-{key} li").all_inner_texts()
    return [re.sub(r"\s+", " ", one).strip() for one in found]


def test_an_exchange_is_shown_as_the_scene_has_it(runs: dict[str, Path], pages: dict[str, Any]) -> None:
    page, (playback, ticks) = pages["exchange"], moments(runs["exchange"])
    shown = [tick for tick in ticks if playback.at(tick).trade.periods]
    assert len(shown) > 2
    for tick in shown:
        page.evaluate(f"seek({tick})")
        trade = playback.at(tick).trade
        campaigns = list(trade.campaigns.values())
        assert f"period {len(trade.periods)} of {trade.of}" in page.inner_text("#head")
        assert f"{trade.revenue:,}" in page.inner_text("#head")
        for one, setting, budget in zip(
            campaigns, rows(page, "settings"), rows(page, "budgets"), strict=True
        ):
            assert one.name in setting and one.setting in setting and f"{sum(one.won):,} won" in setting
            assert f"{one.name} {one.money:,} {one.clicks:,} click" in budget
            assert f"{abs(one.profit):,}" in budget
        curves = page.evaluate(f"curvesAt({tick}).map((one) => [...one])")
        spent = {number: values for number, values in curves[0] if number >= 0}
        for number, one in enumerate(campaigns):
            assert len(spent.get(number, [])) == len(one.spent)
            if one.spent:
                assert spent[number][-1] == pytest.approx(sum(one.spent) / one.start_money, abs=1e-4)
        market = dict(curves[2]).get(-1, [])
        assert market == pytest.approx([period.market for period in trade.periods], abs=1e-4)


def test_a_storefront_is_shown_as_the_scene_has_it(runs: dict[str, Path], pages: dict[str, Any]) -> None:
    page, (playback, ticks) = pages["storefront"], moments(runs["storefront"])
    shown = [tick for tick in ticks if playback.at(tick).shop.offers]
    assert len(shown) > 2
    for tick in shown:
        page.evaluate(f"seek({tick})")
        shop = playback.at(tick).shop
        asked = [
            f"{offer.name} claims {offer.claim} of 100, asks {offer.price:,} “{offer.words}”"
            for offer in shop.offers
        ]
        assert [re.sub(r"^\d+ ", "", one) for one in rows(page, "offers")] == asked
        marked = page.locator("#sheet-offers .marked b").all_inner_texts()
        assert marked == ([shop.chosen] if shop.chosen else [])
        assert shop.found in page.inner_text("#choice")
        for one, row in zip(shop.providers.values(), rows(page, "providers"), strict=True):
            stars = f"{one.stars / one.sold:.1f} stars" if one.sold else "no stars"
            assert f"{one.name} {one.profit:,} quality {one.quality}, sold {one.sold} {stars}" in row
        (customer,) = rows(page, "customer")
        assert f"{shop.customer} {shop.money:,} of {shop.start_money:,}" in customer
        assert page.evaluate(f"curvesAt({tick})[1].get(-1) || []") == list(shop.gains)


def test_a_sale_is_shown_as_the_scene_has_it(runs: dict[str, Path], pages: dict[str, Any]) -> None:
    page, (playback, ticks) = pages["sale"], moments(runs["sale"])
    for tick in ticks:
        page.evaluate(f"seek({tick})")
        at = playback.at(tick).sale
        if not at.is_there:
            continue
        for one, row in zip(at.bidders.values(), rows(page, "purses"), strict=True):
            assert f"{one.name} {one.money:,}" in row and f"has {sum(one.goods.values())} " in row
        price = page.inner_text("#sheet-lot strong")
        assert price == ("" if at.price is None else f"{at.price:,}")
        assert len(rows(page, "bids")) == max(1, min(16, len(at.bids)))


def test_somebody_is_looked_at_by_mouse_and_by_keyboard(pages: dict[str, Any]) -> None:
    page = pages["storefront"]
    page.keyboard.press("End")
    page.locator("#sheet-providers button.row").nth(1).click()
    name = page.inner_text("#panel h2")
    assert name in page.locator("#sheet-providers button.row").nth(1).inner_text()
    assert page.locator("#decided li").count() == len(
        page.evaluate(f"run.minds['{name}'].decided.filter((row) => row[0] <= now.tick)")
    )
    assert "ask" in page.locator("#decided li").first.inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    page.locator("#sheet-providers button.row").nth(2).focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("now.tick") == page.evaluate("run.last") - 1
    page.keyboard.press("Enter")
    assert not page.locator("#panel").is_hidden(), "the row kept the focus while the tick changed"
    page.keyboard.press("Escape")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits_a_wide_and_a_narrow_window(
    pages: dict[str, Any], name: str, size: tuple[int, int]
) -> None:
    page = pages[name]
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.keyboard.press("End")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for sheet in page.locator(".sheet").all():
        box = sheet.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= size[0] and box["height"] > 50
    assert page.locator(".sheet.chart svg").count() >= 1
    for chart in page.locator(".sheet.chart svg").all():
        ends = [
            (box["x"], box["y"]) for box in (one.bounding_box() for one in chart.locator("text.end").all())
        ]
        for n, (x, y) in enumerate(ends):
            assert all(abs(x - a) > 8 or abs(y - b) > 8 for a, b in ends[:n]), "no number over another"
    assert page.locator("footer").bounding_box()["y"] < size[1] - 40


def test_a_page_without_a_town_plays_slowly_and_asks_for_nothing(runs: dict[str, Path]) -> None:
    for path in runs.values():
        data = data_of(path.with_suffix(".html"))
        assert data["speed"] * 60 / data["tickSeconds"] == pytest.approx(2)
        page = path.with_suffix(".html").read_text("utf-8")
        assert len(page) < 500_000 and not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)


def test_an_agent_of_an_exchange_is_followed(runs: dict[str, Path], tmp_path: Path) -> None:
    write_page(runs["exchange"], tmp_path / "ann.html", follow="Ann")
    assert data_of(tmp_path / "ann.html")["follow"] == "Ann"
    with pytest.raises(BurghError, match="there is no agent 'Ayn' to follow: Ann, Ben"):
        write_page(runs["exchange"], tmp_path / "no.html", follow="Ayn")
