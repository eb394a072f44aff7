"""`burgh metrics`: the social measures of a run."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.asking import At, AtTick, check_writable
from burgh.scenarios.cli.console import STDOUT, amount, asked_of, count, line, out, table, write_json
from burgh.scenarios.cli.folders import find_run
from burgh.scenarios.cli.interview import Model
from burgh.scenarios.cli.runs import RunName
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    from burgh.scenarios.kinds import Measures
    from burgh.sim.record import RunLog


def metrics(
    run: RunName,
    *,
    at: At = None,
    tick: AtTick = None,
    every: Annotated[str, typer.Option(help="How far the rows of the series lie apart.")] = "1h",
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE|-", help="Writes the series as CSV."),
    ] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draws the series.")] = None,
    interview: Annotated[
        bool, typer.Option("--interview", help="Asks everybody besides whether they know of each fact.")
    ] = False,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Measures a run: who learnt what through whom, who came, who knows whom, plans, speech, and cost."""
    from burgh.scenarios.ask.metrics import metrics_of, parse_every
    from burgh.scenarios.cli.moment import tick_of
    from burgh.sim.record import open_log
    from burgh.sim.record.frames import run_clock

    if tick is not None and at is not None:
        raise BurghError("--tick and --at both name a moment: give one of them")
    if csv_file == STDOUT and as_json:
        raise BurghError("--csv - and --json both write to standard output: give one of them")
    check_writable(None if csv_file == STDOUT else csv_file)
    check_writable(png)
    log = open_log(find_run(run))
    until = tick_of(log, tick, at)
    if (measured := _measured(log, until)) is not None:
        if csv_file is not None or png is not None:
            raise BurghError(f"{log.folder} is no run of a town: of its measures there is no series to write")
        if interview:
            raise BurghError(f"{log.folder} is no run of a town: there are no facts to ask anybody about")
        _print_measured(measured, as_json=as_json)
        return
    found = metrics_of(log.folder, until, parse_every(every, run_clock(log)))
    if interview:
        found["interview"] = _interviewed(log, until, model)
    if csv_file is not None:
        _write_csv(found, csv_file)
    if png is not None:
        from burgh.scenarios.ask.charts import draw_series

        draw_series(found, png)
    if as_json:
        write_json(found)
        return
    for path in (csv_file, png):
        if path is not None and csv_file != STDOUT:
            line(f"{path}: {count(len(found['series']), 'moment')}")
    if csv_file is None and png is None:
        _print(found, str(log.meta.get("model", {}).get("name", "")))


def _interviewed(log: RunLog, until: int, model: str | None) -> dict[str, Json]:
    from burgh.scenarios.ask.battery import heard_json, heard_of
    from burgh.scenarios.ask.then import scenario_then
    from burgh.scenarios.cli.interview import in_loop, room_of

    room = room_of(str(log.folder), until, None, None, model=model, threads=None)
    facts = scenario_then(log, room.past).facts
    return heard_json(in_loop(lambda: heard_of(facts, room.people)))


def _measured(log: RunLog, until: int) -> Measures | None:
    """The measures of a world that has its own, until a tick; None for a town."""
    from burgh.scenarios.kinds import kind_of
    from burgh.scenarios.recorded import scenario_of

    if not isinstance(log.meta.get("scenario"), dict) or "world" not in log.meta["scenario"]:
        return None
    scenario = scenario_of(log)
    return kind_of(scenario).measures(scenario, (e for e in log.events() if e.tick <= until))


def _print_measured(measured: Measures, *, as_json: bool) -> None:
    from burgh.scenarios.cli.summary import print_tables

    if as_json:
        write_json({"measures": dict(measured.data)})
    else:
        print_tables(measured.tables)


