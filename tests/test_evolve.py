"""Evolution: what is better is found, noise is not taken for it, and a stop loses nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ask_for_tests import asked

from burgh.agents.strategies.files import built_in, read_strategy
from burgh.agents.strategies.mind import Prompted
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import contestant
from burgh.scenarios.evolve.candidate import Candidate, named, read
from burgh.scenarios.evolve.lineage import ROUNDS, Settings
from burgh.scenarios.evolve.proposers import Ape, ByChance, ByOrder, answers
from burgh.scenarios.evolve.reflective import evolve_by_reflection
from burgh.scenarios.evolve.run import Evolved, evolve
from burgh.scenarios.evolve.trial import SETS, InArena, Tried, level, seeds
from burgh.scenarios.evolve.writer import Writer
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores, Usage
from burgh.sim.rng import seed_of
from burgh.sim.types import BurghError

CONTEST = Contest(format="first-price", strategies=("start",), ids={}, lots=4)
OPTIMUM = 200 / 3  # percent of the value: (n - 1) / n for three bidders


def settings(start: Candidate, **more: Any) -> Settings:
    return Settings(**{"contest": CONTEST, "start": start.text, "rounds": 6, **more})


class Lots:
    """First-price sales among bidders in equilibrium, many a draw, by the closed form of who wins."""

    def __init__(self, lots: int) -> None:
        self.lots = lots
        self.calls = 0

    def __call__(self, candidates: Sequence[Candidate], seeds: Sequence[int]) -> Tried:
        self.calls += 1
        made: dict[str, list[float]] = {one.id: [] for one in candidates}
        for seed in seeds:
            rng = np.random.default_rng(seed)
            value, others = rng.random(self.lots), rng.random((self.lots, 2)).max(axis=1) * 2 / 3
            for one in candidates:
                bid = value * one.percent / 100
                made[one.id].append(float(np.mean((value - bid) * (bid > others))))
        return Tried({name: np.array(profits) for name, profits in made.items()})


class Noise:
    """Nobody is better than anybody: skewed profits, as those of auctions are."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, candidates: Sequence[Candidate], seeds: Sequence[int]) -> Tried:
        return Tried({one.id: self.rng.exponential(1.0, len(seeds)) for one in candidates})


