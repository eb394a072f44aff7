"""Writes a run as one HTML page."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import jinja2
import orjson

from burgh.sim.record import open_log
from burgh.sim.record.files import write_whole
from burgh.sim.types import BurghError
from burgh.sim.viewer.web.collect import Collector

TICKS, ROUNDS = 12.0, 2.0  # in a second: of a town, two game minutes; of rounds and periods, time to read


def write_page(
    run_path: Path | str,
    out: Path | str,
    *,
    first: int = 0,
    last: int | None = None,
    speed: float | None = None,
    follow: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Writes the ticks from `first` to `last` (default: to the end) as a page. Returns its size in bytes.

    speed: ticks a second at which it begins to play; TICKS where there is a town, ROUNDS where not, unless
    said. follow: a villager whose panel is open.
    progress: told (ticks read, ticks in all). The file appears when it is whole. Raises BurghError where
    there is no record, nothing to show, nobody of that name, or the page cannot be written.
    """
    target, log = Path(out), open_log(run_path)
    frame = log.last_frame
    end = frame.tick if frame is not None else 0
    end = end if last is None else min(last, end)
    if not 0 <= first < end:
        raise BurghError(f"a page from tick {first} to tick {end} shows nothing: let it end after it begins")
    collector = Collector(first, end)
    collector.take(log.events(), lambda tick: progress(tick, end))
    builder = collector.builder
    names = list(builder.people or collector.minds)
    if follow is not None and follow not in names:
        known = ", ".join(names) or "nobody is in this run's world"
        who = "villager" if builder.people else "agent"
        raise BurghError(f"there is no {who} {follow!r} to follow: {known}")
    if speed is None:
        speed = TICKS if builder.town.width else ROUNDS
    minutes = speed * builder.clock.tick_seconds / 60
    data = {**collector.data(log.folder.name), "speed": minutes, "follow": follow}
    if builder.town.width:
        from burgh.sim.viewer.web.art import pictures

        kinds = {(row[2], row[5]) for row in collector.things}
        things = tuple(builder.things.values())
        data |= {"map": [builder.town.width, builder.town.height]}
        data |= {"art": pictures(builder.town, builder.people.values(), things, kinds)}
    text = _filled(data, log.folder.name)
    try:
        write_whole(target, text)
    except OSError as error:
        raise BurghError(f"the page {target} cannot be written: {error.strerror or error}") from None
    return target.stat().st_size


def _filled(data: dict[str, object], title: str) -> str:
    """The page with its script, its style and its data in it."""
    here = files("burgh.sim.viewer.web")
    page = jinja2.Environment(autoescape=True).from_string((here / "page.html").read_text("utf-8"))
    # a "<" could end the script in which the data stands, whatever somebody in the run has said
    plain = orjson.dumps(data).decode().replace("<", "\\u003c")
    scripts = ("time.js", "draw.js", "panel.js", "board.js", "page.js")
    script = "\n".join((here / name).read_text("utf-8") for name in scripts)
    style = (here / "page.css").read_text("utf-8")
    return page.render(title=title, style=style, script=script, data=plain)
