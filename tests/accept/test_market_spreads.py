"""market-day on the embedded model, with seeds that no one used while building it.

Five mornings, seeds 101 to 105, are run to 11:05 and read from their records alone. Stated before any run:

1. In at least 4 of the 5, at least 4 of the 6 villagers first hear of the market from another villager, not
   from the crier: the memory names as its cause the utterance, which tells of this fact within earshot. In
   the same mornings at least 3 stand on the tiles of the Market Square at 11:00 because their plan says so:
   the decision that set them on their way rests, by way of a plan, on their own memory of this fact.
2. The dull fact that the same villager knows from the start is heard by fewer, summed over the five, and by
   no more than the market in each morning that passes 1.
3. Seeds 101 to 103 again with the scores of the model dealt out among the options at random. The effect is
   then gone: what is left is no more than chance brings. Two statistics, pooled over the three mornings:
   - Attendance: who came by plan. Chance: each who thought over the news picks one of the n places that it
     weighed, so comes with 1/n. True scores: that so many come by chance has a probability below 1%.
     Shuffled: it has one of 1% or more, and fewer come than with true scores.
   - Lead: of the villagers who heard of just one of the two facts, those who heard of the market. Chance: one
     half (a sign test). Shuffled: such a lead has by chance a probability of 1% or more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from acceptance_for_tests import SIGNIFICANT, Morning, came_by_chance, led_by_chance, live, table, told

from burgh.agents.llm.load import load_model
from burgh.scenarios.load import load_town
from burgh.sim.record import verify

SEEDS = (101, 102, 103, 104, 105)
SHUFFLED = SEEDS[:3]
LEAST_PASSING = 4

pytestmark = [pytest.mark.accept, pytest.mark.timeout(0)]

Mornings = Callable[..., list[Morning]]


@pytest.fixture(scope="module")
def mornings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mornings:
    """Mornings by their seeds: each is run once, when it is first asked for, all on one loaded model."""
    scenario = load_town("market-day", {"until": "11:05"})
    model = load_model(scenario.model)
    folder = tmp_path_factory.mktemp("mornings")
    lived: dict[tuple[int, bool], Morning] = {}
    plugins = request.config.pluginmanager
    terminal, capture = plugins.getplugin("terminalreporter"), plugins.getplugin("capturemanager")

    def say(lines: Sequence[str]) -> None:  # also while output is captured: a morning takes minutes
        with capture.global_and_fixture_disabled():
            for line in ("", *lines):
                terminal.write_line(line)

    say((__doc__ or "").splitlines())

    def one(seed: int, shuffled: bool) -> Morning:
        if (seed, shuffled) not in lived:
            run: Path = folder / f"{seed}{'-shuffled' if shuffled else ''}"
            lived[seed, shuffled] = live(scenario, run, model, seed=seed, shuffled=shuffled)
            say(told(lived[seed, shuffled]))
            assert verify(run).ok
        return lived[seed, shuffled]

    def of(seeds: Sequence[int], *, shuffled: bool = False) -> list[Morning]:
        known = len(lived)
        found = [one(seed, shuffled) for seed in seeds]
        if len(lived) > known:
            say(table(found))
        return found

    return of


def test_the_market_is_heard_of_and_come_to(mornings: Mornings) -> None:
    passing = [one.seed for one in mornings(SEEDS) if one.passes]
    assert len(passing) >= LEAST_PASSING, f"only {passing} pass"


def test_the_dull_fact_spreads_less(mornings: Mornings) -> None:
    found = mornings(SEEDS)
    heard = sum(len(one.market.hearings) for one in found)
    dull = sum(len(one.control.hearings) for one in found)
    assert dull < heard
    assert [
        one.seed for one in found if one.passes and len(one.control.hearings) > len(one.market.hearings)
    ] == []


def test_with_shuffled_scores_the_effect_is_gone(mornings: Mornings) -> None:
    true, shuffled = mornings(SHUFFLED), mornings(SHUFFLED, shuffled=True)
    assert came_by_chance(true) < SIGNIFICANT
    assert came_by_chance(shuffled) >= SIGNIFICANT
    came = [sum(len(one.market.by_plan) for one in some) for some in (true, shuffled)]
    assert came[1] < came[0]
    assert led_by_chance(shuffled) >= SIGNIFICANT
