"""Scenarios by name or by file: read, overridden, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from burgh.scenarios.faults import Fault, model_faults, name_faults, only_mappings, place_faults, whole_faults
from burgh.scenarios.sources import document
from burgh.scenarios.spec import Scenario
from burgh.scenarios.yaml import Document
from burgh.sim.types import BurghError, Json


def load_scenario(name_or_path: str | Path, overrides: Mapping[str, Json] | None = None) -> Scenario:
    """A scenario of the library by name, or from a file, with some of its top keys given otherwise.

    overrides: as from a command line, {"seed": 7, "until": "10:00"}; None leaves a key as it is. Raises
    BurghError in one sentence for whatever is wrong: with file, line and key, or the option's name.
    """
    found, folder = document(name_or_path)
    return check_scenario(found, folder, overrides)


def overridden(scenario: Scenario, overrides: Mapping[str, Json]) -> Scenario:
    """A scenario with some of its top keys given otherwise, as in `load_scenario`."""
    return check_scenario(Document("the scenario", scenario.resolved()), scenario.folder, overrides)


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
    by_option = bool(first.path) and first.path[0] in given
    where = f"--{first.path[0]}" if by_option else found.where(first.path)
    others = len(faults) - 1
    more = f" ({others} more fault{'s follow' if others > 1 else ' follows'})" if others else ""
    raise BurghError(f"{where}: {first.said}{more}")
