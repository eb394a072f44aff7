"""The benchmark runs as its page says, and its figures are those of the record."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import burgh

ROOT = Path(__file__).resolve().parent.parent


def benchmark(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.town", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_its_figures_are_those_of_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = benchmark(
        *("--scenario", "quiet-room", "--model", "scripted", "--until", "09:10", "--seed", 5),
        *("--out", folder, "--json"),
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    run = burgh.open_run(folder)
    events = run.events()
    asked = events[events.kind == "model"]
    assert figures["calls"] == len(asked) > 0
    assert figures["final_hash"] == run.final_hash
    assert figures["agents"] == 2
    assert figures["hours"] == pytest.approx(1 / 6)
    assert figures["agent_steps"] >= run.actions().shape[0] > 0
    assert 0 < figures["start_seconds"] < figures["first_tick_seconds"] < figures["seconds"]
    assert figures["outside_share"] > 0.99  # nothing here is spent in a model
    assert 50 < figures["peak_mib"] < 4_000


def test_it_prints_a_table_and_leaves_nothing_behind() -> None:
    done = benchmark("--scenario", "quiet-room", "--model", "scripted", "--until", "09:02")
    assert done.returncode == 0, done.stderr
    for figure in ("agent-steps/s", "calls per agent-hour", "time outside the model", "peak memory, MiB"):
        assert figure in done.stdout


def test_a_fault_is_one_sentence() -> None:
    done = benchmark("--scenario", "quiet-rom")
    assert done.returncode == 2
    assert done.stderr.strip().startswith("benchmarks.town: there is no scenario 'quiet-rom'")
    assert len(done.stderr.strip().splitlines()) == 1
