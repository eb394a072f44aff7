"""What a run's record says of how to go on from it: where it stands, what was changed, its snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from burgh.scenarios.recorded import as_written, scenario_of
from burgh.scenarios.session import Intervention
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.changes import changed
from burgh.sim.record import RunLog, verify
from burgh.sim.record.reader import FORMAT, ends_run
from burgh.sim.record.snapshots import Snapshots
from burgh.sim.types import BurghError, Event, Json

FORK = "fork"  # in run.yaml: where a fork leaves the other run, and what it changes


@dataclass(frozen=True, slots=True)
class Standing:
    """A frame that a snapshot can follow. offset: where it ends in the file, in bytes."""

    tick: int
    hash: str
    offset: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot that was read. number: its own; frames: how many the record had then."""

    number: int
    tick: int
    frames: int
    state: Json


@dataclass(frozen=True, slots=True)
class History:
    """frames: all but that of the run's end. ended: why the run ended, or "". end_tick: the tick to which the
    record goes, as far as it says. interventions: those recorded. planned: those of a fork."""

    log: RunLog
    base: Basis
    frames: Sequence[Standing]
    ended: str
    end_tick: int
    interventions: Sequence[Event]
    planned: Sequence[Intervention]

    @classmethod
    def of(cls, log: RunLog) -> History:
        """Raises BurghError where the record is not as it was written, or of an older format."""
        if log.format < FORMAT:
            raise BurghError(
                f"{log.folder} was recorded by an older burgh, in format {log.format}, which holds too little"
                " to go on from: it can be watched, asked and replayed, and run anew"
            )
        verdict = verify(log.folder)
        if verdict.fault is not None:
            raise BurghError(f"{log.folder} cannot be gone on with, for it was changed: {verdict.fault}")
        frames: list[Standing] = []
        interventions: list[Event] = []
        ended, end_tick = "", -1
        for frame in log.frames():
            end_tick = frame.tick
            if ends_run(frame):
                ended = str(frame.events[-1].data["reason"])
                break
            frames.append(Standing(frame.tick, frame.hash, frame.offset + frame.length))
            interventions += [event for event in frame.events if event.kind == "intervention"]
        return cls(log, scenario_of(log), frames, ended, end_tick, interventions, _planned(log))

    def scenario_at(self, tick: int) -> Basis:
        """The scenario as it was after a tick, with what was changed until then."""
        scenario = self.base
        for event in self.interventions:
            if event.tick <= tick:
                scenario = changed(scenario, event.data)
        return scenario

    def places(self) -> tuple[str, ...]:
        """The places of its world, where there are any."""
        for event in self.log.events():
            if event.kind == "scene":
                return tuple(place["path"] for place in event.data.get("places", ()))
            if event.tick > 0:
                break
        return ()

    def until_tick(self, before: int | None = None) -> int:
        """Where the run is over: at the scenario's end, or at that which was named last (before a tick, where
        one is given)."""
        known = [event for event in self.interventions if before is None or event.tick < before]
        named = [event.data["tick"] for event in known if event.data["what"] == "until"]
        return named[-1] if named else self.base.until_tick

    def until(self, before: int | None = None) -> datetime | None:
        """The time of that; None where the run goes on until its world comes to an end."""
        tick = self.until_tick(before)
        return None if self.base.until is None and tick == self.base.until_tick else self.base.clock.at(tick)

    def identity_at(self, tick: int) -> Mapping[str, Json]:
        """What determined the model's replies after a tick."""
        with as_written(self.log):
            found: Mapping[str, Json] = self.log.meta["model"]
        for event in self.interventions:
            if event.tick <= tick and "identity" in event.data:
                found = event.data["identity"]
        return found

    def snapshot(self, before_tick: int | None = None) -> Taken | None:
        """The last snapshot that is whole and of this record; before a tick, where one is named."""
        kept = Snapshots(self.log.folder)
        for number, header in reversed(list(enumerate(kept.headers()))):
            if before_tick is not None and header.tick >= before_tick:
                continue
            if not 1 <= header.frames <= len(self.frames):
                continue
            if self.frames[header.frames - 1].hash != header.hash:
                continue
            state = kept.state(number)
            if state is not None:
                return Taken(number, header.tick, header.frames, state)
        return None

    def events_after(self, frames: int) -> Iterator[Event]:
        """The events of the frames behind the first so many."""
        offset = self.frames[frames - 1].offset if frames else 0
        for frame in self.log.frames(offset, frames):
            yield from frame.events

    def to_come(self, tick: int) -> list[Intervention]:
        """What is to be changed after a tick: what was recorded later, and what a fork has still to
        change."""
        recorded = [Intervention(e.tick, e.agent, e.data) for e in self.interventions if e.tick > tick]
        last = self.frames[-1].tick if self.frames else -1
        return recorded + [one for one in self.planned if one.tick > last]


def _planned(log: RunLog) -> list[Intervention]:
    with as_written(log):
        fork = log.meta.get(FORK)
        if fork is None:
            return []
        return [Intervention(fork["tick"], one["agent"], one["data"]) for one in fork["changes"]]
