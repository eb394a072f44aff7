"""All that a mind carries from tick to tick. A step works on a fork of it; `commit` takes the fork over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from burgh.memory.stream import MemoryStream
from burgh.sim.types import Json

EntryKind = Literal["habit", "home", "night", "visit", "promise", "reaction"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of a plan: from `start` (a tick) for `ticks`, at a place.

    doing: what one may do there. memory: id of the memory it comes from, or "". firm: an appointment, for
    which one sets out in time to arrive. event: id of the event that planned it. kind: where it comes from: a
    habit, being at home, sleep, news, what was promised, or what one came to see. others: who is to be there.
    """

    start: int
    ticks: int
    place: str
    doing: tuple[str, ...]
    memory: str = ""
    firm: bool = False
    event: str = ""
    kind: EntryKind = "habit"
    others: tuple[str, ...] = ()

    @property
    def end(self) -> int:
        return self.start + self.ticks

    def to_json(self) -> dict[str, Json]:
        return {
            "start": self.start,
            "ticks": self.ticks,
            "place": self.place,
            "doing": list(self.doing),
            "memory": self.memory,
            "firm": self.firm,
            "event": self.event,
            "kind": self.kind,
            "others": list(self.others),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Json]) -> Entry:
        return cls(**{**raw, "doing": tuple(raw["doing"]), "others": tuple(raw["others"])})


@dataclass(frozen=True, slots=True)
class Piece:
    """The next thing to do within an entry of the plan, for some ticks. memory: id of that which holds it,
    or ""."""

    activity: str
    ticks: int
    memory: str = ""

    def to_json(self) -> list[Json]:
        return [self.activity, self.ticks, self.memory]


@dataclass(slots=True)
class Talk:
    """What there is with another person: when one last spoke, how often in this conversation, and which
    facts (by their root) the other is known to know.

    lines: the last of what was said in this conversation, by either. about: ids of the memories it was
    about. asked: what one has thought of asking the other, ever.
    """

    last: int = -1_000_000
    turns: int = 0
    greeted: bool = False
    knows: set[str] = field(default_factory=set)
    lines: tuple[tuple[str, str], ...] = ()
    about: tuple[str, ...] = ()
    asked: set[str] = field(default_factory=set)

    def to_json(self) -> dict[str, Json]:
        return {
            "last": self.last,
            "turns": self.turns,
            "greeted": self.greeted,
            "knows": sorted(self.knows),
            "lines": [list(line) for line in self.lines],
            "about": list(self.about),
            "asked": sorted(self.asked),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Json]) -> Talk:
        lines = tuple((speaker, words) for speaker, words in raw["lines"])
        known, asked = set(raw["knows"]), set(raw["asked"])
        return cls(raw["last"], raw["turns"], raw["greeted"], known, lines, tuple(raw["about"]), asked)

    def fork(self) -> Talk:
        return replace(self, knows=set(self.knows), asked=set(self.asked))


@dataclass(frozen=True, slots=True)
class Pledge:
    """What one has just promised, until it is known to have been heard. text: the promise as one keeps it.
    memory: id of the memory it is about."""

    entry: Entry
    text: str
    memory: str

    def to_json(self) -> list[Json]:
        return [self.entry.to_json(), self.text, self.memory]

    @classmethod
    def from_json(cls, raw: Any) -> Pledge:
        return cls(Entry.from_json(raw[0]), raw[1], raw[2])


