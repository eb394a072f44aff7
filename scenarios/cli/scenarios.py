"""`burgh scenarios`: what can be run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from burgh.scenarios.cli.console import count, line, out, say_fault, table, write_json
from burgh.sim.command import burgh_command
from burgh.sim.types import Json

AsJson = Annotated[bool, typer.Option("--json", help="Writes json, for machines.")]


def list_scenarios(as_json: AsJson = False) -> None:
    """Lists the scenarios that come with burgh."""
    from burgh.scenarios.sources import document, library

    found: list[dict[str, Json]] = []
    for name in library():
        data = document(name)[0].data
        found.append(
            {
                "name": name,
                "agents": len(data["agents"]),
                "start": str(data["start"]),
                "until": str(data.get("until", "")),
                "description": " ".join(str(data["description"]).split()),
            }
        )
    if as_json:
        write_json(found)
        return
    rows = (
        (
            s["name"],
            str(s["agents"]),
            f"{s['start'][-5:]} to {s['until'][-5:] or 'its end'}",
            s["description"],
        )
        for s in found
    )
    out.print(table(("scenario", "agents", "time", "what happens"), rows, right=("agents",)))
    burgh = burgh_command()
    line(f"\n{burgh} run NAME runs one; {burgh} scenarios show NAME > my.yaml makes a copy to change.")


def show(scenario: Annotated[str, typer.Argument(help="A name of the library, or a file.")]) -> None:
    """Writes a scenario's YAML, comments included."""
    from burgh.scenarios.sources import source_text

    sys.stdout.write(source_text(scenario))


def check(
    scenario: Annotated[str, typer.Argument(help="A file, or a name of the library.")],
    as_json: AsJson = False,
) -> None:
    """Says whether a scenario can be run, or all that is wrong with it and where."""
    from burgh.scenarios.kinds import kind_of
    from burgh.scenarios.load import ScenarioFaults, load_scenario

    try:
        found = load_scenario(scenario)
    except ScenarioFaults as faults:
        for sentence in faults.said:
            say_fault(sentence)
        raise typer.Exit(2) from None
    if as_json:
        write_json(found.resolved())
        return
    until = "to its end" if found.until is None else f"to {found.until:%Y-%m-%d %H:%M}"
    ticks = "ticks" if found.until is None else count(found.until_tick, "tick")
    line(
        f"{scenario} is right: {count(len(found.agents), 'agent')} {kind_of(found).about(found)},"
        f" from {found.start:%Y-%m-%d %H:%M} {until}, {ticks} of {found.tick_seconds} seconds"
    )


def schema(
    kind: Annotated[
        str, typer.Argument(metavar="[KIND]", help="A kind of world, as in double-auction.")
    ] = "town",
) -> None:
    """Writes the JSON Schema of scenario files of a kind of world, with which editors complete and check
    them."""
    from burgh.scenarios.kinds import kind_named
    from burgh.scenarios.spec import schema as made

    write_json(made(kind_named(kind).scenario))
