"""How a fact spread through a town and who acted on it, read from the record alone.

Nothing is guessed from texts: an utterance says of which fact it tells, a memory which utterance it comes
from, and a decision which plan and which memory it rests on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from burgh.scenarios.spec import Scenario
from burgh.sim.record import RunLog
from burgh.sim.types import BurghError, Event, Json

THINKING = ("planned", "memory")  # the events through which a decision is followed back to what it rests on


@dataclass(frozen=True, slots=True)
class Hearing:
    """That an agent first came to know of a fact by the speech of another agent.

    utterance: id of the `said` event that the memory names as its cause. memory: id of the memory's event.
    """

    agent: str
    tick: int
    source: str
    utterance: str
    memory: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """That an agent stands at a place because it planned to, for something it remembers.

    go: id of the decision that brought it there. memory: id of the memory event on which that rests.
    """

    agent: str
    x: int
    y: int
    go: str
    memory: str


@dataclass(frozen=True, slots=True)
class Spread:
    """One fact's way through the town.

    knew_first: who knew it from the start or from a voice that is no agent. hearings: who first had it from
    another agent. standing: who stood at the fact's place at its time. by_plan: those of them who came for
    it. considered: for each agent that asked itself where to be then, the number of places it chose among.
    """

    fact: str
    knew_first: tuple[str, ...]
    hearings: tuple[Hearing, ...]
    standing: tuple[str, ...] = ()
    by_plan: tuple[Attendance, ...] = ()
    considered: Mapping[str, int] = field(default_factory=dict)

    @property
    def hearers(self) -> tuple[str, ...]:
        return tuple(one.agent for one in self.hearings)

    @property
    def comers(self) -> tuple[str, ...]:
        return tuple(one.agent for one in self.by_plan)

    @property
    def chances(self) -> tuple[float, ...]:
        """For each who considered it, how likely a choice at random would have been to bring it there."""
        return tuple(1 / places for places in self.considered.values())


def spread(log: RunLog, scenario: Scenario, fact: str) -> Spread:
    """How a fact of the scenario spread. Raises BurghError where the run ended before the fact's time."""
    told = scenario.facts[fact]
    meeting = None
    if told.at is not None and told.place is not None:
        meeting = (told.place, scenario.tick_at(told.at, told.day))
    return spread_of(log.events(), [agent.name for agent in scenario.agents], fact, meeting)


def spread_of(
    events: Iterable[Event], agents: Sequence[str], fact: str, meeting: tuple[str, int] | None = None
) -> Spread:
    """The same from events. meeting: the path of a place and the tick at which who is there is looked up."""
    found = _Reader(agents, fact, meeting)
    for event in events:
        found.read(event)
    return found.result()


