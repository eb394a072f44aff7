"""The moment that is shown, and how it goes on: pause, speed, steps, jumps. No pygame."""

from __future__ import annotations

import math

from burgh.sim.protocols import Controls
from burgh.sim.viewer.playback import Playback

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
READING_SPEED = 2.0  # up to this speed, time waits for what is said to be read
READING_TICKS_PER_SECOND = 0.7


class Player:
    """At speed 1 a game minute passes in a second. With controls, the run itself is held and driven too."""

    def __init__(self, playback: Playback, controls: Controls | None = None) -> None:
        self.playback = playback
        self.controls = controls
        self.tick = 0.0
        self.speed = 1.0
        self._paused = False
        self._awaited: int | None = None  # the last tick known when a step was asked of the run
        self._told: float | None = None  # the speed that the run was told
        self._tell_speed()

    @property
    def paused(self) -> bool:
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._awaited = None
        if self.controls is not None:
            self.controls.paused = paused

    @property
    def ticks_per_second(self) -> float:
        return self.speed * 60 / self.playback.clock.tick_seconds

    @property
    def at_edge(self) -> bool:
        """Whether nothing newer is known."""
        return self.tick >= self.playback.last_tick

    def faster(self, steps: int = 1) -> None:
        """Goes up (or down) the list of speeds."""
        index = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.speed = SPEEDS[max(0, min(len(SPEEDS) - 1, index + steps))]
        self._tell_speed()

    def seek(self, tick: float) -> None:
        """Goes to a moment, as far as it is known."""
        self.tick = max(0.0, min(float(tick), float(self.playback.last_tick)))

    def step(self, ticks: int) -> None:
        """Pauses and goes to the next or the previous tick; past the edge it asks the run for one more."""
        self.paused = True
        goal = math.floor(self.tick) + 1 if ticks > 0 else math.ceil(self.tick) - 1
        if goal > self.playback.last_tick and self.controls is not None and not self.playback.ended:
            self._awaited = self.playback.last_tick
            self.controls.step()
        else:
            self.seek(goal)

    def advance(self, seconds: float, *, reading: bool = False) -> None:
        """Lets so much real time pass. reading: something that was just said is on the screen."""
        self._obey()
        if self._paused:
            if self._awaited is not None and self.playback.last_tick > self._awaited:
                self._awaited = None
                self.tick = float(self.playback.last_tick)
            return
        rate = self.ticks_per_second
        if reading and self.speed <= READING_SPEED:
            rate = min(rate, READING_TICKS_PER_SECOND * max(1.0, self.speed))
        self.seek(self.tick + rate * seconds)

    def _obey(self) -> None:
        """Takes over what a command told the run: a pause, once it is seen to hold, and a speed."""
        if self.controls is None:
            return
        if self._paused and not self.controls.paused:
            self._paused = False
        elif self.controls.paused and self.at_edge:
            self._paused = True
        if self.controls.ticks_per_second != self._told:
            self._told = self.controls.ticks_per_second
            game_minutes = (self._told or math.inf) * self.playback.clock.tick_seconds / 60
            self.speed = min(game_minutes, SPEEDS[-1])

    def release(self) -> None:
        """Lets the run go on by itself, as fast as it goes: the window closes."""
        if self.controls is not None:
            self.controls.paused = False
            self.controls.ticks_per_second = None

    def _tell_speed(self) -> None:
        if self.controls is not None:
            self.controls.ticks_per_second = self._told = self.ticks_per_second
