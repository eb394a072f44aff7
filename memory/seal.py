"""The seal of a memory store: checksums of the vector index's files, beside it while it is closed.

Chroma reads those files in native code that trusts them: a damaged one gives wrong neighbours, or ends the
process with no word. Its database is not among them: it changes at each opening, and damage there is told.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from burgh.sim.record import files

SEAL = "{}.sha256"  # beside the database's folder, in the form of sha256sum
PERSISTED = "index_metadata.pickle"  # before chroma has written it, it reads none of the index's files


def seal(database: Path) -> None:
    """Writes the checksums. Where they cannot be written there is no seal, which is no fault."""
    with contextlib.suppress(OSError):
        lines = [
            f"{_checksum(path)}  {path.relative_to(database.parent).as_posix()}\n"
            for path in _index(database)
        ]
        files.write_whole(_seal(database), "".join(lines))


def unseal(database: Path) -> None:
    """Takes the checksums away, before what they are of is written. Raises OSError."""
    _seal(database).unlink(missing_ok=True)


def is_sealed(database: Path) -> bool:
    """Whether there are checksums: not of a store being written, left so by a kill, or of an older one."""
    return _seal(database).is_file()


def damaged(database: Path) -> Path | None:
    """The first file of a sealed store that is not as it was when that was closed; or the seal itself."""
    try:
        lines = _seal(database).read_text(encoding="utf-8").splitlines()
        told = {database.parent / name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return _seal(database)
    for path in sorted({*told, *_index(database)}):
        try:
            if _checksum(path) == told.get(path):
                continue
        except OSError:
            pass
        return path if is_sealed(database) else None  # a run that goes on opened it in between
    return None


def _seal(database: Path) -> Path:
    return database.with_name(SEAL.format(database.name))


def _index(database: Path) -> list[Path]:
    return sorted(path for note in database.glob(f"*/{PERSISTED}") for path in note.parent.iterdir())


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
