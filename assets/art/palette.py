"""The colours of the town: few, warm, shared by all that is drawn. (red, green, blue), 0 to 255."""

from __future__ import annotations

import colorsys
from functools import lru_cache

Colour = tuple[int, int, int]
Ramp = tuple[Colour, Colour, Colour]  # dark, middle, light


@lru_cache(maxsize=4096)
def rgb(code: str) -> Colour:
    """The colour that "#rrggbb" names. Raises ValueError."""
    if len(code) != 7 or code[0] != "#":
        raise ValueError(f"{code!r} is no colour of the form #rrggbb")
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def ramp(*codes: str) -> Ramp:
    dark, middle, light = (rgb(code) for code in codes)
    return dark, middle, light


INK = rgb("#3b2a30")
GRASS = ramp("#6d9b4a", "#7fae55", "#95bf63")
GRASS_DEEP = rgb("#557f43")
PATH = ramp("#b48c58", "#d3b07a", "#e4c894")
COBBLE = ramp("#8b8279", "#aca294", "#c6bdab")
FIELD = ramp("#6f4a35", "#8e6344", "#a97d56")
WATER = ramp("#3d77a3", "#5497bb", "#83bfd0")
FOAM = rgb("#d6ece4")
BANK = rgb("#8a6844")
WOOD = ramp("#7a4e2f", "#a8733f", "#cb985c")
FLOOR_WOOD = ramp("#97683f", "#b98552", "#d0a069")
FLOOR_STONE = ramp("#8f8a86", "#a8a39a", "#bdb8ac")
STONE = ramp("#6f6a6c", "#99938e", "#c0b9ac")
PLASTER = ramp("#c9ad84", "#ecd9b4", "#f8edd0")
TIMBER = ramp("#4e3428", "#6f4b35", "#8c6244")
LEAF = ramp("#3f6b3f", "#58894a", "#7fab57")
PINE = ramp("#2f5a46", "#427450", "#679463")
BLOSSOM = ramp("#c77f8c", "#e4a6a8", "#f6cfc6")
ROOF = ramp("#8c3f33", "#b5573f", "#d27c55")
WHEAT = ramp("#b98a35", "#dcb44f", "#f2d67c")
IRON = ramp("#3f4048", "#5d6068", "#8b9096")
CLOTH = ramp("#b9ac99", "#e6dcc8", "#fbf6e8")
RED = ramp("#8e3440", "#bf4a4a", "#dd7566")
BLUE = ramp("#3c5382", "#5577a8", "#86a5c8")
FIRE = ramp("#d8582e", "#f39a3b", "#ffe08a")
GLASS = ramp("#5b8299", "#8fb9c4", "#cfe6e2")
LAMP = rgb("#ffd88a")

PARCHMENT = ramp("#d9c39a", "#f4e6c6", "#fdf6e3")
TEXT = rgb("#3d2b2b")
TEXT_SOFT = rgb("#7d6654")
ACCENT = rgb("#b4553c")
SEA = rgb("#3f7f8c")

# The keys in which sprites of people are drawn; a look puts its own colours in their places.
KEYS: dict[str, Colour] = {
    "hair_dark": (150, 0, 0),
    "hair": (200, 0, 0),
    "hair_light": (250, 0, 0),
    "skin_dark": (0, 150, 0),
    "skin": (0, 200, 0),
    "coat_dark": (0, 0, 150),
    "coat": (0, 0, 200),
    "coat_light": (0, 0, 250),
    "legs_dark": (150, 0, 150),
    "legs": (200, 0, 200),
}


@lru_cache(maxsize=4096)
def shade(colour: Colour, factor: float) -> Colour:
    """A darker tone (factor below 1, turned towards blue) or a lighter one (above 1, towards yellow)."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    lightness = min(0.96, lightness * factor)
    target = 0.68 if factor < 1 else 0.14
    turn = (target - hue + 0.5) % 1.0 - 0.5
    hue = (hue + 0.035 * turn) % 1.0
    r, g, b = colorsys.hls_to_rgb(hue, lightness, saturation)
    return round(r * 255), round(g * 255), round(b * 255)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of b, the rest of a."""
    r, g, c = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return r, g, c
