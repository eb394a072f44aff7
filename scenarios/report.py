"""What a run brought, told from its record: who knew of which fact and from whom, and who came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from burgh.scenarios.spec import Scenario
from burgh.sim.record import RunLog
from burgh.sim.types import Event, Json


@dataclass(frozen=True, slots=True)
class Heard:
    """That an agent came to know of a fact. source: who said it, or "" where it knew from the start."""

    agent: str
    tick: int
    source: str


@dataclass(frozen=True, slots=True)
class FactReport:
    """One fact's way through the town. knew: in the order in which they came to know.

    spread: how many of these had it from another agent. came: who was at the fact's place at its time;
    None where it has neither, or the run ended before.
    """

    fact: str
    text: str
    control: bool
    knew: tuple[Heard, ...]
    spread: int
    came: tuple[str, ...] | None

    def to_json(self) -> dict[str, Json]:
        return {
            "fact": self.fact,
            "text": self.text,
            "control": self.control,
            "knew": [{"agent": h.agent, "tick": h.tick, "from": h.source} for h in self.knew],
            "spread": self.spread,
            "came": None if self.came is None else list(self.came),
        }


def report(log: RunLog, scenario: Scenario) -> tuple[FactReport, ...]:
    """One report for each fact of the scenario, in its order."""
    agents = {agent.name for agent in scenario.agents}
    meetings = {
        key: scenario.tick_at(fact.at, fact.day)
        for key, fact in scenario.facts.items()
        if fact.at is not None and fact.place is not None
    }
    knew, present, last_tick = _walk(log.events(), scenario, meetings)
    return tuple(
        FactReport(
            fact=key,
            text=fact.text,
            control=fact.control,
            knew=tuple(knew[key].values()),
            spread=sum(heard.source in agents for heard in knew[key].values()),
            came=present.get(key) if meetings.get(key, last_tick + 1) <= last_tick else None,
        )
        for key, fact in scenario.facts.items()
    )


def _walk(
    events: Iterable[Event], scenario: Scenario, meetings: Mapping[str, int]
) -> tuple[dict[str, dict[str, Heard]], dict[str, tuple[str, ...]], int]:
    """Who first knew of each fact, by agent; who was at each meeting; and the run's last tick."""
    knew: dict[str, dict[str, Heard]] = {key: {} for key in scenario.facts}
    where = _Whereabouts()
    present: dict[str, tuple[str, ...]] = {}
    due = sorted((tick, key) for key, tick in meetings.items())
    tick = 0
    for event in events:
        tick = event.tick
        while due and due[0][0] < tick:
            key = due.pop(0)[1]
            present[key] = where.at(scenario.facts[key].place)
        where.apply(event)
        if event.kind == "memory" and event.agent is not None and event.data["fact"] in knew:
            heard = Heard(event.agent, tick, str(event.data["from"]))
            knew[event.data["fact"]].setdefault(event.agent, heard)
    for _, key in due:
        present[key] = where.at(scenario.facts[key].place)
    return knew, present, tick


class _Whereabouts:
    """Where everyone is: a place is left when one sets out from it."""

    def __init__(self) -> None:
        self._place: dict[str, str] = {}

    def apply(self, event: Event) -> None:
        if event.agent is None:
            return
        if event.kind in ("placed", "arrived"):
            self._place[event.agent] = event.data["place"]
        elif event.kind == "set_out":
            self._place.pop(event.agent, None)

    def at(self, place: str | None) -> tuple[str, ...]:
        return tuple(name for name, there in self._place.items() if there == place)
