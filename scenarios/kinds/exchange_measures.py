"""What came of a day at the exchange, from its events: spending, wins, clicks, curves, and bid landscapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from burgh.agents.campaigns.landscape import FITS, Score, Seen, score
from burgh.scenarios.kinds import Measures, Table
from burgh.sim.types import Event, Json, real

if TYPE_CHECKING:
    from burgh.worlds.exchange.stream import Reals, Stream, Synthetic

BARS = "▁▂▃▄▅▆▇█"
LEAST_BIDS = 100  # in the second half; over fewer a score says nothing
WIDEST = 20  # bars of a curve
MakeStream = Callable[[], "Stream"]


@dataclass
class Account:
    """One campaign's day. spent, bids, won: by period. settings: by period, as it was set by then. seen: by
    period, what was bid, won and lost at which price."""

    budget: int = 0
    click_value: int = 0
    clicks: int = 0
    expected: float = 0.0
    spent: list[int] = field(default_factory=list)
    bids: list[int] = field(default_factory=list)
    won: list[int] = field(default_factory=list)
    settings: list[Mapping[str, Json]] = field(default_factory=list)
    seen: list[Mapping[str, Json]] = field(default_factory=list)
    setting: Mapping[str, Json] = field(default_factory=lambda: {"rule": "pause"})

    @property
    def paid(self) -> int:
        return sum(self.spent)

    @property
    def profit(self) -> int:
        return self.clicks * self.click_value - self.paid

    def to_json(self) -> dict[str, Json]:
        won, bids = sum(self.won), sum(self.bids)
        return {
            "budget": self.budget,
            "click_value": self.click_value,
            "spent": self.paid,
            "bids": bids,
            "won": won,
            "win_rate": won / bids if bids else None,
            "clicks": self.clicks,
            "expected_clicks": self.expected,
            "cost_per_click": self.paid / self.clicks if self.clicks else None,
            "profit": self.profit,
            "spent_by_period": self.spent,
            "bids_by_period": self.bids,
            "won_by_period": self.won,
        }


@dataclass
class Day:
    """All that is counted. told: what the exchange said of itself. periods: its figures, one a period."""

    told: Mapping[str, Json] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    periods: list[Mapping[str, Json]] = field(default_factory=list)

    def add(self, event: Event) -> None:
        data = event.data
        if event.kind == "exchange":
            self.told = data
            self.accounts = {name: Account() for name in data["campaigns"]}
        elif event.kind == "period":
            self.periods.append(data)
        if event.agent not in self.accounts:
            return
        one = self.accounts[event.agent]
        if event.kind == "budget":
            one.budget, one.click_value = data["money"], data["click_value"]
        elif event.kind == "campaign":
            one.setting = {key: value for key, value in data.items() if key != "period"}
        elif event.kind == "result":
            one.clicks += data["clicks"]
            one.expected += real(data["expected"])
            one.spent.append(data["spent"])
            one.bids.append(data["bids"])
            one.won.append(data["won"])
            one.settings.append(one.setting)
            one.seen.append({key: data[key] for key in ("bid_at", "won_at", "lost_at")})


def day_of(events: Iterable[Event]) -> Day:
    """The count of a run's events."""
    found = Day()
    for event in events:
        found.add(event)
    return found


def measures(events: Iterable[Event], stream: MakeStream) -> Measures:
    """As data, and as tables. stream: makes the impressions anew, where a law is to be compared with."""
    day = day_of(events)
    if not day.told:
        return Measures()
    forecasts = landscapes(day, stream)
    data = {
        **day.told,
        "exchange": _sums(day),
        "campaigns": {name: one.to_json() for name, one in day.accounts.items()},
        "by_period": [dict(one) for one in day.periods],
        "landscapes": [one.to_json() for one in forecasts],
    }
    return Measures(data, (_campaigns(day), _curves(day), _landscapes(day, forecasts), _exchange(day)))


