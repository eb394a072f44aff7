"""Batches are formed without looking at the clock: the same ones in the same order, run after run."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Sequence

import pytest
from llm_for_tests import run

from burgh.agents.llm.batcher import Batcher


class Echo:
    """Answers what it is asked, and remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()

    def __call__(self, asked: Sequence[str]) -> list[str]:
        self.threads.add(threading.get_ident())
        self.batches.append(list(asked))
        if "fail" in asked:
            raise ValueError("it cannot be answered")
        return [one.upper() for one in asked]


async def mind(batcher: Batcher[str, str], agent: str, turns: int, delay: int = 0) -> list[str]:
    """Asks two things at once, then one after the other; does as many turns of nothing between."""
    for _ in range(delay):
        await asyncio.sleep(0)
    both = await asyncio.gather(
        batcher.submit((1, agent, 1), f"{agent}1"), batcher.submit((1, agent, 0), f"{agent}0")
    )
    replies = list(both)
    for turn in range(turns):
        replies.append(await batcher.submit((1, agent, 2 + turn), f"{agent}{2 + turn}"))
    return replies


def test_a_tick_is_one_batch_in_the_order_of_agents_and_calls() -> None:
    echo = Echo()
    batcher = Batcher(echo)

    async def tick() -> list[list[str]]:
        return list(await asyncio.gather(*(mind(batcher, agent, 0) for agent in ("Cora", "Anna", "Ben"))))

    assert run(tick()) == [["CORA1", "CORA0"], ["ANNA1", "ANNA0"], ["BEN1", "BEN0"]]
    assert echo.batches == [["Anna0", "Anna1", "Ben0", "Ben1", "Cora0", "Cora1"]]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_and_delay_of_tasks_do_not_show(seed: int) -> None:
    echo = Echo()
    batcher = Batcher(echo)
    rng = random.Random(seed)
    agents = ["Anna", "Ben", "Cora", "Dora"]
    rng.shuffle(agents)

    async def tick() -> None:
        await asyncio.gather(*(mind(batcher, agent, 2, rng.randrange(6)) for agent in agents))

    run(tick())
    assert echo.batches == [
        ["Anna0", "Anna1", "Ben0", "Ben1", "Cora0", "Cora1", "Dora0", "Dora1"],
        ["Anna2", "Ben2", "Cora2", "Dora2"],
        ["Anna3", "Ben3", "Cora3", "Dora3"],
    ]


def test_the_work_is_done_in_one_other_thread_and_the_loop_goes_on() -> None:
    going = threading.Event()

    def slow(asked: Sequence[str]) -> list[str]:
        assert going.wait(10)  # set by the loop while this thread works
        return list(asked)

    batcher = Batcher(slow)

    async def both() -> str:
        asked = asyncio.ensure_future(batcher.submit((0, "a", 0), "x"))
        for _ in range(200):
            await asyncio.sleep(0)
        going.set()
        return await asked

    assert run(both()) == "x"
    echo = Echo()
    other = Batcher(echo)
    for _ in range(3):
        run(other.submit((0, "a", 0), "x"))
    assert len(echo.threads) == 1
    assert threading.get_ident() not in echo.threads


def test_a_fault_reaches_all_who_asked_and_the_next_batch_is_answered() -> None:
    batcher = Batcher(Echo())

    async def faulty() -> list[object]:
        return list(
            await asyncio.gather(
                batcher.submit((0, "a", 0), "x"), batcher.submit((0, "b", 0), "fail"), return_exceptions=True
            )
        )

    assert [type(one) for one in run(faulty())] == [ValueError, ValueError]
    assert run(batcher.submit((1, "a", 0), "x")) == "X"


def test_one_who_gave_up_is_not_waited_for() -> None:
    echo = Echo()
    batcher = Batcher(echo)

    async def leaving() -> str:
        left = asyncio.ensure_future(batcher.submit((0, "a", 0), "left"))
        stays = asyncio.ensure_future(batcher.submit((0, "b", 0), "stays"))
        await asyncio.sleep(0)
        left.cancel()
        return await stays

    assert run(leaving()) == "STAYS"
    assert echo.batches == [["stays"]]


def test_a_run_that_broke_off_in_the_middle_does_not_hold_up_the_next() -> None:
    batcher = Batcher(Echo())

    async def broken_off() -> None:
        asking = asyncio.ensure_future(batcher.submit((0, "a", 0), "x"))
        await asyncio.sleep(0)
        assert not asking.done()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(broken_off())
    assert run(batcher.submit((0, "b", 0), "y")) == "Y"
