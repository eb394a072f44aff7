"""Prompts: one template a file and language, rendered from typed inputs, the shared part first.

A template has a block `prefix`, the same for many calls and therefore cached by the engine, and a block
`suffix`, which is this call's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import ClassVar

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from burgh.sim.protocols import Prompt


class Inputs:
    """What a template is rendered from; subclasses are frozen dataclasses and name their template."""

    template: ClassVar[str]


class Remembered(str):
    """The text of a memory that came to mind, and when it was made (a tick): the oldest are left out of a
    prompt that is too long."""

    __slots__ = ("created",)
    created: int

    def __new__(cls, text: str, created: int) -> Remembered:
        made = super().__new__(cls, text)
        made.created = created
        return made


@dataclass(frozen=True, slots=True)
class Importance(Inputs):
    """How much something matters, answered as one of the labels (see `importance_labels`)."""

    template: ClassVar[str] = "importance"
    text: str


@dataclass(frozen=True, slots=True)
class Whereabouts(Inputs):
    """Where somebody goes at a time, with or without something heard; answered by a place."""

    template: ClassVar[str] = "whereabouts"
    name: str
    job: str
    wish: str
    time: str
    heard: str  # "" leaves the news out: the neutral context


@dataclass(frozen=True, slots=True)
class Doing(Inputs):
    """What somebody does next, answered by an activity."""

    template: ClassVar[str] = "doing"
    name: str
    job: str
    time: str
    place: str
    before: str


@dataclass(frozen=True, slots=True)
class Errands(Inputs):
    """Which of several errands somebody chooses, answered by the errand."""

    template: ClassVar[str] = "errands"
    name: str
    job: str
    wish: str
    time: str
    yesterday: str = ""  # what one keeps of the day before


@dataclass(frozen=True, slots=True)
class Salient(Inputs):
    """Which question matters, answered by one. Empty: the neutral context."""

    template: ClassVar[str] = "salient"
    lately: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wondering(Inputs):
    """Which questions matter; answered in a form."""

    template: ClassVar[str] = "wondering"
    lately: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Concluding(Inputs):
    """What follows for a question; answered in a form that cites the numbers of the statements."""

    template: ClassVar[str] = "concluding"
    question: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Insight(Inputs):
    """What follows about somebody from what is known, answered by a description."""

    template: ClassVar[str] = "insight"
    subject: str
    evidence: tuple[str, ...]  # empty: the neutral context


@dataclass(frozen=True, slots=True)
class Acts(Inputs):
    """What somebody says to another for; answered by an act. knows: what comes to mind, in sentences; said:
    what was said last. Without both, the neutral context."""

    template: ClassVar[str] = "acts"
    name: str
    job: str
    other: str
    knows: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seeing(Inputs):
    """Whether somebody goes on or stops for what is seen; "" for the neutral context."""

    template: ClassVar[str] = "seeing"
    name: str
    job: str
    doing: str
    seen: str


@dataclass(frozen=True, slots=True)
class Words(Inputs):
    """How somebody says what is meant; answered in words."""

    template: ClassVar[str] = "words"
    speaker: str
    listener: str
    meaning: str
    remembers: tuple[str, ...] = ()  # of the listener; not in this prompt, but in the next
    said: tuple[tuple[str, str], ...] = ()  # what the two said last; likewise


@dataclass(frozen=True, slots=True)
class WordsInTalk(Words):
    """How somebody says what is meant, with what is remembered and was said before it: for a model that does
    not mix it in."""

    template: ClassVar[str] = "words_in_talk"


@dataclass(frozen=True, slots=True)
class Answering(Inputs):
    """What somebody answers to what was said; answered in words. remembers, said: as of Words."""

    template: ClassVar[str] = "answering"
    speaker: str
    listener: str
    heard: str
    remembers: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AnsweringInTalk(Answering):
    """What somebody answers to what was said, with what is remembered and was said before it."""

    template: ClassVar[str] = "answering_in_talk"


@dataclass(frozen=True, slots=True)
class Rewriting(Inputs):
    """A question to one's memory in other words; answered in words."""

    template: ClassVar[str] = "rewriting"
    question: str


@dataclass(frozen=True, slots=True)
class Imagining(Inputs):
    """A memory that would answer a question, were there one; answered in words."""

    template: ClassVar[str] = "imagining"
    question: str


@cache
def environment_of(language: str) -> Environment:
    """Where the templates of a language are read, with the filters that they use."""
    folder = files("burgh.agents") / "prompts" / language

    def read(name: str) -> str:
        return (folder / f"{name}.j2").read_text(encoding="utf-8")

    made = Environment(
        loader=FunctionLoader(read), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    made.filters["begins"] = _begins
    return made


def _begins(text: str) -> str:
    """As it stands at the beginning of a sentence: with a capital, and its names as they are."""
    return text[:1].upper() + text[1:]


def render(inputs: Inputs, language: str = "en") -> Prompt:
    """The prompt of these inputs."""
    template = environment_of(language).get_template(inputs.template)
    values = {one.name: getattr(inputs, one.name) for one in fields(inputs)}  # type: ignore[arg-type]
    return Prompt(_block(template, "prefix", values), _block(template, "suffix", values))


def _block(template: Template, name: str, values: dict[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(values)))


def text_hash(text: str) -> str:
    """A short name for a text: the first 16 hex digits of its sha256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Rated:
    """A reference memory and its intended importance, 1 to 10."""

    rating: float
    text: str


@cache
def references(language: str = "en") -> tuple[Rated, ...]:
    """Reference memories, mostly mundane, as days are; against them a model's scores become ratings."""
    return _rated("references", language)


@cache
def rated(language: str = "en") -> tuple[Rated, ...]:
    """More memories with their importance, from which that of others is read by likeness of meaning."""
    return _rated("rated", language)


def _rated(name: str, language: str) -> tuple[Rated, ...]:
    pairs = (line.split(" ", 1) for line in phrases(name, language))
    return tuple(Rated(float(rating), sentence) for rating, sentence in pairs)


@cache
def importance_labels(language: str = "en") -> tuple[str, ...]:
    """What answers Importance: of little weight, and of much."""
    return tuple(f" {label}" for label in phrases("labels", language))


@cache
def _sentences(language: str) -> Mapping[str, str]:
    return dict(line.split(": ", 1) for line in phrases("sentences", language))


def sentence(key: str, language: str, **parts: str) -> str:
    """A sentence in which minds keep something, from sentences.txt of the language."""
    return _sentences(language)[key].format(**parts)


@cache
def phrases(name: str, language: str = "en") -> tuple[str, ...]:
    """A list of phrases: one a line in NAME.txt (`descriptions`, `visiting`)."""
    text = (files("burgh.agents") / "prompts" / language / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
