"""Run folders by path or by name."""

from __future__ import annotations

from pathlib import Path

from burgh.scenarios.nearest import suggest
from burgh.sim.record import files
from burgh.sim.types import BurghError

RUNS = Path("runs")  # where runs go, in the folder one works in, unless told otherwise
LAST = "last"


def is_run(folder: Path) -> bool:
    return (folder / files.LOG).is_file()


def run_folders(parent: Path) -> list[Path]:
    """The run folders in a folder, the one begun first first. Raises BurghError where it cannot be read."""
    try:
        found = [path for path in parent.iterdir() if is_run(path)]
        return sorted(found, key=lambda path: ((path / files.META).stat().st_mtime, path.name))
    except OSError as error:
        raise BurghError(f"{parent} cannot be read: {error.strerror}") from None


def find_run(name: str) -> Path:
    """The run folder meant: a path, a name within `runs`, or "last" for the one begun last."""
    path = Path(name)
    if path.exists():
        return path
    folders = run_folders(RUNS) if RUNS.is_dir() else []
    if name == LAST and folders:
        return folders[-1]
    for folder in folders:
        if folder.name == name:
            return folder
    known = [folder.name for folder in reversed(folders)]
    raise BurghError(f"there is no run {name!r}: {suggest(name, known)}")
