"""All tools by name, through the entry points of `burgh.tools`; of many, those that fit what is at hand."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

import numpy as np
import numpy.typing as npt

from burgh.agents.tools.base import Tool
from burgh.sim.spec import ToolCall
from burgh.sim.types import BurghError, Json

GROUP = "burgh.tools"
SHOWN = 6  # of more tools than that, only the nearest are shown


class Embeds(Protocol):
    """What the bank needs of an embedder."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors: (texts, dimension)."""
        ...


@cache
def known() -> Mapping[str, EntryPoint]:
    """Every tool that is installed, ours among them, whether or not it can be loaded."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


@cache
def registered() -> Mapping[str, Tool]:
    """Those that can be loaded: another's that is broken is no reason to do without the rest."""
    found: dict[str, Tool] = {}
    for name in known():
        with suppress(BurghError):
            found[name] = tool(name)
    return found


@cache
def tool(name: str) -> Tool:
    """By name. Raises BurghError: an unknown name is answered with the known ones and the nearest, and so is
    one that cannot be loaded."""
    if name not in known():
        near = difflib.get_close_matches(name, list(known()), 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise BurghError(f"no tool is called {name!r}{hint}: known are {', '.join(known())}")
    point = known()[name]
    try:
        made = point.load()()
    except Exception as error:  # whatever another's module does while it is imported
        said = f"{type(error).__name__}: {error}"
        raise BurghError(f"the tool {name!r} ({point.value}) cannot be loaded: {said}") from None
    if not isinstance(made, Tool):
        raise BurghError(f"the tool {name!r} ({point.value}) cannot be loaded: it is no Tool")
    return made


def fitting(
    tools: Sequence[Tool], state: Mapping[str, Json], situation: str, embedder: Embeds | None = None
) -> tuple[Tool, ...]:
    """Those that are of use here; of more than SHOWN the ones whose purpose is nearest to the situation, in
    the order in which they were named."""
    useful = [one for one in tools if one.suits(state)]
    if len(useful) <= SHOWN or embedder is None:
        return tuple(useful)
    vectors = embedder.embed([situation, *(f"{one.name}: {one.says}" for one in useful)])
    nearness = vectors[1:] @ vectors[0]
    chosen = sorted(np.argsort(-nearness, kind="stable")[:SHOWN].tolist())
    return tuple(useful[index] for index in chosen)


def call_spec(tools: Sequence[Tool]) -> ToolCall:
    """What a model may call."""
    return ToolCall({one.name: one.form() for one in tools})
