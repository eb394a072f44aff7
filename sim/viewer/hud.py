"""What lies over the town: clock, timeline, the last events in words, help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.layout import Box
from burgh.sim.viewer.playback import Mark, Playback
from burgh.sim.viewer.scene import Caption, Scene
from burgh.sim.viewer.text import Fonts, missing_letters

HELP = (
    ("Space", "pause and go on"),
    ("+  -", "faster, slower (0.25x to 1000x)"),
    (".  ,", "one tick on, one tick back"),
    ("N  B", "the next, the previous mark"),
    ("Home  End", "the start, the end (or now)"),
    ("Wheel, drag", "zoom, move the map"),
    ("Arrows", "move the map"),
    ("Click, Tab", "look at a villager, at the next one"),
    ("F", "follow or let go the villager looked at"),
    ("0", "the whole town"),
    ("L", "show and hide the log"),
    ("F11", "full screen"),
    ("Esc", "close the panel, then the window"),
)
MARK_COLOURS = {"speech": pal.BLUE[1], "reflection": pal.WHEAT[0], "plan": pal.RED[1]}


@dataclass(frozen=True, slots=True)
class Status:
    """What the window is doing. live: the run is still being written. at_edge: nothing newer is known."""

    paused: bool
    speed: float
    live: bool
    at_edge: bool
    title: str = ""  # of a window that takes keys; pictures have none
    log: bool = True
    help: bool = False


class Hud:
    """Draws it. `boxes` are what bubbles keep clear of; `timeline` is where one can click."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.timeline = pygame.Rect(0, 0, 0, 0)
        self.boxes: list[Box] = []
        self._strip: pygame.Surface | None = None
        self._strip_key: tuple[int, ...] = ()

    def measure(self, width: int, height: int) -> None:
        """Lays things out for a view of that size, beside the panel."""
        px = self.fonts.px
        bar = px(40)
        self.timeline = pygame.Rect(px(14), height - bar + px(6), width - 2 * px(14), px(14))
        self.boxes = [Box(0, 0, px(230), px(66)), Box(0, height - bar - px(4), width, bar + px(4))]

    def draw(self, target: pygame.Surface, scene: Scene, playback: Playback, status: Status) -> None:
        """Draws over a view that was measured before."""
        self._clock(target, scene, status)
        self._timeline(target, scene, playback)
        if status.title:
            self._hint(target)
        if status.log:
            self._log(target, scene)
        if status.help:
            self._help(target)

    def tick_at(self, x: float, playback: Playback) -> float:
        """The tick under a pixel of the timeline."""
        share = (x - self.timeline.x) / max(1, self.timeline.width)
        return max(0.0, min(1.0, share)) * max(1, playback.last_tick)

    def _clock(self, target: pygame.Surface, scene: Scene, status: Status) -> None:
        fonts, px = self.fonts, self.fonts.px
        big = fonts.draw(scene.time.strftime("%H:%M"), 28, pal.TEXT)
        part = fonts.draw(scene.light.part, 12, pal.ACCENT)
        day = fonts.draw(scene.time.strftime("%a %d %b"), 12, pal.TEXT_SOFT)
        speed = fonts.draw(_speed_text(status), 12, pal.TEXT_SOFT)
        width = px(30) + big.get_width() + px(10) + max(part.get_width(), day.get_width(), speed.get_width())
        box = pygame.Rect(px(10), px(10), max(px(190), width + px(14)), px(54))
        plaque(target, box, fonts)
        self._sky(target, (box.x + px(22), box.centery), scene)
        x = box.x + px(42)
        target.blit(big, (x, box.centery - big.get_height() // 2))
        x += big.get_width() + px(10)
        step = fonts.height(12) - px(1)
        y = box.centery - (3 * step) // 2
        for line in (part, day, speed):
            target.blit(line, (x, y))
            y += step

    def _sky(self, target: pygame.Surface, at: tuple[int, int], scene: Scene) -> None:
        """A sun by day, a moon by night."""
        px = self.fonts.px
        if scene.light.lamps > 0.6:
            pygame.draw.circle(target, pal.BLUE[0], at, px(13))
            pygame.draw.circle(target, pal.PARCHMENT[2], at, px(8))
            pygame.draw.circle(target, pal.BLUE[0], (at[0] + px(4), at[1] - px(3)), px(7))
            return
        sun = pal.mix(pal.WHEAT[2], pal.FIRE[0], min(1.0, scene.light.lamps * 1.6))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7)):
            end = (at[0] + dx * px(13), at[1] + dy * px(13))
            pygame.draw.line(target, pal.WHEAT[1], (at[0] + dx * px(9), at[1] + dy * px(9)), end, px(2))
        pygame.draw.circle(target, pal.INK, at, px(8) + 1)
        pygame.draw.circle(target, sun, at, px(8))

    def _timeline(self, target: pygame.Surface, scene: Scene, playback: Playback) -> None:
        fonts, px, line = self.fonts, self.fonts.px, self.timeline
        bar = pygame.Rect(0, line.y - px(10), line.width + 2 * px(14), target.get_height() - line.y + px(10))
        bar.x = line.x - px(14)
        veil = pygame.Surface(bar.size, pygame.SRCALPHA, 32)
        veil.fill((*pal.INK, 190))
        target.blit(veil, bar)
        target.blit(self._marks(playback), line)
        last = max(1, playback.last_tick)
        x = line.x + round(scene.tick / last * line.width)
        done = pygame.Surface((max(1, x - line.x), line.height), pygame.SRCALPHA, 32)
        done.fill((*pal.LAMP, 60))
        target.blit(done, line)
        for tick, text in _hours(playback, line.width // px(64) or 1):
            hx = line.x + round(tick / last * line.width)
            pygame.draw.line(target, pal.PARCHMENT[0], (hx, line.bottom), (hx, line.bottom + px(3)))
            label = fonts.draw(text, 10, pal.PARCHMENT[0])
            left = min(max(hx - label.get_width() // 2, line.x), line.right - label.get_width())
            target.blit(label, (left, line.bottom + px(2)))
        pygame.draw.rect(
            target, pal.INK, (x - px(4), line.y - px(4), px(8), line.height + px(8)), border_radius=px(3)
        )
        knob = pygame.Rect(x - px(3), line.y - px(3), px(6), line.height + px(6))
        pygame.draw.rect(target, pal.LAMP, knob, border_radius=px(2))

    def _marks(self, playback: Playback) -> pygame.Surface:
        """The strip with a stroke for each mark; drawn anew when more is known."""
        key = (playback.last_tick, len(playback.marks), *self.timeline.size)
        if self._strip is None or key != self._strip_key:
            self._strip_key, self._strip = (
                key,
                mark_strip(playback.marks, playback.last_tick, self.timeline.size),
            )
        return self._strip

    def _hint(self, target: pygame.Surface) -> None:
        line = self.fonts.draw("F1: keys", 11, pal.PARCHMENT[0], pal.INK)
        at = (self.timeline.right - line.get_width(), self.timeline.y - self.fonts.px(14) - line.get_height())
        target.blit(line, at)

    def _log(self, target: pygame.Surface, scene: Scene) -> None:
        fonts, px = self.fonts, self.fonts.px
        y = self.timeline.y - px(16)
        width = min(px(460), self.timeline.width)
        recent = [c for c in scene.captions if scene.tick - c.tick < 60][-4:]
        lacking = missing_letters("".join(caption.text for caption in recent))
        if lacking:
            recent.append(Caption(0, "", lacking))
        step = fonts.height(12) + px(2)
        veil = pygame.Surface((width + px(12), step * len(recent) + px(4)), pygame.SRCALPHA, 32)
        veil.fill((*pal.INK, 120))
        target.blit(veil, (self.timeline.x - px(6), y - veil.get_height() + px(2)))
        for age, caption in enumerate(reversed(recent)):
            colour = pal.mix(pal.PARCHMENT[2], pal.PARCHMENT[0], min(1.0, age / 3))
            text = fonts.wrap(caption.text, 12, width, 1)[0]
            line = fonts.draw(text, 12, colour, pal.INK)
            y -= step
            target.blit(line, (self.timeline.x, y))

    def _help(self, target: pygame.Surface) -> None:
        fonts, px = self.fonts, self.fonts.px
        step = fonts.height(14) + px(4)
        box = pygame.Rect(0, 0, px(430), step * len(HELP) + px(56))
        box.center = (self.timeline.centerx, target.get_height() // 2)
        plaque(target, box, fonts)
        target.blit(fonts.draw("Keys", 18, pal.ACCENT), (box.x + px(20), box.y + px(14)))
        y = box.y + px(44)
        for key, what in HELP:
            target.blit(fonts.draw(key, 14, pal.TEXT), (box.x + px(20), y))
            target.blit(fonts.draw(what, 14, pal.TEXT_SOFT), (box.x + px(130), y))
            y += step


def plaque(target: pygame.Surface, box: pygame.Rect, fonts: Fonts) -> None:
    """A sheet of parchment in a wooden frame."""
    px = fonts.px
    pygame.draw.rect(target, pal.INK, box, border_radius=px(8))
    pygame.draw.rect(target, pal.TIMBER[2], box.inflate(-2, -2), border_radius=px(7))
    pygame.draw.rect(target, pal.TIMBER[0], box.inflate(-2 * px(3), -2 * px(3)), border_radius=px(5))
    pygame.draw.rect(target, pal.PARCHMENT[1], box.inflate(-2 * px(4), -2 * px(4)), border_radius=px(5))


def mark_strip(marks: Sequence[Mark], last_tick: int, size: tuple[int, int]) -> pygame.Surface:
    """A strip of that size with a stroke wherever there are marks."""
    width, height = size
    strip = pygame.Surface((max(1, width), max(1, height)), 0, 32)
    strip.fill(pal.mix(pal.INK, pal.TIMBER[1], 0.5))
    counts: dict[tuple[int, str], int] = {}
    for mark in marks:
        column = min(width - 1, round(mark.tick / max(1, last_tick) * (width - 1)))
        counts[column, mark.kind] = counts.get((column, mark.kind), 0) + 1
    for kind in ("speech", "plan", "reflection"):
        for (column, of), count in counts.items():
            if of == kind:
                tall = min(height, height // 3 + count * height // 6)
                strip.fill(MARK_COLOURS[kind], (column, height - tall, 2, tall))
    return strip


def _hours(playback: Playback, most: int) -> list[tuple[int, str]]:
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


def _speed_text(status: Status) -> str:
    if status.paused:
        return "paused"
    speed = f"{status.speed:g}x"
    return f"{speed}  live" if status.live and status.at_edge else speed
