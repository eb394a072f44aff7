"""A sale, an exchange or a storefront at a moment, as a table: prices, and how everyone stands."""

from __future__ import annotations

from dataclasses import asdict

from burgh.scenarios.cli.console import line, out, table
from burgh.sim.types import Json
from burgh.sim.viewer import shop, trade
from burgh.sim.viewer.sale import BidderView, SaleView
from burgh.sim.viewer.scene import Scene


def sale_json(sale: SaleView) -> dict[str, Json]:
    """All of it as plain data."""
    return asdict(sale)


def market_json(scene: Scene) -> dict[str, Json]:
    """An exchange or a storefront as plain data, where there is one."""
    named = (("exchange", scene.trade), ("storefront", scene.shop))
    return {name: asdict(view) for name, view in named if view.is_there}


def print_market(scene: Scene) -> None:
    """How everyone stands at an exchange or a storefront."""
    columns, rows = trade.table_of(scene.trade) if scene.trade.is_there else shop.table_of(scene.shop)
    words = {"campaign", "provider", "bids"}
    out.print(table(columns, rows, right=tuple(name for name in columns if name not in words)))


def standing(scene: Scene, name: str) -> str:
    """How somebody stands at an exchange or a storefront, in a line; "" for one who is none of its."""
    if not (scene.trade.is_there or scene.shop.is_there):
        return ""
    if name == scene.shop.customer:
        of_the_best = f"gained {scene.shop.welfare:,} by what it bought so far"
        return f"has {scene.shop.money:,}; {of_the_best}"
    columns, rows = trade.table_of(scene.trade) if scene.trade.is_there else shop.table_of(scene.shop)
    row = next((row for row in rows if row[0] == name), ())
    return ", ".join(f"{column} {value}" for column, value in zip(columns[1:], row[1:], strict=False))


def print_sale(sale: SaleView) -> None:
    """What is being sold, at what price, and who has what."""
    game = f"game {sale.game + 1} of {sale.games}, " if sale.games > 1 else ""
    if (lot := sale.open_lot) is not None:
        price = (
            "" if sale.price is None else f", {sale.price:,}" + (f" by {sale.leader}" if sale.leader else "")
        )
        line(f"{sale.format}, {game}lot {lot.number + 1} of {len(sale.lots)}: {lot.item}, {lot.state}{price}")
    sides = any(bidder.side for bidder in sale.bidders.values())
    said = {bid.bidder: bid for bid in sale.bids}
    rows = []
    for name, bidder in sale.bidders.items():
        bid = said.get(name)
        last = "-" if bid is None else bid.act if bid.price is None else f"{bid.act} {bid.price:,}"
        side = (bidder.side or "-",) if sides else ()
        rows.append((name, *side, f"{bidder.money:,}", f"{bidder.profit:,}", last, goods(bidder)))
    columns = ("who", *(("side",) if sides else ()), "purse", "profit", "said last", "has")
    out.print(table(columns, rows, right=("purse", "profit")))
    if sale.book_bids or sale.book_asks:
        bids, asks = (
            ", ".join(f"{quantity} at {price:,}" for price, quantity in side) or "none"
            for side in (sale.book_bids, sale.book_asks)
        )
        line(f"bids: {bids}; asks: {asks}")


def purse_line(bidder: BidderView) -> str:
    """A purse in a line."""
    return f"has {bidder.money:,} and {goods(bidder)}; profit so far {bidder.profit:,}"


def goods(bidder: BidderView) -> str:
    """What one holds: "2 × unit, lot 3, a basket of apples"."""
    held = (good if count == 1 else f"{count} × {good}" for good, count in bidder.goods.items())
    return ", ".join(held) or "nothing"
