"""Where scenarios are read from: the library that comes with the package, and files."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.scenarios.nearest import suggest
from burgh.scenarios.yaml import Document, parse_yaml, read_text, read_yaml
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SUFFIXES = (".yaml", ".yml")


def library() -> tuple[str, ...]:
    """The names of the scenarios that come with the package."""
    names = (entry.name for entry in _library().iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in names))


def _library() -> Traversable:
    return files("burgh.scenarios") / "library"


def document(name_or_path: str | Path) -> tuple[Document, Path]:
    """A scenario's YAML and the folder it stands in. Raises BurghError for an unknown name."""
    path = as_path(name_or_path)
    if path is not None:
        return read_yaml(path), path.parent
    return parse_yaml(source_text(name_or_path), f"{name_or_path}.yaml"), Path()


def source_text(name_or_path: str | Path) -> str:
    """A scenario as it is written, comments included. Raises BurghError for an unknown name."""
    path = as_path(name_or_path)
    if path is not None:
        return read_text(path)
    known = library()
    if name_or_path not in known:
        raise BurghError(f"there is no scenario {str(name_or_path)!r}: {suggest(str(name_or_path), known)}")
    return (_library() / f"{name_or_path}.yaml").read_text(encoding="utf-8")


def as_path(name_or_path: str | Path) -> Path | None:
    """The file that is meant, or None for a name of the library."""
    text = str(name_or_path)
    is_file = isinstance(name_or_path, Path) or text.endswith(SUFFIXES) or "/" in text or "\\" in text
    return Path(text) if is_file else None
