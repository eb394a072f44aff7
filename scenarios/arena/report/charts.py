"""The report's charts: strength, differences, bids against equilibrium, cost against quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from burgh.scenarios.arena import words
from burgh.scenarios.arena.columns import rank
from burgh.scenarios.arena.judge import Row, Standing
from burgh.scenarios.arena.report.svg import Drawing, Scale, Style, around
from burgh.scenarios.arena.stats.compare import Pair

WIDTH = 760.0
LABELS = 190.0  # of the width, for names at the left
VERDICTS = 150.0  # and for what is said at the right
ROW = 30.0
SMALL = 232.0  # a small chart's width and height
NAME_WIDTH = 140.0  # beside a point
BINS = 8  # of values, of each of which the median bid is drawn
FEWEST = 3  # bids in a bin

Bids = Sequence[tuple[int, int | None, str]]  # value, bid or None for a pass, side of a market


def strength(rows: Sequence[Row], drawn: Mapping[str, Style], unit: str) -> str:
    """Profit a game of each strategy with its interval, the best first. The benchmark is a line."""
    ordered = sorted(rows, key=lambda row: -row.profit.mean)
    figures = [end for row in ordered for end in (row.profit.low, row.profit.high, row.profit.mean)]
    known = [row.profit.mean / row.share for row in ordered if row.share]
    benchmark = float(np.mean(known)) if known else None
    low, high = around([*figures, *([benchmark] if benchmark is not None else [])], zero=True)
    drawing = Drawing(WIDTH, 52 + ROW * len(ordered), f"{unit} a game of each strategy with 95% intervals")
    scale = Scale(low, high, LABELS, WIDTH - VERDICTS)
    bottom = 8 + ROW * len(ordered)
    drawing.across(scale, 4, bottom, f"{unit} a game, 95% interval")
    drawing.line(scale.at(0), 4, scale.at(0), bottom, "zero")
    if benchmark is not None:
        drawing.line(scale.at(benchmark), 4, scale.at(benchmark), bottom, "benchmark")
    for n, row in enumerate(ordered):
        said = "control" if not row.ranks[0] else f"rank {rank(row)}"
        share = "" if row.share is None else f", {row.share:.0%}"
        tip = f"{row.strategy}: {words.number(row.profit.mean)}"
        interval = (row.profit.low, row.profit.high)
        _forest_row(
            drawing,
            scale,
            n,
            (row.strategy, said + share),
            interval,
            row.profit.mean,
            drawn[row.strategy],
            tip,
        )
    return drawing.svg()


def differences(pairs: Sequence[Pair], drawn: Mapping[str, Style]) -> str:
    """Each pair's paired difference: thick the interval if games were set beforehand, thin at any time."""
    ends = [
        end
        for pair in pairs
        for end in (pair.fixed.low, pair.fixed.high, pair.low, pair.high, pair.fixed.mean)
    ]
    low, high = around(ends, zero=True)
    drawing = Drawing(WIDTH, 52 + ROW * len(pairs), "differences in profit between strategies, two by two")
    scale = Scale(low, high, LABELS + 40, WIDTH - VERDICTS - 10)
    bottom = 8 + ROW * len(pairs)
    drawing.across(scale, 4, bottom, "difference a game: first less second")
    drawing.line(scale.at(0), 4, scale.at(0), bottom, "zero")
    for n, pair in enumerate(pairs):
        y = 8 + ROW * (n + 0.5)
        better = pair.better or ""
        style = drawn[better] if better else Style("#8b94a0", "circle")
        if np.isfinite([pair.low, pair.high]).all():
            drawing.line(scale.at(pair.low), y, scale.at(pair.high), y, "whisker", style.colour)
        said = "open" if not better else f"{better} is better"
        tip = f"{pair.one} less {pair.other}: {words.interval(pair.fixed.low, pair.fixed.high)}"
        label = f"{pair.one} − {pair.other}"
        interval = (pair.fixed.low, pair.fixed.high)
        _forest_row(drawing, scale, n, (label, said), interval, pair.fixed.mean, style, tip)
    return drawing.svg()


def ratings(standing: Standing, names: Sequence[str], drawn: Mapping[str, Style]) -> str:
    """Plackett-Luce strengths with their bootstrap intervals."""
    found = standing.ratings
    if found is None:
        return ""
    order = np.argsort(-found.strengths)
    low, high = around([*found.low, *found.high, *found.strengths], zero=True)
    drawing = Drawing(WIDTH, 52 + ROW * len(names), "strengths by who made more, with bootstrap intervals")
    scale = Scale(low, high, LABELS, WIDTH - VERDICTS)
    bottom = 8 + ROW * len(names)
    drawing.across(scale, 4, bottom, "log-strength, 95% by bootstrap over blocks")
    drawing.line(scale.at(0), 4, scale.at(0), bottom, "zero")
    for n, index in enumerate(order):
        best, worst = found.ranks[index]
        said = f"rank {best}" if best == worst else f"rank {best} to {worst}"
        interval = (float(found.low[index]), float(found.high[index]))
        strong = float(found.strengths[index])
        _forest_row(
            drawing, scale, n, (names[index], said), interval, strong, drawn[names[index]], names[index]
        )
    return drawing.svg()


