"""Inner voices: given by a scenario or the command line, remembered as such, a cause as any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from ask_for_tests import asked
from minds_for_tests import SHOP, SQUARE, HandModel, begun, observed, of_kind, stepped, tick_at
from runs_for_tests import recorded, scripted
from town_for_tests import Villagers, town

from burgh.scenarios.ask.diffusion import diffusions
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.why import why
from burgh.scenarios.load import ScenarioFaults, overridden
from burgh.scenarios.whispers import parse_whisper, with_whispers
from burgh.sim.types import BurghError, Percept
from burgh.worlds.town import WHISPER, Happening

NEWS = "There is a market on the square at 11:00 today."


def test_a_whisper_is_perceived_by_its_agent_alone_and_once() -> None:
    happening = Happening(3, "", "Ann", "Go home.", "f", act=WHISPER)
    villagers = Villagers(town(("Ann", SHOP), ("Ben", SHOP), happenings=[happening]))
    villagers.run(3)
    (event,) = villagers.of("whispered")
    assert (event.agent, event.tick, event.data) == (
        "Ann",
        3,
        {"to": "Ann", "meaning": "Go home.", "fact": "f"},
    )
    seen = villagers.world.observe(4)
    (percept,) = [one for one in seen["Ann"].percepts if one.kind == "inner"]
    assert percept.event == event.id and percept.text == "Ann's inner voice says: Go home."
    assert not [one for one in seen["Ben"].percepts if one.kind == "inner"]
    villagers.run(5)
    assert len(villagers.of("whispered")) == 1


def test_a_whisper_added_after_a_snapshot_is_still_to_come() -> None:
    first = Happening(1, "Crier", "Ann", "Hear!", "")
    before = town(("Ann", SHOP), happenings=[first])
    before.begin()
    before.apply(1, {})
    after = town(("Ann", SHOP), happenings=[first, Happening(4, "", "Ann", "Go home.", "", act=WHISPER)])
    after.restore(before.snapshot())
    events = [event.kind for tick in range(2, 6) for event in after.apply(tick, {})]
    assert events.count("whispered") == 1 and "said" not in events


def test_it_is_remembered_as_of_its_own_origin_and_can_change_the_plan() -> None:
    model = HandModel()
    model.scores["react"] = lambda request: [
        (5.0 if "hears" in request.prompt.suffix else 0.0) if "square" in option else 0.0
        for option in request.options
    ]
    mind = begun(model)
    percept = Percept(
        "1.world.0",
        "inner",
        "Mira's inner voice says: " + NEWS,
        ("Mira",),
        {"to": "Mira", "meaning": NEWS, "fact": ""},
    )
    step = stepped(mind, observed("Mira", tick_at("08:30"), percept))
    (memory, *_) = of_kind(step.events, "memory")
    assert memory.data["kind"] == "whisper" and memory.causes == ("1.world.0",)
    (planned,) = [one for one in of_kind(step.events, "planned") if one.data["changed"] == "revised"]
    assert SQUARE in [entry["place"] for entry in planned.data["entries"]]
    assert memory.id in planned.causes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tom@08:00: Go.", {"to": "Tom", "at": "08:00", "day": 1, "say": "Go."}),
        (
            " Anna May @ day 2 9:05: At 11:00: go! ",
            {"to": "Anna May", "at": "09:05", "day": 2, "say": "At 11:00: go!"},
        ),
        ("Tom@2026-05-05 08:00: Go.", {"to": "Tom", "at": "08:00", "day": 2, "say": "Go."}),
        ("Tom@tick 6: Go.", {"to": "Tom", "at": "07:31", "day": 1, "say": "Go."}),
    ],
)
def test_whispers_of_the_command_line(text: str, found: dict[str, object]) -> None:
    assert parse_whisper(text, scripted("market-day").clock) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tom: Go.", "--whisper: 'Tom: Go.' cannot be read: write AGENT@08:00"),
        ("Tom@25:00: Go.", "--whisper: '25:00' is not a time of day"),
        ("Tomm@08:00: Go.", "--whisper: there is no agent 'Tomm': did you mean 'Tom'?"),
        ("Tom@07:00: Go.", "--whisper: 07:00 is not after the start at 07:30"),
        ("Tom@13:00: Go.", "--whisper: 13:00 is not before the end at 2026-05-04 12:30"),
        ("Tom@day 2 08:00: Go.", "--whisper: day 2, 08:00 is not before the end"),
        ("Tom@day 0 08:00: Go.", "--whisper: 'day 0 08:00' names no day"),
        ("Tom@2026-05-03 08:00: Go.", "--whisper: 2026-05-03 08:00 is before the start"),
        ("Tom@tick 7: Go.", "--whisper: 07:31:10 is no full minute"),
    ],
)
def test_a_whisper_that_cannot_be_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(BurghError) as fault:
        with_whispers(scripted("market-day"), [text])
    assert str(fault.value).startswith(said)


def test_whispers_of_a_scenario_are_checked() -> None:
    whisper = {"at": "08:00", "to": "Tom", "say": "Go.", "fact": "nosuch"}
    with pytest.raises(ScenarioFaults, match="there is no fact 'nosuch'"):
        overridden(scripted("market-day"), {"whispers": [whisper]})


@pytest.fixture(scope="module")
def whispered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whispered"
    scenario = scripted("market-day", "11:05")
    whisper = {"at": "08:00", "to": "Tom", "say": NEWS, "fact": "market"}
    recorded(overridden(scenario, {"whispers": [whisper], "happenings": []}), folder)
    return folder


@pytest.mark.model
def test_why_leads_back_to_the_whisper(whispered: Path) -> None:
    past = Past.of(whispered, 1255)  # on the square, before the first lot is cried
    chain = [*why(past, "Tom").all()]
    assert chain[-1].kind == "whispered" and chain[-1].root
    assert chain[-1].text == f"an inner voice, from outside the run, says to Tom: “{NEWS}”"
    scenario = scripted("market-day")
    (market, _) = diffusions(past, scenario.facts)
    assert market.knew[0].path == ("inner voice", "Tom")
    assert all(one.path[:2] == ("inner voice", "Tom") for one in market.knew) and len(market.knew) > 1


@pytest.mark.model
def test_run_takes_whispers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    whisper = ("--whisper", "Edda@09:01: The kettle boils.")
    code, _, _ = asked(
        capsys, "run", "quiet-room", "--model", "scripted", "--until", "09:05", "-q", "--out", "o", *whisper
    )
    assert code == 0
    assert [e.data["meaning"] for e in Past.of(Path("o"), 30).events if e.kind == "whispered"] == [
        "The kettle boils."
    ]
