"""The next token of each row: under its grammar, by its own temperature and truncation, from its own stream.

Truncation in the order of transformers: repetition penalty (Keskar et al., 2019), temperature, top-k
(Fan et al., 2018), top-p (Holtzman et al., 2020), min-p (Nguyen et al., 2024).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from burgh.agents.llm.faults import RequestFault, about
from burgh.agents.llm.grammar import Grammars
from burgh.agents.llm.reply import Reply
from burgh.sim.protocols import CompleteRequest

FIRST = 256  # likeliest tokens looked at before all of them are
LEAST_TEMPERATURE = 1e-6


def pick(
    logits: torch.Tensor, replies: Sequence[Reply], grammars: Grammars | None
) -> list[int | RequestFault]:
    """The next token of each row, or why there is none. logits: (rows, vocabulary); may be overwritten."""
    faults: dict[int, RequestFault] = {}
    highest = logits.amax(dim=-1)  # NaN where anything is
    for row, finite in enumerate(torch.isfinite(highest).tolist()):
        if not finite:
            call = replies[row].request.call
            faults[row] = RequestFault(f"the model's logits for {about(call)} are not numbers")
    for row, reply in enumerate(replies):
        if row in faults:
            continue
        if reply.request.repetition_penalty != 1:
            _penalise(logits[row], reply)
        if reply.matcher is not None and grammars is not None:
            try:
                _forbid(logits[row], reply, grammars)
            except RequestFault as fault:
                faults[row] = RequestFault(f"{fault} ({about(reply.request.call)})")
    tokens: list[int | RequestFault] = [*logits.argmax(dim=-1).tolist()]
    drawn = [row for row, reply in enumerate(replies) if row not in faults and reply.request.temperature > 0]
    if drawn:
        chosen = logits if len(drawn) == len(replies) else logits[drawn]
        requests = [replies[row].request for row in drawn]
        for row, token in zip(
            drawn, draw(chosen, requests, [replies[row].rng.random() for row in drawn]), strict=True
        ):
            tokens[row] = token
    for row, found in faults.items():
        tokens[row] = found
    return tokens


def _penalise(logits: torch.Tensor, reply: Reply) -> None:
    seen = torch.tensor(sorted({*reply.prompt, *reply.tokens}), device=logits.device)
    penalty = reply.request.repetition_penalty
    now = logits[seen]
    logits[seen] = torch.where(now < 0, now * penalty, now / penalty)


def _forbid(logits: torch.Tensor, reply: Reply, grammars: Grammars) -> None:
    """Leaves only what the grammar allows; a text whose tokens are spent is closed where it can be."""
    assert reply.matcher is not None
    allowed = reply.matcher.allowed(logits.shape[0])
    if reply.spent and allowed[grammars.closing[0]]:
        allowed[:] = False
        allowed[grammars.closing[0]] = True
    logits.masked_fill_(torch.from_numpy(~allowed).to(logits.device), -torch.inf)


def draw(logits: torch.Tensor, requests: Sequence[CompleteRequest], uniforms: Sequence[float]) -> list[int]:
    """One token of each row of (rows, vocabulary), by inverting its cumulative distribution, likeliest first,
    at a number of [0, 1)."""
    count = min(FIRST, logits.shape[1])
    first, index = torch.topk(logits, count)
    temperatures = torch.tensor([_temperature(one) for one in requests], device=logits.device)[:, None]
    wholes = ((logits - first[:, :1]) / temperatures).exp().sum(dim=-1, dtype=torch.float64).tolist()
    first, index = first.cpu(), index.cpu()
    tokens: list[int] = []
    for row, (request, uniform, whole) in enumerate(zip(requests, uniforms, wholes, strict=True)):
        weights = _weights(first[row], request)
        order, total = index[row], whole
        if 0 < request.top_k <= count:
            total = float(weights[: request.top_k].sum())
        elif count < logits.shape[1] and not _settled(weights, whole, request, uniform):
            values, order = logits[row].cpu().sort(descending=True, stable=True)
            weights = _weights(values, request)
        tokens.append(int(order[_place(weights / total, request, uniform)]))
    return tokens


def _place(probabilities: torch.Tensor, request: CompleteRequest, uniform: float) -> int:
    """Where among falling probabilities a number of [0, 1) lies."""
    kept = truncate(probabilities, request)
    cumulative = kept.cumsum(dim=0)
    most = int((kept > 0).sum()) - 1  # the last token that is possible at all
    open_ended = request.top_k <= 0 and request.top_p >= 1 and request.min_p <= 0
    total = 1.0 if open_ended else float(cumulative[-1])
    return min(int(torch.searchsorted(cumulative, uniform * total, right=True)), most)


def _temperature(request: CompleteRequest) -> float:
    return max(request.temperature, LEAST_TEMPERATURE)


def _weights(logits: torch.Tensor, request: CompleteRequest) -> torch.Tensor:
    """Falling logits as likelihoods up to a factor, the first being 1, in double precision."""
    return ((logits - logits[0]).double() / _temperature(request)).exp()


def _settled(weights: torch.Tensor, whole: float, request: CompleteRequest, uniform: float) -> bool:
    """Whether the token is among the first, whatever the others are."""
    if request.top_k > 0:
        return False
    reached = float(weights.sum())
    if request.min_p > 0 and float(weights[-1]) < request.min_p * float(weights[0]):
        return True
    if request.top_p < 1 and reached >= request.top_p * whole:
        return True
    return request.top_p >= 1 and request.min_p <= 0 and uniform * whole < reached


def truncate(probabilities: torch.Tensor, request: CompleteRequest) -> torch.Tensor:
    """Falling probabilities with 0 for those that top-k, top-p and min-p leave out; not normalised anew."""
    kept = probabilities.clone()
    if request.top_k > 0:
        kept[request.top_k :] = 0
    if request.top_p < 1:
        before = kept.cumsum(dim=0) - kept
        kept[before >= request.top_p * (float(kept.sum()) if request.top_k > 0 else 1.0)] = 0
    if request.min_p > 0:
        kept[kept < request.min_p * float(kept[0])] = 0
    return kept
