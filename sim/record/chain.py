"""One frame of the record: a tick's events as JSON lines, in a zstd frame that names the hash of the last.

The hash of a frame is the sha256 of its compressed bytes, so the chain can be checked without a parser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import orjson
import zstandard

from burgh.sim.types import Event, Json

NO_HASH = "0" * 64  # what the first frame names as the one before it
MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK_BYTES = 128 * 1024  # the most that a zstd block holds (RFC 8878, 3.1.1.2.3)
READ_BYTES = 1 << 20
LEVEL = 3
SORT = orjson.OPT_SORT_KEYS
ZSTD = ".".join(map(str, zstandard.ZSTD_VERSION))  # the same version packs to the same bytes


class Damaged(ValueError):
    """Bytes of the record that are not what a writer wrote."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as read. number: from 0. offset, length: where it lies in the file, in bytes."""

    number: int
    tick: int
    prev: str
    hash: str
    offset: int
    length: int
    events: tuple[Event, ...]


def frame_hash(raw: bytes) -> str:
    """The hash of a frame's compressed bytes, in hex."""
    return hashlib.sha256(raw).hexdigest()


def canonical(value: Json) -> bytes:
    """Plain data as JSON in its one form: sorted keys, no spaces. Raises TypeError for what is not plain."""
    return orjson.dumps(value, option=SORT)


def scenario_hash(scenario: Json) -> str:
    """What `run_started` holds of a resolved scenario: the sha256 of its canonical JSON, in hex."""
    return hashlib.sha256(canonical(scenario)).hexdigest()


def check_plain(event: Event) -> None:
    """Raises TypeError, naming event and key, where an event's data holds a float or is not plain data."""
    _check(event, event.data, "data")


def _check(event: Event, value: Json, key: str) -> None:
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, float):
        raise TypeError(
            f"event {event.id} ({event.kind}): {key} is the float {value!r};"
            " a real is recorded as a whole number (sim.types.fixed)"
        )
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError(
                    f"event {event.id} ({event.kind}): {key} has the key {name!r}, which is no text"
                )
            _check(event, inner, f"{key}.{name}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            _check(event, inner, f"{key}[{position}]")
    else:
        raise TypeError(f"event {event.id} ({event.kind}): {key} is a {type(value).__name__}, not plain data")


class Packer:
    """Turns ticks into frames. The same events give the same bytes."""

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)

    def pack(self, tick: int, prev: str, events: Iterable[Event]) -> bytes:
        return self.pack_lines(
            tick, prev, (orjson.dumps(event.to_json(), default=dict, option=SORT) for event in events)
        )

    def pack_lines(self, tick: int, prev: str, lines: Iterable[bytes]) -> bytes:
        """The frame of events that are written as lines already."""
        head = canonical({"tick": tick, "prev": prev})
        return self._zstd.compress(b"\n".join((head, *lines)) + b"\n")


class Unpacker:
    """Turns the bytes of frames back into events. Raises Damaged."""

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor()

    def lines(self, raw: bytes) -> tuple[int, str, list[bytes]]:
        """A frame's tick, the hash it names as the one before, and its events as lines."""
        try:
            if zstandard.frame_content_size(raw) > len(raw) * BLOCK_BYTES // 4:
                raise Damaged("it claims to hold more than it can")
            head, *lines = self._zstd.decompress(raw).split(b"\n")
            header = orjson.loads(head)
            if (
                lines.pop() != b""
                or not isinstance(header["tick"], int)
                or not isinstance(header["prev"], str)
            ):
                raise Damaged("it is not a tick's frame")
        except (zstandard.ZstdError, orjson.JSONDecodeError, KeyError, TypeError, IndexError):
            raise Damaged("it cannot be read") from None
        return header["tick"], header["prev"], lines

    def frame(self, number: int, offset: int, raw: bytes) -> Frame:
        tick, prev, lines = self.lines(raw)
        return Frame(number, tick, prev, frame_hash(raw), offset, len(raw), read_events(lines))


def read_events(lines: Iterable[bytes]) -> tuple[Event, ...]:
    """The events of a frame. Raises Damaged, naming the event by its place in the frame."""
    return tuple(_event(line, position) for position, line in enumerate(lines))


def _event(line: bytes, position: int) -> Event:
    try:
        event = Event.from_json(orjson.loads(line))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Damaged(f"event {position} cannot be read") from None
    if not (isinstance(event.id, str) and isinstance(event.kind, str) and isinstance(event.data, dict)):
        raise Damaged(f"event {position} is not an event")
    return event


def frame_length(data: bytes, start: int) -> int | None:
    """How many bytes the frame that begins at `start` has; None where the data ends before it does.

    Walks the headers of its blocks (RFC 8878, 3.1.1). Raises Damaged where no frame of ours begins there.
    """
    head = data[start : start + 5]
    if not MAGIC.startswith(head[:4]):
        raise Damaged("no frame begins there")
    if len(head) < 5:
        return None
    descriptor = head[4]
    if descriptor & 0b0001_1111 != 0b0000_0100:  # with a checksum, without a dictionary
        raise Damaged("no frame of a record begins there")
    single_segment = descriptor >> 5 & 1
    size_bytes = (single_segment, 2, 4, 8)[descriptor >> 6]
    at = start + 5 + (1 - single_segment) + size_bytes
    last = 0
    while not last:
        if at + 3 > len(data):
            return None
        block = int.from_bytes(data[at : at + 3], "little")
        last, kind, size = block & 1, block >> 1 & 3, block >> 3
        if kind == 3 or size > BLOCK_BYTES:
            raise Damaged("a block of it has no meaning")
        at += 3 + (1 if kind == 1 else size)
    at += 4  # the checksum
    return at - start if at <= len(data) else None


@dataclass(frozen=True, slots=True)
class Torn:
    """What a writer that was cut short left at the end: bytes of a frame that is not whole."""

    offset: int
    length: int


def raw_frames(file: BinaryIO, offset: int = 0) -> Iterator[tuple[int, bytes] | Torn]:
    """Every whole frame from an offset on, as (offset, bytes); last, if the file ends in one, a torn frame.

    Raises Damaged where something else than a frame stands. Safe while another process appends.
    """
    file.seek(offset)
    data, start, ended = b"", 0, False
    while True:
        try:
            length = frame_length(data, start)
            if length is not None and data[start + length - 1] == 0:
                Unpacker().lines(data[start : start + length])
        except Damaged:
            data, offset, start = data[start:] + file.read(), offset + start, 0
            if data.endswith(b"\0") and not _holds_frame(data, 1):
                break  # a power cut can leave the file its new length, and zeros in it
            raise
        if length is not None:
            yield offset + start, data[start : start + length]
            start += length
        elif ended:
            break
        else:
            more = file.read(READ_BYTES)
            ended = not more
            data, offset, start = data[start:] + more, offset + start, 0
    if start < len(data):
        if _holds_frame(data, start + 1):
            raise Damaged("it does not end where the next frame begins")
        yield Torn(offset + start, len(data) - start)


def _holds_frame(data: bytes, start: int) -> bool:
    """Whether a whole frame begins somewhere from `start` on: then what is before it is no torn end."""
    unpacker = Unpacker()
    while (start := data.find(MAGIC, start)) >= 0:
        try:
            length = frame_length(data, start)
            if length is not None:
                unpacker.lines(data[start : start + length])
                return True
        except Damaged:
            pass
        start += 1
    return False
