"""The exchange as a kind of world: campaigns that bid for impressions, a period of the day a tick."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from burgh.scenarios.faults import Fault
from burgh.scenarios.fields import Line
from burgh.scenarios.kinds import Means, Measures
from burgh.scenarios.kinds.minds import any_asks, mind_faults, mind_of
from burgh.scenarios.kinds.sale_spec import BidderMind
from burgh.scenarios.kinds.sale_values import Amount
from burgh.scenarios.spec import Basis, Participant, WorldChoice
from burgh.sim.protocols import Mind, World
from burgh.sim.types import BurghError, Event

if TYPE_CHECKING:
    from burgh.agents.bidders.kinds import BidderKind
    from burgh.worlds.exchange.stream import Stream

USUAL = "linear"
MINUTES_A_DAY = 24 * 60
Price = Annotated[int, Field(ge=0, le=100_000)]
Real = Annotated[float, Field(ge=0, le=10)]


class ExchangeWorld(WorldChoice):
    """A day's impressions, in as many periods; a period is a tick (tick_seconds), and begins the day at
    `start`."""

    kind: Literal["exchange"]
    periods: Annotated[int, Field(ge=1, le=MINUTES_A_DAY)] = 48
    pricing: Literal["first-price", "second-price"] = "second-price"
    rivals: Literal["campaigns", "market"] = "campaigns"
    """Whether campaigns meet each other and the market, or each the market alone, as in offline
    benchmarks."""
    floor: Price = 0
    """The least price."""
    floors: Literal["fixed", "virtual"] = "fixed"
    """virtual: after each period, where the virtual value is 0, estimated from the campaigns' bids so far."""
    most_bid: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """The highest legal bid."""
    budget: Amount = 100_000
    """Of each campaign that names none."""
    click_value: Amount = 10_000
    """What a click is worth to each campaign that says nothing else."""
    csv: Line | None = None
    """A file in the columns of iPinYou, beside the scenario; the impressions are drawn if there is none."""
    impressions: Annotated[int, Field(ge=0, le=100_000_000)] = 200_000
    """Of the whole day, on average."""
    click_rate: Annotated[float, Field(gt=0, lt=1)] = 0.01
    spread: Real = 0.7
    """Standard deviation of the log-odds of clicks over kinds of impression."""
    law: Literal["log-normal", "log-logistic"] = "log-normal"
    """Of market prices."""
    median_price: Annotated[float, Field(gt=0, le=100_000)] = 60.0
    sigma: Annotated[float, Field(gt=0, le=10)] = 0.7
    """log-normal: standard deviation of the log price."""
    quality_price: Real = 0.5
    """Elasticity of prices in what makes clicks likely for all."""
    daily: bool = True
    """Whether traffic, click rates and prices have the shape of a day."""
    drift: Real = 0.2
    """Standard deviation, over the day, of the random walks of log prices and log-odds."""


class Bidder(Participant):
    mind: BidderMind = BidderMind()
    budget: Amount | None = None
    click_value: Amount | None = None


class ExchangeScenario(Basis):
    """A scenario of an exchange."""

    world: ExchangeWorld
    agents: Annotated[list[Bidder], Field(max_length=200)]
    mind: BidderMind = BidderMind(kind=USUAL)
    """That of every campaign that names no other."""

    @model_validator(mode="after")
    def _periods_fit(self) -> Self:
        if self.tick_seconds % 60:
            raise ValueError(
                f"tick_seconds is {self.tick_seconds}: a period takes whole minutes, as 1800 seconds"
            )
        if self.world.periods * self.tick_seconds > MINUTES_A_DAY * 60:
            most = MINUTES_A_DAY * 60 // self.tick_seconds
            raise ValueError(
                f"{self.world.periods} periods of {self.tick_seconds} seconds are more than a day:"
                f" at most {most}"
            )
        return self


def _known(name: str) -> BidderKind:
    from burgh.agents.kinds import CAMPAIGNS, mind_kind

    return mind_kind(CAMPAIGNS, name)


class ExchangeKind:
    """See `Kind` and `Draws`."""

    scenario = ExchangeScenario

    def faults(self, scenario: ExchangeScenario, *, whole: bool) -> Iterable[Fault]:
        yield from (faults := [*mind_faults(scenario, _known, USUAL)])
        if faults or not whole:
            return
        try:
            self.world(scenario).begin()
        except BurghError as error:
            yield Fault(("world",), str(error))

    def world(self, scenario: ExchangeScenario) -> World:
        from burgh.worlds.exchange import Campaign, Exchange

        said = scenario.world
        campaigns = [
            Campaign(
                one.name,
                said.budget if one.budget is None else one.budget,
                said.click_value if one.click_value is None else one.click_value,
            )
            for one in scenario.agents
        ]
        return Exchange(
            campaigns,
            stream_of(scenario),
            seed=scenario.seed,
            pricing=said.pricing,
            floor=said.floor,
            virtual=said.floors == "virtual",
            alone=said.rivals == "market",
            most_bid=said.most_bid,
            clock=scenario.clock,
        )

    def asks(self, scenario: ExchangeScenario) -> bool:
        return any_asks(scenario, _known, USUAL)

    def remembers(self, scenario: ExchangeScenario) -> bool:
        return False

    def minds(self, scenario: ExchangeScenario, means: Means) -> tuple[Mind, ...]:
        from burgh.agents.bidders.kinds import Seat

        minds = []
        for n, agent in enumerate(scenario.agents):
            name, options = mind_of(scenario, n, USUAL)
            kind = _known(name)
            seat = Seat(agent.name, means.llm, scenario.clock, scenario.seed, scenario.language)
            minds.append(kind.make(seat, kind.options(**options)))
        return tuple(minds)

    def measures(self, scenario: ExchangeScenario, events: Iterable[Event]) -> Measures:
        from burgh.scenarios.kinds.exchange_measures import measures

        return measures(events, partial(stream_of, scenario))

    def pictures(self, scenario: ExchangeScenario, events: Iterable[Event], folder: Path) -> tuple[Path, ...]:
        from burgh.scenarios.kinds.exchange_picture import draw

        return draw(events, scenario.clock, folder / "exchange.png")

    def about(self, scenario: ExchangeScenario) -> str:
        return f"at a {scenario.world.pricing} exchange of {scenario.world.periods} periods"


def stream_of(scenario: ExchangeScenario) -> Stream:
    """The impressions of a scenario. Raises BurghError for a file that cannot be read."""
    from burgh.worlds.exchange import IPinYou, LogLogistic, LogNormal, Synthetic

    said = scenario.world
    minutes, first = scenario.tick_seconds // 60, scenario.start.hour * 60 + scenario.start.minute
    if said.csv is not None:
        return IPinYou(scenario.folder / said.csv, said.periods, minutes, first)
    return Synthetic(
        scenario.seed,
        impressions=said.impressions,
        periods=said.periods,
        period_minutes=minutes,
        first_minute=first,
        click_rate=said.click_rate,
        spread=said.spread,
        median_price=said.median_price,
        price=LogNormal(said.sigma) if said.law == "log-normal" else LogLogistic(),
        quality_price=said.quality_price,
        daily=said.daily,
        drift=said.drift,
        top_price=2 * said.most_bid,
    )


EXCHANGE = ExchangeKind()
