"""The panel beside the town: what a villager does and why, plans, remembers and last recalled."""

from __future__ import annotations

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.hud import plaque
from burgh.sim.viewer.mind import MemoryLine, MindView, Picked, PlanLine
from burgh.sim.viewer.scene import Person, place_name
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.text import Fonts

WIDTH = 340
PARTS = (("recency", pal.BLUE[1]), ("importance", pal.WHEAT[0]), ("relevance", pal.SEA))


class Panel:
    """Draws it from top to bottom and stops where the panel ends."""

    def __init__(self, fonts: Fonts, atlas: Atlas) -> None:
        self.fonts = fonts
        self.atlas = atlas
        self._target = pygame.Surface((1, 1))
        self._x = self._y = self._width = self._end = 0

    @property
    def width(self) -> int:
        return self.fonts.px(WIDTH)

    def draw(self, target: pygame.Surface, box: pygame.Rect, person: Person, mind: MindView) -> None:
        """Fills a box of the target."""
        px = self.fonts.px
        target.fill(pal.TIMBER[0], box)
        plaque(target, box, self.fonts)
        self._target, self._x, self._width = target, box.x + px(16), box.width - px(32)
        self._y, self._end = box.y + px(14), box.bottom - px(12)
        self._head(person)
        self._title("Now")
        self._text(mind.doing, 14, pal.TEXT, 2)
        if mind.why:
            self._text(mind.why, 12, pal.TEXT_SOFT, 3)
        if mind.plan:
            self._title("Plan")
            self._plan(mind.plan, 7)
        if mind.hour:
            self._title("This hour")
            self._plan(mind.hour, 4)
        if mind.picked:
            self._title("Called to mind")
            self._text(mind.query, 12, pal.TEXT_SOFT, 1)
            self._legend()
            for picked in mind.picked[:3]:
                self._recalled(picked)
        if mind.memories:
            self._title(f"Memories ({mind.memory_count})")
            for memory in mind.memories:
                self._memory(memory)

    def _head(self, person: Person) -> None:
        px = self.fonts.px
        portrait = pygame.transform.scale_by(
            self.atlas.person(_facing_us(person), 0).subsurface((0, 0, 16, 18)), px(3)
        )
        frame = pygame.Rect(self._x, self._y, portrait.get_width() + px(8), portrait.get_height() + px(4))
        pygame.draw.rect(self._target, pal.INK, frame, border_radius=px(6))
        pygame.draw.rect(
            self._target, pal.GRASS[2], frame.inflate(-2 * px(2), -2 * px(2)), border_radius=px(4)
        )
        self._target.blit(portrait, (frame.x + px(4), frame.bottom - portrait.get_height() - px(2)))
        left = frame.right + px(12)
        self._target.blit(self.fonts.draw(person.name, 22, pal.TEXT), (left, frame.y + px(6)))
        job = person.look.get("job", "")
        place = place_name(person.place)
        for i, line in enumerate(text for text in (job, place) if text):
            y = frame.y + px(32) + i * self.fonts.height(13)
            self._target.blit(self.fonts.draw(line, 13, pal.TEXT_SOFT), (left, y))
        self._y = frame.bottom + px(4)

    def _room(self, height: int) -> bool:
        return self._y + height <= self._end

    def _title(self, text: str) -> None:
        px = self.fonts.px
        line = self.fonts.draw(text, 13, pal.ACCENT)
        if not self._room(line.get_height() + px(24)):
            self._y = self._end
            return
        self._y += px(7)
        self._target.blit(line, (self._x, self._y))
        middle = self._y + line.get_height() // 2
        start = self._x + line.get_width() + px(8)
        pygame.draw.line(self._target, pal.PARCHMENT[0], (start, middle), (self._x + self._width, middle))
        self._y += line.get_height() + px(2)

    def _text(self, text: str, size: int, colour: pal.Colour, most: int, indent: int = 0) -> None:
        step = self.fonts.height(size)
        for line in self.fonts.wrap(text, size, self._width - indent, most):
            if not self._room(step):
                self._y = self._end
                return
            self._target.blit(self.fonts.draw(line, size, colour), (self._x + indent, self._y))
            self._y += step

    def _plan(self, lines: tuple[PlanLine, ...], most: int) -> None:
        """The entries about the current one, which is marked."""
        px = self.fonts.px
        now = next((i for i, line in enumerate(lines) if line.current), None)
        first = 0 if now is None else max(0, min(now - 2, len(lines) - most))
        for line in lines[first : first + most]:
            step = self.fonts.height(13)
            if not self._room(step):
                self._y = self._end
                return
            if line.current:
                mark = pygame.Rect(self._x - px(4), self._y - 1, self._width + px(8), step + 2)
                pygame.draw.rect(self._target, pal.WHEAT[2], mark, border_radius=px(4))
            self._target.blit(self.fonts.draw(line.start, 13, pal.ACCENT), (self._x, self._y))
            what = f"{line.activity}, {line.place}" if line.place else line.activity
            text = self.fonts.wrap(what, 13, self._width - px(48), 1)[0]
            self._target.blit(self.fonts.draw(text, 13, pal.TEXT), (self._x + px(46), self._y))
            self._y += step + px(1)

    def _legend(self) -> None:
        """What the three bars are."""
        if not self._room(self.fonts.height(10)):
            return
        for i, (part, colour) in enumerate(PARTS):
            x = self._x + i * (self._width + self.fonts.px(6)) // 3
            self._target.blit(self.fonts.draw(part, 10, colour), (x, self._y))
        self._y += self.fonts.height(10)

    def _recalled(self, picked: Picked) -> None:
        """A memory with the three parts of its score as bars."""
        px = self.fonts.px
        if not self._room(self.fonts.height(12) + px(8)):
            self._y = self._end
            return
        self._text(picked.text, 12, pal.TEXT, 1)
        each = (self._width - 2 * px(6)) // 3
        for i, (part, colour) in enumerate(PARTS):
            x = self._x + i * (each + px(6))
            pygame.draw.rect(self._target, pal.PARCHMENT[0], (x, self._y, each, px(4)), border_radius=2)
            share = max(0.0, min(1.0, getattr(picked, part)))
            pygame.draw.rect(self._target, colour, (x, self._y, round(each * share), px(4)), border_radius=2)
        self._y += px(7)

    def _memory(self, memory: MemoryLine) -> None:
        """A memory with its importance as a gauge; what was told says by whom."""
        px = self.fonts.px
        step = self.fonts.height(12)
        if not self._room(step):
            self._y = self._end
            return
        share = memory.importance / 10 if memory.importance > 1 else memory.importance
        gauge = pygame.Rect(self._x, self._y + px(2), px(4), step - px(3))
        pygame.draw.rect(self._target, pal.PARCHMENT[0], gauge, border_radius=2)
        filled = gauge.copy()
        filled.height = max(1, round(gauge.height * max(0.0, min(1.0, share))))
        filled.bottom = gauge.bottom
        pygame.draw.rect(self._target, pal.ACCENT, filled, border_radius=2)
        told = f" (from {memory.told_by})" if memory.told_by else ""
        colour = {"reflection": pal.SEA, "plan": pal.TEXT_SOFT}.get(memory.kind, pal.TEXT)
        self._text(memory.text + told, 12, colour, 2, indent=px(10))
        self._y += px(2)


def _facing_us(person: Person) -> Person:
    return Person(person.name, 0, 0, look=person.look)
