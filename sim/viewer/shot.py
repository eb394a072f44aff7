"""A picture of a run at one moment, drawn without a screen."""

from __future__ import annotations

import difflib
import os
from io import BytesIO
from pathlib import Path

from burgh.sim.record.files import write_whole
from burgh.sim.types import BurghError
from burgh.sim.viewer.playback import Playback, open_playback

LEAST, MOST = 64, 8192


def shot(
    run_path: Path | str,
    out_png: Path | str,
    *,
    at: int | None = None,
    size: tuple[int, int] = (1280, 720),
    follow: str | None = None,
) -> None:
    """Draws a run at a tick (default: the last) into a PNG file of that size in pixels.

    follow: a villager to look at closely, with the panel beside. Raises BurghError: no record, a tick or a
    name that the run does not have, a size that cannot be drawn, a file that cannot be written or is
    not called *.png.
    """
    _check_name(Path(out_png))
    playback = open_playback(run_path)
    try:
        draw_shot(playback, out_png, at=at, size=size, follow=follow)
    finally:
        playback.close()


def draw_shot(
    playback: Playback,
    out_png: Path | str,
    *,
    at: int | None = None,
    size: tuple[int, int] = (1280, 720),
    follow: str | None = None,
) -> None:
    """As `shot`, of events that are at hand."""
    _check_name(Path(out_png))
    tick = playback.last_tick if at is None else at
    check_seen(playback, tick, size, follow)
    _draw(playback, Path(out_png), tick, size, follow)


def check_seen(playback: Playback, tick: int, size: tuple[int, int], follow: str | None) -> None:
    """Raises BurghError for a tick or a name that the run does not have, and a size that cannot be drawn."""
    if not 0 <= tick <= playback.last_tick:
        raise BurghError(f"the run has no tick {tick}: it goes from 0 to {playback.last_tick}")
    if not all(LEAST <= side <= MOST for side in size):
        raise BurghError(f"no picture of {size[0]} x {size[1]} pixels can be drawn: take {LEAST} to {MOST}")
    people = playback.tip.people
    if follow is not None and follow not in people:
        near = difflib.get_close_matches(follow, people, 1, 0.5)
        hint = f": did you mean {near[0]}?" if near else f", only {', '.join(list(people)[:12])}"
        raise BurghError(f"nobody in this run is called {follow!r}{hint}")


def _check_name(out_png: Path) -> None:
    if out_png.suffix.lower() != ".png":
        raise BurghError(f"pictures are drawn as PNG: {out_png} does not end in .png")


def _draw(playback: Playback, out_png: Path, tick: int, size: tuple[int, int], follow: str | None) -> None:
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    import pygame

    from burgh.sim.viewer.hud import Status
    from burgh.sim.viewer.view import FOLLOW_ZOOM, View

    target = pygame.Surface(size, 0, 32)
    view = View(size)
    if follow is not None:
        view.select(follow)
        view.camera.zoom = FOLLOW_ZOOM
    view.draw(target, playback, tick, Status(paused=False, speed=None, live=False, at_edge=False))
    picture = BytesIO()  # pygame has words of its own for a disk that is full
    pygame.image.save(target, picture, "picture.png")
    try:
        write_whole(out_png, picture.getvalue())
    except OSError as error:
        raise BurghError(f"the picture {out_png} cannot be written: {error.strerror}") from None
