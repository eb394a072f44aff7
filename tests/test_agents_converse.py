"""What is told, to whom, and in what words; and when one is silent."""

from __future__ import annotations

import pytest
from minds_for_tests import (
    CLOCK,
    HandModel,
    begun,
    heard,
    observed,
    of_kind,
    persona,
    said,
    seed,
    sight,
    stepped,
    tick_at,
)

from burgh.agents.mind import GenerativeMind
from burgh.sim.types import Json, Percept

OVEN = "Mira has a new oven."
WOLF = "A wolf was seen at the wood."
LATER = CLOCK.ticks(20)  # when one turns to the same person again


def mira(model: HandModel | None = None) -> GenerativeMind:
    """Knows of an oven (importance 3) and of a wolf (8)."""
    model = model or HandModel()
    model.importance |= {OVEN: 3.0, WOLF: 8.0}
    memories = (seed(OVEN, say="I have a new oven."), seed("The wall is white."), seed(WOLF, fact="wolf"))
    return begun(model, persona(memories=memories), tell_rating=5.0)


def unheard(arguments: Json, speaker: str = "Mira") -> Percept:
    data = {"kind": "unheard", "speaker": speaker, **arguments}
    return Percept("2.world.0", "outcome", "Another was heard first.", (speaker,), data)


def test_what_matters_most_is_told() -> None:
    made = mira()
    observation = observed("Mira", 300, sight("Ben is here.", "Ben"), near=("Ben",))
    step = stepped(made, observation)
    telling = said(step)
    wolf = next(one for one in made.state.stream if one.text == WOLF)
    assert telling == {
        "to": "Ben",
        "act": "tell",
        "subject": wolf.id,
        "fact": "wolf",
        "meaning": WOLF,
        "words": f"Ben, have you heard? {WOLF}",
    }
    assert step.action is not None
    observation.spec.validate(step.action.answer)
    (decided,) = of_kind(step.events, "decided")
    (retrieved,) = of_kind(step.events, "retrieved")
    assert {retrieved.id, made.state.origin[wolf.id]} <= set(decided.causes), "it can be asked why"


def test_what_does_not_matter_enough_is_not_told() -> None:
    model = HandModel()
    made = mira(model)
    model.importance[WOLF] = 8.0
    made.state.ratings[WOLF] = 4.9
    telling = said(stepped(made, observed("Mira", 300, near=("Ben",))))
    assert telling is not None and telling["act"] == "greet" and telling["meaning"] == ""


def test_of_oneself_one_speaks_in_the_first_person() -> None:
    made = mira()
    made.state.ratings[OVEN] = 9.0
    telling = said(stepped(made, observed("Mira", 300, near=("Ben",))))
    assert telling is not None
    assert telling["words"] == "Ben, have you heard? I have a new oven." and telling["meaning"] == OVEN


@pytest.mark.parametrize(
    ("speaker", "to", "fact"), [("Ben", "Mira", "wolf"), ("Ben", "Tom", "wolf"), ("Tom", "Ben", "wolf")]
)
def test_nobody_is_told_what_they_are_known_to_know(speaker: str, to: str, fact: str) -> None:
    made = mira()
    stepped(made, observed("Mira", 300, heard(speaker, to, WOLF, fact=fact)))
    for tick in (301, 301 + LATER, 302 + 2 * LATER):
        telling = said(stepped(made, observed("Mira", tick, near=("Ben",))))
        assert telling is None or telling["act"] == "greet"


def test_nobody_is_told_what_they_said_themselves() -> None:
    """Even where it was told without a root by which to know it."""
    made = begun(HandModel(), tell_rating=1.0)
    stepped(made, observed("Mira", 300, heard("Ben", "Mira", WOLF, fact="")))
    back = said(stepped(made, observed("Mira", 301, near=("Ben",))))
    assert back is not None and back["act"] == "greet"
    on = said(stepped(made, observed("Mira", 302, near=("Tom",))))
    assert on is not None and on["meaning"] == WOLF


