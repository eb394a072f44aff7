"""Being asked: what one answers from one's own memories, and which of them back it.

Nothing of an interview is remembered, and nothing is said that no memory, plan or description of oneself
backs: a model of any size only chooses among these, judges whether they say yes, and words what was chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from burgh.agents.asking import Asker
from burgh.agents.clocktimes import times_in
from burgh.agents.languages import n_words, stands_in
from burgh.agents.oneself import described, first_person
from burgh.agents.persona import Persona
from burgh.agents.places import spoken
from burgh.agents.prompts import Inputs, Remembered, phrases
from burgh.agents.questions import QuestionKind, asks_of_now, kind_of, statement_of
from burgh.agents.settings import MindSettings
from burgh.agents.when import day_of, days_in, ticks_named
from burgh.agents.wording import keeps_to, n_weighty, shared, whole_sentences
from burgh.memory.embed import Embedder
from burgh.memory.record import Memory
from burgh.memory.stream import MemoryStream, Retrieved
from burgh.sim.clock import Clock
from burgh.sim.spec import Text
from burgh.sim.types import Json, fixed

CANDIDATES = 5  # backed answers among which one is chosen
LEAST_COSINE = 0.25  # with the question: what lies farther off answers nothing
BACKS_COSINE = 0.72  # of a memory with a statement: from here on it says the same
BACKS_WORDS = 0.75  # the share of a statement's longer words that a memory has which says the same
LEAST_WORDS = 3  # longer words of a statement: by fewer it is not told from others
YES_NATS = 1.5  # a word: by how much memories must make a statement likelier than none do (docs/asking.md)
RETELL = (3, 28)  # wordings asked for, and tokens of each
RETOLD_COSINE, RETOLD_WORDS = 0.7, 0.75  # what a wording must have in common with what it words


@dataclass(frozen=True, slots=True)
class Interview(Inputs):
    """An answer to a question, to be scored; without a question, the neutral context."""

    template: ClassVar[str] = "interview"
    name: str
    question: str


@dataclass(frozen=True, slots=True)
class Retelling(Inputs):
    """What is remembered in words that answer a question; answered in words."""

    template: ClassVar[str] = "retelling"
    name: str
    question: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Knows(Inputs):
    """What somebody with these memories has heard; answered by a statement, or by one of SOMETHING."""

    template: ClassVar[str] = "knows"
    SOMETHING: ClassVar[Mapping[str, str]] = {"en": "It rained yesterday.", "zh": "昨天下了雨。"}
    name: str
    memories: tuple[str, ...]  # empty: the neutral context


@dataclass(frozen=True, slots=True)
class Reaction(Inputs):
    """What somebody does in a case, answered as one of several reactions."""

    template: ClassVar[str] = "reaction"
    name: str
    job: str
    traits: str
    question: str


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry of one's plan, as far as an interview goes into it. memory: the id of that which holds it."""

    start: int
    end: int
    place: str
    doing: str
    memory: str = ""


