"""What a user can get wrong, or a machine can do to them, is one sentence and exit code 2; nothing is lost.

Through the command line as it is called. What concerns its options stands in test_cli.py, all that can be
wrong within a scenario in test_scenarios_faults.py, every point at which a disk can fail in
test_record_faults.py.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenario_texts import SMALL

import burgh
from burgh.assets import maps
from burgh.scenarios.cli.main import main
from burgh.scenarios.spec import Scenario
from burgh.scenarios.town import build_town
from burgh.sim.record import files, replay

Refused = Callable[..., str]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """Calls a command that is to fail by the user's fault, and returns the sentence."""

    def call(*arguments: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert ended.value.code == 2
        assert "Traceback" not in said.err + said.out
        sentence, *others = said.err.splitlines()
        assert not others or arguments[:2] == ("scenarios", "check"), "which alone tells all faults"
        assert sentence.startswith("burgh: ")
        return sentence.removeprefix("burgh: ")

    return call


def succeeds(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Calls a command that is to succeed, and returns what it writes."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    assert ended.value.code in (0, None), said.err
    return said.out


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Scenarios


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "Bakery : Shop",
            "Bakery : Shpo",
            "small.yaml:12: agents[0].work: there is no place 'Burgh : Bakery : Shpo'",
        ),
        ("to: Mira", "to: Mria", "happenings[0].to: there is no agent 'Mria': did you mean 'Mira'?"),
        ("name: Ben", "name: Mira", "small.yaml:28: agents[1].name: agents[0] is called 'Mira' too"),
        (
            'until: "09:00"',
            'until: "06:00"',
            "small.yaml:4: until: the end, 2026-05-04 06:00, does not come after",
        ),
        ("seed: 3", "seed: [3", "small.yaml:6: this is not YAML"),
        ("seed: 3", "sede: 3", "small.yaml:5: sede: there is no key 'sede' here: did you mean 'seed'?"),
        (
            "seed: 3",
            "seed: 3\nmind: {kind: nosuch}",
            "small.yaml:6: mind.kind: no kind of mind is called 'nosuch': known are generative",
        ),
        ("model: scripted", "model: smollm3", "no language model is called 'smollm3'"),
        ("model: scripted", "model: ./nowhere", "no language model is called './nowhere'"),
    ],
)
def test_a_scenario_with_a_fault_is_not_begun(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, old: str, new: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert old in SMALL
    Path("small.yaml").write_text(SMALL.replace(old, new, 1))
    assert said in refused("run", "small.yaml", "--quiet", "--out", "out")
    assert set(contents(tmp_path)) == {"small.yaml"}


def spoilt_map(change: Callable[[dict[str, Any]], None]) -> str:
    """The village's map with something changed, as Tiled would save it."""
    drawn = json.loads((Path(maps.__file__).parent / "village.json").read_text(encoding="utf-8"))
    change(drawn)
    return json.dumps(drawn)


def shapes(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [shape for layer in drawn["layers"] for shape in layer.get("objects", [])]


def rename(name: str, to: str) -> Callable[[dict[str, Any]], None]:
    def change(drawn: dict[str, Any]) -> None:
        (found,) = (shape for shape in shapes(drawn) if shape["name"] == name)
        found["name"] = to

    return change


def without_places(drawn: dict[str, Any]) -> None:
    drawn["layers"] = [layer for layer in drawn["layers"] if "objects" not in layer]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (spoilt_map(rename("Market Square", "Fair Ground")), "there is no place 'Burgh : Market Square'"),
        (spoilt_map(rename("Market Square", "")), "has no name"),
        (spoilt_map(without_places), "the map drawn.json"),
        ("{}", "the map drawn.json is no Tiled map"),
        ("{", "the map drawn.json is not json"),
        (None, "the map drawn.json cannot be read: no such file or directory"),
    ],
)
def test_a_map_that_lacks_what_is_named(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL.replace("seed: 3", "seed: 3\nworld: {map: drawn.json}"))
    if text is not None:
        Path("drawn.json").write_text(text)
    assert said in refused("run", "small.yaml", "--quiet", "--out", "out")
    assert said in refused("scenarios", "check", "small.yaml")
    assert not Path("out").exists()


