"""What the games say so far: a row for each strategy, all pairs, and whether more games are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import EQUAL
from burgh.scenarios.arena.design import rotations
from burgh.scenarios.arena.results import Played, Results, Seat
from burgh.scenarios.arena.stats.compare import Pair, pairs, rank_ranges
from burgh.scenarios.arena.stats.intervals import Estimate, of_mean
from burgh.scenarios.arena.stats.ratings import Figures, Ratings, rate
from burgh.sim.rng import seed_of

FEWEST_RATED = 5  # blocks: a bootstrap over fewer tells no interval


@dataclass(frozen=True, slots=True)
class Row:
    """One strategy. profit: mean of a game, by blocks. share: its profit over the benchmark's, None without.
    ranks: best and worst that the decided pairs leave. win_rate: lots won over lots. tokens: in and out, a
    game; computed: those of the tokens in not cached. latency: p50 and p95 of a decision, seconds. seconds:
    of the model, a game. left: about how many more games of it decide all its pairs; None: unknown."""

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
    seconds: float = 0.0
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """pairs: of the strategies as they are. control: the first strategy against itself under another name,
    None where there is no control. equal: pairs of the arm in which all have the same tokens, a family of
    comparisons of its own."""

    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    control: Pair | None
    blocks: int
    ratings: Ratings | None = None
    equal: tuple[Pair, ...] = ()

    @property
    def decided(self) -> bool:
        return bool(self.pairs) and all(pair.decided for pair in (*self.pairs, *self.equal))


def is_control(strategy: str) -> bool:
    return "#" in strategy


def families(contest: Contest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The strategies that are judged, and those of the arm in which all have the same tokens: these are the
    contest itself where there are no others."""
    played = [name for name in contest.strategies if not is_control(name)]
    equal = tuple(name for name in played if EQUAL in name)
    plain = tuple(name for name in played if EQUAL not in name)
    return (plain, equal) if plain else (equal, ())


def judge(contest: Contest, results: Results, *, rated: bool = False) -> Standing:
    """rated: whether ratings with their bootstrap are wanted too (half a second or so),
    which a few blocks do not give."""
    games = results.ordered()
    figures = results.by_block(contest)
    blocks = len(figures[contest.strategies[0]])
    judged, equal = families(contest)
    found, beside = (pairs({name: figures[name] for name in family}) for family in (judged, equal))
    ranges = {**rank_ranges(judged, found), **rank_ranges(equal, beside)}
    games_a_block = rotations(contest.design, contest.strategies, contest.players)
    seats: dict[str, list[Seat]] = {name: [] for name in contest.strategies}
    for game in games:
        for seat in game.seats:
            seats[seat.strategy].append(seat)
    rows = tuple(
        replace(
            _row(contest, name, seats[name], of_mean(figures[name]), ranges.get(name, (0, 0))),
            left=_left(name, (*found, *beside), games_a_block),
        )
        for name in contest.strategies
    )
    control = next((name for name in contest.strategies if is_control(name)), None)
    against = pairs({name: figures[name] for name in (control.split("#")[0], control)}) if control else ()
    return Standing(
        rows,
        found,
        against[0] if against else None,
        blocks,
        ratings(contest, judged, games) if rated and len(judged) > 1 and blocks >= FEWEST_RATED else None,
        beside,
    )


def _left(name: str, found: Sequence[Pair], games_a_block: int) -> int | None:
    """Games until the last of a strategy's pairs is decided, if all goes on as it did."""
    blocks = [0 if pair.decided else pair.left for pair in found if name in (pair.one, pair.other)]
    known = [one for one in blocks if one is not None]
    return max(known) * games_a_block if known and len(known) == len(blocks) else None


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
        sum(sum(seat.latencies) for seat in seats) / count,
    )
