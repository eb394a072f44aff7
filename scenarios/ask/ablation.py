"""Ablations: the same scenario and seeds with parts of the mind off, and the measures side by side.

The parts are those of Park et al. (2023, section 6): reflection, planning, memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from types import MappingProxyType

from burgh.scenarios.ask.metrics import metrics_of
from burgh.scenarios.load import overridden
from burgh.scenarios.nearest import suggest
from burgh.scenarios.recorded import scenario_of
from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.spec import Scenario
from burgh.scenarios.travel.resume import resume_run
from burgh.sim.protocols import LanguageModel
from burgh.sim.record import RunLog, files, open_log
from burgh.sim.types import BurghError, Json

ARMS: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "full": {},
        "no-reflection": {"reflection": False},
        "no-plan": {"planning": False},
        "no-memory": {"memory": False},
        "no-reflection-no-plan": {"reflection": False, "planning": False},
        "nothing": {"reflection": False, "planning": False, "memory": False},
    }
)
USUAL = ("full", "no-reflection", "no-plan", "no-memory")
State = str  # of a run: "is there", "goes on", "runs"
Told = Callable[[Path, State], None]


@dataclass(frozen=True, slots=True)
class Arm:
    """One run of an ablation."""

    name: str
    seed: int
    scenario: Scenario
    folder: Path


def arms_of(scenario: Scenario, out: Path, seeds: Sequence[int], names: Sequence[str] = USUAL) -> list[Arm]:
    """Every arm on every seed, seed by seed. Raises BurghError for an unknown arm."""
    for name in names:
        if name not in ARMS:
            raise BurghError(f"--arms: no arm is called {name!r}: {suggest(name, ARMS)}")
    return [
        Arm(name, seed, with_parts(scenario, name, seed), out / f"{name}-{seed}")
        for seed in seeds
        for name in names
    ]


def with_parts(scenario: Scenario, arm: str, seed: int) -> Scenario:
    """The scenario with that seed and those parts of everybody's mind off."""
    data = scenario.resolved()
    mind = {**data["mind"], **ARMS[arm]}
    agents = [
        {**agent, "mind": {key: value for key, value in agent["mind"].items() if key not in ARMS[arm]}}
        for agent in data["agents"]
    ]
    return overridden(scenario, {"seed": seed, "mind": mind, "agents": agents})


def run_arm(arm: Arm, *, model: LanguageModel | None, told: Told) -> Outcome | None:
    """Runs an arm, or goes on with it where it was stopped; None where it is whole already.

    Raises BurghError where its folder holds another run.
    """
    log = _recorded(arm)
    if log is None:
        told(arm.folder, "runs")
        return run_scenario(arm.scenario, arm.folder, model=model)
    if ended(log):
        told(arm.folder, "is there")
        return None
    told(arm.folder, "goes on")
    return resume_run(arm.folder, model=model)


def _recorded(arm: Arm) -> RunLog | None:
    """What stands in an arm's folder; one in which nothing was recorded yet is cleared away."""
    if not (arm.folder / files.META).exists():
        return None
    log = open_log(arm.folder)
    if scenario_of(log).hash != arm.scenario.hash:
        raise BurghError(
            f"{arm.folder} holds a run of another scenario: name another folder with --out, or move it away"
        )
    if log.last_frame is None:
        shutil.rmtree(arm.folder)
        return None
    return log


def ended(log: RunLog) -> bool:
    """Whether a run has come to its end, and was not stopped before."""
    last = log.last_frame
    return last is not None and log.complete and last.events[-1].data["reason"] == "end"


def measured(arm: Arm) -> dict[str, float | None]:
    """What came of a whole arm: a number by measure."""
    log = open_log(arm.folder)
    found = metrics_of(arm.folder, arm.scenario.until_tick)
    numbers: dict[str, float | None] = {}
    for fact in found["facts"]:
        numbers[f"know of {fact['fact']}"] = len(fact["knew"])
        if (attended := fact["attended"]) is not None:
            numbers[f"came to {fact['fact']}"] = len(attended["came"])
            numbers[f"came to {fact['fact']} by plan"] = len(attended["by_plan"])
    events = list(log.events())
    made = [event.data["kind"] for event in events if event.kind == "memory"]
    day = found["costs"]["per_agent_day"]
    return {
        **numbers,
        "density": found["density"],
        "plans kept": found["adherence"]["share"],
        "own words": found["own_words"]["share"],
        "utterances": found["own_words"]["utterances"],
        "distinct-2": found["diversity"]["distinct_2"],
        "memories": len(made),
        "reflections": made.count("reflection"),
        "calls a day": day["calls"],
        "tokens computed a day": day["tokens_computed"],
    }


def side_by_side(arms: Sequence[Arm]) -> dict[str, Json]:
    """Plain data: of each arm its measures, the mean over seeds and those of each seed."""
    each = [(arm, measured(arm)) for arm in arms]
    names = list(dict.fromkeys(arm.name for arm in arms))
    return {
        "scenario": arms[0].scenario.name,
        "model": arms[0].scenario.model,
        "agents": len(arms[0].scenario.agents),
        "seeds": list(dict.fromkeys(arm.seed for arm in arms)),
        "arms": [
            {
                "arm": name,
                "off": [part for part, on in ARMS[name].items() if not on],
                "mean": _mean([numbers for arm, numbers in each if arm.name == name]),
                "runs": [
                    {"seed": arm.seed, "run": str(arm.folder), "measures": numbers}
                    for arm, numbers in each
                    if arm.name == name
                ],
            }
            for name in names
        ],
    }


def _mean(rows: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Of each measure the mean of the runs that have it."""
    found: dict[str, float | None] = {}
    for key in rows[0]:
        values = [value for row in rows if (value := row.get(key)) is not None]
        found[key] = fmean(values) if values else None
    return found
