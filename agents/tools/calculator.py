"""A calculator: sums are parsed, never evaluated as code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from burgh.agents.tools import base
from burgh.agents.tools.base import Desk, Tool
from burgh.sim.types import BurghError

MOST_DIGITS = 30
SHOWN_CHARS = 80  # of a sum, in an error
TWO: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
ONE: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}


class Sum(base.Arguments):
    sum: str


class Calculator(Tool):
    """Adds, subtracts, multiplies and divides."""

    name = "calculator"
    says = "works out a sum such as 2 * 45 / 3"
    Arguments = Sum

    def use(self, arguments: Sum, desk: Desk) -> str:
        return f"{arguments.sum} = {_written(calculate(arguments.sum))}"


def calculate(text: str) -> float:
    """The value of a sum of numbers, + - * / // % and brackets. Raises BurghError."""
    shown = text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]} ..."
    try:
        tree = ast.parse(text.strip(), mode="eval")
        value = _value(tree.body)
    except ZeroDivisionError:
        raise BurghError(f"{shown!r} divides by zero") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BurghError(f"{shown!r} is no sum: write one such as 2 * 45 / 3") from None
    if abs(value) >= 10**MOST_DIGITS:
        raise BurghError(f"{shown!r} is larger than {MOST_DIGITS} digits")
    return value


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant):
        number = node.value
        if isinstance(number, bool) or not isinstance(number, int | float) or abs(number) >= 10**MOST_DIGITS:
            raise ValueError
        return number
    if isinstance(node, ast.BinOp) and type(node.op) in TWO:
        value: float = TWO[type(node.op)](_value(node.left), _value(node.right))
    elif isinstance(node, ast.UnaryOp) and type(node.op) in ONE:
        value = ONE[type(node.op)](_value(node.operand))
    else:
        raise ValueError
    if abs(value) >= 10**MOST_DIGITS:
        raise ValueError
    return value


def _written(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.4f}".rstrip("0").rstrip(".")
