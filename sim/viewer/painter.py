"""Backdrops made beside the window, and kept: painting a large map takes seconds, and one wants to look."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import orjson
import pygame
import zstandard

from burgh.sim.viewer.backdrop import Backdrop, coarse_backdrop, paint_backdrop
from burgh.sim.viewer.houses import CHIMNEYS, House
from burgh.sim.viewer.scene import Thing, TownMap
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.walls import Pane

KEPT_FILES = 8  # backdrops in the cache folder; the oldest go
PAINTED_BY = ("backdrop", "cells", "ground", "houses", "noise", "roofs", "walls")


class Painter:
    """Gives the backdrop of a map: a coarse one until the real one is painted.

    folder: where painted ones are kept, None for nowhere. patient: paints at once, while the caller waits.
    """

    def __init__(self, atlas: Atlas, folder: Path | None = None, *, patient: bool = True) -> None:
        self.atlas = atlas
        self.folder = folder
        self.patient = patient
        self._town: TownMap | None = None
        self._backdrop: Backdrop | None = None
        self._thread: threading.Thread | None = None
        self._painted: list[tuple[TownMap, Backdrop]] = []

    @property
    def at_work(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def backdrop(self, town: TownMap, things: Iterable[Thing]) -> Backdrop:
        """The backdrop of a map, the same object until there is a better one."""
        if self._painted and self._painted[-1][0] is town:
            self._backdrop = self._painted[-1][1]
            self._painted.clear()
        if self._backdrop is None or self._town is not town:
            self._town = town
            fires = tuple(thing for thing in things if thing.kind in CHIMNEYS)
            if self.patient:
                self._backdrop = self._made(town, fires)
            else:
                kept = self._kept(town, fires)
                self._backdrop = kept or coarse_backdrop(town)
                if kept is None:
                    self._thread = threading.Thread(target=self._paint, args=(town, fires), daemon=True)
                    self._thread.start()
        return self._backdrop

    def wait(self) -> None:
        """Waits until what is being painted is done."""
        if self._thread is not None:
            self._thread.join()

    def _paint(self, town: TownMap, things: tuple[Thing, ...]) -> None:
        backdrop = paint_backdrop(town, self.atlas, things)
        self._painted.append((town, backdrop))
        self._keep(town, things, backdrop)

    def _made(self, town: TownMap, things: tuple[Thing, ...]) -> Backdrop:
        backdrop = self._kept(town, things)
        if backdrop is None:
            backdrop = paint_backdrop(town, self.atlas, things)
            self._keep(town, things, backdrop)
        return backdrop

    def _path(self, town: TownMap, things: tuple[Thing, ...]) -> Path | None:
        if self.folder is None:
            return None
        known = hashlib.sha256(_painters())
        known.update(orjson.dumps([town, [(thing.kind, thing.x, thing.y) for thing in things]]))
        return self.folder / f"{known.hexdigest()[:24]}.map"

    def _kept(self, town: TownMap, things: tuple[Thing, ...]) -> Backdrop | None:
        path = self._path(town, things)
        if path is None:
            return None
        try:
            return unpacked(path.read_bytes(), town)
        except (OSError, ValueError, LookupError, zstandard.ZstdError):  # none there, or not one of ours
            return None

    def _keep(self, town: TownMap, things: tuple[Thing, ...], backdrop: Backdrop) -> None:
        path = self._path(town, things)
        if path is None:
            return
        with contextlib.suppress(OSError):  # a cache that cannot be written is none
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{threading.get_ident()}.part")
            part.write_bytes(packed(backdrop, town))
            part.replace(path)
            kept = sorted(path.parent.glob("*.map"), key=lambda file: file.stat().st_mtime, reverse=True)
            for old in kept[KEPT_FILES:]:
                old.unlink()


def packed(backdrop: Backdrop, town: TownMap) -> bytes:
    """A backdrop as bytes: a line that says what there is, then the pixels."""
    pieces = [pygame.image.tobytes(backdrop.picture, "RGB")]
    for strip in backdrop.strips:
        if strip is not None:
            pieces.append(pygame.image.tobytes(strip, "RGBA"))
    pieces += [pygame.image.tobytes(house.roof, "RGBA") for house in backdrop.houses]
    head = {
        "size": backdrop.picture.get_size(),
        "strips": [None if strip is None else strip.get_size() for strip in backdrop.strips],
        "filled": [filled.hex() for filled in backdrop.filled],
        "panes": backdrop.panes,
        "houses": [
            [town.places.index(house.place), house.x, house.y, house.row, *house.roof.get_size()]
            for house in backdrop.houses
        ],
    }
    raw = b"".join((orjson.dumps(head), b"\n", *pieces))
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(raw)


def unpacked(data: bytes, town: TownMap) -> Backdrop:
    """The backdrop that was packed. Raises ValueError, LookupError or ZstdError where it is none."""
    raw = memoryview(zstandard.ZstdDecompressor().decompress(data))
    end = bytes(raw[: 1 << 20]).index(b"\n")
    head, at = orjson.loads(raw[:end]), end + 1

    def picture(size: tuple[int, int], form: str) -> pygame.Surface:
        nonlocal at
        length = size[0] * size[1] * len(form)
        loaded = pygame.image.frombuffer(raw[at : at + length], size, form)  # type: ignore[arg-type]
        at += length
        twin = pygame.Surface(size, pygame.SRCALPHA if form == "RGBA" else 0, 32)
        twin.blit(loaded, (0, 0))
        return twin

    whole = picture(tuple(head["size"]), "RGB")
    strips = tuple(None if size is None else picture(tuple(size), "RGBA") for size in head["strips"])
    roofs = tuple(
        House(town.places[place], x, y, row, picture((width, height), "RGBA"))
        for place, x, y, row, width, height in head["houses"]
    )
    filled = tuple(bytes.fromhex(row) for row in head["filled"])
    return Backdrop(whole, strips, filled, tuple(Pane(**pane) for pane in head["panes"]), roofs)


def _painters() -> bytes:
    """What the look of a backdrop hangs on besides the map: the art, and the modules that paint."""
    here, assets = files("burgh.sim.viewer"), files("burgh.assets")
    pieces = [(here / f"{name}.py").read_bytes() for name in PAINTED_BY]
    return b"".join(
        (*pieces, (assets / "atlas.png").read_bytes(), (assets / "art" / "palette.py").read_bytes())
    )
