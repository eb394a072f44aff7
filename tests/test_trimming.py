"""A prompt that the model does not hold is asked without the oldest memories in it, and that is recorded."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from minds_for_tests import HandModel, begun, observed, run, turn

from burgh.agents import asking
from burgh.agents.asking import Asker
from burgh.agents.bidders.llm import StakeOf
from burgh.agents.bidding import Wanting
from burgh.agents.interview import Knows
from burgh.agents.llm.accounts import Accounts
from burgh.agents.llm.replies import RecordedReplies
from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.llm.unanswered import ModelFault
from burgh.agents.llm.window import Window
from burgh.agents.prompts import (
    Acts,
    Concluding,
    Errands,
    Inputs,
    Insight,
    Remembered,
    Salient,
    Wondering,
    WordsInTalk,
    render,
)
from burgh.agents.shops.llm import ChoiceOf
from burgh.agents.strategies.files import built_in
from burgh.agents.strategies.sitting import ANSWER_TOKENS, Sitting
from burgh.agents.tools.base import Desk
from burgh.agents.trimming import fitting
from burgh.agents.writing import REPLY_TOKENS, write_insights
from burgh.memory.record import Memory
from burgh.scenarios.load import load_town
from burgh.scenarios.run import run_scenario
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores
from burgh.sim.spec import Choice
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
        self.written: list[str] = []

    async def score(self, request: ScoreRequest) -> Scores:
        self.asked.append(request.prompt.prefix + request.prompt.suffix)
        return await self.model.score(request)

    async def complete(self, request: CompleteRequest) -> Completion:
        self.written.append(request.prompt.prefix + request.prompt.suffix)
        return await self.model.complete(request)


def words(inputs: Inputs, language: str = "en") -> int:
    prompt = render(inputs, language)
    return len(prompt.prefix.split()) + len(prompt.suffix.split())


def asked(model: Narrow, inputs: Inputs = WHOLE, language: str = "en") -> Events:
    events = Events(3, "Anna")
    asker = Asker(RecordedReplies(Accounts(model)), "Anna", 3, 1, events, set(), language)
    asyncio.run(asker.score("reflect", inputs, (" kind", " bold")))
    return events


FEW = (Remembered("Ben had a dog.", 4), Remembered("Ben had two old cats.", 2))
OLDEST = "Ben had two old cats."


@pytest.mark.parametrize(
    ("inputs", "less"),
    [
        (Acts("Anna", "baker", "Ben", ("Anna has a wish.", *FEW)), {"knows": ("Anna has a wish.", FEW[0])}),
        (Salient(FEW), {"lately": FEW[:1]}),
        (Wondering(FEW, 2), {"lately": FEW[:1]}),
        (Concluding("Who is Ben?", FEW), {"statements": FEW[:1]}),
        (Knows("Anna", FEW), {"memories": FEW[:1]}),
        (Wanting("Anna", "baker", FEW), {"known": FEW[:1]}),
        (Errands("Anna", "baker", "", "10:00", FEW[1]), {"yesterday": ""}),
        (WordsInTalk("Anna", "Ben", "It rains.", FEW), {"remembers": FEW[:1]}),
        (StakeOf("Anna", "", "A pot is sold.", FEW), {"known": FEW[:1]}),
        (ChoiceOf("Anna", "", 9, ("Cid sells a pot.",), FEW), {"known": FEW[:1]}),
    ],
)
def test_every_prompt_with_memories_goes_without_the_oldest(inputs: Inputs, less: dict[str, Any]) -> None:
    model = Narrow(words(inputs))  # an option is to follow
    (trimmed,) = [event for event in asked(model, inputs).all() if event.kind == "trimmed"]
    assert trimmed.data["left_out"] == [OLDEST]
    prompt = render(replace(inputs, **less))  # type: ignore[type-var]
    assert model.asked == [prompt.prefix + prompt.suffix]


def test_of_memories_of_the_same_words_the_older_goes() -> None:
    same = (Remembered("Ben had a dog.", 9), Remembered("Ben had a dog.", 2), Remembered("Ben left.", 5))
    _, left_out = fitting(Insight("Ben", same), "en", Narrow(words(Insight("Ben", same)) - 2))
    assert [one.created for one in left_out] == [2]


def test_a_villagers_prompts_know_their_memories(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is told of what one remembers can be left out, but for one's wishes and where one goes."""
    seen: list[Any] = []

    def watched(inputs: Inputs, *more: Any) -> Any:
        seen.append(inputs)
        return fitting(inputs, *more)

    monkeypatch.setattr(asking, "fitting", watched)
    scenario = load_town("market-day", {"model": "scripted", "until": "11:05"})
    often = scenario.reflection.model_copy(update={"threshold": 60.0})
    run_scenario(scenario.model_copy(update={"reflection": often}), tmp_path / "run")
    fixed = {*(wish for agent in scenario.agents for wish in agent.wishes)}
    fixed |= {f"{agent.name} is going there." for agent in scenario.agents}
    for kind, field in ((Acts, "knows"), (Wanting, "known"), (Salient, "lately"), (Insight, "evidence")):
        lines = [line for one in seen if isinstance(one, kind) for line in getattr(one, field)]
        assert sum(isinstance(line, Remembered) for line in lines) > 10
        assert {line for line in lines if not isinstance(line, Remembered)} <= fixed


