"""Places as minds speak of them: the path `Burgh : Bakery : Shop` is "the bakery"."""

from __future__ import annotations

from collections.abc import Iterable

from burgh.agents.languages import SCRIPT
from burgh.sim.spec import ActionSpec, Choice, ToolCall

SEPARATOR = " : "
ENDING = 2  # characters that tell what a place is


def spoken(path: str) -> str:
    """The building or area a path lies in, in plain words: "bakery", "market square"."""
    parts = path.split(SEPARATOR)
    return (parts[1] if len(parts) > 1 else parts[0]).lower()


def destinations(spec: ActionSpec) -> tuple[str, ...]:
    """The paths that a spec allows one to go to; none where it has no such tool."""
    options = options_of(spec, "go", "place")
    return options if options is not None else ()


def options_of(spec: ActionSpec, tool: str, field: str) -> tuple[str, ...] | None:
    """The options of a choice among a tool's arguments, or None where there is no such tool or choice."""
    if not isinstance(spec, ToolCall) or tool not in spec.tools:
        return None
    asked = dict(spec.tools[tool].fields).get(field)
    return asked.options if isinstance(asked, Choice) else None


def mentioned(paths: Iterable[str], text: str) -> list[str]:
    """Those paths whose building or area has a word in the text: "on the square" is the market square."""
    words = {word.strip(".,;:!?'\"").lower() for word in text.split()}
    return [path for path in paths if words & set(spoken(path).split()) or _called(spoken(path), text)]


def _called(name: str, text: str) -> bool:
    """Whether a text has the end of a name that is written without spaces: 广场 for 集市广场."""
    return SCRIPT.search(name) is not None and name[-ENDING:] in text
