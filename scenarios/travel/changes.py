"""What can be changed in a run from outside, as it is asked for, as it is recorded, and what it does.

An intervention is an event of the engine (see `intervention` in sim/events.md). Those of the world (a
whisper, something that happens, a thing put somewhere) the world takes in itself. Those of the scenario (a
value set otherwise, another model or seed) change what the run is built from: world and minds are built anew
and take up where the old ones were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from burgh.scenarios.kinds import kind_of
from burgh.scenarios.load import ScenarioFaults, check_scenario, overridden
from burgh.scenarios.nearest import nearest, suggest
from burgh.scenarios.spec import Basis, Fact, Scenario
from burgh.scenarios.square import auction_change_fault
from burgh.scenarios.yaml import Document, parse_yaml
from burgh.sim.protocols import Intervenable, Mind, World
from burgh.sim.types import BurghError, Event, Json

OF_WORLD = ("whisper", "event", "object")
OF_SCENARIO = ("set", "seed", "model")
PERSONA = "persona"  # may be written between an agent's name and what is changed of it
# What is over once a run has begun, or on which what was recorded rests.
FIXED = ("name", "start", "until", "tick_seconds", "world", "embedder", "language", "happenings", "whispers")
FIXED_OF_AGENT = ("name", "memories", "coins", "look")
PHASES = ("memory", "reflection", "planning")  # of a mind, that each agent can have otherwise
UNREAD = {  # what nobody in a run goes by
    "description": "is for readers",
    "goals": "are what an arena judges by",
}


def parse_whisper(text: str, facts: Mapping[str, Fact] = MappingProxyType({})) -> dict[str, Json]:
    """Reads `AGENT: what the voice says`; where that is one of the facts, word for word, it is followed as
    such. Raises BurghError."""
    agent, colon, say = text.partition(":")
    if not colon or not agent.strip() or not say.strip():
        raise BurghError(f'--whisper: {text!r} cannot be read: write "AGENT: what the voice says"')
    if "@" in agent:
        raise BurghError(
            f"--whisper: {text!r} names a time, but a voice in a fork or a run under way is heard at once:"
            f' write "{agent.partition("@")[0].strip()}: what the voice says"'
        )
    said = " ".join(say.split())
    known = next((key for key, fact in facts.items() if fact.text == said), "")
    return {"what": "whisper", "to": agent.strip(), "say": said, "fact": known}


def parse_event(text: str, places: Collection[str]) -> dict[str, Json]:
    """Reads `PLACE: what happens`, or what happens everywhere. A place may be written without the town's
    name. Raises BurghError, also for what looks like the name of a place and is none."""
    names = {one: place for place in places for one in (place, place.partition(" : ")[2]) if one}
    text = text.strip()
    for written in sorted(names, key=len, reverse=True):
        if text.startswith(f"{written}:") and (say := text.removeprefix(f"{written}:").strip()):
            return {"what": "event", "say": " ".join(say.split()), "place": names[written]}
    if not text or text.removesuffix(":").strip() in names:
        raise BurghError('--event: say what happens, as in "Market Square: A bell rings."')
    begun, colon, _ = text.partition(": ")
    if colon and (near := nearest(begun, names)) is not None:
        raise BurghError(f"--event: there is no place {begun!r}: did you mean {near!r}?")
    return {"what": "event", "say": " ".join(text.split()), "place": ""}


def parse_forget(text: str) -> dict[str, Json]:
    """Reads `AGENT: memory id`, the id with or without the agent's name. Raises BurghError."""
    agent, colon, memory = (part.strip() for part in text.partition(":"))
    number = memory.removeprefix(f"{agent}:").strip()
    if not colon or not agent or not number.isdecimal():
        raise BurghError(
            f'--forget: {text!r} cannot be read: write "AGENT: 12", a number as in'
            " `burgh show RUN --agent AGENT`"
        )
    return {"what": "forget", "to": agent, "memory": f"{agent}:{int(number)}"}


def parse_set(text: str) -> dict[str, Json]:
    """Reads `agents.NAME.job=smith`, the value as in a scenario's file. Raises BurghError."""
    path, sign, written = (part.strip() for part in text.partition("="))
    if not sign or not path:
        raise BurghError(f"--set: {text!r} cannot be read: write KEY=VALUE, as in agents.Mira.job=smith")
    try:
        found = parse_yaml(f"value: {written}", "--set").data
    except BurghError as error:
        raise BurghError(f"--set: {written!r} is no value of a scenario's file: {_why(error)}") from None
    if list(found) != ["value"]:
        raise BurghError(f"--set: {written!r} is no value of a scenario's file: it is more than one line")
    return {"what": "set", "key": path, "value": found["value"]}


def _why(error: BurghError) -> str:
    """What is wrong with a value, without where it stands."""
    return re.sub(r"^--set:\d+: (?:value[^:]*: )?", "", str(error))


def changed(scenario: Basis, data: Mapping[str, Json]) -> Basis:
    """The scenario as it is after an intervention. Raises BurghError, naming the option, where it cannot
    be."""
    if data["what"] == "seed":
        return overridden(scenario, {"seed": data["seed"]})
    if data["what"] == "model":
        return overridden(scenario, {"model": data["model"]})
    if data["what"] == "set":
        return _with(scenario, data["key"], data["value"])
    return scenario


