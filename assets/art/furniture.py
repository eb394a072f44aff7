"""Furniture, 16 wide and as high as it needs: each stands on the lower edge of its tile."""

from __future__ import annotations

from burgh.assets.art.canvas import Canvas
from burgh.assets.art.palette import (
    BLUE,
    CLOTH,
    FIRE,
    GLASS,
    INK,
    IRON,
    LAMP,
    LEAF,
    PLASTER,
    RED,
    STONE,
    TIMBER,
    WATER,
    WHEAT,
    WOOD,
    Ramp,
    rgb,
)


def _legs(c: Canvas, y: int, xs: tuple[int, ...] = (2, 12)) -> None:
    for x in xs:
        c.box(x, y, 2, 3, TIMBER[0])


def _desk(c: Canvas, ramp: Ramp = WOOD) -> None:
    _legs(c, 15)
    c.block(0, 6, 16, 6, 4, ramp, INK)
    c.box(1, 10, 14, 1, ramp[1])


def bed() -> Canvas:
    c = Canvas(16, 24)
    c.box(1, 2, 14, 5, TIMBER[1])
    c.frame(1, 2, 14, 5, INK)
    c.box(2, 3, 12, 1, TIMBER[2])
    c.box(1, 6, 14, 16, CLOTH[1])
    c.frame(1, 6, 14, 17, INK)
    c.box(3, 7, 10, 4, CLOTH[2])
    c.box(3, 10, 10, 1, CLOTH[0])
    c.box(2, 12, 12, 8, RED[1])
    c.box(2, 12, 12, 2, RED[2])
    c.box(2, 13, 12, 1, CLOTH[2])
    c.box(13, 14, 1, 6, RED[0])
    c.box(2, 20, 12, 2, TIMBER[1])
    c.box(2, 20, 12, 1, TIMBER[2])
    return c


def table() -> Canvas:
    c = Canvas(16, 18)
    _desk(c)
    c.box(3, 8, 4, 2, CLOTH[2])
    c.dots([(4, 8), (5, 8)], CLOTH[0])
    c.box(10, 7, 3, 3, WOOD[0])
    c.dots([(10, 7), (11, 7)], RED[2])
    return c


def chair() -> Canvas:
    c = Canvas(16, 16)
    c.box(4, 0, 8, 8, WOOD[1])
    c.box(5, 2, 6, 1, WOOD[0])
    c.box(5, 5, 6, 1, WOOD[0])
    c.box(4, 8, 8, 3, WOOD[2])
    c.box(4, 11, 2, 4, TIMBER[1])
    c.box(10, 11, 2, 4, TIMBER[1])
    c.outline(INK)
    return c


def oven(*, lit: bool = False) -> Canvas:
    c = Canvas(16, 26)
    c.box(5, 0, 6, 8, STONE[1])
    c.box(9, 0, 2, 8, STONE[0])
    c.frame(5, 0, 6, 8, INK)
    c.disc(8, 12, 8, 7, INK)
    c.disc(8, 12, 7, 6, rgb("#b8734f"))
    c.disc(6.5, 10, 4.5, 3, rgb("#cf8f66"))
    c.box(0, 13, 16, 12, INK)
    c.box(1, 13, 14, 11, rgb("#a9623f"))
    for y in (14, 17, 20, 23):
        for x in range(1 + (y % 2) * 2, 15, 5):
            c.box(x, y, 3, 1, rgb("#c37e57"))
    c.disc(8, 20, 4.5, 4.5, INK)
    c.box(4, 20, 9, 4, INK)
    if lit:
        c.disc(8, 21, 3.5, 3.5, FIRE[0])
        c.disc(8, 22, 2.6, 2.6, FIRE[1])
        c.disc(8, 22.6, 1.5, 1.5, FIRE[2])
    else:
        c.disc(8, 21, 3.4, 3.4, rgb("#2a2026"))
        c.dots([(6, 23), (8, 22), (10, 23)], FIRE[0])
    return c


