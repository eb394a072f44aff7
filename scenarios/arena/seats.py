"""What a contestant's seat comes to: its line in the results; and the recorder of a game."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from burgh.agents.llm.accounts import Accounts
from burgh.scenarios.arena.results import Seat
from burgh.scenarios.arena.watch import Watched
from burgh.sim.types import Event, Json

INVALID_KINDS = ("refused", "bid_refused", "fell_back")


@dataclass
class Kept:
    """A recorder that keeps a game's events."""

    events: list[Event] = field(default_factory=list)

    def append(self, events: Iterable[Event]) -> None:
        self.events += events

    def aside(self, tick: int, data: Mapping[str, Json]) -> None: ...

    def end_tick(self, tick: int) -> None: ...

    def close(self, reason: str) -> None: ...


def seat_of(  # noqa: PLR0917
    mind: Watched,
    seat: int,
    made: float,
    benchmark: float | None,
    wins: int,
    events: Iterable[Event],
    accounts: Accounts | None,
    goals: tuple[str, ...] = (),
) -> Seat:
    """A seat's line in the results, with what it cost."""
    rows = accounts.table("agent", "tick") if accounts else []
    costs = [row for row in rows if row["agent"] == mind.name]
    calls, into, cached, out = (
        sum(row[key] for row in costs) for key in ("calls", "tokens_in", "tokens_cached", "tokens_out")
    )
    kinds = [event.kind for event in events if event.agent == mind.name]
    return Seat(
        mind.strategy,
        seat,
        made,
        benchmark,
        wins,
        mind.points(),
        calls,
        into,
        cached,
        out,
        sum(map(kinds.count, INVALID_KINDS)),
        tuple(round(row["seconds"], 4) for row in costs),
        mind.side,
        goals,
    )