# Runs


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small scenario's file."""
    path = tmp_path_factory.mktemp("scenario") / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def whole(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scripted run of it, to 07:40."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    burgh.run(small, until="07:40", out=folder)
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """The run's record, to be spoilt."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in whole.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


READERS = (["verify"], ["show"], ["replay"], ["watch", "--shot", "picture.png"])


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
@pytest.mark.parametrize("what", ["empty", "file"])
def test_a_folder_that_is_no_run(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("file").write_text("a file")
    assert f"{what} is not the folder of a run" in refused(command[0], what, *command[1:])
    assert contents(tmp_path) == {"file": b"a file"}


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_a_run_that_was_tampered_with(
    refused: Refused, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    log = copy / files.LOG
    raw = bytearray(log.read_bytes())
    raw[len(raw) // 3] ^= 1
    log.write_bytes(raw)
    assert "frame" in refused(command[0], copy, *command[1:])
    assert log.read_bytes() == raw
    assert not Path("picture.png").exists()


def test_a_run_yaml_that_was_tampered_with(refused: Refused, copy: Path) -> None:
    meta = copy / files.META
    meta.write_text(meta.read_text().replace("seed: 3", "seed: 4"))
    assert "run.yaml" in refused("verify", copy)
    meta.write_text("{")
    for command in ("verify", "replay"):
        assert "run.yaml" in refused(command, copy)
    meta.unlink()
    for command in ("verify", "replay"):
        assert "run.yaml" in refused(command, copy)


@pytest.mark.parametrize(
    ("old", "new", "commands"),
    [
        ("kind: town", "kind: city", [["replay"]]),
        ("until: 2026-05-04 07:40", "until: zzz", [["replay"], ["show"], ["watch", "--shot", "x.png"]]),
        ("scenario:\n", "scenario: 5\nwas:\n", [["replay"], ["show"], ["metrics"]]),
        ("scenario:\n", "scenario: &a [*a]\nwas:\n", [["replay"], ["show"], ["verify"]]),
        ("embedder:\n", "embedder: 5\nwas:\n", [["memory search", "bread"]]),
        ("burgh:", f"deep: {'[' * 3_000}\nburgh:", [["replay"], ["verify"]]),
    ],
    ids=["kind", "until", "number", "circle", "embedder", "depth"],
)
def test_a_run_yaml_that_was_rewritten(
    refused: Refused,
    copy: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    old: str,
    new: str,
    commands: list[list[str]],
) -> None:
    monkeypatch.chdir(tmp_path)
    meta = copy / files.META
    text = meta.read_text()
    assert old in text.replace("'", "")
    meta.write_text(text.replace("'", "").replace(old, new, 1))
    for command, *more in commands:
        assert "run.yaml" in refused(*command.split(), copy, *more)
    assert not Path("x.png").exists()


def test_an_ended_run_that_was_cut_short_is_a_fault(refused: Refused, copy: Path) -> None:
    log = copy / files.LOG
    log.write_bytes(log.read_bytes()[:-9])
    assert "is not as it was written" in refused("verify", copy)


def test_a_run_whose_process_died_is_whole_up_to_its_torn_end(
    capsys: pytest.CaptureFixture[str], copy: Path
) -> None:
    (copy / files.END).unlink()
    log = copy / files.LOG
    frames = list(burgh.open_run(copy).log.frames())
    torn = log.read_bytes()[: frames[-2].offset + 5]
    log.write_bytes(torn)
    said = succeeds(capsys, "verify", copy)
    assert f"{len(frames) - 2} frames to tick {frames[-3].tick}" in said
    assert "cut short" in said
    assert "each brought what was recorded" in succeeds(capsys, "replay", copy)
    assert "Mira" in succeeds(capsys, "show", copy)
    assert log.read_bytes() == torn


# The machine


def deny_folders(monkeypatch: pytest.MonkeyPatch, below: Path) -> None:
    """As for a user who may not write there: the check beforehand says so. (It does not to root.)"""
    access = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode: access(path, mode) and not (below in Path(path).parents and mode & os.W_OK),
    )


def deny_files(monkeypatch: pytest.MonkeyPatch, below: Path) -> None:
    """As on a file system that turns out to refuse every new file."""
    opened = os.open

    def refuse(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and below in Path(os.fsdecode(path)).absolute().parents:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuse)


@pytest.mark.parametrize(
    ("deny", "said"),
    [(deny_folders, "may not be written to"), (deny_files, "no run can be recorded in")],
    ids=["folders", "files"],
)
def test_no_permission_to_write(
    refused: Refused,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    deny: Callable[[pytest.MonkeyPatch, Path], None],
    said: str,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    deny(monkeypatch, tmp_path)
    sentence = refused("run", small, "--until", "07:40", "--quiet", "--out", closed / "run")
    assert said in sentence
    assert contents(tmp_path) == {}


def test_a_run_s_folder_cannot_stand_below_a_file(refused: Refused, small: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    sentence = refused("run", small, "--quiet", "--out", tmp_path / "file" / "run")
    assert f"{tmp_path / 'file'} is not a folder" in sentence
    assert contents(tmp_path) == {"file": b"mine"}


@pytest.mark.parametrize("writes", [4, 20, 40])
def test_a_disk_that_fills_up_in_mid_run(
    refused: Refused,
    capsys: pytest.CaptureFixture[str],
    *,
    small: Path,
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    writes: int,
) -> None:
    """The disk takes so many more writes. What was recorded until then is as on a good disk."""
    left = writes
    write = os.write

    def fill(fd: int, data: Any) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    folder = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fill)
        sentence = refused("run", small, "--until", "07:40", "--quiet", "--out", folder)
    assert "cannot be written any more (No space left on device)" in sentence
    assert "are intact" in sentence
    run, good = burgh.open_run(folder), burgh.open_run(whole)
    assert not run.complete
    kept = list(run.log.frames())
    assert 0 < len(kept) < writes
    assert [frame.hash for frame in kept] == [frame.hash for frame in good.log.frames()][: len(kept)]
    assert f"to tick {kept[-1].tick}" in sentence
    assert "all as they were written" in succeeds(capsys, "verify", folder)
    scenario = Scenario.from_resolved(run.meta["scenario"])
    assert replay(run.log, lambda: build_town(scenario)).mismatch is None


def test_a_disk_with_no_room_for_the_vector_store(
    capsys: pytest.CaptureFixture[str], small: Path, tmp_path: Path
) -> None:
    """No file may grow beyond 60 kB: the record fits, the store does not."""
    code = (
        "import resource, sys; from burgh.scenarios.cli.main import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)); main(sys.argv[1:])"
    )
    arguments = ["run", small, "--until", "07:40", "--quiet", "--out", tmp_path / "run"]
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert "the memory store in" in sentence
    assert "the record is whole" in sentence
    assert "all as they were written" in succeeds(capsys, "verify", tmp_path / "run")
