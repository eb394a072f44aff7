"""Where games are played: here, in a pool of processes, or on a Ray cluster. The same results either way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import Contestant, contestant
from burgh.scenarios.arena.design import OPPONENT, Game
from burgh.scenarios.arena.play import play, play_now
from burgh.scenarios.arena.results import Played
from burgh.sim.protocols import LanguageModel
from burgh.sim.types import BurghError

AT_ONCE = 24  # games that share one model's batches
TRIES = 2  # by itself, of a game whose worker may have died of it
AHEAD = 2  # games for each worker process that are handed out at once


class Pool(Protocol):
    """Plays games and hands them back as they end."""

    def play(self, contest: Contest, games: Sequence[Game]) -> Iterator[Played]: ...

    def close(self) -> None: ...


def needs_model(contest: Contest) -> bool:
    """Whether anybody asks one: in towns the other villagers may."""
    return contest.scenario is not None or any(contestant(name).asks for name in contest.strategies)


def load(contest: Contest, threads: int | None = None) -> LanguageModel | None:
    """The model that the contest's strategies ask, None where none of them asks any."""
    if not needs_model(contest):
        return None
    from burgh.agents.llm.load import load_model

    return load_model(contest.model, threads=threads, seed=contest.seed)


class Here:
    """All in this process: games share the model, and their questions its batches. entrants: who plays under
    which name, where that is not found by name."""

    def __init__(
        self,
        model: LanguageModel | None,
        at_once: int = AT_ONCE,
        entrants: Mapping[str, Contestant] | None = None,
    ) -> None:
        self.model = model
        self.at_once = at_once
        self.entrants = entrants

    def play(self, contest: Contest, games: Sequence[Game]) -> Iterator[Played]:
        if self.model is None:
            for game in games:
                yield play_now(contest, game, None, self.entrants)
            return
        with asyncio.Runner() as runner:
            waiting = list(games)
            under_way: set[asyncio.Task[Played]] = set()
            while waiting or under_way:
                done, under_way = runner.run(self._some(contest, waiting, under_way))
                for task in sorted(done, key=lambda one: one.get_name()):
                    yield task.result()

    async def _some(
        self, contest: Contest, waiting: list[Game], under_way: set[asyncio.Task[Played]]
    ) -> tuple[set[asyncio.Task[Played]], set[asyncio.Task[Played]]]:
        while waiting and len(under_way) < self.at_once:
            game = waiting.pop(0)
            task = play(contest, game, self.model, self.entrants)
            under_way.add(asyncio.create_task(task, name=game.key))
        return await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)

    def close(self) -> None: ...


_model: LanguageModel | None = None  # a worker process's own, loaded once


_fault = ""  # why it has none


def _begin(contest: Contest, threads: int) -> None:
    global _model, _fault  # noqa: PLW0603
    try:
        _model = load(contest, threads)
    except BurghError as error:  # raised here it would be a dead process and no sentence
        _fault = str(error)


def _ready() -> str:
    return _fault


def _one(contest: Contest, game: Game) -> Played:
    return play_now(contest, game, _model)


class Processes:
    """Several processes on this machine, each with a model of its own, one game at a time each.

    Raises BurghError where they cannot load it, or die of it.
    """

    def __init__(self, contest: Contest, workers: int) -> None:
        self.contest = contest
        self.workers = workers
        self._pool = self._new()
        try:
            fault = self._pool.submit(_ready).result()
        except BrokenProcessPool:
            fault = f"a worker process died while it loaded the model {contest.model}: take fewer --workers"
        if fault:
            self.close()
            raise BurghError(fault)

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers, get_context("spawn"), initializer=_begin, initargs=(self.contest, 1)
        )

    def play(self, contest: Contest, games: Sequence[Game]) -> Iterator[Played]:
        """No more are handed out than keep the workers busy: where one dies, the pool dies with it, and all
        that were under way are under suspicion and played one by one."""
        waiting = deque(games)
        under_way: dict[Future[Played], Game] = {}
        while waiting or under_way:
            lost: list[Game] = []
            try:
                while waiting and len(under_way) < AHEAD * self.workers:
                    under_way[self._pool.submit(_one, contest, waiting[0])] = waiting[0]
                    waiting.popleft()
            except BrokenProcessPool:  # it died while nobody waited for it
                lost += [] if under_way else [waiting.popleft()]
            done = wait(under_way, return_when=FIRST_COMPLETED).done if under_way else ()
            for future in done:
                game = under_way.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost.append(game)
            if lost:
                lost += under_way.values()
                under_way = {}
                self._renew()
                yield from (self._alone(contest, game) for game in lost)

    def _alone(self, contest: Contest, game: Game) -> Played:
        for _ in range(TRIES):
            try:
                return self._pool.submit(_one, contest, game).result()
            except BrokenProcessPool:
                self._renew()
        return Played(game.key, game.block, game.rotation, (), fault="the process that played it died")

    def _renew(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class OnRay:
    """A Ray cluster: one game a task. address: as `ray.init` takes it; "local" starts one here."""

    def __init__(self, contest: Contest, address: str) -> None:
        try:
            import ray
        except ImportError:
            raise BurghError("--ray needs the package ray: pip install 'burgh[ray]'") from None
        self._ray: Any = ray
        try:
            ray.init(None if address == "local" else address, log_to_driver=False, configure_logging=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise BurghError(f"no Ray cluster answers at {address!r}: {error}") from None
        self._task: Callable[..., Any] = ray.remote(num_cpus=1, max_retries=1)(_on_ray).remote

    def play(self, contest: Contest, games: Sequence[Game]) -> Iterator[Played]:
        tasks = {self._task(contest, game): game for game in games}
        while tasks:
            (done, *_), _ = self._ray.wait(list(tasks), num_returns=1)
            game = tasks.pop(done)
            try:
                yield self._ray.get(done)
            except self._ray.exceptions.RayError as error:
                fault = f"its task failed: {str(error).splitlines()[0]}"
                yield Played(game.key, game.block, game.rotation, (), fault=fault)

    def close(self) -> None:
        self._ray.shutdown()


def _on_ray(contest: Contest, game: Game) -> Played:
    if _model is None and needs_model(contest):
        _begin(contest, 1)
        if _fault:
            return Played(game.key, game.block, game.rotation, (), fault=_fault)
    return _one(contest, game)


def seats_that_ask(game: Game) -> int:
    """How many seats of a game ask a model."""
    return sum(name != OPPONENT and contestant(name).asks for name in game.seats)