def _forest_row(  # noqa: PLR0917
    drawing: Drawing,
    scale: Scale,
    number: int,
    said: tuple[str, str],
    interval: tuple[float, float],
    mean: float,
    style: Style,
    tip: str,
) -> None:
    y = 8 + ROW * (number + 0.5)
    drawing.text(scale.start - 14, y + 4, said[0], "name", "end")
    if np.isfinite(interval).all():
        drawing.line(scale.at(interval[0]), y, scale.at(interval[1]), y, "interval", style.colour)
    if np.isfinite(mean):
        drawing.mark(scale.at(mean), y, style, 5.5, tip=tip)
    drawing.text(scale.end + 16, y + 4, said[1], "said")


def bid_curve(
    name: str, bids: Bids, style: Style, curves: Mapping[str, Sequence[tuple[float, float]]], top: float
) -> str:
    """What one strategy bid for what value, with the median of its bids, and the equilibrium (dashed).

    curves: the equilibrium by side of the market ("" where there are no sides). Passes lie under the axis,
    and bids of more than twice the highest value on the upper edge.
    """
    drawing = Drawing(SMALL + 20, SMALL + 32, f"bids of {name} by value")
    highest = max([top, *(bid for _, bid, _ in bids if bid is not None)], default=top)
    highest = min(highest, 2 * top)
    across, up = Scale(0, top, 38, SMALL + 8), Scale(0, highest, SMALL - 18, 30)
    drawing.across(across, 30, SMALL - 6)
    drawing.up(up, 38, SMALL + 8)
    drawing.line(across.at(0), up.at(0), across.at(min(top, highest)), up.at(min(top, highest)), "worth")
    for value, bid, side in bids:
        if bid is None:
            drawing.mark(across.at(value), SMALL - 11, style, 2.2, "pass", f"{value}: no bid")
        else:
            kind = "bid sell" if side == "sell" else "bid"
            drawing.mark(across.at(value), up.at(bid), style, 2.6, kind, f"{bid} for {value}")
    for curve in curves.values():
        drawing.path([(across.at(x), up.at(y)) for x, y in curve if y >= 0], "equilibrium")
    for side in sorted({side for *_, side in bids}):
        made = [(value, bid) for value, bid, its in bids if its == side and bid is not None]
        drawing.path([(across.at(x), up.at(y)) for x, y in medians(made, top)], "median", style.colour)
    drawing.text(38, 14, name, "name")
    drawing.text(SMALL + 8, SMALL + 25, "value", "axis", "end")
    drawing.text(30, 14, "bid", "axis", "end")
    return drawing.svg()


def medians(made: Sequence[tuple[int, int]], top: float) -> list[tuple[float, float]]:
    """The middle value and the median bid of each bin of values that has enough bids."""
    if not made:
        return []
    values, bids = np.array(made, np.float64).T
    edges = np.linspace(0, max(top, 1), BINS + 1)
    found = []
    for low, high in pairwise(edges):
        here = (values >= low) & (values < high if high < top else values <= high)
        if here.sum() >= FEWEST:
            found.append((float(np.median(values[here])), float(np.median(bids[here]))))
    return found


def cost(rows: Sequence[Row], drawn: Mapping[str, Style], unit: str) -> str:
    """Profit a game against tokens a game: up and to the left is better. The control, which is where its
    twin is, is left out. "" where nothing was asked."""
    asked = [row for row in rows if row.tokens_in + row.tokens_out > 0 and row.ranks[0]]
    if not asked:
        return ""
    tokens = [row.tokens_in + row.tokens_out for row in asked]
    ends = [end for row in asked for end in (row.profit.low, row.profit.high, row.profit.mean)]
    low, high = around(ends, zero=True)
    drawing = Drawing(WIDTH, 330, f"{unit} a game against tokens a game")
    across = Scale(min(tokens) / 1.5, max(tokens) * 2.2, 60, WIDTH - 20, log=True)
    up = Scale(low, high, 280, 26)
    drawing.across(across, 26, 280, "tokens a game, in and out (a scale of tenfolds)")
    drawing.up(up, 60, WIDTH - 20, f"{unit} a game")
    drawing.line(60, up.at(0), WIDTH - 20, up.at(0), "zero")
    places = [(across.at(spent), up.at(row.profit.mean)) for row, spent in zip(asked, tokens, strict=True)]
    for number, (row, spent, (x, y)) in enumerate(zip(asked, tokens, places, strict=True)):
        style = drawn[row.strategy]
        if np.isfinite([row.profit.low, row.profit.high]).all():
            drawing.line(x, up.at(row.profit.low), x, up.at(row.profit.high), "interval", style.colour)
        drawing.mark(
            x, y, style, 6, tip=f"{row.strategy}: {spent:,.0f} tokens, {words.number(row.profit.mean)}"
        )
        crowded = any(0 < there - x < NAME_WIDTH and abs(level - y) < 40 for there, level in places)
        beside, anchor = (x - 11, "end") if crowded else (x + 11, "start")
        below = sum(abs(there - x) < 6 and abs(level - y) < 6 for there, level in places[:number])
        drawing.text(beside, y - 8 - 14 * below, row.strategy, "name", anchor)
    return drawing.svg()
