"""Log-likelihoods of options after their contexts, many at once.

A context and all its options are one row: [prefix][suffix][option 1][option 2]..., in which an option's
tokens see the context and themselves but not the other options, and stand at the positions they would have
directly after the suffix. So nothing is computed twice, and one pass answers everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from burgh.agents.llm.encoding import Encoder, Tokens
from burgh.agents.llm.network import Network
from burgh.agents.llm.rows import Rows
from burgh.sim.protocols import ScoreRequest, Scores, Usage


@dataclass(slots=True)
class _Context:
    """One distinct context, and the log-likelihoods of all options that any request asks of it."""

    prefix: Tokens
    suffix: Tokens
    options: dict[Tokens, float] = field(default_factory=dict)

    @property
    def own(self) -> Tokens:
        """The suffix and all but the last token of each option: no one needs what follows that."""
        return self.suffix + tuple(token for option in self.options for token in option[:-1])

    @property
    def offsets(self) -> list[int]:
        length = len(self.suffix)
        inside = [length + i for option in self.options for i in range(len(option) - 1)]
        return [*range(length), *inside]

    @property
    def segments(self) -> list[int]:
        """0 for the suffix, then one number an option."""
        inside = [number for number, option in enumerate(self.options, 1) for _ in option[:-1]]
        return [0] * len(self.suffix) + inside


@torch.inference_mode()
def score(network: Network, encoder: Encoder, requests: Sequence[ScoreRequest]) -> list[Scores]:
    """Scores for each request, in order (their seconds are left at 0)."""
    contexts: dict[tuple[Tokens, Tokens], _Context] = {}
    asked: list[tuple[_Context, tuple[Tokens, ...], Usage]] = []
    prefixes_seen: set[Tokens] = set()
    for request in requests:
        prefix, suffix = encoder.prompt(request.prompt)
        options = tuple(encoder.tokens(option) for option in request.options)
        network.check_length(len(prefix) + len(suffix) + max(map(len, options), default=0))
        known = (prefix, suffix) in contexts
        context = contexts.setdefault((prefix, suffix), _Context(prefix, suffix))
        cached = len(prefix) if prefix in network.prefixes or prefix in prefixes_seen else 0
        prefixes_seen.add(prefix)
        usage = Usage(
            tokens_in=len(prefix) + len(suffix) + sum(map(len, options)),
            tokens_cached=cached + (len(suffix) if known else 0),
        )
        for option in options:
            context.options.setdefault(option, 0.0)
        asked.append((context, options, usage))
    for chunk in _chunks(list(contexts.values()), network.token_budget, network.pass_tokens):
        _score_chunk(network, chunk)
    return [
        Scores(tuple(context.options[option] for option in options), tuple(map(len, options)), usage)
        for context, options, usage in asked
    ]


def _chunks(contexts: Sequence[_Context], token_budget: int, pass_tokens: int) -> Iterator[list[_Context]]:
    """Contexts of like prefix and length together, as many at once as their keys and values may take."""
    prefixes = list(dict.fromkeys(context.prefix for context in contexts))
    number = {prefix: i for i, prefix in enumerate(prefixes)}
    chunk: list[_Context] = []
    for context in sorted(contexts, key=lambda one: (number[one.prefix], len(one.own))):
        together = [*chunk, context]
        own = max(len(one.own) for one in together)
        slots = own + max(len(one.prefix) for one in together)
        if chunk and (len(together) * slots > token_budget or len(together) * own > pass_tokens):
            yield chunk
            chunk = []
        chunk.append(context)
    if chunk:
        yield chunk


def _score_chunk(network: Network, contexts: Sequence[_Context]) -> None:
    prefixes = [network.prefixes.get(context.prefix) for context in contexts]
    rows = Rows(prefixes, network.device, capacity=None)
    owns = [context.own for context in contexts]
    hidden = network.hidden(
        owns,
        rows,
        offsets=[context.offsets for context in contexts],
        seen=_seen([context.segments for context in contexts], max(map(len, owns)), network.device),
    )
    places: dict[tuple[int, int], int] = {}  # (row, own token) -> row among the gathered hidden states
    wanted: list[tuple[int, int]] = []
    owners: list[tuple[_Context, Tokens]] = []
    for row, context in enumerate(contexts):
        begin = len(context.suffix)
        for option in context.options:
            before = [len(context.suffix) - 1, *range(begin, begin + len(option) - 1)]
            begin += max(0, len(option) - 1)
            for place, token in zip(before, option, strict=False):
                wanted.append((places.setdefault((row, place), len(places)), token))
                owners.append((context, option))
    if not wanted:
        return
    index = torch.tensor(list(places), device=network.device)  # (n, 2)
    found = network.logprobs(hidden[index[:, 0], index[:, 1]], wanted)
    for (context, option), value in zip(owners, found, strict=True):
        context.options[option] += value


def _seen(segments: Sequence[Sequence[int]], longest: int, device: torch.device) -> torch.Tensor:
    """Which own tokens each own token sees, (rows, n, n): earlier ones of the suffix or of its own option."""
    padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in segments], device=device)
    causal = torch.ones((longest, longest), dtype=torch.bool, device=device).tril()
    return causal & ((padded[:, None, :] == 0) | (padded[:, None, :] == padded[:, :, None]))
