"""The window: shows a run from its record, finished or still going on; keys and mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pygame

from burgh.sim.protocols import Controls
from burgh.sim.viewer.console import Commanded, Console
from burgh.sim.viewer.deeds import deeds_of
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.keys import deed_of
from burgh.sim.viewer.mouse import Mouse
from burgh.sim.viewer.page import Wish
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.player import Player
from burgh.sim.viewer.screen import Screen
from burgh.sim.viewer.view import View
from burgh.sim.weights import home

POLL_SECONDS = 0.1
READING_SECONDS = 0.008  # of a frame, where more has been recorded than was read
FIRST_READING_SECONDS = 0.5


class Window(Screen):
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
        playback.read_on(FIRST_READING_SECONDS)
        super().__init__(title)
        self.playback = playback
        self.controls = controls
        self.console = None if run is None else Console(run)
        self.title = title
        self.log, self.help = True, False
        self.view = View(self.screen.get_size(), cache=cache, patient=False)
        self.player = Player(self.playback, controls)
        self.mouse = Mouse(self.view, self.player)
        self._since_poll = 0.0
        self._not_typed = ""  # the letter that opened a field: it comes as text, too
        self._deeds = deeds_of(self)

    def closed(self) -> None:
        """A run that goes on is let go on by itself."""
        self.player.release()

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
        self.move_by_arrows(self.view, seconds)
        self.player.advance(seconds, reading=any(b.age < 1 for b, _ in self.view.bubbles))
        self.view.roofs.advance(seconds)
        self.view.draw(self.screen, self.playback, self.player.tick, self.status)
        if self.console is not None:
            self._look_at_seat(self.console.look())
            self.console.draw(self.screen, self.view.fonts)
        pygame.display.flip()

    def _look_at_seat(self, name: str) -> None:
        """Shows who is asked, above what is asked, unless the camera follows somebody."""
        self.view.seat = name or self.view.seat
        person = self.view.scene.people.get(name) if self.view.scene is not None else None
        if person is not None and not self.view.follow:
            self.view.look_at(person.x + 0.5, person.y + 0.5, above=0.2)

    @property
    def status(self) -> Status:
        return Status(
            paused=self.player.paused,
            speed=self.player.speed,
            live=not self.playback.ended and self.controls is not None,
            at_edge=self.player.at_edge,
            writing="" if self.console is None else self.console.run.writing,
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
        if self.takes(event):
            return
        if event.type == pygame.KEYDOWN:
            self._pressed(event)
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
        self.held(event.key, down=True)

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
            console.escape()
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

    def resized(self) -> None:
        self.view.resize(self.screen.get_size())


def watch(
    run_path: Path | str,
    *,
    controls: Controls | None = None,
    run: Commanded | None = None,
    opened: Callable[[], object] | None = None,
) -> None:
    """Opens a window on a run and returns when it is closed. run: what takes commands, where it goes on.

    controls: of a run that another thread is doing now; pause, speed and steps then hold and drive the run
    itself. On closing, the run is let go on by itself. opened: told once the run goes by the window's pace.
    Raises BurghError: no record, no display.
    """
    path = Path(run_path)
    playback = open_playback(path, whole=False)
    try:
        title, cache = f"burgh: {path.name}", cache_folder()
        window = Window(playback, controls=controls, title=title, cache=cache, run=run)
        if opened is not None:
            opened()
        window.run()
    finally:
        playback.close()


def cache_folder() -> Path:
    """Where backdrops that were painted are kept."""
    return home() / "maps"
