"""What a villager's mind holds at a tick, as the record tells it: for the side panel."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from burgh.sim.clock import Clock
from burgh.sim.types import Event, Json, real
from burgh.sim.viewer.scene import place_name

_KINDS = frozenset({"memory", "retrieved", "planned", "decided", "kept"})


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One entry of a plan. start as "09:40". current: it is under way by the clock."""

    start: str
    minutes: int
    place: str
    activity: str
    current: bool


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """A memory as it is shown. importance: 0 to 1 or 1 to 10, as its maker scores it. told_by: "" if seen."""

    id: str
    kind: str
    text: str
    importance: float
    created: int
    told_by: str


@dataclass(frozen=True, slots=True)
class Picked:
    """A memory that was retrieved, with the parts of its score."""

    id: str
    text: str
    recency: float
    importance: float
    relevance: float
    score: float


@dataclass(frozen=True, slots=True)
class MindView:
    """All of it. why: the reason given with the last decision that was no talk. memories: newest first."""

    name: str
    doing: str
    why: str
    plan: tuple[PlanLine, ...]
    hour: tuple[PlanLine, ...]
    memories: tuple[MemoryLine, ...]
    memory_count: int
    query: str
    picked: tuple[Picked, ...]


class _Track:
    """Events of one kind of one agent, in order of ticks."""

    def __init__(self) -> None:
        self.ticks: list[int] = []
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        self.ticks.append(event.tick)
        self.events.append(event)

    def count(self, tick: float) -> int:
        return bisect_right(self.ticks, tick)

    def last(self, tick: float) -> Event | None:
        n = self.count(tick)
        return self.events[n - 1] if n else None


class MindIndex:
    """Finds what a mind held at any tick without going through the run."""

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, str], _Track] = {}
        self._texts: dict[str, str] = {}

    def apply(self, event: Event) -> None:
        if event.kind not in _KINDS or event.agent is None:
            return
        kind = event.kind
        if kind == "memory":
            self._texts[event.data["id"]] = event.data["text"]
        if kind == "planned":
            kind = "hour" if event.data["changed"] == "hour" else "plan"
        if kind == "decided" and _is_talk(event.data["answer"]):
            kind = "spoke"
        self._track(event.agent, kind).add(event)

    def view(self, name: str, tick: float, clock: Clock, *, doing: str = "", memories: int = 12) -> MindView:
        """What is shown of a villager at a tick. doing: what its body is at, from the scene."""
        held = self._track(name, "memory")
        count = held.count(tick)
        newest = [_memory(event.data) for event in reversed(held.events[max(0, count - memories) : count])]
        retrieved = self._track(name, "retrieved").last(tick)
        hour = self._track(name, "hour").last(tick)
        now = clock.at(int(tick))
        return MindView(
            name=name,
            doing=doing or "nothing in particular",
            why=self._why(name, tick),
            plan=_plan(self._track(name, "plan").last(tick), clock, now),
            hour=_plan(hour, clock, now) if hour and _goes_on(hour, clock, now) else (),
            memories=tuple(newest),
            memory_count=count,
            query=retrieved.data["query"] if retrieved else "",
            picked=tuple(self._picked(item) for item in retrieved.data["picked"]) if retrieved else (),
        )

    def _track(self, name: str, kind: str) -> _Track:
        return self._tracks.setdefault((name, kind), _Track())

    def _why(self, name: str, tick: float) -> str:
        decided = self._track(name, "decided").last(tick)
        return str(decided.data["why"]) if decided else ""

    def _picked(self, item: Mapping[str, Json]) -> Picked:
        parts = [real(item[part]) for part in ("recency", "importance", "relevance", "score")]
        id_ = str(item["id"])
        return Picked(id_, self._texts.get(id_, id_), *parts)


def _is_talk(answer: Json) -> bool:
    """Whether a decision was to say something, which one does beside what one is at."""
    return isinstance(answer, Mapping) and answer.get("tool") == "say"


def _memory(data: Mapping[str, Json]) -> MemoryLine:
    return MemoryLine(
        data["id"], data["kind"], data["text"], real(data["importance"]), data["created"], data["from"]
    )


def _goes_on(planned: Event, clock: Clock, now: datetime) -> bool:
    """Whether a plan's last entry has not ended yet."""
    entries = planned.data["entries"]
    return bool(entries) and now < _start(entries[-1], clock) + timedelta(minutes=entries[-1]["minutes"])


def _start(entry: Mapping[str, Json], clock: Clock) -> datetime:
    """When an entry begins, on the day of the run that it names, or the first."""
    hour, minute = (int(part) for part in entry["start"].split(":"))
    day = clock.start + timedelta(days=entry.get("day", 1) - 1)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _plan(event: Event | None, clock: Clock, now: datetime) -> tuple[PlanLine, ...]:
    if event is None:
        return ()
    entries = event.data["entries"]
    starts = [_start(entry, clock) for entry in entries]
    running = [
        (bool(entry["why"]), n)  # an appointment goes before the stroke in which it falls
        for n, (entry, start) in enumerate(zip(entries, starts, strict=True))
        if start <= now < start + timedelta(minutes=entry["minutes"])
    ]
    current = max(running)[1] if running else None
    lines = [
        PlanLine(
            entry["start"], entry["minutes"], place_name(str(entry["place"])), entry["activity"], n == current
        )
        for n, entry in enumerate(entries)
    ]
    return tuple(lines)
