"""The prompt files of minds: templates and lists of phrases, one a file and language (agents/prompts/)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files

from burgh.agents.prompts import Inputs
from burgh.scenarios.nearest import suggest
from burgh.sim.types import BurghError

USUAL_LANGUAGE = "en"
TEMPLATE, LISTED = ".j2", ".txt"
ID_DIGITS = 12  # as of strategies
ASKING = ("bidders.llm", "bidding", "campaigns.llm", "interview", "shops.llm", "strategies.situation")
ASIDE = re.compile(r"\s*\(see [^)]*\)")
FIRST_SENTENCE = re.compile(r"(.+?)[.;:](?:\s|$)", re.S)


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt file. name: "words.j2", the same in all languages. says: what it is for."""

    language: str
    name: str
    text: str
    says: str

    @property
    def whole_name(self) -> str:
        return f"{self.language}/{self.name}"

    @property
    def id(self) -> str:
        """The first 12 hex digits of the sha256 of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:ID_DIGITS]


def languages() -> tuple[str, ...]:
    """Those that there are prompts in, the usual one first."""
    folder = files("burgh.agents") / "prompts"
    found = {one.name for one in folder.iterdir() if one.is_dir() and (one / f"words{TEMPLATE}").is_file()}
    return (USUAL_LANGUAGE, *sorted(found - {USUAL_LANGUAGE}))


@cache
def texts() -> tuple[PromptText, ...]:
    """All of them, language by language."""
    return tuple(one for language in languages() for one in _of(language))


def _of(language: str) -> Iterator[PromptText]:
    folder = files("burgh.agents") / "prompts" / language
    for name in sorted(one.name for one in folder.iterdir() if one.name.endswith((TEMPLATE, LISTED))):
        yield PromptText(language, name, (folder / name).read_text(encoding="utf-8"), _says(name))


def text_named(name: str, besides: Iterable[str] = ()) -> PromptText:
    """By "words", "words.j2" or "zh/words.j2": in English where no language is named.

    besides: other names that might have been meant. Raises BurghError for an unknown name, and for one that
    is both a template's and a list's.
    """
    language, slash, plain = name.rpartition("/")
    if slash and language not in languages():
        raise BurghError(f"there are no prompts in {language!r}: {suggest(language, languages())}")
    known = {one.name: one for one in texts() if one.language == (language or USUAL_LANGUAGE)}
    found = [plain] if plain in known else [one for one in known if one.rpartition(".")[0] == plain]
    if len(found) > 1:
        raise BurghError(f"{name!r} is the name of two prompts: write {' or '.join(found)}")
    if not found:
        raise BurghError(f"no strategy or prompt is called {name!r}: {suggest(plain, [*besides, *known])}")
    return known[found[0]]


@cache
def _says(name: str) -> str:
    """What it is for, in English: of a template as its inputs say, of a list as its comment says."""
    if name.endswith(TEMPLATE):
        return _purposes().get(name.removesuffix(TEMPLATE), "")
    path = files("burgh.agents") / "prompts" / USUAL_LANGUAGE / name
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return _first_sentence(" ".join(line.lstrip("# ") for line in lines if line.startswith("#")))


@cache
def _purposes() -> dict[str, str]:
    """By template, what it asks."""
    for module in ASKING:  # whose inputs are known once they are imported
        import_module(f"burgh.agents.{module}")
    return {one.template: _first_sentence(one.__doc__ or "") for one in _kinds(Inputs)}


def _kinds(of: type[Inputs]) -> Iterator[type[Inputs]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _first_sentence(text: str) -> str:
    found = FIRST_SENTENCE.match(text.strip())
    return " ".join(ASIDE.sub("", found[1] if found else text).split())
