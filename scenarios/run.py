"""Running a scenario: build, tick, record, and close the record whatever happens."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from burgh import __version__
from burgh.scenarios.answering import replies_of
from burgh.scenarios.build import Parts, build
from burgh.scenarios.controls import RunControls, Stopped, asker
from burgh.scenarios.recorded import READ_FROM
from burgh.scenarios.session import Session, Watcher
from burgh.scenarios.spec import Basis
from burgh.sim.protocols import LanguageModel
from burgh.sim.record import RunWriter, files, open_log
from burgh.sim.types import BurghError, Json

PACKAGES = ("torch", "transformers", "llguidance", "numpy", "scipy", "chromadb", "zstandard")
MEMORY = "memory"  # the folder of derived stores within a run's folder


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. reason: "end", or "stopped" by whoever ran it. costs: calls, tokens and seconds by
    purpose, as `Accounts.table`. seconds: wall clock with loading; model_seconds: of that, the model's.
    answered: how many calls another run's record answered, None where none was named. unmet: the budgets
    under which no call came."""

    folder: Path
    reason: str
    tick: int
    final_hash: str
    costs: list[dict[str, Json]]
    seconds: float
    model_seconds: float
    answered: int | None = None
    unmet: tuple[str, ...] = ()


def run_scenario(
    scenario: Basis,
    folder: Path,
    *,
    model: LanguageModel | None = None,
    threads: int | None = None,
    watchers: tuple[Watcher, ...] = (),
    controls: RunControls | None = None,
    ready: Callable[[Parts], None] | None = None,
    replies: Path | None = None,
) -> Outcome:
    """Runs a scenario into a folder, which must be empty or not exist yet.

    model: one that is loaded already. replies: the folder of a run from whose record is answered what was
    asked there already. watchers: told of each tick when it is in the record. ready: told
    when everything is built and nothing recorded yet. Raises BurghError; what was recorded until then is
    intact. Raises KeyboardInterrupt, and leaves nothing, where it was stopped before all was built.
    """
    begin = time.perf_counter()
    must_be_free(folder)
    if replies is not None:
        open_log(replies)
    parts = build(scenario, folder / MEMORY, model=model, threads=threads, ask=asker(controls))
    with parts.store or nullcontext():
        if replies is not None:
            parts.replies.add(replies_of(replies, parts.replies.identity))
        if controls is not None and controls.stopped:
            raise KeyboardInterrupt
        if ready is not None:
            ready(parts)
        writer = RunWriter(folder, _meta(scenario, parts), host=_host(scenario))
        session = Session(scenario, parts, writer, watchers=watchers, controls=controls)
        outcome = carried_out(session, begin)
    return outcome if replies is None else replace(outcome, answered=session.parts.replies.answered)


def carried_out(session: Session, begin: float) -> Outcome:
    """Runs a session to its end, and closes the record whatever happens. begin: the clock's seconds when
    loading began."""
    writer, reason = session.writer, "fault"
    try:
        reason = asyncio.run(session.whole())
    except (KeyboardInterrupt, Stopped):
        reason = "stopped"
    finally:
        writer.close(reason)
    total = session.parts.accounts.total()
    return Outcome(
        writer.folder,
        reason,
        session.engine.tick,
        writer.final_hash,
        session.parts.accounts.table("purpose"),
        time.perf_counter() - begin,
        total.seconds,
        unmet=tuple(map(str, session.parts.replies.ledger.unmet)),
    )


def must_be_free(folder: Path) -> None:
    """Says before anything heavy is loaded that nothing can be recorded there."""
    standing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not standing.is_dir():
        raise BurghError(f"no run can be recorded in {folder}: {standing} is not a folder")
    if not os.access(standing, os.W_OK | os.X_OK):
        raise BurghError(f"no run can be recorded in {folder}: {standing} may not be written to")
    if within := next((path for path in folder.absolute().parents if (path / files.META).is_file()), None):
        raise BurghError(f"{folder} would be inside the folder of a run, {within}: name one beside it")
    others = sorted(path.name for path in folder.iterdir()) if standing == folder else []
    if files.META in others:
        raise BurghError(f"{folder} already holds a run: name a new or an empty folder")
    if visible := [name for name in others if name != files.LOCK]:
        raise BurghError(f"{folder} already holds {visible[0]}: a run needs a folder of its own")


def _meta(scenario: Basis, parts: Parts) -> dict[str, Json]:
    """What the run is: what equal runs have in common."""
    return {
        "burgh": __version__,
        "scenario": scenario.resolved(),
        "seed": scenario.seed,
        "model": dict(parts.accounts.identity),
        **({} if parts.embedder is None else {"embedder": dict(parts.embedder.identity)}),
    }


def _host(scenario: Basis) -> dict[str, Json]:
    """Where and with what it ran: what may differ between equal runs."""
    return {
        READ_FROM: str(scenario.folder.absolute()),
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "began": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def run_to_folder(name: str, seed: int) -> Path:
    """A new folder in `runs`, named after the scenario and the seed, numbered where that is taken."""
    for number in range(1, 10_000):
        folder = Path("runs") / (f"{name}-{seed}" if number == 1 else f"{name}-{seed}-{number}")
        if not folder.exists():
            return folder
    raise BurghError(f"runs/ holds 10,000 runs of {name} with seed {seed}: move some elsewhere")
