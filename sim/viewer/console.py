"""A line of text at the foot of the window: commands to a run that goes on, answers of who plays in it."""

from __future__ import annotations

import threading
from typing import Protocol

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.types import BurghError
from burgh.sim.viewer.hud import plaque
from burgh.sim.viewer.text import Fonts

MOST_LINES = 8  # of what was answered
WIDTH = 760
LETTERS = 14
OPENS = ":"


class Commanded(Protocol):
    """What takes the lines, of a run in another thread."""

    def command(self, line: str) -> str:
        """Does what a line says, and returns what to tell. Raises BurghError. It may take its time."""
        ...

    @property
    def question(self) -> str:
        """What a person who has a seat is asked now; "" for nothing."""
        ...

    @property
    def times_asked(self) -> int:
        """How often they were asked so far: the same may be asked again."""
        ...

    @property
    def writing(self) -> str:
        """What the language model is just writing, and for whom; "" for nothing."""
        ...

    @property
    def seat(self) -> str:
        """Who it is whose seat they have; "" where nothing is asked."""
        ...

    @property
    def begun(self) -> bool:
        """Whether a part of what is asked was answered, which an empty line takes back."""
        ...


class Console:
    """What is typed, and what was told. A question opens it by itself, once."""

    def __init__(self, run: Commanded) -> None:
        self.run = run
        self.open = False
        self.words = ""
        self.told: list[tuple[str, bool]] = []  # a line, and whether it says that something is wrong
        self._seen = (0, "")
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a command is still being done."""
        return self._thread is not None and self._thread.is_alive()

    def look(self) -> str:
        """Opens for a question that was not there before; returns whom it is put to then, else ""."""
        question, before = self.run.question, self._seen
        self._seen = (self.run.times_asked, question)
        if not question or self._seen == before:
            return ""
        self.open = True
        return self.run.seat

    def write(self, text: str) -> None:
        """Text that was typed; "\\b" takes a letter back. The key that opens the line begins none."""
        if text == OPENS and not self.words:
            return
        self.words = self.words[:-1] if text == "\b" else self.words + text

    def enter(self) -> None:
        """Hands the line over. An answer, a whisper, a pause take no time; a mind that is asked does."""
        if self.busy:
            return
        line, self.words = self.words.strip(), ""
        if not line and not self.run.question:
            self.open = False
            return
        self._thread = threading.Thread(target=self._do, args=(line,), daemon=True)
        self._thread.start()
        self._thread.join(0.2)

    def escape(self) -> None:
        """Takes back what was typed, or the last part of an answer begun; else closes the line."""
        if not self.run.begun:
            self.open = False
        elif self.words:
            self.words = ""
        else:
            self.enter()

    def _do(self, line: str) -> None:
        try:
            said, wrong = self.run.command(line), False
        except BurghError as fault:
            said, wrong = str(fault), True
        shown = [(f"> {line}", False)] if line else []
        self.told = [*self.told, *shown, *((one, wrong) for one in said.splitlines())][-MOST_LINES:]

    def draw(self, target: pygame.Surface, fonts: Fonts) -> None:
        """Draws it above the timeline, as far as it is open."""
        if not self.open:
            return
        px, step = fonts.px, fonts.height(LETTERS) + fonts.px(3)
        wide = min(px(WIDTH), target.get_width() - 2 * px(8))
        room = wide - 2 * px(14)
        lines: list[tuple[str, pal.Colour]] = []
        for said, wrong in self.told:
            colour = pal.ACCENT if wrong else pal.TEXT_SOFT
            lines += [(one, colour) for one in fonts.wrap(said, LETTERS, room)]
        for one in self.run.question.splitlines():
            lines += [(part, pal.TEXT) for part in fonts.wrap(one, LETTERS, room)]
        lines = lines[-(MOST_LINES + 4) :]
        box = pygame.Rect(0, 0, wide, (len(lines) + 1) * step + px(26))
        box.midbottom = (target.get_width() // 2, target.get_height() - px(74))
        plaque(target, box, fonts)
        x, y = box.x + px(14), box.y + px(10)
        for text, colour in lines:
            target.blit(fonts.draw(text, LETTERS, colour), (x, y))
            y += step
        field = pygame.Rect(x - px(4), y, room + px(8), step + px(4))
        pygame.draw.rect(target, pal.PARCHMENT[2], field, border_radius=px(4))
        typed = "asking ..." if self.busy else self.words
        hint = "an answer; /help for commands" if self.run.question else "a command; help lists them"
        shown = fonts.draw(typed or hint, LETTERS, pal.TEXT if typed else pal.TEXT_SOFT)
        target.blit(shown, (x, y + px(2)), (max(0, shown.get_width() - room), 0, room, shown.get_height()))
        if typed and not self.busy:
            edge = x + min(shown.get_width(), room) + 1
            pygame.draw.line(target, pal.TEXT, (edge, y + px(3)), (edge, y + step), 2)
