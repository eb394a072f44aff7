"""The desktop's window, with nothing in it yet: opened, as large as the screen and back, moved by arrows."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from abc import ABC, abstractmethod

import pygame

from burgh.sim.command import burgh_command
from burgh.sim.types import BurghError
from burgh.sim.viewer.camera import TILE
from burgh.sim.viewer.view import View

SIZE = (1280, 720)
FRAMES_PER_SECOND = 60
PAN_TILES = 40  # that an arrow moves the map by in a second, at zoom 1


class Screen(ABC):
    """What is shown in it is the business of those who inherit: they draw to `screen` in `frame`, and take
    over its new size in `resized`. `run` goes on until it is closed."""

    def __init__(self, title: str) -> None:
        self.open = True
        self.full = False
        self.screen = open_screen(title)
        self._small_size = SIZE
        self._held: set[int] = set()

    def run(self) -> None:
        """Shows it until it is closed."""
        clock = pygame.time.Clock()
        try:
            self.frame(0.0)
            self.settle()
            while self.open:
                self.frame(clock.tick(FRAMES_PER_SECOND) / 1000)
        finally:
            gc.unfreeze()
            self.closed()
            pygame.display.quit()

    def settle(self) -> None:
        """What has been loaded by now stays: the garbage collector, which otherwise looks at all of it in the
        middle of a frame, has only to look at what comes after."""
        gc.collect()
        gc.freeze()

    @abstractmethod
    def frame(self, seconds: float) -> None:
        """One round of the loop, so long after the last one."""

    @abstractmethod
    def resized(self) -> None:
        """The screen has another size."""

    def closed(self) -> None:  # noqa: B027
        """It is about to go."""

    def fill_screen(self, *, full: bool) -> None:
        """Goes to the whole screen, or back to the size that the window had."""
        if full and not self.full:
            self._small_size = self.screen.get_size()
            sizes = pygame.display.get_desktop_sizes()
            pygame.display.set_mode(sizes[0] if sizes else self._small_size, pygame.FULLSCREEN)
        elif self.full and not full:
            pygame.display.set_mode(self._small_size, pygame.RESIZABLE)
        self.full = full
        self.take_size()

    def take_size(self) -> None:
        """Draws from now on to the screen as it is."""
        self.screen = pygame.display.get_surface() or self.screen
        self.resized()

    def takes(self, event: pygame.event.Event) -> bool:
        """Does what is the same whatever is shown: it is closed, has another size, a key is let go."""
        if event.type == pygame.QUIT:
            self.open = False
        elif event.type == pygame.VIDEORESIZE:
            self.take_size()
        elif event.type == pygame.KEYUP:
            self.held(event.key, down=False)
        else:
            return False
        return True

    def held(self, key: int, *, down: bool) -> None:
        """A key is pressed or let go."""
        (self._held.add if down else self._held.discard)(key)

    def move_by_arrows(self, view: View, seconds: float) -> None:
        """Moves a view's map as long as arrows are held."""
        dx = (pygame.K_RIGHT in self._held) - (pygame.K_LEFT in self._held)
        dy = (pygame.K_DOWN in self._held) - (pygame.K_UP in self._held)
        if dx or dy:
            view.follow = False
            speed = PAN_TILES * TILE * seconds
            view.camera.pan(-dx * speed, -dy * speed)


def open_screen(title: str) -> pygame.Surface:
    """The window's surface. Raises BurghError where there is no display."""
    try:
        need_display()
        pygame.display.init()
        screen = pygame.display.set_mode(first_size(), pygame.RESIZABLE)
    except pygame.error as error:
        raise BurghError(_no_window(str(error))) from None
    pygame.display.set_caption(title)
    pygame.key.set_repeat(350, 60)
    return screen


def first_size() -> tuple[int, int]:
    """The size to open with: SIZE, as many times as the desktop says that things are larger, if that fits."""
    scale = 1.0
    for name in ("BURGH_SCALE", "GDK_SCALE", "QT_SCALE_FACTOR"):
        with contextlib.suppress(ValueError):
            scale = max(scale, min(4.0, float(os.environ.get(name, ""))))
    sizes = pygame.display.get_desktop_sizes()
    wide, high = sizes[0] if sizes else SIZE
    scale = max(1.0, min(scale, wide / SIZE[0], high / SIZE[1]))
    return round(SIZE[0] * scale), round(SIZE[1] * scale)


def need_display() -> None:
    """Raises BurghError where there is no display: SDL would take a text console or draw nowhere."""
    chosen = any(os.environ.get(name) for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"))
    if chosen or sys.platform in {"darwin", "win32"}:
        return
    raise BurghError(_no_window("no display was found"))


def _no_window(why: str) -> str:
    draws = f"`{burgh_command()} watch RUN --shot FILE.png` draws a picture without one"
    return f"no window can be opened ({why}): {draws}"
