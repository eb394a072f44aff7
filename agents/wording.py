"""Wording: the model's own words where they still mean what is meant, else the plain form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from burgh.agents.clocktimes import times_in, without_times
from burgh.agents.languages import SCRIPT, pairs, pattern_of, stands_in
from burgh.agents.prompts import Answering, Words, phrases, sentence
from burgh.agents.turn import Turn
from burgh.sim.spec import Text, clean_text

THEY = {"en": "they", "zh": "他"}  # in place of names
MAX_CHARS = 200  # of what is said in one breath
WORD = re.compile(r"[\w']+")
SENTENCE = re.compile(r"[^.!?。！？]*[.!?。！？]")
LARGE = re.compile(r"(?<=[\w,;:] )[A-Z][a-z]+")  # amid a sentence: a name
NUMERALS = re.compile(r"\d+|[二三四五六七八九十百千万]+")  # 一 and 两 are said of what is no number too
SHORT_LETTERS = 3  # of a word that may name a thing
UNCLAIMED = "-"  # before what says nothing of anybody
STEM_LETTERS = 4  # words that begin alike are taken for the same: raised, raising


async def worded(
    turn: Turn,
    other: str,
    inputs: Words | Answering,
    meaning: str,
    *,
    plain: str,
    least_shared: float,
    says_all: bool = True,
    most_likeness: float = math.inf,
    purpose: str = "words",
) -> str:
    """Of the model's wordings the one nearest to what is meant, addressed to the other; else the plain form.

    A wording must name the same times, add no number, day, denial or person, share enough of the words that
    matter (least_shared, of 1), and lie near in meaning with the names left out, since names alone make any
    two sentences alike. One that is to say all (says_all) names everybody else whom the meaning names, has
    its short words too (a cow, a net), and says nothing of oneself or of the other that is not meant of
    them. It must not mix in what the prompt says besides: a small model takes up what was said before.
    most_likeness: an answer is not what was heard once more (no bound: the cosine of a text with itself may
    come out above 1, by its last bit).
    """
    written = await turn.ask.write(
        purpose,
        inputs,
        Text("What does one say?", turn.settings.word_tokens),
        samples=turn.settings.word_candidates,
        max_tokens=turn.settings.word_tokens,
    )
    names = {turn.name, other, *turn.state.talks, *turn.persona.relations}
    wanted = _named(names - {turn.name}, meaning) & names if says_all else set()
    besides = " ".join((*inputs.remembers, *(words for _, words in inputs.said)))
    mixed_in = matters(besides, names) - matters(f"{meaning} {plain}", names)
    candidates = [
        sentences
        for text in written
        for sentences in whole_sentences(text)
        if keeps_to(meaning, sentences, phrases("guarded", turn.settings.language))
        and _named(names, sentences) <= {*_named(names, meaning), *WORD.findall(meaning), turn.name, other}
        and wanted <= _named(names, sentences)
        and shared(meaning, sentences, names) >= least_shared
        and not matters(sentences, names) & mixed_in
        and (not says_all or _says_all(meaning, sentences, names, turn.settings.language))
    ]
    if not candidates:
        return plain
    bare = [without(names, text, THEY[turn.settings.language]) for text in (meaning, *candidates)]
    vectors = turn.embedder.embed(bare)  # (1 + n_candidates, dimension)
    likeness = vectors[1:] @ vectors[0]  # (n_candidates,)
    fitting = [n for n, like in enumerate(likeness.tolist()) if like <= most_likeness]
    best = max(fitting, key=lambda n: float(likeness[n]), default=None)
    if best is None or likeness[best] < turn.settings.words_likeness:
        return plain
    return sentence("addressed", turn.settings.language, other=other, words=candidates[best])


def whole_sentences(text: str) -> list[str]:
    """The first sentence of a reply, and its first two; what was broken off is left out."""
    sentences = SENTENCE.findall(clean_text(text, MAX_CHARS).lstrip(".,!? 。，！？"))[:2]
    return list(dict.fromkeys("".join(sentences[: n + 1]).strip() for n in range(len(sentences))))


def shortened(text: str, max_chars: int) -> str:
    """The first whole sentences of a text, so many characters at most: half a sentence may say what is not
    so. Where the first is too long, it is broken off, and seen to be."""
    legal = clean_text(text, len(text))
    if len(legal) <= max_chars:
        return legal
    kept = ""
    for one in SENTENCE.findall(legal):
        if len(kept) + len(one) > max_chars:
            break
        kept += one
    return kept.strip() or f"{clean_text(legal, max_chars - 2)} …"


def keeps_to(meaning: str, words: str, guarded: Iterable[str]) -> bool:
    """Whether words name the same times as what is meant, and no number, day or denial that it does not."""
    if set(times_in(words)) != set(times_in(meaning)):
        return False
    if SCRIPT.search(words) and not _keeps_characters(meaning, words, guarded):
        return False
    said, meant = ({*WORD.findall(text.lower().replace("’", "'"))} for text in (words, meaning))
    return all(word in meant for word in said if word.isdecimal() or word in guarded)


def _says_all(meaning: str, words: str, names: Iterable[str], language: str) -> bool:
    """Whether words have the short words of what is meant too, and say of oneself or of the other only what
    is meant of them."""
    meant, said = (text.lower().replace("’", "'") for text in (meaning, words))
    heard = WORD.findall(said)
    small = phrases("small", language)
    bare = WORD.findall(without(names, meaning, "").lower())
    short = {one for one in bare if len(one) == SHORT_LETTERS and not SCRIPT.search(one)} - {*small}
    if not all(any(word.startswith(one) for word in heard) for one in short):
        return False
    claims = [line.split(": ", 1) for line in phrases("claims", language)]
    for whose, claim in claims:
        if whose == UNCLAIMED:
            said = said.replace(claim, " ")
    return all(
        any(stands_in(word, meant) for word in whose.split())
        for whose, claim in claims
        if whose != UNCLAIMED and stands_in(claim, said)
    )


def _keeps_characters(meaning: str, words: str, guarded: Iterable[str]) -> bool:
    """The same where no spaces set words apart: no numeral and no guarded word that is not meant."""
    numerals = NUMERALS.findall(without_times(words))
    return all(one in meaning for one in numerals) and all(
        word in meaning for word in guarded if word in words
    )


def n_weighty(text: str) -> int:
    """How many words of a text are long enough to tell something."""
    long = sum(len(word) >= STEM_LETTERS for word in WORD.findall(text) if not SCRIPT.search(word))
    return long + len(pairs(text))


def shared(meaning: str, words: str, names: Iterable[str] = ()) -> float:
    """The share of the meaning's longer words, names aside, that the words take up: 0 to 1, 1 for none."""
    meant, said = (matters(text, names) for text in (meaning, words))
    return len(meant & said) / len(meant) if meant else 1.0


def matters(text: str, names: Iterable[str] = ()) -> set[str]:
    """The words of a text that matter, names aside, by how they begin."""
    words = WORD.findall(without(names, text, "").lower())
    latin = {word[:STEM_LETTERS] for word in words if len(word) >= STEM_LETTERS and not SCRIPT.search(word)}
    return latin | set(pairs(without(names, text, " ")))


def _named(names: Iterable[str], text: str) -> set[str]:
    """The people whom a text names: those of these names, and whatever is written large amid a sentence."""
    known = {name for name in names if stands_in(name, text)}
    return known | set(LARGE.findall(text))


def without(names: Iterable[str], text: str, instead: str) -> str:
    """The text with a word in place of each name."""
    for name in sorted(names, key=lambda name: (-len(name) if SCRIPT.search(name) else 0, name)):
        text = re.sub(pattern_of(name), instead, text)
    return text
