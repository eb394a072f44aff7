"""A record as pandas frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from burgh.sim.clock import Clock
from burgh.sim.record.reader import RunLog
from burgh.sim.types import Event, Json, real

if TYPE_CHECKING:
    import pandas as pd

EVENT_COLUMNS = ("tick", "time", "id", "kind", "agent", "data", "causes")
MEMORY_COLUMNS = (
    "tick",
    "time",
    "agent",
    "id",
    "kind",
    "text",
    "importance",
    "created",
    "place",
    "subjects",
    "evidence",
    "fact",
    "from",
    "event",
)
ACTION_COLUMNS = ("tick", "time", "agent", "answer", "why", "refused", "event")


def run_clock(log: RunLog) -> Clock:
    """The game clock of a run. Raises BurghError where nothing was recorded."""
    started = log.started.data
    return Clock(datetime.fromisoformat(started["start"]), started["tick_seconds"])


def events_frame(log: RunLog) -> pd.DataFrame:
    """Every event, one a row. time: game time at the tick's start; data: as recorded, reals as 1e-6."""
    rows = (
        (event.tick, event.id, event.kind, event.agent, dict(event.data), event.causes)
        for event in log.events()
    )
    return _frame(log, rows, EVENT_COLUMNS)


def memories_frame(log: RunLog, agent: str | None = None) -> pd.DataFrame:
    """The memories of an agent (of all for None), one a row. importance is a real; created is a tick."""
    return _frame(log, (_memory(event) for event in _of(log, "memory", agent)), MEMORY_COLUMNS)


def _memory(event: Event) -> tuple[Json, ...]:
    data = {**event.data, "importance": real(event.data["importance"])}
    return event.tick, event.agent, *(data.get(column) for column in MEMORY_COLUMNS[3:-1]), event.id


def actions_frame(log: RunLog, agent: str | None = None) -> pd.DataFrame:
    """What was decided, one action a row. refused: why nothing came of it, or None."""
    decided: dict[str, Event] = {}
    refused: dict[str, str] = {}
    for event in log.events():
        if event.kind == "decided" and agent in (None, event.agent):
            decided[event.id] = event
        elif event.kind == "refused":
            refused.update((cause, event.data["why"]) for cause in event.causes)
    rows = (
        (event.tick, event.agent, event.data["answer"], event.data.get("why"), refused.get(name), name)
        for name, event in decided.items()
    )
    return _frame(log, rows, ACTION_COLUMNS)


def _of(log: RunLog, kind: str, agent: str | None) -> Iterable[Event]:
    return (event for event in log.events() if event.kind == kind and agent in (None, event.agent))


def _frame(log: RunLog, rows: Iterable[Sequence[Json]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows without their time, which follows from the first value, the tick."""
    import pandas as pd

    without_time = [column for column in columns if column != "time"]
    frame = pd.DataFrame.from_records([tuple(row) for row in rows], columns=without_time)
    clock = run_clock(log)
    times = pd.to_datetime([clock.at(int(tick)) for tick in frame["tick"]])
    frame.insert(1, "time", times)
    return frame
