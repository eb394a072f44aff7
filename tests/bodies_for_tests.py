"""What servers make of the fields that bind an answer, checked as the real ones check them.

lark                llama.cpp: `grammar`, which llguidance must be able to read
structured_outputs  vLLM: an object with exactly one of choice, regex, json (and others), and nothing unknown
guided              vLLM before that: exactly one of guided_choice, guided_regex, guided_json
sglang              SGLang: exactly one of regex, ebnf, json_schema, which is a text
json                OpenAI and others: `response_format` with a strict schema, whose root is an object
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from llguidance import LLMatcher
from llm_for_tests import tiny_tokenizer

from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.faults import RequestFault
from burgh.agents.llm.grammar import Grammars, Matcher

Body = Mapping[str, Any]
VOCABULARY = 320
LARK = "%llguidance {}\n"
OTHER_WAYS = ("json", "regex", "choice", "grammar", "json_object", "structural_tag")


class Refused(Exception):
    """What the server answers 400 with."""


def bound_text(ways: frozenset[str], body: Body) -> str | None:
    """The plainest text that the body's constraint allows; None where it has none that a server of these ways
    reads. Raises Refused where it is not as it should be."""
    for way, read in READERS.items():
        if way in ways and (found := read(body)) is not None:
            return found
    return None


def _lark(body: Body) -> str | None:
    if "grammar" not in body:
        return None
    grammar = body["grammar"]
    if not isinstance(grammar, str) or not grammar.startswith(LARK):
        raise Refused("grammar: no grammar of llama.cpp's own is read here")
    if set(body) & {"json_schema", "response_format"}:
        raise Refused("either a grammar or a schema can be given")
    return written_under(grammar.removeprefix(LARK))


def _structured_outputs(body: Body) -> str | None:
    if "structured_outputs" not in body:
        return None
    given = body["structured_outputs"]
    if not isinstance(given, Mapping):
        raise Refused("structured_outputs: an object was to be given")
    return _of_vllm(given, "")


def _guided(body: Body) -> str | None:
    given = {name.removeprefix("guided_"): body[name] for name in body if name.startswith("guided_")}
    return _of_vllm(given, "guided_") if given else None


def _of_vllm(given: Body, prefix: str) -> str:
    unknown = set(given) - set(OTHER_WAYS)
    if unknown:
        raise Refused(f"unexpected fields {unknown}")
    if len(given) != 1:
        raise Refused(f"one kind of constraint can be used, and {len(given)} are given")
    ((way, value),) = given.items()
    if way == "choice":
        if not value or not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Refused(f"{prefix}choice: a list of texts was to be given")
        return str(value[0])
    if way == "regex":
        return _of_regex(value)
    if way == "json":
        return json.dumps(least(_schema(value)))
    raise Refused(f"{prefix}{way}: ours does not ask so")


def _sglang(body: Body) -> str | None:
    given = {name: body[name] for name in ("regex", "ebnf", "json_schema") if name in body}
    if not given:
        return None
    if len(given) > 1:
        raise Refused("only one of regex, ebnf and json_schema can be set")
    if "regex" in given:
        return _of_regex(given["regex"])
    if not isinstance(given.get("json_schema"), str):
        raise Refused("json_schema: a text was to be given")
    return json.dumps(least(_schema(json.loads(given["json_schema"]))))


def _json(body: Body) -> str | None:
    given = body.get("response_format")
    if given is None:
        return None
    try:
        inner = given["json_schema"]
        fits = given["type"] == "json_schema" and re.fullmatch(r"[\w-]{1,64}", inner["name"])
        schema = _schema(inner["schema"])
    except (KeyError, TypeError):
        raise Refused("response_format: json_schema with a name and a schema was to be given") from None
    if not fits or set(inner) - {"name", "schema", "strict", "description"}:
        raise Refused("response_format: it has a field too many, or a name that is none")
    if schema.get("type") != "object":
        raise Refused("response_format: the root of a strict schema is an object, and no anyOf")
    _strict(schema)
    return json.dumps(least(schema))


READERS: Mapping[str, Callable[[Body], str | None]] = {
    "lark": _lark,
    "structured_outputs": _structured_outputs,
    "guided": _guided,
    "sglang": _sglang,
    "json": _json,
}


def _of_regex(expression: Any) -> str:
    try:
        re.compile(expression)
    except (re.error, TypeError) as error:
        raise Refused(f"regex: {error}") from None
    escaped = expression.replace("/", r"\/")
    return written_under(f"start: /{escaped}/\n")


def _schema(schema: Any) -> dict[str, Any]:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise Refused(f"json: {error.message}") from None
    if not isinstance(schema, dict):
        raise Refused("json: a schema is an object")
    return schema


def _strict(schema: Body) -> None:
    """OpenAI's rule: all of an object's properties are required, and no others allowed."""
    for one in schema.get("anyOf", ()):
        _strict(one)
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False or schema["required"] != [*schema["properties"]]:
            raise Refused(
                "response_format: an object with properties that are not required, or others besides"
            )
        for inner in schema["properties"].values():
            _strict(inner)


def least(schema: Body) -> Any:
    """The plainest value that a JSON schema of ours allows."""
    if "anyOf" in schema:
        return least(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: least(inner) for name, inner in schema["properties"].items()}
    if "pattern" in schema:
        return _of_regex(schema["pattern"].removeprefix("^").removesuffix("$"))
    if schema["type"] == "string":
        return "x" * max(1, schema.get("minLength", 1))
    return schema["minimum"]


@cache
def _grammars() -> Grammars:
    return Grammars(Encoder(tiny_tokenizer(), [0]), VOCABULARY)


def written_under(grammar: str) -> str:
    """A text that a grammar of llguidance allows: of the tokens that may follow always the first."""
    encoder, tokens = Encoder(tiny_tokenizer(), [0]), list[int]()
    try:
        matcher = Matcher(LLMatcher(_grammars()._tokenizer, LLMatcher.grammar_from_lark(grammar)))
        while not matcher.complete:
            tokens.append(min(set(matcher.allowed(VOCABULARY).nonzero()[0].tolist()) - encoder.ends))
            matcher.take(tokens[-1])
    except (RequestFault, ValueError) as fault:
        raise Refused(f"grammar: {fault}") from None
    return encoder.text(tokens)
