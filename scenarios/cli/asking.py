"""`burgh why`, `tree`, `relations`, `state`: what is behind what one sees, from the record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import line, out, write_json
from burgh.scenarios.cli.folders import find_run
from burgh.scenarios.cli.runs import RunName
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.scenarios.ask.past import Past

AgentName = Annotated[str, typer.Argument(metavar="AGENT", help="Whom it is about.")]
At = Annotated[str | None, typer.Option(help="As it was at that time, as in 09:40; at the end if none.")]
AtTick = Annotated[int | None, typer.Option("--tick", min=0, help="As it was at that tick.")]


def past_of(run: str, tick: int | None, at: str | None) -> Past:
    """A run until the moment that is meant. Raises BurghError for one that is not in the run."""
    from burgh.scenarios.ask.past import Past
    from burgh.scenarios.cli.moment import tick_of
    from burgh.sim.record import open_log

    if tick is not None and at is not None:
        raise BurghError("--tick and --at both name a moment: give one of them")
    log = open_log(find_run(run))
    return Past.of(log.folder, tick_of(log, tick, at))


def why(
    run: RunName,
    agent: AgentName,
    *,
    at: At = None,
    tick: AtTick = None,
    most: Annotated[int, typer.Option(min=1, help="How many events are told of at most.")] = 80,
    as_json: AsJson = False,
) -> None:
    """Says why somebody does what they do: back to what was seen or heard, from whom and when."""
    from burgh.scenarios.ask.why import why as chain
    from burgh.scenarios.cli.branches import why_tree

    past = past_of(run, tick, at)
    found = chain(past, agent, most)
    if as_json:
        write_json({"agent": agent, "tick": past.tick, "time": past.time(past.tick), "why": found.to_json()})
    else:
        line(f"{agent} at {past.time(past.tick)}, and why", "bold")
        out.print(why_tree(past, found))
