"""The window: shows a run from its record, finished or still going on; keys and mouse."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pygame

from burgh.sim.command import burgh_command
from burgh.sim.protocols import Controls
from burgh.sim.types import BurghError
from burgh.sim.viewer.camera import TILE
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.player import Player
from burgh.sim.viewer.view import View
from burgh.sim.weights import home

SIZE = (1280, 720)
LEAST_SIZE = (480, 320)
FRAMES_PER_SECOND = 60
POLL_SECONDS = 0.1
READING_SECONDS = 0.008  # of a frame, where more has been recorded than was read
FIRST_READING_SECONDS = 0.5
DRAG_PIXELS = 4  # a press that moves less is a click


class Window:
    """One window on one run. `frame` does one round of the loop; `run` goes on until it is closed."""

    def __init__(
        self,
        playback: Playback,
        *,
        controls: Controls | None = None,
        title: str = "burgh",
        cache: Path | None = None,
    ) -> None:
        self.playback = playback
        self.controls = controls
        self.open = True
        self.title = title
        self.log, self.help = True, False
        playback.read_on(FIRST_READING_SECONDS)
        self.screen = _open_screen(title)
        self.view = View(self.screen.get_size(), cache=cache, patient=False)
        self.player = Player(self.playback, controls)
        self._since_poll = 0.0
        self._pressed: tuple[int, int] | None = None
        self._dragging = self._seeking = False
        self._held: set[int] = set()
        self._keys = self._key_table()

    def run(self) -> None:
        """Shows the run until the window is closed; then lets a run that goes on go on by itself."""
        clock = pygame.time.Clock()
        try:
            while self.open:
                self.frame(clock.tick(FRAMES_PER_SECOND) / 1000)
        finally:
            self.player.release()
            pygame.display.quit()

    def frame(self, seconds: float) -> None:
        """Reads what is new, handles what was pressed, lets time pass, draws."""
        self._since_poll += seconds
        if self._since_poll >= POLL_SECONDS or self.playback.share_read < 1:
            self._since_poll = 0.0
            self.playback.read_on(READING_SECONDS)
        for event in pygame.event.get():
            self._handle(event)
        if not self.open:
            return
        self._move_by_arrows(seconds)
        self.player.advance(seconds, reading=any(b.age < 1 for b, _ in self.view.bubbles))
        self.view.roofs.advance(seconds)
        self.view.draw(self.screen, self.playback, self.player.tick, self.status)
        pygame.display.flip()

    @property
    def status(self) -> Status:
        return Status(
            paused=self.player.paused,
            speed=self.player.speed,
            live=not self.playback.ended and self.controls is not None,
            at_edge=self.player.at_edge,
            title=self.title,
            log=self.log,
            help=self.help,
        )

    def _handle(self, event: pygame.event.Event) -> None:
        if event.type == pygame.QUIT:
            self.open = False
        elif event.type == pygame.VIDEORESIZE:
            self._resized()
        elif event.type == pygame.KEYDOWN:
            action = self._keys.get(event.key) or self._letters.get(event.unicode)
            if action is not None:
                action()
            self._held.add(event.key)
        elif event.type == pygame.KEYUP:
            self._held.discard(event.key)
        elif event.type == pygame.MOUSEWHEEL:
            x, y = pygame.mouse.get_pos()
            self.view.camera.zoom_at(x, y, event.y)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self._press(event.pos)
        elif event.type == pygame.MOUSEMOTION:
            self._drag(event.pos, event.rel)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._release(event.pos)

    def _key_table(self) -> dict[int, Callable[[], None]]:
        player = self.player
        self._letters: dict[str, Callable[[], None]] = {
            "+": player.faster,
            "=": player.faster,
            "-": lambda: player.faster(-1),
            ".": lambda: player.step(1),
            ",": lambda: player.step(-1),
            "?": self._toggle_help,
        }
        return {
            pygame.K_SPACE: self._toggle_pause,
            pygame.K_KP_PLUS: player.faster,
            pygame.K_KP_MINUS: lambda: player.faster(-1),
            pygame.K_HOME: lambda: player.seek(0),
            pygame.K_END: lambda: player.seek(self.playback.last_tick),
            pygame.K_n: lambda: self._to_mark(forward=True),
            pygame.K_b: lambda: self._to_mark(forward=False),
            pygame.K_TAB: self._next_villager,
            pygame.K_f: self._toggle_follow,
            pygame.K_0: self._whole_town,
            pygame.K_l: self._toggle_log,
            pygame.K_F1: self._toggle_help,
            pygame.K_F11: lambda: _done(pygame.display.toggle_fullscreen()),
            pygame.K_ESCAPE: self._escape,
        }

    def _toggle_pause(self) -> None:
        self.player.paused = not self.player.paused

    def _toggle_help(self) -> None:
        self.help = not self.help

    def _toggle_log(self) -> None:
        self.log = not self.log

    def _toggle_follow(self) -> None:
        self.view.follow = self.view.selected is not None and not self.view.follow

    def _whole_town(self) -> None:
        if self.view.scene is not None:
            self.view.frame_whole(self.view.scene)

    def _to_mark(self, *, forward: bool) -> None:
        tick = self.playback.next_mark(self.player.tick, forward=forward)
        if tick is not None:
            self.player.seek(tick)

    def _next_villager(self) -> None:
        names = list(self.playback.tip.people)
        if names:
            index = names.index(self.view.selected) + 1 if self.view.selected in names else 0
            self.view.select(names[index % len(names)])

    def _escape(self) -> None:
        """Closes what is open: help, then the panel, then the window."""
        if self.help:
            self.help = False
        elif self.view.selected is not None:
            self.view.select(None)
        else:
            self.open = False

    def _press(self, at: tuple[int, int]) -> None:
        if self.view.hud.timeline.inflate(8, 20).collidepoint(at):
            self._seeking = True
            self.player.seek(self.view.hud.tick_at(at[0], self.playback))
        elif self.view.town.collidepoint(at):
            self._pressed = at

    def _drag(self, at: tuple[int, int], moved: tuple[int, int]) -> None:
        if self._seeking:
            self.player.seek(self.view.hud.tick_at(at[0], self.playback))
        elif self._pressed is not None:
            far = abs(at[0] - self._pressed[0]) + abs(at[1] - self._pressed[1]) > DRAG_PIXELS
            if self._dragging:
                self.view.camera.pan(*moved)
            elif far:
                self._dragging, self.view.follow = True, False
                self.view.camera.pan(at[0] - self._pressed[0], at[1] - self._pressed[1])

    def _release(self, at: tuple[int, int]) -> None:
        if self._pressed is not None and not self._dragging:
            self.view.select(self.view.person_at(*at))
        self._pressed, self._dragging, self._seeking = None, False, False

    def _move_by_arrows(self, seconds: float) -> None:
        dx = (pygame.K_RIGHT in self._held) - (pygame.K_LEFT in self._held)
        dy = (pygame.K_DOWN in self._held) - (pygame.K_UP in self._held)
        if dx or dy:
            self.view.follow = False
            speed = 40 * TILE * seconds
            self.view.camera.pan(-dx * speed, -dy * speed)

    def _resized(self) -> None:
        self.screen = pygame.display.get_surface() or self.screen
        width, height = self.screen.get_size()
        self.view.resize((max(LEAST_SIZE[0], width), max(LEAST_SIZE[1], height)))


def _open_screen(title: str) -> pygame.Surface:
    """The window's surface. Raises BurghError where there is no display."""
    try:
        need_display()
        pygame.display.init()
        screen = pygame.display.set_mode(SIZE, pygame.RESIZABLE)
    except pygame.error as error:
        raise BurghError(_no_window(str(error))) from None
    pygame.display.set_caption(title)
    pygame.key.set_repeat(350, 60)
    return screen


def _done(_: object) -> None:
    """Forgets what a call returned."""


def need_display() -> None:
    """Raises BurghError where there is no display: SDL would take a text console or draw nowhere."""
    import sys

    chosen = any(os.environ.get(name) for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"))
    if chosen or sys.platform in {"darwin", "win32"}:
        return
    raise BurghError(_no_window("no display was found"))


def _no_window(why: str) -> str:
    draws = f"`{burgh_command()} watch RUN --shot FILE.png` draws a picture without one"
    return f"no window can be opened ({why}): {draws}"


def watch(run_path: Path | str, *, controls: Controls | None = None) -> None:
    """Opens a window on a run and returns when it is closed.

    controls: of a run that another thread is doing now; pause, speed and steps then hold and drive the run
    itself. On closing, the run is let go on by itself. Raises BurghError: no record, no display.
    """
    path = Path(run_path)
    playback = open_playback(path, whole=False)
    try:
        Window(playback, controls=controls, title=f"burgh: {path.name}", cache=cache_folder()).run()
    finally:
        playback.close()


def cache_folder() -> Path:
    """Where backdrops that were painted are kept."""
    return home() / "maps"
