"""`burgh ablate`: a scenario with parts of the mind off, on the same seeds, and the measures side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import WHEN, err, line, out, table, write_json
from burgh.scenarios.cli.folders import check_out, is_run
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    from burgh.sim.protocols import LanguageModel


def ablate(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO|FILE", help="A town: a name, or a file.")],
    *,
    model: Annotated[str | None, typer.Option(help="The language model, if not the scenario's.")] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="N,N,...", help="Every arm runs on each of them; the scenario's if none."),
    ] = None,
    arms: Annotated[
        str, typer.Option(metavar="NAME,...", help="Besides these: no-reflection-no-plan, nothing.")
    ] = "full,no-reflection,no-plan,no-memory",
    until: Annotated[str | None, typer.Option(help=f"The time at which every run ends, {WHEN}.")] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the runs are kept; runs/ablate-NAME if none."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Runs a scenario with parts of everybody's mind off, and sets the measures side by side.

    Runs that are whole already are taken as they are, and one that was stopped is gone on with.
    """
    from burgh.scenarios.ask.ablation import arms_of, run_arm, side_by_side
    from burgh.scenarios.load import load_town

    check_out(folder)
    given = load_town(scenario, {"model": model, "until": until})
    where = folder if folder is not None else Path("runs") / f"ablate-{given.name}"
    if is_run(where):
        raise BurghError(f"--out: {where} is the folder of a run: name another, for several")
    names = [name.strip() for name in arms.split(",") if name.strip()]
    every = arms_of(given, where, _seeds(seeds, given.seed), names)
    if not every:
        raise BurghError("--arms: name at least one arm")
    loaded = _loaded(given.model)
    try:
        for arm in every:
            outcome = run_arm(
                arm, model=loaded, told=lambda path, state: err.print(f"{path} {state}", soft_wrap=True)
            )
            if outcome is not None and outcome.reason != "end":
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        err.print("stopped: the same command goes on from here", soft_wrap=True)
        raise
    found = side_by_side(every)
    if as_json:
        write_json(found)
    else:
        _print(found)


def _seeds(text: str | None, usual: int) -> list[int]:
    if text is None:
        return [usual]
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise BurghError(f"--seeds: {text!r} is no list of whole numbers: write 1,2,3")
    return list(dict.fromkeys(map(int, parts)))


def _loaded(name: str) -> LanguageModel | None:
    """The model, loaded once for all runs; None for rules, which are made anew with each seed."""
    from burgh.agents.llm.load import load_model

    return None if name == "scripted" else load_model(name)


def _print(found: Mapping[str, Json]) -> None:
    arms = found["arms"]
    runs = "run" if len(found["seeds"]) == 1 else "runs each"
    line(
        f"{found['scenario']}, {found['agents']} agents, on {found['model']}: seeds"
        f" {', '.join(map(str, found['seeds']))}, {len(found['seeds'])} {runs}",
        "bold",
    )
    columns = (*(arm["arm"] for arm in arms), "measure")
    rows = [(*(_number(arm["mean"].get(measure)) for arm in arms), measure) for measure in arms[0]["mean"]]
    out.print(table(columns, rows, right=columns[:-1]))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.2f}"
