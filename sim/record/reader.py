"""Reading a run's record, also while another process still writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import orjson
import yaml

from burgh.sim.record import files
from burgh.sim.record.chain import NO_HASH, Damaged, Frame, Torn, Unpacker, frame_hash, raw_frames
from burgh.sim.types import BurghError, Event, Json

FORMAT = 2  # of a record: 1 had no keys for replies and no snapshots
FORMAT_LINE = re.compile(rb"format: (\d{1,9})\r?\n")


class RunLog:
    """The record of one run. Nothing is kept in memory but `meta`; every reading starts from the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / files.LOG

    def frames(self, offset: int = 0, first: int = 0) -> Iterator[Frame]:
        """The whole frames from the one that begins at `offset` on, whose number is `first`.

        A torn end is passed over. Raises BurghError where a frame is damaged.
        """
        unpacker = Unpacker()
        for number, at, raw in self._raw(offset, first):
            yield self._unpacked(unpacker, number, at, raw)

    def events(self) -> Iterator[Event]:
        """All events, in order."""
        for frame in self.frames():
            yield from frame.events

    @cached_property
    def meta(self) -> dict[str, Json]:
        """What run.yaml says: the scenario as resolved, seed, versions, model."""
        return read_mapping(self.folder / files.META)

    @property
    def format(self) -> int:
        """The version of the record's form: 1 where run.yaml, which then is older, does not say."""
        found = self.meta.get("format", 1)
        return found if isinstance(found, int) else 0

    @property
    def final_hash(self) -> str:
        """The hash of the last whole frame; 64 zeros where there is none."""
        last = self._last_raw()
        return NO_HASH if last is None else frame_hash(last[2])

    @property
    def last_frame(self) -> Frame | None:
        """The last whole frame."""
        last = self._last_raw()
        if last is None:
            return None
        return self._unpacked(Unpacker(), *last)

    @property
    def complete(self) -> bool:
        """Whether the run has ended: its last event is `run_ended`."""
        last = self.last_frame
        return last is not None and ends_run(last)

    @property
    def started(self) -> Event:
        """The `run_started` event. Raises BurghError where nothing was recorded."""
        first = next(self.frames(), None)
        if first is None or not first.events or first.events[0].kind != "run_started":
            raise BurghError(
                f"the record in {self.folder} holds nothing yet: the run stopped before its start"
            )
        return first.events[0]

    def asides(self) -> Iterator[dict[str, Json]]:
        """What stands beside the hashed frames, as far as it can be read: `tick` and what was given."""
        path = self.folder / files.ASIDE
        if path.is_file():
            with open_bytes(path) as file:
                for line in file:
                    if (aside := _aside(line)) is not None:
                        yield aside

    def _last_raw(self) -> tuple[int, int, bytes] | None:
        last = None
        for last in self._raw(0, 0):  # noqa: B007
            pass
        return last

    def _raw(self, offset: int, first: int) -> Iterator[tuple[int, int, bytes]]:
        """Whole frames as (number, offset, bytes)."""
        number = first
        with open_bytes(self.path) as file:
            try:
                for piece in raw_frames(file, offset):
                    if isinstance(piece, Torn):
                        return
                    yield number, *piece
                    number += 1
            except Damaged as fault:
                raise self._damaged(number, fault) from None

    def _unpacked(self, unpacker: Unpacker, number: int, offset: int, raw: bytes) -> Frame:
        try:
            return unpacker.frame(number, offset, raw)
        except Damaged as fault:
            raise self._damaged(number, fault) from None

    def _damaged(self, number: int, fault: Damaged) -> BurghError:
        return BurghError(f"{self.path}: frame {number} is damaged: {fault}")


def _aside(line: bytes) -> dict[str, Json] | None:
    """None for a line that was cut short or is not ours: it is in no hash, and nothing hangs on it."""
    try:
        found = orjson.loads(line) if line.endswith(b"\n") else None
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("tick"), int) else None


class Tail:
    """Follows a record that is being written: each call gives the frames that have come since the last."""

    def __init__(self, log: RunLog) -> None:
        self.log = log
        self.offset = 0
        self.frames = 0
        self.ended = False

    def new_frames(self) -> list[Frame]:
        """The frames that are whole by now and were not given before."""
        new = list(self.log.frames(self.offset, self.frames))
        if new:
            self.offset = new[-1].offset + new[-1].length
            self.frames += len(new)
            self.ended = ends_run(new[-1])
        return new


def open_log(path: Path | str) -> RunLog:
    """The record in a run's folder. Raises BurghError where there is none, or one of a newer burgh."""
    log = open_any_log(path)
    check_format(log)
    return log


def open_any_log(path: Path | str) -> RunLog:
    """The same, of whatever format."""
    folder = Path(path)
    if folder.name == files.LOG:
        folder = folder.parent
    if not (folder / files.LOG).is_file():
        what = "it is no folder" if not folder.is_dir() else f"it has no {files.LOG}"
        raise BurghError(f"{folder} is not the folder of a run: {what}")
    return RunLog(folder)


def check_format(log: RunLog) -> None:
    """Raises BurghError where a newer burgh wrote it."""
    if (found := _format(log.folder / files.META)) > FORMAT:
        raise BurghError(
            f"{log.folder} was recorded by a newer burgh, in format {found}: this one reads up to {FORMAT}"
        )


def _format(path: Path) -> int:
    """The version that a run.yaml names in its first line, 0 for none: all of it is slow to read."""
    try:
        with path.open("rb") as file:
            found = FORMAT_LINE.fullmatch(file.readline(40))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def ends_run(frame: Frame) -> bool:
    """Whether it is the last frame of a run that was ended."""
    return bool(frame.events) and frame.events[-1].kind == "run_ended"


def read_mapping(path: Path) -> dict[str, Json]:
    """A YAML file of a run's folder that holds a mapping. Raises BurghError."""
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise BurghError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise BurghError(f"{path} is not the YAML that was written there") from None
    if not isinstance(found, dict):
        raise BurghError(f"{path} is not the mapping that was written there")
    return found


def open_bytes(path: Path) -> BinaryIO:
    """Opens a file for reading. Raises BurghError."""
    try:
        return path.open("rb")
    except OSError as error:
        raise BurghError(f"{path} cannot be read: {error.strerror}") from None
