"""Every example in the guide to Python runs as it stands, one after another, in one folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import burgh
from burgh.agents.llm.load import load_model
from burgh.scenarios.load import load_town
from burgh.sim.types import BurghError

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "python.md"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[int, str]]:
    """The examples of the guide, each with the line after which it begins."""
    text = GUIDE.read_text(encoding="utf-8")
    return [(text.count("\n", 0, found.start()) + 1, found.group(1)) for found in FENCE.finditer(text)]


def test_the_guide_s_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "guide"}
    found = examples()
    assert len(found) > 10
    assert len(found) == GUIDE.read_text(encoding="utf-8").count("```python")
    for line, source in found:
        exec(compile("\n" * line + source, str(GUIDE), "exec"), names)  # a traceback names the guide's line
    out = capsys.readouterr().out
    assert str(names["run"].final_hash) in out
    assert "There is a market on the square at 11:00 today." in out
    assert {path.name for path in tmp_path.iterdir()} == {"first-run", "quiet-1", "quiet-2", "jar-run"}


def test_a_run_takes_what_the_command_line_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    named = burgh.run("quiet-room", model="scripted", seed=5, until="09:05")
    assert named.path == Path("runs/quiet-room-5")
    scenario = load_town("quiet-room")
    loaded = burgh.run(scenario, model="scripted", seed=5, until="09:05", out="loaded")
    assert loaded.final_hash == named.final_hash
    model = load_model("scripted", seed=5)
    shared = [burgh.run(scenario, model=model, seed=5, until="09:05", out=name) for name in ("a", "b")]
    assert shared[0].final_hash == shared[1].final_hash
    with pytest.raises(BurghError, match="--until: the end, 2026-05-04 08:00, does not come after"):
        burgh.run(scenario, until="08:00", out="never")
    with pytest.raises(BurghError, match="already holds a run"):
        burgh.run("quiet-room", model="scripted", out="loaded")
    with pytest.raises(BurghError, match="is not the folder of a run"):
        burgh.open_run("never")
    assert not Path("never").exists()


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, burgh; print(sorted(name for name in sys.modules if name.startswith('burgh.')))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
