"""Why somebody does what they do: from an action back to what was seen or heard, from whom and when.

An event names the events that caused it. Followed back, these lead from a decision through the plan and the
memory it rests on to the utterance that was remembered, from there to the speaker's decision and memory, and
so on, until somebody knew it from the start or a voice from outside said it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.telling import is_speech, telling
from burgh.sim.types import BurghError, Event, Json

MOST_STEPS = 80  # events told of in one answer
PASSED_OVER = frozenset({"set_out", "began", "waited", "slept", "moved", "object"})  # their decision says it
# What came to mind is told with its scores, not followed; nor is what others bid before.
LEAVES = frozenset({"retrieved", "price"})


@dataclass(frozen=True, slots=True)
class Step:
    """An event of the chain, in words.

    notes: particulars of it, as scores. causes: what it rests on; the first is what the chain goes on with.
    root: nothing is behind it. again: it was told of before, with what it rests on. left_out: there is more
    behind it than is told.
    """

    event: str
    kind: str
    agent: str
    tick: int
    text: str
    notes: tuple[str, ...] = ()
    causes: tuple[Step, ...] = ()
    root: bool = False
    again: bool = False
    left_out: bool = False

    def to_json(self) -> dict[str, Json]:
        """Plain data, the causes as a list of the same."""
        return {
            "event": self.event,
            "kind": self.kind,
            "agent": self.agent,
            "tick": self.tick,
            "text": self.text,
            "notes": list(self.notes),
            "root": self.root,
            "again": self.again,
            "left_out": self.left_out,
            "causes": [cause.to_json() for cause in self.causes],
        }

    def all(self) -> Iterable[Step]:
        """This step and all behind it, in the order in which they are told."""
        yield self
        for cause in self.causes:
            yield from cause.all()


def why(past: Past, agent: str, most_steps: int = MOST_STEPS) -> Step:
    """The chain behind what the agent does at the end of that past.

    Raises BurghError for an unknown agent, and where it has not decided anything yet.
    """
    past.check_agent(agent)
    return why_event(past, under_way(past, agent), most_steps)


def why_event(past: Past, event: Event, most_steps: int = MOST_STEPS) -> Step:
    """The chain behind an event."""
    return _Chain(past, most_steps).step(event, None)


def under_way(past: Past, agent: str) -> Event:
    """What the agent does at the end of that past: an arrival, what is said at that very tick, else the last
    decision that was not about speaking. Raises BurghError where there is none yet."""
    refused = {cause for event in past.events if event.kind == "refused" for cause in event.causes}
    decisions = [event for event in past.of_agent(agent, "decided") if event.id not in refused]
    lasting = [event for event in decisions if event.tick == past.tick or not is_speech(event)]
    if not lasting:
        raise BurghError(f"{agent} has not decided anything by {past.time(past.tick)}: ask for a later time")
    decision = lasting[-1]
    for event in reversed(past.of_agent(agent, "arrived")):
        set_out = (past.by_id.get(cause) for cause in event.causes)
        if any(one is not None and decision.id in one.causes for one in set_out):
            return event
    return decision


@dataclass(slots=True)
class _Chain:
    """Follows causes depth first. Each event is told of once, and no more than `left` of them."""

    past: Past
    left: int
    told: set[str] = field(default_factory=set)
    known: dict[str, frozenset[str]] = field(default_factory=dict)

    def step(self, event: Event, parent: Event | None) -> Step:
        words = telling(self.past, event, parent)
        about = (event.id, event.kind, event.agent or "", event.tick, words.text)
        if event.id in self.told:
            return Step(*about, again=True)
        self.told.add(event.id)
        self.left -= 1
        behind = [] if event.kind in LEAVES else self.causes(event, parent)
        steps: dict[str, Step] = {}
        for cause in sorted(
            behind, key=lambda cause: cause.kind not in LEAVES
        ):  # what is soon told comes first
            if self.left > 0:
                steps[cause.id] = self.step(cause, event)
        told = tuple(steps[cause.id] for cause in behind if cause.id in steps)
        root = not behind and event.kind not in LEAVES
        return Step(*about, words.notes, told, root=root, left_out=len(told) < len(behind))

    def causes(self, event: Event, parent: Event | None = None) -> list[Event]:
        """What an event rests on, without what lies behind another of these; the weightiest first. Of a
        day's plan, that which it has for the time of the event that rests on it."""
        found = self._behind(event)
        distant = {other for cause in found for other in self.ancestors(cause)}
        near = [cause for cause in found if cause.id not in distant] or found  # a circle has no nearest
        if event.kind == "planned" and parent is not None:
            near = [cause for cause in near if _is_for(cause, parent.tick)] or near
        subject = _subject(event)
        if subject and any(cause.data.get("id") == subject for cause in near):
            # One tells what one remembers; what was said just before is the occasion, not the ground.
            near = [cause for cause in near if cause.kind in ("memory", "retrieved")]
        return sorted(near, key=lambda cause: (cause.data.get("id") != subject, cause.kind == "retrieved"))

    def _behind(self, event: Event) -> list[Event]:
        """The events that an event names, with those that only carry out a decision left out."""
        found: dict[str, Event] = {}
        for name in event.causes:
            cause = self.past.by_id.get(name)
            if cause is None:
                continue
            for one in self._behind(cause) if cause.kind in PASSED_OVER else (cause,):
                found.setdefault(one.id, one)
        found.pop(event.id, None)
        return list(found.values())

    def ancestors(self, event: Event) -> frozenset[str]:
        """The ids of all that lies behind an event."""
        open_events, seen = [event], set[str]()
        if event.id in self.known:
            return self.known[event.id]
        while open_events:
            one = open_events.pop()
            if one.kind in LEAVES:
                continue
            for cause in self._behind(one):
                if cause.id not in seen:
                    seen.add(cause.id)
                    open_events.append(cause)
        self.known[event.id] = frozenset(seen)
        return self.known[event.id]


def _is_for(cause: Event, tick: int) -> bool:
    """Whether this is a memory of what was planned for a tick."""
    data = cause.data
    return (
        cause.kind == "memory" and "start" in data and data["start"] <= tick < data["start"] + data["ticks"]
    )


def _subject(event: Event) -> str:
    """The id of the memory that a decision to speak is about, or ""."""
    if event.kind != "decided" or not is_speech(event):
        return ""
    return str(event.data["answer"]["arguments"].get("subject", ""))