@dataclass(slots=True)
class MindState:
    """scale: the reference scores (rising, in nats) that turn a score into a rating. ratings: importance by
    text, so that the same sight is not rated twice. poignancy: importance gathered since the last
    reflection. origin: by memory id, the event that made it. meanings: by memory id, what of it can be
    told, where that is not its text ("" for what one keeps to oneself). firsthand: by memory id, how the
    agent itself says what it remembers of itself. witnessed: ids of memories of what was cried to all
    who were there: news to whoever was not. considered: roots of news already thought over. told_now:
    to whom the last thing told was news, should it not be heard. day_ends: the tick at which the day that
    was planned, its night included, is over. yesterday: what one keeps of the day before, or "". wishes:
    ids of the memories of what one wants. neutral: scores of options after a context that speaks for none,
    by the options. faded: texts rated before the day began that have not come again since, and would stir one
    anew. pledge: what was promised in the last step. stakes: by lot of an auction, what one would
    pay for it, and the event that says so."""

    stream: MemoryStream
    plan: tuple[Entry, ...] = ()
    pieces: tuple[Piece, ...] = ()
    doing: str = ""
    talks: dict[str, Talk] = field(default_factory=dict)
    scale: tuple[float, ...] = ()
    ratings: dict[str, float] = field(default_factory=dict)
    poignancy: float = 0.0
    origin: dict[str, str] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)
    firsthand: dict[str, str] = field(default_factory=dict)
    witnessed: set[str] = field(default_factory=set)
    considered: set[str] = field(default_factory=set)
    told_now: tuple[str, ...] = ()
    stakes: dict[str, tuple[int, str]] = field(default_factory=dict)
    prompts: set[str] = field(default_factory=set)
    day_ends: int = 0
    yesterday: str = ""
    wishes: tuple[str, ...] = ()
    neutral: dict[str, tuple[float, ...]] = field(default_factory=dict)
    faded: set[str] = field(default_factory=set)
    pledge: Pledge | None = None

    def fork(self) -> MindState:
        """A copy that can change without changing this one."""
        return MindState(
            stream=self.stream.fork(),
            plan=self.plan,
            pieces=self.pieces,
            doing=self.doing,
            talks={name: talk.fork() for name, talk in self.talks.items()},
            scale=self.scale,
            ratings=dict(self.ratings),
            poignancy=self.poignancy,
            origin=dict(self.origin),
            meanings=dict(self.meanings),
            firsthand=dict(self.firsthand),
            witnessed=set(self.witnessed),
            considered=set(self.considered),
            told_now=self.told_now,
            stakes=dict(self.stakes),
            prompts=set(self.prompts),
            day_ends=self.day_ends,
            yesterday=self.yesterday,
            wishes=self.wishes,
            neutral=dict(self.neutral),
            faded=set(self.faded),
            pledge=self.pledge,
        )

    def talk(self, name: str) -> Talk:
        return self.talks.setdefault(name, Talk())

    def snapshot(self) -> dict[str, Json]:
        """Plain data that `restore` reads back, exactly: reals stay as they are, to the last bit."""
        return {
            "stream": self.stream.snapshot(),
            "plan": [entry.to_json() for entry in self.plan],
            "pieces": [piece.to_json() for piece in self.pieces],
            "doing": self.doing,
            "talks": {name: talk.to_json() for name, talk in self.talks.items()},
            "scale": list(self.scale),
            "ratings": dict(self.ratings),
            "poignancy": self.poignancy,
            "origin": dict(self.origin),
            "meanings": dict(self.meanings),
            "firsthand": dict(self.firsthand),
            "witnessed": sorted(self.witnessed),
            "considered": sorted(self.considered),
            "told_now": list(self.told_now),
            "stakes": {lot: list(stake) for lot, stake in self.stakes.items()},
            "prompts": sorted(self.prompts),
            "day_ends": self.day_ends,
            "yesterday": self.yesterday,
            "wishes": list(self.wishes),
            "neutral": {options: list(scores) for options, scores in self.neutral.items()},
            "faded": sorted(self.faded),
            "pledge": None if self.pledge is None else self.pledge.to_json(),
        }

    @classmethod
    def restore(cls, raw: Mapping[str, Any]) -> MindState:
        saved = raw["stream"]
        stream = MemoryStream(saved["agent"], saved["dimension"], saved["tick_seconds"])
        stream.restore(saved)
        return cls(
            stream=stream,
            plan=tuple(Entry.from_json(entry) for entry in raw["plan"]),
            pieces=tuple(Piece(*piece) for piece in raw["pieces"]),
            doing=raw["doing"],
            talks={name: Talk.from_json(talk) for name, talk in raw["talks"].items()},
            scale=tuple(raw["scale"]),
            ratings=dict(raw["ratings"]),
            poignancy=raw["poignancy"],
            origin=dict(raw["origin"]),
            meanings=dict(raw["meanings"]),
            firsthand=dict(raw["firsthand"]),
            witnessed=set(raw.get("witnessed", ())),
            considered=set(raw["considered"]),
            told_now=tuple(raw["told_now"]),
            stakes={lot: tuple(stake) for lot, stake in raw["stakes"].items()},
            prompts=set(raw["prompts"]),
            day_ends=raw["day_ends"],
            yesterday=raw["yesterday"],
            wishes=tuple(raw["wishes"]),
            neutral={options: tuple(scores) for options, scores in raw["neutral"].items()},
            faded=set(raw.get("faded", ())),
            pledge=None if raw["pledge"] is None else Pledge.from_json(raw["pledge"]),
        )
