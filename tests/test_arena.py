"""The arena with scripted contestants: who sits where, what is kept, what goes wrong, what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cli_for_tests import Said, runner
from hypothesis import given
from hypothesis import strategies as st

from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.strategies.files import built_in
from burgh.scenarios.arena import results
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import Scripted, contestant
from burgh.scenarios.arena.design import OPPONENT, Game, schedule
from burgh.scenarios.arena.judge import judge
from burgh.scenarios.arena.play import play_now
from burgh.scenarios.arena.pool import Here, OnRay, Processes
from burgh.scenarios.arena.results import Played, Results
from burgh.scenarios.arena.run import Limits, hold, waves
from burgh.scenarios.arena.sale import FORMATS, make_world
from burgh.sim.types import BurghError

THREE = ("shade:40", "shade:50", "equilibrium")


def contest(strategies: Sequence[str] = THREE, **more: Any) -> Contest:
    return Contest(
        **{
            "format": "first-price",
            "strategies": tuple(strategies),
            "ids": {one: one for one in strategies},
            **more,
        }
    )


@given(st.integers(1, 4), st.integers(2, 5), st.integers(1, 30))
def test_all_strategies_play_the_same_seats_over_the_same_draws(kinds: int, players: int, games: int) -> None:
    names = [f"shade:{n}" for n in range(kinds)]
    played = list(schedule("substitute", names, players, games))
    assert Counter(name for game in played for name in game.seats if name) == dict.fromkeys(names, games)
    sat = {name: [(g.block, g.rotation) for g in played if name in g.seats] for name in names}
    assert all(one == sat[names[0]] for one in sat.values())
    assert all(game.seats.count(OPPONENT) == players - 1 for game in played)
    assert len({game.key for game in played}) == len(played)


@given(st.integers(2, 5), st.integers(2, 5))
def test_among_themselves_each_sits_in_each_seat_once_a_block(kinds: int, players: int) -> None:
    names = [f"shade:{n}" for n in range(kinds)]
    block = [game for game in schedule("rotate", names, players, kinds) if game.block == 0]
    for seat in range(players):
        assert sorted(game.seats[seat] for game in block) == sorted(names)


def test_values_are_the_same_whoever_plays() -> None:
    one, other = Game(3, 0, ("shade:40", "", "")), Game(3, 1, ("", "truthful", ""))
    assert one.seed(7) == other.seed(7) != Game(4, 0, one.seats).seed(7)
    held = contest()
    drawn = [make_world(held, game.seed(7)).drawn.signals.tolist() for game in (one, other)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("name", FORMATS)
def test_a_game_of_every_format(name: str) -> None:
    players = 2 if name == "bargaining" else 3
    held = contest(("shade:60", "truthful"), format=name, opponents="truthful", lots=2, players=players)
    played = [play_now(held, game) for game in schedule("substitute", held.strategies, players, 3)]
    assert not any(game.fault for game in played)
    truthful = [game.seats[0] for game in played if game.seats[0].strategy == "truthful"]
    assert [seat.profit for seat in truthful] == [seat.benchmark for seat in truthful]
    assert all(seat.bids for game in played for seat in game.seats)
    assert any(bid is not None for game in played for seat in game.seats for _, bid in seat.bids)


def test_the_benchmark_among_contestants_leaves_the_others_as_they_were() -> None:
    held = contest(("shade:10", "equilibrium"), design="rotate", players=2)
    (game,) = (game for game in schedule("rotate", held.strategies, 2, 1))
    played = play_now(held, game)
    mild = next(seat for seat in played.seats if seat.strategy == "shade:10")
    good = next(seat for seat in played.seats if seat.strategy == "equilibrium")
    assert good.benchmark == good.profit
    assert mild.benchmark is not None
    assert mild.benchmark >= mild.profit


def test_the_known_order_is_found_and_play_stops_when_it_is(tmp_path: Path) -> None:
    ended = hold(contest(), tmp_path / "a", Here(None), Limits(600))
    assert ended.reason == "decided"
    assert {row.strategy: row.ranks for row in ended.standing.rows} == {
        "shade:40": (3, 3),
        "shade:50": (2, 2),
        "equilibrium": (1, 1),
    }
    assert ended.standing.ratings is not None
    assert ended.standing.ratings.strengths.argmax() == 2


def test_processes_and_here_have_the_same_results(tmp_path: Path) -> None:
    held = contest()
    here = hold(held, tmp_path / "here", Here(None), Limits(30))
    many = Processes(held, 2)
    try:
        there = hold(held, tmp_path / "there", many, Limits(30))
    finally:
        many.close()
    assert frame(tmp_path / "here").equals(frame(tmp_path / "there"))
    assert here.standing.pairs == there.standing.pairs


def test_ray_and_here_have_the_same_results(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    held = contest(("shade:40", "shade:50"))
    hold(held, tmp_path / "here", Here(None), Limits(3))
    cluster = OnRay(held, "local")
    try:
        hold(held, tmp_path / "there", cluster, Limits(3))
    finally:
        cluster.close()
    assert frame(tmp_path / "here").equals(frame(tmp_path / "there"))


def frame(folder: Path) -> pd.DataFrame:
    return Results.read(folder).frame().drop(columns="seconds")


class Stops(Here):
    """Plays some games, then is stopped from outside."""

    def __init__(self, after: int) -> None:
        super().__init__(None)
        self.after = after

    def play(self, contest: Contest, games: Sequence[Game]) -> Iterator[Played]:
        for number, game in enumerate(super().play(contest, games)):
            if number == self.after:
                raise KeyboardInterrupt
            yield game


def test_a_contest_that_was_stopped_goes_on_without_loss(tmp_path: Path) -> None:
    held = contest()
    with pytest.raises(KeyboardInterrupt):
        hold(held, tmp_path / "a", Stops(11), Limits(12))
    assert len(Results.read(tmp_path / "a").games) == 11
    with (tmp_path / "a" / results.FILE).open("ab") as file:
        file.write(b'{"key": "0.0.half')  # what a crash leaves
    hold(held, tmp_path / "a", Here(None), Limits(12))
    hold(held, tmp_path / "b", Here(None), Limits(12))
    assert frame(tmp_path / "a").equals(frame(tmp_path / "b"))


def test_a_game_with_a_fault_is_kept_apart_and_played_again(tmp_path: Path) -> None:
    held = contest(("shade:40", "shade:50"))

    class Faulty(Here):
        def play(self, contest: Contest, games: Sequence[Game]) -> Iterator[Played]:
            for played in super().play(contest, games):
                bad = played.key == "1.0.shade:40"
                yield Played(played.key, 1, 0, (), fault="it broke") if bad else played

    hold(held, tmp_path, Faulty(None), Limits(6))
    found = Results.read(tmp_path)
    assert [game.fault for game in found.faults()] == ["it broke"]
    assert len(found.ordered()) == 11
    assert judge(held, found).blocks == 2
    hold(held, tmp_path, Here(None), Limits(6))
    assert not Results.read(tmp_path).faults()


def test_a_strategy_that_fails_is_told_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaks(Scripted):
        def mind(self, *_: Any) -> Any:
            raise BurghError("the model is gone")

    def found(name: str, **how: Any) -> Any:
        made: Any = contestant(name, **how)
        return Breaks(name, made.strategy) if name == "random" else made

    monkeypatch.setattr("burgh.scenarios.arena.contestants.contestant", found)
    held = contest(("random", "truthful"))
    games = [play_now(held, game) for game in schedule("substitute", held.strategies, 3, 1)]
    assert [game.fault for game in games] == ["the model is gone", ""]


def test_two_cannot_add_to_one_folder(tmp_path: Path) -> None:
    first = Results.open(tmp_path)
    with pytest.raises(BurghError, match="another process adds games"):
        Results.open(tmp_path)
    first.close()
    Results.open(tmp_path).close()


def test_a_line_that_is_no_game_is_named(tmp_path: Path) -> None:
    (tmp_path / results.FILE).write_text("{}\n")
    with pytest.raises(BurghError, match=r"games.jsonl, line 1: this is not the record of a game"):
        Results.read(tmp_path)


def test_waves_hold_whole_blocks() -> None:
    found = list(waves(contest(), 60))
    assert [len({game.block for game in wave}) for wave in found] == [8, 8, 4]


def test_a_budget_ends_a_contest_before_a_block_that_it_does_not_pay_for(tmp_path: Path) -> None:
    class Costly(Here):
        def play(self, contest: Contest, games: Sequence[Game]) -> Iterator[Played]:
            for played in super().play(contest, games):
                raw = played.to_json()
                raw["seats"][0]["tokens_in"] = 10
                yield Played.from_json(raw)

    ended = hold(contest(("truthful", "shade:99")), tmp_path, Costly(None), Limits(600, budget_tokens=100))
    assert ended.reason == "budget"
    assert ended.standing.blocks == 1  # of 60 tokens


# the command


@pytest.fixture
def burgh(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    return runner(capsys, monkeypatch, tmp_path)


def test_the_command_from_start_to_end(burgh: Callable[..., Said], tmp_path: Path) -> None:
    out = burgh("arena", "first-price", "--strategies", "shade:40,equilibrium", "--games", "30")
    assert out.code == 0, out.err
    assert "equilibrium made more than shade:40" in out.out
    assert "The control held" in out.out
    (folder,) = (tmp_path / "arena").iterdir()
    assert len(pd.read_parquet(folder / "results.parquet")) == 90
    assert "| equilibrium |" in (folder / "summary.md").read_text()
    again = burgh("arena", "first-price", "--strategies", "shade:40,equilibrium", "--games", "30")
    assert "90 games" in again.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope", "--strategies", "truthful"), "no arena is held in 'nope'"),
        (("dutch", "--strategies", "trutful"), "did you mean 'truthful'"),
        (("dutch", "--strategies", "shade:x"), "no percentage from 0 to 200"),
        (("dutch", "--strategies", ","), "--strategies names none"),
        (("dutch", "--strategies", "truthful,truthful"), "named twice"),
        (("dutch", "--strategies", "truthful", "--players", "1"), "at least 2 players"),
        (("dutch", "--strategies", "truthful", "--games", "0"), "0 games is none"),
        (("dutch", "--strategies", "truthful", "--budget", "-1"), "budget of -1 tokens"),
        (("dutch", "--strategies", "truthful", "--workers", "0"), "--workers is 0"),
        (
            ("dutch", "--strategies", "truthful", "--opponents", "nobody"),
            "no scripted bidder is called 'nobody'",
        ),
        (("dutch", "--strategies", "truthful#2"), "'#'"),
        (
            ("dutch", "--strategies", "truthful", "--design", "rotate", "--no-control"),
            "at least 2 strategies",
        ),
    ],
)
def test_what_cannot_be_held_is_said_in_one_sentence(
    burgh: Callable[..., Said], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    out = burgh("arena", *arguments)
    assert out.code == 2
    assert said in out.err
    assert out.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_of_another_contest_is_refused(burgh: Callable[..., Said], tmp_path: Path) -> None:
    arguments = ("arena", "first-price", "--strategies", "truthful", "--games", "3", "--out", "x")
    assert burgh(*arguments).code == 0
    out = burgh(*arguments, "--seed", "2")
    assert out.code == 2
    assert "x holds another contest: its seed is 1, not 2" in out.err
    out = burgh("arena", "first-price", "--strategies", "truthful", "--design", "rotate", "--out", "x")
    assert "x holds another contest: its design is substitute, not rotate" in out.err
    (tmp_path / "x" / "contest.json").write_text("{}")
    assert "x/contest.json describes no contest: format" in burgh(*arguments).err


def test_several_units_sides_and_rounds_from_the_command(burgh: Callable[..., Said]) -> None:
    for name, more in (
        ("uniform-price", ("--set", "units=2", "--set", "demand=2")),
        ("call-market", ("--players", "4")),
        ("double-auction", ("--set", "rounds=4", "--lots", "1")),
        ("gsp", ()),
    ):
        opponents = ("--opponents", "truthful") if name == "uniform-price" else ()
        out = burgh("arena", name, "--strategies", "truthful,shade:50", "--games", "4", *more, *opponents)
        assert out.code == 0, out.err
        assert "could not be played" not in out.out


def test_who_sells_gains_what_is_paid_less_the_cost() -> None:
    held = contest(("truthful",), format="call-market", opponents="truthful", players=2, lots=20)
    buyer, seller = (
        play_now(held, Game(0, seat, tuple("truthful" if n == seat else "" for n in range(2))))
        for seat in (0, 1)
    )
    sold = [event["data"] for event in buyer.transcript if event["kind"] == "sold"]
    assert sold
    assert buyer.seats[0].profit == sum(one["value"] - one["price"] for one in sold)
    assert seller.seats[0].profit == sum(one["price"] - one["cost"] for one in sold)
    assert (buyer.seats[0].side, seller.seats[0].side) == ("buy", "sell")
    assert seller.seats[0].wins == len(sold)


def test_a_format_and_opponents_that_do_not_go_together(burgh: Callable[..., Said], tmp_path: Path) -> None:
    for arguments, said in (
        (
            ("gsp", "--opponents", "equilibrium"),
            "equilibrium bidders cannot play gsp: no equilibrium is known",
        ),
        (("first-price", "--set", "units=3"), "a first-price sale takes no 'units'"),
        (("first-price", "--set", "units"), "is not KEY=NUMBER"),
        (("bargaining", "--players", "3"), "bargaining is between two"),
        (("first-price", "--equal-tokens", "100"), "needs a strategy that asks a model"),
    ):
        out = burgh("arena", *arguments, "--strategies", "truthful")
        assert out.code == 2
        assert said in out.err
    assert not list(tmp_path.iterdir())


def test_the_arm_of_equal_tokens(burgh: Callable[..., Said], tmp_path: Path) -> None:
    """Within one budget direct asks several times where self-consistency asks once or is cut short."""
    out = burgh(
        *("arena", "first-price", "--strategies", "direct,self-consistency", "--model", "scripted"),
        *("--equal-tokens", "1500", "--games", "3", "--lots", "1", "--no-control", "--out", "x"),
    )
    assert out.code == 0, out.err
    found = Results.read(tmp_path / "x")
    cost = {
        seat.strategy: seat.tokens_in + seat.tokens_out
        for game in found.games.values()
        for seat in game.seats
    }
    assert cost["direct"] < 400 < cost["direct@1500"] <= 1500
    assert cost["self-consistency@1500"] <= 1500 < cost["self-consistency"]
    assert "The same tokens for each" in (tmp_path / "x" / "summary.md").read_text()
    assert "The same tokens for each" in (tmp_path / "x" / "report.html").read_text()


def test_a_budget_is_not_overrun(burgh: Callable[..., Said], tmp_path: Path) -> None:
    out = burgh(
        *("arena", "first-price", "--strategies", "direct,few-shot", "--model", "scripted", "--lots", "1"),
        *("--budget", "20000", "--all-games", "--out", "x"),
    )
    assert out.code == 0, out.err
    assert "the budget is spent" in out.out
    found = Results.read(tmp_path / "x")
    spent = sum(seat.tokens_in + seat.tokens_out for game in found.games.values() for seat in game.seats)
    block = spent / len({game.block for game in found.games.values()})
    assert 20000 - 1.2 * block < spent <= 20000


def test_a_prompt_file_that_changes_under_a_contest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    built_in("direct").write(path)
    held = contest((str(path),)).model_copy(update={"ids": {str(path): contestant(str(path)).id}})
    path.write_text(path.read_text().replace("You bid", "You always bid"))
    played = play_now(held, Game(0, 0, (str(path), "", "")), ScriptedModel())
    assert "has changed since the contest was set" in played.fault
