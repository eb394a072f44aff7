"""Sales as scenarios: every format runs, is recorded, comes again, and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sales_for_tests import FORMATS, HOUSE_SALES, MARKETS, sale, text

from burgh.agents.bidders.kinds import BidderKind, Options, bidder_kind, registered
from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.kinds import kind_of
from burgh.scenarios.kinds import registered as worlds
from burgh.scenarios.kinds.sale_measures import tally
from burgh.scenarios.load import ScenarioFaults, load_scenario, overridden
from burgh.scenarios.recorded import scenario_of
from burgh.scenarios.run import run_scenario
from burgh.scenarios.seating import with_minds
from burgh.scenarios.travel.changes import world_after
from burgh.scenarios.travel.fork import fork_run
from burgh.sim.record import open_log, replay, verify
from burgh.sim.types import BurghError
from burgh.worlds.auctions import SealedAuction, Series
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.values import Private
from burgh.worlds.conformance import check_world


def test_every_format_is_a_registered_kind_of_world() -> None:
    assert set(worlds()) >= {"town", *FORMATS}


@pytest.mark.parametrize("kind", FORMATS)
def test_it_runs_and_comes_again(kind: str, tmp_path: Path) -> None:
    given = sale(text(kind, games=2))
    outcome = run_scenario(given, tmp_path / "run", model=ScriptedModel())
    log = open_log(outcome.folder)
    assert outcome.reason == "end"
    assert verify(outcome.folder).fault is None
    read = scenario_of(log)
    assert read == given and read.hash == given.hash
    assert replay(log, lambda: kind_of(read).world(read)).mismatch is None
    found = tally(log.events())
    assert found.games == 2 and (found.sales or found.unsold)
    assert found.most is not None and found.gained <= found.most
    profits = sum(one.profit for one in found.accounts.values())
    assert profits + found.revenue == found.gained  # money only changes hands


@pytest.mark.parametrize("kind", ["second-price", "vcg", "gsp", "uniform-price", "english-clock"])
def test_truth_is_efficient_where_theory_says_so(kind: str, tmp_path: Path) -> None:
    more = "step: 1" if kind != "english-clock" else "budget: 100000"
    written = text(kind, more=more).replace("notch: 20", "notch: 1")
    outcome = run_scenario(sale(written), tmp_path / "run", model=ScriptedModel())
    found = tally(open_log(outcome.folder).events())
    assert found.efficiency == 1.0


def test_the_first_game_is_the_sale_alone_and_the_others_differ(tmp_path: Path) -> None:
    def events(games: int) -> list[tuple[str, Any]]:
        outcome = run_scenario(
            sale(text("first-price", games=games)), tmp_path / str(games), model=ScriptedModel()
        )
        found = open_log(outcome.folder).events()
        return [(event.kind, dict(event.data)) for event in found if event.kind in ("bid", "sold")]

    one, three = events(1), events(3)
    assert three[: len(one)] == one
    assert three[len(one) : 2 * len(one)] != one


def test_a_series_keeps_the_laws_of_a_world() -> None:
    def make(seed: int) -> SealedAuction:
        return SealedAuction(("Ann", "Ben"), Private(Uniform(0, 100)), seed=seed, lots=2)

    check_world(lambda: Series(make, 3, 5), ticks=30)


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_drawn_at_the_start_stays_where_the_seed_changes(kind: str, tmp_path: Path) -> None:
    scenario = sale(text(kind))
    whole = run_scenario(scenario, tmp_path / "whole", model=ScriptedModel(3))
    worlds = [kind_of(scenario).world(overridden(scenario, {"seed": seed})) for seed in (3, 4)]
    worlds[0].begin()
    worlds[1].restore(worlds[0].snapshot())
    assert worlds[1].snapshot() == worlds[0].snapshot()
    for tick in {2, max(2, whole.tick // 2)}:
        folder = tmp_path / f"at {tick}"
        done = fork_run(whole.folder, folder, tick, [{"what": "seed", "seed": 4}], model=ScriptedModel(3))
        assert done.reason == "end" and verify(folder).ok
        assert (
            replay(
                open_log(folder), lambda: kind_of(scenario).world(scenario), world_after(scenario)
            ).mismatch
            is None
        )


def test_qualities_of_a_storefront_stay_where_the_seed_changes() -> None:
    scenario = load_scenario("storefront", {"model": "scripted"})
    one, other = (kind_of(scenario).world(overridden(scenario, {"seed": seed})) for seed in (7, 8))
    assert one.snapshot()["drawn"] != other.snapshot()["drawn"]
    other.restore(one.snapshot())
    assert other.snapshot()["drawn"] == one.snapshot()["drawn"]


def test_bidders_see_how_earlier_games_ended() -> None:
    series = Series(lambda seed: SealedAuction(("Ann",), Private(Uniform(0, 9)), seed=seed), 3, 5)
    series.begin()
    tick = 0
    while (upcoming := series.next_tick(tick)) is not None:
        tick = upcoming
        series.apply(tick, {})
    history = series.observe(tick + 1)["Ann"].state["history"]
    assert [sold["game"] for sold in history] == [0, 1, 2]


def test_the_model_is_loaded_only_where_somebody_asks_it() -> None:
    assert not kind_of(by_rule := sale(text("first-price"))).asks(by_rule)
    assert kind_of(prompted := sale(text("first-price", mind="direct"))).asks(prompted)


@pytest.mark.parametrize("name", registered())
def test_every_kind_of_bidder_can_be_had(name: str) -> None:
    assert isinstance(bidder_kind(name), BidderKind)
    assert issubclass(bidder_kind(name).options, Options)


def faults(written: str) -> str:
    with pytest.raises(ScenarioFaults) as caught:
        sale(written)
    return "\n".join(caught.value.said)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (("kind: first-price", "kind: first-prize"), "sale.yaml:6: world.kind: no kind of world is called"),
        (("kind: first-price", "kind: [1]"), "world.kind: [1] is not the name of a kind of world"),
        (("games: 1", "games: 0"), "sale.yaml:6: world.games"),
        (("games: 1", "gamse: 1"), "there is no key 'gamse' here: did you mean 'games'?"),
        (("games: 1", "games: 1, notch: 3"), "there is no key 'notch' here"),
        (("low: 0, high: 201", "low: 9, high: 3"), "world.values: values from 9 to 3 are not from 0 up"),
        (("low: 0, high: 201", "mean: 9"), "the law uniform needs low and high: high is missing"),
        (("law: uniform, low: 0, high: 201", "law: power, high: 9"), "exponent is missing"),
        (("{law", "{kind: common, percent: 3, law"), "common values have no percent"),
        (("{name: Ben}", "{name: Ben, home: here}"), "agents[1].home: there is no key 'home' here"),
        (("{name: Ben}", "{name: Ann}"), "agents[0] is called 'Ann' too"),
        (("{name: Ben}", "{name: Ben, mind: {kind: truthfull}}"), "agents[1].mind.kind: no kind of bidder"),
        (("{name: Ben}", "{name: Ben, mind: {kind: shade, percent: -3}}"), "agents[1].mind.percent"),
        (("{name: Ben}", "{name: Ben, mind: {kind: shade, rate: 3}}"), "there is no key 'rate' here"),
        (("{name: Ben}", "{name: Ben, values: [3, 4]}"), "these are 2 values, for 1 lots"),
        (("{name: Ben}", "{name: Ben, values: [3]}"), "agents[0].values: other bidders have a list"),
        (("{name: Ben}", "{name: Ben, budget: 30}"), "world: Ann has no budget"),
        (("{name: Ben}", "{name: Ben, budget: -1}"), "agents[1].budget"),
        (("mind: {kind: truthful}", "facts: {}"), "there is no key 'facts' here"),
        (("{name: Ben}", "{name: the house}"), "world: a bidder cannot be called"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(spoil: tuple[str, str], told: str) -> None:
    written = text("first-price")
    assert spoil[0] in written
    assert told in faults(written.replace(*spoil))


def test_a_town_may_not_be_given_bids() -> None:
    assert "mind.kind: no kind of mind is called 'truthful'" in faults(
        "name: a\ndescription: b\nstart: 2026-05-04 07:00\nuntil: '08:00'\nmodel: scripted\n"
        "mind: {kind: truthful}\n"
        "agents: [{name: Ann, age: 3, job: child, home: 'Burgh : Green'}]\n"
    )


def test_bargaining_takes_one_of_each_side() -> None:
    written = text("bargaining").replace("side: sell", "side: buy")
    assert "bargaining is between one who buys and one who sells, not 2 and 0" in faults(written)


@pytest.mark.parametrize("kind", HOUSE_SALES)
@pytest.mark.parametrize("bidders", [0, 1])
def test_few_bidders_are_a_sale_too(kind: str, bidders: int, tmp_path: Path) -> None:
    written = text(kind)
    lines = [line for line in written.splitlines() if not line.startswith("  - ")]
    agents = "\n".join(f"  - {{name: B{'x' * n}}}" for n in range(bidders))
    written = "\n".join(lines).replace("agents:", f"agents:\n{agents}" if bidders else "agents: []")
    outcome = run_scenario(sale(written + "\n"), tmp_path / "run", model=ScriptedModel())
    assert outcome.reason == "end"
    assert replayed(outcome.folder) is None


def replayed(folder: Path) -> str | None:
    log = open_log(folder)
    scenario = scenario_of(log)
    return replay(log, lambda: kind_of(scenario).world(scenario)).mismatch


def test_values_may_be_given(tmp_path: Path) -> None:
    written = text("second-price")
    for name, value in (("Ann", 50), ("Ben", 80), ("Cid", 20)):
        written = written.replace(f"{{name: {name}}}", f"{{name: {name}, values: [{value}]}}")
    outcome = run_scenario(sale(written), tmp_path / "run", model=ScriptedModel())
    (sold,) = tally(open_log(outcome.folder).events()).sales
    assert (sold["buyer"], sold["price"], sold["value"]) == ("Ben", 50, 80)


def test_minds_are_given_from_outside() -> None:
    given = sale(text("first-price"))
    kinds = [agent.mind.kind for agent in with_minds(given, "rule,shade:60,random").agents]  # type: ignore[attr-defined]
    assert kinds == ["rule", "shade", "random"]
    assert {agent.mind.kind for agent in with_minds(given, "rule").agents} == {"rule"}  # type: ignore[attr-defined]
    with pytest.raises(BurghError, match="--minds: 2 kinds for 3 agents"):
        with_minds(given, "rule,rule")
    with pytest.raises(BurghError, match=r"--minds: .*no kind of bidder is called 'rul'"):
        with_minds(given, "rul")
    with pytest.raises(BurghError, match="--minds: 'shade:x' is no kind"):
        with_minds(given, "shade:x")


@pytest.mark.parametrize("name", ["sealed-bids", "double-auction"])
def test_the_library_runs(name: str, tmp_path: Path) -> None:
    outcome = run_scenario(load_scenario(name), tmp_path / "run", model=ScriptedModel())
    found = tally(open_log(outcome.folder).events())
    assert outcome.reason == "end"
    assert found.sales and found.efficiency is not None and 0.5 < found.efficiency <= 1
    assert replayed(outcome.folder) is None


def test_markets_need_sides() -> None:
    assert set(MARKETS) == {"call-market", "double-auction", "bargaining"}
    assert "agents[0].side: this is missing" in faults(text("call-market").replace(", side: buy", ""))


@pytest.mark.parametrize(
    ("kind", "more", "known"),
    [
        ("first-price", "", True),
        ("dutch", "", True),
        ("second-price", "", True),
        ("first-price", "lots: 0", True),
        ("double-auction", "", False),
        ("bargaining", "", False),
        ("uniform-price", "demand: 2", False),
        ("gsp", "", False),
        ("kth-price", "reserve: 5", True),
    ],
)
def test_an_equilibrium_that_is_not_known_is_told_before_anyone_bids(
    kind: str, more: str, known: bool, tmp_path: Path
) -> None:
    written = text(kind, mind="equilibrium", more=more)
    if known:
        assert run_scenario(sale(written), tmp_path / "run", model=ScriptedModel()).reason == "end"
        return
    with pytest.raises(BurghError, match=r"sale.yaml:\d+: mind.kind: no equilibrium is known of"):
        sale(written)
