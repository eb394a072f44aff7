"""One memory, as a mind keeps it and as the record holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from burgh.sim.types import Event, Json, fixed, real

Kind = Literal["observation", "speech", "whisper", "reflection", "plan", "summary"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LEAST_IMPORTANCE, MOST_IMPORTANCE = 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Something an agent remembers.

    id: "Mira:12": whose it is, and its number in that agent's stream, which is also the row of its
    embedding. created, last_access: ticks. importance: 1 (mundane) to 10 (poignant). evidence: ids of the
    memories a reflection rests on. subjects: names of those it is about. fact: id of the memory at the root
    of what is told, or "". from_agent: who said it, or "". start, ticks: of what is planned, when it begins
    and how long it takes; -1 and 0 for what is no plan. A summary rests on evidence too: on what it sums up.
    """

    id: str
    kind: Kind
    text: str
    created: int
    last_access: int
    importance: float
    evidence: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    place: str = ""
    fact: str = ""
    from_agent: str = ""
    start: int = -1
    ticks: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of memory: {', '.join(KINDS)}")
        if not LEAST_IMPORTANCE <= self.importance <= MOST_IMPORTANCE:
            raise ValueError(f"the importance of {self.id} is {self.importance}, not from 1 to 10")
        if not self.text.strip():
            raise ValueError(f"the memory {self.id} is empty")

    @property
    def agent(self) -> str:
        return self.id.rpartition(":")[0]

    @property
    def row(self) -> int:
        """The row of its embedding in the agent's vectors."""
        return int(self.id.rpartition(":")[2])

    def event_data(self) -> dict[str, Json]:
        """What its `memory` event holds (see sim/events.md)."""
        return {
            "id": self.id,
            "kind": self.kind,
            "text": self.text,
            "importance": fixed(self.importance),
            "created": self.created,
            "place": self.place,
            "subjects": list(self.subjects),
            "evidence": list(self.evidence),
            "fact": self.fact,
            "from": self.from_agent,
            **({"start": self.start, "ticks": self.ticks} if self.ticks else {}),
        }

    @classmethod
    def from_event(cls, event: Event) -> Memory:
        """The memory that a `memory` event made, not accessed since."""
        data = event.data
        return cls(
            id=data["id"],
            kind=data["kind"],
            text=data["text"],
            created=data["created"],
            last_access=data["created"],
            importance=real(data["importance"]),
            evidence=tuple(data["evidence"]),
            subjects=tuple(data["subjects"]),
            place=data["place"],
            fact=data["fact"],
            from_agent=data["from"],
            start=data.get("start", -1),
            ticks=data.get("ticks", 0),
        )

    def to_json(self) -> dict[str, Json]:
        """Plain data that `from_json` reads back, exactly."""
        return {
            "id": self.id,
            "kind": self.kind,
            "text": self.text,
            "created": self.created,
            "last_access": self.last_access,
            "importance": self.importance,
            "evidence": list(self.evidence),
            "subjects": list(self.subjects),
            "place": self.place,
            "fact": self.fact,
            "from_agent": self.from_agent,
            "start": self.start,
            "ticks": self.ticks,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Json]) -> Memory:
        lists = {"evidence": tuple(raw["evidence"]), "subjects": tuple(raw["subjects"])}
        return cls(**{**raw, **lists})
