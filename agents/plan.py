"""Planning: the day in broad strokes, the next hour in pieces, and what news changes.

Errands, activities and destinations are chosen by their scores; times come from habits and from the news.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import time

from burgh.agents.perceive import rate
from burgh.agents.persona import Stroke
from burgh.agents.places import destinations, mentioned, spoken
from burgh.agents.prompts import Doing, Errands, Whereabouts, phrases
from burgh.agents.state import Entry, Piece
from burgh.agents.turn import Turn
from burgh.memory.record import Memory
from burgh.sim.clock import parse_time
from burgh.sim.types import Json

NEWS = ("speech", "whisper")  # the kinds of memory that can change a plan
TIME_OF_DAY = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b")


async def plan_day(turn: Turn) -> None:
    """The day in broad strokes, from habit; where habit leaves a choice of errands the model chooses."""
    entries = [await _stroke(turn, stroke) for stroke in turn.persona.day]
    entries = [entry for entry in entries if entry.end > turn.tick]
    if not entries:
        return
    outline = "; ".join(
        f"{turn.clock.at(entry.start):%H:%M} {spoken(entry.place)} ({entry.doing[0]})" for entry in entries
    )
    text = f"{turn.name}'s plan for the day: {outline}."
    memory = turn.remember("plan", text, 1.0)
    turn.state.meanings[memory.id] = ""
    _adopt(turn, entries, "day", (turn.state.origin[memory.id],))


async def _stroke(turn: Turn, stroke: Stroke) -> Entry:
    start = _tick_of(turn, stroke.at)
    errand = stroke.choices[0]
    if not turn.settings.planning:
        errand = turn.rng.choice(stroke.choices)
    elif len(stroke.choices) > 1:
        options = [f" {one.doing[0]} at the {spoken(one.place)}" for one in stroke.choices]
        inputs = Errands(turn.name, turn.persona.job, turn.persona.first_wish, f"{stroke.at:%H:%M}")
        scores = await turn.ask.score("plan day", inputs, options)
        per_word = [score / len(option.split()) for score, option in zip(scores, options, strict=True)]
        errand = stroke.choices[options.index(turn.choose(options, per_word))]
    return Entry(start, turn.clock.ticks(stroke.minutes), errand.place, errand.doing)


def _tick_of(turn: Turn, when: time) -> int:
    """The tick at which today's clock shows this time; before the present for what is over."""
    now = turn.observation.time
    return turn.clock.tick_of(now.replace(hour=when.hour, minute=when.minute, second=0))


async def plan_hour(turn: Turn, entry: Entry) -> None:
    """Fills the next hour of an entry with pieces, by the scores of what one may do there."""
    left = min(entry.end - turn.tick, turn.clock.ticks(60))
    if len(set(entry.doing)) == 1:
        turn.state.pieces = (Piece(entry.doing[0], left),)
        return
    before = turn.state.doing
    inputs = Doing(turn.name, turn.persona.job, turn.hour_minute, spoken(entry.place), before)
    options = [f" {activity}" for activity in entry.doing]
    scores: Sequence[float] = [0.0] * len(options)  # all alike, where habit alone decides
    if turn.settings.planning:
        scores = await turn.ask.score("plan hour", inputs, options)
    per_word = {
        option.strip(): score / len(option.split()) for option, score in zip(options, scores, strict=True)
    }
    pieces: list[Piece] = []
    while left > 0:
        others = [activity for activity in entry.doing if activity != before]
        before = turn.choose(others, [per_word[activity] for activity in others])
        minutes = turn.rng.randrange(turn.settings.piece_minutes[0], turn.settings.piece_minutes[1] + 1, 5)
        ticks = min(left, turn.clock.ticks(minutes))
        pieces.append(Piece(before, ticks))
        left -= ticks
    turn.state.pieces = tuple(pieces)
    starts = turn.tick
    written = []
    for piece in pieces:
        written.append(
            _written(turn, replace(entry, start=starts, ticks=piece.ticks, doing=(piece.activity,)))
        )
        starts += piece.ticks
    causes = (entry.event,) if entry.event else ()
    data = {"entries": written, "changed": "hour", "new": list(range(len(written)))}
    turn.events.add("planned", turn.name, data, causes)


async def revise(turn: Turn) -> None:
    """Thinks over the news of this step that names a time still to come: does it change where to be then?"""
    for memory, _ in tuple(turn.made):
        meaning = turn.state.meanings.get(memory.id, "")
        root = memory.fact or memory.id
        if memory.kind not in NEWS or not meaning or root in turn.state.considered:
            continue
        start = _time_named(turn, meaning)
        if start is not None:
            turn.state.considered.add(root)
            await _consider(turn, memory, meaning, start)


