"""`burgh resume`, `fork`, `diff`: going on with a run, running it otherwise from a moment on, comparing."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import WHEN, line, out, table, write_json
from burgh.scenarios.cli.folders import LAST, check_out, find_run, find_two
from burgh.scenarios.cli.run import tell_run
from burgh.scenarios.cli.runs import RunName
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.clock import moment_named
from burgh.sim.command import burgh_command
from burgh.sim.types import Event

if TYPE_CHECKING:
    from burgh.scenarios.travel.compare import Comparison

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Says only how it ended.")]
SHOWN = 20  # rows of a table


def resume(
    run: RunName = LAST,
    *,
    until: Annotated[str | None, typer.Option(help=f"A later end, {WHEN}.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Goes on with a run that was stopped or broken off, or past its end."""
    from burgh.scenarios.travel.history import History
    from burgh.scenarios.travel.resume import resume_run
    from burgh.sim.record import open_log

    folder = find_run(run)
    history = History.of(open_log(folder))
    end = None if until is None else moment_named(history.base.clock, until)
    over = history.until() if end is None else end
    scenario = history.scenario_at(history.end_tick).model_copy(update={"until": over})
    start = partial(resume_run, folder, until=end)
    tell_run(scenario, folder, start, quiet=quiet, as_json=as_json, before=_before(folder))


def fork(
    run: RunName,
    *,
    at: Annotated[str, typer.Option(help=f"From when on it is another run, {WHEN}.")],
    whisper: Annotated[
        list[str] | None, typer.Option(metavar='"AGENT: ..."', help="An inner voice; may be given again.")
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(metavar='"[PLACE: ]..."', help="Something that all at a place perceive, or everyone."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A value of the scenario, as agents.Mira.job=smith."),
    ] = None,
    forget: Annotated[
        list[str] | None, typer.Option(metavar='"AGENT: 12"', help="A memory that is taken away.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Another language model from then on.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed from then on.")] = None,
    new: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The new run's folder.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Runs a run anew from a moment on with something changed; what came before costs no call."""
    from burgh.scenarios.run import run_to_folder
    from burgh.scenarios.travel.changes import parse_event, parse_forget, parse_set, parse_whisper
    from burgh.scenarios.travel.compare import made_no_difference
    from burgh.scenarios.travel.fork import fork_run
    from burgh.scenarios.travel.history import History
    from burgh.sim.record import open_log

    check_out(new)
    folder = find_run(run)
    history = History.of(open_log(folder))
    tick = history.base.clock.tick_of(moment_named(history.base.clock, at))
    before = history.scenario_at(tick - 1)
    changes = [
        *map(partial(parse_whisper, facts=getattr(before, "facts", {})), whisper or ()),
        *map(partial(parse_event, places=history.places()), event or ()),
        *map(parse_set, set_ or ()),
        *map(parse_forget, forget or ()),
        *([] if model is None else [{"what": "model", "model": model}]),
        *([] if seed is None else [{"what": "seed", "seed": seed}]),
    ]
    target = new if new is not None else run_to_folder(f"{history.base.name}-fork", history.base.seed)
    scenario = before.model_copy(update={"until": history.until(tick), **({"model": model} if model else {})})
    start = partial(fork_run, folder, target, tick, changes)
    tell_run(scenario, target, start, quiet=quiet, as_json=as_json, before=_before(folder))
    if not as_json:
        line(f"      {burgh_command()} diff {shlex.quote(str(folder))} {shlex.quote(str(target))}")
        if changes and made_no_difference(target, folder, tick):
            line(f"What was changed made no difference: all that follows is as in {folder}.", "yellow")


def _before(folder: Path) -> Callable[[int], Iterable[Event]]:
    """What the run in a folder holds before a tick."""
    from burgh.sim.record import open_log

    def events(tick: int) -> Iterable[Event]:
        for event in open_log(folder).events():
            if event.tick >= tick:
                return
            yield event

    return events


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help="A run.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another run.")],
    as_json: AsJson = False,
) -> None:
    """Tells where two runs part, and what differs then by agent and hour."""
    from burgh.scenarios.travel.compare import compare

    found = compare(*find_two(one, other))
    if as_json:
        write_json(found.to_json())
    else:
        _tell(found)


def _tell(found: Comparison) -> None:
    line(f"A  {found.one}\nB  {found.other}", "dim")
    for key, (was, now) in found.settings.items():
        line(f"{key}: {was} in A, {now} in B")
    if found.first is None:
        line("The runs are the same, event for event.", "bold")
        return
    line(f"\nThe same until {found.first.time}; then", "bold")
    line(f"  A  {found.first.one or 'is over'}\n  B  {found.first.other or 'is over'}")
    rows = [
        (part.hour, part.agent, *(f"{part.one[key]} / {part.other[key]}" for key in found.counted))
        for part in found.hours
    ]
    if rows:
        line("\nBy hour and agent, A / B, where they differ", "bold")
        out.print(table(("hour", "who", *found.counted), rows[:SHOWN], right=found.counted))
        if len(rows) > SHOWN:
            line(f"and {len(rows) - SHOWN} more (all with --json)", "dim")
    for title, pairs in found.outcomes.items():
        line(f"\n{title}", "bold")
        columns = ("who" if title != found.KNOWN else "fact", "A", "B")
        out.print(table(columns, [(name, was or "-", now or "-") for name, was, now in pairs]))
