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
    with pytest.raises(BurghError, match="does not take this"):
        parallel_env("second-price", notch=3)
    with pytest.raises(BurghError, match="bargaining is between two, not 3"):
        parallel_env("bargaining", 3)


def test_the_example_of_the_docs_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    made: dict[str, object] = {}
    exec(compile(code, str(DOCS), "exec"), made)
    assert isinstance(made["total"], float) and np.isfinite(made["total"])
