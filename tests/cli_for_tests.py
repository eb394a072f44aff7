"""Commands, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from burgh.scenarios.cli import main as cli


class Said(NamedTuple):
    code: int
    out: str
    err: str


def runner(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> Callable[..., Said]:
    """Runs a command in that folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")

    def ask(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        captured = capsys.readouterr()
        return Said(int(ended.value.code or 0), captured.out, captured.err)

    return ask
