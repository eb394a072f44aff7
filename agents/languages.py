"""What differs between languages besides prompts: where words end, how names stand, how lists are written."""

from __future__ import annotations

import re
from collections.abc import Iterable

from burgh.memory.words import EAST_ASIAN

UNSPACED = frozenset({"zh"})  # languages that set no spaces between words
SCRIPT = re.compile(f"[{EAST_ASIAN}]")
RUN = re.compile(f"[{EAST_ASIAN}]+")
LISTED = {"zh": {"; ": "；", ", ": "、", " ": ""}}  # marks between the parts of a list


def pattern_of(name: str) -> str:
    """A pattern that finds a name as a word of its own, or anywhere in a script that sets no spaces."""
    return re.escape(name) if SCRIPT.search(name) else rf"\b{re.escape(name)}\b"


def stands_in(name: str, text: str) -> bool:
    """Whether a text names somebody."""
    return re.search(pattern_of(name), text) is not None


def n_words(text: str) -> int:
    """How many words a text has, at least 1; two characters of a script without spaces count as one."""
    characters = sum(map(len, RUN.findall(text)))
    return max(1, len(RUN.sub(" ", text).split()) + -(-characters // 2))


def pairs(text: str) -> list[str]:
    """Neighbouring characters of a text in scripts without spaces, which stand for its words there."""
    return [run[n : n + 2] for run in RUN.findall(text) for n in range(max(1, len(run) - 1))]


def listed(parts: Iterable[str], mark: str, language: str) -> str:
    """Parts one after another with a mark between them, as the language sets it."""
    return LISTED.get(language, {}).get(mark, mark).join(parts)


def option(text: str, language: str) -> str:
    """How an option follows a prompt: after a space, where words are set apart by one."""
    return text.lstrip() if language in UNSPACED else text
