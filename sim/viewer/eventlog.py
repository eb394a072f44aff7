"""The list of events beside the town: by kind, villager and words, about the moment that is shown."""

from __future__ import annotations

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.history import FILTERS, LogLine, after, before
from burgh.sim.viewer.hud import plaque
from burgh.sim.viewer.moment import Moment
from burgh.sim.viewer.page import Page, Wish
from burgh.sim.viewer.text import Fonts
from burgh.sim.viewer.timeline import MARK_COLOURS

WIDTH, INDENT = 350, 48  # of the list; of what is said in it
COLOURS = {
    "said": MARK_COLOURS["speech"],
    "unheard": MARK_COLOURS["speech"],
    "memory": MARK_COLOURS["reflection"],
    "reflected": MARK_COLOURS["reflection"],
    "planned": MARK_COLOURS["plan"],
    "sold": MARK_COLOURS["sale"],
    "bid": MARK_COLOURS["sale"],
}
END = 1 << 62


class EventLog:
    """Draws it, and takes clicks, wheel and keys. place: of the event that is chosen (tick, number in the
    record), None while the list goes with the time. which: the filter, by its place in FILTERS."""

    def __init__(self, fonts: Fonts) -> None:
        self.open = self.focused = self.typing = False
        self.which = 0
        self.alone = False  # only those of the villager that is looked at
        self.words = ""
        self.place: tuple[float, int] | None = None
        self._box = pygame.Rect(0, 0, 0, 0)
        self._lines: list[LogLine] = []
        self._key: tuple[object, ...] = ()
        self.resize(fonts)

    def resize(self, fonts: Fonts) -> None:
        """Takes over letters of another size."""
        self.fonts = fonts
        self.page = Page(fonts)
        self._key = ()

    @property
    def width(self) -> int:
        return self.fonts.px(WIDTH) if self.open else 0

    def holds(self, at: tuple[float, float]) -> bool:
        return self.open and self._box.collidepoint(at)

    def next_kind(self, steps: int = 1) -> None:
        self.which = (self.which + steps) % len(FILTERS)

    def write(self, text: str) -> None:
        """Text that was typed into the search; "\\b" takes a letter back."""
        self.words = self.words[:-1] if text == "\b" else self.words + text

    def move(self, steps: int, moment: Moment) -> None:
        """Chooses an event further on or back."""
        place = self.place or (moment.tick, END)
        agent = self._agent(moment)
        table = moment.playback.table
        if steps > 0:
            found = after(table, place, steps, self.which, agent, self.words)
            if found:
                self.place = found[-1].tick, found[-1].seq
        else:
            found = before(table, place, 1 - steps if self.place else -steps, self.which, agent, self.words)
            if found:
                self.place = found[0].tick, found[0].seq

    def enter(self) -> Wish | None:
        """Goes to the event that is chosen."""
        line = next((line for line in self._lines if self.place == (line.tick, line.seq)), None)
        return None if line is None else Wish(tick=line.tick, select=line.agent or None)

    def press(self, at: tuple[int, int]) -> Wish | None:
        self.focused, self.typing = True, False
        hit = self.page.at(at)
        if isinstance(hit, LogLine):
            self.place = (hit.tick, hit.seq)
            return Wish(tick=hit.tick, select=hit.agent or None)
        if hit == "words":
            self.typing = True
        elif hit == "alone":
            self.alone = not self.alone
        elif isinstance(hit, int):
            self.which = hit
        return None

    def _agent(self, moment: Moment) -> str | None:
        return moment.selected if self.alone else None

    def draw(self, target: pygame.Surface, box: pygame.Rect, moment: Moment) -> None:
        """Fills a box of the target."""
        fonts, px, page = self.fonts, self.fonts.px, self.page
        self._box = box
        target.fill(pal.TIMBER[0], box)
        plaque(target, box, fonts)
        if self.focused:
            pygame.draw.rect(target, pal.LAMP, box.inflate(-4, -4), px(2), border_radius=px(7))
        inner = pygame.Rect(box.x + px(14), box.y + px(12), box.width - px(28), box.height - px(22))
        page.begin(target, inner)
        page.title("Events", gap=0)
        page.field(self.words, "search the events: Y", "words", typing=self.typing)
        page.chips([(name, number) for number, (name, _, _) in enumerate(FILTERS)], self.which)
        if moment.selected:
            page.chips([(f"only {moment.selected}", "alone")], "alone" if self.alone else None)
        page.gap(2)
        step = fonts.height(12)
        room = max(2, (inner.bottom - page.y) // step)
        ahead = max(2, room // 4)
        self._read(moment, room, ahead)
        chosen = self.place or (moment.tick, END)
        shown = [line for line in self._lines if (line.tick, line.seq) <= chosen]
        coming = self._lines[len(shown) :][:ahead]
        free = (inner.bottom - page.y) - sum(self._height(line) for line in coming)
        first = len(shown)
        while first > 0 and (free := free - self._height(shown[first - 1])) >= 0:
            first -= 1
        for line in (*shown[first:], *coming):
            self._line(line, moment)
        page.end()

    def _read(self, moment: Moment, room: int, ahead: int) -> None:
        """The lines about the chosen one, so many that come after it; asked for anew when something has
        changed."""
        place = self.place or (int(moment.tick), END)
        agent = self._agent(moment)
        key = (place, room, self.which, agent, self.words, moment.playback.store.frames)
        if key != self._key:
            self._key, table = key, moment.playback.table
            back = before(table, place, room, self.which, agent, self.words)
            self._lines = [*back, *after(table, place, ahead, self.which, agent, self.words)]

    def _height(self, line: LogLine) -> int:
        lines = self.fonts.wrap(line.text, 12, self.page.room(self.fonts.px(INDENT)), 3)
        return self.fonts.height(12, line.text) * len(lines) + self.fonts.px(3)

    def _line(self, line: LogLine, moment: Moment) -> None:
        fonts, px, page = self.fonts, self.fonts.px, self.page
        top, height, future = page.y, self._height(line), line.tick > moment.tick
        if self.place == (line.tick, line.seq):
            mark = pygame.Rect(page.x - px(4), top, page.width + px(8), height)
            pygame.draw.rect(page.target, pal.WHEAT[2], mark, border_radius=px(4))
        colour = COLOURS.get(line.kind, pal.PARCHMENT[0])
        band = pygame.Rect(page.x, top + px(2), px(5), height - px(4))
        pygame.draw.rect(page.target, pal.INK, band, border_radius=2)
        pygame.draw.rect(page.target, colour, band.inflate(-2, -2))
        text = pal.mix(pal.TEXT_SOFT, pal.PARCHMENT[1], 0.3) if future else pal.TEXT
        page.target.blit(fonts.draw(moment.time(line.tick), 12, text), (page.x + px(9), top))
        page.text(line.text, 12, text, 3, px(INDENT))
        page.y = top + height
        page.hit(top, line)
