"""Whether a record is what its writer wrote: every hash is computed again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from burgh.sim.record import files
from burgh.sim.record.chain import (
    NO_HASH,
    ZSTD,
    Damaged,
    Packer,
    Torn,
    Unpacker,
    frame_hash,
    raw_frames,
    read_events,
    scenario_hash,
)
from burgh.sim.record.reader import RunLog, check_format, open_any_log, open_bytes, read_mapping
from burgh.sim.types import BurghError, Event, Json


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found.

    frames, tick, final_hash: of what is intact, up to the first fault. complete: the run was ended.
    fault: the first thing that is not as it was written, as a sentence, or None.
    torn: a sentence about a last frame that was cut short by a crash; all before it is intact. No fault.
    """

    frames: int
    final_hash: str
    complete: bool
    fault: str | None
    torn: str | None = None
    tick: int = -1

    @property
    def ok(self) -> bool:
        return self.fault is None


def verify(path: Path | str) -> Verdict:
    """Checks the whole record of a run. Raises BurghError where the folder is none of a run's, or of a
    newer burgh's."""
    log = open_any_log(path)
    sealed = _read_sealed(log)  # before the frames, for the run may be ending right now
    walk = _Walk()
    fault = walk.through(log)
    if fault is None:
        fault = _beside_fault(log, walk) or _end_fault(walk, sealed)
    if fault is None:
        check_format(log)
    complete = walk.ended is not None and fault is None
    return Verdict(walk.frames, walk.hash, complete, fault, walk.torn, walk.tick)


class _Walk:
    """Goes through the frames as far as they are whole and follow one another."""

    def __init__(self) -> None:
        self.frames = 0
        self.tick = -1
        self.hash = NO_HASH
        self.started: Event | None = None
        self.ended: Event | None = None
        self.torn: str | None = None
        self.last: tuple[str, list[bytes], bytes] = (NO_HASH, [], b"")  # prev, lines and bytes of the last
        self._unpacker = Unpacker()

    def through(self, log: RunLog) -> str | None:
        """Returns the first fault."""
        with open_bytes(log.path) as file:
            try:
                for piece in raw_frames(file):
                    if isinstance(piece, Torn):
                        self.torn = self._torn(piece)
                        return f"{self.torn}, though the run had ended" if self.ended else None
                    if fault := self._frame(piece[1]):
                        return fault
            except Damaged as fault:
                return f"frame {self.frames} (after tick {self.tick}): {fault}"
        return None

    def _torn(self, torn: Torn) -> str:
        intact = (
            f"the {self.frames} frames before them are intact" if self.frames else "nothing is before them"
        )
        return f"the last {torn.length} bytes are the beginning of a frame that was never finished; {intact}"

    def _frame(self, raw: bytes) -> str | None:
        number = self.frames
        try:
            tick, prev, lines = self._unpacker.lines(raw)
        except Damaged as fault:
            return f"frame {number} (after tick {self.tick}): {fault}"
        try:
            events = read_events(lines)
        except Damaged as fault:
            return f"frame {number} (tick {tick}): {fault}"
        if prev != self.hash:
            return self._broken(number, tick)
        if self.ended:
            return f"frame {number} (tick {tick}) stands after the run's end"
        ends = bool(events) and events[-1].kind == "run_ended"
        if tick < self.tick or (tick == self.tick and not ends):
            return f"frame {number} (tick {tick}) stands after tick {self.tick}"
        if number == 0 and not (ends and len(events) == 1):  # one that broke off before its start has an end
            if not events or events[0].kind != "run_started":
                return f"frame 0 (tick {tick}) does not begin with run_started"
            self.started = events[0]
        self.ended = events[-1] if ends else None
        self.frames, self.tick, self.hash = number + 1, tick, frame_hash(raw)
        self.last = prev, lines, raw
        return None

    def _broken(self, number: int, tick: int) -> str:
        if number == 0:
            return f"tick {tick}: frame 0 was not the first: it names a frame before it"
        before = number - 1
        return f"tick {self.tick}: the hash of frame {before} differs from the one that frame {number} names"


def _beside_fault(log: RunLog, walk: _Walk) -> str | None:
    """Holds run.yaml against what was written about it: its own sha256, and the first frame."""
    try:
        meta = log.meta
        written = (log.folder / files.META).read_bytes()
        host = read_mapping(log.folder / files.HOST) if (log.folder / files.HOST).exists() else {}
    except BurghError as error:
        return str(error)
    if walk.started is not None:
        recorded = walk.started.data
        if recorded.get("scenario_hash") != _hash_or_none(meta.get("scenario")):
            return f"{files.META}: its scenario is not the one that tick 0 holds the hash of"
        if "seed" in recorded and recorded["seed"] != meta.get("seed"):
            return (
                f"{files.META}: its seed is {meta.get('seed')}, the run was started with {recorded['seed']}"
            )
    if host.get("meta_sha256", hashlib.sha256(written).hexdigest()) != hashlib.sha256(written).hexdigest():
        return f"{files.META} is not the one that {files.HOST} holds the hash of"
    prev, lines, raw = walk.last
    if raw and host.get("zstd") == ZSTD and Packer().pack_lines(walk.tick, prev, lines) != raw:
        # no later frame names its hash; and some changed bytes unpack to the same events
        return f"tick {walk.tick}: the last frame is not packed as it was written"
    return None


def _hash_or_none(scenario: Json) -> str | None:
    try:
        return scenario_hash(scenario)
    except TypeError:  # YAML holds what JSON does not: it was not written by us
        return None


def _end_fault(walk: _Walk, sealed: Mapping[str, Json] | str | None) -> str | None:
    if walk.ended is not None and walk.ended.data.get("frames") != walk.frames:
        counted = walk.ended.data.get("frames")
        return f"the run ended with {counted} frames, of which the record holds {walk.frames}"
    if sealed is None or isinstance(sealed, str):
        return sealed
    reason = walk.ended.data.get("reason") if walk.ended is not None else None
    was = {"frames": walk.frames, "final_hash": walk.hash, "tick": walk.tick, "reason": reason}
    if missing := [key for key in was if key not in sealed]:
        return f"{files.END} does not say {', '.join(missing)}: it is not what was written when the run ended"
    if sealed["frames"] != walk.frames:
        return f"{files.END} counts {sealed['frames']} frames, of which the record holds {walk.frames}"
    if sealed["final_hash"] != walk.hash:
        return f"tick {walk.tick}: the hash of the last frame differs from the one in {files.END}"
    for key in ("tick", "reason"):
        if sealed[key] != was[key]:
            return f"{files.END}: its {key} is {sealed[key]}, the record ends with {was[key]}"
    return None


def _read_sealed(log: RunLog) -> Mapping[str, Json] | str | None:
    """What was written when the run ended; None for a run that was not; a sentence where it is damaged."""
    path = log.folder / files.END
    try:
        return read_mapping(path) if path.exists() else None
    except BurghError as error:
        return str(error)
