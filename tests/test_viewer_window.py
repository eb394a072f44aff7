"""The real window on a display that is not there: keys, mouse, live and finished runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from viewer_for_tests import morning, recorded

from burgh.sim.types import BurghError
from burgh.sim.viewer import player as player_module
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.playback import open_playback
from burgh.sim.viewer.player import SPEEDS
from burgh.sim.viewer.view import View
from burgh.sim.viewer.window import Window, watch

STILL = Status(paused=True, speed=1, live=False, at_edge=False)


class Driven:
    """Controls that remember what was asked."""

    def __init__(self) -> None:
        self.paused = False
        self.ticks_per_second: float | None = None
        self.steps = 0
        self.stopped = False

    def step(self) -> None:
        self.steps += 1

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    pygame.display.quit()


@pytest.fixture
def window(tmp_path: Path) -> Window:
    recorded(tmp_path / "run", morning())
    opened = Window(open_playback(tmp_path / "run", whole=False))
    opened.frame(0.0)
    return opened


def press(window: Window, *keys: int, text: str = "") -> None:
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=text, mod=0, scancode=0))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key, mod=0, scancode=0))
    window.frame(0.0)


def type_in(window: Window, text: str) -> None:
    press(window, pygame.K_UNKNOWN, text=text)


def mouse(window: Window, kind: int, at: tuple[float, float], moved: tuple[int, int] = (0, 0)) -> None:
    place = (round(at[0]), round(at[1]))
    if kind == pygame.MOUSEMOTION:
        event = pygame.event.Event(kind, pos=place, rel=moved, buttons=(1, 0, 0))
    else:
        event = pygame.event.Event(kind, pos=place, button=1)
    pygame.event.post(event)
    window.frame(0.0)


def click(window: Window, at: tuple[float, float]) -> None:
    mouse(window, pygame.MOUSEBUTTONDOWN, at)
    mouse(window, pygame.MOUSEBUTTONUP, at)


def test_time_passes_a_game_minute_a_second(window: Window) -> None:
    for _ in range(5):
        window.frame(0.1)
    assert window.player.tick == pytest.approx(3.0)


def test_space_pauses_and_goes_on(window: Window) -> None:
    press(window, pygame.K_SPACE)
    window.frame(1.0)
    assert (window.player.tick, window.status.paused) == (0, True)
    press(window, pygame.K_SPACE)
    window.frame(0.1)
    assert window.player.tick == pytest.approx(0.6)


def test_plus_and_minus_change_the_speed_within_bounds(window: Window) -> None:
    type_in(window, "+")
    assert window.player.speed == 2
    for _ in range(20):
        type_in(window, "+")
    assert window.player.speed == SPEEDS[-1] == 1000
    for _ in range(30):
        type_in(window, "-")
    assert window.player.speed == SPEEDS[0] == 0.25
    press(window, pygame.K_KP_PLUS)
    assert window.player.speed == 0.5


def test_steps_pause_and_go_from_tick_to_tick(window: Window) -> None:
    window.frame(0.25)
    assert window.player.tick == 1.5
    type_in(window, ".")
    assert (window.player.tick, window.player.paused) == (2, True)
    type_in(window, ".")
    type_in(window, ",")
    type_in(window, ",")
    assert window.player.tick == 1
    for _ in range(3):
        type_in(window, ",")
    assert window.player.tick == 0


def test_time_waits_for_what_is_said_to_be_read(window: Window) -> None:
    window.player.seek(6)
    window.frame(0.0)
    window.frame(0.5)
    assert window.player.tick == pytest.approx(6 + 0.5 * player_module.READING_TICKS_PER_SECOND)
    for _ in range(3):
        type_in(window, "+")  # 10x: no time to read
    window.player.seek(6)
    window.frame(0.05)
    assert window.player.tick == pytest.approx(6 + 0.05 * 60)


def test_the_end_is_the_end(window: Window) -> None:
    press(window, pygame.K_END)
    assert window.player.tick == 12
    window.frame(5.0)
    assert window.player.tick == 12
    press(window, pygame.K_HOME)
    assert window.player.tick == 0


def test_marks_are_jumped_to(window: Window) -> None:
    press(window, pygame.K_n)
    assert window.player.tick == 6
    press(window, pygame.K_n, pygame.K_n)
    assert window.player.tick == 8
    press(window, pygame.K_b)
    assert window.player.tick == 7


def test_a_click_on_a_villager_opens_its_panel_and_follows_it(window: Window) -> None:
    at = window.view.camera.to_screen(1.5, 5.3)
    click(window, at)
    assert (window.view.selected, window.view.follow) == ("Ben", True)
    assert window.view.town.width < 1280
    press(window, pygame.K_f)
    assert not window.view.follow
    click(window, window.view.camera.to_screen(4.5, 8.5))
    assert window.view.selected is None
    assert window.view.town.width == 1280


def test_tab_goes_through_the_villagers(window: Window) -> None:
    seen = []
    for _ in range(4):
        press(window, pygame.K_TAB)
        seen.append(window.view.selected)
    assert seen == ["Ada", "Ben", "Cid", "Ada"]


def test_dragging_moves_the_map_and_selects_nobody(window: Window) -> None:
    for _ in range(3):
        window.view.camera.zoom_at(640, 360, 1)
    window.frame(0.0)
    before = window.view.camera.to_map(600, 300)
    mouse(window, pygame.MOUSEBUTTONDOWN, (600, 300))
    mouse(window, pygame.MOUSEMOTION, (590, 300), (-10, 0))
    mouse(window, pygame.MOUSEMOTION, (570, 300), (-20, 0))
    mouse(window, pygame.MOUSEBUTTONUP, (570, 300))
    after = window.view.camera.to_map(570, 300)
    assert after == pytest.approx(before)
    assert window.view.selected is None
    mouse(window, pygame.MOUSEMOTION, (100, 100), (-470, -200))  # the button is up again
    assert window.view.camera.to_map(570, 300) == pytest.approx(after)


def test_the_wheel_zooms(window: Window) -> None:
    zoom = window.view.camera.zoom
    pygame.event.post(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=1, flipped=False))
    window.frame(0.0)
    assert window.view.camera.zoom > zoom
    press(window, pygame.K_0)
    assert window.view.camera.zoom == pytest.approx(1280 / (20 * 16))


def test_arrows_move_the_map_while_they_are_held(window: Window) -> None:
    for _ in range(3):
        window.view.camera.zoom_at(640, 360, 1)
    window.frame(0.0)
    x = window.view.camera.x
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RIGHT, unicode="", mod=0, scancode=0))
    window.frame(0.1)
    moved = window.view.camera.x
    assert moved > x
    pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.K_RIGHT, mod=0, scancode=0))
    window.frame(0.1)
    assert window.view.camera.x == moved


def test_the_timeline_is_clicked_and_dragged(window: Window) -> None:
    press(window, pygame.K_SPACE)
    line = window.view.hud.timeline
    mouse(window, pygame.MOUSEBUTTONDOWN, line.center)
    assert window.player.tick == pytest.approx(6, abs=0.1)
    mouse(window, pygame.MOUSEMOTION, (line.right + 50, 10), (5, 0))
    assert window.player.tick == 12
    mouse(window, pygame.MOUSEBUTTONUP, (line.right + 50, 10))
    mouse(window, pygame.MOUSEMOTION, (line.left, 10), (5, 0))
    assert (window.player.tick, window.view.selected) == (12, None)


def test_help_and_log_are_shown_and_hidden(window: Window) -> None:
    plain = pygame.image.tobytes(window.screen, "RGB")
    press(window, pygame.K_F1)
    assert window.status.help and pygame.image.tobytes(window.screen, "RGB") != plain
    press(window, pygame.K_ESCAPE)
    assert not window.status.help and window.open
    press(window, pygame.K_l)
    assert not window.status.log


def test_escape_closes_the_panel_and_then_the_window(window: Window) -> None:
    press(window, pygame.K_TAB)
    press(window, pygame.K_ESCAPE)
    assert (window.view.selected, window.open) == (None, True)
    press(window, pygame.K_ESCAPE)
    assert not window.open


def test_a_new_size_is_taken_over(window: Window) -> None:
    pygame.display.set_mode((800, 600), pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, w=800, h=600, size=(800, 600)))
    window.frame(0.0)
    assert window.view.size == window.screen.get_size() == (800, 600)


@pytest.mark.parametrize("size", [(200, 100), (1, 1), (64, 900), (3000, 60)])
def test_a_window_of_any_size_shows_all_that_can_be_opened(window: Window, size: tuple[int, int]) -> None:
    pygame.display.set_mode(size, pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, w=size[0], h=size[1], size=size))
    window.frame(0.1)
    assert window.view.size == size
    for key in (pygame.K_TAB, pygame.K_w, pygame.K_e, pygame.K_a, pygame.K_F1, pygame.K_END):
        press(window, key)
        for page in "12345":
            type_in(window, page)
    pygame.display.set_mode((1280, 720), pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, w=1280, h=720, size=(1280, 720)))
    window.frame(0.1)
    assert window.view.size == (1280, 720)


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A run in tmp_path, and windows that are closed in their third frame; at each frame, how many objects
    the garbage collector leaves alone."""
    recorded(tmp_path / "run", morning())
    found: list[int] = []

    def frame(window: Window, seconds: float) -> None:
        found.append(gc.get_freeze_count())
        if len(found) == 3:
            pygame.event.post(pygame.event.Event(pygame.QUIT))
        drawn(window, seconds)

    drawn = Window.frame
    monkeypatch.setattr(Window, "frame", frame)
    monkeypatch.setattr("burgh.sim.viewer.window.cache_folder", lambda: tmp_path / "maps")
    return found


