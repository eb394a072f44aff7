"""The storefront: contract, money, rotation of places, outcomes, bad answers, minds, measures, scenarios."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from burgh.agents.bidders.kinds import Seat
from burgh.agents.kinds import PROVIDERS, SELECTORS, mind_kind, registered
from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.shops import strategies
from burgh.agents.shops.bank import ToolBank
from burgh.agents.shops.llm import one_sentence
from burgh.scenarios.controls import RunControls
from burgh.scenarios.kinds import kind_of
from burgh.scenarios.kinds.storefront_measures import Counted
from burgh.scenarios.load import ScenarioFaults, check_scenario, load_scenario
from burgh.scenarios.recorded import scenario_of
from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.fork import fork_run
from burgh.scenarios.travel.resume import resume_run
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.engine import Tick
from burgh.sim.record import open_log, replay, verify
from burgh.sim.types import Action, BurghError, Event
from burgh.worlds.conformance import check_world
from burgh.worlds.storefront import SUPPLIERS, Provider, Storefront

SHOPS = (Provider("Anna", 80), Provider("Bruno", 40), Provider("Carla", 60, 30))


def shop(providers: tuple[Provider, ...] = SHOPS, **more: Any) -> Storefront:
    return Storefront(providers, "Greta", seed=5, **{"rounds": 6, **more})


@pytest.mark.parametrize("more", [{}, {"budget": 0}, {"budget": 250}, {"reputation": False}, {"noise": 0}])
def test_it_keeps_the_contract_of_worlds(more: dict[str, Any]) -> None:
    check_world(lambda: shop(**more), ticks=20)


def test_one_provider_is_a_storefront_too() -> None:
    check_world(lambda: shop(SHOPS[:1]), ticks=20)


def act(world: Storefront, tick: int, answers: dict[str, Any]) -> list[Event]:
    actions = {name: Action(name, answer, f"{tick}.{name}.0") for name, answer in answers.items()}
    return list(world.apply(tick, actions))


def offer(price: int, claim: int = 50) -> dict[str, Any]:
    return {"act": "pitch", "price": price, "claim": claim, "words": "Look."}


def test_money_passes_from_the_customer_to_the_provider_to_the_suppliers() -> None:
    world = shop(budget=500)
    world.begin()
    act(world, 1, {"Anna": offer(100, 90), "Bruno": offer(60)})
    events = act(world, 2, {"Greta": {"offer": "Anna"}})
    (bought,) = (event for event in events if event.kind == "bought")
    assert bought.data["cost"] == 64 and bought.data["price"] == 100
    money = {name: world.ledger.money[name] for name in (*world.agents, SUPPLIERS)}
    assert money == {"Anna": 36, "Bruno": 0, "Carla": 30, "Greta": 400, SUPPLIERS: 64}
    assert abs(bought.data["quality"] - 80) <= 10
    assert bought.data["value"] == bought.data["quality"] * 200 // 100
    assert world.observe(3)["Bruno"].state["ratings"]["Anna"] == [1, bought.data["stars"]]


def test_only_its_provider_knows_a_quality() -> None:
    world = shop()
    world.begin()
    seen = world.observe(1)
    assert seen["Anna"].state["quality"] == 80
    act(world, 1, {"Anna": offer(100), "Bruno": offer(70)})
    told = json.dumps(dict(world.observe(2)["Greta"].state))
    assert "quality" not in told and "cost" not in told


def test_outcomes_are_the_same_whoever_is_chosen() -> None:
    one, other = shop(), shop()
    for world, first in ((one, "Anna"), (other, "Bruno")):
        world.begin()
        for tick in range(1, 5, 2):
            act(world, tick, {"Anna": offer(100), "Bruno": offer(70)})
            act(world, tick + 1, {"Greta": {"offer": first if tick == 1 else "Anna"}})
    assert one.history[1]["quality"] == other.history[1]["quality"]
    outcomes = [one.outcome("Anna", number) for number in range(200)]
    assert min(outcomes) == 70 and max(outcomes) == 90


def test_everyone_stands_in_every_place_equally_often() -> None:
    world = shop(rounds=6)
    world.begin()
    places: Counter[tuple[str, int]] = Counter()
    for tick in range(1, 12, 2):
        act(world, tick, {name: offer(90) for name in ("Anna", "Bruno", "Carla")})
        places.update((name, place) for place, name in enumerate(world.shown))
        act(world, tick + 1, {})
    assert set(places.values()) == {2} and len(places) == 9


def test_bad_answers_are_recorded_and_change_nothing() -> None:
    world = shop(rounds=1)
    world.begin()
    events = act(world, 1, {"Anna": offer(10), "Bruno": offer(999), "Greta": {"offer": "Anna"}})
    refused = {event.agent: event.data["why"] for event in events if event.kind == "bid_refused"}
    assert "10 is not from 64 to 200" in refused["Anna"]  # it cannot cover its cost
    assert "999 is not from 32 to 200" in refused["Bruno"]
    assert refused["Greta"] == "not asked now"
    assert not world.is_open  # nobody offered anything: the round is over
    (late,) = act(world, 2, {"Anna": offer(100)})
    assert late.data["why"] == "the storefront is closed"


def test_who_has_money_may_sell_below_cost_and_who_is_poor_sees_what_it_can_pay() -> None:
    world = shop(budget=50)
    world.begin()
    assert world.observe(1)["Carla"].state["least"] == 18
    act(world, 1, {"Carla": offer(18), "Anna": offer(100)})
    assert [one["provider"] for one in world.observe(2)["Greta"].state["offers"]] == ["Carla"]
    act(world, 2, {"Greta": {"offer": "Carla"}})
    assert world.ledger.money["Carla"] == 0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: shop(()), "needs a provider at least"),
        (lambda: shop((Provider("Greta", 1),)), "two have one name"),
        (lambda: shop((Provider("none", 1),)), "nobody can be called 'none'"),
        (lambda: shop((Provider("Anna", 101),)), "Anna: a quality is from 0 to 100"),
        (lambda: shop(rounds=0), "one round at least"),
        (lambda: shop(budget=-1), "no negative number"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(make: Any, said: str) -> None:
    with pytest.raises(BurghError, match=said):
        make()


# minds

STATE: dict[str, Any] = {
    "name": "Anna", "round": 0, "rounds": 5, "worth": 200, "most_price": 200, "money": 0, "last": [],
    "ratings": {}, "quality": 60, "cost": 48, "least": 48, "customer": "Greta",
}  # fmt: skip
OFFERS = [
    {"provider": "Anna", "price": 100, "claim": 80, "words": "Plain."},
    {"provider": "Bruno", "price": 90, "claim": 100, "words": "The best there is."},
]
CHOOSING: dict[str, Any] = {"name": "Greta", "worth": 200, "offers": OFFERS, "history": [], "ratings": {}}


def test_providers_do_as_they_are_called() -> None:
    rng = random.Random(1)
    honest = strategies.Honest().answer(STATE, rng)
    puffing = strategies.Puffing().answer(STATE, rng)
    assert (honest["claim"], honest["price"]) == (60, 84)
    assert (puffing["claim"], puffing["price"]) == (100, 124)
    last = [{"provider": "Bruno", "price": 70, "claim": 50, "words": "", "chosen": True}]
    cheaper = strategies.Undercutting().answer({**STATE, "last": last}, rng)
    assert (cheaper["claim"], cheaper["price"]) == (60, 69)
    last[0]["price"] = 40
    assert strategies.Undercutting().answer({**STATE, "last": last}, rng)["price"] == 55  # not for less


def test_customers_do_as_they_are_called() -> None:
    rng = random.Random(1)

    def takes(kind: strategies.Strategy, **more: Any) -> str:
        return str(kind.answer({**CHOOSING, **more}, rng)["offer"])

    assert takes(strategies.Trusting()) == takes(strategies.Cheapest()) == "Bruno"
    assert takes(strategies.First()) == "Anna"
    assert takes(strategies.ByValue()) == "Bruno"
    assert takes(strategies.ByValue(), ratings={"Bruno": (9, 14), "Anna": (9, 41)}) == "Anna"
    once = [{"provider": "Bruno", "quality": 20, "price": 90}]
    assert takes(strategies.ByValue(), history=once) == "Anna"
    dear = [{**one, "price": 199} for one in OFFERS[:1]]
    assert takes(strategies.ByValue(), offers=dear) == "none"
    assert takes(strategies.ByValue(), offers=[]) == takes(strategies.First(), offers=[]) == "none"


def test_a_tool_bank_goes_by_words_alone() -> None:
    class Letters:
        def embed(self, texts: Any) -> Any:
            vectors = np.array([[text.count("b"), text.count("P"), 0.1] for text in texts], np.float32)
            return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    chosen = ToolBank("PPP", Letters()).answer(CHOOSING, random.Random(1))
    assert chosen == {"offer": "Anna"}
    assert ToolBank("bbb", Letters()).answer(CHOOSING, random.Random(1)) == {"offer": "Bruno"}


@pytest.mark.parametrize("name", registered(PROVIDERS))
def test_every_provider_pitches_legally_and_comes_back_from_its_snapshot(name: str) -> None:
    kind = mind_kind(PROVIDERS, name)
    world = shop()
    world.begin()
    minds = [kind.make(Seat("Anna", ScriptedModel(1), world.clock, 1), kind.options()) for _ in range(2)]
    for tick in range(1, 9):
        seen = world.observe(tick)["Anna"]
        minds[1].restore(json.loads(json.dumps(minds[0].snapshot())))
        steps = [asyncio.run(mind.step(seen)) for mind in minds]
        assert steps[0].action == steps[1].action and steps[0].events == steps[1].events
        minds[0].commit(steps[0])
        answers = {} if steps[0].action is None else {"Anna": steps[0].action.answer}
        seen.spec.validate(answers["Anna"]) if answers else None
        act(world, tick, answers if tick % 2 else {"Greta": {"offer": "Anna"}})


def test_what_a_model_writes_is_cut_to_a_sentence() -> None:
    assert one_sentence("A good cart. And cheap, and") == "A good cart."
    assert one_sentence("A lovely cloth, and you keep your money for") == "A lovely cloth"
    assert one_sentence(" ") == ""


# measures


def events_of(choices: list[tuple[str, int]], of: int = 2) -> list[Event]:
    """Rounds in which a provider was chosen at a place."""
    told = {"providers": ["Anna", "Bruno"], "customer": "Greta", "worth": 200}
    found = [Event("0.world.0", "storefront", None, told)]
    for name, quality in (("Anna", 80), ("Bruno", 40)):
        found.append(Event("0.world.1", "shop", name, {"quality": quality, "cost": 0, "money": 0}))
    for number, (name, place) in enumerate(choices):
        for who in ("Anna", "Bruno"):
            found.append(Event(f"{number}.world.0", "offered", who, {"claim": 90, "price": 50}))
        found.append(
            Event(f"{number}.world.2", "chosen", "Greta", {"provider": name, "place": place, "of": of})
        )
        value = {"Anna": 160, "Bruno": 80}[name]
        data = {"price": 50, "cost": 10, "quality": value // 2, "value": value, "stars": 4}
        found.append(Event(f"{number}.world.3", "bought", name, data))
    return found


def counted(choices: list[tuple[str, int]]) -> Counted:
    found = Counted()
    for event in events_of(choices):
        found.add(event)
    return found


def test_measures_are_what_happened() -> None:
    data = counted([("Anna", 0), ("Bruno", 0), ("Anna", 1), ("Anna", 0)]).to_json()
    assert data["customer"] == {
        "name": "Greta",
        "welfare": 3 * 110 + 30,
        "best": 4 * 110,
        "share_of_best": pytest.approx(360 / 440),
        "took_none": 0,
    }
    assert data["providers"]["Anna"]["share"] == 0.75 and data["providers"]["Anna"]["profit"] == 120
    assert data["providers"]["Anna"]["puffed"] == 10 and data["providers"]["Bruno"]["puffed"] == 50
    assert data["order"]["by_place"] == [3, 1] and data["order"]["share_first"] == 0.25
    assert data["order"]["p"] is None


def test_order_bias_is_found_where_it_is_and_not_where_it_is_not() -> None:
    biased = counted([("Anna", 0), ("Bruno", 0)] * 10).order_bias()
    fair = counted([("Anna", 0), ("Anna", 1)] * 10).order_bias()
    assert biased["p"] < 0.001 and biased["distance"] == 0.5
    assert fair["p"] == 1.0 and fair["share_first"] == 0.0


# scenarios

TEXT = """name: small-shop
description: A small storefront.
start: 2026-05-04 09:00
tick_seconds: 60
seed: 3
model: scripted
world: {kind: storefront, rounds: 60}
agents:
  - {name: Anna, quality: 80}
  - {name: Bruno, quality: 30, mind: {kind: puffing}}
  - {name: Carla, quality: 60, mind: {kind: undercutting}}
  - {name: Dirk, quality: 60, mind: {kind: llm}}
  - {name: Greta, role: customer, mind: {kind: value}}
