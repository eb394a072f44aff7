"""The real window on a display that is not there: the mind, the list of events, search, small map, roofs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from test_viewer_window import click, mouse, press, type_in
from viewer_for_tests import ROWS, hamlet, memory, morning, recorded, said

from burgh.sim.types import WORLD, Event, Events, fixed
from burgh.sim.viewer.keys import BINDINGS, deed_of, key_lines
from burgh.sim.viewer.page import Wish
from burgh.sim.viewer.playback import open_playback
from burgh.sim.viewer.search import find
from burgh.sim.viewer.thoughts import calls, decisions, relations, trees
from burgh.sim.viewer.window import Window

SHIFT = pygame.KMOD_SHIFT


def village() -> list[Event]:
    """The morning in a house that has a roof, and a mind with conclusions, a question asked, and a purse."""
    rows = list(ROWS)
    events = []
    for old in morning():
        event = old
        if old.kind == "scene":
            scene = hamlet(rows)
            scene["layers"][1]["rows"][0][4:9] = ["roof"] * 5
            scene["places"][1] = {**scene["places"][1], "y": 0, "height": 5}
            event = Event(old.id, "scene", None, scene)
        events.append(event)
    ben = Events(10, "Ben")
    for number in range(3, 63):
        data = memory("Ben", number, f"Ada sold loaf {number}.", 10)
        ben.add("memory", "Ben", {**data, "subjects": ["Ada"]})
    insight = {
        **memory("Ben", 63, "Ada bakes well.", 10),
        "kind": "reflection",
        "evidence": ["Ben:3", "Ben:4"],
    }
    deeper = {
        **memory("Ben", 64, "Bread matters.", 10),
        "kind": "reflection",
        "evidence": ["Ben:63", "Ben:1"],
    }
    ben.add("memory", "Ben", {**insight, "subjects": ["Ada"]})
    ben.add("memory", "Ben", deeper)
    ben.add("reflected", "Ben", {"question": "What of Ada?", "insights": ["Ben:63"]})
    ben.add("prompt", "Ben", {"hash": "abcd", "text": "Be a baker.\nBe brief."})
    ben.add(
        "model",
        "Ben",
        {
            "purpose": "act", "method": "score", "prefix": "abcd", "suffix": "Ben will",
            "options": [" wait", " go"],
            "logprobs": [fixed(-1.0), fixed(-3.0)], "tokens_in": 9, "tokens_out": 0,
        },
    )  # fmt: skip
    ben.add(
        "decided", "Ben", {"answer": {"tool": "wait", "arguments": {"ticks": 5}}, "why": "the oven is hot"}
    )
    world = Events(11, WORLD)
    world.add("said", "Cid", said("Cid", "Ben", "Sold out, I hear.", ["Ben"]))
    return sorted([*events, *ben.all(), *world.all()], key=lambda event: event.tick)


@pytest.fixture
def window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    recorded(tmp_path / "run", village())
    playback = open_playback(tmp_path / "run")
    opened = Window(playback)
    opened.player.paused = True
    opened.frame(0.0)
    opened.view.stage.painter.wait()
    opened.frame(0.0)
    yield opened
    pygame.display.quit()
    playback.close()


def typed(window: Window, text: str) -> None:
    for letter in text:
        pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=letter))
    window.frame(0.0)


def shifted(window: Window, key: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=SHIFT, scancode=0))
    window.frame(0.0)


def look(window: Window, name: str, tick: int, page: int = 1) -> None:
    window.player.seek(tick)
    window.view.select(name)
    window.frame(0.0)
    type_in(window, str(page))


def picture(window: Window) -> bytes:
    window.frame(0.0)
    return pygame.image.tobytes(window.screen, "RGB")


def test_every_page_of_the_mind_is_drawn_as_of_the_tick(window: Window) -> None:
    for page in range(1, 6):
        look(window, "Ben", 12, page)
        late = picture(window)
        window.player.seek(5)
        early = picture(window)
        assert late != early, page
    assert window.view.panel.page == 4


def test_the_pages_are_turned_by_keys_and_clicks(window: Window) -> None:
    look(window, "Ben", 12)
    type_in(window, "]")
    assert window.view.panel.page == 1
    type_in(window, "[")
    type_in(window, "[")
    assert window.view.panel.page == 4
    press(window, pygame.K_i)
    press(window, pygame.K_RIGHT)
    assert (window.view.panel.focused, window.view.panel.page) == (True, 0)
    rect, number = window.view.panel._tabs[3]
    click(window, rect.center)
    assert window.view.panel.page == number == 3


def test_memories_are_searched_filtered_and_scrolled(window: Window) -> None:
    look(window, "Ben", 12, 2)
    panel = window.view.panel
    whole = panel.sheet.height
    assert panel.sheet.most_scroll > 0
    press(window, pygame.K_PAGEDOWN)
    assert panel.scroll > 0
    press(window, pygame.K_PAGEUP)
    assert panel.scroll == 0
    mouse(window, pygame.MOUSEMOTION, (window.view.town.right + 50, 500))
    pygame.event.post(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=-2, flipped=False))
    zoom = window.view.camera.zoom
    window.frame(0.0)
    assert panel.scroll > 0 and window.view.camera.zoom == zoom
    press(window, pygame.K_y, text="y")
    typed(window, "y")  # the letter that opened the field
    typed(window, "loaf 7.")
    window.frame(0.0)
    assert (panel.reading.words, panel.typing, window.typing) == ("loaf 7.", True, True)
    assert panel.sheet.height < whole / 2
    press(window, pygame.K_BACKSPACE, pygame.K_SPACE)
    assert panel.reading.words == "loaf 7" and window.player.paused  # a blank is text here, no pause
    press(window, pygame.K_RETURN)
    assert not window.typing
    panel.reading.words = ""
    kinds = []
    for _ in range(6):
        press(window, pygame.K_k)
        kinds.append(panel.reading.kind)
    assert kinds == ["observation", "speech", "whisper", "reflection", "plan", ""]


def test_a_memory_that_is_clicked_leads_to_its_moment(window: Window) -> None:
    look(window, "Ben", 12, 2)
    rect = next(rect for rect, hit in window.view.panel.sheet.hits if isinstance(hit, Wish))
    click(window, rect.center)
    assert window.player.tick == 10


def test_conclusions_grow_from_what_they_rest_on(window: Window) -> None:
    minds = window.playback.minds
    roots = trees(minds.memories("Ben", 12))
    assert [root.memory.text for root in roots] == ["Bread matters."]
    assert roots[0].depth == 3
    assert [branch.memory.id for branch in roots[0].branches] == ["Ben:63", "Ben:1"]
    assert [leaf.memory.id for leaf in roots[0].branches[0].branches] == ["Ben:3", "Ben:4"]
    assert trees(minds.memories("Ben", 9)) == []
    look(window, "Ben", 12, 3)
    assert window.view.town.width < 700  # the page is a wide one


def test_relations_come_from_memories(window: Window) -> None:
    found = relations(window.playback.minds.memories("Ben", 12), "Ben", ["Ada", "Ben", "Cid"])
    assert [(one.name, one.count, one.heard, one.insight) for one in found] == [
        ("Ada", 62, 1, "Ada bakes well.")
    ]


def test_a_decision_shows_what_was_asked_and_answered(window: Window) -> None:
    table = window.playback.table
    (decision,) = decisions(table, "Ben", 12)
    assert (decision.tick, decision.answer, decision.why) == (10, "wait 5", "the oven is hot")
    (call,) = calls(table, "Ben", 10)
    assert (call.prefix, call.suffix) == ("Be a baker.\nBe brief.", "Ben will")
    assert [(text, round(share, 2)) for text, share in call.options] == [(" wait", 0.88), (" go", 0.12)]
    assert decisions(table, "Ben", 9) == []
    look(window, "Ben", 12, 5)
    short = window.view.panel.sheet.height
    rect = next(rect for rect, hit in window.view.panel.sheet.hits if hit == ("call", 0))
    click(window, rect.center)
    assert window.view.panel.reading.whole == {0}
    assert window.view.panel.sheet.height != short


def test_the_list_of_events_is_walked_filtered_and_leads_there(window: Window) -> None:
    window.player.seek(12)
    press(window, pygame.K_e)
    events = window.view.events
    assert events.open and events.focused and window.view.town.left > 0
    for _ in range(3):
        press(window, pygame.K_UP)
    chosen = events.place
    assert chosen is not None and chosen[0] < 12
    press(window, pygame.K_RETURN)
    assert (window.player.tick, window.player.paused) == (chosen[0], True)
    press(window, pygame.K_DOWN)
    assert events.place is not None and events.place > chosen
    names = set()
    for _ in range(9):
        press(window, pygame.K_k)
        names.add(events.which)
    assert names == set(range(9))
    events.which = 1
    events.place = None
    window.player.seek(12)
    window.frame(0.0)
    assert {line.kind for line in events._lines} == {"said"}
    press(window, pygame.K_y, text="y")
    typed(window, "sold out")
    assert [line.text for line in events._lines] == ["Cid to Ben: “Sold out, I hear.”"]
    press(window, pygame.K_ESCAPE)
    line = next(hit for _, hit in events.page.hits if not isinstance(hit, int | str))
    rect = next(rect for rect, hit in events.page.hits if hit is line)
    click(window, rect.center)
    assert (window.player.tick, window.view.selected) == (11, "Cid")
    press(window, pygame.K_ESCAPE, pygame.K_ESCAPE)
    assert not events.open


def test_a_name_a_place_a_thing_and_a_time_are_found(window: Window) -> None:
    moment = window.view.moment
    assert moment is not None
    assert find("be", moment)[0].wish.select == "Ben"
    assert find("hut", moment)[0].wish.look == (6.5, 2.5)
    assert find("oven", moment)[0].wish.look == (5.5, 2.5)
    assert find("09:01", moment)[0].wish.tick == 6
    assert find("clerk", moment)[0].text == "Ben"
    assert find("  ", moment) == [] == find("zzz", moment)
    type_in(window, "/")
    typed(window, "/")
    typed(window, "c")
    assert window.view.search.words == "c"
    press(window, pygame.K_DOWN, pygame.K_UP)
    press(window, pygame.K_RETURN)
    assert (window.view.selected, window.view.search.open) == ("Cid", False)
    type_in(window, "/")
    typed(window, "09:01")
    press(window, pygame.K_RETURN)
    assert window.player.tick == 6
    type_in(window, "/")
    press(window, pygame.K_ESCAPE)
    assert not window.view.search.open and window.open


def test_the_small_map_shows_and_moves_the_view(window: Window) -> None:
    view = window.view
    for _ in range(3):
        press(window, pygame.K_z)
    box = view.minimap.box
    assert box.width > 0
    click(window, (box.left + 3, box.centery))
    left = view.camera.x
    mouse(window, pygame.MOUSEBUTTONDOWN, (box.left + 3, box.centery))
    mouse(window, pygame.MOUSEMOTION, (box.right - 3, box.centery), (9, 0))
    mouse(window, pygame.MOUSEBUTTONUP, (box.right - 3, box.centery))
    assert view.camera.x > left and view.selected is None
    press(window, pygame.K_m)
    assert view.minimap.box.width == 0
    press(window, pygame.K_m, pygame.K_0)
    assert view.minimap.box.width == 0  # all of the town is seen


def test_a_roof_opens_when_one_looks_inside(window: Window) -> None:
    view, hut = window.view, "Ham : Hut"
    press(window, pygame.K_0)
    window.frame(1.0)
    assert view.roofs.closed == {hut: 1.0}
    assert view.person_at(*view.camera.to_screen(6.5, 3.3)) is None  # Ada is under it
    mouse(window, pygame.MOUSEMOTION, view.camera.to_screen(6.5, 3.3))
    window.frame(0.1)
    assert 0 < view.roofs.closed[hut] < 1  # it fades
    window.frame(1.0)
    assert view.roofs.closed == {hut: 0.0}
    assert view.person_at(*view.camera.to_screen(6.5, 3.3)) == "Ada"
    mouse(window, pygame.MOUSEMOTION, view.camera.to_screen(15, 8))
    window.frame(1.0)
    assert view.roofs.closed == {hut: 1.0}
    view.select("Ada", follow=False)
    window.frame(1.0)
    assert view.roofs.closed == {hut: 0.0}
    view.select(None)
    window.player.seek(7)  # she is talking
    window.frame(0.0)
    window.frame(1.0)
    assert view.roofs.closed == {hut: 0.0}
    window.player.seek(0)
    press(window, pygame.K_o)
    window.frame(1.0)
    assert (view.roofs.mode, view.roofs.closed[hut]) == ("all", 0.0)
    press(window, pygame.K_o)
    window.frame(1.0)
    assert (view.roofs.mode, view.roofs.closed[hut]) == ("none", 1.0)


def test_marks_of_a_kind_are_jumped_to(window: Window) -> None:
    window.player.seek(0)
    press(window, pygame.K_p)
    assert window.player.tick == 8
    press(window, pygame.K_r)
    assert window.player.tick == 10
    press(window, pygame.K_t)
    assert window.player.tick == 11
    shifted(window, pygame.K_t)
    assert window.player.tick == 7
    press(window, pygame.K_s)
    assert window.player.tick == 7  # nothing was sold


def test_letters_grow_and_what_was_chosen_stays(window: Window) -> None:
    look(window, "Ben", 12, 2)
    before = window.view.fonts.scale
    event = pygame.event.Event(
        pygame.KEYDOWN, key=pygame.K_PLUS, unicode="+", mod=pygame.KMOD_CTRL, scancode=0
    )
    pygame.event.post(event)
    window.frame(0.0)
    assert window.view.fonts.scale > before
    assert (window.view.panel.page, window.view.selected, window.player.speed) == (1, "Ben", 1.0)


def test_f11_fills_the_screen_and_goes_back(window: Window) -> None:
    small, (whole, *_) = window.screen.get_size(), pygame.display.get_desktop_sizes()
    press(window, pygame.K_F11)
    assert window.full and window.screen.get_size() == window.view.size == whole
    press(window, pygame.K_F11)
    assert not window.full and window.screen.get_size() == window.view.size == small


@pytest.mark.parametrize("size", [(480, 320), (1920, 1080), (700, 1200)])
def test_all_panels_at_once_in_any_window(window: Window, size: tuple[int, int]) -> None:
    pygame.display.set_mode(size, pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, w=size[0], h=size[1], size=size))
    window.player.seek(12)
    window.view.select("Ben")
    press(window, pygame.K_e)
    for page in range(1, 6):
        type_in(window, str(page))
        window.frame(0.0)
    type_in(window, "/")
    press(window, pygame.K_F1)
    assert window.view.town.width >= 100


def test_every_deed_of_a_key_can_be_done_and_every_deed_has_a_key(window: Window) -> None:
    deeds = {binding.deed for binding in BINDINGS}
    assert deeds == set(window._deeds)
    for deed in sorted(deeds - {"escape", "full_screen"}):
        window._deeds[deed]()
        window.frame(0.0)
    assert window.open


def test_the_table_of_keys_has_no_key_twice() -> None:
    seen = set()
    for binding in BINDINGS:
        for shift in (False, True) if binding.shift is None else (binding.shift,):
            key = (binding.key, binding.letter, shift, binding.ctrl)
            assert key not in seen, binding
            seen.add(key)
    assert deed_of(pygame.K_f, "f", 0) == "follow"
    assert deed_of(pygame.K_f, "", pygame.KMOD_CTRL) == "search"
    assert deed_of(pygame.K_TAB, "\t", SHIFT) == "last_villager"
    assert deed_of(pygame.K_q, "q", 0) is None


def test_the_docs_tell_of_every_key() -> None:
    text = (Path(__file__).parent.parent / "docs" / "watching.md").read_text("utf-8")
    for lines in key_lines().values():
        for shown, what in lines:
            assert f"| {shown} | {what} |" in text, (shown, what)
