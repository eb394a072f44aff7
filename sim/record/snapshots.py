"""Snapshots beside the record: the whole state after a frame, from which a run can be gone on with.

They stand outside the hash chain, so that how often they are taken alters no hash, and are derived: without
them a run is made again from its start. Each is packed against the one before, of which most is unchanged,
so that a memory's vector is stored once; each names the frame that it follows and its own checksum.

The file is a row of pieces: a line of json (see `Snapshot`), then as many bytes as it says.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import zstandard

from burgh.sim.record import files
from burgh.sim.record.reader import open_bytes
from burgh.sim.types import BurghError, Json

LEVEL = 3
ALONE_EVERY = 32  # how many at most have to be unpacked for the state of one
MOST_WINDOW = 27  # log2 of how far back zstd looks; beyond that a state is packed by itself
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What stands before a packed state. tick: of the engine. frames, hash: how many frames the record had,
    and the hash of the last. sha256: of the state as json. base: the number of the snapshot that it is packed
    against, -1 for none. length: of the packed state, in bytes."""

    tick: int
    frames: int
    hash: str
    sha256: str
    base: int
    length: int


class Snapshots:
    """The snapshots of one run. Reading passes over a torn end; appending cuts it off."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / files.SNAPSHOTS
        self._found: list[tuple[Snapshot, int]] = []  # with the offset of its packed state
        self._end = 0
        self._last: tuple[int, bytes] | None = None  # number and json of the state to pack the next against
        self._file: files.AppendFile | None = None
        if self.path.exists():
            self._scan()

    def __len__(self) -> int:
        return len(self._found)

    def headers(self) -> tuple[Snapshot, ...]:
        """All that are whole by their length, in order."""
        return tuple(header for header, _ in self._found)

    def end_of(self, number: int) -> int:
        """The offset at which a snapshot ends in the file."""
        header, offset = self._found[number]
        return offset + header.length

    def state(self, number: int) -> Json | None:
        """The state of a snapshot; None where it, or one that it is packed against, is damaged."""
        text = self._text(number)
        return None if text is None else orjson.loads(text)

    def append(self, tick: int, frames: int, last_hash: str, state: Json) -> None:
        """Adds the state after a frame, and has the system put it on the disk. Raises OSError, with the file
        as it was; raises TypeError where the state is not plain data."""
        text = orjson.dumps(state)
        base = self._base(len(text))
        packed = _packed(text, None if base is None else base[1])
        number = -1 if base is None else base[0]
        sha256 = hashlib.sha256(text).hexdigest()
        header = Snapshot(tick, frames, last_hash, sha256, number, len(packed))
        line = orjson.dumps(asdict(header)) + b"\n"
        if self._file is None:
            self._file = files.AppendFile(self.path)
            if self._file.size != self._end:
                self._file.shorten(self._end)
        self._file.append(line + packed)
        self._file.sync()
        self._found.append((header, self._end + len(line)))
        self._end += len(line) + len(packed)
        self._last = len(self._found) - 1, text

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _base(self, length: int) -> tuple[int, bytes] | None:
        if self._last is None or len(self._last[1]) + length >= 1 << MOST_WINDOW:
            return None
        depth, number = 0, self._last[0]
        while number >= 0:
            depth, number = depth + 1, self._found[number][0].base
        return self._last if depth < ALONE_EVERY else None

    def _text(self, number: int) -> bytes | None:
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        chain = [number]
        while (base := self._found[chain[-1]][0].base) >= 0:
            chain.append(base)
        text: bytes | None = None
        with open_bytes(self.path) as file:
            for one in reversed(chain):
                header, offset = self._found[one]
                file.seek(offset)
                text = _unpacked(file.read(header.length), text if header.base >= 0 else None)
                if text is None or hashlib.sha256(text).hexdigest() != header.sha256:
                    return None
        assert text is not None
        self._last = number, text
        return text

    def _scan(self) -> None:
        """Finds all whole pieces, up to the first that is none."""
        try:
            size = self.path.stat().st_size
        except OSError as error:
            raise BurghError(f"{self.path} cannot be read: {error.strerror}") from None
        with open_bytes(self.path) as file:
            while True:
                line = file.readline(1024)
                header = _header(line, len(self._found))
                offset = self._end + len(line)
                if header is None or offset + header.length > size:
                    return
                self._found.append((header, offset))
                self._end = offset + header.length
                file.seek(self._end)


def _header(line: bytes, number: int) -> Snapshot | None:
    try:
        raw = orjson.loads(line) if line.endswith(b"\n") else None
        header = Snapshot(**raw) if isinstance(raw, dict) else None
    except (orjson.JSONDecodeError, TypeError):
        return None
    if header is None or not all(isinstance(one, int) for one in (header.tick, header.frames, header.base)):
        return None
    whole = isinstance(header.hash, str) and HASH.fullmatch(header.hash) and isinstance(header.length, int)
    return header if whole and -1 <= header.base < number and header.length > 0 else None


def _packed(text: bytes, base: bytes | None) -> bytes:
    if base is None:
        return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(text)
    window = min(MOST_WINDOW, max(10, (len(base) + len(text)).bit_length()))
    tables = max(17, window - 3)  # zstd looks at 8 << hash_log bytes of what it packs against, at most
    how = zstandard.ZstdCompressionParameters.from_level(
        LEVEL,
        window_log=window,
        hash_log=tables,
        enable_ldm=True,
        write_checksum=True,
        write_content_size=True,
    )
    known = zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdCompressor(dict_data=known, compression_params=how).compress(text)


def _unpacked(packed: bytes, base: bytes | None) -> bytes | None:
    known = (
        None
        if base is None
        else zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    )
    try:
        return zstandard.ZstdDecompressor(dict_data=known, max_window_size=1 << MOST_WINDOW).decompress(
            packed
        )
    except (zstandard.ZstdError, MemoryError):
        return None
