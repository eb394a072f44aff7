"""A stretch of a run as a film: MP4 or GIF, drawn frame by frame without a screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.sim.types import BurghError
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.shot import check_seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

FRAMES_PER_SECOND = {".mp4": 30, ".gif": 12}
MOST_FRAMES = 100_000
PART = ".part"


def film(
    run_path: Path | str,
    out: Path | str,
    *,
    first: int = 0,
    last: int | None = None,
    ticks_per_second: float = 12.0,
    size: tuple[int, int] = (960, 540),
    follow: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Draws the ticks from `first` to `last` (default: to the end) into a file *.mp4 or *.gif. Returns the
    number of frames.

    ticks_per_second: game ticks in a second of film. size: pixels, even numbers for mp4. follow: a villager
    to look at closely. progress: told (frames done, frames in all). The file appears when it is whole.
    Raises BurghError as `shot` does, and for a film of no or too many frames.
    """
    target = Path(out)
    kind = target.suffix.lower()
    if kind not in FRAMES_PER_SECOND:
        raise BurghError(f"films are made as .mp4 or .gif: {target} ends in neither")
    playback = open_playback(run_path)
    end = playback.last_tick if last is None else last
    check_seen(playback, end, size, follow)
    if not 0 <= first < end:
        raise BurghError(f"a film from tick {first} to tick {end} shows nothing: let it end after it begins")
    if kind == ".mp4" and (size[0] % 2 or size[1] % 2):
        raise BurghError(f"an mp4 needs even numbers of pixels: {size[0]}x{size[1]} has not")
    rate = FRAMES_PER_SECOND[kind]
    frames = max(2, round((end - first) / ticks_per_second * rate) + 1)
    if frames > MOST_FRAMES:
        raise BurghError(
            f"the film would have {frames:,} frames: at most {MOST_FRAMES:,}, so let it go faster"
        )
    part = target.with_name(f".{target.stem}{PART}{kind}")
    try:
        ticks = [first + (end - first) * number / (frames - 1) for number in range(frames)]
        pictures = _pictures(playback, ticks, size, follow)
        _write(part, rate, (_told(picture, n, frames, progress) for n, picture in enumerate(pictures, 1)))
        part.replace(target)
    except OSError as error:
        raise BurghError(f"the film {target} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
    return frames


def _told(picture: Picture, number: int, frames: int, progress: Callable[[int, int], None]) -> Picture:
    progress(number, frames)
    return picture


def _pictures(
    playback: Playback, ticks: Iterable[float], size: tuple[int, int], follow: str | None
) -> Iterator[Picture]:
    """Each tick drawn: (height, width, 3) bytes."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    import numpy as np
    import pygame

    from burgh.sim.viewer.hud import Status
    from burgh.sim.viewer.view import FOLLOW_ZOOM, View

    target, view = pygame.Surface(size, 0, 32), View(size)
    if follow is not None:
        view.select(follow)
        view.camera.zoom = FOLLOW_ZOOM
    status = Status(paused=False, speed=1.0, live=False, at_edge=False)
    for tick in ticks:
        view.draw(target, playback, tick, status)
        yield np.ascontiguousarray(pygame.surfarray.array3d(target).swapaxes(0, 1))


def _write(part: Path, rate: int, pictures: Iterable[Picture]) -> None:
    import imageio.v2 as imageio

    part.touch()  # so that a folder that cannot be written to is told as such
    if part.suffix == ".gif":
        writer = imageio.get_writer(part, duration=1000 / rate, loop=0)
    else:
        writer = imageio.get_writer(part, fps=rate, codec="libx264", macro_block_size=2, quality=8)
    with writer:
        for picture in pictures:
            writer.append_data(picture)
