"""The reflection tree: conclusions on the left, what each of them rests on to the right of it."""

from __future__ import annotations

from collections.abc import Mapping

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.mind import MemoryLine
from burgh.sim.viewer.moment import Moment
from burgh.sim.viewer.page import Page, Wish
from burgh.sim.viewer.thoughts import Branch, trees

GAP_X, GAP_Y = 26, 5  # pixels between columns, and between boxes


def write_tree(page: Page, moment: Moment, colours: Mapping[str, pal.Colour]) -> None:
    """Writes the trees of the latest insights."""
    held = moment.playback.minds.memories(moment.person.name, moment.tick)
    roots = trees(held)
    page.title(f"{sum(m.kind == 'reflection' for m in held)} conclusions, and what they rest on", gap=0)
    if not roots:
        page.text("nothing was concluded yet", 12, pal.TEXT_SOFT)
        return
    columns = max(2, *(root.depth for root in roots))
    px = page.fonts.px
    width = (page.width - (columns - 1) * px(GAP_X)) // columns
    for root in roots:
        page.gap(3)
        _Drawing(page, moment, colours, width).draw(root)
        page.gap(7)


class _Drawing:
    """One tree: draws from the root to the leaves, each box in the middle of what it rests on."""

    def __init__(self, page: Page, moment: Moment, colours: Mapping[str, pal.Colour], width: int) -> None:
        self.page, self.moment, self.colours, self.width = page, moment, colours, width

    def draw(self, root: Branch) -> None:
        height = self._height(root)
        if self.page.seen(height):
            self._branch(root, self.page.x, self.page.y, height)
        self.page.y += height

    def _lines(self, memory: MemoryLine) -> list[str]:
        return self.page.fonts.wrap(memory.text, 12, max(30, self.width - self.page.fonts.px(20)), 5)

    def _own(self, memory: MemoryLine) -> int:
        fonts = self.page.fonts
        lines = fonts.height(12, memory.text) * len(self._lines(memory))
        return lines + fonts.height(10, memory.told_by) + fonts.px(9)

    def _height(self, branch: Branch) -> int:
        gap = self.page.fonts.px(GAP_Y)
        below = sum(self._height(one) + gap for one in branch.branches) - gap
        return max(self._own(branch.memory), below)

    def _branch(self, branch: Branch, x: int, y: int, height: int) -> tuple[int, int]:
        """Draws a branch into a height from y on; returns the middle of its box's left side."""
        page, px = self.page, self.page.fonts.px
        own = self._own(branch.memory)
        box = pygame.Rect(x, y + (height - own) // 2, self.width, own)
        total = sum(self._height(one) + px(GAP_Y) for one in branch.branches) - px(GAP_Y)
        at = y + max(0, (height - total) // 2)
        for one in branch.branches:
            high = self._height(one)
            end = self._branch(one, x + self.width + px(GAP_X), at, high)
            _curve(page.target, (box.right, box.centery), end, max(1, px(2)))
            at += high + px(GAP_Y)
        self._box(branch.memory, box)
        return box.left, box.centery

    def _box(self, memory: MemoryLine, box: pygame.Rect) -> None:
        page, fonts, px = self.page, self.page.fonts, self.page.fonts.px
        if not (box.bottom > page.box.top and box.top < page.box.bottom):
            return
        insight = memory.kind == "reflection"
        pygame.draw.rect(page.target, pal.INK, box, border_radius=px(6))
        fill = pal.WHEAT[2] if insight else pal.PARCHMENT[2]
        pygame.draw.rect(page.target, fill, box.inflate(-2, -2), border_radius=px(5))
        band = pygame.Rect(box.x + px(4), box.y + px(5), px(4), box.height - px(10))
        pygame.draw.rect(page.target, self.colours.get(memory.kind, pal.PARCHMENT[0]), band, border_radius=2)
        filled = band.copy()
        filled.height = max(2, round(band.height * memory.weight))
        filled.bottom = band.bottom
        pygame.draw.rect(page.target, pal.ACCENT if insight else pal.TIMBER[1], filled, border_radius=2)
        y = box.y + px(4)
        for line in self._lines(memory):
            page.target.blit(fonts.draw(line, 12, pal.TEXT), (box.x + px(13), y))
            y += fonts.height(12, memory.text)
        told = f", told by {memory.told_by}" if memory.told_by else ""
        small = f"{self.moment.time(memory.created)}  {memory.kind}{told}"
        page.target.blit(fonts.draw(small, 10, pal.TEXT_SOFT), (box.x + px(13), y))
        page.hits.append((box, Wish(tick=memory.created)))


def _curve(target: pygame.Surface, start: tuple[int, int], end: tuple[int, int], thick: int) -> None:
    """An S from a box to the box that it rests on."""
    (x0, y0), (x1, y1) = start, end
    points = []
    for step in range(13):
        share = step / 12
        soft = share * share * (3 - 2 * share)
        points.append((round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * soft)))
    pygame.draw.lines(target, pal.TIMBER[2], False, points, thick)
