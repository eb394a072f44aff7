"""The one loop: a tick's decisions are made at once, applied at once, and recorded whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from engine_for_tests import CLOCK, Puppet, Record, engine, run
from town_for_tests import SHOP, say, town, use, wait

from burgh.sim.engine import Engine
from burgh.sim.types import BurghError, Observation, Step

KITCHEN = "Burgh : Bakery : Kitchen"


def test_a_tick_is_recorded_minds_first_and_the_world_after() -> None:
    made, record = engine(Puppet("Ann", {1: use(f"{SHOP} : Counter")}), Puppet("Ben"))
    brought = run(made, 3)
    assert [(tick.tick, tick.events) for tick in brought] == record.frames
    assert brought[0].events[0].kind == "run_started"
    assert [event.source for event in brought[1].events][:2] == ["Ann", "Ben"]
    assert {event.source for event in brought[1].events[2:]} == {"world"}


def test_nobody_sees_what_others_do_in_the_same_tick() -> None:
    ann, ben = Puppet("Ann", {1: say("Ben", "Hear me!"), 2: say("Ben", "And again!")}), Puppet("Ben")
    made, _ = engine(ann, ben)
    run(made, 4)
    said = 'Ann said to Ben: "{}"'
    assert not any("Hear me" in text for text in ben.seen[1])
    assert said.format("Hear me!") in ben.seen[2]
    assert not any("And again" in text for text in ben.seen[2])
    assert said.format("And again!") in ben.seen[3]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_neither_the_order_of_minds_nor_their_speed_shows(order: tuple[int, ...]) -> None:
    def puppets(pauses: Sequence[int]) -> list[Puppet]:
        table = {1: say("Ben"), 2: use(f"{SHOP} : Counter"), 3: wait(1), 9: say("Ann")}
        return [
            Puppet(name, {tick + n: answer for tick, answer in table.items()}, pauses[n])
            for n, name in enumerate(("Ann", "Ben", "Cid"))
        ]

    made, record = engine(*puppets((0, 0, 0)))
    run(made, 30)
    other, other_record = engine(*puppets(order), order=order)
    run(other, 30)
    assert other_record.frames == record.frames


def test_a_refused_action_is_recorded_and_nothing_comes_of_it() -> None:
    illegal = use(f"{KITCHEN} : Oven")
    made, record = engine(Puppet("Ann", {1: illegal}), Puppet("Ben", {1: use(f"{SHOP} : Counter")}))
    run(made, 1)
    (refused,) = record.events("refused")
    (decided,) = [event for event in record.events("decided") if event.agent == "Ann"]
    assert refused.agent == "Ann" and refused.causes == (decided.id,)
    assert refused.data["answer"] == illegal
    assert "'Burgh : Bakery : Kitchen : Oven' is not one of" in refused.data["why"]
    assert {event.agent for event in record.frames[1][1] if event.source == "world"} == {"Ben"}
    assert made.world.observe(2)["Ann"].free, "it is asked again"


def test_a_mind_that_fails_fails_the_tick_and_nothing_of_it_is_recorded() -> None:
    finished = []

    class Slow(Puppet):
        async def step(self, observation: Observation) -> Step:
            if observation.tick == 2:
                await asyncio.sleep(0.01)
                finished.append(self.name)
            return await super().step(observation)

    ann, ben = Puppet("Ann", {2: BurghError("the model is gone")}), Slow("Ben", {1: wait(1), 2: wait(1)})
    made, record = engine(Puppet("Abe", {1: wait(1)}), ann, ben)
    ann.answers[1] = wait(1)
    for mind in (ann, ben):
        mind.wakes[1] = 2

    async def whole() -> None:
        await made.begin({})
        with pytest.raises(BurghError, match="the model is gone"):
            await made.run(5)
        await asyncio.sleep(0.05)

    asyncio.run(whole())
    assert not finished, "the others do not think on"
    assert [tick for tick, _ in record.frames] == [0, 1] and made.tick == 1
    assert ann.committed == ben.committed == [0, 1], "and no mind has changed"
    assert made.world.snapshot()["tick"] == 1, "nor has the world"


def test_a_mind_that_fails_at_the_beginning_leaves_no_beginning() -> None:
    class Broken(Puppet):
        async def begin(self, observation: Observation) -> Step:
            raise BurghError("no day for me")

    made, record = engine(Puppet("Ann"), Broken("Ben"))
    with pytest.raises(BurghError, match="no day for me"):
        run(made, 5)
    assert record.frames == []


def test_the_clock_jumps_over_what_nobody_decides() -> None:
    made, _ = engine(Puppet("Ann", {1: wait(30)}), Puppet("Ben", {1: wait(20)}))
    ticks = [tick.tick for tick in run(made, 300)]
    busy = [tick for tick in ticks if 5 < tick <= 181]
    assert busy == [121, 122, 181], "Ben's wait ends, he waits again, Ann's wait ends"


def test_a_mind_is_woken_when_it_wants_to_be() -> None:
    ann = Puppet("Ann", {1: wait(60)})
    ann.wakes = {1: 50, 50: 70}
    made, _ = engine(ann)
    run(made, 100)
    assert [tick for tick in ann.seen if tick > 10] == [50, 70]
    assert ann.seen[50] == ()


def test_a_wake_is_forgotten_when_the_mind_was_asked_before_it() -> None:
    ann, ben = Puppet("Ann", {1: wait(60)}), Puppet("Ben", {1: wait(2), 14: say("Ann")})
    ann.wakes = {1: 50}
    made, _ = engine(ann, ben)
    run(made, 100)
    assert 50 not in ann.seen, "asked at another tick it named no other"


def test_one_busy_with_nothing_new_is_not_asked() -> None:
    ann = Puppet("Ann", {1: wait(30)})
    made, _ = engine(ann)
    run(made, 100)
    assert list(ann.seen) == [1]


def test_the_run_stops_where_it_is_told_to() -> None:
    asked: list[int] = []

    def may_go(tick: int) -> bool:
        asked.append(tick)
        return tick < 4

    made, record = engine(Puppet("Ann", {n: wait(1) for n in range(1, 99)}))

    async def whole() -> None:
        await made.begin({})
        await made.run(99, before_tick=may_go)

    asyncio.run(whole())
    assert asked[-1] >= 4 and [tick for tick, _ in record.frames] == [0, *asked[:-1]]


def test_an_agent_without_a_mind_does_nothing() -> None:
    ann = Puppet("Ann")
    record = Record()
    made = Engine(town(("Ann", SHOP), ("Ben", SHOP)), [ann], record, CLOCK)
    run(made, 5)
    assert {event.agent for event in record.events("decided")} == {"Ann"}
