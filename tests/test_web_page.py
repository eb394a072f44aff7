"""A run as one HTML page: what stands in it, and that a browser plays it, alone and without a network."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ask_for_tests import asked
from browser_for_tests import browser
from runs_for_tests import scripted
from sales_for_tests import sale, text
from viewer_for_tests import morning, recorded

from burgh.scenarios.run import run_scenario
from burgh.sim.record import open_log
from burgh.sim.types import BurghError
from burgh.sim.viewer.playback import open_playback
from burgh.sim.viewer.text import NO_END, NO_START
from burgh.sim.viewer.web.write import write_page

MOST_BYTES = 5_000_000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scripted market morning, until people have talked."""
    folder = tmp_path_factory.mktemp("runs") / "market"
    run_scenario(scripted("market-day", "08:08"), folder)
    return folder


@pytest.fixture(scope="module")
def page(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "market.html"
    write_page(run, path)
    return path


def data_of(page: Path) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="run">(.*?)</script>', page.read_text("utf-8"), re.DOTALL
    )
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def rows(columns: list[list[int]]) -> list[list[int]]:
    """What the page's script makes of the columns."""
    sums = [0] * len(columns)
    made = []
    for differences in zip(*columns, strict=True):
        sums = [total + one for total, one in zip(sums, differences, strict=True)]
        made.append(list(sums))
    return made


def test_the_page_says_what_the_record_says(run: Path, page: Path) -> None:
    data = data_of(page)
    events = list(open_log(run).events())
    said = [(e.tick, e.data["words"]) for e in events if e.kind == "said"]
    assert [(one[0], one[4]) for one in data["said"]] == said and len(said) > 2
    for name, mind in data["minds"].items():
        memories = [e.data["text"] for e in events if e.kind == "memory" and e.agent == name]
        assert [memory[3] for memory in mind["memories"]] == memories
    playback = open_playback(run)
    for person in data["people"]:
        track = rows(person["track"])
        for tick in (0, 25, 100, 222):
            last = [row for row in track if row[0] <= tick][-1]
            there = playback.at(tick).people[person["name"]]
            assert last[1:3] == [int(there.x), int(there.y)] or there.walking
            assert data["words"][last[4]] == there.activity


def test_the_page_is_small_and_asks_for_nothing(page: Path) -> None:
    text = page.read_text("utf-8")
    assert page.stat().st_size < MOST_BYTES
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text)
    assert "default-src 'none'" in text


def test_what_people_say_cannot_break_the_page(tmp_path: Path) -> None:
    evil = "</script><script>document.title='broken'</script><!--"
    events = [
        event if event.kind != "said" else type(event)(
            event.id, event.kind, event.agent, {**event.data, "words": evil}, event.causes
        )
        for event in morning()
    ]  # fmt: skip
    recorded(tmp_path / "run", events)
    write_page(tmp_path / "run", tmp_path / "page.html")
    assert evil in {one[4] for one in data_of(tmp_path / "page.html")["said"]}
    with browser() as made:
        shown = opened(made, tmp_path / "page.html")
        assert shown.title() == "run - burgh"


def opened(made: Any, page: Path) -> Any:
    """The page in a browser window, drawn; its errors fail the test that closes it."""
    shown = made.new_page(viewport={"width": 1000, "height": 640})
    shown.faults = []
    shown.on("pageerror", lambda error: shown.faults.append(str(error)))
    shown.on("console", lambda told: shown.faults.append(told.text) if told.type == "error" else None)
    shown.on("request", lambda request: shown.faults.append(request.url) if _outside(request.url) else None)
    shown.goto(page.as_uri())
    shown.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    return shown


def _outside(address: str) -> bool:
    return not address.startswith(("file:", "data:"))


