"""Game time: ticks of a fixed length from a start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from burgh.sim.types import BurghError

DATED = re.compile(r"(?:day (\d{1,9}),?|(\d{4}-\d{2}-\d{2}))[ T]+(\S+)", re.ASCII)
NUMBERED = re.compile(r"tick +(\d{1,12})", re.ASCII)
SECONDS = re.compile(r"(.+:\d\d):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns ticks into game time and back. Tick 0 is the start, before anything has happened."""

    start: datetime
    tick_seconds: int = 10

    def at(self, tick: int) -> datetime:
        """The game time at a tick's start."""
        return self.start + timedelta(seconds=tick * self.tick_seconds)

    def tick_of(self, when: datetime) -> int:
        """The first tick that starts at or after a game time (negative before the start)."""
        return -int((self.start - when).total_seconds() // self.tick_seconds)

    def next_tick_of(self, hour_minute: time, after_tick: int = 0) -> int:
        """The first tick after `after_tick` at which the clock shows that time of day."""
        now = self.at(after_tick)
        when = now.replace(hour=hour_minute.hour, minute=hour_minute.minute, second=hour_minute.second)
        if when <= now:
            when += timedelta(days=1)
        return self.tick_of(when)

    def ticks(self, minutes: float) -> int:
        """How many ticks so many game minutes last: at least one."""
        return max(1, round(minutes * 60 / self.tick_seconds))

    def hours(self, ticks: float) -> float:
        """How many game hours so many ticks last."""
        return ticks * self.tick_seconds / 3600


def parse_time(text: str) -> time:
    """Reads "09:40" or "9:40". Raises BurghError with what would be right."""
    hour, colon, minute = text.strip().partition(":")
    digits = hour.isdecimal() and minute.isdecimal() and len(hour) <= 2 and len(minute) == 2
    if colon and digits and int(hour) < 24 and int(minute) < 60:
        return time(int(hour), int(minute))
    raise BurghError(f"{text!r} is not a time of day: write hours and minutes, as in 09:40")


def moment_named(clock: Clock, text: str, *, roll: bool = True) -> datetime:
    """Reads a moment of a run in any of its forms: "09:40", "day 2, 09:40" and "2026-05-05 09:40", each with
    seconds too, as in "09:40:30", and "tick 12".

    A bare time is the first that a clock shows; without `roll` that of the first day, which may be before
    the start. Raises BurghError with what would be right.
    """
    wanted, first = text.strip(), clock.start.date()
    try:
        if (numbered := NUMBERED.fullmatch(wanted)) is not None:
            return clock.at(int(numbered[1]))
        if (dated := DATED.fullmatch(wanted)) is None:
            when = datetime.combine(first, _to_the_second(wanted))
            return when + timedelta(days=1) if roll and when < clock.start else when
        number, date, hour_minute = dated.groups()
        if number and not int(number):
            raise ValueError
        day = first + timedelta(days=int(number) - 1) if number else datetime.fromisoformat(date).date()
    except (ValueError, OverflowError):
        raise BurghError(
            f"{text!r} names no day: write a time as in 09:40, day 2, 09:40 or {first} 09:40, or tick 12"
        ) from None
    return datetime.combine(day, _to_the_second(hour_minute))


def is_bare(text: str) -> bool:
    """Whether a moment is named by a time of day alone."""
    return not DATED.fullmatch(text.strip()) and not NUMBERED.fullmatch(text.strip())


def _to_the_second(text: str) -> time:
    """A time of day, with seconds where there are some."""
    found = SECONDS.fullmatch(text.strip())
    return parse_time(text) if found is None else parse_time(found[1]).replace(second=int(found[2]))
