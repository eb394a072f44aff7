"""`burgh runs`, `show`, `verify`, `replay`: what was recorded, and whether it is what was written."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from burgh.scenarios.cli.console import WHEN, count, line, out, table, write_json
from burgh.scenarios.cli.folders import LAST, RUNS, find_run, run_folders
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.command import burgh_command
from burgh.sim.types import BurghError, Json

RunName = Annotated[
    str, typer.Argument(metavar="RUN", help='A run\'s folder, its name in runs/, or "last" for the latest.')
]


def runs(
    parent: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to look.")] = RUNS,
    as_json: AsJson = False,
) -> None:
    """Lists the recorded runs, the latest last."""
    if parent == RUNS and not parent.exists():
        found: list[dict[str, Json]] = []
    else:
        found = [_summary(folder) for folder in run_folders(parent)]
    if as_json:
        write_json(found)
    elif not found:
        line(f"there are no runs in {parent}: {burgh_command()} run market-day makes one")
    else:
        columns = ("run", "scenario", "model", "seed", "reached", "frames", "state")
        rows = ([str(run[column]) for column in columns] for run in found)
        out.print(table(columns, rows, right=("seed", "frames")))


def _summary(folder: Path) -> dict[str, Json]:
    from burgh.scenarios.cli.moment import clock_of
    from burgh.sim.record import open_log

    try:
        log = open_log(folder)
        meta, started, last = log.meta, log.started.data, log.last_frame
        assert last is not None  # there is a first frame
        ended = last.events[-1].data["reason"] if log.complete else ""
        return {
            "run": folder.name,
            "scenario": started["scenario"],
            "model": _model_of(meta),
            "seed": started["seed"],
            "reached": clock_of(started).at(last.tick).strftime("%H:%M"),
            "frames": last.number + 1,
            "state": f"ended ({ended})" if ended else "not ended",
            "tick": last.tick,
            "final_hash": last.hash,
            "folder": str(folder),
        }
    except (BurghError, OSError, LookupError, TypeError, ValueError, AttributeError) as fault:
        blank = dict.fromkeys(("scenario", "model", "seed", "reached", "frames"), "-")
        return {"run": folder.name, **blank, "state": f"cannot be read: {fault}", "folder": str(folder)}


def verify(run: RunName = LAST, as_json: AsJson = False) -> None:
    """Computes every hash of a record again; says the first frame that is wrong, or the final hash."""
    from burgh.sim.record import verify as check

    folder = find_run(run)
    verdict = check(folder)
    if as_json:
        write_json({"run": str(folder), "ok": verdict.ok, **asdict(verdict)})
        if not verdict.ok:
            raise typer.Exit(2)
        return
    if verdict.fault is not None:
        raise BurghError(f"{folder} is not as it was written: {verdict.fault}")
    line(f"{folder}: {count(verdict.frames, 'frame')} to tick {verdict.tick}, all as they were written")
    if verdict.torn is not None:
        line(f"cut short: {verdict.torn}")
    elif not verdict.complete:
        line("the run has not ended: it is under way, or was stopped from outside")
    line(f"final hash {verdict.final_hash}")


def replay(run: RunName = LAST, as_json: AsJson = False) -> None:
    """Applies the recorded actions to a fresh world, with no model, and stops at the first difference."""
    from burgh.scenarios.kinds import kind_of
    from burgh.scenarios.recorded import scenario_of
    from burgh.scenarios.travel.changes import world_after
    from burgh.sim.record import open_log
    from burgh.sim.record import replay as again

    log = open_log(find_run(run))
    scenario = scenario_of(log)
    found = again(log, lambda: kind_of(scenario).world(scenario), world_after(scenario))
    if as_json:
        write_json({"run": str(log.folder), "ok": found.mismatch is None, **asdict(found)})
        if found.mismatch is not None:
            raise typer.Exit(2)
        return
    if found.mismatch is not None:
        raise BurghError(f"{log.folder} does not come again: {found.mismatch}")
    line(f"{log.folder}: {count(found.ticks, 'tick')} applied again, and each brought what was recorded")


def show(
    run: RunName = LAST,
    tick: Annotated[int | None, typer.Option(min=0, help="As it was at that tick.")] = None,
    at: Annotated[str | None, typer.Option(help=f"As it was at that time, {WHEN}.")] = None,
    agent: Annotated[str | None, typer.Option(help="What one agent did, planned and remembered.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows a run as it was at a moment, the last one where none is named."""
    from burgh.scenarios.cli.moment import Moment, print_agent, print_town

    if tick is not None and at is not None:
        raise BurghError("--tick and --at both name a moment: give one of them")
    moment = Moment.of(find_run(run), tick, at)
    if agent is not None:
        moment.check_agent(agent)
    if as_json:
        write_json(moment.to_json(agent))
    elif agent is not None:
        print_agent(moment, agent)
    else:
        print_town(moment)


def _model_of(meta: dict[str, Json]) -> str:
    model = meta.get("model")
    return str(model.get("model", "-")) if isinstance(model, dict) else str(model or "-")
