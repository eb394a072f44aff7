"""How a standing is told in words and cells: the same in the terminal, in summary.md and in the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.judge import Standing
from burgh.scenarios.arena.stats.compare import Pair
from burgh.scenarios.arena.stats.intervals import Estimate

EQUAL_SAID = (
    "Each has the same tokens for a decision: what costs less asks more often and goes by what most of its"
    " answers say."
)
ENDED = {
    "games": "all games are played",
    "budget": "the budget is spent",
    "decided": "all is decided",
    "under way": "it is under way",
}
PAIR_COLUMNS = ("pair", "difference", "95% if fixed", "95% at any time", "p (Holm)", "verdict")


def pair_cells(pair: Pair) -> tuple[str, ...]:
    """One pair, in the order of PAIR_COLUMNS."""
    return (
        f"{pair.one} - {pair.other}",
        number(pair.fixed.mean),
        interval(pair.fixed.low, pair.fixed.high),
        interval(pair.low, pair.high),
        chance(pair.adjusted_p),
        verdict(pair),
    )


def verdict(pair: Pair) -> str:
    if pair.better:
        return f"{pair.better} is better"
    if pair.left is None:
        return "open"
    return f"open: about {pair.left:,} more blocks"


def number(value: float) -> str:
    if not math.isfinite(value):
        return "?"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"


def chance(p: float) -> str:
    """A p value."""
    return "< 0.001" if p < 0.0005 else f"{p:.3f}"


def interval(low: float, high: float) -> str:
    return "?" if math.isinf(low) or math.isinf(high) else f"{number(low)} to {number(high)}"


def left(standing: Standing) -> str:
    """How much longer it may take: "decided", a number of blocks, or that nothing can be said."""
    if standing.decided:
        return "all pairs are decided"
    ahead = [pair.left for pair in (*standing.pairs, *standing.equal) if not pair.decided]
    if not ahead:
        return "nothing to compare"
    if any(one is None for one in ahead):
        return f"{len(ahead)} of {len(standing.pairs) + len(standing.equal)} pairs open"
    return f"about {max(one or 0 for one in ahead):,} more blocks until all pairs are decided"


def control_sentence(standing: Standing) -> str:
    """What the strategy against itself says of the contest."""
    pair = standing.control
    if pair is None:
        return "There was no control."
    if pair.fixed.blocks < 2:
        return "Of the control nothing can be said yet."
    said = interval(pair.low, pair.high)
    if pair.decided:
        return (
            f"The control failed: {pair.one} against itself differs ({said}), which chance does in at most"
            " one contest of twenty. Trust nothing here before you know why."
        )
    shown = said if said != "?" else interval(pair.fixed.low, pair.fixed.high)
    return f"The control held: {pair.one} against itself ties (difference {shown})."


def conclusions(standing: Standing) -> list[str]:
    """What may be said, in plain sentences, one a pair."""
    return sentences(standing.pairs)


def sentences(pairs: Sequence[Pair]) -> list[str]:
    said = []
    for pair in pairs:
        if pair.better:
            other = pair.other if pair.better == pair.one else pair.one
            low, high = sorted((abs(pair.low), abs(pair.high)))
            said.append(
                f"{pair.better} makes more than {other}, by {number(low)} to {number(high)} a game, however"
                " often one looked."
            )
        elif pair.fixed.differs and pair.adjusted_p < 0.05:
            better, other = (pair.one, pair.other) if pair.fixed.mean > 0 else (pair.other, pair.one)
            said.append(
                f"{better} made more than {other} by {number(abs(pair.fixed.mean))} a game, which is no"
                f" chance (p {chance(pair.adjusted_p)} after Holm) if the number of games was set beforehand."
            )
        else:
            said.append(f"Between {pair.one} and {pair.other} nothing can be told from {span(pair.fixed)}.")
    return said


def span(estimate: Estimate) -> str:
    said = interval(estimate.low, estimate.high)
    blocks = f"{estimate.blocks} block{'' if estimate.blocks == 1 else 's'}"
    return blocks if said == "?" else f"{blocks} (difference {said})"


def played(contest: Contest, games: int, standing: Standing, reason: str) -> str:
    """How much was played, by which model, and why it ended."""
    whole = f"{games:,} game{'' if games == 1 else 's'}, {standing.blocks:,} whole block"
    return f"{whole}{'' if standing.blocks == 1 else 's'} of them; model {contest.model}; {ENDED[reason]}."


def setting(contest: Contest) -> str:
    """What was played, in a sentence."""
    if contest.scenario is not None:
        return _town_setting(contest)
    lots = f"{contest.lots} lot{'' if contest.lots == 1 else 's'}"
    seats = f"{contest.players} players, {lots} a game, values 0 to {contest.top}"
    against = (
        f"one strategy at a time against {contest.opponents} bidders"
        if contest.design == "substitute"
        else "strategies against each other"
    )
    return f"{contest.format}: {seats}; {against}, seats rotated over each draw; seed {contest.seed}."


def _town_setting(contest: Contest) -> str:
    assert contest.scenario is not None
    others = contest.opponents or "the scenario's own minds"
    who = ", ".join(contest.seats or (agent["name"] for agent in contest.scenario["agents"]))
    against = (
        f"one strategy at a time in the place of one villager ({who}), the others lived by {others}"
        if contest.design == "substitute"
        else f"strategies in the places of {who}"
    )
    goals = ", ".join(contest.goals)
    return (
        f"{contest.format}: {against}, places rotated over each draw; judged by {goals}; seed {contest.seed}."
    )
