"""Films and pictures of runs: what is in them, and what cannot be made."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest
from ask_for_tests import asked
from viewer_for_tests import morning, recorded

from burgh.sim.viewer import hud

SIZE = "128x96"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    recorded(folder, morning())
    return folder


@pytest.mark.parametrize("kind", ["gif", "mp4"])
def test_a_film_has_its_frames_and_moves(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    film = tmp_path / f"film.{kind}"
    code, said, error = asked(capsys, "export", run, f"--{kind}", film, "--size", SIZE, "--speed", "20")
    assert code == 0, error
    frames = np.stack(list(imageio.imiter(film)))
    assert f"{len(frames)} frames" in said
    assert frames.shape[1:3] == (96, 128)
    assert np.abs(frames[0].astype(int) - frames[-1].astype(int)).mean() > 0.1
    assert [path.name for path in tmp_path.iterdir()] == [film.name], "and no half-made file is left"


def test_a_picture_is_of_the_moment_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "a.png"
    assert asked(capsys, "export", run, "--png", picture, "--size", SIZE)[0] == 0
    assert imageio.imread(picture).shape[:2] == (96, 128)


def test_a_film_tells_how_fast_it_goes_and_a_picture_does_not(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    text_of = hud._speed_text

    def telling(status: hud.Status) -> str:
        told.append(text_of(status))
        return told[-1]

    monkeypatch.setattr(hud, "_speed_text", telling)
    for more, said in ((["--gif", "a.gif", "--speed", "24"], "4x"), (["--png", "a.png"], "")):
        told.clear()
        kind, name, *rest = more
        assert asked(capsys, "export", run, kind, tmp_path / name, "--size", SIZE, *rest)[0] == 0
        assert set(told) == {said}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "name one file to make"),
        (["--gif", "a.gif", "--mp4", "a.mp4"], "name one file to make"),
        (["--gif", "a.mp4"], "has to end in .gif"),
        (["--mp4", "a.mp4", "--size", "127x96"], "needs even numbers"),
        (["--gif", "a.gif", "--size", "big"], "is not a size"),
        (["--gif", "a.gif", "--follow", "Nobody"], "nobody in this run is called 'Nobody'"),
        (["--gif", "no/such/a.gif"], "cannot be written"),
        (["--gif", "a.gif", "--speed", "0"], "speed"),
        (["--png", "a.png", "--speed", "5"], "--png is one moment, that of --from: leave out --speed"),
        (
            ["--png", "a.png", "--from", "07:35", "--to", "07:40", "--speed", "5"],
            "leave out --speed and --to",
        ),
        (["--html", "a.html", "--size", "9x9"], "a page is as large as its window: leave out --size"),
    ],
)
def test_what_cannot_be_made_is_one_sentence(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    files = [tmp_path / one if Path(one).suffix in (".gif", ".mp4", ".png", ".html") else one for one in more]
    code, _, error = asked(capsys, "export", run, *files)
    assert code == 2
    assert said in " ".join(error.split())
    assert list(tmp_path.iterdir()) == []


KINDS = ("mp4", "gif", "png", "html")


def exported(run: Path, target: Path, most_bytes: int | None = None) -> tuple[int, str]:
    """`burgh export` in a process that may not write files larger than so many bytes."""
    limits = None if most_bytes is None else lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (most_bytes, most_bytes)
    )  # fmt: skip
    command = [sys.executable, "-m", "burgh", "export", str(run)]
    command += [f"--{target.suffix[1:]}", str(target)]
    command += ["--size", "640x360"] if target.suffix != ".html" else []
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=limits, env={**os.environ}
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_where_there_is_no_room_it_is_said_in_a_sentence_and_what_was_there_stays(
    run: Path, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / f"a.{kind}"
    target.write_text("what was there")
    code, error = exported(run, target, most_bytes=3_000)
    assert code == 2, error
    assert error.count("\n") <= 2 and error.startswith("burgh: the "), error
    assert "cannot be written: File too large" in " ".join(error.split())
    assert target.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [target]
    link = tmp_path / f"link.{kind}"
    link.symlink_to(target)
    code, error = exported(run, link)
    assert code == 0, error
    assert link.is_symlink() and target.stat().st_size > 3_000 and len(list(tmp_path.iterdir())) == 2


def test_what_ffmpeg_says_in_many_lines_is_one_sentence(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text(
        "#!/bin/sh\nhead -c 1000 >&-\necho 'Error 1\nmuxing: No space left on device' >&2\nexit 1"
    )
    broken.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(broken))
    for kind in ("mp4", "gif"):
        code, _, error = asked(capsys, "export", run, f"--{kind}", tmp_path / f"a.{kind}", "--size", SIZE)
        assert code == 2 and error.strip().endswith("cannot be written: No space left on device")
    assert list(tmp_path.iterdir()) == [broken]
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "none"))
    code, _, error = asked(capsys, "export", run, "--mp4", tmp_path / "a.mp4", "--size", SIZE)
    assert code == 2 and "cannot be written" in error and list(tmp_path.iterdir()) == [broken]


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_may_not_be_written_to_is_said_in_a_sentence(
    run: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if os.geteuid() == 0:
        folder = Path("/proc/self")  # where not even root may make a file
    else:
        folder = tmp_path / "closed"
        folder.mkdir(mode=0o555)
    code, _, error = asked(capsys, "export", run, f"--{kind}", folder / f"a.{kind}")
    assert code == 2 and "cannot be written" in " ".join(error.split()) and "Traceback" not in error


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_a_file_system_that_may_only_be_read_is_named_by_the_film_and_not_by_its_half(
    run: Path,
    tmp_path: Path,
    kind: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: Path, *more: object, **others: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr(Path, "touch", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    code, _, error = asked(capsys, "export", run, f"--{kind}", tmp_path / f"a.{kind}")
    assert code == 2 and "cannot be written: Read-only file system" in " ".join(error.split())
    assert "part" not in error
