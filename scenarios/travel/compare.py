"""Two runs compared: where they part, what differs then by agent and hour, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import ClassVar

from burgh.agents.places import spoken
from burgh.scenarios.ask.diffusion import diffusions
from burgh.scenarios.ask.past import Past, time_at
from burgh.scenarios.ask.telling import is_told, telling
from burgh.scenarios.recorded import scenario_of
from burgh.scenarios.spec import Basis, Scenario
from burgh.sim.clock import Clock
from burgh.sim.record import open_log
from burgh.sim.record.chain import canonical
from burgh.sim.types import BurghError, Event, Json
from burgh.sim.viewer import sale
from burgh.sim.viewer.scene import NO_SALE

COUNTED = ("decided", "said", "memory", "planned")
COLUMNS = ("decisions", "utterances", "memories", "plans")
SETTINGS = ("scenario", "seed", "model", "embedder")
SHOWN_CHARS = 140


@dataclass(frozen=True, slots=True)
class Parting:
    """The first difference. one, other: what each run holds there, "" where it is over."""

    tick: int
    time: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Hour:
    """What an agent did in an hour in which it differs: numbers by column, in each run."""

    hour: str
    agent: str
    one: Mapping[str, int]
    other: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """settings: what run.yaml says otherwise. first: None where all events are the same. outcomes: by title,
    rows of (name, in the one, in the other) of what differs."""

    KNOWN: ClassVar[str] = "Who knows of it"
    counted: ClassVar[tuple[str, ...]] = COLUMNS

    one: str
    other: str
    settings: Mapping[str, tuple[str, str]]
    first: Parting | None
    hours: tuple[Hour, ...]
    outcomes: Mapping[str, Sequence[tuple[str, str, str]]]

    def to_json(self) -> dict[str, Json]:
        """All of it as plain data."""
        return asdict(self)


def compare(one: Path, other: Path) -> Comparison:
    """Compares the runs in two folders. Raises BurghError where they have not the same clock, or one has not
    begun."""
    logs = open_log(one), open_log(other)
    past, later = (Past.of(log.folder, _last_tick(log.folder)) for log in logs)
    if (past.clock.start, past.clock.tick_seconds) != (later.clock.start, later.clock.tick_seconds):
        raise BurghError(f"{one} and {other} do not begin at the same time: there is nothing to compare")
    metas = [{**log.meta, "scenario": scenario_of(log).name} for log in logs]
    settings = {
        key: _told_apart(key, metas[0].get(key), metas[1].get(key))
        for key in SETTINGS
        if metas[0].get(key) != metas[1].get(key)
    }
    first = _parting(past, later)
    hours = () if first is None else tuple(_hours(past, later))
    outcomes = {} if first is None else _outcomes((past, later), [scenario_of(log) for log in logs])
    return Comparison(str(one), str(other), settings, first, hours, outcomes)


def made_no_difference(fork: Path, origin: Path, tick: int) -> bool:
    """Whether a fork goes on from a tick as the run that it is of: but for what was done to it from outside,
    event for event."""
    theirs = _afterwards(origin, tick)
    for event in _afterwards(fork, tick):
        other = next(theirs, None)
        if other is None or _content(event) != _content(other):
            return False
    return True


def _afterwards(folder: Path, tick: int) -> Iterator[Event]:
    for frame in open_log(folder).frames():
        if frame.tick >= tick:
            yield from (event for event in frame.events if event.kind not in ("intervention", "run_ended"))


def _last_tick(folder: Path) -> int:
    last = open_log(folder).last_frame
    if last is None:
        raise BurghError(f"the record in {folder} holds nothing yet: there is nothing to compare")
    return last.tick


def _told_apart(key: str, one: Json, other: Json) -> tuple[str, str]:
    """Two values of a setting: their names, and where those are the same what else is not."""
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return _named(key, one), _named(key, other)
    names = _named(key, one), _named(key, other)
    if names[0] != names[1]:
        return names
    apart = [part for part in dict.fromkeys((*one, *other)) if one.get(part) != other.get(part)]
    first, second = (", ".join(f"{part} {value.get(part)}" for part in apart) for value in (one, other))
    return f"{names[0]} ({first})", f"{names[1]} ({second})"


def _named(key: str, value: Json) -> str:
    return str(value.get(key, value.get("name", ""))) if isinstance(value, Mapping) else str(value)


def _parting(one: Past, other: Past) -> Parting | None:
    """The first event that differs, the heads and ends of the records apart."""
    ours, theirs = _story(one), _story(other)
    for index in range(max(len(ours), len(theirs))):
        mine = ours[index] if index < len(ours) else None
        yours = theirs[index] if index < len(theirs) else None
        if mine is None or yours is None or _content(mine) != _content(yours):
            tick = min(event.tick for event in (mine, yours) if event is not None)
            told = tuple(
                "" if event is None else told_of(past, event) for past, event in ((one, mine), (other, yours))
            )
            return Parting(tick, time_at(one.clock, tick), told[0], told[1])
    return None


def _story(past: Past) -> list[Event]:
    return [event for event in past.events if event.kind not in ("run_started", "run_ended")]


def _content(event: Event) -> bytes:
    return canonical([event.tick, event.kind, event.agent, dict(event.data)])


def told_of(past: Past, event: Event) -> str:
    """An event in some words."""
    data, who = event.data, event.agent or "the world"
    if event.kind == "intervention":
        text = f"from outside: {_intervention(data)}"
    elif event.kind == "model":
        text = f"{who} asks the model for {data['purpose']}"
    elif event.kind == "scene":
        names = [str(place.get("path")).rpartition(" : ")[2] for place in data.get("places", ())]
        text = f"a map of {data.get('width')} x {data.get('height')} tiles: {', '.join(names)}"
    elif is_told(event):
        text = telling(past, event).text
    else:
        fields = ", ".join(f"{key} {value}" for key, value in list(data.items())[:4])
        text = f"{who}: {event.kind} ({fields})"
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."


def _intervention(data: Mapping[str, Json]) -> str:
    """What was done to a run, as it was asked for."""
    what = data["what"]
    if what == "whisper":
        return f"an inner voice to {data['to']}: “{data['say'] or data['fact']}”"
    if what == "event":
        where = f" at the {spoken(data['place'])}" if data["place"] else ""
        return f"it happens{where}: “{data['say']}”"
    if what == "set":
        return f"{data['key']} is now {data['value']}"
    if what == "forget":
        return f"{data['to']} forgets {data['memory']}"
    if what in ("model", "seed", "until"):
        return f"{what} {data[what]}"
    rest = (
        f"{key} {value}" for key, value in data.items() if key not in ("what", "identity") and value != ""
    )
    return ", ".join([what, *rest])


def _hours(one: Past, other: Past) -> Iterator[Hour]:
    """Each agent and hour in which what it did, said, planned or remembered is not the same."""
    parts = [_by_hour(past) for past in (one, other)]
    agents = list(dict.fromkeys((*one.agents, *other.agents)))
    for hour in sorted({hour for part in parts for hour, _ in part}):
        for agent in agents:
            mine, yours = (part.get((hour, agent), []) for part in parts)
            if Counter(map(_deed, mine)) != Counter(map(_deed, yours)):
                yield Hour(_hour_said(one.clock, hour), agent, _counts(mine), _counts(yours))


def _by_hour(past: Past) -> dict[tuple[int, str], list[Event]]:
    per_hour = past.clock.ticks(60)
    kept = [event for event in past.events if event.kind in COUNTED and event.agent is not None]

    def key(event: Event) -> tuple[int, str]:
        return event.tick // per_hour, str(event.agent)

    return {found: list(events) for found, events in groupby(sorted(kept, key=key), key=key)}


def _deed(event: Event) -> bytes:
    """What was done, without the ids and scores that shift when anything before them does."""
    data = event.data
    said = data.get("text") or data.get("words") or data.get("answer") or data.get("entries")
    return canonical([event.kind, said])


def _counts(events: Sequence[Event]) -> dict[str, int]:
    found = Counter(event.kind for event in events)
    return {column: found[kind] for kind, column in zip(COUNTED, COLUMNS, strict=True)}


def _hour_said(clock: Clock, hour: int) -> str:
    return f"{time_at(clock, hour * clock.ticks(60))}"


def _outcomes(pasts: tuple[Past, Past], scenarios: Sequence[Basis]) -> dict[str, list[tuple[str, str, str]]]:
    """What came of it, where that differs: of facts, those that both scenarios have, each as it has them."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    one, other = pasts
    facts = [scenario.facts for scenario in scenarios if isinstance(scenario, Scenario)]
    if len(facts) == len(pasts):
        shared = [key for key in facts[0] if key in facts[1]]
        both = [
            diffusions(past, {key: known[key] for key in shared})
            for past, known in zip(pasts, facts, strict=True)
        ]
        pairs = list(zip(*both, strict=True))
        known = [
            (a.fact, _names(one.agent for one in a.knew), _names(one.agent for one in b.knew))
            for a, b in pairs
        ]
        came = [
            (a.fact, _names(a.attended.came), _names(b.attended.came))
            for a, b in pairs
            if a.attended is not None and b.attended is not None
        ]
        found = {Comparison.KNOWN: known, "Who came": came, "Where at the end": _places(one, other)}
    found["Money at the end"] = _purses(one, other)
    differing = {title: [row for row in rows if row[1] != row[2]] for title, rows in found.items()}
    return {title: rows for title, rows in differing.items() if rows}


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _places(one: Past, other: Past) -> list[tuple[str, str, str]]:
    def last(past: Past, agent: str) -> str:
        there = past.of_agent(agent, "placed", "arrived", "set_out")
        if not there:
            return ""
        event = there[-1]
        place = str(event.data.get("place") or event.data.get("goal") or "").partition(" : ")[2]
        return f"to {place}" if event.kind == "set_out" else place

    return [(agent, last(one, agent), last(other, agent)) for agent in one.agents]


def _purses(one: Past, other: Past) -> list[tuple[str, str, str]]:
    views = []
    for past in (one, other):
        view = NO_SALE
        for event in past.events:
            told = sale.apply(view, event)
            view = view if told is None else told[0]
        views.append({name: str(bidder.money) for name, bidder in view.bidders.items()})
    names = dict.fromkeys((*views[0], *views[1]))
    return [(name, views[0].get(name, ""), views[1].get(name, "")) for name in names]
