"""A strong model writes questions and insights, which can cite only what they were shown; what a run rates is
rated once."""

from __future__ import annotations

import asyncio

import pytest
from minds_for_tests import HandModel, begun, mind, observed, of_kind, persona, run, sight, stepped, turn

from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.mind import GenerativeMind
from burgh.agents.rating import Board
from burgh.agents.writing import write_insights
from burgh.memory.record import Memory
from burgh.sim.protocols import CompleteRequest
from burgh.sim.spec import Form
from burgh.sim.types import Step

QUESTIONS = (
    '{"question_1": "How is Tom?", "question_2": "How is Tom?", "question_3": "Why is the mill still?"}'
)
INSIGHT = '{"insight": "Tom needs a doctor.", "because": "2", "and": "1"}'


def writer(**replies: str) -> HandModel:
    model = HandModel()
    model.importance |= {"Tom is ill": 6.0, "Ben is busy": 2.0}
    model.replies = {"question": (replies.get("question", QUESTIONS),), "reflect": (replies["reflect"],)}
    return model


def reflecting(model: HandModel) -> GenerativeMind:
    """A mind that has seen enough to reflect on."""
    made = begun(model, reflection_threshold=14.0, writes=True)
    seen = [sight(f"Tom is ill in bed, {n}.", "Tom") for n in range(3)]
    stepped(made, observed("Mira", 5, *seen, free=False))
    return made


def test_questions_and_insights_are_written_and_cite_what_was_shown() -> None:
    model = writer(reflect=INSIGHT)
    made = reflecting(model)
    (insight,) = [one for one in made.state.stream if one.kind == "reflection"]
    assert insight.text == "Tom needs a doctor." and insight.subjects == ("Tom",)
    assert len(insight.evidence) == 2
    assert all(made.state.stream[one].text.startswith("Tom is ill") for one in insight.evidence)
    asked = [one for one in model.asked if isinstance(one, CompleteRequest)]
    assert [one.call.purpose for one in asked] == ["question", "reflect", "reflect"], "each question once"
    assert all(isinstance(one.spec, Form) for one in asked)
    assert "Question: Why is the mill still?" in asked[-1].prompt.suffix


@pytest.mark.parametrize("broken", ["this is blank", "", '{"insight": "X.", "because": "9", "and": "none"}'])
def test_a_reply_that_breaks_its_form_is_recorded_and_is_no_insight(broken: str) -> None:
    made = begun(writer(reflect=broken), reflection_threshold=14.0, writes=True)
    seen = [sight(f"Tom is ill in bed, {n}.", "Tom") for n in range(3)]
    step = stepped(made, observed("Mira", 5, *seen, free=False))
    assert not [one for one in made.state.stream if one.kind == "reflection"]
    assert all("broke its form" in event.data["why"] for event in of_kind(step.events, "kept"))
    assert len(of_kind(step.events, "kept")) == 2


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_written_under_the_form_cites_what_was_shown(seed: int) -> None:
    made = begun(HandModel())
    made.llm = ScriptedModel(seed)
    now = turn(made, observed("Mira", 5))
    evidence = [Memory(f"Mira:{n}", "observation", f"Thing {n}.", 1, 1, 3.0) for n in range(4)]
    for text, cited in run(write_insights(now, "What is to be known?", evidence)):
        assert text and 1 <= len(cited) <= 2 and all(one in evidence for one in cited)


def three(model: HandModel) -> list[GenerativeMind]:
    """Minds of one run, at the beginning."""
    board, minds = Board(), [mind(model, persona(name)) for name in ("Mira", "Ben", "Tom")]
    for one in minds:
        one.share(board)
    return minds


async def at_once(minds: list[GenerativeMind], tick: int, text: str) -> list[Step]:
    return await asyncio.gather(
        *(one.step(observed(one.name, tick, sight(text), free=False)) for one in minds)
    )


def test_what_several_perceive_is_rated_once_in_a_run() -> None:
    model = HandModel()
    model.importance["It rains"] = 4.0
    minds = three(model)

    async def live() -> None:
        begun_ = await asyncio.gather(*(one.begin(observed(one.name, 0)) for one in minds))
        for one, step in zip(minds, begun_, strict=True):
            one.commit(step)
        assert model.purposes().count("importance scale") == 22, "one scale for all"
        assert len({one.state.scale for one in minds}) == 1 and minds[0].state.scale
        for tick in (1, 2):
            for one, step in zip(minds, await at_once(minds, tick, "It rains."), strict=True):
                one.commit(step)
        first = await minds[0].step(observed("Mira", 3, sight("It snows."), free=False))
        again = await minds[0].step(observed("Mira", 3, sight("It snows."), free=False))
        assert first.events == again.events, "thinking twice is the same"

    asyncio.run(live())
    asked = [one.prompt.suffix for one in model.asked if one.call.purpose == "importance"]
    assert asked.count("Memory: It rains. This was") == 1
    weighed = [one.importance for made in minds for one in made.state.stream if one.text == "It rains."]
    assert weighed == [4.0] * 6


def test_a_board_made_anew_from_snapshots_is_the_same() -> None:
    minds = three(HandModel())
    for one in minds:
        one.commit(run(one.begin(observed(one.name, 0))))
        stepped(one, observed(one.name, 1, sight(f"{one.name} sees rain.")))
    again = three(HandModel())
    for one, old in zip(again, minds, strict=True):
        one.restore(old.snapshot())
    assert again[0]._board.ratings == minds[0]._board.ratings != {}
    assert again[0]._board.scale == minds[0]._board.scale != ()
