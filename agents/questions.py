"""What kind of question one is asked in an interview, by how it begins."""

from __future__ import annotations

import re
from typing import Literal, get_args

from burgh.agents.clocktimes import times_in, without_times
from burgh.agents.languages import UNSPACED
from burgh.agents.prompts import phrases
from burgh.agents.when import days_in

QuestionKind = Literal["self", "memory", "plans", "reaction", "reflection", "knows"]
NOW, TIMED = "now", "timed"  # after a kind: of this very moment; only where the question names a time
KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)


def kind_of(question: str, language: str) -> QuestionKind:
    """What kind of question it is, by how it begins when its times and days are left out."""
    return _told(question, language)[0]


def asks_of_now(question: str, language: str) -> bool:
    """Whether it is asked what is planned for this very moment: it names no time, and its cue is for that."""
    return _told(question, language)[1] == NOW and not times_in(question)


def _told(question: str, language: str) -> tuple[QuestionKind, str]:
    """The kind, and how the cue tells it; of a cue that wants a time only where the question names one."""
    asked = question.strip().lower()
    begins = (asked, _without_when(asked, language))
    timed = bool(times_in(question))
    for kind, how, cue in cues(language):
        if (timed or how != TIMED) and any(one.startswith(cue) for one in begins):
            return kind, how
    return "memory", ""


def _without_when(asked: str, language: str) -> str:
    """A question without the times and days that it names."""
    rest = without_times(asked)
    for word in days_in(rest, language):
        rest = rest.replace(word, " ")
    rest = re.sub(r"^(?:(?:at|on)\b|[\s,，:：])+", "", rest)
    return rest.replace(" ", "") if language in UNSPACED else rest


def statement_of(question: str, language: str) -> str:
    """What a question asks whether one knows of, as a statement: without its cue and question mark."""
    asked = question.strip().rstrip("?？ ").removesuffix("吗").strip()
    for kind, _, cue in cues(language):
        if kind == "knows" and asked.lower().startswith(cue):
            asked = asked[len(cue) :].strip(' :：,，"“”')
            break
    return f"{asked[:1].upper()}{asked[1:]}" + ("" if asked.endswith((".", "。", "!")) else ".")


def cues(language: str) -> list[tuple[QuestionKind, str, str]]:
    """The cues of a language, longest first: the kind of question that each tells, how it tells it (NOW,
    TIMED, or ""), and the cue."""
    pairs = (line.split(": ", 1) for line in phrases("cues", language))
    kinds: dict[str, QuestionKind] = {kind: kind for kind in KINDS}
    told = [(kinds[key.split()[0]], key.partition(" ")[2], cue) for key, cue in pairs]
    return sorted(told, key=lambda one: -len(one[2]))
