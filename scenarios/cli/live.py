"""A run's commands at the terminal: lines of standard input, answered on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from burgh.scenarios.ask.past import time_at
from burgh.scenarios.cli.console import err, say_fault
from burgh.scenarios.controls import WAKE_SECONDS, Asked
from burgh.scenarios.live import MARK, Live
from burgh.sim.types import BurghError

BEGIN = "paused before the first tick: go, until 09:00, step, or help"
ASKED = "cyan"  # the colour of questions
PLAYS = f"answer by number or by name; {MARK}help lists commands"


class Terminal:
    """Reads lines and does them. lines that come faster than the run, from a file or a pipe, wait: for the
    pause after `until` and `step`, and where somebody is played for the question that they answer."""

    def __init__(self, live: Live, stream: TextIO) -> None:
        self.live = live
        self.controls = live.controls
        self.stream = stream
        self.over = threading.Event()

    def read(self) -> None:
        """Does each line until there is none, or the run is over."""
        for line in self.stream:
            if not self._waited(line):
                return
            self._do(line)
        self._no_more_lines()

    def _do(self, line: str) -> None:
        asked = self.live.asks[1] if line.strip().startswith(MARK) else ""
        try:
            answer = self.live.command(line)
        except BurghError as fault:
            say_fault(str(fault))
        else:
            if answer:
                err.print(answer, soft_wrap=True)
        if asked and not self.controls.stopped:  # it was asked above what a command has told
            err.print(asked, style=ASKED, soft_wrap=True)

    def tell(self) -> None:
        """Says each question once, as soon as it is asked, and when the run has come to rest."""
        before: tuple[Asked | None, str] = (None, "")
        told = 0  # the tick at which the run rests, where that was told
        while not self.over.wait(WAKE_SECONDS):
            if self.controls.resting and (at := self.live.now) != told:
                told = at
                err.print(f"paused at {time_at(self.live.scenario.clock, at)}, tick {at}", style="dim")
            asked = self.controls.asked
            question = None if asked is None else asked.question
            if asked is None or question is None or (asked, str(question)) == before:
                continue
            if asked is not before[0]:
                err.print(f"\n{asked.situation}", style="bold", soft_wrap=True)
            before = (asked, str(question))
            err.print(before[1], style=ASKED, soft_wrap=True)

    def _waited(self, line: str) -> bool:
        """Waits until the line's turn has come; False where the run is over instead."""
        command = not self.controls.played or line.strip().startswith(MARK)
        while not self.over.is_set() and not self.controls.stopped:
            if command and (self.stream.isatty() or self.controls.settled):
                return True
            if not command and self.controls.asked is not None:
                return True
            time.sleep(WAKE_SECONDS)
        return False

    def _no_more_lines(self) -> None:
        """Nobody is there any more: a run goes on by itself, but not where somebody has to be asked."""
        if not self._waited("") or self.controls.stopped:
            return
        if self.controls.played:
            err.print("no more answers: stopping (`burgh resume` goes on)", style="dim")
            self.controls.stop()
        else:
            self.controls.paused = False


@contextmanager
def at_terminal(live: Live, stream: TextIO | None = None) -> Iterator[Terminal]:
    """Takes commands for as long as it lasts. A thread that waits for a line then is left to itself."""
    terminal = Terminal(live, stream or sys.stdin)
    live.controls.paused = not live.controls.played
    err.print(PLAYS if live.controls.played else BEGIN, style="dim")
    threads = [threading.Thread(target=work, daemon=True) for work in (terminal.read, terminal.tell)]
    for thread in threads:
        thread.start()
    try:
        yield terminal
    finally:
        terminal.over.set()
        threads[1].join()
