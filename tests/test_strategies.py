"""Prompt strategies: each plays legally; files, ways, what is remembered, what is broken."""

from __future__ import annotations

import asyncio
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.strategies.files import Shots, built_in, names, parse, read_strategy
from burgh.agents.strategies.mind import Prompted, StrategyMind
from burgh.agents.strategies.sitting import ELSEWHERE, NOWHERE, TOWN, prefix, whole
from burgh.agents.strategies.situation import question, situation
from burgh.agents.strategies.ways import WAYS, agreed, shuffled
from burgh.agents.tools.bank import SHOWN, tool
from burgh.scenarios.arena import contestants
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import contestant, registered
from burgh.scenarios.arena.design import Game
from burgh.scenarios.arena.play import play
from burgh.scenarios.arena.results import Played
from burgh.scenarios.arena.sale import FORMATS, make_world
from burgh.scenarios.evolve.candidate import Candidate, read
from burgh.sim.protocols import CompleteRequest, Completion, ScoreRequest, Scores, Usage
from burgh.sim.types import BurghError
from burgh.worlds.auctions.forms import bid_form

SPEC = bid_form("What do you bid?", 0, 100, 1)


def contest(name: str, strategy: str, **more: Any) -> Contest:
    return Contest(
        **{"format": name, "strategies": (strategy,), "ids": {}, "lots": 3, "opponents": "truthful", **more}
    )


def played(held: Contest, model: Any = None) -> Played:
    strategy = held.strategies[0]
    return asyncio.run(play(held, Game(0, 0, (strategy, "", "")), model or ScriptedModel()))


@pytest.mark.parametrize("strategy", names())
@pytest.mark.parametrize("name", ["first-price", "second-price", "english"])
def test_every_strategy_plays_legally(name: str, strategy: str) -> None:
    game = played(contest(name, strategy))
    assert not game.fault
    assert game.seats[0].invalid == 0
    assert game.seats[0].calls > 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('instructions: "You bid {{ value }}."', "instructions: {{ value }} would stand in the prompt"),
        ('instructions: "You bid {price}."', "instructions: {price} would stand in the prompt"),
        ('instructions: z\ncue: "{% if x %}"', "cue: {% if x %} would stand in the prompt"),
    ],
)
def test_a_placeholder_in_a_prompt_file_is_told(more: str, said: str) -> None:
    with pytest.raises(BurghError, match=re.escape(f"x.yaml: {said}")):
        parse(f"name: x\nkind: direct\nsays: y\n{more}", "x.yaml")


def test_braces_that_a_model_writes_are_left_out_of_instructions() -> None:
    child = Candidate(built_in("direct")).with_instructions("Bid {half} of {{ your value }}. Say {}.")
    assert child.file is not None
    assert child.file.instructions == "Bid half of your value. Say {}."
    assert read(child.text) == child  # a result that can be read again


def test_an_id_knows_what_stands_in_the_bank_that_the_file_names(tmp_path: Path) -> None:
    bank = tmp_path / "bank.yaml"
    file = built_in("direct").model_copy(update={"shots": Shots(bank=str(bank))})
    with pytest.raises(BurghError, match="there is no file of examples"):
        _ = Prompted(file).id
    ids = set()
    for answer in ("one", "two"):
        bank.write_text(f"- situation: s\n  answer: {answer}\n")
        ids.add(Prompted(file).id)
    assert len(ids) == 2
    assert all(one.startswith(f"{file.id}+") for one in ids)


class Odd:
    """What an entry point of strategies may turn out to be."""

    def load(self) -> Any:
        return lambda name: {"gives": 5}["no such key"] if name == "raises" else 5


@pytest.mark.parametrize(("name", "said"), [("raises", "KeyError"), ("number", "it is no Contestant")])
def test_a_strategy_that_cannot_be_loaded_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setattr(contestants, "registered", lambda: {name: Odd()})
    monkeypatch.setattr(Odd, "value", "odd:Odd", raising=False)
    with pytest.raises(BurghError, match=f"the strategy '{name}' .* cannot be loaded: .*{said}"):
        contestant(name)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_told(name: str) -> None:
    players = 2 if name == "bargaining" else 3
    world = make_world(contest(name, "direct", players=players), 1)
    world.begin()
    (observation,) = [one for one in world.observe(1).values() if one.free][:1]
    text = situation(observation)
    assert f"A {name} sale" not in text  # each is described in words of its own
    assert str(observation.state.get("value", "")) in text
    if name != "sequential":
        assert "from 0 to 99" in text
    assert "\n\n" not in text
    assert question(observation.spec)


def test_all_are_registered_and_their_ids_differ() -> None:
    assert set(names()) == set(registered())
    ids = [contestant(name).id for name in names()]
    assert len(set(ids)) == len(ids)
    assert {built_in(name).kind for name in names()} == set(WAYS)


