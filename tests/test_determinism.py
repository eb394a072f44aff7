"""Equal runs are equal to the last bit: two runs compared, naming the first tick that differs."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import pytest
from runs_for_tests import Late, recorded, scripted

from burgh.agents.llm.load import load_model
from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.load import load_town
from burgh.scenarios.town import build_town
from burgh.sim.record import open_log, replay, verify

pytestmark = pytest.mark.model  # all need the embedder's weights

UNTIL = "08:30"


def first_difference(one: Path, other: Path) -> str:
    """The first events in which two records differ; "" where they do not."""
    for was, now in zip_longest(open_log(one).events(), open_log(other).events()):
        if was != now:
            return f"{was} is now {now}"
    return ""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "market"
    recorded(scripted("market-day", UNTIL), folder)
    return folder


def test_the_same_run_again_has_the_same_final_hash(market: Path, tmp_path: Path) -> None:
    outcome = recorded(scripted("market-day", UNTIL), tmp_path / "again")
    assert not first_difference(market, tmp_path / "again")
    assert outcome.final_hash == verify(market).final_hash


@pytest.mark.parametrize("order", [1, 2])
def test_when_answers_come_does_not_show(market: Path, tmp_path: Path, order: int) -> None:
    """Minds that think concurrently and are served in a random order decide the same."""
    scenario = scripted("market-day", UNTIL)
    late = Late(ScriptedModel(scenario.seed), order)
    outcome = recorded(scenario, tmp_path / "late", late)
    assert not first_difference(market, tmp_path / "late")
    assert outcome.final_hash == verify(market).final_hash


def test_another_seed_is_another_run(market: Path, tmp_path: Path) -> None:
    outcome = recorded(scripted("market-day", UNTIL, seed=8), tmp_path / "other")
    assert outcome.final_hash != verify(market).final_hash
    decided = [
        [(event.id, event.data["answer"]) for event in open_log(folder).events() if event.kind == "decided"]
        for folder in (market, tmp_path / "other")
    ]
    assert decided[0] != decided[1], "not in its name alone"


def test_the_run_replays_without_a_model(market: Path) -> None:
    outcome = replay(open_log(market), lambda: build_town(scripted("market-day", UNTIL)))
    assert outcome.mismatch is None and outcome.ticks > 100
    other = replay(open_log(market), lambda: build_town(scripted("market-day", UNTIL, seed=8)))
    assert other.mismatch is not None and other.mismatch.startswith("tick ")


def test_a_run_on_the_embedded_model_is_the_same_again_and_replays(tmp_path: Path) -> None:
    scenario = load_town("quiet-room", {"until": "09:30"})
    hashes = []
    for name in ("one", "two"):
        model = load_model(scenario.model, threads=1, seed=scenario.seed)
        hashes.append(recorded(scenario, tmp_path / name, model).final_hash)
    assert not first_difference(tmp_path / "one", tmp_path / "two")
    assert hashes[0] == hashes[1]
    outcome = replay(open_log(tmp_path / "one"), lambda: build_town(scenario))
    assert outcome.mismatch is None and outcome.ticks > 5
