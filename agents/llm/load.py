"""From a model's name to a language model: built-in backends and those that others have registered.

A backend is an entry point of the group `burgh.models`: a function `make(name, *, device, threads, seed)`
that returns a LanguageModel. Hub names (org/name), local folders and GGUF files go to the
backend `transformers`, `openai:ADDRESS#MODEL` to the backend `openai`. One that takes options
(`NAME?key=value`) has `**options`.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, cast

from burgh.agents.llm.load_options import LoadOptions
from burgh.agents.llm.names import parse_name, read_options
from burgh.agents.llm.servers.address import SCHEME, ServerOptions, parse_address
from burgh.sim.protocols import LanguageModel
from burgh.sim.types import BurghError

GROUP = "burgh.models"
EMBEDDED = "smollm2-135m"  # what "embedded" stands for
GGUF = ".gguf"
OURS = ("transformers", "embedded", "smollm2-135m", "smollm2-135m-gguf")  # backends that load weights here
BEHIND_NAMES = ("transformers", "openai")  # backends that need more than their own name


class Maker(Protocol):
    """What an entry point of the group is."""

    def __call__(
        self, name: str, *, device: str, threads: int | None, seed: int, **options: str
    ) -> LanguageModel: ...


@cache
def backends() -> Mapping[str, EntryPoint]:
    """All registered backends by name, our own among them: they come in by the same door (pyproject.toml)."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


def known_names() -> tuple[str, ...]:
    """The names that can be loaded without naming a hub or a folder."""
    return tuple(name for name in backends() if name not in BEHIND_NAMES)


def load_model(
    name: str, *, device: str = "auto", threads: int | None = None, seed: int = 0
) -> LanguageModel:
    """A language model by name: a registered one, a hub name (org/name), a local folder, a GGUF file, or a
    server (openai:ADDRESS#MODEL); with options behind it (`NAME?key=value&key=value`).

    device: "auto", "cpu", "cuda" or "mps". threads: of the processor, all where None. seed: of backends
    that have one of their own (scripted). Raises BurghError: an unknown name is answered with the known
    ones and the nearest.
    """
    meant = parse_name(name)
    point = _backend(meant.base)
    try:
        make = cast(Maker, point.load())
    except (ImportError, AttributeError) as error:
        raise BurghError(
            f"the model backend {point.name!r} ({point.value}) cannot be loaded: {error}"
        ) from None
    if meant.options and not _takes_options(make):
        raise BurghError(
            f"--model: the model {meant.base!r} takes no options, and {next(iter(meant.options))!r} is given"
        )
    options = dict(meant.options)
    if point.name != "openai":  # a server's device is its own affair
        device = options.pop("device", device)
    return make(meant.base, device=device, threads=threads, seed=seed, **options)


def check_name(name: str) -> str:
    """The name without its options, where both can be read. Nothing is loaded. Raises BurghError."""
    meant = parse_name(name)
    if meant.base.startswith(SCHEME):
        parse_address(meant.base)
        read_options(ServerOptions, meant.options, "openai")
    elif meant.options and _backend(meant.base).name in OURS:
        read_options(LoadOptions, meant.options, "transformers")
    return meant.base


def _backend(name: str) -> EntryPoint:
    if name.startswith(SCHEME) and (point := backends().get(SCHEME.rstrip(":"))) is not None:
        return point
    point = backends().get(name)
    if point is not None and name not in BEHIND_NAMES:
        return point
    if not is_place(name):
        raise BurghError(_unknown(name))
    return backends()["transformers"]


def _takes_options(make: Maker) -> bool:
    kinds = [parameter.kind for parameter in inspect.signature(make).parameters.values()]
    return inspect.Parameter.VAR_KEYWORD in kinds


def is_place(name: str) -> bool:
    """Whether it is a folder of a model or a GGUF file, or has the form of a hub name."""
    folder = Path(name)
    if folder.suffix == GGUF or (folder / "config.json").is_file():
        return True
    if folder.is_dir() and any(folder.glob(f"*{GGUF}")):
        return True
    organisation, slash, model = name.partition("/")
    return (
        bool(organisation and slash and model) and "/" not in model and organisation not in {".", "..", "~"}
    )


def _unknown(name: str) -> str:
    if name and Path(name).is_dir():
        return f"the folder {name} holds no language model: there is no config.json in it, nor a .gguf file"
    near = difflib.get_close_matches(name, known_names(), 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    listed = ", ".join(known_names())
    return (
        f"no language model is called {name!r}{hint}: known are {listed}, a hub name org/name, a folder,"
        " a .gguf file, or a server as openai:http://HOST:PORT/v1#MODEL"
    )
