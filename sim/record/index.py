"""A record as an SQLite database: derived, brought up to date on opening, made anew when it is of another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from burgh.sim.record import files
from burgh.sim.record.chain import Damaged, Frame, frame_hash, frame_length
from burgh.sim.record.reader import RunLog, open_bytes, open_log
from burgh.sim.types import Event

VERSION = 2
SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tick INTEGER NOT NULL, kind TEXT NOT NULL, agent TEXT,
    data TEXT NOT NULL, causes TEXT NOT NULL
);
CREATE INDEX events_by_tick ON events (tick);
CREATE INDEX events_by_kind ON events (kind, tick);
CREATE INDEX events_by_agent ON events (agent, kind, tick);
CREATE TABLE frames (
    number INTEGER PRIMARY KEY, tick INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX frames_by_tick ON frames (tick);
"""


class EventTable:
    """Events in a database, to be asked for by tick, kind and agent."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    @classmethod
    def in_memory(cls) -> EventTable:
        """An empty one that no record stands behind."""
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.executescript(SCHEMA)
        return cls(database)

    def close(self) -> None:
        self.database.close()

    def events(
        self,
        *,
        first_tick: int | None = None,
        last_tick: int | None = None,
        kind: str | None = None,
        agent: str | None = None,
    ) -> Iterator[Event]:
        """The events of a span of ticks (both ends within), of a kind, of an agent, in order."""
        asked = {"tick >= ?": first_tick, "tick <= ?": last_tick, "kind = ?": kind, "agent = ?": agent}
        given = {clause: value for clause, value in asked.items() if value is not None}
        where = " AND ".join(given) or "1"
        query = f"SELECT id, kind, agent, data, causes FROM events WHERE {where} ORDER BY seq"
        for row in self.database.execute(query, tuple(given.values())):
            yield _event(row)

    def last(self, kind: str, agent: str, tick: float, also: str = "1") -> Event | None:
        """The latest event of a kind and an agent at or before a tick; also: a further condition, in SQL."""
        query = (
            "SELECT id, kind, agent, data, causes FROM events"
            f" WHERE agent = ? AND kind = ? AND tick <= ? AND {also} ORDER BY tick DESC, seq DESC LIMIT 1"
        )
        row = self.database.execute(query, (agent, kind, tick)).fetchone()
        return None if row is None else _event(row)

    def latest(self, kinds: Iterable[str], agent: str, tick: float, most: int) -> list[Event]:
        """The latest events of an agent, of some kinds, at or before a tick, the newest first."""
        found: list[Event] = []
        for kind in kinds:
            found += [event for _, event in self.around(kind, (tick, 1 << 62), most, agent, forward=False)]
        return sorted(found, key=lambda event: -event.tick)[:most]

    def around(  # noqa: PLR0917
        self,
        kind: str,
        place: tuple[float, int],
        most: int,
        agent: str | None = None,
        words: str = "",
        also: str = "1",
        *,
        forward: bool,
    ) -> Iterator[tuple[int, Event]]:
        """The events of a kind behind a place (tick, number), or at it and before it: the nearest first."""
        asked: list[object] = [kind]
        where = "kind = ?"
        if agent is not None:
            where, asked = f"agent = ? AND {where}", [agent, kind]
        if words:
            where, asked = f"{where} AND (data LIKE ? OR agent LIKE ?)", [*asked, f"%{words}%", f"%{words}%"]
        sign, way = (">", "ASC") if forward else ("<=", "DESC")
        query = (
            f"SELECT id, kind, agent, data, causes, seq FROM events WHERE {where} AND {also}"
            f" AND (tick, seq) {sign} (?, ?) ORDER BY tick {way}, seq {way} LIMIT ?"
        )
        for row in self.database.execute(query, (*asked, *place, most)):
            yield row[5], _event(row[:5])

    def numbered(self, *, kind: str, agent: str, after: int) -> Iterator[tuple[int, Event]]:
        """The events of a kind and an agent behind a number, each with its number, in order."""
        query = (
            "SELECT id, kind, agent, data, causes, seq FROM events"
            " WHERE agent = ? AND kind = ? AND seq > ? ORDER BY seq"
        )
        for row in self.database.execute(query, (agent, kind, after)):
            yield row[5], _event(row[:5])

    def event(self, event_id: str) -> Event | None:
        """The event of that id."""
        query = "SELECT id, kind, agent, data, causes FROM events WHERE id = ?"
        row = self.database.execute(query, (event_id,)).fetchone()
        return None if row is None else _event(row)

    def add(self, tick: int, events: Iterable[Event]) -> None:
        """Adds the events of a tick."""
        self.database.executemany(
            "INSERT INTO events (id, tick, kind, agent, data, causes) VALUES (?, ?, ?, ?, ?, ?)",
            (_row(tick, event) for event in events),
        )


class RunIndex(EventTable):
    """Answers questions about a record without reading all of it. Close it after use, or use `with`."""

    def __init__(self, log: RunLog, database: sqlite3.Connection) -> None:
        super().__init__(database)
        self.log = log

    @classmethod
    def in_memory_of(cls, log: RunLog) -> RunIndex:
        """An empty index of a record that stands in no file."""
        return _opened(log, ":memory:", update=False)

    def __enter__(self) -> RunIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def frame_before(self, tick: int) -> tuple[int, int] | None:
        """The last frame at or before a tick, as (number, offset), to read on from with `log.frames`."""
        query = "SELECT number, offset FROM frames WHERE tick <= ? ORDER BY number DESC LIMIT 1"
        row = self.database.execute(query, (tick,)).fetchone()
        return None if row is None else (row[0], row[1])

    def update(self) -> None:
        """Takes in what was recorded since. Raises sqlite3.OperationalError where it cannot be written."""
        number, offset = self.end()
        if next(self.log.frames(offset, number), None) is None:
            return
        self.database.execute("BEGIN IMMEDIATE")  # another process may be doing the same
        try:
            number, offset = self.end()
            for frame in self.log.frames(offset, number):
                self.insert(frame)
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def insert(self, frame: Frame) -> None:
        """Takes in the frame that follows the last one it knows."""
        self.database.execute(
            "INSERT INTO frames VALUES (?, ?, ?, ?, ?)",
            (frame.number, frame.tick, frame.offset, frame.length, frame.hash),
        )
        self.add(frame.tick, frame.events)

    def end(self) -> tuple[int, int]:
        """The number of the frame that comes next, and where it begins."""
        query = "SELECT number + 1, offset + length FROM frames ORDER BY number DESC LIMIT 1"
        row = self.database.execute(query).fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    def version(self) -> int:
        """The version of its tables; 0 for a new database."""
        return int(self.database.execute("PRAGMA user_version").fetchone()[0])

    def is_of_this_record(self) -> bool:
        """Whether the last frame it knows still stands where it stood."""
        if self.version() != VERSION:
            return False
        query = "SELECT offset, length, hash FROM frames ORDER BY number DESC LIMIT 1"
        row = self.database.execute(query).fetchone()
        if row is None:
            return True
        with open_bytes(self.log.path) as file:
            file.seek(row[0])
            raw = file.read(row[1])
        try:
            return frame_length(raw, 0) == len(raw) and frame_hash(raw) == str(row[2])
        except Damaged:
            return False


def open_index(run_folder: Path | str, *, update: bool = True) -> RunIndex:
    """The index of a run's record, up to date with it; in memory where the folder cannot be written.

    update: False leaves it as far as it has come, for one who goes on with it by `insert`.
    """
    log = open_log(run_folder)
    path = log.folder / files.INDEX
    for _ in range(2):  # once as it is, once made anew
        try:
            return _opened(log, path, update=update)
        except sqlite3.OperationalError:  # the folder is read-only, or another process holds the database
            break
        except sqlite3.DatabaseError:  # no database, or one of another record
            try:
                path.unlink()
            except OSError:
                break
    return _opened(log, ":memory:", update=update)


def _opened(log: RunLog, where: Path | str, *, update: bool) -> RunIndex:
    """The index in that database, brought up to date. Raises sqlite3.DatabaseError where that cannot be."""
    index = RunIndex(log, sqlite3.connect(where, isolation_level=None))
    try:
        if index.version() == 0:
            index.database.executescript(
                f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
            )
        if not index.is_of_this_record():
            raise sqlite3.DatabaseError("an index of another record")
        if update:
            index.update()
    except BaseException:
        index.close()
        raise
    return index


def _row(tick: int, event: Event) -> tuple[str, int, str, str | None, str, str]:
    data = orjson.dumps(event.data).decode()
    return event.id, tick, event.kind, event.agent, data, orjson.dumps(event.causes).decode()


def _event(row: tuple[str, str, str | None, str, str]) -> Event:
    return Event(row[0], row[1], row[2], orjson.loads(row[3]), tuple(orjson.loads(row[4])))
