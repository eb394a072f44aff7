"""Runs to ask: one made by hand, event by event, and a scripted market-day, run once for all tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from burgh.scenarios.ask.past import Past
from burgh.scenarios.build import Parts
from burgh.scenarios.cli import main as cli
from burgh.scenarios.load import load_town
from burgh.scenarios.run import run_scenario
from burgh.sim.clock import Clock
from burgh.sim.engine import Tick
from burgh.sim.protocols import Mind
from burgh.sim.record import open_log
from burgh.sim.types import Event, Json, fixed

CLOCK = Clock(datetime(2026, 5, 4, 7, 30), 10)
AGENTS = ("Ann", "Ben", "Cid")
SQUARE = "Town : Market Square"
HOME = "Town : Home : Kitchen"


SNAPSHOTS: dict[int, dict[str, Json]] = {}  # of the minds of market_day, by tick and name
SNAPSHOT_TICKS = 150  # how far these lie apart, at least


@cache
def market_day() -> Path:
    """The folder of market-day until 11:05 with the scripted model. Fills SNAPSHOTS."""
    scratch = Path(tempfile.mkdtemp(prefix="burgh-ask-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    scenario = load_town("market-day", {"model": "scripted", "until": "11:05"})
    often = scenario.reflection.model_copy(update={"threshold": 60.0})  # so that everyone reflects by then
    scenario = scenario.model_copy(update={"reflection": often})
    minds: list[Mind] = []

    def ready(parts: Parts) -> None:
        minds.extend(parts.minds)

    def watch(tick: Tick) -> None:
        if not SNAPSHOTS or tick.tick >= max(SNAPSHOTS) + SNAPSHOT_TICKS or tick.tick > 1250:
            SNAPSHOTS[tick.tick] = {mind.name: mind.snapshot() for mind in minds}

    return run_scenario(scenario, scratch / "market-day", ready=ready, watchers=(watch,)).folder


@cache
def arrivals() -> tuple[Event, ...]:
    """Who arrives on the square of market_day for the market, in order."""
    events = open_log(market_day()).events()
    return tuple(
        event
        for event in events
        if event.kind == "arrived" and event.data["place"] == "Burgh : Market Square" and event.tick > 1100
    )


def asked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """What a command answers: its exit code, its output and its errors."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


class Story:
    """Events made by hand, as a run records them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._memories: dict[str, int] = {}

    def past(self, tick: int | None = None) -> Past:
        return Past.from_events(self.events, AGENTS, CLOCK, tick)

    def add(
        self,
        tick: int,
        kind: str,
        agent: str | None,
        data: Mapping[str, Json],
        causes: Sequence[str] = (),
        *,
        source: str = "",
    ) -> str:
        name = f"{tick}.{source or agent or 'world'}.{len(self.events)}"
        self.events.append(Event(name, kind, agent, data, tuple(causes)))
        return name

    def remembers(
        self, tick: int, agent: str, text: str, causes: Sequence[str] = (), **more: Json
    ) -> tuple[str, str]:
        """A memory; its id, and that of its event."""
        number = self._memories.get(agent, 0)
        self._memories[agent] = number + 1
        name = f"{agent}:{number}"
        data: dict[str, Json] = {"id": name, "kind": "observation", "text": text, "importance": fixed(5.0)}
        data |= {"created": tick, "place": "Town", "subjects": [], "evidence": [], "fact": "", "from": ""}
        return name, self.add(tick, "memory", agent, {**data, **more}, causes)

    def says(
        self,
        tick: int,
        speaker: str,
        to: str,
        words: str,
        *,
        memory: tuple[str, str] = ("", ""),
        causes: Sequence[str] = (),
        **more: Json,
    ) -> str:
        """Something said, with the speaker's decision where it is an agent; the id of the `said` event."""
        act = "tell" if memory[0] else "greet"
        heard_by = more.pop("heard_by", [to])
        told = {"to": to, "act": act, "subject": memory[0], "fact": "", "meaning": "", "words": words, **more}
        behind: tuple[str, ...] = ()
        if speaker in AGENTS:
            grounds = [*causes, *([memory[1]] if memory[1] else [])]
            behind = (self.decides(tick, speaker, {"tool": "say", "arguments": told}, grounds),)
        data = {**told, "speaker": speaker, "heard_by": heard_by}
        return self.add(tick, "said", speaker if speaker in AGENTS else None, data, behind, source="world")

    def hears(
        self, tick: int, agent: str, said: str, source: str, text: str, **more: Json
    ) -> tuple[str, str]:
        return self.remembers(
            tick, agent, text, [said], **{"kind": "speech", "from": source, "subjects": [source], **more}
        )

    def decides(
        self, tick: int, agent: str, answer: Json, causes: Sequence[str] = (), why: str = "so"
    ) -> str:
        return self.add(tick, "decided", agent, {"answer": answer, "why": why}, causes)

    def goes(self, tick: int, agent: str, place: str, causes: Sequence[str] = (), ticks: int = 5) -> str:
        """Decides to go, sets out, and arrives some ticks later; the id of the decision."""
        go = self.decides(tick, agent, {"tool": "go", "arguments": {"place": place}}, causes)
        out = self.add(tick, "set_out", agent, {"place": place}, (go,), source="world")
        if ticks:
            self.add(tick + ticks, "arrived", agent, {"place": place}, (out,), source="world")
        return go

    def plans(
        self, tick: int, agent: str, causes: Sequence[str], *entries: tuple[str, int, str, str], **more: Json
    ) -> str:
        """entries: start, minutes, place, and the id of the memory behind it."""
        written = [
            {"start": start, "minutes": minutes, "place": place, "activity": "resting", "why": memory}
            for start, minutes, place, memory in entries
        ]
        data = {"entries": written, "changed": "day", "new": list(range(len(written))), **more}
        return self.add(tick, "planned", agent, data, causes)
