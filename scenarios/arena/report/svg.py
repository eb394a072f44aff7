"""Charts as SVG: axes, and the few shapes that the report draws. Lengths are in units of the viewBox."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

# Told apart without red and green, and by people who see few colours by their shape as well.
COLOURS = ("#2563a8", "#e07b00", "#1b2f5e", "#5b9bd5", "#7a3e00", "#f2a93b", "#6f7a86", "#9cc9ee")
SHAPES = ("circle", "square", "diamond", "triangle")


@dataclass(frozen=True, slots=True)
class Style:
    """How a strategy is drawn everywhere: of more strategies than colours the shape tells."""

    colour: str
    shape: str


def styles(names: Sequence[str]) -> dict[str, Style]:
    """A style for each."""
    return {
        name: Style(COLOURS[n % len(COLOURS)], SHAPES[(n + n // len(COLOURS)) % len(SHAPES)])
        for n, name in enumerate(names)
    }


@dataclass(frozen=True, slots=True)
class Scale:
    """From figures to lengths. log: by decades."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        low, high, value = map(self._of, (self.low, self.high, value))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + (self.end - self.start) * min(1.02, max(-0.02, share))

    def _of(self, value: float) -> float:
        return math.log10(max(value, 1e-9)) if self.log else value

    def ticks(self, about: int = 5) -> list[float]:
        """Round figures within the scale."""
        if self.log:
            low, high = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            steps = (1, 2, 5) if high - low <= 2 else (1,)
            found = [step * 10.0**power for power in range(low, high + 1) for step in steps]
            return [one for one in found if self.low <= one <= self.high]
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        raw = span / about
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(one * power for one in (1, 2, 5, 10) if one * power >= raw)
        first = math.ceil(self.low / step) * step
        return [first + n * step for n in range(int((self.high - first) / step + 1e-9) + 1)]


def around(figures: Sequence[float], *, zero: bool = False) -> tuple[float, float]:
    """Bounds that hold all finite figures with a margin."""
    finite = [one for one in figures if math.isfinite(one)] + ([0.0] if zero else [])
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    margin = (high - low) * 0.06 or max(abs(high), 1.0) * 0.1
    return low - margin, high + margin


def written(value: float) -> str:
    """A tick's figure, short."""
    if abs(value) >= 1000:
        return f"{value / 1000:g}k"
    return f"{value:.6g}"


@dataclass
class Drawing:
    """An SVG in the making. label: what it shows, for those who cannot see it."""

    width: float
    height: float
    label: str
    parts: list[str] = field(default_factory=list)

    def line(  # noqa: PLR0917
        self, x1: float, y1: float, x2: float, y2: float, kind: str, colour: str = ""
    ) -> None:
        paint = f' style="stroke:{colour}"' if colour else ""
        self.parts.append(
            f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{paint}/>'
        )

    def text(self, x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> None:
        self.parts.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
        )

    def path(self, points: Sequence[tuple[float, float]], kind: str, colour: str = "") -> None:
        if len(points) < 2:
            return
        paint = f' style="stroke:{colour}"' if colour else ""
        drawn = " ".join(f"{'M' if not n else 'L'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points))
        self.parts.append(f'<path class="{kind}" d="{drawn}"{paint}/>')

    def mark(  # noqa: PLR0917
        self, x: float, y: float, style: Style, size: float = 5.0, kind: str = "mark", tip: str = ""
    ) -> None:
        """A point in a strategy's colour and shape. tip: said when the pointer rests on it."""
        if style.shape == "circle":
            shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"'
        else:
            corners = {
                "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
                "diamond": [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)],
                "triangle": [(0, -1.2), (1.15, 0.9), (-1.15, 0.9)],
            }[style.shape]
            drawn = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in corners)
            shape = f'<polygon points="{drawn}"'
        title = f"<title>{escape(tip)}</title>" if tip else ""
        self.parts.append(
            f'{shape} class="{kind}" style="--c:{style.colour}">{title}</{shape[1:].split()[0]}>'
        )

    def across(self, scale: Scale, top: float, bottom: float, title: str = "") -> None:
        """A horizontal axis at the bottom with its grid."""
        for tick in scale.ticks():
            x = scale.at(tick)
            self.line(x, top, x, bottom, "grid")
            self.text(x, bottom + 15, written(tick), "tick", "middle")
        if title:
            self.text((scale.start + scale.end) / 2, bottom + 32, title, "axis", "middle")

    def up(self, scale: Scale, left: float, right: float, title: str = "") -> None:
        """A vertical axis at the left with its grid."""
        for tick in scale.ticks():
            y = scale.at(tick)
            self.line(left, y, right, y, "grid")
            self.text(left - 6, y + 4, written(tick), "tick", "end")
        if title:
            self.text(left - 4, scale.end - 10, title, "axis", "start")

    def svg(self) -> str:
        size = f"0 0 {self.width:.0f} {self.height:.0f}"
        head = f'<svg viewBox="{size}" role="img" aria-label="{escape(self.label)}">'
        return head + "".join(self.parts) + "</svg>"
