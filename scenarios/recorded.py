"""What a run's run.yaml says, read so that one that was changed by hand is a fault of one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.sim.command import burgh_command
from burgh.sim.record import files
from burgh.sim.record.reader import read_mapping
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.scenarios.spec import Basis
    from burgh.sim.record import RunLog

READ_FROM = "read_from"  # in host.yaml: the folder that the scenario was read from


@contextmanager
def as_written(log: RunLog) -> Iterator[None]:
    """Around what reads `log.meta`: whatever is not of the form that was written raises BurghError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        path = log.folder / files.META
        said = f"{path} is not as it was written: see {burgh_command()} verify {log.folder}"
        raise BurghError(said) from None


def scenario_of(log: RunLog) -> Basis:
    """The scenario of a run, as resolved, of whatever kind. Raises BurghError where run.yaml holds none."""
    from burgh.scenarios.kinds import kind_in

    with as_written(log):
        return kind_in(log.meta["scenario"]).scenario.from_resolved(log.meta["scenario"], read_from(log))


def read_from(log: RunLog) -> Path:
    """The folder of the scenario's own files (a map, impressions), where that is still there; else the one
    in which one stands. It is in host.yaml, unhashed: what those files hold is in the record."""
    with suppress(BurghError):
        said = read_mapping(log.folder / files.HOST).get(READ_FROM)
        if isinstance(said, str) and Path(said).is_dir() and Path(said) != Path().absolute():
            return Path(said)
    return Path()
