"""The exchange and the storefront on the wall of the auction room: sheets of curves, offers and purses."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.clock import Clock
from burgh.sim.viewer.figures import (
    Chart,
    Points,
    Row,
    budget_rows,
    choice,
    offer_rows,
    provider_rows,
    setting_rows,
    shop_charts,
    shop_head,
    trade_charts,
    trade_head,
)
from burgh.sim.viewer.hall import BOTTOM, COLOURS, GAP, SIDE, TOP, Hall
from burgh.sim.viewer.shop import ShopView
from burgh.sim.viewer.trade import TradeView


class Counter(Hall):
    """Draws either over the whole view; what the clock, the log and the timeline take is left free."""

    def draw_trade(self, target: pygame.Surface, trade: TradeView, clock: Clock) -> None:
        left, middle, right = self._rooms(target)
        self._headline(target, trade_head(trade))
        self._settings(target, setting_rows(trade), left)
        gap = self.fonts.px(GAP)
        height = (middle.height - 2 * gap) // 3
        for row, chart in enumerate(trade_charts(trade, clock)):
            box = pygame.Rect(middle.x, middle.y + row * (height + gap), middle.width, height)
            self._chart(target, box, chart)
        self._money(target, right, "Purses", budget_rows(trade))

    def draw_shop(self, target: pygame.Surface, shop: ShopView) -> None:
        left, middle, right = self._rooms(target)
        self._headline(target, shop_head(shop))
        gap = self.fonts.px(GAP)
        upper = pygame.Rect(left.x, left.y, middle.right - left.x, int(left.height * 0.56))
        self._offers(target, shop, upper)
        lower = pygame.Rect(upper.x, upper.bottom + gap, upper.width, left.bottom - upper.bottom - gap)
        half = (lower.width - gap) // 2
        profits, gains = shop_charts(shop)
        box = pygame.Rect(lower.x, lower.y, half, lower.height)
        self._chart(target, box, profits)
        other = pygame.Rect(box.right + gap, lower.y, lower.width - half - gap, lower.height)
        self._chart(target, other, gains)
        self._money(target, right, "Providers, and their profit", provider_rows(shop))

    def _rooms(self, target: pygame.Surface) -> tuple[pygame.Rect, pygame.Rect, pygame.Rect]:
        px, (width, height) = self.fonts.px, target.get_size()
        self._boards(target)
        top, bottom, gap = px(TOP), height - px(BOTTOM), px(GAP)
        side = int(width * SIDE)
        left = pygame.Rect(gap, top, side - gap, bottom - top)
        right = pygame.Rect(width - side, top, side - gap, bottom - top)
        middle = pygame.Rect(left.right + gap, top, right.x - left.right - 2 * gap, bottom - top)
        return left, middle, right

    def _headline(self, target: pygame.Surface, text: str) -> None:
        px = self.fonts.px
        width = target.get_width() - px(220) - px(GAP)
        self._write(target, text, (px(220), px(25)), 18, pal.PARCHMENT[2], width=width)

    def _settings(self, target: pygame.Surface, rows: Sequence[Row], box: pygame.Rect) -> None:
        """How each campaign bids now, and its share of the last period's wins."""
        px, inner = self.fonts.px, self._sheet(target, box, "How campaigns bid")
        step = self.fonts.height(13) + self.fonts.height(12) + px(10)
        for n, row in enumerate(rows[: max(1, inner.height // step)]):
            y = inner.y + n * step
            self._named(target, row, pygame.Rect(inner.x, y, inner.width, step), 13)
            at = (inner.x + px(18), y + self.fonts.height(13))
            self._write(target, row.below, at, 12, pal.TEXT_SOFT, width=inner.width - px(18))

    def _offers(self, target: pygame.Surface, shop: ShopView, box: pygame.Rect) -> None:
        """The offers in the order in which they are shown; the one that was taken is marked."""
        px, inner = self.fonts.px, self._sheet(target, box, "Offers, in the order in which they are shown")
        footer = self.fonts.height(16) + px(6)
        colour = pal.PINE[0] if shop.chosen else pal.TEXT_SOFT
        at = (inner.x, inner.bottom - footer + px(4))
        self._write(target, choice(shop), at, 16, colour, width=inner.width)
        step = self.fonts.height(15) + self.fonts.height(13) + px(12)
        for n, row in enumerate(offer_rows(shop)[: max(1, (inner.height - footer) // step)]):
            y = inner.y + n * step
            if row.marked:
                mark = pygame.Rect(inner.x - px(6), y - px(3), inner.width + px(12), step - px(3))
                pygame.draw.rect(target, pal.WHEAT[2], mark, border_radius=px(5))
            self._named(target, row, pygame.Rect(inner.x, y, inner.width, step), 15)
            at = (inner.x + px(18), y + self.fonts.height(15))
            self._write(target, row.below, at, 13, pal.TEXT_SOFT, width=inner.width - px(18))

    def _money(self, target: pygame.Surface, box: pygame.Rect, title: str, rows: Sequence[Row]) -> None:
        """Each one's money as a bar of what is the whole, and two words below."""
        inner, step = self._sheet(target, box, title), self._purse_step
        for n, row in enumerate(rows[: max(1, inner.height // step)]):
            self._money_row(target, row, pygame.Rect(inner.x, inner.y + n * step, inner.width, step))

    def _chart(self, target: pygame.Surface, box: pygame.Rect, chart: Chart) -> None:
        """Curves, each in the colour of its row."""
        curves, below, grey = chart.curves, chart.below, chart.grey
        px, inner = self.fonts.px, self._sheet(target, box, chart.title)
        marks, of = self.fonts.height(12), len(below)
        plot = pygame.Rect(inner.x + px(44), inner.y + px(4), inner.width - px(48), inner.height - 2 * marks)
        known = [one for curve in (*curves, grey) for one in curve if one is not None]
        if not known or plot.height < 4 or plot.width < 4:
            self._write(target, "nothing yet", inner.topleft, 13, pal.TEXT_SOFT)
            return
        low, high = min([0.0, *known]), max([0.0, *known])
        high = high if high > low else low + 1
        for share in (0.0, 0.5, 1.0) if plot.height >= 2 * marks else (0.0, 1.0):
            y = round(plot.bottom - plot.height * share)
            pygame.draw.line(target, pal.PARCHMENT[0], (plot.x, y), (plot.right, y))
            value = low + (high - low) * share
            said = f"{value:.0%}" if chart.percent else f"{value:,.0f}"
            self._write(target, said, (plot.x - px(5), y - marks // 2), 12, pal.TEXT_SOFT, right=True)

        def at(n: int, value: float) -> tuple[int, int]:
            x = plot.x + plot.width * (n + 1) / max(1, of)
            return round(x), round(plot.bottom - plot.height * (value - low) / (high - low))

        for n, said in enumerate(below):
            if said:
                x, y = at(n, low)
                pygame.draw.line(target, pal.PARCHMENT[0], (x, y), (x, y + px(3)))
                side = min(x + self.fonts.width(said, 12) // 2, inner.right)
                self._write(target, said, (side, y + px(3)), 12, pal.TEXT_SOFT, right=True)
        colours = [COLOURS[n % len(COLOURS)] for n in range(len(curves))]
        for curve, colour, thick in (
            (grey, pal.TEXT_SOFT, 3),
            *((c, k, 2) for c, k in zip(curves, colours, strict=True)),
        ):
            for piece in _pieces(curve):
                line = [at(n, value) for n, value in piece]
                if len(line) > 1:
                    pygame.draw.lines(target, colour, closed=False, points=line, width=max(2, px(thick)))
                else:
                    pygame.draw.circle(target, colour, line[0], px(2))


def _pieces(curve: Points) -> list[list[tuple[int, float]]]:
    """What of a curve hangs together."""
    pieces: list[list[tuple[int, float]]] = [[]]
    for n, value in enumerate(curve):
        if value is not None:
            pieces[-1].append((n, value))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]
