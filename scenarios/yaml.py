"""YAML read strictly, with the line of every key: what is not plain data is refused in one sentence.

Scalars are those of YAML 1.2's core schema: `no` and `8:00` are texts, not a boolean and a number. Duplicate
keys, aliases, tags and several documents are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from burgh.sim.types import BurghError, Json

Path_: TypeAlias = tuple[str | int, ...]

MOST_BYTES = 1_000_000
PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file's data and where each part of it stands. lines: by path, as in ("agents", 2, "home")."""

    source: str
    data: Json
    lines: dict[Path_, int] = field(default_factory=dict)

    def where(self, path: Path_) -> str:
        """ "file:line: key", for the part at this path or, where it is missing, for what should hold it."""
        key = written(path)
        line = f"{self.source}:{self.line(path)}"
        return f"{line}: {key}" if key else line

    def line(self, path: Path_) -> int:
        """The line of this path or, where it is missing, of what should hold it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def written(path: Path_) -> str:
    """A path as people write it: agents[2].home."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def read_yaml(path: Path) -> Document:
    """Reads a file. Raises BurghError in one sentence for whatever is wrong with it."""
    return parse_yaml(read_text(path), str(path))


def read_text(path: Path) -> str:
    """A file's text. Raises BurghError where it is none."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BurghError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a null character in the name
        raise BurghError(f"{str(path)!r} is not the name of a file: {error}") from None
    if len(raw) > MOST_BYTES:
        raise BurghError(f"{path} is larger than {MOST_BYTES} bytes: that is no scenario")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BurghError(f"{path}:{line}: this is not UTF-8 text") from None


def parse_yaml(text: str, source: str) -> Document:
    """Reads YAML text; `source` is what errors call it."""
    try:
        node = _Loader(text).get_single_node()
        if node is None:
            raise BurghError(f"{source}: this file is empty")
        document = Document(source, None)
        return Document(source, _plain(node, (), document), document.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BurghError(f"{source}:{line}: {_problem(error)}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
        raise BurghError(f"{source}:{line}: the character U+{code:04X} may not stand here") from None
    except RecursionError:
        raise BurghError(f"{source}: this is nested too deeply") from None


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "this is not YAML").strip()
    if problem == "mapping values are not allowed here":
        return "a second ': ' in one line: put a text that holds one into quotes"
    return problem if problem.startswith("aliases") else f"this is not YAML: {problem}"


class _Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not read: write it out", problem_mark=mark)
        node: Node | None = super().compose_node(parent, index)
        return node


_SCALARS = {
    "null": (re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    "int": (re.compile(r"^[-+]?[0-9]{1,18}$"), list("-+0123456789")),
    "float": (
        re.compile(r"^[-+]?(?:\.[0-9]{1,18}|[0-9]{1,18}(?:\.[0-9]{0,18})?)(?:[eE][-+]?[0-9]{1,2})?$"),
        list("-+.0123456789"),
    ),
}
for _name, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(PREFIX + _name, _pattern, _first)


def _plain(node: Node, path: Path_, document: Document) -> Json:
    line = node.start_mark.line + 1
    document.lines.setdefault(path, line)
    kind = node.tag.removeprefix(PREFIX)
    if isinstance(node, MappingNode) and kind == "map":
        return _mapping(node, path, document)
    if isinstance(node, SequenceNode) and kind == "seq":
        return [_plain(item, (*path, n), document) for n, item in enumerate(node.value)]
    if isinstance(node, ScalarNode) and kind in ("str", *_SCALARS):
        return _scalar(kind, node.value, document.where(path))
    raise BurghError(f"{document.where(path)}: the tag {node.tag!r} is not read here")


def _mapping(node: MappingNode, path: Path_, document: Document) -> Json:
    data: dict[str, Json] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            raise BurghError(f"{document.source}:{line}: a key must be a plain text")
        key = str(_scalar("str", key_node.value, f"{document.source}:{line}"))
        if key in data:
            first = document.lines[(*path, key)]
            raise BurghError(
                f"{document.source}:{line}: {written((*path, key))} is written twice, first in line {first}"
            )
        document.lines[(*path, key)] = line
        data[key] = _plain(value_node, (*path, key), document)
    return data


def no_text(text: str) -> str | None:
    """The first character that may not stand in a text; None where all may."""
    bad = next((c for c in text if c not in "\n\t" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)), None)
    return bad or next((c for c in text if 0xD800 <= ord(c) < 0xE000), None)


def _scalar(kind: str, text: str, where: str) -> Json:
    if (bad := no_text(text)) is not None:
        raise BurghError(f"{where}: the character U+{ord(bad):04X} may not stand in a text")
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return int(text)
        return float(text) if kind == "float" else text
    except ValueError:  # a tag that does not fit, as in !!int x
        raise BurghError(f"{where}: {text!r} is no {kind}") from None
