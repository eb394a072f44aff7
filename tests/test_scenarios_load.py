"""Scenarios that are right: what they hold, their overrides, hash, schema and library."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from scenario_texts import SMALL

from burgh.scenarios.kinds import kind_named, registered
from burgh.scenarios.load import check_scenario, load_scenario, load_town, overridden
from burgh.scenarios.nearest import suggest
from burgh.scenarios.sources import library
from burgh.scenarios.spec import Scenario, schema
from burgh.scenarios.town import build_town, maps, town_map
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.types import BurghError


@pytest.fixture
def small() -> Scenario:
    found = check_scenario(parse_yaml(SMALL, "small.yaml"))
    assert isinstance(found, Scenario)
    return found


def test_what_it_says_is_what_is_read(small: Scenario) -> None:
    assert small.start == datetime(2026, 5, 4, 7)
    assert small.until == datetime(2026, 5, 4, 9)
    assert small.until_tick == 720
    mira, ben = small.agents
    assert mira.day[1].at == time(8, 30)
    assert [errand.place for errand in mira.day[1].errands] == [
        "Burgh : Bakery : Shop",
        "Burgh : Market Square",
    ]
    assert mira.day[0].errands[0].doing == ["baking bread", "kneading dough"]
    assert [memory.say for memory in mira.memories] == [None, "I have a new apron."]
    assert mira.relations == {"Ben": "thinks that Ben works too much"}
    assert (ben.work, ben.wishes, ben.look.coat) == (None, [], "#4a6fa5")
    assert small.facts["gate"].control
    assert (small.retrieval.k, small.retrieval.weights.importance, small.retrieval.decay) == (5, 2.5, 0.99)
    assert small.world.map == "village"


def test_scalars_are_those_of_yaml_1_2() -> None:
    data = parse_yaml("{a: no, b: 8:00, c: 0o7, d: 1_000, e: 1e3, f: ~, g: 2026-05-04, h: 007}", "x").data
    assert data == {
        "a": "no",
        "b": "8:00",
        "c": "0o7",
        "d": "1_000",
        "e": 1e3,
        "f": None,
        "g": "2026-05-04",
        "h": 7,
    }


def test_overrides_change_the_resolved_scenario_and_its_hash(small: Scenario) -> None:
    document = parse_yaml(SMALL, "small.yaml")
    same = check_scenario(document, overrides={"seed": None, "until": None})
    assert same.hash == small.hash
    other = check_scenario(document, overrides={"seed": 9, "until": "2026-05-05 01:00:30", "model": "a/b"})
    assert (other.seed, other.until, other.model) == (9, datetime(2026, 5, 5, 1, 0, 30), "a/b")
    assert other.hash != small.hash
    assert Scenario.from_resolved(other.resolved()).until == other.until
    assert overridden(small, {"seed": 9, "until": "2026-05-05 01:00:30", "model": "a/b"}) == other
    assert overridden(small, {"seed": None}) == small


def test_the_resolved_scenario_is_plain_and_gives_the_scenario_back(small: Scenario) -> None:
    plain = json.loads(json.dumps(small.resolved()))
    again = Scenario.from_resolved(plain)
    assert again == small
    assert again.hash == small.hash
    weights = {"recency": 1.0, "importance": 2.5, "relevance": 3.0, "words": 0.0, "names": 2.0}
    assert plain["retrieval"]["weights"] == weights


def test_comments_order_and_layout_do_not_change_the_hash(small: Scenario) -> None:
    flow = parse_yaml("# the same\n" + json.dumps(small.resolved()), "flow.yaml")
    assert check_scenario(flow).hash == small.hash


def test_a_map_of_ones_own_stands_beside_the_scenario(tmp_path: Path, small: Scenario) -> None:
    village = town_map(small)
    (tmp_path / "my.json").write_text(Path(village.drawn.source).read_text())
    path = tmp_path / "own.yaml"
    path.write_text(SMALL.replace("seed: 3", "seed: 3\nworld: {map: my.json}"))
    own = load_town(path)
    assert town_map(own).destinations == village.destinations
    assert str(tmp_path) not in json.dumps(own.resolved())


def test_the_town_of_a_scenario_has_its_people_at_home_and_its_news(small: Scenario) -> None:
    town = build_town(small)
    assert town.agents == ("Mira", "Ben")
    placed = {event.agent: event.data for event in town.begin() if event.kind == "placed"}
    assert placed["Mira"]["place"] == "Burgh : Oak Cottage : Bedroom"
    assert placed["Mira"]["look"] == {"hair": "#5a3a22", "skin": "#e0b08c", "coat": "#aa3311", "job": "baker"}
    said = [event for tick in range(1, 200) for event in town.apply(tick, {}) if event.kind == "said"]
    assert [(event.tick, event.data["to"], event.data["fact"]) for event in said] == [(180, "Mira", "market")]


def test_the_schema_holds_what_is_read_and_refuses_what_is_not(small: Scenario) -> None:
    validator = Draft202012Validator(schema())
    Draft202012Validator.check_schema(schema())
    resolved = small.resolved()
    assert list(validator.iter_errors(resolved)) == []
    assert list(validator.iter_errors(parse_yaml(SMALL, "small.yaml").data)) == []
    assert list(validator.iter_errors({**resolved, "sed": 1})) != []
    assert list(validator.iter_errors({**resolved, "seed": "one"})) != []
    assert "A dull fact" in json.dumps(schema())


@pytest.mark.parametrize("kind", sorted(registered()))
def test_the_schema_of_each_kind_of_world_holds_its_options(kind: str) -> None:
    made = schema(kind_named(kind).scenario)
    Draft202012Validator.check_schema(made)
    world = kind_named(kind).scenario.model_fields["world"].annotation
    assert world is not None
    for key in world.model_fields:
        assert f'"{key}"' in json.dumps(made)


@pytest.mark.parametrize("name", library())
def test_the_library_is_right(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.until is None or scenario.until > scenario.start


def test_what_comes_with_the_package() -> None:
    assert {"market-day", "quiet-room"} <= set(library())
    assert "village" in maps()


def test_an_unknown_name_is_answered_with_the_nearest_or_the_known() -> None:
    assert suggest("Marked-Day", ["market-day", "quiet-room"]) == "did you mean 'market-day'?"
    assert suggest("zzz", ["a", "b"]) == "known are a, b"
    assert suggest("zzz", [str(n) for n in range(20)]).endswith("11 and 8 more")
    assert suggest("zzz", []) == "there are none"


def test_more_people_than_a_room_holds_is_told_before_the_run() -> None:
    one = "  - {name: %s, age: 20, job: monk, home: 'Burgh : Elm Cottage : Room'}\n"
    crowd = "".join(one % ("Monk " + chr(65 + n // 26) + chr(97 + n % 26)) for n in range(200))
    text = "name: crowd\ndescription: x\nstart: 2026-05-04 07:00\nuntil: 08:00\nagents:\n" + crowd
    with pytest.raises(BurghError, match=r"^small\.yaml:5: agents: Monk.*tiles are taken"):
        check_scenario(parse_yaml(text, "small.yaml"))
