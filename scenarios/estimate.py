"""What a run would ask of a language model: found by running it on rules, into no folder that stays."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from burgh.scenarios.run import run_scenario
from burgh.scenarios.session import Watcher
from burgh.scenarios.spec import Basis
from burgh.sim.types import Json

RULES = "scripted"


@dataclass(frozen=True, slots=True)
class Estimate:
    """costs: by purpose, as `Accounts.table`. agent_hours: agents times game hours of the run."""

    costs: list[dict[str, Json]]
    agent_hours: float


def estimate(scenario: Basis, *watchers: Watcher) -> Estimate:
    """What the scenario's minds ask when rules answer them. Its budgets do not count. watchers: told of each
    tick. Raises BurghError."""
    asked = scenario.model_copy(update={"model": RULES, "budgets": []})
    with tempfile.TemporaryDirectory(prefix="burgh-estimate-") as folder:
        outcome = run_scenario(asked, Path(folder) / "run", watchers=watchers)
    hours = scenario.clock.hours(outcome.tick)
    return Estimate(outcome.costs, len(scenario.agents) * hours)
