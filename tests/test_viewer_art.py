"""The art: what is in the files is what the code draws, nothing is missing, and every asset is listed."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pygame
import pytest

from burgh.assets.art import palette as pal
from burgh.assets.art.canvas import Canvas, Pixels
from burgh.sim.viewer import sheets
from burgh.sim.viewer.noise import blur, hash_cell, shifted, smooth

ASSETS = Path(str(files("burgh.assets"))).resolve()
TILES = (ASSETS / "maps" / "tiles.txt").read_text("utf-8").split()
KINDS = (ASSETS / "maps" / "objects.txt").read_text("utf-8").split()


def pixels(name: str) -> Pixels:
    picture = pygame.image.load(str(ASSETS / name))
    whole = pygame.image.tobytes(picture, "RGBA")
    width, height = picture.get_size()
    return np.frombuffer(whole, np.uint8).reshape(height, width, 4)


def test_the_atlas_is_what_the_code_draws() -> None:
    canvas, boxes = sheets.atlas()
    assert np.array_equal(pixels("atlas.png"), canvas.pixels)
    assert json.loads((ASSETS / "atlas.json").read_text("utf-8")) == {k: list(v) for k, v in boxes.items()}


def test_the_tileset_is_what_the_code_draws_and_has_every_tile() -> None:
    assert np.array_equal(pixels("tiles.png"), sheets.tileset(TILES).pixels)
    tiles = [pixels("tiles.png")[n // 8 * 16 :, n % 8 * 16 :][:16, :16].tobytes() for n in range(len(TILES))]
    assert len(set(tiles)) == len(TILES)  # no two look the same


def test_every_kind_of_furniture_is_drawn() -> None:
    _, boxes = sheets.atlas()
    assert {f"thing/{kind}" for kind in KINDS} <= set(boxes)


def test_sprites_lie_beside_each_other_on_the_sheet() -> None:
    canvas, boxes = sheets.atlas()
    used = np.zeros((canvas.height, canvas.width), int)
    for x, y, width, height in boxes.values():
        assert x + width <= canvas.width and y + height <= canvas.height
        used[y : y + height, x : x + width] += 1
    assert used.max() == 1
    assert not (canvas.pixels[..., 3] > 0)[used == 0].any()


def test_every_asset_is_listed_with_source_and_licence() -> None:
    listed = tomllib.loads((ASSETS / "manifest.toml").read_text("utf-8"))["asset"]
    assert all(entry["source"] and entry["licence"] and entry["what"] for entry in listed)
    found = {
        path.relative_to(ASSETS).as_posix()
        for path in ASSETS.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and path.name != "manifest.toml"
    }
    assert {entry["path"] for entry in listed} == found


def test_colours_are_read_and_shaded() -> None:
    assert pal.rgb("#0a0B0c") == (10, 11, 12)
    with pytest.raises(ValueError, match="'red' is no colour"):
        pal.rgb("red")
    base = pal.rgb("#a8443c")
    assert sum(pal.shade(base, 0.7)) < sum(base) < sum(pal.shade(base, 1.2))
    assert pal.mix((0, 0, 0), (10, 20, 30), 0.5) == (5, 10, 15)


def test_a_canvas_clips_what_lies_outside() -> None:
    canvas = Canvas(4, 4)
    canvas.box(-2, -2, 4, 4, (1, 2, 3))
    canvas.dot(9, 9, (1, 2, 3))
    canvas.paste(canvas, 3, 3)
    assert int((canvas.pixels[..., 3] > 0).sum()) == 5
    canvas.outline((9, 9, 9))
    assert tuple(canvas.pixels[0, 2]) == (9, 9, 9, 255)


def test_chance_hangs_on_position_only() -> None:
    assert hash_cell(3, 4, 1) == hash_cell(3, 4, 1) != hash_cell(4, 3, 1)
    assert hash_cell(3, 4, 1) != hash_cell(3, 4, 2)
    values = [hash_cell(x, y, 5) for x in range(30) for y in range(30)]
    assert 0 <= min(values) < 0.02 and 0.98 < max(values) < 1 and abs(sum(values) / 900 - 0.5) < 0.03
    assert np.array_equal(smooth(40, 60, 8, 1)[:20, :30], smooth(20, 30, 8, 1))


def test_blur_keeps_what_is_even_and_shift_brings_nothing_in() -> None:
    assert np.allclose(blur(np.full((9, 9), 0.25, np.float32), 2), 0.25)
    mask = np.ones((3, 3), np.bool_)
    assert shifted(mask, 1, 0).tolist() == [[False, True, True]] * 3
    assert shifted(mask, 0, -2).sum() == 3
