"""What was said: how much of it in the model's own words, and how various it is."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from burgh.sim.types import Event

WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['’][^\W\u3400-\u9fff]+)*")
BLEU_ORDER = 2  # utterances are short: many have no four words in a row


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something an agent said and somebody heard. own: in words that the model wrote in that step."""

    tick: int
    speaker: str
    words: tuple[str, ...]
    own: bool


class Speech:
    """Takes in events, in their order, and keeps what the agents said."""

    def __init__(self) -> None:
        self.utterances: list[Utterance] = []
        self._replies: dict[tuple[int, str], list[str]] = {}

    def apply(self, event: Event) -> None:
        if event.kind == "model" and event.data["method"] == "complete" and event.agent is not None:
            kept = self._replies.setdefault((event.tick, event.agent), [])
            kept += [_plain(text) for text in event.data["replies"]]
        elif event.kind == "said" and event.agent is not None:
            words = event.data["words"]
            self.utterances.append(
                Utterance(event.tick, event.agent, words_of(words), self._is_own(event, event.agent, words))
            )

    def _is_own(self, event: Event, speaker: str, words: str) -> bool:
        """Whether the words, with the address before them, stand in what the model wrote in the same step.

        What is said is either the address and such a reply, or the plain form, which no model wrote.
        """
        address = re.match(rf"{re.escape(event.data['to'])}\s*[,:，：、]\s*", words)
        said = _plain(words[address.end() :]) if address else ""
        return bool(said) and any(said in reply for reply in self._replies.get((event.tick, speaker), ()))

    @property
    def words(self) -> int:
        """How many words were said."""
        return sum(len(one.words) for one in self.utterances)

    @property
    def own_words(self) -> int:
        """How many of them in utterances of the model's own wording."""
        return sum(len(one.words) for one in self.utterances if one.own)

    def own_share(self) -> float | None:
        """The share of spoken words that are the model's own; None where nothing was said."""
        return self.own_words / self.words if self.words else None

    def distinct(self, n: int = 2) -> float | None:
        """How various they are: see `distinct`."""
        return distinct([one.words for one in self.utterances], n)

    def self_bleu(self) -> float | None:
        """How alike they are: see `self_bleu`."""
        return self_bleu([one.words for one in self.utterances])


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in small letters; each Chinese character counts as one."""
    return tuple(WORD.findall(text.lower()))


def _plain(text: str) -> str:
    return " ".join(text.split())


def distinct(texts: Iterable[Sequence[str]], n: int = 2) -> float | None:
    """Distinct-n: different n-grams over all n-grams (Li et al. 2016). None where there are none."""
    grams = [gram for words in texts for gram in _grams(words, n)]
    return len(set(grams)) / len(grams) if grams else None


def self_bleu(texts: Sequence[Sequence[str]], order: int = BLEU_ORDER) -> float | None:
    """Self-BLEU (Zhu et al. 2018): the mean BLEU of each text with all others as references; 1 where all
    are alike. BLEU as in Papineni et al. (2002), a precision of zero counted as half a match.

    Texts shorter than the order are left out. None where fewer than two are left.
    """
    texts = [words for words in texts if len(words) >= order]
    if len(texts) < 2:
        return None
    logs = [0.0] * len(texts)
    for n in range(1, order + 1):
        counts = [Counter(_grams(words, n)) for words in texts]
        most = _two_most(counts)
        for k, own in enumerate(counts):
            matched = sum(
                min(times, most[gram][0 if most[gram][2] != k else 1]) for gram, times in own.items()
            )
            logs[k] += math.log((matched or 0.5) / sum(own.values())) / order
    lengths = sorted(map(len, texts))
    scores = [
        math.exp(log + min(0.0, 1 - _nearest_other(lengths, len(words)) / len(words)))
        for log, words in zip(logs, texts, strict=True)
    ]
    return sum(scores) / len(scores)


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[k : k + n]) for k in range(len(words) - n + 1)]


def _two_most(counts: Sequence[Counter[tuple[str, ...]]]) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """Of each n-gram how often it occurs at most in one text, at most in any other, and in which one."""
    most: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for k, own in enumerate(counts):
        for gram, times in own.items():
            first, second, where = most.get(gram, (0, 0, -1))
            if times > first:
                most[gram] = (times, first, k)
            elif times > second:
                most[gram] = (first, times, where)
    return most


def _nearest_other(lengths: Sequence[int], length: int) -> int:
    """The length nearest to this one among all others, the shorter of two. lengths: rising."""
    at = bisect_left(lengths, length)
    others = [*lengths[max(0, at - 1) : at], *lengths[at + 1 : at + 2]]
    return min(others, key=lambda other: (abs(other - length), other))
