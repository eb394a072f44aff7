"""What all auctions share: lots in a row, rounds in which bidders are asked, a ledger, news, and bad bids.

A round asks some agents; it ends when all of them have answered or its time limit has passed, and no
answer counts as a pass. Open formats are many rounds, sealed ones are one. Agents are heard in their
canonical order, so that the order of arrival within a round never matters.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar

import numpy as np

from burgh.sim.clock import Clock
from burgh.sim.protocols import WorldFacts
from burgh.sim.rng import seed_of
from burgh.sim.spec import ActionSpec
from burgh.sim.types import WORLD, Action, BurghError, Event, Events, Json, Observation, Percept
from burgh.worlds.auctions.forms import CLOSED, IDLE, fault_of
from burgh.worlds.auctions.money import HOUSE, Ledger
from burgh.worlds.auctions.terms import Answer, Lot, Terms, check_sale, purses
from burgh.worlds.auctions.values import Draw, Values

START = datetime(2026, 5, 4, 11, 0)
MOST_BIDDERS = 1000


class House(ABC):
    """A World (see sim/protocols.py) of lots sold one after another; the formats are its subclasses.

    agents: in canonical order. values: what a lot is worth to whom, drawn from the seed before anyone bids.
    budgets: what is in each purse at the start; one number for all, or enough for any sensible bid if None.
    """

    format: str
    acts: ClassVar[tuple[str, ...]] = ("bid",)  # answers that commit one to something
    least_players: ClassVar[int] = 0

    def __init__(
        self,
        agents: Sequence[str],
        values: Values,
        *,
        seed: int,
        lots: Sequence[Lot] | int = 1,
        terms: Terms | None = None,
        budgets: Mapping[str, int] | int | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.agents = tuple(agents)
        check_sale(self.format, self.agents, values, lots, terms, self.least_players)
        self.values = values
        self.seed = seed
        self.lots = tuple(lots if isinstance(lots, Sequence) else (Lot(f"lot {n + 1}") for n in range(lots)))
        self.terms = terms or Terms()
        self.clock = clock or Clock(START)
        self._laws: dict[str, Json] = {}
        self.drawn = values.draw(self._seats(), len(self.lots), seed)
        self.drawn_from = seed  # in a sale that has begun, lots and values stay whatever the seed then is
        self.ledger = Ledger(self._purses(budgets), self._goods())
        self.tick = 0
        self.lot = -1
        self.round = 0
        self.deadline = 0
        self.asked: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.entered: list[str] = []
        self.history: list[dict[str, Json]] = []
        self.news: dict[str, list[list[Json]]] = {}
        self.opened_event = ""
        self.play: dict[str, Any] = {}  # a format's own state of the open lot, plain data

    # what a format says

    @abstractmethod
    def _start(self, events: Events) -> None:
        """A lot has been opened: sets `play` and asks the first round."""

    @abstractmethod
    def _spec(self, name: str) -> ActionSpec:
        """What an agent who is asked may answer."""

    @abstractmethod
    def _resolve(self, events: Events) -> None:
        """A round is over: asks the next, or settles the lot and calls `_close_lot`."""

    @abstractmethod
    def _view(self, name: str) -> dict[str, Json]:
        """What an agent knows beyond what is common to all formats."""

    def _fault(self, name: str, answer: Mapping[str, Json]) -> str:
        """What is wrong with an answer of the right form, or ""."""
        return ""

    def _shown(self, name: str) -> dict[str, Json]:
        """What the record of an answer says besides it: the price of a clock, the side of a trader."""
        return {}

    def _seats(self) -> Sequence[str]:
        """The names for which values are drawn."""
        return self.agents

    def _goods(self) -> dict[str, dict[str, int]]:
        """Who has what at the start."""
        goods: dict[str, int] = {}
        for lot in self.lots:
            goods[lot.item] = goods.get(lot.item, 0) + 1
        return {HOUSE: goods}

    def _law(self, name: str) -> Json:
        """What everyone knows of the law of one's values."""
        if name not in self._laws:
            self._laws[name] = self.values.describe(self.agents.index(name))
        return self._laws[name]

    def _best(self) -> int:
        """The most that could be gained by the open lot, whoever gets it."""
        return max((self.worth(name) for name in self.agents), default=0)

    def _particulars(self) -> dict[str, Json]:
        """What the first event says of the format besides what is common to all."""
        return {}

    # the World contract

    @property
    def facts(self) -> WorldFacts:
        players = (self.least_players, MOST_BIDDERS)
        return WorldFacts(self.format, players, conserved=("money", "goods"), values=self.values.kind)

    def begin(self, tick: int = 0, **more: Json) -> tuple[Event, ...]:
        """The events of the tick at which the sale begins. more: what its first event says besides."""
        events = Events(tick, WORLD)
        self.open(events, **more)
        return events.all()

    def open(self, events: Events, **more: Json) -> None:
        """Begins, among other events of a tick: a sale can go on within another world."""
        self.tick = events.tick
        sale = {
            "format": self.format,
            "values": self.values.kind,
            "bidders": list(self.agents),
            "lots": [{"item": lot.item, "start": lot.start} for lot in self.lots],
            **asdict(self.terms),
            **self._particulars(),
            **more,
        }
        events.add("auction", None, sale)
        for name in self.agents:
            goods = dict(self.ledger.goods[name])
            events.add("purse", name, {"money": self.ledger.money[name], "goods": goods})
        self._open_next(events)

    def observe(self, tick: int) -> Mapping[str, Observation]:
        history = list(self.history)  # what is over never changes again
        return {name: self._observation(name, tick, history) for name in self.agents}

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = Events(tick, WORLD)
        self.go_on(events, actions)
        return events.all()

    def go_on(self, events: Events, actions: Mapping[str, Action]) -> None:
        """One tick, among other events of it: answers are heard, and a round may end."""
        self.tick = events.tick
        self.news = {}
        for name in self.agents:
            if name in actions:
                self._hear(name, actions[name], events)
        if self.is_open and (not self._silent() or self.tick >= self.deadline):
            self._resolve(events)

    def next_tick(self, tick: int) -> int | None:
        return tick + 1 if self.is_open or self.news else None

    def snapshot(self) -> Json:
        return copy.deepcopy(
            {
                "tick": self.tick,
                "lot": self.lot,
                "round": self.round,
                "deadline": self.deadline,
                "asked": self.asked,
                "answers": {name: [dict(one.given), one.event] for name, one in self.answers.items()},
                "entered": self.entered,
                "history": self.history,
                "news": self.news,
                "opened_event": self.opened_event,
                "play": self.play,
                "ledger": self.ledger.to_json(),
                "totals": self.ledger.totals,
                "drawn": {"seed": self.drawn_from, **self._draws()},
            }
        )

    def _draws(self) -> dict[str, Json]:
        """What was drawn from the seed before anyone bid."""
        return {"lots": [[lot.item, lot.start] for lot in self.lots], **self.drawn.to_json()}

    def _take_draws(self, raw: Json) -> None:
        """Takes over what was drawn from another seed."""
        if raw["lots"] != self._draws()["lots"]:
            self.lots = tuple(Lot(*one) for one in raw["lots"])
        self.drawn = Draw.from_json(raw, len(self.lots))

    def restore(self, state: Json) -> None:
        raw = copy.deepcopy(state)
        if (names := set(raw["ledger"]["money"]) - {HOUSE}) != set(self.agents):
            raise BurghError(
                f"the snapshot is of {', '.join(sorted(names))}, not of {', '.join(self.agents)}"
            )
        self.tick, self.lot, self.round = raw["tick"], raw["lot"], raw["round"]
        self.deadline, self.asked, self.entered = raw["deadline"], raw["asked"], raw["entered"]
        self.answers = {name: Answer(*one) for name, one in raw["answers"].items()}
        self.history, self.news, self.play = raw["history"], raw["news"], raw["play"]
        self.opened_event = raw["opened_event"]
        self.ledger = Ledger.from_json(raw["ledger"])
        drawn = raw.get("drawn", {"seed": self.seed})
        self.drawn_from = drawn["seed"]
        if self.drawn_from != self.seed:
            self._take_draws(drawn)

    # what formats use

    @property
    def is_open(self) -> bool:
        return 0 <= self.lot < len(self.lots)

    @property
    def item(self) -> str:
        return self.lots[self.lot].item

    @property
    def reserve(self) -> int:
        return max(self.terms.reserve, self.lots[self.lot].start)

    def ties(self, role: str = "ties") -> np.random.Generator:
        """The lots that are drawn in this round: the same whoever bids first."""
        return np.random.default_rng(seed_of(self.seed, role, str(self.lot), self.tick))

    def purse(self, name: str) -> int:
        """What one can bid: the purse, less the entry fee that is still to pay."""
        fee = 0 if name in self.entered else self.terms.entry_fee
        return max(self.ledger.money[name] - fee, -1)

    def signal(self, name: str) -> int:
        """What one knows the open lot to be worth."""
        return int(self.drawn.signals[self.agents.index(name), self.lot])

    def worth(self, name: str) -> int:
        """What one gains by the open lot."""
        return int(self.drawn.worths[self.agents.index(name), self.lot])

    def _ask(self, names: Iterable[str], limit_ticks: int | None = None) -> None:
        self.asked = list(names)
        self.answers = {}
        self.round += 1
        self.deadline = self.tick + (limit_ticks or self.terms.limit_ticks)

    def _silent(self) -> list[str]:
        return [name for name in self.asked if name not in self.answers]

    def bidders(self) -> list[str]:
        """Those who committed themselves in this round, in canonical order."""
        return [
            name for name in self.agents if name in self.answers and self._commits(self.answers[name].given)
        ]

    def _commits(self, answer: Mapping[str, Json]) -> bool:
        return answer["act"] in self.acts

    def _tell(self, event: Event, text: str, to: Iterable[str] | None = None) -> None:
        about = [event.agent] if event.agent else []
        for name in self.agents if to is None else to:
            self.news.setdefault(name, []).append([event.id, text, about, dict(event.data)])

    def _pay(  # noqa: PLR0917
        self, events: Events, payer: str, payee: str, amount: int, why: str, causes: Sequence[str]
    ) -> None:
        """Money changes hands; a payment of nothing is none. Says who: agents only."""
        if amount:
            self.ledger.pay(payer, payee, amount)
            data = {"lot": self.lot, "from": payer, "to": payee, "amount": amount, "for": why}
            events.add("paid", payee if payer == HOUSE else payer, data, causes)

    def _sell(  # noqa: PLR0917
        self,
        events: Events,
        seller: str,
        buyer: str,
        item: str,
        price: int,
        causes: Sequence[str],
        **more: Json,
    ) -> Event:
        """The good goes over, and the price is paid."""
        quantity = more.pop("quantity", 1)
        data = {"lot": self.lot, "item": item, "price": price, "seller": seller, "quantity": quantity, **more}
        sold = events.add("sold", buyer, data, causes)
        self.ledger.give(seller, buyer, item, quantity)
        self._pay(events, buyer, seller, price, "price", (sold.id,))
        return sold

    def _unsold(self, events: Events, causes: Sequence[str] = ()) -> None:
        cause = causes or (self.opened_event,)
        unsold = events.add(
            "unsold", None, {"lot": self.lot, "item": self.item, "reserve": self.reserve}, cause
        )
        self._tell(unsold, f"Nobody bought {self.item}.")

    def _close_lot(self, events: Events, result: Mapping[str, Json], cause: str = "") -> None:
        """The lot is settled; the next is opened, or the house closes."""
        told = {"lot": self.lot, **result, "best": self._best()}
        events.add("closed", None, told, (cause or self.opened_event,))
        self.history.append({"lot": self.lot, "item": self.item, **result})
        self._open_next(events)

    # within

    def _open_next(self, events: Events) -> None:
        self.lot += 1
        self.asked, self.answers, self.entered, self.play, self.round = [], {}, [], {}, 0
        if not self.is_open:
            return
        data = {"lot": self.lot, "item": self.item, "reserve": self.reserve}
        opened = events.add("lot_opened", None, data)
        self.opened_event = opened.id
        self._tell(opened, f"{self.item[:1].upper()}{self.item[1:]} is put up for sale.")
        self._start(events)

    def _hear(self, name: str, action: Action, events: Events) -> None:
        """Takes an answer down, or says what is wrong with it: then the agent has not answered yet."""
        fault = self._hearing_fault(name, action.answer)
        if fault:
            data = {"lot": self.lot, "answer": repr(action.answer)[:200], "why": fault}
            refused = events.add("bid_refused", name, data, (action.id,))
            self._tell(refused, f"The bid of {name} was refused: {fault}.", (name,))
            return
        given = dict(action.answer)
        kind = "bid" if self._commits(given) else "passed"
        data = {"lot": self.lot, "round": self.round, **self._shown(name), **given}
        said = events.add(kind, name, data, (action.id,))
        self.answers[name] = Answer(given, said.id)
        if kind == "bid" and self.terms.entry_fee and name not in self.entered:
            self._pay(events, name, HOUSE, self.terms.entry_fee, "entry", (said.id,))
            self.entered.append(name)

    def _hearing_fault(self, name: str, answer: Json) -> str:
        if not self.is_open:
            return CLOSED
        if name not in self.asked:
            return "not asked in this round"
        if name in self.answers:
            return "answered already in this round"
        return fault_of(answer, self._spec(name)) or self._fault(name, answer)

    def _observation(self, name: str, tick: int, history: list[dict[str, Json]]) -> Observation:
        fresh = self.news.get(name, []) if tick > self.tick else []
        percepts = tuple(
            Percept(event, "outcome", text, tuple(about), data) for event, text, about, data in fresh
        )
        free = self.is_open and name in self.asked and name not in self.answers
        state: dict[str, Json] = {
            "format": self.format,
            "open": self.is_open,
            "money": self.ledger.money[name],
            "goods": dict(self.ledger.goods[name]),
            "history": history,
            "others": len(self.agents) - 1,
            "law": self._law(name),
            **asdict(self.terms),
        }
        if self.is_open:
            state |= {
                "lot": self.lot,
                "lots": len(self.lots),
                "item": self.item,
                "round": self.round,
                "reserve": self.reserve,
                "most": self.purse(name),
                **self._view(name),
            }
        spec = self._spec(name) if free else IDLE
        return Observation(name, tick, self.clock.at(tick), percepts, spec, free, state=state)

    def _purses(self, budgets: Mapping[str, int] | int | None) -> dict[str, int]:
        if budgets is None:
            budgets = self._ample() + self.terms.entry_fee * len(self.lots)
        return purses(self.agents, budgets)

    def _ample(self) -> int:
        """A purse that allows any sensible bid for every lot."""
        return 2 * self.values.most(len(self._seats())) * len(self.lots)
