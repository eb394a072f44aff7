"""Names and speech bubbles over a town: in the window's own pixels, so that they stay sharp at any zoom."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.camera import Camera
from burgh.sim.viewer.layout import Box, Wanted, place_bubbles
from burgh.sim.viewer.scene import Bubble, Person, Place, Scene
from burgh.sim.viewer.text import Fonts

MAX_BUBBLES = 12
MAX_NAMES = 60
NAMES_FROM_ZOOM = 1.3
PLACES_FROM_ZOOM = 1.0
HEAD = 1.35  # how far above its tile's lower edge a head ends, in tiles


class Labels:
    """Draws them, and remembers the bubbles' pictures."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self._pictures: dict[tuple[str, str, float], pygame.Surface] = {}

    def draw(
        self,
        target: pygame.Surface,
        scene: Scene,
        camera: Camera,
        *,
        selected: str | None = None,
        taken: Sequence[Box] = (),
    ) -> list[tuple[Bubble, Box]]:
        """Draws all labels and returns where bubbles went. taken: what they must keep clear of."""
        screen = pygame.Rect(0, 0, camera.width, camera.height)
        self._places(target, scene.town.places, camera, screen)
        (left, top), (right, bottom) = camera.to_map(0, 0), camera.to_map(camera.width, camera.height)
        shown = [
            p for p in scene.people.values() if left <= p.x + 0.5 <= right and top <= p.y + 0.5 <= bottom
        ]
        if camera.zoom >= NAMES_FROM_ZOOM and len(shown) <= MAX_NAMES:
            self._names(target, shown, camera, selected, crowd=len(shown) > 14)
        else:
            self._names(target, [p for p in shown if p.name == selected], camera, selected, crowd=False)
        return self._bubbles(target, scene.bubbles, camera, screen, taken)

    def _places(
        self, target: pygame.Surface, places: Sequence[Place], camera: Camera, screen: pygame.Rect
    ) -> None:
        if camera.zoom < PLACES_FROM_ZOOM:
            return
        for place in places:
            if place.kind != "building":
                continue
            x, y = camera.to_screen(place.x + place.width / 2, place.y + 0.12)
            plate = self._plate(place.name)
            box = plate.get_rect(center=(round(x), round(y)))
            if screen.colliderect(box):
                target.blit(plate, box)

    def _plate(self, name: str) -> pygame.Surface:
        """A wooden sign."""
        key = ("plate", name, 0.0)
        if key not in self._pictures:
            line = self.fonts.draw(name, 12, pal.PARCHMENT[1])
            px = self.fonts.px
            size = (line.get_width() + px(14), line.get_height() + px(5))
            plate = pygame.Surface(size, pygame.SRCALPHA, 32)
            pygame.draw.rect(plate, pal.INK, plate.get_rect(), border_radius=px(4))
            pygame.draw.rect(plate, pal.TIMBER[1], plate.get_rect().inflate(-2, -2), border_radius=px(3))
            plate.fill(pal.TIMBER[2], (px(4), 2, size[0] - 2 * px(4), 1))
            plate.blit(line, (px(7), px(2) + 1))
            self._pictures[key] = plate
        return self._pictures[key]

    def _names(
        self,
        target: pygame.Surface,
        people: Sequence[Person],
        camera: Camera,
        selected: str | None,
        *,
        crowd: bool,
    ) -> None:
        taken: list[pygame.Rect] = []
        for person in sorted(people, key=lambda p: (-p.y, p.name)):
            x, y = camera.to_screen(person.x + 0.5, person.y + 1)
            chosen = person.name == selected
            lines = [self.fonts.draw(person.name, 13, pal.LAMP if chosen else pal.PARCHMENT[2], pal.INK)]
            doing = "z z z" if person.asleep else person.activity
            if doing and not person.walking and (chosen or not crowd):
                short = self.fonts.wrap(doing, 11, self.fonts.px(130), 1)[0]
                lines.append(self.fonts.draw(short, 11, pal.PARCHMENT[0], pal.INK))
            width, height = max(line.get_width() for line in lines), sum(line.get_height() for line in lines)
            box = pygame.Rect(0, 0, width, height)
            box.midtop = (round(x), round(y))
            if not chosen and box.collidelist(taken) >= 0:
                del lines[1:]
                box.height = lines[0].get_height()
            for _ in range(4):
                hit = box.collidelist(taken)
                if hit < 0:
                    break
                box.top = taken[hit].bottom
            taken.append(box)
            at = box.top
            for line in lines:
                target.blit(line, (box.centerx - line.get_width() // 2, at))
                at += line.get_height() - 2

    def _bubbles(
        self,
        target: pygame.Surface,
        bubbles: Sequence[Bubble],
        camera: Camera,
        screen: pygame.Rect,
        taken: Sequence[Box],
    ) -> list[tuple[Bubble, Box]]:
        near = screen.inflate(40, 40)
        shown: list[tuple[Bubble, pygame.Surface, tuple[int, int]]] = []
        for bubble in bubbles[-MAX_BUBBLES:]:
            if bubble.over is None:
                tip = (camera.width // 2, self.fonts.px(120))
            else:
                x, y = camera.to_screen(bubble.x + 0.5, bubble.y + 1 - HEAD)
                tip = (round(x), round(y))
            if near.collidepoint(tip):
                shown.append((bubble, self._picture(bubble), tip))
        wanted = [Wanted(*tip, *picture.get_size()) for _, picture, tip in shown]
        margin = self.fonts.px(6)
        area = Box(margin, margin, camera.width - 2 * margin, camera.height - 2 * margin)
        placed = []
        side = round(14 * camera.zoom)
        heads = [Box(want.x - side // 2, want.y, side, side) for want in wanted]
        boxes = place_bubbles(wanted, area, taken, avoid=heads, lift=self.fonts.px(10))
        for (bubble, _, tip), box in zip(shown, boxes, strict=True):
            if box is not None and bubble.over is not None and bubble.opacity > 0.3:
                self._tail(target, box, tip)
        for (bubble, picture, _), box in zip(shown, boxes, strict=True):
            if box is not None:
                picture.set_alpha(round(255 * bubble.opacity))
                target.blit(picture, (box.x, box.y))
                placed.append((bubble, box))
        return placed

    def _tail(self, target: pygame.Surface, box: Box, tip: tuple[int, int]) -> None:
        """A tail from a bubble to the head of who speaks; the bubble is drawn over its root."""
        half = self.fonts.px(6)
        x = (
            min(max(tip[0], box.x + 3 * half), box.right - 3 * half)
            if box.width > 6 * half
            else box.x + box.width // 2
        )
        y = (
            box.bottom - 3
            if tip[1] >= box.bottom
            else box.y + 3
            if tip[1] < box.y
            else box.y + box.height // 2
        )
        if box.y <= tip[1] < box.bottom:
            x = box.right - 3 if tip[0] > box.right else box.x + 3
            root = [(x, y - half), (x, y + half)]
        else:
            root = [(x - half, y), (x + half, y)]
        pygame.draw.polygon(target, pal.PARCHMENT[2], [*root, tip])
        pygame.draw.line(target, pal.INK, root[0], tip, self.fonts.px(2))
        pygame.draw.line(target, pal.INK, root[1], tip, self.fonts.px(2))

    def _picture(self, bubble: Bubble) -> pygame.Surface:
        key = (bubble.id, bubble.text, self.fonts.scale)
        if key not in self._pictures:
            if len(self._pictures) > 400:
                self._pictures.clear()
            self._pictures[key] = self._paint(bubble)
        return self._pictures[key]

    def _paint(self, bubble: Bubble) -> pygame.Surface:
        fonts, px = self.fonts, self.fonts.px
        head = f"{bubble.speaker} to {bubble.to}" if bubble.to else bubble.speaker
        head = fonts.wrap(head, 12, px(220), 1)[0]
        lines = fonts.wrap(bubble.text, 14, px(220), 6)
        title = fonts.draw(head, 12, pal.ACCENT)
        drawn = [fonts.draw(line, 14, pal.TEXT) for line in lines]
        step = fonts.height(14)
        width = max(surface.get_width() for surface in (title, *drawn)) + px(20)
        height = title.get_height() + step * len(drawn) + px(12)
        picture = pygame.Surface((width, height), pygame.SRCALPHA, 32)
        frame = picture.get_rect()
        pygame.draw.rect(picture, pal.INK, frame, border_radius=px(9))
        pygame.draw.rect(
            picture, pal.PARCHMENT[2], frame.inflate(-2 * px(2), -2 * px(2)), border_radius=px(7)
        )
        picture.blit(title, (px(10), px(5)))
        for i, line in enumerate(drawn):
            picture.blit(line, (px(10), px(6) + title.get_height() + i * step))
        return picture
