"""A bank of examples grown from games: what was asked and answered in those that went best."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.agents.strategies.files import Example
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.evaluate import profit_of
from burgh.scenarios.arena.results import Played
from burgh.sim.types import BurghError

BEST_SHARE = 0.25


def grown(
    contest: Contest, games: Sequence[Played], strategy: str, share: float = BEST_SHARE
) -> tuple[Example, ...]:
    """Of the games of a strategy the best share, by its profit beside the benchmark's where there is one:
    each of its answers with the situation that it answered. Raises BurghError where there are none."""
    if not 0 < share <= 1:
        raise BurghError(f"--best {share:g} is no share of the games: write a number over 0, up to 1")
    own = [game for game in games if profit_of(game, strategy) and not game.fault]
    if not own:
        known = ", ".join(contest.strategies)
        raise BurghError(f"no game of {strategy!r} was played to its end in this contest: it holds {known}")
    best = sorted(own, key=lambda game: (-_quality(game, strategy), game.key))
    kept = best[: max(1, round(share * len(best)))]
    found = tuple(dict.fromkeys(example for game in kept for example in _examples(game, contest.format)))
    if not found:
        raise BurghError(f"{strategy!r} wrote no answer in its best games: they hold no examples")
    return found


def _quality(game: Played, strategy: str) -> float:
    """The mean over its seats of what it made, less what the benchmark made there."""
    gains = [seat.profit - (seat.benchmark or 0) for seat in game.seats if seat.strategy == strategy]
    return sum(gains) / len(gains)


def _examples(game: Played, domain: str) -> list[Example]:
    """The last question before each answer, without its cue, and the answer as it was written."""
    found, asked, reply = [], "", ""
    for raw in game.transcript:
        if raw["kind"] == "model" and raw["data"]["method"] == "complete":
            asked, reply = str(raw["data"]["suffix"]), str(raw["data"]["replies"][0]).strip()
        elif raw["kind"] == "decided" and asked and reply.startswith("{"):
            situation = asked.rpartition("\n")[0].strip()
            if situation and len(situation) <= 2_000:
                found.append(Example(situation=situation, answer=reply, domain=domain))
            asked = reply = ""
    return found
