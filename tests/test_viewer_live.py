"""The window on a run that goes on: it is followed, driven by keys, and shows what commands told it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from test_viewer_window import Driven, press, type_in
from viewer_for_tests import by_tick, morning, recorded

from burgh.sim.protocols import Controls
from burgh.sim.viewer.playback import open_playback
from burgh.sim.viewer.player import SPEEDS
from burgh.sim.viewer.window import Window


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    pygame.display.quit()


def test_a_run_that_goes_on_is_followed_and_driven(tmp_path: Path) -> None:
    ticks = by_tick(morning())
    writer = recorded(tmp_path / "run", ticks[0], close=False)
    controls = Driven()
    assert isinstance(controls, Controls)
    window = Window(open_playback(tmp_path / "run", whole=False), controls=controls)
    window.frame(0.0)
    assert window.status.live and controls.ticks_per_second == 6
    window.frame(1.0)
    assert window.player.tick == 0  # nothing newer is known
    for tick in (1, 2):
        writer.append(ticks[tick])
        writer.end_tick(tick)
    window.frame(0.2)  # reads
    window.frame(0.2)
    assert 1 < window.player.tick <= 2
    press(window, pygame.K_SPACE)
    assert controls.paused
    press(window, pygame.K_END)
    type_in(window, ".")
    assert (controls.steps, window.player.tick) == (1, 2)
    writer.append(ticks[3])
    writer.end_tick(3)
    window.frame(0.2)
    window.frame(0.0)
    assert window.player.tick == 3
    type_in(window, "+")
    assert controls.ticks_per_second == 12
    writer.close("end")
    window.frame(0.2)
    assert not window.status.live
    window.player.release()
    assert (controls.paused, controls.ticks_per_second) == (False, None)


def test_what_is_commanded_of_a_run_is_shown_and_keys_go_on_from_there(tmp_path: Path) -> None:
    ticks = by_tick(morning())
    writer = recorded(tmp_path / "run", [event for tick in range(4) for event in ticks[tick]], close=False)
    controls = Driven()
    window = Window(open_playback(tmp_path / "run", whole=False), controls=controls)
    window.frame(0.0)
    controls.paused = True  # as "until 07:31" leaves it
    window.frame(0.1)
    assert not window.status.paused, "the run holds at a tick that is not shown yet"
    window.player.seek(3)
    window.frame(0.1)
    assert window.status.paused
    press(window, pygame.K_SPACE)
    assert not controls.paused and not window.status.paused, "one key is enough to go on"
    press(window, pygame.K_SPACE)
    controls.paused = False  # as "go" leaves it
    controls.ticks_per_second = 60.0  # as "speed 10" does
    window.frame(0.0)
    assert (window.status.paused, window.status.speed) == (False, 10)
    type_in(window, "-")
    assert controls.ticks_per_second == 24
    controls.ticks_per_second = None
    window.frame(0.0)
    assert window.status.speed == SPEEDS[-1]
    writer.abandon()


def test_a_run_written_by_another_thread_is_seen_to_its_end(tmp_path: Path) -> None:
    ticks = by_tick(morning())
    writer = recorded(tmp_path / "run", ticks[0], close=False)

    def write() -> None:
        for tick in range(1, 13):
            writer.append(ticks.get(tick, []))
            writer.end_tick(tick)
        writer.close("end")

    window = Window(open_playback(tmp_path / "run", whole=False))
    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(400):
        window.frame(0.1)
        if window.playback.ended and window.player.at_edge:
            break
    thread.join()
    assert window.player.tick == 12
    assert window.view.scene is not None and window.view.scene.ended == "end"
