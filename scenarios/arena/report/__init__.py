"""report.html: a contest on one page that needs nothing else."""

from burgh.scenarios.arena.report.page import REPORT, write

__all__ = ["REPORT", "write"]
