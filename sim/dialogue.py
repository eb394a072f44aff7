"""A person's answer to an ActionSpec: one question after another, each answered by a line of text.

The same dialogue is held at the terminal and in the window. A line may answer several questions at once:
`say Mira tell: Good day.` names the tool, then its first choices, then the words.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from burgh.sim.spec import ActionSpec, Choice, Depends, Form, InvalidAnswer, Number, Text, ToolCall
from burgh.sim.types import Json

MOST_SHOWN = 12  # options that are listed in a question
WHAT = "What do you do?"
ALL = "?"  # has all options listed, where they are more
BACK = "back"
PART = " : "  # between the parts of a path


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. options: what may be answered, by number or by name; none for numbers and texts. whole:
    lists them all, however many."""

    text: str
    options: tuple[str, ...] = ()
    hint: str = ""
    whole: bool = False

    @property
    def lists_all(self) -> bool:
        return self.whole or len(self.options) <= MOST_SHOWN

    def __str__(self) -> str:
        names = _short(self.options) if self.lists_all else _short(self.options)[:MOST_SHOWN]
        shown = [f"{n} {name}" for n, name in enumerate(names, 1)]
        more = [] if self.lists_all else [f"and {len(self.options) - MOST_SHOWN} more: {ALL} lists them"]
        listed = ", ".join([*shown, *more])
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
        self._begin()

    def _begin(self) -> None:
        self._given: list[str] = []  # what was answered so far, each as if it stood in a line of its own
        self._rest = ""  # of the line, for the questions that follow
        self._words = False  # what follows in the line are words: a colon came before them
        self._asking = self._asked(self.spec)
        self.question: Question | None = None
        self._advance(None)

    @property
    def begun(self) -> bool:
        """Whether a part of the answer was given, which can be taken back."""
        return bool(self._given) and self.question is not None

    def say(self, line: str) -> None:
        """Takes an answer to the question. Raises InvalidAnswer, saying what would be right; what was
        answered before stays. An empty line, or "back", takes the last part of an answer begun back."""
        if self.question is None:
            raise InvalidAnswer("nothing is asked")
        said = line.strip()
        if not said and not self._given and self.nothing:
            self.question = None
        elif self._given and (not said or self._is_back(said)):
            self._take_back()
        elif said == ALL and not self.question.lists_all:
            self.question = replace(self.question, whole=True)
        else:
            self._advance(said)

    def _is_back(self, said: str) -> bool:
        """Whether it is "back", and no answer: that may be said, and a thing may be called so."""
        if said.casefold() != BACK or self.question is None or isinstance(self.question, _Words):
            return False
        return not any(BACK in _names(option) for option in self.question.options)

    def _take_back(self) -> None:
        given = self._given[:-1]
        self._begin()
        for part in given:
            self._advance(part)

    def _advance(self, said: str | None) -> None:
        self._words = False
        while True:
            try:
                self.question = next(self._asking) if said is None else self._asking.send(said)
            except StopIteration as done:
                self.spec.validate(done.value)
                self.answer, self.question = done.value, None
                return
            if isinstance(self.question, _Fault):
                fault, self._rest = self.question, ""
                self.question = next(self._asking)
                raise InvalidAnswer(fault.text)
            if not self._rest:
                return
            said, self._rest = self._rest, ""

    def _asked(self, spec: ActionSpec) -> Asking:
        if isinstance(spec, ToolCall):
            tool = yield from self._choice(WHAT, tuple(spec.tools))
            arguments = yield from self._form(spec.tools[tool])
            return {"tool": tool, "arguments": arguments}
        if isinstance(spec, Form):
            return (yield from self._form(spec))
        return (yield from self._field(spec))

    @property
    def _hint(self) -> str:
        if self._given:
            return f"[empty: {BACK}]"
        return f"[empty: {self.nothing}]" if self.nothing else ""

    def _form(self, form: Form) -> Asking:
        answer: dict[str, Json] = {}
        for name, field in form.fields:
            spec = field.given(answer) if isinstance(field, Depends) else field
            if spec is None:
                continue
            if isinstance(spec, Text) and spec.may_be_empty:
                answer[name] = ""
            else:
                answer[name] = yield from self._field(spec, self.usual.get(name))
        return answer

    def _field(self, spec: ActionSpec, usual: str | None = None) -> Asking:
        if isinstance(spec, Choice):
            usual = usual if usual in spec.options else None
            return (yield from self._choice(spec.question, spec.options, usual))
        if isinstance(spec, Number):
            return (yield from self._number(spec))
        if isinstance(spec, Text):
            return (yield from self._text(spec))
        if isinstance(spec, Form | ToolCall):
            return (yield from self._asked(spec))
        return (yield from self._parsed(spec))

    def _choice(self, text: str, options: Sequence[str], usual: str | None = None) -> Asking:
        if len(options) == 1:
            named = _whole(self._rest, options)
            if len(named.options) == 1:
                self._rest, self._words = named.rest, named.colon
            return options[0]
        if usual is not None and self._words:
            self._given.append(usual)
            return usual
        question = Question(text, tuple(options), self._hint)
        while True:
            said = yield question
            named = _named(said, options)
            if usual is not None and said and not named.whole and (" " in said or not named.options):
                named = _Named((usual,), said)
            if len(named.options) != 1:
                yield _Fault(_not_one(said, named.options, question))
                continue
            self._given.append(named.options[0])
            self._rest, self._words = named.rest, named.colon
            return named.options[0]

    def _number(self, spec: Number) -> Asking:
        if spec.minimum == spec.maximum:
            return spec.parse(f"{spec.minimum:g}")
        step = "" if spec.step == 1 else f" by {spec.step:g}"
        span = f"(from {spec.minimum:g} to {spec.maximum:g}{step})"
        question = Question(f"{spec.question} {span}", (), self._hint)
        while True:
            said = yield question
            first, _, rest = said.partition(" ")
            try:
                number = spec.parse(first)
            except InvalidAnswer as fault:
                yield _Fault(f"{fault}")
                continue
            self._given.append(first)
            self._rest = rest.strip()
            return number

    def _text(self, spec: Text) -> Asking:
        while True:
            said = yield _Words(spec.question, (), self._hint)
            try:
                spec.validate(said)
            except InvalidAnswer as fault:
                yield _Fault(f"{fault}")
                continue
            self._given.append(said)
            return said

    def _parsed(self, spec: ActionSpec) -> Asking:
        while True:
            said = yield _Words(WHAT, (), self._hint)
            try:
                answer = spec.parse(said)
            except InvalidAnswer as fault:
                yield _Fault(f"{fault}")
                continue
            self._given.append(said)
            return answer


