"""Which code this is: what a state was written by, where another may keep other things in it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
FOLDERS = ("agents", "memory", "scenarios", "sim", "worlds")


@cache
def code_hash() -> str:
    """The sha256 of all code of the package, in hex: equal wherever the same burgh is installed."""
    found = hashlib.sha256()
    for folder in FOLDERS:
        root = PACKAGE.parent / folder
        for path in sorted(root.rglob("*.py")):
            found.update(path.relative_to(root.parent).as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()
