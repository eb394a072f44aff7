"""Where requests of event loops enter the engine, and answers leave it.

What is asked in one turn of a loop, or in the few that minds need between a reply and their next question,
goes into the queue together and in the order of (tick, agent, call), so that it is computed together. The
work is done in one thread of its own: loops stay free for Ctrl-C and a window. Loops of several runs may
share it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

from burgh.agents.llm.jobs import Answer, Job, Queue

QUIET_TURNS = 8  # of the loop: more than any task needs between its reply and its next question


class Door:
    """drain: works until the queue is empty. start: run once in the working thread before anything else."""

    def __init__(
        self, queue: Queue, drain: Callable[[], None], start: Callable[[], None] | None = None
    ) -> None:
        self._queue, self._drain = queue, drain
        self._worker = ThreadPoolExecutor(1, "language-model", initializer=start)
        self._lock = threading.Lock()
        self._working = False
        self._callers: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Job]] = WeakKeyDictionary()

    async def ask(self, make: Callable[[Callable[[Answer | Exception], None]], Job]) -> Answer:
        """The answer to a job, which `make` makes of where to deliver it. Raises what the engine delivers."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def deliver(found: Answer | Exception) -> None:
            try:
                loop.call_soon_threadsafe(_settle, answer, found)
            except RuntimeError:  # the loop was closed, and nobody waits any more
                job.cancelled = True

        job = make(deliver)
        job.arrived = time.perf_counter()
        waiting = self._callers.get(loop)
        if waiting is None:
            waiting = self._callers[loop] = []
            loop.create_task(self._gather(loop, waiting))  # noqa: RUF006 (it waits for nothing but the loop)
        waiting.append(job)
        try:
            return await answer
        finally:
            job.cancelled = not answer.done() or answer.cancelled()

    async def _gather(self, loop: asyncio.AbstractEventLoop, waiting: list[Job]) -> None:
        """Queues what a loop asks once it has turned QUIET_TURNS times without a new question."""
        turns, seen = 0, 0
        while turns < QUIET_TURNS:
            await asyncio.sleep(0)
            turns = turns + 1 if len(waiting) == seen else 0
            seen = len(waiting)
        del self._callers[loop]
        self._queue.add(waiting)
        with self._lock:
            begin, self._working = not self._working, True
        if begin:
            self._worker.submit(self._work)

    def _work(self) -> None:
        while True:
            self._drain()
            with self._lock:
                if not len(self._queue):
                    self._working = False
                    return

    def close(self) -> None:
        """Ends the working thread once it has nothing to do."""
        self._worker.shutdown(wait=False, cancel_futures=True)


def _settle(answer: asyncio.Future[Answer], found: Answer | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