"""


def storefront(written: str = TEXT) -> Basis:
    return check_scenario(parse_yaml(written, "shop.yaml"), Path())


def run(written: str, folder: Path) -> dict[str, Any]:
    scenario = storefront(written)
    outcome = run_scenario(scenario, folder, model=ScriptedModel(3))
    found = kind_of(scenario).measures(scenario, open_log(outcome.folder).events())
    assert found is not None
    return dict(json.loads(json.dumps(found.data)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run_scenario(storefront(), tmp_path_factory.mktemp("runs") / "shop", model=ScriptedModel(3))


def test_it_runs_is_whole_and_comes_again(whole: Outcome, tmp_path: Path) -> None:
    log = open_log(whole.folder)
    assert whole.reason == "end" and verify(whole.folder).fault is None
    read = scenario_of(log)
    assert read == storefront()
    assert replay(log, lambda: kind_of(read).world(read)).mismatch is None
    again = run_scenario(storefront(), tmp_path / "again", model=ScriptedModel(3))
    assert again.final_hash == whole.final_hash


def test_a_stopped_or_forked_storefront_comes_to_the_same_end(whole: Outcome, tmp_path: Path) -> None:
    controls = RunControls()

    def stop(tick: Tick) -> None:
        if tick.tick == 41:
            controls.stop()

    part = run_scenario(
        storefront(), tmp_path / "part", model=ScriptedModel(3), watchers=(stop,), controls=controls
    )
    assert part.reason == "stopped" and part.tick == 41 and part.final_hash != whole.final_hash
    assert resume_run(tmp_path / "part", model=ScriptedModel(3)).final_hash == whole.final_hash
    forked = fork_run(whole.folder, tmp_path / "fork", 50, [], model=ScriptedModel(3))
    assert forked.final_hash == whole.final_hash
    assert verify(tmp_path / "part").ok and verify(tmp_path / "fork").ok
    other = [{"what": "seed", "seed": 4}]
    changed = fork_run(whole.folder, tmp_path / "other", 50, other, model=ScriptedModel(3))
    assert changed.final_hash != whole.final_hash and verify(tmp_path / "other").ok


def test_reputation_keeps_the_customer_from_one_who_puffs(tmp_path: Path) -> None:
    wise = run(TEXT, tmp_path / "wise")
    trusting = run(TEXT.replace("kind: value", "kind: trusting"), tmp_path / "trusting")
    assert wise["providers"]["Bruno"]["share"] < 0.1
    assert wise["providers"]["Bruno"]["puffed"] == 70
    assert wise["customer"]["share_of_best"] > 0.8
    assert trusting["customer"]["welfare"] < wise["customer"]["welfare"]


def test_the_first_is_taken_by_who_takes_the_first(tmp_path: Path) -> None:
    first = run(TEXT.replace("kind: value", "kind: first"), tmp_path / "first")["order"]
    anyone = run(TEXT.replace("kind: value", "kind: anyone"), tmp_path / "anyone")["order"]
    assert first["by_place"][0] == 60 and first["p"] < 1e-6
    assert anyone["p"] > 0.01 and anyone["distance"] < 0.25


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (("kind: puffing", "kind: pufing"), "agents[1].mind.kind: no kind of provider is called 'pufing'"),
        (("kind: value", "kind: honest"), "agents[4].mind.kind: no kind of selector is called 'honest'"),
        ((", role: customer", ""), "agents: 0 of these have the role customer"),
        (("quality: 80", "role: customer"), "agents: 2 of these have the role customer"),
        (("quality: 80", "quality: 101"), "agents[0].quality"),
        (("role: customer,", "role: customer, quality: 3,"), "agents[4].quality: a customer has no quality"),
        (("rounds: 60", "rounds: 0"), "world.rounds"),
        (("rounds: 60", "rouns: 60"), "there is no key 'rouns' here: did you mean 'rounds'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(spoil: tuple[str, str], told: str) -> None:
    assert spoil[0] in TEXT
    with pytest.raises(ScenarioFaults) as caught:
        storefront(TEXT.replace(*spoil))
    assert told in "\n".join(caught.value.said)


def test_the_library_has_one_that_runs(tmp_path: Path) -> None:
    scenario = load_scenario("storefront", {"model": "scripted"})
    outcome = run_scenario(scenario, tmp_path / "run", model=ScriptedModel(7))
    events = list(open_log(outcome.folder).events())
    assert sum(event.kind == "bought" for event in events) > 10
    assert {event.agent for event in events if event.kind == "model"} == {"Dirk", "Elsa", "Greta"}
    assert set(registered(SELECTORS)) >= {
        "value",
        "trusting",
        "cheapest",
        "first",
        "anyone",
        "tool-bank",
        "llm",
    }
