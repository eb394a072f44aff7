"""The exchange and the storefront on the wall of the auction room: sheets of curves, offers and purses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.clock import Clock
from burgh.sim.viewer.hall import BOTTOM, COLOURS, GAP, SIDE, TOP, Hall
from burgh.sim.viewer.shop import ShopView
from burgh.sim.viewer.trade import TradeView

ROUND_MINUTES = (5, 10, 15, 30, 60, 120, 180, 240, 360)
ROUND_NUMBERS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
MOST_MARKS = 7  # under a chart
Points = Sequence[float | None]  # by period or round; None where there is nothing to draw


class Counter(Hall):
    """Draws either over the whole view; what the clock, the log and the timeline take is left free."""

    def draw_trade(self, target: pygame.Surface, trade: TradeView, clock: Clock) -> None:
        left, middle, right = self._rooms(target)
        done = len(trade.periods)
        parts = [f"{trade.pricing} exchange", f"period {done} of {trade.of}"]
        parts.append(f"campaigns have paid {trade.revenue:,}")
        if trade.periods and trade.periods[-1].floor:
            parts.append(f"floor {trade.periods[-1].floor:,}")
        self._headline(target, "  ·  ".join(parts))
        names = list(trade.campaigns)
        self._settings(target, trade, left)
        spent = [
            [total / max(1, one.start_money) for total in accumulate(one.spent)]
            for one in trade.campaigns.values()
        ]
        shares = [
            [won / bids if bids >= 20 else None for won, bids in zip(one.won, one.bids, strict=True)]
            for one in trade.campaigns.values()
        ]
        prices: list[list[float | None]] = [
            [paid / won if won else None for paid, won in zip(one.spent, one.won, strict=True)]
            for one in trade.campaigns.values()
        ]
        market: list[float | None] = [one.market for one in trade.periods]
        gap = self.fonts.px(GAP)
        height = (middle.height - 2 * gap) // 3
        boxes = [
            pygame.Rect(middle.x, middle.y + row * (height + gap), middle.width, height) for row in range(3)
        ]
        times = times_of(clock, trade.of)
        self._chart(target, boxes[0], "Spent, of the budget", spent, times, percent=True)
        self._chart(target, boxes[1], "Won, of the bids of a period", shares, times, percent=True)
        self._chart(target, boxes[2], "Price paid; the market's is grey", prices, times, grey=market)
        rows = [
            (name, one.money, one.start_money, f"{one.clicks:,} clicks", _gained(one.profit))
            for name, one in zip(names, trade.campaigns.values(), strict=True)
        ]
        self._money(target, right, "Purses", rows)

    def draw_shop(self, target: pygame.Surface, shop: ShopView) -> None:
        left, middle, right = self._rooms(target)
        parts = [f"Storefront, round {shop.round + 1} of {shop.of}"]
        parts.append(f"{shop.customer} has {_gained(shop.welfare)}")
        self._headline(target, "  ·  ".join(parts))
        gap = self.fonts.px(GAP)
        upper = pygame.Rect(left.x, left.y, middle.right - left.x, int(left.height * 0.56))
        self._offers(target, shop, upper)
        lower = pygame.Rect(upper.x, upper.bottom + gap, upper.width, left.bottom - upper.bottom - gap)
        half = (lower.width - gap) // 2
        profits: list[Points] = [list(one.profits) for one in shop.providers.values()]
        box = pygame.Rect(lower.x, lower.y, half, lower.height)
        rounds = rounds_of(shop.of)
        self._chart(target, box, "Profit of providers, by round", profits, rounds)
        other = pygame.Rect(box.right + gap, lower.y, lower.width - half - gap, lower.height)
        gain = f"Gain of {shop.customer}, by round"
        self._chart(target, other, gain, [], rounds, grey=list(shop.gains))
        rows = [
            (
                one.name,
                one.profit,
                max([1, *(abs(each.profit) for each in shop.providers.values())]),
                f"quality {one.quality}, sold {one.sold}",
                f"{one.stars / one.sold:.1f} stars" if one.sold else "no stars",
            )
            for one in shop.providers.values()
        ]
        self._money(target, right, "Providers, and their profit", rows)

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
        text = text[:1].upper() + text[1:]
        width = target.get_width() - px(220) - px(GAP)
        self._write(target, text, (px(220), px(25)), 18, pal.PARCHMENT[2], width=width)

    def _settings(self, target: pygame.Surface, trade: TradeView, box: pygame.Rect) -> None:
        """How each campaign bids now, and its share of the last period's wins."""
        px, inner = self.fonts.px, self._sheet(target, box, "How campaigns bid")
        step = self.fonts.height(13) + self.fonts.height(12) + px(10)
        for row, one in enumerate(list(trade.campaigns.values())[: max(1, inner.height // step)]):
            y = inner.y + row * step
            self._disc(target, (inner.x + px(6), y + px(8)), row)
            bids, won = (one.bids[-1], one.won[-1]) if one.bids else (0, 0)
            share = f"wins {won / bids:.0%}" if bids else "does not bid"
            self._write(target, share, (inner.right, y), 13, right=True)
            free = inner.width - px(24) - self.fonts.width(share, 13)
            self._write(target, one.name, (inner.x + px(18), y), 13, width=free)
            at = (inner.x + px(18), y + self.fonts.height(13))
            self._write(target, one.setting, at, 12, pal.TEXT_SOFT, width=inner.width - px(18))

    def _offers(self, target: pygame.Surface, shop: ShopView, box: pygame.Rect) -> None:
        """The offers in the order in which they are shown; the one that was taken is marked."""
        px, inner = self.fonts.px, self._sheet(target, box, "Offers, in the order in which they are shown")
        said = f"{shop.customer} has not chosen yet"
        if shop.over:
            said = f"{shop.customer} takes no offer" if not shop.chosen else f"{shop.chosen}: {shop.found}"
        footer = self.fonts.height(16) + px(6)
        colour = pal.PINE[0] if shop.chosen else pal.TEXT_SOFT
        self._write(target, said, (inner.x, inner.bottom - footer + px(4)), 16, colour, width=inner.width)
        step = self.fonts.height(15) + self.fonts.height(13) + px(12)
        names = list(shop.providers)
        for row, offer in enumerate(shop.offers[: max(1, (inner.height - footer) // step)]):
            y = inner.y + row * step
            if offer.name == shop.chosen:
                mark = pygame.Rect(inner.x - px(6), y - px(3), inner.width + px(12), step - px(3))
                pygame.draw.rect(target, pal.WHEAT[2], mark, border_radius=px(5))
            self._disc(target, (inner.x + px(6), y + px(9)), names.index(offer.name))
            figures = f"claims {offer.claim} of 100, asks {offer.price:,}"
            self._write(target, figures, (inner.right, y), 15, right=True)
            free = inner.width - px(24) - self.fonts.width(figures, 15)
            self._write(target, offer.name, (inner.x + px(18), y), 15, width=free)
            at = (inner.x + px(18), y + self.fonts.height(15))
            self._write(target, f"“{offer.words}”", at, 13, pal.TEXT_SOFT, width=inner.width - px(18))

    def _money(
        self,
        target: pygame.Surface,
        box: pygame.Rect,
        title: str,
        rows: Sequence[tuple[str, int, int, str, str]],
    ) -> None:
        """Each one's money as a bar of what is the whole, and two words below. rows: name, money, whole,
        words."""
        px, inner = self.fonts.px, self._sheet(target, box, title)
        step = self.fonts.height(13) + self.fonts.height(12) + px(14)
        for row, (name, money, whole, first, second) in enumerate(rows[: max(1, inner.height // step)]):
            y = inner.y + row * step
            self._disc(target, (inner.x + px(6), y + px(8)), row)
            self._write(target, f"{money:,}", (inner.right, y), 13, right=True)
            free = inner.width - px(24) - self.fonts.width(f"{money:,}", 13)
            self._write(target, name, (inner.x + px(18), y), 13, width=free)
            bar = pygame.Rect(
                inner.x + px(18), y + self.fonts.height(13) + px(1), inner.width - px(18), px(5)
            )
            pygame.draw.rect(target, pal.PARCHMENT[0], bar, border_radius=px(2))
            bar.width = round(bar.width * max(0.0, min(1.0, money / max(1, whole))))
            pygame.draw.rect(target, COLOURS[row % len(COLOURS)], bar, border_radius=px(2))
            self._write(target, first, (inner.x + px(18), bar.bottom + px(1)), 12, pal.TEXT_SOFT)
            self._write(target, second, (inner.right, bar.bottom + px(1)), 12, pal.TEXT_SOFT, right=True)

    def _chart(
        self,
        target: pygame.Surface,
        box: pygame.Rect,
        title: str,
        curves: Sequence[Points],
        below: Sequence[str],
        *,
        percent: bool = False,
        grey: Points = (),
    ) -> None:
        """Curves, each in the colour of its row. below: of each period, what stands under it, "" for nothing.
        grey: a curve that is nobody's."""
        px, inner = self.fonts.px, self._sheet(target, box, title)
        marks, of = self.fonts.height(12), len(below)
        plot = pygame.Rect(inner.x + px(44), inner.y + px(4), inner.width - px(48), inner.height - 2 * marks)
        known = [one for curve in (*curves, grey) for one in curve if one is not None]
        if not known or plot.height < 4 or plot.width < 4:
            self._write(target, "nothing yet", inner.topleft, 13, pal.TEXT_SOFT)
            return
        low, high = min([0.0, *known]), max([0.0, *known])
        high = high if high > low else low + 1
        for share in (0.0, 0.5, 1.0):
            y = round(plot.bottom - plot.height * share)
            pygame.draw.line(target, pal.PARCHMENT[0], (plot.x, y), (plot.right, y))
            value = low + (high - low) * share
            said = f"{value:.0%}" if percent else f"{value:,.0f}"
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


def _pieces(curve: Points) -> list[list[tuple[int, float]]]:
    """What of a curve hangs together."""
    pieces: list[list[tuple[int, float]]] = [[]]
    for n, value in enumerate(curve):
        if value is not None:
            pieces[-1].append((n, value))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _gained(amount: int) -> str:
    return f"{'gained' if amount >= 0 else 'lost'} {abs(amount):,}"
