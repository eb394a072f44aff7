"""Speaking of oneself: one's description, and what one remembers in the third person as one says it."""

from __future__ import annotations

import re

from burgh.agents.persona import Persona
from burgh.agents.places import spoken
from burgh.agents.prompts import phrases

WORD = "="  # before a word that is another when one speaks of oneself
# How one says what minds make of themselves, besides what is known of them (`ways`): what follows the name.
MADE = {"plans to": "I plan to", "will": "I will", "told": "I told"}


def ways(language: str) -> dict[str, str]:
    """How one says of oneself what is known of one, by what follows the name (firstperson.txt)."""
    return dict(line.split(": ", 1) for line in phrases("firstperson", language))


def described(persona: Persona, language: str) -> tuple[str, ...]:
    """One's own description, a sentence each: what backs an answer about oneself besides memories."""
    home, work = spoken(persona.home), spoken(persona.work) if persona.work else ""
    if language == "zh":
        told = [f"我叫{persona.name}，{persona.age}岁，是{persona.job}。", f"我住在{home}。"]
        return tuple(told + ([f"我在{work}工作。"] if work else []))
    told = [f"I am {persona.name}, {persona.age}, {persona.job}.", f"I live at the {home}."]
    if work:
        told.append(f"I work at the {work}, as {persona.job}.")
    if persona.traits:
        told.append(f"People call me {persona.traits}.")
    return tuple(told)


def first_person(name: str, text: str, language: str = "en") -> str:
    """What somebody remembers in the third person as they say it, where the form of the sentence is one of
    those in which memories are made; else as it stands."""
    if language == "zh":
        return text.replace(name, "我")
    own = re.escape(name)
    text = re.sub(rf"\b{own} and (\w[\w ]*?)(?= (?:talked:|will meet))", r"\1 and I", text)
    text = re.sub(rf"\band {own}(?= (?:talked:|will meet))", "and I", text)
    text = re.sub(rf"\bWhat {own} keeps of\b", "What I keep of", text)
    known = {way: how for way, how in ways(language).items() if not way.startswith(WORD)}
    said = known | MADE
    longest_first = "|".join(sorted(map(re.escape, said), key=len, reverse=True))
    text = re.sub(rf"\b{own} ({longest_first})\b", lambda found: said[found[1]], text)
    text = re.sub(rf"\bmarried to {own}\b", "married to me", text)
    text = re.sub(rf"\bof {own}\b(?!')", "of mine", text)
    text = re.sub(rf"\b(to|for|with|from|beside|by|told) {own}\b(?!')", r"\1 me", text)
    text = re.sub(rf"(^|[.:;!?] )?\b{own}'s\b", lambda found: _my(found[1]), text)
    if text.startswith(tuple(f"{how} " for how in known.values())):  # what one told may be of others
        text = ones_own(text, language)
    return text[:1].upper() + text[1:]


def ones_own(text: str, language: str) -> str:
    """What is said of oneself, with the words that are others then: "his" is "my"."""
    for word, own in ways(language).items():
        if word.startswith(WORD):
            text = re.sub(rf"\b{re.escape(word[len(WORD) :])}\b", own, text)
    return text


def _my(before: str | None) -> str:
    return "my" if before is None else f"{before}My"
