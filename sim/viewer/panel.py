"""The mind inspector beside the town: its pages, tabs, scrolling, and what is chosen on it."""

from __future__ import annotations

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.hud import plaque
from burgh.sim.viewer.mind import MEMORY_KINDS
from burgh.sim.viewer.moment import Moment
from burgh.sim.viewer.page import Page, Wish
from burgh.sim.viewer.pages import PAGES, Reading
from burgh.sim.viewer.scene import Person, place_name
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.text import Fonts

WIDTH, WIDE = 340, 620
LINE = 40  # pixels of a step of scrolling
KINDS = ("", *MEMORY_KINDS)


class Panel:
    """Draws a page of the inspector, and takes clicks, wheel and keys.

    page: which, by its place in PAGES. wide: twice the width. focused: has the arrows.
    """

    def __init__(self, fonts: Fonts, atlas: Atlas) -> None:
        self.atlas = atlas
        self.page = 0
        self.wide = self.focused = self.typing = False
        self.reading = Reading()
        self._scroll: dict[int, int] = {}
        self._tabs: list[tuple[pygame.Rect, int]] = []
        self._box = pygame.Rect(0, 0, 0, 0)
        self.resize(fonts)

    def resize(self, fonts: Fonts) -> None:
        """Takes over letters of another size."""
        self.fonts = fonts
        self.sheet = Page(fonts)

    @property
    def width(self) -> int:
        return self.fonts.px(WIDE if self.wide or PAGES[self.page].wide else WIDTH)

    @property
    def scroll(self) -> int:
        return self._scroll.get(self.page, 0)

    def turn(self, steps: int) -> None:
        """Goes to another page."""
        self.show((self.page + steps) % len(PAGES))

    def show(self, page: int) -> None:
        self.page, self.typing = page, False

    def scroll_by(self, steps: int, *, pages: bool = False) -> None:
        """Scrolls by steps, or by boxes full, downwards."""
        step = (self.sheet.box.height * 4 // 5) if pages else self.fonts.px(LINE)
        self._scroll[self.page] = max(0, min(self.sheet.most_scroll, self.scroll + steps * step))

    def move(self, steps: int) -> None:
        """Arrow keys: chooses a decision where there are some, scrolls elsewhere."""
        if PAGES[self.page].chooses:
            self.reading.decision = max(0, min(self.reading.decisions - 1, self.reading.decision + steps))
        else:
            self.scroll_by(steps)

    def next_kind(self) -> None:
        """Shows memories of the next kind only; after the last kind, all."""
        self.show(1)
        self.reading.kind = KINDS[(KINDS.index(self.reading.kind) + 1) % len(KINDS)]
        self._scroll[self.page] = 0

    def find(self) -> None:
        """Begins to search the memories."""
        self.show(1)
        self.typing = True

    def write(self, text: str) -> None:
        """Text that was typed into the search; "\\b" takes a letter back."""
        self.reading.words = self.reading.words[:-1] if text == "\b" else self.reading.words + text
        self._scroll[self.page] = 0

    def press(self, at: tuple[int, int]) -> Wish | None:
        """A click on the panel."""
        self.focused, self.typing = True, False
        for rect, number in self._tabs:
            if rect.collidepoint(at):
                self.show(number)
                return None
        hit = self.sheet.at(at)
        if isinstance(hit, Wish):
            return hit
        if hit == "words":
            self.typing = True
        elif isinstance(hit, tuple) and hit[0] == "kind":
            self.reading.kind = hit[1]
            self._scroll[self.page] = 0
        elif isinstance(hit, tuple) and hit[0] == "decision":
            self.reading.decision = hit[1]
        elif isinstance(hit, tuple) and hit[0] == "call":
            self.reading.whole ^= {hit[1]}
        return None

    def holds(self, at: tuple[float, float]) -> bool:
        return self._box.collidepoint(at)

    def draw(self, target: pygame.Surface, box: pygame.Rect, moment: Moment) -> None:
        """Fills a box of the target."""
        px = self.fonts.px
        self._box = box
        target.fill(pal.TIMBER[0], box)
        plaque(target, box, self.fonts)
        if self.focused:
            pygame.draw.rect(target, pal.LAMP, box.inflate(-4, -4), px(2), border_radius=px(7))
        inner = pygame.Rect(box.x + px(16), box.y + px(14), box.width - px(36), box.height - px(26))
        y = self._head(target, inner, moment.person)
        y = self._row_of_tabs(target, inner, y)
        room = pygame.Rect(inner.x, y, inner.width, max(1, inner.bottom - y))
        self.sheet.begin(target, room, self.scroll)
        PAGES[self.page].write(self.sheet, moment, self.reading, typing=self.typing, atlas=self.atlas)
        self.sheet.end()
        if self.scroll > self.sheet.most_scroll:
            self._scroll[self.page] = self.sheet.most_scroll

    def _head(self, target: pygame.Surface, box: pygame.Rect, person: Person) -> int:
        px = self.fonts.px
        face = self.atlas.person(Person(person.name, 0, 0, look=person.look), 0)
        portrait = pygame.transform.scale_by(face.subsurface((0, 0, 16, 18)), px(3))
        frame = pygame.Rect(box.x, box.y, portrait.get_width() + px(8), portrait.get_height() + px(4))
        pygame.draw.rect(target, pal.INK, frame, border_radius=px(6))
        pygame.draw.rect(target, pal.GRASS[2], frame.inflate(-2 * px(2), -2 * px(2)), border_radius=px(4))
        target.blit(portrait, (frame.x + px(4), frame.bottom - portrait.get_height() - px(2)))
        left, width = frame.right + px(12), box.right - frame.right - px(12)
        name = self.fonts.wrap(person.name, 22, max(20, width), 1)[0]
        target.blit(self.fonts.draw(name, 22, pal.TEXT), (left, frame.y + px(6)))
        for i, line in enumerate(
            text for text in (person.look.get("job", ""), place_name(person.place)) if text
        ):
            y = frame.y + px(32) + i * self.fonts.height(13)
            target.blit(self.fonts.draw(line, 13, pal.TEXT_SOFT), (left, y))
        return frame.bottom + px(8)

    def _row_of_tabs(self, target: pygame.Surface, box: pygame.Rect, y: int) -> int:
        px, high = self.fonts.px, self.fonts.height(12) + self.fonts.px(7)
        each = box.width / len(PAGES)
        self._tabs = []
        for number, page in enumerate(PAGES):
            rect = pygame.Rect(round(box.x + number * each), y, round(each) - px(3), high)
            chosen = number == self.page
            pygame.draw.rect(target, pal.TIMBER[1] if chosen else pal.PARCHMENT[0], rect, border_radius=px(5))
            line = self.fonts.draw(page.name, 12, pal.PARCHMENT[2] if chosen else pal.TEXT)
            target.blit(line, line.get_rect(center=rect.center))
            self._tabs.append((rect, number))
        return y + high + px(6)
