"""Whole roofs, one picture a house: they lie over the rooms until one looks inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.cells import Cells
from burgh.sim.viewer.ground import TILE
from burgh.sim.viewer.noise import hash_cell, hashed
from burgh.sim.viewer.roofs import ABOVE, COLOURS, EAVES, SLATE
from burgh.sim.viewer.scene import Place, Thing, TownMap
from burgh.sim.viewer.walls import FOOT, RISE, Pixels, stone_walls

RIDGE = 0.4  # of the roof's height: the ridge, north of it the slope that turns away from the eye
TOP = 8  # pixels that are free above a roof, for chimneys
COURSE = 5  # pixels of a row of shingles
CHIMNEYS = frozenset({"hearth", "oven"})


@dataclass(frozen=True, slots=True)
class House:
    """A house's roof. x, y: of its picture's upper left corner, in pixels of the map. row: of its front."""

    place: Place
    x: int
    y: int
    row: int
    roof: pygame.Surface

    def holds(self, x: float, y: float) -> bool:
        """Whether a tile lies in the house."""
        place = self.place
        return place.x <= x < place.x + place.width and place.y <= y < place.y + place.height

    @property
    def box(self) -> pygame.Rect:
        return pygame.Rect(self.x, self.y, *self.roof.get_size())


def houses(town: TownMap, cells: Cells, things: Iterable[Thing] = ()) -> tuple[House, ...]:
    """The houses of a map: its buildings that have a row of roof at their back."""
    stone, fires = stone_walls(cells), [thing for thing in things if thing.kind in CHIMNEYS]
    found = []
    for place in town.places:
        area = (slice(place.y, place.y + place.height), slice(place.x, place.x + place.width))
        if place.kind == "building" and cells.roof[area][:1].any():
            x, y = place.x * TILE - EAVES, place.y * TILE - ABOVE - TOP
            size = (place.width * TILE + 2 * EAVES, place.height * TILE + ABOVE + FOOT - TILE - RISE + 2)
            ramp = SLATE if stone[area].any() else _tiles(place)
            inside = [t for t in fires if place.x <= t.x < place.x + place.width]
            inside = [t for t in inside if place.y <= t.y < place.y + place.height]
            roof = _surface(_paint(size, ramp, [(t.x - place.x) * TILE + EAVES + 2 for t in inside[:2]]))
            found.append(House(place, x, y, place.y + place.height - 1, roof))
    return tuple(found)


def _tiles(place: Place) -> pal.Ramp:
    return COLOURS[int(hash_cell(place.x, place.y, 41) * len(COLOURS))]


def _paint(size: tuple[int, int], ramp: pal.Ramp, chimneys: Sequence[int]) -> Pixels:
    """A roof of two slopes, seen from the south: courses of shingles, a ridge, boards at its ends."""
    width, height = size
    top = TOP
    picture = np.zeros((height + top, width, 4), np.uint8)
    ys, xs = np.mgrid[0:height, 0:width]
    ridge = int(height * RIDGE)
    course = np.where(ys < ridge, ys // (COURSE - 1), (ys - ridge) // COURSE + 40)
    in_course = np.where(ys < ridge, ys % (COURSE - 1), (ys - ridge) % COURSE)
    offset = xs + 4 * (course % 2)
    tone = hashed(offset // 8, course, 42)
    dark, middle, light = ramp
    colours = np.empty((height, width, 3), np.float32)
    colours[:] = middle
    colours[tone < 0.22] = pal.mix(dark, middle, 0.6)
    colours[tone > 0.76] = pal.mix(middle, light, 0.5)
    last = np.where(ys < ridge, COURSE - 2, COURSE - 1)
    colours[(in_course == last) | (offset % 8 == 0)] = pal.mix(dark, middle, 0.3)
    lit = (in_course == 0) & (offset % 8 != 0)
    colours[lit] = pal.mix(middle, light, 0.45)
    far = ys < ridge
    colours[far] = colours[far] * 0.82 + np.array(pal.INK, np.float32) * 0.08
    fall = np.clip((ys - ridge) / max(1, height - ridge), 0, 1)[..., None]  # lower is a little darker
    colours *= 1.04 - 0.14 * np.where(far[..., None], 0.2, fall)
    colours[ridge - 2 : ridge + 1] = light
    colours[ridge + 1] = dark
    colours[ridge - 3] = dark
    for edge in (slice(0, 3), slice(width - 3, width)):
        colours[:, edge] = pal.TIMBER[2]
    colours[:, 3] = colours[:, width - 4] = pal.mix(dark, pal.INK, 0.4)
    colours[height - 4 : height - 1] = pal.mix(pal.TIMBER[1], pal.TIMBER[2], 0.5)
    colours[height - 5] = pal.mix(dark, pal.INK, 0.45)
    colours[0] = colours[height - 1] = pal.INK
    colours[:, 0] = colours[:, width - 1] = pal.INK
    picture[top:, :, :3] = np.clip(colours, 0, 255).astype(np.uint8)
    picture[top:, :, 3] = 255
    for left in chimneys:
        _chimney(picture, min(max(6, left), width - 18), top + ridge)
    return picture


def _chimney(picture: Pixels, left: int, foot: int) -> None:
    tall, wide = 20, 12
    y0 = max(0, foot - tall)
    picture[y0 : foot + 3, left : left + wide] = (*pal.INK, 255)
    body = picture[y0 + 1 : foot + 2, left + 1 : left + wide - 1]
    ys, xs = np.mgrid[0 : body.shape[0], 0 : body.shape[1]]
    joint = (ys % 4 == 3) | ((xs + 3 * (ys // 4 % 2)) % 6 == 0)
    body[..., :3] = np.where(
        joint[..., None], pal.STONE[0], np.where(xs[..., None] < 6, pal.STONE[2], pal.STONE[1])
    )
    picture[y0 + 1 : y0 + 4, left + 1 : left + wide - 1, :3] = pal.STONE[2]
    picture[y0 + 1 : y0 + 3, left + 3 : left + wide - 3, :3] = pal.INK


def _surface(pixels: Pixels) -> pygame.Surface:
    size = (pixels.shape[1], pixels.shape[0])
    picture = pygame.Surface(size, pygame.SRCALPHA, 32)
    picture.blit(pygame.image.frombuffer(pixels.tobytes(), size, "RGBA"), (0, 0))
    return picture
