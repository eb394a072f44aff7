"""When a text speaks of: the times of day that it names, on the day that it names.

"Tomorrow" is counted from the day on which it was said, so a memory of it stays right, and is told on in
words that are right on the day of the telling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache

from burgh.agents.clocktimes import times_in
from burgh.agents.prompts import phrases
from burgh.sim.clock import Clock, parse_time

UNKNOWN, WEEKDAY = "?", "w"


@cache
def day_words(language: str) -> Mapping[str, str]:
    """Words for days, and what each means: days from that of saying, "w0" for Mondays, "?" for another day
    that cannot be told."""
    pairs = (line.rsplit(" ", 1) for line in phrases("days", language))
    return dict(pairs)


def days_in(text: str, language: str) -> tuple[str, ...]:
    """The words for days that a text has, in its order."""
    known = day_words(language)
    pattern = "|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in known)
    return tuple(found.lower() for found in re.findall(pattern, text, re.IGNORECASE))


def day_of(text: str, said_on: date, language: str) -> date | None:
    """The day that a text speaks of: that of its saying where it names none, None where it cannot be told."""
    means = [day_words(language)[word] for word in days_in(text, language)]
    if UNKNOWN in means:
        return None
    if not means:
        return said_on
    if means[0].startswith(WEEKDAY):
        return said_on + timedelta(days=(int(means[0][1:]) - said_on.weekday()) % 7)
    return said_on + timedelta(days=int(means[0]))


def ticks_named(text: str, said: int, clock: Clock, language: str) -> list[int]:
    """The ticks of the times that a text names, which was said at a tick; none where its day is unknown."""
    day = day_of(text, clock.at(said).date(), language)
    times = times_in(text)
    if day is None:
        return []
    return [clock.tick_of(datetime.combine(day, parse_time(found))) for found in times]


def in_words_of(text: str, said_on: date, today: date, language: str) -> str:
    """A text as it is rightly said on another day: tomorrow's is then today's."""
    moved = (today - said_on).days
    by_offset = {means: word for word, means in reversed(list(day_words(language).items()))}
    for word in dict.fromkeys(days_in(text, language)) if moved else ():
        means = day_words(language)[word]
        if means == UNKNOWN or means.startswith(WEEKDAY):
            continue
        if (now := by_offset.get(str(int(means) - moved))) is not None:
            text = re.sub(re.escape(word), now, text, flags=re.IGNORECASE)
    return text
