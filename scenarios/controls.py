"""What may be asked of a run while it goes on, from another thread: see sim.protocols.Controls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue

from burgh.sim.types import BurghError, Json

WAKE_SECONDS = 0.02
Check = Callable[[Mapping[str, Json]], None]


class RunControls:
    """Pause, speed, step, stop and save, and interventions, for the window, the terminal and Ctrl-C.

    The run asks `may_go` before each tick. Interventions are checked when they are asked for, made in the
    next tick, and recorded with it (see `intervention` in sim/events.md).
    """

    def __init__(self, *, ticks_per_second: float | None = None) -> None:
        self.paused = False
        self.ticks_per_second = ticks_per_second
        self._stop = threading.Event()
        self._steps = threading.Semaphore(0)
        self._asked: SimpleQueue[Mapping[str, Json]] = SimpleQueue()
        self._save = threading.Event()
        self._check: Check | None = None
        self._last = time.monotonic()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Ends the run after this tick."""
        self._stop.set()

    def step(self) -> None:
        """Lets one tick happen while paused."""
        self._steps.release()

    def save(self) -> None:
        """Has a snapshot taken, at once where the run is paused, else after this tick."""
        self._save.set()

    def whisper(self, agent: str, say: str, fact: str = "") -> None:
        """An inner voice, which only that agent perceives. Raises BurghError where it cannot be."""
        self.intervene({"what": "whisper", "to": agent, "say": say, "fact": fact})

    def happen(self, say: str, place: str = "") -> None:
        """Something happens that those at or near the place perceive, or everyone where none is named.
        Raises BurghError where it cannot be."""
        self.intervene({"what": "event", "say": say, "place": place})

    def intervene(self, data: Mapping[str, Json]) -> None:
        """Asks for any intervention of the world. Raises BurghError where it cannot be."""
        if self._check is None:
            raise BurghError("the run has not begun yet: nothing can be changed in it")
        self._check(data)
        self._asked.put(dict(data))

    def ready(self, check: Check | None) -> None:
        """Told by the run what checks an intervention; None when it is over."""
        self._check = check

    def taken(self) -> list[Mapping[str, Json]]:
        """The interventions that were asked for and not handed out before."""
        found = []
        while True:
            try:
                found.append(self._asked.get_nowait())
            except Empty:
                return found

    def wants_save(self) -> bool:
        """Whether a snapshot was asked for since the last time that this was asked."""
        wanted = self._save.is_set()
        self._save.clear()
        return wanted

    def may_go(self, ticks: int = 1, meanwhile: Callable[[], None] | None = None) -> bool:
        """Waits as long as the run is paused or ahead of its speed; False once it is to stop.

        meanwhile: done again and again while it waits.
        """
        while self.paused and not self.stopped:
            if meanwhile is not None:
                meanwhile()
            if self._steps.acquire(timeout=WAKE_SECONDS):
                return not self.stopped
        while not self.stopped and self.ticks_per_second:
            ahead = self._last + ticks / self.ticks_per_second - time.monotonic()
            if ahead <= 0:
                break
            time.sleep(min(ahead, WAKE_SECONDS))
        self._last = time.monotonic()
        return not self.stopped
