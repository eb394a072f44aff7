"""The model's words are said only where they still mean what is meant."""

from __future__ import annotations

import re

import pytest
from minds_for_tests import HandModel, begun, heard, observed, persona, run, said, stepped, turn

from burgh.agents.persona import Persona
from burgh.agents.prompts import Words, phrases
from burgh.agents.wording import keeps_to, shared, shortened, whole_sentences, worded

NEWS = "There is a market on the square at 11:00 today."
GUARDED = phrases("guarded")


@pytest.mark.parametrize(
    "words",
    [
        "there is a market on the square at 11:00 today!",
        "come to the square at 11:00, there is a market.",
        "at 11:00 there will be a market. It opens at 11:00.",
    ],
)
def test_words_that_keep_to_what_is_meant(words: str) -> None:
    assert keeps_to(NEWS, words, GUARDED)


@pytest.mark.parametrize(
    "words",
    [
        "there is a market on the square at 12:00 today.",
        "there is a market on the square today.",
        "there is a market on the square at 11:00 tomorrow.",
        "there is no market on the square at 11:00 today.",
        "the market isn't on the square at 11:00 today.",
        "the market isn’t on the square at 11:00 today.",
        "there are 20 stalls on the square at 11:00 today.",
        "there is a market at 11:00 and at 15:30 today.",
    ],
)
def test_words_with_another_time_day_number_or_a_denial_do_not(words: str) -> None:
    assert not keeps_to(NEWS, words, GUARDED)


def test_a_denial_that_is_meant_may_be_said() -> None:
    assert keeps_to("The mill will not run.", "the mill will not run, they say.", GUARDED)


def test_the_share_of_what_is_meant_that_is_said() -> None:
    meaning = "Tom's cow is ill and may die tonight."
    assert shared(meaning, "his cows are ill tonight.", ("Tom",)) == 1.0, "of its long words all is said"
    assert shared("I have seen a wolf near the wood.", "a wolf! Near our wood!") == 0.6
    assert shared("Raising bread takes a morning.", "she raised bread") == 0.5
    assert shared("Raising bread takes a morning.", "good day") == 0.0
    assert shared("", "anything at all") == 1.0
    assert shared("Greta met Paul.", "whatever", ("Greta", "Paul")) == 1.0, "names are nothing to share"


@pytest.mark.parametrize(
    ("reply", "sentences"),
    [
        ("", []),
        ("...!", []),
        ("broken off in the mid", []),
        (", have you heard? It rai", ["have you heard?"]),
        ("One. Two! Three?", ["One.", "One. Two!"]),
        ('He said "no".\nThen he left.', ["He said no.", "He said no. Then he left."]),
        ("A" * 400 + ".", []),
    ],
)
def test_only_whole_sentences_are_said(reply: str, sentences: list[str]) -> None:
    assert whole_sentences(reply) == sentences


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It rained.", "It rained."),
        ("Flora told Klara: it rained. Klara told Flora: it will snow.", "Flora told Klara: it rained."),
        ("Flora gives a party at the teahouse on Tuesday", "Flora gives a party at the teahouse on …"),
        ("芙洛拉说：下雨了。" * 5, "芙洛拉说：下雨了。" * 4),
    ],
)
def test_a_text_is_shortened_by_whole_sentences(text: str, kept: str) -> None:
    assert shortened(text, 40) == kept


def wording(*replies: str, meaning: str = NEWS, least_shared: float = 0.5, who: Persona | None = None) -> str:
    model = HandModel()
    model.replies["words"] = replies
    inputs = Words("Mira", "Ben", meaning)
    one = turn(begun(model, who), observed())
    return run(worded(one, "Ben", inputs, meaning, plain="the plain form", least_shared=least_shared))


def test_the_wording_nearest_to_what_is_meant_is_said_to_the_other() -> None:
    good = "there is a market on the square at 11:00 today."
    assert wording("a market at 11:00 on some square or other, they all said.", good) == f"Ben, {good}"
    assert wording(good + " Will you c") == f"Ben, {good}"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "yes.",
        "there is a market on the square at 10:00 today.",
        "there is a market on the square at 11:00 tomorrow.",
        "how is your old mother at 11:00?",
        "Error: the server answered 503.",
        "there is a market on the square at 11:00 today",
    ],
)
def test_where_no_wording_will_do_the_plain_form_is_said(reply: str) -> None:
    assert wording(reply, reply) == "the plain form"