def test_watch_returns_when_it_is_closed(tmp_path: Path, frozen: list[int]) -> None:
    controls = Driven()
    watch(tmp_path / "run", controls=controls)
    assert len(frozen) == 3
    assert controls.ticks_per_second is None
    assert not pygame.display.get_init()


def test_what_was_loaded_is_left_alone_by_the_garbage_collector_while_one_watches(
    tmp_path: Path, frozen: list[int]
) -> None:
    watch(tmp_path / "run")
    assert frozen[0] == 0
    assert frozen[1] > 10_000  # modules alone are more
    assert gc.get_freeze_count() == 0


def test_a_painted_backdrop_is_kept_and_comes_back_the_same(tmp_path: Path) -> None:
    recorded(tmp_path / "run", morning())
    pictures = []
    for patient in (True, False):
        playback = open_playback(tmp_path / "run")
        view = View((640, 360), cache=tmp_path / "maps", patient=patient)
        target = pygame.Surface((640, 360), 0, 32)
        view.draw(target, playback, 3, STILL)
        assert not view.stage.painter.at_work  # the second time it was there
        pictures.append(pygame.image.tobytes(target, "RGB"))
    assert pictures[0] == pictures[1]
    for file in (tmp_path / "maps").iterdir():
        file.write_bytes(file.read_bytes()[:100])  # a spoilt one is painted anew
    view = View((640, 360), cache=tmp_path / "maps", patient=False)
    view.draw(target, playback, 3, STILL)
    assert pygame.image.tobytes(target, "RGB") != pictures[0]  # the coarse one, meanwhile
    view.stage.painter.wait()
    view.draw(target, playback, 3, STILL)
    assert pygame.image.tobytes(target, "RGB") == pictures[0]


def test_without_a_display_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(tmp_path / "run", morning())
    monkeypatch.setenv("SDL_VIDEODRIVER", "nosuchdriver")
    with pytest.raises(BurghError, match=r"no window can be opened .*--shot FILE\.png"):
        watch(tmp_path / "run")
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(BurghError, match=r"no display was found.*--shot FILE\.png"):
        watch(tmp_path / "run")


def test_a_folder_without_a_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match="is not the folder of a run"):
        watch(tmp_path)


def test_the_small_map_lies_over_signs(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        press(window, pygame.K_z)
    box = window.view.minimap.box.copy()
    before = pygame.surfarray.array3d(window.screen.subsurface(box))
    monkeypatch.setattr(window.view.labels, "draw", lambda town, *_, **__: town.fill("#00ff00") and [])
    window.frame(0.0)
    assert (pygame.surfarray.array3d(window.screen.subsurface(box)) == before).all()
