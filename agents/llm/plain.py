"""Requests answered one by one, by transformers alone: beam search, assisted decoding, and models whose
attention the engine cannot take over (those that keep a state of another kind, or have biases in it).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import torch

from burgh.agents.llm.faults import RequestFault, about
from burgh.agents.llm.grammar import Grammars, Matcher
from burgh.agents.llm.jobs import Answer, Job
from burgh.agents.llm.network import Network
from burgh.agents.llm.reply import Reply
from burgh.agents.llm.sampling import pick
from burgh.sim.protocols import ScoreRequest

KEPT = ("past_key_values", "cache_params", "state")  # what models call what they keep
Run = tuple[torch.Tensor, Any]  # logits (tokens, vocabulary), and what the model keeps


@torch.inference_mode()
def answer_alone(network: Network, grammars: Grammars | None, job: Job) -> Answer:
    """The answer to one job, its context computed once. Raises RequestFault."""
    logits, kept = _run(network, job.context, None)
    if not isinstance(job.request, ScoreRequest):
        for reply in job.replies:
            _write(network, grammars, reply, logits, copy.deepcopy(kept))
        return job.completion()
    scores = []
    for option in job.options:
        rows = logits[-1:]
        if len(option) > 1:
            more, _ = _run(network, option[:-1], copy.deepcopy(kept))
            rows = torch.cat((rows, more))
        logs = torch.log_softmax(rows, dim=-1)
        scores.append(sum(float(logs[place, token]) for place, token in enumerate(option)))
    if not all(map(math.isfinite, scores)):
        raise RequestFault(f"the model's logits for {about(job.call)} are not numbers")
    return job.scores(scores)


def _run(network: Network, tokens: Sequence[int], kept: Any) -> Run:
    """After the first time one token at a time: not every state takes more."""
    logits = []
    for part in [list(tokens)] if kept is None else [[token] for token in tokens]:
        given = {} if kept is None else kept
        ids = torch.tensor([part], device=network.device)
        output = network.model(input_ids=ids, use_cache=True, **given)
        kept = {name: output[name] for name in KEPT if output.get(name) is not None}
        logits.append(output.logits[0].float())
    return torch.cat(logits), kept


def _write(
    network: Network, grammars: Grammars | None, reply: Reply, logits: torch.Tensor, kept: Any
) -> None:
    while not reply.done:
        (token,) = pick(logits[-1:].clone(), [reply], grammars)
        if isinstance(token, RequestFault):
            raise token
        reply.take(token)
        if not reply.done:
            logits, kept = _run(network, [token], kept)


@torch.inference_mode()
def answer_by_generate(network: Network, grammars: Grammars | None, job: Job, draft: Any) -> Answer:
    """The answer to one job by transformers' `generate`, which has beam search and assisted decoding.

    All samples are the likeliest reply. A grammar holds as everywhere.
    """
    request = job.request
    assert not isinstance(request, ScoreRequest)
    first = job.replies[0]
    stops = sorted(first.encoder.ends)
    context = torch.tensor([list(job.context)], device=network.device)
    beams: dict[str, Any] = {"num_beams": request.beams} if request.beams > 1 else {"assistant_model": draft}
    processors: list[Any] = []
    if request.repetition_penalty != 1:
        beams["repetition_penalty"] = request.repetition_penalty
    if first.matcher is not None and grammars is not None:
        processors.append(_Grammar(first, len(job.context), network.vocabulary))
    output = network.model.generate(
        input_ids=context,
        attention_mask=torch.ones_like(context),
        max_new_tokens=request.max_tokens,
        do_sample=False,
        eos_token_id=stops,
        pad_token_id=stops[0],
        logits_processor=processors,
        **beams,
    )
    written = output[0, context.shape[1] :].tolist()
    for reply in job.replies:
        for token in written:
            if not reply.done:
                reply.take(token)
        if not reply.done and reply.matcher is not None:  # cut short: the grammar is followed to its end
            logits, kept = _run(network, [*job.context, *reply.tokens], None)
            _write(network, grammars, reply, logits, kept)
    return job.completion()


class _Grammar:
    """A logits processor of transformers: what the grammar allows after each row's tokens.

    Rows change places as beams do, so each is followed from what was taken in a step before.
    """

    def __init__(self, reply: Reply, begin: int, vocabulary: int) -> None:
        assert reply.matcher is not None
        self._matchers: dict[tuple[int, ...], Matcher] = {(): reply.matcher}
        self._begin, self._vocabulary, self._ends = begin, vocabulary, reply.encoder.ends

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        for row, ids in enumerate(input_ids[:, self._begin :].tolist()):
            tokens = tuple(ids)
            if self._ends & set(tokens):
                continue
            matcher = self._matcher(tokens)
            if not matcher.over:
                allowed = torch.from_numpy(matcher.allowed(self._vocabulary)).to(scores.device)
                scores[row].masked_fill_(~allowed, -torch.inf)
        return scores

    def _matcher(self, tokens: tuple[int, ...]) -> Matcher:
        if tokens not in self._matchers:
            matcher = self._matcher(tokens[:-1]).fork()
            if not matcher.over:
                matcher.take(tokens[-1])
            self._matchers[tokens] = matcher
        return self._matchers[tokens]
