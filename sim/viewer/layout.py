"""Where speech bubbles go: near their speakers, never one over another, their tails across no face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = 4  # pixels kept free between bubbles
MOST_HEADS = 6  # whose edges bubbles are tried beside
MOST_SPOTS = 160  # of those nearest to the wished one, that are looked at for a clear tail
REACH = (420, 320)  # pixels: what lies farther from a speaker is not looked at, and no tail is longer
Point = tuple[int, int]


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

    def crossed(self, start: Point, end: Point) -> bool:
        """Whether the line between two points touches it (Liang and Barsky, 1984)."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        low, high = 0.0, 1.0
        for way, room in (
            (-dx, start[0] - self.x),
            (dx, self.right - start[0]),
            (-dy, start[1] - self.y),
            (dy, self.bottom - start[1]),
        ):
            if way == 0:
                if room < 0:
                    return False
                continue
            share = room / way
            if way < 0:
                low = max(low, share)
            else:
                high = min(high, share)
            if low > high:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bubble of a size whose tail points at (x, y): the top of a speaker's head, in pixels.

    hint: where its upper left corner was before, from (x, y): it stays there if it can. tail: has one.
    """

    x: int
    y: int
    width: int
    height: int
    hint: Point | None = None
    tail: bool = True


@dataclass(frozen=True, slots=True)
class Placed:
    """A bubble's box, and its tail: from a point on its edge to the speaker; None where it would cross a face
    or another bubble."""

    box: Box
    tail: tuple[Point, Point] | None


def place_bubbles(
    wanted: Sequence[Wanted],
    screen: Box,
    taken: Sequence[Box] = (),
    *,
    heads: Sequence[Box] = (),
    lift: int = 8,
) -> list[Placed | None]:
    """A place for each bubble, in order; None where no room is left (the first ones are placed first).

    Each goes above its speaker, or to the free spot nearest to that. Boxes lie on the screen and overlap
    neither each other nor `taken` (panels and the like); they keep clear of heads where they can. A tail
    crosses no head but the speaker's, no other bubble and no `taken`: a bubble goes where it has such
    a tail, and has none where there is no such spot.
    """
    result: list[Placed | None] = []
    placed: list[Placed] = []
    for want in wanted:
        found = _placed(want, screen, taken, placed, heads, lift)
        result.append(found)
        if found is not None:
            placed.append(found)
    return result


def _placed(  # noqa: PLR0917
    want: Wanted,
    screen: Box,
    taken: Sequence[Box],
    placed: Sequence[Placed],
    heads: Sequence[Box],
    lift: int,
) -> Placed | None:
    if want.width > screen.width or want.height > screen.height:
        return None
    full = [*taken, *(other.box for other in placed)]
    zone = Box(want.x - REACH[0], want.y - REACH[1], 2 * REACH[0], 2 * REACH[1])
    near = [head for head in heads if head.overlaps(zone)]
    fallback: Box | None = None
    for number, box in enumerate(_spots(want, screen, full, near, lift)):
        if number >= MOST_SPOTS and fallback is not None:
            break
        if any(box.overlaps(other, GAP) for other in full):
            continue
        if any(other.tail and box.crossed(*other.tail) for other in placed):
            continue
        fallback = fallback or box
        if any(box.overlaps(head) for head in near):
            continue
        tail = _tail(want, box)
        if tail is None or _is_clear(tail, want, full, near):
            return Placed(box, tail)
    if fallback is None:
        return None
    tail = _tail(want, fallback)
    return Placed(fallback, tail if tail is not None and _is_clear(tail, want, full, near) else None)


def _spots(want: Wanted, screen: Box, full: Sequence[Box], heads: Sequence[Box], lift: int) -> Iterator[Box]:
    """Spots on the screen, the nearest first: they touch its edge, another box, a head, or are as wished."""
    if want.hint is not None:
        x, y = want.x + want.hint[0], want.y + want.hint[1]
        box = Box(x, y, want.width, want.height)
        if box.inside(screen):
            yield box
    ideal_x, ideal_y = want.x - want.width // 2, want.y - lift - want.height
    side = want.width // 3
    xs = {ideal_x, ideal_x - side, ideal_x + side, screen.x, screen.right - want.width}
    ys = {ideal_y, ideal_y - 3 * lift, want.y + 6 * lift, screen.y, screen.bottom - want.height}
    nearest = sorted(heads, key=lambda head: abs(head.x - want.x) + abs(head.y - want.y))[:MOST_HEADS]
    for box in (*full, *nearest):
        xs |= {box.x - GAP - want.width, box.right + GAP}
        ys |= {box.y - GAP - want.height, box.bottom + GAP}
    xs = {min(max(x, screen.x), screen.right - want.width) for x in xs}
    ys = {min(max(y, screen.y), screen.bottom - want.height) for y in ys}
    for _, y, x in sorted((abs(x - ideal_x) + 2 * abs(y - ideal_y), y, x) for x in xs for y in ys):
        yield Box(x, y, want.width, want.height)


def _tail(want: Wanted, box: Box) -> tuple[Point, Point] | None:
    """From the point of the box's edge that is nearest to the speaker, away from its corners, to there."""
    if not want.tail:
        return None
    inset = min(14, box.width // 3)
    x = min(max(want.x, box.x + inset), box.right - inset)
    if want.y >= box.bottom:
        return (x, box.bottom), (want.x, want.y)
    if want.y < box.y:
        return (x, box.y), (want.x, want.y)
    y = min(max(want.y, box.y + 8), max(box.y + 8, box.bottom - 8))
    return (box.right if want.x >= box.right else box.x, y), (want.x, want.y)


def _is_clear(tail: tuple[Point, Point], want: Wanted, full: Sequence[Box], heads: Sequence[Box]) -> bool:
    """Whether a tail crosses nothing but the head that it points at."""
    own = Box(want.x - 1, want.y - 1, 3, 3)
    if any(abs(a - b) >= most for a, b, most in zip(*tail, REACH, strict=True)):
        return False
    if any(other.crossed(*tail) for other in full):
        return False
    return not any(head.crossed(*tail) for head in heads if not head.overlaps(own, 3))
