"""Two runs side by side at one moment: what is otherwise in them is ringed, and where they part is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.record.files import write_whole
from burgh.sim.types import BurghError
from burgh.sim.viewer.hud import Status, plaque
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.scene import Scene
from burgh.sim.viewer.shot import LEAST, MOST
from burgh.sim.viewer.view import FOLLOW_ZOOM, View

GAP = 4  # pixels between the two
LETTERS = 15
LARGER = 1.3  # letters, beside what half a window would make them


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. title: the run's name."""

    title: str
    playback: Playback


class Pair:
    """Draws two runs at a tick. parted: the tick from which on they differ, None where they never do."""

    def __init__(
        self, sides: Sequence[Side], size: tuple[int, int], *, parted: int | None, cache: Path | None = None
    ) -> None:
        self.sides = tuple(sides)
        self.parted = parted
        self.views = tuple(View(_half(size), cache=cache) for _ in self.sides)
        for view in self.views:
            view.letters, view.minimap_shown = LARGER, False
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Takes over the size of the surface to draw on."""
        self.size = size
        for view in self.views:
            view.resize(_half(size))

    def left_of(self, number: int) -> int:
        """The first column of pixels of a side."""
        return number * (_half(self.size)[0] + GAP)

    def draw(self, target: pygame.Surface, tick: float, status: Status) -> None:
        target.fill(pal.INK)
        if self.size[0] < LEAST:
            return
        scenes = [side.playback.at(min(tick, side.playback.last_tick)) for side in self.sides]
        ringed = frozenset(differing(*scenes))
        for number, (side, view) in enumerate(zip(self.sides, self.views, strict=True)):
            half = target.subsurface(pygame.Rect((self.left_of(number), 0), _half(self.size)))
            ended = tick >= side.playback.last_tick
            view.ringed = ringed
            view.draw(
                half,
                side.playback,
                min(tick, side.playback.last_tick),
                replace(status, title=side.title, at_edge=ended),
            )
        self._titles(target, tick)

    def follow(self, leader: int) -> None:
        """The other view looks where this one does, and at the same villager."""
        first = self.views[leader]
        for view in self.views:
            if view is first:
                continue
            if view.selected != first.selected:
                view.select(first.selected)
            if view.letters != first.letters:
                view.letters = first.letters
                view.resize(view.size)
            view.follow, view.hall_shown, view.roofs.mode = first.follow, first.hall_shown, first.roofs.mode
            view.panel.page, view.panel.wide = first.panel.page, first.panel.wide
            view.camera.x, view.camera.y, view.camera.zoom = first.camera.x, first.camera.y, first.camera.zoom

    def look_at_differences(self) -> None:
        """Points both at the middle of those who differ, as far as there are any."""
        one, other = (view.scene for view in self.views)
        if one is None or other is None or not one.town.width:
            return
        apart = [
            scene.people[name]
            for name in differing(one, other)
            for scene in (one, other)
            if name in scene.people
        ]
        if apart:
            camera = self.views[0].camera
            camera.x = sum(person.x for person in apart) / len(apart)
            camera.y = sum(person.y for person in apart) / len(apart)
            self.views[0].follow = False
        self.follow(0)

    def _titles(self, target: pygame.Surface, tick: float) -> None:
        """Each run's name above it, and between them, over the times, whether the two are still the same."""
        fonts = self.views[0].fonts
        half, free = _half(self.size)[0], fonts.px(230)  # of the clock, and as much on the other side
        for number, side in enumerate(self.sides):
            title = fonts.wrap(side.title, LETTERS, max(fonts.px(60), half - 2 * free), 1)[0]
            self._plaque(target, title, self.left_of(number) + half // 2, fonts.px(8))
        if self.parted is None:
            said = "no difference"
        else:
            when = f"{self.sides[0].playback.clock.at(self.parted):%H:%M}"
            said = f"parted at {when}" if tick >= self.parted else f"the same until {when}"
        lines = fonts.px(8) + 4 * (fonts.height(12) + fonts.px(2))  # of what happened last, on the right
        top = self.views[0].hud.times.bar.y - lines - fonts.height(LETTERS) - fonts.px(18)
        self._plaque(target, said, self.size[0] // 2, top)

    def _plaque(self, target: pygame.Surface, text: str, middle: int, top: int) -> None:
        fonts = self.views[0].fonts
        words = fonts.draw(text, LETTERS, pal.INK)
        box = words.get_rect(midtop=(middle, top)).inflate(fonts.px(18), fonts.px(8))
        plaque(target, box, fonts)
        target.blit(words, words.get_rect(center=box.center))


def differing(one: Scene, other: Scene) -> tuple[str, ...]:
    """Who is in another place of the map in the other run, does something else, or is not there."""
    names = dict.fromkeys((*one.people, *other.people))
    return tuple(name for name in names if _state(one, name) != _state(other, name))


def _state(scene: Scene, name: str) -> tuple[object, ...] | None:
    person = scene.people.get(name)
    return None if person is None else (int(person.x), int(person.y), person.activity, person.goal)


def _half(size: tuple[int, int]) -> tuple[int, int]:
    return max(1, (size[0] - GAP) // 2), size[1]


def pair_shot(
    one: Path,
    other: Path,
    out_png: Path,
    *,
    at: int,
    parted: int | None,
    size: tuple[int, int] = (1280, 720),
    follow: str | None = None,
) -> None:
    """Draws both runs at a tick into a PNG file. Raises BurghError as `shot` does."""
    if out_png.suffix.lower() != ".png":
        raise BurghError(f"pictures are drawn as PNG: {out_png} does not end in .png")
    if not all(LEAST <= side <= MOST for side in size):
        raise BurghError(f"no picture of {size[0]} x {size[1]} pixels can be drawn: take {LEAST} to {MOST}")
    sides = [Side(path.name, open_playback(path)) for path in (one, other)]
    try:
        pair, target = Pair(sides, size, parted=parted), pygame.Surface(size, 0, 32)
        status = Status(paused=False, speed=None, live=False, at_edge=False)
        pair.draw(target, at, status)
        if follow is not None:
            for view, side in zip(pair.views, sides, strict=True):
                if follow not in side.playback.tip.people:
                    known = ", ".join(side.playback.tip.people) or "nobody"
                    raise BurghError(f"nobody in {side.title} is called {follow!r}: {known}")
                view.select(follow)
                view.camera.zoom = FOLLOW_ZOOM
            pair.draw(target, at, status)
        else:
            pair.look_at_differences()
            pair.draw(target, at, status)
        picture = BytesIO()
        pygame.image.save(target, picture, "picture.png")
        write_whole(out_png, picture.getvalue())
    except OSError as error:
        raise BurghError(f"the picture {out_png} cannot be written: {error.strerror}") from None
    finally:
        for side in sides:
            side.playback.close()
