"""What kind of question one is asked in an interview, by how it begins."""

from __future__ import annotations

from typing import Literal, get_args

from burgh.agents.prompts import phrases

QuestionKind = Literal["self", "memory", "plans", "reaction", "reflection", "knows"]
KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)


def kind_of(question: str, language: str) -> QuestionKind:
    """What kind of question it is, by how it begins."""
    asked = question.strip().lower()
    for kind, cue in cues(language):
        if asked.startswith(cue):
            return kind
    return "memory"


def statement_of(question: str, language: str) -> str:
    """What a question asks whether one knows of, as a statement: without its cue and question mark."""
    asked = question.strip().rstrip("?？ ").removesuffix("吗").strip()
    for kind, cue in cues(language):
        if kind == "knows" and asked.lower().startswith(cue):
            asked = asked[len(cue) :].strip(' :：,，"“”')
            break
    return f"{asked[:1].upper()}{asked[1:]}" + ("" if asked.endswith((".", "。", "!")) else ".")


def cues(language: str) -> list[tuple[QuestionKind, str]]:
    """The cues of a language, with the kind of question that each tells."""
    pairs = (line.split(": ", 1) for line in phrases("cues", language))
    kinds: dict[str, QuestionKind] = {kind: kind for kind in KINDS}
    return [(kinds[kind], cue) for kind, cue in pairs]
