"""`burgh export`: a run, or a stretch of it, as a page or a film, or a moment as a picture, to send on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from burgh.scenarios.cli.console import WHEN, count, err, file_size, line
from burgh.scenarios.cli.folders import LAST, find_run
from burgh.scenarios.cli.runs import RunName
from burgh.scenarios.cli.watch import pixels
from burgh.sim.types import BurghError

SPEED = 12.0  # game ticks in a second: at ticks of ten seconds, two game minutes
SIZE = "960x540"


def export(
    run: RunName = LAST,
    *,
    mp4: Annotated[Path | None, typer.Option(metavar="FILE", help="A film as MP4.")] = None,
    gif: Annotated[Path | None, typer.Option(metavar="FILE", help="A film as GIF.")] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A page that plays in any browser, by itself.")
    ] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="A picture of the moment --from.")] = None,
    begin: Annotated[str | None, typer.Option("--from", help=f"Where it begins, {WHEN}.")] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="Where it ends; at the run's end if not said.")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=1000,
            help="Game ticks in a second of it: 12 if not said, 2 on a page without a town.",
        ),
    ] = None,
    follow: Annotated[str | None, typer.Option(metavar="AGENT", help="Whom it follows closely.")] = None,
    size: Annotated[
        str | None,
        typer.Option(metavar="WxH", help="In pixels, 960x540 if not said; a page is as large as its window."),
    ] = None,
) -> None:
    """Makes a page, a film or a picture of a run."""
    named = {".html": html, ".mp4": mp4, ".gif": gif, ".png": png}
    targets = {kind: path for kind, path in named.items() if path is not None}
    if len(targets) != 1:
        raise BurghError("name one file to make: --html FILE, --mp4 FILE, --gif FILE or --png FILE")
    ((kind, target),) = targets.items()
    if target.suffix.lower() != kind:
        raise BurghError(f"--{kind[1:]} {target}: the file's name has to end in {kind}")
    if png is not None:
        _refuse("--png is one moment, that of --from", {"--speed": speed, "--to": to if begin else None})
    if html is not None:
        _refuse("a page is as large as its window", {"--size": size})
    from burgh.scenarios.cli.moment import clock_of, tick_of
    from burgh.sim.record import open_log
    from burgh.sim.viewer.film import film
    from burgh.sim.viewer.shot import shot
    from burgh.sim.viewer.web.write import write_page

    folder = find_run(run)
    log = open_log(folder)
    end = log.last_frame.tick if log.last_frame is not None else 0
    first = 0 if begin is None else min(end, tick_of(log, at=begin))
    last = end if to is None else min(end, tick_of(log, at=to))
    if png is not None:
        shot(folder, png, at=first if begin is not None else last, size=pixels(size or SIZE), follow=follow)
        line(str(png))
        return
    if first >= last:
        clock = clock_of(log.started.data)
        start, stop = begin or f"{clock.at(first):%H:%M}", to or f"{clock.at(last):%H:%M}"
        raise BurghError(f"from {start} to {stop} there is nothing to show: let --to be later than --from")
    from rich.progress import Progress

    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(f"drawing {target.name}", total=None)

        def told(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        if html is not None:
            size_bytes = write_page(
                folder, html, first=first, last=last, speed=speed, follow=follow, progress=told
            )
            line(f"{html}: {file_size(size_bytes)}; open it in a browser")
            return
        frames = film(
            folder,
            target,
            first=first,
            last=last,
            ticks_per_second=SPEED if speed is None else speed,
            size=pixels(size or SIZE),
            follow=follow,
            progress=told,
        )
    line(f"{target}: {count(frames, 'frame')}, {file_size(target.stat().st_size)}")


def _refuse(why: str, given: dict[str, object]) -> None:
    """Raises BurghError where something is given that has no effect."""
    idle = [name for name, value in given.items() if value is not None]
    if idle:
        raise BurghError(f"{why}: leave out {' and '.join(idle)}")
