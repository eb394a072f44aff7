"""Talking to a run while it goes on: one line, one command, at the terminal and in the window alike."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from burgh.scenarios.ask.past import time_at
from burgh.scenarios.controls import RunControls
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.changes import parse_event, parse_whisper
from burgh.sim.clock import is_bare, moment_named
from burgh.sim.engine import Tick
from burgh.sim.protocols import Call
from burgh.sim.types import BurghError, Json

AT_ONCE = 10_000  # ticks of one `step`
LATELY = 60  # characters of what is being written that are told: the last
MARK = "/"  # before a command while a person is asked

Interview = Callable[[str, str], str]  # an agent and a question: the answer, as a text


@dataclass(frozen=True, slots=True)
class Command:
    """usage: as it is written. says: what it does. do: does it with the rest of the line, and answers."""

    usage: str
    says: str
    do: Callable[[str], str]

    @property
    def name(self) -> str:
        return self.usage.split()[0]


class Live:
    """The commands for one run. interview: asks a mind something without changing it; None where minds
    cannot be asked. places: of the world, where it has any."""

    def __init__(
        self,
        controls: RunControls,
        scenario: Basis,
        *,
        interview: Interview | None = None,
    ) -> None:
        self.controls = controls
        self.scenario = scenario
        self.interview = interview
        self.places: tuple[str, ...] = ()
        self._writes: tuple[str, str] | None = None
        self.tick = 0
        commands = [
            Command("go", "goes on until it is paused", self._go),
            Command("pause", "holds the run after this tick", self._pause),
            Command("step [N]", "lets N ticks happen (1), then pauses", self._step),
            Command(
                "until TIME", "goes on to a time (09:00; day 2, 09:00; tick 900), then pauses", self._until
            ),
            Command("speed X", "game minutes a second; 0 is as fast as it goes", self._speed),
            Command("whisper AGENT: WORDS", "an inner voice, which only that agent hears", self._whisper),
            Command("event [PLACE:] WORDS", "something happens that all who are there perceive", self._event),
            Command("place THING at PLACE", "puts a thing somewhere", self._place),
            Command("interview AGENT: QUESTION", "asks a mind, which will not know of it", self._interview),
            Command("save", "takes a snapshot", self._save),
            Command("quit", "ends the run after this tick; `burgh resume` goes on with it", self._quit),
            Command("help", "lists these", self._help),
        ]
        self.commands: Mapping[str, Command] = {command.name: command for command in commands}

    def told(self, tick: Tick) -> None:
        """A tick is in the record."""
        self.tick, self._writes = tick.tick, None
        for event in tick.events:
            if event.kind == "scene":
                self.places = tuple(place["path"] for place in event.data.get("places", ()))

    @property
    def now(self) -> int:
        """The tick that the run has come to: the last in the record, or where it is held after that."""
        return max(self.tick, self.controls.reached)

    def hear(self, call: Call, text: str) -> None:
        """The language model writes something, of which there is that much. In whatever thread."""
        self._writes = (call.agent, text) if call.agent and text.strip() else self._writes

    @property
    def writing(self) -> str:
        """Who writes something just now, and as much of it as there is; "" for nobody."""
        writes = self._writes
        if writes is None:
            return ""
        text = " ".join(writes[1].split())
        return f"{writes[0]} writes: {text if len(text) <= LATELY else f'… {text[-LATELY:]}'}"

    @property
    def question(self) -> str:
        """What a person who has a seat is asked now, in one text; "" if nothing."""
        asked = self.controls.asked
        if asked is None or asked.question is None:
            return ""
        return f"{asked.situation}\n{asked.question}"

    @property
    def seat(self) -> str:
        """Who it is whose seat that person has; "" if nothing is asked."""
        asked = self.controls.asked
        return "" if asked is None or asked.question is None else asked.agent

    @property
    def times_asked(self) -> int:
        """How often somebody was asked so far: the same may be asked again."""
        return self.controls.times_asked

    @property
    def begun(self) -> bool:
        """Whether a part of what is asked was answered, which an empty line takes back."""
        asked = self.controls.asked
        return asked is not None and asked.dialogue.begun

    @property
    def asks(self) -> tuple[str, str]:
        """The situation, and the question within it; both "" if nothing is asked."""
        asked = self.controls.asked
        return ("", "") if asked is None or asked.question is None else (asked.situation, str(asked.question))

    def command(self, line: str) -> str:
        """Does what a line says; returns what to tell. Raises BurghError, saying what would be right.

        While a person is asked, a line is their answer; a command then begins with "/".
        """
        said = line.strip()
        if self.controls.asked is not None and not said.startswith(MARK):
            self.controls.answer(said)
            return ""
        name, _, rest = said.removeprefix(MARK).partition(" ")
        if not name:
            return ""
        command = self.commands.get(name.lower())
        if command is None:
            raise BurghError(f"{name!r} is no command: {suggest(name, self.commands)} (help lists them)")
        try:
            return command.do(rest.strip())
        except BurghError as fault:  # of the command line an option, here a command
            raise BurghError(str(fault).removeprefix("--")) from None

    def _go(self, rest: str) -> str:
        self.controls.paused = False
        return "going on"

    def _pause(self, rest: str) -> str:
        self.controls.paused = True
        return "paused"

    def _step(self, rest: str) -> str:
        if rest and not (rest.isascii() and rest.isdecimal() and 1 <= int(rest) <= AT_ONCE):
            raise BurghError(f"step: {rest!r} is no number of ticks from 1 to {AT_ONCE}")
        self.controls.paused = True
        for _ in range(int(rest or 1)):
            self.controls.step()
        return ""

    def _until(self, rest: str) -> str:
        clock, end = self.scenario.clock, self.scenario.until_tick
        now = self.now
        tick = clock.tick_of(moment_named(clock, rest))
        if is_bare(rest) and tick <= now:  # the next time that a clock shows it
            tick = clock.next_tick_of(clock.at(tick).time(), now)
        if tick <= now or tick > end:
            between = f"it is {time_at(clock, now)} already, and the run ends at {time_at(clock, end)}"
            raise BurghError(f"until: {between}: name a time between them")
        self.controls.go_until(tick)
        return f"going on until {time_at(clock, tick)}"

    def _speed(self, rest: str) -> str:
        try:
            speed = float(rest)
        except ValueError:
            speed = math.nan
        if not 0 <= speed <= 1_000_000:
            raise BurghError(f"speed: {rest!r} is no number of game minutes a second: write speed 10")
        ticks = speed * 60 / self.scenario.tick_seconds
        self.controls.ticks_per_second = ticks or None
        return f"{speed:g} game minute{'' if speed == 1 else 's'} a second" if ticks else "as fast as it goes"

    def _whisper(self, rest: str) -> str:
        data = parse_whisper(rest, getattr(self.scenario, "facts", {}))
        return self._intervene(data, f"{data['to']} will hear it")

    def _event(self, rest: str) -> str:
        data = parse_event(rest, self.places)
        return self._intervene(data, "it will happen")

    def _place(self, rest: str) -> str:
        found = re.fullmatch(r"(?:an? |the )?(?P<name>.+?)\s+(?:at|in|on)\s+(?:the )?(?P<place>.+)", rest)
        if found is None:
            raise BurghError(f'place: {rest!r} cannot be read: write "place notice board at Market Square"')
        wanted = found["place"].strip()
        whole = [path for path in self.places if wanted in (path, path.partition(" : ")[2])]
        if not whole:
            known = [path.partition(" : ")[2] or path for path in self.places]
            raise BurghError(f"place: there is no place {wanted!r}: {suggest(wanted, known)}")
        data = {"what": "object", "name": found["name"].strip(), "place": whole[0], "kind": ""}
        return self._intervene(data, "it will be there")

    def _intervene(self, data: Mapping[str, Json], done: str) -> str:
        self.controls.intervene(data)
        return f"{done} in the next tick"

    def _interview(self, rest: str) -> str:
        agent, colon, question = (part.strip() for part in rest.partition(":"))
        if not (colon and agent and question):
            raise BurghError(f'interview: {rest!r} cannot be read: write "interview AGENT: QUESTION"')
        known = [one.name for one in self.scenario.agents]
        if agent not in known:
            raise BurghError(f"interview: there is no agent {agent!r}: {suggest(agent, known)}")
        if self.interview is None:
            raise BurghError("interview: the minds of this run cannot be asked")
        answer = self.interview(agent, question)
        self.controls.intervene({"what": "interview", "to": agent, "question": question, "answer": answer})
        return answer

    def _save(self, rest: str) -> str:
        self.controls.save()
        return "a snapshot is taken"

    def _quit(self, rest: str) -> str:
        self.controls.stop()
        return "stopping after this tick"

    def _help(self, rest: str) -> str:
        wide = max(len(command.usage) for command in self.commands.values())
        lines = (f"{command.usage:<{wide}}  {command.says}" for command in self.commands.values())
        return "\n".join(lines)
