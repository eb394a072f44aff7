"""Replies, token by token: many rows at once, each under its own grammar and with its own random stream."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from burgh.agents.llm.encoding import Encoder, Tokens
from burgh.agents.llm.grammar import Grammars, Matcher
from burgh.agents.llm.network import Network
from burgh.agents.llm.rows import Rows
from burgh.sim.protocols import CompleteRequest, Completion, Usage
from burgh.sim.rng import stream

TOP_P_FIRST = 256  # likeliest tokens looked at before all of them are
LEAST_TEMPERATURE = 1e-6


@dataclass(slots=True)
class _Reply:
    """One reply in the making."""

    request: CompleteRequest
    encoder: Encoder
    rng: random.Random
    matcher: Matcher | None
    tokens: list[int] = field(default_factory=list)
    done: bool = False

    @property
    def spent(self) -> bool:
        return len(self.tokens) >= self.request.max_tokens

    @property
    def text(self) -> str:
        text = self.encoder.text(self.tokens)
        cuts = [text.index(stop) for stop in self.request.stop if stop in text]
        return text[: min(cuts)] if cuts else text

    def take(self, token: int) -> None:
        """Adds a token, or ends the reply. A grammar that is not satisfied goes on past the token limit."""
        if token in self.encoder.ends:
            self.done = True
            return
        self.tokens.append(token)
        if self.matcher is not None:
            self.matcher.take(token)
            self.done = self.matcher.over or (self.spent and self.matcher.complete)
        else:
            self.done = self.spent
        if not self.done and self.request.stop:
            text = self.encoder.text(self.tokens)
            self.done = any(stop in text for stop in self.request.stop)


@dataclass(frozen=True, slots=True)
class _Prompt:
    prefix: Tokens
    suffix: Tokens


@torch.inference_mode()
def complete(
    network: Network, encoder: Encoder, grammars: Grammars | None, requests: Sequence[CompleteRequest]
) -> list[Completion]:
    """A completion for each request, in order (their seconds are left at 0).

    grammars: may be None where no request has a spec.
    """
    prompts = [_Prompt(*encoder.prompt(request.prompt)) for request in requests]
    cached: list[int] = []
    replies: list[list[_Reply]] = []
    known: set[Tokens] = set()
    for request, prompt in zip(requests, prompts, strict=True):
        network.check_length(len(prompt.prefix) + len(prompt.suffix) + request.max_tokens)
        kept = prompt.prefix in network.prefixes or prompt.prefix in known
        cached.append(len(prompt.prefix) if kept else 0)
        known.add(prompt.prefix)
        matcher = grammars.matcher(request.spec) if request.spec is not None and grammars else None
        replies.append(
            [
                _Reply(
                    request,
                    encoder,
                    stream(request.seed, "sample", str(sample)),
                    matcher.fork() if matcher else None,
                    done=request.max_tokens <= 0,
                )
                for sample in range(request.samples)
            ]
        )
    jobs = [
        (prompt, reply)
        for prompt, group in zip(prompts, replies, strict=True)
        for reply in group
        if not reply.done
    ]
    for chunk in _chunks(jobs, network.token_budget):
        _generate(network, grammars, chunk)
    return [
        Completion(
            tuple(reply.text for reply in group),
            Usage(
                tokens_in=len(prompt.prefix) + len(prompt.suffix),
                tokens_cached=kept,
                tokens_out=sum(len(reply.tokens) for reply in group),
            ),
        )
        for prompt, group, kept in zip(prompts, replies, cached, strict=True)
    ]


_Job = tuple[_Prompt, _Reply]


def _chunks(jobs: Sequence[_Job], token_budget: int) -> Iterator[list[_Job]]:
    """As many replies at once as their keys and values may take."""
    chunk: list[_Job] = []
    for job in jobs:
        together = [*chunk, job]
        prefix = max(len(prompt.prefix) for prompt, _ in together)
        own = max(len(prompt.suffix) for prompt, _ in together)
        new = max(reply.request.max_tokens for _, reply in together)
        if chunk and len(together) * (prefix + own + new) > token_budget:
            yield chunk
            chunk = []
        chunk.append(job)
    if chunk:
        yield chunk


def _generate(network: Network, grammars: Grammars | None, jobs: Sequence[_Job]) -> None:
    """Runs these replies to their ends."""
    prompts = list(dict.fromkeys(prompt for prompt, _ in jobs))
    lengths = torch.tensor([len(prompt.suffix) for prompt in prompts], device=network.device)
    replies = [reply for _, reply in jobs]
    rows = Rows(
        [network.prefixes.get(prompt.prefix) for prompt in prompts],
        network.device,
        capacity=int(lengths.max()) + max(reply.request.max_tokens for reply in replies),
    )
    hidden = network.hidden([prompt.suffix for prompt in prompts], rows)
    logits = network.logits(hidden[torch.arange(len(prompts), device=network.device), lengths - 1])

    prompt_of = [prompts.index(prompt) for prompt, _ in jobs]
    rows.select(prompt_of)
    logits, lengths = logits[prompt_of], lengths[prompt_of]
    prompt_slots = rows.filled
    while True:
        tokens = _pick(logits, replies, grammars)
        for reply, token in zip(replies, tokens, strict=True):
            reply.take(token)
        done = [row for row, reply in enumerate(replies) if reply.done]
        if len(done) == len(replies):
            return
        if done:
            going = rows.drop(done)
            replies, tokens = [replies[row] for row in going], [tokens[row] for row in going]
            lengths = lengths[going]
        slots = torch.arange(rows.filled + 1, device=network.device)[None, :]
        seen = (slots < lengths[:, None]) | (slots >= prompt_slots)  # not the padding after a shorter prompt
        offsets = (lengths + (rows.filled - prompt_slots)).tolist()
        hidden = network.hidden(
            [(token,) for token in tokens], rows, offsets=[[offset] for offset in offsets], seen=seen[:, None]
        )
        logits = network.logits(hidden[:, 0])


def _pick(logits: torch.Tensor, replies: Sequence[_Reply], grammars: Grammars | None) -> list[int]:
    """The next token of each row. logits: (rows, vocabulary)."""
    matchers = [reply.matcher for reply in replies]
    if grammars is not None and any(matcher is not None for matcher in matchers):
        allowed = torch.from_numpy(grammars.allowed(matchers)).to(logits.device)
        for row, (matcher, reply) in enumerate(zip(matchers, replies, strict=True)):
            if matcher is not None and reply.spent and bool(allowed[row, grammars.closing[0]]):
                allowed[row] = False
                allowed[row, grammars.closing[0]] = True
        logits = logits.masked_fill(~allowed, -torch.inf)
    tokens: list[int] = logits.argmax(dim=-1).tolist()
    sampled = [i for i, reply in enumerate(replies) if reply.request.temperature > 0]
    if sampled:
        for i, token in zip(sampled, _sample(logits[sampled], [replies[i] for i in sampled]), strict=True):
            tokens[i] = token
    return tokens


def _sample(logits: torch.Tensor, replies: Sequence[_Reply]) -> list[int]:
    """Draws by inverting the cumulative distribution at one uniform number a row, from the row's own stream:
    what a reply says does not depend on the rows beside it, but for rounding."""
    temperatures = torch.tensor([reply.request.temperature for reply in replies], device=logits.device)
    below_top = logits - logits.amax(dim=-1, keepdim=True)  # so that a temperature near 0 is only greedy
    probabilities = torch.softmax(below_top / temperatures.clamp(min=LEAST_TEMPERATURE)[:, None], dim=-1)
    for row, reply in enumerate(replies):
        if reply.request.top_p < 1:
            probabilities[row] = _nucleus(probabilities[row], reply.request.top_p)
    cumulative = probabilities.cumsum(dim=-1, dtype=torch.float64 if logits.device.type != "mps" else None)
    uniform = torch.tensor(
        [reply.rng.random() for reply in replies], dtype=cumulative.dtype, device=logits.device
    )
    drawn = uniform[:, None] * cumulative[:, -1:]
    found = torch.searchsorted(cumulative, drawn, right=True)[:, 0]
    last = (probabilities > 0).long().cumsum(dim=-1).argmax(dim=-1)  # the last token that is possible at all
    return torch.minimum(found, last).tolist()


def _nucleus(probabilities: torch.Tensor, top_p: float) -> torch.Tensor:
    """The fewest likeliest tokens that together reach top_p; the others get 0 (Holtzman et al., 2020)."""
    count = min(TOP_P_FIRST, probabilities.shape[0])
    values, index = probabilities.topk(count)
    if float(values.sum()) < top_p and count < probabilities.shape[0]:
        values, index = probabilities.sort(descending=True, stable=True)
    before = values.cumsum(dim=0) - values
    kept = before < top_p
    return torch.zeros_like(probabilities).scatter(0, index[kept], values[kept])
