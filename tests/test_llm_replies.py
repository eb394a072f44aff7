"""What is recorded of a call of the model, what its reply is known by, and how long it waited."""

from __future__ import annotations

import asyncio
import time
from dataclasses import fields, replace
from typing import Any

import pytest
from llm_for_tests import call, run, tiny_model
from servers_for_tests import QUICK, fake_server

from burgh.agents.asking import Asker
from burgh.agents.llm.accounts import Accounts
from burgh.agents.llm.jobs import Job
from burgh.agents.llm.load import load_model
from burgh.agents.llm.replies import RecordedReplies, complete_key, score_key
from burgh.agents.llm.scripted import ScriptedModel
from burgh.sim.protocols import Call, CompleteRequest, Prompt, ScoreRequest
from burgh.sim.spec import Choice, Text
from burgh.sim.types import Events

PROMPT = Prompt("The village ", "has a mill")
WHOLE = CompleteRequest(call(), PROMPT, 8, spec=Text("?", 3))
OTHERWISE: dict[str, Any] = {
    "prompt": Prompt("The village h", "as a mill"),
    "max_tokens": 9,
    "spec": Text("?", 4),
    "samples": 2,
    "temperature": 0.1,
    "top_p": 0.9,
    "seed": 1,
    "stop": ("a",),
    "top_k": 1,
    "min_p": 0.1,
    "repetition_penalty": 1.1,
    "beams": 2,
}
SCORED: dict[str, Any] = {"prompt": Prompt("", "The village has a mill"), "options": (" a b",)}


def test_a_reply_is_known_by_all_that_is_asked() -> None:
    """A field that is added to a request without being thought of here fails this."""
    assert {*OTHERWISE, "call"} == {one.name for one in fields(CompleteRequest)}
    identity = {"model": "m"}
    keys = [complete_key(identity, WHOLE)]
    keys += [complete_key(identity, replace(WHOLE, **{name: value})) for name, value in OTHERWISE.items()]
    keys += [complete_key({"model": "m", "dtype": "bfloat16"}, WHOLE)]
    keys += [complete_key(identity, replace(WHOLE, spec=None))]
    keys += [complete_key(identity, replace(WHOLE, call=Call("Anna", 1, "other")))]
    assert len(set(keys)) == len(keys)
    assert complete_key(identity, replace(WHOLE, call=Call("Ben", 7, "test", 3))) == keys[0]


def test_scores_are_known_by_all_that_is_asked() -> None:
    whole = ScoreRequest(call(), PROMPT, (" a", " b"))
    assert {*SCORED, "call"} == {one.name for one in fields(ScoreRequest)}
    keys = [score_key({}, whole), score_key({"model": "m"}, whole)]
    keys += [score_key({}, replace(whole, **{name: value})) for name, value in SCORED.items()]
    keys += [score_key({}, replace(whole, call=Call("Anna", 1, "other")))]
    assert len(set(keys)) == len(keys)


def test_a_purpose_is_part_of_the_key_since_a_script_goes_by_it() -> None:
    """Two questions of the same words, for two purposes: each gets the reply that it got in the record."""
    events = Events(1, "Anna")
    asker = Asker(RecordedReplies(Accounts(ScriptedModel())), "Anna", 1, 1, events, set())
    spec = Text("?", 5)
    for purpose in ("words", "anything"):
        asyncio.run(asker.reply(purpose, PROMPT, spec, max_tokens=5))
    said = [event.data["replies"] for event in events.all() if event.kind == "model"]
    assert said[0] != said[1]
    again = RecordedReplies(ScriptedModel(), events.all())
    seeds = [event.data["seed"] for event in events.all() if event.kind == "model"]
    for number in (1, 0):
        request = CompleteRequest(
            Call("Anna", 1, ("words", "anything")[number], 9), PROMPT, 5, spec=spec, seed=seeds[number]
        )
        assert list(run(again.complete(request)).texts) == said[number]
    assert again.answered == 2


def asked(**how: Any) -> dict[str, Any]:
    events = Events(1, "Anna")
    asker = Asker(RecordedReplies(Accounts(ScriptedModel())), "Anna", 1, 1, events, set())
    asyncio.run(asker.reply("test", PROMPT, Choice("?", ("a", "b")), max_tokens=3, **how))
    return dict(events.all()[-1].data)


def test_how_tokens_were_drawn_is_recorded_where_it_is_not_as_usual() -> None:
    seldom = {"top_k": 20, "min_p": 0.05, "repetition_penalty": 1.3, "beams": 4}
    assert not set(seldom) & set(asked())
    found = asked(temperature=0.5, top_p=0.9, stop=("x",), **seldom)
    assert (found["temperature"], found["top_p"], found["stop"]) == (500_000, 900_000, ["x"])
    assert (found["top_k"], found["min_p"]) == (20, 50_000)
    assert (found["repetition_penalty"], found["beams"]) == (1_300_000, 4)
    assert found["key"] != asked(temperature=0.5, top_p=0.9, stop=("x",))["key"]


def test_how_many_draws_a_score_rests_on_is_part_of_a_servers_identity() -> None:
    with fake_server() as fake:
        names = [f"openai:{fake.url}#fake?{QUICK}&score=sampled&samples={n}" for n in (3, 4)]
        assert len({str(dict(load_model(name).identity)) for name in names}) == 2


@pytest.fixture(scope="module")
def engine() -> Any:
    return tiny_model(cache_tokens=400).engine


def job(engine: Any, request: CompleteRequest | ScoreRequest, found: list[Any]) -> Job:
    prefix, suffix = engine.encoder.prompt(request.prompt)
    options = tuple(map(engine.encoder.tokens, getattr(request, "options", ())))
    made = Job(request, prefix + suffix, options, found.append)
    made.arrived = time.perf_counter()
    return made


def test_the_wait_before_a_request_is_taken_in_is_told_apart_from_its_work(engine: Any) -> None:
    found: list[Any] = []
    waited = job(engine, CompleteRequest(call(), PROMPT, 4), found)
    waited.arrived -= 50
    engine.queue.add([waited])
    engine.drain()
    assert 50 <= found[0].usage.queue_seconds < 60
    assert 0 < found[0].usage.seconds < 50


def test_a_request_that_has_to_begin_again_waited_only_once(engine: Any) -> None:
    found: list[Any] = []
    lost = job(engine, CompleteRequest(call(1), Prompt("another ", "road"), 4), found)
    engine.queue.add([lost])
    engine._admit()
    waited = lost.queue_seconds
    assert lost.rows
    engine._drop(lost)
    lost.arrived -= 50  # what has passed since
    engine.queue.add([lost])
    engine.drain()
    assert found[0].usage.queue_seconds == waited


def test_a_score_that_waits_for_another_of_its_context_waits(engine: Any) -> None:
    found: list[Any] = []
    one, other = (
        job(engine, ScoreRequest(call(n), Prompt("the third ", "road"), options), found)
        for n, options in enumerate(((" and",), (" or", " and")))
    )
    engine.queue.add([one, other])
    engine._admit()
    assert one.rows
    assert not other.rows
    other.arrived -= 50
    engine.drain()
    assert [answer.usage.queue_seconds > 50 for answer in found] == [False, True]
