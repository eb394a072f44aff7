"""Where a model is served, and how: `openai:http://a:8000/v1,http://b:8000/v1#model?score=labels`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from burgh.agents.llm.names import Options
from burgh.sim.types import BurghError

SCHEME = "openai:"
KEY = "BURGH_API_KEY"  # the environment variable that is looked at where no other is named
NO_KEY = "none"  # what is sent to a server that wants no key
Api = Literal["completions", "chat"]
Scoring = Literal["echo", "forced", "decision", "labels", "sampled"]
Drawing = Literal["plain", "generation_config", "none"]
Dialect = Literal["lark", "structured_outputs", "guided", "sglang", "response_format", "none"]


class ServerOptions(Options):
    """What is "auto" is found out by asking the server once, when it is loaded."""

    api: Api | Literal["auto"] = "auto"
    """Texts are gone on with by `completions`; `chat` is for servers that have nothing else."""
    score: Scoring | Literal["auto"] = "auto"
    structured: Dialect | Literal["auto"] = "auto"
    draw: Drawing | Literal["auto"] = "auto"
    """Whether a temperature is enough for replies to be drawn, or (`transformers serve`) a field besides."""
    context: Annotated[int, Field(ge=64)] | None = None
    """How many tokens the model holds, where the server does not say."""
    concurrency: Annotated[int, Field(ge=1, le=4096)] = 16
    """Requests under way at once, at each address."""
    timeout: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """Seconds that one request may take."""
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    """How often a request is made again after 429, 5xx, a time-out or half a reply."""
    backoff: Annotated[float, Field(ge=0, le=60)] = 0.5
    """Seconds before the first of them, doubled for each that follows, at most 30."""
    asks: Annotated[int, Field(ge=1, le=10)] = 3
    """How often a legal answer is asked for before that is given up."""
    samples: Annotated[int, Field(ge=1, le=64)] = 8
    """Of `score=sampled`: how many answers are drawn."""
    key: str = KEY
    """The environment variable that holds the key."""
    unsaid: ClassVar[frozenset[str]] = frozenset({"key"})

    @field_validator("key")
    @classmethod
    def _names_a_variable(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z_]\w*", value):
            raise ValueError("it takes the name of the environment variable that holds the key, not the key")
        return value


@dataclass(frozen=True, slots=True)
class Address:
    """urls: of several servers of one model. model: what they call it, "" where they name only one."""

    urls: tuple[str, ...]
    model: str


def parse_address(name: str) -> Address:
    """Reads what follows `openai:`. Raises BurghError for what is no address, and where a key stands in it:
    a name goes into the record."""
    where, _, model = name.removeprefix(SCHEME).partition("#")
    urls = tuple(url.strip().rstrip("/") for url in where.split(",") if url.strip())
    if not urls:
        raise BurghError("--model: no address is named: write openai:http://HOST:PORT/v1#MODEL")
    for url in urls:
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018  it raises where it is no number
        except ValueError:
            raise BurghError(f"--model: {_shown(url)} is not an address: write http://HOST:PORT/v1") from None
        if parts.username or parts.password:
            raise BurghError(
                f"--model: the address of {parts.hostname} holds a name or a password, and would be recorded:"
                f" put the key into the environment variable {KEY}"
            )
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BurghError(f"--model: {_shown(url)} is not an address: write http://HOST:PORT/v1")
    return Address(urls, model.strip())


def _shown(url: str) -> str:
    """An address as an error may name it: what stands before an @ could be a password."""
    return repr(url.rpartition("@")[2])


def key_of(options: ServerOptions) -> str:
    """The key from the environment. Raises BurghError where a variable is named that is not set."""
    value = os.environ.get(options.key, "").strip()
    if not value and options.key != KEY:
        raise BurghError(
            f"--model: the environment variable {options.key}, which is to hold the key, is not set"
        )
    return value or NO_KEY
