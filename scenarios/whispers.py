"""Inner voices given to a run from outside: `AGENT@08:00: ...`, read and added to a scenario."""

from __future__ import annotations

import re
from collections.abc import Sequence

from burgh.scenarios.fields import written_moment
from burgh.scenarios.load import overridden
from burgh.scenarios.spec import Basis, Scenario
from burgh.sim.clock import parse_time
from burgh.sim.types import BurghError, Json

WRITTEN = re.compile(
    r"\s*(?P<to>[^@]+?)\s*@\s*(?:day\s+(?P<day>\d+)[\s,]\s*)?(?P<at>\d{1,2}:\d{2}):\s*(?P<say>.+)", re.S
)
RIGHT = "write AGENT@08:00: what the voice says, or AGENT@day 2 08:00: ... on a later day"


def parse_whisper(text: str) -> dict[str, Json]:
    """What a scenario has under `whispers`. Raises BurghError with what would be right."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise BurghError(f"--whisper: {text!r} cannot be read: {RIGHT}")
    try:
        parse_time(found["at"])
    except BurghError as error:
        raise BurghError(f"--whisper: {error}") from None
    return {"to": found["to"], "at": found["at"], "day": int(found["day"] or 1), "say": found["say"].strip()}


def with_whispers(scenario: Basis, texts: Sequence[str]) -> Basis:
    """The scenario with more whispers, which come after its own. Raises BurghError for one that cannot be
    read, is to nobody, or would come before the start or not before the end."""
    if not texts:
        return scenario
    if not isinstance(scenario, Scenario):
        raise BurghError(f"--whisper: nobody in a {scenario.world.kind} hears an inner voice")
    own = scenario.resolved()["whispers"]
    given = overridden(scenario, {"whispers": [*own, *map(parse_whisper, texts)]})
    assert isinstance(given, Scenario)
    for whisper in given.whispers[len(own) :]:
        if scenario.tick_at(whisper.at, whisper.day) >= scenario.until_tick:
            day = f"day {whisper.day}, " if whisper.day > 1 else ""
            end = written_moment(scenario.until)
            raise BurghError(f"--whisper: {day}{whisper.at:%H:%M} is not before the end at {end}")
    return given
