"""A person in an agent's seat, as a language model: what is asked of them is answered in their own time.

That their answers come in by the same door as a model's puts them into the record in the same way, so that a
run which was played is gone on with, forked and answered from its record like every other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores, Usage
from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Json

NOTHING = ""  # the written form of an answer that goes on with what is under way

Ask = Callable[[str, str, ActionSpec, bool], str]
"""Asks the person who plays an agent, given their situation, what may be answered, and whether nothing may
be; gives the written form of the answer, or NOTHING. It may take its time: it is called in a thread."""


class PersonModel:
    """A LanguageModel (see sim/protocols.py) that asks a person. ask: None where nobody is there to be
    asked."""

    name = "person"
    identity: Mapping[str, Json] = {"name": "person"}

    def __init__(self, ask: Ask | None) -> None:
        self._ask = ask

    async def complete(self, request: CompleteRequest) -> Completion:
        who = request.call.agent
        if self._ask is None:
            raise BurghError(f"nobody is there to play {who}: name the seat with --play {who}")
        assert request.spec is not None
        may_pass = request.prompt.prefix == MAY_PASS
        text = await asyncio.to_thread(self._ask, who, request.prompt.suffix, request.spec, may_pass)
        return Completion((text,), Usage())

    async def score(self, request: ScoreRequest) -> Scores:
        raise BurghError(f"a person, who plays {request.call.agent}, answers no questions of likelihood")


MAY_PASS = "An answer is not called for."  # the prefix of a question that may be left unanswered
