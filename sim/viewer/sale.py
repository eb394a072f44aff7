"""A sale at one moment, from the record alone: the lot, its price, the bids, purses, the order book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from burgh.sim.types import Event, Json
from burgh.sim.viewer.fold import Handler, folded

HOUSE = "the house"  # as worlds/auctions calls the auctioneer's account
MOST_BIDS = 200  # kept of a lot, and of prices
ABBREVIATED = frozenset({"vcg", "gsp"})
CLOCKS = frozenset({"dutch", "english-clock"})
VERBS = {"take": "takes it at", "stay": "stays at", "accept": "accepts", "bid": "bids"}


@dataclass(frozen=True, slots=True)
class Bid:
    """Something said for a lot. price: None where none was named. act: "pass" for none."""

    tick: int
    bidder: str
    act: str
    price: int | None
    side: str = ""
    round: int = 0


@dataclass(frozen=True, slots=True)
class LotView:
    """A lot. state: "to come", "open", "sold" or "unsold". buyers: each with what they paid."""

    number: int
    item: str
    state: str = "to come"
    reserve: int = 0
    buyers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BidderView:
    """A bidder's purse and goods. profit: worth of what was got less what was paid, over all games."""

    name: str
    money: int = 0
    start_money: int = 0
    goods: Mapping[str, int] = field(default_factory=dict)
    profit: int = 0
    side: str = ""


@dataclass(frozen=True, slots=True)
class SaleView:
    """All that is to be drawn of a sale. prices: (tick, price) of the open lot, as they came. book: levels of
    (price, quantity), best first. rounds: how many a lot has at most, 0 where it has no such end."""

    format: str = ""
    game: int = 0
    games: int = 1
    lots: tuple[LotView, ...] = ()
    lot: int = -1
    price: int | None = None
    leader: str = ""
    round: int = 0
    rounds: int = 0
    calls: int = 1
    bids: tuple[Bid, ...] = ()
    prices: tuple[tuple[int, int], ...] = ()
    trades: tuple[tuple[int, int, str, str], ...] = ()  # tick, price, buyer, seller
    book_bids: tuple[tuple[int, int], ...] = ()
    book_asks: tuple[tuple[int, int], ...] = ()
    bidders: Mapping[str, BidderView] = field(default_factory=dict)
    revenue: int = 0
    opened_tick: int = 0
    ended: bool = False
    changed_tick: int = 0  # when its last lot was closed

    @property
    def is_there(self) -> bool:
        return bool(self.format)

    @property
    def open_lot(self) -> LotView | None:
        """The lot that is being sold; the last one where all are over."""
        return self.lots[self.lot] if 0 <= self.lot < len(self.lots) else None


