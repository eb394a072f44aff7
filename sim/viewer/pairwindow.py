"""A window on two runs: keys and mouse as with one run, as far as they are about time and looking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pygame

from burgh.sim.clock import Clock
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.console import Console
from burgh.sim.viewer.deeds import deeds_of
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.keys import TIME, deed_of, key_lines
from burgh.sim.viewer.mouse import Mouse
from burgh.sim.viewer.pair import Pair, Side
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.player import Player
from burgh.sim.viewer.screen import Screen, need_display
from burgh.sim.viewer.window import cache_folder

OF_ONE_RUN = frozenset((  # deeds that make no sense, or would show the one run only
    "console", "events", "find_memory", "inspect", "memory_kind", "minimap", "page_down", "page_up", "search",
))  # fmt: skip
PARTING = ("D", "to where the two part")


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

    @property
    def tip(self) -> SceneBuilder:
        return self._sides[0].playback.tip

    def next_mark(self, tick: float, *, forward: bool = True, kind: str | None = None) -> int | None:
        found = [side.playback.next_mark(tick, forward=forward, kind=kind) for side in self._sides]
        ticks = [one for one in found if one is not None]
        return (min(ticks) if forward else max(ticks)) if ticks else None


class PairWindow(Screen):
    """Opens at the tick before the two part. What keys do is done to the first view; the other follows."""

    def __init__(self, sides: Sequence[Side], *, parted: int | None, cache: Path | None = None) -> None:
        super().__init__(f"burgh: {sides[0].title} and {sides[1].title}")
        self.pair = Pair(sides, self.screen.get_size(), parted=parted, cache=cache)
        self.view = self.pair.views[0]
        self.playback: Playback = Both(sides)
        self.player = Player(self.playback)
        self.console: Console | None = None
        self.log, self.help = True, False
        self.mice = [
            Mouse(view, self.player, side.playback) for view, side in zip(self.pair.views, sides, strict=True)
        ]
        deeds = deeds_of(self)
        self._deeds = {name: deed for name, deed in deeds.items() if name not in OF_ONE_RUN}
        if parted is not None:
            self.player.seek(max(0, parted - 1))
            self.player.paused = True

    def frame(self, seconds: float) -> None:
        """Handles what was pressed, lets time pass, draws."""
        for event in pygame.event.get():
            self._handle(event)
        if not self.open:
            return
        self.move_by_arrows(self.view, seconds)
        self.player.advance(seconds)
        for view in self.pair.views:
            view.roofs.advance(seconds)
        self.pair.follow(0)
        self.pair.draw(self.screen, self.player.tick, self.status)
        if self.help:
            lines = key_lines(self._deeds)
            lines[TIME] = [*lines[TIME], PARTING]
            self.view.hud.help(self.screen, lines)
        pygame.display.flip()

    @property
    def status(self) -> Status:
        player = self.player
        return Status(
            paused=player.paused, speed=player.speed, live=False, at_edge=player.at_edge, log=self.log
        )

    def resized(self) -> None:
        self.pair.resize(self.screen.get_size())

    def _handle(self, event: pygame.event.Event) -> None:
        if self.takes(event):
            return
        if event.type == pygame.KEYDOWN:
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
        """A key: to where they part, else what the table of keys says."""
        self.held(event.key, down=True)
        if event.key == pygame.K_d and self.pair.parted is not None:
            self.player.seek(self.pair.parted)
            self.pair.draw(self.screen, self.player.tick, self.status)
            self.pair.look_at_differences()
            return
        deed = deed_of(event.key, event.unicode, event.mod)
        if deed in self._deeds:
            self._deeds[deed]()


def watch_pair(one: Path, other: Path, *, parted: int | None) -> None:
    """Opens a window on two runs and returns when it is closed. Raises BurghError: no record, no display."""
    need_display()
    sides = [Side(path.name, open_playback(path)) for path in (one, other)]
    try:
        PairWindow(sides, parted=parted, cache=cache_folder()).run()
    finally:
        for side in sides:
            side.playback.close()
