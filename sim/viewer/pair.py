"""Two runs side by side at one moment: what is otherwise in them is ringed, and where they part is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.clock import Clock
from burgh.sim.record.files import write_whole
from burgh.sim.types import BurghError
from burgh.sim.viewer.camera import TILE
from burgh.sim.viewer.hud import Status, plaque
from burgh.sim.viewer.mouse import Mouse
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.player import Player
from burgh.sim.viewer.scene import Scene
from burgh.sim.viewer.shot import LEAST, MOST
from burgh.sim.viewer.view import FOLLOW_ZOOM, View

GAP = 4  # pixels between the two
LETTERS = 15
LARGER = 1.3  # letters, beside what half a window would make them
APART = pal.LAMP  # the ring around who is elsewhere, or does something else, in the other run


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
        self.size = size
        for view in self.views:
            view.resize(_half(size))

    def left_of(self, number: int) -> int:
        """The first column of pixels of a side."""
        return number * (_half(self.size)[0] + GAP)

    def draw(self, target: pygame.Surface, tick: float, status: Status) -> None:
        target.fill(pal.INK)
        scenes = []
        for number, (side, view) in enumerate(zip(self.sides, self.views, strict=True)):
            half = target.subsurface(pygame.Rect((self.left_of(number), 0), _half(self.size)))
            ended = tick >= side.playback.last_tick
            view.draw(
                half,
                side.playback,
                min(tick, side.playback.last_tick),
                replace(status, title=side.title, at_edge=ended),
            )
            if view.scene is not None:
                scenes.append(view.scene)
        if len(scenes) == len(self.views):
            self._ring(target, scenes)
        self._titles(target, tick)

    def follow(self, leader: int) -> None:
        """The other view looks where this one does, and at the same villager."""
        first = self.views[leader]
        for view in self.views:
            if view is first:
                continue
            if view.selected != first.selected:
                view.select(first.selected)
            view.follow, view.letters = first.follow, first.letters
            view.camera.x, view.camera.y, view.camera.zoom = first.camera.x, first.camera.y, first.camera.zoom

    def _ring(self, target: pygame.Surface, scenes: Sequence[Scene]) -> None:
        """Around the feet of those who are elsewhere or do something else than in the other run."""
        apart = differing(*scenes)
        for number, (view, scene) in enumerate(zip(self.views, scenes, strict=True)):
            if not scene.town.width:
                continue
            half = target.subsurface(pygame.Rect((self.left_of(number), 0), _half(self.size)))
            town = half.subsurface(view.town)
            for name in apart:
                person = scene.people.get(name)
                if person is None:
                    continue
                x, y = view.camera.to_screen(person.x + 0.5, person.y + 0.85)
                if view.is_covered(x, y):
                    continue
                wide = round(TILE * view.camera.zoom * 1.3)
                box = pygame.Rect(0, 0, wide, max(4, wide // 2))
                box.center = (round(x), round(y))
                pygame.draw.ellipse(town, pal.INK, box.inflate(2, 2), 4)
                pygame.draw.ellipse(town, APART, box, 2)

    def _titles(self, target: pygame.Surface, tick: float) -> None:
        """Each run's name, and whether the two are still the same."""
        fonts = self.views[0].fonts
        for number, side in enumerate(self.sides):
            self._plaque(target, side.title, self.left_of(number) + _half(self.size)[0] // 2, fonts.px(8))
        if self.parted is None:
            said = "no difference"
        else:
            when = f"{self.sides[0].playback.clock.at(self.parted):%H:%M}"
            said = f"parted at {when}" if tick >= self.parted else f"the same until {when}"
        self._plaque(target, said, self.size[0] // 2, fonts.px(8) + fonts.height(LETTERS) + fonts.px(16))

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


class Both(Playback):
    """What a player needs of two runs: where the later one ends."""

    def __init__(self, sides: Sequence[Side]) -> None:
        super().__init__()
        self._sides = tuple(sides)

    @property
    def last_tick(self) -> int:
        return max(side.playback.last_tick for side in self._sides)

    @property
    def clock(self) -> Clock:
        return self._sides[0].playback.clock

    def next_mark(self, tick: float, *, forward: bool = True, kind: str | None = None) -> int | None:
        found = [side.playback.next_mark(tick, forward=forward, kind=kind) for side in self._sides]
        ticks = [one for one in found if one is not None]
        return (min(ticks) if forward else max(ticks)) if ticks else None


class PairWindow:
    """A window on two runs. Keys and mouse as with one run, as far as they are about time and looking."""

    def __init__(self, sides: Sequence[Side], *, parted: int | None, cache: Path | None = None) -> None:
        from burgh.sim.viewer.window import open_screen

        self.open = True
        self.screen = open_screen(f"burgh: {sides[0].title} and {sides[1].title}")
        self.pair = Pair(sides, self.screen.get_size(), parted=parted, cache=cache)
        self.player = Player(Both(sides))
        self.mice = [Mouse(view, self.player) for view in self.pair.views]
        if parted is not None:
            self.player.seek(max(0, parted - 1))
            self.player.paused = True

    def run(self) -> None:
        clock = pygame.time.Clock()
        try:
            while self.open:
                self.frame(clock.tick(60) / 1000)
        finally:
            pygame.display.quit()

    def frame(self, seconds: float) -> None:
        for event in pygame.event.get():
            self._handle(event)
        if not self.open:
            return
        self.player.advance(seconds)
        for view in self.pair.views:
            view.roofs.advance(seconds)
        self.pair.draw(self.screen, self.player.tick, self.status)
        pygame.display.flip()

    @property
    def status(self) -> Status:
        player = self.player
        return Status(paused=player.paused, speed=player.speed, live=False, at_edge=player.at_edge)

    def _handle(self, event: pygame.event.Event) -> None:
        if event.type == pygame.QUIT:
            self.open = False
        elif event.type == pygame.VIDEORESIZE:
            self.screen = pygame.display.get_surface() or self.screen
            self.pair.resize(self.screen.get_size())
        elif event.type == pygame.KEYDOWN:
            self._pressed(event)
        elif event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION):
            self._moused(event)
        elif event.type == pygame.MOUSEWHEEL:
            pointed = [n for n, view in enumerate(self.pair.views) if view.pointer is not None]
            leader = pointed[0] if pointed else 0
            self.mice[leader].handle(event)
            self.pair.follow(leader)

    def _moused(self, event: pygame.event.Event) -> None:
        leader = int(event.pos[0] >= self.pair.left_of(1))
        inside = (event.pos[0] - self.pair.left_of(leader), event.pos[1])
        told = {**event.dict, "pos": inside}
        self.mice[leader].handle(pygame.event.Event(event.type, told))
        for number, view in enumerate(self.pair.views):
            if number != leader:
                view.pointer = None
        self.pair.follow(leader)

    def _pressed(self, event: pygame.event.Event) -> None:
        player, view = self.player, self.pair.views[0]
        if event.key == pygame.K_SPACE:
            player.paused = not player.paused
        elif event.unicode in {"+", "=", "-"}:
            player.faster(-1 if event.unicode == "-" else 1)
        elif event.unicode in {".", ","}:
            player.step(1 if event.unicode == "." else -1)
        elif event.key in (pygame.K_HOME, pygame.K_END):
            player.seek(0 if event.key == pygame.K_HOME else player.playback.last_tick)
        elif event.key in (pygame.K_n, pygame.K_b):
            tick = player.playback.next_mark(player.tick, forward=event.key == pygame.K_n)
            player.seek(player.tick if tick is None else tick)
        elif event.key == pygame.K_d and self.pair.parted is not None:
            player.seek(self.pair.parted)
        elif event.key == pygame.K_0 and view.scene is not None:
            view.frame_whole(view.scene)
        elif event.key == pygame.K_TAB and view.scene is not None:
            names = [None, *view.scene.people]
            view.select(names[(names.index(view.selected) + 1) % len(names)])
        elif event.key == pygame.K_ESCAPE:
            self.open = view.selected is not None
            view.select(None)
        self.pair.follow(0)


def watch_pair(one: Path, other: Path, *, parted: int | None) -> None:
    """Opens a window on two runs and returns when it is closed. Raises BurghError: no record, no display."""
    from burgh.sim.viewer.window import cache_folder, need_display

    need_display()
    sides = [Side(path.name, open_playback(path)) for path in (one, other)]
    try:
        PairWindow(sides, parted=parted, cache=cache_folder()).run()
    finally:
        for side in sides:
            side.playback.close()


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
        status = Status(paused=False, speed=1.0, live=False, at_edge=False)
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
            _look_at_differences(pair)
            pair.draw(target, at, status)
        picture = BytesIO()
        pygame.image.save(target, picture, "picture.png")
        write_whole(out_png, picture.getvalue())
    except OSError as error:
        raise BurghError(f"the picture {out_png} cannot be written: {error.strerror}") from None
    finally:
        for side in sides:
            side.playback.close()


def _look_at_differences(pair: Pair) -> None:
    """Both views at the middle of those who differ in the first, as far as there are any."""
    one, other = (view.scene for view in pair.views)
    if one is None or other is None or not one.town.width:
        return
    apart = [
        scene.people[name] for name in differing(one, other) for scene in (one, other) if name in scene.people
    ]
    if apart:
        pair.views[0].camera.x = sum(person.x for person in apart) / len(apart)
        pair.views[0].camera.y = sum(person.y for person in apart) / len(apart)
        pair.views[0].follow = False
    pair.follow(0)