def hearth(*, lit: bool = False) -> Canvas:
    c = Canvas(16, 26)
    c.box(3, 0, 10, 8, STONE[1])
    c.box(4, 1, 3, 2, STONE[2])
    c.box(8, 4, 4, 2, STONE[2])
    c.frame(3, 0, 10, 8, INK)
    c.block(0, 7, 16, 3, 15, STONE, INK)
    c.box(0, 9, 16, 2, TIMBER[1])
    for x, y in ((2, 13), (12, 14), (1, 17), (12, 18), (2, 21), (12, 22)):
        c.box(x, y, 2, 2, STONE[2])
    c.box(4, 13, 8, 11, INK)
    c.box(5, 14, 6, 10, rgb("#2e2228"))
    c.box(5, 22, 6, 2, TIMBER[2])
    if lit:
        c.disc(8, 20, 2.8, 4, FIRE[0])
        c.disc(8, 21, 2, 2.8, FIRE[1])
        c.disc(8, 22, 1.2, 1.6, FIRE[2])
    else:
        c.dots([(6, 21), (9, 21)], FIRE[0])
    return c


def counter() -> Canvas:
    c = Canvas(16, 18)
    c.block(0, 4, 16, 6, 8, WOOD, INK)
    c.box(2, 12, 5, 4, WOOD[0])
    c.box(9, 12, 5, 4, WOOD[0])
    loaf = WHEAT[0]
    c.disc(5, 6, 2.6, 1.8, loaf)
    c.disc(11, 6.4, 2.6, 1.8, loaf)
    c.dots([(4, 5), (5, 5), (10, 6), (11, 5)], WHEAT[2])
    return c


def shelf() -> Canvas:
    c = Canvas(16, 26)
    c.block(0, 2, 16, 3, 20, TIMBER, INK)
    for y in (7, 13, 19):
        c.box(2, y, 12, 4, rgb("#3a2928"))
        c.box(1, y + 4, 14, 1, WOOD[2])
    books = (RED[1], BLUE[1], WHEAT[0], LEAF[1], CLOTH[0], RED[0], BLUE[2])
    for i, x in enumerate(range(2, 14, 2)):
        c.box(x, 7 + i % 2, 2, 4 - i % 2, books[i % 7])
        c.box(x, 13 + (i + 1) % 2, 2, 4 - (i + 1) % 2, books[(i + 3) % 7])
    c.disc(5, 21, 1.8, 2, rgb("#b8734f"))
    c.disc(10, 21, 1.8, 2, GLASS[1])
    return c


def bar() -> Canvas:
    c = Canvas(16, 18)
    c.block(0, 4, 16, 5, 9, TIMBER, INK)
    c.box(1, 5, 14, 2, TIMBER[2])
    for x in (3, 8, 13):
        c.box(x, 11, 1, 6, TIMBER[0])
    c.box(4, 2, 3, 4, WHEAT[1])
    c.box(4, 2, 3, 1, CLOTH[2])
    c.box(11, 3, 3, 3, WHEAT[1])
    c.box(11, 3, 3, 1, CLOTH[2])
    return c


def barrel() -> Canvas:
    c = Canvas(16, 18)
    c.disc(8, 10, 5.5, 7.5, WOOD[1])
    c.box(11, 6, 2, 8, WOOD[0])
    c.box(4, 6, 2, 8, WOOD[2])
    c.box(3, 7, 10, 1, IRON[1])
    c.box(3, 13, 10, 1, IRON[1])
    c.disc(8, 4.5, 4.2, 2, WOOD[0])
    c.disc(8, 4.2, 3.4, 1.4, WOOD[2])
    c.outline(INK)
    return c


def desk() -> Canvas:
    c = Canvas(16, 18)
    _desk(c)
    c.box(3, 7, 5, 3, CLOTH[2])
    c.dots([(4, 8), (5, 8), (6, 8)], IRON[2])
    c.box(11, 5, 2, 4, BLUE[0])
    c.dot(12, 4, CLOTH[2])
    c.dot(13, 3, CLOTH[2])
    return c


def blackboard() -> Canvas:
    c = Canvas(16, 24)
    c.box(2, 20, 2, 4, TIMBER[1])
    c.box(12, 20, 2, 4, TIMBER[1])
    c.box(0, 3, 16, 17, INK)
    c.box(1, 4, 14, 15, WOOD[1])
    c.box(2, 5, 12, 12, rgb("#35564d"))
    c.dots([(4, 7), (5, 7), (7, 7), (8, 7), (9, 7), (4, 10), (5, 10), (6, 10), (9, 10), (10, 10)], CLOTH[2])
    c.dots([(4, 13), (5, 13), (7, 13), (8, 13), (11, 13)], CLOTH[0])
    c.box(4, 17, 4, 1, CLOTH[2])
    return c


