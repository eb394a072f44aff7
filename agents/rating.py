"""What a memory seems to matter by what lies near it in meaning, and what of that a run knows already.

A language model of 135M parameters, asked whether something is ordinary or big news, is a noisy judge. Rated
sentences are another one, whose errors are its own: kernel ridge regression (Saunders, Gammerman and Vovk,
1998) from their embeddings to their ratings.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from burgh.agents.prompts import Rated, rated, references
from burgh.memory.embed import Embedder

RIDGE = 1.0  # of cosines: how many sentences of the same meaning count as much as the mean of all

_fitted: dict[tuple[str, str], Likeness] = {}  # by the embedder's identity and the language


class Board:
    """What is rated once over a run: all its minds read it, and write on it when a step is committed.

    The importance of a text does not depend on who asks. What stands here stands in the state of some mind
    too, so a board made anew from the minds of a snapshot is the same. ratings: importance by text. scale:
    see MindState. measuring: the scale while one of the minds measures it. claims: what is being rated in
    this tick, and by whom: what several perceive at once is asked once, by the first of them.
    """

    def __init__(self) -> None:
        self.ratings: dict[str, float] = {}
        self.scale: tuple[float, ...] = ()
        self.measuring: asyncio.Future[tuple[float, ...]] | None = None
        self._claims: dict[str, tuple[str, asyncio.Future[float | None]]] = {}
        self._tick = -1

    def add(self, ratings: Mapping[str, float], scale: tuple[float, ...]) -> None:
        """Takes over what a mind has rated."""
        self.ratings |= ratings
        self.scale = scale or self.scale

    def claimed(self, text: str, agent: str, tick: int) -> asyncio.Future[float | None] | None:
        """What another is at rating in this tick; None claims it for the one who asks."""
        if tick != self._tick:
            self._claims, self._tick = {}, tick
        owner, rated = self._claims.get(text, (agent, None))
        if rated is not None and owner != agent:
            return rated
        self._claims[text] = (agent, asyncio.get_running_loop().create_future())
        return None

    def settle(self, text: str, value: float | None) -> None:
        """Tells those who wait for a claim; None: it came to nothing."""
        _, rated = self._claims[text]
        rated.set_result(value)


@runtime_checkable
class Sharing(Protocol):
    """A mind that can read and write a board."""

    def share(self, board: Board) -> None: ...


class Likeness:
    """Fitted to rated sentences; `estimate` reads the importance of others off them."""

    def __init__(self, known: Sequence[Rated], embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors = _vectors(embedder, [one.text for one in known])  # (n, dimension)
        ratings = np.array([one.rating for one in known])
        self._mean = float(ratings.mean())
        inverse = np.linalg.inv(self._vectors @ self._vectors.T + RIDGE * np.eye(len(known)))
        self._dual = inverse @ (ratings - self._mean)  # (n,)
        left_out = ratings - self._dual / np.diag(inverse)
        self._left_out = {one.text: float(value) for one, value in zip(known, left_out, strict=True)}

    def estimate(self, texts: Sequence[str]) -> list[float]:
        """The importance of each text, about 1 to 10; of a rated one, what the others say of it.

        Rounded to 1e-6, so that the last bits of a solver show nowhere.
        """
        if not texts:
            return []
        found = self._mean + _vectors(self._embedder, texts) @ (self._vectors.T @ self._dual)
        pairs = zip(texts, found.tolist(), strict=True)
        return [round(self._left_out.get(text, value), 6) for text, value in pairs]


def _vectors(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float64]:
    return embedder.embed(texts).astype(np.float64)


def likeness(embedder: Embedder, language: str) -> Likeness:
    """The one of that embedder and language, fitted once."""
    key = (json.dumps(dict(embedder.identity), sort_keys=True), language)
    if key not in _fitted:
        _fitted[key] = Likeness((*references(language), *rated(language)), embedder)
    return _fitted[key]