def test_an_id_is_that_of_the_text_and_not_of_the_name() -> None:
    raw = built_in("direct").model_dump(mode="json")
    same = parse(yaml.safe_dump({**raw, "name": "other", "says": "x"}), "x.yaml")
    changed = parse(yaml.safe_dump({**raw, "instructions": raw["instructions"] + " Now."}), "x.yaml")
    assert same.id == built_in("direct").id != changed.id


def test_a_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    for name in names():
        built_in(name).write(tmp_path / "x.yaml")
        assert read_strategy(tmp_path / "x.yaml") == built_in(name)
    assert contestant(str(tmp_path / "x.yaml")).id == built_in(names()[-1]).id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1", "x.yaml, line"),
        ("- 1", "a prompt file holds keys"),
        ("name: a\nkind: direct\nsays: b", "instructions: is missing"),
        ("name: a\nkind: dirct\nsays: b\ninstructions: c", "kind: Input should be"),
        ("name: a\nkind: direct\nsays: b\ninstructions: c\nmore: 1", "more: a prompt file has no such key"),
        ("name: a\nkind: react\nsays: b\ninstructions: c\ntools: [calculater]", "did you mean 'calculator'"),
        ("name: a\nkind: react\nsays: b\ninstructions: c\nmost_steps: 900", "most_steps: "),
    ],
)
def test_a_malformed_prompt_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(BurghError, match=r"x\.yaml") as error:
        read_strategy(tmp_path / "x.yaml")
    assert said in str(error.value)
    with pytest.raises(BurghError, match="there is no prompt file"):
        read_strategy(tmp_path / "none.yaml")


def test_examples_are_those_of_the_format() -> None:
    few = built_in("few-shot")
    assert "second highest" not in prefix(few, "first-price")
    assert "second highest" in prefix(few, "second-price")
    assert prefix(few, "dutch").count("Answer:") == sum(one.domain != TOWN for one in few.examples)


def test_a_thought_ends_with_its_second_sentence() -> None:
    assert whole(" It is 97. I look. You look up the") == "It is 97. I look."
    assert whole("Two thirds of 9.5 is 6.3. So be it") == "Two thirds of 9.5 is 6.3."
    assert whole("no end") == "no end"
    assert whole("One. Two. Three.") == "One. Two."


def test_what_paths_agree_on() -> None:
    bids = [{"act": "bid", "price": price} for price in (10, 90, 30)]
    assert agreed([*bids, {"act": "pass"}], SPEC) == {"act": "bid", "price": 30}
    assert agreed([{"act": "pass"}] * 2 + bids[:1], SPEC) == {"act": "pass"}
    assert agreed([4, 9, 5], SPEC) == 5
    assert agreed(["yes", "no", "no"], SPEC) == "no"
    assert agreed([], SPEC) is None


def test_shuffled_arguments_are_others_of_the_same_form() -> None:
    form = tool("best_response").form()
    found = [shuffled({"value": 50}, form, random.Random(n), {})["value"] for n in range(200)]
    assert all(0 <= value <= 100 for value in found)
    assert len(set(found)) > 50
    state = {"law": {"quantiles": [0, 10, 20, 30]}}
    drawn = {shuffled({"value": 50}, form, random.Random(n), state)["value"] for n in range(60)}
    assert drawn == {0, 10, 20, 30}  # values of that law, whatever one's own is


class Says(ScriptedModel):
    """Answers tool calls and bids as a good model would, and keeps what it was asked."""

    def __init__(self, **replies: str) -> None:
        super().__init__()
        self.replies = replies
        self.asked: list[str] = []

    async def complete(self, request: CompleteRequest) -> Completion:
        self.asked.append(request.prompt.suffix)
        if request.call.purpose not in self.replies:
            return await super().complete(request)
        reply = self.replies[request.call.purpose]
        if reply == "copy":  # the last number of the last observation
            seen = [line for line in request.prompt.suffix.splitlines() if line.startswith("Observation:")]
            reply = json.dumps({"act": "bid", "price": int(seen[-1].split()[-1])})
        return Completion((reply,) * request.samples, Usage(tokens_in=1, tokens_out=1))


def test_react_uses_what_the_tool_says_and_its_control_is_led_astray() -> None:
    call = '{"tool": "best_response", "arguments": {"value": 60}}'
    asked = Says(tool=call, bid="copy")
    game = played(contest("first-price", "react", opponents="equilibrium"), asked)
    assert [bid for _, bid in game.seats[0].bids] == [40, 40, 40]
    assert any("Observation: for a value of 60 the best bid is 40" in text for text in asked.asked)
    astray = played(
        contest("first-price", "react-shuffled", opponents="equilibrium"), Says(tool=call, bid="copy")
    )
    bids = [bid for _, bid in astray.seats[0].bids]
    assert bids != [40, 40, 40]
    shown = [
        step["result"]
        for event in astray.transcript
        if event["kind"] == "decided"
        for step in event["data"].get("steps", [])
    ]
    assert all("for a value of 60 the best bid" in text for text in shown)