def test_a_sale_without_a_town_is_shown(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_scenario(sale(text("double-auction")), folder)
    write_page(folder, tmp_path / "sale.html")
    bids = [event for event in open_log(folder).events() if event.kind == "bid"]
    sellers = {str(event.agent) for event in bids if event.data.get("side") == "sell"}
    said = [
        row[1:3] for _, rows in data_of(tmp_path / "sale.html")["board"]["sheets"]["bids"] for row in rows
    ]
    assert sellers and {name for name, words in said if words.startswith("asks ")} == sellers
    with browser() as made:
        window = opened(made, tmp_path / "sale.html")
        window.keyboard.press("End")
        shown = window.inner_text("#board")
        assert "purse" in shown.lower() and "null" not in shown
        assert window.faults == []


def test_the_command_writes_a_page_or_says_why_not(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "a.html"
    code, said, error = asked(capsys, "export", run, "--html", target, "--from", "08:00", "--follow", "Anna")
    assert code == 0, error
    assert "open it in a browser" in said
    data = data_of(target)
    assert (data["first"], data["follow"], data["speed"]) == (180, "Anna", 2.0)
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    for more, wrong in (
        (("--follow", "Ana"), "no villager 'Ana'"),
        (("--from", "08:05", "--to", "07:50"), "from 08:05 to 07:50 there is nothing to show"),
    ):
        code, _, error = asked(capsys, "export", run, "--html", tmp_path / "b.html", *more)
        assert code == 2 and wrong in error
    code, _, error = asked(capsys, "export", run, "--html", tmp_path / "none" / "b.html")
    assert code == 2 and "cannot be written" in error
    with pytest.raises(BurghError, match="is not the folder of a run"):
        write_page(tmp_path, tmp_path / "c.html")


# The browser of what follows stays open, and with it its event loop: whatever runs a scenario comes before.


@pytest.fixture(scope="module")
def shown(page: Path) -> Iterator[Any]:
    with browser() as made:
        window = opened(made, page)
        yield window
        assert window.faults == []


def pixels(shown: Any) -> int:
    """How many colours the picture has."""
    found: int = shown.evaluate(
        """() => { const c = document.getElementById("town");
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; const seen = new Set();
        for (let n = 0; n < d.length; n += 4) seen.add((d[n] << 16) | (d[n + 1] << 8) | d[n + 2]);
        return seen.size; }"""
    )
    return found


def test_lines_of_chinese_text_begin_and_end_as_they_may(shown: Any) -> None:
    text = "“林小雨，你听说了吗？我想明年再开一家铺子。”《红楼梦》很好！Anna说：hello, Mira."
    for width in range(60, 300, 7):
        lines: list[str] = shown.evaluate(
            f"(() => {{ pen.font = '13px sans-serif'; return wrapped('{text}', {width}); }})()"
        )
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(line[0] not in NO_START for line in lines[1:]), lines
        assert all(line[-1] not in NO_END for line in lines[:-1]), lines
        assert not any(one.endswith("Ann") for one in lines), "words are not cut"


def test_the_log_and_the_sale_do_not_cover_each_other(shown: Any) -> None:
    for width in (500, 640, 760, 780, 1000):
        shown.set_viewport_size({"width": width, "height": 640})
        gap = shown.evaluate(
            """() => { const was = saleBox.hidden; saleBox.hidden = false;
            const gap = saleBox.getBoundingClientRect().left - logList.getBoundingClientRect().right;
            saleBox.hidden = was; return gap; }"""
        )
        assert gap >= 0, width
    shown.set_viewport_size({"width": 1000, "height": 640})


def test_one_piece_of_a_plan_is_the_current_one(shown: Any) -> None:
    shown.evaluate(
        """window.entries = [[1, "10:30", 60, "School", "teaching", 0], [1, "11:00", 20, "Square", "look", 1],
        [1, "11:00", 20, "School", "reading", 0], [1, "11:20", 20, "School", "writing", 0]]"""
    )
    for tick, doing in ((1200, "teaching"), (1290, "look"), (1400, "writing"), (2000, None)):
        assert shown.evaluate(f"(current(window.entries, {tick}) || [])[4] || null") == doing


def test_a_roof_opens_where_somebody_talks(shown: Any) -> None:
    over = """const over = (name, tick) => { const one = personAt(byName.get(name), tick);
        return housesOf.filter((house) => holds(house, Math.floor(one.x), Math.floor(one.y))); };"""
    found = shown.evaluate(
        f"""() => {{ {over}
        return run.said.find(([tick, name]) => byName.has(name) && over(name, tick).length); }}"""
    )
    tick, name = found[:2]
    shown.evaluate(f"seek({tick})")
    shown.wait_for_function(f"""() => {{ {over} return over("{name}", {tick})[0].shut === 0; }}""")


def test_the_town_is_drawn_and_played(shown: Any) -> None:
    shown.evaluate("seek(60)")
    shown.wait_for_timeout(300)
    assert pixels(shown) > 100
    before = shown.evaluate("now.tick")
    shown.keyboard.press("Space")
    deadline = time.monotonic() + 60
    while shown.evaluate("now.tick") < before + 2:
        assert time.monotonic() < deadline, "it does not play"
        shown.wait_for_timeout(100)
    shown.keyboard.press("Space")
    assert not shown.evaluate("now.playing") and shown.inner_text("#play") == "Play"


def test_the_slider_and_the_log_go_to_a_moment(shown: Any) -> None:
    shown.evaluate("seek(0)")
    slider = shown.locator("#tick").bounding_box()
    shown.mouse.click(slider["x"] + slider["width"] * 0.9, slider["y"] + slider["height"] / 2)
    assert shown.evaluate("now.tick") > 200
    line = shown.locator("#log li").last
    told = line.locator("time").inner_text()
    line.click()
    assert told in shown.inner_text("#clock")
    shown.evaluate("seek(0)")
    shown.keyboard.press("n")
    assert shown.evaluate("run.marks.some((mark) => mark[0] === now.tick)")


def test_a_villager_is_clicked_and_its_memory_read(run: Path, shown: Any) -> None:
    shown.keyboard.press("Escape")
    shown.evaluate("seek(222)")
    shown.wait_for_timeout(500)
    name, x, y = shown.evaluate(
        """() => { const one = now.there[0]; const at = toScreen(one.x + 0.5, one.y + 0.4);
        return [one.name, at.x / camera.scale, at.y / camera.scale]; }"""
    )
    shown.locator("#town").click(position={"x": x, "y": y})
    assert shown.inner_text("#panel h2") == name
    (purse,) = [e for e in open_log(run).events() if e.kind == "purse" and e.agent == name]
    assert shown.inner_text("#purse") == f"{purse.data['money']} coins"
    texts = [
        event.data["text"]
        for event in open_log(run).events()
        if event.kind == "memory" and event.agent == name and event.tick <= 222
    ]
    assert shown.locator("#memories li").count() == len(texts)
    assert texts[-1] in shown.locator("#memories li").first.inner_text()
    word = max(texts[0].split(), key=len)
    shown.fill("#seek", word)
    found = shown.locator("#memories li").all_inner_texts()
    assert found and all(word.lower() in text.lower() for text in found)
    shown.fill("#seek", "")
    shown.keyboard.press("Escape")
    shown.keyboard.press("Escape")
    assert shown.locator("#panel").is_hidden()
