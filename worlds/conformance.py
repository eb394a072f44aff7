"""Holds any world to the contract of sim/protocols.py: `check_world(lambda: MyWorld(seed=7))`.

Random agents who only answer what is legal live in fresh copies of the world; what is promised in the
contract is then compared: equal runs, snapshots, observations without side effects, ticks passed over,
and the facts that the world declares about itself. The first breach is named in one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from burgh.sim.protocols import World
from burgh.sim.rng import stream
from burgh.sim.spec import InvalidAnswer
from burgh.sim.types import WORLD, Action, Event, Json, Observation

Make = Callable[[], World]
WHIM = 0.08  # how often an agent acts though it need not: minds may wake by themselves
ANSWER = 0.9  # how often a free agent does something rather than nothing
LONGEST_NAP_TICKS = 12  # no mind in the check sleeps longer than this between two ticks


class ConformanceError(AssertionError):
    """A promise of the World contract that a world breaks: which one, where, and what would be right."""


@dataclass
class _Run:
    """What happened in one copy of the world: events, actions and next ticks by tick."""

    events: dict[int, tuple[Event, ...]] = field(default_factory=dict)
    actions: dict[int, dict[str, Action]] = field(default_factory=dict)
    observed: dict[int, Json] = field(default_factory=dict)


def check_world(make: Make, ticks: int = 200, seed: int = 0) -> None:
    """Raises ConformanceError, one sentence, for the first promise that the world breaks.

    make: gives a fresh world, the same each time. ticks: how far each copy is run. seed: for the
    random agents (not for the world).
    """
    world = make()
    _check_facts(world)
    first = _Run()
    _live(world, first, ticks, seed)
    _check_same_again(make, first)
    _check_order_of_actions(make, first)
    _check_snapshot(make, first, ticks)
    _check_nothing_passed_over(make, first, ticks)
    _check_idle(make, ticks)


def _fail(sentence: str) -> NoReturn:
    raise ConformanceError(sentence)


def _check_facts(world: World) -> None:
    facts, agents = world.facts, world.agents
    least, most = facts.players
    if len(set(agents)) != len(agents):
        _fail(f"two agents of the world {facts.name!r} have one name: {', '.join(agents)}")
    if not least <= len(agents) <= most:
        _fail(f"the world {facts.name!r} declares {least} to {most} players and has {len(agents)}")


def _live(world: World, run: _Run, ticks: int, seed: int) -> None:
    """Random legal lives up to a tick, all single steps of them checked; kept in `run`."""
    known: set[str] = set()
    run.events[0] = _checked_events(world, 0, world.begin(), known)
    totals = _totals(world)
    _observed(world, 0)
    tick, wake = 0, 1
    while (tick := _next(world, tick, wake)) <= ticks:
        observations = _observed(world, tick)
        actions = _choose(observations, tick, seed)
        run.observed[tick] = _plain(observations)
        run.actions[tick] = actions
        known.update(action.id for action in actions.values())
        run.events[tick] = _checked_events(world, tick, world.apply(tick, actions), known)
        if _totals(world) != totals:
            _fail(
                f"tick {tick}: the totals were {totals} and are {_totals(world)}, though declared conserved"
            )
        wake = tick + stream(seed, "wake", "", tick).randint(1, LONGEST_NAP_TICKS)


def _next(world: World, tick: int, wake: int) -> int:
    """The next tick to visit: the world's own or, where a mind wakes sooner, that one."""
    upcoming = world.next_tick(tick)
    if upcoming is not None and upcoming <= tick:
        _fail(f"tick {tick}: next_tick says {upcoming}, which is not after it")
    if world.next_tick(tick) != upcoming:
        _fail(f"tick {tick}: next_tick gives two answers when asked twice")
    return max(tick + 1, wake if upcoming is None else min(upcoming, wake))


