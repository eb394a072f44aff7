"""A run as it was at a moment: who was where, doing what, and what one of them planned and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from rich.text import Text

from burgh.scenarios.ask.past import time_at
from burgh.scenarios.cli.console import count, line, out, table
from burgh.scenarios.cli.sale import market_json, print_market, print_sale, purse_line, sale_json, standing
from burgh.scenarios.nearest import suggest
from burgh.scenarios.recorded import as_written
from burgh.sim.clock import Clock, moment_named
from burgh.sim.record import RunLog, open_index, open_log
from burgh.sim.record.reader import ends_run
from burgh.sim.types import BurghError, Json
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.mind import MindIndex, MindView, PlanLine
from burgh.sim.viewer.scene import Scene

LATEST_LINES = 12


def clock_of(started: Mapping[str, Json]) -> Clock:
    """The clock of a run, from the data of its `run_started` event."""
    return Clock(datetime.fromisoformat(started["start"]), int(started["tick_seconds"]))


@dataclass(frozen=True, slots=True)
class Moment:
    """A run after a tick. last_tick: to which the run goes."""

    folder: Path
    started: Mapping[str, Json]
    tick: int
    last_tick: int
    scene: Scene
    minds: MindIndex

    @classmethod
    def of(cls, folder: Path, tick: int | None = None, at: str | None = None) -> Self:
        """The run in a folder after a tick, or at a time of day; at its end where neither is given."""
        log = open_log(folder)
        started = log.started.data
        last_tick = _last_tick(log)
        when = tick_of(log, tick, at)
        builder, minds = SceneBuilder(), MindIndex()
        with open_index(folder) as index:
            for event in index.events(last_tick=when):
                builder.apply(event)
                minds.apply(event)
        # a run that is under way may have gone on since
        return cls(folder, started, when, max(when, last_tick), builder.scene(when), minds)

    @property
    def clock(self) -> Clock:
        return clock_of(self.started)

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(self.started["agents"])

    def check_agent(self, name: str) -> None:
        """Raises BurghError for a name that is none of this run's."""
        if name not in self.agents:
            raise BurghError(f"there is no agent {name!r} in this run: {suggest(name, self.agents)}")

    def mind(self, name: str) -> MindView:
        return self.minds.view(name, self.tick, self.clock, doing=self.doing(name), memories=LATEST_LINES)

    def place(self, name: str) -> str:
        """Where an agent is, without the town's name."""
        person = self.scene.people.get(name)
        return short_place(person.place) if person is not None else ""

    def doing(self, name: str) -> str:
        person = self.scene.people.get(name)
        if person is None:
            return ""
        if person.asleep:
            return "sleeps"
        if person.walking or (person.goal and not person.activity):
            return f"walks to {short_place(person.goal)}" if person.goal else "walks"
        return person.activity

    def to_json(self, agent: str | None = None) -> dict[str, Json]:
        """Plain data: the moment, and its agents or, where one is named, that one's whole mind."""
        head = {"run": str(self.folder), "tick": self.tick, "time": self.scene.time.isoformat()}
        if agent is not None:
            return {**head, "agent": agent, "place": self.place(agent), **asdict(self.mind(agent))}
        agents = [
            {
                "name": name,
                "place": self.place(name),
                "doing": self.doing(name),
                "why": self.mind(name).why,
                "memories": self.mind(name).memory_count,
            }
            for name in self.agents
        ]
        said = [{"tick": caption.tick, "text": caption.text} for caption in self.scene.captions]
        sold = {"sale": sale_json(self.scene.sale)} if self.scene.sale.is_there else {}
        return {**head, "agents": agents, **sold, **market_json(self.scene), "latest": said}


def _last_tick(log: RunLog) -> int:
    """To which the run goes: its end where it came to it, else the last that is recorded."""
    last = log.last_frame
    if last is None:
        return 0
    with as_written(log):
        until = log.meta.get("scenario", {}).get("until")
        if ends_run(last) and last.events[-1].data["reason"] == "end" and until is not None:
            return max(last.tick, clock_of(log.started.data).tick_of(datetime.fromisoformat(until)))
    return last.tick


