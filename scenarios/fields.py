"""The fields that scenarios are made of, strict: what each takes, and how it is written."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from burgh.sim.clock import Clock, parse_time
from burgh.sim.types import ENGINE, WORLD, BurghError

DATED = re.compile(r"(?:day (\d+),?|(\d{4}-\d{2}-\d{2}))[ T]+(\S+)")
SECONDS = re.compile(r"(.+:\d\d):([0-5]\d)")
STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def as_time(value: object) -> object:
    if isinstance(value, time):
        return value
    try:
        return parse_time(str(value))
    except BurghError as error:
        raise ValueError(str(error)) from None


def as_moment(value: object) -> object:
    if isinstance(value, datetime):
        return value
    text = str(value).strip()
    try:
        if not re.fullmatch(r"[12]\d{3}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", text, re.ASCII):
            raise ValueError
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{value!r} is not a date and time: write it as 2026-05-04 06:00") from None


def written_moment(moment: datetime) -> str:
    """A date and time as scenarios write it: seconds only where there are some."""
    return moment.isoformat(sep=" ", timespec="seconds" if moment.second else "minutes")


def moment_of(start: datetime, at: time, day: int) -> datetime:
    """A time of day on a day of what starts then, counted from 1."""
    return datetime.combine(start.date() + timedelta(days=day - 1), at)


def moment_named(clock: Clock, at: str) -> datetime:
    """Reads "09:40" (the first time that a clock shows it), "day 2, 09:40" and "2026-05-05 09:40"; each with
    seconds too, as in "09:40:30"."""
    first = clock.start.date()
    if (found := DATED.fullmatch(at.strip())) is None:
        when = datetime.combine(first, _to_the_second(at))
        return when if when >= clock.start else when + timedelta(days=1)
    number, date, hour_minute = found.groups()
    try:
        day = first + timedelta(days=int(number) - 1) if number else datetime.fromisoformat(date).date()
    except (ValueError, OverflowError):
        raise BurghError(
            f"{at!r} names no day: write a time as in 09:40, day 2, 09:40 or {first} 09:40"
        ) from None
    return datetime.combine(day, _to_the_second(hour_minute))


def _to_the_second(text: str) -> time:
    """A time of day, with seconds where there are some."""
    found = SECONDS.fullmatch(text.strip())
    return parse_time(text) if found is None else parse_time(found[1]).replace(second=int(found[2]))


def minutes_of_day(at: time) -> int:
    """Minutes after midnight."""
    return at.hour * 60 + at.minute


def one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def as_name(value: str) -> str:
    if not re.fullmatch(r"[^\W\d_](?:[^\W_]|[ '’-])*", value) or value.casefold() in (WORLD, ENGINE):
        raise ValueError(f"{value!r} is not a name: use letters, spaces, hyphens and apostrophes")
    return value


TimeOfDay = Annotated[
    time,
    BeforeValidator(as_time),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$", "examples": ["07:30"]}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(as_moment),
    PlainSerializer(written_moment, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["2026-05-04 06:00"]}),
]
Line = Annotated[str, Field(min_length=1, max_length=500), BeforeValidator(one_line)]
Name = Annotated[str, Field(min_length=1, max_length=40), BeforeValidator(one_line)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#6b3f1d"])]
Minutes = Annotated[int, Field(ge=1, le=24 * 60)]
