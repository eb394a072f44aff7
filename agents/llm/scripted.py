"""A language model made of rules and seeds: for tests, baselines, and runs without weights.

It scores by the words that an option shares with the end of the prompt, and writes legal answers at random
or says again what the prompt said last. A purpose (`Call.purpose`) can have a rule of its own:

    @SCORE_RULES.rule("importance")
    def importance(request: ScoreRequest, rng: random.Random) -> list[float]: ...
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Generic, TypeVar

from burgh.sim.protocols import CompleteRequest, Completion, Prompt, ScoreRequest, Scores, Usage
from burgh.sim.rng import stream
from burgh.sim.spec import Text, clean_text
from burgh.sim.types import Json

Request = TypeVar("Request")
Result = TypeVar("Result")

CHARS_PER_TOKEN = 4  # of English, roughly: what the accounts of a model without tokens count
LAST_LINES = 3  # of a prompt, the last weighing most
TIE_BREAK = 0.01
RECOGNISED = 0.8  # the share of its words by which something is recognised
CERTAIN = 40.0  # nats

_STOPWORDS = """a an and are as at be been but by for from had has have he her him his i in is it its me my
not of on or our she so that the their them then there they this to was we were will with you your"""
_WEIGHTY_POLE = "tragic important poignant vital grave serious momentous unforgettable 大事"
_TRIFLING_POLE = "trivial unimportant mundane minor dull forgettable ordinary 小事"
STOPWORDS = frozenset(_STOPWORDS.split())
POLES = dict.fromkeys(_WEIGHTY_POLE.split(), 1) | dict.fromkeys(_TRIFLING_POLE.split(), -1)
# Word stems that make a memory weigh more than a day's trifles, and how much.
WEIGHTY = {
    "die": 4.0, "dead": 4.0, "death": 4.0, "fire": 3.5, "burn": 3.0, "murder": 4.0, "funeral": 3.5,
    "wedding": 3.0, "marry": 3.0, "love": 2.0, "born": 3.0, "baby": 2.5, "ill": 2.0, "sick": 2.0,
    "hurt": 2.0, "lost": 1.5, "stolen": 2.5, "steal": 2.5, "war": 3.5, "storm": 2.0, "flood": 3.0,
    "market": 1.5, "festival": 2.0, "feast": 1.5, "news": 1.5, "announc": 1.5, "promis": 1.5,
    "quarrel": 2.0, "secret": 2.0, "friend": 1.0, "crier": 1.0, "debt": 1.5, "money": 1.0, "wolf": 4.0,
    "party": 2.0, "dance": 1.5, "election": 2.0,
    "去世": 4.0, "死了": 4.0, "着火": 3.5, "烧毁": 3.0, "结婚": 3.0, "婚礼": 3.0, "孩子": 1.5, "生病": 2.0,
    "受伤": 2.0, "丢了": 1.5, "偷了": 2.5, "集市": 1.5, "庙会": 2.0, "酒席": 1.5, "宴席": 1.5, "消息": 1.5,
    "吵架": 2.0, "秘密": 2.0, "朋友": 1.0, "欠了": 1.5, "洪水": 3.0, "舞会": 1.5, "离开": 1.5,
}  # fmt: skip
TRIFLE = 1.0  # weight at which a memory is as much one as the other


class Rules(Generic[Request, Result]):
    """Rules by purpose."""

    def __init__(self) -> None:
        self._rules: dict[str, Callable[[Request, random.Random], Result]] = {}

    def rule(
        self, *purposes: str
    ) -> Callable[[Callable[[Request, random.Random], Result]], Callable[[Request, random.Random], Result]]:
        """Registers a function as the rule of these purposes."""

        def register(
            function: Callable[[Request, random.Random], Result],
        ) -> Callable[[Request, random.Random], Result]:
            self._rules.update(dict.fromkeys(purposes, function))
            return function

        return register

    def get(self, purpose: str) -> Callable[[Request, random.Random], Result] | None:
        return self._rules.get(purpose)


# A rule for scores gives one log-likelihood an option; it need not be normalised.
SCORE_RULES: Rules[ScoreRequest, Sequence[float]] = Rules()
# A rule for completions gives one reply; it is asked once a sample. It must be legal under the spec.
COMPLETE_RULES: Rules[CompleteRequest, str] = Rules()


class ScriptedModel:
    """Rules and seeds in place of a language model, and in place of nothing else. The same prompt gets the
    same reply, as it would from a model."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @property
    def name(self) -> str:
        return "scripted"

    @property
    def identity(self) -> Mapping[str, Json]:
        return {"model": "scripted", "backend": "scripted", "seed": self.seed}

    async def score(self, request: ScoreRequest) -> Scores:
        rng = self._stream("score", request.prompt, "\x1e".join(request.options))
        rule = SCORE_RULES.get(request.call.purpose) or by_words
        logprobs = _normalised(rule(request, rng))
        lengths = tuple(_tokens(option) for option in request.options)
        usage = Usage(tokens_in=_prompt_tokens(request.prompt) + sum(lengths))
        return Scores(logprobs, lengths, usage, "rules")

    async def complete(self, request: CompleteRequest) -> Completion:
        rule = COMPLETE_RULES.get(request.call.purpose) or write_anything
        texts = []
        for sample in range(request.samples):
            rng = self._stream("complete", request.prompt, f"{request.seed}.{sample}")
            texts.append(_stopped(rule(request, rng), request.stop))
        usage = Usage(tokens_in=_prompt_tokens(request.prompt), tokens_out=sum(map(_tokens, texts)))
        return Completion(tuple(texts), usage)

    def _stream(self, role: str, prompt: Prompt, more: str) -> random.Random:
        asked = "\x1f".join((prompt.prefix, prompt.suffix, more))
        return stream(self.seed, f"scripted {role} {hashlib.sha256(asked.encode()).hexdigest()}")


