"""`burgh watch`: the window on a run, and pictures of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from burgh.scenarios.cli.console import WHEN, line
from burgh.scenarios.cli.folders import LAST, find_run, find_two
from burgh.scenarios.cli.runs import RunName
from burgh.sim.types import BurghError


def watch(
    run: RunName = LAST,
    other: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="Another run, to be shown beside the first.")
    ] = None,
    *,
    shot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draws a picture instead, without a screen.")
    ] = None,
    tick: Annotated[int | None, typer.Option(min=0, help="The picture's tick; the last one if none.")] = None,
    at: Annotated[str | None, typer.Option(help=f"The picture's time, {WHEN}.")] = None,
    agent: Annotated[str | None, typer.Option(help="Whom the picture follows closely.")] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="The picture's size in pixels.")] = "1280x720",
) -> None:
    """Shows a run in a window, finished or still going on; or draws a picture of a moment."""
    if other is not None:
        _pair(*find_two(run, other), shot, tick=tick, at=at, agent=agent, size=pixels(size))
        return
    folder = find_run(run)
    if shot is None:
        if (tick, at, agent) != (None, None, None):
            raise BurghError("--tick, --at and --agent choose a picture: name its file with --shot FILE.png")
        from burgh.sim.viewer.window import watch as open_window

        open_window(folder)
        return
    if tick is not None and at is not None:
        raise BurghError("--tick and --at both name a moment: give one of them")
    from burgh.scenarios.cli.moment import tick_of
    from burgh.sim.record import open_log
    from burgh.sim.viewer.shot import shot as draw

    log = open_log(folder)
    last = log.last_frame
    moment = min(tick_of(log, tick, at), last.tick if last is not None else 0)  # nothing changes after it
    draw(folder, shot, at=moment, size=pixels(size), follow=agent)
    line(str(shot))


def _pair(
    one: Path,
    other: Path,
    shot: Path | None,
    *,
    tick: int | None,
    at: str | None,
    agent: str | None,
    size: tuple[int, int],
) -> None:
    """Two runs side by side; the picture, where no moment is named, is of where they part."""
    from burgh.scenarios.cli.moment import tick_of
    from burgh.scenarios.travel.compare import compare
    from burgh.sim.record import open_log
    from burgh.sim.viewer.pair import pair_shot

    first = compare(one, other).first
    parted = None if first is None else first.tick
    if shot is None:
        if (tick, at, agent) != (None, None, None):
            raise BurghError("--tick, --at and --agent choose a picture: name its file with --shot FILE.png")
        from burgh.sim.viewer.pairwindow import watch_pair

        watch_pair(one, other, parted=parted)
        return
    if tick is not None and at is not None:
        raise BurghError("--tick and --at both name a moment: give one of them")
    named = (tick, at) != (None, None)
    moment = tick_of(open_log(one), tick, at) if named or parted is None else parted
    pair_shot(one, other, shot, at=moment, parted=parted, size=size, follow=agent)
    line(str(shot))


def pixels(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isascii() and width.isdecimal() and height.isascii() and height.isdecimal()):
        raise BurghError(f"--size {text!r} is not a size: write width x height in pixels, as in 1280x720")
    return int(width), int(height)
