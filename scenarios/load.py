"""Scenarios by name or by file: read, overridden, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from burgh.scenarios.faults import Fault, model_faults, name_faults, only_mappings, place_faults, whole_faults
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Scenario
from burgh.scenarios.yaml import Document, parse_yaml, read_text, read_yaml
from burgh.sim.types import BurghError, Json

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


def load_scenario(name_or_path: str | Path, overrides: Mapping[str, Json] | None = None) -> Scenario:
    """A scenario of the library by name, or from a file, with some of its top keys given otherwise.

    overrides: as from a command line, {"seed": 7, "until": "10:00"}; None leaves a key as it is. Raises
    BurghError in one sentence for whatever is wrong: with file, line and key, or the option's name.
    """
    found, folder = document(name_or_path)
    return check_scenario(found, folder, overrides)


def check_scenario(
    found: Document, folder: Path = Path(), overrides: Mapping[str, Json] | None = None
) -> Scenario:
    """The scenario of a document that is right in all its parts, places included."""
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    _raise_first(only_mappings(found.data), found, given)
    found = replace(found, data={**found.data, **given})
    try:
        scenario = Scenario.model_validate(found.data).in_folder(folder)
    except ValidationError as error:
        _raise_first(model_faults(error), found, given)
        raise
    except RecursionError:
        raise BurghError(f"{found.source}: this is nested too deeply") from None
    _raise_first(list(name_faults(scenario)), found, given)
    _raise_first(list(whole_faults(scenario)), found, given)
    _raise_first(_map_faults(scenario), found, given)
    return scenario


def _map_faults(scenario: Scenario) -> list[Fault]:
    """What the map does not have, or has no room for."""
    from burgh.scenarios.town import build_town, town_map

    try:
        drawn = town_map(scenario)
    except BurghError as error:
        return [Fault(("world", "map"), str(error))]
    if faults := list(place_faults(scenario, drawn.tree)):
        return faults
    try:
        build_town(scenario, drawn)
    except BurghError as error:
        return [Fault(("agents",), str(error))]
    return []


def _raise_first(faults: Sequence[Fault], found: Document, given: Mapping[str, Json]) -> None:
    """Says the fault that stands first in the file."""
    if not faults:
        return
    first = min(faults, key=lambda fault: found.line(fault.path))
    overridden = bool(first.path) and first.path[0] in given
    where = f"--{first.path[0]}" if overridden else found.where(first.path)
    others = len(faults) - 1
    more = f" ({others} more fault{'s follow' if others > 1 else ' follows'})" if others else ""
    raise BurghError(f"{where}: {first.said}{more}")
