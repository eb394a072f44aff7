"""The example bank: which examples are shown, in which order, and how it grows from games."""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minds_for_tests import WordEmbedder

from burgh.agents.strategies.examples import (
    ExampleBank,
    in_order,
    own_examples,
    parse,
    read_examples,
    written,
)
from burgh.agents.strategies.files import Example, PromptFile, Shots, built_in
from burgh.agents.strategies.mind import StrategyMind
from burgh.agents.strategies.ordering import (
    BINS,
    binned,
    entropy,
    global_entropy,
    local_entropy,
    nearest_last,
    softmax,
    some_orders,
)
from burgh.agents.strategies.shown import in_bins, labelled
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.grow import grown
from burgh.scenarios.arena.results import Played, Seat
from burgh.sim.clock import Clock
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores, Usage
from burgh.sim.types import BurghError
from burgh.worlds.auctions import formats
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.values import Private

TEXTS = (
    "red apples on the market", "green apples on the market", "a cow in the field",
    "an old cow in the wet field", "a candle in the chapel", "two candles in the chapel",
)  # fmt: skip
BANK = ExampleBank(
    [Example(situation=text, answer=f'{{"price": {10 * n}}}', domain="d") for n, text in enumerate(TEXTS)],
    WordEmbedder(),
)


def numbers(examples: Sequence[Example]) -> list[int]:
    return [TEXTS.index(one.situation) for one in examples]


def test_the_similar_are_chosen_the_nearest_last() -> None:
    shots = Shots(count=2, choose="similar", order="nearest-last")
    chosen = BANK.choose("green apples on the market today", "d", shots)
    assert numbers(in_order(chosen, shots, random.Random(1))) == [0, 1]
    chosen = BANK.choose("an old cow in the field", "d", shots)
    assert numbers(in_order(chosen, shots, random.Random(1))) == [2, 3]


