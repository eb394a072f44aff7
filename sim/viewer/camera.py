"""Which part of the map is seen, and how large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TILE = 16
ZOOMS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)


@dataclass(slots=True)
class Camera:
    """x, y: the middle of the view in tiles. zoom: screen pixels a map pixel. Sizes in screen pixels."""

    x: float
    y: float
    zoom: float
    width: int
    height: int

    @property
    def left(self) -> float:
        """The map pixel at the view's left edge."""
        return self.x * TILE - self.width / self.zoom / 2

    @property
    def top(self) -> float:
        return self.y * TILE - self.height / self.zoom / 2

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the map, in tiles, is on the screen."""
        return (x * TILE - self.left) * self.zoom, (y * TILE - self.top) * self.zoom

    def to_map(self, sx: float, sy: float) -> tuple[float, float]:
        """The point of the map, in tiles, under a pixel of the screen."""
        return (self.left + sx / self.zoom) / TILE, (self.top + sy / self.zoom) / TILE

    def pan(self, dx: float, dy: float) -> None:
        """Drags the map by so many screen pixels."""
        self.x -= dx / self.zoom / TILE
        self.y -= dy / self.zoom / TILE

    def zoom_at(self, sx: float, sy: float, steps: int) -> None:
        """Goes up or down the steps of ZOOMS so that the point under a pixel stays there."""
        x, y = self.to_map(sx, sy)
        nearest = min(range(len(ZOOMS)), key=lambda i: abs(ZOOMS[i] - self.zoom))
        self.zoom = ZOOMS[max(0, min(len(ZOOMS) - 1, nearest + steps))]
        nx, ny = self.to_map(sx, sy)
        self.x += x - nx
        self.y += y - ny

    def keep_on(self, columns: int, rows: int) -> None:
        """Moves the view so that it shows as little as can be of what lies outside a map of that size."""
        self.x = _kept(self.x, self.width / self.zoom / TILE, columns)
        self.y = _kept(self.y, self.height / self.zoom / TILE, rows)


def _kept(middle: float, seen: float, whole: float) -> float:
    if seen >= whole:
        return whole / 2
    return max(seen / 2, min(whole - seen / 2, middle))


def filling(columns: int, rows: int, width: int, height: int) -> float:
    """The least whole zoom at which a map of so many tiles leaves nothing of a view empty."""
    least = max(width / (max(1, columns) * TILE), height / (max(1, rows) * TILE))
    return next((zoom for zoom in ZOOMS if zoom >= max(1.0, least) and zoom == int(zoom)), ZOOMS[-1])


def whole(columns: int, rows: int, width: int, height: int) -> float:
    """The zoom at which all of a map of so many tiles is seen."""
    most = min(width / (max(1, columns) * TILE), height / (max(1, rows) * TILE))
    return max(ZOOMS[0], min(ZOOMS[-1], most))


def busiest(people: Sequence[tuple[float, float]], columns: float, rows: float) -> tuple[float, float] | None:
    """Where a view of so many tiles shows most people: the middle between the outermost of those, so that
    none is at its edge."""
    best: list[tuple[float, float]] = []
    for x, y in people[:200]:
        seen = [(a, b) for a, b in people if abs(a - x) < columns / 2 - 2 and abs(b - y) < rows / 2 - 2]
        if len(seen) > len(best):
            best = seen
    if not best:
        return None
    xs, ys = [x for x, _ in best], [y for _, y in best]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
