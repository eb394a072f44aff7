"""Impressions from a file in the columns of the iPinYou data set (Zhang et al. 2014), as `make-ipinyou-data`
writes them: separated by tabs or commas, with a first line that names the columns.

Of the columns are needed `click` and `payprice` (the price to beat), and `hour` or `timestamp`
(yyyyMMddHHmmss...); where they are there, `slotprice` is the floor, and `region`, `slotwidth`, `slotheight`,
`slotvisibility` and `slotformat` make the cells. The true click rates are not known: campaigns go by those
of earlier periods, drawn towards the mean.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from burgh.sim.types import BurghError, Json
from burgh.worlds.exchange.stream import Batch, Reals, check_periods

NEEDED = ("click", "payprice")
TIMES = ("hour", "timestamp")
CELL_COLUMNS = ("region", "slotwidth", "slotheight", "slotvisibility", "slotformat")
PRIOR_IMPRESSIONS = 1000.0  # how much the mean weighs beside what was seen of a cell
PRIOR_RATE = 0.001  # the click rate that is assumed before anything was seen
MOST_CELLS = 4096
TOP_PRICE = 1_000_000
MOST_DIGITS = 20  # of a number


@dataclass(frozen=True)
class IPinYou:
    """A `Stream` (see stream.py) of a file's impressions, in the file's order, by time of day.

    Raises BurghError, with line and column, for what cannot be read; whenever that is noticed: on first use.
    """

    path: Path
    periods: int = 48
    period_minutes: int = 30
    first_minute: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.path, str | Path):
            raise BurghError(f"{self.path!r} is not the path of a file")
        object.__setattr__(self, "path", Path(self.path))
        check_periods(self, self.periods, self.period_minutes, self.first_minute)

    @property
    def about(self) -> dict[str, Json]:
        return {"stream": "ipinyou", "sha256": self._read.sha256, "impressions": int(self._read.market.size)}

    @cached_property
    def _read(self) -> _Columns:
        return _read(self.path, self)

    def expected(self, period: int) -> float:
        """Evenly: how many come when is not known before."""
        return self._read.market.size / self.periods

    def shares(self, period: int) -> Reals:
        """Of all cells alike before anything was seen; then as in the periods before."""
        counts = self._read.shown[:period].sum(axis=0) + 1.0
        return np.asarray(counts / counts.sum(), np.float64)

    def believed(self, period: int, names: Sequence[str]) -> Reals:
        shown, clicked = (self._read.shown[:period].sum(axis=0), self._read.clicks[:period].sum(axis=0))
        mean = (clicked.sum() + PRIOR_RATE * PRIOR_IMPRESSIONS) / (shown.sum() + PRIOR_IMPRESSIONS)
        rates = (clicked + mean * PRIOR_IMPRESSIONS) / (shown + PRIOR_IMPRESSIONS)
        return np.tile(np.asarray(rates, np.float64), (len(names), 1))

    def true(self, period: int, names: Sequence[str]) -> None:
        return None

    def batch(self, period: int) -> Batch:
        one = self._read
        here = np.flatnonzero(one.period == period)
        return Batch(one.cells[here], one.market[here], None, one.clicked[here], one.floors[here])


@dataclass(frozen=True)
class _Columns:
    """All impressions: (n,) each. shown, clicks: (periods, cells)."""

    sha256: str
    period: npt.NDArray[np.int64]
    cells: npt.NDArray[np.intp]
    market: npt.NDArray[np.int32]
    floors: npt.NDArray[np.int32]
    clicked: npt.NDArray[np.bool_]
    shown: Reals
    clicks: Reals


def _read(path: Path, stream: IPinYou) -> _Columns:
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise BurghError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BurghError(f"{path}: byte {error.start} is not UTF-8") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # and at no other mark
    rows = csv.reader(lines, delimiter="\t" if "\t" in lines[0] else ",", quoting=csv.QUOTE_NONE)
    header = [name.strip() for name in next(rows, [])]
    _check_header(path, header)
    found = list(_lines(path, header, rows, stream))
    if not found:
        raise BurghError(f"{path}: there is no impression in it, only the line of columns")
    keys = sorted({one[1] for one in found})
    if len(keys) > MOST_CELLS:
        raise BurghError(f"{path}: {len(keys)} kinds of impression are more than {MOST_CELLS}")
    number = {key: n for n, key in enumerate(keys)}
    period = np.array([one[0] for one in found], np.int64)
    cells = np.array([number[one[1]] for one in found], np.intp)
    clicked = np.array([one[4] for one in found], np.bool_)
    at = period * len(keys) + cells
    shape = (stream.periods, len(keys))
    shown = np.bincount(at, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    clicks = np.bincount(at[clicked], minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    return _Columns(
        hashlib.sha256(data).hexdigest(),
        period,
        cells,
        np.array([one[2] for one in found], np.int32),
        np.array([one[3] for one in found], np.int32),
        clicked,
        shown,
        clicks,
    )


def _check_header(path: Path, header: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in header]
    if not missing and "hour" not in header and "timestamp" not in header:
        missing = ["hour"]
    if missing:
        raise BurghError(
            f"{path}:1: there is no column {missing[0]!r}: needed are {', '.join(NEEDED)},"
            " and hour or timestamp"
        )

    twice = [name for name in (*NEEDED, *TIMES, *CELL_COLUMNS, "slotprice") if header.count(name) > 1]
    if twice:
        raise BurghError(f"{path}:1: there are {header.count(twice[0])} columns {twice[0]!r}: one is needed")


def _lines(
    path: Path, header: Sequence[str], rows: Iterator[list[str]], stream: IPinYou
) -> Iterator[tuple[int, tuple[str, ...], int, int, int]]:
    """Each impression: period, cell, price, floor, click."""
    keys = [name for name in CELL_COLUMNS if name in header]
    for number, row in enumerate(_rows(rows, path), 2):
        if not row:
            continue
        if len(row) != len(header):
            raise BurghError(f"{path}:{number}: {len(row)} fields, for {len(header)} columns")
        line = dict(zip(header, (field.strip() for field in row), strict=True))
        where = f"{path}:{number}"
        price = _whole(where, line, "payprice", 0, TOP_PRICE)
        floor = _whole(where, line, "slotprice", 0, TOP_PRICE) if "slotprice" in line else 0
        click = _whole(where, line, "click", 0, 1)
        minute = _minute(where, line) - stream.first_minute
        period = minute % (24 * 60) // stream.period_minutes
        if period < stream.periods:
            yield period, tuple(line[key] for key in keys), max(price, 1), floor, click


def _rows(rows: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    """The rows; what the csv module refuses is told as a fault of its line."""
    number = 1
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise BurghError(f"{path}:{number}: {error}") from None
        yield row


def _minute(where: str, line: Mapping[str, str]) -> int:
    """The minute of the day."""
    stamp = line.get("timestamp", "")
    if "hour" in line and not stamp:
        return 60 * _whole(where, line, "hour", 0, 23)
    if len(stamp) < 12 or not (stamp.isascii() and stamp.isdigit()):
        raise BurghError(f"{where}: timestamp: {stamp!r} is not a time as in 20130606000104000")
    hour, minute = int(stamp[8:10]), int(stamp[10:12])
    if hour > 23 or minute > 59:
        raise BurghError(f"{where}: timestamp: {stamp!r} has no such time of day")
    return 60 * hour + minute


def _whole(where: str, line: Mapping[str, str], column: str, least: int, most: int) -> int:
    said = line[column]
    if not (said.isascii() and said.removeprefix("-").isdigit() and len(said) <= MOST_DIGITS):
        raise BurghError(f"{where}: {column}: {said[:40]!r} is not a whole number from {least} to {most}")
    value = int(said)
    if not least <= value <= most:
        raise BurghError(f"{where}: {column}: {value} is not from {least} to {most}")
    return value
