"""Going on with a run: the last snapshot, then the same ticks again from recorded replies, then on."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from burgh.memory.seal import damaged, is_sealed, unseal
from burgh.memory.store import CHROMA, MemoryStore
from burgh.memory.stream import MemoryStream
from burgh.scenarios.build import Parts, build
from burgh.scenarios.controls import RunControls, asker
from burgh.scenarios.fields import written_moment
from burgh.scenarios.run import MEMORY, Outcome, carried_out
from burgh.scenarios.session import CODE, Intervention, Session, Watcher
from burgh.scenarios.travel.history import History
from burgh.sim.code import code_hash
from burgh.sim.protocols import LanguageModel, Mind
from burgh.sim.record import RunWriter, open_log
from burgh.sim.types import BurghError, Json


def resume_run(
    folder: Path,
    *,
    until: datetime | None = None,
    model: LanguageModel | None = None,
    threads: int | None = None,
    watchers: tuple[Watcher, ...] = (),
    controls: RunControls | None = None,
    ready: Callable[[Parts], None] | None = None,
) -> Outcome:
    """Goes on with the run in a folder, to its end or to another time.

    What was recorded stays as it is: of it only the end is taken back, where there is one, once there is
    more to add. Ticks that come again are compared with the record. The rest as in `run_scenario`. Raises
    BurghError where the record was changed, is of an older format, or its model cannot be had.
    """
    begin = time.perf_counter()
    history = History.of(open_log(folder))
    until_tick, added = _until(history, until)
    taken = history.snapshot()
    after, now = (0, -1) if taken is None else (taken.frames, taken.tick)
    writer = RunWriter.resume(history.log.folder, after=after, reopen=True)
    try:
        scenario = history.scenario_at(now)
        memory = history.log.folder / MEMORY
        replies = history.events_after(after)
        parts = build(scenario, memory, model=model, threads=threads, replies=replies, ask=asker(controls))
        _check_identity(history, parts, now)
        session = Session(
            history.base, parts, writer, scenario=scenario, watchers=watchers, controls=controls
        )
        if taken is not None:
            _take_up(session, taken.state, history)
        session.expect([*history.to_come(now), *added])
        session.until_tick = until_tick
        session.end_tick = max(until_tick, history.until_tick()) if added else history.until_tick()
    except BaseException:
        writer.abandon()
        raise
    with parts.store or contextlib.nullcontext():
        try:
            if session.controls.stopped:
                raise KeyboardInterrupt
            if parts.store is not None:
                _fill(parts.store, session.engine.minds.values(), _held(memory))
            if ready is not None:
                ready(parts)
        except BaseException:
            writer.abandon()
            raise
        return carried_out(session, begin)


def _take_up(session: Session, state: Json, history: History) -> None:
    """Goes on from a snapshot. Raises BurghError where another burgh wrote it, whose minds and worlds kept
    another state; what goes wrong with a state of this one is a fault of ours, and told as such."""
    try:
        session.take_up(state)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if state.get(CODE) == code_hash():
            raise
        raise BurghError(
            f"{history.log.folder} was recorded by another burgh, whose minds and worlds kept another state:"
            " it can be watched, asked and replayed, and run anew"
        ) from error


def _until(history: History, until: datetime | None) -> tuple[int, list[Intervention]]:
    """Where to stop, and what has to be recorded where that is later than the run's end was."""
    folder, clock, over = history.log.folder, history.base.clock, history.until_tick()
    if until is None:
        if history.ended == "end":
            when = written_moment(clock.at(history.end_tick))
            raise BurghError(f"the run in {folder} is over, at {when}: name a later time with --until")
        return over, []
    tick = clock.tick_of(until)
    if tick <= history.end_tick:
        when = written_moment(clock.at(history.end_tick))
        raise BurghError(f"--until: the run in {folder} has reached {when}: name a later time")
    if tick <= over:
        return tick, []
    data = {"what": "until", "tick": tick, "until": written_moment(until)}
    return tick, [Intervention(max(history.end_tick, over if history.ended == "end" else 0) + 1, None, data)]


def _check_identity(history: History, parts: Parts, tick: int) -> None:
    """Raises BurghError where the model or the embedder is not the one that the run was on."""
    meta = history.log.meta
    pairs: list[tuple[str, Mapping[str, Json], Mapping[str, Json]]] = [
        ("model", history.identity_at(tick), parts.accounts.identity)
    ]
    if parts.embedder is not None:
        pairs.append(("embedder", meta.get("embedder", {}), parts.embedder.identity))
    for what, was, now in pairs:
        for key in sorted({*was, *now}):
            if was.get(key) != now.get(key):
                raise BurghError(
                    f"the run in {history.log.folder} was on a {what} whose {key} is {was.get(key)}, and here"
                    f" it is {now.get(key)}: it can be gone on with on its own {what} only (or forked, with"
                    " --model)"
                )


def _held(memory: Path) -> int:
    """How many memories the store holds; one left open, damaged or not to be opened is made anew."""
    database = memory / CHROMA
    if is_sealed(database) and damaged(database) is None:
        with contextlib.suppress(BurghError), MemoryStore(memory) as store:
            return store.count()
    unseal(database)
    shutil.rmtree(database, ignore_errors=True)
    return 0


def _fill(store: MemoryStore, minds: Iterable[Mind], held: int) -> None:
    """Adds to a store that lacks some of them the memories that the minds have."""
    streams = [stream for mind in minds if isinstance(stream := _stream(mind), MemoryStream)]
    if sum(map(len, streams)) <= held:
        return
    for stream in streams:
        for row, vector in enumerate(stream.vectors):
            store.add(stream[f"{stream.agent}:{row}"], vector)


def _stream(mind: Mind) -> object:
    return getattr(getattr(mind, "state", None), "stream", None)
