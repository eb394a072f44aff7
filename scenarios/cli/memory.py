"""`burgh memory search` and `reindex`: the memory store of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import line, out, table, write_json
from burgh.scenarios.cli.folders import find_run
from burgh.scenarios.cli.runs import RunName
from burgh.scenarios.cli.scenarios import AsJson
from burgh.scenarios.nearest import suggest
from burgh.scenarios.recorded import as_written
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.memory.embed import Embedder
    from burgh.sim.record import RunLog

EmbedderName = Annotated[
    str | None, typer.Option("--embedder", metavar="NAME", help="The embedder; the run's own if none.")
]


def search(
    run: RunName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the memories should be about.")],
    *,
    agent: Annotated[str | None, typer.Option(help="Only what this one remembers.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many.")] = 10,
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """Finds the memories nearest in meaning to a text, over all agents or of one."""
    from burgh.scenarios.ask.memories import search as find
    from burgh.sim.record import open_log
    from burgh.sim.record.frames import run_clock

    log = open_log(find_run(run))
    agents = log.started.data["agents"]
    if agent is not None and agent not in agents:
        raise BurghError(f"there is no agent {agent!r} in this run: {suggest(agent, agents)}")
    found = find(log, _embedder(log, embedder), text, agent=agent, k=k)
    if as_json:
        write_json([{"id": one.id, "text": one.text, "cosine": one.cosine, **one.data} for one in found])
        return
    clock = run_clock(log)
    rows = [
        (
            one.id,
            f"{one.cosine:.2f}" if one.cosine is not None else "-",
            f"{clock.at(one.data['created']):%H:%M}",
            str(one.data["kind"]),
            one.text,
        )
        for one in found
    ]
    out.print(table(("id", "cosine", "made", "kind", "text"), rows, right=("cosine",)))


def reindex(run: RunName, *, embedder: EmbedderName = None) -> None:
    """Makes a run's memory store anew from its record."""
    from burgh.scenarios.ask.memories import reindex as again
    from burgh.sim.record import open_log

    log = open_log(find_run(run))
    held = again(log, _embedder(log, embedder))
    line(f"{log.folder}: the store was made anew and holds {held:,} memories")


def _embedder(log: RunLog, name: str | None) -> Embedder:
    from burgh.memory.embed import load_embedder

    with as_written(log):
        own = log.meta.get("embedder", {}).get("embedder")
    chosen = name or own
    return load_embedder(chosen) if chosen else load_embedder()
