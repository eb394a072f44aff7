"""What the engine has in hand: requests as jobs, and their rows, each a path of tokens. No torch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any

from burgh.agents.llm.encoding import Tokens
from burgh.agents.llm.reply import Reply
from burgh.agents.llm.tree import Node
from burgh.sim.protocols import Call, CompleteRequest, Completion, ScoreRequest, Scores, Usage

Request = CompleteRequest | ScoreRequest
Answer = Completion | Scores


@dataclass(slots=True, eq=False)
class Row:
    """Tokens whose keys and values are computed. slots: of all its positions; done: how many are computed.

    wanted: the positions whose hidden states are asked for; found: those states. node: where its path ends in
    the tree; None for a row whose own slots are given back when it has served.
    """

    job: Job
    tokens: list[int]
    slots: list[int]
    done: int
    wanted: range
    node: Node | None = None
    found: dict[int, Any] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return len(self.tokens) - self.done


@dataclass(slots=True, eq=False)
class Job:
    """A request, its rows and replies, and what it has cost.

    deliver: takes the answer or the fault. tell: takes the beginning of the first reply's text as it grows.
    promised: slots that it may still ask for. queue_seconds: until it was first taken in.
    """

    request: Request
    context: Tokens
    options: tuple[Tokens, ...]
    deliver: Callable[[Answer | Exception], None]
    tell: Callable[[str], None] | None = None
    arrived: float = 0.0
    queue_seconds: float = 0.0
    seconds: float = 0.0
    cached: int = 0
    promised: int = 0
    cancelled: bool = False
    rows: list[Row] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def call(self) -> Call:
        return self.request.call

    @property
    def new_tokens(self) -> int:
        """The most that its replies may take, but for a grammar that goes on."""
        if isinstance(self.request, ScoreRequest):
            return 0
        return self.request.samples * self.request.max_tokens

    def usage(self, tokens_out: int) -> Usage:
        return Usage(
            tokens_in=len(self.context) + sum(map(len, self.options)),
            tokens_cached=self.cached,
            tokens_out=tokens_out,
            seconds=self.seconds,
            queue_seconds=self.queue_seconds,
        )

    def scores(self, logprobs: Sequence[float]) -> Scores:
        return Scores(tuple(logprobs), tuple(map(len, self.options)), self.usage(0))

    def completion(self) -> Completion:
        written = sum(len(reply.tokens) for reply in self.replies)
        return Completion(tuple(reply.text for reply in self.replies), self.usage(written))


class Queue:
    """Jobs that wait, earliest tick first, then by agent and call, then by arrival. Of any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[tuple[int, str, int], int, Job]] = []
        self._arrivals = count()

    def add(self, jobs: Sequence[Job]) -> None:
        with self._lock:
            for job in jobs:
                heappush(self._waiting, (job.call.order, next(self._arrivals), job))

    def pop(self) -> Job | None:
        """The job whose turn it is. Those that were given up are left out."""
        with self._lock:
            while self._waiting:
                job = heappop(self._waiting)[2]
                if not job.cancelled:
                    return job
            return None

    def __len__(self) -> int:
        with self._lock:
            return len(self._waiting)
