"""The record of a run: a hash-chained log that is only ever appended to, and what is derived from it."""

from burgh.sim.record.chain import Frame, scenario_hash
from burgh.sim.record.log import RunWriter
from burgh.sim.record.reader import RunLog, Tail, open_log

__all__ = ["Frame", "RunLog", "RunWriter", "Tail", "open_log", "scenario_hash"]
