"""Binding an answer to its spec in the server's own way, and reading it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from burgh.agents.llm.servers.address import Dialect
from burgh.agents.llm.servers.schemas import json_schema, regex
from burgh.sim.pattern import Pattern
from burgh.sim.spec import ActionSpec, Choice, Form, InvalidAnswer, Text, ToolCall
from burgh.sim.types import Json

LARK_MARK = "%llguidance {}\n"  # by which llama.cpp knows a grammar of llguidance from one of its own
PROBE = Choice("", ("zebra quartz",))  # what no model says of itself
WRAP = "answer"  # the field around an answer that is no object, where only objects are allowed
# llama.cpp cuts off what is unlikely unless it is told not to
LLAMA = {"top_k": 0, "min_p": 0.0}
ORDER: tuple[Dialect, ...] = ("lark", "structured_outputs", "guided", "sglang", "response_format")


def fields(dialect: Dialect, spec: ActionSpec) -> dict[str, Json]:
    """What is added to a request so that its answer is legal under the spec.

    lark: llama.cpp with llguidance. structured_outputs: vLLM. guided: vLLM before 0.11. sglang: SGLang.
    response_format: what OpenAI, Ollama and others read in chats. none: nothing.
    """
    if dialect == "lark":
        return {"grammar": LARK_MARK + spec.grammar(), **LLAMA}
    pattern = None if isinstance(spec, Form | ToolCall) else regex(spec)
    schema = json_schema(spec)
    if dialect in ("structured_outputs", "guided"):
        way: str = "json" if pattern is None else "regex"
        value: Json = schema if pattern is None else pattern
        if isinstance(spec, Choice):
            way, value = "choice", list(spec.options)
        return {f"guided_{way}": value} if dialect == "guided" else {"structured_outputs": {way: value}}
    if dialect == "sglang":
        return {"json_schema": json.dumps(schema)} if pattern is None else {"regex": pattern}
    if dialect == "response_format":
        whole = schema if _is_object(schema) else _wrapped(schema)
        named = {"name": "answer", "strict": True, "schema": whole}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    return {}


def read(dialect: Dialect, spec: ActionSpec, text: str) -> str:
    """The written form of the answer that a text holds. Raises InvalidAnswer."""
    if dialect == "response_format" and not _is_object(json_schema(spec)):
        try:
            whole = json.loads(text)
        except ValueError:
            raise InvalidAnswer(f"{text!r} is not json") from None
        if not isinstance(whole, Mapping) or WRAP not in whole:
            raise InvalidAnswer(f"{text!r} has no field {WRAP!r}")
        return spec.write(whole[WRAP])
    if isinstance(spec, Text):
        return _legal_part(spec, text)
    try:
        return spec.write(spec.parse(text))
    except InvalidAnswer as error:
        inner = _inner(spec, text)
        if inner is None:
            raise error from None
        return spec.write(spec.parse(inner))


def _inner(spec: ActionSpec, text: str) -> str | None:
    """The answer with which a text begins that says more: an object, an option, what a pattern
    matches, or a number."""
    if isinstance(spec, Form | ToolCall):
        begin = text.find("{")
        try:
            _, end = json.JSONDecoder().raw_decode(text, begin)
        except (ValueError, RecursionError):
            return None
        return text[begin:end]
    begun = text.strip()
    if isinstance(spec, Choice):
        near = [one for one in spec.options if re.match(rf"{re.escape(one.strip())}(?!\w)", begun)]
        return max(near, key=len, default=None)
    if isinstance(spec, Pattern):
        found = re.match(rf"(?:{spec.regex})(?!\w)", begun)
        return None if found is None else found.group()
    number = re.match(r"-?\d+(\.\d+)?(?![\d.]*\d)", begun)
    return None if number is None else number.group()


def _legal_part(spec: Text, text: str) -> str:
    """A line of text up to the first character that may not stand in it, as a grammar would end it."""
    begun = text.lstrip("\n\r")
    end = next((n for n, c in enumerate(begun) if c in '"\\' or ord(c) < 32 or ord(c) == 127), len(begun))
    legal = begun[:end][: spec.max_chars]
    spec.validate(legal)
    return legal


def _is_object(schema: Mapping[str, Json]) -> bool:
    """Whether its root is an object: OpenAI takes no other, and no choice of several."""
    return bool(schema.get("type") == "object")


def _wrapped(schema: Json) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {WRAP: schema},
        "required": [WRAP],
        "additionalProperties": False,
    }
