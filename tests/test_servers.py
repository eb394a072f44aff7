"""The backend `openai`: what it reads from a server, how it binds answers and scores, and what it does
when one misbehaves. The server is a fake on loopback; the real ones are in test_servers_real.py."""

from __future__ import annotations

import asyncio
import math
import socket
import subprocess
import sys
import time
from collections import deque

import pytest
from llm_for_tests import call, run
from servers_for_tests import QUICK, Fake, fake_server, free_port, serving

from burgh.agents.llm.load import check_name, load_model
from burgh.agents.llm.servers.address import KEY, parse_address
from burgh.agents.llm.servers.backend import ServerModel
from burgh.agents.llm.servers.schemas import json_schema, regex
from burgh.agents.llm.servers.scores import normalised
from burgh.agents.llm.unanswered import ModelFault
from burgh.sim.protocols import CompleteRequest, Completion, Prompt, ScoreRequest, Scores
from burgh.sim.spec import ActionSpec, Choice, Depends, Form, Number, Text, ToolCall
from burgh.sim.types import BurghError

PROMPT = Prompt("The village has a mill. ", "Anna goes to the")
OPTIONS = (" mill", " well", " old bridge")
BID = Form((("act", Choice("", ("bid", "pass"))), ("price", Depends("act", {"bid": Number("", 5, 900, 5)}))))


def connected(fake: Fake, options: str = "") -> ServerModel:
    model = load_model(f"openai:{fake.url}#fake?{QUICK}{options}")
    assert isinstance(model, ServerModel)
    return model


def scored(model: ServerModel, options: tuple[str, ...] = OPTIONS) -> Scores:
    return run(model.score(ScoreRequest(call(), PROMPT, options)))


def completed(model: ServerModel, spec: ActionSpec | None = None, samples: int = 1) -> Completion:
    request = CompleteRequest(call(purpose="bid"), PROMPT, 24, spec=spec, samples=samples, temperature=0.5)
    return run(model.complete(request))


@pytest.mark.parametrize(
    ("can", "way", "score"),
    [
        (("echo",), "exact", "echo"),
        (("echo", "tops", "decision"), "exact", "echo"),
        (("decision",), "labels", "decision"),
        (("decision", "tops"), "labels", "decision"),
        (("tops",), "labels", "labels"),
        ((), "sampled", "sampled"),
    ],
)
def test_how_a_server_can_score_is_found_out_and_said(can: tuple[str, ...], way: str, score: str) -> None:
    with fake_server(*can, said=[" the letter B"]) as fake:
        model = connected(fake)
        assert model.identity["score"] == score
        found = scored(model)
    assert found.way == way
    values = {option: fake.likelihood(option) for option in OPTIONS}
    values[" old bridge"] = fake.likelihood(" old") + fake.likelihood(" bridge")
    if score == "echo":
        assert found.logprobs == pytest.approx([values[option] for option in OPTIONS])
        assert found.lengths == (1, 1, 2)
    elif score in ("decision", "labels"):
        written = [fake.likelihood(option.strip() if score == "decision" else option) for option in OPTIONS]
        scale = math.log(2) if score == "decision" else 1.0
        assert found.logprobs == pytest.approx(normalised([scale * value for value in written]))
    else:
        assert found.logprobs.index(max(found.logprobs)) == 1, "B was drawn each time"
        assert math.fsum(map(math.exp, found.logprobs)) == pytest.approx(1)
        assert sum("systemone" not in path for path, _ in fake.asked[-8:]) == 8


def test_more_options_than_letters_are_asked_about_in_groups_that_share_one() -> None:
    options = tuple(f" place {n}" for n in range(40))
    with fake_server("decision") as fake:
        found = scored(connected(fake), options)
    asked = [body["questions"]["next"]["criteria"] for path, body in fake.asked if path == "/systemone"][1:]
    assert sorted(map(len, asked)) == [10, 16, 16]
    assert {one["1"] for one in asked} == {"place 0"}
    expected = normalised([math.log(2) * fake.likelihood(option.strip()) for option in options])
    assert found.logprobs == pytest.approx(expected)


def test_a_declared_way_is_not_asked_about() -> None:
    with fake_server("echo", "decision", "tops") as fake:
        declared = "&api=completions&score=labels&structured=none&draw=none"
        assert connected(fake, declared).identity["score"] == "labels"
        assert fake.asked == []


def test_a_server_with_nothing_but_chats_is_talked_to_in_chats() -> None:
    with fake_server("tops") as fake:
        fake.can -= {"completions"}
        model = connected(fake)
        assert model.identity["api"] == "chat"
        assert completed(model).texts == (" I hear you.",)
        assert scored(model).way == "labels"


