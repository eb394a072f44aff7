"""ActionSpecs in the forms that servers bind an answer to: JSON schemas and regular expressions."""

from __future__ import annotations

from collections.abc import Iterator

from burgh.sim.pattern import Pattern, plainly
from burgh.sim.spec import ActionSpec, Choice, Depends, Form, Number, Text, ToolCall
from burgh.sim.types import BurghError, Json

MOST_LISTED = 256  # numbers that are listed one by one
CHARACTER = r'[^"\\\x00-\x1f\x7f]'  # of a text, as `Text` has it


def json_schema(spec: ActionSpec) -> dict[str, Json]:
    """The JSON schema of the answers that a spec allows. What a schema cannot say (a step that begins at no
    multiple of itself) is left to the check that follows."""
    match spec:
        case Choice():
            return {"type": "string", "enum": list(spec.options)}
        case Number():
            return _number(spec)
        case Text():
            least = 0 if spec.may_be_empty else 1
            return {"type": "string", "minLength": least, "maxLength": spec.max_chars}
        case Pattern():
            return {"type": "string", "pattern": f"^{spec.regex}$"}
        case Form():
            forms = [_object(fields) for fields in _variants(spec, 0, {})]
            return forms[0] if len(forms) == 1 else {"anyOf": forms}
        case ToolCall():
            calls = [
                _object({"tool": {"type": "string", "enum": [name]}, "arguments": json_schema(form)})
                for name, form in spec.tools.items()
            ]
            return calls[0] if len(calls) == 1 else {"anyOf": calls}
    raise BurghError(f"a spec of the kind {type(spec).__name__} has no JSON schema")


def regex(spec: ActionSpec) -> str | None:
    """The regular expression of a spec's written forms; None where only JSON says it."""
    match spec:
        case Choice():
            return "(" + "|".join(map(plainly, spec.options)) + ")"
        case Number():
            numbers = _numbers(spec)
            return None if numbers is None else "(" + "|".join(plainly(spec.write(n)) for n in numbers) + ")"
        case Text():
            return f"{CHARACTER}{{{0 if spec.may_be_empty else 1},{spec.max_chars}}}"
        case Pattern():
            return spec.regex
    return None


def _numbers(spec: Number) -> list[float] | None:
    count = int((spec.maximum - spec.minimum) / spec.step + 1e-9) + 1
    if count > MOST_LISTED:
        return None
    found = (spec.minimum + n * spec.step for n in range(count))
    return [int(value) if float(value).is_integer() else round(value, 9) for value in found]


def _number(spec: Number) -> dict[str, Json]:
    numbers = _numbers(spec)
    if numbers is not None:
        return {"enum": numbers}
    whole = all(float(value).is_integer() for value in (spec.minimum, spec.maximum, spec.step))
    bounds = {"minimum": spec.minimum, "maximum": spec.maximum, "multipleOf": spec.step}
    return {"type": "integer" if whole else "number", **bounds}


def _object(fields: dict[str, Json]) -> dict[str, Json]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _variants(form: Form, start: int, chosen: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """The fields with their schemas, once for each way that a choice on which others depend can go."""
    fields: dict[str, Json] = {}
    for position in range(start, len(form.fields)):
        name, spec = form.fields[position]
        concrete = spec.given(chosen) if isinstance(spec, Depends) else spec
        if concrete is None:
            continue
        rest = form.fields[position + 1 :]
        if isinstance(concrete, Choice) and any(
            isinstance(one, Depends) and one.on == name for _, one in rest
        ):
            for option in concrete.options:
                for after in _variants(form, position + 1, {**chosen, name: option}):
                    yield {**fields, name: {"type": "string", "enum": [option]}, **after}
            return
        fields[name] = json_schema(concrete)
    yield fields