@dataclass(frozen=True, slots=True)
class Backed:
    """Something that can be answered, and what backs it: memories, or "" for one's own description."""

    text: str
    cites: tuple[str, ...] = ()
    cosine: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """claims: of a question whether one knows of something, what the model says. backed: whether a memory
    bears that out; an answer that claims without being backed is hallucinated. own: whether the words are
    the model's. cites: ids of memories. retrieved: what came to mind, with scores."""

    question: str
    kind: QuestionKind
    text: str
    cites: tuple[str, ...] = ()
    own: bool = False
    claims: bool | None = None
    backed: bool | None = None
    nats: float | None = None
    retrieved: tuple[Retrieved, ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        return {
            "question": self.question,
            "kind": self.kind,
            "answer": self.text,
            "cites": list(self.cites),
            "own_words": self.own,
            "claims": self.claims,
            "backed": self.backed,
            "nats": self.nats,
            "retrieved": [one.event_data() for one in self.retrieved],
        }


@dataclass(frozen=True, slots=True)
class Interviewee:
    """A mind that is asked. sayings: by memory id, how one says it oneself. plans: each that was made until
    that tick, and the tick from which on it was in force, the earliest first."""

    persona: Persona
    settings: MindSettings
    stream: MemoryStream
    tick: int
    clock: Clock
    ask: Asker
    embedder: Embedder
    sayings: Mapping[str, str] = field(default_factory=dict)
    plans: Sequence[tuple[int, Sequence[Planned]]] = ()

    @property
    def plan(self) -> Sequence[Planned]:
        """The plan in force; none before the first is made."""
        return self.plans[-1][1] if self.plans else ()

    @property
    def name(self) -> str:
        return self.persona.name

    @property
    def language(self) -> str:
        return self.settings.language

    async def answer(
        self, question: str, kind: QuestionKind | None = None, options: Sequence[str] = ()
    ) -> Answer:
        """The answer to a question. options: of a reaction, those among which one is chosen."""
        kind = kind or kind_of(question, self.language)
        if kind == "knows":
            return await self.knows(question, statement_of(question, self.language))
        if kind == "reaction" and options:
            return await self._react(question, options)
        if kind == "plans":
            return await self._planned(question)
        return await self._remembered(question, kind)

    async def knows(self, question: str, statement: str) -> Answer:
        """Whether one knows of something: the model judges from what comes to mind; a memory must back it."""
        found = self.retrieve(statement)
        options = [f" {statement}", f" {Knows.SOMETHING[self.language]}"]
        memories = tuple(Remembered(one.memory.text, one.memory.created) for one in found)
        contexts = [Knows(self.name, memories), Knows(self.name, ())]
        given, neutral = await self.ask.score_all("interview knows", contexts, options)
        gains = [
            (after - before) / n_words(option)
            for option, after, before in zip(options, given, neutral, strict=True)
        ]
        nats = fixed(gains[0] - gains[1]) / 1_000_000
        claims = bool(found) and nats > YES_NATS
        backing = self._backing(found, statement)
        no_said, yes_said = SAID[self.language]
        known = backing if claims else None
        text = no_said if known is None else f"{yes_said} {self.plain(known)}"
        cites = () if known is None else (known.id,)
        return Answer(question, "knows", text, cites, False, claims, backing is not None, nats, found)

    def retrieve(self, query: str, among: Callable[[Memory], bool] | None = None) -> tuple[Retrieved, ...]:
        """What comes to mind; nothing is noted of it. Nothing does without memory."""
        k = self.settings.retrieval_k if self.settings.memory and len(self.stream) else 0
        return self.stream.retrieve(
            self.embedder.embed([query])[0],
            self.tick,
            k,
            text=query,
            weights=self.settings.weights,
            decay=self.settings.decay,
            fusion=self.settings.fusion,
            normalisation=self.settings.normalisation,
            among=among,
        )

    def plain(self, memory: Memory) -> str:
        """A memory as its owner says it."""
        said = self.sayings.get(memory.id)
        return said if said else first_person(self.name, memory.text, self.language)

    def _backing(self, found: Sequence[Retrieved], statement: str) -> Memory | None:
        """The memory that says what a statement says, the nearest in meaning; None where none does."""
        if not found:
            return None
        told = n_weighty(statement) >= LEAST_WORDS
        cosines = self._cosines(statement, [one.memory.text for one in found])
        ranked = sorted(zip(cosines, found, strict=True), key=lambda pair: -pair[0])
        for cosine, one in ranked:
            same_times = set(times_in(statement)) <= set(times_in(one.memory.text))
            same_words = told and shared(statement, one.memory.text) >= BACKS_WORDS
            if same_times and (cosine >= BACKS_COSINE or same_words):
                return one.memory
        return None

    def _cosines(self, query: str, texts: Sequence[str]) -> list[float]:
        vectors = self.embedder.embed([query, *texts])
        return [fixed(float(one)) / 1_000_000 for one in vectors[1:] @ vectors[0]]

    async def _remembered(self, question: str, kind: QuestionKind) -> Answer:
        """Chosen among memories that come to mind and, of oneself, one's description; then worded."""
        found = self.retrieve(question, self._among(kind, question))
        backed = [Backed(self.plain(one.memory), (one.memory.id,)) for one in found]
        if kind in ("self", "memory") and not self._past_day(question):
            backed += [Backed(text) for text in described(self.persona, self.language)]
        if not backed or self._unheard_of(question):
            return Answer(question, kind, UNKNOWN[self.language], retrieved=found)
        cosines = self._cosines(question, [one.text for one in backed])
        near = sorted(
            (Backed(one.text, one.cites, cosine) for one, cosine in zip(backed, cosines, strict=True)),
            key=lambda one: -one.cosine,
        )[:CANDIDATES]
        if near[0].cosine < LEAST_COSINE and kind not in ("self", "reflection"):
            return Answer(question, kind, UNKNOWN[self.language], retrieved=found)
        chosen, nats = await self._choose(question, near)
        text, own = await self._worded(question, chosen.text)
        return Answer(question, kind, text, chosen.cites, own, nats=nats, retrieved=found)

    def _among(self, kind: QuestionKind, question: str) -> Callable[[Memory], bool]:
        """Of oneself speaks what one knew from the start, of what one concluded the reflections, if there
        are any; plans are asked for otherwise. Of a day gone by speaks what is of that day."""
        asked, day = self._among_kind(kind), self._past_day(question)
        return lambda one: asked(one) and (day is None or self._day_of(one) == day)

    def _unheard_of(self, question: str) -> bool:
        """Whether a question names, large amid a sentence, somebody of whom nothing is remembered."""
        days = days_in(question, self.language)
        named = {name.lower() for name in _names(question) - {self.name}} - {*days}
        return not all(any(stands_in(name, one.text.lower()) for one in self.stream) for name in named)

    def _past_day(self, question: str) -> date | None:
        """The day gone by that a question names; None where it names none."""
        today = self.clock.at(self.tick).date()
        day = day_of(question, today, self.language) if days_in(question, self.language) else None
        return day if day is not None and day < today else None

    def _day_of(self, memory: Memory) -> date | None:
        return day_of(memory.text, self.clock.at(memory.created).date(), self.language)

    def _among_kind(self, kind: QuestionKind) -> Callable[[Memory], bool]:
        if kind == "self":
            return lambda one: one.created == 0 and one.kind == "observation"
        if kind == "reflection" and any(one.kind == "reflection" for one in self.stream):
            return lambda one: one.kind == "reflection"
        return lambda one: one.kind != "plan"

    async def _choose(self, question: str, near: Sequence[Backed]) -> tuple[Backed, float]:
        """The one that the question speaks for most, a word: against the same answers to no question."""
        options = list(dict.fromkeys(f" {one.text}" for one in near))
        contexts = [Interview(self.name, question), Interview(self.name, "")]
        given, neutral = await self.ask.score_all("interview", contexts, options)
        gains = {
            option: (after - before) / n_words(option) + one.cosine
            for option, one, after, before in zip(options, _first(near), given, neutral, strict=True)
        }
        best = max(options, key=lambda option: gains[option])
        return next(one for one in near if f" {one.text}" == best), fixed(gains[best]) / 1_000_000

    async def _worded(self, question: str, meaning: str) -> tuple[str, bool]:
        """The model's own words where they still say what is remembered, else the plain form."""
        samples, tokens = RETELL
        written = await self.ask.write(
            "interview words",
            Retelling(self.name, question, meaning),
            Text("What does one say?", tokens),
            samples=samples,
            max_tokens=tokens,
        )
        guarded = phrases("guarded", self.language)
        candidates = [
            sentences
            for text in written
            for sentences in whole_sentences(text)
            if keeps_to(meaning, sentences, guarded)
            and shared(meaning, sentences) >= RETOLD_WORDS
            and _names(sentences) <= _names(meaning)
        ]
        if not candidates:
            return meaning, False
        cosines = self._cosines(meaning, candidates)
        best = max(range(len(candidates)), key=lambda n: (cosines[n], -n))
        if cosines[best] < RETOLD_COSINE:
            return meaning, False
        return candidates[best], candidates[best] != meaning

    async def _planned(self, question: str) -> Answer:
        """What the plan says for the time that is named, for now, or what comes next."""
        times = times_in(question)
        when = next(iter(ticks_named(question, self.tick, self.clock, self.language)), None)
        if times and when is None:
            return Answer(question, "plans", UNPLANNED[self.language])
        now = asks_of_now(question, self.language) or when == self.tick
        at = self.tick if now else when
        if at is None:
            ahead = (one for one in self.plan if one.start > self.tick)
            entry = min(ahead, key=lambda one: one.start, default=self._due(self.tick))
        else:
            entry = self._due(at)
        if entry is None:
            return Answer(question, "plans", UNPLANNED[self.language])
        form = NOW if now else AHEAD if at is None or at > self.tick else BEFORE
        text = form[self.language].format(
            time=f"{self.clock.at(entry.start if at is None else at):%H:%M}",
            place=spoken(entry.place),
            doing=entry.doing,
        )
        return Answer(question, "plans", text, (entry.memory,) if entry.memory else ())

    def _due(self, tick: int) -> Planned | None:
        """What the plan has for a tick, the plan that was in force then where that is over."""
        plan = next((plan for made, plan in reversed(self.plans) if made <= tick), ())
        running = [one for one in plan if one.start <= tick < one.end]
        return max(running, key=lambda one: (bool(one.memory), one.start), default=None)

    async def _react(self, question: str, options: Sequence[str]) -> Answer:
        """Chosen among reactions, by what this person would rather do than anybody."""
        found = self.retrieve(question)
        said = [f" {option}" for option in options]
        job, traits = self.persona.job, self.persona.traits
        inputs = [Reaction(self.name, job, traits, question), Reaction(self.name, job, traits, "")]
        given, neutral = await self.ask.score_all("interview", inputs, said)
        gains = [
            (after - before) / n_words(option)
            for option, after, before in zip(said, given, neutral, strict=True)
        ]
        best = max(range(len(said)), key=lambda n: (gains[n], -n))
        cites = tuple(one.memory.id for one in found[:2])
        nats = fixed(gains[best]) / 1_000_000
        return Answer(question, "reaction", options[best], cites, False, nats=nats, retrieved=found)


SAID = {"en": ("No.", "Yes."), "zh": ("没有。", "知道。")}
UNKNOWN = {"en": "I do not know.", "zh": "我不知道。"}
UNPLANNED = {"en": "I have planned nothing for then.", "zh": "那时我没有安排。"}
AHEAD = {
    "en": "At {time} I plan to be at the {place}, {doing}.",
    "zh": "{time}我打算在{place}，{doing}。",
}
NOW = {
    "en": "Just now my plan is to be at the {place}, {doing}.",
    "zh": "我现在的安排是在{place}，{doing}。",
}
BEFORE = {
    "en": "For {time} I had planned to be at the {place}, {doing}.",
    "zh": "{time}我本来安排在{place}，{doing}。",
}


def _first(near: Sequence[Backed]) -> list[Backed]:
    """Those whose text does not stand among them before."""
    seen: dict[str, Backed] = {}
    for one in near:
        seen.setdefault(one.text, one)
    return list(seen.values())


def _names(text: str) -> set[str]:
    return set(re.findall(r"(?<=[\w,;:] )[A-Z][a-z]+", text)) - {"I"}
