"""A prompt that the model does not hold is asked without the oldest memories in it, and that is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from burgh.agents.asking import Asker
from burgh.agents.llm.accounts import Accounts
from burgh.agents.llm.replies import RecordedReplies
from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.llm.unanswered import ModelFault
from burgh.agents.llm.window import Window
from burgh.agents.prompts import Insight, Remembered, render
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores
from burgh.sim.types import Events, Json

MEMORIES = tuple(
    Remembered(f"Ben did thing number {number}.", tick) for number, tick in enumerate((7, 3, 9, 1, 5))
)
WHOLE = Insight("Ben", MEMORIES)


class Narrow:
    """A model that holds so many words, and keeps what it was asked."""

    name = "narrow"
    identity: Mapping[str, Json] = {"model": "narrow"}

    def __init__(self, words: int) -> None:
        self.window = Window(words, lambda text: len(text.split()))
        self.model = ScriptedModel(1)
        self.asked: list[str] = []

    async def score(self, request: ScoreRequest) -> Scores:
        self.asked.append(request.prompt.prefix + request.prompt.suffix)
        return await self.model.score(request)

    async def complete(self, request: CompleteRequest) -> Completion:
        return await self.model.complete(request)


def words(inputs: Insight) -> int:
    prompt = render(inputs)
    return len(prompt.prefix.split()) + len(prompt.suffix.split())


def asked(model: Narrow) -> Events:
    events = Events(3, "Anna")
    asker = Asker(RecordedReplies(Accounts(model)), "Anna", 3, 1, events, set())
    asyncio.run(asker.score("reflect", WHOLE, (" kind", " bold")))
    return events


def test_the_oldest_are_left_out_first_and_the_template_stays_whole() -> None:
    model = Narrow(words(WHOLE) + 1 - 2)
    events = asked(model)
    (trimmed,) = [event for event in events.all() if event.kind == "trimmed"]
    assert trimmed.data == {"purpose": "reflect", "left_out": ["Ben did thing number 3."]}
    kept = Insight("Ben", tuple(one for one in MEMORIES if one.created != 1))
    prompt = render(kept)
    assert model.asked == [prompt.prefix + prompt.suffix]


def test_as_many_as_need_be_are_left_out() -> None:
    model = Narrow(words(Insight("Ben", MEMORIES[2:3])) + 1)
    (trimmed,) = [event for event in asked(model).all() if event.kind == "trimmed"]
    assert trimmed.data["left_out"] == [f"Ben did thing number {number}." for number in (3, 1, 4, 0)]
    assert "number 2" in model.asked[0]


def test_what_fits_is_left_as_it_is() -> None:
    model = Narrow(words(WHOLE) + 1)
    assert [event.kind for event in asked(model).all()] == ["prompt", "model"]


def test_a_prompt_that_is_too_long_with_no_memory_in_it_is_a_fault_of_that_request() -> None:
    with pytest.raises(ModelFault, match=r"a prompt takes \d+ tokens, 1 are to follow it, and the model"):
        asked(Narrow(5))
