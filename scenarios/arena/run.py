"""Holding a contest: waves of whole blocks, a look at the figures after each, until all is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.design import Game, schedule
from burgh.scenarios.arena.judge import Standing, judge
from burgh.scenarios.arena.pool import Pool
from burgh.scenarios.arena.results import Played, Results
from burgh.sim.types import BurghError

WAVE_BLOCKS = 8  # the same wherever games are played, so that all stop after the same block


@dataclass(frozen=True, slots=True)
class Limits:
    """games: the most that each strategy plays. budget_tokens: the most, in and out, over all games; a wave
    that was begun is played to its end. to_the_end: whether to go on when all is decided."""

    games: int
    budget_tokens: int | None = None
    to_the_end: bool = False

    def __post_init__(self) -> None:
        if self.games < 1:
            raise BurghError(f"a contest of {self.games} games is none: name at least 1")
        if self.budget_tokens is not None and self.budget_tokens < 1:
            raise BurghError(f"a budget of {self.budget_tokens} tokens is none: name at least 1")


@dataclass(frozen=True, slots=True)
class Ended:
    """reason: "decided", "games" or "budget"."""

    reason: str
    standing: Standing


def hold(
    contest: Contest,
    folder: Path,
    pool: Pool,
    limits: Limits,
    after_game: Callable[[Played, Results], None] | None = None,
) -> Ended:
    """Plays what is not in the folder yet, and says how it stands at the end.

    Raises BurghError where the folder is another contest's; KeyboardInterrupt passes through: what has been
    played is kept, and the same call goes on from there.
    """
    contest.keep(folder)
    results = Results.open(folder)
    try:
        for wave in waves(contest, limits.games):
            missing = [game for game in wave if results.is_missing(game.key)]
            for played in pool.play(contest, missing):
                results.add(played)
                if after_game is not None:
                    after_game(played, results)
            if not limits.to_the_end and judge(contest, results).decided:
                return Ended("decided", judge(contest, results, rated=True))
            if limits.budget_tokens is not None and spent(results) >= limits.budget_tokens:
                return Ended("budget", judge(contest, results, rated=True))
        return Ended("games", judge(contest, results, rated=True))
    finally:
        results.close()


def waves(contest: Contest, games: int) -> Iterator[list[Game]]:
    """The games in the order of their blocks, some blocks at a time."""
    order = schedule(contest.design, contest.strategies, contest.players, games)
    blocks = (list(block) for _, block in groupby(order, key=lambda game: game.block))
    while wave := [game for block in islice(blocks, WAVE_BLOCKS) for game in block]:
        yield wave


def spent(results: Results) -> int:
    """Tokens in and out over all games."""
    return sum(seat.tokens_in + seat.tokens_out for game in results.games.values() for seat in game.seats)


def schedule_length(contest: Contest, games: int) -> int:
    """How many games there are at most."""
    return sum(1 for _ in schedule(contest.design, contest.strategies, contest.players, games))
