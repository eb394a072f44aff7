"""What things are worth to bidders: how values depend on one another, and how they are drawn.

A draw gives each seat a signal (what it knows) and a worth (what it gains by the thing), in whole units.
It depends on the seed and the names alone, never on what bidders do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from burgh.sim.rng import stream
from burgh.sim.types import BurghError, Json
from burgh.worlds.auctions.laws import Empirical, Law
from burgh.worlds.auctions.rules.ranking import Ints

Floats = npt.NDArray[np.float64]
COMMON = ""  # the name of the stream that all seats share


@dataclass(frozen=True, slots=True)
class Draw:
    """signals, worths: (seats, games)."""

    signals: Ints
    worths: Ints

    def to_json(self) -> dict[str, Json]:
        """All of it as plain data."""
        return {"signals": self.signals.tolist(), "worths": self.worths.tolist()}

    @classmethod
    def from_json(cls, raw: Json, games: int) -> Draw:
        """What `to_json` has written."""
        signals, worths = (np.asarray(raw[of], np.int64).reshape(-1, games) for of in ("signals", "worths"))
        return cls(signals, worths)


class Values(ABC):
    """A joint law of values. kind: "private" where one's worth is one's signal, else what it depends on."""

    kind: ClassVar[str]
    shared: ClassVar[bool] = False  # whether there is a draw that all seats share: the last row

    @abstractmethod
    def of(self, uniforms: Floats) -> Draw:
        """Signals and worths from uniform draws: (seats, games), with one more row where `shared`."""

    @abstractmethod
    def law(self, seat: int) -> Law:
        """The law of what a seat knows, as all bidders know it."""

    def describe(self, seat: int) -> Json:
        """What a bidder knows of a seat's values."""
        return {"values": self.kind, **self.law(seat).describe()}

    def most(self, seats: int) -> int:
        """More than anything is worth but in one case of ten thousand."""
        return max((self.law(seat).quantile_int(0.9999) for seat in range(seats)), default=0)

    def draw(self, names: Sequence[str], lots: int, seed: int) -> Draw:
        """The values of these bidders for so many lots, from streams named by seed, bidder and lot."""
        rows = [*names, *([COMMON] if self.shared else [])]
        uniforms = [[stream(seed, "value", name, lot).random() for lot in range(lots)] for name in rows]
        return self.of(np.array(uniforms, np.float64).reshape(len(rows), lots))

    def draw_many(self, seats: int, games: int, rng: np.random.Generator) -> Draw:
        """Values of many games at once, for theory."""
        return self.of(rng.random((seats + self.shared, games)))


@dataclass(frozen=True)
class Private(Values):
    """Each seat's worth is drawn alone, all by one law."""

    one: Law
    kind: ClassVar[str] = "private"

    def of(self, uniforms: Floats) -> Draw:
        values = self.one.quantile(uniforms)
        return Draw(values, values)

    def law(self, seat: int) -> Law:
        return self.one


@dataclass(frozen=True)
class Asymmetric(Values):
    """Each seat has a law of its own; seats beyond the list have the last."""

    laws: tuple[Law, ...]
    kind: ClassVar[str] = "asymmetric"

    def __post_init__(self) -> None:
        if not self.laws:
            raise BurghError("asymmetric values need at least one law")

    def of(self, uniforms: Floats) -> Draw:
        values = np.zeros(uniforms.shape, np.int64)
        for seat, row in enumerate(uniforms):
            values[seat] = self.law(seat).quantile(row)
        return Draw(values, values)

    def law(self, seat: int) -> Law:
        return self.laws[min(seat, len(self.laws) - 1)]


@dataclass(frozen=True)
class Affiliated(Values):
    """Worths that tend to be high together: a share of `percent` is one draw common to all seats.

    Private in that one's worth is known; affiliated for laws of log-concave density (Milgrom and Weber 1982).
    """

    one: Law
    percent: int = 50
    kind: ClassVar[str] = "affiliated"
    shared: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100:
            raise BurghError(f"a common share of {self.percent} percent is not from 0 to 100")

    def of(self, uniforms: Floats) -> Draw:
        own, common = self.one.quantile(uniforms[:-1]), self.one.quantile(uniforms[-1:])
        values = (own * (100 - self.percent) + common * self.percent) // 100
        return Draw(values, values)

    def law(self, seat: int) -> Law:
        return self.one


@dataclass(frozen=True)
class CommonValue(Values):
    """One worth for all; each seat's signal is off by up to `error`, evenly."""

    one: Law
    error: int
    kind: ClassVar[str] = "common"
    shared: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.error < 0:
            raise BurghError(f"an error of {self.error} is negative")

    def of(self, uniforms: Floats) -> Draw:
        worth = self.one.quantile(uniforms[-1])
        errors = np.floor(uniforms[:-1] * (2 * self.error + 1)).astype(np.int64) - self.error
        signals = np.maximum(worth + errors, 0)
        return Draw(signals, np.broadcast_to(worth, signals.shape).copy())

    def law(self, seat: int) -> Law:
        return self.one

    def describe(self, seat: int) -> Json:
        return {**super().describe(seat), "error": self.error}


@dataclass(frozen=True)
class SumOfSignals(Values):
    """One worth for all: the sum of everyone's signals (the wallet game, Klemperer 1998)."""

    one: Law
    kind: ClassVar[str] = "sum of signals"

    def of(self, uniforms: Floats) -> Draw:
        signals = self.one.quantile(uniforms)
        worth = signals.sum(axis=0)
        return Draw(signals, np.broadcast_to(worth, signals.shape).copy())

    def law(self, seat: int) -> Law:
        return self.one

    def most(self, seats: int) -> int:
        return seats * self.one.quantile_int(0.9999)


@dataclass(frozen=True)
class Given(Values):
    """A table of what is known and what is gained, by seat and lot. Without signals, worths are known."""

    worths: tuple[tuple[int, ...], ...]
    signals: tuple[tuple[int, ...], ...] = ()
    kind: ClassVar[str] = "given"

    def __post_init__(self) -> None:
        table = [*self.worths, *self.signals]
        if any(value < 0 for row in table for value in row):
            raise BurghError("a value in the table is negative: values are whole numbers from 0")
        if len({len(row) for row in table}) > 1 or len(self.signals) not in (0, len(self.worths)):
            raise BurghError("the rows of the table of values are not of one length")

    def of(self, uniforms: Floats) -> Draw:
        seats, games = uniforms.shape
        if not seats:
            return Draw(np.zeros((0, games), np.int64), np.zeros((0, games), np.int64))
        if len(self.worths) < seats or len(self.worths[0]) < games:
            raise BurghError(f"the table of values is too small for {seats} bidders and {games} lots")
        worths = np.array(self.worths[:seats], np.int64).reshape(seats, -1)[:, :games]
        if not self.signals:
            return Draw(worths, worths)
        return Draw(np.array(self.signals, np.int64)[:seats, :games], worths)

    def law(self, seat: int) -> Law:
        return Empirical(tuple(sorted(value for row in self.signals or self.worths for value in row)))

    def most(self, seats: int) -> int:
        return max((value for row in (*self.worths, *self.signals) for value in row), default=0)
