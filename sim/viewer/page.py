"""A page to write on from top to bottom, which scrolls, and knows what was written where."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.text import Fonts


@dataclass(frozen=True, slots=True)
class Wish:
    """What a click or a key in a panel asks for: a moment, a villager, a point of the map (tiles)."""

    tick: float | None = None
    select: str | None = None
    look: tuple[float, float] | None = None


class Page:
    """`begin`, then write, then `end`. What lies outside the box is left out; `hits` says what is where."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.hits: list[tuple[pygame.Rect, object]] = []
        self.height = 0  # of all that was written
        self.target = pygame.Surface((1, 1))
        self.box = pygame.Rect(0, 0, 1, 1)
        self.y = 0
        self._scroll = 0

    def begin(self, target: pygame.Surface, box: pygame.Rect, scroll: int = 0) -> None:
        self.target, self.box, self._scroll = target, box, scroll
        self.y = box.y - scroll
        self.hits = []
        target.set_clip(box)

    def end(self) -> None:
        """Done writing; draws where one is on a page that is longer than its box."""
        self.height = self.y + self._scroll - self.box.y
        self.target.set_clip(None)
        if self.height > self.box.height:
            px = self.fonts.px
            share = self.box.height / self.height
            bar = pygame.Rect(self.box.right + px(3), self.box.y, px(4), self.box.height)
            pygame.draw.rect(self.target, pal.PARCHMENT[0], bar, border_radius=px(2))
            knob = bar.copy()
            knob.height = max(px(14), round(bar.height * share))
            most = self.height - self.box.height
            knob.y = bar.y + round((bar.height - knob.height) * min(1.0, self._scroll / most))
            pygame.draw.rect(self.target, pal.TIMBER[2], knob, border_radius=px(2))

    @property
    def most_scroll(self) -> int:
        return max(0, self.height - self.box.height)

    @property
    def x(self) -> int:
        return self.box.x

    @property
    def width(self) -> int:
        return self.box.width

    def seen(self, height: int) -> bool:
        """Whether anything of so many pixels from here on is in the box."""
        return self.y + height > self.box.top and self.y < self.box.bottom

    def gap(self, size: float) -> None:
        self.y += self.fonts.px(size)

    def title(self, text: str, *, gap: float = 7) -> None:
        """A heading with a line behind it."""
        fonts, px = self.fonts, self.fonts.px
        self.gap(gap)
        line = fonts.draw(text, 13, pal.ACCENT)
        if self.seen(line.get_height()):
            self.target.blit(line, (self.x, self.y))
            middle, start = self.y + line.get_height() // 2, self.x + line.get_width() + px(8)
            end = (self.x + self.width, middle)
            pygame.draw.line(self.target, pal.PARCHMENT[0], (start, middle), end)
        self.y += line.get_height() + px(2)

    def text(
        self,
        text: str,
        size: int = 12,
        colour: pal.Colour = pal.TEXT,
        most: int | None = None,
        indent: int = 0,
    ) -> None:
        """Lines of text, wrapped; at most so many."""
        step = self.fonts.height(size, text)
        for line in self.fonts.wrap(text, size, self.room(indent), most):
            if self.seen(step):
                self.target.blit(self.fonts.draw(line, size, colour), (self.x + indent, self.y))
            self.y += step

    def room(self, indent: int = 0) -> int:
        """The length of a line of text, in pixels."""
        return max(20, self.width - indent)

    def hit(self, top: int, key: object, *, left: int | None = None, width: int | None = None) -> pygame.Rect:
        """What was written since `top` is a thing that one can click."""
        rect = pygame.Rect(
            self.x if left is None else left, top, self.width if width is None else width, self.y - top
        )
        self.hits.append((rect, key))
        return rect

    def chips(self, names: list[tuple[str, object]], chosen: object) -> None:
        """A row of small buttons, wrapped, of which one is chosen."""
        fonts, px = self.fonts, self.fonts.px
        x, high = self.x, fonts.height(11) + px(5)
        for name, key in names:
            line = fonts.draw(name, 11, pal.PARCHMENT[2] if key == chosen else pal.TEXT)
            wide = line.get_width() + px(12)
            if x + wide > self.x + self.width and x > self.x:
                x, self.y = self.x, self.y + high + px(3)
            rect = pygame.Rect(x, self.y, wide, high)
            if self.seen(high):
                fill = pal.TIMBER[1] if key == chosen else pal.PARCHMENT[0]
                pygame.draw.rect(self.target, fill, rect, border_radius=px(6))
                self.target.blit(line, line.get_rect(center=rect.center))
            self.hits.append((rect, key))
            x += wide + px(4)
        self.y += high + px(4)

    def field(self, text: str, hint: str, key: object, *, typing: bool) -> None:
        """A line to type into."""
        fonts, px = self.fonts, self.fonts.px
        rect = pygame.Rect(self.x, self.y, self.width, fonts.height(13) + px(8))
        if self.seen(rect.height):
            pygame.draw.rect(
                self.target, pal.ACCENT if typing else pal.PARCHMENT[0], rect, border_radius=px(5)
            )
            inner = rect.inflate(-2 * px(1) - 2, -2 * px(1) - 2)
            pygame.draw.rect(self.target, pal.PARCHMENT[2], inner, border_radius=px(4))
            shown = text + ("|" if typing else "")
            line = fonts.draw(shown or hint, 13, pal.TEXT if shown else pal.TEXT_SOFT)
            self.target.blit(line, (rect.x + px(7), rect.y + px(4)))
        self.hits.append((rect, key))
        self.y = rect.bottom + px(5)

    def at(self, place: tuple[int, int]) -> object | None:
        """What was written at a point, of what one can click."""
        if not self.box.inflate(6, 6).collidepoint(place):
            return None
        return next((key for rect, key in reversed(self.hits) if rect.collidepoint(place)), None)
