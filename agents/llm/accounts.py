"""What the language model was asked and what it cost: by agent, purpose and tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias

from burgh.sim.protocols import (
    Call,
    CompleteRequest,
    Completion,
    LanguageModel,
    ScoreRequest,
    Scores,
    Usage,
)
from burgh.sim.types import Json

Key = Literal["agent", "purpose", "tick"]
Listener: TypeAlias = Callable[[Call, str], None]  # a call, and what is written of its reply


@dataclass(slots=True)
class Cost:
    """Sums over calls. seconds: wall clock, each call's share of its batch."""

    calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    def add(self, usage: Usage, calls: int = 1) -> None:
        self.calls += calls
        self.tokens_in += usage.tokens_in
        self.tokens_cached += usage.tokens_cached
        self.tokens_out += usage.tokens_out
        self.seconds += usage.seconds


class Accounts:
    """A language model that keeps accounts of another."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self._usage: list[tuple[Call, Usage]] = []
        self._total = Cost()
        self._taken = 0

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def identity(self) -> Mapping[str, Json]:
        return self.model.identity

    def listen(self, listener: Listener | None) -> None:
        """Who is told what is being written, where the model behind this one can tell (see there)."""
        model: object = self.model
        while model is not None and not hasattr(model, "listen"):
            model = getattr(model, "model", None)
        if model is not None:
            model.listen(listener)

    async def complete(self, request: CompleteRequest) -> Completion:
        completion = await self.model.complete(request)
        self._add(request.call, completion.usage)
        return completion

    async def score(self, request: ScoreRequest) -> Scores:
        scores = await self.model.score(request)
        self._add(request.call, scores.usage)
        return scores

    def _add(self, call: Call, usage: Usage) -> None:
        self._usage.append((call, usage))
        self._total.add(usage)

    def total(self) -> Cost:
        """Of everything since the start or the last `forget`."""
        return replace(self._total)

    def table(self, *by: Key) -> list[dict[str, Json]]:
        """One row of plain data for each combination of the keys, in their order: the keys, calls,
        tokens_in, tokens_cached, tokens_out, seconds. By agent, purpose and tick where no key is named."""
        keys = by or ("agent", "purpose", "tick")
        costs: dict[tuple[Json, ...], Cost] = {}
        for call, usage in self._usage:
            costs.setdefault(tuple(getattr(call, key) for key in keys), Cost()).add(usage)
        return [{**dict(zip(keys, values, strict=True)), **asdict(costs[values])} for values in sorted(costs)]

    def taken(self) -> list[list[Json]]:
        """Each call since this was asked last: agent, tick, index, purpose, tokens cached, seconds waited,
        seconds of work, and how often it was asked."""
        new, self._taken = self._usage[self._taken :], len(self._usage)
        return [
            [
                *(call.agent, call.tick, call.index, call.purpose, used.tokens_cached),
                *(round(used.queue_seconds, 4), round(used.seconds, 4), used.tries),
            ]
            for call, used in new
        ]

    def forget(self) -> None:
        """Starts anew at nothing."""
        self._usage.clear()
        self._taken = 0
        self._total = Cost()
