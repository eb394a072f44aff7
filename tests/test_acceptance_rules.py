"""The rules of the long checks, on records made by hand and on a scripted run."""

from __future__ import annotations

from pathlib import Path

import pytest
from acceptance_for_tests import Morning, came_by_chance, lead, led_by_chance, live, table, told

from burgh.agents.llm.load import load_model
from burgh.scenarios.load import load_town
from burgh.scenarios.spread import Attendance, Hearing, Spread

NAMES = ("Mira", "Ben", "Tom", "Greta", "Paul")


def morning(heard: int, came: int, dull: int = 0, *, seed: int = 1, skip: int = 0) -> Morning:
    """So many heard, so many came by plan; the dull fact went to so many, from the `skip`th name on."""
    hearings = tuple(Hearing(name, 9, "Anna", "8.world.0", f"9.{name}.0") for name in NAMES[:heard])
    comers = ("Anna", *NAMES)[:came]
    market = Spread(
        "market",
        ("Anna",),
        hearings,
        standing=("Anna", *NAMES),
        by_plan=tuple(Attendance(name, 1, 1, f"90.{name}.0", f"9.{name}.0") for name in comers),
        considered=dict.fromkeys(("Anna", *NAMES[:heard]), 4),
    )
    others = NAMES[skip : skip + dull]
    control = Spread("dull", ("Anna",), tuple(Hearing(name, 9, "Anna", "8.world.1", "") for name in others))
    return Morning(seed, False, market, control)


@pytest.mark.parametrize(
    ("heard", "came", "passes"), [(4, 3, True), (5, 6, True), (3, 3, False), (4, 2, False), (5, 0, False)]
)
def test_when_a_morning_passes(heard: int, came: int, passes: bool) -> None:
    assert morning(heard, came).passes == passes


def test_standing_there_without_a_plan_does_not_pass() -> None:
    only = morning(5, 2)
    assert len(only.market.standing) == 6
    assert not only.passes


def test_what_chance_would_bring() -> None:
    everyone = [morning(5, 6) for _ in range(3)]
    assert came_by_chance(everyone) == pytest.approx(0.25**18)
    assert came_by_chance([morning(5, 1) for _ in range(3)]) > 0.5
    assert came_by_chance([morning(0, 0)]) == 1.0


def test_the_lead_counts_those_who_heard_of_one_of_the_two() -> None:
    same = morning(3, 0, 3)
    assert (same.only_market, same.only_control) == ((), ())
    assert led_by_chance([same]) == 1.0
    assert lead([same]) == 0
    ahead = morning(5, 0, 1)
    assert ahead.only_market == NAMES[1:]
    assert led_by_chance([ahead]) == 1 / 16
    assert lead([ahead, ahead]) == 8
    crossed = morning(2, 0, 2, skip=2)
    assert (crossed.only_market, crossed.only_control) == (NAMES[:2], NAMES[2:4])
    assert led_by_chance([crossed]) == pytest.approx(11 / 16)


def test_a_scripted_morning_is_lived_read_and_told(tmp_path: Path) -> None:
    scenario = load_town("market-day", {"model": "scripted", "until": "11:05"})
    model = load_model("scripted", seed=3)
    true = live(scenario, tmp_path / "true", model, seed=3)
    assert (true.seed, true.shuffled) == (3, False)
    assert true.calls > 0 and true.tokens > 0 and true.seconds > 0 and true.tellings > 0
    lines = told(true)
    assert lines[0] == "seed 3"
    for one in true.market.hearings:
        assert f"{one.agent} from {one.source} in {one.utterance}" in lines[1]
    assert len(table([true])) == 3
    shuffled = live(scenario, tmp_path / "shuffled", model, seed=3, shuffled=True)
    assert told(shuffled)[0] == "seed 3, scores shuffled"
    assert shuffled.market != true.market
