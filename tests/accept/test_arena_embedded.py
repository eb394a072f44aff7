"""The arena on the embedded model. Stated before any run, from the issue:

1. `burgh arena second-price --strategies direct,few-shot,chain-of-thought,self-consistency,react,wrong-hint
   --games 20` ends within 20 minutes on 2 cores, and no answer is invalid.
2. In first-price over at least 100 games, ReAct with the calculator and best-response tools makes more than
   direct: the 95% interval of the paired difference excludes zero. The same ReAct, under the same grammar and
   with the same prompt, whose tools answer other questions (values drawn anew from the law that all know),
   does not. A game is one lot: what is compared is the decision, and a series of lots is only more of them.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from burgh.agents.llm.load import load_model
from burgh.scenarios.arena import report, summary, words
from burgh.scenarios.arena.evaluate import evaluation_of
from burgh.scenarios.arena.judge import judge
from burgh.scenarios.arena.pool import Here
from burgh.scenarios.arena.results import Results
from burgh.scenarios.arena.run import Limits, hold
from burgh.scenarios.arena.setting import Asked, contest_of

MOST_SECONDS = 20 * 60
SIX = ("direct", "few-shot", "chain-of-thought", "self-consistency", "react", "wrong-hint")
GAMES = 102  # 34 blocks of 3 seats

pytestmark = [pytest.mark.accept, pytest.mark.timeout(0)]


def held(asked: Asked, folder: Path, games: int) -> tuple[Results, str]:
    """Plays a contest and says how it went."""
    contest = contest_of(asked)
    ended = hold(contest, folder, Here(load_model(contest.model)), Limits(games, to_the_end=True))
    results = Results.read(folder)
    summary.write(folder, contest, results, ended.standing, ended.reason)
    report.write(folder, contest, results, ended.standing, ended.reason)
    return results, (folder / "summary.md").read_text(encoding="utf-8")


def test_six_strategies_in_twenty_minutes_without_an_invalid_answer(tmp_path: Path) -> None:
    began = time.perf_counter()
    results, told = held(Asked("second-price", SIX), tmp_path, 20)
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{seconds:.0f} s\n{told}\n")
    assert not results.faults()
    assert sum(seat.invalid for game in results.ordered() for seat in game.seats) == 0
    assert seconds <= MOST_SECONDS


def test_react_beats_direct_by_its_tools_alone(tmp_path: Path) -> None:
    asked = Asked("first-price", ("direct", "react", "react-shuffled"), lots=1, control=False)
    results, told = held(asked, tmp_path, GAMES)
    contest = contest_of(asked)
    found = evaluation_of(contest, results)
    helped, misled = (found.difference(name, "direct") for name in ("react", "react-shuffled"))
    sys.stdout.write(
        f"{told}\nreact less direct: {words.interval(helped.low, helped.high)};"
        f" react-shuffled less direct: {words.interval(misled.low, misled.high)}\n"
    )
    assert len(results.ordered()) == 3 * GAMES
    assert helped.low > 0
    assert misled.low <= 0
    assert judge(contest, results).blocks == GAMES // contest.players
