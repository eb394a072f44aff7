"""What lies over the town: clock, the last events in words, help; sheets of parchment for all panels."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.keys import GROUPS, key_lines
from burgh.sim.viewer.layout import Box
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.scene import Caption, Scene
from burgh.sim.viewer.text import Fonts, missing_letters
from burgh.sim.viewer.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Status:
    """What the window is doing. live: the run is still being written. at_edge: nothing newer is known."""

    paused: bool
    speed: float | None  # game minutes a second; a picture has none
    live: bool
    at_edge: bool
    writing: str = ""  # what a language model writes at this moment
    title: str = ""  # of a window that takes keys; pictures have none
    log: bool = True
    help: bool = False


class Hud:
    """Draws it. `boxes` are what bubbles keep clear of; `timeline` is where one can click."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.times = Timeline(fonts)
        self.boxes: list[Box] = []

    @property
    def timeline(self) -> pygame.Rect:
        return self.times.line

    def measure(self, width: int, height: int) -> None:
        """Lays things out for a view of that size, beside the panels."""
        px = self.fonts.px
        self.times.measure(width, height)
        bar = self.times.bar
        self.boxes = [Box(0, 0, px(230), px(66)), Box(0, bar.y, width, bar.height)]

    def draw(self, target: pygame.Surface, scene: Scene, playback: Playback, status: Status) -> None:
        """Draws over a view that was measured before."""
        self._clock(target, scene, status)
        self.times.draw(target, scene, playback)
        if status.title:
            self._hint(target)
        if status.log:
            self._log(target, scene, status.writing if status.live and status.at_edge else "")

    def tick_at(self, x: float, playback: Playback) -> float:
        """The tick under a pixel of the timeline."""
        return self.times.tick_at(x, playback)

    def _clock(self, target: pygame.Surface, scene: Scene, status: Status) -> None:
        fonts, px = self.fonts, self.fonts.px
        big = fonts.draw(scene.time.strftime("%H:%M"), 28, pal.TEXT)
        part = fonts.draw(scene.light.part, 12, pal.ACCENT)
        day = fonts.draw(scene.time.strftime("%a %d %b"), 12, pal.TEXT_SOFT)
        beside = [part, day]
        if speed := _speed_text(status):
            beside.append(fonts.draw(speed, 12, pal.TEXT_SOFT))
        width = px(30) + big.get_width() + px(10) + max(line.get_width() for line in beside)
        box = pygame.Rect(px(10), px(10), max(px(190), width + px(14)), px(54))
        plaque(target, box, fonts)
        self._sky(target, (box.x + px(22), box.centery), scene)
        x = box.x + px(42)
        target.blit(big, (x, box.centery - big.get_height() // 2))
        x += big.get_width() + px(10)
        step = fonts.height(12) - px(1)
        y = box.centery - (len(beside) * step) // 2
        for line in beside:
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

    def _hint(self, target: pygame.Surface) -> None:
        line = self.fonts.draw("F1: keys", 11, pal.PARCHMENT[0], pal.INK)
        at = (self.timeline.right - line.get_width(), self.times.bar.y - self.fonts.px(3) - line.get_height())
        target.blit(line, at)

    def _log(self, target: pygame.Surface, scene: Scene, writing: str) -> None:
        """The last events, and below them what is being written."""
        fonts, px = self.fonts, self.fonts.px
        y, left = self.times.bar.y - px(4), px(14)
        width = min(px(460), target.get_width() - 2 * left)
        if not (scene.captions or writing) or width < px(60):
            return
        recent = [c for c in scene.captions if scene.tick - c.tick < 60][-4:]
        lacking = missing_letters("".join(caption.text for caption in recent))
        if lacking:
            recent.append(Caption(0, "", lacking))
        if writing:
            recent.append(Caption(0, "", writing))
        step = fonts.height(12) + px(2)
        room = (y - self.boxes[0].height) // step  # below the clock
        recent = recent[-room:] if room > 0 else []
        if not recent:
            return
        veil = pygame.Surface((width + px(12), step * len(recent) + px(4)), pygame.SRCALPHA, 32)
        veil.fill((*pal.INK, 120))
        target.blit(veil, (left - px(6), y - veil.get_height() + px(2)))
        for age, caption in enumerate(reversed(recent)):
            colour = pal.mix(pal.PARCHMENT[2], pal.PARCHMENT[0], min(1.0, age / 3))
            text = fonts.wrap(caption.text, 12, width, 1)[0]
            line = fonts.draw(text, 12, colour, pal.INK)
            y -= step
            target.blit(line, (left, y))

    def help(self, target: pygame.Surface, told: dict[str, list[tuple[str, str]]] | None = None) -> None:
        """The sheet of keys, in as many columns as there is room for. told: what stands on it, by group."""
        fonts, px = self.fonts, self.fonts.px
        step, column, lines = fonts.height(12) + px(3), px(330), told or key_lines()
        columns = max(1, min(2, target.get_width() // (column + px(20))))
        left = [GROUPS[0], GROUPS[3]] if columns == 2 else list(GROUPS)
        right = [group for group in GROUPS if group not in left]
        high = max(sum(len(lines[group]) + 2 for group in side) for side in (left, right)) * step + px(56)
        box = pygame.Rect(0, 0, columns * column + px(30), min(high, target.get_height() - px(8)))
        box.center = (target.get_width() // 2, target.get_height() // 2)
        plaque(target, box, fonts)
        target.blit(fonts.draw("Keys", 18, pal.ACCENT), (box.x + px(20), box.y + px(12)))
        target.set_clip(box.inflate(-px(12), -px(12)))
        for number, side in enumerate((left, right)):
            x, y = box.x + px(20) + number * column, box.y + px(42)
            for group in side:
                target.blit(fonts.draw(group, 13, pal.ACCENT), (x, y))
                y += step
                for key, what in lines[group]:
                    target.blit(fonts.draw(key, 12, pal.TEXT), (x, y))
                    text = fonts.wrap(what, 12, column - px(95), 1)[0]
                    target.blit(fonts.draw(text, 12, pal.TEXT_SOFT), (x + px(85), y))
                    y += step
                y += step // 2
        target.set_clip(None)


def plaque(target: pygame.Surface, box: pygame.Rect, fonts: Fonts) -> None:
    """A sheet of parchment in a wooden frame."""
    px = fonts.px
    pygame.draw.rect(target, pal.INK, box, border_radius=px(8))
    pygame.draw.rect(target, pal.TIMBER[2], box.inflate(-2, -2), border_radius=px(7))
    pygame.draw.rect(target, pal.TIMBER[0], box.inflate(-2 * px(3), -2 * px(3)), border_radius=px(5))
    pygame.draw.rect(target, pal.PARCHMENT[1], box.inflate(-2 * px(4), -2 * px(4)), border_radius=px(5))


def _speed_text(status: Status) -> str:
    if status.paused:
        return "paused"
    if status.speed is None:
        return ""
    speed = f"{status.speed:g}x"
    return f"{speed}  live" if status.live and status.at_edge else speed
