"""Acting: from what the plan says for now to one action in the world."""

from __future__ import annotations

import math

from burgh.agents.day import minutes_of
from burgh.agents.hour import plan_hour
from burgh.agents.places import SEPARATOR, options_of, spoken
from burgh.agents.plan import current_entry, next_change
from burgh.agents.prompts import phrases
from burgh.agents.state import Entry
from burgh.agents.turn import Turn
from burgh.sim.spec import ToolCall, clean_text
from burgh.sim.types import Action, Json

MOST_MINUTES = 240
SLEEP = (10, 600)  # minutes, in steps of ten
MOST_CHARS = 96  # of an activity
AS_GOOD = 0.08  # things whose cosine with an activity is so near the best one's fit it as well
AGAIN_MINUTES = 2  # after a way was blocked


async def go_on(turn: Turn) -> Action | None:
    """Goes where the plan says, or does the next piece of it; None where that is under way."""
    entry = current_entry(turn)
    state = turn.observation.state
    if entry is not None and state["place"] != entry.place:
        if state["goal"] == entry.place:
            return None
        if any(one.data.get("kind") == "blocked" for one in turn.observation.percepts):
            return _wait(turn, AGAIN_MINUTES, "the way is blocked", _causes(turn, entry))
        turn.state.pieces = ()
        why = f"the plan says {spoken(entry.place)} at {turn.clock.at(entry.start):%H:%M}"
        go = {"tool": "go", "arguments": {"place": entry.place}}
        return turn.decide(go, why, (*_reminded(turn, entry), *_causes(turn, entry)))
    woken = bool(state.get("asleep")) and entry is not None and entry.kind != "night"
    if not turn.observation.free and not woken:
        return None
    if entry is None:
        return _wait(turn, _minutes_until_change(turn), "there is nothing planned", ())
    if turn.tick < entry.start:
        minutes = max(1, round(turn.clock.hours(entry.start - turn.tick) * 60))
        return _wait(turn, minutes, f"it is not yet {turn.clock.at(entry.start):%H:%M}", _causes(turn, entry))
    if entry.kind == "night":
        return _sleep(turn, entry)
    return await _do_next(turn, entry)


async def _do_next(turn: Turn, entry: Entry) -> Action:
    pieces = turn.state.pieces
    if not pieces or pieces[0].activity not in entry.doing:  # none left, or left over from before
        await plan_hour(turn, entry)
    piece, *rest = turn.state.pieces
    turn.state.pieces = tuple(rest)
    turn.state.doing = piece.activity
    minutes = turn.clock.hours(piece.ticks) * 60
    causes = _causes(turn, entry)
    if piece.memory in turn.state.stream:  # which rests on what planned the entry
        causes = (turn.state.origin[piece.memory], *(one for one in causes if one != entry.event))
    objects = options_of(turn.observation.spec, "use", "object")
    if not objects:
        return _wait(turn, round(minutes), piece.activity, causes)
    things = turn.embedder.embed([_thing(path, turn.settings.language) for path in objects])
    likeness = things @ turn.embedder.embed([piece.activity])[0]  # (n_objects,)
    fitting = [path for path, one in zip(objects, likeness, strict=True) if one >= likeness.max() - AS_GOOD]
    arguments = {
        "object": turn.rng.choice(fitting),
        "activity": clean_text(piece.activity, MOST_CHARS),
        "minutes": min(MOST_MINUTES, max(5, 5 * round(minutes / 5))),
    }
    return turn.decide({"tool": "use", "arguments": arguments}, f"the plan says {piece.activity}", causes)


def _reminded(turn: Turn, entry: Entry) -> tuple[str, ...]:
    """In time to walk there, an appointment comes to mind: the event that says so."""
    if not entry.firm or entry.kind == "reaction":
        return ()
    if entry.memory in turn.state.stream:
        turn.state.stream.touch((entry.memory,), turn.tick)
    start = f"{turn.clock.at(entry.start):%H:%M}"
    data = {"place": entry.place, "start": start, "with": list(entry.others), "memory": entry.memory}
    return (turn.events.add("reminded", turn.name, data, _causes(turn, entry)).id,)


def _sleep(turn: Turn, entry: Entry) -> Action:
    """Sleeps as long as the night lasts: its mind wakes it where that is no whole number of ten minutes."""
    minutes = minutes_of(turn.clock, entry.end - turn.tick)
    if not _has(turn, "sleep"):
        return _wait(turn, minutes, entry.doing[0], _causes(turn, entry))
    asleep = max(SLEEP[0], min(SLEEP[1], math.ceil(minutes / 10) * 10))
    answer: Json = {"tool": "sleep", "arguments": {"minutes": asleep}}
    return turn.decide(answer, f"the plan says {entry.doing[0]}", _causes(turn, entry))


def _has(turn: Turn, tool: str) -> bool:
    spec = turn.observation.spec
    return isinstance(spec, ToolCall) and tool in spec.tools


def _thing(path: str, language: str) -> str:
    """An object by its name and what it is for: "well: fetching water"."""
    name = path.rsplit(SEPARATOR, 1)[-1].lower()
    uses = dict(line.split(": ", 1) for line in phrases("things", language))
    use = uses.get(name.split()[-1]) or next((uses[one] for one in uses if name.endswith(one)), None)
    return f"{name}: {use}" if use else name


def _causes(turn: Turn, entry: Entry) -> tuple[str, ...]:
    """The event that planned an entry, and the memory that it comes from."""
    memory = (turn.state.origin[entry.memory],) if entry.memory else ()
    return ((entry.event,) if entry.event else ()) + memory


def _minutes_until_change(turn: Turn) -> int:
    change = next_change(turn)
    if change is None:
        return MOST_MINUTES
    return max(1, min(MOST_MINUTES, round(turn.clock.hours(change - turn.tick) * 60)))


def _wait(turn: Turn, minutes: int, why: str, causes: tuple[str, ...]) -> Action:
    answer: Json = {"tool": "wait", "arguments": {"minutes": max(1, min(MOST_MINUTES, minutes))}}
    return turn.decide(answer, why, causes)
