"""What is wrong with a scenario, as sentences: the models' own complaints, and what only the whole shows."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from burgh.scenarios import goals
from burgh.scenarios.fields import moment_of, written_moment
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Basis, Happening, Scenario, Whisper
from burgh.scenarios.square import auction_end_faults
from burgh.scenarios.yaml import Document, Path_
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    from burgh.worlds.town.places import PlaceTree

KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list (lines that begin with '- ')",
    "dict_type": "a mapping (lines of 'key: value')",
    "model_type": "a mapping (lines of 'key: value')",
    "model_attributes_type": "a mapping (lines of 'key: value')",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a path of the scenario. said: what, and what would be right. kind: "missing" or
    "unknown" where it is a key that is so."""

    path: Path_
    said: str
    kind: Literal["missing", "unknown", ""] = ""


def model_faults(error: ValidationError, model: type[BaseModel] = Scenario, under: Path_ = ()) -> list[Fault]:
    """The faults that validation of a model found, each in one sentence. under: where in the scenario."""
    found = (_fault(dict(detail), model) for detail in error.errors(include_url=False))
    return [replace(fault, path=(*under, *fault.path)) for fault in found]


def in_order(faults: Iterable[Fault], found: Document) -> list[Fault]:
    """Each fault once, as they stand in the file; but what is missing beside unknown keys comes after them:
    it may be misspelt."""
    each = list(dict.fromkeys(faults))
    unknown: dict[Path_, int] = {}  # by mapping: the line of its last unknown key
    for fault in each:
        if fault.kind == "unknown":
            here = fault.path[:-1]
            unknown[here] = max(found.line(fault.path), unknown.get(here, 0))

    def place(fault: Fault) -> tuple[int, bool]:
        missing = fault.kind == "missing"
        after = unknown.get(fault.path[:-1], 0) if missing else 0
        return max(found.line(fault.path), after), missing

    return sorted(each, key=place)


def _fault(detail: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    kind, value = str(detail["type"]), detail.get("input")
    in_key = "[key]" in detail["loc"]  # a mapping's key that is not as it should be, not its value
    path = tuple(part for part in detail["loc"] if part != "[key]")
    context = detail.get("ctx", {})
    if kind == "missing":
        return Fault(path, "this is missing", "missing")
    if kind == "extra_forbidden":
        said = f"there is no key {path[-1]!r} here: {suggest(str(path[-1]), _keys(model, path[:-1]))}"
        return Fault(path, said, "unknown")
    if kind == "value_error":
        return Fault(path, str(context["error"]))
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(context["expected"]))
        return Fault(path, f"{shown(value)} is not read here: {suggest(str(value), allowed)}")
    if kind in KINDS:
        return Fault(path, f"{shown(value)} is not {KINDS[kind]}")
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        meant = "a colour like #6b3f1d" if "#" in pattern else "a key of small letters, digits and hyphens"
        return Fault(path, f"{shown(value)} is not {meant}")
    if kind in ("string_too_short", "too_short"):
        return Fault(path, "the name is empty" if in_key else "this is empty")
    if kind == "too_long" and isinstance(value, str):
        most = context["max_length"]
        return Fault(path, f"{shown(value)} is refused: it should have at most {most} characters")
    words = str(detail["msg"]).replace("Input", "it").replace("String", "it").replace("List", "it")
    return Fault(path, f"{shown(value)} is refused: {words[:1].lower()}{words[1:]}")


def shown(value: object) -> str:
    """A value as an error names it: short, and as one writes it in YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}...{text[0]}"


def _keys(whole: type[BaseModel], path: Path_) -> list[str]:
    """The keys that the model at a path of the whole knows."""
    annotation: object = whole
    for part in path:
        model = _model(annotation)
        if isinstance(part, str) and model is not None and part in model.model_fields:
            annotation = model.model_fields[part].annotation
        elif model is None:
            annotation = (get_args(annotation) or (None,))[-1]
    model = _model(annotation)
    return list(model.model_fields) if model else []


def _model(annotation: object) -> type[BaseModel] | None:
    """The model behind an annotation that may also allow None."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next((arg for arg in get_args(annotation) if arg is not type(None)), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def name_faults(scenario: Basis) -> Iterator[Fault]:
    """Two agents of one name, whatever their letters' case."""
    first: dict[str, int] = {}
    for n, agent in enumerate(scenario.agents):
        if (other := first.setdefault(agent.name.casefold(), n)) != n:
            taken = scenario.agents[other].name
            said = f"agents[{other}] is called {taken!r} too: give each its own name"
            yield Fault(("agents", n, "name"), said)


