"""Tools that answer from what an agent remembers and has written down."""

from __future__ import annotations

from burgh.agents.tools import base
from burgh.agents.tools.base import Desk, Result, Tool
from burgh.sim.types import BurghError

RECALLED = 3


class About(base.Arguments):
    about: str


class Line(base.Arguments):
    line: str


class Recall(Tool):
    """The memories that share most words with what is asked for, by BM25."""

    name = "recall"
    says = "what you remember about something"
    Arguments = About

    def use(self, arguments: About, desk: Desk) -> str:
        if not desk.memories:
            return "you remember nothing of that"
        import bm25s

        index = bm25s.BM25()
        texts = list(desk.memories)
        index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
        asked = bm25s.tokenize([arguments.about], stopwords="en", show_progress=False)
        numbers, scores = index.retrieve(asked, k=min(RECALLED, len(texts)), show_progress=False)
        found = [texts[number] for number, score in zip(numbers[0], scores[0], strict=True) if score > 0]
        return " ".join(found) if found else "you remember nothing of that"


class WriteNote(Tool):
    """Adds a line to the notebook."""

    name = "write_note"
    says = "writes a line into your notebook"
    Arguments = Line

    def use(self, arguments: Line, desk: Desk) -> Result:
        line = " ".join(arguments.line.split())
        if not line:
            raise BurghError("an empty line was not written down")
        return Result(f"written down: {line}", note=line)


class ReadNotes(Tool):
    """The notebook."""

    name = "read_notes"
    says = "reads your notebook"

    def use(self, arguments: base.Arguments, desk: Desk) -> str:
        return "; ".join(desk.notes[-RECALLED:]) if desk.notes else "your notebook is empty"
