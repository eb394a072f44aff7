"""`burgh ablate`: parts of the mind off on the same seeds; what is there is not run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ask_for_tests import asked

from burgh.scenarios.ask import ablation
from burgh.scenarios.ask.ablation import ARMS, arms_of, with_parts
from burgh.scenarios.load import load_town
from burgh.sim.record import files, open_log
from burgh.sim.types import BurghError


def test_arms_differ_in_their_parts_alone(tmp_path: Path) -> None:
    quiet = load_town("quiet-room", {"model": "scripted"})
    arms = arms_of(quiet, tmp_path, [3, 4])
    assert [(arm.name, arm.seed) for arm in arms] == [
        (name, seed) for seed in (3, 4) for name in ("full", "no-reflection", "no-plan", "no-memory")
    ]
    full = arms[0].scenario.resolved()
    for arm in arms[:4]:
        data = arm.scenario.resolved()
        assert {key for key in data if data[key] != full[key]} <= {"mind"}
        off = {part for part in ("memory", "reflection", "planning") if not data["mind"][part]}
        assert off == {part for part, on in ARMS[arm.name].items() if not on}


def test_what_an_agent_sets_of_its_own_mind_gives_way(tmp_path: Path) -> None:
    quiet = load_town("quiet-room", {"model": "scripted"})
    data = quiet.resolved()
    data["agents"][0]["mind"] = {"memory": True, "reflection": True}
    made = type(quiet).from_resolved(data, quiet.folder)
    own = with_parts(made, "no-memory", 1).agents[0].mind
    assert own.memory is None and own.reflection is True


def test_an_unknown_arm_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match="no arm is called 'no-plans': did you mean 'no-plan'"):
        arms_of(load_town("quiet-room"), tmp_path, [1], ["no-plans"])


def test_the_command_runs_the_arms_and_goes_on_with_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = ("ablate", "quiet-room", "--model", "scripted", "--out", tmp_path, "--until", "09:10")
    code, out, err = asked(capsys, *place, "--arms", "full,no-memory", "--json")
    assert code == 0 and err.count(" runs") == 2, err
    found = json.loads(out)
    full, without = (arm["mean"] for arm in found["arms"])
    assert full["memories"] > 0 and full.keys() == without.keys()
    hashes = {path.name: open_log(path).final_hash for path in sorted(tmp_path.iterdir())}
    assert len(hashes) == 2
    code, again, err = asked(capsys, *place, "--arms", "full,no-memory", "--json")
    assert code == 0 and err.count(" is there") == 2 and json.loads(again) == found
    assert {path.name: open_log(path).final_hash for path in sorted(tmp_path.iterdir())} == hashes
    code, out, err = asked(capsys, *place, "--arms", "full,no-plan")
    assert code == 0 and err.count(" is there") == 1 and err.count(" runs") == 1
    assert "know of" in out and "no-plan" in out
    code, _, err = asked(capsys, *place[:-1], "09:12", "--arms", "full")
    assert code == 2 and "holds a run of another scenario" in " ".join(err.split())


def test_one_that_is_broken_off_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ablation.run_arm

    def broken(arm: ablation.Arm, **how: Any) -> object:
        if arm.name == "no-memory":
            raise KeyboardInterrupt
        return whole(arm, **how)

    monkeypatch.setattr(ablation, "run_arm", broken)
    place = ("ablate", "quiet-room", "--model", "scripted", "--out", tmp_path, "--until", "09:10")
    code, _, err = asked(capsys, *place, "--arms", "full,no-memory")
    assert code == 130 and err.endswith("stopped: the same command goes on from here\n")
    assert len(list(tmp_path.iterdir())) == 1


def test_the_folder_of_a_run_holds_no_ablation(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / files.LOG).touch()
    code, _, err = asked(capsys, "ablate", "quiet-room", "--model", "scripted", "--out", tmp_path / "run")
    assert code == 2 and "is the folder of a run: name another" in " ".join(err.split())
    assert [path.name for path in (tmp_path / "run").iterdir()] == [files.LOG]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--seeds", "1,x"], "is no list of whole numbers"),
        (["--arms", ","], "name at least one arm"),
        (["--arms", "fool"], "no arm is called 'fool'"),
    ],
)
def test_what_cannot_be_ablated(
    more: list[str], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = asked(capsys, "ablate", "quiet-room", "--model", "scripted", "--out", tmp_path, *more)
    assert code == 2 and sentence in " ".join(err.split())
