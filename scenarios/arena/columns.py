"""The table of a standing: which columns a contest has, what each says of a strategy, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.judge import Row, Standing
from burgh.scenarios.arena.words import number

# Formats in which one may get, or sell, more than once a lot.
MANY = ("uniform-price", "discriminatory", "vcg", "gsp", "position-vcg", "call-market", "double-auction")


@dataclass(frozen=True, slots=True)
class Column:
    """short: its head where there is little room. means: a sentence for who reads it first."""

    head: str
    short: str
    means: str
    cell: Callable[[Row], str]


def columns(contest: Contest, standing: Standing) -> tuple[Column, ...]:
    """Those that say something of this contest: towns have goals and no lots, rules ask no model."""
    town = contest.scenario is not None
    unit = "points" if town else "profit"
    has_benchmark = any(row.share is not None for row in standing.rows)
    asks = any(row.calls for row in standing.rows)
    return (
        *_figures(unit),
        *(_benchmark() if has_benchmark else ()),
        *(_deals(contest) if town or contest.format in MANY else _won()),
        *(_costs(unit) if asks else ()),
        Column("invalid", "bad", "answers that were not legal, and passes for want of any", _invalid),
        Column("games left", "left", "about how many more games of it decide all its pairs", _left),
    )


def _figures(unit: str) -> tuple[Column, ...]:
    return (
        Column("strategy", "strategy", "by name; one with # is the control", lambda row: row.strategy),
        Column("rank", "rank", "as far as pairs are decided, however often one looked", rank),
        Column(f"{unit} a game", unit, "the mean over whole blocks", lambda row: number(row.profit.mean)),
        Column(
            "± 95%",
            "±",
            "half its 95% interval if the number of games was set beforehand; ? from a single block",
            lambda row: number((row.profit.high - row.profit.low) / 2),
        ),
    )


def _benchmark() -> tuple[Column, ...]:
    means = "of what a bidder of the opponents' kind makes in the same seats over the same draws"
    return (Column("of benchmark", "share", means, _share),)


def _won() -> tuple[Column, ...]:
    return (Column("lots won", "won", "of the lots of a game", lambda row: f"{row.win_rate:.0%}"),)


def _deals(contest: Contest) -> tuple[Column, ...]:
    means = "how often it bought or sold in a game"
    return (Column("deals", "deals", means, lambda row: number(row.win_rate * contest.lots)),)


def _costs(unit: str) -> tuple[Column, ...]:
    return (
        Column("calls", "calls", "questions to the model a game", lambda row: number(row.calls)),
        Column("tokens in", "in", "read by the model a game", lambda row: f"{row.tokens_in:,.0f}"),
        Column(
            "computed",
            "computed",
            "of the tokens in, those that were not in the cache",
            lambda row: f"{row.tokens_computed:,.0f}",
        ),
        Column("out", "out", "tokens written by the model a game", lambda row: f"{row.tokens_out:,.0f}"),
        Column("seconds", "s", "of the model a game", lambda row: f"{row.seconds:.1f}"),
        Column("p50 s", "p50", "seconds of the model in the median decision", lambda row: _at(row, 0)),
        Column("p95 s", "p95", "seconds that 95 of 100 decisions take at most", lambda row: _at(row, 1)),
        Column("per 1k tokens", "per 1k", f"{unit} for a thousand tokens, in and out", _per_1k),
    )


def rank(row: Row) -> str:
    """ "2", "1 to 3", or that it is the control."""
    best, worst = row.ranks
    return "control" if not best else str(best) if best == worst else f"{best} to {worst}"


def _share(row: Row) -> str:
    return "" if row.share is None else f"{row.share:.0%}"


def _at(row: Row, which: int) -> str:
    return f"{row.latency[which]:.2f}"


def _invalid(row: Row) -> str:
    return str(row.invalid)


def _per_1k(row: Row) -> str:
    return "" if row.profit_per_1k_tokens is None else number(row.profit_per_1k_tokens)


def _left(row: Row) -> str:
    return "" if not row.ranks[0] else "?" if row.left is None else f"{row.left:,}"
