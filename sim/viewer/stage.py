"""Draws the town of a scene: backdrop, furniture, people behind and before each other, light."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.backdrop import Backdrop
from burgh.sim.viewer.camera import TILE, Camera
from burgh.sim.viewer.far import BEYOND, FarStage, glow_picture, step_of
from burgh.sim.viewer.houses import House
from burgh.sim.viewer.lights import GLOWS, Lights
from burgh.sim.viewer.painter import Painter
from burgh.sim.viewer.scene import Person, Scene, Thing
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.walls import Pane

SLEEPING = 3  # the frame of one who sleeps


class Stage:
    """Keeps what is costly to make: the atlas, the map's backdrop, surfaces of the last size, glows.

    cache: a folder to keep painted backdrops in. patient: waits for the backdrop to be painted, and for all
    villagers to be dressed.
    """

    def __init__(self, cache: Path | None = None, *, patient: bool = True) -> None:
        self.atlas = Atlas(patient=patient)
        self.painter = Painter(self.atlas, cache, patient=patient)
        self.far = FarStage(self.atlas)
        self.lights = Lights()
        self._world = pygame.Surface((1, 1))
        self._light = pygame.Surface((1, 1))
        self._large = pygame.Surface((1, 1))
        self._glows: dict[tuple[int, int], pygame.Surface] = {}
        self._shadow = _shadow()

    def backdrop(self, scene: Scene) -> Backdrop:
        return self.painter.backdrop(scene.town, scene.things.values())

    def draw(
        self,
        target: pygame.Surface,
        scene: Scene,
        camera: Camera,
        selected: str | None = None,
        roofs: Mapping[str, float] | None = None,
    ) -> None:
        """Fills a target of the camera's size. roofs: how far each house's is closed, by path, 0 to 1; houses
        that are not named are open."""
        closed = roofs or {}
        self.atlas.begin_picture()
        if scene.town.width and camera.zoom < 1:
            self.far.draw(target, scene, camera, self.backdrop(scene), selected, closed)
            return
        left, top = math.floor(camera.left), math.floor(camera.top)
        size = (math.ceil(camera.width / camera.zoom) + 2, math.ceil(camera.height / camera.zoom) + 2)
        if self._world.get_size() != size:
            self._world, self._light = pygame.Surface(size, 0, 32), pygame.Surface(size, 0, 32)
        view = pygame.Rect(left, top, *size)
        world = self._world
        if scene.town.width:
            backdrop = self.backdrop(scene)
            if not backdrop.picture.get_rect().contains(view):
                world.fill(BEYOND)
            world.blit(backdrop.picture, (-left, -top))
            self._standing(world, scene, backdrop, view, selected, closed)
            self._shine(world, scene, backdrop, view, closed)
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
        whole = (width * math.ceil(zoom), height * math.ceil(zoom))
        if self._large.get_size() != whole:
            self._large = pygame.Surface(whole, 0, 32)
        larger = pygame.transform.scale(self._world, whole, self._large)
        target.blit(larger if zoom == int(zoom) else pygame.transform.smoothscale(larger, size), at)

    def _standing(  # noqa: PLR0917
        self,
        world: pygame.Surface,
        scene: Scene,
        backdrop: Backdrop,
        view: pygame.Rect,
        selected: str | None,
        closed: Mapping[str, float],
    ) -> None:
        """Furniture and people from north to south, each covered by the walls and trees south of it."""
        offset = view.topleft
        left, right = view.left / TILE - 2, view.right / TILE + 2
        top, bottom = view.top / TILE - 2, view.bottom / TILE + 3
        standing: list[tuple[float, int, Thing | Person | House]] = [
            (thing.y, 0, thing)
            for thing in scene.things.values()
            if left <= thing.x <= right and top <= thing.y <= bottom
        ]
        standing += [
            (house.row, 2, house)
            for house in backdrop.houses
            if closed.get(house.place.path, 0) > 0 and view.colliderect(house.box)
        ]
        beds = {(thing.x, thing.y): thing for thing in scene.things.values() if thing.kind == "bed"}
        for person in scene.people.values():
            if not (left <= person.x <= right and top <= person.y <= bottom):
                continue
            bed = _bed_of(person, beds) if person.asleep else None
            if bed is not None:
                self._sleeper(world, person, bed, backdrop, offset)
                standing = [item for item in standing if item[2] is not bed]
            else:
                standing.append((person.y, 1, person))
        standing.sort(key=_depth)
        for y, order, who in standing:
            if order == 2:
                self._roof(world, who, backdrop, closed, offset)  # type: ignore[arg-type]
                continue
            if isinstance(who, Thing):
                sprite = self.atlas.thing(who.kind, who.state)
                x, lift = float(who.x), 1
            else:
                assert isinstance(who, Person)
                sprite = self.atlas.walker(who, step_of(who))
                x, lift = who.x, 2
                feet = (round(x * TILE) + 8 - offset[0], round((y + 1) * TILE) - 3 - offset[1])
                if who.name == selected:
                    pygame.draw.ellipse(world, pal.LAMP, (feet[0] - 10, feet[1] - 5, 20, 10), 2)
                world.blit(self._shadow, (feet[0] - 7, feet[1] - 3))
            width, height = sprite.get_size()
            at = (round(x * TILE) + (TILE - width) // 2, round((y + 1) * TILE) - lift + 1 - height)
            world.blit(sprite, (at[0] - offset[0], at[1] - offset[1]))
            if backdrop.hides(x, y):
                backdrop.cover(world, pygame.Rect(*at, width, height), y, offset)

    @staticmethod
    def _roof(
        world: pygame.Surface,
        house: House,
        backdrop: Backdrop,
        closed: Mapping[str, float],
        offset: tuple[int, int],
    ) -> None:
        house.roof.set_alpha(round(255 * closed[house.place.path]))
        world.blit(house.roof, (house.x - offset[0], house.y - offset[1]))
        if closed[house.place.path] >= 1:
            backdrop.cover(world, house.box, house.row, offset)

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

    def _shine(
        self,
        world: pygame.Surface,
        scene: Scene,
        backdrop: Backdrop,
        view: pygame.Rect,
        closed: Mapping[str, float],
    ) -> None:
        """Multiplies the picture by the light: the sky's, and that of lamps, fires and windows."""
        light = scene.light
        if light.lamps <= 0 and min(light.ambient) == 255:
            return
        self._light.fill(light.ambient)
        lit: list[Pane] = []
        fires: list[Thing] = []
        if light.lamps > 0:
            fires = self.lights.fires(backdrop, scene.things.values(), closed)
            for thing in fires:
                at = (thing.x * TILE + 8, thing.y * TILE)
                self._glow(at, GLOWS[thing.kind], light.lamps, view)
            around = view.inflate(2 * TILE, 2 * TILE)
            windows = self.lights.windows(backdrop, light.part, closed)
            lit = [pane for pane in windows if around.collidepoint(pane.x, pane.y)]
            for pane in lit:
                at = (pane.x + pane.width // 2, pane.y + pane.height + 4)
                self._glow(at, 26, light.lamps * 0.7, view)
        world.blit(self._light, (0, 0), special_flags=pygame.BLEND_RGB_MULT)
        glass = pal.mix(pal.GLASS[1], pal.LAMP, min(1.0, 1.4 * light.lamps))
        for pane in lit:
            world.fill(glass, (pane.x - view.x, pane.y - view.y, pane.width, pane.height))
        for thing in fires:
            if thing.kind == "lantern":
                x, y = thing.x * TILE - view.x, (thing.y + 1) * TILE - 26 - view.y
                world.fill(pal.mix(pal.GLASS[2], pal.LAMP, light.lamps), (x + 5, y + 4, 6, 6))
                world.fill(pal.PLASTER[2], (x + 7, y + 5, 2, 4))

    def _glow(self, at: tuple[int, int], radius: int, strength: float, view: pygame.Rect) -> None:
        if not view.inflate(2 * radius, 2 * radius).collidepoint(at):
            return
        key = (radius, round(strength * 10))
        if key not in self._glows:
            self._glows[key] = glow_picture(radius, key[1] / 10)
        where = (at[0] - radius - view.x, at[1] - radius - view.y)
        self._light.blit(self._glows[key], where, special_flags=pygame.BLEND_RGB_ADD)


def _depth(item: tuple[float, int, Thing | Person | House]) -> tuple[float, int]:
    return item[0], item[1]


def _bed_of(person: Person, beds: dict[tuple[int, int], Thing]) -> Thing | None:
    """The bed that one who sleeps lies in: the one where it is, or beside it."""
    x, y = round(person.x), round(person.y)
    for dx, dy in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)):
        bed = beds.get((x + dx, y + dy))
        if bed is not None:
            return bed
    return None


def _shadow() -> pygame.Surface:
    shadow = pygame.Surface((14, 6), pygame.SRCALPHA, 32)
    pygame.draw.ellipse(shadow, (*pal.INK, 60), (0, 0, 14, 6))
    pygame.draw.ellipse(shadow, (*pal.INK, 95), (2, 1, 10, 4))
    return shadow
