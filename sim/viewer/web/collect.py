"""What a page shows of a run, as plain data: who was where when, what was said, what minds held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from burgh.sim.types import Event, Json, real
from burgh.sim.viewer.answers import answer_words
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.light import HOURS
from burgh.sim.viewer.sale import Bid, SaleView
from burgh.sim.viewer.scene import Person, life_of, place_name
from burgh.sim.viewer.store import MARKS
from burgh.sim.viewer.web.boards import Board

FACINGS = ("down", "right", "up", "left")
MOST_BIDS = 12  # of a lot that are shown


class Collector:
    """Takes a run's events in order. first, last: the ticks between which the page plays; what was before
    them it starts from."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        self.builder = SceneBuilder()
        self.words: dict[str, int] = {"": 0}  # activities, by number
        self.tracks: dict[str, list[list[int]]] = {}
        self.things: list[list[Json]] = []
        self.said: list[list[Json]] = []
        self.captions: list[list[Json]] = []
        self.marks: list[list[Json]] = []
        self.sales: list[list[Json]] = []
        self.minds: dict[str, dict[str, list[Json]]] = {}
        self._people: dict[str, Person] = {}
        self._states: dict[str, str] = {}
        self._sale: SaleView | None = None
        self._told: Any = None
        self._board = Board()

    def take(self, events: Iterable[Event], progress: Callable[[int], None] = lambda tick: None) -> None:
        """All events up to the last tick that is shown."""
        for tick, group in groupby(events, key=lambda event: event.tick):
            if tick > self.last:
                return
            for event in group:
                self.builder.apply(event)
                self._note(event)
            self._after(tick)
            progress(tick)

    def data(self, title: str) -> dict[str, Json]:
        """The whole as the page's script reads it."""
        clock = self.builder.clock
        return {
            "title": title,
            "start": clock.start.isoformat(),
            "tickSeconds": clock.tick_seconds,
            "first": self.first,
            "last": min(self.last, self.builder.tick) if self.builder.ended else self.last,
            "words": list(self.words),
            "people": [{"name": name, "track": _columns(track, 7)} for name, track in self.tracks.items()],
            "things": self.things,
            "said": self.said,
            "captions": self.captions,
            "marks": self.marks,
            "sales": self.sales,
            "board": self._board.data(),
            "minds": self.minds,
            "places": [
                [place_name(p.path), p.kind, p.x, p.y, p.width, p.height] for p in self.builder.town.places
            ],
            "hours": [[hour, *colour, lamps] for hour, colour, lamps in HOURS],
        }

    def _after(self, tick: int) -> None:
        """What has changed in this tick."""
        for name, person in self.builder.people.items():
            if self._people.get(name) is not person and self._people.get(name) != person:
                self._people[name] = person
                number = self.words.setdefault(person.activity, len(self.words))
                goal = self.words.setdefault(place_name(person.goal) if person.goal else "", len(self.words))
                row = [
                    tick, int(person.x), int(person.y), FACINGS.index(person.facing),
                    number, int(person.asleep), goal,
                ]  # fmt: skip
                self.tracks.setdefault(name, []).append(row)
        for path, thing in self.builder.things.items():
            if self._states.get(path) != thing.state:
                self._states[path] = thing.state
                self.things.append([tick, path, thing.kind, thing.x, thing.y, thing.state])
        for caption in reversed(self._new_captions()):
            self.captions.append([caption.tick, caption.agent, caption.text])
        if self.builder.sale is not self._sale:
            self._sale = self.builder.sale
            self._purses(tick, self._sale)
            if self._sale.is_there and self.builder.town.width:
                self.sales.append([tick, _sale(self._sale)])

        self._board.note(tick, self.builder)

    def _purses(self, tick: int, sale: SaleView) -> None:
        """What each has in its purse, and what things, where that has changed."""
        for name, bidder in sale.bidders.items():
            rows = self.minds.setdefault(name, {}).setdefault("purses", [])
            has: list[Json] = [bidder.money, [[good, many] for good, many in bidder.goods.items()]]
            if not rows or rows[-1][1:] != has:
                rows.append([tick, *has])

    def _new_captions(self) -> list[Any]:
        """Those since the last time, newest first."""
        found = []
        for caption in reversed(self.builder.scene().captions):
            if caption is self._told:
                break
            found.append(caption)
        if found:
            self._told = found[0]
        return found

    def _note(self, event: Event) -> None:
        mark = MARKS.get(event.kind)
        if mark is not None and (mark != "plan" or event.data["changed"] == "revised"):
            self.marks.append([event.tick, mark, event.agent or ""])
        if event.kind == "said":
            said = event.data
            over = event.agent or said["to"] or ""
            words = str(said["words"])
            self.said.append([event.tick, over, said["speaker"], said["to"] or "", words, life_of(words)])
        elif event.agent is not None and (written := _WRITTEN.get(event.kind)) is not None:
            kind, row = written
            mind = self.minds.setdefault(event.agent, {})
            mind.setdefault(kind, []).append([event.tick, *row(event.data)])
            if event.kind == "decided" and not self.builder.town.width:
                bidder = self.builder.sale.bidders.get(event.agent)
                sells = bidder is not None and bidder.side == "sell"
                mind[kind][-1].append(answer_words(event.data["answer"], sells=sells))


def _memory(data: Mapping[str, Json]) -> list[Json]:
    importance = round(real(data["importance"]), 1)
    return [data["id"], data["kind"], data["text"], importance, data["from"], list(data["evidence"])]


def _planned(data: Mapping[str, Json]) -> list[Json]:
    entries = [
        [
            entry.get("day", 1),
            entry["start"],
            entry["minutes"],
            place_name(str(entry["place"])),
            entry["activity"],
            int(bool(entry["why"])),
        ]
        for entry in data["entries"]
    ]
    return [data["changed"], entries]


def _retrieved(data: Mapping[str, Json]) -> list[Json]:
    parts = ("recency", "importance", "relevance", "score")
    picked = [[one["id"], *(round(real(one[part]), 2) for part in parts)] for one in data["picked"]]
    return [data["query"], picked]


_WRITTEN: dict[str, tuple[str, Callable[[Mapping[str, Json]], list[Json]]]] = {
    "memory": ("memories", _memory),
    "planned": ("plans", _planned),
    "retrieved": ("retrieved", _retrieved),
    "decided": ("decided", lambda data: [data["why"]]),
}


def _sale(sale: SaleView) -> dict[str, Json]:
    lot = sale.open_lot
    return {
        "format": sale.format,
        "lot": "" if lot is None else lot.item,
        "number": sale.lot + 1,
        "lots": len(sale.lots),
        "state": "" if lot is None else lot.state,
        "price": sale.price,
        "leader": sale.leader,
        "ended": sale.ended,
        "bids": [[bid.bidder, _said(bid), bid.price] for bid in sale.bids[-MOST_BIDS:]],
        "purses": [
            [one.name, one.money, sum(one.goods.values()), one.profit] for one in sale.bidders.values()
        ],
        "asks": [list(level) for level in sale.book_asks[:6]],
        "buys": [list(level) for level in sale.book_bids[:6]],
    }


def _columns(rows: list[list[int]], width: int) -> list[list[int]]:
    """Rows as columns, each number as the difference from the one before: short, and quick to read."""
    columns: list[list[int]] = []
    for column in range(width):
        before, differences = 0, []
        for row in rows:
            differences.append(row[column] - before)
            before = row[column]
        columns.append(differences)
    return columns


def _said(bid: Bid) -> str:
    """A bid of who sells is an offer."""
    return "ask" if bid.side == "sell" and bid.act == "bid" else bid.act
