"""The contest as a library: how well some strategies do over given draws, for optimisers and notebooks.

from burgh.scenarios.arena.evaluate import evaluate

setting = Contest(format="first-price", strategies=("direct",), ids={})
found = evaluate(setting, {"parent": parent, "child": child}, seeds=range(20), model=model)
found.profits["child"] - found.profits["parent"]  # (20,): one paired difference a draw
found.difference("child", "parent")  # its mean, with Student's interval
found.transcripts("child")[0]  # the worst game of "child", as a text to reflect on
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import Contestant, contestant
from burgh.scenarios.arena.design import Game, games_of_block
from burgh.scenarios.arena.pool import Here
from burgh.scenarios.arena.results import Played, Results
from burgh.scenarios.arena.stats.intervals import Estimate, of_mean
from burgh.scenarios.arena.transcript import told
from burgh.sim.protocols import LanguageModel
from burgh.sim.types import BurghError

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """seeds: the draws, in the order asked for. profits: by strategy, (seeds,), the mean profit of a game
    over all seats of a draw; a draw in which any game had a fault is NaN for all, so that what is left stays
    paired. games: by strategy, all its games, the least profitable first. tokens: by strategy, in and out."""

    seeds: tuple[int, ...]
    profits: Mapping[str, Reals]
    games: Mapping[str, tuple[Played, ...]]
    tokens: Mapping[str, int]

    def difference(self, one: str, other: str) -> Estimate:
        """The mean paired difference in profit, one less other, with its 95% interval over the draws."""
        differences = self.profits[one] - self.profits[other]
        return of_mean(differences[~np.isnan(differences)])

    def transcripts(self, strategy: str) -> tuple[str, ...]:
        """What happened in each of its games, the worst first: shown, asked, called, answered, what came of
        it."""
        return tuple(told(game, strategy) for game in self.games[strategy])

    def faults(self) -> tuple[str, ...]:
        """What went wrong, a sentence a game."""
        games = {game.key: game for played in self.games.values() for game in played if game.fault}
        return tuple(f"{key}: {game.fault}" for key, game in sorted(games.items()))


def evaluate(
    setting: Contest,
    strategies: Mapping[str, Contestant] | Sequence[str],
    seeds: Sequence[int],
    *,
    model: LanguageModel | None = None,
    rotations: int | None = None,
) -> Evaluation:
    """Plays each strategy over each draw, in each seat, and returns what each made of it, paired by draw.

    setting: format, players, opponents and all else that is played; its own strategies are not looked at.
    strategies: contestants by any names (`Prompted(file)` is that of a prompt file), or names as
    `burgh arena` takes them. seeds: numbers of draws: equal numbers under one `setting.seed` are equal draws
    whoever plays, so disjoint ranges make separate sets to evolve, select and test on. model: None where no
    strategy asks one. rotations: how many seats of each draw are played, the same for all; None for all.

    Reproducible: equal arguments give equal profits. Plays in this process, all games that are under way
    sharing the model's batches. Raises BurghError for what cannot be played at all; what goes wrong in one
    game is its fault.
    """
    entrants = (
        dict(strategies)
        if isinstance(strategies, Mapping)
        else {name: contestant(name) for name in strategies}
    )
    if any(one.asks for one in entrants.values()) and model is None:
        raise BurghError("some of these strategies ask a language model: hand one over")
    ids = {name: one.id for name, one in entrants.items()}
    held = setting.model_copy(update={"strategies": tuple(entrants), "ids": ids})
    seats = range(held.players if rotations is None else min(rotations, held.players))
    games = [game for seed in dict.fromkeys(seeds) for game in _games(held, seed) if game.rotation in seats]
    played = {game.key: game for game in Here(model, entrants=entrants).play(held, games)}
    return _evaluation(held, tuple(seeds), games, played)


def _games(contest: Contest, block: int) -> tuple[Game, ...]:
    return games_of_block(contest.design, contest.strategies, contest.players, block)


def _evaluation(
    contest: Contest, seeds: tuple[int, ...], games: Sequence[Game], played: Mapping[str, Played]
) -> Evaluation:
    of: dict[str, list[Played]] = {name: [] for name in contest.strategies}
    broken = {game.block for game in games if played[game.key].fault}
    for game in games:
        for name in dict.fromkeys(seat for seat in game.seats if seat):
            of[name].append(played[game.key])
    profits, tokens = {}, {}
    for name, own in of.items():
        made: dict[int, list[float]] = {}
        for one in own:
            made.setdefault(one.block, []).extend(profit_of(one, name))
        means = [np.nan if seed in broken else float(np.mean(made[seed])) for seed in seeds]
        profits[name] = np.array(means, np.float64)
        tokens[name] = sum(
            seat.tokens_in + seat.tokens_out for one in own for seat in one.seats if seat.strategy == name
        )
    return Evaluation(seeds, profits, {name: _worst_first(name, own) for name, own in of.items()}, tokens)


def _worst_first(name: str, games: Sequence[Played]) -> tuple[Played, ...]:
    return tuple(sorted(games, key=lambda game: (sum(profit_of(game, name)), game.key)))


def profit_of(game: Played, name: str) -> list[float]:
    """What a strategy made in each of its seats."""
    return [seat.profit for seat in game.seats if seat.strategy == name]


def evaluation_of(contest: Contest, results: Results) -> Evaluation:
    """The same of a contest that has been held: of all its whole blocks."""
    games = results.ordered()
    whole = [one for one in sorted({game.block for game in games}) if _is_whole(contest, results, one)]
    wanted = [game for block in whole for game in _games(contest, block)]
    return _evaluation(contest, tuple(whole), wanted, {game.key: game for game in games})


def _is_whole(contest: Contest, results: Results, block: int) -> bool:
    return not any(results.is_missing(game.key) for game in _games(contest, block))
