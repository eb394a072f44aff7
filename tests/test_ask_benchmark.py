"""The benchmark of memory runs as its page says. How quick retrieval is belongs to docs/benchmarks.md."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.memory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_25_agents_with_1000_memories_each_and_the_space_of_1000() -> None:
    done = benchmark("--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    times, space = figures["times"], figures["space"]
    assert (times["agents"], times["memories"], times["retrievals"]) == (25, 1000, 200)
    assert 0 < times["p50_ms"] <= times["p95_ms"] <= times["most_ms"]
    assert space["bytes_per_memory"] > 384 * 4  # the vector alone
    assert space["gib"] < 3
    assert space["gib"] == pytest.approx(space["bytes_per_memory"] * 1e6 / 2**30)


def test_it_prints_a_table() -> None:
    done = benchmark("--agents", "2", "--memories", "64", "--whole")
    assert done.returncode == 0, done.stderr
    for figure in ("25 x 64", "retrieval of 8, p50, ms", "2 x 64, measured, GiB"):
        assert figure in done.stdout
