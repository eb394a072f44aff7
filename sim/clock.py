"""Game time: ticks of a fixed length from a start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from burgh.sim.types import BurghError


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