def bench() -> Canvas:
    c = Canvas(16, 14)
    _legs(c, 10)
    c.block(0, 4, 16, 4, 3, WOOD, INK)
    c.box(1, 6, 14, 1, WOOD[1])
    return c


def pew() -> Canvas:
    c = Canvas(16, 18)
    c.block(0, 2, 16, 2, 7, TIMBER, INK)
    c.block(0, 9, 16, 4, 4, WOOD, INK)
    return c


def workbench() -> Canvas:
    c = Canvas(16, 19)
    _legs(c, 15)
    c.block(0, 6, 16, 6, 4, WOOD, INK)
    c.box(2, 8, 6, 1, IRON[2])
    c.box(2, 9, 2, 1, TIMBER[0])
    c.box(10, 7, 1, 4, TIMBER[0])
    c.box(9, 6, 4, 2, IRON[1])
    c.dots([(5, 10), (6, 11), (13, 10)], WHEAT[2])
    return c


def altar() -> Canvas:
    c = Canvas(16, 24)
    c.block(0, 10, 16, 5, 9, STONE, INK)
    c.box(1, 11, 14, 3, CLOTH[2])
    c.box(4, 14, 8, 6, CLOTH[1])
    c.box(7, 15, 2, 4, WHEAT[1])
    c.box(6, 16, 4, 1, WHEAT[1])
    for x in (3, 12):
        c.box(x, 7, 1, 5, CLOTH[2])
        c.dot(x, 6, FIRE[1])
        c.dot(x, 5, FIRE[2])
    c.box(7, 3, 2, 8, WHEAT[0])
    c.box(5, 5, 6, 2, WHEAT[1])
    return c


def well() -> Canvas:
    c = Canvas(20, 30)
    c.disc(10, 23, 9.5, 6.5, INK)
    c.disc(10, 23, 8.6, 5.6, STONE[1])
    c.box(1, 20, 18, 4, STONE[1])
    for x, y in ((3, 24), (7, 26), (12, 26), (15, 24), (9, 23)):
        c.box(x, y, 3, 2, STONE[2])
    c.disc(10, 19, 9.4, 4.6, INK)
    c.disc(10, 19, 8.6, 3.9, STONE[2])
    c.disc(10, 19.4, 6.2, 2.6, WATER[0])
    c.box(6, 20, 5, 1, WATER[2])
    c.box(2, 6, 2, 14, TIMBER[1])
    c.box(16, 6, 2, 14, TIMBER[1])
    c.box(9, 7, 1, 9, CLOTH[0])
    c.box(8, 14, 4, 3, WOOD[0])
    for i in range(6):
        c.box(5 - i, 1 + i, 10 + 2 * i, 1, RED[2] if i % 2 == 0 else RED[1])
    c.box(0, 7, 20, 1, RED[0])
    c.box(0, 8, 20, 1, INK)
    c.box(5, 0, 10, 1, INK)
    return c


def stall() -> Canvas:
    c = Canvas(22, 30)
    c.box(2, 10, 2, 18, TIMBER[1])
    c.box(18, 10, 2, 18, TIMBER[1])
    c.block(1, 18, 20, 5, 6, WOOD, INK)
    for i, x in enumerate(range(3, 19, 3)):
        colour = (RED[1], WHEAT[1], LEAF[2], FIRE[1], RED[2], LEAF[1])[i % 6]
        c.disc(x + 1, 20, 1.6, 1.5, colour)
    c.box(3, 24, 16, 3, rgb("#3a2928"))
    for i in range(11):
        stripe = RED if i % 2 == 0 else CLOTH
        c.box(2 * i, 3, 2, 6, stripe[2])
        c.box(2 * i, 9, 2, 3, stripe[1])
        c.box(2 * i, 12, 2, 1 + i % 2, stripe[0])
    c.box(1, 2, 20, 1, INK)
    c.box(0, 3, 1, 10, INK)
    c.box(21, 3, 1, 10, INK)
    return c


