"""What a contest is: all that its results depend on, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from burgh.agents.tools.guard import Grant
from burgh.scenarios.arena.design import check
from burgh.sim.types import BurghError, Json

FILE = "contest.json"


class Contest(BaseModel):
    """A results folder holds the games of one contest. format: of the sale, or the name of the scenario. ids:
    what each strategy is made of, by name: the hash of its prompts, or the words that name a scripted one.
    top: values are whole numbers from 0 to it. options: what else a format takes (units, rounds, rank, ...).
    granted: what tools that need it may use.

    scenario: of a town, as resolved: then contestants take the places of villagers, `opponents` is the kind
    of mind of the others ("" for what the scenario says), and `goals` says what they are judged by. seats:
    the villagers whose places are taken, all where none is named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    strategies: Annotated[tuple[str, ...], Field(min_length=1, max_length=40)]
    ids: dict[str, str]
    players: Annotated[int, Field(ge=1, le=50)] = 3
    lots: Annotated[int, Field(ge=1, le=100)] = 4
    top: Annotated[int, Field(ge=1, le=1_000_000)] = 99
    options: dict[str, int] = {}
    granted: tuple[Grant, ...] = ()
    opponents: str = "equilibrium"
    scenario: dict[str, Json] | None = None
    goals: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    model: str = "smollm2-135m"
    design: Literal["substitute", "rotate"] = "substitute"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check(self.design, self.strategies, self.players, least=1 if self.scenario is not None else 2)
        return self

    @property
    def hash(self) -> str:
        return hashlib.sha256(
            orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        ).hexdigest()

    def keep(self, folder: Path) -> None:
        """Writes the contest into its folder, unless it stands there. Raises BurghError as `check_folder`."""
        self.check_folder(folder)
        path = folder / FILE
        if path.exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n")

    def check_folder(self, folder: Path) -> None:
        """Writes nothing. Raises BurghError where a folder holds another contest's results, or something
        else."""
        if (folder / FILE).exists():
            if difference := self._difference(read(folder)):
                raise BurghError(
                    f"{folder} holds another contest: {difference}; name another folder with --out"
                )
        elif folder.exists() and not folder.is_dir():
            raise BurghError(f"{folder} is a file: name a new or an empty folder")
        elif folder.exists() and any(folder.iterdir()):
            raise BurghError(f"{folder} is not empty and holds no contest: name a new or an empty folder")

    def _difference(self, other: Contest) -> str:
        for name in type(self).model_fields:
            mine, its = getattr(self, name), getattr(other, name)
            if mine != its and name == "scenario":
                return "its scenario says other things"
            if mine != its and name == "ids" and set(mine) == set(its):
                changed = next(one for one in mine if mine[one] != its[one])
                return f"its {changed} was {its[changed]}, and has been changed to {mine[changed]} since"
            if mine != its:
                return f"its {name} is {_written(its)}, not {_written(mine)}"
        return ""


def _written(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def read(folder: Path) -> Contest:
    """The contest whose results a folder holds. Raises BurghError where it holds none."""
    path = folder / FILE
    try:
        return Contest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BurghError(f"{folder} holds no contest: there is no {FILE} in it") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise BurghError(f"{path} describes no contest: {where}: {first['msg']}") from None