def whole_faults(scenario: Scenario) -> Iterator[Fault]:
    """What is wrong between the parts of a scenario whose parts are right."""
    names = [agent.name for agent in scenario.agents]
    folded = {name.casefold() for name in names}
    for n, agent in enumerate(scenario.agents):
        for name in agent.relations:
            path: Path_ = ("agents", n, "relations", name)
            if name == agent.name:
                yield Fault(path, f"{name!r} is this agent itself")
            elif name not in names:
                yield Fault(path, f"there is no agent {name!r}: {suggest(name, names)}")
        for m, memory in enumerate(agent.memories):
            if memory.fact is not None and memory.fact not in scenario.facts:
                said = f"there is no fact {memory.fact!r}: {suggest(memory.fact, scenario.facts)}"
                yield Fault(("agents", n, "memories", m, "fact"), said)
    for n, happening in enumerate(scenario.happenings):
        if happening.to not in names:
            said = f"there is no agent {happening.to!r}: {suggest(happening.to, names)}"
            yield Fault(("happenings", n, "to"), said)
        if happening.speaker.casefold() in folded:
            said = f"{happening.speaker!r} is an agent: news comes from a voice that is none of them"
            yield Fault(("happenings", n, "speaker"), said)
        if happening.fact is not None and happening.fact not in scenario.facts:
            said = f"there is no fact {happening.fact!r}: {suggest(happening.fact, scenario.facts)}"
            yield Fault(("happenings", n, "fact"), said)
        if scenario.tick_at(happening.at, happening.day) < 1:
            said = f"{happening.at:%H:%M} is not after the start at {scenario.start:%H:%M}"
            yield Fault(("happenings", n, "at"), said)
    if not any(scenario.retrieval.weights.model_dump().values()):
        said = "all are 0, so nothing would come to mind before anything else: give one of them more"
        yield Fault(("retrieval", "weights"), said)
    yield from _whisper_faults(scenario, names)
    yield from _goal_faults(scenario)


def _goal_faults(scenario: Scenario) -> Iterator[Fault]:
    things = [lot.item for lot in scenario.auction.lots] if scenario.auction is not None else []
    for n, goal in enumerate(scenario.goals):
        try:
            goals.checked([goal], scenario.facts, things)
        except BurghError as error:
            yield Fault(("goals", n), str(error))


def _whisper_faults(scenario: Scenario, names: list[str]) -> Iterator[Fault]:
    for n, whisper in enumerate(scenario.whispers):
        here: Path_ = ("whispers", n)
        if whisper.to not in names:
            yield Fault((*here, "to"), f"there is no agent {whisper.to!r}: {suggest(whisper.to, names)}")
        if whisper.fact is not None and whisper.fact not in scenario.facts:
            said = f"there is no fact {whisper.fact!r}: {suggest(whisper.fact, scenario.facts)}"
            yield Fault((*here, "fact"), said)
        if scenario.tick_at(whisper.at, whisper.day) < 1:
            said = f"{whisper.at:%H:%M} is not after the start at {scenario.start:%H:%M}"
            yield Fault((*here, "at"), said)


def end_faults(scenario: Scenario) -> Iterator[Fault]:
    """News and inner voices that would come when the scenario is over, and its auction."""
    said: list[tuple[str, int, Happening | Whisper]] = [
        *(("happenings", n, one) for n, one in enumerate(scenario.happenings)),
        *(("whispers", n, one) for n, one in enumerate(scenario.whispers)),
    ]
    for key, n, one in said:
        if scenario.tick_at(one.at, one.day) >= scenario.until_tick:
            when = written_moment(moment_of(scenario.start, one.at, one.day))
            where = "day" if one.day > 1 else "at"
            yield Fault((key, n, where), f"{when} is not before the end at {written_moment(scenario.until)}")
    yield from auction_end_faults(scenario)


def mind_faults(scenario: Scenario, known: Iterable[str]) -> Iterator[Fault]:
    """Kinds of mind that nobody has registered."""
    known = tuple(known)
    asked = [(("agents", n, "mind", "kind"), agent.mind.kind) for n, agent in enumerate(scenario.agents)]
    for path, kind in ((("mind", "kind"), scenario.mind.kind), *asked):
        if kind is not None and kind not in known:
            yield Fault(path, f"no kind of mind is called {kind!r}: {suggest(kind, known)}")


def place_faults(scenario: Scenario, tree: PlaceTree) -> Iterator[Fault]:
    """Places that the map does not have."""
    for path, place in _places(scenario):
        try:
            tree.place(place)
        except BurghError as error:
            yield Fault(path, str(error))


def _places(scenario: Scenario) -> Iterator[tuple[Path_, str]]:
    for n, agent in enumerate(scenario.agents):
        yield ("agents", n, "home"), agent.home
        if agent.work is not None:
            yield ("agents", n, "work"), agent.work
        for m, stroke in enumerate(agent.day):
            here: Path_ = ("agents", n, "day", m)
            if stroke.place is not None:
                yield (*here, "place"), stroke.place
            for i, errand in enumerate(stroke.choices):
                yield (*here, "choices", i, "place"), errand.place
    for key, fact in scenario.facts.items():
        if fact.place is not None:
            yield ("facts", key, "place"), fact.place
    if scenario.auction is not None:
        yield ("auction", "place"), scenario.auction.place


def only_mappings(data: Json) -> list[Fault]:
    """The fault of a file that is no mapping at all."""
    return (
        [] if isinstance(data, Mapping) else [Fault((), f"{shown(data)} is not a scenario: it has no keys")]
    )