def test_the_diverse_are_unlike_each_other() -> None:
    chosen = BANK.choose("anything", "d", Shots(count=3, choose="diverse", order="given"))
    assert len({n // 2 for n in numbers(chosen.examples)}) == 3


def test_the_fixed_are_the_first_in_the_order_asked_for() -> None:
    chosen = BANK.choose("anything", "d", Shots(count=3, choose="fixed", order="given"))
    assert numbers(chosen.examples) == [0, 1, 2]
    shots = Shots(count=3, choose="fixed", order="random")
    orders = {tuple(numbers(in_order(chosen, shots, random.Random(n)))) for n in range(30)}
    assert len(orders) == 6


def test_a_domain_keeps_to_its_own_and_borrows_where_it_has_none() -> None:
    other = Example(situation="red apples on the market", answer="1", domain="e")
    bank = ExampleBank([*BANK.examples, other], WordEmbedder())
    shots = Shots(count=4, choose="similar")
    assert bank.choose("red apples on the market", "e", shots).examples == (other,)
    assert all(one.domain == "d" for one in bank.choose("red apples", "d", shots).examples)
    assert len(bank.choose("red apples", "nowhere", shots).examples) == 4
    assert bank.choose("x", "d", shots) == bank.choose("x", "d", shots)
    assert ExampleBank([], WordEmbedder()).choose("x", "d", shots).examples == ()


@given(st.lists(st.floats(-30, 0), min_size=1, max_size=12))
def test_entropy_lies_between_none_and_that_of_all_alike(logprobs: list[float]) -> None:
    shares = softmax(logprobs)
    assert shares.sum() == pytest.approx(1)
    assert -1e-9 <= entropy(shares) <= math.log(len(logprobs)) + 1e-9


def test_entropies_of_known_distributions() -> None:
    same = np.array([[0.9, 0.1], [0.8, 0.2]])
    apart = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert global_entropy(same) == 0 and global_entropy(apart) == pytest.approx(math.log(2))
    assert local_entropy(np.full((3, 4), 0.25)) == pytest.approx(math.log(4))
    assert local_entropy(np.eye(4)) == 0


def test_orders_and_bins() -> None:
    assert nearest_last((0.3, 0.9, 0.1)) == (2, 0, 1)
    assert len(set(some_orders(3, random.Random(1)))) == 6
    found = some_orders(6, random.Random(1))
    assert len(set(found)) == 8 and all(sorted(one) == list(range(6)) for one in found)
    assert [binned(value, 0, 100) for value in (-5, 0, 19, 20, 99, 100, 200)] == [0, 0, 0, 1, 4, 4, 4]
    assert binned(3, 3, 3) == 0
    labels, bins = labelled(BANK.examples)
    assert len(labels) == 6 and bins == (0, 1, 2, 3, 4, 4)
    assert in_bins(np.full(6, 1 / 6), bins).tolist() == pytest.approx([1 / 6] * 4 + [1 / 3])
    assert labelled([Example(situation="s", answer="yes"), Example(situation="t", answer="no")]) == (
        ("yes", "no"),
        (0, 1),
    )


class Biased:
    """A model that says the same after every order but those that begin with one example."""

    name = "biased"
    identity: dict[str, Any] = {"name": "biased"}  # noqa: RUF012

    def __init__(self, first: str) -> None:
        self.first = first
        self.scored = 0
        self.prompts: list[str] = []
        self.under_way = self.most_at_once = 0

    async def score(self, request: ScoreRequest) -> Scores:
        self.scored += 1
        self.under_way += 1
        await asyncio.sleep(0)
        self.most_at_once = max(self.most_at_once, self.under_way)
        self.under_way -= 1
        lively = request.prompt.prefix.split("\n\n", 1)[1].startswith(self.first)
        spread = [0.0] * len(request.options) if lively else [0.0] + [-20.0] * (len(request.options) - 1)
        return Scores(tuple(spread), (1,) * len(spread), Usage())

    async def complete(self, request: CompleteRequest) -> Completion:
        self.prompts.append(request.prompt.prefix)
        return Completion(('{"act": "pass"}',), Usage())


@pytest.mark.model
def test_the_order_of_most_entropy_is_found_once_and_kept() -> None:
    file = built_in("direct").model_copy(
        update={"shots": Shots(count=3, choose="fixed", order="local-entropy")}
    )
    values = Private(Uniform(0, 100))
    world = formats.make_house(
        "first-price", ("Ann", "Ben", "Cid"), seed=1, values=values, lots=3, budgets=99
    )
    first = [one for one in own_examples() if one.domain == "first-price"][2]
    model = Biased(first.situation)
    mind = StrategyMind("Ann", file, llm=model, clock=Clock(world.clock.start), seed=1)
    world.begin()
    for tick in (1, 2):
        step = asyncio.run(mind.step(world.observe(tick)["Ann"]))
        mind.commit(step)
        asked = model.scored
        again = StrategyMind("Ann", file, llm=model, clock=Clock(world.clock.start), seed=1)
        again.restore(mind.snapshot())
        assert again.snapshot() == mind.snapshot()
    assert asked == model.scored == model.most_at_once > 1  # all orders and probes in one batch
    orders = mind.snapshot()["orders"]
    assert orders["first-price"][0] == 2
    assert all(prompt.split("\n\n", 1)[1].startswith(first.situation) for prompt in model.prompts)


def test_our_examples_are_what_theory_says() -> None:
    by_domain: dict[str, list[Example]] = {}
    for one in own_examples():
        by_domain.setdefault(one.domain, []).append(one)
    assert {"first-price", "second-price", "third-price", "all-pay"} <= set(by_domain)
    assert all(len(examples) >= 8 for examples in by_domain.values())
    assert parse(written(own_examples()), "x") == own_examples()


def test_shots_leave_the_ids_of_older_files_alone_and_count_in_new_ones() -> None:
    plain = built_in("direct")
    with_shots = plain.model_copy(update={"shots": Shots()})
    told = plain.model_dump(mode="json", exclude={"name", "says", "shots"})
    raw = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    assert plain.id == hashlib.sha256(raw).hexdigest()[:12] != with_shots.id
    assert built_in("similar-shots").id == with_shots.id
    with pytest.raises(ValueError, match="choose: fixed or diverse"):
        Shots(choose="similar", order="global-entropy")
    assert PromptFile.model_validate(with_shots.model_dump()).shots == Shots()


def game(block: int, profit: float, answer: str) -> Played:
    asked = {"method": "complete", "suffix": f"Lot {block}.\nWhat do you bid?\nAnswer:", "replies": [answer]}
    transcript = (
        {"id": "1.A.0", "kind": "model", "agent": "A", "causes": [], "data": asked},
        {"id": "1.A.1", "kind": "decided", "agent": "A", "causes": [], "data": {"answer": {}, "why": ""}},
    )  # fmt: skip
    return Played(f"{block}.0.direct", block, 0, (Seat("direct", 0, profit, 5.0, 1),), transcript)


def test_a_bank_grows_from_the_best_games(tmp_path: Path) -> None:
    contest = Contest(format="first-price", strategies=("direct",), ids={})
    games = [game(n, float(n), f'{{"act": "bid", "price": {n}}}') for n in range(8)]
    found = grown(contest, games, "direct")
    assert [one.situation for one in found] == ["Lot 7.\nWhat do you bid?", "Lot 6.\nWhat do you bid?"]
    assert found[0].answer == '{"act": "bid", "price": 7}' and found[0].domain == "first-price"
    path = tmp_path / "bank.yaml"
    path.write_text(written(found), encoding="utf-8")
    assert read_examples(path) == found
    with pytest.raises(BurghError, match="no game of 'react'"):
        grown(contest, games, "react")
    silent = [replace(one, transcript=()) for one in games]  # as of a scripted bidder
    with pytest.raises(BurghError, match="'direct' wrote no answer in its best games"):
        grown(contest, silent, "direct")
    with pytest.raises(BurghError, match="is no share"):
        grown(contest, games, "direct", 0)
    with pytest.raises(BurghError, match="there is no file of examples"):
        read_examples(tmp_path / "none.yaml")
    path.write_text("- {situation: 3}", encoding="utf-8")
    with pytest.raises(BurghError, match=r"bank.yaml: 0.situation"):
        read_examples(path)


def test_a_bin_for_everything() -> None:
    assert in_bins(np.ones(1), (0,)).size == BINS
