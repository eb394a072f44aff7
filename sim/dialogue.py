"""A person's answer to an ActionSpec: one question after another, each answered by a line of text.

The same dialogue is held at the terminal and in the window. A line may answer several questions at once:
`say Mira tell: Good day.` names the tool, then its first choices, then the words.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from burgh.sim.spec import ActionSpec, Choice, Depends, Form, InvalidAnswer, Number, Text, ToolCall
from burgh.sim.types import Json

MOST_SHOWN = 12  # options that are listed in a question
WHAT = "What do you do?"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. options: what may be answered, by number or by name; none for numbers and texts."""

    text: str
    options: tuple[str, ...] = ()
    hint: str = ""

    def __str__(self) -> str:
        shown = [f"{n} {option}" for n, option in enumerate(self.options[:MOST_SHOWN], 1)]
        more = len(self.options) - len(shown)
        listed = ", ".join([*shown, *([f"and {more} more"] if more > 0 else [])])
        return " ".join(part for part in (self.text, f"({listed})" if listed else "", self.hint) if part)


Asking = Generator[Question, str, Json]


class Dialogue:
    """One answer in the making. question: None once there is an answer.

    nothing: what an empty line at the first question means, said as a hint; "" where something must be
    answered. An answer of None is that nothing. usual: by a choice's field, the option that is taken where a
    line names none and goes on: `say Mira: Good day.` tells.
    """

    def __init__(
        self, spec: ActionSpec, *, nothing: str = "", usual: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.spec = spec
        self.nothing = nothing
        self.usual = usual
        self.answer: Json = None
        self._rest = ""  # of the line, for the questions that follow
        self._begin()

    def _begin(self) -> None:
        self._first = True
        self._rest = ""
        self._asking = self._asked(self.spec)
        self.question: Question | None = None
        self._advance(None)

    def say(self, line: str) -> None:
        """Takes an answer to the question. Raises InvalidAnswer, saying what would be right; what was
        answered before stays. An empty line takes an answer begun back."""
        if self.question is None:
            raise InvalidAnswer("nothing is asked")
        said = line.strip()
        if not said and self._first and self.nothing:
            self.question = None
            return
        if not said and not self._first and self.question.options:
            self._begin()
            return
        self._advance(said)

    def _advance(self, said: str | None) -> None:
        while True:
            first, self._first = self._first, self._first and said is None
            try:
                self.question = next(self._asking) if said is None else self._asking.send(said)
            except StopIteration as done:
                self.spec.validate(done.value)
                self.answer, self.question = done.value, None
                return
            if isinstance(self.question, _Fault):
                fault, self._rest, self._first = self.question, "", first
                self.question = next(self._asking)
                raise InvalidAnswer(fault.text)
            if not self._rest:
                return
            said, self._rest = self._rest, ""

    def _asked(self, spec: ActionSpec) -> Asking:
        if isinstance(spec, ToolCall):
            tool = yield from self._choice(WHAT, tuple(spec.tools), self._hint())
            arguments = yield from self._form(spec.tools[tool])
            return {"tool": tool, "arguments": arguments}
        if isinstance(spec, Form):
            return (yield from self._form(spec))
        return (yield from self._field(spec, self._hint()))

    def _hint(self) -> str:
        return f"[empty: {self.nothing}]" if self.nothing and self._first else ""

    def _form(self, form: Form) -> Asking:
        answer: dict[str, Json] = {}
        for name, field in form.fields:
            spec = field.given(answer) if isinstance(field, Depends) else field
            if spec is None:
                continue
            if isinstance(spec, Text) and spec.may_be_empty:
                answer[name] = ""
            else:
                answer[name] = yield from self._field(spec, self._hint(), self.usual.get(name))
        return answer

    def _field(self, spec: ActionSpec, hint: str, usual: str | None = None) -> Asking:
        if isinstance(spec, Choice):
            usual = usual if usual in spec.options else None
            return (yield from self._choice(spec.question, spec.options, hint, usual))
        if isinstance(spec, Number):
            return (yield from self._number(spec, hint))
        if isinstance(spec, Text):
            return (yield from self._text(spec))
        if isinstance(spec, Form | ToolCall):
            return (yield from self._asked(spec))
        return (yield from self._parsed(spec))

    def _choice(self, text: str, options: Sequence[str], hint: str, usual: str | None = None) -> Asking:
        if len(options) == 1:
            found = _named(self._rest, options)
            self._rest = self._rest if found is None else found[1]
            return options[0]
        question = Question(text, tuple(options), hint)
        while True:
            said = yield question
            found = _named(said, options)
            if found is None and usual is not None and said:
                found = usual, said
            if found is None:
                yield _Fault(f"{said!r} is none of them: {question}")
                continue
            option, self._rest = found
            return option

    def _number(self, spec: Number, hint: str) -> Asking:
        if spec.minimum == spec.maximum:
            return spec.parse(f"{spec.minimum:g}")
        step = "" if spec.step == 1 else f" by {spec.step:g}"
        question = Question(f"{spec.question} (from {spec.minimum:g} to {spec.maximum:g}{step})", (), hint)
        while True:
            said = yield question
            first, _, rest = said.partition(" ")
            try:
                number = spec.parse(first)
            except InvalidAnswer as fault:
                yield _Fault(f"{fault}")
                continue
            self._rest = rest.strip()
            return number

    def _text(self, spec: Text) -> Asking:
        while True:
            said = yield Question(spec.question)
            try:
                spec.validate(said)
            except InvalidAnswer as fault:
                yield _Fault(f"{fault}")
                continue
            return said

    def _parsed(self, spec: ActionSpec) -> Asking:
        while True:
            said = yield Question(WHAT)
            try:
                return spec.parse(said)
            except InvalidAnswer as fault:
                yield _Fault(f"{fault}")


class _Fault(Question):
    """Not a question: why the last answer was none."""

    __slots__ = ()


def _named(said: str, options: Sequence[str]) -> tuple[str, str] | None:
    """The option that a line begins with, and the rest of the line: by its whole name or the last part of a
    path, else by its number, else by the only name that begins so."""
    folded = said.casefold()
    names: Mapping[str, str] = {
        **{option.rsplit(" : ", 1)[-1].casefold(): option for option in options},
        **{option.partition(" : ")[2].casefold(): option for option in options if " : " in option},
        **{option.casefold(): option for option in options},
    }
    for name in sorted(names, key=len, reverse=True):
        if folded == name or folded.startswith((f"{name} ", f"{name}:")):
            return names[name], said[len(name) :].lstrip(" :")
    first, _, rest = said.partition(" ")
    if first.isdecimal() and first.isascii() and 1 <= int(first) <= len(options):
        return options[int(first) - 1], rest.strip()
    beginning = {names[name] for name in names if name.startswith(first.rstrip(":").casefold())}
    return (beginning.pop(), rest.strip()) if len(beginning) == 1 and first else None
