"""The mouse in the window: clicks, drags and the wheel, on the town, its small map, time, and panels."""

from __future__ import annotations

import pygame

from burgh.sim.viewer.page import Wish
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.player import Player
from burgh.sim.viewer.view import View

DRAG_PIXELS = 4  # a press that moves less is a click
At = tuple[int, int]


class Mouse:
    """Turns what the mouse does into what the view and the player do; returns what else is wished."""

    def __init__(self, view: View, player: Player, playback: Playback | None = None) -> None:
        """playback: whose timeline the view has, where that is not the player's."""
        self.view = view
        self.player = player
        self.playback = player.playback if playback is None else playback
        self._pressed: At | None = None
        self._dragging = False
        self._on = ""  # what was pressed on: "time", "small map", or "" for the town

    def handle(self, event: pygame.event.Event) -> Wish | None:
        if event.type == pygame.MOUSEWHEEL:
            self._wheel(event)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            return self._press(event.pos)
        elif event.type == pygame.MOUSEMOTION:
            self.view.pointer = event.pos
            self._drag(event.pos, event.rel)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._release(event.pos)
        return None

    def _wheel(self, event: pygame.event.Event) -> None:
        """Nearer and farther over the town, up and down over a panel."""
        view, at = self.view, pygame.mouse.get_pos()
        if view.pointer is not None:
            at = (int(view.pointer[0]), int(view.pointer[1]))
        if view.selected is not None and view.panel.holds(at):
            view.panel.scroll_by(-event.y)
        elif view.events.holds(at) and view.moment is not None:
            view.events.move(-3 if event.y > 0 else 3, view.moment)
        else:
            view.camera.zoom_at(*view.in_town(at), event.y)

    def _press(self, at: At) -> Wish | None:
        view = self.view
        inside = self._inside(at)
        if view.search.open:
            wish = view.search.press(inside)
            view.search.open = False
            return wish
        if view.selected is not None and view.panel.holds(at):
            view.events.focused = False
            return view.panel.press(at)
        if view.events.holds(at):
            view.panel.focused = False
            return view.events.press(at)
        view.panel.focused = view.events.focused = view.panel.typing = view.events.typing = False
        if view.town.collidepoint(at) and view.hud.timeline.inflate(8, 20).collidepoint(inside):
            self._on, self._pressed = "time", at
            self._seek(inside)
        elif view.minimap.box.collidepoint(inside):
            self._on, self._pressed = "small map", at
            self._look(inside)
        elif view.town.collidepoint(at):
            self._on, self._pressed = "", at
        return None

    def _drag(self, at: At, moved: At) -> None:
        if self._pressed is None:
            return
        if self._on == "time":
            self._seek(self._inside(at))
        elif self._on == "small map":
            self._look(self._inside(at))
        elif self._dragging:
            self.view.camera.pan(*moved)
        elif abs(at[0] - self._pressed[0]) + abs(at[1] - self._pressed[1]) > DRAG_PIXELS:
            self._dragging, self.view.follow = True, False
            self.view.camera.pan(at[0] - self._pressed[0], at[1] - self._pressed[1])

    def _release(self, at: At) -> None:
        if self._pressed is not None and not self._dragging and not self._on:
            self.view.select(self.view.person_at(*at))
        self._pressed, self._dragging, self._on = None, False, ""

    def _seek(self, inside: At) -> None:
        self.player.seek(self.view.hud.tick_at(inside[0], self.playback))

    def _look(self, inside: At) -> None:
        self.view.follow = False
        self.view.camera.x, self.view.camera.y = self.view.minimap.place_at(inside)

    def _inside(self, at: At) -> At:
        x, y = self.view.in_town(at)
        return int(x), int(y)
