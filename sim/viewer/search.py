"""Finding a villager, a place, a moment by what one types."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.clock import moment_named
from burgh.sim.types import BurghError
from burgh.sim.viewer.hud import plaque
from burgh.sim.viewer.moment import Moment
from burgh.sim.viewer.page import Page, Wish
from burgh.sim.viewer.scene import place_name
from burgh.sim.viewer.text import Fonts

MOST, WIDTH = 9, 420


@dataclass(frozen=True, slots=True)
class Found:
    """Something found: what it is called, what it is, and how to go there."""

    text: str
    kind: str
    wish: Wish


def find(words: str, moment: Moment, most: int = MOST) -> list[Found]:
    """What fits words: times of day, villagers, places, things; beginnings before middles."""
    wanted, found = words.strip().lower(), []
    if not wanted:
        return []
    try:
        clock = moment.playback.clock
        tick = clock.tick_of(moment_named(clock, wanted))
        if 0 <= tick <= moment.playback.last_tick:
            found.append(Found(wanted, "time", Wish(tick=tick)))
    except BurghError:  # it is no time
        pass
    ranked: list[tuple[int, int, str, Found]] = []
    for person in moment.scene.people.values():
        job = person.look.get("job", "") or "villager"
        rank = _rank(wanted, person.name)
        if rank is None and _rank(wanted, job) is not None:
            rank = 1
        if rank is not None:
            ranked.append((rank, 0, person.name, Found(person.name, job, Wish(select=person.name))))
    for place in moment.scene.town.places:
        name = place_name(place.path)
        if place.depth and (rank := _rank(wanted, name, place.name)) is not None:
            middle = (place.x + place.width / 2, place.y + place.height / 2)
            ranked.append((rank, 1, name, Found(name, place.kind, Wish(look=middle))))
    for thing in moment.scene.things.values():
        name = place_name(thing.path)
        if (rank := _rank(wanted, thing.name, name)) is not None:
            wish = Wish(look=(thing.x + 0.5, thing.y + 0.5))
            ranked.append((rank, 2, name, Found(name, f"{thing.kind}, {thing.state}", wish)))
    ranked.sort(key=lambda item: item[:3])
    return [*found, *(item[3] for item in ranked)][:most]


def _rank(wanted: str, *names: str) -> int | None:
    """0 for what begins so, 1 where a word of it does, 2 where it stands anywhere in it, else None."""
    ranks = []
    for name in (name.lower() for name in names):
        if name.startswith(wanted):
            ranks.append(0)
        elif any(word.startswith(wanted) for word in name.split()):
            ranks.append(1)
        elif wanted in name:
            ranks.append(2)
    return min(ranks, default=None)


class Search:
    """The box that one types into. `open`, `words`, and which of the found is chosen."""

    def __init__(self, fonts: Fonts) -> None:
        self.page = Page(fonts)
        self.fonts = fonts
        self.open = False
        self.words = ""
        self.chosen = 0
        self._found: list[Found] = []

    def start(self) -> None:
        self.open, self.words, self.chosen = True, "", 0

    def write(self, text: str) -> None:
        """Text that was typed; "\\b" takes a letter back."""
        self.words = self.words[:-1] if text == "\b" else self.words + text
        self.chosen = 0

    def move(self, steps: int) -> None:
        self.chosen = max(0, min(len(self._found) - 1, self.chosen + steps))

    def enter(self, moment: Moment) -> Wish | None:
        """Goes to what is chosen, and closes."""
        found = find(self.words, moment)
        self.open = False
        return found[min(self.chosen, len(found) - 1)].wish if found else None

    def press(self, at: tuple[int, int]) -> Wish | None:
        hit = self.page.at(at)
        if isinstance(hit, Wish):
            self.open = False
            return hit
        return None

    def draw(self, target: pygame.Surface, moment: Moment) -> None:
        """Draws it into the upper middle of a view."""
        fonts, px = self.fonts, self.fonts.px
        self._found = find(self.words, moment)
        step = fonts.height(14) + px(5)
        rows = max(1, len(self._found)) if self.words else 0
        wide = min(px(WIDTH), target.get_width() - 2 * px(8))
        box = pygame.Rect(0, px(76), wide, fonts.height(13) + px(40) + rows * step)
        box.centerx = target.get_width() // 2
        plaque(target, box, fonts)
        inner = box.inflate(-2 * px(14), -2 * px(12))
        self.page.begin(target, inner)
        self.page.field(self.words, "a villager, a place, a thing, or a time as 10:45", "words", typing=True)
        if self.words and not self._found:
            self.page.text("nothing is called that", 13, pal.TEXT_SOFT)
        for number, found in enumerate(self._found):
            top = self.page.y
            if number == self.chosen:
                mark = pygame.Rect(inner.x - px(4), top, inner.width + px(8), step)
                pygame.draw.rect(target, pal.WHEAT[2], mark, border_radius=px(4))
            kind = fonts.draw(found.kind, 12, pal.TEXT_SOFT)
            target.blit(kind, (inner.right - kind.get_width(), top + px(3)))
            room = inner.width - kind.get_width() - px(10)
            text = fonts.wrap(found.text, 14, max(20, room), 1)[0]
            target.blit(fonts.draw(text, 14, pal.TEXT), (inner.x, top + px(2)))
            self.page.y = top + step
            self.page.hit(top, found.wish)
        self.page.end()
