"""What grows, and small pieces of the outdoors: trees bigger than a tile, bushes, crops, tufts, fences."""

from __future__ import annotations

import random
import zlib

from burgh.assets.art.canvas import Canvas
from burgh.assets.art.palette import (
    BLOSSOM,
    GRASS,
    GRASS_DEEP,
    INK,
    LEAF,
    PINE,
    RED,
    TIMBER,
    WHEAT,
    WOOD,
    Ramp,
    mix,
    rgb,
)

TREE_INK = rgb("#2c4636")


def _chance(kind: str, variant: str) -> random.Random:
    """The same chance every time a piece is drawn."""
    return random.Random(zlib.crc32(f"{kind} {variant}".encode()))


def _crown(  # noqa: PLR0917
    c: Canvas, rng: random.Random, cx: float, cy: float, rx: float, ry: float, leaves: Ramp
) -> None:
    """A round crown made of clumps: dark below, light towards the upper left."""
    c.disc(cx, cy, rx, ry, leaves[0])
    for _ in range(46):
        x, y = rng.uniform(-0.82, 0.82), rng.uniform(-0.82, 0.82)
        if x * x + y * y > 0.72:
            continue
        lit = -0.55 * x - 0.8 * y
        tone = leaves[2] if lit > 0.42 else leaves[1] if lit > -0.28 else leaves[0]
        size = rng.uniform(1.2, 2.2)
        c.disc(cx + x * rx, cy + y * ry, size + 0.5, size, tone)
    for _ in range(26):
        x, y = rng.uniform(-0.7, 0.7), rng.uniform(-0.75, 0.7)
        lit = -0.55 * x - 0.8 * y
        tone = mix(leaves[2], (255, 255, 210), 0.25) if lit > 0.35 else leaves[1]
        px, py = int(cx + x * rx), int(cy + y * ry)
        c.dots([(px, py), (px + 1, py)], tone)


def broadleaf(variant: int, leaves: Ramp = LEAF) -> Canvas:
    rng = _chance("tree", str(variant))
    c = Canvas(32, 42)
    c.box(14, 29, 5, 11, TIMBER[1])
    c.box(17, 29, 2, 11, TIMBER[0])
    c.box(13, 38, 7, 2, TIMBER[1])
    c.dots([(12, 39), (20, 39)], TIMBER[0])
    crown = Canvas(32, 42)
    if variant % 2:
        _crown(crown, rng, 16, 16, 13.5, 13.5, leaves)
    else:
        _crown(crown, rng, 10.5, 20, 9, 8.5, leaves)
        _crown(crown, rng, 21.5, 20, 9, 8.5, leaves)
        _crown(crown, rng, 16, 13, 10.5, 11, leaves)
    c.paste(crown, 0, 0)
    c.outline(TREE_INK)
    if variant == 3:
        for _ in range(9):
            x, y = rng.randrange(7, 25), rng.randrange(8, 26)
            c.dots([(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)], RED[1])
            c.dot(x, y, RED[2])
    return c


