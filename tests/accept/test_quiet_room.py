"""quiet-room on the embedded model: equal runs have equal records, and replay without the model."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import burgh
from burgh.agents.llm.load import load_model
from burgh.scenarios.spec import Scenario
from burgh.scenarios.town import build_town
from burgh.sim.record import replay

pytestmark = [pytest.mark.accept, pytest.mark.timeout(0)]


def test_the_same_again_on_a_fresh_and_on_a_used_model(tmp_path: Path) -> None:
    """Three runs of one seed: in a process of its own, and two on a model that has been used before."""
    fresh = tmp_path / "fresh"
    entry = "import sys; from burgh.scenarios.cli.main import main; main(sys.argv[1:])"
    arguments = ["run", "quiet-room", "--quiet", "--out", str(fresh)]
    done = subprocess.run(
        [sys.executable, "-c", entry, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first = burgh.open_run(fresh)
    model = load_model(first.meta["scenario"]["model"])
    burgh.run("quiet-room", model=model, seed=12, until="09:10", out=tmp_path / "before")
    runs = [first, *(burgh.run("quiet-room", model=model, out=tmp_path / name) for name in ("used", "again"))]
    assert len({run.final_hash for run in runs}) == 1
    for run in runs:
        assert run.complete and run.verify().ok
        found = replay(run.log, partial(build_town, Scenario.from_resolved(run.meta["scenario"])))
        assert found.mismatch is None and found.ticks > 0
    events = first.events()
    asked, said = (int((events.kind == kind).sum()) for kind in ("model", "said"))
    assert asked > 0 and said > 0
    sys.stdout.write(
        f"quiet-room, seed {first.meta['seed']}, {asked} questions to the model, {said} utterances:"
        f" three runs, one final hash, {first.final_hash}; each replays\n"
    )