def _sums(day: Day) -> dict[str, Json]:
    keys = ("impressions", "sold", "revenue", "outside", "outside_revenue", "unsold", "market")
    return {key: sum(one.get(key, 0) for one in day.periods) for key in keys}


def _campaigns(day: Day) -> Table:
    ranked = sorted(day.accounts.items(), key=lambda pair: (-pair[1].profit, pair[0]))
    rows = []
    for name, one in ranked:
        won, bids = sum(one.won), sum(one.bids)
        rows.append(
            (
                name,
                f"{one.paid:,}",
                f"{one.paid / one.budget:.0%}" if one.budget else "-",
                f"{bids:,}",
                f"{won / bids:.1%}" if bids else "-",
                f"{one.clicks:,}",
                f"{one.paid / one.clicks:,.0f}" if one.clicks else "-",
                f"{one.profit:,}",
            )
        )
    columns = ("campaign", "spent", "used", "bids", "won", "clicks", "per click", "profit")
    return Table(
        "Campaigns",
        columns,
        tuple(rows),
        columns[1:],
        "Used: of the budget. Profit: what the clicks are worth, less what was spent.",
    )


def _curves(day: Day) -> Table:
    rows = []
    for name, one in day.accounts.items():
        rates = [won / bids if bids else 0.0 for won, bids in zip(one.won, one.bids, strict=True)]
        prices = [spent / won if won else 0.0 for spent, won in zip(one.spent, one.won, strict=True)]
        rows.append((name, bars(one.spent), bars(rates), bars(prices)))
    return Table("The day, by period", ("campaign", "spent", "share won", "price paid"), tuple(rows))


