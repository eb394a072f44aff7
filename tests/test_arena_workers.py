"""The arena's worker processes and its folder: what one that dies costs, what is refused before anything is
played."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from cli_for_tests import Said, runner
from dying_for_tests import die

from burgh.scenarios.arena import pool
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.design import Game
from burgh.scenarios.arena.pool import Processes
from burgh.scenarios.arena.results import Played
from burgh.sim.types import BurghError


@pytest.fixture
def burgh(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    return runner(capsys, monkeypatch, tmp_path)


def contest(strategies: tuple[str, ...]) -> Contest:
    return Contest(format="first-price", strategies=strategies, ids={one: one for one in strategies})


def test_a_folder_of_a_prompt_file_that_was_changed_since_is_refused(tmp_path: Path) -> None:
    held = contest(("own.yaml",))
    held.keep(tmp_path / "x")
    edited = held.model_copy(update={"ids": {"own.yaml": "another"}})
    said = "its own.yaml was own.yaml, and has been changed to another since"
    with pytest.raises(BurghError, match=f"x holds another contest: {said}"):
        edited.check_folder(tmp_path / "x")
    (tmp_path / "file").write_text("")
    with pytest.raises(BurghError, match="file is a file: name a new or an empty folder"):
        held.check_folder(tmp_path / "file")


def test_a_worker_that_dies_costs_only_its_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = contest(("shade:40",))
    monkeypatch.setattr(pool, "_one", die)
    many = Processes(held, 1)
    try:
        played = {
            game.block: game for game in many.play(held, [Game(n, 0, ("shade:40", "", "")) for n in range(3)])
        }
    finally:
        many.close()
    assert played[1].fault == "the process that played it died"
    assert not played[0].fault
    assert not played[2].fault


def test_what_was_under_way_when_a_worker_died_is_played_again_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = contest(("shade:40",))
    many = Processes(held, 2)
    pools: list[object] = []
    new = many._new

    def counted() -> ProcessPoolExecutor:
        made = new()
        pools.append(made)
        return made

    monkeypatch.setattr(many, "_new", counted)
    keys = [f"{n}.0.shade:40" for n in range(40)]
    played: list[Played] = []
    try:
        for one in many.play(held, [Game(n, 0, ("shade:40", "", "")) for n in range(40)]):
            if not played:
                os.kill(next(iter(many._pool._processes)), signal.SIGKILL)
            played.append(one)
    finally:
        many.close()
    assert sorted(one.key for one in played) == sorted(keys)
    assert not any(one.fault for one in played)
    assert len(pools) == 1  # one for the one that died, not one for each game


def test_a_model_that_is_not_there_is_said_also_with_workers(
    burgh: Callable[..., Said], tmp_path: Path
) -> None:
    for more in ((), ("--workers", "2")):
        out = burgh("arena", "first-price", "--strategies", "direct", "--model", "nope", *more)
        assert out.code == 2
        assert out.err.startswith("burgh: no language model is called 'nope'")
        assert out.err.count("\n") == 1
        assert not list(tmp_path.iterdir())  # no folder of a contest that could not begin


def test_the_terminals_table_is_whole_within_80_characters(burgh: Callable[..., Said]) -> None:
    asked = ("arena", "first-price", "--strategies", "direct,few-shot", "--model", "scripted", "--lots", "1")
    said = burgh(*asked, "--games", "6").out.splitlines()
    heads = ["strategy", "rank", "profit", "±", "share", "won", "tokens", "s", "bad", "left"]
    assert said[1].split() == heads
    assert {row.split()[0] for row in said[3:6]} == {"direct", "few-shot", "direct#2"}
