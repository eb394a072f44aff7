"""What a villager's mind holds at a tick, as the record tells it: for the side panel."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from burgh.sim.clock import Clock
from burgh.sim.record.index import EventTable
from burgh.sim.types import Event, Json, real
from burgh.sim.viewer.scene import place_name

_KINDS = frozenset({"memory", "retrieved", "planned", "decided", "kept"})
MEMORY_KINDS = ("observation", "speech", "whisper", "reflection", "plan")
MOST_MINDS = 8  # whose memories are held at a time


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
    """A memory as it is shown. importance: 0 to 1 or 1 to 10, as its maker scores it. told_by: "" if seen.

    evidence: ids of what an insight rests on. subjects: names of whom it is about.
    """

    id: str
    kind: str
    text: str
    importance: float
    created: int
    told_by: str
    evidence: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """The importance from 0 to 1."""
        share = self.importance / 10 if self.importance > 1 else self.importance
        return max(0.0, min(1.0, share))


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


class _Held:
    """The memories of one mind, as far as they were asked for."""

    def __init__(self) -> None:
        self.seq = -1
        self.ticks: list[int] = []
        self.memories: list[MemoryLine] = []
        self.by_id: dict[str, MemoryLine] = {}


class MindIndex:
    """Finds what a mind held at any tick, in a table of events."""

    def __init__(self, table: EventTable | None = None) -> None:
        self.table = EventTable.in_memory() if table is None else table
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def apply(self, event: Event) -> None:
        """Adds an event, where the table is this index's own."""
        if event.kind in _KINDS and event.agent is not None:
            self.table.add(event.tick, (event,))

    def view(self, name: str, tick: float, clock: Clock, *, doing: str = "", memories: int = 12) -> MindView:
        """What is shown of a villager at a tick. doing: what its body is at, from the scene."""
        held = self.memories(name, tick)
        retrieved = self.table.last("retrieved", name, tick)
        hour = self._planned(name, tick, "= 'hour'")
        now = clock.at(int(tick))
        return MindView(
            name=name,
            doing=doing or "nothing in particular",
            why=self._why(name, tick),
            plan=_plan(self._planned(name, tick, "<> 'hour'"), clock, now),
            hour=_plan(hour, clock, now) if hour and _goes_on(hour, clock, now) else (),
            memories=tuple(reversed(held[max(0, len(held) - memories) :])),
            memory_count=len(held),
            query=retrieved.data["query"] if retrieved else "",
            picked=tuple(self._picked(name, item) for item in retrieved.data["picked"]) if retrieved else (),
        )

    def memories(self, name: str, tick: float) -> Sequence[MemoryLine]:
        """All that one remembers at a tick, oldest first."""
        held = self._read(name)
        return held.memories[: bisect_right(held.ticks, tick)]

    def memory(self, name: str, memory_id: str) -> MemoryLine | None:
        """A memory by its id, of whatever tick."""
        return self._read(name).by_id.get(memory_id)

    def _read(self, name: str) -> _Held:
        """The memories of a mind; those that have come since are added."""
        held = self._held.setdefault(name, _Held())
        self._held.move_to_end(name)
        if len(self._held) > MOST_MINDS:
            self._held.popitem(last=False)
        for seq, event in self.table.numbered(kind="memory", agent=name, after=held.seq):
            memory = _memory(event.data)
            held.seq = seq
            held.ticks.append(event.tick)
            held.memories.append(memory)
            held.by_id[memory.id] = memory
        return held

    def _planned(self, name: str, tick: float, changed: str) -> Event | None:
        return self.table.last("planned", name, tick, f"json_extract(data, '$.changed') {changed}")

    def _why(self, name: str, tick: float) -> str:
        no_talk = "json_extract(data, '$.answer.tool') IS NOT 'say'"
        decided = self.table.last("decided", name, tick, no_talk)
        return str(decided.data["why"]) if decided else ""

    def _picked(self, name: str, item: Mapping[str, Json]) -> Picked:
        parts = [real(item[part]) for part in ("recency", "importance", "relevance", "score")]
        id_ = str(item["id"])
        memory = self.memory(name, id_)
        return Picked(id_, memory.text if memory else id_, *parts)


def _memory(data: Mapping[str, Json]) -> MemoryLine:
    return MemoryLine(
        data["id"],
        data["kind"],
        data["text"],
        real(data["importance"]),
        data["created"],
        data["from"],
        tuple(data.get("evidence", ())),
        tuple(data.get("subjects", ())),
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
