"""Scenarios of sales: what each format takes under `world`, and what is said of a bidder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from burgh.scenarios.fields import Key, Line
from burgh.scenarios.kinds.sale_values import Amount, Percent, ValuesSpec
from burgh.scenarios.spec import Basis, Participant, Strict, WorldChoice

Count = Annotated[int, Field(ge=1, le=10_000)]
Games = Annotated[int, Field(ge=1, le=100_000)]
MOST_BIDDERS = 1000


class LotSpec(Strict):
    item: Line
    start: Amount = 0
    """The least price for it, if above the reserve."""


def _counted(value: object) -> object:
    """So many lots without names of their own, where a number is given."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000:
        return [{"item": f"lot {n + 1}"} for n in range(value)]
    return value


Lots = Annotated[list[LotSpec], BeforeValidator(_counted), Field(max_length=10_000)]


class SaleWorld(WorldChoice):
    """What holds in all sales, in whole units of money."""

    games: Games = 1
    """How many sales there are, one after another: each draws values, lots and purses anew."""
    lots: Lots = Field(default_factory=lambda: [LotSpec(item="lot 1")])
    """Sold one after another from one purse: a number, or a list of {item, start}."""
    values: ValuesSpec = ValuesSpec()
    budget: Amount | None = None
    """What is in each purse, where the bidder says nothing else; without it, enough for any sensible bid."""
    reserve: Amount = 0
    """The least price."""
    entry_fee: Amount = 0
    """Paid to the house with one's first bid for a lot."""
    step: Count = 1
    """Prices are its multiples."""
    limit_ticks: Count = 1
    """How long a round waits for answers."""
    reveal: bool = True
    """Whether sealed bids are made known when a lot is closed."""


class Sealed(SaleWorld):
    kind: Literal["first-price", "second-price", "third-price", "all-pay"]


class KthPrice(SaleWorld):
    kind: Literal["kth-price"]
    rank: Annotated[int, Field(ge=1, le=100)]
    """The winner pays the rank-th highest bid."""


class Dutch(SaleWorld):
    kind: Literal["dutch"]
    notch: Count | None = None
    """By how much the clock falls each tick; a step, if none."""
    start_price: Amount | None = None


class EnglishClock(SaleWorld):
    kind: Literal["english-clock"]
    notch: Count | None = None


class English(SaleWorld):
    kind: Literal["english"]
    raise_percent: Percent = 0
    """The least raise, of the lot's start price."""
    calls: Count = 1
    """The hammer falls after so many rounds without a raise."""
    final_pass: bool = False
    """Whether who passes is out of the lot."""
    max_rounds: Count | None = None
    """A hard close."""


class Sequential(SaleWorld):
    """AucArena's setting (Chen et al. 2023), unless it says otherwise. Worth is twice the start price."""

    kind: Literal["sequential"]
    lots: Lots = Field(default_factory=list)
    """Each with its start price; none: AucArena's ten."""
    order: Literal["random", "ascending", "descending"] = "random"
    """Of AucArena's lots, by their start price."""
    estimate_percent: Annotated[int, Field(ge=1, le=1000)] = 110
    """Of the true worth: what bidders believe."""
    budget: Amount | None = 20_000
    raise_percent: Percent = 10
    calls: Count = 1
    final_pass: bool = True
    max_rounds: Count | None = None


class Units(SaleWorld):
    kind: Literal["uniform-price", "discriminatory"]
    units: Annotated[int, Field(ge=1, le=100)] = 2
    """Of each lot: how many there are."""
    demand: Annotated[int, Field(ge=1, le=100)] = 1
    """For how many units one bids."""


class Packages(SaleWorld):
    kind: Literal["vcg"]
    items: Annotated[list[Line], Field(min_length=1, max_length=4)] = Field(
        default_factory=lambda: ["apples", "bread"]
    )
    bonus_percent: Percent = 0
    """By how much a bundle is worth more, for each item after the first."""


class Positions(SaleWorld):
    kind: Literal["gsp", "position-vcg"]
    clicks: Annotated[list[Count], Field(min_length=1, max_length=100)] = Field(
        default_factory=lambda: [200, 100]
    )
    """Of the slots, most first."""


class MarketWorld(SaleWorld):
    costs: ValuesSpec | None = None
    """What a unit costs its seller; as `values`, if nothing is said."""


class CallMarket(MarketWorld):
    kind: Literal["call-market"]
    price_percent: Annotated[int, Field(ge=0, le=100)] = 50
    """Where in the interval of clearing prices the price lies."""


class DoubleAuction(MarketWorld):
    kind: Literal["double-auction"]
    rounds: Count = 30
    """How long a period (a lot) is."""
    units_each: Annotated[int, Field(ge=1, le=100)] = 1
    clear_on_trade: bool = False
    """Whether a trade empties the order book."""


class Bargaining(MarketWorld):
    kind: Literal["bargaining"]
    rounds: Count = 6
    """How many offers there may be."""
    first: Literal["buy", "sell"] = "sell"
    """The side that makes the first offer."""


class BidderMind(Strict):
    """kind: one of the group `burgh.bidders`, or a prompt strategy; the other keys are that kind's own."""

    model_config = ConfigDict(extra="allow")
    kind: Key | None = None

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Bidder(Participant):
    mind: BidderMind = BidderMind()
    budget: Amount | None = None
    values: list[Amount] | None = Field(default=None)
    """What each lot is worth to this bidder, instead of drawn values: all bidders say so, or none."""


class Trader(Bidder):
    side: Literal["buy", "sell"]


class Sale(Basis):
    """What scenarios of all sales say."""

    world: SaleWorld
    agents: Sequence[Bidder]
    mind: BidderMind = BidderMind(kind="truthful")
    """That of every bidder that names no other."""


class Auction(Sale):
    """A scenario of a sale by the house."""

    agents: Annotated[list[Bidder], Field(max_length=MOST_BIDDERS)]


class Market(Sale):
    """A scenario of a market of buyers and sellers."""

    agents: Annotated[list[Trader], Field(max_length=MOST_BIDDERS)]
