"""What use does to things: how an object of a kind is while someone uses it, and how it stays afterwards."""

from __future__ import annotations

USES: dict[str, tuple[str, str]] = {  # kind: (while in use, afterwards)
    "altar": ("in use", "candles lit"),
    "bar": ("busy", "wiped"),
    "barrel": ("open", "half full"),
    "bed": ("slept in", "unmade"),
    "bench": ("taken", "empty"),
    "blackboard": ("being written on", "written on"),
    "chair": ("taken", "empty"),
    "chest": ("open", "closed"),
    "counter": ("busy", "tidy"),
    "crate": ("open", "closed"),
    "desk": ("in use", "covered in papers"),
    "hearth": ("burning", "glowing"),
    "lantern": ("being lit", "lit"),
    "oven": ("hot", "warm"),
    "pew": ("taken", "empty"),
    "plough": ("at work", "muddy"),
    "scarecrow": ("being mended", "mended"),
    "shelf": ("being sorted", "sorted"),
    "signpost": ("being read", "plain"),
    "stall": ("open", "laid out"),
    "table": ("in use", "cluttered"),
    "well": ("being drawn from", "still"),
    "woodpile": ("being chopped", "well stacked"),
    "workbench": ("in use", "covered in shavings"),
}


def in_use(kind: str) -> str:
    return USES.get(kind, ("in use", "used"))[0]


def after_use(kind: str) -> str:
    return USES.get(kind, ("in use", "used"))[1]
