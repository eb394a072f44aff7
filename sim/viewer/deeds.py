"""What keys do: the deeds that the table of keys names, done to a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from burgh.sim.viewer.store import MARK_KINDS

if TYPE_CHECKING:
    from burgh.sim.viewer.console import Console
    from burgh.sim.viewer.playback import Playback
    from burgh.sim.viewer.player import Player
    from burgh.sim.viewer.view import View


class Acted(Protocol):
    """A window as deeds need it."""

    player: Player
    view: View
    playback: Playback
    console: Console | None
    open: bool
    log: bool
    help: bool
    full: bool

    def fill_screen(self, *, full: bool) -> None: ...


def deeds_of(window: Acted) -> dict[str, Callable[[], None]]:
    """Each deed of keys.BINDINGS, by its name; digits choose a page of the mind."""
    player, view = window.player, window.view
    deeds: dict[str, Callable[[], None]] = {
        "pause": lambda: _pause(window),
        "faster": player.faster,
        "slower": lambda: player.faster(-1),
        "step": lambda: player.step(1),
        "step_back": lambda: player.step(-1),
        "start": lambda: player.seek(0),
        "end": lambda: player.seek(player.playback.last_tick),
        "next_mark": lambda: _to_mark(window, None, forward=True),
        "last_mark": lambda: _to_mark(window, None, forward=False),
        "zoom_in": lambda: _zoom(window, 1),
        "zoom_out": lambda: _zoom(window, -1),
        "whole_town": lambda: _whole_town(window),
        "next_villager": lambda: _next_villager(window, 1),
        "last_villager": lambda: _next_villager(window, -1),
        "follow": lambda: _follow(window),
        "search": lambda: _search(window),
        "roofs": view.roofs.turn,
        "minimap": lambda: _turn(view, "minimap_shown"),
        "inspect": lambda: _inspect(window),
        "next_tab": lambda: _page(window, 1),
        "last_tab": lambda: _page(window, -1),
        "page_down": lambda: _scroll(window, 1),
        "page_up": lambda: _scroll(window, -1),
        "find_memory": lambda: _find(window),
        "memory_kind": lambda: _kind(window),
        "wide": lambda: _wide(window),
        "events": lambda: _events(window),
        "hall": lambda: _turn(view, "hall_shown"),
        "log": lambda: _turn(window, "log"),
        "console": lambda: _console(window),
        "larger": lambda: view.letters_by(1),
        "smaller": lambda: view.letters_by(-1),
        "help": lambda: _turn(window, "help"),
        "full_screen": lambda: _full_screen(window),
        "escape": lambda: _escape(window),
    }
    for kind in MARK_KINDS:
        deeds[f"next_{kind}"] = lambda kind=kind: _to_mark(window, kind, forward=True)  # type: ignore[misc]
        deeds[f"last_{kind}"] = lambda kind=kind: _to_mark(window, kind, forward=False)  # type: ignore[misc]
    for number in range(5):
        deeds[f"page_{number + 1}"] = lambda number=number: _show(window, number)  # type: ignore[misc]
    return deeds


def _turn(of: object, name: str) -> None:
    setattr(of, name, not getattr(of, name))


def _pause(window: Acted) -> None:
    window.player.paused = not window.player.paused


def _to_mark(window: Acted, kind: str | None, *, forward: bool) -> None:
    tick = window.playback.next_mark(window.player.tick, forward=forward, kind=kind)
    if tick is not None:
        window.player.seek(tick)


def _zoom(window: Acted, steps: int) -> None:
    camera = window.view.camera
    camera.zoom_at(camera.width / 2, camera.height / 2, steps)


def _whole_town(window: Acted) -> None:
    if window.view.scene is not None:
        window.view.frame_whole(window.view.scene)


def _next_villager(window: Acted, steps: int) -> None:
    names, view = list(window.playback.tip.people), window.view
    if not names:
        return
    before = (names.index(view.selected) if view.selected in names else -1) if steps > 0 else 0
    if steps < 0 and view.selected in names:
        before = names.index(view.selected)
    view.select(names[(before + steps) % len(names)])


def _search(window: Acted) -> None:
    """The box is made anew when letters change, so it is asked for each time."""
    window.view.search.start()


def _follow(window: Acted) -> None:
    window.view.follow = window.view.selected is not None and not window.view.follow


def _inspect(window: Acted) -> None:
    """Gives the arrows to the mind's pages, or takes them back; looks at the first villager if at none."""
    view = window.view
    if view.selected is None:
        _next_villager(window, 1)
        view.panel.focused = True
    else:
        view.panel.focused = not view.panel.focused
    view.events.focused = False


def _page(window: Acted, steps: int) -> None:
    if window.view.selected is not None:
        window.view.panel.turn(steps)


def _show(window: Acted, number: int) -> None:
    if window.view.selected is not None:
        window.view.panel.show(number)


def _scroll(window: Acted, steps: int) -> None:
    view = window.view
    if view.events.open and (view.events.focused or view.selected is None) and view.moment is not None:
        view.events.move(12 * steps, view.moment)
    else:
        view.panel.scroll_by(steps, pages=True)


def _find(window: Acted) -> None:
    """Into the search of the events where they have the arrows, else of the memories."""
    view = window.view
    if view.events.open and (view.events.focused or view.selected is None):
        view.events.typing = True
    elif view.selected is not None:
        view.panel.find()


def _kind(window: Acted) -> None:
    view = window.view
    if view.events.open and (view.events.focused or view.selected is None):
        view.events.next_kind()
    elif view.selected is not None:
        view.panel.next_kind()


def _wide(window: Acted) -> None:
    window.view.panel.wide = not window.view.panel.wide


def _events(window: Acted) -> None:
    """Opens the list of events and gives it the arrows; closes it where it has them."""
    view = window.view
    view.events.open = view.events.focused = not (view.events.open and view.events.focused)
    view.events.place = None
    view.panel.focused = False


def _console(window: Acted) -> None:
    """Opens the line for commands, where there is a run to be commanded."""
    if window.console is not None:
        window.console.open = True


def _full_screen(window: Acted) -> None:
    window.fill_screen(full=not window.full)


def _escape(window: Acted) -> None:
    """Closes what is open, one thing at a time, and at last the window."""
    view = window.view
    if window.help:
        window.help = False
    elif view.panel.focused and view.selected is not None:
        view.panel.focused = False
    elif view.events.open:
        view.events.open = view.events.focused = False
    elif view.selected is not None:
        view.select(None)
    else:
        window.open = False
