"""A recorded run from Python, as pandas frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from worlds_for_tests import NAMES, meta, record_run

from burgh.sim.record import Run, RunWriter, open_log, open_run
from burgh.sim.record.reader import FORMAT
from burgh.sim.types import BurghError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run") / "lane"
    record_run(folder, ticks=200)
    return open_run(folder)


def test_what_a_run_is(run: Run) -> None:
    assert run.agents == NAMES
    assert run.meta == {"format": FORMAT, **meta()}
    assert run.complete
    assert run.final_hash == run.verify().final_hash == open_log(run.path).final_hash
    assert repr(run) == f"Run('{run.path}')"
    with run.index() as index:
        assert index.event("0.engine.0") is not None


def test_events_as_a_frame(run: Run) -> None:
    frame = run.events()
    events = list(open_log(run.path).events())
    assert list(frame.columns) == ["tick", "time", "id", "kind", "agent", "data", "causes"]
    assert list(frame["id"]) == [event.id for event in events]
    assert list(frame["data"]) == [event.data for event in events]
    assert frame["time"][0] == pd.Timestamp("2026-05-01 09:00:00")
    late = frame[frame["tick"] == 66].iloc[0]
    assert late["time"] == pd.Timestamp("2026-05-01 09:11:00")


def test_memories_as_a_frame(run: Run) -> None:
    frame = run.memories("Ada")
    assert len(frame) >= 2
    assert set(frame["agent"]) == {"Ada"}
    assert list(frame["id"]) == [f"Ada:{n}" for n in range(len(frame))]
    assert set(frame["importance"]) == {0.25}, "reals come back as reals"
    assert frame["text"][0] == "Ada lives on the lane."
    assert frame["subjects"][0] == ["Ada"]
    assert len(run.memories()) == sum(len(run.memories(name)) for name in NAMES)


def test_actions_as_a_frame(run: Run) -> None:
    frame = run.actions()
    assert set(frame["agent"]) == set(NAMES)
    too_much = frame["answer"].map(lambda answer: answer["amount"] == 99)
    assert too_much.any()
    assert (frame["refused"].notna() == too_much).all()
    assert frame["refused"][too_much].str.contains("amount: 99 is not from 1 to 9").all()
    assert len(run.actions("Bo")) == (frame["agent"] == "Bo").sum()


def test_frames_without_rows_have_their_columns(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=0)
    run = open_run(tmp_path / "run")
    assert len(run.actions()) == 0
    assert list(run.actions().columns) == ["tick", "time", "agent", "answer", "why", "refused", "event"]
    assert run.actions()["time"].dtype.kind == "M"


def test_an_unknown_agent_is_told_the_known_ones_and_the_nearest(run: Run) -> None:
    sentence = "no agent of this run is named 'Adda', only Ada, Bo, Cy; did you mean Ada?"
    for ask in (run.memories, run.actions):
        with pytest.raises(BurghError) as told:
            ask("Adda")
        assert str(told.value) == sentence
    with pytest.raises(BurghError, match=r"only Ada, Bo, Cy$"):
        run.memories("Zyxwv")


def test_a_run_that_is_none_and_one_that_never_began(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match="is not the folder of a run"):
        open_run(tmp_path)
    RunWriter(tmp_path / "run", meta())
    with pytest.raises(BurghError, match="holds nothing yet"):
        open_run(tmp_path / "run").events()


def test_a_run_can_be_asked_while_it_is_written(tmp_path: Path) -> None:
    writer = record_run(tmp_path / "run", ticks=20, reason=None)
    run = open_run(tmp_path / "run")
    assert not run.complete
    count = len(run.events())
    writer.close("end")
    assert run.complete
    assert len(run.events()) == count + 1


def test_the_record_imports_nothing_heavy() -> None:
    script = "import sys, burgh.sim.record; print(*{'pandas', 'numpy', 'torch', 'pygame'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == ""
