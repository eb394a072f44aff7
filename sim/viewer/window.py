"""The window: shows a run from its record, finished or still going on; keys and mouse."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pygame

from burgh.sim.command import burgh_command
from burgh.sim.protocols import Controls
from burgh.sim.types import BurghError
from burgh.sim.viewer.camera import TILE
from burgh.sim.viewer.console import Commanded, Console
from burgh.sim.viewer.deeds import deeds_of
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.keys import deed_of
from burgh.sim.viewer.mouse import Mouse
from burgh.sim.viewer.page import Wish
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.player import Player
from burgh.sim.viewer.view import View
from burgh.sim.weights import home

SIZE = (1280, 720)
FRAMES_PER_SECOND = 60
POLL_SECONDS = 0.1
READING_SECONDS = 0.008  # of a frame, where more has been recorded than was read
FIRST_READING_SECONDS = 0.5


class Window:
    """One window on one run. `frame` does one round of the loop; `run` goes on until it is closed."""

    def __init__(
        self,
        playback: Playback,
        *,
        controls: Controls | None = None,
        title: str = "burgh",
        cache: Path | None = None,
        run: Commanded | None = None,
    ) -> None:
        """run: that takes commands, of a run that goes on."""
        self.playback = playback
        self.controls = controls
        self.console = None if run is None else Console(run)
        self.open = True
        self.title = title
        self.log, self.help, self.full = True, False, False
        self._small_size = SIZE
        playback.read_on(FIRST_READING_SECONDS)
        self.screen = open_screen(title)
        self.view = View(self.screen.get_size(), cache=cache, patient=False)
        self.player = Player(self.playback, controls)
        self.mouse = Mouse(self.view, self.player)
        self._since_poll = 0.0
        self._held: set[int] = set()
        self._not_typed = ""  # the letter that opened a field: it comes as text, too
        self._deeds = deeds_of(self)

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
        if self.console is not None:
            self.console.look()
            self.console.draw(self.screen, self.view.fonts)
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

    @property
    def typing(self) -> bool:
        """Whether letters go into a field."""
        view = self.view
        in_panel = view.panel.typing and view.selected is not None
        if self.console is not None and self.console.open:
            return True
        return view.search.open or in_panel or (view.events.typing and view.events.open)

    def _handle(self, event: pygame.event.Event) -> None:
        if event.type == pygame.QUIT:
            self.open = False
        elif event.type == pygame.VIDEORESIZE:
            self._resized()
        elif event.type == pygame.KEYDOWN:
            self._pressed(event)
        elif event.type == pygame.KEYUP:
            self._held.discard(event.key)
        elif event.type == pygame.TEXTINPUT:
            if self.typing and event.text != self._not_typed:
                self._write(event.text)
            self._not_typed = ""
        elif event.type == pygame.WINDOWLEAVE:
            self.view.pointer = None
        else:
            self.grant(self.mouse.handle(event))

    def _pressed(self, event: pygame.event.Event) -> None:
        """A key: into the field that is typed into, else what the table of keys says."""
        self._not_typed = ""
        if self.typing and self._edit(event.key):
            return
        if self._arrow(event.key):
            return
        deed = deed_of(event.key, event.unicode, event.mod)
        if deed is not None:
            typed = self.typing
            self._deeds[deed]()
            if self.typing and not typed:
                self._not_typed = event.unicode
        self._held.add(event.key)

    def _edit(self, key: int) -> bool:
        """Keys of a field: True where it was one; letters come as text."""
        view = self.view
        if self.console is not None and self.console.open:
            return self._command(self.console, key)
        if key == pygame.K_BACKSPACE:
            self._write("\b")
        elif key in {pygame.K_RETURN, pygame.K_KP_ENTER}:
            if view.search.open and view.moment is not None:
                self.grant(view.search.enter(view.moment))
            view.panel.typing = view.events.typing = False
        elif key == pygame.K_ESCAPE:
            view.search.open = view.panel.typing = view.events.typing = False
        elif key in {pygame.K_UP, pygame.K_DOWN} and view.search.open:
            view.search.move(1 if key == pygame.K_DOWN else -1)
        return key not in {pygame.K_F1, pygame.K_F11, pygame.K_PAGEUP, pygame.K_PAGEDOWN, pygame.K_TAB}

    def _command(self, console: Console, key: int) -> bool:
        """Keys of the line for commands."""
        if key == pygame.K_BACKSPACE:
            console.write("\b")
        elif key in {pygame.K_RETURN, pygame.K_KP_ENTER}:
            console.enter()
        elif key == pygame.K_ESCAPE:
            console.open = False
        return key not in {pygame.K_F1, pygame.K_F11}

    def _write(self, text: str) -> None:
        view = self.view
        if self.console is not None and self.console.open:
            self.console.write(text)
            return
        if view.search.open:
            view.search.write(text)
        elif view.events.typing and view.events.open:
            view.events.write(text)
        else:
            view.panel.write(text)

    def _arrow(self, key: int) -> bool:
        """Arrows and Enter of a panel that has them."""
        view, down = self.view, {pygame.K_DOWN: 1, pygame.K_UP: -1}.get(key)
        across = {pygame.K_RIGHT: 1, pygame.K_LEFT: -1}.get(key)
        if view.events.open and view.events.focused and view.moment is not None:
            if key in {pygame.K_RETURN, pygame.K_KP_ENTER}:
                self.grant(view.events.enter())
            elif down is not None:
                view.events.move(down, view.moment)
            elif across is not None:
                view.events.next_kind(across)
            else:
                return False
            return True
        if view.selected is not None and view.panel.focused:
            if down is not None:
                view.panel.move(down)
            elif across is not None:
                view.panel.turn(across)
            return down is not None or across is not None
        return False

    def grant(self, wish: Wish | None) -> None:
        """Does what a panel asks for."""
        if wish is None:
            return
        if wish.tick is not None:
            self.player.paused = True
            self.player.seek(wish.tick)
        self.view.grant(wish)

    def _move_by_arrows(self, seconds: float) -> None:
        dx = (pygame.K_RIGHT in self._held) - (pygame.K_LEFT in self._held)
        dy = (pygame.K_DOWN in self._held) - (pygame.K_UP in self._held)
        if dx or dy:
            self.view.follow = False
            speed = 40 * TILE * seconds
            self.view.camera.pan(-dx * speed, -dy * speed)

    def fill_screen(self, *, full: bool) -> None:
        """Goes to the whole screen, or back to the size that the window had."""
        if full and not self.full:
            self._small_size = self.screen.get_size()
            sizes = pygame.display.get_desktop_sizes()
            pygame.display.set_mode(sizes[0] if sizes else self._small_size, pygame.FULLSCREEN)
        elif self.full and not full:
            pygame.display.set_mode(self._small_size, pygame.RESIZABLE)
        self.full = full
        self._resized()

    def _resized(self) -> None:
        self.screen = pygame.display.get_surface() or self.screen
        self.view.resize(self.screen.get_size())


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
    import sys

    chosen = any(os.environ.get(name) for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"))
    if chosen or sys.platform in {"darwin", "win32"}:
        return
    raise BurghError(_no_window("no display was found"))


def _no_window(why: str) -> str:
    draws = f"`{burgh_command()} watch RUN --shot FILE.png` draws a picture without one"
    return f"no window can be opened ({why}): {draws}"


def watch(run_path: Path | str, *, controls: Controls | None = None, run: Commanded | None = None) -> None:
    """Opens a window on a run and returns when it is closed. run: what takes commands, where it goes on.

    controls: of a run that another thread is doing now; pause, speed and steps then hold and drive the run
    itself. On closing, the run is let go on by itself. Raises BurghError: no record, no display.
    """
    path = Path(run_path)
    playback = open_playback(path, whole=False)
    try:
        Window(playback, controls=controls, title=f"burgh: {path.name}", cache=cache_folder(), run=run).run()
    finally:
        playback.close()


def cache_folder() -> Path:
    """Where backdrops that were painted are kept."""
    return home() / "maps"