def test_an_illegal_answer_is_asked_for_again_showing_the_fault() -> None:
    with fake_server("tops") as fake:
        model = connected(fake)
        fake.said = ["a goose", '{"act": "bid", "price": 7}', 'Well: {"act": "bid", "price": 10} or so']
        assert completed(model, BID).texts == ('{"act": "bid", "price": 10}',)
    prompts = [str(body["prompt"]) for _, body in fake.asked[-3:]]
    assert prompts[0] == PROMPT.prefix + PROMPT.suffix
    assert all(prompt.startswith(PROMPT.prefix) for prompt in prompts), "its cache still holds"
    assert all(prompt.endswith(PROMPT.suffix) for prompt in prompts)
    assert "a goose" in prompts[1]
    assert "7 is not 5 plus a multiple of 5" in prompts[2]


def test_an_answer_that_never_becomes_legal_is_a_fault_that_names_whose_it_is() -> None:
    with fake_server("tops", said=["a goose"]) as fake:
        model = connected(fake, "&asks=2")
        with pytest.raises(ModelFault) as caught:
            completed(model, BID)
    assert "the model fake gave no legal answer to 'bid' for Anna in 2 tries: 'a goose' is not" in str(
        caught.value
    )
    assert caught.value.call == call(purpose="bid")


@pytest.mark.parametrize("fault", ["timeout", "half", "429", "500", "not json", "no choices"])
def test_after_a_passing_fault_a_request_is_made_again(fault: str) -> None:
    with fake_server("tops") as fake:
        model = connected(fake)
        before = len(fake.asked)
        fake.faults = deque([fault, fault])
        done = completed(model)
    assert done.texts == (" I hear you.",)
    assert len(fake.asked) == before + 3
    assert done.usage.tries == 3


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("timeout", "it gave no answer within 0.4 seconds, asked 3 times"),
        ("half", "it cannot be reached, or broke off"),
        ("429", "it answered 429 (too many requests), asked 3 times"),
        ("500", "it answered 500 (no)"),
        ("not json", "its answer is not JSON"),
        ("no choices", "its answer is not as it should be (it holds no choices with a text)"),
    ],
)
def test_a_lasting_fault_is_named(fault: str, said: str) -> None:
    with fake_server("tops") as fake:
        model = connected(fake, "&retries=2")
        fake.faults = deque([fault] * 20)
        with pytest.raises(ModelFault) as caught:
            completed(model)
        assert str(caught.value).startswith(f"the model server {fake.url} failed: ")
        assert said in str(caught.value)
        asked = len(fake.asked)
        with pytest.raises(ModelFault):
            completed(model)
        assert len(fake.asked) == asked + 1, "once it has been given up it is tried, but not waited for"
        fake.faults.clear()
        assert completed(model).texts == (" I hear you.",)


def test_what_a_server_refuses_is_not_asked_again() -> None:
    with fake_server("tops") as fake:
        model = connected(fake)
        fake.faults = deque(["401"])
        before = len(fake.asked)
        with pytest.raises(ModelFault, match="it answered 401"):
            completed(model)
        assert len(fake.asked) == before + 1


def test_the_key_is_sent_and_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "sk-a-secret-of-somebody")
    with fake_server("tops") as fake:
        model = connected(fake)
        assert fake.headers[-1]["authorization"] == "Bearer sk-a-secret-of-somebody"
        fake.faults = deque(["401"])
        with pytest.raises(ModelFault) as caught:
            completed(model)
    assert "Incorrect API key provided: [the key]" in str(caught.value)
    assert "secret" not in f"{model.identity} {model.client!r} {caught.value!r}"


def test_a_key_in_the_place_of_its_variables_name_is_refused_and_not_repeated() -> None:
    with pytest.raises(BurghError, match="key is not right: it takes the name of the environment") as caught:
        check_name("openai:http://localhost:8000/v1#m?key=sk-very-secret")
    assert "sk-very" not in str(caught.value)


def test_a_key_of_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_server("tops") as fake:
        with pytest.raises(BurghError, match="variable SOME_KEY, which is to hold the key, is not set"):
            connected(fake, "&key=SOME_KEY")
        monkeypatch.setenv("SOME_KEY", "abc")
        connected(fake, "&key=SOME_KEY")
        assert fake.headers[-1]["authorization"] == "Bearer abc"


def test_requests_of_one_prefix_go_to_one_address_and_to_another_where_it_dies() -> None:
    first, second = (
        Fake(frozenset({"models", "completions", "tops"})),
        Fake(frozenset({"completions", "tops"})),
    )
    with serving(second):
        with serving(first):
            declared = f"{QUICK}&api=completions&score=labels&structured=none&draw=plain"
            model = load_model(f"openai:{first.url},{second.url}#fake?{declared}")

            def ask(prefix: str) -> Completion:
                return run(model.complete(CompleteRequest(call(), Prompt(prefix, "and so"), 4)))

            for n in range(40):
                ask(f"prefix {n % 20} ")
            seen = {
                fake.url: {str(body["prompt"]).split("and")[0] for _, body in fake.asked}
                for fake in (first, second)
            }
            assert not seen[first.url] & seen[second.url]
            assert all(2 <= len(prefixes) <= 18 for prefixes in seen.values())
        assert ask(next(iter(seen[first.url]))).texts == (" I hear you.",), "the other one answers"


