"""A run without a map on its page: the sheets of an exchange, a storefront or a sale, as they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest

from burgh.sim.types import Json
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.figures import (
    Chart,
    Points,
    Row,
    bid_said,
    budget_rows,
    choice,
    gained,
    lot_said,
    offer_rows,
    provider_rows,
    purse_rows,
    sale_head,
    setting_rows,
    shop_charts,
    shop_head,
    trade_charts,
    trade_head,
)
from burgh.sim.viewer.sale import MOST_BIDS, SaleView, standing
from burgh.sim.viewer.shop import ShopView
from burgh.sim.viewer.trade import TradeView

MOST_ROWS = 16  # of lots, of bids, of trades
MOST_LEVELS = 5  # of each side of an order book
NOBODY = -1  # the number of a row that is nobody's, and of a curve
DIGITS = 4  # of a point of a curve that is a share
_BY_KIND = {
    "exchange": [
        [["rows", "settings", "How campaigns bid", 1], ["log", "log", "What happened", 6]],
        [["chart", "0", "", 3], ["chart", "1", "", 4], ["chart", "2", "", 5]],
        [["rows", "budgets", "Budgets, and what is left", 2]],
    ],
    "storefront": [
        [
            ["rows", "providers", "Providers, and their profit", 3],
            ["rows", "tills", "Money of providers", 4],
            ["rows", "customer", "Who chooses, and what is left", 2],
        ],
        [
            ["rows", "offers", "Offers, in the order in which they are shown", 1],
            ["log", "log", "What happened", 7],
        ],
        [["chart", "0", "", 5], ["chart", "1", "", 6]],
    ],
    "sale": [
        [["rows", "lots", "Lots", 2], ["rows", "bids", "Bids, the latest on top", 3]],
        [
            ["lot", "lot", "", 1],
            ["chart", "0", "", 5],
            ["rows", "book", "Order book: bids on the left, asks on the right", 4],
            ["log", "log", "What happened", 8],
        ],
        [["rows", "purses", "Purses", 6], ["rows", "trades", "Sold so far, the latest on top", 7]],
    ],
}


class Board:
    """Follows a run without a map tick by tick; what has not changed is not written again."""

    def __init__(self) -> None:
        self.kind = ""
        self.sheets: dict[str, list[list[Json]]] = {}
        self.points: list[list[Json]] = []
        self.charts: tuple[Chart, ...] = ()
        self._curves: dict[tuple[int, int], list[float | None]] = {}

    def note(self, tick: int, builder: SceneBuilder) -> None:
        """What has changed on the sheets in this tick."""
        if builder.town.width:
            return
        if builder.trade.is_there:
            self.kind, self.charts = "exchange", trade_charts(builder.trade, builder.clock)
            self._put(tick, _trade(builder.trade))
        elif builder.shop.is_there:
            self.kind, self.charts = "storefront", shop_charts(builder.shop)
            self._put(tick, _shop(builder.shop))
        elif builder.sale.is_there:
            self.kind, self.charts = "sale", (_prices(builder.sale),)
            self._put(tick, _sale(builder.sale))
        else:
            return
        self._put(tick, {"titles": [chart.title for chart in self.charts]})
        for number, chart in enumerate(self.charts):
            self._curve(tick, (number, NOBODY), chart.grey)
            for curve, points in enumerate(chart.curves):
                self._curve(tick, (number, curve), points)

    def data(self) -> dict[str, Json] | None:
        """The whole as the page's script reads it; None where there is nothing of the kind."""
        if not self.kind:
            return None
        columns = [
            [sheet for sheet in column if sheet[0] != "rows" or self._used(str(sheet[1]))]
            for column in _BY_KIND[self.kind]
        ]
        charts = [{"percent": chart.percent, "below": list(chart.below)} for chart in self.charts]
        return {
            "kind": self.kind,
            "columns": columns,
            "sheets": self.sheets,
            "charts": charts,
            "points": self.points,
        }

    def _used(self, key: str) -> bool:
        return any(rows for _, rows in self.sheets.get(key, ()))

    def _put(self, tick: int, sheets: Mapping[str, Json]) -> None:
        for key, rows in sheets.items():
            track = self.sheets.setdefault(key, [])
            if not track or track[-1][1] != rows:
                track.append([tick, rows])

    def _curve(self, tick: int, key: tuple[int, int], points: Points) -> None:
        """Of a curve what is new, and from which place on; -1: at the end, and the first goes."""
        new = [round(one, DIGITS) if isinstance(one, float) else one for one in points]
        old = self._curves.get(key, [])
        same = next(
            (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
        )
        if same == len(old) == len(new):
            return
        self._curves[key] = new
        if len(new) == len(old) == MOST_BIDS and new[:-1] == old[1:]:  # the view forgets the first
            self.points.append([tick, *key, -1, new[-1:]])
        else:
            self.points.append([tick, *key, same, new[same:]])


def _rows(rows: Iterable[Row]) -> list[Json]:
    return [
        [
            row.number,
            row.name,
            row.said,
            row.below,
            row.aside,
            None if row.share is None else round(row.share, DIGITS),
            int(row.marked),
        ]
        for row in rows
    ]


def _trade(trade: TradeView) -> dict[str, Json]:
    return {
        "head": trade_head(trade),
        "settings": _rows(setting_rows(trade)),
        "budgets": _rows(budget_rows(trade)),
    }


def _shop(shop: ShopView) -> dict[str, Json]:
    left = max(0.0, min(1.0, shop.money / max(1, shop.start_money)))
    of, gain = f"of {shop.start_money:,}", gained(shop.welfare)
    return {
        "head": shop_head(shop),
        "offers": _rows(offer_rows(shop)),
        "offers note": choice(shop),
        "providers": _rows(provider_rows(shop)),
        "tills": _tills(shop),
        "customer": _rows([Row(NOBODY, shop.customer, f"{shop.money:,}", of, gain, left)]),
    }


def _tills(shop: ShopView) -> list[Json]:
    """What providers have, where that is not their profit."""
    providers = list(shop.providers.values())
    if all(one.money == one.profit for one in providers):
        return []
    return _rows(Row(n, one.name, f"{one.money:,}") for n, one in enumerate(providers))


def _sale(sale: SaleView) -> dict[str, Json]:
    names, lot = list(sale.bidders), sale.open_lot
    at = max(0, min(sale.lot - MOST_ROWS // 2, len(sale.lots) - MOST_ROWS))
    lots = [
        Row(NOBODY, one.item, lot_said(one), marked=one.number == sale.lot and one.state == "open")
        for one in sale.lots[at : at + MOST_ROWS]
    ]
    number = {name: n for n, name in enumerate(names)}
    bids = [Row(number.get(bid.bidder, NOBODY), bid.bidder, bid_said(bid)) for bid in sale.bids]
    trades = [
        Row(number.get(buyer, NOBODY), buyer, f"{price:,}", f"from {seller}" if seller in number else "")
        for _, price, buyer, seller in sale.trades
    ]
    if lot is not None and lot.state in ("sold", "unsold"):
        goes_on = "closed"
    else:
        goes_on = f"round {sale.round} of {sale.rounds}" if sale.rounds else f"round {sale.round}"
    return {
        "head": sale_head(sale),
        "lot": [
            "The sale has not begun" if lot is None else lot.item[:1].upper() + lot.item[1:],
            "" if sale.price is None else f"{sale.price:,}",
            "" if lot is None else standing(sale),
            "" if lot is None else goes_on,
        ],
        "lots": _rows(lots),
        "bids": _rows(bids[: -MOST_ROWS - 1 : -1]),
        "book": _rows(_book(sale)),
        "trades": _rows(trades[: -MOST_ROWS - 1 : -1]),
        "purses": _rows(purse_rows(sale)),
    }


def _book(sale: SaleView) -> list[Row]:
    """The levels of an order book, a bid and an ask in each row."""
    bids, asks = (
        [f"{quantity:,} at {price:,}" for price, quantity in side[:MOST_LEVELS]]
        for side in (sale.book_bids, sale.book_asks)
    )
    return [Row(NOBODY, bid, ask) for bid, ask in zip_longest(bids, asks, fillvalue="-")]


def _prices(sale: SaleView) -> Chart:
    """The price of this lot as it went; the prices of trades where there is none."""
    if sale.prices:
        return Chart("Price of this lot", (), (), grey=[price for _, price in sale.prices])
    return Chart("Prices so far", (), (), grey=[price for _, price, _, _ in sale.trades])
