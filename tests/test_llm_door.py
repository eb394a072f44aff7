"""What is asked together is queued together, in order, and answered in a thread of its own."""

from __future__ import annotations

import asyncio
import random
import threading
from itertools import chain

import pytest
from llm_for_tests import call, run

from burgh.agents.llm.door import Door
from burgh.agents.llm.jobs import Job, Queue
from burgh.sim.protocols import Prompt, ScoreRequest, Scores, Usage


class Echo:
    """An engine that scores each request with its number, and remembers what it found at once."""

    def __init__(self) -> None:
        self.queue = Queue()
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.door = Door(self.queue, self.drain)

    def drain(self) -> None:
        self.threads.add(threading.get_ident())
        batch: list[str] = []
        while (job := self.queue.pop()) is not None:
            if not batch:
                self.batches.append(batch)
            batch.append(f"{job.call.agent}{job.call.index}")
            failing = job.call.purpose == "fail"
            job.deliver(
                ValueError("it cannot be answered")
                if failing
                else Scores((float(job.call.index),), (1,), Usage())
            )

    async def ask(self, agent: str, index: int, purpose: str = "test") -> float:
        request = ScoreRequest(call(index, agent, purpose=purpose), Prompt("", "x"), ("y",))
        answer = await self.door.ask(lambda deliver: Job(request, (1,), (), deliver))
        assert isinstance(answer, Scores)
        return answer.logprobs[0]


async def mind(echo: Echo, agent: str, turns: int, delay: int = 0) -> None:
    """Asks two things at once, then one after the other; does as many turns of nothing between."""
    for _ in range(delay):
        await asyncio.sleep(0)
    assert list(await asyncio.gather(echo.ask(agent, 1), echo.ask(agent, 0))) == [1, 0]
    for turn in range(turns):
        assert await echo.ask(agent, 2 + turn) == 2 + turn


@pytest.mark.parametrize("seed", range(4))
def test_a_tick_is_one_batch_in_the_order_of_agents_and_calls(seed: int) -> None:
    echo, rng = Echo(), random.Random(seed)
    agents = ["Anna", "Ben", "Cora", "Dora"]
    rng.shuffle(agents)

    async def tick() -> None:
        await asyncio.gather(*(mind(echo, agent, 0, rng.randrange(6)) for agent in agents))

    run(tick())
    assert echo.batches == [["Anna0", "Anna1", "Ben0", "Ben1", "Cora0", "Cora1", "Dora0", "Dora1"]]


def test_questions_that_follow_are_answered_too_and_by_one_other_thread() -> None:
    echo = Echo()

    async def tick() -> None:
        await asyncio.gather(*(mind(echo, agent, 5) for agent in ("Anna", "Ben")))

    run(tick())
    run(tick())
    wanted = [f"{agent}{n}" for agent in ("Anna", "Ben") for n in range(7)] * 2
    assert sorted(chain(*echo.batches)) == sorted(wanted)
    assert len(echo.threads) == 1 and threading.get_ident() not in echo.threads


def test_a_fault_reaches_who_asked_and_nobody_else() -> None:
    echo = Echo()

    async def faulty() -> list[object]:
        asked = (echo.ask("a", 1), echo.ask("b", 2, "fail"), echo.ask("c", 3))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    first, second, third = run(faulty())
    assert (first, third) == (1, 3) and isinstance(second, ValueError)


def test_one_who_gave_up_is_not_answered() -> None:
    echo = Echo()

    async def leaving() -> float:
        left = asyncio.ensure_future(echo.ask("a", 1))
        stays = asyncio.ensure_future(echo.ask("b", 2))
        await asyncio.sleep(0)
        left.cancel()
        return await stays

    assert run(leaving()) == 2
    assert echo.batches == [["b2"]]


def test_a_run_that_broke_off_in_the_middle_does_not_hold_up_the_next() -> None:
    echo = Echo()

    async def broken_off() -> None:
        asking = asyncio.ensure_future(echo.ask("a", 1))
        await asyncio.sleep(0)
        assert not asking.done()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(broken_off())
    assert run(echo.ask("b", 2)) == 2


def test_two_loops_in_two_threads_share_one_worker() -> None:
    echo = Echo()
    threads = [
        threading.Thread(target=lambda name=name: run(mind(echo, name, 20))) for name in ("Anna", "Ben")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert len([*chain(*echo.batches)]) == 44 and len(echo.threads) == 1
