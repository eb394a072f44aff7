"""The record of a run: a hash-chained log that is only ever appended to, and what is derived from it."""

from burgh.sim.record.chain import Frame, scenario_hash
from burgh.sim.record.index import RunIndex, open_index
from burgh.sim.record.log import RunWriter
from burgh.sim.record.reader import RunLog, Tail, open_log
from burgh.sim.record.replay import Replay, replay
from burgh.sim.record.run import Run, open_run
from burgh.sim.record.verdict import Verdict, verify

__all__ = [
    "Frame",
    "Replay",
    "Run",
    "RunIndex",
    "RunLog",
    "RunWriter",
    "Tail",
    "Verdict",
    "open_index",
    "open_log",
    "open_run",
    "replay",
    "scenario_hash",
    "verify",
]
