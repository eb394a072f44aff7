"""The recorded actions, applied to a fresh world, bring the recorded events."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from worlds_for_tests import START, Lane, Walker, meta, record_run, started

from burgh.sim.clock import Clock
from burgh.sim.engine import Engine
from burgh.sim.record import Replay, RunWriter, open_log, replay
from burgh.sim.rng import stream
from burgh.sim.types import Action, BurghError, Event, Events, Observation, Step


def test_a_run_replays(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=200)
    log = open_log(tmp_path / "run")
    kinds = {event.kind for event in log.events()}
    assert {"refused", "set_out", "blown"} <= kinds, "the run holds what makes a replay hard"
    outcome = replay(log, Lane)
    assert outcome == Replay(ticks=sum(1 for _ in log.frames()) - 1, mismatch=None)


def test_a_run_that_was_cut_short_replays_as_far_as_it_goes(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=60)
    log = open_log(tmp_path / "run")
    frames = list(log.frames())
    raw = log.path.read_bytes()
    for count in (1, 2, 17, len(frames) - 1):
        end = frames[count].offset
        log.path.write_bytes(raw[: end + 3])
        assert replay(log, Lane) == Replay(count, None)


@pytest.mark.parametrize("left", [0, 3])
def test_a_record_without_its_beginning_is_not_replayed(tmp_path: Path, left: int) -> None:
    record_run(tmp_path / "run", ticks=3)
    log = open_log(tmp_path / "run")
    log.path.write_bytes(log.path.read_bytes()[:left])
    with pytest.raises(BurghError, match="holds nothing yet: the run stopped before its start"):
        replay(log, Lane)


class Tide(Lane):
    """A lane beside water that rises in ticks of its own and says so only now and then.

    What it says depends on ticks that left no frame.
    """

    def __init__(self, rises_by: int = 1) -> None:
        super().__init__(("Ada",), gust_every=1000)
        self.rises_by = rises_by
        self.level = 0

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = super().apply(tick, actions)
        more = Events(tick, "world")
        for event in events:
            more.add(event.kind, event.agent, event.data, event.causes)
        if tick % 3 == 0:
            self.level += self.rises_by
        if tick % 30 == 0:
            more.add("tide", None, {"level": self.level})
        return more.all()

    def next_tick(self, tick: int) -> int | None:
        own = super().next_tick(tick)
        rise = (tick // 3 + 1) * 3
        return rise if own is None else min(rise, own)


class Sleeper(Walker):
    """Rests as long as it may."""

    async def step(self, observation: Observation) -> Step:
        events = Events(observation.tick, self.name)
        if not observation.free:
            return Step(None, (), wake_tick=observation.tick + 4)
        answer = {"act": "rest", "amount": stream(1, "rest", "", observation.tick).randint(5, 9)}
        decided = events.add("decided", self.name, {"answer": answer, "why": "It was tired."})
        return Step(Action(self.name, answer, decided.id), events.all(), wake_tick=observation.tick + 4)


async def _record_tide(folder: Path, ticks: int) -> list[int]:
    writer = RunWriter(folder, meta())
    engine = Engine(Tide(), (Sleeper("Ada"),), writer, Clock(START))
    stepped: list[int] = []
    await engine.begin({**started(), "agents": ["Ada"]})
    await engine.run(ticks, after_tick=lambda tick: stepped.append(tick.tick))
    writer.close("end")
    return stepped


@pytest.mark.parametrize("ticks", [89, 90, 91, 92, 93])
def test_ticks_that_left_no_frame_are_applied_too(tmp_path: Path, ticks: int) -> None:
    stepped = asyncio.run(_record_tide(tmp_path / "run", ticks))
    log = open_log(tmp_path / "run")
    recorded = {frame.tick for frame in log.frames()}
    silent = set(stepped) - recorded
    assert any(tick % 3 == 0 for tick in silent), "the world did something in a tick without a frame"
    assert any(tick % 3 for tick in silent), "the engine asked a mind that then did nothing"
    assert replay(log, Tide).mismatch is None
    faster = replay(log, lambda: Tide(rises_by=2))
    assert faster.mismatch == "tick 30: event 30.world.0 (tide) differs: data.level was 10 and is now 20"


class Surprise(Tide):
    """Brings something in a tick in which the record has nothing."""

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = super().apply(tick, actions)
        return (*events, Event("93.world.0", "flood", None, {})) if tick == 93 else events


def test_a_tick_without_a_frame_must_stay_without_events_to_the_very_last(tmp_path: Path) -> None:
    stepped = asyncio.run(_record_tide(tmp_path / "run", 93))
    log = open_log(tmp_path / "run")
    assert stepped[-1] == 93
    frames = list(log.frames())
    assert (frames[-1].tick, [event.kind for event in frames[-1].events]) == (93, ["run_ended"])
    assert frames[-2].tick < 93
    mismatch = replay(log, Surprise).mismatch
    assert mismatch == "tick 93: event 93.world.0 (flood) is not recorded, but the world now brings it"


class Changed(Lane):
    """A lane whose events of one tick are changed on the way out."""

    def __init__(self, change: str) -> None:
        super().__init__()
        self.change = change

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = super().apply(tick, actions)
        if tick != 1:
            return events
        first, *rest = events
        if self.change == "less":
            return events[:-1]
        if self.change == "more":
            return (*events, Event("1.world.9", "moved", "Cy", {"x": 1}))
        if self.change == "kind":
            return (Event(first.id, "fell", first.agent, first.data, first.causes), *rest)
        if self.change == "causes":
            return (Event(first.id, first.kind, first.agent, first.data), *rest)
        if self.change == "value":
            return (Event(first.id, first.kind, first.agent, {"place": "Sea"}, first.causes), *rest)
        if self.change == "key":
            return (Event(first.id, first.kind, first.agent, {}, first.causes), *rest)
        return (Event(first.id, first.kind, first.agent, {**first.data, "new": 1}, first.causes), *rest)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("less", "(moved of Cy) is recorded, but the world no longer brings it"),
        ("more", "event 1.world.9 (moved of Cy) is not recorded, but the world now brings it"),
        ("kind", "event 1.world.0 (set_out of Bo) is now 1.world.0 (fell of Bo)"),
        ("causes", "event 1.world.0 (set_out of Bo) differs: its causes were 1.Bo.0 and are now none"),
        ("value", 'event 1.world.0 (set_out of Bo) differs: data.place was "Lane 9" and is now "Sea"'),
        ("key", "event 1.world.0 (set_out of Bo) differs: data.place is gone"),
        ("new key", "event 1.world.0 (set_out of Bo) differs: data.new is new"),
    ],
)
def test_the_first_tick_that_differs_is_named(tmp_path: Path, change: str, sentence: str) -> None:
    record_run(tmp_path / "run", ticks=20)
    outcome = replay(open_log(tmp_path / "run"), lambda: Changed(change))
    assert outcome.ticks == 1, "tick 0 agreed"
    assert str(outcome.mismatch).startswith("tick 1: event 1.world.")
    assert sentence in str(outcome.mismatch)


def test_other_seeds_and_rules_do_not_pass(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=60)
    log = open_log(tmp_path / "run")
    assert str(replay(log, lambda: Lane(seed=8)).mismatch).startswith("tick 11: event 11.world.")
    assert str(replay(log, lambda: Lane(gust_every=13)).mismatch).startswith("tick 11: event 11.world.")
    assert "tick 0: event 0.world.2 (placed of Cy)" in str(replay(log, lambda: Lane(("Ada", "Bo"))).mismatch)


def test_a_refused_action_is_not_applied(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=200)
    log = open_log(tmp_path / "run")
    refused = {cause for event in log.events() if event.kind == "refused" for cause in event.causes}
    given: list[str] = []

    class Watched(Lane):
        def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
            given.extend(action.id for action in actions.values())
            return super().apply(tick, actions)

    assert replay(log, Watched).mismatch is None
    decided = [event.id for event in log.events() if event.kind == "decided"]
    assert refused
    assert given == [name for name in decided if name not in refused]
