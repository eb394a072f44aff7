"""The picture of a day at the exchange: what each campaign spent, what it won, and at what price."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from burgh.scenarios.kinds.exchange_measures import Account, Day, day_of
from burgh.sim.clock import Clock
from burgh.sim.types import BurghError, Event

INK = (
    "#2e5e7e",
    "#c0603a",
    "#5c7f3a",
    "#8a5a94",
    "#b08a2e",
    "#4f9a94",
    "#a03a5c",
    "#6a6a6a",
    "#7a4a2a",
    "#3a3a8a",
)
STYLES = ("-", "--", ":", "-.")
MOST_LINES = 40
TICK_STEPS = (1 / 12, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0)  # hours between two marks of the axis
MOST_TICKS = 7
LEAST = 20  # bids of a period; of fewer no rate is drawn


def draw(events: Iterable[Event], clock: Clock, path: Path) -> tuple[Path, ...]:
    """Writes the picture, if a period was played. Raises BurghError where it cannot be written."""
    day = day_of(events)
    if not day.periods:
        return ()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    page = Figure(figsize=(13, 4.8), dpi=130, layout="constrained")
    spend, rate, price = page.subplots(1, 3)
    # the n-th tick plays period n - 1, which is named by the time at which it ends; in hours from midnight
    began = clock.start.hour + clock.start.minute / 60
    axis = [began + clock.hours(n + 1) for n in range(len(day.periods))]
    shown = list(day.accounts.items())[:MOST_LINES]
    _spend(spend, axis, shown, day)
    _rates(rate, axis, shown)
    _prices(price, axis, shown, day)
    for axes in (spend, rate, price):
        axes.grid(alpha=0.25)
        ticks = hour_ticks(axis[0], axis[-1])
        axes.set_xticks(ticks, [clock_time(hour) for hour in ticks])
        axes.set_xlabel("time of day")
    handles, labels = spend.get_legend_handles_labels()
    page.legend(
        handles, labels, loc="outside lower center", ncols=min(len(labels), 8), frameon=False, fontsize=9
    )
    try:
        FigureCanvasAgg(page).print_png(path)
    except OSError as error:
        raise BurghError(f"{path}: {error.strerror}") from None
    return (path,)


def hour_ticks(first: float, last: float) -> list[float]:
    """Round times between two, in hours from midnight: whole hours, or parts of one where it is short."""
    step = next((step for step in TICK_STEPS if (last - first) / step <= MOST_TICKS), TICK_STEPS[-1])
    return [n * step for n in range(math.ceil(first / step), math.floor(last / step) + 1)] or [first]


def clock_time(hours: float) -> str:
    """Hours from midnight as a clock shows them."""
    minutes = round(hours * 60)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


Shown = Sequence[tuple[str, Account]]


def _look(n: int) -> dict[str, Any]:
    return {"color": INK[n % len(INK)], "linestyle": STYLES[n // len(INK) % len(STYLES)], "linewidth": 1.6}


def _spend(axes: Any, axis: Sequence[float], shown: Shown, day: Day) -> None:
    for n, (name, one) in enumerate(shown):
        axes.plot(axis, np.cumsum(one.spent) / max(1, one.budget), label=name, **_look(n))
    traffic = np.cumsum([one["impressions"] for one in day.periods], dtype=np.float64)
    if traffic[-1]:
        axes.plot(axis, traffic / traffic[-1], color="#444444", linewidth=3, alpha=0.25, label="traffic")
    axes.set(title="Spent, of the budget", ylim=(0, 1.03))


def _rates(axes: Any, axis: Sequence[float], shown: Shown) -> None:
    for n, (name, one) in enumerate(shown):
        bids = np.array(one.bids, np.float64)
        axes.plot(
            axis,
            np.divide(one.won, bids, out=np.full(bids.size, np.nan), where=bids >= LEAST),
            label=name,
            **_look(n),
        )
    axes.set(title="Won, of the impressions bid for", ylim=(0, None))


def _prices(axes: Any, axis: Sequence[float], shown: Shown, day: Day) -> None:
    for n, (name, one) in enumerate(shown):
        won = np.array(one.won, np.float64)
        axes.plot(
            axis,
            np.divide(one.spent, won, out=np.full(won.size, np.nan), where=won > 0),
            label=name,
            **_look(n),
        )
    came = np.array([one["impressions"] for one in day.periods], np.float64)
    market = np.array([one["market"] for one in day.periods], np.float64)
    mean = np.divide(market, came, out=np.full(came.size, np.nan), where=came > 0)
    axes.plot(axis, mean, color="#444444", linewidth=3, alpha=0.25)
    axes.annotate("the market's", (axis[-1], mean[-1]), fontsize=8, ha="right", va="bottom", color="#444444")
    axes.set(title="Price paid, on average", ylim=(0, None))
