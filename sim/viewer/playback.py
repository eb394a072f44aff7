"""A run as something one can seek in: the scene at any moment, marks, and what minds held."""

from __future__ import annotations

import sqlite3
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from burgh.sim.clock import Clock
from burgh.sim.record.index import EventTable, RunIndex, open_index
from burgh.sim.record.reader import RunLog, ends_run, open_log
from burgh.sim.types import Event
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.mind import MindIndex
from burgh.sim.viewer.scene import Person, Scene
from burgh.sim.viewer.store import MARK_KINDS, Mark, Row, Store

__all__ = ["MARK_KINDS", "Mark", "Playback", "RecordedPlayback", "open_playback"]
COMMIT_SECONDS = 1.0  # what was read is put into the index so often, all else would wait for the disk


class Playback:
    """All that is known of a run so far. `feed` may go on while one looks: a live run is the same thing."""

    def __init__(self, events: Iterable[Event] = (), *, table: EventTable | None = None) -> None:
        self.table = EventTable.in_memory() if table is None else table
        self.store = Store(self.table)
        self.minds = MindIndex(self.table)
        self._now = SceneBuilder()
        self._now_frames = 0
        self._next: tuple[tuple[int, int], tuple[Row, ...]] = ((-1, -1), ())
        self._mark_ticks: dict[str, list[int]] = {}
        self._marks_seen = 0
        self.feed(events)

    @property
    def clock(self) -> Clock:
        return self.store.tip.clock

    @property
    def tip(self) -> SceneBuilder:
        """The state after all that is known; not to be changed."""
        return self.store.tip

    @property
    def last_tick(self) -> int:
        return self.store.last_tick

    @property
    def marks(self) -> Sequence[Mark]:
        return self.store.marks

    @property
    def ended(self) -> bool:
        return self.store.tip.ended is not None

    @property
    def share_read(self) -> float:
        """How much of what is recorded has been read, 0 to 1."""
        return 1.0

    def feed(self, events: Iterable[Event]) -> None:
        """Adds events in the record's order. The last tick may come in several parts."""
        for tick, group in groupby(events, key=lambda event: event.tick):
            if tick < self.last_tick:
                raise ValueError(f"tick {tick} was fed after tick {self.last_tick}")
            some = list(group)
            self.table.add(tick, some)
            self.store.take(tick, some)

    def read_on(self, seconds: float | None = None) -> bool:
        """Reads what has been recorded since, for so long at most; True where something came."""
        return False

    def close(self) -> None:
        self.table.close()

    def at(self, tick: float) -> Scene:
        """The scene at a moment from 0 to `last_tick`; people who walk are between two tiles."""
        tick = max(0.0, min(float(tick), float(self.last_tick)))
        frames = self.store.frames_to(tick)
        self._seek(frames)
        scene = self._now.scene(tick)
        coming = self._coming(frames)
        if coming and coming[0].tick - tick <= 1:
            scene = _between(scene, self._now.names, coming, tick - (coming[0].tick - 1))
        return scene

    def _seek(self, frames: int) -> None:
        if not self._now_frames <= frames or self.store.last_key(self._now_frames, frames):
            self._now_frames, self._now = self.store.key(frames)
        if self._now_frames == frames:
            return
        coming = self._coming(self._now_frames) if self._next[0][0] == self._now_frames else ()
        if frames != self._now_frames + len(coming):
            coming = tuple(self.store.rows(self._now_frames, frames))
        for row in coming:
            row.apply(self._now)
        self._now_frames = frames

    def _coming(self, frames: int) -> tuple[Row, ...]:
        """The frames of the tick that comes after so many, kept for as long as one stays before it."""
        key = frames, min(self.store.frames, frames + 3)  # at the edge more may come
        if self._next[0] != key:
            found: list[Row] = []
            for row in self.store.rows(frames, frames + 3):
                if found and row.tick != found[0].tick:
                    break
                found.append(row)
            self._next = key, tuple(found)
        return self._next[1]

    def next_mark(self, tick: float, *, forward: bool = True, kind: str | None = None) -> int | None:
        """The tick of the next (or previous) mark, of a kind if one is named; None where there is none."""
        for mark in self.marks[self._marks_seen :]:
            self._mark_ticks.setdefault(mark.kind, []).append(mark.tick)
            self._mark_ticks.setdefault("", []).append(mark.tick)
        self._marks_seen = len(self.marks)
        ticks = self._mark_ticks.get(kind or "", [])
        if forward:
            index = bisect_right(ticks, tick)
            return ticks[index] if index < len(ticks) else None
        index = bisect_left(ticks, tick)
        return ticks[index - 1] if index else None


