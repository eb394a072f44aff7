"""A small picture to draw on, pixel by pixel: RGBA in a numpy array of shape (height, width, 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from burgh.assets.art.palette import Colour, Ramp

Pixels = NDArray[np.uint8]


class Canvas:
    """Origin top left; what lies outside is clipped. Rectangles are (x, y, width, height)."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels: Pixels = np.zeros((height, width, 4), np.uint8)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def dot(self, x: int, y: int, colour: Colour) -> None:
        if 0 <= x < self.width and 0 <= y < self.height:
            self.pixels[y, x] = (*colour, 255)

    def dots(self, places: Sequence[tuple[int, int]], colour: Colour) -> None:
        for x, y in places:
            self.dot(x, y, colour)

    def box(self, x: int, y: int, width: int, height: int, colour: Colour) -> None:
        self.pixels[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = (*colour, 255)

    def frame(self, x: int, y: int, width: int, height: int, colour: Colour) -> None:
        self.box(x, y, width, 1, colour)
        self.box(x, y + height - 1, width, 1, colour)
        self.box(x, y, 1, height, colour)
        self.box(x + width - 1, y, 1, height, colour)

    def block(  # noqa: PLR0917
        self, x: int, y: int, width: int, top: int, front: int, ramp: Ramp, ink: Colour
    ) -> None:
        """A box seen from the front and above: a lit top of `top` rows over a front of `front` rows."""
        dark, middle, light = ramp
        self.box(x, y, width, top, light)
        self.box(x, y + top, width, front, middle)
        self.box(x, y + top, width, 1, dark)
        self.frame(x, y, width, top + front, ink)

    def disc(self, cx: float, cy: float, rx: float, ry: float, colour: Colour) -> None:
        """A filled ellipse about (cx, cy)."""
        ys, xs = np.mgrid[0 : self.height, 0 : self.width]
        inside = ((xs + 0.5 - cx) / rx) ** 2 + ((ys + 0.5 - cy) / ry) ** 2 <= 1
        self.pixels[inside] = (*colour, 255)

    def text(self, rows: Sequence[str], colours: Mapping[str, Colour], x: int = 0, y: int = 0) -> None:
        """Pixels from lines of letters; letters without a colour (".", " ") leave what is there."""
        for dy, row in enumerate(rows):
            for dx, letter in enumerate(row):
                if letter in colours:
                    self.dot(x + dx, y + dy, colours[letter])

    def outline(self, colour: Colour) -> None:
        """A line of one pixel around all that is drawn, where there is room."""
        solid = self.pixels[..., 3] > 0
        around = np.zeros_like(solid)
        around[1:] |= solid[:-1]
        around[:-1] |= solid[1:]
        around[:, 1:] |= solid[:, :-1]
        around[:, :-1] |= solid[:, 1:]
        self.pixels[around & ~solid] = (*colour, 255)

    def paste(self, other: Canvas, x: int, y: int) -> None:
        """Puts another picture's solid pixels here."""
        for dy, dx in np.argwhere(other.pixels[..., 3] > 0):
            px, py = x + int(dx), y + int(dy)
            if 0 <= px < self.width and 0 <= py < self.height:
                self.pixels[py, px] = other.pixels[dy, dx]

    def mirrored(self) -> Canvas:
        twin = Canvas(self.width, self.height)
        twin.pixels = self.pixels[:, ::-1].copy()
        return twin
