"""Planning: the day in broad strokes, from habit and from what one has promised, and what it says for now.

Errands are chosen by their scores; times come from habits. See hour.py for the pieces, react.py for what news
changes, day.py for the frame of a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from burgh.agents.day import Day, at_home, day_at
from burgh.agents.languages import listed, n_words
from burgh.agents.persona import Stroke
from burgh.agents.places import spoken
from burgh.agents.prompts import Errands, Remembered, sentence
from burgh.agents.state import Entry
from burgh.agents.turn import Turn
from burgh.memory.record import Memory
from burgh.sim.types import Json


async def plan_day(turn: Turn, causes: Sequence[str] = ()) -> None:
    """The day in broad strokes: what is promised, habits, being at home, and the night.

    Where habit leaves a choice of errands the model chooses. causes: what the plan rests on besides.
    """
    day = day_at(turn.persona, turn.clock, turn.tick)
    habits = [await _stroke(turn, stroke, day) for stroke in turn.persona.day]
    strokes = [entry for entry in (*habits, *at_home(turn, day, habits)) if entry.end > turn.tick]
    promised = [entry for entry in turn.state.plan if entry.firm and entry.end > turn.tick]
    entries = sorted((*strokes, *promised), key=lambda entry: entry.start)
    turn.state.day_ends = day.end
    turn.state.pieces = ()
    language = turn.settings.language
    strokes_ahead = (
        sentence(
            "stroke",
            language,
            time=f"{turn.clock.at(entry.start):%H:%M}",
            place=spoken(entry.place),
            activity=entry.doing[0],
        )
        for entry in entries
        if entry.start < day.end
    )
    outline = listed(strokes_ahead, "; ", language)
    memory = turn.remember(
        "plan",
        sentence("plan_day", turn.settings.language, name=turn.name, outline=outline),
        1.0,
        causes=causes,
        start=turn.tick,
        ticks=day.end - turn.tick,
    )
    kept = [memory, *(plan_memory(turn, entry, causes=(turn.state.origin[memory.id],)) for entry in strokes)]
    turn.state.meanings[memory.id] = ""
    adopt(turn, entries, "day", [turn.state.origin[one.id] for one in kept])


async def _stroke(turn: Turn, stroke: Stroke, day: Day) -> Entry:
    start = turn.clock.tick_of(datetime.combine(turn.clock.at(day.rise).date(), stroke.at))
    errand = stroke.choices[0]
    if not turn.settings.planning:
        errand = turn.rng.choice(stroke.choices)
    elif len(stroke.choices) > 1 and start + turn.clock.ticks(stroke.minutes) > turn.tick:
        language = turn.settings.language
        options = [
            f" {sentence('errand', language, activity=one.doing[0], place=spoken(one.place))}"
            for one in stroke.choices
        ]
        inputs = Errands(
            turn.name,
            turn.persona.job,
            turn.persona.first_wish,
            f"{stroke.at:%H:%M}",
            Remembered(turn.state.yesterday, turn.tick) if turn.settings.memory else "",
        )
        scores = await turn.ask.score("plan day", inputs, options)
        per_word = [score / n_words(option) for score, option in zip(scores, options, strict=True)]
        errand = stroke.choices[options.index(turn.choose(options, per_word))]
    return Entry(start, turn.clock.ticks(stroke.minutes), errand.place, errand.doing)


def plan_memory(turn: Turn, entry: Entry, *, causes: Sequence[str] = ()) -> Memory:
    """What one means to do, where, from when and for how long, as a memory; one keeps it to oneself.

    The text says nothing of the time, which stands beside it: what is done daily then reads alike.
    """
    text = sentence(
        "piece",
        turn.settings.language,
        name=turn.name,
        activity=entry.doing[0],
        place=spoken(entry.place),
    )
    memory = turn.remember(
        "plan", text, 1.0, causes=causes, place=entry.place, start=entry.start, ticks=entry.ticks
    )
    turn.state.meanings[memory.id] = ""
    return memory


def adopt(turn: Turn, entries: Sequence[Entry], changed: str, causes: Sequence[str]) -> None:
    """Makes these the plan; those that are new rest on the event that says so."""
    rising = sorted(entries, key=lambda entry: entry.start)
    listed = [written(turn, entry) for entry in rising]
    new = [n for n, entry in enumerate(rising) if not entry.event]
    data = {"entries": listed, "changed": changed, "new": new}
    event = turn.events.add("planned", turn.name, data, causes)
    turn.state.plan = tuple(entry if entry.event else replace(entry, event=event.id) for entry in rising)


def written(turn: Turn, entry: Entry) -> dict[str, Json]:
    """An entry as a `planned` event holds it; with the run's day, counted from 1, on all but the first."""
    start = turn.clock.at(entry.start)
    day = (start.date() - turn.clock.start.date()).days + 1
    return {
        "start": f"{start:%H:%M}",
        "minutes": round(turn.clock.hours(entry.ticks) * 60),
        "place": entry.place,
        "activity": entry.doing[0],
        "why": entry.memory,
        **({"day": day} if day > 1 else {}),
        **({"with": list(entry.others)} if entry.others else {}),
    }


def entry_at(plan: Sequence[Entry], tick: int, lead: int = 0) -> Entry | None:
    """What a plan says for a tick: an appointment before a stroke, and of two the later begun."""
    running = [entry for entry in plan if _begins(entry, lead) <= tick < entry.end]
    return max(running, key=lambda entry: (entry.firm, entry.start), default=None)


def current_entry(turn: Turn) -> Entry | None:
    """What the plan says for now: an appointment that is on, or for which to set out, before a stroke."""
    return entry_at(turn.state.plan, turn.tick, turn.clock.ticks(turn.settings.lead_minutes))


def next_change(turn: Turn) -> int | None:
    """The next tick at which the plan says something else."""
    lead = turn.clock.ticks(turn.settings.lead_minutes)
    edges = (edge for entry in turn.state.plan for edge in (_begins(entry, lead), entry.end))
    return min((edge for edge in edges if edge > turn.tick), default=None)


def _begins(entry: Entry, lead: int) -> int:
    return entry.start - lead if entry.firm else entry.start