def tick_of(log: RunLog, tick: int | None = None, at: str | None = None) -> int:
    """The tick that is meant by a number or a time of day: the last where neither is given.

    Raises BurghError where the run does not go so far.
    """
    last_tick, clock = _last_tick(log), clock_of(log.started.data)
    if at is not None:
        tick = clock.tick_of(moment_named(clock, at))
    if tick is None:
        return last_tick
    if not 0 <= tick <= last_tick:
        raise BurghError(
            f"{at if at is not None else f'tick {tick}'} is not in {log.folder}: it goes from"
            f" {clock.start:%H:%M} to {time_at(clock, last_tick)}, tick {last_tick}"
        )
    return tick


def short_place(path: str) -> str:
    """A place without the town it is in: "Bakery : Shop"."""
    return path.partition(" : ")[2] or path


def print_town(moment: Moment) -> None:
    """Everyone at that moment, and what was said and done last."""
    _print_head(moment)
    if moment.scene.sale.is_there and not moment.scene.people:
        print_sale(moment.scene.sale)
    elif moment.scene.trade.is_there or moment.scene.shop.is_there:
        print_market(moment.scene)
    else:
        rows = [
            (name, moment.place(name), moment.doing(name) or "-", moment.mind(name).why or "-")
            for name in moment.agents
        ]
        out.print(table(("who", "where", "does", "why"), rows))
        if moment.scene.sale.is_there:
            line("\nThe auction", "bold")
            print_sale(moment.scene.sale)
    captions = moment.scene.captions[-LATEST_LINES:]
    if captions:
        line("\nLatest", "bold")
    for caption in captions:
        _print_at(f"{moment.clock.at(caption.tick):%H:%M}", caption.text)


def print_agent(moment: Moment, name: str) -> None:
    """One agent's mind at that moment."""
    view = moment.mind(name)
    _print_head(moment)
    where = ", ".join(part for part in (name, moment.place(name)) if part)
    doing = view.doing if moment.scene.people else ""  # at a sale nobody does anything besides
    line(f"{where}: {doing}" if doing else where, "bold")
    if (bidder := moment.scene.sale.bidders.get(name)) is not None:
        line(purse_line(bidder))
    if stands := standing(moment.scene, name):
        line(stands)
    if view.why:
        line(f"because {view.why}")
    _print_plan("Plan of the day", view.plan)
    _print_plan("The next hour", view.hour)
    if not moment.scene.people and not view.memory_count:
        return
    line(f"\nMemories: {view.memory_count}, the latest first", "bold")
    rows = [
        (
            memory.id,
            f"{moment.clock.at(memory.created):%H:%M}",
            f"{memory.importance:.0f}",
            memory.kind,
            memory.text,
        )
        for memory in view.memories
    ]
    out.print(table(("id", "made", "imp.", "kind", "text"), rows, right=("imp.",)))
    if view.picked:
        line(f"\nWhat came to mind last, asked for: {view.query}", "bold")
        rows = [
            (
                f"{found.score:.2f}",
                f"{found.recency:.2f}",
                f"{found.importance:.2f}",
                f"{found.relevance:.2f}",
                found.text,
            )
            for found in view.picked
        ]
        columns = ("score", "recency", "imp.", "relevance", "text")
        out.print(table(columns, rows, right=columns[:-1]))


def _print_plan(title: str, plan: tuple[PlanLine, ...]) -> None:
    if not plan:
        return
    line(f"\n{title}", "bold")
    rows = [
        (
            ">" if entry.current else "",
            entry.start,
            str(entry.minutes),
            short_place(entry.place),
            entry.activity,
        )
        for entry in plan
    ]
    out.print(table(("", "at", "min.", "where", "what"), rows, right=("min.",)))


def _print_head(moment: Moment) -> None:
    started, scene = moment.started, moment.scene
    state = f", ended ({scene.ended})" if scene.ended else ""
    line(
        f"{started['scenario']}, seed {started['seed']}: {scene.time:%A %H:%M},"
        f" tick {moment.tick:,} of {count(moment.last_tick, 'tick')}{state}",
        "bold",
    )


def _print_at(time: str, text: str) -> None:
    out.print(Text.assemble((f"{time}  ", "dim"), text))