def test_a_wording_that_shares_the_words_but_not_the_meaning_is_not_said() -> None:
    far = "today, of all she could buy on any square or market, she wants one thing by 11:00: a goose."
    assert wording(far) == "the plain form"


def test_names_alone_are_no_likeness() -> None:
    horse = "Ben sold Mira a very old brown horse last year."
    assert wording("well, Ben and Mira.", meaning=horse, least_shared=0.0) == "the plain form"


def test_nothing_of_what_was_said_before_is_mixed_in() -> None:
    meaning = "There is a market on the square at 11:00 today."
    model = HandModel()
    before = (("Ben", "Mira, I want to open a second shop next year."),)
    for spoken, inputs in (
        ("the plain form", Words("Mira", "Ben", meaning, said=before)),
        ("the plain form", Words("Mira", "Ben", meaning, remembers=("Ben has a second cow.",))),
        ("Ben, there is a second market on the square at 11:00 today.", Words("Mira", "Ben", meaning)),
    ):
        model.replies["words"] = ("there is a second market on the square at 11:00 today.",)
        one = turn(begun(model), observed())
        assert run(worded(one, "Ben", inputs, meaning, plain="the plain form", least_shared=0.5)) == spoken


@pytest.mark.parametrize(
    "reply", ["Paul's cow is very ill and weak.", "today Karl's cow is very ill and weak."]
)
def test_nobody_is_named_who_is_not_meant(reply: str) -> None:
    """Neither one whom the speaker knows nor one from the examples of a prompt."""
    relations = persona(relations={"Paul": "Paul is kind."})
    meaning = "Today Tom's cow is very ill and weak."
    right = re.sub("Paul|Karl", "Tom", reply)
    assert wording(right, meaning=meaning, who=relations) == f"Ben, {right}"
    assert wording(reply, meaning=meaning, who=relations) == "the plain form"


def test_whose_news_it_is_is_said() -> None:
    """A wording that drops the name would make another's news one's own."""
    relations = persona(relations={"Tom": "Tom is kind."})
    meaning = "Tom wants to sell a very old brown horse."
    own, his = "I want to sell a very old brown horse.", "Tom wants to sell a very old brown horse."
    assert wording(own, meaning=meaning, who=relations) == "the plain form"
    assert wording(own, his, meaning=meaning, who=relations) == f"Ben, {his}"
    assert wording(own, meaning=own, who=relations) == f"Ben, {own}"


@pytest.mark.parametrize(
    ("meaning", "wrong", "right"),
    [
        ("Somebody lost a net in the stream.", "I'm lost in the stream!", "a net was lost in the stream."),
        ("The old cow is ill.", "they say the old cow has died.", "they say that the old cow is very ill."),
        (
            "The children have learned to count to a hundred.",
            "you have learned to count to a hundred, children.",
            "I've heard that the children have learned to count to a hundred.",
        ),
        (
            "The old reeve will leave the office soon.",
            "I'll leave the office soon, old reeve.",
            "I'm sorry: the old reeve will leave the office soon.",
        ),
    ],
)
def test_nothing_is_said_of_oneself_or_of_the_other_that_is_not_meant(
    meaning: str, wrong: str, right: str
) -> None:
    assert wording(wrong, meaning=meaning) == "the plain form"
    assert wording(wrong, right, meaning=meaning) == f"Ben, {right}"
    assert wording("I've lost a net in the stream.", meaning="I lost a net in the stream.").startswith(
        "Ben, I"
    )


def test_an_answer_is_not_what_was_heard_once_more() -> None:
    model = HandModel()
    model.replies["answer"] = ("Tom's cow is ill and may die.",)
    made = begun(model)
    hears = heard("Ben", "Mira", "Tom's cow is ill and may die.")
    answer = said(stepped(made, observed("Mira", 10, hears, near=("Ben",))))
    assert answer is not None and answer["words"] == "Thank you, Ben."
    model.replies["answer"] = ("poor Tom! His cow is ill?",)
    hears = heard("Tom", "Mira", "Tom's cow is ill and may die.", event="2.world.0")
    answer = said(stepped(made, observed("Mira", 20, hears, near=("Tom",))))
    assert answer is not None and answer["words"] == "Tom, poor Tom! His cow is ill?"
