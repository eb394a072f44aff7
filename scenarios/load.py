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
from burgh.scenarios.yaml import Document, parse_yaml, read_yaml
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from burgh.worlds.town.map import TownMap

SUFFIXES = (".yaml", ".yml")


def library() -> tuple[str, ...]:
    """The names of the scenarios that come with the package."""
    names = (entry.name for entry in _library().iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in names))


def _library() -> Traversable:
    return files("burgh.scenarios") / "library"


def document(name_or_path: str | Path) -> tuple[Document, Path]:
    """A scenario's YAML and the folder it stands in. Raises BurghError for an unknown name."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(SUFFIXES) or "/" in text or "\\" in text:
        path = Path(text)
        return read_yaml(path), path.parent
    known = library()
    if text not in known:
        raise BurghError(f"there is no scenario {text!r}: {suggest(text, known)}")
    entry = _library() / f"{text}.yaml"
    return parse_yaml(entry.read_text(encoding="utf-8"), f"{text}.yaml"), Path()


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
    try:
        town = town_map(scenario)
    except BurghError as error:
        return [Fault(("world", "map"), str(error))]
    return list(place_faults(scenario, town.tree))


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


def maps() -> tuple[str, ...]:
    """The names of the maps that come with the package."""
    names = (entry.name for entry in (files("burgh.assets") / "maps").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def town_map(scenario: Scenario) -> TownMap:
    """The map of a scenario's town: from the library, or a Tiled file beside the scenario."""
    from burgh.worlds.town.map import load_map

    name = scenario.world.map
    if name.endswith(".json"):
        return load_map(scenario.folder / name)
    known = maps()
    if name not in known:
        raise BurghError(f"there is no map {name!r}: {suggest(name, known)}")
    return load_map(files("burgh.assets") / "maps" / f"{name}.json")
