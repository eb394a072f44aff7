"""What is promised in conversation stands in the plans of both; acts are chosen among the legal ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from minds_for_tests import (
    CLOCK,
    SHOP,
    SQUARE,
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
from burgh.agents.places import spoken
from burgh.agents.state import Entry
from burgh.sim.protocols import CompleteRequest, ScoreRequest
from burgh.sim.types import Json, Percept

MARKET = "There is a market on the square at 11:00 today."
FIRE = "The mill is on fire."
START = tick_at("11:00")


def favouring(*wanted: str) -> HandModel:
    """A model to which any situation speaks for these acts, and news of the market for the square."""

    def act(asked: ScoreRequest) -> list[float]:
        given = not re.search(r"meets \w+\. So", asked.prompt.suffix)
        return [5.0 if given and option.strip() in wanted else 0.0 for option in asked.options]

    def react(asked: ScoreRequest) -> list[float]:
        told = " hears: " in asked.prompt.suffix
        return [3.0 if told and option == " market square" else 0.0 for option in asked.options]

    model = HandModel()
    model.importance |= {MARKET: 8.0, FIRE: 9.0}
    model.scores |= {"act": act, "react": react}
    return model


INVITES, ASKS, OFFERS = "invites the other to come along.", "asks for help.", "makes an offer."
PROMISES, AGREES = "promises to come by later.", "agrees."


def firm(made: GenerativeMind) -> list[tuple[int, str, str, tuple[str, ...]]]:
    return [(e.start, e.place, e.kind, e.others) for e in made.state.plan if e.firm]


def answer_of(arguments: Json, speaker: str, event: str = "9.world.0") -> Percept:
    """What a step said, as the one addressed hears it."""
    data = {"speaker": speaker, **arguments, "heard_by": [arguments["to"]]}
    return Percept(event, "speech", f"{speaker}: {arguments['words']}", (speaker, arguments["to"]), data)


def invited(model: HandModel) -> tuple[GenerativeMind, Json]:
    """Mira, who goes to the market, and what she says on meeting Tom."""
    mira = begun(model)
    stepped(mira, observed("Mira", 30, heard("Ben", "Mira", MARKET, fact="market")))
    assert firm(mira) == [(START, SQUARE, "visit", ())]
    return mira, said(stepped(mira, observed("Mira", 60, near=("Tom",))))


def test_who_goes_there_can_invite_and_what_is_agreed_stands_in_both_plans() -> None:
    mira, invitation = invited(favouring(INVITES))
    assert (invitation["act"], invitation["fact"], invitation["meaning"]) == ("invite", "market", MARKET)
    assert invitation["words"].endswith(" Will you come?")
    tom = begun(favouring(), persona("Tom"))
    reply = stepped(tom, observed("Tom", 61, answer_of(invitation, "Mira"), near=("Mira",)))
    agreed = said(reply)
    assert agreed is not None and agreed["act"] == "agree" and agreed["fact"] == ""
    assert agreed["meaning"] == "Tom and Mira will meet at the market square at 11:00."
    assert firm(tom) == [(START, SQUARE, "visit", ())], "it holds when it was heard"
    assert reply.wake_tick == 62
    kept = stepped(tom, observed("Tom", 62, near=("Mira",)))
    assert firm(tom) == [(START, SQUARE, "promise", ("Mira",))]
    stepped(mira, observed("Mira", 62, answer_of(agreed, "Tom"), near=("Tom",)))
    assert firm(mira) == [(START, SQUARE, "promise", ("Tom",))]
    for made in (tom, mira):
        (memory,) = [one for one in made.state.stream if one.text == agreed["meaning"] and one.kind == "plan"]
        assert memory.subjects in (("Mira",), ("Tom",)) and memory.fact == "market"
        assert (memory.start, memory.place) == (START, SQUARE) and len(memory.evidence) == 2 - (made is tom)
    (planned,) = of_kind(kept.events, "planned")
    assert planned.data["entries"][planned.data["new"][0]]["with"] == ["Mira"]


def test_what_was_not_heard_is_not_promised() -> None:
    _, invitation = invited(favouring(INVITES))
    tom = begun(favouring(), persona("Tom"))
    agreed = said(stepped(tom, observed("Tom", 61, answer_of(invitation, "Mira"), near=("Mira",))))
    assert agreed is not None
    missed = Percept("61.world.1", "outcome", "?", ("Tom",), {"kind": "unheard", "speaker": "Tom", **agreed})
    stepped(tom, observed("Tom", 62, missed))
    assert firm(tom) == [(START, SQUARE, "visit", ())]


def test_who_has_promised_to_be_elsewhere_declines() -> None:
    _, invitation = invited(favouring(INVITES))
    tom = begun(favouring(AGREES), persona("Tom"))
    other = Entry(START, CLOCK.ticks(60), SHOP, ("talking",), firm=True, kind="promise", others=("Ben",))
    tom.state.plan = (*tom.state.plan, other)
    tom.state.considered.add("market")
    no = said(stepped(tom, observed("Tom", 61, answer_of(invitation, "Mira"), near=("Mira",))))
    assert no is not None and no["act"] == "decline" and no["words"] == "I am sorry, Mira, not this time."
    stepped(tom, observed("Tom", 62))
    assert firm(tom) == [(START, SHOP, "promise", ("Ben",))]


@pytest.mark.parametrize(("acts", "kind"), [((), "decline"), ((AGREES,), "agree")])
def test_one_who_did_not_mean_to_go_can_be_talked_round(acts: Sequence[str], kind: str) -> None:
    _, invitation = invited(favouring(INVITES))
    tom = begun(favouring(*acts), persona("Tom", wishes=("Tom likes company.",)))
    tom.state.considered.add("market")  # it has been thought over, and did not move him
    reply = said(stepped(tom, observed("Tom", 61, answer_of(invitation, "Mira"), near=("Mira",))))
    assert reply is not None and reply["act"] == kind
    stepped(tom, observed("Tom", 62))
    assert bool(firm(tom)) == (kind == "agree")


def test_without_planning_nothing_is_promised() -> None:
    _, invitation = invited(favouring(INVITES))
    tom = begun(favouring(AGREES), persona("Tom"), planning=False)
    reply = said(stepped(tom, observed("Tom", 61, answer_of(invitation, "Mira"), near=("Mira",))))
    assert reply is not None and reply["act"] == "decline"


def test_one_is_reminded_in_time_to_walk_there() -> None:
    mira, _ = invited(favouring())
    step = stepped(mira, observed("Mira", START - CLOCK.ticks(14), place=SHOP))
    (reminder,) = of_kind(step.events, "reminded")
    assert reminder.data["place"] == SQUARE and reminder.data["start"] == "11:00"
    (decided,) = of_kind(step.events, "decided")
    assert decided.data["answer"]["tool"] == "go" and reminder.id in decided.causes
    assert mira.state.stream[reminder.data["memory"]].last_access == START - CLOCK.ticks(14)


def test_who_must_leave_says_so_and_does_not_talk() -> None:
    mira, _ = invited(favouring())
    busy = observed("Mira", START - 60, heard("Paul", "Mira", FIRE), near=("Paul",))
    reply = said(stepped(mira, busy))
    assert reply is not None and (reply["act"], reply["words"]) == ("end", "I must be going, Paul.")
    asked = heard("Tom", "Mira", "Tom needs a horse.", act="ask")
    reply = said(stepped(mira, observed("Mira", START - 59, asked, near=("Tom",))))
    assert reply is not None and reply["act"] == "decline"


def test_a_wish_makes_one_ask_once_or_bargain_with_whom_it_concerns() -> None:
    model = favouring(ASKS, OFFERS)
    who = persona(wishes=("Mira wants to sell her bread.",), relations={"Ben": "Ben buys bread from Mira."})
    made = begun(model, who)
    offer = said(stepped(made, observed("Mira", 10, near=("Ben",))))
    assert offer is not None and offer["act"] == "bargain"
    assert offer["words"] == "Ben, let us make a bargain. I want to sell my bread."
    question = said(stepped(made, observed("Mira", 11, near=("Tom",))))
    assert question is not None and question["act"] == "ask" and question["subject"] == made.state.wishes[0]
    later = stepped(made, observed("Mira", 11 + CLOCK.ticks(30), near=("Tom",)))
    assert said(later) is None, "nobody is asked twice"
    made = begun(model, persona(wishes=("Mira likes company.",)))
    greeting = said(stepped(made, observed("Mira", 10, near=("Ben",))))
    assert greeting is not None and greeting["act"] == "greet", "with a liking nobody can help"
    made = begun(model, persona(wishes=who.wishes, memories=(seed(FIRE),)))
    telling = said(stepped(made, observed("Mira", 10, near=("Ben",))))
    assert telling is not None and telling["act"] == "tell", "news goes before wishes"


def test_a_question_is_answered_with_what_comes_to_mind_of_it() -> None:
    made = begun(favouring(), persona(memories=(seed("The old rope hangs in the barn."), seed("It rains."))))
    asked = heard("Ben", "Mira", "Ben needs new rope.", act="ask")
    reply = said(stepped(made, observed("Mira", 10, asked, near=("Ben",))))
    assert reply is not None and reply["act"] == "answer"
    assert reply["meaning"] == "The old rope hangs in the barn." and reply["subject"] == "Mira:0"
    unknown = heard("Tom", "Mira", "Tom needs a horse.", act="ask")
    reply = said(stepped(made, observed("Mira", 11, unknown, near=("Tom",))))
    assert reply is not None and reply["words"] == "I cannot help you there, Tom."


def test_one_can_promise_to_come_by_when_the_next_habit_would_begin() -> None:
    made = begun(favouring(PROMISES))
    asked = heard("Ben", "Mira", "Ben needs new rope.", act="ask")
    reply = said(stepped(made, observed("Mira", tick_at("08:30"), asked, near=("Ben",), place=SHOP)))
    assert reply is not None and reply["act"] == "promise"
    assert reply["meaning"] == "Mira and Ben will meet at the bakery at 10:00."
    stepped(made, observed("Mira", tick_at("08:30") + 1, near=("Ben",), place=SHOP))
    assert firm(made) == [(tick_at("10:00"), SHOP, "promise", ("Ben",))]
    ben = begun(favouring(), persona("Ben"))
    stepped(ben, observed("Ben", tick_at("08:30") + 1, answer_of(reply, "Mira"), near=("Mira",)))
    ((start, place, kind, others),) = firm(ben)
    assert (start, spoken(place), kind, others) == (tick_at("10:00"), "bakery", "promise", ("Mira",))


def test_an_act_that_gains_too_little_leaves_the_usual_one() -> None:
    made = begun(favouring(INVITES), act_margin=6.0)
    stepped(made, observed("Mira", 30, heard("Ben", "Mira", MARKET, fact="market")))
    telling = said(stepped(made, observed("Mira", 60, near=("Tom",))))
    assert telling is not None and telling["act"] == "tell"


def test_no_line_is_said_twice_in_a_conversation() -> None:
    made = begun(HandModel(), talk_turns=9)
    words = []
    for tick in range(10, 14):
        again = heard("Ben", "Mira", f"Thing {tick} is odd.", event=f"{tick}.world.0")
        reply = said(stepped(made, observed("Mira", tick, again, near=("Ben",))))
        words.append(reply and (reply["act"], reply["words"]))
    assert words == [("answer", "Thank you, Ben."), ("end", "Goodbye, Ben."), None, None]


def test_both_keep_what_was_talked_of() -> None:
    made = begun(favouring(), persona(memories=(seed(FIRE, fact="fire"),)))
    stepped(made, observed("Mira", 10, near=("Ben",)))
    stepped(made, observed("Mira", 12, heard("Ben", "Mira", MARKET, fact="market"), near=("Ben",)))
    assert not [one for one in made.state.stream if one.kind == "summary"]
    step = stepped(made, observed("Mira", 12 + CLOCK.ticks(3)))
    (kept,) = [one for one in made.state.stream if one.kind == "summary"]
    told = "Mira and Ben talked: Mira told Ben: The mill is on fire. Ben told Mira: There is a market"
    assert kept.text.startswith(told) and kept.subjects == ("Ben",)
    news = next(one for one in made.state.stream if one.kind == "speech")
    assert kept.evidence == ("Mira:0", news.id) and kept.importance == 8.5
    assert {made.state.origin[one] for one in kept.evidence} <= set(
        next(e for e in of_kind(step.events, "memory") if e.data["id"] == kept.id).causes
    )
    assert made.state.talks["Ben"].lines == ()


def test_without_memory_nothing_is_kept_of_a_talk() -> None:
    made = begun(favouring(), persona(memories=(seed(FIRE, fact="fire"),)), memory=False)
    stepped(made, observed("Mira", 12, heard("Ben", "Mira", MARKET, fact="market"), near=("Ben",)))
    assert made.state.talks["Ben"].lines
    stepped(made, observed("Mira", 12 + CLOCK.ticks(3)))
    assert not [one for one in made.state.stream if one.kind == "summary"]
    assert made.state.talks["Ben"].lines == ()


def test_the_prompt_carries_what_one_remembers_of_the_other_and_what_was_said() -> None:
    model = favouring()
    model.importance["Ben is a good"] = 6.0
    made = begun(model, persona(relations={"Ben": "Ben is a good friend."}), writes=True)
    long = "Tom said: " + "and " * 200
    for tick in range(3):
        stepped(made, observed("Mira", 10 + tick, heard("Ben", "Mira", long + str(tick)), near=("Ben",)))
    asked = [one for one in model.asked if isinstance(one, CompleteRequest)]
    assert asked and all("Known: Ben is a good friend." in one.prompt.suffix for one in asked)
    assert "Mira says to Ben:" in asked[-1].prompt.suffix
    assert max(len(one.prompt.suffix) for one in asked) < 2000


def test_what_is_seen_and_matters_can_break_into_the_plan() -> None:
    model = favouring()
    made = begun(model)
    stepped(made, observed("Mira", 9, sight("Tom is here.", "Tom")))
    assert "look up" not in model.purposes(), "what does not matter breaks into nothing"
    for gain, kind in ((0.5, "kept"), (1.5, "planned")):
        model.scores["look up"] = lambda asked, gain=gain: [  # type: ignore[misc]
            0.0, gain if " sees: " in asked.prompt.suffix else 0.0,
        ]  # fmt: skip
        data: dict[str, Json] = {"kind": "event", "place": SQUARE}
        fire = Percept("5.world.2", "sight", f"The mill is on fire. {gain}", (), data)
        step = stepped(made, observed("Mira", 10, fire, place=SHOP))
        assert [event.kind for event in step.events if event.kind in ("kept", "planned")][:1] == [kind]
    assert firm(made) == [(10, SQUARE, "reaction", ())]
    assert step.action is not None and step.action.answer["arguments"] == {"place": SQUARE}


def test_what_one_is_asked_or_promised_is_no_news_to_others() -> None:
    model = HandModel()
    model.importance |= {"Tom needs a horse": 9.0, "Tom and Mira": 9.0}
    made = begun(model)
    asked = heard("Tom", "Mira", "Tom needs a horse.", act="ask")
    promised = heard(
        "Tom", "Mira", "Tom and Mira will meet at the bakery at 11:00.", act="promise", event="2.w.1"
    )
    stepped(made, observed("Mira", 10, asked, promised, near=("Tom",)))
    telling = said(stepped(made, observed("Mira", 20, near=("Ben",))))
    assert telling is not None and telling["act"] == "greet"
