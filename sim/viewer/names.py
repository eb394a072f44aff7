"""Names of villagers, and what they are at: each where it can only be its owner's, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import pygame

from burgh.assets.art import palette as pal
from burgh.assets.art.icons import icon_of
from burgh.sim.viewer.camera import TILE, Camera
from burgh.sim.viewer.scene import Person
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.text import Fonts

BODY = (2, -8, 12, 22)  # of a villager, from its tile's upper left corner, in pixels of the map
CLEAR = 5  # pixels between a name and whoever else is near


class Names:
    """Draws them. `drawn` says whose name went where."""

    def __init__(self, fonts: Fonts, atlas: Atlas) -> None:
        self.fonts = fonts
        self.atlas = atlas
        self.drawn: dict[str, pygame.Rect] = {}
        self._badges: dict[str, pygame.Surface] = {}

    def draw(
        self,
        target: pygame.Surface,
        people: Sequence[Person],
        camera: Camera,
        selected: str | None,
        *,
        talking: frozenset[str] = frozenset(),
    ) -> None:
        """Draws the names of those who are on the screen. talking: who has a bubble, and needs no icon."""
        bodies = [body_of(person, camera) for person in people]
        taken: list[pygame.Rect] = []
        self.drawn = {}
        order = sorted(range(len(people)), key=lambda n: (people[n].name != selected, -people[n].y))
        for number in order:
            person = people[number]
            chosen = person.name == selected
            line = self.fonts.draw(person.name, 13, pal.LAMP if chosen else pal.PARCHMENT[2], pal.INK)
            others = bodies[:number] + bodies[number + 1 :]
            box = _spot(bodies[number], line.get_size(), others, taken, certain=chosen)
            if box is not None:
                taken.append(box)
                self.drawn[person.name] = box
                target.blit(line, box)
            icon = "sleep" if person.asleep else icon_of(person.activity, person.using)
            if icon and not person.walking and person.name not in talking:
                badge = self._badge(icon)
                body = bodies[number]
                at = badge.get_rect(midbottom=(body.right + self.fonts.px(2), body.top + self.fonts.px(8)))
                if at.collidelist(others) < 0 and at.collidelist(taken) < 0:
                    taken.append(at)
                    target.blit(badge, at)

    def _badge(self, icon: str) -> pygame.Surface:
        """An icon on a round sheet."""
        if icon not in self._badges:
            side = 2 if self.fonts.scale < 1.6 else 3
            picture = pygame.transform.scale_by(self.atlas.sprite(f"icon/{icon}"), side)
            width = picture.get_width() + self.fonts.px(6)
            badge = pygame.Surface((width, width), pygame.SRCALPHA, 32)
            pygame.draw.rect(badge, pal.INK, badge.get_rect(), border_radius=self.fonts.px(7))
            pygame.draw.rect(
                badge, pal.PARCHMENT[2], badge.get_rect().inflate(-2, -2), border_radius=self.fonts.px(6)
            )
            badge.blit(picture, picture.get_rect(center=badge.get_rect().center))
            self._badges[icon] = badge
        return self._badges[icon]


def body_of(person: Person, camera: Camera) -> pygame.Rect:
    """Where a villager is on the screen."""
    x, y = camera.to_screen(person.x + BODY[0] / TILE, person.y + BODY[1] / TILE)
    return pygame.Rect(round(x), round(y), round(BODY[2] * camera.zoom), round(BODY[3] * camera.zoom))


def _spot(
    body: pygame.Rect,
    size: tuple[int, int],
    others: Sequence[pygame.Rect],
    taken: Sequence[pygame.Rect],
    *,
    certain: bool,
) -> pygame.Rect | None:
    """Below a villager, beside it, or above it: where the name touches nobody else and no other name."""
    wide, high = size
    spots = (
        pygame.Rect(body.centerx - wide // 2, body.bottom + 1, wide, high),
        pygame.Rect(body.right + 2, body.bottom - high, wide, high),
        pygame.Rect(body.left - 2 - wide, body.bottom - high, wide, high),
        pygame.Rect(body.centerx - wide // 2, body.top - high - 1, wide, high),
    )
    for spot in spots:
        wide_spot = spot.inflate(2 * CLEAR, CLEAR)
        if wide_spot.collidelist(others) < 0 and spot.collidelist(taken) < 0:
            return spot
    return spots[0] if certain else None


@lru_cache(maxsize=512)
def face_of(atlas: Atlas, person_key: tuple[str, tuple[tuple[str, str], ...]], side: int) -> pygame.Surface:
    """A villager's face from the front, `side` pixels wide."""
    name, look = person_key
    person = Person(name, 0, 0, look=dict(look))
    head = atlas.person(person, 0).subsurface((1, 0, 14, 14))
    return pygame.transform.scale(head, (side, side))