def _with(scenario: Basis, key: str, value: Json) -> Basis:
    whole = deepcopy(scenario.resolved())
    parts = key.split(".")
    if parts[0] in FIXED or parts[0] not in whole:
        can = [one for one in whole if one not in FIXED]
        known = parts[0] in whole
        why = "cannot be changed in a run that has begun" if known else "is no key of the scenario"
        raise BurghError(f"--set: {parts[0]!r} {why}: {', '.join(can)} can")
    if parts[0] in ("seed", "model"):
        raise BurghError(f"--set: the {parts[0]} is changed with --{parts[0]}")
    at: Any = whole
    for depth, part in enumerate(parts[:-1]):
        at = _inner(at, part, ".".join(parts[: depth + 1]))
    if parts[0] == "agents" and len([part for part in parts if part != PERSONA]) < 3:
        raise BurghError(f"--set: {key!r} cannot be changed: say what of an agent, as in agents.NAME.traits")
    _put(at, parts[-1], value, key)
    try:
        if whole[parts[0]] is None:  # to `overridden` that is a key that stays as it is
            return check_scenario(Document("the scenario", whole), scenario.folder)
        return overridden(scenario, {parts[0]: whole[parts[0]]})
    except ScenarioFaults as faults:
        said = faults.said[0].partition(": ")[2] or faults.said[0]
        raise BurghError(f"--set {key}: {said.removeprefix(f'{key}: ')}") from None


def check_set(before: Basis, after: Basis, data: Mapping[str, Json], tick: int) -> None:
    """Raises BurghError where a value that is set at a tick would change nothing any more."""
    key, parts = data["key"], [part for part in data["key"].split(".") if part != PERSONA]
    if parts[0] == "agents" and parts[2] in FIXED_OF_AGENT:
        raise BurghError(
            f"--set: {key!r} cannot be changed: what was given at the start ({', '.join(FIXED_OF_AGENT)}) is"
            " what the run went by (memories are given by --whisper and taken by --forget)"
        )
    if before == after:
        raise BurghError(f"--set {key}: it is so already, so that nothing would change")
    own = [getattr(getattr(agent, "mind", None), parts[-1], None) for agent in after.agents]
    if parts in (["mind", "kind"], *(["mind", phase] for phase in PHASES)) and None not in own:
        raise BurghError(
            f"--set {key}: every agent names its own, so that nothing would change: set"
            f" agents.NAME.mind.{parts[-1]}"
        )
    if not isinstance(before, Scenario) or not isinstance(after, Scenario):
        return
    if said := auction_change_fault(before, after, tick):
        raise BurghError(f"--set {key}: {said}")


def check_told(changes: Sequence[Mapping[str, Json]]) -> None:
    """Raises BurghError where all that is changed is what nobody in a run goes by. (Beside another change it
    may be needed: a goal that could no longer be met.)"""
    keys = [str(change["key"]).partition(".")[0] if change["what"] == "set" else "" for change in changes]
    if keys and all(key in UNREAD for key in keys):
        raise BurghError(f"--set: {keys[0]!r} {UNREAD[keys[0]]}: in the run nothing would change")


def _inner(at: Any, part: str, where: str) -> Any:
    if isinstance(at, list) and all(isinstance(one, dict) and "name" in one for one in at):
        names = {one["name"]: one for one in at}
        if part not in names:
            raise BurghError(f"--set: there is no agent {part!r}: {suggest(part, names)}")
        return names[part]
    if isinstance(at, list) and part.isdecimal() and int(part) < len(at):
        return at[int(part)]
    if isinstance(at, dict) and part == PERSONA and part not in at:
        return at
    if not isinstance(at, dict) or part not in at:
        known = f": {suggest(part, at)}" if isinstance(at, dict) and at else ""
        raise BurghError(f"--set: there is no {where!r}{known}")
    return at[part]


def _put(at: Any, part: str, value: Json, key: str) -> None:
    if isinstance(at, dict):
        at[part] = value  # an unknown key is a fault of the scenario, and told so
    elif isinstance(at, list) and part.isdecimal() and int(part) < len(at):
        at[int(part)] = value
    else:
        raise BurghError(f"--set: there is no {key!r}")


def check_in_world(world: World, data: Mapping[str, Json]) -> None:
    """Raises BurghError where an intervention of the world cannot be in this one."""
    if not isinstance(world, Intervenable):
        raise BurghError(f"nothing can be made to happen in this world ({world.facts.name})")
    world.check_intervention(data)


def world_after(scenario: Basis) -> Callable[[World, Event], World]:
    """For a replay: the world after each intervention of a run of the scenario, in their order."""
    now = scenario

    def intervened(world: World, event: Event) -> World:
        nonlocal now
        if event.data["what"] in OF_SCENARIO:
            now = changed(now, event.data)
            other = kind_of(now).world(now)
            other.restore(world.snapshot())
            return other
        if event.data["what"] in OF_WORLD and isinstance(world, Intervenable):
            world.intervene(event)
        return world

    return intervened


def forget(minds: Mapping[str, Mind], data: Mapping[str, Json]) -> None:
    """Takes a memory from a mind. Raises BurghError where that has none, or not this one."""
    if data["to"] not in minds:
        raise BurghError(f"there is no agent {data['to']!r}: {suggest(data['to'], minds)}")
    take = getattr(minds[data["to"]], "forget", None)
    if take is None:
        raise BurghError(f"the mind of {data['to']} keeps no memories that could be taken from it")
    take(data["memory"])
