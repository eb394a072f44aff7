"""How evenly the window shows a run that goes on beside it: `python -m benchmarks.live [--model M]`.

The run and its language model work in the same process, on the same processor. The display is one that is
not there. A frame is due every 16 or 17 ms.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from burgh.scenarios.cli.console import out, table, write_json

LOADING_SECONDS = 10.0  # after that the model is there and the run goes on


@dataclass(frozen=True, slots=True)
class Smoothness:
    """Of the frames after the first seconds. gap, drawing: milliseconds at p50, p95, p99 and the longest,
    from one frame to the next and of one frame."""

    frames: int
    per_second: float
    gap: tuple[float, float, float, float]
    drawing: tuple[float, float, float, float]
    load: float


def spread(values: list[float]) -> tuple[float, float, float, float]:
    ordered = sorted(values)
    p50, p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95, 0.99))
    return p50, p95, p99, ordered[-1]


def measure(scenario: str, model: str | None, lasting: float, folder: Path) -> Smoothness:
    """Runs the scenario in the window, as `burgh run --watch` does, for so many seconds."""
    os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    import pygame

    from burgh.scenarios.cli.run import run
    from burgh.sim.viewer.window import Window

    began, frames = time.perf_counter(), list[tuple[float, float]]()
    draw = Window.frame

    def frame(self: Window, seconds: float) -> None:
        at = time.perf_counter()
        draw(self, seconds)
        if at - began > LOADING_SECONDS:
            frames.append((at, (time.perf_counter() - at) * 1e3))
        if at - began > LOADING_SECONDS + lasting:
            pygame.event.post(pygame.event.Event(pygame.QUIT))
            assert self.controls is not None
            self.controls.stop()

    Window.frame = frame  # type: ignore[method-assign]
    try:
        run(scenario, model=model, watch=True, out=folder, quiet=True)
    finally:
        Window.frame = draw  # type: ignore[method-assign]
    gaps = [(after[0] - one[0]) * 1e3 for one, after in pairwise(frames)]
    per_second = (len(frames) - 1) / (frames[-1][0] - frames[0][0])
    return Smoothness(
        len(frames), per_second, spread(gaps), spread([took for _, took in frames]), os.getloadavg()[0]
    )


def main(
    scenario: str = "market-day",
    model: Annotated[str | None, typer.Option(help="The scenario's own if none.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="For which frames are counted.")] = 60,
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Measures the window beside a run."""
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(scenario, model, seconds, Path(scratch) / "run")
    if json:
        write_json(asdict(found))
        return
    rows = [("frames; a second", f"{found.frames:,}; {found.per_second:.1f}")]
    for name, values in (("from one frame to the next", found.gap), ("drawing one", found.drawing)):
        rows.append((f"{name}, ms p50 / p95 / p99 / longest", " / ".join(f"{one:.1f}" for one in values)))
    rows.append(("load average", f"{found.load:.1f}"))
    out.print(table(("figure", "value"), rows, right=("value",)))


if __name__ == "__main__":
    typer.run(main)