class RecordedPlayback(Playback):
    """A run from its record, by way of its index, which it brings up to date."""

    def __init__(self, log: RunLog, index: RunIndex) -> None:
        self.log = log
        self.index = index
        self._share = 0.0
        self._since_commit: float | None = None
        super().__init__(table=index)

    @property
    def share_read(self) -> float:
        return self._share

    def read_on(self, seconds: float | None = None) -> bool:
        """Reads on for so long at most, to the end for None. Raises BurghError for a damaged frame."""
        if self.ended and self._since_commit is None and self._share == 1.0:
            return False
        began, before = time.perf_counter(), self.store.frames
        number, offset = self._end_of_read()
        whole = True
        for frame in self.log.frames(offset, number):
            if self._since_commit is None:
                if not self._begin():
                    return False
                if self.store.frames != frame.number:  # another process has read on meanwhile
                    whole = False
                    break
            if frame.number >= self.index.end()[0]:
                self.index.insert(frame)
            self.store.take(frame.tick, frame.events)
            offset = frame.offset + frame.length
            if seconds is not None and time.perf_counter() - began > seconds and not ends_run(frame):
                whole = False
                break
        self._share = 1.0 if whole else min(1.0, offset / max(1, self.log.path.stat().st_size))
        if self._since_commit is not None and (
            seconds is None or whole or time.perf_counter() - self._since_commit > COMMIT_SECONDS
        ):
            self._commit()
        return self.store.frames > before

    def need_write(self) -> None:
        """Raises sqlite3.OperationalError where there is more to read and the index may not be written."""
        number, offset = self._end_of_read()
        if next(self.log.frames(offset, number), None) is not None:
            self.index.database.execute("BEGIN IMMEDIATE")
            self.index.database.execute("COMMIT")

    def close(self) -> None:
        self._commit()
        super().close()

    def _begin(self) -> bool:
        """Takes the index for writing; False while another process has it."""
        try:
            self.index.database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        self._since_commit = time.perf_counter()
        self.store.refresh()
        return True

    def _commit(self) -> None:
        if self._since_commit is not None:
            self._since_commit = None
            self.index.database.execute("COMMIT")

    def _end_of_read(self) -> tuple[int, int]:
        """The number of the frame to read next, and where it begins."""
        if not self.store.frames:
            return 0, 0
        query = "SELECT number + 1, offset + length FROM frames WHERE number = ?"
        row = self.index.database.execute(query, (self.store.frames - 1,)).fetchone()
        return int(row[0]), int(row[1])


def open_playback(run_folder: Path | str, *, whole: bool = True) -> RecordedPlayback:
    """A run's playback, over the index in its folder; over one in memory where that cannot be written.

    whole: reads to the record's end, which takes a while the first time; else `read_on` does it bit by bit.
    Raises BurghError where there is no record, or a damaged frame.
    """
    log = open_log(run_folder)
    index = open_index(run_folder, update=False)
    try:
        playback = RecordedPlayback(log, index)
        playback.need_write()
    except sqlite3.OperationalError:  # it may only be read, and there is more to read
        index.close()
        playback = RecordedPlayback(log, RunIndex.in_memory_of(log))
    if not whole:
        playback.index.database.execute("PRAGMA busy_timeout = 20")  # a window does not wait
    else:
        playback.read_on()
    return playback


def _between(scene: Scene, names: Sequence[str], coming: Sequence[Row], fraction: float) -> Scene:
    """A scene in which those who move in the coming tick are that fraction of the way on."""
    people: dict[str, Person] = dict(scene.people)
    for row in coming:
        moves = iter(row.moves)
        for number, x, y in zip(moves, moves, moves, strict=True):
            if number < len(names) and (person := scene.people[names[number]]):
                dx, dy = x - person.x, y - person.y
                if abs(dx) + abs(dy) <= 2:  # else put there: nothing to be seen between
                    people[person.name] = person.stepping(dx, dy, fraction)
    bubbles = tuple(
        replace(bubble, x=people[bubble.over].x, y=people[bubble.over].y)
        if bubble.over and people[bubble.over].walking
        else bubble
        for bubble in scene.bubbles
    )
    return replace(scene, people=people, bubbles=bubbles)
