"""Running a scenario: build, tick, record, and close the record whatever happens."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from burgh import __version__
from burgh.scenarios.build import Parts, build
from burgh.scenarios.controls import RunControls
from burgh.scenarios.spec import Scenario
from burgh.sim.engine import Engine, Tick
from burgh.sim.protocols import LanguageModel
from burgh.sim.record import RunWriter, files
from burgh.sim.types import BurghError, Json

PACKAGES = ("torch", "transformers", "llguidance", "numpy", "scipy", "chromadb", "zstandard")
MEMORY = "memory"  # the folder of derived stores within a run's folder

Watcher = Callable[[Tick], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. reason: "end", or "stopped" by whoever ran it. costs: calls, tokens and seconds by
    purpose, as `Accounts.table`. seconds: wall clock with loading; model_seconds: of that, the model's."""

    folder: Path
    reason: str
    tick: int
    final_hash: str
    costs: list[dict[str, Json]]
    seconds: float
    model_seconds: float


def run_scenario(
    scenario: Scenario,
    folder: Path,
    *,
    model: LanguageModel | None = None,
    threads: int | None = None,
    watchers: tuple[Watcher, ...] = (),
    controls: RunControls | None = None,
    ready: Callable[[Parts], None] | None = None,
) -> Outcome:
    """Runs a scenario into a folder, which must be empty or not exist yet.

    model: one that is loaded already. watchers: told of each tick when it is in the record. ready: told
    when everything is built and nothing recorded yet. Raises BurghError; what was recorded until then is
    intact. Raises KeyboardInterrupt, and leaves nothing, where it was stopped before all was built.
    """
    begin = time.perf_counter()
    _must_be_free(folder)
    parts = build(scenario, folder / MEMORY, model=model, threads=threads)
    with parts.store:
        if controls is not None and controls.stopped:
            raise KeyboardInterrupt
        if ready is not None:
            ready(parts)
        writer = RunWriter(folder, _meta(scenario, parts), host=_host())
        run = _Run(scenario, parts, writer, watchers, controls or RunControls())
        reason = "fault"
        try:
            reason = asyncio.run(run.whole())
        except KeyboardInterrupt:
            reason = "stopped"
        finally:
            writer.close(reason)
    total = parts.accounts.total()
    return Outcome(
        folder,
        reason,
        run.engine.tick,
        writer.final_hash,
        parts.accounts.table("purpose"),
        time.perf_counter() - begin,
        total.seconds,
    )


class _Run:
    """One run under way."""

    def __init__(
        self,
        scenario: Scenario,
        parts: Parts,
        writer: RunWriter,
        watchers: tuple[Watcher, ...],
        controls: RunControls,
    ) -> None:
        self.scenario = scenario
        self.parts = parts
        self.writer = writer
        self.watchers = watchers
        self.controls = controls
        self.engine = Engine(parts.world, parts.minds, writer, scenario.clock)
        self._tick_began = time.perf_counter()
        self._paid = parts.accounts.total()

    async def whole(self) -> str:
        self._after(await self.engine.begin(self._started()))
        await self.engine.run(self.scenario.until_tick, before_tick=self._before, after_tick=self._after)
        if self.controls.stopped:
            return "stopped"
        self.writer.end_tick(self.scenario.until_tick)  # nothing more happened, but the time passed
        return "end"

    def _started(self) -> dict[str, Json]:
        return {
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "seed": self.scenario.seed,
            "start": self.scenario.start.isoformat(),
            "tick_seconds": self.scenario.tick_seconds,
            "agents": list(self.parts.world.agents),
        }

    def _before(self, tick: int) -> bool:
        go = self.controls.may_go(tick - self.engine.tick)
        self._tick_began = time.perf_counter()
        return go

    def _after(self, tick: Tick) -> None:
        paid = self.parts.accounts.total()
        if paid.calls > self._paid.calls:
            aside = {
                "seconds": round(time.perf_counter() - self._tick_began, 4),
                "model_seconds": round(paid.seconds - self._paid.seconds, 4),
                "calls": paid.calls - self._paid.calls,
                "tokens_in": paid.tokens_in - self._paid.tokens_in,
                "tokens_cached": paid.tokens_cached - self._paid.tokens_cached,
                "tokens_out": paid.tokens_out - self._paid.tokens_out,
            }
            self.writer.aside(tick.tick, aside)
            self._paid = paid
        self.parts.store.flush()
        for watcher in self.watchers:
            watcher(tick)


def _must_be_free(folder: Path) -> None:
    """Says before anything heavy is loaded that nothing can be recorded there."""
    standing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not standing.is_dir():
        raise BurghError(f"no run can be recorded in {folder}: {standing} is not a folder")
    if not os.access(standing, os.W_OK | os.X_OK):
        raise BurghError(f"no run can be recorded in {folder}: {standing} may not be written to")
    others = sorted(path.name for path in folder.iterdir()) if standing == folder else []
    if files.META in others:
        raise BurghError(f"{folder} already holds a run: name a new or an empty folder")
    if visible := [name for name in others if name != files.LOCK]:
        raise BurghError(f"{folder} already holds {visible[0]}: a run needs a folder of its own")


def _meta(scenario: Scenario, parts: Parts) -> dict[str, Json]:
    """What the run is: what equal runs have in common."""
    return {
        "burgh": __version__,
        "scenario": scenario.resolved(),
        "seed": scenario.seed,
        "model": dict(parts.accounts.identity),
        "embedder": dict(parts.embedder.identity),
    }


def _host() -> dict[str, Json]:
    """Where and with what it ran: what may differ between equal runs."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "began": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def run_to_folder(name: str, seed: int) -> Path:
    """A new folder in `runs`, named after the scenario and the seed, numbered where that is taken."""
    for number in range(1, 10_000):
        folder = Path("runs") / (f"{name}-{seed}" if number == 1 else f"{name}-{seed}-{number}")
        if not folder.exists():
            return folder
    raise BurghError(f"runs/ holds 10,000 runs of {name} with seed {seed}: move some elsewhere")
