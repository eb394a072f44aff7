"""The rows and curves of an exchange, a storefront and a sale, as the sheets of window and page say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from burgh.sim.clock import Clock
from burgh.sim.viewer.sale import Bid, LotView, SaleView, format_name
from burgh.sim.viewer.shop import ShopView
from burgh.sim.viewer.trade import TradeView

ROUND_MINUTES = (5, 10, 15, 30, 60, 120, 180, 240, 360)
ROUND_NUMBERS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
MOST_MARKS = 7  # under a chart
FEWEST_BIDS = 20  # of a period, for a share of them to say something
STATES = {"to come": "", "open": "now", "sold": "sold", "unsold": "unsold"}
Points = Sequence[float | None]  # by period or round; None where there is nothing to draw


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody, by number and name, and a figure; below it two soft words. share: a bar's, 0 to 1, if there
    is one. marked: leads, or was chosen."""

    number: int
    name: str
    said: str
    below: str = ""
    aside: str = ""
    share: float | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves, each of the row of its number. below: of each period, what stands under it, "" for nothing.
    grey: a curve that is nobody's."""

    title: str
    curves: tuple[Points, ...]
    below: tuple[str, ...]
    percent: bool = False
    grey: Points = ()


def trade_head(trade: TradeView) -> str:
    """How far an exchange is."""
    parts = [f"{trade.pricing} exchange", f"period {len(trade.periods)} of {trade.of}"]
    parts.append(f"campaigns have paid {trade.revenue:,}")
    if trade.periods and trade.periods[-1].floor:
        parts.append(f"floor {trade.periods[-1].floor:,}")
    return _joined(parts)


def setting_rows(trade: TradeView) -> list[Row]:
    """How each campaign bids now, and its share of the last period's wins."""
    rows = []
    for number, one in enumerate(trade.campaigns.values()):
        bids, won = (one.bids[-1], one.won[-1]) if one.bids else (0, 0)
        share = f"wins {won / bids:.0%}" if bids else "does not bid"
        rows.append(Row(number, one.name, share, one.setting, f"{sum(one.won):,} won in all"))
    return rows


def budget_rows(trade: TradeView) -> list[Row]:
    """What each campaign has left of its budget, and what came of the rest."""
    return [
        Row(
            number,
            one.name,
            f"{one.money:,}",
            f"{one.clicks:,} {'click' if one.clicks == 1 else 'clicks'}",
            gained(one.profit),
            _share(one.money, one.start_money),
        )
        for number, one in enumerate(trade.campaigns.values())
    ]


def trade_charts(trade: TradeView, clock: Clock) -> tuple[Chart, ...]:
    """How campaigns spent, what they won, and at what price."""
    campaigns, below = list(trade.campaigns.values()), tuple(times_of(clock, trade.of))
    spent = tuple([total / max(1, one.start_money) for total in accumulate(one.spent)] for one in campaigns)
    shares = tuple(
        [won / bids if bids >= FEWEST_BIDS else None for won, bids in zip(one.won, one.bids, strict=True)]
        for one in campaigns
    )
    prices = tuple(
        [paid / won if won else None for paid, won in zip(one.spent, one.won, strict=True)]
        for one in campaigns
    )
    return (
        Chart("Spent, of the budget", spent, below, percent=True),
        Chart("Won, of the bids of a period", shares, below, percent=True),
        Chart("Price paid; the market's is grey", prices, below, grey=[one.market for one in trade.periods]),
    )


def shop_head(shop: ShopView) -> str:
    """How far a storefront is."""
    return _joined(
        [f"Storefront, round {shop.round + 1} of {shop.of}", f"{shop.customer} has {gained(shop.welfare)}"]
    )


def offer_rows(shop: ShopView) -> list[Row]:
    """The offers in the order in which they are shown; the one that was taken is marked."""
    names = list(shop.providers)
    return [
        Row(
            names.index(offer.name),
            offer.name,
            f"claims {offer.claim} of 100, asks {offer.price:,}",
            f"“{offer.words}”",
            marked=offer.name == shop.chosen,
        )
        for offer in shop.offers
    ]


