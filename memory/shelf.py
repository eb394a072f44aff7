"""Vectors of texts on disk, in the user's cache folder: what was embedded in one run is known in the next.

Only a saving of time: whatever is wrong with the file, the vectors are computed instead. It is one file for
each embedder and set of packages; that its vectors are those that would be computed here, to the bit, is
tried with one text when it is opened, and a file from another kind of machine is begun anew.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import platform
import sqlite3
import weakref
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

import numpy as np

from burgh.memory.score import Vectors
from burgh.sim import weights
from burgh.sim.types import BurghError, Json

FOLDER = "embeddings"
PROBE = "The miller tells the baker that the bridge is closed until Thursday at 09:30."
PACKAGES = ("numpy", "scipy", "tokenizers")
MOST_TEXTS = 60_000  # on disk: 1.5 kB each at 384 dimensions
WRITE_EVERY = 64  # new texts
PATIENCE_SECONDS = 2.0  # with another process that writes
CHECK_BYTES = 8
FAILURES = (sqlite3.Error, OSError, BurghError)


class Shelf:
    """The vectors of one embedder. Keys are the sha256 of texts."""

    def __init__(self, identity: Mapping[str, Json], compute: Callable[[str], Vectors]) -> None:
        packages = {name: version(name) for name in PACKAGES}
        known = json.dumps([dict(identity), packages, platform.machine()], sort_keys=True)
        self._name = hashlib.sha256(known.encode()).hexdigest()[:16]
        self._compute = compute
        self._database: sqlite3.Connection | None = None
        self._opened = False
        self._new: dict[bytes, bytes] = {}
        _at_exit(self)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Those of these vectors that it holds."""
        self._open()
        found: dict[bytes, Vectors] = {}
        if self._database is None:
            return found
        try:
            for key in keys:
                row = self._database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                if row is not None and (vector := _unpacked(key, row[0])) is not None:
                    found[key] = vector
        except FAILURES:
            self._give_up()
        return found

    def put(self, key: bytes, vector: Vectors) -> None:
        """Takes a vector up, to be written with others."""
        self._open()
        if self._database is not None:
            self._new[key] = _packed(key, vector)
            if len(self._new) >= WRITE_EVERY:
                self.write()

    def write(self) -> None:
        """Writes what was taken up since the last time."""
        if self._database is None or not self._new:
            return
        try:
            with self._database:
                self._database.executemany(
                    "INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", self._new.items()
                )
                self._database.execute(
                    "DELETE FROM vectors WHERE rowid <= (SELECT max(rowid) FROM vectors) - ?", (MOST_TEXTS,)
                )
            self._new.clear()
        except FAILURES:
            self._give_up()

    def _open(self) -> None:
        if self._opened:
            return
        self._opened = True
        try:
            folder = weights.home() / FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{self._name}.sqlite"
            self._database = sqlite3.connect(path, timeout=PATIENCE_SECONDS, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = OFF")
            with self._database:
                self._database.execute(
                    "CREATE TABLE IF NOT EXISTS vectors (key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL)"
                )
            self._try()
        except FAILURES:
            self._give_up()

    def _try(self) -> None:
        """Empties it unless it holds what would be computed here."""
        assert self._database is not None
        key = hashlib.sha256(PROBE.encode()).digest()
        packed = _packed(key, self._compute(PROBE))
        row = self._database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        if row is None or row[0] != packed:
            with self._database:
                self._database.execute("DELETE FROM vectors")
                self._database.execute("INSERT INTO vectors (key, vector) VALUES (?, ?)", (key, packed))

    def _give_up(self) -> None:
        self._database, self._new = None, {}


def _packed(key: bytes, vector: Vectors) -> bytes:
    raw = np.ascontiguousarray(vector, dtype="<f4").tobytes()
    return hashlib.sha256(key + raw).digest()[:CHECK_BYTES] + raw


def _unpacked(key: bytes, packed: bytes) -> Vectors | None:
    check, raw = packed[:CHECK_BYTES], packed[CHECK_BYTES:]
    if hashlib.sha256(key + raw).digest()[:CHECK_BYTES] != check:
        return None
    return np.frombuffer(raw, dtype="<f4").astype(np.float32)


def _at_exit(shelf: Shelf) -> None:
    """What is still to be written is written when the process ends."""
    known = weakref.ref(shelf)

    def write() -> None:
        kept = known()
        if kept is not None:
            kept.write()

    atexit.register(write)
