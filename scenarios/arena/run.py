"""Holding a contest: waves of whole blocks, a look at the figures after each, until all is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.design import Game, schedule
from burgh.scenarios.arena.judge import Standing, judge
from burgh.scenarios.arena.pool import Pool, needs_model
from burgh.scenarios.arena.results import Played, Results
from burgh.sim.types import BurghError

USUAL_GAMES = 60
MOST_GAMES = 1_000_000
WAVE_BLOCKS = 8  # the same wherever games are played, so that all stop after the same block


@dataclass(frozen=True, slots=True)
class Limits:
    """games: the most that each strategy plays. budget_tokens: the most, in and out, over all games: no block
    is begun that would not be paid for, if it cost as much as those before on average; the first is played
    in any case. to_the_end: whether to go on when all is decided."""

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
        waiting = blocks(contest, limits.games)
        size = WAVE_BLOCKS if limits.budget_tokens is None else 1
        while wave := [game for block in islice(waiting, size) for game in block]:
            missing = [game for game in wave if results.is_missing(game.key)]
            for played in pool.play(contest, missing):
                results.add(played)
                if after_game is not None:
                    after_game(played, results)
            if not limits.to_the_end and judge(contest, results).decided:
                return Ended("decided", judge(contest, results, rated=True))
            if limits.budget_tokens is not None:
                size = affordable(limits.budget_tokens, spent(results), played_blocks(results))
                if size < 1:
                    return Ended("budget", judge(contest, results, rated=True))
        return Ended("games", judge(contest, results, rated=True))
    finally:
        results.close()


def blocks(contest: Contest, games: int) -> Iterator[list[Game]]:
    """The games block by block."""
    order = schedule(contest.design, contest.strategies, contest.players, games)
    return (list(block) for _, block in groupby(order, key=lambda game: game.block))


def waves(contest: Contest, games: int) -> Iterator[list[Game]]:
    """The same, as many blocks at a time as are played before one looks at the figures."""
    waiting = blocks(contest, games)
    while wave := [game for block in islice(waiting, WAVE_BLOCKS) for game in block]:
        yield wave


def affordable(budget_tokens: int, spent_tokens: int, played: int) -> int:
    """How many blocks the rest of a budget pays for, a wave's at most."""
    if spent_tokens <= 0:
        return WAVE_BLOCKS
    return max(0, min(WAVE_BLOCKS, (budget_tokens - spent_tokens) * max(1, played) // spent_tokens))


def played_blocks(results: Results) -> int:
    return len({game.block for game in results.games.values()})


def spent(results: Results) -> int:
    """Tokens in and out over all games."""
    return sum(seat.tokens_in + seat.tokens_out for game in results.games.values() for seat in game.seats)


def most_games(contest: Contest) -> int:
    """How many a budget may be played to: a strategy that asks nothing spends nothing, and has an end too."""
    return MOST_GAMES if needs_model(contest) else USUAL_GAMES


def schedule_length(contest: Contest, games: int) -> int:
    """How many games there are at most."""
    return games * (len(contest.strategies) if contest.design == "substitute" else 1)
