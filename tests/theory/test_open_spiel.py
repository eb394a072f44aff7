"""Exploitability beside open_spiel's `first_sealed_auction` (Lanctot et al. 2019), profile by profile.

Needs the extra `open-spiel`; where that is missing the tests are skipped and say so. (What open_spiel gives
for four games is kept as numbers in test_exploitability.py, so that they are checked everywhere.)
"""

from __future__ import annotations

import numpy as np
import pytest

from burgh.scenarios.theory.exploit import Game
from burgh.worlds.auctions.rules.sealed import FIRST_PRICE

pyspiel = pytest.importorskip(
    "pyspiel",
    reason="open_spiel is not installed, nothing is compared with it: pip install 'burgh[open-spiel]'",
)


def ours(players: int, highest: int) -> Game:
    """Values 1 to `highest`, each as likely; bids from 0."""
    values = tuple(float(value) for value in range(1, highest + 1))
    return Game(FIRST_PRICE, players, values, (1 / highest,) * highest, tuple(map(float, range(highest))))


def profile(players: int, highest: int, seed: int) -> list[np.ndarray]:
    """For each seat, by value, the chances of its bids under that value: (values, bids)."""
    rng = np.random.default_rng(seed)
    tables = rng.dirichlet(np.ones(highest), size=(players, highest))
    for row in range(highest):
        tables[:, row, row + 1 :] = 0.0
    return [table / table.sum(axis=1, keepdims=True) for table in tables]


def theirs(players: int, highest: int, tables: list[np.ndarray]) -> float:
    from open_spiel.python import policy
    from open_spiel.python.algorithms import exploitability

    game = pyspiel.load_game("first_sealed_auction", {"players": players, "max_value": highest})
    tabular = policy.TabularPolicy(game)
    for name, index in tabular.state_lookup.items():
        seat, value = int(name.split()[0][1:]), int(name.split()[2])
        tabular.action_probability_array[index] = tables[seat][value - 1]
    return float(exploitability.nash_conv(game, tabular))


@pytest.mark.parametrize(("players", "highest"), [(2, 3), (2, 6), (3, 3)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nash_conv_of_any_profile_is_theirs(players: int, highest: int, seed: int) -> None:
    tables = profile(players, highest, seed)
    assert ours(players, highest).nash_conv(tables) == pytest.approx(
        theirs(players, highest, tables), abs=1e-9
    )
