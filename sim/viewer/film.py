"""A stretch of a run as a film: MP4 or GIF, drawn frame by frame without a screen."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.sim.record.files import linked
from burgh.sim.types import BurghError
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.shot import check_seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

FRAMES_PER_SECOND = {".mp4": 30, ".gif": 12}
MP4 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "10"]  # what ffmpeg is told of a film
GIF = ["-filter_complex", "[0][1]paletteuse=dither=none:diff_mode=rectangle", "-loop", "0"]
COLOURS_OF = 16  # how many pictures of a gif say which 256 colours all of it has
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
    whole = linked(target)
    part = whole.with_name(f".{target.stem}{PART}{kind}")

    def drawn(count: int) -> Iterator[Picture]:
        ticks = (first + (end - first) * number / (count - 1) for number in range(count))
        minutes_per_second = ticks_per_second * playback.clock.tick_seconds / 60
        return _pictures(playback, ticks, size, follow, minutes_per_second)

    try:
        part.touch()  # so that a folder that cannot be written to is told as such, before all is drawn
        pictures = (_told(picture, n, frames, progress) for n, picture in enumerate(drawn(frames), 1))
        if kind == ".gif":
            _gif(part, rate, size, drawn(min(frames, COLOURS_OF)), pictures)
        else:
            _encode([*_raw(rate, size), *MP4, str(part)], pictures)
        part.replace(whole)
    except OSError as error:
        raise BurghError(f"the film {target} cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        playback.close()
    return frames


def _told(picture: Picture, number: int, frames: int, progress: Callable[[int, int], None]) -> Picture:
    progress(number, frames)
    return picture


def _pictures(
    playback: Playback, ticks: Iterable[float], size: tuple[int, int], follow: str | None, speed: float
) -> Iterator[Picture]:
    """Each tick drawn: (height, width, 3) bytes. speed: game minutes a second, which the clock tells."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    import numpy as np
    import pygame

    from burgh.sim.viewer.hud import Status
    from burgh.sim.viewer.view import FOLLOW_ZOOM, View

    target, view = pygame.Surface(size, 0, 32), View(size)
    if follow is not None:
        view.select(follow)
        view.camera.zoom = FOLLOW_ZOOM
    status = Status(paused=False, speed=speed, live=False, at_edge=False)
    for tick in ticks:
        view.draw(target, playback, tick, status)
        yield np.ascontiguousarray(pygame.surfarray.array3d(target).swapaxes(0, 1))


def _raw(rate: int, size: tuple[int, int]) -> list[str]:
    return ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(rate), "-i", "-"]


def _gif(
    part: Path, rate: int, size: tuple[int, int], some: Iterable[Picture], pictures: Iterable[Picture]
) -> None:
    """some: of the pictures; from these the colours are taken, so that none of all has to be kept."""
    with tempfile.TemporaryDirectory() as folder:
        colours = str(Path(folder) / "colours.png")
        _encode([*_raw(rate, size), "-vf", "palettegen", "-update", "1", colours], some)
        _encode([*_raw(rate, size), "-i", colours, *GIF, str(part)], pictures)


def _encode(options: list[str], pictures: Iterable[Picture]) -> None:
    """Has ffmpeg take the pictures. Raises OSError, saying in a few words what ffmpeg could not do."""
    import imageio_ffmpeg

    try:
        ffmpeg_file = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise BurghError(
            "films are made by ffmpeg, and there is none here: pip install imageio-ffmpeg"
        ) from None
    command = [ffmpeg_file, "-y", "-v", "error", *options]
    with tempfile.TemporaryFile() as said:
        ffmpeg = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            restore_signals=False,  # it is to say that a file has become too large, not to die of it
        )
        assert ffmpeg.stdin is not None
        try:
            for picture in pictures:
                ffmpeg.stdin.write(picture.tobytes())
            ffmpeg.stdin.close()
        except BrokenPipeError:  # it gave up, and has said why
            pass
        except BaseException:
            ffmpeg.kill()
            raise
        finally:
            with contextlib.suppress(BrokenPipeError):
                ffmpeg.stdin.close()
            failed = ffmpeg.wait() != 0
        if failed:
            said.seek(0)
            raise OSError(_why(said.read().decode("utf-8", "replace")))


def _why(said: str) -> str:
    """In a few words, what ffmpeg says in many lines."""
    known = [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EROFS]
    found = (os.strerror(number) for number in known if os.strerror(number) in said)
    lines = said.strip().splitlines()
    return next(found, lines[-1] if lines else "ffmpeg failed without a word")
