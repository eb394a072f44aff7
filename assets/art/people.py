"""Villagers, 16 x 24, in key colours that a look replaces: bodies, hair, hats and aprons apart."""

from __future__ import annotations

from burgh.assets.art.canvas import Canvas
from burgh.assets.art.hair import HAIR, HATS
from burgh.assets.art.palette import CLOTH, INK, KEYS, TIMBER, WHEAT, Colour, rgb

WIDTH, HEIGHT = 16, 24
FACINGS = ("down", "up", "right")

COLOURS: dict[str, Colour] = {
    "o": INK,
    "H": KEYS["hair_dark"],
    "h": KEYS["hair"],
    "l": KEYS["hair_light"],
    "S": KEYS["skin_dark"],
    "s": KEYS["skin"],
    "C": KEYS["coat_dark"],
    "c": KEYS["coat"],
    "d": KEYS["coat_light"],
    "T": KEYS["legs_dark"],
    "t": KEYS["legs"],
    "B": rgb("#4a3128"),
    "b": rgb("#6b4532"),
    "e": rgb("#2b2026"),
    "w": CLOTH[2],
    "W": CLOTH[0],
    "y": WHEAT[2],
    "Y": WHEAT[1],
    "z": WHEAT[0],
    "n": TIMBER[1],
    "N": TIMBER[0],
    "m": TIMBER[2],
    "r": rgb("#d98b7b"),
}

HEADS: dict[str, tuple[str, ...]] = {
    "down": (
        "....oooooooo....",
        "...osssssssSo...",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..ossessssesSo..",
        "..ossessssesSo..",
        "..orsssssssrSo..",
        "...ossssssSSo...",
        "....ooSSSSoo....",
    ),
    "up": (
        "....oooooooo....",
        "...osssssssSo...",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..osssssssssSo..",
        "..oSsssssssSSo..",
        "...oSSSSSSSSo...",
        "....ooSSSSoo....",
    ),
    "right": (
        "....oooooooo....",
        "...osssssssso...",
        "..osssssssssso..",
        "..osssssssssso..",
        "..osssssssssso..",
        "..osssssssssso..",
        "..oSssssssesso..",
        "..oSssssssesso..",
        "..oSSssssrssso..",
        "...oSSsssssso...",
        "....oooSSooo....",
    ),
}

# Bodies start at row 10, below the head; three frames: standing, one foot forward, the other.
BODIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "down": (
        (
            "....oodccCoo....",
            "...odddcccCCo...",
            "..ocodcccccoCo..",
            "..ocodcccccoCo..",
            "..osodccccCoSo..",
            "...ooCCCCCCoo...",
            "....ottttTTo....",
            "....ottooTTo....",
            "....obbooBBo....",
            "....oooooooo....",
        ),
        (
            "....oodccCoo....",
            "...odddcccCCo...",
            "..ocodcccccoCo..",
            "..ocodcccccoSo..",
            "..osodccccCoo...",
            "...ooCCCCCCo....",
            "....ottttTTo....",
            "....ottooTBo....",
            "....obbo.oo.....",
            "....oooo........",
        ),
        (
            "....oodccCoo....",
            "...odddcccCCo...",
            "..ocodcccccoCo..",
            "..osodcccccoCo..",
            "...oodccccCoSo..",
            "....oCCCCCCoo...",
            "....ottttTTo....",
            "....obtooTTo....",
            ".....oo.oBBo....",
            "........oooo....",
        ),
    ),
    "up": (
        (
            "....oocccCoo....",
            "...odcccccCCo...",
            "..ocodcccccoCo..",
            "..ocodcccccoCo..",
            "..osocccccCoSo..",
            "...ooCCCCCCoo...",
            "....ottttTTo....",
            "....ottooTTo....",
            "....obbooBBo....",
            "....oooooooo....",
        ),
        (
            "....oocccCoo....",
            "...odcccccCCo...",
            "..ocodcccccoCo..",
            "..ocodcccccoSo..",
            "..osocccccCoo...",
            "...ooCCCCCCo....",
            "....ottttTTo....",
            "....ottooTBo....",
            "....obbo.oo.....",
            "....oooo........",
        ),
        (
            "....oocccCoo....",
            "...odcccccCCo...",
            "..ocodcccccoCo..",
            "..osodcccccoCo..",
            "...oocccccCoSo..",
            "....oCCCCCCoo...",
            "....ottttTTo....",
            "....obtooTTo....",
            ".....oo.oBBo....",
            "........oooo....",
        ),
    ),
    "right": (
        (
            ".....oocdoo.....",
            "....oCcccddo....",
            "....oCoccodo....",
            "....oCoccodo....",
            "....oCosscdo....",
            "....oCCCCcco....",
            ".....oTttto.....",
            ".....oTttto.....",
            ".....oBbbbo.....",
            ".....oooooo.....",
        ),
        (
            ".....oocdoo.....",
            "....oCcccddo....",
            "....oCcoccdo....",
            "...oscoccddo....",
            "...oosocccdo....",
            "....oCCCCcco....",
            "....oTTtttto....",
            "...oTTootttbo...",
            "...oBBo.obbbo...",
            "....oo...ooo....",
        ),
        (
            ".....oocdoo.....",
            "....oCcccddo....",
            "....oCcccoddo...",
            "....oCccdocso...",
            "....oCcccdoso...",
            "....oCCCCcco....",
            ".....oTttto.....",
            "....ottTTTo.....",
            "....obboBBBo....",
            ".....oo.oooo....",
        ),
    ),
}

APRONS: dict[str, tuple[str, ...]] = {
    "down": (
        "................",
        "....o.W..W.o....",
        ".....wwwwww.....",
        ".....wwwwWW.....",
        ".....wwwwWW.....",
        "....owwwwWWo....",
        ".....wwwwWW.....",
    ),
    "right": (
        "................",
        ".........W......",
        ".........ww.....",
        ".........ww.....",
        ".........ww.....",
        ".........www....",
        ".........ww.....",
    ),
    "up": (
        "................",
        "................",
        "................",
        ".....W....W.....",
        "......WWWW......",
        "................",
        "................",
    ),
}
LEATHER = {"w": TIMBER[2], "W": TIMBER[1]}


def draw() -> dict[str, Canvas]:
    """Every layer by name: "body/down/0", "hair.bun/up", "hat.straw/right", "apron.white/down"."""
    sprites: dict[str, Canvas] = {}
    for facing in FACINGS:
        for frame in range(3):
            body = Canvas(WIDTH, HEIGHT)
            body.text(BODIES[facing][frame], COLOURS, 0, 13)
            body.text(HEADS[facing], COLOURS, 0, 3)
            sprites[f"body/{facing}/{frame}"] = body
        layers = [(f"hair.{name}", rows[facing], 3, COLOURS) for name, rows in HAIR.items()]
        layers += [
            (f"hat.{name}", rows[facing], 1 if name == "toque" else 2, COLOURS) for name, rows in HATS.items()
        ]
        layers += [
            ("apron.white", APRONS[facing], 13, COLOURS),
            ("apron.leather", APRONS[facing], 13, LEATHER),
        ]
        for name, rows, y, colours in layers:
            layer = Canvas(WIDTH, HEIGHT)
            layer.text(rows, colours, 0, y)
            sprites[f"{name}/{facing}"] = layer
    return sprites
