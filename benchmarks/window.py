"""What the window costs with a thousand villagers: `python -m benchmarks.window [--run FOLDER] [--json]`.

Without --run it first makes a run of a million events (benchmarks.crowd), which takes half a minute and more.
CPU seconds of this process beside wall time: on a busy machine only those mean something.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.crowd import make
from burgh.scenarios.cli.console import out, table, write_json

SIZE = (1280, 720)
FRAMES = 300
SEEKS = 200


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of many times the same: of the processor, and by the clock."""

    cpu_p50: float
    cpu_p95: float
    wall_p50: float
    wall_p95: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. frames: by what is seen. yardstick_ms: CPU time of a fixed piece of plain Python, to
    set machines, and a busy one and an idle one, beside each other. frames_fast: at 1000x."""

    events: int
    people: int
    first_open_seconds: float
    index_cpu_seconds: float
    open_seconds: float
    open_cpu_seconds: float
    seek: Spent
    frames: dict[str, Spent]
    peak_mib: float
    yardstick_ms: float
    load: float


def spent(do: Callable[[int], object], times: int) -> Spent:
    cpu, wall = [], []
    for number in range(times):
        c, w = time.process_time(), time.perf_counter()
        do(number)
        cpu.append((time.process_time() - c) * 1e3)
        wall.append((time.perf_counter() - w) * 1e3)
    cpu.sort()
    wall.sort()
    middle, high = times // 2, times * 95 // 100
    return Spent(cpu[middle], cpu[high], wall[middle], wall[high])


def yardstick() -> float:
    """CPU milliseconds of a fixed piece of plain Python: the median of five."""
    found = []
    for _ in range(5):
        began, total = time.process_time(), 0
        for number in range(200_000):
            total += number * number % 7
        found.append((time.process_time() - began) * 1e3)
    return sorted(found)[2]


def measure(folder: Path, maps: Path) -> Figures:
    """Opens, seeks and draws a run as the window does, on a display that is not there."""
    os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    from burgh.sim.viewer.playback import open_playback
    from burgh.sim.viewer.window import Window

    (folder / "index.sqlite").unlink(missing_ok=True)
    began = time.perf_counter()
    playback = open_playback(folder, whole=False)
    window = Window(playback, cache=maps)
    window.frame(0.0)
    first_open = time.perf_counter() - began
    cpu = time.process_time()
    playback.read_on()
    index_cpu = time.process_time() - cpu
    window.view.stage.painter.wait()
    playback.close()
    began, cpu = time.perf_counter(), time.process_time()
    playback = open_playback(folder, whole=False)
    window = Window(playback, cache=maps)
    window.frame(0.0)
    opened, opened_cpu = time.perf_counter() - began, time.process_time() - cpu
    window.settle()
    window.view.stage.painter.wait()
    rng = random.Random(1)
    ticks = [rng.random() * playback.last_tick for _ in range(SEEKS)]
    seek = spent(lambda number: playback.at(ticks[number]), SEEKS)
    frames = {}
    window.player.seek(playback.last_tick // 3)
    for name, zoom in (("all of the town", None), ("zoom 1", 1.0), ("zoom 2", 2.0), ("zoom 3", 3.0)):
        if zoom is None and window.view.scene is not None:
            window.view.frame_whole(window.view.scene)
        elif zoom is not None:
            window.view.camera.zoom = zoom
        for _ in range(60):  # villagers dress once
            window.frame(1 / 60)
        frames[name] = spent(lambda _: window.frame(1 / 60), FRAMES)
    window.view.select(playback.tip.names[7])
    frames["zoom 3, with the mind"] = spent(lambda _: window.frame(1 / 60), FRAMES)
    window.view.events.open = True
    frames["zoom 3, with mind and events"] = spent(lambda _: window.frame(1 / 60), FRAMES)
    count = playback.table.database.execute("SELECT count(*) FROM events").fetchone()[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1 << 20
    )
    people = len(playback.tip.people)
    playback.close()
    load, stick = os.getloadavg()[0], yardstick()
    return Figures(count, people, first_open, index_cpu, opened, opened_cpu, seek, frames, peak, stick, load)


def main(
    run: Annotated[Path | None, typer.Option(help="A run that benchmarks.crowd has made.")] = None,
    events: Annotated[int, typer.Option(min=1, help="Of the run that is made.")] = 1_000_000,
    people: Annotated[int, typer.Option(min=1, max=5000)] = 1_000,
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Measures the window."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = run
        if folder is None:
            folder = Path(scratch) / "crowd"
            make(folder, events, people)
        figures = measure(folder, Path(scratch) / "maps")
    if json:
        write_json(asdict(figures))
        return
    rows = [
        ("events, villagers", f"{figures.events:,}, {figures.people:,}"),
        ("first opening, until something is seen, s", f"{figures.first_open_seconds:.2f}"),
        ("making the index, CPU s", f"{figures.index_cpu_seconds:.1f}"),
        ("opening, until all is known and seen, s", f"{figures.open_seconds:.2f}"),
        ("the same, CPU s", f"{figures.open_cpu_seconds:.2f}"),
    ]
    costs = {"seeking": figures.seek, **{f"a frame, {name}": cost for name, cost in figures.frames.items()}}
    for name, cost in costs.items():
        rows.append((f"{name}, CPU ms p50 / p95", f"{cost.cpu_p50:.1f} / {cost.cpu_p95:.1f}"))
        rows.append((f"{name}, wall ms p50 / p95", f"{cost.wall_p50:.1f} / {cost.wall_p95:.1f}"))
    rows.append(("peak memory, MiB", f"{figures.peak_mib:.0f}"))
    rows.append(("yardstick, CPU ms; load average", f"{figures.yardstick_ms:.1f}; {figures.load:.1f}"))
    out.print(table(("figure", "value"), rows, right=("value",)))


if __name__ == "__main__":
    typer.run(main)
