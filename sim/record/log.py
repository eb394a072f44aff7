"""Writing a run's record: append-only, one hash-chained frame a tick."""

from __future__ import annotations

import contextlib
import hashlib
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson
import yaml
from filelock import FileLock, Timeout

from burgh.sim.record import files
from burgh.sim.record.again import Again, End
from burgh.sim.record.chain import ZSTD, Packer, check_plain, frame_hash
from burgh.sim.record.reader import FORMAT, open_log
from burgh.sim.record.snapshots import Snapshots
from burgh.sim.types import ENGINE, BurghError, Event, Json

SYNC_FRAMES = 64


class RunWriter:
    """Writes the record of one run into a folder that must be new or empty (a `Recorder`).

    meta: what is equal for equal runs: `scenario` (as resolved), seed, versions, model. It goes to run.yaml.
    host: what may differ, beside the usual facts about the machine. It goes to host.yaml.
    sync_frames: how many frames may be lost to a power cut (none are lost when only the process dies).
    """

    def __init__(
        self,
        folder: Path,
        meta: Mapping[str, Json],
        *,
        host: Mapping[str, Json] | None = None,
        sync_frames: int = SYNC_FRAMES,
    ) -> None:
        plain = orjson.loads(orjson.dumps({"format": FORMAT, **meta}))
        self._open(Path(folder), sync_frames)
        try:
            if others := sorted(path.name for path in self.folder.iterdir() if path.name != files.LOCK):
                raise BurghError(f"{self.folder} already holds {others[0]}: a run needs a folder of its own")
            text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
            files.write_whole(self.folder / files.META, text)
            files.write_whole(self.folder / files.HOST, host_text(text, host or {}))
            self._log = files.AppendFile(self.folder / files.LOG)
        except OSError as error:
            with contextlib.suppress(OSError):
                (self.folder / files.META).unlink(missing_ok=True)
                (self.folder / files.HOST).unlink(missing_ok=True)
            self._lock.release()
            raise BurghError(f"no run can be recorded in {self.folder}: {error.strerror}") from None
        except BaseException:
            self._lock.release()
            raise

    @classmethod
    def resume(
        cls, folder: Path, *, after: int | None = None, reopen: bool = False, sync_frames: int = SYNC_FRAMES
    ) -> RunWriter:
        """Goes on with a record. A torn end is cut off; all before it stays.

        after: the frames behind the first so many come again, from the same ticks gone through again: each is
        compared with what was recorded, and nothing is written before all have come; None: none comes again.
        reopen: a record that was ended is gone on with too; its end is taken back once there is more to add.
        """
        open_log(folder)
        writer = cls.__new__(cls)
        writer._open(Path(folder), sync_frames)
        try:
            again = Again.of(writer.folder, after, reopen=reopen)
            writer._again, writer._end, writer._tick = again, again.end, max(again.end.tick, 0)
            writer._log = files.AppendFile(writer.folder / files.LOG)
            if writer._log.size != again.whole:
                writer._log.shorten(again.whole)
            writer.snapshots = Snapshots(writer.folder)
        except OSError as error:
            writer._lock.release()
            raise BurghError(f"the record in {folder} cannot be gone on with: {error.strerror}") from None
        except BaseException:
            writer._lock.release()
            raise
        return writer

    def _open(self, folder: Path, sync_frames: int) -> None:
        self.folder = folder
        self._sync_frames = sync_frames
        self._packer = Packer()
        self._end = End()
        self._again: Again | None = None
        self.snapshots = Snapshots(folder)
        self._tick = 0
        self._pending: list[Event] = []
        self._asides: list[bytes] = []
        self._aside_file: files.AppendFile | None = None
        self._closed = False
        self._fault: str | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / files.LOCK, timeout=0)
            self._lock.acquire()
        except Timeout:
            raise BurghError(f"another process is recording a run in {folder}") from None
        except OSError as error:
            raise BurghError(f"no run can be recorded in {folder}: {error.strerror}") from None

    @property
    def frames(self) -> int:
        """How many frames were written."""
        return self._end.frames

    @property
    def final_hash(self) -> str:
        """The hash of the last frame that was written."""
        return self._end.hash

    @property
    def comes_again(self) -> bool:
        """Whether what is appended stands in the record already, and is only compared with it."""
        return self._again is not None and not self._again.done

    def append(self, events: Iterable[Event]) -> None:
        """Adds events to the open tick: all of them, or none where one is not plain data (TypeError)."""
        new = list(events)
        for event in new:
            check_plain(event)
        self._pending += new

    def aside(self, tick: int, data: Mapping[str, Json]) -> None:
        """Keeps what may differ between equal runs; written, unhashed, when the tick ends."""
        self._asides.append(orjson.dumps({"tick": tick, **data}) + b"\n")

    def end_tick(self, tick: int) -> None:
        """Writes the open tick's events, if any, as one frame. Raises BurghError where that fails."""
        self._must_be_open()
        events, self._pending = self._pending, []
        if events:
            if tick <= self._end.tick:
                raise ValueError(f"tick {tick} was ended already")
            self._write(tick, events)
        self._tick = max(self._tick, tick)
        self._write_asides()

    def snapshot(self, tick: int, state: Json) -> None:
        """Keeps the state after a tick, to go on from; nothing where that tick came again. The frames before
        it are put on the disk first. Raises BurghError where it cannot be written."""
        self._must_be_open()
        if self.comes_again or not self._end.frames:
            return
        try:
            self._log.sync()
            self.snapshots.append(tick, self._end.frames, self._end.hash, state)
        except OSError as error:
            raise self._failed(error) from None

    def close(self, reason: str) -> None:
        """Ends the record: `run_ended` in a last frame. Events of a tick that was not ended are dropped.

        After a failed write, and where not all has come again, it only lets go of the files: what was
        recorded stays as it was. Closing twice is no fault.
        """
        if self._closed:
            return
        try:
            if self._fault is None and not self.comes_again:
                self._write_end(reason)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Lets go of the files: the record stays as it is, and can be gone on with."""
        if self._closed:
            return
        self._closed = True
        self._log.close()
        self.snapshots.close()
        if self._aside_file is not None:
            self._aside_file.close()
        self._lock.release()

    def _write_end(self, reason: str) -> None:
        taken = self._end.engine_events if self._end.tick == self._tick else 0
        data = {"reason": reason, "frames": self._end.frames + 1}
        self._write(self._tick, [Event(f"{self._tick}.{ENGINE}.{taken}", "run_ended", None, data)])
        self._write_asides()
        end = {"reason": reason, "tick": self._tick, "frames": self.frames, "final_hash": self.final_hash}
        try:
            self._log.sync()
            files.write_whole(self.folder / files.END, yaml.safe_dump(end, sort_keys=False))
        except OSError as error:
            raise self._failed(error) from None

    def _write(self, tick: int, events: list[Event]) -> None:
        if len({event.id for event in events}) < len(events) or any(event.tick != tick for event in events):
            raise ValueError(f"the ids of tick {tick}'s events are not its own, or not distinct")
        before, size = self._end, self._log.size
        raw = self._packer.pack(tick, before.hash, events)
        if self._again is not None and not self._again.done:
            self._end = self._compared(self._again, raw)
            return
        engine_events = sum(event.source == ENGINE for event in events)
        try:
            if self._again is not None:
                size = self._again.take_back_end(self._log)
                self._again = None
            self._log.append(raw)
            self._end = End(before.frames + 1, tick, frame_hash(raw), engine_events)
            if self._end.frames % self._sync_frames == 0:
                self._log.sync()
        except OSError as error:
            raise self._failed(error) from None
        except BaseException:  # an interrupt: as if the tick had not been
            self._log.cut(size)
            self._end = before
            raise

    def _compared(self, again: Again, raw: bytes) -> End:
        try:
            return again.compared(raw)
        except BurghError as error:
            self._fault = str(error)
            raise

    def _write_asides(self) -> None:
        if not self._asides:
            return
        lines, self._asides = b"".join(self._asides), []
        if self.comes_again:
            return
        try:
            if self._aside_file is None:
                self._aside_file = files.AppendFile(self.folder / files.ASIDE)
            self._aside_file.append(lines)
        except OSError as error:
            raise self._failed(error) from None

    def _must_be_open(self) -> None:
        if self._fault is not None:
            raise BurghError(self._fault)
        if self._closed:
            raise ValueError(f"the record in {self.folder} is closed")

    def _failed(self, error: OSError) -> BurghError:
        kept = (
            f"its {self.frames} frames, to tick {self._end.tick}, are intact"
            if self.frames
            else "it is empty"
        )
        self._fault = f"the record in {self.folder} cannot be written any more ({error.strerror}): {kept}"
        return BurghError(self._fault)


def host_text(meta_text: str, more: Mapping[str, Json]) -> str:
    """What host.yaml holds beside a run.yaml of that text."""
    facts = {
        "meta_sha256": hashlib.sha256(meta_text.encode()).hexdigest(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "zstd": ZSTD,
    }
    plain = orjson.loads(orjson.dumps({**facts, **more}))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
