"""What one reads when a run has ended: who knew what and from whom, who came, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.scenarios.cli.console import amount, asked_of, line, out, table
from burgh.scenarios.cli.moment import short_place
from burgh.scenarios.kinds import Table
from burgh.scenarios.report import FactReport, Heard
from burgh.scenarios.spec import Basis, Scenario
from burgh.sim.clock import Clock
from burgh.sim.types import Json

if TYPE_CHECKING:
    from burgh.scenarios.run import Outcome


def came_of(scenario: Basis, folder: Path) -> tuple[dict[str, Json], Callable[[], None]]:
    """What came of a run: as plain data, and what prints it."""
    from burgh.scenarios.kinds import Draws, kind_of
    from burgh.scenarios.report import report
    from burgh.sim.record import open_log

    log = open_log(folder)
    if isinstance(scenario, Scenario):
        facts = report(log, scenario)
        return {"facts": [fact.to_json() for fact in facts]}, lambda: print_facts(scenario, facts)
    kind = kind_of(scenario)
    found = kind.measures(scenario, log.events())
    if found is None:
        return {}, lambda: None
    drawn = kind.pictures(scenario, log.events(), folder) if isinstance(kind, Draws) else ()

    def tell() -> None:
        print_tables(found.tables)
        for picture in drawn:
            line(f"Drawn: {picture}")

    pictures = {"pictures": [str(picture) for picture in drawn]} if drawn else {}
    return {"measures": dict(found.data), **pictures}, tell


def print_tables(tables: Sequence[Table]) -> None:
    """Tables with their titles; those without rows are left out."""
    for one in tables:
        if one.rows or one.note:
            line(f"\n{one.title}", "bold")
        if one.rows:
            out.print(table(one.columns, one.rows, right=one.right))
        if one.note:
            line(one.note)


def print_facts(scenario: Scenario, reports: Sequence[FactReport]) -> None:
    """Each fact: who came to know of it, when and from whom, and who came."""
    for report in reports:
        kind = " (for comparison)" if report.control else ""
        line(f"\n{report.text}{kind}", "bold")
        if not report.knew:
            line("Nobody knew.")
            continue
        rows = [(heard.agent, *_how(heard, scenario.clock)) for heard in report.knew]
        out.print(table(("who knew", "since", "from"), rows))
        line(f"{len(report.knew)} of {len(scenario.agents)} knew, {report.spread} of them from one another.")
        fact = scenario.facts[report.fact]
        if report.came is not None and fact.place is not None and fact.at is not None:
            who = ", ".join(report.came) or "nobody"
            line(f"At {fact.at:%H:%M} there were at {short_place(fact.place)}: {who}.")


def _how(heard: Heard, clock: Clock) -> tuple[str, str]:
    if not heard.source:
        return "the start" if heard.tick == 0 else f"{clock.at(heard.tick):%H:%M}", "knew it"
    return f"{clock.at(heard.tick):%H:%M}", heard.source


def print_costs(outcome: Outcome, model: str) -> None:
    """Calls, tokens and seconds by purpose; what a record answered, and which budget nothing came under.
    model: its name."""
    if outcome.answered is not None:
        line(f"\nAnswered from the other run's record: {outcome.answered:,} calls")
    costs = outcome.costs
    if costs:
        _print_table(costs, outcome.seconds, model)
    asked = ", ".join(sorted(str(cost["purpose"]) for cost in costs))
    known = f": there were calls for {asked}" if asked else ""
    for budget in outcome.unmet:
        line(f"No call came under the budget of {budget}{known}.")


def _print_table(costs: Sequence[Mapping[str, Json]], seconds: float, model: str) -> None:
    line(f"\n{asked_of(model)}", "bold")
    keys = ("calls", "tokens_in", "tokens_cached", "tokens_out")
    rows = [
        (str(cost["purpose"]), *(amount(cost[key]) for key in keys), f"{cost['seconds']:,.1f}")
        for cost in sorted(costs, key=lambda cost: (-cost["seconds"], cost["purpose"]))
    ]
    total = [amount(sum(cost[key] for cost in costs)) for key in keys]
    in_model = sum(cost["seconds"] for cost in costs)
    rows.append(("all", *total, f"{in_model:,.1f}"))
    columns = ("purpose", "calls", "tokens in", "of them kept", "tokens out", "seconds")
    out.print(table(columns, rows, right=columns[1:]))
    share = f", {100 * in_model / seconds:.0f}% of them in the model" if in_model > 0 else ""
    line(f"The run took {seconds:,.1f} seconds{share}.")