def test_nobody_is_told_about_themselves() -> None:
    model = HandModel()
    model.importance |= {"Ben broke his leg.": 9.0, "Benches were stolen.": 7.0}
    memories = (seed("Ben broke his leg."), seed("Benches were stolen."))
    made = begun(model, persona(memories=memories))
    telling = said(stepped(made, observed("Mira", 300, near=("Ben",))))
    assert telling is not None and telling["meaning"] == "Benches were stolen.", "a bench is not Ben"
    telling = said(stepped(made, observed("Mira", 301, near=("Tom",))))
    assert telling is not None and telling["meaning"] == "Ben broke his leg."


def test_what_others_say_of_oneself_one_does_not_retell() -> None:
    model = HandModel()
    model.importance["Mira is rich."] = 9.0
    made = begun(model)
    stepped(made, observed("Mira", 300, heard("Ben", "Tom", "Mira is rich.", fact="Ben:7")))
    telling = said(stepped(made, observed("Mira", 301, near=("Paul",))))
    assert telling is not None and telling["act"] == "greet"


def test_wishes_and_what_one_thinks_of_others_one_keeps_to_oneself() -> None:
    model = HandModel()
    secrets = ("Mira wants to leave the village.", "Tom is a thief.")
    model.importance |= dict.fromkeys(secrets, 10.0)
    who = persona(wishes=secrets[:1], relations={"Tom": secrets[1]})
    telling = said(stepped(begun(model, who), observed("Mira", 300, near=("Ben",))))
    assert telling is not None and telling["act"] == "greet"


def test_who_stands_by_has_heard_it_too() -> None:
    made = mira()
    first = said(stepped(made, observed("Mira", 300, near=("Ben", "Tom"))))
    second = said(stepped(made, observed("Mira", 301, near=("Ben", "Tom"))))
    third = said(stepped(made, observed("Mira", 302, near=("Ben", "Tom"))))
    assert first is not None and second is not None and third is None
    assert [first["to"], second["to"]] == ["Ben", "Tom"]
    assert first["meaning"] == WOLF and second["act"] == "greet"


def test_who_was_told_by_another_in_ones_hearing_is_not_told_again() -> None:
    made = mira()
    telling = heard("Ben", "Tom", WOLF, fact="wolf", by=("Mira", "Tom", "Paul"))
    stepped(made, observed("Mira", 300, telling))
    assert all("wolf" in made.state.talks[name].knows for name in ("Ben", "Tom", "Paul"))


def test_news_of_a_time_that_has_passed_is_stale() -> None:
    model, market = HandModel(), "There is a market on the square at 11:00."
    model.importance[market] = 9.0
    for clock, told in (("10:30", "tell"), ("11:10", "greet")):
        made = begun(model, persona(memories=(seed(market),)))
        telling = said(stepped(made, observed("Mira", tick_at(clock), near=("Ben",))))
        assert telling is not None and telling["act"] == told


def test_one_turns_to_the_same_person_only_after_a_while() -> None:
    made = mira()
    assert said(stepped(made, observed("Mira", 300, near=("Ben",)))) is not None
    made.state.ratings[OVEN] = 9.0
    for tick in (301, 300 + LATER - 1):
        assert said(stepped(made, observed("Mira", tick, near=("Ben",)))) is None
    telling = said(stepped(made, observed("Mira", 300 + LATER, near=("Ben",))))
    assert telling is not None and telling["meaning"] == OVEN


def test_what_was_not_heard_was_not_told() -> None:
    made = mira()
    telling = said(stepped(made, observed("Mira", 300, near=("Ben",))))
    assert telling is not None and made.state.talks["Ben"].knows == {"wolf"}
    greeting = heard("Ben", "Mira", act="greet")
    again = said(stepped(made, observed("Mira", 301, unheard(telling), greeting, near=("Ben",))))
    assert again == telling
    assert made.state.talks["Ben"].turns == 1


def test_a_greeting_that_was_not_heard_is_given_again() -> None:
    made = begun(HandModel())
    greeting = said(stepped(made, observed("Mira", 300, near=("Ben",))))
    assert greeting is not None and greeting["words"] == "Good day, Ben."
    hears = heard("Ben", "Mira", act="greet")
    back = said(stepped(made, observed("Mira", 301, unheard(greeting), hears, near=("Ben",))))
    assert back is not None and back["words"] == "Good day to you, Ben."
    assert said(stepped(made, observed("Mira", 302, hears, near=("Ben",)))) is None, "one greets once"


