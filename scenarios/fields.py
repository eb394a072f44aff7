"""The fields that scenarios are made of, strict: what each takes, and how it is written."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from burgh.sim.clock import parse_time
from burgh.sim.types import ENGINE, WORLD, BurghError

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