def pine(variant: int) -> Canvas:
    rng = _chance("pine", str(variant))
    c = Canvas(28, 46)
    c.box(12, 36, 4, 8, TIMBER[1])
    c.box(14, 36, 2, 8, TIMBER[0])
    for tier, (top, width) in enumerate(((22, 12), (13, 10), (4, 7))):
        for i in range(15):
            half = round(width * (i + 1) / 15)
            c.box(14 - half, top + i, 2 * half, 1, PINE[1])
            c.box(14 + half // 3, top + i, half - half // 3, 1, PINE[0])
            if i < 12 - tier:
                c.box(14 - half, top + i, max(1, half // 2), 1, PINE[2] if i % 3 != 2 else PINE[1])
        for x in range(14 - width, 14 + width, 3):
            c.box(x + rng.randrange(2), top + 15, 2, 1, PINE[0])
    c.outline(TREE_INK)
    return c


def bush(variant: int) -> Canvas:
    rng = _chance("bush", str(variant))
    c = Canvas(18, 18)
    _crown(c, rng, 9, 10, 7, 6.2, LEAF)
    c.outline(TREE_INK)
    if variant:
        for _ in range(5):
            c.dot(rng.randrange(4, 14), rng.randrange(6, 13), RED[2] if variant == 1 else BLOSSOM[2])
    return c


def tuft(variant: int) -> Canvas:
    c = Canvas(8, 6)
    shapes = (
        ((1, 3), (2, 4), (3, 2), (3, 3), (3, 4), (5, 3), (4, 4)),
        ((0, 4), (1, 3), (2, 4), (4, 3), (5, 4), (4, 4)),
        ((2, 3), (3, 4), (4, 3)),
    )
    c.dots(shapes[variant], GRASS_DEEP if variant != 2 else GRASS[0])
    c.dots([(x, y - 1) for x, y in shapes[variant][::3]], GRASS[2])
    return c


def flower(variant: int) -> Canvas:
    petals = ((250, 246, 232), WHEAT[2], BLOSSOM[1], rgb("#8fa6d9"), RED[2])[variant]
    c = Canvas(5, 6)
    c.dots([(2, 3), (2, 4), (3, 4)], GRASS_DEEP)
    c.dots([(2, 0), (1, 1), (3, 1), (2, 2)], petals)
    c.dot(2, 1, WHEAT[1] if variant != 1 else WHEAT[0])
    return c


def wheat(variant: int) -> Canvas:
    rng = _chance("wheat", str(variant))
    c = Canvas(16, 22)
    for base in (14, 17, 20):
        for x in range(0, 16, 2):
            top = base - 9 - rng.randrange(3)
            lean = rng.randrange(2)
            c.box(x + lean, top + 3, 1, base - top - 2, WHEAT[0])
            c.box(x, top, 2, 4, WHEAT[1])
            c.dot(x, top, WHEAT[2])
            c.dot(x + 1, top + 2, WHEAT[2])
    return c


def reeds(variant: int) -> Canvas:
    rng = _chance("reeds", str(variant))
    c = Canvas(16, 20)
    for _ in range(8):
        x, top = rng.randrange(1, 15), rng.randrange(2, 9)
        c.box(x, top, 1, 18 - top, LEAF[rng.randrange(3)])
        if rng.random() < 0.5:
            c.box(x, top, 1, 4, TIMBER[1])
    return c


def cabbage(variant: int) -> Canvas:
    c = Canvas(8, 7)
    leaves = (LEAF, (LEAF[1], GRASS[2], rgb("#b9d488")), (LEAF[0], LEAF[1], RED[1]))[variant]
    c.disc(4, 4, 3.5, 2.8, leaves[0])
    c.disc(4, 3.6, 2.4, 2, leaves[1])
    c.dots([(3, 3), (4, 2)], leaves[2])
    return c


def sprout() -> Canvas:
    c = Canvas(5, 5)
    c.dots([(2, 3), (2, 2), (1, 1), (3, 1), (2, 4)], LEAF[1])
    c.dots([(1, 1), (3, 1)], GRASS[2])
    return c


def fence(arms: str) -> Canvas:
    """A post with rails to the sides that are named, as in "nwes"."""
    c = Canvas(16, 18)
    for y in (6, 10):
        if "w" in arms:
            c.box(0, y, 8, 2, WOOD[1])
            c.box(0, y, 8, 1, WOOD[2])
            c.box(0, y + 2, 8, 1, INK)
        if "e" in arms:
            c.box(8, y, 8, 2, WOOD[1])
            c.box(8, y, 8, 1, WOOD[2])
            c.box(8, y + 2, 8, 1, INK)
    for arm, y in (("n", 0), ("s", 8)):
        if arm in arms:
            c.box(5, y, 6, 10, INK)
            c.box(6, y, 2, 10, WOOD[2])
            c.box(8, y, 2, 10, WOOD[1])
    c.box(6, 3, 4, 12, WOOD[1])
    c.box(6, 3, 4, 2, WOOD[2])
    c.box(9, 5, 1, 10, WOOD[0])
    c.frame(5, 2, 6, 14, INK)
    return c


def draw() -> dict[str, Canvas]:
    """Every piece by name: "tree/0", "bush/1", "tuft/2", "fence/we", ..."""
    sprites: dict[str, Canvas] = {}
    sprites |= {f"tree/{i}": broadleaf(i) for i in range(4)}
    sprites["tree/4"] = broadleaf(5, (BLOSSOM[0], BLOSSOM[1], BLOSSOM[2]))
    sprites |= {f"tree/{5 + i}": pine(i) for i in range(2)}
    sprites |= {f"bush/{i}": bush(i) for i in range(3)}
    sprites |= {f"tuft/{i}": tuft(i) for i in range(3)}
    sprites |= {f"flower/{i}": flower(i) for i in range(5)}
    sprites |= {f"wheat/{i}": wheat(i) for i in range(3)}
    sprites |= {f"reeds/{i}": reeds(i) for i in range(2)}
    sprites |= {f"cabbage/{i}": cabbage(i) for i in range(3)}
    sprites["sprout"] = sprout()
    arms = ("".join(a for a, on in zip("nwes", bits, strict=True) if on) for bits in _bits())
    sprites |= {f"fence/{a}": fence(a) for a in arms}
    return sprites


def _bits() -> list[tuple[bool, bool, bool, bool]]:
    return [(bool(i & 8), bool(i & 4), bool(i & 2), bool(i & 1)) for i in range(16)]
