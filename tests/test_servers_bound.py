"""Answers bound to their spec in each server's own way: what is sent is what that server reads, and what it
writes under it is legal. The fake refuses what the real ones refuse (bodies_for_tests)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bodies_for_tests import Refused, bound_text
from llm_for_tests import call, run
from servers_for_tests import QUICK, fake_server

from burgh.agents.llm.load import load_model
from burgh.agents.llm.servers import dialects
from burgh.agents.llm.servers.address import Dialect
from burgh.agents.llm.servers.schemas import json_schema, regex
from burgh.sim.pattern import Pattern
from burgh.sim.protocols import CompleteRequest, Prompt, ScoreRequest
from burgh.sim.spec import ActionSpec, Choice, Depends, Form, Number, Text, ToolCall

PROMPT = Prompt("The village has a mill. ", "Anna goes to the")
TIME = Pattern("", r"[01]\d:[0-5]\d|noon/\w{2,3}")
BID = Form((("act", Choice("", ("bid", "pass"))), ("price", Depends("act", {"bid": Number("", 5, 900, 5)}))))
PLAIN = Form((("at", TIME), ("why", Text("", 9))))
SPECS: tuple[ActionSpec, ...] = (
    Choice("", (" mill", " old (bridge)", 'a "b"')),
    Number("", 1, 9),
    Number("", 0.25, 3, 0.25),
    Number("", 0, 100_000, 5),
    Text("", 9),
    TIME,
    PLAIN,
    BID,
    ToolCall({"go": PLAIN, "bid": BID}),
)
WAYS: tuple[tuple[str, Dialect], ...] = (
    ("lark", "lark"),
    ("structured_outputs", "structured_outputs"),
    ("guided", "guided"),
    ("sglang", "sglang"),
    ("json", "response_format"),
)
FIELDS = {"grammar", "structured_outputs", "regex", "json_schema", "response_format"}


def binding(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request that bind its answer."""
    return {name: body[name] for name in body if name in FIELDS or name.startswith("guided_")}


@pytest.mark.parametrize("api", ["completions", "chat"])
@pytest.mark.parametrize(("can", "dialect"), WAYS)
def test_what_a_server_reads_is_found_out_and_binds_every_kind_of_answer(
    can: str, dialect: Dialect, api: str
) -> None:
    with fake_server(can, "tops") as fake:
        model = load_model(f"openai:{fake.url}#fake?{QUICK}&api={api}&asks=1")
        assert model.identity["structured"] == dialect
        for spec in SPECS:
            asked = len(fake.asked)
            request = CompleteRequest(call(purpose="bid"), PROMPT, 24, spec=spec, temperature=0.5)
            (text,) = run(model.complete(request)).texts
            spec.parse(text)
            assert len(fake.asked) == asked + 1, "the first answer is legal"
            assert binding(fake.asked[-1][1]) == binding(dict(dialects.fields(dialect, spec)))
            assert binding(fake.asked[-1][1])


SCHEMA = json_schema(TIME)


@pytest.mark.parametrize(
    ("dialect", "spec", "sent"),
    [
        ("structured_outputs", Choice("", ("a", "b")), {"structured_outputs": {"choice": ["a", "b"]}}),
        ("structured_outputs", TIME, {"structured_outputs": {"regex": TIME.regex}}),
        ("structured_outputs", BID, {"structured_outputs": {"json": json_schema(BID)}}),
        ("guided", Choice("", ("a", "b")), {"guided_choice": ["a", "b"]}),
        ("guided", Number("", 1, 3), {"guided_regex": "(1|2|3)"}),
        ("guided", BID, {"guided_json": json_schema(BID)}),
        ("sglang", Choice("", ("a b", "c.")), {"regex": r"(a b|c\.)"}),
        ("sglang", TIME, {"regex": TIME.regex}),
        ("sglang", PLAIN, {"json_schema": json.dumps(json_schema(PLAIN))}),
        ("lark", TIME, {"grammar": "%llguidance {}\n" + TIME.grammar(), "top_k": 0, "min_p": 0.0}),
        ("none", TIME, {}),
    ],
)
def test_the_fields_that_are_sent(dialect: Dialect, spec: ActionSpec, sent: dict[str, Any]) -> None:
    assert dialects.fields(dialect, spec) == sent


@pytest.mark.parametrize("spec", [TIME, BID])
def test_a_strict_schema_is_one_of_an_object(spec: ActionSpec) -> None:
    """OpenAI takes no other: an answer that is none, or has variants, is a field of one."""
    sent = dialects.fields("response_format", spec)["response_format"]["json_schema"]["schema"]
    assert sent["properties"] == {"answer": json_schema(spec)}
    assert dialects.read("response_format", TIME, '{"answer": "07:30"}') == "07:30"
    assert "answer" not in str(
        dialects.fields("response_format", PLAIN)["response_format"]["json_schema"]["schema"]
    )


@pytest.mark.parametrize(
    ("way", "body"),
    [
        ("structured_outputs", {"structured_outputs": {"choice": ["a"], "regex": "a"}}),
        ("structured_outputs", {"structured_outputs": {"guided_choice": ["a"]}}),
        ("structured_outputs", {"structured_outputs": {"choice": "ab"}}),
        ("guided", {"guided_choice": ["a"], "guided_regex": "a"}),
        ("guided", {"guided_regex": "(a"}),
        ("sglang", {"regex": "a", "json_schema": "{}"}),
        ("sglang", {"json_schema": {"type": "string"}}),
        ("lark", {"grammar": 'start: "a"\n'}),
        ("lark", {"grammar": "%llguidance {}\nstart: (\n"}),
        ("json", {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}}),
        (
            "json",
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}},
        ),
    ],
)
def test_the_fake_refuses_what_is_not_so(way: str, body: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        bound_text(frozenset({way}), body)


def test_fields_of_another_server_bind_nothing() -> None:
    for (way, dialect), (other, _) in zip(WAYS, WAYS[1:] + WAYS[:1], strict=True):
        sent = dialects.fields(dialect, TIME)
        assert bound_text(frozenset({other}), sent) is None
        assert bound_text(frozenset({way}), sent) is not None


@pytest.mark.parametrize(("can", "dialect"), WAYS)
def test_letters_are_drawn_under_the_servers_own_way(can: str, dialect: Dialect) -> None:
    with fake_server(can) as fake:
        model = load_model(f"openai:{fake.url}#fake?{QUICK}&score=sampled&samples=2")
        scores = run(model.score(ScoreRequest(call(), PROMPT, (" mill", " well"))))
        assert scores.way == "sampled"
        assert scores.logprobs[0] > scores.logprobs[1], "the first letter is what the fake writes when bound"
        assert binding(fake.asked[-1][1])
    assert model.identity["structured"] == dialect


def test_an_expression_holds_no_escape_that_need_not_be() -> None:
    assert regex(Choice("", ("an old mill", "a-b", "1.5"))) == r"(an old mill|a-b|1\.5)"


def test_the_time_at_the_start_of_a_longer_answer_is_taken() -> None:
    assert dialects.read("none", TIME, " 07:30, I think") == "07:30"
    assert dialects.read("none", TIME, "noon/abc.") == "noon/abc"
