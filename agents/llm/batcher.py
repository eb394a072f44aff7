"""Gathers what all minds of a tick ask into one batch, without looking at the clock.

A batch is closed when the event loop has turned a few times and nobody asked for anything more; its order
is that of (tick, agent, call), so that a rerun forms the same batches in the same order whatever the tasks'
timing. The work itself is done in one thread of its own: the loop stays free for Ctrl-C and a window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Reply = TypeVar("Reply")

QUIET_TURNS = 8  # of the loop: more than any task needs between its reply and its next question


@dataclass(slots=True)
class _Waiting(Generic[Asked, Reply]):
    order: tuple[int, str, int]
    asked: Asked
    reply: asyncio.Future[Reply]


class Batcher(Generic[Asked, Reply]):
    """Hands batches to `answer`, which returns one reply for each that was asked, in their order.

    start: run once in the working thread before anything else.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Asked]], Sequence[Reply]],
        start: Callable[[], None] | None = None,
    ) -> None:
        self._answer = answer
        self._worker = ThreadPoolExecutor(1, "language-model", initializer=start)
        self._waiting: list[_Waiting[Asked, Reply]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flush: asyncio.Task[None] | None = None

    async def submit(self, order: tuple[int, str, int], asked: Asked) -> Reply:
        """The reply to what is asked. Raises what `answer` raises."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # an earlier loop may have been stopped with questions open
            self._loop, self._flush, self._waiting = loop, None, []
        waiting: _Waiting[Asked, Reply] = _Waiting(order, asked, loop.create_future())
        self._waiting.append(waiting)
        if self._flush is None:
            self._flush = loop.create_task(self._serve())
        return await waiting.reply

    async def _serve(self) -> None:
        """Answers batch after batch until nobody waits."""
        try:
            while self._waiting:
                await self._quiet()
                batch = sorted(self._waiting, key=lambda one: one.order)
                self._waiting = []
                await self._run([one for one in batch if not one.reply.cancelled()])
                await self._quiet()
        finally:
            self._flush = None

    async def _quiet(self) -> None:
        """Returns when the loop has turned QUIET_TURNS times without a new question."""
        turns, seen = 0, len(self._waiting)
        while turns < QUIET_TURNS:
            await asyncio.sleep(0)
            turns = turns + 1 if len(self._waiting) == seen else 0
            seen = len(self._waiting)

    async def _run(self, batch: Sequence[_Waiting[Asked, Reply]]) -> None:
        if not batch:
            return
        loop = asyncio.get_running_loop()
        try:
            replies = await loop.run_in_executor(self._worker, self._answer, [one.asked for one in batch])
        except Exception as error:
            for one in batch:
                if not one.reply.done():
                    one.reply.set_exception(error)
            return
        for one, reply in zip(batch, replies, strict=True):
            if not one.reply.done():
                one.reply.set_result(reply)

    def close(self) -> None:
        """Ends the working thread once it has nothing to do."""
        self._worker.shutdown(wait=False, cancel_futures=True)
