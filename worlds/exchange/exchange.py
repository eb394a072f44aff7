"""The exchange as a world: one tick is one period of the day; campaigns are set between periods."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from burgh.sim.clock import Clock
from burgh.sim.protocols import WorldFacts
from burgh.sim.rng import seed_of
from burgh.sim.spec import InvalidAnswer
from burgh.sim.types import WORLD, Action, BurghError, Event, Events, Json, Observation, Percept
from burgh.worlds.auctions.money import HOUSE, Ledger
from burgh.worlds.auctions.terms import whole
from burgh.worlds.exchange.floors import log_normal_fit, optimal_floor
from burgh.worlds.exchange.forms import PAUSED, WAIT, bids_of, setting_form
from burgh.worlds.exchange.rules import FIRST, SECOND, Lost, Market, Pricing, clear, clear_alone
from burgh.worlds.exchange.stream import Batch, Ints, Reals, Stream
from burgh.worlds.exchange.tally import Result, results_of

MOST_CAMPAIGNS = 200
MOST_CLICK = 1_000_000_000
MOST_MONEY = 10**15  # of a purse, and for a click: sums of them are exact
HIGHEST_BID = 10_000_000


@dataclass(frozen=True, slots=True)
class Campaign:
    """Who bids on behalf of whom. budget: the whole purse. click_value: what a click is worth to it."""

    name: str
    budget: int
    click_value: int

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise BurghError(f"a campaign is called {self.name!r}: its name must be a text")
        for key, what in (("budget", "the budget"), ("click_value", "what a click is worth")):
            value = whole(getattr(self, key), f"{self.name}: {what}")
            if value > MOST_MONEY:
                raise BurghError(f"{self.name}: {what} is {value}: it must be at most {MOST_MONEY}")
            object.__setattr__(self, key, value)


class Exchange:
    """A World (see sim/protocols.py) in which impressions are sold, a period a tick.

    alone: each campaign meets the market but not the other campaigns. floor: the least price, of the first
    period where `virtual`, and after it from the bids seen so far (see floors.py). most_bid: the highest
    legal bid.
    """

    def __init__(
        self,
        campaigns: Sequence[Campaign],
        stream: Stream,
        *,
        seed: int,
        pricing: Pricing = SECOND,
        floor: int = 0,
        virtual: bool = False,
        alone: bool = False,
        most_bid: int = 1000,
        clock: Clock | None = None,
    ) -> None:
        if wrong := [one for one in campaigns if not isinstance(one, Campaign)]:
            raise BurghError(f"{wrong[0]!r} is no campaign: write Campaign('Ann', 900, 50)")
        most_bid, floor = whole(most_bid, "most_bid", 1), whole(floor, "the floor")
        self.agents = tuple(one.name for one in campaigns)
        self.campaigns = {one.name: one for one in campaigns}
        self.stream = stream
        self.seed = seed
        self.pricing, self.virtual, self.alone, self.most_bid = pricing, virtual, alone, most_bid
        self.clock = clock or Clock(datetime(2026, 5, 4), 1800)
        self.form = setting_form(most_bid, MOST_CLICK)
        self._check(floor)
        self.ledger = Ledger({one.name: one.budget for one in campaigns}, {})
        self.floor = floor
        self.tick = 0
        self.period = 0  # the next to be played
        self.settings: dict[str, Mapping[str, Json]] = dict.fromkeys(self.agents, PAUSED)
        self.set_by: dict[str, str] = {}  # the event that set a campaign
        self.reports: dict[str, dict[str, Json]] = {}
        self.curves: dict[str, list[int]] = {name: [] for name in self.agents}  # spent, by period
        self.news: dict[str, list[Json]] = {}
        self.seen = np.zeros(most_bid + 1, np.int64)  # bids by price, kept where floors follow from them

    @property
    def facts(self) -> WorldFacts:
        return WorldFacts("exchange", (0, MOST_CAMPAIGNS), conserved=("money",), values="private")

    @property
    def is_open(self) -> bool:
        return self.period < self.stream.periods

    def begin(self) -> tuple[Event, ...]:
        events = Events(0, WORLD)
        data = {
            "pricing": self.pricing,
            "periods": self.stream.periods,
            "campaigns": list(self.agents),
            "floor": self.floor,
            "virtual": self.virtual,
            "alone": self.alone,
            "most_bid": self.most_bid,
            **self.stream.about,
        }
        events.add("exchange", None, data)
        for one in self.campaigns.values():
            events.add("budget", one.name, {"money": one.budget, "click_value": one.click_value})
        return events.all()

    def observe(self, tick: int) -> Mapping[str, Observation]:
        shown = min(self.period, self.stream.periods - 1)
        rates, shares = self.stream.believed(shown, self.agents), self.stream.shares(shown)
        return {
            name: self._observation(name, tick, rates[row], shares) for row, name in enumerate(self.agents)
        }

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = Events(tick, WORLD)
        self.tick = tick
        self.news = {}
        for name in self.agents:
            if name in actions:
                self._set(name, actions[name], events)
        if self.is_open:
            self._play(events)
        return events.all()

    def next_tick(self, tick: int) -> int | None:
        return tick + 1 if self.is_open else None

    def snapshot(self) -> Json:
        return copy.deepcopy(
            {
                "tick": self.tick,
                "period": self.period,
                "floor": self.floor,
                "settings": {name: dict(one) for name, one in self.settings.items()},
                "set_by": self.set_by,
                "reports": self.reports,
                "curves": self.curves,
                "news": self.news,
                "seen": [[int(price), int(self.seen[price])] for price in np.flatnonzero(self.seen)],
                "money": dict(self.ledger.money),
                "totals": {"money": self.ledger.totals["money"]},
                "file": self.stream.about.get("sha256"),
            }
        )

    def restore(self, state: Json) -> None:
        raw = copy.deepcopy(state)
        if (names := set(raw["money"]) - {HOUSE}) != set(self.agents):
            raise BurghError(
                f"the snapshot is of {', '.join(sorted(names))}, not of {', '.join(self.agents)}"
            )
        if raw["file"] != (now := self.stream.about.get("sha256")):
            raise BurghError(
                "the impressions are not those that the run began with: the sha256 of their file was"
                f" {raw['file']}, and is {now}"
            )
        self.tick, self.period, self.floor = raw["tick"], raw["period"], raw["floor"]
        self.settings, self.set_by = raw["settings"], raw["set_by"]
        self.reports, self.curves, self.news = raw["reports"], raw["curves"], raw["news"]
        self.seen = np.zeros(self.most_bid + 1, np.int64)
        for price, count in raw["seen"]:
            self.seen[price] = count
        self.ledger = Ledger(raw["money"], {})

    # a period

    def _play(self, events: Events) -> None:
        """Bids for all impressions of the period, sells them, and tells everyone what came of theirs."""
        batch = self.stream.batch(self.period)
        bids = self._bids(batch)
        market = self._market(batch)
        purses = [self.ledger.money[name] for name in self.agents]
        if self.virtual:
            for row in bids:
                self.seen += np.bincount(row, minlength=self.most_bid + 1)
        true = self.stream.true(self.period, self.agents)
        if self.alone:
            found = [
                results_of(bids[row : row + 1], lost, batch, None if true is None else true[row : row + 1])[0]
                for row, lost in enumerate(clear_alone(bids, market, self.pricing, purses))
            ]
            self._tell_period(events, batch, None, found)
        else:
            lost = clear(bids, market, self.pricing, purses)
            found = results_of(bids, lost, batch, true)
            self._tell_period(events, batch, lost, found)
        for name, result in zip(self.agents, found, strict=True):
            self._settle(name, result, batch.cells.size, events)
        self.period += 1
        if self.virtual and (fit := log_normal_fit(self.seen)) is not None:
            self.floor = min(round(optimal_floor(*fit)), self.most_bid)

    def _rng(self, role: str, name: str = "") -> np.random.Generator:
        return np.random.default_rng(seed_of(self.seed, role, name, self.period))

    def _bids(self, batch: Batch) -> Ints:
        """(campaigns, n)."""
        n = batch.cells.size
        rates = self.stream.believed(self.period, self.agents)
        shares = self.stream.shares(self.period)
        bids = np.zeros((len(self.agents), n), np.int32)
        for row, name in enumerate(self.agents):
            setting = self.settings[name]
            if setting["rule"] == "pause":
                continue
            table = bids_of(setting, rates[row], float(shares @ rates[row]), self.most_bid)
            np.take(table, batch.cells, out=bids[row], mode="clip")
            if setting["rule"] == "random":
                bids[row] = self._rng("random bid", name).integers(0, setting["price"] + 1, n, np.int32)
            if setting["pace"] < 100:
                bids[row][self._rng("pace", name).random(n, np.float32) >= setting["pace"] / 100] = 0
        return bids

    def _market(self, batch: Batch) -> Market:
        n = batch.cells.size
        floors = np.full(n, self.floor, np.int32)
        if batch.floors is not None:
            floors = np.maximum(floors, batch.floors)
        return Market(batch.market, floors, self._rng("ties").random(n, np.float32))

    def _tell_period(self, events: Events, batch: Batch, lost: Lost | None, found: Sequence[Result]) -> None:
        """The exchange's own figures. lost: None where each campaign had a sale of its own."""
        data: dict[str, Json] = {
            "period": self.period,
            "impressions": int(batch.cells.size),
            "floor": self.floor,
            "market": int(batch.market.sum(dtype=np.int64)),
            "sold": sum(one.won for one in found),
            "revenue": sum(one.spent for one in found),
        }
        if lost is not None:
            outside = lost.winner == len(self.agents)
            data |= {
                "outside": int(outside.sum()),
                "outside_revenue": int(lost.price[outside].sum(dtype=np.int64)),
                "unsold": int((lost.winner < 0).sum()),
            }
        events.add("period", None, data)

    def _settle(self, name: str, result: Result, requests: int, events: Events) -> None:
        """Money changes hands for the period as a whole, and the campaign is told what everyone may know."""
        self.ledger.pay(name, HOUSE, result.spent)
        report = {"period": self.period, "requests": requests, **result.to_json()}
        cause = (self.set_by[name],) if name in self.set_by else ()
        event = events.add("result", name, report, cause)
        self.reports[name] = {key: value for key, value in report.items() if key != "expected"}
        self.curves[name].append(result.spent)
        text = (
            f"{name} bid for {result.bids:,} of {requests:,} impressions and won {result.won:,}"
            f" for {result.spent:,}, with {result.clicks:,} clicks."
        )
        self.news.setdefault(name, []).append([event.id, text])

    # between periods

    def _set(self, name: str, action: Action, events: Events) -> None:
        """Takes a setting over, or says why not."""
        fault = "" if self.is_open else "the day is over"
        if not fault:
            try:
                self.form.validate(action.answer)
            except InvalidAnswer as error:
                fault = str(error)
            except (ArithmeticError, ValueError, TypeError):  # NaN, or what cannot be compared
                fault = "not a legal setting"
            else:
                parts = [(key, value) for key, value in action.answer.items() if isinstance(value, float)]
                fault = f"{parts[0][0]}: {parts[0][1]} is not a whole number" if parts else ""
        if fault:
            data = {"answer": repr(action.answer)[:200], "why": fault}
            refused = events.add("bid_refused", name, data, (action.id,))
            self.news.setdefault(name, []).append(
                [refused.id, f"The setting of {name} was refused: {fault}."]
            )
            return
        changed = dict(action.answer) != dict(self.settings[name])
        self.settings[name] = dict(action.answer)
        if changed:
            setting = events.add("campaign", name, {"period": self.period, **action.answer}, (action.id,))
            self.set_by[name] = setting.id

    def _observation(self, name: str, tick: int, rates: Reals, shares: Reals) -> Observation:
        fresh = self.news.get(name, []) if tick > self.tick else []
        percepts = tuple(Percept(event, "outcome", text, (name,)) for event, text in fresh)
        free = self.is_open and tick > self.tick
        state: dict[str, Json] = {
            "pricing": self.pricing,
            "period": self.period,
            "periods": self.stream.periods,
            "floor": self.floor,
            "most_bid": self.most_bid,
            "money": self.ledger.money[name],
            "budget": self.campaigns[name].budget,
            "click_value": self.campaigns[name].click_value,
            "setting": dict(self.settings[name]),
            "report": dict(self.reports.get(name, {})),
            "spent": list(self.curves[name]),
            "traffic": self._traffic(),
            "rates": rates.tolist(),
            "shares": shares.tolist(),
        }
        spec = self.form if free else WAIT
        return Observation(name, tick, self.clock.at(tick), percepts, spec, free, state=state)

    def _traffic(self) -> list[float]:
        """By period: how many impressions usually come."""
        return [self.stream.expected(period) for period in range(self.stream.periods)]

    def _check(self, floor: int) -> None:
        if len(set(self.agents)) != len(self.agents):
            raise BurghError("two campaigns have one name: give each a name of its own")
        if HOUSE in self.agents:
            raise BurghError(f"a campaign cannot be called {HOUSE!r}: that is the seller's account")
        if self.pricing not in (FIRST, SECOND):
            raise BurghError(f"{self.pricing!r} is no pricing: it is {FIRST} or {SECOND}")
        if self.most_bid > HIGHEST_BID:
            raise BurghError(f"most_bid is {self.most_bid}: it must be at most {HIGHEST_BID}")
        if floor > self.most_bid:
            raise BurghError(f"a floor of {floor} is not from 0 to the highest bid, {self.most_bid}")
