"""`burgh interview`: minds as they were, answers that their memories back, and a run that is not changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from ask_for_tests import SNAPSHOTS, asked, market_day

from burgh.agents.interview import Answer, Interviewee, Knows
from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.llm.window import Window
from burgh.agents.oneself import first_person
from burgh.agents.prompts import render
from burgh.agents.questions import KINDS, asks_of_now, kind_of, statement_of
from burgh.memory.embed import Embedder, load_embedder
from burgh.memory.stream import MemoryStream
from burgh.scenarios.ask.battery import ask_all, battery, checked, heard_json, heard_of, question_of
from burgh.scenarios.ask.metrics import facts_of
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.then import interviewees
from burgh.sim.protocols import CompleteRequest, Completion, LanguageModel, ScoreRequest, Scores, Usage
from burgh.sim.record import open_log
from burgh.sim.types import Json

MARKET = "There is a market on the square at 11:00 today."
EARLY, LATE = 60, 1290  # 07:40, 11:05


@cache
def embedder() -> Embedder:
    return load_embedder()


def people(tick: int, *names: str, llm: LanguageModel | None = None) -> list[Interviewee]:
    log, past = open_log(market_day()), Past.of(market_day(), tick)
    return interviewees(log, past, names or past.agents, llm or ScriptedModel(7), embedder())


class Says:
    """A model that prefers the first option, or the last, and always writes the same."""

    def __init__(self, words: str = "", *, first: bool = True) -> None:
        self.words = words
        self.first = first

    name = "says"
    identity: Mapping[str, Json] = {"model": "says"}

    async def score(self, request: ScoreRequest) -> Scores:
        neutral = not request.prompt.suffix.startswith(("Question", "Anna remembers", "Paul remembers"))
        best = 0 if self.first else len(request.options) - 1
        logprobs = [0.0 if n == best and not neutral else -50.0 for n in range(len(request.options))]
        return Scores(tuple(logprobs), (1,) * len(logprobs), Usage(), "exact")

    async def complete(self, request: CompleteRequest) -> Completion:
        return Completion((self.words,) * request.samples, Usage())


def test_a_mind_is_as_it_was_at_that_tick() -> None:
    market_day()
    for tick in sorted(SNAPSHOTS)[2:-1:3]:
        for one in people(tick):
            saved = SNAPSHOTS[tick][one.name]["stream"]
            was = MemoryStream(one.name, embedder().dimension, 10)
            was.restore(saved)
            assert list(one.stream) == list(was)
            assert one.stream.vectors.tobytes() == was.vectors.tobytes()
            query = embedder().embed([MARKET])[0]
            assert one.stream.retrieve(query, tick, 5, text=MARKET) == was.retrieve(
                query, tick, 5, text=MARKET
            )


def test_every_answer_rests_on_memories_that_exist_and_are_ones_own() -> None:
    past = Past.of(market_day(), LATE)
    questions = battery("paper", "en")
    assert {
        kind: sum(one.kind == kind for one in questions) for kind in KINDS if kind != "knows"
    } == dict.fromkeys(("self", "memory", "plans", "reaction", "reflection"), 5)
    answers = asyncio.run(ask_all(questions, people(LATE, "Tom", "Mira"), past))
    assert len(answers) == 2 * len(questions)
    assert sum(bool(answer.cites) for _, answer in answers) > len(questions)
    for name, answer in answers:
        assert answer.text and answer.text[0].isupper()
        for cited in answer.cites:
            assert past.memories[cited].agent == name
    assert len({answer.text for _, answer in answers}) > len(questions)


def test_what_is_known_changes_with_the_time() -> None:
    for tick, claims in ((20, False), (LATE, True)):
        (tom,) = people(tick, "Tom")
        answer = asyncio.run(tom.answer(f"Have you heard that {MARKET.rstrip('.')}?"))
        assert answer.kind == "knows"
        assert answer.claims is claims and answer.backed is claims
        assert answer.text.startswith("Yes. " if claims else "No.")
        assert bool(answer.cites) is claims


def test_a_model_that_makes_things_up_is_counted_and_not_believed() -> None:
    """Early in the morning Anna alone has heard of the market."""
    facts = {"market": facts_of(open_log(market_day()))["market"]}
    said = asyncio.run(heard_of(facts, people(EARLY, "Anna", "Paul", llm=Says())))
    anna, paul = said
    assert (anna.answer.claims, anna.knows, anna.hallucinated) == (True, True, False)
    assert (paul.answer.claims, paul.knows, paul.hallucinated) == (True, False, True)
    assert paul.answer.text == "No." and not paul.answer.cites
    told = heard_json(said)
    assert (told["answers"], told["hallucinated"], told["hallucinated_share"]) == (2, 1, 0.5)
    assert told["facts"] == [
        {
            "fact": "market",
            "says_yes": ["Anna", "Paul"],
            "knows": ["Anna"],
            "hallucinated": ["Paul"],
            "denied": [],
            "cites": {"Anna": list(anna.answer.cites)},
        }
    ]


def _answer(words: str, question: str = "What news do you know?") -> Answer:
    (tom,) = people(LATE, "Tom", llm=Says(words))
    return asyncio.run(tom.answer(question))


def test_words_that_say_more_than_is_remembered_are_not_said() -> None:
    plain = _answer("The king is dead.")
    assert not plain.own and "king" not in plain.text and plain.cites
    own = _answer(f"Well, {plain.text[:1].lower()}{plain.text[1:]}")
    assert own.own and own.text.startswith("Well, ") and own.cites == plain.cites


@pytest.mark.parametrize("day", ["tomorrow", "on Sunday", "next week"])
def test_what_is_asked_of_another_day_is_not_answered_with_today(day: str) -> None:
    (anna,) = people(EARLY, "Anna")
    assert asyncio.run(anna.answer("Where will you be at 10:00?")).text.startswith("At 10:00 I plan")
    asked_of = asyncio.run(anna.answer(f"Where will you be {day} at 10:00?"))
    assert asked_of.kind == "plans" and asked_of.text == "I have planned nothing for then."


def test_plans_are_told_with_the_memory_that_holds_them() -> None:
    past = Past.of(market_day(), LATE)
    (tom,) = people(1240, "Tom")
    answer = asyncio.run(tom.answer("Where are you at 11:00 today?"))
    assert "market square" in answer.text and answer.text.startswith("At 11:00 I plan to be at the ")
    assert past.memories[answer.cites[0]].data["fact"] == "market"
    assert asyncio.run(tom.answer("Where are you at 23:00 today?")).text.endswith("sleeping.")


def test_what_is_over_is_told_as_it_was_planned_then() -> None:
    """At 11:05 Tom is at the market, where he had not meant to be when he planned the day."""
    (tom,) = people(LATE, "Tom")
    for question in ("Where were you at 09:00?", "Where are you at 09:00?", "At 09:00, where were you?"):
        answer = asyncio.run(tom.answer(question))
        assert answer.text.startswith("For 09:00 I had planned to be at the ") and answer.cites
    first = min(tick for tick, _ in tom.plans)
    assert asyncio.run(tom.answer(f"What did you do at {tom.clock.at(first - 1):%H:%M}?")).text.startswith(
        "I have planned nothing"
    )
    was = {entry.place for entry in tom.plans[0][1] if entry.start <= LATE < entry.end}
    now = asyncio.run(tom.answer("What are you doing?")).text
    assert now.startswith("Just now my plan is to be at the market square, ") and "market square" not in was


def test_of_whom_and_of_which_day_nothing_is_remembered_nothing_is_said() -> None:
    (tom,) = people(LATE, "Tom")
    for question in ("Do you know Zoe?", "What do you think of Zoe?", "What did you do yesterday?"):
        answer = asyncio.run(tom.answer(question))
        assert answer.text == "I do not know." and not answer.cites, question
    (ben,) = people(LATE, "Ben")  # whose saw broke then
    assert "saw broke yesterday" in asyncio.run(ben.answer("What happened yesterday?")).text
    assert "Greta" in asyncio.run(tom.answer("Do you know Greta?")).text
    assert "market square" in asyncio.run(tom.answer("What do you know of the Market Square?")).text


def test_without_memory_nothing_comes_to_mind() -> None:
    (tom,) = people(LATE, "Tom")
    blank = replace(tom, settings=replace(tom.settings, memory=False))
    answer = asyncio.run(blank.answer("What news do you know?"))
    assert not answer.cites and not answer.retrieved
    assert asyncio.run(blank.knows("?", MARKET)).claims is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Anna told Tom: A market!", "Anna told me: A market!"),
        ("Tom told Anna: A market!", "I told Anna: A market!"),
        ("Tom plans to be at the mill at 11:00.", "I plan to be at the mill at 11:00."),
        ("Tom needs to sell his apples.", "I need to sell my apples."),
        ("Ben is an old friend of Tom.", "Ben is an old friend of mine."),
        ("Greta sells beer.", "Greta sells beer."),
        ("Tom told Anna: Ben lost his saw.", "I told Anna: Ben lost his saw."),
        ("Tom is looking for his hat.", "I am looking for my hat."),
        ("Tom will be hoeing at the field.", "I will be hoeing at the field."),
        ("Anna and Tom will meet at the mill at 10:00.", "Anna and I will meet at the mill at 10:00."),
        (
            "Tom and Anna talked: Tom told Anna: Tom's cow is ill. Anna told Tom: A market!",
            "Anna and I talked: I told Anna: My cow is ill. Anna told me: A market!",
        ),
    ],
)
def test_memories_are_told_in_the_first_person(text: str, said: str) -> None:
    assert first_person("Tom", text) == said


def test_kinds_of_question_and_what_they_state() -> None:
    assert kind_of("Do you know that the mill burns?", "en") == "knows"
    assert kind_of("What will you do at 10:00?", "en") == "plans"
    assert kind_of("What do you plan?", "en") == kind_of("Where are you?", "en") == "plans"
    assert kind_of("Tomorrow at 10:00, where will you be?", "en") == "plans"
    assert kind_of("Who is Ben?", "en") == kind_of("What did you do at the market?", "en") == "memory"
    for question in ("你十点在哪里？", "今天上午十点你在哪里？", "你明天打算去哪里？"):
        assert kind_of(question, "zh") == "plans"
    assert kind_of("你今天做了什么？", "zh") == "memory"
    assert asks_of_now("你在哪里？", "zh") and not asks_of_now("你十点在哪里？", "zh")
    assert statement_of("Do you know that the mill burns?", "en") == "The mill burns."


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "index.sqlite"
    }


def test_the_command_answers_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Past.of(market_day(), 10)
    before = _hashes(market_day())
    code, out, err = asked(capsys, "interview", market_day(), "Tom", "What news do you know?", "--json")
    assert code == 0, err
    (answer,) = json.loads(out)["answers"]
    assert answer["agent"] == "Tom" and answer["retrieved"] and answer["kind"] == "memory"
    code, again, _ = asked(capsys, "interview", market_day(), "Tom", "What news do you know?", "--json")
    assert code == 0 and again == out
    code, out, _ = asked(
        capsys, "interview", market_day(), "--all", f"Have you heard that {MARKET}", "--tick", EARLY
    )
    assert code == 0 and "Paul: No." in out and "Anna: Yes. " in out and out.count("Have you heard") == 6
    assert _hashes(market_day()) == before


def test_a_question_is_asked_as_it_stands_and_only_a_batterys_names_another() -> None:
    question = question_of("Is there ANOTHER shop?", "en")
    past = Past.of(market_day(), LATE)
    ((_, answer),) = asyncio.run(ask_all([question], people(LATE, "Tom"), past))
    assert answer.question == "Is there ANOTHER shop?"
    assert checked(" Who\n are\tyou? ") == "Who are you?"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Tim", "Who are you?"], "there is no agent 'Tim' in this run: did you mean 'Tom'?"),
        (["Tom"], "what is to be asked?"),
        (["Tom", " "], "the question is empty"),
        (["Tom", "Why? " * 101], "the question has 504 characters: ask in at most 500"),
        (["Tom", "Who \x1b[31m are you?"], "the character U+001B may not stand in it"),
        ([], "who is to be asked?"),
        (["Tom", "Who are you?", "--all"], "who is to be asked?"),
        (["Tom", "Who are you?", "--battery", "paper"], "what is to be asked?"),
        (["Tom", "--battery", "papper"], "no battery of questions is called 'papper': did you mean 'paper'?"),
        (["Tom", "Who are you?", "--at", "18:00"], "18:00 is not in"),
    ],
)
def test_what_cannot_be_asked(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = asked(capsys, "interview", market_day(), *arguments)
    assert code == 2 and sentence in " ".join(err.split())


def test_measures_by_interview(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = asked(capsys, "metrics", market_day(), "--interview", "--json")
    said = json.loads(out)["interview"]
    assert code == 0 and said["answers"] == 12
    market = next(one for one in said["facts"] if one["fact"] == "market")
    assert market["knows"] and set(market["knows"]) == set(market["says_yes"])


def test_what_comes_to_mind_can_be_left_out_of_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = people(LATE, "Ben")
    found = one.retrieve(MARKET)
    longest = Knows(one.name, tuple(each.memory.text for each in found))
    prompt = render(longest, "en")
    window = Window(len(prompt.prefix) + len(prompt.suffix), len)  # the options are to follow
    monkeypatch.setattr(ScriptedModel, "window", window, raising=False)
    asyncio.run(one.knows("Do you know?", MARKET))
    (trimmed,) = [event for event in one.ask.events.all() if event.kind == "trimmed"]
    oldest = min(found, key=lambda each: each.memory.created)
    assert trimmed.data["left_out"][0] == oldest.memory.text
