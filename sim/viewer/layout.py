"""Where speech bubbles go: near their speakers, on the screen, never one over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 4  # pixels kept free between bubbles


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def overlaps(self, other: Box, gap: int = 0) -> bool:
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def inside(self, other: Box) -> bool:
        return (
            self.x >= other.x
            and self.y >= other.y
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bubble of a size whose tail points at (x, y): the top of a speaker's head, in pixels."""

    x: int
    y: int
    width: int
    height: int


def place_bubbles(
    wanted: Sequence[Wanted],
    screen: Box,
    taken: Sequence[Box] = (),
    *,
    avoid: Sequence[Box] = (),
    lift: int = 8,
) -> list[Box | None]:
    """A box for each bubble, in order; None where no room is left (the first ones are placed first).

    Each goes above its speaker, or to the free spot nearest to that. Boxes lie on the screen and overlap
    neither each other nor `taken` (panels and the like); they keep clear of `avoid` (heads) where they can.
    """
    placed: list[Box] = list(taken)
    result: list[Box | None] = []
    for want in wanted:
        box = _nearest_free(want, screen, [*placed, *avoid], lift) or _nearest_free(
            want, screen, placed, lift
        )
        result.append(box)
        if box is not None:
            placed.append(box)
    return result


def _nearest_free(want: Wanted, screen: Box, placed: Sequence[Box], lift: int) -> Box | None:
    """Free spots nearest to the wished one touch an edge of the screen, of another box, or of the wish."""
    if want.width > screen.width or want.height > screen.height:
        return None
    ideal_x, ideal_y = want.x - want.width // 2, want.y - lift - want.height
    xs = {ideal_x, screen.x, screen.right - want.width}
    ys = {ideal_y, want.y + 6 * lift, screen.y, screen.bottom - want.height}
    for box in placed:
        xs |= {box.x - GAP - want.width, box.right + GAP}
        ys |= {box.y - GAP - want.height, box.bottom + GAP}
    xs = {min(max(x, screen.x), screen.right - want.width) for x in xs}
    ys = {min(max(y, screen.y), screen.bottom - want.height) for y in ys}
    spots = sorted((abs(x - ideal_x) + 2 * abs(y - ideal_y), y, x) for x in xs for y in ys)
    for _, y, x in spots:
        box = Box(x, y, want.width, want.height)
        if not any(box.overlaps(other, GAP) for other in placed):
            return box
    return None
