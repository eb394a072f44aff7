"""A tool bank as a customer: it takes the offer whose description is nearest to what is wanted, as tools are
found among many (agents/tools/bank.py). Prices, stars and quality do not count: only words do."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from burgh.agents.shops.strategies import NONE, State, Strategy
from burgh.sim.types import Json

WANTED = "something of good quality that is worth its price"


class Embeds(Protocol):
    """What it needs of an embedder."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors: (texts, dimension)."""
        ...


def _usual() -> Embeds:
    from burgh.memory.embed import load_embedder

    return load_embedder()


@dataclass
class ToolBank(Strategy):
    """embedder: the usual one if none, loaded when it is first asked."""

    wanted: str = WANTED
    embedder: Embeds | None = field(default=None)

    def answer(self, state: State, rng: random.Random) -> Json:
        if not state["offers"]:
            return NONE
        self.embedder = self.embedder or _usual()
        said = [f"{one['provider']}: {one['words']}" for one in state["offers"]]
        vectors = self.embedder.embed([self.wanted, *said])
        return {"offer": state["offers"][int(np.argmax(vectors[1:] @ vectors[0]))]["provider"]}
