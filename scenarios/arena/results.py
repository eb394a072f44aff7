"""The games that have been played: one line of json a game, appended and flushed, never rewritten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import numpy as np
import numpy.typing as npt
import orjson
from filelock import BaseFileLock, FileLock, Timeout

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.design import rotations
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    import pandas as pd

FILE = "games.jsonl"
LOCK = ".lock"
LISTS = ("bids", "latencies", "goals")  # of a seat: what a table has no column for


@dataclass(frozen=True, slots=True)
class Seat:
    """What a contestant made of a game, in whole units of money (in a town: points). benchmark: what the
    benchmark bidder makes in the same seat, None where there is none. wins: things bought or sold. invalid:
    answers that broke their form. bids: by lot and unit, its value and what was bid for it, None for a pass.
    latencies: seconds of the model, by decision. side: "buy" or "sell" in markets. goals: of a town, met."""

    strategy: str
    seat: int
    profit: float
    benchmark: float | None
    wins: int
    bids: tuple[tuple[int, int | None], ...] = ()
    calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    invalid: int = 0
    latencies: tuple[float, ...] = ()
    side: str = ""
    goals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """One game. transcript: what was seen, asked, answered and decided, in order. seconds: wall clock.
    fault: why it could not be played to its end; its seats are then not counted."""

    key: str
    block: int
    rotation: int
    seats: tuple[Seat, ...]
    transcript: tuple[Json, ...] = ()
    seconds: float = 0.0
    fault: str = ""

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Json) -> Played:
        seats = tuple(
            Seat(
                **{
                    **one,
                    "bids": tuple((value, bid) for value, bid in one["bids"]),
                    "latencies": tuple(one["latencies"]),
                    "goals": tuple(one.get("goals", ())),
                }
            )
            for one in raw["seats"]
        )
        return cls(**{**raw, "seats": seats, "transcript": tuple(raw["transcript"])})


@dataclass
class Results:
    """The games of one folder. A line that was cut off by a crash is cut away on opening."""

    folder: Path
    games: dict[str, Played] = field(default_factory=dict)
    _file: BinaryIO | None = None
    _lock: BaseFileLock | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """All whole games, for looking only."""
        found = cls(folder)
        for _, game in _lines(folder / FILE):
            found.games[game.key] = game
        return found

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The same, for adding to. Raises BurghError where another process adds to it."""
        found = cls(folder)
        found._lock = FileLock(folder / LOCK, timeout=0)
        try:
            found._lock.acquire()
        except Timeout:
            raise BurghError(f"another process adds games to {folder}: wait for it, or stop it") from None
        path = folder / FILE
        file = path.open("ab")
        whole = 0
        for end, game in _lines(path):
            whole = end
            found.games[game.key] = game
        file.truncate(whole)
        found._file = file
        return found

    def add(self, game: Played) -> None:
        assert self._file is not None, "results opened for looking only"
        self._file.write(orjson.dumps(game.to_json()) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.games[game.key] = game

    def is_missing(self, key: str) -> bool:
        """Whether a game is still to be played: never done, or not to its end."""
        game = self.games.get(key)
        return game is None or bool(game.fault)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def ordered(self) -> list[Played]:
        """The games that were played to their end, by block, rotation and name: not as they came in."""
        whole = (game for game in self.games.values() if not game.fault)
        return sorted(whole, key=lambda game: (game.block, game.rotation, game.key))

    def faults(self) -> list[Played]:
        return sorted((game for game in self.games.values() if game.fault), key=lambda game: game.key)

    def frame(self) -> pd.DataFrame:
        """One row a contestant's seat in a game."""
        import pandas as pd

        rows = [
            {"game": game.key, "block": game.block, "rotation": game.rotation, "seconds": game.seconds}
            | {
                name: value
                for name, value in asdict(seat).items()
                if name not in ("bids", "latencies", "goals")
            }
            for game in self.ordered()
            for seat in game.seats
        ]
        return pd.DataFrame(rows)

    def by_block(self, contest: Contest) -> dict[str, npt.NDArray[np.float64]]:
        """The mean profit of each strategy in each block: (blocks,), block i of all of them over one draw.

        What is not whole is left out: with fixed opponents a rotation that not all have played, among
        contestants a block of which not all rotations have been played.
        """
        made: dict[int, dict[int, dict[str, list[float]]]] = {}
        for game in self.ordered():
            place = made.setdefault(game.block, {}).setdefault(game.rotation, {})
            for seat in game.seats:
                place.setdefault(seat.strategy, []).append(seat.profit)
        figures: dict[str, list[float]] = {name: [] for name in contest.strategies}
        for block in sorted(made):
            places = list(made[block].values())
            if contest.design == "substitute":
                places = [place for place in places if set(place) >= set(contest.strategies)]
            elif len(places) < rotations(contest.design, contest.strategies, contest.players):
                places = []
            for name in contest.strategies if places else ():
                seats = [profit for place in places for profit in place.get(name, ())]
                figures[name].append(float(np.mean(seats)))
        return {name: np.array(row, np.float64) for name, row in figures.items()}


def _lines(path: Path) -> Iterator[tuple[int, Played]]:
    """Whole lines with where each ends. Raises BurghError for a whole line that is no game."""
    if not path.exists():
        return
    end = 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                return
            end += len(raw)
            try:
                game = Played.from_json(orjson.loads(raw))
            except (ValueError, TypeError, KeyError):
                raise BurghError(f"{path}, line {number}: this is not the record of a game") from None
            yield end, game
