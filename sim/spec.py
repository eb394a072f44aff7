"""What answers are legal: a spec validates, reads and writes an answer, and compiles to a decoding grammar.

Grammars are in the Lark dialect of llguidance. Scalars are written bare, forms and tool calls as json
with the spacing of `json.dumps`, so that every legal answer has exactly one written form.
"""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from burgh.sim.types import BurghError, Json

MAX_LISTED_NUMBERS = 10_000
CHARS_PER_TOKEN = 8  # more than any tokenizer's average word piece: a bound, not an estimate


class InvalidAnswer(BurghError):
    """An answer that its spec does not allow; the sentence says what would be allowed."""


class ActionSpec(ABC):
    """What an agent may answer. A script, a person and a model answer the same spec."""

    @abstractmethod
    def validate(self, answer: Json) -> None:
        """Raises InvalidAnswer unless the answer is legal."""

    @abstractmethod
    def write(self, answer: Json) -> str:
        """The written form of a legal answer, as a model would write it."""

    @abstractmethod
    def parse(self, text: str) -> Json:
        """The answer that a written form stands for. Raises InvalidAnswer."""

    @abstractmethod
    def sample(self, rng: random.Random) -> Json:
        """A legal answer at random."""

    @abstractmethod
    def pattern(self, *, in_json: bool) -> str:
        """The right-hand side of a grammar rule for the written form, alone or as a json value."""

    def grammar(self) -> str:
        """A whole grammar whose rule `start` accepts the written forms of legal answers and nothing else."""
        return f"start: {self.pattern(in_json=False)}\n"


class Line(ActionSpec):
    """A spec whose answers are texts, each its own written form."""

    def write(self, answer: Json) -> str:
        self.validate(answer)
        return str(answer)

    def parse(self, text: str) -> Json:
        self.validate(text)
        return text


def literal(text: str) -> str:
    """A string as a literal of the grammar, in ascii: its lexer takes no bare control characters."""
    return json.dumps(text)


def _read_json(text: str) -> Json:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidAnswer(f"{text!r} is not json: {error.msg} at character {error.pos}") from None
    except (RecursionError, ValueError):  # nested beyond reason, or a number of thousands of digits
        raise InvalidAnswer("a json text is nested too deeply or holds too long a number") from None


@dataclass(frozen=True, slots=True)
class Choice(Line):
    """One of several texts."""

    question: str
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.options:
            raise ValueError("a choice needs at least one option")
        if len(set(self.options)) != len(self.options):
            raise ValueError(f"a choice names an option twice: {self.options}")

    def validate(self, answer: Json) -> None:
        if answer not in self.options:
            listed = ", ".join(repr(option) for option in self.options)
            raise InvalidAnswer(f"{answer!r} is not one of {listed}")

    def sample(self, rng: random.Random) -> Json:
        return rng.choice(self.options)

    def pattern(self, *, in_json: bool) -> str:
        written = [json.dumps(option, ensure_ascii=False) if in_json else option for option in self.options]
        return "(" + " | ".join(literal(text) for text in written) + ")"


