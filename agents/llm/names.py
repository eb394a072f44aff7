"""What a language model is called: a name, and options behind it, as in `org/name?dtype=bfloat16`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from burgh.sim.types import BurghError

LIST = ","  # between the values of an option that takes several


@dataclass(frozen=True, slots=True)
class ModelName:
    """base: what the model is known by. options: as they are written."""

    base: str
    options: Mapping[str, str] = field(default_factory=dict)


def parse_name(text: str) -> ModelName:
    """Reads `NAME?key=value&key=value`. Raises BurghError where an option is not so written."""
    base, _, written = text.partition("?")
    options: dict[str, str] = {}
    for part in filter(None, written.split("&")):
        key, sign, value = part.partition("=")
        if not sign or not key or not value:
            raise BurghError(
                f"--model: the option {key!r} of {base!r} has no value: write key=value&key=value"
            )
        if key in options:
            raise BurghError(f"--model: {base!r} names the option {key!r} twice")
        options[key] = value
    return ModelName(base, options)


def written_name(parts: Mapping[str, object]) -> str:
    """The name that a mapping of `name` and options stands for. Raises ValueError."""
    rest = dict(parts)
    name = rest.pop("name", None)
    if not isinstance(name, str) or not name.strip():
        raise ValueError("a model that is written in parts needs its 'name'")
    options = [f"{key}={_written(value)}" for key, value in rest.items()]
    return "?".join((name, "&".join(options))) if options else name


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return LIST.join(map(str, value)) if isinstance(value, list | tuple) else str(value)


class Options(BaseModel):
    """The options of a backend; subclasses name them, with their defaults and what they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    unsaid: ClassVar[frozenset[str]] = frozenset()
    """Options whose values no error repeats."""


AnyOptions = TypeVar("AnyOptions", bound=Options)


def read_options(kind: type[AnyOptions], written: Mapping[str, str], backend: str) -> AnyOptions:
    """The options of a backend from how they are written. Raises BurghError, naming the known ones."""
    known = kind.model_fields
    for key in written:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise BurghError(
                f"--model: models of the backend {backend!r} have no option {key!r}{hint}:"
                f" there are {', '.join(known)}"
            )
    try:
        return kind(**dict(written))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key, said = str(first["loc"][0]), str(first["msg"])
        said = str(first["ctx"]["error"]) if first["type"] == "value_error" else said
        said = said.replace("Input", "it", 1)
        shown = key if key in kind.unsaid else f"{key}={written.get(key)!r}"
        raise BurghError(f"--model: {shown} is not right: {said}") from None
