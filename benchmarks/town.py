"""What a run of a town costs: `python -m benchmarks.town [--scenario market-day] [--model embedded]`."""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from burgh.scenarios.build import Parts
from burgh.scenarios.cli.console import err, line, out, table, write_json
from burgh.scenarios.load import load_town
from burgh.scenarios.run import run_scenario
from burgh.scenarios.spec import Scenario
from burgh.sim.engine import Tick
from burgh.sim.protocols import Mind
from burgh.sim.types import BurghError, Observation, Step


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. Hours are game hours, seconds are wall clock from the call that starts the run.

    start_seconds: until everything is built and the model loaded. first_tick_seconds: until tick 0, with
    everyone's day planned, is in the record. agent_steps: how often a mind was asked for a step.
    tokens_kept: of the tokens in, those that were not computed again. model_seconds: in the model.
    outside_share: of the seconds, the share that was not spent in the model; live_outside_share: the same
    from the end of the start on. peak_mib: the most memory that the process has held.
    """

    scenario: str
    model: str
    seed: int
    until: str
    agents: int
    hours: float
    seconds: float
    start_seconds: float
    first_tick_seconds: float
    model_seconds: float
    agent_steps: int
    calls: int
    tokens_in: int
    tokens_kept: int
    tokens_out: int
    peak_mib: float
    final_hash: str

    @property
    def outside_share(self) -> float:
        return 1 - self.model_seconds / self.seconds

    @property
    def live_outside_share(self) -> float:
        return 1 - self.model_seconds / (self.seconds - self.start_seconds)

    @property
    def steps_per_second(self) -> float:
        return self.agent_steps / (self.seconds - self.start_seconds)

    @property
    def model_tokens_per_second(self) -> float:
        """Tokens computed, in and out, each second in the model; 0 where there is no model."""
        computed = self.tokens_in - self.tokens_kept + self.tokens_out
        return computed / self.model_seconds if self.model_seconds > 0 else 0.0

    def per_agent_hour(self, amount: float) -> float:
        return amount / (self.agents * self.hours)

    def rows(self) -> list[tuple[str, str]]:
        """What is shown: a name with its unit, and the figure."""
        each = self.per_agent_hour
        tokens_per_second = f"{self.model_tokens_per_second:,.0f}" if self.model_seconds > 0 else "-"
        return [
            ("agents, game hours", f"{self.agents}, {self.hours:.2f}"),
            ("wall time, s", f"{self.seconds:,.1f}"),
            ("start-up, s", f"{self.start_seconds:,.1f}"),
            ("until the first tick is recorded, s", f"{self.first_tick_seconds:,.1f}"),
            ("agent-steps", f"{self.agent_steps:,}"),
            ("agent-steps/s after start-up", f"{self.steps_per_second:,.1f}"),
            ("calls per agent-hour", f"{each(self.calls):,.0f}"),
            ("tokens in per agent-hour", f"{each(self.tokens_in):,.0f}"),
            ("of them kept, not computed again", f"{each(self.tokens_kept):,.0f}"),
            ("tokens out per agent-hour", f"{each(self.tokens_out):,.0f}"),
            ("model tokens/s (computed, in and out)", tokens_per_second),
            ("time in the model, s", f"{self.model_seconds:,.1f}"),
            ("time outside the model", f"{self.outside_share:.1%}"),
            ("time outside the model, after start-up", f"{self.live_outside_share:.1%}"),
            ("peak memory, MiB", f"{self.peak_mib:,.0f}"),
        ]


def measure(scenario: Scenario, folder: Path, *, threads: int | None = None) -> Figures:
    """Runs a scenario into a folder and measures it. Raises BurghError."""
    begin = time.perf_counter()
    moments: dict[str, float] = {}
    steps = 0
    built: list[Parts] = []

    def counted(step: Callable[[Observation], Awaitable[Step]]) -> Callable[[Observation], Awaitable[Step]]:
        def asked(observation: Observation) -> Awaitable[Step]:
            nonlocal steps
            steps += 1
            return step(observation)

        return asked

    def ready(parts: Parts) -> None:
        moments["start"] = time.perf_counter() - begin
        built.append(parts)
        for mind in parts.minds:
            _replace_step(mind, counted(mind.step))

    def watch(tick: Tick) -> None:
        moments.setdefault("first tick", time.perf_counter() - begin)

    outcome = run_scenario(scenario, folder, threads=threads, watchers=(watch,), ready=ready)
    seconds = time.perf_counter() - begin
    cost = built[0].accounts.total()
    return Figures(
        scenario=scenario.name,
        model=built[0].accounts.name,
        seed=scenario.seed,
        until=f"{scenario.until:%H:%M}",
        agents=len(scenario.agents),
        hours=scenario.clock.hours(scenario.until_tick if outcome.reason == "end" else outcome.tick),
        seconds=seconds,
        start_seconds=moments["start"],
        first_tick_seconds=moments["first tick"],
        model_seconds=cost.seconds,
        agent_steps=steps,
        calls=cost.calls,
        tokens_in=cost.tokens_in,
        tokens_kept=cost.tokens_cached,
        tokens_out=cost.tokens_out,
        peak_mib=peak_mib(),
        final_hash=outcome.final_hash,
    )


def _replace_step(mind: Mind, step: Callable[[Observation], Awaitable[Step]]) -> None:
    """Puts a counter before a mind, so that the run itself stays as it is."""
    setattr(mind, "step", step)  # noqa: B010 (mypy takes no assignment to a method)


def peak_mib() -> float:
    """The most memory that this process has held (`ru_maxrss` counts what it was forked from, too)."""
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(held.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB, but bytes on macOS
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def main(
    *,
    scenario: Annotated[str, typer.Option(help="A name of the library, or a file.")] = "market-day",
    model: Annotated[str, typer.Option(help='A model\'s name; "scripted" for none.')] = "embedded",
    until: Annotated[str | None, typer.Option(help="The time at which it ends, as in 10:00.")] = None,
    seed: Annotated[int | None, typer.Option(help="What chance starts from.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Of the processor; all if none.")] = None,
    directory: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Keeps the run in this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As json.")] = False,
) -> None:
    """Runs a scenario and says what it cost."""
    try:
        given = load_town(scenario, {"model": model, "until": until, "seed": seed})
        with tempfile.TemporaryDirectory() as scratch:
            figures = measure(given, directory or Path(scratch) / "run", threads=threads)
    except BurghError as fault:
        err.print(f"benchmarks.town: {fault}", soft_wrap=True)
        raise typer.Exit(2) from None
    if as_json:
        shares = {"outside_share": figures.outside_share, "live_outside_share": figures.live_outside_share}
        rates = {
            "steps_per_second": figures.steps_per_second,
            "model_tokens_per_second": figures.model_tokens_per_second,
        }
        write_json({**asdict(figures), **shares, **rates, "cores": os.cpu_count()})
        return
    line(f"{figures.scenario} until {figures.until}, seed {figures.seed}, on {figures.model}", "bold")
    line(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    out.print(table(("figure", "value"), figures.rows(), right=("value",)))


if __name__ == "__main__":
    typer.run(main)
