"""Sales as PettingZoo environments: PettingZoo's own suites pass; one gains what theory says."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test

from burgh.sim.types import BurghError
from burgh.worlds.auctions.formats import FORMATS
from burgh.worlds.pettingzoo import FIELDS, env, parallel_env

DOCS = Path(__file__).parent.parent / "docs" / "pettingzoo.md"


def players(format: str) -> int:
    return 2 if format == "bargaining" else 3


@pytest.fixture(autouse=True)
def strict() -> None:
    """What the suites only warn of is a fault here, but for what they say of every environment."""
    warnings.simplefilter("error", UserWarning)


@pytest.mark.parametrize("format", FORMATS)
def test_the_parallel_suites(format: str) -> None:
    parallel_api_test(parallel_env(format, players(format)), num_cycles=60)
    parallel_seed_test(lambda: parallel_env(format, players(format)), num_cycles=20)


@pytest.mark.parametrize("format", FORMATS)
def test_the_suites_of_turns(format: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*(Observation|observation|Action space).*")
        api_test(env(format, players(format)), num_cycles=60)
    seed_test(lambda: env(format, players(format)), num_cycles=20)


def test_what_one_gains_is_value_less_price() -> None:
    sale = parallel_env("second-price", players=2, levels=100)
    seen, _ = sale.reset(seed=5)
    values = {agent: round(float(vector[0]) * sale.top) for agent, vector in seen.items()}
    _, rewards, ended, _, _ = sale.step(values)
    high, low = sorted(values.values(), reverse=True)
    assert sorted(rewards.values()) == [0.0, float(high - low)]
    assert all(ended.values()) and not sale.agents


def test_one_seed_gives_one_sale_and_each_reset_another() -> None:
    def firsts(seed: int | None) -> list[float]:
        sale = parallel_env("first-price", seed=1)
        return [float(sale.reset(seed=seed if n == 0 else None)[0]["bidder_0"][0]) for n in range(4)]

    assert firsts(9) == firsts(9) != firsts(8)
    assert len(set(firsts(9))) > 1


def test_texts_are_in_the_infos() -> None:
    sale = parallel_env("english", players=2)
    _, infos = sale.reset(seed=1)
    assert infos["bidder_0"]["text"] == "" or "put up" in infos["bidder_0"]["text"]
    assert "What do you bid for lot 1?" in infos["bidder_0"]["question"]
    _, _, _, _, infos = sale.step({"bidder_0": 3, "bidder_1": 0})
    assert "bidder_0 bids" in infos["bidder_1"]["text"]


def test_a_vector_says_whose_turn_it_is() -> None:
    sale = parallel_env("english", players=2)
    sale.reset(seed=1)
    seen, *_ = sale.step({"bidder_0": 3, "bidder_1": 0})
    asked, leads = FIELDS.index("asked"), FIELDS.index("leads")
    assert (seen["bidder_0"][asked], seen["bidder_0"][leads]) == (0.0, 1.0)
    assert (seen["bidder_1"][asked], seen["bidder_1"][leads]) == (1.0, 0.0)


def test_what_it_does_not_know_is_told() -> None:
    with pytest.raises(BurghError, match="no sale is called 'second'"):
        parallel_env("second")
    with pytest.raises(BurghError, match="a second-price sale takes no 'notch'"):
        parallel_env("second-price", notch=3)
    with pytest.raises(BurghError, match="bargaining is between two, not 3"):
        parallel_env("bargaining", 3)


def test_the_rank_of_a_kth_price_is_what_the_winner_pays() -> None:
    for rank in (1, 2, 3):
        sale = parallel_env("kth-price", players=3, levels=100, rank=rank)
        seen, _ = sale.reset(seed=5)
        values = {agent: round(float(vector[0]) * sale.top) for agent, vector in seen.items()}
        _, rewards, *_ = sale.step(values)
        falling = sorted(values.values(), reverse=True)
        assert max(rewards.values()) == falling[0] - falling[rank - 1]


def test_every_sale_that_a_scenario_can_name_is_an_environment() -> None:
    from burgh.scenarios.kinds import registered

    assert set(registered()) - set(FORMATS) == {"town", "exchange", "storefront"}


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (float("nan"), "the action of bidder_0 is nan: it must be a whole number from 0 to 50"),
        (float("inf"), "is inf: it must be"),
        (-1, "is -1: it must be a whole number from 0 to 50"),
        (51, "is 51: it must be"),
        (2.5, "is 2.5: it must be"),
        ("7 coins", "is '7 coins': it must be"),
        (None, "is None: it must be"),
        ([1, 2], r"is \[1, 2\]: it must be"),
        ([[1], [2, 3]], "it must be a whole number"),
    ],
)
def test_what_is_no_action_is_refused_in_a_sentence(action: object, said: str) -> None:
    sale = parallel_env("first-price", players=2)
    sale.reset(seed=1)
    before = sale.house.snapshot()
    with pytest.raises(BurghError, match=said):
        sale.step({"bidder_0": action, "bidder_1": 3})
    assert sale.house.snapshot() == before, "nothing of a step that is refused is taken"


def test_a_step_that_cannot_be_taken_is_refused_in_a_sentence() -> None:
    sale = parallel_env("first-price", players=2)
    with pytest.raises(BurghError, match=r"reset\(\) comes before step\(\)"):
        sale.step({"bidder_0": 1})
    sale.reset(seed=1)
    with pytest.raises(
        BurghError, match="there is no agent 'zoe' in this sale: there are bidder_0, bidder_1"
    ):
        sale.step({"zoe": 1})
    with pytest.raises(BurghError, match=r"actions of a step are \[1, 2\]"):
        sale.step([1, 2])  # type: ignore[arg-type]
    sale.step({"bidder_0": np.int64(1), "bidder_1": np.array([2])})
    with pytest.raises(BurghError, match="this sale is over"):
        sale.step({"bidder_0": 1})
    several = parallel_env("vcg", players=2)
    several.reset(seed=1)
    with pytest.raises(BurghError, match="3 numbers, each a whole number from 0 to 50"):
        several.step({"bidder_0": 1})


def test_in_turns_what_is_no_action_is_refused_when_it_is_given() -> None:
    turns = env("first-price", players=2)
    turns.reset(seed=1)
    for action in (float("nan"), 51, None):
        with pytest.raises(BurghError, match=f"the action of bidder_0 is {action}: it must be"):
            turns.step(action)
    turns.step(1)
    turns.step(1)
    with pytest.raises(BurghError, match="this sale is over: the action of bidder_0 is None"):
        turns.step(1)
    turns.step(None)
    turns.step(None)
    assert not turns.agents


def test_who_gives_no_action_passes() -> None:
    sale = parallel_env("first-price", players=2)
    sale.reset(seed=1)
    _, rewards, ended, _, _ = sale.step({})
    assert all(ended.values()) and set(rewards.values()) == {0.0}
    assert sale.house.history[0]["buyer"] is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"players": 0}, "players is 0: it must be at least 1"),
        ({"players": "3"}, "players is '3': it must be a whole number"),
        ({"players": 2000}, "a sale has 1000 at most"),
        ({"levels": 0.5}, "levels is 0.5"),
        ({"seed": "x"}, "the seed is 'x': it must be a whole number"),
        ({"budgets": -3}, "the budget is -3"),
        ({"lots": -1}, "a sale of -1 lots cannot be"),
    ],
)
def test_what_no_environment_is_made_of(more: dict[str, object], said: str) -> None:
    with pytest.raises(BurghError, match=said):
        parallel_env("first-price", **more)  # type: ignore[arg-type]


def test_the_example_of_the_docs_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    made: dict[str, object] = {}
    exec(compile(code, str(DOCS), "exec"), made)
    assert isinstance(made["total"], float) and np.isfinite(made["total"])
