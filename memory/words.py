"""Words in common: BM25 over an agent's memories (Robertson and Zaragoza, 2009), computed by bm25s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from burgh.memory.score import Floats

if TYPE_CHECKING:
    from bm25s import BM25

K1, B = 1.5, 0.75  # as is usual
EAST_ASIAN = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
PIECES = re.compile(rf"[{EAST_ASIAN}]+|[^\W_{EAST_ASIAN}]+")
ENDINGS = ("ing", "ed", "es", "s")
LEAST_STEM = 3
UNTOLD = """
a about an and are as at be been but by did do does for from had has have he her him his how i if in
is it its me my no nor not of on or our she so that the their them then there these they this those
to up us was we were what when where which who whom whose why will with you your
"""
STOP_WORDS = frozenset(UNTOLD.split())  # that tell no text from another


def tokens(text: str) -> list[str]:
    """The words of a text that tell it from others, in lower case and without common English endings.

    Scripts that set no spaces are cut into pairs of neighbouring characters, as is usual for them.
    """
    found: list[str] = []
    for piece in PIECES.findall(text.lower()):
        if re.match(f"[{EAST_ASIAN}]", piece):
            pairs = [piece[n : n + 2] for n in range(len(piece) - 1)]
            found += pairs or [piece]
        elif piece not in STOP_WORDS:
            found.append(_stem(piece))
    return found


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= LEAST_STEM:
            word = word.removesuffix(ending)
            break
    doubled = len(word) > LEAST_STEM and word[-1] == word[-2] and word[-1] not in "aeiouls"
    return word[:-1] if doubled else word.removesuffix("e") if len(word) > LEAST_STEM else word


class WordIndex:
    """The words of texts that are only ever added to; brought up to date when it is asked.

    It may be shared by forks: where the texts are not those it was made of, it is made anew.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._tokens: list[list[int]] = []
        self._numbers: dict[str, int] = {}  # of each word, in the order in which they came up
        self._index: BM25 | None = None

    def scores(self, texts: Sequence[str], query: str) -> Floats:
        """How well each text's words answer the query's: (n,), 0 where they have none in common."""
        if not texts:
            return np.zeros(0)
        self._follow(texts)
        asked = list(dict.fromkeys(tokens(query)))
        known = [self._numbers[word] for word in asked if word in self._numbers]
        if not known or self._index is None:
            return np.zeros(len(texts))
        found: Floats = self._index.get_scores_from_ids(known).astype(np.float64)
        return found

    def _follow(self, texts: Sequence[str]) -> None:
        if len(self._texts) == len(texts) and self._texts == list(texts):
            return
        if self._texts != list(texts[: len(self._texts)]):
            self._texts, self._tokens = [], []
        fresh = list(texts[len(self._texts) :])
        for text in fresh:
            words = tokens(text)
            self._tokens.append([self._numbers.setdefault(word, len(self._numbers)) for word in words])
        self._texts += fresh
        self._index = self._made() if any(self._tokens) else None

    def _made(self) -> BM25:
        from bm25s import BM25
        from bm25s.tokenization import Tokenized

        index = BM25(k1=K1, b=B, method="lucene")
        index.index(Tokenized(ids=self._tokens, vocab=self._numbers), show_progress=False)
        return index
