"""`burgh why`, `tree`, `relations`, `state`: what is behind what one sees, from the record alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import STDOUT, WHEN, count, line, out, table, write_json
from burgh.scenarios.cli.folders import find_run
from burgh.scenarios.cli.runs import RunName
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.scenarios.ask.past import Past
    from burgh.sim.protocols import LanguageModel

AgentName = Annotated[str, typer.Argument(metavar="AGENT", help="Whom it is about.")]
At = Annotated[str | None, typer.Option(help=f"As it was then, {WHEN}; at the end if none.")]
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
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEMORY",
            help="Decides again with that memory left out, as in Tom:24; may be given again.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="With --without: asks that model, if not the run's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Says why somebody does what they do: back to what was seen or heard, from whom and when."""
    from burgh.scenarios.ask.why import why as chain
    from burgh.scenarios.cli.branches import why_tree

    past = past_of(run, tick, at)
    if without:
        _decide_again(run, past, agent, without, model, as_json=as_json)
        return
    found = chain(past, agent, most)
    if as_json:
        write_json({"agent": agent, "tick": past.tick, "time": past.time(past.tick), "why": found.to_json()})
    else:
        line(f"{agent} at {past.time(past.tick)}, and why", "bold")
        out.print(why_tree(past, found))


def _decide_again(
    run: str, past: Past, agent: str, causes: Sequence[str], model: str | None, *, as_json: bool
) -> None:
    from burgh.memory.embed import load_embedder
    from burgh.scenarios.ask.decided import decide_again
    from burgh.scenarios.ask.then import scenario_then
    from burgh.scenarios.cli.branches import decided_again
    from burgh.sim.record import open_log

    log = open_log(find_run(run))
    embedder = load_embedder(scenario_then(log, past).embedder)
    found = decide_again(log, past, agent, *causes, embedder=embedder, model=_other_model(model))
    if as_json:
        write_json({"time": past.time(found.tick), **found.to_json()})
    else:
        decided_again(past, found)


def _other_model(name: str | None) -> LanguageModel | None:
    from burgh.agents.llm.load import load_model

    return None if name is None else load_model(name)


def _reflects(run: str, agent: str) -> bool:
    """Whether somebody's mind reflects in a run, as far as its scenario says."""
    from burgh.scenarios.build import settings
    from burgh.scenarios.recorded import scenario_of
    from burgh.scenarios.spec import Scenario
    from burgh.sim.record import open_log

    scenario = scenario_of(open_log(find_run(run)))
    if not isinstance(scenario, Scenario):
        return False
    mind = settings(scenario, next((one for one in scenario.agents if one.name == agent), None))
    return mind.reflection and mind.memory


def tree(
    run: RunName,
    agent: AgentName,
    *,
    at: At = None,
    tick: AtTick = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draws it.")] = None,
    dot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Writes it for Graphviz; - for standard output.")
    ] = None,
    graphml: Annotated[Path | None, typer.Option(metavar="FILE", help="Writes it as GraphML.")] = None,
) -> None:
    """Shows what somebody concluded, and from what: insights, down to what was seen and heard."""
    from burgh.scenarios.ask import reflections
    from burgh.scenarios.cli.branches import reflection_branches

    past = past_of(run, tick, at)
    found = reflections.reflections(past, agent, reflects=_reflects(run, agent))
    for path in (png, None if dot == STDOUT else dot, graphml):
        check_writable(path)
    if png is not None:
        from burgh.scenarios.ask.drawing import draw_tree

        draw_tree(past, agent, found, png)
    if dot == STDOUT:
        sys.stdout.write(reflections.dot(found))
    elif dot is not None:
        dot.write_text(reflections.dot(found), encoding="utf-8")
    if graphml is not None:
        reflections.write_graphml(found, graphml)
    written = [path for path in (png, dot, graphml) if path is not None]
    for path in written if dot != STDOUT else ():
        line(f"{path}: {found.number_of_nodes()} memories")
    if not written:
        out.print(reflection_branches(past, agent, found))


def relations(
    run: RunName,
    *,
    at: At = None,
    tick: AtTick = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draws it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows who knows whom, how well, and when they last met."""
    from burgh.scenarios.ask.relations import acquaintance, closest, relations_json

    past = past_of(run, tick, at)
    check_writable(png)
    found = acquaintance(past)
    graph, density = found.graph(), found.density()
    if png is not None:
        from burgh.scenarios.ask.drawing import draw_relations

        draw_relations(past, graph, density, png)
    if as_json:
        write_json(relations_json(past))
        return
    if png is not None:
        line(f"{png}: {count(graph.number_of_edges(), 'pair')} of {count(len(past.agents), 'agent')}")
        return
    rows = [
        (
            f"{one}, {other}" if data["mutual"] else f"{one}, {other} (one-sided)",
            " + ".join(str(data["spoken"][name]) for name in (one, other)),
            str(data["exchanged"]),
            "never" if data["last_met"] is None else past.time(data["last_met"]),
        )
        for one, other, data in closest(graph)
    ]
    line(f"Who knows whom at {past.time(past.tick)}", "bold")
    out.print(table(("who", "spoken", "facts", "last met"), rows, right=("spoken", "facts")))
    line(f"density {density:.2f}: the share of pairs in which both know each other")


def state(run: RunName, agent: AgentName, *, at: At = None, tick: AtTick = None) -> None:
    """Writes somebody's whole mind as json: memories, plan, talks, place and activity."""
    from burgh.scenarios.ask.state import state as mind

    write_json(mind(past_of(run, tick, at), agent))


def check_writable(path: Path | None) -> None:
    """Says before anything is computed that a file cannot be written there."""
    if path is None:
        return
    if path == STDOUT:
        raise BurghError("- is standard output, where this cannot be written: name a file")
    if path.is_dir():
        raise BurghError(f"{path} is a folder: name a file to write")
    if not path.absolute().parent.is_dir():
        raise BurghError(f"{path} cannot be written: there is no folder {path.parent}")
