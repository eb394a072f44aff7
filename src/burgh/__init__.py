"""burgh: a multi-agent simulation sandbox for generative agents, auctions and bidding games.

run = burgh.run("market-day", model="scripted", seed=7)
run.events(), run.memories("Anna"), run.actions(), run.final_hash
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from burgh.scenarios.spec import Scenario
    from burgh.sim.protocols import LanguageModel
    from burgh.sim.record.run import Run

__version__ = "0.1.0"
__all__ = ["__version__", "open_run", "run"]

# Everything is imported within these functions, so that `import burgh` and `burgh --help` stay quick.


def run(
    scenario: str | Path | Scenario,
    *,
    model: str | LanguageModel | None = None,
    seed: int | None = None,
    until: str | None = None,
    out: str | Path | None = None,
) -> Run:
    """Runs a scenario to its end and returns the run, recorded in a folder.

    scenario: a name of the library, a file, or one that was loaded. model: a name ("scripted" for none), or
    one that is loaded already. until: the time at which it ends, as in "10:00". out: the run's folder, new
    or empty; one in `runs` where None. What is None stays as the scenario says. Raises BurghError.
    """
    from pathlib import Path

    from burgh.scenarios.load import check_scenario, load_scenario
    from burgh.scenarios.run import run_scenario, run_to_folder
    from burgh.scenarios.spec import Scenario
    from burgh.scenarios.yaml import Document
    from burgh.sim.record.run import open_run

    named = model if isinstance(model, str) else None
    changes = {"model": named, "seed": seed, "until": until}
    if isinstance(scenario, Scenario):
        given = check_scenario(Document(scenario.name, scenario.resolved()), scenario.folder, changes)
    else:
        given = load_scenario(scenario, changes)
    folder = run_to_folder(given.name, given.seed) if out is None else Path(out)
    loaded = None if model is None or isinstance(model, str) else model
    return open_run(run_scenario(given, folder, model=loaded).folder)


def open_run(path: str | Path) -> Run:
    """The run recorded in a folder, finished or still going on. Raises BurghError where there is none."""
    from burgh.sim.record.run import open_run

    return open_run(path)
