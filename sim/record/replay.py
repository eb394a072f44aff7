"""The recorded actions applied again to a fresh world, with no mind and no model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from burgh.sim.protocols import Intervenable, World
from burgh.sim.record.chain import Frame, canonical
from burgh.sim.record.reader import RunLog, ends_run
from burgh.sim.types import WORLD, Action, Event, Json


@dataclass(frozen=True, slots=True)
class Replay:
    """ticks: how many were applied and agreed. mismatch: the first difference, as a sentence, or None."""

    ticks: int
    mismatch: str | None


def replay(
    log: RunLog,
    make_world: Callable[[], World],
    intervened: Callable[[World, Event], World] | None = None,
) -> Replay:
    """Plays a record again in a fresh world and stops at the first tick whose world events differ.

    intervened: the world after an intervention, which may be another; without it, interventions are left to
    the world.

    Ticks without events have no frame, though the engine may have applied them. Those in which the world
    had something of its own to do come again from `next_tick`; the others, in which the engine only asked
    a mind that then did nothing, change nothing in a world that keeps its contract.
    Raises BurghError where the record has no beginning.
    """
    _ = log.started  # raises where there is no beginning
    ticks = 0
    world = make_world()
    now = -1
    for tick, recorded in _ticks(log):
        unrecorded_to = tick if recorded is None else tick - 1
        while now >= 0 and (own := _own_tick(world, now)) is not None and own <= unrecorded_to:
            if mismatch := difference(own, (), world.apply(own, {})):
                return Replay(ticks, mismatch)
            now, ticks = own, ticks + 1
        if recorded is None:
            break
        for event in recorded:
            if event.kind == "intervention":
                world = (intervened or _intervened)(world, event)
        brought = world.begin() if now < 0 else world.apply(tick, _actions(recorded))
        if mismatch := difference(tick, [event for event in recorded if event.source == WORLD], brought):
            return Replay(ticks, mismatch)
        now, ticks = tick, ticks + 1
    return Replay(ticks, None)


def _ticks(log: RunLog) -> Iterator[tuple[int, tuple[Event, ...] | None]]:
    """Each recorded tick with its events; at the end of an ended run, the tick it came to, with None."""
    frame: Frame
    for frame in log.frames():
        if not ends_run(frame):
            yield frame.tick, frame.events
        elif frame.number > 0:
            yield frame.tick, None


def _intervened(world: World, event: Event) -> World:
    if isinstance(world, Intervenable):
        world.intervene(event)
    return world


def _own_tick(world: World, now: int) -> int | None:
    own = world.next_tick(now)
    return None if own is None else max(own, now + 1)


def _actions(recorded: Iterable[Event]) -> Mapping[str, Action]:
    """What the world was given at a tick: what was decided and not refused, in the order of the record."""
    recorded = tuple(recorded)
    refused = {cause for event in recorded if event.kind == "refused" for cause in event.causes}
    actions: dict[str, Action] = {}
    for event in recorded:
        if event.kind == "decided" and event.agent is not None and event.id not in refused:
            actions[event.agent] = Action(event.agent, event.data["answer"], event.id)
    return actions


def difference(tick: int, recorded: Sequence[Event], brought: Sequence[Event]) -> str | None:
    """The first difference between what a tick brought and what it brings now, as a sentence."""
    for was, now in zip(recorded, brought, strict=False):
        if _plain(was) != _plain(now):
            return f"tick {tick}: event {was.id} ({_named(was)}) {_what_differs(was, now)}"
    if len(recorded) > len(brought):
        lost = recorded[len(brought)]
        return f"tick {tick}: event {lost.id} ({_named(lost)}) is recorded, but the world no longer brings it"
    if len(brought) > len(recorded):
        new = brought[len(recorded)]
        return f"tick {tick}: event {new.id} ({_named(new)}) is not recorded, but the world now brings it"
    return None


def _plain(event: Event) -> bytes:
    return canonical(event.to_json())


def _named(event: Event) -> str:
    return event.kind if event.agent is None else f"{event.kind} of {event.agent}"


def _what_differs(was: Event, now: Event) -> str:
    if (was.id, was.kind, was.agent) != (now.id, now.kind, now.agent):
        return f"is now {now.id} ({_named(now)})"
    if tuple(was.causes) != tuple(now.causes):
        return f"differs: its causes were {_listed(was.causes)} and are now {_listed(now.causes)}"
    missing: Json = object()
    for key in sorted({*was.data, *now.data}):
        old, new = was.data.get(key, missing), now.data.get(key, missing)
        if old is missing or new is missing:
            return f"differs: data.{key} {'is new' if old is missing else 'is gone'}"
        if canonical(old) != canonical(new):
            return f"differs: data.{key} was {_short(old)} and is now {_short(new)}"
    return "differs"


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids) or "none"


def _short(value: Json) -> str:
    text = canonical(value).decode()
    return text if len(text) <= 80 else text[:77] + "..."