def test_an_insight_cites_what_was_left_in() -> None:
    """Statements are numbered: without the oldest the numbers are those of the others."""
    evidence = [Memory(f"Mira:{n}", "observation", f"Thing {n} of many.", tick, tick, 3.0) for n, tick in
                enumerate((5, 1, 7))]  # fmt: skip
    statements = tuple(one.text for one in evidence)
    model = Narrow(words(Concluding("What is to be known?", statements)) - 4 + REPLY_TOKENS)
    made = begun(HandModel())
    made.llm = model
    for seed in range(6):
        model.model = ScriptedModel(seed)
        now = turn(made, observed("Mira", 5))
        for _, cited in run(write_insights(now, "What is to be known?", evidence)):
            assert {one.id for one in cited} <= {"Mira:0", "Mira:2"}
        assert [event.data["left_out"] for event in now.events.all() if event.kind == "trimmed"] == [
            ["Thing 1 of many."]
        ]
        assert "2. Thing 2 of many." in model.written[-1]
    model.window = Window(words(Concluding("What is to be known?", ())) + REPLY_TOKENS, model.window.count)
    asked_before = len(model.written)
    assert run(write_insights(turn(made, observed("Mira", 5)), "What is to be known?", evidence)) == []
    assert len(model.written) == asked_before, "nothing is left that an insight could rest on"


def sitting(model: Narrow, memories: tuple[str, ...], notes: tuple[str, ...] = ()) -> Sitting:
    events = Events(3, "Anna")
    asker = Asker(RecordedReplies(Accounts(model)), "Anna", 3, 1, events, set())

    def told(shown: Sequence[str]) -> str:
        return " ".join(("Anna stands on the square.", *shown))

    file, desk = built_in("direct"), Desk("Anna", {}, notes)
    form = Choice("What next?", ("go", "stay"))
    made = Sitting(file, told(memories), "What next?", form, desk, asker, random.Random(1))
    made.memories, made.told = memories, told
    made.said += notes
    return made


def test_a_strategys_prompt_goes_without_what_was_remembered_longest() -> None:
    memories, notes = ("Ben is ill.", "Cid has left."), ("Belief: the rivals bid low.", "Plan: wait.")
    room = ANSWER_TOKENS
    model = Narrow(10_000)
    whole = sitting(model, memories, notes).prompt("Answer:")
    count = model.window.count
    model.window = Window(count(whole.prefix) + count(whole.suffix) + room - 1, count)
    at = sitting(model, memories, notes)
    for _ in range(2):
        assert at.prompt("Answer:").suffix == whole.suffix.replace(" Ben is ill.", "")
    assert [event.data for event in at.ask.events.all()] == [
        {"purpose": "Answer:", "left_out": ["Ben is ill."]}
    ]
    model.window = Window(model.window.tokens - 9, count)
    assert at.prompt("Answer:").suffix == whole.suffix.replace(" Ben is ill. Cid has left.", "").replace(
        f"{notes[0]}\n", ""
    )
    model.window = Window(room + 9, count)
    with pytest.raises(ModelFault, match=rf"a prompt takes \d+ tokens, {room} are to follow it"):
        at.prompt("Answer:")


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
