"""From a model's name to a language model: built-in backends and those that others have registered.

A backend is an entry point of the group `burgh.models`: a function `make(name, *, device, threads, seed)`
that returns a LanguageModel. Hub names (org/name) and local folders go to the backend `transformers`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, cast

from burgh.sim.protocols import LanguageModel
from burgh.sim.types import BurghError

GROUP = "burgh.models"
EMBEDDED = "smollm2-135m"  # what "embedded" stands for


class Maker(Protocol):
    """What an entry point of the group is."""

    def __call__(self, name: str, *, device: str, threads: int | None, seed: int) -> LanguageModel: ...


@cache
def backends() -> Mapping[str, EntryPoint]:
    """All registered backends by name, our own among them: they come in by the same door (pyproject.toml)."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


def known_names() -> tuple[str, ...]:
    """The names that can be loaded without naming a hub or a folder."""
    return tuple(name for name in backends() if name != "transformers")


def load_model(
    name: str, *, device: str = "auto", threads: int | None = None, seed: int = 0
) -> LanguageModel:
    """A language model by name: a registered one, a hub name (org/name), or a local folder.

    device: "auto", "cpu", "cuda" or "mps". threads: of the processor, all where None. seed: of backends
    that have one of their own (scripted). Raises BurghError: an unknown name is answered with the known
    ones and the nearest.
    """
    point = backends().get(name)
    if point is None or name == "transformers":
        if not _is_place(name):
            raise BurghError(_unknown(name))
        point = backends()["transformers"]
    try:
        make = cast(Maker, point.load())
    except (ImportError, AttributeError) as error:
        raise BurghError(
            f"the model backend {point.name!r} ({point.value}) cannot be loaded: {error}"
        ) from None
    return make(name, device=device, threads=threads, seed=seed)


def _is_place(name: str) -> bool:
    """Whether it is a folder of a model, or has the form of a hub name."""
    if (Path(name) / "config.json").is_file():
        return True
    organisation, slash, model = name.partition("/")
    return (
        bool(organisation and slash and model) and "/" not in model and organisation not in {".", "..", "~"}
    )


def _unknown(name: str) -> str:
    if name and Path(name).is_dir():
        return f"the folder {name} holds no language model: there is no config.json in it"
    near = difflib.get_close_matches(name, known_names(), 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    listed = ", ".join(known_names())
    return f"no language model is called {name!r}{hint}: known are {listed}, a hub name org/name, or a folder"
