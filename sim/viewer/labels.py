"""Names, signs and speech bubbles over a town: in the window's own pixels, so that they stay sharp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.camera import Camera
from burgh.sim.viewer.layout import Box, Placed, Wanted, place_bubbles
from burgh.sim.viewer.names import Names, body_of, face_of
from burgh.sim.viewer.scene import Bubble, Person, Place, Scene
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.text import Fonts

MAX_BUBBLES = 12
MAX_NAMES = 60
NAMES_FROM_ZOOM = 1.3
PLACES_FROM_ZOOM = 1.0
BUBBLES_FROM_ZOOM = 0.7
HEAD = 1.35  # how far above its tile's lower edge a head ends, in tiles
TEXT_WIDTH = 230


class Labels:
    """Draws them, and remembers the bubbles' pictures and where each hung, so that it does not jump."""

    def __init__(self, fonts: Fonts, atlas: Atlas) -> None:
        self.fonts = fonts
        self.atlas = atlas
        self.names = Names(fonts, atlas)
        self._pictures: dict[tuple[str, str, float], pygame.Surface] = {}
        self._hung: dict[str, tuple[int, int]] = {}

    def draw(
        self,
        target: pygame.Surface,
        scene: Scene,
        camera: Camera,
        *,
        selected: str | None = None,
        taken: Sequence[Box] = (),
        hidden: frozenset[str] = frozenset(),
        inside: Mapping[str, int] | None = None,
    ) -> list[tuple[Bubble, Box]]:
        """Draws all labels and returns where bubbles went.

        taken: what they must keep clear of. hidden: who is not to be seen. inside: how many are hidden in
        each house, by its path.
        """
        screen = pygame.Rect(0, 0, camera.width, camera.height)
        self._places(target, scene.town.places, camera, screen, inside or {})
        (left, top), (right, bottom) = camera.to_map(0, 0), camera.to_map(camera.width, camera.height)
        shown = [
            p
            for p in scene.people.values()
            if left <= p.x + 0.5 <= right and top <= p.y + 0.5 <= bottom and p.name not in hidden
        ]
        talking = frozenset(bubble.speaker for bubble in scene.bubbles)
        if camera.zoom < NAMES_FROM_ZOOM or len(shown) > MAX_NAMES:
            named = [p for p in shown if p.name == selected]
        else:
            named = shown
        self.names.draw(target, named, camera, selected, talking=talking)
        if camera.zoom < BUBBLES_FROM_ZOOM:
            return []
        return self._bubbles(target, scene, shown, camera, screen, taken)

    def _places(
        self,
        target: pygame.Surface,
        places: Sequence[Place],
        camera: Camera,
        screen: pygame.Rect,
        inside: Mapping[str, int],
    ) -> None:
        if camera.zoom < PLACES_FROM_ZOOM:
            return
        for place in places:
            if place.kind != "building":
                continue
            x, y = camera.to_screen(place.x + place.width / 2, place.y + 0.12)
            many = inside.get(place.path, 0)
            plate = self._plate(f"{place.name}  · {many}" if many else place.name)
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

    def _bubbles(  # noqa: PLR0917
        self,
        target: pygame.Surface,
        scene: Scene,
        shown: Sequence[Person],
        camera: Camera,
        screen: pygame.Rect,
        taken: Sequence[Box],
    ) -> list[tuple[Bubble, Box]]:
        near = screen.inflate(40, 40)
        hanging: list[tuple[Bubble, pygame.Surface, Wanted]] = []
        for bubble in scene.bubbles[-MAX_BUBBLES:]:
            if bubble.over is None:
                tip = (camera.width // 2, self.fonts.px(120))
            else:
                x, y = camera.to_screen(bubble.x + 0.5, bubble.y + 1 - HEAD)
                tip = (round(x), round(y))
            if near.collidepoint(tip):
                picture = self._picture(bubble, scene)
                hint = self._hung.get(bubble.id)
                wanted = Wanted(*tip, *picture.get_size(), hint, bubble.over is not None)
                hanging.append((bubble, picture, wanted))
        if not hanging:
            self._hung.clear()
            return []
        margin = self.fonts.px(6)
        area = Box(margin, margin, camera.width - 2 * margin, camera.height - 2 * margin)
        heads = [_box(body_of(person, camera)) for person in shown] if len(shown) <= MAX_NAMES else []
        places = place_bubbles(
            [wanted for _, _, wanted in hanging], area, taken, heads=heads, lift=self.fonts.px(10)
        )
        self._hung = {
            bubble.id: (place.box.x - wanted.x, place.box.y - wanted.y)
            for (bubble, _, wanted), place in zip(hanging, places, strict=True)
            if place is not None
        }
        drawn = []
        for (bubble, picture, _), place in zip(hanging, places, strict=True):
            if place is not None:
                self._hang(target, bubble, picture, place)
                drawn.append((bubble, place.box))
        return drawn

    def _hang(self, target: pygame.Surface, bubble: Bubble, picture: pygame.Surface, place: Placed) -> None:
        """A bubble with its tail; both fade together."""
        box, alpha = place.box, round(255 * bubble.opacity)
        if place.tail is not None:
            (x, y), tip = place.tail
            half, sideways = self.fonts.px(6), x in (box.x, box.right)
            root = [(x, y - half), (x, y + half)] if sideways else [(x - half, y), (x + half, y)]
            points = [*root, tip]
            area = pygame.Rect(0, 0, 1, 1)
            area.topleft = (min(p[0] for p in points) - 2, min(p[1] for p in points) - 2)
            area.width = max(p[0] for p in points) - area.x + 3
            area.height = max(p[1] for p in points) - area.y + 3
            veil = pygame.Surface(area.size, pygame.SRCALPHA, 32)
            moved = [(px - area.x, py - area.y) for px, py in points]
            pygame.draw.polygon(veil, pal.PARCHMENT[2], moved)
            pygame.draw.aaline(veil, pal.INK, moved[0], moved[2])
            pygame.draw.line(veil, pal.INK, moved[0], moved[2], self.fonts.px(2))
            pygame.draw.line(veil, pal.INK, moved[1], moved[2], self.fonts.px(2))
            veil.set_alpha(alpha)
            target.blit(veil, area)
        picture.set_alpha(alpha)
        target.blit(picture, (box.x, box.y))
        if place.tail is not None:  # opens the frame where the tail begins
            (x, y), _ = place.tail
            half, thick = self.fonts.px(5), self.fonts.px(2)
            if x in (box.x, box.right):
                gap = pygame.Rect(box.x if x == box.x else box.right - thick, y - half, thick, 2 * half)
            else:
                gap = pygame.Rect(x - half, box.y if y == box.y else box.bottom - thick, 2 * half, thick)
            patch = pygame.Surface(gap.size, 0, 32)
            patch.fill(pal.PARCHMENT[2])
            patch.set_alpha(alpha)
            target.blit(patch, gap)

    def _picture(self, bubble: Bubble, scene: Scene) -> pygame.Surface:
        key = (bubble.id, bubble.text, self.fonts.scale)
        if key not in self._pictures:
            if len(self._pictures) > 400:
                self._pictures.clear()
            self._pictures[key] = self._paint(bubble, scene)
        return self._pictures[key]

    def _paint(self, bubble: Bubble, scene: Scene) -> pygame.Surface:
        fonts, px = self.fonts, self.fonts.px
        lines = fonts.wrap(bubble.text, 14, px(TEXT_WIDTH), 6)
        drawn = [fonts.draw(line, 14, pal.TEXT) for line in lines]
        title = self._title(bubble, scene)
        step = fonts.height(14, bubble.text)
        width = max(surface.get_width() for surface in (title, *drawn)) + px(20)
        height = title.get_height() + step * len(drawn) + px(13)
        picture = pygame.Surface((width, height), pygame.SRCALPHA, 32)
        frame = picture.get_rect()
        pygame.draw.rect(picture, pal.INK, frame, border_radius=px(9))
        pygame.draw.rect(
            picture, pal.PARCHMENT[2], frame.inflate(-2 * px(2), -2 * px(2)), border_radius=px(7)
        )
        picture.blit(title, (px(10), px(5)))
        for i, line in enumerate(drawn):
            picture.blit(line, (px(10), px(7) + title.get_height() + i * step))
        return picture

    def _title(self, bubble: Bubble, scene: Scene) -> pygame.Surface:
        """Who speaks, and to whom: a face and a name each, an arrow between them."""
        fonts, px = self.fonts, self.fonts.px
        side, step = px(16), px(5)
        pieces: list[pygame.Surface] = []
        for name in (bubble.speaker, bubble.to):
            if not name:
                continue
            if pieces:
                pieces.append(_arrow(px(13), px(9)))
            person = scene.people.get(name)
            if person is not None:
                pieces.append(face_of(self.atlas, (name, tuple(sorted(person.look.items()))), side))
            pieces.append(fonts.draw(fonts.wrap(name, 12, px(110), 1)[0], 12, pal.ACCENT))
        height = max(piece.get_height() for piece in pieces)
        width = sum(piece.get_width() for piece in pieces) + step * (len(pieces) - 1)
        title, x = pygame.Surface((width, height), pygame.SRCALPHA, 32), 0
        for piece in pieces:
            title.blit(piece, (x, (height - piece.get_height()) // 2))
            x += piece.get_width() + step
        return title


def _arrow(width: int, height: int) -> pygame.Surface:
    arrow = pygame.Surface((width, height), pygame.SRCALPHA, 32)
    middle, head = height // 2, height // 2
    pygame.draw.line(arrow, pal.TEXT_SOFT, (0, middle), (width - 2, middle), 2)
    points = [(width - 1, middle), (width - 1 - head, 0), (width - 1 - head, height - 1)]
    pygame.draw.polygon(arrow, pal.TEXT_SOFT, points)
    return arrow


def _box(rect: pygame.Rect) -> Box:
    return Box(rect.x, rect.y, rect.width, rect.height)
