"""An answer in the form of a regular expression: a time of day, a code, a figure with its unit.

An expression may hold what Python, llguidance and servers read alike, so that the check, the grammar and the
samples speak of the same answers: characters, sets, groups, alternatives, and repetitions with an end.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from re import _parser as parser  # type: ignore[attr-defined]  # exactly what `re` reads in an expression
from typing import Any

from burgh.sim.spec import InvalidAnswer, Line
from burgh.sim.types import Json

MOST_CHARS = 2000
MOST_SAMPLED = 3  # repetitions beyond the fewest, of an answer at random
# No part of an answer, as in `Text`: control characters, double quotes, backslashes; and halves of characters
ILLEGAL = ((0, 31), (34, 34), (92, 92), (127, 127), (0xD800, 0xDFFF))
LAST = 0x10FFFF
CATEGORIES = {
    "CATEGORY_DIGIT": ((48, 57),),
    "CATEGORY_SPACE": ((9, 13), (32, 32)),
    "CATEGORY_WORD": ((48, 57), (65, 90), (95, 95), (97, 122)),
}

Ranges = tuple[tuple[int, int], ...]  # of code points, both ends among them, rising and apart


@dataclass(frozen=True, slots=True)
class Pattern(Line):
    """A line of text that a regular expression matches from end to end. Double quotes, backslashes and
    control characters stand in no answer, whatever `.` or `[^,]` would allow; letters and digits are ascii.

    Raises ValueError for an expression that cannot be held to, with what would be right.
    """

    question: str
    expression: str

    def __post_init__(self) -> None:
        written(self.expression)

    def validate(self, answer: Json) -> None:
        if not isinstance(answer, str):
            raise InvalidAnswer(f"{answer!r} is not a text")
        if not re.fullmatch(self.regex, answer):
            raise InvalidAnswer(f"{answer!r} is not of the form {self.expression}")

    def sample(self, rng: random.Random) -> Json:
        return _sample(_tree(self.expression), rng)

    @property
    def regex(self) -> str:
        """The expression as every reader of expressions takes it."""
        return written(self.expression)

    def pattern(self, *, in_json: bool) -> str:
        escaped = self.regex.replace("/", r"\/")
        return f'/"{escaped}"/' if in_json else f"/{escaped}/"


@cache
def _tree(expression: str) -> Any:
    try:
        tree = parser.parse(expression, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{expression!r} is no regular expression: {error}") from None
    if tree.state.flags != re.ASCII:
        raise ValueError(f"{expression!r} sets a flag: write out what is meant, as in [Yy]es")
    return tree


@cache
def written(expression: str) -> str:
    """The expression in the few signs that all readers take alike. Raises ValueError."""
    tree = _tree(expression)
    plain = f"({_written(tree, expression)})"
    longest = int(tree.getwidth()[1])
    if longest > MOST_CHARS:
        raise ValueError(f"{expression!r} allows {longest} characters, over the limit of {MOST_CHARS}")
    return plain


def _written(tree: Iterable[tuple[Any, Any]], whole: str) -> str:
    parts = []
    for code, given in tree:
        match str(code):
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                parts.append(_set(_legal(str(code), given), whole))
            case "BRANCH":
                parts.append("(" + "|".join(_written(one, whole) for one in given[1]) + ")")
            case "SUBPATTERN" if not given[1] and not given[2]:
                parts.append(f"({_written(given[3], whole)})")
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inner = given
                if most is parser.MAXREPEAT:
                    raise ValueError(f"{whole!r} has a repetition without an end: write {{{least},40}}, say")
                parts.append(f"({_written(inner, whole)}){{{least},{most}}}")
            case other:
                raise ValueError(
                    f"{whole!r} holds {other.lower()}, which is no part of an answer's form: it matches from"
                    " end to end, by characters, sets, groups, alternatives and repetitions"
                )
    return "".join(parts)


def _sample(tree: Iterable[tuple[Any, Any]], rng: random.Random) -> str:
    parts = []
    for code, given in tree:
        match str(code):
            case "BRANCH":
                parts.append(_sample(rng.choice(given[1]), rng))
            case "SUBPATTERN":
                parts.append(_sample(given[3], rng))
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inner = given
                times = rng.randint(least, min(most, least + MOST_SAMPLED))
                parts += (_sample(inner, rng) for _ in range(times))
            case other:
                parts.append(_drawn(_legal(other, given), rng))
    return "".join(parts)


def _drawn(ranges: Ranges, rng: random.Random) -> str:
    """One of the characters: of those in ascii, where there are some."""
    plain = [(first, min(last, 126)) for first, last in ranges if first <= 126] or list(ranges)
    first, last = rng.choice(plain)
    return chr(rng.randint(first, last))


def _legal(code: str, given: Any) -> Ranges:
    """The characters that one place of an expression allows and that may stand in an answer."""
    return _without(_meant(code, given), ILLEGAL)


def _meant(code: str, given: Any) -> Ranges:
    match code:
        case "LITERAL":
            return ((given, given),)
        case "NOT_LITERAL":
            return _without(((0, LAST),), ((given, given),))
        case "RANGE":
            return (given,)
        case "CATEGORY":
            name = str(given)
            bare = CATEGORIES[name.replace("_NOT", "")]
            return _without(((0, LAST),), bare) if "_NOT" in name else bare
        case "IN":
            negated = str(given[0][0]) == "NEGATE"
            found = _merged(one for inner, more in given[negated:] for one in _meant(str(inner), more))
            return _without(((0, LAST),), found) if negated else found
    return ((0, LAST),)  # ANY


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _without(ranges: Ranges, gone: Ranges) -> Ranges:
    left = list(ranges)
    for first, last in gone:
        left = [
            part
            for begin, end in left
            for part in ((begin, min(end, first - 1)), (max(begin, last + 1), end))
            if part[0] <= part[1]
        ]
    return tuple(left)


def _set(ranges: Ranges, whole: str) -> str:
    if not ranges:
        raise ValueError(
            f"{whole!r} asks for a character that stands in no answer: a double quote, a backslash, a control"
            " character"
        )
    if ranges[-1][1] == LAST:  # said by what is left out: shorter, and all of it ascii as a rule
        left_out = _without(((0, LAST),), (*ranges, ILLEGAL[-1]))  # no text holds halves of characters
        return f"[^{_spans(left_out)}]"
    if ranges[0][0] == ranges[-1][1]:
        return _sign(ranges[0][0], within=False)
    return f"[{_spans(ranges)}]"


def _spans(ranges: Sequence[tuple[int, int]]) -> str:
    spans = ((_sign(first, within=True), _sign(last, within=True)) for first, last in ranges)
    return "".join(first if first == last else f"{first}-{last}" for first, last in spans)


def plainly(text: str) -> str:
    """A text as an expression of itself alone."""
    return "".join(_sign(ord(character), within=False) for character in text)


def _sign(code: int, *, within: bool) -> str:
    """A character as a sign that means itself, within a set or without; escaped only where it must be."""
    if chr(code) in r"\^$.|?*+()[]{}" or (within and chr(code) == "-"):
        return f"\\{chr(code)}"
    if code < 32 or 127 <= code < 160 or chr(code) in '"' or (within and chr(code) in "&~"):
        return f"\\x{code:02x}"
    return chr(code)
