"""`burgh why`: from an action back to what was heard, from whom and when."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from ask_for_tests import HOME, SQUARE, Story, arrivals, asked, market_day
from rich.console import Console

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.why import Step, under_way, why
from burgh.scenarios.cli.branches import why_tree
from burgh.sim.types import BurghError, fixed

NEWS = "There is a market at 11:00."


def trunk(step: Step) -> list[Step]:
    """The step and what the chain goes on with, to its end."""
    found = [step]
    while found[-1].causes:
        found.append(found[-1].causes[0])
    return found


def told() -> Story:
    """The crier tells Ann, Ann tells Ben, and Ben goes to the square for it."""
    story = Story()
    story.add(0, "placed", "Ben", {"x": 1, "y": 1, "place": HOME, "look": {}}, source="world")
    cried = story.says(5, "Crier", "Ann", NEWS)
    heard = story.hears(6, "Ann", cried, "Crier", f"Crier told Ann: {NEWS}")
    picked = {"id": heard[0], "recency": fixed(1), "importance": fixed(0.5), "relevance": fixed(0.25)}
    other = story.remembers(0, "Ann", "The roof leaks.")
    found = {"query": "Ann meets Ben.", "picked": [{**picked, "score": fixed(1.75)}]}
    retrieved = story.add(10, "retrieved", "Ann", found, [heard[1], other[1]])
    greeted = story.says(9, "Ben", "Ann", "Good day, Ann.")
    said = story.says(10, "Ann", "Ben", f"Ben, {NEWS}", memory=heard, causes=[retrieved, greeted])
    memory = story.hears(11, "Ben", said, "Ann", f"Ann told Ben: {NEWS}")
    intent = story.remembers(11, "Ben", "Ben plans to be there.", [memory[1]], kind="plan")
    plan = story.plans(11, "Ben", [intent[1], memory[1]], ("11:00", 40, SQUARE, memory[0]), changed="revised")
    story.goes(20, "Ben", SQUARE, [plan, memory[1]])
    return story


def test_an_arrival_leads_through_plan_and_memory_to_the_first_utterance() -> None:
    chain = trunk(why(told().past(), "Ben"))
    assert [(step.kind, step.agent) for step in chain] == [
        ("arrived", "Ben"),
        ("decided", "Ben"),
        ("planned", "Ben"),
        ("memory", "Ben"),
        ("memory", "Ben"),
        ("said", "Ann"),
        ("decided", "Ann"),
        ("memory", "Ann"),
        ("said", ""),
    ]
    assert [step.root for step in chain] == [False] * 8 + [True]
    assert chain[-1].text == f"Crier, a voice from outside, says to Ann: “{NEWS}”"
    assert chain[-1].tick == 5


def test_what_came_to_mind_is_told_with_its_scores_and_not_followed() -> None:
    steps = list(why(told().past(), "Ben").all())
    (retrieved,) = (step for step in steps if step.kind == "retrieved")
    assert retrieved.causes == ()
    assert not retrieved.root
    (note,) = retrieved.notes
    assert note.startswith("1.75 (recency 1.00, importance 0.50, relevance 0.25) Ann:0 “Crier told Ann")
    assert not any("roof" in step.text for step in steps)
    assert not any("Good day" in step.text for step in steps)  # the occasion, not the ground


def test_a_circle_of_causes_ends() -> None:
    story = Story()
    first = story.remembers(1, "Ann", "one", ["2.Ann.1"])
    second = story.remembers(2, "Ann", "two", [first[1]])
    assert second[1] == "2.Ann.1"
    story.decides(3, "Ann", {"tool": "wait", "arguments": {"minutes": 5}}, [first[1], second[1]])
    steps = list(why(story.past(), "Ann").all())
    whole = [step.event for step in steps if not step.again]
    assert sorted(whole) == ["1.Ann.0", "2.Ann.1", "3.Ann.2"]
    assert len(steps) <= 5


def test_what_two_things_rest_on_is_told_once() -> None:
    story = Story()
    cried = story.says(5, "Crier", "Ann", NEWS)
    told = story.says(6, "Ann", "Ben", NEWS, memory=story.hears(6, "Ann", cried, "Crier", NEWS))
    twice = [story.hears(n, "Ben", told, "Ann", f"heard {n}") for n in (7, 8)]
    insight = story.remembers(9, "Ben", "Ann is full of news.", [one[1] for one in twice], kind="reflection")
    story.decides(10, "Ben", {"tool": "wait", "arguments": {"minutes": 5}}, [insight[1]])
    steps = list(why(story.past(), "Ben").all())
    (first, second) = (step for step in steps if step.event == told)
    assert (first.again, second.again) == (False, True)
    assert first.causes
    assert not second.causes
    assert sum(step.event == cried for step in steps) == 1
    tree = StringIO()
    Console(width=100, file=tree).print(why_tree(story.past(), why(story.past(), "Ben")))
    assert tree.getvalue().count("(see above)") == 1


def test_an_insight_branches_into_its_evidence() -> None:
    story = Story()
    evidence = [story.remembers(n, "Ann", f"sight {n}") for n in range(3)]
    insight = story.remembers(5, "Ann", "Ben is kind.", [one[1] for one in evidence], kind="reflection")
    story.decides(6, "Ann", {"tool": "wait", "arguments": {"minutes": 5}}, [insight[1]])
    top = why(story.past(), "Ann")
    (concludes,) = top.causes
    assert [cause.text for cause in concludes.causes] == [
        f"Ann knows from the start: “sight {n}”" for n in range(3)
    ]
    assert all(cause.root for cause in concludes.causes)


def test_no_more_is_told_than_asked_for() -> None:
    past = told().past()
    whole = list(why(past, "Ben").all())
    for most in range(1, len(whole)):
        some = list(why(past, "Ben", most).all())
        assert len(some) == most
        assert any(step.left_out for step in some)
    assert not any(step.left_out for step in why(past, "Ben", len(whole)).all())


def test_what_is_under_way() -> None:
    story = told()
    assert under_way(story.past(), "Ben").kind == "arrived"
    assert under_way(story.past(22), "Ben").kind == "decided"
    assert under_way(story.past(10), "Ann").data["answer"]["tool"] == "say"  # said at that very tick
    wait = story.decides(30, "Ben", {"tool": "wait", "arguments": {"minutes": 5}})
    refused = story.decides(40, "Ben", {"tool": "go", "arguments": {"place": "Nowhere"}})
    story.add(40, "refused", "Ben", {"answer": {}, "why": "no such place"}, [refused], source="engine")
    story.says(45, "Ben", "Ann", "Good day, Ann.")
    story.remembers(50, "Ben", "later")
    assert under_way(story.past(), "Ben").id == wait


def test_who_is_unknown_or_has_not_decided_yet() -> None:
    past = told().past(4)
    with pytest.raises(BurghError, match="there is no agent 'Bem' in this run: did you mean 'Ben'"):
        why(past, "Bem")
    with pytest.raises(BurghError, match="Cid has not decided anything by 07:30"):
        why(past, "Cid")


def test_in_a_market_day_every_arrival_by_plan_leads_to_the_crier_through_each_teller() -> None:
    folder = market_day()
    whole = Past.of(folder, 10_000)
    assert len(arrivals()) >= 4
    for arrival in arrivals():
        assert arrival.agent is not None
        chain = trunk(why(Past.of(folder, arrival.tick), arrival.agent))
        assert chain[0].event == arrival.id
        end = whole.by_id[chain[-1].event]
        assert (end.kind, end.data["speaker"], end.data["fact"]) == ("said", "Crier", "market")
        said = [whole.by_id[step.event] for step in chain if step.kind == "said"]
        # from the hearer back: each was told by the speaker, who is the one told before
        hearer: str | None = arrival.agent
        for utterance in said:
            assert hearer in utterance.data["heard_by"]
            assert utterance.data["fact"] == "market"
            hearer = utterance.agent
        assert hearer is None
        ticks = [step.tick for step in chain]
        assert ticks == sorted(ticks, reverse=True)


@pytest.mark.parametrize("columns", [80, 120])
def test_the_tree_fits_the_page(columns: int) -> None:
    arrival = arrivals()[-1]
    past = Past.of(market_day(), arrival.tick)
    console = Console(width=columns, record=True, file=StringIO())
    console.print(why_tree(past, why(past, arrival.agent or "")))
    lines = console.export_text().splitlines()
    assert lines[0] == f"{past.time(arrival.tick)} {arrival.agent} arrives at the market square"
    assert max(map(len, lines)) <= columns
    assert "Crier, a voice from outside" in "".join(lines[-2:])
    assert len(lines) < 80
    # the chain stays on one level: only what came to mind is set in
    assert max(line.index("──") for line in lines if "──" in line) <= 5


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    run, arrival = market_day(), arrivals()[-1]
    who, time = arrival.agent, Past.of(run, arrival.tick).time(arrival.tick)
    code, out, _ = asked(capsys, "why", run, who, "--tick", arrival.tick)
    assert code == 0
    assert f"{who} arrives at the market square" in out
    assert "Crier, a voice from outside, says to Anna" in " ".join(out.replace("│", " ").split())
    for at in (time, f"day 1, {time}", f"day 1 {time}", f"2026-05-04 {time}"):
        assert asked(capsys, "why", run, who, "--at", at)[1].startswith(f"{who} at {time}, and why")
    code, out, _ = asked(capsys, "why", run, who, "--tick", arrival.tick, "--json")
    found = json.loads(out)
    assert (found["agent"], found["tick"], found["why"]["kind"]) == (who, arrival.tick, "arrived")
    for arguments, sentence in (
        (("Tim",), "there is no agent 'Tim' in this run: did you mean 'Tom'?"),
        (("Tom", "--at", "14:00"), "it goes from 07:30 to 11:05, tick 1290"),
        (("Tom", "--at", "noon"), "'noon' is not a time of day"),
        (("Tom", "--at", "06:00"), "06:00 is not in"),
        (("Tom", "--at", "day 2, 09:00"), "day 2, 09:00 is not in"),
        (("Tom", "--at", "2026-05-03 09:00"), "2026-05-03 09:00 is not in"),
        (("Tom", "--at", "2026-02-30 09:00"), "names no day"),
        (("Tom", "--at", "day 0 09:00"), "names no day"),
        (("Tom", "--at", "09:00", "--tick", 3), "--tick and --at both name a moment"),
        (("Tom", "--tick", 0), "Tom has not decided anything by 07:30"),
    ):
        code, out, err = asked(capsys, "why", run, *arguments)
        assert (code, out) == (2, "")
        assert sentence in err
        assert len(err.splitlines()) == 1
    assert "there is no run 'nowhere'" in asked(capsys, "why", "nowhere", "Tom")[2]


def test_a_habit_leads_through_the_piece_and_the_hour_to_the_stroke_of_the_day() -> None:
    """And to no other stroke of it."""
    log = market_day()
    past = next(
        past
        for past in (Past.of(log, tick) for tick in range(120, 400, 30))
        if under_way(past, "Tom").data.get("answer", {}).get("tool") == "use"
    )
    chain = why(past, "Tom")
    told = [step.text for step in chain.all()]
    assert [step.kind for step in trunk(chain)][:3] == ["decided", "memory", "memory"]
    assert "next hour" in told[2] and told[-1].startswith("Tom intends: “Tom's plan for the day: ")
    assert sum("Tom will be" in text for text in told) == 2, told  # the piece, and the stroke it is of


def test_sleeping_is_told_in_minutes() -> None:
    story = Story()
    story.decides(3, "Ann", {"tool": "sleep", "arguments": {"minutes": 480}})
    assert why(story.past(), "Ann").text == "Ann decides to sleep 480 min"