def signpost() -> Canvas:
    c = Canvas(16, 22)
    c.box(7, 6, 2, 15, TIMBER[1])
    c.box(1, 2, 13, 5, WOOD[2])
    c.box(14, 3, 1, 3, WOOD[2])
    c.box(3, 9, 12, 4, WOOD[1])
    c.box(3, 4, 8, 1, TIMBER[1])
    c.box(6, 11, 7, 1, TIMBER[0])
    c.outline(INK)
    return c


def crate() -> Canvas:
    c = Canvas(16, 17)
    c.block(1, 2, 14, 5, 9, WOOD, INK)
    c.box(2, 9, 12, 1, WOOD[0])
    c.box(2, 13, 12, 1, WOOD[0])
    c.box(2, 8, 2, 7, WOOD[2])
    c.box(12, 8, 2, 7, WOOD[2])
    for x in (4, 7, 10):
        c.disc(x + 1, 4.5, 1.7, 1.5, LEAF[1] if x == 7 else RED[1])
    return c


def chest() -> Canvas:
    c = Canvas(16, 16)
    c.block(1, 2, 14, 6, 7, WOOD, INK)
    c.box(4, 3, 1, 11, IRON[1])
    c.box(11, 3, 1, 11, IRON[1])
    c.box(7, 7, 2, 3, WHEAT[1])
    return c


def plough() -> Canvas:
    c = Canvas(16, 16)
    for i in range(10):
        c.box(2 + i, 3 + i // 2, 2, 2, WOOD[1])
    c.box(1, 1, 2, 4, WOOD[2])
    c.disc(12.5, 11, 2.6, 2.6, TIMBER[0])
    c.disc(12.5, 11, 1.4, 1.4, WOOD[2])
    c.box(6, 8, 5, 2, IRON[2])
    c.box(6, 10, 3, 3, IRON[1])
    c.outline(INK)
    return c


def scarecrow() -> Canvas:
    c = Canvas(16, 26)
    c.box(7, 14, 2, 11, TIMBER[1])
    c.box(1, 11, 14, 2, TIMBER[2])
    c.box(4, 11, 8, 8, BLUE[1])
    c.box(2, 11, 3, 3, BLUE[1])
    c.box(11, 11, 3, 3, BLUE[0])
    c.box(6, 14, 2, 2, RED[2])
    c.dots([(0, 12), (15, 12), (4, 19), (6, 19), (9, 19), (11, 19)], WHEAT[2])
    c.disc(8, 7.5, 3.2, 3.2, CLOTH[1])
    c.dots([(6, 7), (9, 7)], INK)
    c.box(3, 4, 10, 1, WHEAT[0])
    c.box(5, 1, 6, 3, WHEAT[1])
    c.outline(INK)
    return c


def woodpile() -> Canvas:
    c = Canvas(16, 17)
    for row, (y, xs) in enumerate(((13, (3, 8, 13)), (9, (5, 11)), (5, (8,)))):
        for x in xs:
            c.disc(x, y, 2.8, 2.4, WOOD[2] if row != 1 else WHEAT[2])
            c.disc(x, y, 1.5, 1.2, WOOD[1])
            c.dot(x, y, WOOD[0])
    c.outline(TIMBER[0])
    return c


def lantern(*, lit: bool = False) -> Canvas:
    c = Canvas(16, 26)
    c.box(7, 9, 2, 15, IRON[0])
    c.box(5, 23, 6, 2, IRON[1])
    c.box(5, 3, 6, 7, LAMP if lit else GLASS[2])
    c.box(7, 4, 2, 5, PLASTER[2] if lit else GLASS[1])
    c.box(4, 2, 8, 1, IRON[1])
    c.box(6, 0, 4, 2, IRON[1])
    c.box(4, 10, 8, 1, IRON[1])
    c.outline(INK)
    return c


def draw() -> dict[str, Canvas]:
    """Every piece by name: "thing/bed", and "thing/oven/lit" for those that can burn."""
    plain = (bed, table, chair, oven, counter, shelf, hearth, bar, barrel, desk, blackboard, bench, pew)
    more = (workbench, altar, well, stall, signpost, crate, chest, plough, scarecrow, woodpile, lantern)
    sprites = {f"thing/{piece.__name__}": piece() for piece in (*plain, *more)}
    for burning in (oven, hearth, lantern):
        sprites[f"thing/{burning.__name__}/lit"] = burning(lit=True)
    return sprites
