"""What a tool is, and how one is called: whatever it does, the caller gets a line of text back in time."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args, get_origin

from annotated_types import Ge, Le, MultipleOf
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from burgh.agents.tools import guard
from burgh.sim.pattern import Pattern
from burgh.sim.spec import ActionSpec, Choice, Form, Number, Text
from burgh.sim.types import BurghError, Json

MOST_SECONDS = 2.0
MOST_CHARS = 240
LOOKED_AT = 20  # times as many characters as may be shown: no more of a flood is looked at
MOST_CALLS = 4  # of one tool in one decision
MOST_HUNG = 3  # calls that never came back: after so many a tool is asked no more
TEXT_TOKENS = 24


class Arguments(BaseModel):
    """What a tool takes: whole numbers with bounds (`Annotated[int, Ge(0), Le(99)]`), texts (those of a form:
    `Annotated[str, Field(pattern=r"^\\d{2}:\\d{2}$")]`), or a Literal."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool may look at: what its agent was shown and remembers, and nothing else.

    state: as in the observation. notes: the notebook, oldest first. memories: texts that the agent remembers,
    oldest first. granted: what tools that need more may use (see guard.py).
    """

    agent: str
    state: Mapping[str, Json]
    notes: Sequence[str] = ()
    memories: Sequence[str] = ()
    granted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call. text: one bounded line. fault: whether it is that of an error. note: what is to be
    written into the notebook, or ""."""

    text: str
    fault: bool = False
    note: str = ""


class Tool:
    """A subclass names itself, says in a sentence what it does, and has `Arguments` and `use`.

    It gets no file, process or network: what it may look at is on the desk. needs: of "files", "processes"
    and "network" what it cannot do without; it is not offered where that is not granted.
    """

    name: ClassVar[str]
    says: ClassVar[str]
    Arguments: ClassVar[type[Arguments]] = Arguments
    needs: ClassVar[frozenset[str]] = frozenset()
    of_sales: ClassVar[bool] = False  # of no use where nothing is for sale
    most_calls: ClassVar[int] = MOST_CALLS
    most_seconds: ClassVar[float] = MOST_SECONDS
    most_chars: ClassVar[int] = MOST_CHARS

    def use(self, arguments: Any, desk: Desk) -> str | Result:
        """The result. Raises BurghError with a sentence for what cannot be done."""
        raise NotImplementedError

    def suits(self, state: Mapping[str, Json]) -> bool:
        """Whether it is of any use where this is what one is shown."""
        return True

    def form(self) -> Form:
        """Its arguments as a form that a model can fill in."""
        return Form(tuple((name, _spec(name, one)) for name, one in self.Arguments.model_fields.items()))

    def signature(self) -> str:
        """Name, arguments and purpose, in one line of a prompt."""
        return f"{self.name}({', '.join(self.Arguments.model_fields)}): {self.says}"


def _spec(name: str, one: FieldInfo) -> ActionSpec:
    kind: Any = one.annotation
    question = one.description or name
    if get_origin(kind) is Literal:
        return Choice(question, tuple(map(str, get_args(kind))))
    bounds = {type(bound): bound for bound in one.metadata}
    if kind is int:
        if not {Ge, Le} <= set(bounds):
            raise TypeError(f"the argument {name!r} of a tool has no bounds: annotate it with Ge and Le")
        step = bounds[MultipleOf].multiple_of if MultipleOf in bounds else 1
        return Number(question, bounds[Ge].ge, bounds[Le].le, step)
    if kind is str:
        expression = next((bound.pattern for bound in one.metadata if getattr(bound, "pattern", None)), None)
        if expression is not None:
            return _pattern(name, question, str(expression))
        return Text(question, TEXT_TOKENS)
    raise TypeError(
        f"the argument {name!r} of a tool is a {kind}: a tool takes whole numbers, texts, Literals"
    )


def _pattern(name: str, question: str, expression: str) -> Pattern:
    if not (expression.startswith("^") and expression.endswith("$")):
        raise TypeError(f"the pattern of a tool's argument {name!r} is to hold for all of it: write ^...$")
    try:
        return Pattern(question, expression[1:-1])
    except ValueError as error:
        raise TypeError(f"the pattern of a tool's argument {name!r} cannot be held to: {error}") from None


@dataclass(slots=True)
class _Call:
    """A call under way on a thread of its own."""

    tool: Tool
    arguments: Arguments
    desk: Desk
    result: object = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            with guard.only(self.tool.needs & self.desk.granted):
                self.result = self.tool.use(self.arguments, self.desk)
        except BaseException as error:
            self.error = error
        self.done.set()


_hung: dict[str, list[_Call]] = {}  # by tool: calls that have not come back


def call(tool: Tool, arguments: Mapping[str, Json], desk: Desk) -> Result:
    """Calls a tool and waits as long as it may take. Whatever it does is said in the result, nothing raised.

    One that hangs is left to itself, on a thread that ends with the process; one of which MOST_HUNG calls
    hang is not called again.
    """
    hung = _hung.setdefault(tool.name, [])
    hung[:] = [one for one in hung if not one.done.is_set()]
    if len(hung) >= MOST_HUNG:
        return Result(f"error: {tool.name} hung {len(hung)} times and is asked no more", fault=True)
    try:
        given = tool.Arguments.model_validate(dict(arguments))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "arguments"
        return Result(f"error: {where}: {first['msg']}", fault=True)
    under_way = _Call(tool, given, desk)
    threading.Thread(target=under_way.run, name=f"tool {tool.name}", daemon=True).start()
    if not under_way.done.wait(tool.most_seconds):
        hung.append(under_way)
        return Result(f"error: {tool.name} gave no answer within {tool.most_seconds:g} seconds", fault=True)
    if under_way.error is not None:
        if isinstance(under_way.error, BurghError):
            return Result(_line(f"error: {under_way.error}", tool.most_chars), fault=True)
        return Result(f"error: {tool.name} failed with {type(under_way.error).__name__}", fault=True)
    found = under_way.result
    if isinstance(found, str):
        return Result(_line(found, tool.most_chars))
    if isinstance(found, Result):
        return Result(_line(found.text, tool.most_chars), found.fault, _line(found.note, tool.most_chars))
    return Result(f"error: {tool.name} returned a {type(found).__name__}, not a text", fault=True)


def _line(text: str, most: int) -> str:
    """As one line that is not too long."""
    line = " ".join(text[: LOOKED_AT * most].split())
    return line if len(line) <= most else f"{line[: most - 4].rstrip()} ..."
