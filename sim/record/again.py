"""Going through ticks again that stand in the record: what they bring is compared with what was recorded."""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from burgh.sim.record import files
from burgh.sim.record.chain import NO_HASH, Damaged, Frame, Torn, Unpacker, frame_hash, raw_frames
from burgh.sim.record.reader import ends_run, open_bytes
from burgh.sim.record.replay import difference
from burgh.sim.types import ENGINE, BurghError


@dataclass(frozen=True, slots=True)
class End:
    """Where a record ends. tick: of the last frame, -1 before the first. engine_events: those of its events
    that the engine wrote."""

    frames: int = 0
    tick: int = -1
    hash: str = NO_HASH
    engine_events: int = 0

    @classmethod
    def after(cls, frame: Frame) -> Self:
        engine_events = sum(event.source == ENGINE for event in frame.events)
        return cls(frame.number + 1, frame.tick, frame.hash, engine_events)


class Again:
    """The frames that are to come again. end: where the record stands before them. whole: the size in bytes
    of all whole frames; without: the size without the frame of the run's end, where there is one."""

    def __init__(self, folder: Path, end: End, due: deque[bytes], whole: int, without: int) -> None:
        self.folder = folder
        self.end = end
        self.whole = whole
        self._due = due
        self._without = without
        self._unpacker = Unpacker()

    @classmethod
    def of(cls, folder: Path, after: int | None, *, reopen: bool) -> Self:
        """after: how many frames stand as they are, all of them for None. Raises BurghError where the record
        is damaged or does not follow on, or has ended and is not to be reopened."""
        unpacker, end, whole, without = Unpacker(), End(), 0, 0
        due: deque[bytes] = deque()
        ended: Frame | None = None
        number, last_hash = 0, NO_HASH
        try:
            with open_bytes(folder / files.LOG) as file:
                for piece in raw_frames(file):
                    if isinstance(piece, Torn):
                        break
                    offset, raw = piece
                    frame = unpacker.frame(number, offset, raw)
                    if frame.prev != last_hash:
                        raise Damaged("it does not name the frame before it")
                    number, last_hash = number + 1, frame.hash
                    whole, ended = offset + len(raw), frame if ends_run(frame) else None
                    if ended is not None:
                        without = offset
                    elif after is None or frame.number < after:
                        end, without = End.after(frame), whole
                    else:
                        due.append(raw)
                        without = whole
        except Damaged as fault:
            raise BurghError(f"the record in {folder} is damaged at frame {number}: {fault}") from None
        if ended is not None and not reopen:
            reason = ended.events[-1].data["reason"]
            raise BurghError(f"the run in {folder} has ended ({reason}): nothing can be added")
        return cls(folder, end, due, whole, without)

    @property
    def done(self) -> bool:
        return not self._due

    def compared(self, raw: bytes) -> End:
        """Where the record stands after the next of the frames, which is what was brought. Raises BurghError,
        with the first difference, where it is not."""
        before = self.end
        recorded = self._due[0]
        was = self._unpacker.frame(before.frames, 0, recorded)
        now = self._unpacker.frame(before.frames, 0, raw)
        if raw != recorded and (was.tick, was.prev, was.events) != (now.tick, now.prev, now.events):
            what = difference(was.tick, was.events, now.events) if was.tick == now.tick else None
            what = what or f"tick {was.tick} comes again as tick {now.tick}"
            raise BurghError(f"{self.folder} cannot be gone on with, for it does not come again: {what}")
        self._due.popleft()
        self.end = End(before.frames + 1, was.tick, frame_hash(recorded), End.after(was).engine_events)
        return self.end

    def take_back_end(self, log: files.AppendFile) -> int:
        """Takes the record's end off, if it has one, so that more can be added. Returns its size then.
        Raises OSError."""
        if self._without < self.whole:
            with contextlib.suppress(FileNotFoundError):
                (self.folder / files.END).unlink()
            log.shorten(self._without)
        return self._without
