"""A battery of questions for everybody, and what everybody says of whether they know of each fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from burgh.agents.interview import Answer, Interviewee
from burgh.agents.prompts import phrases
from burgh.agents.questions import KINDS, QuestionKind, kind_of
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.relations import closest, relations
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Fact
from burgh.scenarios.yaml import no_text
from burgh.sim.types import BurghError, Json

BATTERIES = {"paper": "battery"}  # by name, the list of phrases that holds its questions
OTHER = "OTHER"
MOST_CHARS = 500  # of a question, as of a text in a scenario
ASKS_OF = {"en": "Have you heard that {fact}", "zh": "你听说了{fact}吗"}


@dataclass(frozen=True, slots=True)
class Question:
    """options: of a reaction, the answers to choose among. of_other: whether OTHER in it stands for one."""

    kind: QuestionKind
    text: str
    options: tuple[str, ...] = ()
    of_other: bool = False

    def about(self, other: str) -> Question:
        """The same about somebody."""
        if not self.of_other:
            return self
        options = tuple(one.replace(OTHER, other) for one in self.options)
        return Question(self.kind, self.text.replace(OTHER, other), options)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an agent says of a fact, beside what the record says. knows: whether it has a memory of it."""

    agent: str
    fact: str
    answer: Answer
    knows: bool

    @property
    def hallucinated(self) -> bool:
        """Whether it claims to know what no memory of it backs."""
        return bool(self.answer.claims) and not self.knows


def battery(name: str, language: str) -> tuple[Question, ...]:
    """The questions of a battery. Raises BurghError for an unknown one."""
    if name not in BATTERIES:
        raise BurghError(f"--battery: no battery of questions is called {name!r}: {suggest(name, BATTERIES)}")
    return tuple(_question(line) for line in phrases(BATTERIES[name], language))


def _question(line: str) -> Question:
    said, _, rest = line.partition(": ")
    text, *options = (part.strip() for part in rest.split(" | "))
    kind = next(kind for kind in KINDS if kind == said)
    return Question(kind, text, tuple(options), of_other=OTHER in rest)


def checked(text: str) -> str:
    """A question that somebody asks, as one line. Raises BurghError for an empty one, one that is longer than
    anything in a scenario may be, and one with characters that may not stand in a text."""
    if (bad := no_text(text)) is not None:
        raise BurghError(f"the question cannot be read: the character U+{ord(bad):04X} may not stand in it")
    question = " ".join(text.split())
    if not question:
        raise BurghError("the question is empty: what is to be asked?")
    if len(question) > MOST_CHARS:
        raise BurghError(f"the question has {len(question):,} characters: ask in at most {MOST_CHARS}")
    return question


def question_of(text: str, language: str) -> Question:
    """A question that somebody asks, of the kind that it is."""
    return Question(kind_of(text, language), text)


async def ask_all(
    questions: Sequence[Question], people: Sequence[Interviewee], past: Past
) -> list[tuple[str, Answer]]:
    """Everybody's answer to every question, in that order: agent by agent. OTHER is whom one has spoken with
    most, or thinks of first."""
    others = {one.name: _other(past, one) for one in people}
    found = []
    for one in people:
        for question in questions:
            asked = question.about(others[one.name])
            found.append((one.name, await one.answer(asked.text, asked.kind, asked.options)))
    return found


def _other(past: Past, one: Interviewee) -> str:
    for first, second, data in closest(relations(past)):
        if one.name in (first, second) and sum(data["spoken"].values()):
            return second if one.name == first else first
    rest = (name for name in past.agents if name != one.name)
    return next(iter(one.persona.relations), next(rest, one.name))


async def heard_of(facts: Mapping[str, Fact], people: Sequence[Interviewee]) -> list[Heard]:
    """Whether each says that they know of each fact (Park et al. 2023, 7.1.2), and whether they do."""
    found = []
    for key, fact in facts.items():
        for one in people:
            told = fact.text.rstrip(".。")
            question = f"{ASKS_OF[one.language].format(fact=told)}?"
            answer = await one.knows(question, fact.text)
            knows = any(memory.fact == key for memory in one.stream)
            found.append(Heard(one.name, key, answer, knows))
    return found


def heard_json(heard: Sequence[Heard]) -> dict[str, Json]:
    """Plain data: of each fact who says yes, who of them made it up, and who knows of it and says no."""
    facts = list(dict.fromkeys(one.fact for one in heard))
    answers = len(heard)
    hallucinated = sum(one.hallucinated for one in heard)
    return {
        "answers": answers,
        "hallucinated": hallucinated,
        "hallucinated_share": hallucinated / answers if answers else None,
        "facts": [_of_fact(fact, [one for one in heard if one.fact == fact]) for fact in facts],
    }


def _of_fact(fact: str, heard: Sequence[Heard]) -> dict[str, Json]:
    return {
        "fact": fact,
        "says_yes": [one.agent for one in heard if one.answer.claims],
        "knows": [one.agent for one in heard if one.knows],
        "hallucinated": [one.agent for one in heard if one.hallucinated],
        "denied": [one.agent for one in heard if one.knows and not one.answer.claims],
        "cites": {one.agent: list(one.answer.cites) for one in heard if one.answer.cites},
    }
