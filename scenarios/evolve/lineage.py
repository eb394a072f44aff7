"""What came of an evolution so far: its settings, and a line for each round; going on starts from there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from burgh.scenarios.arena.contest import Contest
from burgh.sim.record import files
from burgh.sim.types import BurghError

SETTINGS, ROUNDS = "evolution.json", "lineage.jsonl"
Optimizer = Literal["ape", "gepa", "order", "random"]


class Settings(BaseModel):
    """All that the result depends on. draws: of a round's search, of the trial of its best, of the last
    test. budget_tokens: no round begins that would go over it. rotations: seats played of a draw, None all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    contest: Contest
    start: str
    optimizer: Optimizer = "random"
    rounds: Annotated[int, Field(ge=1, le=500)] = 8
    children: Annotated[int, Field(ge=1, le=50)] = 4
    search_draws: Annotated[int, Field(ge=2, le=1000)] = 20
    trial_draws: Annotated[int, Field(ge=20, le=1000)] = 40
    test_draws: Annotated[int, Field(ge=20, le=1000)] = 60
    rotations: Annotated[int, Field(ge=1)] | None = None
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    budget_tokens: Annotated[int, Field(ge=1)] | None = None
    proposer: str = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1


class Child(BaseModel):
    """A candidate as it was proposed. gain: its mean paired gain on its parent in the search, None where it
    was not played. reason: why it was made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    text: str
    reason: str
    gain: float | None = None


class Round(BaseModel):
    """tried: id of the child that was tried against its parent, "" for none; low: the lower bound of its
    gain there, which decided; mean: of that gain. says: what came of it, in a sentence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    parent: str
    children: tuple[Child, ...]
    tried: str = ""
    mean: float | None = None
    low: float | None = None
    accepted: bool = False
    tokens: int = 0
    says: str = ""


class Lineage:
    """The folder of an evolution. Each line is there whole or not at all."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Raises BurghError where the folder holds another evolution, or something else."""
        self.folder = folder
        self.settings = settings
        path = folder / SETTINGS
        if path.exists():
            if (other := _settings(path)) != settings:
                raise BurghError(f"{folder} holds another evolution: {_difference(other, settings)}")
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BurghError(f"{folder} is not empty and holds no evolution: name a new or an empty folder")
        else:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                files.write_whole(path, settings.model_dump_json(indent=2) + "\n")
            except OSError as error:
                raise BurghError(f"{folder} cannot be written: {error.strerror}") from None
        self.rounds = _rounds(folder / ROUNDS)

    def add(self, done: Round) -> None:
        self.rounds.append(done)
        file = files.AppendFile(self.folder / ROUNDS)
        try:
            file.append(orjson.dumps(done.model_dump(mode="json")) + b"\n")
            file.sync()
        except OSError as error:
            raise BurghError(f"{self.folder} cannot be written any more: {error.strerror}") from None
        finally:
            file.close()

    @property
    def tokens(self) -> int:
        return sum(one.tokens for one in self.rounds)


def _settings(path: Path) -> Settings:
    try:
        return Settings.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        where = ".".join(map(str, first["loc"])) or "it"
        raise BurghError(f"{path} describes no evolution: {where}: {first['msg']}") from None


def _difference(other: Settings, mine: Settings) -> str:
    for name in Settings.model_fields:
        its, own = getattr(other, name), getattr(mine, name)
        if its != own:
            if name in ("contest", "start"):
                return f"its {name} is another; name another folder with --out"
            return f"its {name} is {its}, not {own}; name another folder with --out"
    return ""


def _rounds(path: Path) -> list[Round]:
    """The whole lines; a last one that was cut short is cut off, and its round is gone through again."""
    if not path.exists():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    try:
        return [Round.model_validate_json(line) for line in whole.splitlines()]
    except ValidationError as error:
        raise BurghError(f"{path} is not as it was written: {error.errors()[0]['msg']}") from None