def test_broken_replies_are_told_and_fall_back_to_a_pass() -> None:
    game = played(contest("first-price", "direct"), Says(bid="I would say about forty."))
    assert not game.fault
    assert game.seats[0].invalid == 3
    assert [bid for _, bid in game.seats[0].bids] == [None] * 3
    fell = [event for event in game.transcript if event["kind"] == "fell_back"]
    assert fell[0]["data"]["why"] == "no legal answer came from the model"


def test_lessons_and_beliefs_are_kept_for_the_next_lot() -> None:
    asked = Says(lesson="bid more than before", bid='{"act": "bid", "price": 7}')
    played(contest("first-price", "reflexion"), asked)
    assert sum("Lesson: bid more than before" in text for text in asked.asked) >= 2
    asked = Says(plan="wait for the last lot", bid='{"act": "bid", "price": 7}', thought="hm")
    game = played(contest("first-price", "plan-belief-replan"), asked)
    assert any(
        "Plan: wait for the last lot" in text and "Belief: the rivals bid" in text for text in asked.asked
    )
    believed = [event["data"] for event in game.transcript if event["kind"] == "believed"]
    assert len(believed) == 2
    assert all(one["held"] == (not one["fact"] or one["fact"] == one["belief"]) for one in believed)


def test_a_mind_goes_on_from_its_snapshot() -> None:
    clock = make_world(contest("dutch", "direct"), 1).clock
    made = [Prompted(built_in("reflexion")).mind("Bidder 1", 1, ScriptedModel(), clock) for _ in range(2)]
    mind, other = made
    assert isinstance(mind, StrategyMind)
    world = make_world(contest("first-price", "direct"), 1)
    world.begin()
    step = asyncio.run(mind.step(world.observe(1)["Bidder 1"]))
    mind.commit(step)
    other.restore(json.loads(json.dumps(mind.snapshot())))
    again = world.observe(1)["Bidder 1"]
    assert asyncio.run(other.step(again)) == asyncio.run(mind.step(again))
    wrong = Prompted(built_in("direct")).mind("Bidder 1", 1, ScriptedModel(), world.clock)
    with pytest.raises(BurghError, match="the snapshot is of the strategy"):
        wrong.restore(mind.snapshot())


def test_a_strategy_with_all_tools_is_shown_those_that_fit() -> None:
    text = (
        "name: all\nkind: react\nsays: x\ninstructions: You bid. Use the tools.\ntools: ['*']\nmost_steps: 1"
    )
    file = parse(text, "all.yaml")
    assert file.has_many_tools
    held = contest("first-price", "all")
    model = Says(bid='{"act": "pass"}', tool='{"tool": "price_history", "arguments": {}}')
    game = asyncio.run(play(held, Game(0, 0, ("all", "", "")), model, {"all": Prompted(file)}))
    assert not game.fault
    listed = [text for text in model.asked if "Tools:" in text]
    assert listed
    assert all(text.split("Thought:")[0].count("): ") == SHOWN for text in listed)
    assert not any("timetable()" in text for text in listed)


def test_a_tool_is_called_only_so_often_in_one_decision() -> None:
    file = built_in("react").model_copy(update={"most_steps": 9})

    class Eager(Says):
        async def score(self, request: ScoreRequest) -> Scores:
            return Scores((0.0, -9.0), (1, 1), Usage())  # always another look

    model = Eager(bid='{"act": "pass"}', tool='{"tool": "calculator", "arguments": {"sum": "1+1"}}')
    held = contest("first-price", "eager", lots=1)
    game = asyncio.run(play(held, Game(0, 0, ("eager", "", "")), model, {"eager": Prompted(file)}))
    steps = next(event["data"]["steps"] for event in game.transcript if event["kind"] == "decided")
    assert [step["fault"] for step in steps] == [False] * 4 + [True] * 5
    assert "was called 9 times" not in steps[-1]["result"]
    assert "that is enough" in steps[-1]["result"]


def test_a_thought_is_cut_after_whole_sentences() -> None:
    wandering = "The best bid is 48. You look up the best bid. ("
    assert whole(wandering) == "The best bid is 48. You look up the best bid."
    assert whole(wandering, 1) == "The best bid is 48."
    assert built_in("react").thought_sentences == 1


def test_examples_of_towns_and_of_sales_are_kept_apart() -> None:
    few = built_in("few-shot")
    assert "weaver" in prefix(few, TOWN)
    assert "Sealed bids" not in prefix(few, TOWN)
    assert prefix(few, TOWN).startswith(few.elsewhere)
    assert "weaver" not in prefix(few, "dutch") + prefix(few, "first-price")
    assert prefix(few, ELSEWHERE) == f"{NOWHERE}\n\n"  # neither a sale nor a town
    own = few.model_copy(update={"elsewhere": "You sell bread."})
    assert prefix(own, ELSEWHERE) == "You sell bread.\n\n"
    react = prefix(built_in("react"), TOWN)
    assert "calculator(" in react
    assert "best_response" not in react
