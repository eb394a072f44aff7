"""What may be asked of a run while it goes on, from another thread: see sim.protocols.Controls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from burgh.sim.dialogue import Dialogue, Question
from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Json

WAKE_SECONDS = 0.02
USUAL = {"act": "tell"}  # of a person's words, where it is not said what they are for
Check = Callable[[Mapping[str, Json]], None]


class Stopped(Exception):
    """The run was stopped while a person was asked; the tick comes to nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Somebody who has a seat is asked. situation: what they perceive. dialogue: the answer in the making."""

    agent: str
    situation: str
    dialogue: Dialogue
    answered: threading.Event = field(default_factory=threading.Event)

    @property
    def question(self) -> Question | None:
        return self.dialogue.question


class RunControls:
    """Pause, speed, step, stop and save, and interventions, for the window, the terminal and Ctrl-C.

    The run asks `may_go` before each tick. Interventions are checked when they are asked for, made in the
    next tick, and recorded with it (see `intervention` in sim/events.md).
    """

    def __init__(self, *, ticks_per_second: float | None = None) -> None:
        self._paused = False
        self._ticks_per_second = ticks_per_second
        self._noted: SimpleQueue[Mapping[str, Json]] = SimpleQueue()
        self._stop = threading.Event()
        self._steps = threading.Semaphore(0)
        self._asked: SimpleQueue[Mapping[str, Json]] = SimpleQueue()
        self._save = threading.Event()
        self._check: Check | None = None
        self._last = time.monotonic()
        self._pause_before: int | None = None
        self.tick = 0  # the last that is in the record
        self.reached = 0  # the tick up to which `go_until` has let time pass
        self.resting = False  # paused, with no step left to take
        self._seats = threading.Lock()  # of several who are played, one is asked after the other
        self.asked: Asked | None = None
        self.times_asked = 0
        self.played = False  # somebody is there to be asked

    @property
    def paused(self) -> bool:
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        if paused != self._paused:
            self.note({"paused": paused})
        self._paused = paused

    @property
    def ticks_per_second(self) -> float | None:
        """Of the run; None for as fast as it goes."""
        return self._ticks_per_second

    @ticks_per_second.setter
    def ticks_per_second(self, speed: float | None) -> None:
        if speed != self._ticks_per_second:
            self.note({"ticks_per_second": speed})
        self._ticks_per_second = speed

    def note(self, data: Mapping[str, Json]) -> None:
        """What was asked of the run that changes nothing in it; it is kept beside the record."""
        self._noted.put({"tick": max(self.tick, self.reached), "asked": dict(data)})

    def noted(self) -> list[Mapping[str, Json]]:
        """What was noted and not handed out before: `tick`, and what was `asked`."""
        return _all_of(self._noted)

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    @property
    def settled(self) -> bool:
        """Whether it has come to rest, or goes on with no end in sight: nothing asked of it is under way."""
        return self.resting or not (self.paused or self._pause_before is not None)

    def stop(self) -> None:
        """Ends the run after this tick."""
        self.note({"stop": True})
        self._stop.set()

    def step(self) -> None:
        """Lets one tick happen while paused."""
        self.note({"step": 1})
        self.resting = False
        self._steps.release()

    def go_until(self, tick: int) -> None:
        """Goes on, and pauses before the first tick that is later than this one."""
        self.note({"until": tick})
        self._pause_before = tick + 1
        self.paused = self.resting = False

    def ask(self, agent: str, situation: str, spec: ActionSpec, may_pass: bool) -> str:
        """Waits for a person's answer; "" for none. Raises Stopped where the run is to stop instead."""
        nothing = "go on" if may_pass else ""
        asked = Asked(agent, situation, Dialogue(spec, nothing=nothing, usual=USUAL))
        with self._seats:
            self.times_asked += 1
            self.asked = asked
            try:
                while not asked.answered.wait(WAKE_SECONDS):
                    if self.stopped:
                        raise Stopped
            finally:
                self.asked = None
        answer = asked.dialogue.answer
        return "" if answer is None else spec.write(answer)

    def answer(self, line: str) -> None:
        """A line of the answer to what is asked. Raises BurghError, saying what would be right."""
        asked = self.asked
        if asked is None:
            raise BurghError("nothing is asked just now")
        asked.dialogue.say(line)
        if asked.dialogue.question is None:
            self.asked = None
            asked.answered.set()

    def save(self) -> None:
        """Has a snapshot taken, at once where the run is paused, else after this tick."""
        self.note({"save": True})
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
        return _all_of(self._asked)

    def wants_save(self) -> bool:
        """Whether a snapshot was asked for since the last time that this was asked."""
        wanted = self._save.is_set()
        self._save.clear()
        return wanted

    def may_go(
        self,
        ticks: int = 1,
        meanwhile: Callable[[], None] | None = None,
        *,
        upcoming: int | None = None,
    ) -> bool:
        """Waits as long as the run is paused or ahead of its speed; False once it is to stop.

        meanwhile: done again and again while it waits. upcoming: the tick that is asked about.
        """
        if self._pause_before is not None and upcoming is not None and upcoming >= self._pause_before:
            self.reached = self._pause_before - 1
            self.paused, self._pause_before = True, None
        while self.paused and not self.stopped:
            if meanwhile is not None:
                meanwhile()
            if self._steps.acquire(timeout=WAKE_SECONDS):
                return not self.stopped
            self.resting = self.paused
        self.resting = False
        while not self.stopped and self.ticks_per_second:
            ahead = self._last + ticks / self.ticks_per_second - time.monotonic()
            if ahead <= 0:
                break
            time.sleep(min(ahead, WAKE_SECONDS))
        self._last = time.monotonic()
        return not self.stopped


def _all_of(queue: SimpleQueue[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    found = []
    while True:
        try:
            found.append(queue.get_nowait())
        except Empty:
            return found


def asker(controls: RunControls | None) -> Callable[[str, str, ActionSpec, bool], str] | None:
    """What asks a person, where somebody is there to be asked."""
    return controls.ask if controls is not None and controls.played else None