class _Words(Question):
    """Is answered by any words."""

    __slots__ = ()


class _Fault(Question):
    """Not a question: why the last answer was none."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """What a line may name: one option, or none, or several. whole: by a name and not by its beginning or its
    number. colon: stands before the rest of the line."""

    options: tuple[str, ...] = ()
    rest: str = ""
    whole: bool = False
    colon: bool = False


def _not_one(said: str, options: Sequence[str], question: Question) -> str:
    if not said:
        return f"an answer is wanted: {question}"
    if options:
        names = zip(question.options, _short(question.options), strict=True)
        listed = ", ".join([name for option, name in names if option in options][:MOST_SHOWN])
        return f"{said!r} may be several of them: {listed}"
    return f"{said!r} is none of them: {question}"


def _short(options: Sequence[str]) -> list[str]:
    """Paths without the parts that all of them begin with."""
    paths = [option.split(PART) for option in options]
    least = min((len(path) for path in paths), default=1) - 1
    same = next((n for n in range(least) if len({path[n] for path in paths}) > 1), least)
    return [PART.join(path[same:]) for path in paths]


def _names(option: str) -> Iterator[str]:
    """What a thing may be called: its path, or the end of it, the parts set apart or not."""
    parts = option.casefold().split(PART)
    for begin in range(len(parts)):
        yield from (between.join(parts[begin:]) for between in (PART, ": ", " "))


def _whole(said: str, options: Sequence[str]) -> _Named:
    """The options that have the name that a line begins with; the longest such name."""
    folded = said.casefold()
    named: dict[str, list[str]] = {}
    for option in options:
        for name in dict.fromkeys(_names(option)):
            named.setdefault(name, []).append(option)
    named |= {option.casefold(): [option] for option in options}
    for name in sorted(named, key=len, reverse=True):
        if folded == name or folded.startswith((f"{name} ", f"{name}:")):
            rest = said[_letters(said, len(name)) :].lstrip()
            return _Named(tuple(named[name]), rest.lstrip(" :"), True, rest.startswith(":"))
    return _Named()


def _letters(said: str, folded: int) -> int:
    """How many letters of a text are so many once case is folded: some become two."""
    return next(n for n in range(len(said) + 1) if len(said[:n].casefold()) >= folded)


def _named(said: str, options: Sequence[str]) -> _Named:
    """The options that a line may begin with: by name, else by number, else by how names begin."""
    if (named := _whole(said, options)).options:
        return named
    first, _, rest = said.partition(" ")
    begun = first.rstrip(":").casefold()
    rest, colon = rest.strip(), first.endswith(":")
    if begun.isdecimal() and begun.isascii() and 1 <= int(begun) <= len(options):
        return _Named((options[int(begun) - 1],), rest, True, colon)
    if not begun:
        return _Named()
    found = (option for option in options if any(name.startswith(begun) for name in _names(option)))
    return _Named(tuple(found), rest, False, colon)
