"""`burgh relations`: who knows whom, from what was said and what is remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ask_for_tests import AGENTS, Story, asked, market_day

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.relations import acquaintance, closest, relations, relations_json
from burgh.sim.record import open_log


def test_speaking_makes_both_know_each_other() -> None:
    story = Story()
    assert acquaintance(story.past()).density() == 0
    memory = story.remembers(1, "Ann", "The roof leaks.")
    story.says(5, "Ann", "Ben", "The roof leaks.", memory=memory, fact="Ann:0")
    story.says(6, "Ben", "Ann", "Thank you.")
    story.says(9, "Ann", "Ben", "The roof leaks, I say.", memory=memory, fact="Ann:0")
    graph = relations(story.past())
    assert list(graph.nodes) == list(AGENTS)
    assert graph.edges["Ann", "Ben"] == {
        "mutual": True,
        "spoken": {"Ann": 2, "Ben": 1},
        "facts": {"Ann": ["Ann:0"], "Ben": []},
        "exchanged": 1,
        "last_met": 9,
    }
    assert acquaintance(story.past()).density() == pytest.approx(1 / 3)


def test_remembering_is_one_sided_and_counts_only_where_both_do() -> None:
    story = Story()
    story.remembers(0, "Ann", "Ben is kind.", subjects=["Ben"])
    found = acquaintance(story.past())
    assert found.knows("Ann", "Ben")
    assert not found.knows("Ben", "Ann")
    assert found.density() == 0
    edge = found.graph().edges["Ann", "Ben"]
    assert (edge["mutual"], edge["last_met"]) == (False, None)
    seen = story.add(4, "arrived", "Ann", {"place": "Town"}, source="world")
    story.remembers(5, "Ben", "Ann is in town.", [seen], subjects=["Ann"])
    found = acquaintance(story.past())
    assert found.density() == pytest.approx(1 / 3)
    assert found.graph().edges["Ann", "Ben"]["last_met"] == 5


def test_what_nobody_heard_and_voices_from_outside_make_no_acquaintance() -> None:
    story = Story()
    story.says(5, "Crier", "Ann", "News!")
    story.says(6, "Ann", "Ben", "Hello?", heard_by=[])
    unheard = {"to": "Ben", "act": "greet", "subject": "", "fact": "", "meaning": "", "words": "Hi"}
    story.add(7, "unheard", "Ann", {**unheard, "speaker": "Ann"}, source="world")
    data = {**unheard, "speaker": "Ann", "heard_by": ["Cid"]}
    story.add(8, "said", "Ann", data, source="world")
    assert relations(story.past()).number_of_edges() == 0


def test_a_town_of_one_has_no_density() -> None:
    past = Story().past()
    assert acquaintance(Past.from_events((), ("Ann",), past.clock)).density() == 0


def test_market_day_agrees_with_a_count_by_hand() -> None:
    folder = market_day()
    past = Past.of(folder, 10_000)
    said = [event for event in open_log(folder).events() if event.kind == "said" and event.agent]
    graph = relations(past)
    for one, other, data in graph.edges(data=True):
        for speaker, hearer in ((one, other), (other, one)):
            by_hand = [e for e in said if (e.agent, e.data["to"]) == (speaker, hearer)]
            assert data["spoken"][speaker] == len(by_hand)
            assert set(data["facts"][speaker]) == {e.data["fact"] for e in by_hand} - {""}
    assert sum(sum(data["spoken"].values()) for *_, data in graph.edges(data=True)) == len(said) > 10
    ranked = closest(graph)
    counts = [sum(data["spoken"].values()) for *_, data in ranked]
    assert counts == sorted(counts, reverse=True)
    densities = [acquaintance(Past.of(folder, tick)).density() for tick in (0, 300, 900, 1290)]
    assert densities == sorted(densities)
    assert 0 < densities[0] < densities[-1] <= 1
    assert relations_json(past)["density"] == densities[-1]


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = market_day()
    code, out, _ = asked(capsys, "relations", run, "--tick", 0)
    assert code == 0
    assert "Who knows whom at 07:30" in out
    assert "density 0." in out
    assert "(one-sided)" in out
    found = json.loads(asked(capsys, "relations", run, "--json")[1])
    assert found["agents"] == ["Mira", "Ben", "Anna", "Tom", "Greta", "Paul"]
    assert all(pair["last_met_time"] for pair in found["pairs"] if pair["last_met"] is not None)
    picture = tmp_path / "relations.png"
    code, out, _ = asked(capsys, "relations", run, "--png", picture)
    assert code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
    code, out, err = asked(capsys, "relations", run, "--png", tmp_path / "no" / "x.png")
    assert (code, out) == (2, "")
    assert "x.png cannot be written: there is no folder" in err
    assert "is a folder: name a file" in asked(capsys, "relations", run, "--png", tmp_path)[2]
    assert "it goes from 07:30 to 11:05" in asked(capsys, "relations", run, "--tick", 9999)[2]