def _time_named(turn: Turn, meaning: str) -> int | None:
    """The first tick still to come at which today's clock shows a time that the news names.

    None for news of another day.
    """
    words = {word.strip(".,;:!?'\"").lower() for word in meaning.split()}
    if words & set(phrases("otherdays", turn.settings.language)):
        return None
    ticks = (_tick_of(turn, parse_time(found)) for found in TIME_OF_DAY.findall(meaning))
    return next((tick for tick in ticks if tick > turn.tick), None)


def is_over(turn: Turn, meaning: str) -> bool:
    """Whether all the times of today that a text names have passed: such news is stale."""
    words = {word.strip(".,;:!?'\"").lower() for word in meaning.split()}
    times = TIME_OF_DAY.findall(meaning)
    if not times or words & set(phrases("otherdays", turn.settings.language)):
        return False
    return all(_tick_of(turn, parse_time(found)) <= turn.tick for found in times)


async def _consider(turn: Turn, memory: Memory, meaning: str, start: int) -> None:
    """Scores each place given the news against the same without it: what the news speaks for."""
    there = _entry_at(turn.state.plan, start)
    planned = there.place if there else turn.persona.home
    places = _known_places(turn, meaning)
    options = [f" {spoken(path)}" for path in places]
    when = f"{turn.clock.at(start):%H:%M}"
    contexts = [
        Whereabouts(turn.name, turn.persona.job, turn.persona.first_wish, when, heard)
        for heard in (meaning, "")
    ]
    given, neutral = await turn.ask.score_all("react", contexts, options)
    gains = {spoken(path): after - before for path, after, before in zip(places, given, neutral, strict=True)}
    best = max(places, key=lambda path: gains[spoken(path)])
    gain = gains[spoken(best)] - gains.get(spoken(planned), 0.0)
    if spoken(best) == spoken(planned) or gain < turn.settings.react_margin:
        return
    text = f"{turn.name} plans to be at the {spoken(best)} at {when}."
    (importance,) = await rate(turn, [text])
    plan = turn.remember(
        "plan",
        text,
        importance,
        causes=(turn.state.origin[memory.id],),
        evidence=(memory.id,),
        fact=memory.fact,
    )
    turn.state.meanings[plan.id] = ""
    visit = Entry(
        start,
        turn.clock.ticks(turn.settings.visit_minutes),
        best,
        phrases("visiting", turn.settings.language),
        memory=memory.id,
        firm=True,
    )
    causes = (turn.state.origin[plan.id], turn.state.origin[memory.id])
    _adopt(turn, [*turn.state.plan, visit], "revised", causes)


def _known_places(turn: Turn, meaning: str) -> list[str]:
    """One path for each building or area of the agent's own plan, its home, and those the news names."""
    everywhere = destinations(turn.observation.spec)
    own = [turn.persona.home, *(entry.place for entry in turn.state.plan)]
    paths: dict[str, str] = {}
    for path in (*own, *mentioned(everywhere, meaning)):
        paths.setdefault(spoken(path), path)
    return list(paths.values())


def _adopt(turn: Turn, entries: Sequence[Entry], changed: str, causes: Sequence[str]) -> None:
    """Makes these the plan; those that are new rest on the event that says so."""
    rising = sorted(entries, key=lambda entry: entry.start)
    written = [_written(turn, entry) for entry in rising]
    new = [n for n, entry in enumerate(rising) if not entry.event]
    data = {"entries": written, "changed": changed, "new": new}
    event = turn.events.add("planned", turn.name, data, causes)
    turn.state.plan = tuple(entry if entry.event else replace(entry, event=event.id) for entry in rising)


def _written(turn: Turn, entry: Entry) -> dict[str, Json]:
    return {
        "start": f"{turn.clock.at(entry.start):%H:%M}",
        "minutes": round(turn.clock.hours(entry.ticks) * 60),
        "place": entry.place,
        "activity": entry.doing[0],
        "why": entry.memory,
    }


def _entry_at(plan: Sequence[Entry], tick: int, lead: int = 0) -> Entry | None:
    """What a plan says for a tick: an appointment before a stroke, and of two the later begun."""
    running = [entry for entry in plan if _begins(entry, lead) <= tick < entry.end]
    return max(running, key=lambda entry: (entry.firm, entry.start), default=None)


def current_entry(turn: Turn) -> Entry | None:
    """What the plan says for now: an appointment that is on, or for which to set out, before a stroke."""
    return _entry_at(turn.state.plan, turn.tick, turn.clock.ticks(turn.settings.lead_minutes))


def next_change(turn: Turn) -> int | None:
    """The next tick at which the plan says something else."""
    lead = turn.clock.ticks(turn.settings.lead_minutes)
    edges = (edge for entry in turn.state.plan for edge in (_begins(entry, lead), entry.end))
    return min((edge for edge in edges if edge > turn.tick), default=None)


def _begins(entry: Entry, lead: int) -> int:
    return entry.start - lead if entry.firm else entry.start
