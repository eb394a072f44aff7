"""The town from far away: the map made smaller once for each zoom, and small villagers on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.backdrop import Backdrop
from burgh.sim.viewer.camera import TILE, Camera
from burgh.sim.viewer.lights import GLOWS, Lights, shut_of
from burgh.sim.viewer.scene import Person, Scene
from burgh.sim.viewer.sprites import LIT_STATES, Atlas

BEYOND = pal.shade(pal.GRASS_DEEP, 0.8)  # what lies outside the map
STEPS_PER_TILE = 2


class FarStage:
    """Keeps the map made smaller, villagers made smaller, and the light, for as long as they serve."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.lights = Lights()
        self._map = self._open = self._roofed = pygame.Surface((1, 1))
        self._map_of: Backdrop | None = None
        self._map_key: tuple[object, ...] = ()
        self._shut: frozenset[str] = frozenset()  # the houses whose roofs are closed on `_map`
        self._light = pygame.Surface((1, 1))
        self._light_key: tuple[object, ...] = ()
        self._people: dict[tuple[pygame.Surface, float], pygame.Surface] = {}

    def draw(  # noqa: PLR0917
        self,
        target: pygame.Surface,
        scene: Scene,
        camera: Camera,
        backdrop: Backdrop,
        selected: str | None,
        closed: Mapping[str, float],
    ) -> None:
        """Fills a target of the camera's size."""
        zoom = camera.zoom
        small = self._smaller(scene, backdrop, zoom, closed)
        left, top = camera.left * zoom, camera.top * zoom
        if not small.get_rect().move(-left, -top).contains(target.get_rect()):
            target.fill(BEYOND)
        target.blit(small, (-round(left), -round(top)))
        target.fblits(self._standing(scene, camera, backdrop, closed))
        self._shine(target, scene, camera, backdrop, closed)
        chosen = scene.people.get(selected or "")
        if chosen is not None:
            x, y = camera.to_screen(chosen.x + 0.5, chosen.y + 0.5)
            pygame.draw.circle(target, pal.INK, (x, y), 13, 4)
            pygame.draw.circle(target, pal.LAMP, (x, y), 12, 2)

    def _smaller(
        self, scene: Scene, backdrop: Backdrop, zoom: float, closed: Mapping[str, float]
    ) -> pygame.Surface:
        """The map made smaller, with the roofs that are closed: where one opens or closes, its part alone is
        put in again (houses do not overlap)."""
        lit = tuple(thing.path for thing in scene.things.values() if thing.state in LIT_STATES)
        if self._map_of is not backdrop or self._map_key != (zoom, lit):
            self._map_of, self._map_key = backdrop, (zoom, lit)
            self._open, self._roofed = _both(self.atlas, scene, backdrop, zoom)
            self._map, self._shut = self._open.copy(), frozenset()
        shut = shut_of(closed)
        for house in backdrop.houses if shut != self._shut else ():
            path = house.place.path
            if (path in shut) != (path in self._shut):
                box = _scaled(house.box, zoom)
                self._map.blit(self._roofed if path in shut else self._open, box, box)
        self._shut = shut
        return self._map

    def _standing(
        self, scene: Scene, camera: Camera, backdrop: Backdrop, closed: Mapping[str, float]
    ) -> list[tuple[pygame.Surface, tuple[float, float]]]:
        """Villagers from north to south, each where it stands on the screen; none under a closed roof."""
        zoom, tile = camera.zoom, TILE * camera.zoom
        shut, homes = shut_of(closed), self.lights.homes(backdrop)
        left, top = camera.left / TILE, camera.top / TILE
        right, bottom = left + camera.width / tile + 1, top + camera.height / tile + 2
        found = []
        for person in sorted(scene.people.values(), key=_south):
            x, y = person.x, person.y
            if left - 1 <= x <= right and top - 1 <= y <= bottom and homes.get((int(x), int(y))) not in shut:
                sprite = self._figure(person, zoom)
                found.append((sprite, ((x - left) * tile, (y + 1 - top) * tile - sprite.get_height())))
        return found

    def _figure(self, person: Person, zoom: float) -> pygame.Surface:
        sprite = self.atlas.walker(person, step_of(person))
        key = (sprite, zoom)
        found = self._people.get(key)
        if found is None:
            if len(self._people) > 20_000:
                self._people.clear()
            size = (max(3, round(sprite.get_width() * zoom)), max(4, round(sprite.get_height() * zoom)))
            found = self._people[key] = pygame.transform.smoothscale(sprite, size)
        return found

    def _shine(
        self,
        target: pygame.Surface,
        scene: Scene,
        camera: Camera,
        backdrop: Backdrop,
        closed: Mapping[str, float],
    ) -> None:
        light = scene.light
        if light.lamps <= 0 and min(light.ambient) == 255:
            return
        key = (light.ambient, round(light.lamps, 2), camera.x, camera.y, camera.zoom, target.get_size())
        if key != self._light_key:
            self._light_key = key
            if self._light.get_size() != target.get_size():
                self._light = pygame.Surface(target.get_size(), 0, 32)
            self._light.fill(light.ambient)
            if light.lamps > 0:
                fires = self.lights.fires(backdrop, scene.things.values(), closed)
                glows = [(thing.x + 0.5, thing.y + 0.2, GLOWS[thing.kind]) for thing in fires]
                panes = self.lights.windows(backdrop, light.part, closed)
                glows += [((pane.x + 4) / TILE, (pane.y + 10) / TILE, 26) for pane in panes]
                for x, y, reach in glows:
                    radius = max(2, round(reach * camera.zoom))
                    sx, sy = camera.to_screen(x, y)
                    picture = glow_picture(radius, round(light.lamps, 1))
                    self._light.blit(picture, (sx - radius, sy - radius), special_flags=pygame.BLEND_RGB_ADD)
        target.blit(self._light, (0, 0), special_flags=pygame.BLEND_RGB_MULT)


