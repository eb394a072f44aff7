"""Streams that cannot be written to: a run goes on to its end, and no command ends in a traceback."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scenario_texts import SMALL

import burgh

RUN = "run small.yaml --until 07:40 --out run"
ASCII = {**os.environ, "PYTHONIOENCODING": "ascii"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `run` is a scripted run of the small scenario."""
    home = tmp_path_factory.mktemp("home")
    (home / "small.yaml").write_text(SMALL)
    burgh.run(home / "small.yaml", until="07:40", out=home / "run")
    return home


def shell(
    arguments: str, redirected: str, home: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Calls a command through a shell, with its streams led elsewhere."""
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$0" -m burgh {arguments} {redirected}', sys.executable],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=home,
        env=env,
    )


@pytest.mark.parametrize(
    ("redirected", "code"),
    [
        ("| head -1", 0),
        ("2>&1 | head -1", 0),
        (">&-", 0),
        (">&- 2>&- <&-", 0),
        ("2>/dev/full", 0),
        pytest.param(">/dev/full", 2, id="full"),  # how it ended cannot be told
    ],
)
def test_a_run_that_nobody_can_read_goes_on_to_its_end(home: Path, redirected: str, code: int) -> None:
    done = shell(RUN, redirected, home)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    run = burgh.open_run(home / "run")
    last = run.log.last_frame
    assert last is not None
    assert last.events[-1].data["reason"] == "end"
    assert run.verify().complete


@pytest.mark.parametrize("arguments", ["show run", "show run --json", "runs .", "scenarios schema", "--help"])
@pytest.mark.parametrize(("redirected", "code"), [("| true", 0), (">&-", 0), (">/dev/full", 2)])
def test_what_nobody_can_read_ends_quietly(
    recorded: Path, arguments: str, redirected: str, code: int
) -> None:
    done = shell(arguments, redirected, recorded)
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == (1 if code else 0)


def test_letters_that_a_terminal_has_not_are_question_marks(home: Path) -> None:
    done = shell(RUN, "", home, ASCII)
    assert done.returncode == 0, done.stderr
    assert "07:30  the crier to Mira: ?A market opens at eleven!?" in done.stdout
    assert "?A market opens at eleven!?" in shell("show run", "", home, ASCII).stdout
    told = json.loads(shell("show run --json", "", home, ASCII).stdout)
    assert any("“A market opens at eleven!”" in line["text"] for line in told["latest"])


def test_what_is_typed_at_a_terminal_is_not_wiped_away(tmp_path: Path) -> None:
    """A bar that is drawn anew ten times a second did that. The run says where it has come to rest."""
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "burgh",
        "run",
        "sealed-bids",
        "--model",
        "scripted",
        "--control",
        "--out",
        str(tmp_path / "run"),
    ]
    run = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = ""

    def until(words: str) -> None:
        nonlocal said
        while words not in said:
            said += os.read(ours, 4096).decode("utf-8", "replace")

    until("paused before the first tick")
    os.write(ours, b"until 11:01\n")
    until("paused at 11:01, tick ")
    os.write(ours, b"pause half a li")
    time.sleep(0.5)  # several times as long as it takes to draw a bar anew
    os.write(ours, b"ne\nquit\n")
    until("final hash")
    assert run.wait(30) == 0
    os.close(ours)
    assert "pause half a line" in said and "\N{BOX DRAWINGS HEAVY HORIZONTAL}" not in said
