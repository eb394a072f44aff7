"""A run up to a tick: its events, and how to find them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from burgh.scenarios.nearest import suggest
from burgh.sim.clock import Clock
from burgh.sim.record import open_index, open_log
from burgh.sim.record.frames import run_clock
from burgh.sim.types import BurghError, Event


@dataclass(frozen=True, slots=True)
class Past:
    """What has happened until a tick, that tick included.

    agents: in the run's order. by_id: the events by their ids. memories: by memory id, the event that made
    it. by_agent: the events of each agent, in order.
    """

    events: tuple[Event, ...]
    agents: tuple[str, ...]
    clock: Clock
    tick: int
    by_id: Mapping[str, Event] = field(repr=False)
    memories: Mapping[str, Event] = field(repr=False)
    by_agent: Mapping[str, Sequence[Event]] = field(repr=False)

    @classmethod
    def of(cls, folder: Path | str, tick: int) -> Self:
        """The run in a folder. Raises BurghError where there is none."""
        log = open_log(folder)
        with open_index(folder) as index:
            events = tuple(index.events(last_tick=tick))
        return cls.from_events(events, log.started.data["agents"], run_clock(log), tick)

    @classmethod
    def from_events(
        cls, events: Iterable[Event], agents: Iterable[str], clock: Clock, tick: int | None = None
    ) -> Self:
        """The same from events in their order; up to the last of them where no tick is given."""
        kept = tuple(event for event in events if tick is None or event.tick <= tick)
        last = tick if tick is not None else max((event.tick for event in kept), default=0)
        memories = {event.data["id"]: event for event in kept if event.kind == "memory"}
        by_agent: dict[str, list[Event]] = {}
        for event in kept:
            if event.agent is not None:
                by_agent.setdefault(event.agent, []).append(event)
        by_id = {event.id: event for event in kept}
        return cls(kept, tuple(agents), clock, last, by_id, memories, by_agent)

    def check_agent(self, name: str) -> None:
        """Raises BurghError for a name that is none of this run's."""
        if name not in self.agents:
            raise BurghError(f"there is no agent {name!r} in this run: {suggest(name, self.agents)}")

    def of_agent(self, name: str, *kinds: str) -> list[Event]:
        """The agent's events of these kinds, in order."""
        return [event for event in self.by_agent.get(name, ()) if event.kind in kinds]

    def time(self, tick: int) -> str:
        """The game time at a tick, with the day where it is not the first."""
        return time_at(self.clock, tick)


def time_at(clock: Clock, tick: int) -> str:
    """The game time at a tick, with the day where it is not the first: "day 2, 09:40"."""
    when = clock.at(tick)
    days = (when.date() - clock.start.date()).days
    return f"{when:%H:%M}" if days == 0 else f"day {days + 1}, {when:%H:%M}"
