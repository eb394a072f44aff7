"""The local backend: a model of transformers on this machine's processor or graphics card."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any

import torch

from burgh.agents.llm.accounts import Listener
from burgh.agents.llm.door import Door
from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.engine import Engine
from burgh.agents.llm.jobs import Answer, Job, Request
from burgh.agents.llm.network import Network
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores
from burgh.sim.types import Json


class TransformersModel:
    """A language model that answers all that is asked at a time in one running batch.

    draft: a smaller model of the same tokens that helps to write greedy replies.
    """

    def __init__(
        self,
        network: Network,
        encoder: Encoder,
        *,
        name: str,
        weights_hash: str,
        threads: int | None = None,
        draft: Any = None,
    ) -> None:
        self.network = network
        self.encoder = encoder
        self.engine = Engine(network, encoder, draft=draft)
        self._name = name
        self._weights_hash = weights_hash
        self._threads = threads
        self._listener: Listener | None = None
        self._door = Door(self.engine.queue, self.engine.drain, self._start)

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

    def listen(self, listener: Listener | None) -> None:
        """Who is told, in the working thread, what is being written: the call, and the beginning of its first
        reply as it grows. None: nobody. What is written does not depend on it."""
        self._listener = listener

    async def complete(self, request: CompleteRequest) -> Completion:
        """The replies. Raises RequestFault where this one request cannot be answered."""
        tell = None if self._listener is None else partial(self._listener, request.call)
        answer = await self._ask(request, tell)
        assert isinstance(answer, Completion)
        return answer

    async def score(self, request: ScoreRequest) -> Scores:
        """The log-likelihoods. Raises RequestFault where this one request cannot be answered."""
        answer = await self._ask(request)
        assert isinstance(answer, Scores)
        return answer

    async def stream(self, request: CompleteRequest) -> AsyncIterator[str]:
        """The first reply's text, piece by piece as it is written; all pieces together are the reply.

        One who stops listening gives the request up.
        """
        loop = asyncio.get_running_loop()
        texts: asyncio.Queue[str | None] = asyncio.Queue()

        def tell(text: str) -> None:
            try:
                loop.call_soon_threadsafe(texts.put_nowait, text)
            except RuntimeError:  # the loop was closed
                return

        asked = asyncio.ensure_future(self._ask(request, tell))
        asked.add_done_callback(lambda _: texts.put_nowait(None))
        told = ""
        try:
            while (text := await texts.get()) is not None:
                if len(text) > len(told) and text.startswith(told):
                    yield text[len(told) :]
                    told = text
            answer = await asked
            assert isinstance(answer, Completion)
            if len(answer.texts[0]) > len(told):
                yield answer.texts[0][len(told) :]
        finally:
            asked.cancel()

    async def _ask(self, request: Request, tell: Callable[[str], None] | None = None) -> Answer:
        prefix, suffix = self.encoder.prompt(request.prompt)
        context = prefix + suffix
        options: tuple[tuple[int, ...], ...] = ()
        if isinstance(request, ScoreRequest):
            options = tuple(self.encoder.tokens(option) for option in request.options)
            longest = max(map(len, options), default=0)
        else:
            longest = request.max_tokens
        self.network.check_length(len(context) + longest)
        return await self._door.ask(lambda deliver: Job(request, context, options, deliver, tell))

    def close(self) -> None:
        """Ends the working thread."""
        self._door.close()

    def _start(self) -> None:
        if self._threads is not None:
            torch.set_num_threads(self._threads)  # in the thread that works: OpenMP counts for each