def format_name(format: str) -> str:
    """A format as a title: "English clock", "Position VCG"."""
    words = [word.upper() if word in ABBREVIATED else word for word in format.split("-")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def standing(sale: SaleView) -> str:
    """How it stands with the open lot, in a few words beside its price."""
    state = sale.open_lot.state if sale.open_lot is not None else ""
    if state == "unsold":
        return "nobody buys it"
    if sale.book_bids or sale.book_asks:
        return "the last trade" if sale.price is not None else "no trade yet"
    if sale.leader:
        verb = "offers" if sale.format == "bargaining" else "leads"
        return f"SOLD to {sale.leader}" if state == "sold" else f"{sale.leader} {verb}"
    if sale.format not in CLOCKS or sale.price is None:
        return "no bid yet"
    if sale.format == "dutch":
        return "falling, until somebody takes it"
    staying = {bid.bidder for bid in sale.bids if bid.act == "stay" and bid.round == sale.round}
    return f"rising: {len(staying)} stay in" if staying else "rising"


Told = tuple[SaleView, str]  # the sale after an event, and a line to be told of it, or ""


def apply(sale: SaleView, event: Event) -> Told | None:
    """The sale after an event; None where the event is none of a sale's."""
    return folded(sale, event, _HANDLERS)


def _auction(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    lots = tuple(LotView(n, str(lot["item"])) for n, lot in enumerate(data["lots"]))
    bidders = {
        name: BidderView(name, profit=sale.bidders[name].profit if name in sale.bidders else 0)
        for name in data["bidders"]
    }
    for side, names in (("buy", data.get("buyers", ())), ("sell", data.get("sellers", ()))):
        for name in names:
            bidders[name] = replace(bidders[name], side=side)
    game, games = int(data.get("game", 0)), int(data.get("games", 1))
    began = SaleView(
        format=str(data["format"]),
        game=game,
        games=games,
        lots=lots,
        rounds=int(data.get("rounds") or data.get("max_rounds") or 0),
        calls=int(data.get("calls") or 1),
        bidders=bidders,
        revenue=sale.revenue,
        trades=sale.trades,
        opened_tick=event.tick,
    )
    which = f"game {game + 1} of {games}: " if games > 1 else ""
    return began, f"{which}{data['format']} sale of {len(lots)} {'lot' if len(lots) == 1 else 'lots'}"


def _purse(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    name = event.agent or ""
    was = sale.bidders.get(name, BidderView(name))
    money = int(data["money"])
    now = replace(was, money=money, start_money=money, goods=dict(data["goods"]))
    return _with(sale, now), ""


def _with(sale: SaleView, *bidders: BidderView) -> SaleView:
    return replace(sale, bidders={**sale.bidders, **{one.name: one for one in bidders}})


def _lot(sale: SaleView, number: int, **changes: Json) -> tuple[LotView, ...]:
    return tuple(replace(lot, **changes) if lot.number == number else lot for lot in sale.lots)


def _lot_opened(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    number = int(data["lot"])
    lots = sale.lots
    if number >= len(lots):
        lots = (*lots, LotView(number, str(data["item"])))
    opened = replace(
        replace(sale, lots=lots),
        lots=_lot(replace(sale, lots=lots), number, state="open", reserve=int(data["reserve"])),
        lot=number,
        price=None,
        leader="",
        round=1,
        bids=(),
        prices=(),
        book_bids=(),
        book_asks=(),
        opened_tick=event.tick,
    )
    least = f", from {data['reserve']:,}" if data["reserve"] else ""
    return opened, f"{str(data['item'])[:1].upper()}{str(data['item'])[1:]} is put up{least}"


def _price_of(data: Mapping[str, Json]) -> int | None:
    if isinstance(data.get("price"), int):
        return int(data["price"])
    named = [value for key, value in data.items() if key not in ("lot", "round", "offer") and _is_int(value)]
    return max(named, default=None)


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _bid(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    committed = event.kind == "bid"
    bid = Bid(
        event.tick,
        event.agent or "",
        str(data.get("act", "")),
        _price_of(data) if committed else None,
        str(data.get("side", "")),
        int(data.get("round", 0)),
    )
    after = replace(sale, bids=(*sale.bids, bid)[-MOST_BIDS:], round=max(sale.round, bid.round))
    if not committed:
        return after, ""
    verb = {"take": "takes it at", "stay": "stays at", "accept": "accepts", "bid": "bids"}.get(
        bid.act, bid.act
    )
    if bid.side == "sell" and bid.act == "bid":
        verb = "asks"
    price = data.get("offer") if bid.act == "accept" else bid.price
    quiet = bid.act == "stay"
    return after, "" if quiet else f"{bid.bidder} {verb} {price:,}" if price is not None else ""


def _refused(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    return sale, f"the bid of {event.agent} is void: {data['why']}"


def _price(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    price = int(data["price"])
    prices = (*sale.prices, (event.tick, price))[-MOST_BIDS:]
    return replace(sale, price=price, leader=str(data["leader"] or ""), prices=prices), ""


def _book(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    bids, asks = (tuple((int(p), int(q)) for p, q in data[side]) for side in ("bids", "asks"))
    return replace(sale, book_bids=bids, book_asks=asks), ""


def _sold(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    buyer, seller, price = event.agent or "", str(data["seller"]), int(data["price"])
    item, count = str(data["item"]), int(data.get("quantity", 1))
    changed = []
    if buyer in sale.bidders:
        was = sale.bidders[buyer]
        goods = {**was.goods, item: was.goods.get(item, 0) + count}
        changed.append(replace(was, goods=goods, profit=was.profit + int(data["value"])))
    if seller in sale.bidders:
        was = sale.bidders[seller]
        left = {**was.goods, item: was.goods.get(item, 0) - count}
        cost = int(data.get("cost", 0))
        changed.append(replace(was, goods={k: v for k, v in left.items() if v}, profit=was.profit - cost))
    number = int(data["lot"])
    known = sale.lots[number].buyers if 0 <= number < len(sale.lots) else ()
    after = replace(
        _with(sale, *changed),
        lots=_lot(sale, number, buyers=(*known, (buyer, price))),
        trades=(*sale.trades, (event.tick, price, buyer, seller))[-MOST_BIDS:],
        price=price,
        leader=buyer,
    )
    by = f" from {seller}" if seller != HOUSE else ""
    many = f"{count} of " if count > 1 else ""
    return after, f"SOLD: {many}{item} to {buyer}{by} for {price:,}"


def _paid(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    amount, changed = int(data["amount"]), []
    for name, sign in ((data["from"], -1), (data["to"], 1)):
        if name in sale.bidders:
            was = sale.bidders[name]
            changed.append(replace(was, money=was.money + sign * amount, profit=was.profit + sign * amount))
    gain = amount * ((data["to"] == HOUSE) - (data["from"] == HOUSE))
    return replace(_with(sale, *changed), revenue=sale.revenue + gain), ""


def _unsold(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    return sale, f"nobody buys {data['item']}"


def _closed(sale: SaleView, event: Event, data: Mapping[str, Json]) -> Told:
    number = int(data["lot"])
    sold = 0 <= number < len(sale.lots) and bool(sale.lots[number].buyers)
    lots = _lot(sale, number, state="sold" if sold else "unsold")
    ended = number == len(sale.lots) - 1
    return replace(sale, lots=lots, ended=ended, changed_tick=event.tick), ""


_HANDLERS: Mapping[str, Handler[SaleView]] = {
    "auction": _auction,
    "purse": _purse,
    "lot_opened": _lot_opened,
    "bid": _bid,
    "passed": _bid,
    "bid_refused": _refused,
    "price": _price,
    "book": _book,
    "sold": _sold,
    "paid": _paid,
    "unsold": _unsold,
    "closed": _closed,
}
