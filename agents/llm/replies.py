"""Replies that a run's record holds, given again to whoever asks the same: resume, fork, `run --replies`.

A reply is known by its key: the model's identity, the purpose, the prompt, and all that was asked of the
model besides (options, or grammar, length, samples, seed and how tokens are drawn); and by whose it is, and
how often that agent had asked the same before. Not by its tick: a changed run asks the same at another time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from burgh.agents.llm.budgets import Ledger
from burgh.agents.llm.unanswered import ModelFault, Unanswered
from burgh.sim.protocols import (
    Call,
    CompleteRequest,
    Completion,
    LanguageModel,
    Prompt,
    ScoreRequest,
    Scores,
    Usage,
)
from burgh.sim.record.chain import canonical
from burgh.sim.types import BurghError, Event, Json, fixed, real

KEY_DIGITS = 16  # of a sha256, in hex


def score_key(identity: Mapping[str, Json], request: ScoreRequest) -> str:
    """What a reply to this is known by."""
    prompt = request.prompt
    return _key(
        identity, "score", [request.call.purpose, prompt.prefix, prompt.suffix, list(request.options)]
    )


def complete_key(identity: Mapping[str, Json], request: CompleteRequest) -> str:
    """What a reply to this is known by."""
    asked = [
        request.call.purpose,  # by which a scripted model goes
        request.prompt.prefix,
        request.prompt.suffix,
        "" if request.spec is None else request.spec.grammar(),
        request.max_tokens,
        request.samples,
        repr(request.temperature),
        repr(request.top_p),
        request.seed,
        list(request.stop),
    ]
    asked.append(repr((request.top_k, request.min_p, request.repetition_penalty, request.beams)))
    return _key(identity, "complete", asked)


def known_otherwise(identity: Mapping[str, Json], events: Iterable[Event]) -> bool:
    """Whether a record's replies are known by other keys than these: one of another version of burgh, none of
    whose replies would be found. Judged by the first score. identity: of the model that it was on."""
    prompts: dict[str, str] = {}
    for event in events:
        if event.kind == "prompt":
            prompts[event.data["hash"]] = event.data["text"]
        elif event.kind == "model" and event.data["method"] == "score" and event.agent is not None:
            prompt = Prompt(prompts.get(event.data["prefix"], ""), event.data["suffix"])
            call = Call(event.agent, event.tick, event.data["purpose"])
            asked = ScoreRequest(call, prompt, tuple(event.data["options"]))
            return bool(event.data.get("key") != score_key(identity, asked))
    return False


def drawn_by(request: CompleteRequest) -> dict[str, Json]:
    """How the tokens of a reply are drawn, as it is recorded: what is seldom asked for only where it is."""
    seldom: dict[str, Json] = {}
    if request.top_k:
        seldom["top_k"] = request.top_k
    if request.min_p:
        seldom["min_p"] = fixed(request.min_p)
    if request.repetition_penalty != 1:
        seldom["repetition_penalty"] = fixed(request.repetition_penalty)
    if request.beams > 1:
        seldom["beams"] = request.beams
    return {
        "seed": request.seed,
        "max_tokens": request.max_tokens,
        "temperature": fixed(request.temperature),
        "top_p": fixed(request.top_p),
        **seldom,
        "stop": list(request.stop),
    }


def _key(identity: Mapping[str, Json], method: str, asked: list[Json]) -> str:
    whole = canonical([dict(identity), method, asked])
    return hashlib.sha256(whole).hexdigest()[:KEY_DIGITS]


class RecordedReplies:
    """A language model that answers from records what stands in them, and asks another what is new.

    events: of the record, from where the answers are to begin. Their tokens are told as recorded. answered:
    how many replies came from the record. ledger: of what may be asked. bears: whether minds may go by their
    habits where the model fails; a fault that they went by in the record is one again.
    """

    def __init__(
        self,
        model: LanguageModel,
        events: Iterable[Event] = (),
        *,
        ledger: Ledger | None = None,
        bears: bool = False,
    ) -> None:
        self.model = model
        self.answered = 0
        self.ledger = ledger or Ledger()
        self.bears = bears
        self._faults: dict[tuple[str, int], tuple[int, str]] = {}  # by agent and tick: from which call on
        self._replies: defaultdict[tuple[str, str], deque[Mapping[str, Json]]] = defaultdict(deque)
        self._identity = dict(model.identity)
        self.add(events)

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def identity(self) -> Mapping[str, Json]:
        return self._identity

    def add(self, events: Iterable[Event]) -> None:
        """Takes up the replies among these events, behind those it has."""
        for event in events:
            if event.kind == "model" and event.agent is not None and "key" in event.data:
                self._replies[event.agent, event.data["key"]].append(event.data)
            elif event.kind == "fell_back" and event.agent and event.data.get("cause") == "fault":
                self._faults[event.agent, event.tick] = (event.data["call"], event.data["why"])

    def on(self, model: LanguageModel) -> RecordedReplies:
        """The same replies, and another model for what is new."""
        other = RecordedReplies(model, ledger=self.ledger, bears=self.bears)
        other._replies, other._faults = self._replies, self._faults
        return other

    def admit(self, call: Call) -> None:
        """Asked before a batch, with its first call. Raises BudgetSpent, or the fault that it met with in the
        record."""
        self.ledger.admit(call)
        index, why = self._faults.get((call.agent, call.tick), (0, ""))
        if why and call.index >= index:
            raise ModelFault(why, call, bearable=True)

    def paid(self, call: Call, usage: Usage) -> None:
        """Told of each call whose answer goes into the record."""
        self.ledger.paid(call, usage)

    def fault(self, error: BurghError, call: Call) -> Unanswered:
        """What a mind meets with where the model fails."""
        if isinstance(error, Unanswered) and not isinstance(error, ModelFault):
            return error
        return ModelFault(str(error), call, bearable=self.bears)

    async def score(self, request: ScoreRequest) -> Scores:
        found = None
        if self._replies:
            found = self._next(request.call.agent, score_key(self._identity, request))
        if found is None:
            return await self.model.score(request)
        logprobs = tuple(map(real, found["logprobs"]))
        return Scores(logprobs, (0,) * len(logprobs), _usage(found), found["way"])

    async def complete(self, request: CompleteRequest) -> Completion:
        found = None
        if self._replies:
            found = self._next(request.call.agent, complete_key(self._identity, request))
        if found is None:
            return await self.model.complete(request)
        return Completion(tuple(found["replies"]), _usage(found))

    def _next(self, agent: str, key: str) -> Mapping[str, Json] | None:
        waiting = self._replies.get((agent, key))
        if waiting is None:
            return None
        found = waiting.popleft()
        if not waiting:
            del self._replies[agent, key]
        self.answered += 1
        return found


def _usage(found: Mapping[str, Json]) -> Usage:
    return Usage(tokens_in=found["tokens_in"], tokens_out=found["tokens_out"])