def _both(
    atlas: Atlas, scene: Scene, backdrop: Backdrop, zoom: float
) -> tuple[pygame.Surface, pygame.Surface]:
    """The map with its furniture, made smaller: with all roofs open, and with all closed."""
    whole = backdrop.picture.copy()
    for thing in sorted(scene.things.values(), key=lambda thing: thing.y):
        sprite = atlas.thing(thing.kind, thing.state)
        width, height = sprite.get_size()
        box = pygame.Rect(thing.x * TILE + (TILE - width) // 2, (thing.y + 1) * TILE - height, width, height)
        whole.blit(sprite, box)
        backdrop.cover(whole, box, thing.y, (0, 0))
    size = (max(1, round(whole.get_width() * zoom)), max(1, round(whole.get_height() * zoom)))
    opened = pygame.transform.smoothscale(whole, size)
    for house in backdrop.houses:
        house.roof.set_alpha(255)
        whole.blit(house.roof, (house.x, house.y))
        backdrop.cover(whole, house.box, house.row, (0, 0))
    return opened, pygame.transform.smoothscale(whole, size)


def _scaled(box: pygame.Rect, zoom: float) -> pygame.Rect:
    """The pixels of the smaller map in which a box of the map has a part."""
    left, top = math.floor(box.left * zoom), math.floor(box.top * zoom)
    return pygame.Rect(left, top, math.ceil(box.right * zoom) - left, math.ceil(box.bottom * zoom) - top)


def _south(person: Person) -> float:
    return person.y


def step_of(person: Person) -> int:
    """Which foot is forward: by the way gone, so that the walk fits any speed."""
    if not person.walking:
        return 0
    phase = math.floor((person.x + person.y) * STEPS_PER_TILE * 2) % 4
    return (0, 1, 0, 2)[phase]


@lru_cache(maxsize=64)
def glow_picture(radius: int, strength: float) -> pygame.Surface:
    """A warm round light that fades in rings. Not to be changed."""
    picture = pygame.Surface((2 * radius, 2 * radius), 0, 32)
    rings = 22
    for ring in range(rings):
        share = (ring + 1) / rings
        r = round(radius * (1 - ring / rings))
        colour = tuple(round(part * strength * share**1.5 * 0.66) for part in (255, 190, 96))
        pygame.draw.circle(picture, colour, (radius, radius), r)
    return picture
