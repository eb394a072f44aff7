"""What is drawn of a run, in its index: each frame's moves and changes, whole states now and then, marks.

Derived from the record like all of the index. A moment is found from the last whole state before it and the
few changes since, so that seeking costs the same at any tick, however long the run is; nothing of the run
is held in memory but its marks.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import orjson

from burgh.sim.clock import Clock
from burgh.sim.record.index import EventTable
from burgh.sim.types import Event, Json
from burgh.sim.viewer.builder import Kept, Said, SceneBuilder
from burgh.sim.viewer.sale import SaleView
from burgh.sim.viewer.scene import NO_SALE, Caption, Person, Thing, TownMap
from burgh.sim.viewer.shop import NO_SHOP, ShopView
from burgh.sim.viewer.trade import NO_TRADE, TradeView

if TYPE_CHECKING:
    from pydantic import TypeAdapter

View = TypeVar("View", SaleView, TradeView, ShopView)

KEY_WEIGHT = 3_000  # a whole state is kept after so many moves; any other change weighs as OTHER_WEIGHT moves
OTHER_WEIGHT = 4
VERSION = 4
TABLES = ("shown_frames", "shown_keys", "shown_marks", "shown_version")
SCHEMA = """
CREATE TABLE shown_frames (
    frame INTEGER PRIMARY KEY, tick INTEGER NOT NULL, count INTEGER NOT NULL, moves BLOB NOT NULL,
    events BLOB NOT NULL
);
CREATE INDEX shown_frames_by_tick ON shown_frames (tick);
CREATE TABLE shown_keys (frames INTEGER PRIMARY KEY, scene INTEGER NOT NULL, state BLOB NOT NULL);
CREATE TABLE shown_marks (number INTEGER PRIMARY KEY, tick INTEGER NOT NULL, kind TEXT NOT NULL, agent TEXT);
CREATE TABLE shown_version (version INTEGER NOT NULL);
"""
NOT_KEPT = frozenset({"prompt", "model", "memory", "retrieved", "decided", "kept", "refused"})
MARKS = {"said": "speech", "reflected": "reflection", "planned": "plan", "sold": "sale", "bought": "sale"}
MARK_KINDS = ("speech", "reflection", "plan", "sale")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something worth a tick on the timeline. kind: "speech", "reflection", "plan" (changed, not made) or
    "sale"."""

    tick: int
    kind: str
    agent: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a frame changes. moves: (number of the person, x, y) one after another."""

    tick: int
    moves: array[int]
    events: tuple[Event, ...]

    def apply(self, builder: SceneBuilder) -> None:
        moves = iter(self.moves)
        for number, x, y in zip(moves, moves, moves, strict=True):
            builder.move(number, x, y)
        for event in self.events:
            builder.apply(event)


class Store:
    """The tables of one run. `take` adds a frame; `tip` is the state after all of them."""

    def __init__(self, table: EventTable) -> None:
        """Raises sqlite3.OperationalError where the tables are not there and cannot be made."""
        self.table = table
        self.database = table.database
        self._prepare()
        self.frames = 0
        self.last_tick = 0
        self.marks: list[Mark] = []
        self.tip = SceneBuilder()
        self._scene = -1  # the frame that holds the map of the tip
        self._since_key = 0
        self._towns: dict[int, TownMap] = {}
        self.refresh()

    def _prepare(self) -> None:
        names = {row[0] for row in self.database.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        if "shown_version" in names:
            row = self.database.execute("SELECT version FROM shown_version").fetchone()
            if row is not None and row[0] == VERSION:
                return
        drops = "".join(f"DROP TABLE IF EXISTS {name}; " for name in TABLES)
        self.database.executescript(
            f"BEGIN IMMEDIATE; {drops} {SCHEMA} INSERT INTO shown_version VALUES ({VERSION}); COMMIT;"
        )

    def refresh(self) -> None:
        """Takes note of frames that another process has added."""
        row = self.database.execute(
            "SELECT frame + 1, tick FROM shown_frames ORDER BY frame DESC LIMIT 1"
        ).fetchone()
        if row is None or row[0] <= self.frames:
            return
        key = self.database.execute("SELECT max(frames) FROM shown_keys").fetchone()[0]
        if key is not None and key > self.frames:
            self.tip, self._scene = self._key(key)
            self.frames, self._since_key = key, 0
        for row_ in self.rows(self.frames, row[0]):
            self._advance(row_)
        self.frames, self.last_tick = row
        query = "SELECT tick, kind, agent FROM shown_marks WHERE number > ? ORDER BY number"
        self.marks += [Mark(*found) for found in self.database.execute(query, (len(self.marks),))]

    def take(self, tick: int, events: Iterable[Event]) -> None:
        """Adds the frame of a tick that follows the last one."""
        numbers = {name: number for number, name in enumerate(self.tip.names)}
        moves, kept, count = array("i"), [], 0
        for event in events:
            count += 1
            self._mark(tick, event)
            if event.kind == "moved" and event.agent in numbers:
                moves.extend((numbers[event.agent], event.data["x"], event.data["y"]))
            elif is_seen(event):
                kept.append(event)
        row = Row(tick, moves, tuple(kept))
        self.database.execute(
            "INSERT INTO shown_frames VALUES (?, ?, ?, ?, ?)",
            (self.frames, tick, count, _little(moves).tobytes(), _packed(kept)),
        )
        self._advance(row)
        self.last_tick = tick
        if self._since_key >= KEY_WEIGHT:
            self._since_key = 0
            state = zlib.compress(pack(self.tip.keep()), 1)
            self.database.execute(
                "INSERT INTO shown_keys VALUES (?, ?, ?)", (self.frames, self._scene, state)
            )

    def _mark(self, tick: int, event: Event) -> None:
        kind = MARKS.get(event.kind)
        if kind is None or (kind == "plan" and event.data["changed"] != "revised"):
            return
        mark = Mark(tick, kind, event.agent or "")
        self.marks.append(mark)
        row = (len(self.marks), mark.tick, mark.kind, mark.agent)
        self.database.execute("INSERT INTO shown_marks VALUES (?, ?, ?, ?)", row)

    def _advance(self, row: Row) -> None:
        row.apply(self.tip)
        self._since_key += len(row.moves) // 3 + OTHER_WEIGHT * len(row.events)
        if any(event.kind == "scene" for event in row.events):
            self._scene = self.frames
            self._towns[self.frames] = self.tip.town
            self._since_key = KEY_WEIGHT  # so that a state with a map has always the same one
        self.frames += 1

    def frames_to(self, tick: float) -> int:
        """How many frames there are at or before a tick."""
        query = "SELECT frame + 1 FROM shown_frames WHERE tick <= ? ORDER BY tick DESC, frame DESC LIMIT 1"
        row = self.database.execute(query, (tick,)).fetchone()
        return 0 if row is None else int(row[0])

    def rows(self, first: int, end: int) -> Iterator[Row]:
        """The frames from `first` on, before `end`."""
        query = "SELECT tick, moves, events FROM shown_frames WHERE frame >= ? AND frame < ? ORDER BY frame"
        for tick, moves, events in self.database.execute(query, (first, end)):
            yield Row(tick, _moves(moves), _unpacked(events))

    def row(self, frame: int) -> Row | None:
        return next(self.rows(frame, frame + 1), None)

    def key(self, frames: int) -> tuple[int, SceneBuilder]:
        """The last whole state after at most so many frames, and after how many."""
        query = "SELECT max(frames) FROM shown_keys WHERE frames <= ?"
        found = self.database.execute(query, (frames,)).fetchone()[0]
        return (0, SceneBuilder()) if found is None else (found, self._key(found)[0])

    def last_key(self, after: int, frames: int) -> bool:
        """Whether a whole state lies behind `after` and not behind `frames`."""
        query = "SELECT 1 FROM shown_keys WHERE frames > ? AND frames <= ? LIMIT 1"
        return self.database.execute(query, (after, frames)).fetchone() is not None

    def density(self, columns: int) -> list[int]:
        """How many events there are in each of so many equal parts of the run."""
        found = [0] * columns
        query = "SELECT tick * ? / ?, sum(count) FROM shown_frames GROUP BY 1"
        for column, count in self.database.execute(query, (columns, self.last_tick + 1)):
            found[min(columns - 1, int(column))] += count
        return found

    def _key(self, frames: int) -> tuple[SceneBuilder, int]:
        query = "SELECT scene, state FROM shown_keys WHERE frames = ?"
        scene, state = self.database.execute(query, (frames,)).fetchone()
        return SceneBuilder.of(unpack(zlib.decompress(state)), self._town(scene)), scene

    def _town(self, frame: int) -> TownMap:
        if frame not in self._towns:
            builder, row = SceneBuilder(), self.row(frame)
            if row is not None:
                for event in row.events:
                    if event.kind == "scene":
                        builder.apply(event)
            self._towns[frame] = builder.town
        return self._towns[frame]


def is_seen(event: Event) -> bool:
    """Whether a scene shows anything of an event: of memories, insights alone."""
    return event.kind not in NOT_KEPT or (event.kind == "memory" and event.data["kind"] == "reflection")


def pack(kept: Kept) -> bytes:
    """A state as JSON: rows of values, of which there are many, without the names of their fields."""
    return orjson.dumps(
        {
            "tick": kept.tick,
            "start": kept.clock.start.isoformat(),
            "tick_seconds": kept.clock.tick_seconds,
            "people": [_PERSON(person) for person in kept.people],
            "things": [_THING(thing) for thing in kept.things],
            "ended": kept.ended,
            "sale": None if kept.sale == NO_SALE else kept.sale,
            "trade": kept.trade if kept.trade.is_there else None,
            "shop": kept.shop if kept.shop.is_there else None,
            "said": [_SAID(said) for said in kept.said],
            "captions": [_CAPTION(caption) for caption in kept.captions],
        }
    )


def unpack(raw: bytes) -> Kept:
    """The state that was packed."""
    data = orjson.loads(raw)
    return Kept(
        data["tick"],
        Clock(datetime.fromisoformat(data["start"]), data["tick_seconds"]),
        tuple(Person(*row) for row in data["people"]),
        tuple(Thing(*row) for row in data["things"]),
        data["ended"],
        NO_SALE if data["sale"] is None else _reader(SaleView).validate_python(data["sale"]),
        tuple(Said(*row) for row in data["said"]),
        tuple(Caption(*row) for row in data["captions"]),
        NO_TRADE if data["trade"] is None else _reader(TradeView).validate_python(data["trade"]),
        NO_SHOP if data["shop"] is None else _reader(ShopView).validate_python(data["shop"]),
    )


def _values_of(kind: type[Person | Thing | Said | Caption]) -> attrgetter[tuple[Json, ...]]:
    return attrgetter(*(field.name for field in fields(kind)))


_PERSON, _THING, _SAID, _CAPTION = (_values_of(kind) for kind in (Person, Thing, Said, Caption))


@lru_cache(maxsize=3)
def _reader(kind: type[View]) -> TypeAdapter[View]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _little(moves: array[int]) -> array[int]:
    if sys.byteorder == "little":
        return moves
    twin = array("i", moves)
    twin.byteswap()
    return twin


def _moves(raw: bytes) -> array[int]:
    found = array("i")
    found.frombytes(raw)
    return _little(found)


def _packed(events: list[Event]) -> bytes:
    return orjson.dumps([[event.id, event.kind, event.agent, event.data] for event in events])


def _unpacked(raw: bytes) -> tuple[Event, ...]:
    return tuple(Event(*row) for row in orjson.loads(raw)) if len(raw) > 2 else ()
