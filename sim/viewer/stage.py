"""Draws the town of a scene: backdrop, furniture, people behind and before each other, light."""

from __future__ import annotations

import math

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.backdrop import Backdrop, paint_backdrop
from burgh.sim.viewer.camera import TILE, Camera
from burgh.sim.viewer.noise import hash_cell
from burgh.sim.viewer.scene import Person, Scene, Thing, TownMap
from burgh.sim.viewer.sprites import LIT_STATES, Atlas

BEYOND = pal.shade(pal.GRASS_DEEP, 0.8)  # what lies outside the map
GLOWS = {"lantern": 52, "hearth": 44, "oven": 40, "altar": 30}
STEPS_PER_TILE = 2
SLEEPING = 3  # the frame of one who sleeps


class Stage:
    """Keeps what is costly to make: the atlas, the map's backdrop, surfaces of the last size, glows."""

    def __init__(self) -> None:
        self.atlas = Atlas()
        self._town: TownMap | None = None
        self._backdrop: Backdrop | None = None
        self._world = pygame.Surface((1, 1))
        self._light = pygame.Surface((1, 1))
        self._glows: dict[tuple[int, int], pygame.Surface] = {}
        self._shadow = _shadow()

    def backdrop(self, town: TownMap) -> Backdrop:
        if self._backdrop is None or self._town is not town:
            self._town, self._backdrop = town, paint_backdrop(town, self.atlas)
        return self._backdrop

    def draw(self, target: pygame.Surface, scene: Scene, camera: Camera, selected: str | None = None) -> None:
        """Fills a target of the camera's size."""
        left, top = math.floor(camera.left), math.floor(camera.top)
        size = (math.ceil(camera.width / camera.zoom) + 2, math.ceil(camera.height / camera.zoom) + 2)
        if self._world.get_size() != size:
            self._world, self._light = pygame.Surface(size, 0, 32), pygame.Surface(size, 0, 32)
        view = pygame.Rect(left, top, *size)
        world = self._world
        if scene.town.width:
            backdrop = self.backdrop(scene.town)
            if not backdrop.picture.get_rect().contains(view):
                world.fill(BEYOND)
            world.blit(backdrop.picture, (-left, -top))
            self._standing(world, scene, backdrop, view, selected)
            self._shine(world, scene, backdrop, view)
        else:
            world.fill(BEYOND)
        self._enlarge(target, camera, left, top)

    def _enlarge(self, target: pygame.Surface, camera: Camera, left: int, top: int) -> None:
        zoom, (width, height) = camera.zoom, self._world.get_size()
        size = (round(width * zoom), round(height * zoom))
        at = (round((left - camera.left) * zoom), round((top - camera.top) * zoom))
        if zoom == 1:
            target.blit(self._world, at)
            return
        if zoom < 1:
            target.blit(pygame.transform.smoothscale(self._world, size), at)
            return
        larger = pygame.transform.scale_by(self._world, math.ceil(zoom))
        target.blit(larger if zoom == int(zoom) else pygame.transform.smoothscale(larger, size), at)

    def _standing(
        self, world: pygame.Surface, scene: Scene, backdrop: Backdrop, view: pygame.Rect, selected: str | None
    ) -> None:
        """Furniture and people from north to south, each covered by the walls and trees south of it."""
        seen = view.inflate(4 * TILE, 6 * TILE)
        offset = view.topleft
        standing: list[tuple[float, int, Thing | Person]] = [
            (thing.y, 0, thing)
            for thing in scene.things.values()
            if seen.collidepoint(thing.x * TILE, thing.y * TILE)
        ]
        beds = {(thing.x, thing.y): thing for thing in scene.things.values() if thing.kind == "bed"}
        for person in scene.people.values():
            if not seen.collidepoint(person.x * TILE, person.y * TILE):
                continue
            bed = _bed_of(person, beds) if person.asleep else None
            if bed is not None:
                self._sleeper(world, person, bed, backdrop, offset)
                standing = [item for item in standing if item[2] is not bed]
            else:
                standing.append((person.y, 1, person))
        standing.sort(key=lambda item: item[:2])
        for y, _, who in standing:
            if isinstance(who, Thing):
                sprite = self.atlas.thing(who.kind, who.state)
                x, lift = float(who.x), 1
            else:
                sprite = self.atlas.person(who, _frame(who))
                x, lift = who.x, 2
                feet = (round(x * TILE) + 8 - offset[0], round((y + 1) * TILE) - 3 - offset[1])
                if who.name == selected:
                    pygame.draw.ellipse(world, pal.PARCHMENT[1], (feet[0] - 9, feet[1] - 4, 18, 8), 1)
                world.blit(self._shadow, (feet[0] - 7, feet[1] - 3))
            box = sprite.get_rect()
            box.midbottom = (round(x * TILE) + TILE // 2, round((y + 1) * TILE) - lift + 1)
            world.blit(sprite, (box.x - offset[0], box.y - offset[1]))
            backdrop.cover(world, box, y, offset)

    def _sleeper(
        self, world: pygame.Surface, person: Person, bed: Thing, backdrop: Backdrop, offset: tuple[int, int]
    ) -> None:
        """A head on the pillow, the rest under the blanket."""
        sprite = self.atlas.thing("bed", bed.state)
        box = sprite.get_rect(midbottom=(bed.x * TILE + TILE // 2, (bed.y + 1) * TILE))
        x, y = box.x - offset[0], box.y - offset[1]
        world.blit(sprite, (x, y))
        world.blit(self.atlas.person(person, SLEEPING), (x, y), (0, 0, 16, 14))
        world.blit(sprite, (x, y + 12), (0, 12, 16, 12))
        backdrop.cover(world, box, bed.y, offset)

    def _shine(self, world: pygame.Surface, scene: Scene, backdrop: Backdrop, view: pygame.Rect) -> None:
        """Multiplies the picture by the light: the sky's, and that of lamps, fires and windows."""
        light = scene.light
        if light.lamps <= 0 and min(light.ambient) == 255:
            return
        self._light.fill(light.ambient)
        if light.lamps > 0:
            for thing in scene.things.values():
                radius = GLOWS.get(thing.kind, 0)
                if radius and (thing.kind == "lantern" or thing.state in LIT_STATES):
                    at = (thing.x * TILE + 8, thing.y * TILE)
                    self._glow(at, radius, light.lamps, view)
            lit = [pane for pane in backdrop.panes if hash_cell(pane.x, pane.y, 71) < _awake(light.part)]
            for pane in lit:
                at = (pane.x + pane.width // 2, pane.y + pane.height + 4)
                self._glow(at, 26, light.lamps * 0.7, view)
        world.blit(self._light, (0, 0), special_flags=pygame.BLEND_RGB_MULT)
        if light.lamps > 0:
            for pane in lit:
                box = pygame.Rect(pane.x - view.x, pane.y - view.y, pane.width, pane.height)
                world.fill(pal.mix(pal.GLASS[1], pal.LAMP, min(1.0, 1.4 * light.lamps)), box)
            for thing in scene.things.values():
                if thing.kind == "lantern":
                    x, y = thing.x * TILE - view.x, (thing.y + 1) * TILE - 26 - view.y
                    glass = pal.mix(pal.GLASS[2], pal.LAMP, light.lamps)
                    world.fill(glass, (x + 5, y + 4, 6, 6))
                    world.fill(pal.PLASTER[2], (x + 7, y + 5, 2, 4))

    def _glow(self, at: tuple[int, int], radius: int, strength: float, view: pygame.Rect) -> None:
        if not view.inflate(2 * radius, 2 * radius).collidepoint(at):
            return
        key = (radius, round(strength * 10))
        if key not in self._glows:
            self._glows[key] = _glow_picture(radius, key[1] / 10)
        where = (at[0] - radius - view.x, at[1] - radius - view.y)
        self._light.blit(self._glows[key], where, special_flags=pygame.BLEND_RGB_ADD)


def _frame(person: Person) -> int:
    """Which foot is forward: by the way gone, so that the walk fits any speed."""
    if not person.walking:
        return 0
    phase = int((person.x + person.y) * STEPS_PER_TILE * 2) % 4
    return (0, 1, 0, 2)[phase]


def _bed_of(person: Person, beds: dict[tuple[int, int], Thing]) -> Thing | None:
    """The bed that one who sleeps lies in: the one where it is, or beside it."""
    x, y = round(person.x), round(person.y)
    for dx, dy in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)):
        bed = beds.get((x + dx, y + dy))
        if bed is not None:
            return bed
    return None


def _awake(part: str) -> float:
    """The share of windows behind which a lamp burns."""
    return {"night": 0.35, "evening": 0.8}.get(part, 0.7)


def _shadow() -> pygame.Surface:
    shadow = pygame.Surface((14, 6), pygame.SRCALPHA, 32)
    pygame.draw.ellipse(shadow, (*pal.INK, 60), (0, 0, 14, 6))
    pygame.draw.ellipse(shadow, (*pal.INK, 95), (2, 1, 10, 4))
    return shadow


def _glow_picture(radius: int, strength: float) -> pygame.Surface:
    """A warm round light that fades in rings."""
    picture = pygame.Surface((2 * radius, 2 * radius), 0, 32)
    rings = 22
    for ring in range(rings):
        share = (ring + 1) / rings
        r = round(radius * (1 - ring / rings))
        colour = tuple(round(part * strength * share**1.5 * 0.66) for part in (255, 190, 96))
        pygame.draw.circle(picture, colour, (radius, radius), r)
    return picture