@dataclass(frozen=True, slots=True)
class Number(ActionSpec):
    """A number from `minimum` to `maximum` in steps from the minimum. Whole where all three are whole."""

    question: str
    minimum: float
    maximum: float
    step: float = 1

    def __post_init__(self) -> None:
        if self.step <= 0 or self.minimum > self.maximum:
            raise ValueError(f"no number from {self.minimum} to {self.maximum} by {self.step}")
        if self._count > MAX_LISTED_NUMBERS and not self._aligned:
            raise ValueError(
                f"{self._count} numbers from {self.minimum} by {self.step} are too many to list:"
                " use whole numbers and a minimum that is a multiple of the step"
            )

    @property
    def _whole(self) -> bool:
        return all(float(value).is_integer() for value in (self.minimum, self.maximum, self.step))

    @property
    def _aligned(self) -> bool:
        return self._whole and int(self.minimum) % int(self.step) == 0

    @property
    def _count(self) -> int:
        span = Decimal(str(self.maximum)) - Decimal(str(self.minimum))
        return int(span // Decimal(str(self.step))) + 1

    def _nth(self, n: int) -> float:
        value = Decimal(str(self.minimum)) + n * Decimal(str(self.step))
        return int(value) if self._whole else float(value)

    def validate(self, answer: Json) -> None:
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            raise InvalidAnswer(f"{answer!r} is not a number")
        if not self.minimum <= answer <= self.maximum:
            raise InvalidAnswer(f"{answer} is not from {self.minimum} to {self.maximum}")
        if (Decimal(str(answer)) - Decimal(str(self.minimum))) % Decimal(str(self.step)) != 0:
            raise InvalidAnswer(f"{answer} is not {self.minimum} plus a multiple of {self.step}")

    def write(self, answer: Json) -> str:
        self.validate(answer)
        return _write_number(answer)

    def parse(self, text: str) -> Json:
        try:
            value = Decimal(text.strip())
        except InvalidOperation:
            raise InvalidAnswer(f"{text!r} is not a number") from None
        if not value.is_finite():
            raise InvalidAnswer(f"{text!r} is not a number")
        if not self.minimum <= value <= self.maximum:  # before it is written out: it may be 1e999999
            raise InvalidAnswer(f"{text.strip()} is not from {self.minimum} to {self.maximum}")
        answer = int(value) if value == value.to_integral_value() else float(value)
        self.validate(answer)
        return answer

    def sample(self, rng: random.Random) -> Json:
        return self._nth(rng.randrange(self._count))

    def pattern(self, *, in_json: bool) -> str:
        if self._count <= MAX_LISTED_NUMBERS:
            numbers = (_write_number(self._nth(n)) for n in range(self._count))
            return "(" + " | ".join(literal(number) for number in numbers) + ")"
        least, most, step = int(self.minimum), int(self.maximum), int(self.step)
        signs = []
        if most >= 0:
            signs.append(_whole_numbers(max(least, 0), most, step))
        if least < 0:  # the sign stands apart, since the schema of a range over zero would allow -0
            signs.append(f'"-" {_whole_numbers(max(step, -most), -least, step)}')
        return "(" + " | ".join(signs) + ")"


def _whole_numbers(least: int, most: int, step: int) -> str:
    """A pattern of the multiples of a step from `least` to `most`, both of which are not negative."""
    schema = {"type": "integer", "minimum": least, "maximum": most, "multipleOf": step}
    return "%json " + json.dumps(schema)


def _write_number(value: float) -> str:
    whole = float(value).is_integer()
    return str(int(value)) if whole else format(Decimal(str(value)), "f")


@dataclass(frozen=True, slots=True)
class Text(Line):
    """One line of at most so many tokens, without double quotes, backslashes or control characters."""

    question: str
    max_tokens: int
    may_be_empty: bool = False

    @property
    def max_chars(self) -> int:
        return self.max_tokens * CHARS_PER_TOKEN

    def validate(self, answer: Json) -> None:
        if not isinstance(answer, str):
            raise InvalidAnswer(f"{answer!r} is not a text")
        if not answer and not self.may_be_empty:
            raise InvalidAnswer(f"an empty text does not answer {self.question!r}")
        if len(answer) > self.max_chars:
            raise InvalidAnswer(f"a text of {len(answer)} characters is over the limit of {self.max_chars}")
        bad = next((c for c in answer if c in '"\\' or ord(c) < 32 or ord(c) == 127), None)
        if bad is not None:
            raise InvalidAnswer(f"the character {bad!r} may not stand in a text")

    def sample(self, rng: random.Random) -> Json:
        words = rng.randrange(1, max(2, min(6, self.max_tokens)))
        return " ".join(rng.choice(("bread", "well", "sun", "yes", "road")) for _ in range(words))[
            : self.max_chars
        ]

    def pattern(self, *, in_json: bool) -> str:
        least = 0 if self.may_be_empty else 1
        if in_json:
            return rf'/"[^"\\\x00-\x1f\x7f]{{{least},{self.max_chars}}}"/'
        return rf'/[^"\\\x00-\x1f\x7f]{{{least},{self.max_chars}}}/'


def clean_text(text: str, max_chars: int) -> str:
    """A text made legal for `Text`: quotes and control characters taken out, cut at a word."""
    legal = "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in text if c not in '"\\')
    legal = " ".join(legal.split())
    if len(legal) <= max_chars:
        return legal
    return legal[: max_chars + 1].rsplit(" ", 1)[0][:max_chars].rstrip()


@dataclass(frozen=True, slots=True)
class Depends:
    """A field's spec that follows from an earlier choice: by its value in `cases`, else `default`.

    None means that the field is left out.
    """

    on: str
    cases: Mapping[str, ActionSpec | None]
    default: ActionSpec | None = None

    def given(self, answer: Mapping[str, Json]) -> ActionSpec | None:
        return self.cases.get(str(answer.get(self.on)), self.default)


@dataclass(frozen=True, slots=True)
class Form(ActionSpec):
    """Several fields in order; later ones may depend on earlier choices."""

    fields: tuple[tuple[str, ActionSpec | Depends], ...]

    def __post_init__(self) -> None:
        earlier: dict[str, ActionSpec | Depends] = {}
        for name, spec in self.fields:
            if isinstance(spec, Depends) and not isinstance(earlier.get(spec.on), Choice):
                raise ValueError(f"field {name!r} depends on {spec.on!r}, which is no earlier choice")
            if name in earlier:
                raise ValueError(f"two fields are named {name!r}")
            earlier[name] = spec

    def _specs(self, answer: Mapping[str, Json]) -> dict[str, ActionSpec]:
        specs = {}
        for name, spec in self.fields:
            concrete = spec.given(answer) if isinstance(spec, Depends) else spec
            if concrete is not None:
                specs[name] = concrete
        return specs

    def validate(self, answer: Json) -> None:
        if not isinstance(answer, Mapping):
            raise InvalidAnswer(f"{answer!r} is not a form with fields")
        specs = self._specs(answer)
        for name in specs:
            if name not in answer:
                raise InvalidAnswer(f"the field {name!r} is missing")
        for name in answer:
            if name not in specs:
                raise InvalidAnswer(f"there is no field {name!r} here: {', '.join(specs)}")
        for name, spec in specs.items():
            try:
                spec.validate(answer[name])
            except InvalidAnswer as error:
                raise InvalidAnswer(f"{name}: {error}") from None

    def write(self, answer: Json) -> str:
        self.validate(answer)
        fields = (
            f"{json.dumps(name)}: {_write_value(spec, answer[name])}"
            for name, spec in self._specs(answer).items()
        )
        return "{" + ", ".join(fields) + "}"

    def parse(self, text: str) -> Json:
        answer = _read_json(text)
        self.validate(answer)
        return answer

    def sample(self, rng: random.Random) -> Json:
        answer: dict[str, Json] = {}
        for name, spec in self.fields:
            concrete = spec.given(answer) if isinstance(spec, Depends) else spec
            if concrete is not None:
                answer[name] = concrete.sample(rng)
        return answer

    def pattern(self, *, in_json: bool) -> str:
        return f'("{{" {self._rest(0, {}, first=True)} "}}")'

    def _rest(self, start: int, known: dict[str, Json], *, first: bool) -> str:
        """The fields from `start` on; a choice that later fields depend on is spelt out per option."""
        parts: list[str] = []
        for position in range(start, len(self.fields)):
            name, spec = self.fields[position]
            concrete = spec.given(known) if isinstance(spec, Depends) else spec
            if concrete is None:
                continue
            key = literal(("" if first else ", ") + json.dumps(name) + ": ")
            first = False
            rest = self.fields[position + 1 :]
            controls = any(isinstance(later, Depends) and later.on == name for _, later in rest)
            if controls and isinstance(concrete, Choice):
                branches = (
                    f"{Choice('', (option,)).pattern(in_json=True)}"
                    f" {self._rest(position + 1, {**known, name: option}, first=False)}"
                    for option in concrete.options
                )
                return " ".join((*parts, key, "(" + " | ".join(branches) + ")"))
            parts += [key, concrete.pattern(in_json=True)]
        return " ".join(parts)


def _write_value(spec: ActionSpec, answer: Json) -> str:
    written = spec.write(answer)
    return json.dumps(answer, ensure_ascii=False) if isinstance(answer, str) else written


@dataclass(frozen=True, slots=True)
class ToolCall(ActionSpec):
    """One of several tools, each with a form of arguments."""

    tools: Mapping[str, Form]

    def __post_init__(self) -> None:
        if not self.tools:
            raise ValueError("a tool call needs at least one tool")

    def validate(self, answer: Json) -> None:
        if not isinstance(answer, Mapping) or set(answer) != {"tool", "arguments"}:
            raise InvalidAnswer(f"{answer!r} is not a tool call with 'tool' and 'arguments'")
        if not isinstance(answer["tool"], str) or answer["tool"] not in self.tools:
            listed = ", ".join(repr(name) for name in self.tools)
            raise InvalidAnswer(f"{answer['tool']!r} is not one of the tools {listed}")
        try:
            self.tools[answer["tool"]].validate(answer["arguments"])
        except InvalidAnswer as error:
            raise InvalidAnswer(f"{answer['tool']}: {error}") from None

    def write(self, answer: Json) -> str:
        self.validate(answer)
        arguments = self.tools[answer["tool"]].write(answer["arguments"])
        return f"{_tool_head(answer['tool'])}{arguments}}}"

    def parse(self, text: str) -> Json:
        answer = _read_json(text)
        self.validate(answer)
        return answer

    def sample(self, rng: random.Random) -> Json:
        tool = rng.choice(tuple(self.tools))
        return {"tool": tool, "arguments": self.tools[tool].sample(rng)}

    def pattern(self, *, in_json: bool) -> str:
        branches = (
            f"{literal(_tool_head(name))} {form.pattern(in_json=True)} {literal('}')}"
            for name, form in self.tools.items()
        )
        return "(" + " | ".join(branches) + ")"


def _tool_head(name: str) -> str:
    return f'{{"tool": {json.dumps(name)}, "arguments": '
