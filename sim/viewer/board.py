"""An auction in a town: a board beside the square with the lot, its price, the calls, bids and purses."""

from __future__ import annotations

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.figures import bid_said
from burgh.sim.viewer.hall import Hall
from burgh.sim.viewer.hud import plaque
from burgh.sim.viewer.layout import Box
from burgh.sim.viewer.sale import BidderView, SaleView

WIDTH, TOP, RIGHT = 268, 14, 12  # pixels at scale 1
LOT, BELOW = 96, 60  # the height of the open lot's sheet, and what is left free below
LINGERS_TICKS = 18  # for how long it is shown when the last lot is over
ROWS = 5  # of bids
MOST_PURSES = 8
CALLS = ("going once", "going twice", "for the last time")


class Board(Hall):
    """Draws it over the right of the town."""

    sizes = (13,)

    def is_shown(self, sale: SaleView, tick: float) -> bool:
        """While there is an auction, and a little longer."""
        return sale.is_there and (not sale.ended or tick - sale.changed_tick <= LINGERS_TICKS)

    def fits(self, size: tuple[int, int]) -> bool:
        """Whether it leaves as much of a view of that size as it takes."""
        px = self.fonts.px
        return 2 * px(WIDTH + RIGHT) <= size[0] and px(TOP + LOT + BELOW) <= size[1]

    def box(self, size: tuple[int, int]) -> Box:
        """What it takes of a view of that size; bubbles keep clear of it."""
        px = self.fonts.px
        width = min(px(WIDTH), size[0])
        return Box(size[0] - width - px(RIGHT), px(TOP), width, max(1, size[1] - px(TOP) - px(BELOW)))

    def draw(self, target: pygame.Surface, sale: SaleView, tick: float) -> None:
        px, where = self.fonts.px, self.box(target.get_size())
        x, y, width, height = (round(side) for side in (where.x, where.y, where.width, where.height))
        bottom, gap = y + height, px(6)
        head = self.fonts.height(13) + px(30)
        step = self.fonts.height(13) + px(4)
        self._lot_now(target, sale, pygame.Rect(x, y, width, min(px(LOT), height)), tick)
        y += px(LOT) + gap
        for sheet, rows in (
            (self._lots, len(sale.lots) * self._lot_step),
            (self._bids, ROWS * step),
            (self._purses, len(_people(sale)) * step),
        ):
            box = pygame.Rect(x, y, width, min(head + rows, bottom - y))
            if box.height < head + step:
                return
            sheet(target, sale, box)
            y = box.bottom + gap

    def _lot_now(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect, tick: float) -> None:
        """The open lot: its price, who leads, and the calls until the hammer falls."""
        px, lot = self.fonts.px, sale.open_lot
        plaque(target, box, self.fonts)
        inner = box.inflate(-2 * px(14), -2 * px(10))
        number = f"Lot {sale.lot + 1} of {len(sale.lots)}" if lot is not None else "The auction"
        self._write(target, number, inner.topleft, 12, pal.ACCENT)
        called = self._called(sale, tick)
        self._write(target, called, (inner.right, inner.y), 12, pal.TEXT_SOFT, right=True)
        y = inner.y + self.fonts.height(12) + px(1)
        item = "" if lot is None else lot.item[:1].upper() + lot.item[1:]
        self._write(target, item, (inner.x, y), 15, pal.TEXT, width=inner.width)
        y += self.fonts.height(15)
        price = "-" if sale.price is None else f"{sale.price:,}"
        self._write(target, price, (inner.x, y), 26, pal.ACCENT)
        over = lot is not None and lot.state in ("sold", "unsold")
        leads = f"sold to {sale.leader}" if over and sale.leader else f"{sale.leader} leads"
        leads = leads if sale.leader else "nobody buys it" if over else "no bid yet"
        left = inner.x + self.fonts.width(price, 26) + px(10)
        self._write(target, leads, (left, y + px(9)), 14, pal.TEXT, width=inner.right - left)
        self._calls(target, sale, inner, tick, over=over)

    def _calls(
        self, target: pygame.Surface, sale: SaleView, inner: pygame.Rect, tick: float, *, over: bool
    ) -> None:
        """A bar that runs out as calls go by without a bid."""
        px = self.fonts.px
        bar = pygame.Rect(inner.x, inner.bottom - px(4), inner.width, px(6))
        pygame.draw.rect(target, pal.PARCHMENT[0], bar, border_radius=px(3))
        left = 0.0 if over else max(0.0, 1 - self._quiet(sale, tick) / max(1, sale.calls))
        full = bar.copy()
        full.width = round(bar.width * left)
        pygame.draw.rect(target, pal.WHEAT[0], full, border_radius=px(3))

    @staticmethod
    def _quiet(sale: SaleView, tick: float) -> float:
        """For how long nobody has bid."""
        last = sale.prices[-1][0] if sale.prices else sale.opened_tick
        return max(0.0, tick - last)

    def _called(self, sale: SaleView, tick: float) -> str:
        lot = sale.open_lot
        if lot is None or lot.state in ("sold", "unsold"):
            return "the hammer has fallen"
        gone = int(self._quiet(sale, tick))
        return CALLS[min(gone, len(CALLS)) - 1] if gone else "who bids more?"

    def _bids(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        names = list(sale.bidders)
        said = [bid for bid in sale.bids if bid.price is not None]
        rows = [(bid.bidder, bid_said(bid), names.index(bid.bidder)) for bid in said if bid.bidder in names]
        self._rows(target, self._sheet(target, box, "Bids, the latest on top"), rows[::-1])

    def _purses(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        """A line for each: coins, and how many things."""
        names = list(sale.bidders)
        rows = [(one.name, _owns(one), names.index(one.name)) for one in _people(sale)]
        self._rows(target, self._sheet(target, box, "Purses"), rows)


def _people(sale: SaleView) -> list[BidderView]:
    """Those whose purses are shown: who has bid or bought first, in the order of the run."""
    active = {bid.bidder for bid in sale.bids} | {buyer for _, _, buyer, _ in sale.trades}
    rows = sorted(sale.bidders.values(), key=lambda one: one.name not in active)
    return rows[:MOST_PURSES]


def _owns(one: BidderView) -> str:
    coins = "1 coin" if one.money == 1 else f"{one.money:,} coins"
    things = sum(one.goods.values())
    return f"{coins}, {things} {'thing' if things == 1 else 'things'}" if things else coins
