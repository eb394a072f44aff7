"""The pictures of a page: the map in its parts, and sheets of people and things, as PNG in text."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from burgh.sim.types import Json
from burgh.sim.viewer.scene import Person, Thing, TownMap
from burgh.sim.viewer.web.collect import FACINGS

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # before pygame: pictures need no screen
import pygame

from burgh.sim.viewer.backdrop import Backdrop, paint_backdrop
from burgh.sim.viewer.lights import GLOWS
from burgh.sim.viewer.sprites import LIT_STATES, Atlas
from burgh.sim.viewer.stage import SLEEPING
from burgh.sim.viewer.walls import OVERHANG

WIDTH, HEIGHT = 16, 24  # of a person, in pixels
STEPS = 3  # pictures of a walk


def pictures(
    town: TownMap, people: Iterable[Person], things: Sequence[Thing], kinds: Iterable[tuple[str, str]]
) -> dict[str, Json]:
    """Everything that is drawn. things: as they stand at first. kinds: each kind and state of thing that
    comes up."""
    atlas = Atlas()
    backdrop = paint_backdrop(town, atlas, things)
    return {
        "ground": _png(backdrop.picture),
        **_strips(backdrop),
        **_roofs(backdrop),
        **_people(atlas, people),
        **_things(atlas, kinds),
        "panes": [[pane.x, pane.y, pane.width, pane.height] for pane in backdrop.panes],
        "overhang": OVERHANG,
        "glows": dict(GLOWS),
    }


def _strips(backdrop: Backdrop) -> dict[str, Json]:
    """What stands on each row of cells, one strip below the other."""
    strips = [(row, strip) for row, strip in enumerate(backdrop.strips) if strip is not None]
    rows, boxes, top = [], [], 0
    for row, strip in strips:
        box = strip.get_bounding_rect()
        rows.append([row, box.x, box.y, box.width, box.height, top])
        boxes.append((strip, box, top))
        top += box.height
    sheet = _sheet((backdrop.picture.get_width(), top))
    for strip, box, at in boxes:
        sheet.blit(strip, (0, at), box)
    return {"strips": _png(sheet), "stripRows": rows}


def _roofs(backdrop: Backdrop) -> dict[str, Json]:
    """The roofs, one below the other."""
    wide = max((house.roof.get_width() for house in backdrop.houses), default=1)
    sheet = _sheet((wide, sum(house.roof.get_height() for house in backdrop.houses)))
    rows, top = [], 0
    for house in backdrop.houses:
        sheet.blit(house.roof, (0, top))
        place, size = house.place, house.roof.get_size()
        rows.append([place.x, place.y, place.width, place.height, house.x, house.y, *size, top, house.row])
        top += size[1]
    return {"roofs": _png(sheet), "houses": rows}


def _people(atlas: Atlas, people: Iterable[Person]) -> dict[str, Json]:
    """A row a person: three steps for each way one faces, then asleep."""
    named = list(people)
    sheet = _sheet(((STEPS * len(FACINGS) + 1) * WIDTH, len(named) * HEIGHT))
    for row, person in enumerate(named):
        for column, facing in enumerate(FACINGS):
            turned = replace(person, facing=facing)  # type: ignore[arg-type]
            for step in range(STEPS):
                at = ((column * STEPS + step) * WIDTH, row * HEIGHT)
                sheet.blit(atlas.person(turned, step), at)
        sheet.blit(atlas.person(person, SLEEPING), (STEPS * len(FACINGS) * WIDTH, row * HEIGHT))
    return {"folk": _png(sheet)}


def _things(atlas: Atlas, kinds: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """The pictures of things, side by side; the box of each kind, lit and not."""
    found: Mapping[str, pygame.Surface] = {
        f"{kind}/{'lit' if state in LIT_STATES else ''}": atlas.thing(kind, state)
        for kind, state in sorted(set(kinds))
    }
    high = max((picture.get_height() for picture in found.values()), default=1)
    sheet = _sheet((sum(picture.get_width() for picture in found.values()), high))
    boxes, left = {}, 0
    for name, picture in found.items():
        sheet.blit(picture, (left, 0))
        boxes[name] = [left, *picture.get_size()]
        left += picture.get_width()
    return {"stuff": _png(sheet), "stuffBoxes": boxes}


def _sheet(size: tuple[int, int]) -> pygame.Surface:
    return pygame.Surface((max(1, size[0]), max(1, size[1])), pygame.SRCALPHA, 32)


def _png(picture: pygame.Surface) -> str:
    """A picture as the address of itself."""
    file = io.BytesIO()
    pygame.image.save(picture, file, "picture.png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