def test_nobody_is_greeted_after_they_have_been_spoken_to() -> None:
    made = mira()
    telling = said(stepped(made, observed("Mira", 300, near=("Ben",))))
    assert telling is not None and telling["act"] == "tell"
    assert said(stepped(made, observed("Mira", 300 + LATER, near=("Ben",)))) is None


def test_a_conversation_ends() -> None:
    """Each says at most half of the turns, however much there is to tell."""
    model = HandModel()
    news = [f"A tree of age {n} fell on the road." for n in range(9)]
    model.importance |= dict.fromkeys(news, 9.0)
    made = begun(model, persona(memories=tuple(map(seed, news))), talk_turns=4)
    told = [said(stepped(made, observed("Mira", 300, near=("Ben",))))]
    for tick in range(301, 320):
        answer = heard("Ben", "Mira", f"Well, {tick}.", fact=f"Ben:{tick}")
        told.append(said(stepped(made, observed("Mira", tick, answer, near=("Ben",)))))
    spoken = [one for one in told if one is not None]
    assert len(spoken) == 2 and len({one["fact"] for one in spoken}) == 2


def test_who_is_told_something_answers() -> None:
    model = HandModel()
    made = begun(model)
    model.replies["answer"] = ("a wolf was seen, so near, by the old wood? Dreadful!", "thank you.")
    step = stepped(made, observed("Mira", 300, heard("Ben", "Mira", WOLF, fact="wolf"), near=("Ben",)))
    answer = said(step)
    assert answer is not None
    assert (answer["act"], answer["words"]) == ("answer", "Ben, a wolf was seen, so near, by the old wood?")
    assert (answer["fact"], answer["meaning"]) == ("", ""), "an answer tells nothing"
    thanks = said(stepped(made, observed("Mira", 301, heard("Ben", "Mira", OVEN), near=("Ben",))))
    assert thanks is not None and thanks["words"] == "Thank you, Ben.", "where no wording will do"


def test_an_answer_or_what_others_say_to_each_other_calls_for_none() -> None:
    made = begun(HandModel())
    made.state.talk("Ben").greeted = made.state.talk("Tom").greeted = True
    made.state.talk("Ben").last = made.state.talk("Tom").last = 299
    for percept in (heard("Ben", "Mira", act="answer"), heard("Ben", "Tom", WOLF, fact="wolf")):
        assert said(stepped(made, observed("Mira", 300, percept, near=("Ben", "Tom")))) is None


def test_one_who_has_gone_is_not_answered() -> None:
    made = mira()
    assert said(stepped(made, observed("Mira", 300, heard("Ben", "Mira", OVEN, fact="x")))) is None


@pytest.mark.parametrize(
    "reply",
    [
        "there is a market on the square at 12:00.",
        "there is a market on the square at 11:00 tomorrow.",
        "there is no market on the square at 11:00.",
        "I like my old grey goose at 11:00.",
        "",
    ],
)
def test_the_plain_form_is_said_where_the_model_would_say_something_else(reply: str) -> None:
    model = HandModel()
    market = "There is a market on the square at 11:00."
    model.importance[market] = 9.0
    model.replies["words"] = (reply,) * 3
    made = begun(model, persona(memories=(seed(market),)))
    telling = said(stepped(made, observed("Mira", 3, near=("Ben",))))
    assert telling is not None and telling["words"] == f"Ben, have you heard? {market}"


def test_the_models_words_are_said_where_they_mean_it() -> None:
    model = HandModel()
    market = "There is a market on the square at 11:00."
    model.importance[market] = 9.0
    model.replies["words"] = ("there is a market on the square at 11:00! Will you come too, o",)
    made = begun(model, persona(memories=(seed(market),)))
    telling = said(stepped(made, observed("Mira", 3, near=("Ben",))))
    assert telling is not None and telling["words"] == "Ben, there is a market on the square at 11:00!"


def test_however_a_scenario_words_a_memory_telling_it_is_legal() -> None:
    model = HandModel()
    long = 'They say "the \\ king" ' + "rode and rode and rode " * 20 + "home."
    model.importance[long] = 9.0
    made = begun(model, persona(memories=(seed(long),)))
    observation = observed("Mira", 300, near=("Ben",))
    step = stepped(made, observation)
    assert step.action is not None and said(step) is not None
    observation.spec.validate(step.action.answer)
