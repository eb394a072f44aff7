"""The frame of a day: when one gets up and goes to bed, and what one does at home besides habits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from burgh.agents.persona import Persona
from burgh.agents.places import SEPARATOR, destinations
from burgh.agents.prompts import phrases
from burgh.agents.state import Entry
from burgh.agents.turn import Turn
from burgh.sim.clock import Clock

RISES = 6 * 60 + 30  # minutes after midnight, of one without habits
BEFORE_WORK = 30  # minutes between getting up and the first habit of a day
RETIRES = 21 * 60 + 30  # minutes after midnight, at the earliest
LEAST_AT_HOME = 20  # minutes that are worth a stroke of their own
MORNING = 60  # minutes after getting up
EVENING = 150  # minutes before bed
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Day:
    """From getting up to getting up on the morrow, in ticks. bed: when one goes to bed."""

    rise: int
    bed: int
    end: int


def day_at(persona: Persona, clock: Clock, tick: int) -> Day:
    """The day that a tick falls on, which goes on until one gets up again."""
    rise, bed = rhythm(persona)
    now = clock.at(tick)
    midnight = datetime.combine(now.date(), time())
    if now < midnight + timedelta(minutes=max(0, bed - DAY)):  # still up, of the day before
        midnight -= timedelta(days=1)
    rises, retires, ends = (
        clock.tick_of(midnight + timedelta(minutes=minutes)) for minutes in (rise, bed, rise + DAY)
    )
    return Day(rises, min(retires, ends), ends)


def rhythm(persona: Persona) -> tuple[int, int]:
    """When somebody gets up and goes to bed, in minutes after the midnight that begins the day.

    As the persona says; else half an hour before the first habit, and after the last, but not early.
    """
    starts = [_minutes(stroke.at) for stroke in persona.day]
    ends = [start + stroke.minutes for start, stroke in zip(starts, persona.day, strict=True)]
    rise = max(0, starts[0] - BEFORE_WORK) if starts else RISES
    if persona.rises is not None:
        rise = _minutes(persona.rises)
    bed = max([RETIRES, *ends])
    if persona.retires is not None:
        bed = _minutes(persona.retires)
        bed += DAY if bed <= rise else 0
    return rise, min(bed, rise + DAY)


def _minutes(when: time) -> int:
    return when.hour * 60 + when.minute


def at_home(turn: Turn, day: Day, habits: Sequence[Entry]) -> list[Entry]:
    """What fills the day before the first habit and after the last, and the night."""
    up = day.rise + turn.clock.ticks(MORNING)
    evening = day.bed - turn.clock.ticks(EVENING)
    first = min((entry.start for entry in habits), default=evening)
    last = max((entry.end for entry in habits), default=evening)
    spans = (
        ("morning", day.rise, min(up, first)),
        ("day", up, first),
        ("day", last, evening),
        ("evening", max(last, evening), day.bed),
    )
    home = turn.persona.home
    found = [
        Entry(start, end - start, home, doings(part, turn.settings.language), kind="home")
        for part, start, end in spans
        if end - start >= turn.clock.ticks(LEAST_AT_HOME)
    ]
    return [*found, *_nights(turn, day)]


def _nights(turn: Turn, day: Day) -> Iterable[Entry]:
    """The rest of the night before, where it is still night, and the night after."""
    asleep = doings("night", turn.settings.language)
    for start, end in ((turn.tick, day.rise), (day.bed, day.end)):
        if end > start:
            yield Entry(start, end - start, bedroom(turn), asleep, kind="night")


def doings(part: str, language: str) -> tuple[str, ...]:
    """What one does at home in a part of the day."""
    pairs = (line.split(": ", 1) for line in phrases("athome", language))
    return tuple(doing for when, doing in pairs if when == part)


def bedroom(turn: Turn) -> str:
    """Where somebody sleeps: in the home's bedroom, where the map has one, else at home."""
    home = turn.persona.home
    building = SEPARATOR.join(home.split(SEPARATOR)[:2]) + SEPARATOR
    words = phrases("bedrooms", turn.settings.language)
    rooms = (
        path
        for path in destinations(turn.observation.spec)
        if path.startswith(building) and any(word in path.rsplit(SEPARATOR, 1)[-1].lower() for word in words)
    )
    return next(rooms, home)


def minutes_of(clock: Clock, ticks: int) -> int:
    """Whole minutes that hold so many ticks."""
    return math.ceil(clock.hours(ticks) * 60 - 1e-9)
