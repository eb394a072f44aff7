"""The auction room: lots, the price and who leads, bids as they came, the order book, purses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.figures import Row, bid_said, lot_said, purse_rows, round_said, sale_head
from burgh.sim.viewer.hud import plaque
from burgh.sim.viewer.sale import SaleView, standing
from burgh.sim.viewer.text import Fonts

TOP, BOTTOM, GAP = 72, 152, 12  # pixels at scale 1: above, below (for the log and the timeline), between
SIDE = 0.26  # of the width: the lots on the left, the purses on the right
COLOURS = (
    pal.BLUE[0],
    pal.RED[1],
    pal.SEA,
    pal.WHEAT[0],
    pal.ROOF[0],
    pal.PINE[1],
    pal.BLOSSOM[0],
    pal.IRON[1],
)


Sheet = Callable[[pygame.Surface, SaleView, pygame.Rect], None]


class Hall:
    """Draws a sale over the whole view. sizes: of letters in rows, the largest first."""

    sizes: ClassVar[tuple[int, ...]] = (20, 17, 15, 13)

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts

    def draw(self, target: pygame.Surface, sale: SaleView, tick: float) -> None:
        """Fills the target; what the clock, the log and the timeline take is left free."""
        px, (width, height) = self.fonts.px, target.get_size()
        self._boards(target)
        top, bottom, gap = px(TOP), height - px(BOTTOM), px(GAP)
        side = int(width * SIDE)
        self._title(target, sale, pygame.Rect(px(220), px(14), width - px(220) - gap, px(46)))
        left = pygame.Rect(gap, top, side - gap, bottom - top)
        right = pygame.Rect(width - side, top, side - gap, bottom - top)
        middle = pygame.Rect(left.right + gap, top, right.x - left.right - 2 * gap, bottom - top)
        self._column(target, sale, left, self._lots, len(sale.lots) * self._lot_step, self._sold)
        self._column(target, sale, right, self._purses, len(sale.bidders) * self._purse_step, self._held)
        upper = pygame.Rect(middle.x, middle.y, middle.width, int(middle.height * 0.28))
        lower = pygame.Rect(middle.x, upper.bottom + gap, middle.width, middle.bottom - upper.bottom - gap)
        self._block(target, sale, upper, tick)
        half = (lower.width - gap) // 2
        chart = pygame.Rect(lower.x, lower.y, half, lower.height)
        bids = pygame.Rect(chart.right + gap, lower.y, lower.width - half - gap, lower.height)
        if sale.book_bids or sale.book_asks:
            self._book(target, sale, chart)
        else:
            self._prices(target, sale, chart)
        if sale.trades and any(bidder.side for bidder in sale.bidders.values()):
            self._trades(target, sale, bids)
        else:
            self._bids(target, sale, bids)

    def _column(  # noqa: PLR0917
        self,
        target: pygame.Surface,
        sale: SaleView,
        box: pygame.Rect,
        sheet: Sheet,
        rows: int,
        below: Sheet,
    ) -> None:
        """A sheet as high as its rows ask for, and another in what is left of the column."""
        gap, head = self.fonts.px(GAP), self.fonts.px(30) + self.fonts.height(13)
        height = min(box.height, head + rows)
        left = pygame.Rect(box.x, box.y + height + gap, box.width, box.height - height - gap)
        if left.height < head + 2 * self._lot_step:
            sheet(target, sale, box)
            return
        sheet(target, sale, pygame.Rect(box.x, box.y, box.width, height))
        below(target, sale, left)

    @property
    def _lot_step(self) -> int:
        return self.fonts.height(13) + self.fonts.px(5)

    @property
    def _purse_step(self) -> int:
        return self.fonts.height(13) + self.fonts.height(12) + self.fonts.px(14)

    def _sold(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        """What was paid, and by whom: the latest on top."""
        names = list(sale.bidders)
        sold = [
            (buyer, f"{price:,}", names.index(buyer)) for _, price, buyer, _ in sale.trades if buyer in names
        ]
        inner = self._sheet(target, box, "Sold so far, the latest on top")
        if not sold:
            self._write(target, "nothing yet", inner.topleft, 13, pal.TEXT_SOFT)
        self._rows(target, inner, sold[::-1])

    def _held(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        """What each holds, by name."""
        inner = self._sheet(target, box, "What they hold")
        size = self.sizes[0] if len(sale.bidders) <= 4 else self.sizes[-1]
        y, step = inner.y, self.fonts.height(size)
        for number, bidder in enumerate(sale.bidders.values()):
            held = ", ".join(
                good if count == 1 else f"{count} {good}" for good, count in bidder.goods.items()
            )
            told = f"{bidder.name}: {held or 'nothing'}"
            lines = self.fonts.wrap(told, size, inner.width - self.fonts.px(18), 3)
            if y + len(lines) * step > inner.bottom:
                return
            self._disc(target, (inner.x + self.fonts.px(6), y + step // 2), number)
            for line in lines:
                self._write(target, line, (inner.x + self.fonts.px(18), y), size)
                y += step
            y += self.fonts.px(6)

    def _boards(self, target: pygame.Surface) -> None:
        """A wall of boards."""
        width, height = target.get_size()
        target.fill(pal.shade(pal.TIMBER[0], 0.8))
        step = self.fonts.px(46)
        for number, x in enumerate(range(0, width, step)):
            board = pal.shade(pal.TIMBER[0], 0.86 if number % 2 else 0.94)
            pygame.draw.rect(target, board, (x, 0, step - 2, height))

    def _write(
        self,
        target: pygame.Surface,
        text: str,
        at: tuple[int, int],
        size: int = 13,
        colour: pal.Colour = pal.TEXT,
        *,
        right: bool = False,
        width: int | None = None,
    ) -> None:
        if width is not None:
            text = self.fonts.wrap(text, size, max(1, width), 1)[0]
        line = self.fonts.draw(text, size, colour)
        target.blit(line, (at[0] - line.get_width() if right else at[0], at[1]))

    def _sheet(self, target: pygame.Surface, box: pygame.Rect, title: str) -> pygame.Rect:
        """A plaque with a title; returns what is free in it."""
        px = self.fonts.px
        plaque(target, box, self.fonts)
        inner = box.inflate(-2 * px(14), -2 * px(12))
        self._write(target, title, inner.topleft, 13, pal.ACCENT, width=inner.width)
        used = self.fonts.height(13) + px(6)
        return pygame.Rect(inner.x, inner.y + used, inner.width, inner.height - used)

    def _title(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        self._write(
            target,
            sale_head(sale),
            (box.x, box.y + box.height // 4),
            18,
            pal.PARCHMENT[2],
            width=box.width,
        )

    def _lots(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        px, inner = self.fonts.px, self._sheet(target, box, "Lots")
        step = self._lot_step
        room = max(1, inner.height // step)
        first = max(0, min(sale.lot - room // 2, len(sale.lots) - room))
        for row, lot in enumerate(sale.lots[first : first + room]):
            y = inner.y + row * step
            if lot.number == sale.lot and lot.state == "open":
                mark = pygame.Rect(inner.x - px(5), y - px(2), inner.width + px(10), step)
                pygame.draw.rect(target, pal.WHEAT[2], mark, border_radius=px(4))
            said = lot_said(lot)
            soft = lot.state in ("to come", "unsold")
            self._write(target, said, (inner.right, y), 13, pal.TEXT_SOFT if soft else pal.TEXT, right=True)
            free = inner.width - self.fonts.width(said, 13) - px(8)
            self._write(target, lot.item, (inner.x, y), 13, pal.TEXT_SOFT if soft else pal.TEXT, width=free)

    def _block(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect, tick: float) -> None:
        """What is being sold, at what price, who leads, and how long it still goes on."""
        px, lot = self.fonts.px, sale.open_lot
        plaque(target, box, self.fonts)
        inner = box.inflate(-2 * px(18), -2 * px(14))
        title = "The sale has not begun" if lot is None else lot.item[:1].upper() + lot.item[1:]
        self._write(target, title, inner.topleft, 20, pal.TEXT, width=inner.width)
        sold = lot is not None and lot.state in ("sold", "unsold")
        y = inner.y + self.fonts.height(20) + px(4)
        price = "-" if sale.price is None else f"{sale.price:,}"
        self._write(target, price, (inner.x, y), 46, pal.ACCENT)
        leads = standing(sale)
        x = inner.x + self.fonts.width(price, 46) + px(20)
        self._write(
            target, leads, (x, y + px(18)), 20, pal.PINE[0] if sold else pal.TEXT, width=inner.right - x
        )
        self._countdown(target, sale, inner, sold=sold, tick=tick)

    def _countdown(
        self, target: pygame.Surface, sale: SaleView, inner: pygame.Rect, *, sold: bool, tick: float
    ) -> None:
        px = self.fonts.px
        bar = pygame.Rect(inner.x, inner.bottom - px(10), inner.width, px(8))
        pygame.draw.rect(target, pal.PARCHMENT[0], bar, border_radius=px(4))
        share, said = 1.0, "closed"
        if not sold and sale.rounds:
            share = min(1.0, sale.round / sale.rounds)
            said = f"round {sale.round} of {sale.rounds}"
        elif not sold:
            share, said = 0.0, round_said(sale.round, max(0, round(tick - sale.opened_tick)))
        full = bar.copy()
        full.width = round(bar.width * share)
        pygame.draw.rect(target, pal.WHEAT[0], full, border_radius=px(4))
        self._write(
            target, said, (inner.right, bar.y - self.fonts.height(12) - px(2)), 12, pal.TEXT_SOFT, right=True
        )

    def _prices(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        """The price of this lot as it went, in steps; the prices of trades where there is none."""
        px, inner = (
            self.fonts.px,
            self._sheet(target, box, "Price of this lot" if sale.prices else "Prices so far"),
        )
        points = list(sale.prices) or [(tick, price) for tick, price, _, _ in sale.trades]
        if len(points) == 1:
            points.append((points[0][0] + 1, points[0][1]))
        if not points:
            self._write(target, "no price has been called", inner.topleft, 13, pal.TEXT_SOFT)
            return
        ticks, prices = [tick for tick, _ in points], [price for _, price in points]
        low, high = min(prices), max(prices)
        marks = self.fonts.height(12)
        plot = pygame.Rect(inner.x, inner.y + marks, inner.width, inner.height - 2 * marks)

        def at(tick: int, price: int) -> tuple[int, int]:
            x = plot.x + plot.width * (tick - ticks[0]) / max(1, ticks[-1] - ticks[0])
            y = plot.bottom - plot.height * ((price - low) / (high - low) if high > low else 0.5)
            return round(x), round(y)

        for share in (0.0, 0.5, 1.0):
            y = round(plot.bottom - plot.height * share)
            pygame.draw.line(target, pal.PARCHMENT[0], (plot.x, y), (plot.right, y))
        steps: list[tuple[int, int]] = []
        for tick, price in points:
            if steps:
                steps.append((at(tick, price)[0], steps[-1][1]))
            steps.append(at(tick, price))
        pygame.draw.lines(target, pal.ACCENT, closed=False, points=steps, width=max(2, px(2)))
        pygame.draw.circle(target, pal.ACCENT, steps[-1], px(4))
        self._write(target, f"{high:,}", (plot.x, inner.y - px(2)), 12, pal.TEXT_SOFT)
        if high > low:
            self._write(target, f"{low:,}", (plot.x, plot.bottom + px(1)), 12, pal.TEXT_SOFT)

    def _book(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        """The order book as a ladder: asks above, the dearest on top, bids below."""
        px, inner = self.fonts.px, self._sheet(target, box, "Order book")
        step = self.fonts.height(13) + px(4)
        half = max(1, inner.height // step // 2)
        asks, bids = list(sale.book_asks[:half])[::-1], list(sale.book_bids[:half])
        most = max((quantity for _, quantity in (*asks, *bids)), default=1)
        rows = [("ask", level) for level in asks] + [("bid", level) for level in bids]
        y = inner.y + (half - len(asks)) * step
        for side, (price, quantity) in rows:
            colour = pal.RED[2] if side == "ask" else pal.BLUE[2]
            bar = pygame.Rect(0, y, round(inner.width * 0.6 * quantity / most), step - px(3))
            bar.right = inner.right
            pygame.draw.rect(target, colour, bar, border_radius=px(3))
            self._write(target, f"{side} {price:,}", (inner.x, y), 13)
            self._write(target, f"{quantity:,}", (inner.right - px(6), y), 13, right=True)
            y += step

    def _bids(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        names = list(sale.bidders)
        rows = [
            (bid.bidder, bid_said(bid), names.index(bid.bidder) if bid.bidder in names else 0)
            for bid in sale.bids
        ]
        self._rows(target, self._sheet(target, box, "Bids, the latest on top"), rows[::-1])

    def _trades(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        names = list(sale.bidders)
        rows = [
            (buyer, f"{price:,} to {seller}", names.index(buyer) if buyer in names else 0)
            for _, price, buyer, seller in sale.trades
        ]
        self._rows(target, self._sheet(target, box, "Trades, the latest on top"), rows[::-1])

    def _rows(self, target: pygame.Surface, inner: pygame.Rect, rows: Sequence[tuple[str, str, int]]) -> None:
        """Name and what is said in each row: in the largest letters in which there is room for all of it."""
        px = self.fonts.px
        steps = {size: self.fonts.height(size) + px(4) for size in self.sizes}
        beside = px(18) + px(8)
        fitting = [
            one
            for one in self.sizes
            if len(rows) * steps[one] <= inner.height
            and all(
                self.fonts.width(a, one) + self.fonts.width(b, one) + beside <= inner.width
                for a, b, _ in rows
            )
        ]
        size = fitting[0] if fitting else self.sizes[-1]
        step = steps[size]
        for row, (name, said, number) in enumerate(rows[: max(0, inner.height // step)]):
            y = inner.y + row * step
            self._disc(target, (inner.x + px(6), y + step // 2 - px(1)), number)
            free = inner.width - beside - self.fonts.width(said, size)
            self._write(target, name, (inner.x + px(18), y), size, width=free)
            self._write(target, said, (inner.right, y), size, right=True)

    def _disc(self, target: pygame.Surface, at: tuple[int, int], number: int) -> None:
        pygame.draw.circle(target, pal.INK, at, self.fonts.px(5))
        pygame.draw.circle(target, COLOURS[number % len(COLOURS)], at, self.fonts.px(4))

    def _purses(self, target: pygame.Surface, sale: SaleView, box: pygame.Rect) -> None:
        """Each bidder's money, of that which it began with, what it holds and what it has gained."""
        inner = self._sheet(target, box, "Purses")
        rows = purse_rows(sale)
        step = self._purse_step
        room = max(1, inner.height // step)
        shown = rows if len(rows) <= room else rows[: room - 1]
        for n, row in enumerate(shown):
            self._money_row(target, row, pygame.Rect(inner.x, inner.y + n * step, inner.width, step))
        if len(shown) < len(rows):
            at = (inner.x, inner.y + len(shown) * step)
            self._write(target, f"and {len(rows) - len(shown)} more", at, 13, pal.TEXT_SOFT)

    def _money_row(self, target: pygame.Surface, row: Row, box: pygame.Rect) -> None:
        """Somebody's money as a bar of what is the whole; below it two words, or one where there is no room
        for both."""
        px = self.fonts.px
        if row.marked:
            mark = pygame.Rect(box.x - px(5), box.y - px(3), box.width + px(10), box.height - px(3))
            pygame.draw.rect(target, pal.WHEAT[2], mark, border_radius=px(5))
        self._named(target, row, box, 13)
        y, wide = box.y + self.fonts.height(13) + px(1), box.width - px(18)
        bar = pygame.Rect(box.x + px(18), y, wide, px(5))
        pygame.draw.rect(target, pal.PARCHMENT[0], bar, border_radius=px(2))
        bar.width = round(wide * (row.share or 0.0))
        pygame.draw.rect(target, COLOURS[row.number % len(COLOURS)], bar, border_radius=px(2))
        at = (bar.x, y + px(6))
        self._write(target, row.below, at, 12, pal.TEXT_SOFT, width=wide)
        if self.fonts.width(row.below, 12) + px(6) + self.fonts.width(row.aside, 12) <= wide:
            self._write(target, row.aside, (box.right, at[1]), 12, pal.TEXT_SOFT, right=True)

    def _named(self, target: pygame.Surface, row: Row, box: pygame.Rect, size: int) -> None:
        """Its disc, its name and its figure, at the top of a box."""
        px = self.fonts.px
        self._disc(target, (box.x + px(6), box.y + px(8)), row.number)
        self._write(target, row.said, (box.right, box.y), size, right=True)
        free = box.width - px(24) - self.fonts.width(row.said, size)
        self._write(target, row.name, (box.x + px(18), box.y), size, width=free)
