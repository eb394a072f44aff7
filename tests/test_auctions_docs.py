"""The page on auctions: its examples run as they stand, and what they record is whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from burgh.scenarios.load import check_scenario
from burgh.scenarios.run import run_scenario
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.record import verify
from burgh.worlds import auctions

PAGE = Path(__file__).resolve().parent.parent / "docs" / "auctions.md"


def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    sources = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(sources) == 2
    for source in sources:
        exec(compile(source, str(PAGE), "exec"), names)
    sales, exploited = capsys.readouterr().out.splitlines()[:3], names["gain"]
    assert [line.split()[:2] for line in sales] == [["lot", "1"], ["lot", "2"], ["lot", "3"]]
    assert names["game"].nash_conv([names["half"]] * 2) < names["game"].nash_conv([names["most"]] * 2)
    assert exploited > 0
    assert verify(tmp_path / "three-sales").ok


def test_it_names_every_world() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [
        name for name in auctions.__all__ if name not in ("House", "Lot") and f"`{name}`" not in page
    ] == []


def test_the_scenario_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (written,) = (block for block in blocks if block.startswith("name:"))
    scenario = check_scenario(parse_yaml(written, "three.yaml"), tmp_path)
    assert run_scenario(scenario, tmp_path / "run").reason == "end"
