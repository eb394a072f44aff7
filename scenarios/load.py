"""Scenarios by name or by file: read, overridden, checked."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

from pydantic import ValidationError

from burgh.scenarios.faults import (
    Fault,
    end_faults,
    in_order,
    model_faults,
    name_faults,
    only_mappings,
)
from burgh.scenarios.kinds import kind_in
from burgh.scenarios.nearest import suggest
from burgh.scenarios.sources import document
from burgh.scenarios.spec import Basis, Scenario
from burgh.scenarios.yaml import Document
from burgh.sim.command import burgh_command
from burgh.sim.types import BurghError, Json

AnyScenario = TypeVar("AnyScenario", bound=Basis)


class ScenarioFaults(BurghError):
    """All that was found wrong with a scenario. said: a sentence each, with file, line and key. As text it
    is the first of them; source: the file in which there are more, "" if there are none."""

    def __init__(self, said: Sequence[str], source: str = "") -> None:
        check = f"{burgh_command()} scenarios check {shlex.quote(source)}"
        super().__init__(f"{said[0]} (run `{check}` for all)" if source else said[0])
        self.said = tuple(said)


def load_scenario(name_or_path: str | Path, overrides: Mapping[str, Json] | None = None) -> Basis:
    """A scenario of the library by name, or from a file, with some of its top keys given otherwise.

    overrides: as from a command line, {"seed": 7, "until": "10:00"}; None leaves a key as it is. Raises
    BurghError in one sentence for whatever is wrong: with file, line and key, or the option's name.
    """
    found, folder = document(name_or_path)
    return check_scenario(found, folder, overrides, ends=True)


def load_town(name_or_path: str | Path, overrides: Mapping[str, Json] | None = None) -> Scenario:
    """As `load_scenario`, where only a town will do. Raises BurghError for a scenario of another kind."""
    found = load_scenario(name_or_path, overrides)
    if not isinstance(found, Scenario):
        raise BurghError(f"{name_or_path}: this needs a town, and that is a scenario of {found.world.kind}")
    return found


def overridden(scenario: AnyScenario, overrides: Mapping[str, Json]) -> AnyScenario:
    """A scenario with some of its top keys given otherwise, as in `load_scenario`. Its kind stays."""
    found = check_scenario(Document("the scenario", scenario.resolved()), scenario.folder, overrides)
    return cast(AnyScenario, found)


def check_scenario(
    found: Document,
    folder: Path = Path(),
    overrides: Mapping[str, Json] | None = None,
    *,
    ends: bool = False,
) -> Basis:
    """The scenario of a document that is right in all its parts, places included. ends: whether it is to hold
    what is to happen in it, unless an option names the end: one may run the beginning alone."""
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    _refuse(only_mappings(found.data), found, given)
    found = replace(found, data={**found.data, **given})
    try:
        kind = kind_in(found.data)
    except BurghError as error:
        _refuse([Fault(("world", "kind"), str(error))], found, given)
        raise
    try:
        scenario = kind.scenario.model_validate(found.data).in_folder(folder)
    except ValidationError as error:
        _refuse(model_faults(error, kind.scenario), found, given)
        raise
    except RecursionError:
        raise BurghError(f"{found.source}: this is nested too deeply") from None
    _refuse(list(name_faults(scenario)), found, given)  # before what is said by name
    faults = [*_model_name_faults(scenario.model), *_language_faults(scenario)]
    if ends and "until" not in given and isinstance(scenario, Scenario):
        faults += end_faults(scenario)
    _refuse([*faults, *kind.faults(scenario, whole=not faults)], found, given)
    return scenario


def _language_faults(scenario: Basis) -> list[Fault]:
    """A language that is not spoken in worlds of the kind."""
    kind, language = scenario.world.kind, scenario.language
    if language == "en" or kind == "town":
        return []
    said = f"only towns speak {language}: in a world of kind {kind} the language is en"
    return [Fault(("language",), said)]


def _model_name_faults(name: str) -> list[Fault]:
    """A name that can be no language model's. Nothing is loaded: whether a hub or a folder holds one, loading
    tells."""
    from burgh.agents.llm.load import check_name, known_names

    try:
        base = check_name(name)
    except BurghError as error:
        return [Fault(("model",), str(error).removeprefix("--model: "))]
    if base in known_names() or "/" in base or Path(base).is_dir() or Path(base).suffix == ".gguf":
        return []
    said = f"no language model is called {base!r}: {suggest(base, known_names())}"
    return [
        Fault(
            ("model",), f"{said} (a hub name org/name, a folder, a .gguf file or openai:ADDRESS is read too)"
        )
    ]


def _refuse(faults: Sequence[Fault], found: Document, given: Mapping[str, Json]) -> None:
    """Raises ScenarioFaults where there are any. given: what options said, which are then to blame."""
    if not faults:
        return
    said, in_file = [], 0
    for fault in in_order(faults, found):
        by_option = bool(fault.path) and fault.path[0] in given
        said.append(f"{_option(fault.path[0]) if by_option else found.where(fault.path)}: {fault.said}")
        in_file += not by_option
    more = in_file > (0 if said[0].startswith("--") else 1)
    raise ScenarioFaults(said, found.source if more else "")


def _option(key: str | int) -> str:
    """The option of the command line that gives a key of a scenario: whispers are given one by one."""
    return "--whisper" if key == "whispers" else f"--{key}"