class Wordy:
    """Whoever's instructions hold the word makes more."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, candidates: Sequence[Candidate], seeds: Sequence[int]) -> Tried:
        profits = {}
        for one in candidates:
            assert one.file is not None
            rng = np.random.default_rng([seed_of(0, one.id) % 2**32, seeds[0]])
            profits[one.id] = rng.normal(10.0 * (self.word in one.file.instructions), 1.0, len(seeds))
        games = ("made 1\nasked: It is worth 60 to you.\nanswered: bid 40\noutcome: won",)
        return Tried(profits, tokens=100, transcripts={one.id: games for one in candidates})


class Muse:
    """A language model that has its lines by heart."""

    name = "muse"
    identity: dict[str, Any] = {"name": "muse"}  # noqa: RUF012

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        self.prompts: list[str] = []

    async def complete(self, request: CompleteRequest) -> Completion:
        self.prompts.append(request.prompt.suffix)
        first = len(self.prompts) - 1
        texts = [self.lines[(first + n) % len(self.lines)] for n in range(request.samples)]
        return Completion(tuple(texts), Usage(tokens_in=20, tokens_out=10))

    async def score(self, request: ScoreRequest) -> Scores:
        raise AssertionError("nothing is scored here")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("start", [30, 95])
def test_a_shade_evolves_to_within_5_percent_of_the_optimum(tmp_path: Path, start: int, seed: int) -> None:
    wanted = settings(Candidate(percent=start), rounds=14, children=5, seed=seed, trial_draws=40)
    found = evolve(wanted, tmp_path / "e", ByChance(), Lots(5_000))
    assert abs(found.winner.percent - OPTIMUM) <= 0.05 * OPTIMUM
    assert found.tested is not None and found.tested.low > 0


def test_of_pure_noise_nothing_is_accepted_in_95_percent_of_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    runs = 600
    accepted = 0
    for n in range(runs):
        wanted = settings(Candidate(percent=60), rounds=5, seed=n)
        found = evolve(wanted, tmp_path / str(n), ByChance(), Noise(n))
        accepted += found.winner.id != found.start.id
    assert accepted <= 0.05 * runs
    assert accepted > 0, "a test that no run of noise passes would never accept anything"


def test_the_sets_of_draws_share_none() -> None:
    used = [set(seeds(kind, number, 1_000)) for kind in SETS for number in range(20)]
    assert len(set.union(*used)) == sum(map(len, used))
    assert level(0.05, 5) == pytest.approx(0.98)


def test_a_stop_at_any_round_goes_on_to_the_same_end(tmp_path: Path) -> None:
    wanted = settings(Candidate(percent=40), seed=3)
    whole = evolve(wanted, tmp_path / "whole", ByChance(), Lots(500))

    class Stopped(BaseException):
        pass

    for stop in range(wanted.rounds):
        folder = tmp_path / str(stop)

        def told(done: Any, last: int = stop) -> None:
            if done.number == last:
                raise Stopped

        with pytest.raises(Stopped):
            evolve(wanted, folder, ByChance(), Lots(500), told)
        with (folder / ROUNDS).open("ab") as file:
            file.write(b'{"number": 7, "par')  # death within a line
        assert evolve(wanted, folder, ByChance(), Lots(500)) == whole
        assert (folder / ROUNDS).read_bytes() == (tmp_path / "whole" / ROUNDS).read_bytes()
    play = Lots(500)
    assert evolve(wanted, tmp_path / "whole", ByChance(), play) == whole
    assert play.calls == 1, "what is over is only tested"


def test_another_evolution_in_the_folder_is_refused(tmp_path: Path) -> None:
    evolve(settings(Candidate(percent=40), rounds=1), tmp_path / "e", ByChance(), Lots(50))
    with pytest.raises(BurghError, match="holds another evolution: its rounds is 1, not 2"):
        evolve(settings(Candidate(percent=40), rounds=2), tmp_path / "e", ByChance(), Lots(50))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(BurghError, match="holds no evolution"):
        evolve(settings(Candidate(percent=40)), tmp_path / "full", ByChance(), Lots(50))


def test_the_budget_is_kept(tmp_path: Path) -> None:
    start = Candidate(built_in("few-shot"))
    wanted = settings(start, rounds=50, budget_tokens=1_500)
    found = evolve(wanted, tmp_path / "e", ByChance(), Wordy("never there"))
    assert found.tokens <= 1_500 and 1 < len(found.rounds) < 50
    assert "budget of 1,500 tokens" in found.why


def test_ape_writes_from_good_games_and_keeps_what_helps(tmp_path: Path) -> None:
    muse = Muse("always bid like a wise fox.", "sing.", "never bid at all, whatever comes.")
    start = Candidate(built_in("direct"))
    found = evolve(
        settings(start, optimizer="ape", rounds=2), tmp_path / "e", Ape(Writer(muse)), Wordy("fox")
    )
    assert found.winner.file is not None and "fox" in found.winner.file.instructions
    assert found.winner.file.instructions.endswith("Answer in JSON.")
    assert any(
        "Input: It is worth 60 to you." in prompt and "Output: bid 40" in prompt for prompt in muse.prompts
    )
    assert found.tested is not None and found.tested.low > 0
    written = read_strategy(tmp_path / "e" / "winner.yaml")
    assert written.id == found.winner.id and contestant(str(tmp_path / "e" / "winner.yaml")).id == written.id
    lineage = [json.loads(line) for line in (tmp_path / "e" / ROUNDS).read_text().splitlines()]
    assert all(child["reason"] and child["text"] for one in lineage for child in one["children"])


def test_gepa_reflects_on_games_and_accepts_by_our_bound(tmp_path: Path) -> None:
    muse = Muse("bid like a wise fox.", "sing loudly when you bid.")
    start = Candidate(built_in("direct"))
    wanted = settings(start, optimizer="gepa", rounds=3)
    found = evolve_by_reflection(wanted, tmp_path / "e", Writer(muse), Wordy("fox"))
    assert found.winner.file is not None and "fox" in found.winner.file.instructions
    assert any("asked: It is worth 60 to you." in prompt for prompt in muse.prompts)
    assert found.tested is not None and found.tested.low > 0
    noise = Writer(Muse(*(f"bid like number {n}." for n in range(40))))
    none = evolve_by_reflection(wanted, tmp_path / "noise", noise, Noise(1))
    assert none.winner.id == start.id and len(none.rounds) == 3
    assert evolve_by_reflection(wanted, tmp_path / "e", Writer(muse), Wordy("fox")).winner == found.winner


def test_orders_are_of_the_same_examples(tmp_path: Path) -> None:
    start = Candidate(built_in("few-shot"))
    found = evolve(settings(start, optimizer="order", rounds=1), tmp_path / "e", ByOrder(), Noise(1))
    (one,) = found.rounds
    assert len({child.id for child in one.children}) == 4
    for child in one.children:
        file = read(child.text).file
        assert file is not None and start.file is not None
        assert sorted(map(str, file.examples)) == sorted(map(str, start.file.examples))
    with pytest.raises(BurghError, match="direct has 0 examples"):
        evolve(settings(Candidate(built_in("direct")), rounds=1), tmp_path / "f", ByOrder(), Noise(1))


def test_candidates_are_read_back_as_they_were() -> None:
    for candidate in (Candidate(percent=60), *(named(one) for one in ("react", "few-shot", "self-ask"))):
        assert read(candidate.text) == candidate
    assert isinstance(named("react").contestant(), Prompted)
    for wrong in ("shade:x", "drect", "none.yaml"):
        with pytest.raises(BurghError):
            named(wrong)


def test_what_was_shown_is_paired_with_what_was_answered() -> None:
    game = "direct in seat 1 made 3\nasked: A lot.\nIt is worth 9.\nreplied: 5\nanswered: bid 5\noutcome: won"
    assert list(answers(game)) == [("A lot. It is worth 9.", "bid 5")]


def test_in_the_arena_the_better_shade_wins() -> None:
    play = InArena(CONTEST, rotations=1)
    tried = play((Candidate(percent=30), Candidate(percent=67)), range(40))
    assert tried.gain("shade:67", "shade:30").low > 0
    assert tried.transcripts is not None and "made" in tried.transcripts["shade:67"][0]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rest = ("--rounds", 2, "--draws", 20, "--seats", 1, "--out", tmp_path / "e")
    code, said, error = asked(capsys, "evolve", "first-price", "--start", "shade:20", *rest)
    assert code == 0, error
    assert "The winner is shade:" in said and "draws that nobody had seen" in said
    code, said, error = asked(capsys, "evolve", "first-price", "--start", "shade:20", *rest, "--json")
    assert code == 0 and json.loads(said)["winner"] == (tmp_path / "e" / "winner.txt").read_text().strip()
    for more, wrong in (
        (("first-prize", "--start", "shade:20"), "did you mean 'first-price'"),
        (("first-price", "--start", "drect"), "did you mean 'direct'"),
        (("first-price", "--start", "shade:20", "--optimizer", "apes"), "did you mean 'ape'"),
        (("first-price", "--start", "shade:20", "--optimizer", "order"), "take --optimizer random"),
        (("first-price", "--start", "shade:20", "--draws", 1), "--draws: "),
        (("first-price", "--start", "shade:20", "--seats", 9), "--seats is 9: a game has 3"),
    ):
        code, _, error = asked(capsys, "evolve", *more, "--out", tmp_path / "wrong")
        assert code == 2 and wrong in error, error


def test_an_evolution_is_the_same_again(tmp_path: Path) -> None:
    wanted = settings(Candidate(percent=50), rounds=3, seed=9)
    both: list[Evolved] = [evolve(wanted, tmp_path / n, ByChance(), Lots(200)) for n in ("a", "b")]
    assert both[0] == both[1]
