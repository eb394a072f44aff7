"""Inner voices given to a run from outside: `AGENT@08:00: ...`, read and added to a scenario."""

from __future__ import annotations

import re
from collections.abc import Sequence

from burgh.scenarios.fields import written_moment
from burgh.scenarios.load import overridden
from burgh.scenarios.spec import Basis, Scenario
from burgh.sim.clock import Clock, moment_named
from burgh.sim.types import BurghError, Json

WRITTEN = re.compile(
    r"\s*(?P<to>[^@]+?)\s*@\s*(?P<when>tick +\d+|[^:]*\d{1,2}:\d{2}(?::\d{2}(?=:))?):\s*(?P<say>.+)", re.S
)
RIGHT = "write AGENT@08:00: what the voice says, or AGENT@day 2, 08:00: ... on a later day"


def parse_whisper(text: str, clock: Clock) -> dict[str, Json]:
    """What a scenario has under `whispers`; the moment in any form that `moment_named` reads. Raises
    BurghError with what would be right."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise BurghError(f"--whisper: {text!r} cannot be read: {RIGHT}")
    try:
        when = moment_named(clock, found["when"], roll=False)
    except BurghError as error:
        raise BurghError(f"--whisper: {error}") from None
    if when.second:
        raise BurghError(f"--whisper: {when:%H:%M:%S} is no full minute, and a voice speaks at one")
    if (day := (when.date() - clock.start.date()).days + 1) < 1:
        raise BurghError(f"--whisper: {written_moment(when)} is before the start")
    return {"to": found["to"], "at": f"{when:%H:%M}", "day": day, "say": found["say"].strip()}


def with_whispers(scenario: Basis, texts: Sequence[str]) -> Basis:
    """The scenario with more whispers, which come after its own. Raises BurghError for one that cannot be
    read, is to nobody, or would come before the start or not before the end."""
    if not texts:
        return scenario
    if not isinstance(scenario, Scenario):
        raise BurghError(f"--whisper: nobody in a {scenario.world.kind} hears an inner voice")
    own = scenario.resolved()["whispers"]
    new = [parse_whisper(text, scenario.clock) for text in texts]
    given = overridden(scenario, {"whispers": [*own, *new]})
    assert isinstance(given, Scenario)
    for whisper in given.whispers[len(own) :]:
        if scenario.tick_at(whisper.at, whisper.day) >= scenario.until_tick:
            day = f"day {whisper.day}, " if whisper.day > 1 else ""
            end = written_moment(scenario.until)
            raise BurghError(f"--whisper: {day}{whisper.at:%H:%M} is not before the end at {end}")
    return given
