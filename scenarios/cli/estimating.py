"""`burgh run --estimate`: what a run would ask of a language model, told."""

from __future__ import annotations

from rich.progress import Progress

from burgh.scenarios.cli.console import amount, err, line, out, table, write_json
from burgh.scenarios.spec import Basis

SHOWN = ("calls", "tokens_in", "tokens_out")
WORTH = (
    "Found by running it on rules. Tokens are taken as a fourth of their characters; rules choose otherwise"
    " than a model does, and what is asked next depends on what was answered. docs/benchmarks.md sets such"
    " figures beside those of a run."
)


def tell_estimate(scenario: Basis, *, as_json: bool) -> None:
    """Writes calls and tokens by purpose. Raises BurghError."""
    from burgh.scenarios.estimate import estimate

    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("running it on rules", total=scenario.until_tick)
        found = estimate(scenario, lambda tick: bar.update(task, completed=tick.tick))
    total = {key: sum(cost[key] for cost in found.costs) for key in SHOWN}
    if as_json:
        write_json({**total, "agent_hours": found.agent_hours, "costs": found.costs, "worth": WORTH})
        return
    if not found.costs:
        line("No mind of this scenario asks a language model.")
        return
    ordered = sorted(found.costs, key=lambda cost: (-cost["tokens_in"], cost["purpose"]))
    rows = [(str(cost["purpose"]), *(amount(cost[key]) for key in SHOWN)) for cost in ordered]
    rows.append(("all", *(amount(total[key]) for key in SHOWN)))
    columns = ("purpose", "calls", "tokens in", "tokens out")
    line("What would be asked of the language model", "bold")
    out.print(table(columns, rows, right=columns[1:]))
    if found.agent_hours > 0:
        line(f"per agent and game hour: {total['calls'] / found.agent_hours:,.1f} calls")
    line(WORTH, "dim")
