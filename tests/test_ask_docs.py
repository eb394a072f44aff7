"""The page on asking a run: every command on it is answered, and its example in Python runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from ask_for_tests import asked, market_day

PAGE = Path(__file__).resolve().parent.parent / "docs" / "asking.md"
COMMAND = re.compile(r"^```console\n\$ burgh (.*)\n(.*)$", re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_is_answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "market-day-7").symlink_to(market_day())
    monkeypatch.chdir(tmp_path)
    shown = COMMAND.findall(PAGE.read_text(encoding="utf-8"))
    assert {shlex.split(command)[0] for command, _ in shown} == {
        "why",
        "tree",
        "relations",
        "state",
        "metrics",
        "interview",
        "memory",
    }
    for command, first_line in shown:
        code, out, err = asked(capsys, *shlex.split(command))
        assert code == (2 if first_line.startswith("burgh: ") else 0), (command, err)
        assert (out or err).strip(), command


def test_pictures_are_there_and_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[.*\]\((.*)\)", text)
    assert len(pictures) == 3
    assert all((PAGE.parent / name).read_bytes().startswith(b"\x89PNG") for name in pictures)
    monkeypatch.chdir(tmp_path)
    (example,) = PYTHON.findall(text)
    exec(compile(example, str(PAGE), "exec"), {"__name__": "page"})
    assert "decides to" in capsys.readouterr().out
