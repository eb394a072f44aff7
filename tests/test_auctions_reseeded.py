"""A sale or a storefront that goes on with another seed: what was drawn before anyone bid stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from auctions_for_tests import MAKERS, sale

from burgh.scenarios.load import load_scenario
from burgh.scenarios.run import run_scenario
from burgh.scenarios.travel.fork import fork_run
from burgh.sim.record import verify
from burgh.worlds.auctions import House, Series
from burgh.worlds.auctions.markets import Market
from burgh.worlds.storefront import Provider, Storefront

HOUSES: dict[str, Callable[..., House]] = {**MAKERS, "sequential": lambda seed, **_: sale(seed)}


@pytest.mark.parametrize("name", HOUSES)
def test_lots_and_values_stay(name: str) -> None:
    one, other = HOUSES[name](seed=1, lots=3), HOUSES[name](seed=2, lots=3)
    one.begin()
    other.restore(one.snapshot())
    assert other.lots == one.lots and other.seed == 2
    assert np.array_equal(other.drawn.worths, one.drawn.worths)
    assert np.array_equal(other.drawn.signals, one.drawn.signals)
    if isinstance(one, Market) and isinstance(other, Market):
        held = [[m.unit_value(name, 0) for name in m.agents] for m in (one, other)]
        assert held[0] == held[1]
    again = HOUSES[name](seed=3, lots=3)
    again.restore(other.snapshot())
    assert again.snapshot() == one.snapshot(), "and is what it was, however often the seed changes"


def test_games_to_come_are_drawn_from_the_new_seed() -> None:
    def series(seed: int) -> Series:
        return Series(lambda one: MAKERS["first-price"](seed=one), 3, seed)

    one, other = series(1), series(2)
    one.begin()
    other.restore(one.snapshot())
    assert np.array_equal(other.house.drawn.worths, one.house.drawn.worths)
    later = []
    for made in (one, other):
        for tick in range(1, 6):
            made.apply(tick, {})
        later.append(made.house.drawn.worths.tolist())
    assert later[0] != later[1]


def test_a_storefront_keeps_its_qualities_and_places() -> None:
    def shop(seed: int) -> Storefront:
        names = ("Ann", "Ben", "Cid", "Dot")
        return Storefront([Provider(name, 20 * seed + n) for n, name in enumerate(names)], "Eve", seed=seed)

    one, other = shop(1), shop(2)
    one.begin()
    other.restore(one.snapshot())
    assert other.places == one.places
    assert [p.quality for p in other.providers.values()] == [20, 21, 22, 23]


@pytest.mark.parametrize("name", ["auction-house", "double-auction", "storefront"])
def test_a_run_is_forked_with_another_seed(name: str, tmp_path: Path) -> None:
    run_scenario(load_scenario(name, {"model": "scripted"}).until_ticks(24), tmp_path / "run")
    made = fork_run(tmp_path / "run", tmp_path / "fork", 12, [{"what": "seed", "seed": 9}])
    assert made.reason == "end" and verify(tmp_path / "fork").ok
