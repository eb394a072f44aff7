"""What may be asked of a run while it goes on, from another thread: see sim.protocols.Controls."""

from __future__ import annotations

import threading
import time

WAKE_SECONDS = 0.02


class RunControls:
    """Pause, speed, step and stop, for the window and for Ctrl-C. The run asks `may_go` before each tick."""

    def __init__(self, *, ticks_per_second: float | None = None) -> None:
        self.paused = False
        self.ticks_per_second = ticks_per_second
        self._stop = threading.Event()
        self._steps = threading.Semaphore(0)
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

    def may_go(self, ticks: int = 1) -> bool:
        """Waits as long as the run is paused or ahead of its speed; False once it is to stop."""
        while self.paused and not self.stopped:
            if self._steps.acquire(timeout=WAKE_SECONDS):
                return not self.stopped
        while not self.stopped and self.ticks_per_second:
            ahead = self._last + ticks / self.ticks_per_second - time.monotonic()
            if ahead <= 0:
                break
            time.sleep(min(ahead, WAKE_SECONDS))
        self._last = time.monotonic()
        return not self.stopped
