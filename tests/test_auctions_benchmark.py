"""The benchmark of auctions runs as its page says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.auctions", "--scale", "0.001", "--repeats", "1", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_it_measures_every_figure_of_its_page() -> None:
    done = benchmark("--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    rates = [name for name in figures if name.endswith("/s")]
    assert len(rates) == 8
    for name in rates:
        assert figures[name] > 0
        assert f"| {name} |" in page


def test_it_prints_a_table() -> None:
    done = benchmark()
    assert done.returncode == 0, done.stderr
    assert "order book, orders/s" in done.stdout
