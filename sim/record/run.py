"""A recorded run, as one works with it from Python."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.sim.record.frames import actions_frame, events_frame, memories_frame
from burgh.sim.record.index import RunIndex, open_index
from burgh.sim.record.reader import RunLog, open_log
from burgh.sim.record.verdict import Verdict, verify
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """A run's folder. Every question is answered from the record, also while it is still being written."""

    def __init__(self, log: RunLog) -> None:
        self.log = log

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def path(self) -> Path:
        return self.log.folder

    @property
    def meta(self) -> dict[str, Json]:
        """The scenario as resolved, seed, versions, model."""
        return self.log.meta

    @property
    def final_hash(self) -> str:
        """The hash of the last frame: equal for equal runs."""
        return self.log.final_hash

    @property
    def complete(self) -> bool:
        """Whether the run was ended."""
        return self.log.complete

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents' names, in their order."""
        return tuple(self.log.started.data["agents"])

    def events(self) -> pd.DataFrame:
        """Every event: tick, time, id, kind, agent, data, causes."""
        return events_frame(self.log)

    def memories(self, agent: str | None = None) -> pd.DataFrame:
        """What an agent remembers (all of them for None). Raises BurghError for an unknown name."""
        self._check(agent)
        return memories_frame(self.log, agent)

    def actions(self, agent: str | None = None) -> pd.DataFrame:
        """What an agent decided (all of them for None). Raises BurghError for an unknown name."""
        self._check(agent)
        return actions_frame(self.log, agent)

    def index(self) -> RunIndex:
        """The record's index, up to date; to be closed."""
        return open_index(self.path)

    def verify(self) -> Verdict:
        """Computes every hash of the record again."""
        return verify(self.path)

    def _check(self, agent: str | None) -> None:
        if agent is None or agent in self.agents:
            return
        nearest = difflib.get_close_matches(agent, self.agents, n=1, cutoff=0.4)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise BurghError(f"no agent of this run is named {agent!r}, only {', '.join(self.agents)}{hint}")


def open_run(path: Path | str) -> Run:
    """The run recorded in a folder. Raises BurghError where there is none."""
    return Run(open_log(path))
