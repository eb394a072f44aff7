"""Prompt files: a strategy as data. Its id is a hash of all that it says: results name what was played."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from burgh.agents.tools.bank import SHOWN, registered, tool
from burgh.sim.types import BurghError, Json

Kind = Literal[
    "direct",
    "chain-of-thought",
    "self-consistency",
    "self-ask",
    "generated-knowledge",
    "react",
    "plan-belief-replan",
    "reflexion",
]
SAID = {"missing": "is missing", "extra_forbidden": "a prompt file has no such key"}
MOST_FILE_BYTES = 200_000
ALL_TOOLS = "*"
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[A-Za-z_][\w.]*\}", re.S)
Line = Annotated[str, Field(min_length=1, max_length=2_000)]


class Step(BaseModel):
    """One step of an example: what is said there, by whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    said: Literal["Thought", "Action", "Observation", "Question", "Answer", "Knowledge", "Plan", "Lesson"]
    text: Line


class Example(BaseModel):
    """A worked example: a situation, the steps from it (none if direct), the answer as it is written.

    domain: the format or world that it is from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    situation: Line
    steps: tuple[Step, ...] = ()
    answer: Line
    domain: str = ""


class Shots(BaseModel):
    """Of a bank of examples, which are shown for a decision, and in which order. bank: a file with more of
    them beside those of the prompt file and ours. Orders by entropy are found once for each domain, by asking
    the model: they need the same examples for every decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: Annotated[int, Field(ge=1, le=12)] = 4
    choose: Literal["fixed", "similar", "diverse"] = "similar"
    order: Literal["given", "random", "nearest-last", "global-entropy", "local-entropy"] = "nearest-last"
    bank: Annotated[str, Field(max_length=400)] = ""

    @model_validator(mode="after")
    def _orderable(self) -> Self:
        if self.order.endswith("entropy") and self.choose == "similar":
            raise ValueError(
                f"order {self.order} needs choose: fixed or diverse, the same for every decision"
            )
        return self


class PromptFile(BaseModel):
    """kind: the way of asking. instructions: what stands first, elsewhere: where nothing is for sale. cue:
    what the answer follows.

    samples, temperature: of paths or answers. thought_tokens, thought_sentences: the most of a thought, which
    is cut after a whole sentence, since a small model wanders on. most_steps: after so many an answer is
    asked for whatever has been found. tools: by name, "*" for all that are installed; of many the fitting
    ones are found by embedding. shots: examples are chosen from a bank. shuffle_results: a tool is given
    other arguments at random: the control that shows that it is the results that help.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    kind: Kind
    says: Line
    instructions: Line
    elsewhere: Line = "You live in a small town. You choose what you do next. Answer in JSON."
    examples: tuple[Example, ...] = ()
    cue: Line = "Answer:"
    thought_cue: Line = "Thought:"
    samples: Annotated[int, Field(ge=1, le=40)] = 1
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    thought_tokens: Annotated[int, Field(ge=4, le=200)] = 32
    thought_sentences: Annotated[int, Field(ge=1, le=10)] = 2
    most_steps: Annotated[int, Field(ge=1, le=10)] = 3
    tools: tuple[str, ...] = ()
    shuffle_results: bool = False
    shots: Shots | None = None

    @field_validator("instructions", "elsewhere", "cue", "thought_cue")
    @classmethod
    def _holds_no_placeholder(cls, text: str) -> str:
        if found := PLACEHOLDER.search(text):
            raise ValueError(
                f"{found[0]} would stand in the prompt as it is: a prompt file has no placeholders, and"
                " what one is shown and asked is added behind the examples"
            )
        return text

    @field_validator("tools")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name == ALL_TOOLS:
                continue
            try:
                tool(name)
            except BurghError as error:
                raise ValueError(str(error)) from None
        return names

    def tool_names(self) -> tuple[str, ...]:
        """The tools by name."""
        return tuple(registered()) if ALL_TOOLS in self.tools else self.tools

    @property
    def has_many_tools(self) -> bool:
        """Whether they are more than are shown at once."""
        return len(self.tool_names()) > SHOWN

    @property
    def id(self) -> str:
        """The first 12 hex digits of the sha256 of all but the name and what it says of itself."""
        told = self.model_dump(mode="json", exclude={"name", "says"})
        if self.shots is None:  # files of before there were any keep their ids
            del told["shots"]
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]

    def write(self, path: Path) -> None:
        """As a file that `read_strategy` reads back."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        path.write_text(
            yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100), encoding="utf-8"
        )


def read_strategy(path: Path) -> PromptFile:
    """A prompt file. Raises BurghError with file and key."""
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise BurghError(f"{path} is larger than {MOST_FILE_BYTES:,} bytes: that is no prompt file")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BurghError(f"there is no prompt file {path}") from None
    except UnicodeDecodeError:
        raise BurghError(f"{path} is not a text in UTF-8") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> PromptFile:
    """The strategy that a text describes. where: its file, for the error."""
    try:
        data: Json = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BurghError(f"{where}{line}: this is no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise BurghError(f"{where}: this is no YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(data, dict):
        raise BurghError(f"{where}: a prompt file holds keys such as name, kind and instructions")
    try:
        return PromptFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        said = SAID.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise BurghError(f"{where}: {key}: {said}") from None


@cache
def built_in(name: str) -> PromptFile:
    """One of ours, from library/NAME.yaml."""
    path = files("burgh.agents") / "strategies" / "library" / f"{name}.yaml"
    return parse(path.read_text(encoding="utf-8"), f"{name}.yaml")


@cache
def names() -> tuple[str, ...]:
    """Our strategies."""
    folder = files("burgh.agents") / "strategies" / "library"
    return tuple(
        sorted(one.name.removesuffix(".yaml") for one in folder.iterdir() if one.name.endswith(".yaml"))
    )
