"""What villagers own, and an auction on a place of the town: English outcry, by the rules of worlds/auctions.

Whoever has come may bid with the coins in their purse. Coins and goods only pass from one to another.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from burgh.sim.clock import Clock
from burgh.sim.spec import Form
from burgh.sim.types import Action, BurghError, Event, Events, Json, Percept
from burgh.worlds.auctions.money import HOUSE, Ledger
from burgh.worlds.auctions.outcry import EnglishOutcry
from burgh.worlds.auctions.terms import Lot, Terms, check_lots, whole
from burgh.worlds.auctions.values import Given
from burgh.worlds.town.texts import Sentences

BID = "bid"  # the tool of those who are asked for one
SALE_FACT = "auction"  # what the news of its opening is known by; of a lot: "lot 1"
HIDDEN = frozenset(
    {"law", "format", "open", "entry_fee", "limit_ticks", "reveal", "final_pass", "rounds_left"}
)


@dataclass(frozen=True, slots=True)
class Goods(Lot):
    """A lot in the town. usual: what such a thing usually costs, as everybody knows. owner: a villager, to
    whom the price goes; "" for the auctioneer."""

    usual: int = 0
    owner: str = ""

    def __post_init__(self) -> None:
        Lot.__post_init__(self)  # no super(): a class with slots is made twice
        object.__setattr__(self, "usual", whole(self.usual, f"the usual price of {self.item}"))


@dataclass(frozen=True, slots=True)
class Auction:
    """An auction that is to be: from a tick, on a place. auctioneer: a voice that is no villager's. reserve:
    the least price of any lot, in coins. least_raise: in coins. calls: rounds without a bid until the hammer
    falls; a round is a tick."""

    tick: int
    place: str
    lots: tuple[Goods, ...]
    auctioneer: str = "Auctioneer"
    reserve: int = 1
    least_raise: int = 1
    calls: int = 3

    def __post_init__(self) -> None:
        for name in ("tick", "reserve", "least_raise", "calls"):
            object.__setattr__(self, name, whole(getattr(self, name), f"the auction's {name}"))
        check_lots(self.lots)
        if wrong := next((lot for lot in self.lots if not isinstance(lot, Goods)), None):
            raise BurghError(f"{wrong!r} is nothing that a town sells: write Goods('a hat', usual=5)")
        if not self.lots:
            raise BurghError("an auction in a town needs one lot at least")


class Outcry(EnglishOutcry):
    """The rules, among people who come and go. present: who can bid; whoever owns a lot does not."""

    def __init__(
        self, auction: Auction, names: Sequence[str], purses: Mapping[str, int], **more: Any
    ) -> None:
        self.goods = auction.lots
        self.present: tuple[str, ...] = ()
        usual = tuple(lot.usual for lot in auction.lots)
        super().__init__(
            names,
            Given((usual,) * len(names)),
            lots=auction.lots,
            terms=Terms(reserve=auction.reserve),
            budgets=purses,
            raise_by=auction.least_raise,
            calls=auction.calls,
            **more,
        )

    def view(self, name: str, tick: int) -> tuple[dict[str, Json], Form | None]:
        """What somebody there sees of the open lot; and what can be answered, where one is asked."""
        seen = self._observation(name, tick, list(self.history))
        state = {key: value for key, value in seen.state.items() if key not in HIDDEN}
        causes = dict.fromkeys(one for one in (self.opened_event, self.play["cause"]) if one)
        asked = seen.spec if seen.free and isinstance(seen.spec, Form) else None
        lots = {"usual": self.goods[self.lot].usual, "listed": [lot.item for lot in self.goods]}
        return {**state, **lots, "causes": list(causes)}, asked

    def _goods(self) -> dict[str, dict[str, int]]:
        held: dict[str, dict[str, int]] = {}
        for lot in self.goods:
            has = held.setdefault(lot.owner or HOUSE, {})
            has[lot.item] = has.get(lot.item, 0) + 1
        return held

    def _seller(self) -> str:
        return self.goods[self.lot].owner or HOUSE

    def _able(self) -> list[str]:
        here = {*self.present} - {self._seller()}
        return [name for name in super()._able() if name in here]

    def _is_over(self) -> bool:
        """Whoever is still on the way may bid until the last call."""
        return bool(self.play["quiet"] >= self.calls)


class Market:
    """Purses and goods of all villagers, and the auction, if there is to be one."""

    def __init__(
        self,
        auction: Auction | None,
        coins: Mapping[str, int],
        *,
        seed: int,
        clock: Clock,
        language: str = "en",
    ) -> None:
        self.auction = auction
        self.texts = Sentences(language)
        self.begun = False
        self.outcry: Outcry | None = None
        if auction is None:
            self.ledger = Ledger(coins, {})
        else:
            _check(auction, tuple(coins))
            self.outcry = Outcry(auction, tuple(coins), coins, seed=seed, clock=clock)
            self.ledger = self.outcry.ledger

    @property
    def is_open(self) -> bool:
        return self.begun and self.outcry is not None and self.outcry.is_open

    def place(self) -> str:
        """Where one has to be to bid; "" where there is no auction."""
        return self.auction.place if self.auction is not None else ""

    def begin(self, events: Events) -> None:
        """What everyone has at the start, where anyone has anything."""
        if any(self.ledger.money.values()) or any(self.ledger.goods.values()):
            for name in self.ledger.money:
                if name != HOUSE:
                    events.add("purse", name, self.owned(name))

    def owned(self, name: str) -> dict[str, Json]:
        """Money in coins, and goods by name with their number."""
        return {"money": self.ledger.money[name], "goods": dict(self.ledger.goods[name])}

    def next_tick(self, tick: int) -> int | None:
        """When anything happens next; None where nothing will."""
        if self.is_open:
            return tick + 1
        return self.auction.tick if self.auction is not None and not self.begun else None

    def view(self, name: str, tick: int) -> tuple[dict[str, Json], Form | None]:
        """What somebody who is there sees of the sale, and what can be answered."""
        assert self.outcry is not None and self.auction is not None
        state, spec = self.outcry.view(name, tick)
        return {**state, "auctioneer": self.auction.auctioneer, "place": self.auction.place}, spec

    def go_on(
        self, present: Sequence[str], bids: Mapping[str, Action], events: Events
    ) -> dict[str, list[Percept]]:
        """One tick. present: who is there and awake, in the agents' order. bids: answers by agent. Returns
        what each of those present perceives."""
        heard: dict[str, list[Percept]] = {}
        if self.auction is None or self.outcry is None or events.tick < self.auction.tick:
            return heard
        if self.begun and not self.outcry.is_open and not bids:
            return heard
        outcry, before = self.outcry, len(events)
        outcry.present = tuple(present)
        if self.begun:
            answers = {name: Action(name, one.answer["arguments"], one.id) for name, one in bids.items()}
            outcry.go_on(events, answers)
        else:
            self.begun = True
            more = {"place": self.auction.place, "auctioneer": self.auction.auctioneer}
            outcry.open(events, **more)
        told = events.all()[before:]
        for event in told:
            for name, percept in self._heard(event, present, events):
                heard.setdefault(name, []).append(percept)
        if not outcry.is_open and told and told[-1].kind == "closed":
            for name, percept in self._cried(told[-1], present, events):
                heard.setdefault(name, []).append(percept)
        return heard

    def _heard(self, event: Event, present: Sequence[str], events: Events) -> Iterable[tuple[str, Percept]]:
        """Who perceives an event of the sale, and as what."""
        data = event.data
        if event.kind in ("auction", "sold", "unsold"):
            yield from self._cried(event, present, events)
        elif event.kind == "bid_refused":
            text = self.texts.say("bid_refused", name=event.agent, why=data["why"])
            yield str(event.agent), _seen(event, text)
        elif event.kind in ("lot_opened", "price"):
            item = self.auction.lots[data["lot"]].item if self.auction else ""
            price = data["price"] if event.kind == "price" else data.get("reserve", 0)
            key = "bids" if event.kind == "price" else "lot_opened"
            text = self._says(key, item, price, event.agent)
            for name in present:
                yield name, _seen(event, text)

    def _cried(self, event: Event, present: Sequence[str], events: Events) -> Iterable[tuple[str, Percept]]:
        """What the auctioneer says to all who are there: news, which they can tell."""
        assert self.auction is not None
        data = event.data
        goods = [lot.item for lot in self.auction.lots]
        place = self.auction.place.rsplit(" : ", 1)[-1].lower()
        if event.kind == "auction":
            first, others, fact = goods[0], len(goods) - 1, SALE_FACT
            key = ("auction_one", "auction_two", "auction_more")[min(others, 2)]
            meaning = self.texts.say(key, place=place, item=first, others=others)
            words = self.texts.say("auction_words", goods=", ".join(goods))
        elif event.kind == "closed":  # of the last lot
            fact, sold = SALE_FACT, sum(bool(lot["buyer"]) for lot in self._history())
            key = "over_all" if sold == len(goods) else "over_some" if sold else "over_none"
            meaning = self.texts.say(key, place=place, sold=sold, things=len(goods))
            words = self.texts.say("over_words")
        else:
            item, fact = str(data["item"]), f"lot {data['lot'] + 1}"
            meaning, words = (
                self._says(key, item, data.get("price", 0), event.agent)
                for key in (event.kind, f"{event.kind}_words")
            )
        about = (event.agent,) if event.agent else ()
        shown: dict[str, Json] = {
            "speaker": self.auction.auctioneer,
            "to": "",
            "act": "tell",
            "subject": "",
            "fact": fact,
        }
        shown |= {"meaning": meaning, "words": words, "heard_by": list(present)}
        said = events.add("said", None, shown, (event.id,))
        for name in present:
            heard = {**said.data, "to": name, "cried": True}
            text = self.texts.say("cried", speaker=shown["speaker"], words=words)
            yield name, Percept(said.id, "speech", text, about, heard)

    def _history(self) -> Sequence[Mapping[str, Json]]:
        return self.outcry.history if self.outcry is not None else ()

    def _says(self, key: str, item: str, price: int, name: str | None) -> str:
        """A sentence about an item, a price and somebody."""
        named = {"item": item, "the_item": the(item), "Item": _large(item), "The_item": _large(the(item))}
        return self.texts.say(key, **named, price=price, coins=_coins(price), name=name)

    def snapshot(self) -> dict[str, Json]:
        state: dict[str, Json] = {"begun": self.begun, "auction": self._announced()}
        if self.outcry is not None:
            return {**state, "outcry": self.outcry.snapshot()}
        return {**state, "ledger": copy.deepcopy(self.ledger.to_json())}

    def restore(self, state: Json) -> None:
        """Takes over a snapshot of a market with the same auction; with another one, or none, where it had
        not begun: then all keep their money."""
        self.begun = state["begun"]
        if state.get("auction", self._announced()) != self._announced():
            assert not self.begun, "an auction that has begun cannot be changed"
            held = state["outcry"]["ledger"] if "outcry" in state else state["ledger"]
            self.ledger.money.update(held["money"])
        elif self.outcry is not None:
            self.outcry.restore(state["outcry"])
            self.ledger = self.outcry.ledger
        else:
            self.ledger = Ledger.from_json(copy.deepcopy(state["ledger"]))

    def _announced(self) -> Json:
        """The auction as plain data; None for none."""
        if self.auction is None:
            return None
        return {**asdict(self.auction), "lots": [asdict(lot) for lot in self.auction.lots]}


def the(item: str) -> str:
    """A thing that was named before: "a coil of rope" is "the coil of rope"."""
    return re.sub(r"^(?:an?|some) ", "the ", item)


def _coins(number: int) -> str:
    return "1 coin" if number == 1 else f"{number} coins"


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _seen(event: Event, text: str) -> Percept:
    about = (event.agent,) if event.agent else ()
    return Percept(event.id, "outcome", text, about, {**event.data, "kind": event.kind})


def _check(auction: Auction, names: Sequence[str]) -> None:
    """Raises BurghError for an auction that cannot be among these people."""
    if auction.auctioneer in names:
        raise BurghError(f"the auctioneer {auction.auctioneer!r} has the name of a resident: give another")
    for lot in auction.lots:
        if lot.owner and lot.owner not in names:
            raise BurghError(f"{lot.item} belongs to {lot.owner!r}, who does not live here")
    if auction.tick < 1:
        raise BurghError(f"the auction is before the start: tick {auction.tick}")
