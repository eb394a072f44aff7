"""What came of a sale, from its events alone: who won what, prices, profit, revenue, efficiency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from burgh.scenarios.kinds import Measures, Table
from burgh.sim.types import Event, Json
from burgh.worlds.auctions.money import HOUSE

MOST_ROWS = 40


@dataclass
class Account:
    """One bidder's, over all games. profit: worth got and money taken in, less cost and money paid."""

    bids: int = 0
    won: int = 0
    worth: int = 0
    cost: int = 0
    paid: int = 0
    received: int = 0
    refused: int = 0

    @property
    def profit(self) -> int:
        return self.worth - self.cost + self.received - self.paid

    def to_json(self) -> dict[str, Json]:
        return {
            "bids": self.bids,
            "won": self.won,
            "worth": self.worth,
            "cost": self.cost,
            "paid": self.paid,
            "received": self.received,
            "refused": self.refused,
            "profit": self.profit,
        }


@dataclass
class Tally:
    """All that is counted. most: what could have been gained of all lots, None where no record says it."""

    format: str = ""
    games: int = 1
    game: int = 0
    over: int = 0  # games of which the last lot was closed
    lots: int = 0  # of the game that is on
    accounts: dict[str, Account] = field(default_factory=dict)
    sales: list[dict[str, Json]] = field(default_factory=list)
    unsold: int = 0
    revenue: int = 0
    gained: int = 0
    most: int | None = 0

    def add(self, event: Event) -> None:
        data = event.data
        if event.kind == "auction":
            self.format, self.game, self.games = data["format"], data.get("game", 0), data.get("games", 1)
            self.lots = len(data["lots"])
            for name in data["bidders"]:
                self.accounts.setdefault(name, Account())
        elif event.kind == "paid":
            self._paid(data)
        elif event.kind == "sold":
            self._sold(event)
        elif event.kind == "unsold":
            self.unsold += 1
        elif event.kind == "bid" and event.agent in self.accounts:
            self.accounts[event.agent].bids += 1
        elif event.kind in ("bid_refused", "refused") and event.agent in self.accounts:
            self.accounts[event.agent].refused += 1
        elif event.kind == "closed":
            self.over += data["lot"] == self.lots - 1
            best = data.get("best")
            self.most = None if best is None or self.most is None else self.most + best

    def _paid(self, data: Mapping[str, Json]) -> None:
        if data["from"] in self.accounts:
            self.accounts[data["from"]].paid += data["amount"]
        if data["to"] in self.accounts:
            self.accounts[data["to"]].received += data["amount"]
        self.revenue += data["amount"] * ((data["to"] == HOUSE) - (data["from"] == HOUSE))

    def _sold(self, event: Event) -> None:
        data, buyer = event.data, event.agent or ""
        self.accounts[buyer].won += data["quantity"]
        self.accounts[buyer].worth += data["value"]
        cost = data.get("cost", 0)
        if data["seller"] in self.accounts:
            self.accounts[data["seller"]].cost += cost
        self.gained += data["value"] - cost
        self.sales.append(
            {
                "game": self.game,
                "lot": data["lot"],
                "item": data["item"],
                "buyer": buyer,
                "seller": data["seller"],
                "price": data["price"],
                "value": data["value"],
            }
        )

    @property
    def efficiency(self) -> float | None:
        """What was gained, of what could have been: None where the record does not say that."""
        return self.gained / self.most if self.most else None

    def to_json(self) -> dict[str, Json]:
        return {
            "format": self.format,
            "games": self.games,
            "games_over": self.over,
            "revenue": self.revenue,
            "gained": self.gained,
            "efficiency": self.efficiency,
            "sold": len(self.sales),
            "unsold": self.unsold,
            "bidders": {name: one.to_json() for name, one in self.accounts.items()},
            "sales": self.sales,
        }


def tally(events: Iterable[Event]) -> Tally:
    """The count of a run's events."""
    found = Tally()
    for event in events:
        found.add(event)
    return found


def measures(events: Iterable[Event]) -> Measures:
    """As data, and as tables."""
    found = tally(events)
    return Measures(found.to_json(), (_sales(found), _bidders(found), _sale(found)))


def _sales(found: Tally) -> Table:
    many = found.games > 1
    rows = tuple(
        (
            *((str(one["game"] + 1),) if many else ()),
            one["item"],
            one["buyer"],
            *((one["seller"],) if one["seller"] != HOUSE else ("",)),
            f"{one['price']:,}",
            f"{one['value']:,}",
        )
        for one in found.sales[-MOST_ROWS:]
    )
    columns = (*(("game",) if many else ()), "what", "buyer", "of", "price", "worth to the buyer")
    if not any(row[-3] for row in rows):
        rows = tuple((*row[:-3], *row[-2:]) for row in rows)
        columns = tuple(column for column in columns if column != "of")
    left = len(found.sales) - len(rows)
    notes = [f"and {left} sales before these"] if left else []
    notes += [f"{found.unsold} went unsold"] if found.unsold else []
    note = f"{'; '.join(notes)[:1].upper()}{'; '.join(notes)[1:]}." if notes else ""
    return Table("Sold", columns, rows, ("game", "price", "worth to the buyer"), note)


def _bidders(found: Tally) -> Table:
    ranked = sorted(found.accounts.items(), key=lambda pair: (-pair[1].profit, pair[0]))
    sells = any(one.received for one in found.accounts.values())
    rows = tuple(
        (
            name,
            f"{one.bids:,}",
            f"{one.won:,}",
            f"{one.paid:,}",
            *((f"{one.received:,}",) if sells else ()),
            f"{one.profit:,}",
        )
        for name, one in ranked
    )
    columns = ("bidder", "bids", "bought", "paid", *(("took in",) if sells else ()), "profit")
    return Table("Bidders", columns, rows, columns[1:])


def _sale(found: Tally) -> Table:
    share = "-" if found.efficiency is None else f"{found.efficiency:.1%}"
    rows = (
        ("revenue", f"{found.revenue:,}", "what the house took in"),
        ("gained", f"{found.gained:,}", "worth of what was sold to who bought it, less its cost"),
        ("efficiency", share, "of the most that could have been gained"),
    )
    title = found.format
    if found.games > 1:
        ended = f"{found.games}" if found.over == found.games else f"{found.over} of {found.games}"
        title = f"{ended} sales: {found.format}"
    return Table(title[:1].upper() + title[1:], ("measure", "value", "what it is"), rows, ("value",))
