"""One run under way: tick by tick, with its snapshots, and what is changed in it from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from burgh.agents.llm.accounts import Accounts
from burgh.agents.llm.budgets import WHAT as BUDGET
from burgh.scenarios.build import Parts, build_model, build_players, ledger
from burgh.scenarios.controls import RunControls
from burgh.scenarios.kinds import Means
from burgh.scenarios.spec import Basis
from burgh.scenarios.travel.changes import OF_SCENARIO, OF_WORLD, changed, check_in_world, forget
from burgh.sim.code import code_hash
from burgh.sim.engine import Engine, Tick
from burgh.sim.protocols import Intervenable, Mind
from burgh.sim.record import RunWriter
from burgh.sim.types import BurghError, Event, Json

CODE = "code"  # in a state: the hash of the code that wrote it
SNAPSHOT_MINUTES = 30  # of game time between two snapshots
SNAPSHOT_REST = 10  # times as long as the last one took, at least, until the next: many minds are large

Watcher = Callable[[Tick], None]


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is to be changed from outside at a tick. agent: whom it is about, if anyone."""

    tick: int
    agent: str | None
    data: Mapping[str, Json]


class Session:
    """base: the scenario as the record names it. scenario: as it is now, with what was changed since.
    until_tick: where it stops. end_tick: where it is over, which may be later."""

    def __init__(
        self,
        base: Basis,
        parts: Parts,
        writer: RunWriter,
        *,
        scenario: Basis | None = None,
        watchers: tuple[Watcher, ...] = (),
        controls: RunControls | None = None,
    ) -> None:
        self.base = base
        self.scenario = scenario or base
        self.parts = parts
        self.writer = writer
        self.watchers = watchers
        self.controls = controls or RunControls()
        self.until_tick = self.end_tick = base.until_tick
        self.engine = Engine(parts.world, parts.minds, writer, base.clock, intervened=self._intervened)
        self._begun = False
        self._every = base.clock.ticks(SNAPSHOT_MINUTES)
        self._saved_tick = -1
        self._rested = 0.0  # the clock's seconds from which on another snapshot may be taken
        self._tick_began = time.perf_counter()
        self._paid = parts.accounts.total()

    def state(self) -> dict[str, Json]:
        """All of it as plain data, between two ticks."""
        return {
            "engine": self.engine.snapshot(),
            "world": self.engine.world.snapshot(),
            "minds": {name: mind.snapshot() for name, mind in self.engine.minds.items()},
            "budgets": self.parts.replies.ledger.snapshot(),
            CODE: code_hash(),
        }

    def take_up(self, state: Json) -> None:
        """Goes on from a state instead of beginning."""
        self.engine.restore(state["engine"])
        self.engine.world.restore(state["world"])
        for name, mind in self.engine.minds.items():
            mind.restore(state["minds"][name])
        if "budgets" in state:
            self.parts.replies.ledger.restore(state["budgets"])
        self._begun = True
        self._saved_tick = self.engine.tick
        self.writer.end_tick(self.engine.tick)  # ticks without events may have passed since the last frame

    def expect(self, interventions: Iterable[Intervention]) -> None:
        """Notes what is to be changed at later ticks."""
        for one in interventions:
            self.engine.intervene(one.data, one.agent, tick=one.tick)

    async def whole(self) -> str:
        """Runs until it is over or stopped. Returns why it ended: "end" or "stopped"."""
        self.controls.ready(self._check)
        try:
            if not self._begun:
                self._after(await self.engine.begin(self._started()))
                self._begun = True
            await self.engine.run(self.until_tick, before_tick=self._before, after_tick=self._after)
        finally:
            self.controls.ready(None)
        if not self.controls.stopped and (self.base.until is not None or self.until_tick < self.end_tick):
            self.writer.end_tick(self.until_tick)  # nothing more happened, but the time passed
        self._meanwhile()
        self._save()
        over = self.until_tick >= self.end_tick or self.engine.upcoming() is None
        return "end" if over and not self.controls.stopped else "stopped"

    def _started(self) -> dict[str, Json]:
        return {
            "scenario": self.base.name,
            "scenario_hash": self.base.hash,
            "seed": self.base.seed,
            "start": self.base.start.isoformat(),
            "tick_seconds": self.base.tick_seconds,
            "agents": list(self.engine.world.agents),
        }

    def _before(self, tick: int) -> bool:
        if self.writer.comes_again:
            return not self.controls.stopped
        go = self.controls.may_go(tick - self.engine.tick, self._meanwhile, upcoming=tick)
        for data in self.controls.taken() if go else ():
            self.engine.intervene(data, data.get("to"), tick=min(tick, self.controls.reached + 1))
        for data in self.parts.replies.ledger.overrun() if go else ():
            self.engine.intervene(data, data["agent"] or None, tick=tick)
        self._tick_began = time.perf_counter()
        return go

    def _after(self, tick: Tick) -> None:
        paid = self.parts.accounts.total()
        if paid.calls > self._paid.calls:
            aside = {
                "seconds": round(time.perf_counter() - self._tick_began, 4),
                "model_seconds": round(paid.seconds - self._paid.seconds, 4),
                "calls": paid.calls - self._paid.calls,
                "tokens_in": paid.tokens_in - self._paid.tokens_in,
                "tokens_cached": paid.tokens_cached - self._paid.tokens_cached,
                "tokens_out": paid.tokens_out - self._paid.tokens_out,
                "each": self.parts.accounts.taken(),
            }
            self.writer.aside(tick.tick, aside)
            self._paid = paid
        if self.parts.store is not None:
            self.parts.store.flush()
        due = tick.tick // self._every > self._saved_tick // self._every
        if due and time.perf_counter() >= self._rested:
            self._save()
        self.controls.tick = tick.tick
        self._meanwhile()
        for watcher in self.watchers:
            watcher(tick)

    def _meanwhile(self) -> None:
        """Keeps beside the record what was asked of the run, and takes a snapshot where one was wanted."""
        for data in self.controls.noted():
            self.writer.aside(data["tick"], {"asked": data["asked"]})
        if self.controls.wants_save():
            self._save()

    def _save(self) -> None:
        """Has a snapshot taken, but for one of a tick that has one."""
        if self.engine.tick > self._saved_tick and not self.writer.comes_again:
            began = time.perf_counter()
            self.writer.snapshot(self.engine.tick, self.state())
            self._saved_tick, done = self.engine.tick, time.perf_counter()
            self._rested = done + SNAPSHOT_REST * (done - began)

    def _check(self, data: Mapping[str, Json]) -> None:
        """Asked by controls, from another thread: what a world checks never changes."""
        if data["what"] != "interview":  # that changes nothing
            check_in_world(self.engine.world, data)

    def _intervened(self, event: Event) -> None:
        what = event.data["what"]
        if what in OF_SCENARIO:
            self._rebuild(event.data)
        elif what == BUDGET:
            self.parts.replies.ledger.take_in(event.data)
        elif what == "forget":
            forget(self.engine.minds, event.data)
        elif what in OF_WORLD and isinstance(self.engine.world, Intervenable):
            self.engine.world.intervene(event)

    def _rebuild(self, data: Mapping[str, Json]) -> None:
        """World and minds of the changed scenario take up where the old ones are."""
        before, was = self.state(), self.engine.minds
        parts, self.scenario = self.parts, changed(self.scenario, data)
        accounts = self._accounts(data)
        fresh = ledger(self.scenario)
        if fresh.budgets != parts.replies.ledger.budgets:
            parts.replies.ledger = fresh
        parts.replies.bears = self.scenario.on_fault == "habits"
        replies = parts.replies if accounts is parts.accounts else parts.replies.on(accounts)
        world, minds = build_players(self.scenario, Means(replies, parts.embedder, parts.store, parts.person))
        self.parts = Parts(world, minds, accounts, replies, parts.person, parts.embedder, parts.store)
        self.engine.world, self.engine.minds = world, {mind.name: mind for mind in minds}
        self._paid = accounts.total()
        world.restore(before["world"])
        for mind in minds:
            _take_over(mind, was[mind.name], before["minds"][mind.name])

    def _accounts(self, data: Mapping[str, Json]) -> Accounts:
        """The model of the changed scenario: the same, loaded once, where nothing of it is changed."""
        now = self.parts.accounts
        if data["what"] == "set" and not str(data["key"]).startswith("mind"):
            return now
        inner = getattr(now.model, "model", now.model)  # within the control that permutes scores
        same = data["what"] != "model" and "seed" not in inner.identity
        return build_model(self.scenario, model=inner if same else None)


def _take_over(mind: Mind, was: Mind, state: Json) -> None:
    """A mind goes on from the state of the one in whose place it comes. Raises BurghError where that was of
    another kind, whose state is nothing to it."""
    try:
        mind.restore(state)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if type(mind) is type(was):
            raise
        raise BurghError(
            f"{mind.name}'s mind was of another kind, whose state this one cannot take over"
        ) from error
