"""What commands write: tables and lines for people, json for machines, one sentence for a fault."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from burgh.sim.types import Json

out = Console(highlight=False, markup=False, emoji=False)
err = Console(highlight=False, markup=False, emoji=False, stderr=True)

LONG_WORD = re.compile(r"\S{200,}")  # no path that one keeps
WORD_SHOWN, SENTENCE_SHOWN = 80, 1_000  # characters


def write_json(data: Json) -> None:
    """Plain data as json on standard output, one value a call."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


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


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> Table:
    """A plain table. right: the columns of numbers. The last column takes what room is left."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        last = column == columns[-1]
        made.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=not last,
            overflow="fold" if last else "ellipsis",
            ratio=1 if last else None,
        )
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def amount(number: float) -> str:
    """A number with thousands set apart: 12,345."""
    return f"{number:,.0f}"


def count(number: int, noun: str) -> str:
    """ "1 frame", "2 frames"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
