"""The backend `openai`: a language model behind any server that speaks the OpenAI API."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from burgh.agents.llm.names import read_options
from burgh.agents.llm.servers import dialects
from burgh.agents.llm.servers.abilities import Abilities, find_abilities
from burgh.agents.llm.servers.address import Address, Dialect, ServerOptions, key_of, parse_address
from burgh.agents.llm.servers.client import Client
from burgh.agents.llm.servers.scores import Scorer
from burgh.agents.llm.servers.talk import Talker, added
from burgh.agents.llm.unanswered import ModelFault
from burgh.agents.llm.window import Window
from burgh.sim.protocols import CompleteRequest, Completion, Prompt, ScoreRequest, Scores, Usage
from burgh.sim.rng import seed_of
from burgh.sim.spec import Form, InvalidAnswer, ToolCall
from burgh.sim.types import Json

Result = TypeVar("Result")

CHARS_PER_TOKEN = 3  # at least, of most texts: a server's tokens are not counted before they are sent
FORM_ROOM = 96  # tokens that a form may take beyond what was asked for, so that it is ended


class ServerModel:
    """A LanguageModel (see sim/protocols.py). What determines its replies is what the server says of itself:
    which weights it holds it does not say, and how it batches is its own affair."""

    def __init__(self, client: Client, abilities: Abilities) -> None:
        self.client = client
        self.abilities = abilities
        self._talker = Talker(client, abilities.model, abilities.api, abilities.draw)
        self._scorer = Scorer(self._talker, abilities.score, abilities.structured, client.options.samples)

    @property
    def name(self) -> str:
        return self.abilities.name

    @property
    def identity(self) -> Mapping[str, Json]:
        return {
            "model": self.abilities.name,
            "backend": "openai",
            "weights_sha256": "",
            "api": self.abilities.api,
            "score": self.abilities.score,
            "structured": self.abilities.structured,
            "draw": self.abilities.draw,
            **({"samples": self.client.options.samples} if self.abilities.score == "sampled" else {}),
        }

    @property
    def window(self) -> Window | None:
        """What it holds, by a bound on the tokens of a text."""
        if self.abilities.context is None:
            return None
        return Window(self.abilities.context, lambda text: math.ceil(len(text) / CHARS_PER_TOKEN))

    async def score(self, request: ScoreRequest) -> Scores:
        try:
            return await self._scorer.score(request)
        except ModelFault as fault:
            raise _of(request, fault) from None

    async def complete(self, request: CompleteRequest) -> Completion:
        try:
            made = await asyncio.gather(*(self._reply(request, n) for n in range(request.samples)))
        except ModelFault as fault:
            raise _of(request, fault) from None
        return Completion(tuple(text for text, _ in made), added([usage for _, usage in made]))

    async def _reply(self, request: CompleteRequest, sample: int) -> tuple[str, Usage]:
        """One reply that is legal; an illegal one is shown to the model with its fault."""
        spec, dialect = request.spec, self.abilities.structured
        more = {} if spec is None else dialects.fields(dialect, spec)
        if spec is None and dialect == "lark":
            more = dict(dialects.LLAMA)
        more = {**more, **_besides(request, dialect)}
        room = request.max_tokens + (FORM_ROOM if isinstance(spec, Form | ToolCall) else 0)
        prompt, fault, usages = request.prompt, "", list[Usage]()
        for ask in range(self.client.options.asks):
            said, usage = await self._talker.say(
                prompt,
                max_tokens=room,
                temperature=request.temperature,
                top_p=request.top_p,
                seed=seed_of(request.seed, f"sample {sample}.{ask}"),
                stop=request.stop,
                more=more,
            )
            usages.append(usage)
            text = _stopped(said.text, request.stop)
            if spec is None:
                return text, _summed(usages)
            try:
                return dialects.read(dialect, spec, text), _summed(usages)
            except InvalidAnswer as error:
                fault = str(error)
                prompt = _with_fault(request.prompt, text, fault)
        raise ModelFault(
            f"the model {self.name} gave no legal answer to {request.call.purpose!r} for {request.call.agent}"
            f" in {len(usages)} tries: {fault[:300]}"
        )


def _besides(request: CompleteRequest, dialect: Dialect) -> dict[str, Json]:
    """What is not in OpenAI's form, where it is asked for; servers that do not know it refuse it."""
    penalty = "repeat_penalty" if dialect == "lark" else "repetition_penalty"
    return {
        **({"top_k": request.top_k} if request.top_k else {}),
        **({"min_p": request.min_p} if request.min_p else {}),
        **({penalty: request.repetition_penalty} if request.repetition_penalty != 1.0 else {}),
    }


def _with_fault(prompt: Prompt, text: str, fault: str) -> Prompt:
    """The prompt with what was wrong, before what is to be gone on from."""
    shown = " ".join(text.split())[:200]
    return Prompt(prompt.prefix, f"[Not {shown!r}: {' '.join(fault.split())[:300]}.]\n{prompt.suffix}")


def _stopped(text: str, stops: tuple[str, ...]) -> str:
    cuts = [text.index(stop) for stop in stops if stop in text]
    return text[: min(cuts)] if cuts else text


def _summed(usages: list[Usage]) -> Usage:
    """Of one asked after the other."""
    return replace(
        added(usages),
        seconds=sum(one.seconds for one in usages),
        queue_seconds=sum(one.queue_seconds for one in usages),
        tries=sum(one.tries for one in usages),
    )


def _of(request: ScoreRequest | CompleteRequest, fault: ModelFault) -> ModelFault:
    return ModelFault(str(fault), request.call, status=fault.status)


def connect(address: Address, options: ServerOptions) -> ServerModel:
    """The model at an address, once it is known what its server can do. Raises BurghError."""
    key = key_of(options)

    async def ask() -> Abilities:
        client = Client(address, options, key)
        try:
            return await find_abilities(client)
        finally:
            await client.close()

    return ServerModel(Client(address, options, key), _apart(ask()))


def _apart(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine to its end in a thread of its own: a loop may be running in this one."""
    with ThreadPoolExecutor(1, "model-server") as pool:
        return pool.submit(asyncio.run, coroutine).result()


def make(name: str, *, device: str, threads: int | None, seed: int, **options: str) -> ServerModel:
    """The backend `openai` of the group `burgh.models`. Device and threads are the server's affair."""
    return connect(parse_address(name), read_options(ServerOptions, options, "openai"))
