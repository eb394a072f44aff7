"""`burgh why --without`: deciding again, as it was and with a cause left out of the mind."""

from __future__ import annotations

import json
from functools import cache

import pytest
from ask_for_tests import arrivals, asked, market_day
from test_interview import embedder

from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.ask.decided import DecidedAgain, decide_again, deciding
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.why import why
from burgh.sim.record import open_log
from burgh.sim.types import Event


def heard(past: Past, agent: str) -> str:
    """The memory of the market on which what the agent does rests."""
    for step in why(past, agent).all():
        event = past.by_id[step.event]
        if event.kind == "memory" and event.agent == agent and event.data["kind"] == "speech":
            return str(event.data["id"])
    raise AssertionError(f"{agent} rests on nothing that was heard")


@cache
def again() -> tuple[Event, DecidedAgain]:
    arrived = arrivals()[0]
    past = Past.of(market_day(), arrived.tick)
    agent = str(arrived.agent)
    found = decide_again(
        open_log(market_day()), past, agent, heard(past, agent), embedder=embedder(), model=ScriptedModel(7)
    )
    return arrived, found


def test_who_comes_to_the_market_does_not_without_having_heard_of_it() -> None:
    arrived, found = again()
    assert found.agent == arrived.agent and found.tick < arrived.tick
    assert found.as_it_was.answer["arguments"]["place"] == "Burgh : Market Square"
    assert found.changed == "the choice"
    assert found.without.answer != found.as_it_was.answer
    assert found.cause in found.left_out and len(found.left_out) > 1, "the plan that rests on it is too"


def test_what_has_nothing_to_do_with_it_changes_no_choice() -> None:
    arrived, _ = again()
    past = Past.of(market_day(), arrived.tick)
    agent = str(arrived.agent)
    other = next(
        event.data["id"]
        for event in past.of_agent(agent, "memory")
        if event.data["kind"] == "observation" and not event.data["fact"] and event.tick > 100
    )
    found = decide_again(
        open_log(market_day()), past, agent, other, embedder=embedder(), model=ScriptedModel(7)
    )
    assert found.changed == "nothing" and found.left_out == (other,)


def test_several_are_left_out_together() -> None:
    arrived, found = again()
    past, dull = Past.of(market_day(), arrived.tick), f"{arrived.agent}:1"
    causes = (dull, *found.causes, found.left_out[1], dull)
    both = decide_again(
        open_log(market_day()), past, found.agent, *causes, embedder=embedder(), model=ScriptedModel(7)
    )
    assert both.causes == causes[:3] and both.changed == "the choice"
    assert set(both.left_out) == {dull, *found.left_out}


def test_what_was_heard_in_that_very_step_is_not_perceived() -> None:
    """Somebody tells on at once what they hear; without it they say something else, or nothing."""
    whole = Past.of(market_day(), 1290)
    for event in whole.events:
        if event.kind != "memory" or event.data["kind"] != "speech" or not event.data["fact"]:
            continue
        past = Past.of(market_day(), event.tick)
        agent = str(event.agent)
        decided = [one for one in past.of_agent(agent, "decided") if one.tick == event.tick]
        if decided and decided[-1].data["answer"].get("tool") == "say":
            break
    assert deciding(past, agent).tick == event.tick
    found = decide_again(
        open_log(market_day()), past, agent, event.data["id"], embedder=embedder(), model=ScriptedModel(7)
    )
    assert found.changed in ("the choice", "its score") and found.left_out == (event.data["id"],)


def test_the_command_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    arrived, found = again()
    place = (market_day(), arrived.agent, "--tick", arrived.tick, "--without", found.cause)
    code, out, err = asked(capsys, "why", *place)
    assert code == 0, err
    assert "The cause changes the choice." in out and "as it was: " in out and "without it: " in out
    code, out, _ = asked(capsys, "why", *place, "--without", f"{arrived.agent}:1", "--json")
    told = json.loads(out)
    assert code == 0 and told["changed"] == "the choice"
    assert told["causes"] == [found.cause, f"{arrived.agent}:1"]


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("Tom:9999", "has no memory 'Tom:9999' at"),
        ("Nobody:1", "has no memory 'Nobody:1' at"),
        ("", "has no memory"),
    ],
)
def test_what_cannot_be_left_out(cause: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = asked(capsys, "why", market_day(), "Tom", "--without", cause)
    assert code == 2 and sentence in " ".join(err.split())
