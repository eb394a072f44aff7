"""What the games say so far: a row for each strategy, all pairs, and whether more games are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.results import Played, Results, Seat
from burgh.scenarios.arena.stats.compare import Pair, pairs, rank_ranges
from burgh.scenarios.arena.stats.intervals import Estimate, of_mean
from burgh.scenarios.arena.stats.ratings import Figures, Ratings, rate
from burgh.sim.rng import seed_of


@dataclass(frozen=True, slots=True)
class Row:
    """One strategy. profit: mean of a game, by blocks. share: its profit over the benchmark's, None without.
    ranks: best and worst that the decided pairs leave. win_rate: lots won over lots. tokens: in and out, a
    game; computed: those of the tokens in not cached. latency: p50 and p95 of a decision, seconds."""

    strategy: str
    games: int
    profit: Estimate
    share: float | None
    win_rate: float
    ranks: tuple[int, int]
    calls: float
    tokens_in: float
    tokens_computed: float
    tokens_out: float
    latency: tuple[float, float]
    invalid: int
    profit_per_1k_tokens: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """control: the first strategy against itself under another name, None where there is no control."""

    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    control: Pair | None
    blocks: int
    ratings: Ratings | None = None

    @property
    def decided(self) -> bool:
        return bool(self.pairs) and all(pair.decided for pair in self.pairs)


def is_control(strategy: str) -> bool:
    return "#" in strategy


def judge(contest: Contest, results: Results, *, rated: bool = False) -> Standing:
    """rated: whether ratings with their bootstrap are wanted too (half a second or so)."""
    games = results.ordered()
    figures = results.by_block(contest)
    judged = tuple(name for name in contest.strategies if not is_control(name))
    found = pairs({name: figures[name] for name in judged})
    ranges = rank_ranges(judged, found)
    seats: dict[str, list[Seat]] = {name: [] for name in contest.strategies}
    for game in games:
        for seat in game.seats:
            seats[seat.strategy].append(seat)
    rows = tuple(
        _row(contest, name, seats[name], of_mean(figures[name]), ranges.get(name, (0, 0)))
        for name in contest.strategies
    )
    control = next((name for name in contest.strategies if is_control(name)), None)
    against = pairs({name: figures[name] for name in (control.split("#")[0], control)}) if control else ()
    return Standing(
        rows,
        found,
        against[0] if against else None,
        len(figures[contest.strategies[0]]),
        ratings(contest, judged, games) if rated and len(judged) > 1 and games else None,
    )


def ratings(contest: Contest, names: Sequence[str], games: Sequence[Played]) -> Ratings:
    """Strengths from who made more: of one draw in one seat with fixed opponents, of one game otherwise."""
    blocks: dict[int, dict[int, list[tuple[int, float]]]] = {}
    for game in games:
        for seat in game.seats:
            if seat.strategy in names:
                table = blocks.setdefault(game.block, {}).setdefault(game.rotation, [])
                table.append((names.index(seat.strategy), float(seat.profit)))
    tables: list[list[Figures]] = [
        [table for table in block.values() if len(table) > 1] for _, block in sorted(blocks.items())
    ]
    rng = np.random.default_rng(seed_of(contest.seed, "arena-bootstrap"))
    return rate(tables, len(names), rng)


def _row(contest: Contest, name: str, seats: Sequence[Seat], profit: Estimate, ranks: tuple[int, int]) -> Row:
    count = max(1, len(seats))
    known = [seat for seat in seats if seat.benchmark is not None]
    benchmark = sum(seat.benchmark or 0 for seat in known)
    latencies = [seconds for seat in seats for seconds in seat.latencies] or [0.0]
    tokens = sum(seat.tokens_in + seat.tokens_out for seat in seats)
    made = sum(seat.profit for seat in seats)
    return Row(
        name,
        len(seats),
        profit,
        sum(seat.profit for seat in known) / benchmark if benchmark > 0 else None,
        sum(seat.wins for seat in seats) / (count * contest.lots),
        ranks,
        sum(seat.calls for seat in seats) / count,
        sum(seat.tokens_in for seat in seats) / count,
        sum(seat.tokens_in - seat.tokens_cached for seat in seats) / count,
        sum(seat.tokens_out for seat in seats) / count,
        (float(np.percentile(latencies, 50)), float(np.percentile(latencies, 95))),
        sum(seat.invalid for seat in seats),
        1000 * made / tokens if tokens else None,
    )