def choice(shop: ShopView) -> str:
    """What the customer made of the offers."""
    if not shop.over:
        return f"{shop.customer} has not chosen yet"
    return f"{shop.chosen}: {shop.found}" if shop.chosen else f"{shop.customer} takes no offer"


def provider_rows(shop: ShopView) -> list[Row]:
    """How each provider fares; the bar is its profit, of the largest."""
    most = max([1, *(abs(one.profit) for one in shop.providers.values())])
    return [
        Row(
            number,
            one.name,
            f"{one.profit:,}",
            f"quality {one.quality}, sold {one.sold}",
            f"{one.stars / one.sold:.1f} stars" if one.sold else "no stars",
            _share(one.profit, most),
        )
        for number, one in enumerate(shop.providers.values())
    ]


def shop_charts(shop: ShopView) -> tuple[Chart, ...]:
    """What providers and the customer gained."""
    below = tuple(rounds_of(shop.of))
    profits = tuple(one.profits for one in shop.providers.values())
    return (
        Chart("Profit of providers, by round", profits, below),
        Chart(f"Gain of {shop.customer}, by round", (), below, grey=shop.gains),
    )


def sale_head(sale: SaleView) -> str:
    """How far a sale is."""
    parts = [format_name(sale.format)]
    if sale.games > 1:
        parts.append(f"game {sale.game + 1} of {sale.games}")
    if len(sale.lots) > 1 and sale.lot >= 0:
        parts.append(f"lot {sale.lot + 1} of {len(sale.lots)}")
    return _joined([*parts, f"the house has taken {sale.revenue:,}"])


def purse_rows(sale: SaleView) -> list[Row]:
    """Each bidder's money, of that which it began with, how much it holds and what it has gained."""
    rows = []
    for number, one in enumerate(sale.bidders.values()):
        goods = sum(one.goods.values())
        rows.append(
            Row(
                number,
                one.name,
                f"{one.money:,}",
                f"{f'{one.side}s, ' if one.side else ''}has {goods} {'thing' if goods == 1 else 'things'}",
                gained(one.profit),
                _share(one.money, one.start_money),
                one.name == sale.leader,
            )
        )
    return rows


def lot_said(lot: LotView) -> str:
    """What is told of a lot beside its name."""
    if lot.buyers:
        buyer, price = lot.buyers[-1]
        more = f" and {len(lot.buyers) - 1} more" if len(lot.buyers) > 1 else ""
        return f"{buyer} {price:,}{more}"
    return f"from {lot.reserve:,}" if lot.state == "open" and lot.reserve else STATES[lot.state]


def bid_said(bid: Bid) -> str:
    """What is told of a bid beside its bidder."""
    if bid.price is None:
        return "passes"
    return f"{'asks ' if bid.side == 'sell' else ''}{bid.price:,}"


def round_said(number: int, ticks: int) -> str:
    """What is told of a round that no limit is set to."""
    return f"round {number}, open for {ticks} {'tick' if ticks == 1 else 'ticks'}"


def times_of(clock: Clock, periods: int) -> list[str]:
    """Of each period the time at which it ends, where that is a round one; "" for the others."""
    ends = [clock.at(n + 1) for n in range(periods)]
    minutes = [end.hour * 60 + end.minute for end in ends]
    for step in ROUND_MINUTES:
        if sum(minute % step == 0 for minute in minutes) <= MOST_MARKS:
            break
    found = [f"{end:%H:%M}" if minute % step == 0 else "" for end, minute in zip(ends, minutes, strict=True)]
    return found if any(found) or not ends else [*found[:-1], f"{ends[-1]:%H:%M}"]


def rounds_of(rounds: int) -> list[str]:
    """Of each round its number, where that is a round one; "" for the others."""
    step = next((step for step in ROUND_NUMBERS if rounds // step <= MOST_MARKS), rounds)
    return [str(n) if n % step == 0 else "" for n in range(1, rounds + 1)]


def gained(amount: int) -> str:
    """An amount as what was gained or lost."""
    return f"{'gained' if amount >= 0 else 'lost'} {abs(amount):,}"


def _share(part: int, whole: int) -> float:
    return max(0.0, min(1.0, part / max(1, whole)))


def _joined(parts: Sequence[str]) -> str:
    text = "  ·  ".join(parts)
    return text[:1].upper() + text[1:]
