"""What villagers are judged by: goals as a scenario declares them, and how far a run met them.

    came:market      stands at the fact's place at its time
    knows:market     was told the fact, or remembers it
    bought:a good saw, sold, ...   bought or sold that thing; without a name, anything
    coins            each coin gained

A goal is worth a point, or as many as stand behind it: `came:market*3`, `coins*0.1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from burgh.scenarios.nearest import suggest
from burgh.sim.types import BurghError, Event

KINDS = ("came", "knows", "bought", "sold", "coins")
OF_FACTS = ("came", "knows")
WRITTEN = re.compile(r"([a-z]+)(?::([^*]+))?(?:\*(\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True)
class Goal:
    """kind: one of KINDS. what: a fact's key, or a thing's name, "" for any. points: for meeting it."""

    kind: str
    what: str = ""
    points: float = 1.0

    def __str__(self) -> str:
        return (
            self.kind
            + (f":{self.what}" if self.what else "")
            + ("" if self.points == 1 else f"*{self.points:g}")
        )


class Moment(Protocol):
    """A fact with where and when something about it happens, as far as that is said."""

    @property
    def place(self) -> str | None: ...


def parse(text: str) -> Goal:
    """The goal that a text names. Raises BurghError."""
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise BurghError(
            f"{text!r} is no goal: write one such as came:market, bought:a good saw*2 or coins*0.1"
        )
    kind, what, points = found[1], (found[2] or "").strip(), found[3]
    if kind not in KINDS:
        raise BurghError(f"no goal is called {kind!r}: {suggest(kind, KINDS)}")
    if kind in OF_FACTS and not what:
        raise BurghError(f"the goal {kind!r} needs a fact: write {kind}:FACT")
    if kind == "coins" and what:
        raise BurghError("the goal 'coins' counts coins: it takes no name")
    return Goal(kind, what, float(points) if points else 1.0)


def checked(texts: Iterable[str], facts: Mapping[str, Moment], things: Sequence[str]) -> tuple[Goal, ...]:
    """The goals of these texts. facts: of the scenario. things: that are for sale in it. Raises BurghError
    for a goal that cannot be met there."""
    goals = tuple(map(parse, texts))
    for goal in goals:
        if goal.kind in OF_FACTS and goal.what not in facts:
            raise BurghError(
                f"the goal {str(goal)!r} names no fact of the scenario: {suggest(goal.what, list(facts))}"
            )
        if goal.kind == "came" and facts[goal.what].place is None:
            raise BurghError(f"the goal {str(goal)!r} cannot be met: the fact has no place and time")
        if goal.kind in ("bought", "sold") and not things:
            raise BurghError(f"the goal {str(goal)!r} cannot be met: nothing is for sale in the scenario")
        if goal.kind in ("bought", "sold") and goal.what and goal.what not in things:
            raise BurghError(
                f"the goal {str(goal)!r} names nothing that is for sale: {suggest(goal.what, things)}"
            )
    return goals


@dataclass
class Tally:
    """Reads a run's events once. meetings: for each fact with a place and time, the place and the tick."""

    meetings: Mapping[str, tuple[str, int]]
    place: dict[str, str] = field(default_factory=dict)
    came: dict[str, set[str]] = field(default_factory=dict)  # by fact
    known: dict[str, set[str]] = field(default_factory=dict)  # by fact
    bought: dict[str, list[str]] = field(default_factory=dict)  # by agent
    sold: dict[str, list[str]] = field(default_factory=dict)
    coins: dict[str, int] = field(default_factory=dict)
    tick: int = 0

    def read(self, events: Iterable[Event]) -> None:
        for event in events:
            self._until(event.tick)
            self.tick = event.tick
            self._take(event)

    def end(self, tick: int) -> None:
        """The run has come to this tick: what is due until then has happened."""
        self._until(tick + 1)
        self.tick = tick

    def _until(self, tick: int) -> None:
        """Who stands where when a meeting's tick is over."""
        for fact, (place, due) in self.meetings.items():
            if fact not in self.came and due < tick:
                self.came[fact] = {name for name, there in self.place.items() if there == place}

    def _take(self, event: Event) -> None:
        data, agent = event.data, event.agent or ""
        match event.kind:
            case "placed" | "arrived":
                self.place[agent] = data["place"]
            case "set_out":
                self.place.pop(agent, None)
            case "memory" if data.get("fact"):
                self.known.setdefault(data["fact"], set()).add(agent)
            case "said" if data.get("fact"):
                heard = {*data.get("heard_by", ()), *([agent] if agent else [])}
                self.known.setdefault(data["fact"], set()).update(heard)
            case "sold":
                self.bought.setdefault(agent, []).append(data["item"])
                self.sold.setdefault(data["seller"], []).append(data["item"])
            case "paid":
                for name, sign in ((data["to"], 1), (data["from"], -1)):
                    self.coins[name] = self.coins.get(name, 0) + sign * data["amount"]

    def points(self, agent: str, goals: Sequence[Goal]) -> tuple[float, tuple[str, ...]]:
        """What an agent made of the goals, and those that it met, as they are written."""
        total = 0.0
        met = []
        for goal in goals:
            if count := self._count(agent, goal):
                total += goal.points * count
                met.append(str(goal) if goal.kind != "coins" else f"{count:+d} coins")
        return round(total, 6), tuple(met)

    def _count(self, agent: str, goal: Goal) -> int:
        if goal.kind == "coins":
            return self.coins.get(agent, 0)
        if goal.kind in OF_FACTS:
            return int(agent in (self.came if goal.kind == "came" else self.known).get(goal.what, ()))
        done = (self.bought if goal.kind == "bought" else self.sold).get(agent, [])
        return int(bool(done) if not goal.what else goal.what in done)
