"""A small map of the whole in a corner: who is where, and which part of it one sees."""

from __future__ import annotations

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.backdrop import Backdrop
from burgh.sim.viewer.camera import TILE, Camera
from burgh.sim.viewer.scene import Person, Scene
from burgh.sim.viewer.sprites import colour_of
from burgh.sim.viewer.text import Fonts

WIDTH = 168
CROWD = 200  # from so many people on, they are drawn once a tick


class Minimap:
    """Draws it; `box` is where a click looks at a point of the map."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.box = pygame.Rect(0, 0, 0, 0)
        self._small: pygame.Surface | None = None
        self._of: Backdrop | None = None
        self._scale = 1.0
        self._crowded: pygame.Surface | None = None
        self._crowd_key: tuple[object, ...] = ()

    def measure(self, view: tuple[int, int], scene: Scene) -> None:
        """Takes the upper right corner of a view of that size, where there is room for it."""
        px, town = self.fonts.px, scene.town
        wide = min(px(WIDTH), view[0] // 3)
        size = (wide, max(1, round(wide * town.height / max(1, town.width))))
        self.box = pygame.Rect(view[0] - size[0] - px(12), px(12), *size)
        if size[1] > view[1] // 3 or wide < px(60):
            self.hide()

    def hide(self) -> None:
        self.box = pygame.Rect(0, 0, 0, 0)

    def draw(
        self, target: pygame.Surface, scene: Scene, backdrop: Backdrop, camera: Camera, selected: str | None
    ) -> None:
        """Draws it where it was measured to be, over what is there."""
        px, town, size = self.fonts.px, scene.town, self.box.size
        if self._small is None or self._of is not backdrop or self._small.get_size() != size:
            self._of, self._small = backdrop, pygame.transform.smoothscale(backdrop.picture, size)
        frame = self.box.inflate(2 * px(3), 2 * px(3))
        pygame.draw.rect(target, pal.INK, frame, border_radius=px(5))
        pygame.draw.rect(target, pal.TIMBER[2], frame.inflate(-2, -2), border_radius=px(4))
        target.blit(self._small, self.box)
        self._scale = size[0] / max(1, town.width)
        if len(scene.people) < CROWD:
            self._dots(target, scene, selected)
        else:
            self._crowd(target, scene)
        if (chosen := scene.people.get(selected or "")) is not None:
            x, y = self._point(chosen)
            pygame.draw.circle(target, pal.INK, (x, y), px(5) + 1, px(2) + 2)
            pygame.draw.circle(target, pal.LAMP, (x, y), px(5), px(2))
        (left, top), (east, south) = camera.to_map(0, 0), camera.to_map(camera.width, camera.height)
        seen = pygame.Rect(
            self.box.x + left * self._scale,
            self.box.y + top * self._scale,
            (east - left) * self._scale,
            (south - top) * self._scale,
        ).clip(self.box)
        pygame.draw.rect(target, pal.INK, seen.inflate(2, 2), 1)
        pygame.draw.rect(target, pal.PARCHMENT[2], seen, 1)

    def _point(self, person: Person) -> tuple[int, int]:
        x, y = (person.x + 0.5) * self._scale, (person.y + 0.5) * self._scale
        return self.box.x + int(x), self.box.y + int(y)

    def _dots(self, target: pygame.Surface, scene: Scene, selected: str | None) -> None:
        """A dot in the colour of its coat for everyone."""
        dot = self.fonts.px(3)
        for person in scene.people.values():
            x, y = self._point(person)
            target.fill(pal.INK, (x - dot // 2 - 1, y - dot // 2 - 1, dot + 2, dot + 2))
            target.fill(colour_of(person.look, "coat"), (x - dot // 2, y - dot // 2, dot, dot))

    def _crowd(self, target: pygame.Surface, scene: Scene) -> None:
        """The same for many, a little plainer, and each tick only once."""
        key = (int(scene.tick), self.box.size, self._of)
        if key != self._crowd_key or self._crowded is None:
            assert self._small is not None
            self._crowd_key, self._crowded = key, self._small.copy()
            for person in scene.people.values():
                at = (int((person.x + 0.5) * self._scale), int((person.y + 0.5) * self._scale), 2, 2)
                self._crowded.fill(colour_of(person.look, "coat"), at)
        target.blit(self._crowded, self.box)

    def place_at(self, at: tuple[int, int]) -> tuple[float, float]:
        """The point of the map, in tiles, under a pixel."""
        return (at[0] - self.box.x) / self._scale, (at[1] - self.box.y) / self._scale


def is_needed(scene: Scene, camera: Camera) -> bool:
    """Whether there is more of the town than is seen."""
    seen = (camera.width / camera.zoom / TILE, camera.height / camera.zoom / TILE)
    return scene.town.width > seen[0] + 1 or scene.town.height > seen[1] + 1
