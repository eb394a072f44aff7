"""Daylight: what colour the air has at a time of day, how bright lamps are, and what the hour is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

Colour = tuple[int, int, int]

# hour: (what white looks like then, how much lamps and lit windows show from 0 to 1)
HOURS: tuple[tuple[float, Colour, float], ...] = (
    (0.0, (84, 96, 158), 1.0),
    (4.5, (88, 100, 158), 1.0),
    (5.8, (166, 140, 168), 0.75),
    (6.8, (244, 208, 176), 0.25),
    (8.0, (255, 246, 224), 0.0),
    (10.0, (255, 255, 255), 0.0),
    (15.5, (255, 255, 255), 0.0),
    (17.5, (255, 232, 190), 0.0),
    (19.0, (248, 186, 148), 0.35),
    (20.2, (160, 128, 168), 0.8),
    (21.5, (84, 94, 156), 1.0),
    (24.0, (84, 96, 158), 1.0),
)

_PARTS: tuple[tuple[float, str], ...] = (
    (5.0, "night"),
    (7.0, "dawn"),
    (11.5, "morning"),
    (13.5, "noon"),
    (18.0, "afternoon"),
    (20.0, "dusk"),
    (22.0, "evening"),
    (24.0, "night"),
)


@dataclass(frozen=True, slots=True)
class Light:
    """ambient: what white looks like. lamps: how much lamps show, 0 to 1. part: "morning", ..."""

    ambient: Colour
    lamps: float
    part: str

    @property
    def brightness(self) -> float:
        """Mean of the ambient channels, 0 to 1."""
        return sum(self.ambient) / 765


def light_at(time: datetime) -> Light:
    """The light at a time of day."""
    hour = time.hour + time.minute / 60 + time.second / 3600
    part = next(name for until, name in _PARTS if hour < until)
    for (h0, c0, l0), (h1, c1, l1) in pairwise(HOURS):
        if h0 <= hour <= h1:
            f = (hour - h0) / (h1 - h0)
            r, g, b = (round(a + (z - a) * f) for a, z in zip(c0, c1, strict=True))
            return Light((r, g, b), l0 + (l1 - l0) * f, part)
    raise AssertionError(f"{hour} is no hour of a day")
