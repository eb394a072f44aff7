"""How much of what is said is in the model's own words, and how various it is."""

from __future__ import annotations

import math

import pytest
from ask_for_tests import Story
from minds_for_tests import HandModel, begun, heard, observed, persona, said, seed, stepped, tick_at

from burgh.scenarios.ask.speech import Speech, distinct, self_bleu, words_of
from burgh.sim.types import WORLD, Event

NEWS = "There is a market on the square at 11:00 today."
OWN = "A market opens on the square at 11:00 today."


def speech_of(events: list[Event]) -> Speech:
    speech = Speech()
    for event in events:
        speech.apply(event)
    return speech


@pytest.mark.parametrize(("reply", "own"), [(OWN, True), ("Look at the cat.", False), ("", False)])
def test_a_mind_s_own_wording_is_told_from_the_plain_form(reply: str, own: bool) -> None:
    model = HandModel()
    model.importance = {NEWS: 9.0}
    model.replies = {"words": (f" {reply}",)}
    mind = begun(model, persona(memories=(seed(NEWS, fact="market"),)))
    step = stepped(mind, observed("Mira", tick_at("07:40"), near=("Ben",)))
    told = said(step)
    assert told is not None
    assert told["act"] == "tell"
    assert (told["words"] == f"Ben, have you heard? {NEWS}") is not own
    event = Event(f"{tick_at('07:40')}.{WORLD}.0", "said", "Mira", {**told, "heard_by": ["Ben"]})
    (utterance,) = speech_of([*step.events, event]).utterances
    assert utterance.own is own


@pytest.mark.parametrize(
    ("reply", "own"), [("Bread at the market, how good.", True), ("Thank you, Ben.", None)]
)
def test_an_answer_too(reply: str, own: bool | None) -> None:
    model = HandModel()
    model.replies = {"answer": (reply,)}
    mind = begun(model)
    tick = tick_at("07:40")
    meaning = "There is bread at the market."
    step = stepped(mind, observed("Mira", tick, heard("Ben", "Mira", meaning), near=("Ben",)))
    told = said(step)
    assert told is not None
    assert told["act"] == "answer"
    event = Event(f"{tick}.{WORLD}.0", "said", "Mira", {**told, "heard_by": ["Ben"]})
    (utterance,) = speech_of([*step.events, event]).utterances
    assert utterance.own is (told["words"] != "Thank you, Ben.")
    if own is not None:
        assert utterance.own is own


def test_only_what_was_written_in_that_step_for_that_speaker_counts() -> None:
    story = Story()
    reply = {"method": "complete", "purpose": "words", "replies": [OWN], "tokens_in": 1, "tokens_out": 1}
    story.add(4, "model", "Ann", reply)
    story.says(5, "Ann", "Ben", f"Ben, {OWN}")  # of another step
    story.add(6, "model", "Cid", reply)
    story.says(6, "Ann", "Ben", f"Ben, {OWN}")  # of another speaker
    story.says(6, "Crier", "Ann", NEWS)  # no agent
    story.says(6, "Cid", "Ben", f"Ben, {OWN}")
    speech = speech_of(story.events)
    assert [one.own for one in speech.utterances] == [False, False, True]
    assert speech.words == 3 * speech.own_words
    assert speech.own_share() == pytest.approx(1 / 3)
    assert speech_of([]).own_share() is None
    assert speech_of([]).self_bleu() is None


def test_words() -> None:
    assert words_of("Don't go at 11:00, Ben!") == ("don't", "go", "at", "11", "00", "ben")
    assert words_of("集市 at 十点") == ("集", "市", "at", "十", "点")


def test_distinct_n_counts_different_pairs() -> None:
    assert distinct([("a", "b", "a", "b")]) == pytest.approx(2 / 3)
    assert distinct([("a", "b"), ("a", "b")]) == 0.5
    assert distinct([("a",)]) is None
    assert distinct([("a", "a", "b")], 1) == pytest.approx(2 / 3)


def test_self_bleu_of_equal_and_of_unlike_texts() -> None:
    same = ("good", "day", "to", "you")
    assert self_bleu([same, same, same]) == pytest.approx(1)
    unlike = self_bleu([("a", "b", "c"), ("d", "e", "f")])
    assert unlike == pytest.approx(math.sqrt(0.5 / 3 * 0.5 / 2))
    assert self_bleu([same]) is None
    assert self_bleu([same, ("one",)]) is None


def test_self_bleu_agrees_with_bleu_done_by_hand() -> None:
    """Each text against the others as references, counts clipped by the most in any one of them."""
    texts = [("a", "b", "a", "c"), ("a", "b", "d"), ("b", "a", "c", "e", "a")]

    def bleu(k: int) -> float:
        own, others = texts[k], [text for n, text in enumerate(texts) if n != k]
        log = 0.0
        for n in (1, 2):
            grams = [own[i : i + n] for i in range(len(own) - n + 1)]
            clipped = 0
            for gram in set(grams):
                most = max(sum(o[i : i + n] == gram for i in range(len(o))) for o in others)
                clipped += min(grams.count(gram), most)
            log += math.log((clipped or 0.5) / len(grams)) / 2
        nearest = min((abs(len(o) - len(own)), len(o)) for o in others)[1]
        return math.exp(log + min(0.0, 1 - nearest / len(own)))

    assert self_bleu(texts) == pytest.approx(sum(map(bleu, range(3))) / 3)
