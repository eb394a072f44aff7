"""A person's answer to a spec: question by question, or in one line."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burgh.sim.dialogue import Dialogue
from burgh.sim.spec import ActionSpec, Choice, Depends, Form, InvalidAnswer, Number, Text, ToolCall
from burgh.worlds.town import village
from burgh.worlds.town.actions import Menu

SQUARE = "Burgh : Market Square"
TOWN = Menu(village()).spec(SQUARE, ("Mira", "Tom"))
BID = Form(
    (
        ("act", Choice("Bid or pass?", ("bid", "pass"))),
        ("price", Depends("act", {"bid": Number("How much?", 0, 500, 5)})),
    )
)


def held(spec: ActionSpec, *lines: str, **how: Any) -> Any:
    dialogue = Dialogue(spec, **how)
    for line in lines:
        dialogue.say(line)
    assert dialogue.question is None, dialogue.question
    return dialogue.answer


def test_a_line_answers_as_many_questions_as_it_names() -> None:
    asked = held(TOWN, "say", "Mira", "ask", "Is there bread?")
    assert asked["arguments"] == {
        "to": "Mira", "act": "ask", "subject": "", "fact": "", "meaning": "", "words": "Is there bread?",
    }  # fmt: skip
    assert held(TOWN, "say Mira ask: Is there bread?") == asked
    assert held(TOWN, "3 1 ask Is there bread?") == asked
    told = held(TOWN, "say Tom: The well is dry.", usual={"act": "tell"})
    assert told["arguments"]["act"] == "tell" and told["arguments"]["words"] == "The well is dry."
    assert held(TOWN, "go Market Square") == {"tool": "go", "arguments": {"place": SQUARE}}
    assert held(TOWN, "go bakery : shop")["arguments"]["place"] == "Burgh : Bakery : Shop"
    assert held(BID, "bid 35") == {"act": "bid", "price": 35}
    assert held(BID, "pass") == {"act": "pass"}


def test_what_is_not_legal_is_answered_with_what_would_be() -> None:
    dialogue = Dialogue(BID)
    for line, said in (
        ("sing", "'sing' is none of them: Bid or pass? (1 bid, 2 pass)"),
        ("bid 7", "7 is not 0 plus a multiple of 5"),
        ("505", "505 is not from 0 to 500"),
        ("much", "'much' is not a number"),
    ):
        with pytest.raises(InvalidAnswer) as fault:
            dialogue.say(line)
        assert str(fault.value) == said
    dialogue.say("500")
    assert dialogue.answer == {"act": "bid", "price": 500}
    with pytest.raises(InvalidAnswer, match="nothing is asked"):
        dialogue.say("5")


def test_an_empty_line_goes_on_or_takes_back() -> None:
    dialogue = Dialogue(TOWN, nothing="go on")
    assert str(dialogue.question).endswith("[empty: go on]") and not dialogue.begun
    dialogue.say("say")
    assert str(dialogue.question) == "To whom? (1 Mira, 2 Tom) [empty: back]" and dialogue.begun
    dialogue.say("")
    assert str(dialogue.question).startswith("What do you do?") and not dialogue.begun
    dialogue.say("")
    assert dialogue.question is None and dialogue.answer is None
    without = Dialogue(BID)
    with pytest.raises(InvalidAnswer, match="an answer is wanted: Bid or pass"):
        without.say("")


@pytest.mark.parametrize("back", ["", "back", "BACK "])
def test_each_part_of_an_answer_begun_can_be_taken_back(back: str) -> None:
    dialogue = Dialogue(TOWN, usual={"act": "tell"})
    asked = []
    for line in ("say", "Tom", "ask"):
        asked.append(str(dialogue.question))
        dialogue.say(line)
    dialogue.say("")  # at the words, where "back" is one
    for before in reversed(asked):
        assert str(dialogue.question) == before
        dialogue.say(back if dialogue.begun else "say Mira: Back")
    assert dialogue.answer["arguments"]["words"] == "Back" and dialogue.answer["arguments"]["to"] == "Mira"
    price = Dialogue(BID)
    price.say("bid")
    price.say(back)
    price.say("pass")
    assert price.answer == {"act": "pass"}


def test_a_name_that_several_have_is_no_answer() -> None:
    for line, said in (
        ("go Kitchen", "'Kitchen' may be several of them: "),
        ("go rose cottage", "'rose cottage' may be several of them: Rose Cottage : Kitchen, "),
        ("s", "'s' may be several of them: say, sleep"),
    ):
        with pytest.raises(InvalidAnswer) as fault:
            held(TOWN, line)
        assert said in str(fault.value)
    for line in ("go Rose Cottage Kitchen", "go rose cottage: kitchen", "go Burgh : Rose Cottage : Kitchen"):
        assert held(TOWN, line)["arguments"]["place"] == "Burgh : Rose Cottage : Kitchen"


def test_a_question_mark_lists_what_is_more_than_is_shown() -> None:
    dialogue = Dialogue(TOWN)
    dialogue.say("go")
    question = str(dialogue.question)
    assert "1 Chapel : Nave, " in question and "Market Square" not in question
    assert "more: ? lists them)" in question
    dialogue.say("?")
    assert "Market Square" in str(dialogue.question) and "lists them" not in str(dialogue.question)
    dialogue.say("Market Square")
    assert dialogue.answer["arguments"]["place"] == SQUARE


@pytest.mark.parametrize("words", ["I am glad.", "in the shop", "2 apples, please", "Tell me more.", "B"])
def test_after_a_colon_come_words(words: str) -> None:
    near = Menu(village()).spec(SQUARE, ("Ben",))
    for spec, line in ((TOWN, f"say Mira: {words}"), (near, f"say: {words}"), (near, f"say Ben: {words}")):
        said = held(spec, line, usual={"act": "tell"})["arguments"]
        assert (said["act"], said["words"]) == ("tell", words)
    loose = held(TOWN, "say Mira I am glad.", usual={"act": "tell"})["arguments"]
    assert (loose["act"], loose["words"]) == ("tell", "I am glad.")


def test_what_has_one_answer_is_not_asked() -> None:
    near = Menu(village()).spec(SQUARE, ("Mira",))
    for line in ("say Mira tell Good day.", "say tell Good day."):
        assert held(near, line)["arguments"]["to"] == "Mira"


def lines_of(spec: ActionSpec, answer: Any) -> list[str]:
    """An answer as a person gives it, a line for each question."""
    if isinstance(spec, ToolCall):
        return [answer["tool"], *lines_of(spec.tools[answer["tool"]], answer["arguments"])]
    if isinstance(spec, Form):
        found = []
        for name, field in spec.fields:
            inner = field.given(answer) if isinstance(field, Depends) else field
            if inner is not None and not (isinstance(inner, Text) and inner.may_be_empty):
                found += lines_of(inner, answer[name])
        return found
    if isinstance(spec, Choice) and len(spec.options) == 1:
        return []
    return [spec.write(answer)]


@given(st.integers(0, 10_000), st.sampled_from([TOWN, BID, Number("How much?", 0, 40, 5), Text("What?", 8)]))
def test_every_legal_answer_can_be_given(seed: int, spec: ActionSpec) -> None:
    answer = spec.sample(random.Random(seed))
    if isinstance(answer, dict) and answer.get("tool") == "say":
        answer["arguments"] |= {"subject": "", "fact": "", "meaning": ""}  # a person is not asked for these
    assert held(spec, *lines_of(spec, answer)) == answer
