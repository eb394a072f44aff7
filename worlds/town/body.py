"""Who lives in the town: what a resident is at the start, and a body's state from tick to tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from burgh.sim.types import Json, Percept

GO, USE, WAIT, SLEEP = "go", "use", "wait", "sleep"


@dataclass(frozen=True, slots=True)
class Resident:
    """Someone at the start. look: hair, skin and coat as "#rrggbb", and job, for drawing. coins: in the
    purse."""

    name: str
    start_place: str
    look: Mapping[str, str] = field(default_factory=dict)
    coins: int = 0


@dataclass(slots=True)
class Seen:
    """What one body last saw of another. left: the tick at which it went out of view, None while in view."""

    place: str
    doing: str
    left: int | None = None


@dataclass(slots=True, eq=False)
class Body:
    """One villager. All of it is plain data, so that a snapshot is this and nothing else.

    doing: "" (free), go, use, wait or sleep. target: the tile it walks to, None while it stands.
    goal: the place it goes to. until_tick: when what has begun ends. duration: how many ticks what has
    not begun yet will last. cause: id of the event or action behind what is under way.
    held_until: it stands still up to this tick, for a talk. stuck: ticks it could not walk on.
    patience: ticks of walking after which it gives up though it never stood still for long.
    detour: tiles of a way round someone, when one was needed. last_event: id of what it last did.
    """

    name: str
    tile: int
    look: dict[str, str] = field(default_factory=dict)
    doing: str = ""
    target: int | None = None
    goal: str | None = None
    activity: str | None = None
    object: str | None = None
    until_tick: int | None = None
    duration: int = 0
    cause: str = ""
    held_until: int = 0
    stuck: int = 0
    patience: int = 0
    detour: list[int] = field(default_factory=list)
    last_event: str = ""
    seen: dict[str, Seen] = field(default_factory=dict)
    percepts: list[Percept] = field(default_factory=list)

    @property
    def free(self) -> bool:
        return not self.doing

    @property
    def asleep(self) -> bool:
        return self.doing == SLEEP and self.until_tick is not None

    @property
    def walking(self) -> bool:
        return self.target is not None

    def stop(self) -> None:
        """Nothing is under way any more."""
        self.doing = ""
        self.target = self.goal = self.activity = self.object = self.until_tick = None
        self.duration = self.stuck = self.patience = 0
        self.cause = ""
        self.detour = []

    def to_json(self) -> dict[str, Json]:
        plain = asdict(self)
        plain["percepts"] = [{**percept, "agents": list(percept["agents"])} for percept in plain["percepts"]]
        return plain

    @classmethod
    def from_json(cls, raw: Mapping[str, Json]) -> Body:
        body = cls(**{key: value for key, value in raw.items() if key not in {"seen", "percepts"}})
        body.look, body.detour = dict(body.look), list(body.detour)
        body.seen = {name: Seen(**seen) for name, seen in raw["seen"].items()}
        body.percepts = [
            Percept(p["event"], p["kind"], p["text"], tuple(p["agents"]), dict(p["data"]))
            for p in raw["percepts"]
        ]
        return body