def bars(figures: Sequence[float]) -> str:
    """A curve as a row of bars, the highest figure the highest; neighbours are taken together where there
    are many."""
    size = -(-len(figures) // WIDEST) if figures else 1
    means = [sum(figures[n : n + size]) / len(figures[n : n + size]) for n in range(0, len(figures), size)]
    top = max(means, default=0)
    if top <= 0:
        return " " * len(means)
    return "".join(" " if one <= 0 else BARS[min(int(one / top * len(BARS)), len(BARS) - 1)] for one in means)


def _exchange(day: Day) -> Table:
    sums = _sums(day)
    rows = [
        ("impressions", f"{sums['impressions']:,}", "that came"),
        ("sold", f"{sums['sold']:,}", "to campaigns"),
        ("revenue", f"{sums['revenue']:,}", "that campaigns paid"),
    ]
    if not day.told["alone"]:
        rows.append(("to the market", f"{sums['outside']:,}", f"for {sums['outside_revenue']:,}"))
        rows.append(("unsold", f"{sums['unsold']:,}", "under the floor"))
    if day.periods and (day.told["virtual"] or day.told["floor"]):
        rows.append(("floor", f"{day.periods[-1]['floor']:,}", "in the last period"))
    title = f"Exchange, {day.told['pricing']}"
    return Table(title, ("measure", "value", "what it is"), tuple(rows), ("value",))


# bid landscapes


@dataclass(frozen=True, slots=True)
class Forecast:
    """One way of fitting for one campaign. outcome: scored on what happened in the second half of the day.
    law: on what is true of the prices there, where that is known."""

    campaign: str
    fit: str
    outcome: Score
    law: Score | None

    def to_json(self) -> dict[str, Json]:
        def plain(one: Score) -> dict[str, Json]:
            return {"log_loss": one.log_loss, "best": one.best, "off": one.off, "auctions": one.auctions}

        return {
            "campaign": self.campaign,
            "fit": self.fit,
            "outcome": plain(self.outcome),
            "law": None if self.law is None else plain(self.law),
        }


def landscapes(day: Day, stream: MakeStream) -> list[Forecast]:
    """Landscapes fitted to what each campaign saw in the first half of the day, scored on the second.

    The law is known where campaigns meet the market alone, in impressions that were drawn.
    """
    found: list[Forecast] = []
    half = len(day.periods) // 2
    known = _known(stream()) if day.told["alone"] else None
    for row, (name, one) in enumerate(day.accounts.items()):
        if sum(one.bids[half:]) < LEAST_BIDS:
            continue
        seen = Seen(day.told["pricing"] == "second-price")
        for report in one.seen[:half]:
            seen.add(report["won_at"], report["lost_at"])
        outcome = _outcomes(one.seen[half:])
        law = None if known is None else _true_wins(day, known, row, half)
        for fit, make in FITS.items():
            if (forecast := make(seen)) is not None:
                true = None if law is None else score(forecast, *law)
                found.append(Forecast(name, fit, score(forecast, *outcome), true))
    return found


def _known(stream: Stream) -> Synthetic | None:
    from burgh.worlds.exchange.stream import Synthetic

    return stream if isinstance(stream, Synthetic) else None


def _outcomes(reports: Iterable[Mapping[str, Json]]) -> tuple[Reals, Reals, Reals]:
    """Bids, how often each was made, and the share of them that won."""
    times: dict[int, int] = {}
    lost: dict[int, int] = {}
    for report in reports:
        for kept, key in ((times, "bid_at"), (lost, "lost_at")):
            for price, count in report[key]:
                kept[price] = kept.get(price, 0) + count
    bids = sorted(times)
    made = np.array([times[bid] for bid in bids], np.float64)
    won = 1 - np.array([lost.get(bid, 0) for bid in bids], np.float64) / made
    return np.array(bids, np.float64), made, won


def _true_wins(day: Day, stream: Synthetic, row: int, half: int) -> tuple[Reals, Reals, Reals]:
    """As `_outcomes`, with the probability that each bid wins by the law of the stream: over the kinds of
    impression for which it is made, in each period as often as it was made there."""
    from burgh.worlds.exchange.forms import bids_of

    names = list(day.accounts)
    one = day.accounts[names[row]]
    bids: list[Reals] = []
    times: list[Reals] = []
    true: list[Reals] = []
    for period in range(half, len(day.periods)):
        if not one.seen[period]["bid_at"]:
            continue
        rates, shares = stream.believed(period, names)[row], stream.shares(period)
        made = np.array(one.seen[period]["bid_at"], np.float64)
        setting = one.settings[period]
        if setting["rule"] == "random":
            by_cell, weights = made[:, 0][:, None].repeat(shares.size, 1), np.tile(shares, (len(made), 1))
        else:
            mean = float(shares @ rates)
            table = bids_of(setting, rates, mean, day.told["most_bid"]).astype(np.float64)
            by_cell = np.tile(table, (len(made), 1))
            weights = (by_cell == made[:, :1]) * shares
        chances = _wins(stream, period, by_cell)
        bids.append(made[:, 0])
        times.append(made[:, 1])
        true.append((chances * weights).sum(axis=1) / weights.sum(axis=1))
    return np.concatenate(bids), np.concatenate(times), np.concatenate(true)


def _wins(stream: Synthetic, period: int, bids: Reals) -> Reals:
    """(..., cells): how likely each bid for an impression of each cell is to beat the market."""
    law = stream.cell_cdf
    return np.asarray((law(period, bids) + law(period, bids - 1)) / 2, np.float64)


def _landscapes(day: Day, found: Sequence[Forecast]) -> Table:
    known = any(one.law is not None for one in found)
    rows = []
    for one in found:
        shown = one.law if one.law is not None else one.outcome
        rows.append(
            (
                one.campaign,
                one.fit,
                f"{shown.auctions:,}",
                f"{shown.log_loss:.4f}",
                f"{shown.best:.4f}",
                f"{shown.off:.3f}",
            )
        )
    what = "the law of the impressions" if known else "what happened there"
    note = (
        f"Fitted to the first half of the day, scored on the second, against {what}: mean log-loss, the least"
        " possible, and how far the win probability is off on average."
    )
    columns = ("campaign", "landscape", "bids", "log-loss", "least", "off")
    return Table("Bid landscapes", columns, tuple(rows), columns[2:], note if rows else "")
