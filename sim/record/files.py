"""The files of a run's folder, and appending to one so that a failed write leaves nothing half done."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

META = "run.yaml"  # the scenario as resolved, seed, versions, model: equal for equal runs
HOST = "host.yaml"  # host, wall-clock start, paths: may differ; also the sha256 of run.yaml
LOG = "events.jsonl.zst"  # the truth
ASIDE = "aside.jsonl"  # seconds, cache hits: may differ
END = "end.yaml"  # written after the last frame: the number of frames and the final hash
SNAPSHOTS = "snapshots.bin"  # whole states, to go on from: derived
INDEX = "index.sqlite"  # derived
LOCK = ".lock"

_BINARY = getattr(os, "O_BINARY", 0)  # Windows


def write_all(fd: int, data: bytes) -> None:
    """Writes all of it. Raises OSError."""
    view = memoryview(data)
    while view:
        written = os.write(fd, view)
        if written == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        view = view[written:]


def linked(path: Path) -> Path:
    """The file that a link leads to, which is to be written in its place; else the path itself."""
    real = path.resolve()
    return real if real.is_file() else path


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file that is afterwards there whole, or as it was before; a device or a pipe is written to.
    Raises OSError."""
    data = content.encode() if isinstance(content, str) else content
    path = linked(path)
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    part = path.with_name(path.name + ".part")
    try:
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o644)
        try:
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


class AppendFile:
    """A file that only grows, by whole pieces: what of a piece was written is cut off again if it fails."""

    def __init__(self, path: Path) -> None:
        self._fd: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o644)
        self.size = os.fstat(self._fd).st_size

    @property
    def fd(self) -> int:
        if self._fd is None:
            raise ValueError("the file is closed")
        return self._fd

    def append(self, data: bytes) -> None:
        """Writes one piece. Raises OSError, and passes on an interrupt, with the file as it was before."""
        before = self.size
        try:
            write_all(self.fd, data)
            self.size = before + len(data)
        except BaseException:
            self.cut(before)
            raise

    def cut(self, size: int) -> None:
        """Shortens the file. Where even that fails a torn end stays, which every reader passes over."""
        self.size = size
        with contextlib.suppress(OSError):
            os.ftruncate(self.fd, size)

    def shorten(self, size: int) -> None:
        """Shortens the file before something else is added. Raises OSError, with the file as it was."""
        os.ftruncate(self.fd, size)
        self.size = size

    def sync(self) -> None:
        """Has the system put all of it on the disk. Raises OSError."""
        os.fsync(self.fd)

    def close(self) -> None:
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)
