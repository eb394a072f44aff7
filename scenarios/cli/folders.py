"""Run folders by path or by name."""

from __future__ import annotations

from pathlib import Path

from burgh.scenarios.cli.console import STDOUT
from burgh.scenarios.nearest import suggest
from burgh.sim.record import files
from burgh.sim.types import BurghError

RUNS = Path("runs")  # where runs go, in the folder one works in, unless told otherwise
LAST = "last"


def check_out(path: Path | None) -> None:
    """Of commands that write a folder: raises BurghError where --out names standard output."""
    if path == STDOUT:
        raise BurghError("--out -: a run needs a folder: name one")


def is_run(folder: Path) -> bool:
    """Whether a folder holds a record, or may hold one: it is closed to whoever asks."""
    try:
        return (folder / files.LOG).is_file()
    except PermissionError:
        return True


def run_folders(parent: Path) -> list[Path]:
    """The run folders in a folder, the one begun first first. Raises BurghError where it cannot be read."""
    try:
        found = list(parent.iterdir())
    except OSError as error:
        raise BurghError(f"{parent} cannot be read: {error.strerror}") from None
    return sorted((path for path in found if is_run(path)), key=lambda path: (_begun(path), path.name))


def _begun(folder: Path) -> float:
    """When a run was begun, in seconds; before all others where its folder does not say."""
    try:
        return (folder / files.META).stat().st_mtime
    except OSError:
        return 0.0


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
    if not folders:
        raise BurghError(f"there is no run {name!r}: looked in ./{RUNS}, where there are none")
    known = [folder.name for folder in reversed(folders)]
    raise BurghError(f"there is no run {name!r} in ./{RUNS}: {suggest(name, known)}")


def find_two(one: str, other: str) -> tuple[Path, Path]:
    """The folders of two runs. Raises BurghError as `find_run` does, and where they are the same."""
    first, second = find_run(one), find_run(other)
    if first.resolve() == second.resolve():
        raise BurghError(f"{one} and {other} are the same run: name two")
    return first, second
