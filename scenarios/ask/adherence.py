"""Whether people are where their plans say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.state import plans_of
from burgh.sim.types import Json

EARLY_MINUTES = 15  # before an appointment, in which being at its place or on the way there keeps to the plan


@dataclass(frozen=True, slots=True)
class Adherence:
    """Ticks of waking. there: where the plan says; on_the_way: walking to that place; elsewhere: neither;
    unplanned: when no plan says anything."""

    there: int = 0
    on_the_way: int = 0
    elsewhere: int = 0
    unplanned: int = 0

    @property
    def share(self) -> float | None:
        """The share of planned waking ticks spent where the plan says; None where nothing was planned."""
        planned = self.there + self.on_the_way + self.elsewhere
        return self.there / planned if planned else None

    def __add__(self, other: Adherence) -> Adherence:
        return Adherence(
            self.there + other.there,
            self.on_the_way + other.on_the_way,
            self.elsewhere + other.elsewhere,
            self.unplanned + other.unplanned,
        )

    def to_json(self) -> dict[str, Json]:
        return {
            "share": self.share,
            "there": self.there,
            "on_the_way": self.on_the_way,
            "elsewhere": self.elsewhere,
            "unplanned": self.unplanned,
        }


@dataclass(frozen=True, slots=True)
class _Body:
    place: str = ""
    goal: str = ""
    asleep: bool = False


def adherence(past: Past, agent: str, first: int = 0, last: int | None = None) -> Adherence:
    """How an agent kept to its plans in the ticks from `first` to `last`, both within."""
    return Course(past, agent).kept(first, past.tick if last is None else last)


class Course:
    """Where an agent was and where its plans said, through all of a past."""

    def __init__(self, past: Past, agent: str) -> None:
        self.early = past.clock.ticks(EARLY_MINUTES)
        self.bodies = _bodies(past, agent)
        self.plans = list(plans_of(past, agent))
        edges = {
            edge
            for _, plan in self.plans
            for one in plan
            for edge in (one["start"] - self.early, one["start"], one["end"])
        }
        self.stops = sorted({tick for tick, _ in (*self.bodies, *self.plans)} | edges)

    def kept(self, first: int, last: int) -> Adherence:
        """What was done in the ticks from `first` to `last`, both within."""
        end = last + 1
        cuts = sorted({first, end, *(stop for stop in self.stops if first <= stop <= end)})
        found = Adherence()
        for start, until in pairwise(cuts):
            body = next((body for tick, body in reversed(self.bodies) if tick <= start), _Body())
            plan = next((plan for tick, plan in reversed(self.plans) if tick <= start), [])
            due = next((one for one in plan if _is_early(body, one, start, self.early)), None)
            found += _kept(body, due or _entry_at(plan, start), until - start)
        return found


def _is_early(body: _Body, entry: dict[str, Json], tick: int, early: int) -> bool:
    """Whether one is at an appointment's place, or on the way there, shortly before its time."""
    soon = entry["start"] - early <= tick < entry["start"]
    return bool(entry["why"]) and soon and entry["place"] in (body.place, body.goal)


def _kept(body: _Body, entry: dict[str, Json] | None, ticks: int) -> Adherence:
    if body.asleep:
        return Adherence()
    if entry is None:
        return Adherence(unplanned=ticks)
    if body.place == entry["place"]:
        return Adherence(there=ticks)
    return Adherence(on_the_way=ticks) if body.goal == entry["place"] else Adherence(elsewhere=ticks)


def _entry_at(plan: Iterable[dict[str, Json]], tick: int) -> dict[str, Json] | None:
    """What a plan says for a tick: what rests on a memory before mere habit, and of two the later begun."""
    running = [entry for entry in plan if entry["start"] <= tick < entry["end"]]
    return max(running, key=lambda entry: (bool(entry["why"]), entry["start"]), default=None)


def _bodies(past: Past, agent: str) -> list[tuple[int, _Body]]:
    """From each of these ticks on, where the agent was and where it went."""
    found: dict[int, _Body] = {}
    body = _Body()
    for event in past.of_agent(agent, "placed", "arrived", "set_out", "blocked", "slept", "woke"):
        if event.kind in ("placed", "arrived"):
            body = _Body(event.data["place"])
        elif event.kind == "set_out":
            body = _Body("", event.data["place"])
        elif event.kind == "blocked":
            body = _Body()
        else:
            body = _Body(body.place, body.goal, event.kind == "slept")
        found[event.tick] = body
    return sorted(found.items())