def _choose(observations: Mapping[str, Observation], tick: int, seed: int) -> dict[str, Action]:
    actions = {}
    for name, observation in observations.items():
        rng = stream(seed, "conformance", name, tick)
        if rng.random() >= (ANSWER if observation.free else WHIM):
            continue
        answer = observation.spec.sample(rng)
        try:
            observation.spec.validate(answer)
        except InvalidAnswer as error:
            _fail(f"tick {tick}: the spec of {name} refuses its own sample: {error}")
        actions[name] = Action(name, answer, f"{tick}.{name}.0")
    return actions


def _observed(world: World, tick: int) -> Mapping[str, Observation]:
    """What is observed, after checking that looking changes nothing and that all of it is there."""
    before = _snapshot(world, tick)
    observations = world.observe(tick)
    again = world.observe(tick)
    if _plain(observations) != _plain(again):
        _fail(f"tick {tick}: two observations in a row differ")
    if _snapshot(world, tick) != before:
        _fail(f"tick {tick}: observe changes the world: its snapshot is another afterwards")
    if tuple(observations) != world.agents:
        _fail(
            f"tick {tick}: observe names {tuple(observations)}, not the agents {world.agents} in their order"
        )
    for name, observation in observations.items():
        if (observation.agent, observation.tick) != (name, tick):
            _fail(f"tick {tick}: the observation of {name} says {observation.agent}, tick {observation.tick}")
    return observations


def _checked_events(world: World, tick: int, events: Sequence[Event], known: set[str]) -> tuple[Event, ...]:
    """Events of a tick, after checking their ids, agents, causes and data. known: all ids until now."""
    for event in events:
        parts = event.id.split(".")
        if len(parts) != 3 or parts[:2] != [str(tick), WORLD] or not parts[2].isdecimal():
            _fail(f"tick {tick}: the event id {event.id!r} is not of the form '{tick}.{WORLD}.n'")
        if event.id in known:
            _fail(f"tick {tick}: the event id {event.id!r} is given twice")
        if event.agent is not None and event.agent not in world.agents:
            _fail(f"tick {tick}: the event {event.id} happens to {event.agent!r}, who is no agent")
        lost = next((cause for cause in event.causes if cause not in known), None)
        if lost is not None:
            _fail(f"tick {tick}: the event {event.id} ({event.kind}) is caused by {lost!r}, which is unknown")
        unplain = _unplain(event.data, "data")
        if unplain:
            _fail(f"tick {tick}: the event {event.id} ({event.kind}) cannot be recorded: {unplain}")
        known.add(event.id)
    return tuple(events)


def _unplain(value: Json, where: str) -> str:
    """What in a value is not plain data without floats, or ""."""
    if value is None or isinstance(value, bool | int | str):
        return ""
    if isinstance(value, float):
        return f"{where} is the float {value}: write fixed({value})"
    if isinstance(value, Mapping):
        odd = next((key for key in value if not isinstance(key, str)), None)
        if odd is not None:
            return f"{where} has the key {odd!r}, which is no text"
        return _first(_unplain(item, f"{where}.{key}") for key, item in value.items())
    if isinstance(value, list | tuple):
        return _first(_unplain(item, f"{where}[{number}]") for number, item in enumerate(value))
    return f"{where} is of type {type(value).__name__}"


def _first(sentences: Iterable[str]) -> str:
    return next((sentence for sentence in sentences if sentence), "")