def make(name: str, *, device: str, threads: int | None, seed: int) -> ScriptedModel:
    """The backend `scripted` of the group `burgh.models`."""
    return ScriptedModel(seed)


def stems(text: str) -> list[str]:
    """The words of a text that carry meaning, without their commonest endings."""
    words = [word for piece in re.findall(r"[^\W\d_]+", text.lower()) for word in _words(piece)]
    return [re.sub(r"(?<=..)(ing|ed|es|s|e|ly)$", "", word) for word in words if word not in STOPWORDS]


def _words(piece: str) -> list[str]:
    """A word as it is; of a script without spaces the pairs of neighbouring characters."""
    if not "\u3400" <= piece[0] <= "\u9fff":
        return [piece]
    return [piece[n : n + 2] for n in range(max(1, len(piece) - 1))]


def last_lines(prompt: Prompt) -> list[str]:
    """The prompt's last lines that are not empty, the very last first."""
    lines = [line for line in (prompt.prefix + prompt.suffix).splitlines() if line.strip()]
    return lines[: -LAST_LINES - 1 : -1]


def by_words(request: ScoreRequest, rng: random.Random) -> list[float]:
    """Options by the words they share with the prompt's end; grave against trivial by weighty words."""
    words = [set(stems(option)) for option in request.options]
    poles = [_pole(option) for option in request.options]
    lines = last_lines(request.prompt)
    if any(poles) and lines:
        weight = importance(lines[0]) - TRIFLE
        return [pole * weight + rng.random() * TIE_BREAK for pole in poles]
    scores = []
    for option in words:
        shared = sum(
            len(option & set(stems(line))) / (place * max(1, len(option)) ** 0.5)
            for place, line in enumerate(lines, 1)
        )
        scores.append(2 * shared + rng.random() * TIE_BREAK)
    return scores


def importance(text: str) -> float:
    """How much a memory weighs by its words: 0 for a trifle, about 4 for a death."""
    found = sorted((_weights().get(stem, 0.0) for stem in set(stems(text))), reverse=True)
    return sum(weight * 0.5**place for place, weight in enumerate(found))


@cache
def _weights() -> Mapping[str, float]:
    return {stem: weight for word, weight in WEIGHTY.items() for stem in stems(word)}


def _pole(option: str) -> int:
    return POLES.get(option.strip().lower().rstrip("."), 0)


def write_anything(request: CompleteRequest, rng: random.Random) -> str:
    """A legal answer at random; where a text is wanted, the prompt's last sentence."""
    spec = request.spec
    if spec is not None and not isinstance(spec, Text):
        return spec.write(spec.sample(rng))
    limit = request.max_tokens * CHARS_PER_TOKEN
    said = clean_text(last_sentence(request.prompt), limit if spec is None else min(limit, spec.max_chars))
    if said or spec is None or spec.may_be_empty:
        return said
    return spec.write(spec.sample(rng))


@COMPLETE_RULES.rule("answer", "words")
def assent(request: CompleteRequest, rng: random.Random) -> str:
    """A word of assent: a script has no words of its own, so that the plain form is said."""
    return rng.choice(("Indeed.", "Good.", "Well, well."))


@SCORE_RULES.rule("interview knows")
def recognise(request: ScoreRequest, rng: random.Random) -> list[float]:
    """Whether the first option was heard, or anything else: it was where what is remembered, in the line
    before the last, has nearly all of its words."""
    remembered = last_lines(request.prompt)[1:2]
    wanted = set(stems(request.options[0]))
    there = set(stems(re.split("[:：]", remembered[0], maxsplit=1)[-1])) if remembered else set()
    known = len(wanted & there) >= RECOGNISED * len(wanted)
    return [CERTAIN if known else -CERTAIN, *(rng.random() * TIE_BREAK for _ in request.options[1:])]


def last_sentence(prompt: Prompt) -> str:
    """What was said last in quotes among the prompt's last lines, else its last whole sentence."""
    lines = last_lines(prompt)
    for line in lines:
        quoted: list[str] = re.findall(r'["“]([^"“”]+)["”]', line)
        if quoted:
            return quoted[-1].strip()
    for line in lines:
        sentences: list[str] = re.findall(r"[^.!?:]*[^.!?:\s][^.!?:]*[.!?]", line)
        if sentences:
            return sentences[-1].strip()
    return lines[0].strip() if lines else ""


def _stopped(text: str, stops: Sequence[str]) -> str:
    cuts = [text.index(stop) for stop in stops if stop and stop in text]
    return text[: min(cuts)] if cuts else text


def _normalised(scores: Sequence[float]) -> tuple[float, ...]:
    """As log-likelihoods of which one must happen."""
    if not scores:
        return ()
    top = max(scores)
    whole = top + math.log(sum(math.exp(score - top) for score in scores))
    return tuple(score - whole for score in scores)


def _tokens(text: str) -> int:
    return max(1, math.ceil(len(text) / CHARS_PER_TOKEN))


def _prompt_tokens(prompt: Prompt) -> int:
    return _tokens(prompt.prefix) + _tokens(prompt.suffix)
