"""Two runs side by side: one moment, one camera, and rings around what is otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pygame
import pytest
from ask_for_tests import asked
from sales_for_tests import sale, text
from viewer_for_tests import morning, recorded

from burgh.scenarios.load import overridden
from burgh.scenarios.run import run_scenario
from burgh.sim.types import Event
from burgh.sim.viewer.pair import Side, differing, pair_shot
from burgh.sim.viewer.pairwindow import PairWindow
from burgh.sim.viewer.playback import Playback, open_playback


def otherwise() -> list[Event]:
    """The same morning, in which one who walks takes one step less."""
    events = list(morning())
    last = max(n for n, event in enumerate(events) if event.kind == "moved")
    del events[last]
    return events


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    recorded(tmp_path / "one", morning())
    recorded(tmp_path / "other", otherwise())
    return tmp_path / "one", tmp_path / "other"


@pytest.fixture
def window(runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[PairWindow]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    sides = [Side(path.name, open_playback(path)) for path in runs]
    made = PairWindow(sides, parted=3)
    made.frame(0.0)
    yield made
    pygame.display.quit()
    for side in sides:
        side.playback.close()


def press(window: PairWindow, key: int, letter: str = "") -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=letter, mod=0))
    window.frame(0.01)


def test_who_is_elsewhere_differs() -> None:
    one, other = Playback(morning()), Playback(otherwise())
    end = one.last_tick
    assert differing(one.at(0), other.at(0)) == ()
    apart = differing(one.at(end), other.at(end))
    assert len(apart) == 1
    scene = one.at(end)
    gone = replace(scene, people={n: p for n, p in scene.people.items() if n != apart[0]})
    assert differing(scene, gone) == apart


def test_it_opens_where_they_part_and_moves_both_by_keys(window: PairWindow) -> None:
    assert window.player.tick == 2 and window.player.paused
    press(window, pygame.K_d, "d")
    assert window.player.tick == 3
    press(window, pygame.K_PERIOD, ".")
    assert window.player.tick == 4
    press(window, pygame.K_END)
    assert window.player.tick == window.player.playback.last_tick
    press(window, pygame.K_HOME)
    assert window.player.tick == 0
    press(window, pygame.K_TAB)
    names = {view.selected for view in window.pair.views}
    assert len(names) == 1 and None not in names
    press(window, pygame.K_ESCAPE)
    assert window.open and all(view.selected is None for view in window.pair.views)
    press(window, pygame.K_SPACE, " ")
    assert not window.player.paused
    press(window, pygame.K_ESCAPE)
    assert not window.open


def test_looking_is_done_by_keys_in_both_and_help_tells_which(window: PairWindow) -> None:
    left, right = window.pair.views
    press(window, pygame.K_z, "z")
    window.held(pygame.K_LEFT, down=True)
    zoom, x = left.camera.zoom, left.camera.x
    window.frame(0.1)
    window.held(pygame.K_LEFT, down=False)
    assert left.camera.x < x and left.camera.zoom == zoom
    press(window, pygame.K_TAB)
    press(window, pygame.K_3, "3")
    press(window, pygame.K_o, "o")
    assert (right.camera.zoom, right.panel.page, right.roofs.mode) == (zoom, 2, left.roofs.mode)
    assert right.roofs.mode == "all"
    pygame.event.post(
        pygame.event.Event(pygame.KEYDOWN, key=pygame.K_PLUS, unicode="+", mod=pygame.KMOD_CTRL)
    )
    window.frame(0.0)
    assert right.fonts.scale == left.fonts.scale
    before = pygame.image.tobytes(window.screen, "RGB")
    press(window, pygame.K_F1)
    assert window.help and pygame.image.tobytes(window.screen, "RGB") != before
    press(window, pygame.K_ESCAPE)
    press(window, pygame.K_e, "e")
    assert window.open and not window.help and not left.events.open, "of one run alone nothing is opened"


@pytest.mark.parametrize("size", [(3, 3), (300, 90), (64, 700)])
def test_two_runs_are_shown_in_a_window_of_any_size(window: PairWindow, size: tuple[int, int]) -> None:
    for take in (size, (900, 500)):
        pygame.display.set_mode(take, pygame.RESIZABLE)
        pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, w=take[0], h=take[1], size=take))
        press(window, pygame.K_TAB)
        assert window.screen.get_size() == take


def test_the_times_of_the_shorter_run_are_clicked_as_they_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    recorded(tmp_path / "one", morning())
    recorded(tmp_path / "short", [event for event in morning() if event.tick <= 6])
    sides = [Side(name, open_playback(tmp_path / name)) for name in ("one", "short")]
    window = PairWindow(sides, parted=None)
    window.frame(0.0)
    for number, view in enumerate(window.pair.views):
        line = view.hud.timeline
        at = (window.pair.left_of(number) + line.right - 1, line.centery)
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, pos=at, button=1))
        window.player.paused = True
        window.frame(0.0)
        assert window.player.tick == pytest.approx(sides[number].playback.last_tick, abs=0.2)
    pygame.display.quit()
    for side in sides:
        side.playback.close()


def test_the_wheel_over_one_moves_the_other(window: PairWindow) -> None:
    at = (window.pair.left_of(1) + 100, 300)
    pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=at, rel=(0, 0), buttons=(0, 0, 0)))
    pygame.event.post(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=1))
    before = window.pair.views[0].camera.zoom
    window.frame(0.01)
    left, right = (view.camera for view in window.pair.views)
    assert left.zoom == right.zoom > before and (left.x, left.y) == (right.x, right.y)


def test_a_click_in_one_opens_the_villager_in_both(window: PairWindow) -> None:
    view = window.pair.views[1]
    assert view.scene is not None
    person = next(iter(view.scene.people.values()))
    x, y = view.camera.to_screen(person.x + 0.5, person.y + 0.4)
    at = (window.pair.left_of(1) + view.town.x + round(x), round(y))
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        pygame.event.post(pygame.event.Event(kind, pos=at, button=1))
    window.frame(0.01)
    assert window.pair.views[0].selected == window.pair.views[1].selected is not None


def test_the_picture_rings_the_difference(runs: tuple[Path, Path], tmp_path: Path) -> None:
    end = open_playback(runs[0]).last_tick
    for name, tick in (("same", 0), ("apart", end)):
        pair_shot(*runs, tmp_path / f"{name}.png", at=tick, parted=end, size=(800, 400))
    rings = []
    for name in ("same", "apart"):
        picture = pygame.image.load(str(tmp_path / f"{name}.png"))
        half = [pygame.surfarray.array3d(picture)[:398], pygame.surfarray.array3d(picture)[402:]]
        rings.append(int((half[0][70:320, 100:300] != half[1][70:320, 100:300]).any(axis=2).sum()))
    assert rings[0] == 0 < rings[1]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On two sales, which have no town."""
    runs = tmp_path / "one", tmp_path / "other"
    for folder, seed in zip(runs, (3, 4), strict=True):
        run_scenario(overridden(sale(text("english")), {"seed": seed}), folder)
    target = tmp_path / "pair.png"
    code, _, error = asked(capsys, "watch", *runs, "--shot", target, "--size", "640x320")
    assert code == 0, error
    assert pygame.image.load(str(target)).get_size() == (640, 320)
    for more, wrong in (
        (("--shot", tmp_path / "a.gif"), "does not end in .png"),
        (("--shot", target, "--agent", "Nobody"), "nobody in one is called 'Nobody'"),
        (("--tick", 1), "name its file with --shot"),
    ):
        code, _, error = asked(capsys, "watch", *runs, *more)
        assert code == 2 and wrong in error, error
    code, _, error = asked(capsys, "watch", runs[0], runs[0], "--shot", target)
    assert code == 2 and "are the same run: name two" in " ".join(error.split())
