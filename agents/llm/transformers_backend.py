"""The local backend: a model of transformers on this machine's processor or graphics card."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from burgh.agents.llm.batcher import Batcher
from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.generating import complete
from burgh.agents.llm.grammar import Grammars
from burgh.agents.llm.network import Network
from burgh.agents.llm.scoring import score
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores
from burgh.sim.types import Json

Request = CompleteRequest | ScoreRequest
Reply = Completion | Scores


class TransformersModel:
    """A language model that scores and completes all requests of a tick in one batch."""

    def __init__(
        self, network: Network, encoder: Encoder, *, name: str, weights_hash: str, threads: int | None = None
    ) -> None:
        self.network = network
        self.encoder = encoder
        self._name = name
        self._weights_hash = weights_hash
        self._threads = threads
        self._grammars: Grammars | None = None
        self._batcher: Batcher[Request, Reply] = Batcher(self.answer, self._start)

    @property
    def name(self) -> str:
        return self._name

    @property
    def identity(self) -> Mapping[str, Json]:
        dtype = str(self.network.model.dtype).removeprefix("torch.")
        return {
            "model": self._name,
            "backend": "transformers",
            "weights_sha256": self._weights_hash,
            "dtype": dtype,
            "device": self.network.device.type,
        }

    async def complete(self, request: CompleteRequest) -> Completion:
        reply = await self._batcher.submit(request.call.order, request)
        assert isinstance(reply, Completion)
        return reply

    async def score(self, request: ScoreRequest) -> Scores:
        reply = await self._batcher.submit(request.call.order, request)
        assert isinstance(reply, Scores)
        return reply

    def close(self) -> None:
        """Ends the working thread."""
        self._batcher.close()

    def _start(self) -> None:
        if self._threads is not None:
            torch.set_num_threads(self._threads)  # in the thread that works: OpenMP counts for each

    def answer(self, requests: Sequence[Request]) -> list[Reply]:
        """Replies to a batch, in its order: what the batcher calls, from its own thread."""
        replies: dict[int, Reply] = {}
        scored = [(i, one) for i, one in enumerate(requests) if isinstance(one, ScoreRequest)]
        if scored:
            begin = time.perf_counter()
            found = score(self.network, self.encoder, [one for _, one in scored])
            replies |= zip((i for i, _ in scored), _with_seconds(found, begin), strict=True)
        written = [(i, one) for i, one in enumerate(requests) if isinstance(one, CompleteRequest)]
        if written:
            begin = time.perf_counter()
            if self._grammars is None and any(one.spec is not None for _, one in written):
                self._grammars = Grammars(self.encoder, self.network.vocabulary)
            made = complete(self.network, self.encoder, self._grammars, [one for _, one in written])
            replies |= zip((i for i, _ in written), _with_seconds(made, begin), strict=True)
        return [replies[i] for i in range(len(requests))]


def _with_seconds(replies: Sequence[Reply], begin: float) -> list[Reply]:
    """The replies with the batch's seconds since `begin` shared among them by the tokens each cost."""
    seconds = time.perf_counter() - begin
    costs = [one.usage.tokens_in - one.usage.tokens_cached + one.usage.tokens_out for one in replies]
    whole = max(1, sum(costs))
    return [
        replace(one, usage=replace(one.usage, seconds=seconds * cost / whole))
        for one, cost in zip(replies, costs, strict=True)
    ]