class _Reader:
    """Goes once through the events, in their order."""

    def __init__(self, agents: Sequence[str], fact: str, meeting: tuple[str, int] | None) -> None:
        self.agents = frozenset(agents)
        self.fact = fact
        self.place, self.meeting = meeting if meeting is not None else ("", -1)
        self.tick = 0
        self.tiles: list[Mapping[str, Json]] = []
        self.utterances: dict[str, Event] = {}
        self.first: dict[str, Hearing | None] = {}  # by agent, how it came to know, None if not from another
        self.learned: dict[str, int] = {}  # by agent, the tick of that
        self.thoughts: dict[str, Event] = {}
        self.decided: dict[str, Event] = {}
        self.brought: dict[str, Event] = {}  # by agent, the last time it set out
        self.at: dict[str, tuple[int, int]] = {}
        self.considered: dict[str, int] = {}

    def read(self, event: Event) -> None:
        self.tick = event.tick
        moment_past = bool(self.place) and event.tick > self.meeting
        if event.kind == "said" and event.data["fact"] == self.fact:
            self.utterances[event.id] = event
        elif event.kind == "memory" and event.data["fact"] == self.fact:
            self._remembered(event)
        elif event.kind == "model" and event.data["purpose"] == "react":
            self._considered(event)
        elif event.kind == "scene" and event.data["kind"] == "tiles":
            self.tiles = [place for place in event.data["places"] if place["path"] == self.place]
        elif not moment_past:
            self._moved(event)
        if event.kind in THINKING:
            self.thoughts[event.id] = event
        elif event.kind == "decided":
            self.decided[event.id] = event

    def _moved(self, event: Event) -> None:
        if event.agent is None:
            return
        if event.kind in ("placed", "moved"):
            self.at[event.agent] = (event.data["x"], event.data["y"])
        elif event.kind == "set_out":
            self.brought[event.agent] = event

    def _remembered(self, event: Event) -> None:
        if event.agent is None or event.agent in self.first:
            return
        said = next((self.utterances[cause] for cause in event.causes if cause in self.utterances), None)
        by_agent = (
            said is not None
            and said.agent in self.agents
            and said.agent == event.data["from"]
            and said.agent != event.agent
            and event.agent in said.data["heard_by"]
        )
        hearing = None
        if said is not None and said.agent is not None and by_agent:
            hearing = Hearing(event.agent, event.tick, said.agent, said.id, event.id)
        self.first[event.agent] = hearing
        self.learned[event.agent] = event.tick

    def _considered(self, event: Event) -> None:
        """News is thought over in the step in which it is remembered."""
        in_time = bool(self.place) and event.tick < self.meeting
        if event.agent is not None and in_time and self.learned.get(event.agent) == event.tick:
            self.considered.setdefault(event.agent, len(event.data["options"]))

    def result(self) -> Spread:
        standing: tuple[str, ...] = ()
        if self.place:
            if self.tick < self.meeting:
                ended = f"the run ended at tick {self.tick}"
                raise BurghError(f"{ended}, before tick {self.meeting}, the time of {self.fact!r}")
            if not self.tiles:
                raise BurghError(f"the run's scene has no place {self.place!r}")
            standing = tuple(agent for agent, where in self.at.items() if self._is_there(where))
        came = (self._attendance(agent) for agent in standing)
        return Spread(
            fact=self.fact,
            knew_first=tuple(agent for agent, hearing in self.first.items() if hearing is None),
            hearings=tuple(hearing for hearing in self.first.values() if hearing is not None),
            standing=standing,
            by_plan=tuple(one for one in came if one is not None),
            considered=self.considered,
        )

    def _is_there(self, where: tuple[int, int]) -> bool:
        x, y = where
        return any(
            place["x"] <= x < place["x"] + place["width"] and place["y"] <= y < place["y"] + place["height"]
            for place in self.tiles
        )

    def _attendance(self, agent: str) -> Attendance | None:
        """What brought an agent that stands at the place, if it came for the fact."""
        set_out = self.brought.get(agent)
        if set_out is None or set_out.data["place"] != self.place:
            return None
        for cause in set_out.causes:
            go = self.decided.get(cause)
            memory = None if go is None or go.agent != agent else self._ground(go)
            if memory is not None:
                return Attendance(agent, *self.at[agent], cause, memory)
        return None

    def _ground(self, go: Event) -> str | None:
        """The agent's own memory of the fact on which a decision rests by way of a plan, if it does."""
        open_ids, seen, planned, memory = list(go.causes), set[str](), False, None
        while open_ids:
            name = open_ids.pop()
            thought = self.thoughts.get(name)
            if name in seen or thought is None or thought.agent != go.agent:
                continue
            seen.add(name)
            planned = planned or thought.kind == "planned"
            if memory is None and thought.kind == "memory" and thought.data["fact"] == self.fact:
                memory = name
            open_ids += thought.causes
        return memory if planned else None


def chance_of_at_least(count: int, chances: Iterable[float]) -> float:
    """How likely at least so many of several independent events are, each with a chance of its own."""
    likely = [1.0]  # likely[k]: that k of the events so far happen
    for chance in chances:
        happens = [0.0, *(chance * before for before in likely)]
        fails = [*((1 - chance) * before for before in likely), 0.0]
        likely = [a + b for a, b in zip(happens, fails, strict=True)]
    return min(1.0, sum(likely[max(0, count) :]))


def chance_of_lead(only_first: int, only_second: int) -> float:
    """The one-sided sign test: how likely at least `only_first` heads are in tosses of a fair coin, one for
    each villager who heard just one of two facts."""
    tosses = only_first + only_second
    return sum(math.comb(tosses, heads) for heads in range(only_first, tosses + 1)) / float(2**tosses)
