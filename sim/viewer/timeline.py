"""The timeline: how much happened when, a lane of marks for each kind, hours, and where one is."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.playback import MARK_KINDS, Mark, Playback
from burgh.sim.viewer.scene import Scene
from burgh.sim.viewer.text import Fonts

MARK_COLOURS = {
    "speech": pal.BLUE[2],
    "reflection": pal.WHEAT[2],
    "plan": pal.FIRE[0],
    "sale": pal.CLOTH[2],
}
LANE, DENSE, HOURS, LABELS = 8, 14, 13, 62  # pixels: a lane, the density strip, the hours, the lanes' names


class Timeline:
    """Draws it; `line` is where a click means a moment."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.line = pygame.Rect(0, 0, 1, 1)
        self.bar = pygame.Rect(0, 0, 1, 1)
        self._strip: pygame.Surface | None = None
        self._key: tuple[int, ...] = ()

    def measure(self, width: int, height: int) -> None:
        """Lays it out along the lower edge of a view of that size."""
        px = self.fonts.px
        high = px(DENSE) + len(MARK_KINDS) * px(LANE)
        top = height - high - px(HOURS) - px(6)
        self.bar = pygame.Rect(0, top - px(6), width, height - top + px(6))
        left = px(14) + (px(LABELS) if width > px(420) else 0)
        self.line = pygame.Rect(left, top, max(1, width - left - px(14)), high)

    def tick_at(self, x: float, playback: Playback) -> float:
        """The tick under a pixel."""
        share = (x - self.line.x) / max(1, self.line.width)
        return max(0.0, min(1.0, share)) * max(1, playback.last_tick)

    def draw(self, target: pygame.Surface, scene: Scene, playback: Playback) -> None:
        fonts, px, line = self.fonts, self.fonts.px, self.line
        veil = pygame.Surface(self.bar.size, pygame.SRCALPHA, 32)
        veil.fill((*pal.INK, 205))
        target.blit(veil, self.bar)
        target.blit(self._marks(playback), line)
        self._names(target)
        last = max(1, playback.last_tick)
        x = line.x + round(scene.tick / last * line.width)
        done = pygame.Surface((max(1, x - line.x), line.height), pygame.SRCALPHA, 32)
        done.fill((*pal.LAMP, 38))
        target.blit(done, line)
        for tick, text in hours(playback, line.width // px(64) or 1):
            hx = line.x + round(tick / last * line.width)
            pygame.draw.line(target, pal.PARCHMENT[0], (hx, line.bottom), (hx, line.bottom + px(3)))
            label = fonts.draw(text, 10, pal.PARCHMENT[0])
            left = min(max(hx - label.get_width() // 2, line.x), line.right - label.get_width())
            target.blit(label, (left, line.bottom + px(2)))
        if playback.share_read < 1:
            text = f"reading the record: {playback.share_read:.0%}"
            label = fonts.draw(text, 11, pal.LAMP, pal.INK)
            target.blit(label, (line.right - label.get_width(), line.y - label.get_height()))
        outer = pygame.Rect(x - px(4), line.y - px(4), px(8), line.height + px(8))
        pygame.draw.rect(target, pal.INK, outer, border_radius=px(3))
        knob = pygame.Rect(x - px(3), line.y - px(3), px(6), line.height + px(6))
        pygame.draw.rect(target, pal.LAMP, knob, border_radius=px(2))

    def _names(self, target: pygame.Surface) -> None:
        """What each lane shows."""
        px, line = self.fonts.px, self.line
        if line.x < px(LABELS):
            return
        small = self.fonts.draw("events", 9, pal.PARCHMENT[0])
        target.blit(small, (line.x - px(6) - small.get_width(), line.y + px(1)))
        shown = {"speech": "speech", "reflection": "thoughts", "plan": "plans", "sale": "sales"}
        for number, kind in enumerate(MARK_KINDS):
            y = line.y + px(DENSE) + number * px(LANE)
            name = self.fonts.draw(shown[kind], 9, MARK_COLOURS[kind])
            target.blit(name, (line.x - px(6) - name.get_width(), y + (px(LANE) - name.get_height()) // 2))

    def _marks(self, playback: Playback) -> pygame.Surface:
        """The strip, drawn anew when more is known."""
        key = (playback.last_tick, len(playback.marks), *self.line.size)
        if self._strip is None or key != self._key:
            live = playback.share_read < 1 and self._strip is not None and self._key[2:] == key[2:]
            if not (live and key[0] - self._key[0] < self._key[0] // 20):
                self._key, dense = key, playback.store.density(max(1, self.line.width // 2))
                lane = (self.fonts.px(DENSE), self.fonts.px(LANE))
                self._strip = mark_strip(playback.marks, dense, playback.last_tick, self.line.size, lane)
        assert self._strip is not None
        return self._strip


def mark_strip(
    marks: Sequence[Mark],
    dense: Sequence[int],
    last_tick: int,
    size: tuple[int, int],
    high: tuple[int, int],
) -> pygame.Surface:
    """A strip of that size: columns as high as there are events, and below them a lane of strokes a kind.

    high: of the columns and of a lane, in pixels.
    """
    width, height = size
    strip = pygame.Surface((max(1, width), max(1, height)), 0, 32)
    strip.fill(pal.mix(pal.INK, pal.TIMBER[1], 0.35))
    most = max(dense, default=0)
    for column, count in enumerate(dense):
        if count:
            tall = max(1, round(high[0] * (count / most) ** 0.5))
            strip.fill(pal.TIMBER[2], (column * 2, high[0] - tall, 2, tall))
    seen: dict[str, set[int]] = {kind: set() for kind in MARK_KINDS}
    for mark in marks:
        seen[mark.kind].add(min(width - 1, round(mark.tick / max(1, last_tick) * (width - 1))))
    for lane, kind in enumerate(MARK_KINDS):
        y = high[0] + lane * high[1]
        strip.fill(pal.mix(pal.INK, pal.TIMBER[0], 0.5), (0, y, width, high[1] - 1))
        for x in seen[kind]:
            strip.fill(MARK_COLOURS[kind], (x, y, 2, high[1] - 1))
    return strip


def hours(playback: Playback, most: int) -> list[tuple[int, str]]:
    """Ticks and times for the scale below the timeline: at round times, at most so many."""
    clock, last = playback.clock, playback.last_tick
    for minutes in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440):
        step = max(1, clock.ticks(minutes))
        if last // step <= most:
            break
    start = clock.start
    past = (start.hour * 60 + start.minute) % minutes * 60 + start.second
    first = 0 if past == 0 else clock.ticks(minutes - past / 60)
    return [(tick, clock.at(tick).strftime("%H:%M")) for tick in range(first, last + 1, step)]
