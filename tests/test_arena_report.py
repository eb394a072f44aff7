"""report.html: what stands in it, and what a person with a browser sees and clicks."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_for_tests import browser

from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.arena import report
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.judge import Row, judge
from burgh.scenarios.arena.pool import Here
from burgh.scenarios.arena.report.charts import cost, medians
from burgh.scenarios.arena.report.page import equilibrium, page
from burgh.scenarios.arena.report.svg import COLOURS, Scale, styles
from burgh.scenarios.arena.results import Played, Results
from burgh.scenarios.arena.run import Limits, hold
from burgh.scenarios.arena.sale import FORMATS
from burgh.scenarios.arena.stats.intervals import Estimate

NAMES = ("shade:40", "shade:67", "react")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contest of a scripted model, with one game that went wrong, and its page."""
    place = tmp_path_factory.mktemp("report")
    held = Contest(format="first-price", strategies=NAMES, ids={}, lots=2)
    hold(held, place, Here(ScriptedModel()), Limits(9))
    results = Results.open(place)
    results.add(Played("9.0.react", 9, 0, (), fault="the <model> is gone"))
    results.close()
    found = Results.read(place)
    report.write(place, held, found, judge(held, found, rated=True), "games")
    return place


def data(folder: Path) -> dict[str, object]:
    return unpacked((folder / "report.html").read_text(encoding="utf-8"))


def unpacked(text: str) -> dict[str, Any]:
    packed = re.search(r'<script id="data"[^>]*>([^<]*)</script>', text)
    assert packed is not None
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    return found


def test_the_page_asks_no_network_and_holds_every_game(folder: Path) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!#|data:)', text)
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    games = data(folder)["games"]
    assert isinstance(games, list)
    assert {game["key"] for game in games} == set(Results.read(folder).games)
    assert "the &lt;model&gt; is gone" in text
    assert "<model>" not in text


def test_each_column_is_explained_and_few_blocks_are_not_rated(folder: Path) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    heads = re.findall(r'<th title="([^"]+)">([^<]+)</th>', text)
    assert [head for _, head in heads][:5] == ["strategy", "rank", "profit a game", "± 95%", "of benchmark"]
    assert "calls" in {head for _, head in heads}  # one of the three asks a model
    assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", text) == [(head, means) for means, head in heads]
    assert "Plackett-Luce" not in text  # three blocks
    scripted = Contest(format="first-price", strategies=NAMES[:2], ids={}, lots=1)
    hold(scripted, folder / "more", Here(None), Limits(15))
    found = Results.read(folder / "more")
    text = page(scripted, found, judge(scripted, found, rated=True), "games")
    assert "Plackett-Luce" in text  # five
    assert not {"calls", "p50 s"} & set(re.findall(r'<th title="[^"]+">([^<]+)</th>', text))
    assert "Bidder 1 bids 15" in [said for _, _, said, _ in unpacked(text)["games"][0]["story"]]


def test_what_strategies_cost_is_drawn_without_the_control_and_no_name_covers_another() -> None:
    def row(name: str, rank: int, tokens: float) -> Row:
        mean = Estimate(0.0, math.nan, math.nan, math.nan, 9)
        return Row(name, 9, mean, None, 0.0, (rank, rank), 1.0, tokens, tokens, 6.0, (0, 0), 0, None)

    rows = [row("direct", 1, 100), row("plain", 1, 100), row("react", 1, 9000), row("direct#2", 0, 100)]
    drawn = cost(rows, styles([one.strategy for one in rows]), "profit")
    found = re.findall(r'<text class="name" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)<', drawn)
    assert [name for _, _, name in found] == ["direct", "plain", "react"]
    (one, other) = (float(y) for _, y, _ in found[:2])
    assert abs(one - other) >= 13


def test_a_person_reads_a_game_in_the_browser(folder: Path, tmp_path: Path) -> None:
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / "report.html").as_uri())
        page.wait_for_selector("html[data-ready]")
        assert page.locator("#rows tr").count() == 28
        page.select_option("#who", "react")
        assert page.locator("#rows tr").count() == 10
        page.select_option("#order", "worst")
        profits = [
            float(one.replace(",", "")) for one in page.locator("#rows td:nth-child(4)").all_inner_texts()[:9]
        ]
        assert profits == sorted(profits)
        page.locator("#rows tr").first.click()
        story = page.locator("#story").inner_text()
        for kind in ("asked", "replied", "called", "observed", "answered", "outcome"):
            assert kind in story
        assert "It is worth" in story
        page.locator("#story details summary").first.click()
        assert "best_response(value)" in page.locator("#story details pre").first.inner_text()
        assert page.locator("figure svg").count() >= 6
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide
        page.locator("#rows tr").last.click()
        assert "the <model> is gone" in page.locator("#story").inner_text()
        page.reload()  # the game that is open stands in the address
        page.wait_for_selector("html[data-ready]")
        assert "the <model> is gone" in page.locator("#story").inner_text()
        picture = page.screenshot(full_page=True)
        assert complaints == []
        assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    assert len(picture) > 50_000  # bytes: not an empty page


def test_colours_are_told_apart_without_red_and_green() -> None:
    """As seen without red or green cones (Vienot and others 1999, in linear light), all stay apart."""
    rgb = np.array([[int(one[n : n + 2], 16) for n in (1, 3, 5)] for one in COLOURS]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_lms = np.array(
        [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]]
    )
    lms = linear @ to_lms.T
    without_red, without_green = lms.copy(), lms.copy()
    without_red[:, 0] = 2.02344 * lms[:, 1] - 2.52581 * lms[:, 2]
    without_green[:, 1] = 0.494207 * lms[:, 0] + 1.24827 * lms[:, 2]
    for seen in (without_red, without_green):
        back = np.clip(seen @ np.linalg.inv(to_lms).T, 0, 1) ** (1 / 2.4)
        apart = np.linalg.norm(back[:, None] - back[None], axis=-1)[np.triu_indices(len(COLOURS), 1)]
        assert apart.min() > 0.15
    many = styles([str(n) for n in range(30)])
    assert len(set(many.values())) == 30


def test_the_curve_is_the_equilibrium_and_medians_need_enough_bids() -> None:
    held = Contest(format="first-price", strategies=("direct",), ids={})
    curve = equilibrium(held)[""]
    assert curve[-1][0] == 99
    assert curve[-1][1] == pytest.approx(66, abs=0.5)
    assert equilibrium(held.model_copy(update={"format": "gsp"})) == {}
    assert equilibrium(held.model_copy(update={"format": "sequential"})) == {}  # values are of no one law
    for name in FORMATS:
        equilibrium(held.model_copy(update={"format": name, "players": 2}))
    assert set(equilibrium(held.model_copy(update={"format": "call-market", "players": 2}))) == {
        "buy",
        "sell",
    }
    assert medians([(10, 5), (11, 7), (12, 9), (90, 1)], 99) == [(11, 7)]
    assert Scale(0, 10, 0, 100).ticks() == [0, 2, 4, 6, 8, 10]
    assert Scale(30, 4000, 0, 100, log=True).ticks() == [100, 1000]