def _write_csv(found: Mapping[str, Json], path: Path) -> None:
    from burgh.scenarios.ask.metrics import flat

    rows = [flat(row) for row in found["series"]]
    with nullcontext(sys.stdout) if path == STDOUT else path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _print(found: Mapping[str, Json], model: str) -> None:
    for fact in found["facts"]:
        _print_fact(fact, len(found["agents"]))
    _print_cried(found["cried"])
    if "interview" in found:
        _print_interview(found["interview"])
    own, adherence, diversity = found["own_words"], found["adherence"], found["diversity"]
    line(f"\nMeasures at {found['time']}", "bold")
    measures = [
        ("density", f"{found['density']:.2f}", "share of pairs in which both know each other"),
        ("own words", _share(own["share"]), f"of {amount(own['words'])} words spoken, the model's own"),
        ("plans kept", _share(adherence["share"]), "of planned waking time, spent where the plan says"),
        ("on the way", _share(_part(adherence, "on_the_way")), "of the same time, walking there"),
        ("distinct-2", _share(diversity["distinct_2"]), "different pairs of words, of all that were said"),
        ("self-BLEU-2", _share(diversity["self_bleu_2"]), "how like the others an utterance is, of 1"),
    ]
    out.print(table(("measure", "value", "what it is"), measures, right=("value",)))
    line("\nOver time", "bold")
    facts = [fact["fact"] for fact in found["facts"]]
    days = {row["time"][:10] for row in found["series"]}
    columns = ("calls", "density", "own", "plans", "dist.-2", *facts, "time")
    rows = [
        (
            amount(row["calls"]),
            f"{row['density']:.2f}",
            _share(row["own_words"]),
            _share(row["adherence"]),
            _share(row["distinct_2"]),
            *(str(row["knows"][fact]) for fact in facts),
            row["time"][5:16].replace("T", " ") if len(days) > 1 else row["time"][11:16],
        )
        for row in found["series"]
    ]
    line("Under a fact's name: how many people know of it.", "dim")
    out.print(table(columns, rows, right=columns[:-1]))
    _print_costs(found["costs"], model)


def _print_fact(fact: Mapping[str, Json], agents: int) -> None:
    kind = " (for comparison)" if fact["control"] else ""
    line(f"\n{fact['text']}{kind}", "bold")
    rows = [(one["agent"], one["time"], _path(one["path"])) for one in fact["knew"]]
    if rows:
        out.print(table(("who knew", "since", "through whom"), rows))
    line(f"{len(rows)} of {agents} knew.")
    if (attended := fact["attended"]) is None:
        return
    came = ", ".join(attended["came"]) or "nobody"
    because = ", ".join(attended["by_plan"]) or "nobody"
    line(f"At {attended['time']} there were: {came}; because of it: {because}.")
    for agent, reason in attended["absent"].items():
        line(f"{agent} was not: {reason}.")


def _print_cried(cried: Sequence[Mapping[str, Json]]) -> None:
    """What was cried to all at a place: how many heard it there, and who heard of it later, from whom."""
    if cried:
        line("\nCried to all who were there", "bold")
    for one in cried:
        later = [knew for knew in one["knew"] if len(knew["path"]) > 2]  # from the voice itself: two
        there = len(one["knew"]) - len(later)
        told = [f"{knew['agent']} from {knew['path'][-2]} at {knew['time']}" for knew in later]
        line(f"{one['text']} {there} heard it there; later {', '.join(told) or 'nobody'}.")


def _print_interview(said: Mapping[str, Json]) -> None:
    line("\nAsked whether they know of it", "bold")
    rows = [
        (
            str(len(one["says_yes"])),
            str(len(one["knows"])),
            ", ".join(one["hallucinated"]) or "-",
            ", ".join(one["denied"]) or "-",
            one["fact"],
        )
        for one in said["facts"]
    ]
    columns = ("say yes", "know", "made it up", "say no and know", "fact")
    out.print(table(columns, rows, right=columns[:2]))
    line(f"{said['hallucinated']} of {said['answers']} answers say yes without a memory of it.")


def _path(path: list[str]) -> str:
    return " → ".join(path) if len(path) > 1 else "knew it from the start"


def _print_costs(costs: Mapping[str, Json], model: str) -> None:
    line(f"\n{asked_of(model)}", "bold")
    rows = [
        (one["purpose"], amount(one["calls"]), amount(one["tokens_in"]), amount(one["tokens_out"]))
        for one in costs["purposes"]
    ]
    rows.append(("all", amount(costs["calls"]), amount(costs["tokens_in"]), amount(costs["tokens_out"])))
    columns = ("purpose", "calls", "tokens in", "tokens out")
    out.print(table(columns, rows, right=columns[1:]))
    for title, rates in (
        ("per agent and waking game hour", costs["per_agent_hour"]),
        ("per agent and day of 16 waking hours", costs["per_agent_day"]),
    ):
        if rates["calls"] is not None:
            computed = (
                "" if rates["tokens_computed"] is None else f", {amount(rates['tokens_computed'])} computed"
            )
            line(f"{title}: {rates['calls']:,.1f} calls, {amount(rates['tokens_in'])} tokens in{computed}")


def _part(adherence: Mapping[str, Json], key: str) -> float | None:
    planned = sum(adherence[name] for name in ("there", "on_the_way", "elsewhere"))
    return adherence[key] / planned if planned else None


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
