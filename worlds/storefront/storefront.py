"""The storefront as a world: in each round providers pitch at once, then the customer chooses.

A provider alone knows its quality, from 0 to 100; a better one costs it more. The customer learns the
quality of what it bought only afterwards, more or less: it may turn out otherwise. Every purchase is rated
with stars, for all to see. Offers are shown in an order that is drawn once and then rotated by one place
each round, so that every provider stands in every place equally often.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from burgh.sim.clock import Clock
from burgh.sim.protocols import WorldFacts
from burgh.sim.rng import stream
from burgh.sim.spec import ActionSpec
from burgh.sim.types import WORLD, Action, BurghError, Event, Events, Json, Observation, Percept
from burgh.worlds.auctions.money import Ledger
from burgh.worlds.storefront.forms import BEST, NONE, PITCH, WAIT, choice_form, pitch_form

SUPPLIERS = "the suppliers"  # the account to which providers pay what their goods cost
MOST_PROVIDERS = 50
STARS = 5


@dataclass(frozen=True, slots=True)
class Provider:
    """quality: 0 to 100, known to itself alone. money: what it has at the start, to sell below cost with."""

    name: str
    quality: int
    money: int = 0


class Storefront:
    """A World (see sim/protocols.py). worth: what a quality of 100 is worth to the customer, in money;
    others in proportion. cost: what providing a quality of 100 costs. noise: how far quality may turn out
    otherwise. budget: the customer's purse. reputation: whether stars are shown."""

    def __init__(
        self,
        providers: Sequence[Provider],
        customer: str,
        *,
        seed: int,
        rounds: int = 12,
        worth: int = 200,
        cost: int = 80,
        noise: int = 10,
        most_price: int = 200,
        budget: int | None = None,
        reputation: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.providers = {one.name: one for one in providers}
        self.customer = customer
        self.agents = (*(one.name for one in providers), customer)
        self.seed, self.rounds, self.worth, self.cost, self.noise = seed, rounds, worth, cost, noise
        self.most_price, self.reputation = most_price, reputation
        self.clock = clock or Clock(datetime(2026, 5, 4, 9, 0), 60)
        purse = rounds * most_price if budget is None else budget
        self._check(purse)
        money = {one.name: one.money for one in providers}
        self.ledger = Ledger({SUPPLIERS: 0, **money, customer: purse}, {})
        self.tick = 0
        self.round = 0
        self.offers: dict[str, dict[str, Json]] = {}  # of this round, by provider; price, claim, words, event
        self.shown: list[str] = []  # the order of this round's offers; empty while providers are asked
        self.rated: dict[str, list[int]] = {one.name: [0, 0] for one in providers}  # sold, stars in all
        self.history: list[dict[str, Json]] = []  # the customer's own: what it chose, and what came of it
        self.last: list[dict[str, Json]] = []  # the offers of the round before, as everyone saw them
        self.news: dict[str, list[Json]] = {}
        order = list(self.providers)
        stream(seed, "places").shuffle(order)
        self.places = order
        self.drawn_from = seed  # places and qualities: those of a storefront that has begun stay

    @property
    def facts(self) -> WorldFacts:
        return WorldFacts("storefront", (1, MOST_PROVIDERS + 1), conserved=("money",), values="private")

    @property
    def is_open(self) -> bool:
        return self.round < self.rounds

    def cost_of(self, name: str) -> int:
        return self.providers[name].quality * self.cost // BEST

    def outcome(self, name: str, number: int) -> int:
        """The quality that a purchase turns out to have in a round: the same whoever is chosen."""
        drawn = stream(self.seed, "outcome", name, number).randint(-self.noise, self.noise)
        return min(max(self.providers[name].quality + drawn, 0), BEST)

    def begin(self) -> tuple[Event, ...]:
        events = Events(0, WORLD)
        data = {
            "rounds": self.rounds,
            "providers": list(self.providers),
            "customer": self.customer,
            "worth": self.worth,
            "most_price": self.most_price,
            "reputation": self.reputation,
            "places": self.places,
        }
        events.add("storefront", None, data)
        for name, one in self.providers.items():
            shop = {"quality": one.quality, "cost": self.cost_of(name), "money": one.money}
            events.add("shop", name, shop)
        events.add("budget", self.customer, {"money": self.ledger.money[self.customer]})
        return events.all()

    def observe(self, tick: int) -> Mapping[str, Observation]:
        return {name: self._observation(name, tick) for name in self.agents}

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = Events(tick, WORLD)
        said = [(name, actions[name]) for name in self.agents if name in actions]
        heard = {name: one for name, one in said if self._heard(name, one, events)}
        self.tick = tick
        self.news = {}
        if self.is_open and not self.shown:
            self._take_offers(heard, events)
        elif self.is_open:
            self._choose(heard.get(self.customer), events)
        return events.all()

    def next_tick(self, tick: int) -> int | None:
        return tick + 1 if self.is_open or self.news else None

    def snapshot(self) -> Json:
        return copy.deepcopy(
            {
                "tick": self.tick,
                "round": self.round,
                "offers": self.offers,
                "shown": self.shown,
                "rated": self.rated,
                "history": self.history,
                "last": self.last,
                "news": self.news,
                "money": dict(self.ledger.money),
                "totals": {"money": self.ledger.totals["money"]},
                "drawn": {
                    "seed": self.drawn_from,
                    "places": self.places,
                    "quality": {name: one.quality for name, one in self.providers.items()},
                },
            }
        )

    def restore(self, state: Json) -> None:
        raw = copy.deepcopy(state)
        if set(raw["rated"]) != set(self.providers):
            raise BurghError(
                f"the snapshot is of {', '.join(raw['rated'])}, not of {', '.join(self.providers)}"
            )
        self.tick, self.round, self.offers, self.shown = (
            raw["tick"],
            raw["round"],
            raw["offers"],
            raw["shown"],
        )
        self.rated, self.history, self.last, self.news = (
            raw["rated"],
            raw["history"],
            raw["last"],
            raw["news"],
        )
        self.ledger = Ledger(raw["money"], {})
        drawn = raw.get("drawn", {"seed": self.seed})
        self.drawn_from = drawn["seed"]
        if self.drawn_from != self.seed:
            self.places = drawn["places"]
            self.providers = {
                name: replace(one, quality=drawn["quality"][name]) for name, one in self.providers.items()
            }

    # a round

    def _asked(self) -> tuple[str, ...]:
        if not self.is_open:
            return ()
        return (self.customer,) if self.shown else tuple(self.providers)

    def _spec(self, name: str) -> ActionSpec:
        if name not in self._asked():
            return WAIT
        if name == self.customer:
            return choice_form([one for one in self.shown if self._affordable(one)])
        least = max(self.cost_of(name) - self.ledger.money[name], 0)
        return pitch_form(least, self.most_price)

    def _affordable(self, name: str) -> bool:
        return int(self.offers[name]["price"]) <= self.ledger.money[self.customer]

    def _heard(self, name: str, action: Action, events: Events) -> bool:
        """Whether an answer counts; what is wrong with it is recorded."""
        why = "" if name in self._asked() else "not asked now" if self.is_open else "the storefront is closed"
        if not why:
            try:
                self._spec(name).validate(action.answer)
            except BurghError as error:
                why = str(error)
        if why:
            data = {"answer": repr(action.answer)[:200], "why": why}
            events.add("bid_refused", name, data, (action.id,))
        return not why

    def _take_offers(self, actions: Mapping[str, Action], events: Events) -> None:
        """All pitches at once; then they are laid before the customer in their places."""
        self.offers = {}
        for name in self.providers:
            if name not in actions or actions[name].answer["act"] != PITCH:
                continue
            said = {key: actions[name].answer[key] for key in ("price", "claim", "words")}
            event = events.add("offered", name, {"round": self.round, **said}, (actions[name].id,))
            self.offers[name] = {**said, "event": event.id}
        turn = self.round % len(self.places)
        order = [*self.places[turn:], *self.places[:turn]]
        self.shown = [name for name in order if name in self.offers]
        causes = [str(self.offers[name]["event"]) for name in self.shown]
        shown = events.add("shown", self.customer, {"round": self.round, "order": list(self.shown)}, causes)
        text = f"{len(self.shown)} offers are laid before {self.customer}."
        self._tell(self.customer, shown, text, self.shown)
        if not self.shown:
            self._end_round(events, None)

    def _choose(self, action: Action | None, events: Events) -> None:
        chosen = NONE if action is None else str(action.answer["offer"])
        causes = () if action is None else (action.id,)
        if chosen == NONE:
            data: dict[str, Json] = {
                "round": self.round,
                "provider": None,
                "place": None,
                "of": len(self.shown),
            }
            self._end_round(events, events.add("chosen", self.customer, data, causes))
            return
        place = self.shown.index(chosen)
        data = {"round": self.round, "provider": chosen, "place": place, "of": len(self.shown)}
        event = events.add("chosen", self.customer, data, causes)
        self._buy(chosen, event, events)
        self._end_round(events, event)

    def _buy(self, name: str, chosen: Event, events: Events) -> None:
        """Money changes hands, and the customer learns what it has bought."""
        price, cost = int(self.offers[name]["price"]), self.cost_of(name)
        self.ledger.pay(self.customer, name, price)
        self.ledger.pay(name, SUPPLIERS, cost)
        quality = self.outcome(name, self.round)
        stars = min(1 + quality * STARS // (BEST + 1), STARS)
        self.rated[name][0] += 1
        self.rated[name][1] += stars
        value = quality * self.worth // BEST
        found = {"round": self.round, "price": price, "quality": quality, "value": value, "stars": stars}
        bought = events.add("bought", name, {**found, "cost": cost}, (chosen.id,))
        claim = self.offers[name]["claim"]
        self.history.append({**found, "provider": name, "claim": claim})
        text = (
            f"{self.customer} bought from {name} for {price}: the quality was {quality} of 100,"
            f" where {claim} was claimed. {'★' * stars}"
        )
        for who in self.agents:
            self._tell(who, bought, text, (name, self.customer))

    def _end_round(self, events: Events, cause: Event | None) -> None:
        known = ("price", "claim", "words")
        bought = self.history[-1]["provider"] if self._sold_now() else None
        self.last = [
            {"provider": name, **{key: self.offers[name][key] for key in known}, "chosen": name == bought}
            for name in self.shown
        ]
        if cause is not None and bought is None:
            for who in self.providers:
                self._tell(who, cause, f"{self.customer} takes no offer.", (self.customer,))
        self.round += 1
        self.offers, self.shown = {}, []

    def _sold_now(self) -> bool:
        return bool(self.history) and self.history[-1]["round"] == self.round

    def _tell(self, who: str, event: Event, text: str, about: Sequence[str]) -> None:
        self.news.setdefault(who, []).append([event.id, text, list(about)])

    def _observation(self, name: str, tick: int) -> Observation:
        fresh = self.news.get(name, []) if tick > self.tick else []
        percepts = tuple(Percept(event, "outcome", text, tuple(about)) for event, text, about in fresh)
        free = name in self._asked() and tick > self.tick
        state: dict[str, Json] = {
            "round": self.round,
            "rounds": self.rounds,
            "worth": self.worth,
            "most_price": self.most_price,
            "money": self.ledger.money[name],
            "last": [dict(one) for one in self.last],
            "ratings": {one: list(rated) for one, rated in self.rated.items()} if self.reputation else {},
        }
        if name == self.customer:
            offers = [one for one in self.shown if self._affordable(one)]
            state["offers"] = [
                {"provider": one, **{key: self.offers[one][key] for key in ("price", "claim", "words")}}
                for one in offers
            ]
            state["history"] = [dict(one) for one in self.history]
        else:
            state |= {
                "quality": self.providers[name].quality,
                "cost": self.cost_of(name),
                "least": max(self.cost_of(name) - self.ledger.money[name], 0),
                "customer": self.customer,
            }
        spec = self._spec(name) if free else WAIT
        return Observation(name, tick, self.clock.at(tick), percepts, spec, free, state=state)

    def _check(self, purse: int) -> None:
        if not self.providers:
            raise BurghError("a storefront needs a provider at least")
        if len(set(self.agents)) != len(self.agents) or SUPPLIERS in self.agents:
            raise BurghError(
                f"two have one name, or one is called {SUPPLIERS!r}: give each a name of its own"
            )
        if NONE in self.agents:
            raise BurghError(f"nobody can be called {NONE!r}: that is what takes no offer")
        for one in self.providers.values():
            if not 0 <= one.quality <= BEST or one.money < 0:
                raise BurghError(f"{one.name}: a quality is from 0 to {BEST}, and money is not negative")
        if purse < 0 or min(self.rounds, self.worth, self.most_price) < 1 or min(self.cost, self.noise) < 0:
            raise BurghError("a storefront has one round at least, a worth, prices, and no negative number")
