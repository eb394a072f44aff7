"""Texts that go on from a prompt, by either of the two endpoints that servers have for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from burgh.agents.llm.servers.address import Api, Drawing
from burgh.agents.llm.servers.client import Client, Malformed
from burgh.sim.protocols import Prompt, Usage
from burgh.sim.types import Json

SEEDS = 2**31  # below which seeds are: some servers take no larger ones
MOST_STOPS = 4  # that OpenAI's form allows; the others are applied here
DRAWN = '{"do_sample": true}'  # for `transformers serve`, which takes a temperature and does not draw
CHAT = "You go on with the text that you are given. Write only what comes next in it, and nothing else."


@dataclass(frozen=True, slots=True)
class Piece:
    """A token of a reply. top: the log-likelihoods of what else could have stood there, by its text."""

    text: str
    logprob: float
    top: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """One reply. pieces: its tokens, where their log-likelihoods were asked for and given. offsets: where
    each begins, in characters from the prompt's start, where the prompt's own tokens are among them."""

    text: str
    finish: str
    pieces: tuple[Piece, ...] = ()
    offsets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Talker:
    """One model behind one endpoint."""

    client: Client
    model: str
    api: Api
    draw: Drawing = "plain"

    async def say(
        self,
        prompt: Prompt,
        *,
        max_tokens: int,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
        stop: Sequence[str] = (),
        logprobs: int = 0,
        more: Mapping[str, Json] | None = None,
    ) -> tuple[Said, Usage]:
        """What follows a prompt. logprobs: of how many tokens, at each place, the log-likelihood is wanted.
        more: fields besides. Raises ModelFault."""
        body: dict[str, Json] = {
            "model": self.model,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "seed": seed % SEEDS,
            **({} if top_p == 1.0 else {"top_p": top_p}),
            **({"stop": list(stop)[:MOST_STOPS]} if stop else {}),
            **(more or {}),
        }
        if self.api == "chat":
            text = prompt.prefix + prompt.suffix
            body["messages"] = [{"role": "system", "content": CHAT}, {"role": "user", "content": text}]
            if logprobs:
                body |= {"logprobs": True, "top_logprobs": logprobs}
        else:
            body["prompt"] = prompt.prefix + prompt.suffix
            if logprobs:
                body["logprobs"] = logprobs
        if temperature > 0 and self.draw == "generation_config":
            body["generation_config"] = DRAWN
        path = "/chat/completions" if self.api == "chat" else "/completions"
        answer = await self.client.post(path, body, _one, route=prompt.prefix)
        said, usage = answer.read
        return said, Usage(
            *usage, seconds=answer.seconds, queue_seconds=answer.queue_seconds, tries=answer.tries
        )


def _one(body: Mapping[str, Json]) -> tuple[Said, tuple[int, int, int]]:
    """The first reply of an answer, and its tokens in, of them cached, and out. Raises Malformed."""
    try:
        choice = body["choices"][0]
        message = choice.get("message")
        text = choice["text"] if message is None else message["content"] or ""
        pieces, offsets = _pieces(choice.get("logprobs"))
        return Said(str(text), str(choice.get("finish_reason")), pieces, offsets), tokens_of(body)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise Malformed("it holds no choices with a text") from None


def tokens_of(body: Mapping[str, Json]) -> tuple[int, int, int]:
    """Tokens in, of them cached, and out, as far as a server says."""
    usage = body.get("usage") or {}
    details = usage.get("prompt_tokens_details") or {}
    into = usage.get("prompt_tokens", usage.get("input_tokens", 0))
    out = usage.get("completion_tokens", usage.get("output_tokens", 0))
    return int(into or 0), int(details.get("cached_tokens") or 0), int(out or 0)


def _pieces(logprobs: Json) -> tuple[tuple[Piece, ...], tuple[int, ...]]:
    """Of both forms: lists side by side, or a list of tokens with all that is known of each."""
    if not logprobs:
        return (), ()
    if logprobs.get("content") is not None:
        found = [
            Piece(
                str(one["token"]),
                float(one["logprob"]),
                {str(other["token"]): float(other["logprob"]) for other in one.get("top_logprobs") or ()},
            )
            for one in logprobs["content"]
        ]
        return tuple(found), ()
    tokens, values = logprobs.get("tokens") or (), logprobs.get("token_logprobs") or ()
    tops = logprobs.get("top_logprobs") or [None] * len(tokens)
    pieces = tuple(
        Piece(str(token), 0.0 if value is None else float(value), dict(top or {}))
        for token, value, top in zip(tokens, values, tops, strict=True)
    )
    offsets = logprobs.get("text_offset")
    return pieces, tuple(map(int, offsets)) if offsets else _running(pieces)


def _running(pieces: Sequence[Piece]) -> tuple[int, ...]:
    offsets, at = [], 0
    for piece in pieces:
        offsets.append(at)
        at += len(piece.text)
    return tuple(offsets)


def added(usages: Sequence[Usage]) -> Usage:
    """The sums of several; of the seconds the longest, where they were under way together."""
    return Usage(
        tokens_in=sum(one.tokens_in for one in usages),
        tokens_cached=sum(one.tokens_cached for one in usages),
        tokens_out=sum(one.tokens_out for one in usages),
        seconds=max((one.seconds for one in usages), default=0.0),
        queue_seconds=max((one.queue_seconds for one in usages), default=0.0),
        tries=max((one.tries for one in usages), default=1),
    )
