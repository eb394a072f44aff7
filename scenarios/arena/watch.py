"""Contestants are strangers: what they may take is bounded, and what goes wrong in them is told, not raised.

A decision ends when its strategy has asked the model too often, has reckoned too long without asking, or has
taken too long in all. Whatever a strategy raises becomes the fault of its game, and other games go on.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import types
from collections.abc import Coroutine, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from burgh.sim.protocols import CompleteRequest, Completion, LanguageModel, Mind, ScoreRequest, Scores
from burgh.sim.types import BurghError, Json, Observation, Step

MOST_CALLS = 200  # of the model, in one decision
RECKONING_SECONDS = 60.0  # between two questions to the model
DECISION_SECONDS = 1800.0  # of one decision, with waiting for the model


class TooLong(BaseException):
    """Raised in the middle of a strategy's own reckoning; no `except Exception` of its own catches it."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raises TooLong in what runs longer, and again each second after. In the main thread of a Unix process
    only: elsewhere nothing interrupts it."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    left = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left[0]:
            signal.setitimer(signal.ITIMER_REAL, *left)


@types.coroutine
def in_pieces(coroutine: Coroutine[Any, Any, Step], seconds: float) -> Generator[Any, Any, Step]:
    """Lets a coroutine run, each piece between two of its waits under an alarm."""
    sent: Any = None
    thrown: BaseException | None = None
    try:
        while True:
            with alarm(seconds):
                try:
                    wanted = coroutine.send(sent) if thrown is None else coroutine.throw(thrown)
                except StopIteration as ended:
                    found: Step = ended.value
                    return found
            sent, thrown = None, None
            try:
                sent = yield wanted
            except BaseException as error:
                thrown = error
    finally:
        coroutine.close()


class Bounded:
    """A language model that is asked only so often by one agent in one tick."""

    def __init__(self, model: LanguageModel, most_calls: int = MOST_CALLS) -> None:
        self.model = model
        self.most_calls = most_calls
        self._asked: dict[tuple[str, int], int] = {}

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def identity(self) -> Mapping[str, Json]:
        return self.model.identity

    async def complete(self, request: CompleteRequest) -> Completion:
        self._count(request)
        return await self.model.complete(request)

    async def score(self, request: ScoreRequest) -> Scores:
        self._count(request)
        return await self.model.score(request)

    def _count(self, request: CompleteRequest | ScoreRequest) -> None:
        key = (request.call.agent, request.call.tick)
        self._asked[key] = self._asked.get(key, 0) + 1
        if self._asked[key] > self.most_calls:
            raise BurghError(f"asked the model more than {self.most_calls} times in one decision")


class Watched:
    """A contestant's mind within bounds. seen: by lot (and unit), what a thing was worth where it was asked
    for a price, and the last price that it named, None for none."""

    def __init__(self, mind: Mind, strategy: str) -> None:
        self.mind = mind
        self.strategy = strategy
        self.side = ""
        self.seen: dict[tuple[int, str], tuple[int, int | None]] = {}

    @property
    def name(self) -> str:
        return self.mind.name

    async def begin(self, observation: Observation) -> Step:
        return await self._bounded(self.mind.begin(observation))

    async def step(self, observation: Observation) -> Step:
        found = await self._bounded(self.mind.step(observation))
        if not isinstance(found, Step):
            raise BurghError(f"{self.strategy} gave a {type(found).__name__} where a step was due")
        if found.action is not None:
            self._note(observation.state, found.action.answer)
        return found

    def commit(self, step: Step) -> None:
        try:
            self.mind.commit(step)
        except Exception as error:
            raise self._failed(error) from error

    def snapshot(self) -> Json:
        return self.mind.snapshot()

    def restore(self, state: Json) -> None:
        self.mind.restore(state)

    async def _bounded(self, coroutine: Coroutine[Any, Any, Step]) -> Step:
        try:
            async with asyncio.timeout(DECISION_SECONDS):
                return await in_pieces(coroutine, RECKONING_SECONDS)
        except TooLong:
            said = f"{self.strategy} reckoned longer than {RECKONING_SECONDS:g} seconds and asked nothing"
            raise BurghError(said) from None
        except TimeoutError:
            raise BurghError(
                f"{self.strategy} took longer than {DECISION_SECONDS:g} seconds over one decision"
            ) from None
        except BurghError as error:
            raise BurghError(f"{self.strategy}: {error}") from error
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> BurghError:
        said = " ".join(str(error).split())[:200]
        return BurghError(f"{self.strategy} failed with {type(error).__name__}{': ' if said else ''}{said}")

    def _note(self, state: Mapping[str, Json], answer: Json) -> None:
        """What a thing was worth, and what was named for it."""
        if not isinstance(answer, Mapping):
            return
        self.side = str(state.get("side", ""))
        for unit, value, price in _named(state, answer):
            key = (int(state.get("lot", 0)), unit)
            if price is not None or key not in self.seen:
                self.seen[key] = (value, price)

    def points(self) -> tuple[tuple[int, int | None], ...]:
        """What was seen, lot by lot."""
        return tuple(self.seen[key] for key in sorted(self.seen))


def _named(state: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[tuple[str, int, int | None]]:
    """Unit, value, price: of one thing, of each of several, or at the price that a clock shows."""
    values = state.get("values")
    if isinstance(values, list | tuple):
        values = {f"unit {number}": value for number, value in enumerate(values, 1)}
    if isinstance(values, Mapping):
        for unit, value in values.items():
            price = answer.get(unit)
            yield unit, int(value), int(price) if price else None
    elif "value" in state:
        price = answer.get("price")
        if answer.get("act") in ("take", "stay", "accept"):
            price = state.get("offer") if answer["act"] == "accept" else state.get("price")
        yield "", int(state["value"]), int(price) if isinstance(price, int) else None
