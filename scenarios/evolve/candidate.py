"""What evolves: a prompt file, or the percentage of a bidder that shades its bids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from burgh.agents.strategies.files import PLACEHOLDER, PromptFile, built_in, names, parse, read_strategy
from burgh.agents.strategies.mind import Prompted
from burgh.scenarios.arena.contestants import SHADE, Contestant, contestant
from burgh.scenarios.nearest import suggest
from burgh.sim.types import BurghError


@dataclass(frozen=True, slots=True)
class Candidate:
    """file: the prompts, None for a scripted bidder. percent: of its value what that one bids."""

    file: PromptFile | None = None
    percent: int = 0

    @property
    def id(self) -> str:
        """What tells candidates apart: the hash of the prompts, or the rule."""
        return self.file.id if self.file is not None else f"{SHADE}:{self.percent}"

    @property
    def text(self) -> str:
        """All of it, as `read` takes it."""
        if self.file is None:
            return self.id
        data = self.file.model_dump(mode="json", exclude_defaults=True)
        return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100))

    def contestant(self) -> Contestant:
        return contestant(self.id) if self.file is None else Prompted(self.file)

    def with_instructions(self, text: str) -> Candidate:
        """The same prompts with other instructions. Braces around a word, which a model writes where it would
        have a value stand, are left out: no value comes there."""
        assert self.file is not None
        plain = PLACEHOLDER.sub(lambda found: found[0].strip("{}% "), text)
        return Candidate(self.file.model_copy(update={"instructions": plain}))


def read(text: str) -> Candidate:
    """The candidate that `Candidate.text` wrote. Raises BurghError."""
    if text.startswith(f"{SHADE}:"):
        contestant(text)  # raises where it is no percentage
        return Candidate(percent=int(text.partition(":")[2]))
    return Candidate(parse(text, "a candidate"))


def named(name: str) -> Candidate:
    """The candidate to start from: one of our strategies, a prompt file, or shade:PERCENT. Raises
    BurghError."""
    if name.startswith(f"{SHADE}:"):
        return read(name)
    if name.endswith((".yaml", ".yml")):
        file = read_strategy(Path(name))
        _ = Prompted(file).id  # raises where its bank of examples cannot be read
        return Candidate(file)
    if name in names():
        return Candidate(built_in(name))
    known = [*names(), f"{SHADE}:60"]
    raise BurghError(
        f"--start: {name!r} cannot be evolved: {suggest(name, known)}, or a prompt file NAME.yaml"
    )
