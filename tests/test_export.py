"""Films and pictures of runs: what is in them, and what cannot be made."""

from __future__ import annotations

from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest
from ask_for_tests import asked
from viewer_for_tests import morning, recorded

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
    ],
)
def test_what_cannot_be_made_is_one_sentence(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    files = [tmp_path / one if Path(one).suffix in (".gif", ".mp4") else one for one in more]
    code, _, error = asked(capsys, "export", run, *files)
    assert code == 2
    assert said in " ".join(error.split())
    assert list(tmp_path.iterdir()) == []