def _snapshot(world: World, tick: int) -> str:
    """The snapshot as text, after checking that it is plain json."""
    state = world.snapshot()
    try:
        text = json.dumps(state, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        _fail(f"tick {tick}: the snapshot is not plain json: {error}")
    if json.loads(text) != state:
        _fail(f"tick {tick}: the snapshot comes back from json as another: keep to lists and text keys")
    return text


def _totals(world: World) -> dict[str, Json]:
    names = world.facts.conserved
    if not names:
        return {}
    totals = world.snapshot().get("totals", {})
    missing = [name for name in names if name not in totals]
    if missing:
        _fail(f"the world declares {missing[0]!r} conserved, but its snapshot has no such total")
    return {name: totals[name] for name in names}


def _plain(observations: Mapping[str, Observation]) -> Json:
    return {
        name: [
            seen.time.isoformat(),
            [[p.event, p.kind, p.text, list(p.agents), dict(p.data)] for p in seen.percepts],
            repr(seen.spec),
            seen.free,
            list(seen.near),
            dict(seen.state),
        ]
        for name, seen in observations.items()
    }


def _compare(what: str, tick: int, expected: Sequence[Event], found: Sequence[Event]) -> None:
    for one, other in zip(expected, found, strict=False):
        if one != other:
            _fail(
                f"{what}: at tick {tick} the event {one.id} is {one.kind} {one.data!r}, then {other.data!r}"
            )
    if len(expected) != len(found):
        _fail(f"{what}: tick {tick} has {len(expected)} events, then {len(found)}")


def _rerun(world: World, run: _Run, what: str, after: int, *, reverse: bool = False) -> None:
    """The same actions in another copy must give the same observations and events after a tick."""
    for tick, actions in run.actions.items():
        if tick <= after:
            continue
        if _plain(world.observe(tick)) != run.observed[tick]:
            _fail(f"{what}: at tick {tick} the agents observe something else")
        given = dict(reversed(actions.items())) if reverse else actions
        _compare(what, tick, run.events[tick], world.apply(tick, given))


def _check_same_again(make: Make, first: _Run) -> None:
    world = make()
    what = "two fresh worlds given the same actions differ"
    _compare(what, 0, first.events[0], world.begin())
    _rerun(world, first, what, after=0)


def _check_order_of_actions(make: Make, first: _Run) -> None:
    world = make()
    world.begin()
    _rerun(world, first, "the order in which actions are handed over shows", after=0, reverse=True)


def _check_snapshot(make: Make, first: _Run, ticks: int) -> None:
    """A snapshot, once through json, restored into a fresh world: both go on alike ever after."""
    world = make()
    world.begin()
    for tick, actions in first.actions.items():
        if tick > ticks // 2:
            break
        world.observe(tick)
        world.apply(tick, actions)
    half = max((tick for tick in first.actions if tick <= ticks // 2), default=0)
    state = world.snapshot()
    written = _snapshot(world, half)
    restored = make()
    restored.restore(json.loads(written))
    if _snapshot(restored, half) != written:
        _fail(f"tick {half}: a restored world gives another snapshot than the one it was restored from")
    if restored.next_tick(half) != world.next_tick(half):
        _fail(f"tick {half}: a restored world has another next_tick than the one it was restored from")
    _rerun(restored, first, "a restored world goes on otherwise", after=half)
    _rerun(world, first, "a world that was asked for a snapshot goes on otherwise", after=half)
    if json.dumps(state, sort_keys=True) != written:
        _fail(f"tick {half}: the snapshot changes when the world goes on: it shares lists with the world")


def _check_nothing_passed_over(make: Make, first: _Run, ticks: int) -> None:
    """A copy that visits every tick must have events only where the first run looked."""
    world = make()
    world.begin()
    what = "a run of every tick differs from one that follows next_tick"
    for tick in range(1, ticks + 1):
        if tick in first.actions and _plain(world.observe(tick)) != first.observed[tick]:
            _fail(f"{what}: at tick {tick} the agents observe something else")
        events = world.apply(tick, first.actions.get(tick, {}))
        if tick in first.events:
            _compare(what, tick, first.events[tick], events)
        elif events:
            _fail(f"next_tick passes over tick {tick}, in which {events[0].kind} happens")


def _check_idle(make: Make, ticks: int) -> None:
    """Nobody ever acts: the world must bear it."""
    world = make()
    known: set[str] = set()
    _checked_events(world, 0, world.begin(), known)
    totals = _totals(world)
    tick = 0
    while (upcoming := world.next_tick(tick)) is not None and upcoming <= ticks:
        tick = upcoming
        _checked_events(world, tick, world.apply(tick, {}), known)
    if _totals(world) != totals:
        _fail(f"the totals were {totals} and are {_totals(world)} at tick {tick}, though nobody acted")
