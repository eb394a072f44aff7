"""The measures of a run over time, as a page of charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from burgh.scenarios.ask.drawing import INK, PAPER, save
from burgh.sim.types import Json

LINES = ("#8a5a44", "#4a6fa5", "#5b8c5a", "#b5893c", "#7d3c6b", "#6b6b6b")
SHARES = (
    ("density", "Density: pairs who know each other"),
    ("own_words", "Spoken words that are the model's own"),
    ("adherence", "Planned waking time spent where the plan says"),
)


def draw_series(measures: Mapping[str, Json], path: Path) -> None:
    """Six charts: who knew, density, own words, adherence, variety, and calls by hour."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    page, axes = plt.subplots(2, 3, figsize=(14, 7.2), facecolor=PAPER)
    page.subplots_adjust(hspace=0.42, wspace=0.25)
    rows = measures["series"]
    times = [datetime.fromisoformat(row["time"]) for row in rows]
    _knowing(axes[0][0], measures, rows, times)
    for chart, (key, title) in zip((axes[0][1], axes[0][2], axes[1][0]), SHARES, strict=True):
        _line(chart, title, times, [row[key] for row in rows])
        chart.set_ylim(-0.03, 1.03)
    _line(axes[1][1], "Variety of what is said", times, [row["distinct_2"] for row in rows], "distinct-2")
    _line(axes[1][1], "Variety of what is said", times, [row["self_bleu_2"] for row in rows], "self-BLEU-2")
    axes[1][1].set_ylim(-0.03, 1.03)
    axes[1][1].legend(frameon=False, fontsize=8)
    _calls(axes[1][2], measures)
    days = f" until {measures['time']}"
    page.suptitle(f"Measures{days}", x=0.09, ha="left", fontsize=14, color=INK)
    save(page, path)


def _knowing(
    chart: Any, measures: Mapping[str, Json], rows: Sequence[Mapping[str, Json]], times: list[datetime]
) -> None:
    for colour, fact in zip(_colours(len(measures["facts"])), measures["facts"], strict=True):
        kind = " (for comparison)" if fact["control"] else ""
        counts = [row["knows"][fact["fact"]] for row in rows]
        chart.plot(times, counts, marker="o", ms=4, lw=1.8, color=colour, label=fact["fact"] + kind)
    _dress(chart, "People who know of it")
    chart.set_ylim(-0.2, len(measures["agents"]) + 0.4)
    if measures["facts"]:
        chart.legend(frameon=False, fontsize=8)


def _line(
    chart: Any, title: str, times: list[datetime], values: Sequence[float | None], name: str = ""
) -> None:
    known = [(time, value) for time, value in zip(times, values, strict=True) if value is not None]
    colour = LINES[len(chart.lines) % len(LINES)]
    chart.plot(
        [time for time, _ in known],
        [value for _, value in known],
        marker="o",
        ms=4,
        lw=1.8,
        color=colour,
        label=name,
    )
    _dress(chart, title)


def _calls(chart: Any, measures: Mapping[str, Json]) -> None:
    """Stacked: the most frequent purposes, the others together."""
    each = measures["costs"]["by_agent_and_hour"]
    named = [one["purpose"] for one in measures["costs"]["purposes"]][: len(LINES) - 1]
    hours = range(max((one["hour"] for one in each), default=0) + 1)
    below = [0] * len(hours)
    for colour, purpose in zip(LINES, [*named, "other"], strict=False):
        counts = [0] * len(hours)
        for one in each:
            if (one["purpose"] if one["purpose"] in named else "other") == purpose:
                counts[one["hour"]] += one["calls"]
        if any(counts):
            chart.bar([hour + 0.5 for hour in hours], counts, 0.85, bottom=below, color=colour, label=purpose)
        below = [low + count for low, count in zip(below, counts, strict=True)]
    _dress(chart, "Calls of the model, by hour of the run", of_time=False)
    if each:
        chart.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _dress(chart: Any, title: str, *, of_time: bool = True) -> None:
    chart.set_facecolor(PAPER)
    chart.set_title(title, fontsize=10, color=INK, loc="left")
    chart.tick_params(labelsize=8, colors=INK)
    for side in ("top", "right"):
        chart.spines[side].set_visible(False)
    if of_time:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(minticks=3, maxticks=7)
        chart.xaxis.set_major_locator(locator)
        chart.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def _colours(count: int) -> list[str]:
    return [LINES[n % len(LINES)] for n in range(count)]
