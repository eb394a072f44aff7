"""What commands write: tables and lines for people, json for machines, one sentence for a fault."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from burgh.sim.types import Json


class _Out(Console):
    """Standard output. A pipe that nobody reads is an OSError like every other."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class _Err(_Out):
    """Standard error. What cannot be written there is left unsaid."""

    def print(self, *objects: Any, **how: Any) -> None:
        with suppress(OSError):
            super().print(*objects, **how)


out = _Out(highlight=False, markup=False, emoji=False)
err = _Err(highlight=False, markup=False, emoji=False, stderr=True)

WHEN = "as in 09:40, day 2, 09:40, 2026-05-05 09:40 or tick 900"  # what `sim.clock.moment_named` reads
STDOUT = Path("-")  # in the place of a file's name: standard output, of what is text
SCRIPTED = "scripted"  # the model that is none
LONG_WORD = re.compile(r"\S{200,}")  # no path that one keeps
WORD_SHOWN, SENTENCE_SHOWN = 80, 1_000  # characters
STDERR = 2  # the last of the standard streams' numbers


def write_json(data: Json) -> None:
    """Plain data as json on standard output, one value a call."""
    unicode = out.encoding.startswith("utf")
    sys.stdout.write(json.dumps(data, ensure_ascii=not unicode, indent=2) + "\n")


def open_streams() -> None:
    """Before a command: streams that are closed lead nowhere, letters that one has not are question marks."""
    while (free := os.open(os.devnull, os.O_RDWR)) <= STDERR:  # or a record would be opened in their place
        pass
    os.close(free)
    sys.stdout = sys.stdout or StringIO()
    sys.stderr = sys.stderr or StringIO()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def close_streams() -> None:
    """After a command: what could not be written goes nowhere, or Python would complain of it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def line(text: str, style: str = "") -> None:
    """A line that is never broken, so that it can be piped on."""
    out.print(Text(text, style=style), soft_wrap=True)


def say_fault(sentence: str) -> None:
    """What a user can mend, in one line on standard error."""
    short = LONG_WORD.sub(lambda found: _shown(found[0], WORD_SHOWN), sentence)
    err.print(f"burgh: {_shown(short, SENTENCE_SHOWN)}", soft_wrap=True)


def _shown(text: str, most: int) -> str:
    """A text without its middle where it is too long: what was given may be of any length."""
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-most // 2 + 3 :]}"


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    broken: Sequence[str] = (),
) -> Table:
    """A plain table. right: the columns of numbers. broken: those that may go over several lines, so that
    others are whole. The last column takes what room is left, and may too."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        last = column == columns[-1]
        made.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=not last and column not in broken,
            overflow="fold" if last or column in broken else "ellipsis",
            ratio=1 if last else None,
        )
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def asked_of(model: str) -> str:
    """The title of what was asked of a model, by its name."""
    return "Asked of the rules in place of a model" if model == SCRIPTED else "Asked of the language model"


def amount(number: float) -> str:
    """A number with thousands set apart: 12,345."""
    return f"{number:,.0f}"


def count(number: int, noun: str) -> str:
    """ "1 frame", "2 frames"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def file_size(size_bytes: int) -> str:
    """ "0.8 MB", "41 kB"."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 100_000 else f"{max(1, round(size_bytes / 1e3))} kB"