HALF_THROUGH = """
import sys, threading, time
import openai
from burgh.agents.llm.load import load_model
import burgh.agents.llm.servers.backend
def slowly():
    import httpx
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "httpx._api":
            started.set()
            time.sleep(2.0)
sys.meta_path.insert(0, Slow())
started = threading.Event()
threading.Thread(target=slowly).start()
started.wait()
print(load_model(sys.argv[1]).name)
"""


def test_another_thread_may_be_half_through_an_import_that_the_client_looks_at() -> None:
    """The store of memories loads chromadb, and with it httpx, in a thread of its own while a run begins."""
    with fake_server("tops") as fake:
        name = f"openai:{fake.url}#fake?structured=none&score=labels&api=completions&draw=plain"
        command = [sys.executable, "-c", HALF_THROUGH, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fake", done.stderr[-500:]


def test_so_many_requests_are_under_way_at_once_and_no_more() -> None:
    with fake_server("tops", slow=0.03) as fake:
        model = connected(fake, "&concurrency=3&structured=none&score=labels&draw=plain&api=completions")

        async def many() -> list[Completion]:
            return list(
                await asyncio.gather(
                    *(model.complete(CompleteRequest(call(n), PROMPT, 4)) for n in range(12))
                )
            )

        done = run(many())
    assert fake.most_at_once == 3
    assert max(one.usage.queue_seconds for one in done) > 0.03


def test_a_server_that_does_not_answer_when_it_is_first_asked_is_told() -> None:
    """Not by what the client's own tasks are called, which would differ from run to run."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ModelFault) as caught:
            load_model(f"openai:{address}#fake?timeout=0.2")
    assert str(caught.value) == f"the model server {address} failed: it gave no answer within 0.2 seconds"


def test_no_server_and_no_model_are_told() -> None:
    port = free_port()
    begin = time.monotonic()
    with pytest.raises(BurghError, match=f"the model server http://127.0.0.1:{port}/v1 failed: it cannot be"):
        load_model(f"openai:http://127.0.0.1:{port}/v1#x")
    assert time.monotonic() - begin < 20
    with fake_server() as fake:
        fake.can -= {"models"}
        with pytest.raises(BurghError, match="does not say which model it has: name it behind a #"):
            load_model(f"openai:{fake.url}?{QUICK}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("openai:", "no address is named"),
        ("openai:#m", "no address is named"),
        ("openai:127.0.0.1:80/v1#m", "'127.0.0.1:80/v1' is not an address"),
        ("openai:http://h:port/v1#m", "'http://h:port/v1' is not an address"),
        ("openai:http://u:pass@h/v1#m", "the address of h holds a name or a password, and would be recorded"),
        ("openai:ftp://u:pass@h/v1#m", "the address of h holds a name or a password"),
        ("openai:http://h/v1#m?scores=echo", "no option 'scores' (did you mean 'score'?)"),
        ("openai:http://h/v1#m?score=guess", "score='guess' is not right: it should be"),
        ("openai:http://h/v1#m?timeout=0", "timeout='0' is not right"),
        ("openai:http://h/v1#m?timeout", "the option 'timeout' of 'openai:http://h/v1#m' has no value"),
        ("openai:http://h/v1#m?retries=1&retries=2", "names the option 'retries' twice"),
        ("scripted?x=1", "the model 'scripted' takes no options, and 'x' is given"),
    ],
)
def test_a_name_that_cannot_be_read_is_told_and_no_password_with_it(name: str, said: str) -> None:
    with pytest.raises(BurghError) as caught:
        load_model(name)
    assert said in str(caught.value)
    assert "pass@" not in str(caught.value)


def test_addresses_are_read() -> None:
    address = parse_address("openai:http://a:1/v1/, https://b/v1#org/name")
    assert address.urls == ("http://a:1/v1", "https://b/v1")
    assert address.model == "org/name"


def test_specs_as_schemas_and_regular_expressions() -> None:
    walk = Form((("place", Choice("", ("mill", "inn"))), ("how", Depends("place", {"inn": Text("", 3)}))))
    schema = json_schema(ToolCall({"go": walk, "wait": Form((("minutes", Number("", 1, 3)),))}))
    go, wait = schema["anyOf"]
    to_mill, to_inn = go["properties"]["arguments"]["anyOf"]
    assert to_mill["required"] == ["place"]
    assert to_inn["properties"] == {
        "place": {"type": "string", "enum": ["inn"]},
        "how": {"type": "string", "minLength": 1, "maxLength": Text("", 3).max_chars},
    }
    assert wait["properties"]["arguments"]["properties"]["minutes"] == {"enum": [1, 2, 3]}
    assert json_schema(Number("", 0, 10_000, 10)) == {
        "type": "integer", "minimum": 0, "maximum": 10_000, "multipleOf": 10,
    }  # fmt: skip
    assert regex(Choice("", ("a.b", "c"))) == r"(a\.b|c)"
    assert regex(Number("", 0.5, 1.5, 0.5)) == r"(0\.5|1|1\.5)"
    assert regex(walk) is None
