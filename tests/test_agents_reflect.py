"""When enough that matters has come together, insights are drawn from it that cite it."""

from __future__ import annotations

from minds_for_tests import HandModel, begun, observed, of_kind, persona, sight, stepped

from burgh.agents.mind import GenerativeMind
from burgh.agents.prompts import phrases
from burgh.memory.tree import reflection_tree
from burgh.sim.protocols import ScoreRequest
from burgh.sim.types import Step

ILL, BUSY = "Tom is ill in bed", "Ben is busy sawing"


def concluding(description: str) -> HandModel:
    """A model to which the evidence speaks for one description."""

    def reflect(asked: ScoreRequest) -> list[float]:
        given = "What is known:" in asked.prompt.suffix
        return [0.0 if given and option == f" {description}" else -9.0 for option in asked.options]

    model = HandModel()
    model.scores["reflect"] = reflect
    model.importance |= {ILL: 6.0, BUSY: 2.0}
    return model


def live(made: GenerativeMind, ticks: int) -> list[Step]:
    """So many ticks, each with something new about Tom and about Ben."""
    steps = []
    for _ in range(ticks):
        n = len(made.state.stream)
        tom, ben = sight(f"{ILL}, {n}.", "Tom"), sight(f"{BUSY}, {n}.", "Ben")
        steps.append(stepped(made, observed("Mira", n, tom, ben, free=False)))
    return steps


def reflected(step: Step) -> bool:
    return bool(of_kind(step.events, "reflected"))


def test_reflection_comes_when_the_threshold_is_passed_and_begins_anew() -> None:
    made = begun(concluding("worried"), reflection_threshold=40.0)
    steps = live(made, 11)  # 8 a tick
    assert [n for n, step in enumerate(steps, 1) if reflected(step)] == [5, 10]
    assert made.state.poignancy == 8.0


def test_the_same_again_stirs_nobody() -> None:
    made = begun(concluding("worried"))
    for tick in range(1, 30):
        stepped(made, observed("Mira", tick, sight(ILL, "Tom")))
    assert made.state.poignancy == 6.0


def test_on_a_new_day_what_was_seen_the_day_before_stirs_again_once_and_half() -> None:
    made = begun(concluding("worried"))
    stepped(made, observed("Mira", 1, sight(ILL, "Tom")))
    morning = made.state.day_ends
    stepped(made, observed("Mira", morning))
    assert made.state.poignancy == 6.0
    for tick in range(morning + 1, morning + 10):
        stepped(made, observed("Mira", tick, sight(ILL, "Tom")))
    assert made.state.poignancy == 9.0


def test_nothing_is_reflected_on_below_the_threshold() -> None:
    made = begun(concluding("worried"), reflection_threshold=89.0)
    assert not any(map(reflected, live(made, 11)))
    assert made.state.poignancy == 88.0


def test_insights_are_about_those_who_matter_and_cite_memories_that_are() -> None:
    made = begun(concluding("in need of help"), reflection_threshold=40.0, focal_points=1)
    step = live(made, 5)[-1]
    (insight,) = [one for one in made.state.stream if one.kind == "reflection"]
    assert insight.text == "Tom is in need of help." and insight.subjects == ("Tom",)
    assert 1 <= len(insight.evidence) <= made.settings.evidence_per_insight
    cited = [made.state.stream[one] for one in insight.evidence]
    assert all("Tom" in one.subjects and one.kind == "observation" for one in cited)
    assert set(reflection_tree(made.state.stream)) == {insight.id, *insight.evidence}
    (event,) = of_kind(step.events, "reflected")
    question = "What is to be known about Tom?"
    assert event.data == {"question": question, "insights": [insight.id], "dropped": []}
    (memory,) = [e for e in of_kind(step.events, "memory") if e.data["kind"] == "reflection"]
    assert {made.state.origin[one] for one in insight.evidence} <= set(memory.causes)


def test_the_same_insight_is_held_once() -> None:
    made = begun(concluding("worried"), reflection_threshold=40.0)
    steps = [step for step in live(made, 20) if reflected(step)]
    texts = [one.text for one in made.state.stream if one.kind == "reflection"]
    insights = [text for text in texts if "bakery" not in text]
    assert len(steps) == 4 and sorted(insights) == ["Ben is worried.", "Tom is worried."]
    events = [event.data for step in steps for event in of_kind(step.events, "reflected")]
    about_tom = [data for data in events if data["question"] == "What is to be known about Tom?"]
    assert len({tuple(data["insights"]) for data in about_tom}) == 1, "later ones point to what is held"
    dropped = [one for data in about_tom for one in data["dropped"]]
    assert len(dropped) == 3 and {one["text"] for one in dropped} == {"Tom is worried."}
    assert all(one["like"] in about_tom[0]["insights"] and one["cosine"] > 950_000 for one in dropped)


def test_insights_can_rest_on_insights() -> None:
    model = concluding("worried")
    made = begun(model, reflection_threshold=40.0, focal_points=1, evidence_per_insight=50)
    live(made, 5)
    model.scores["reflect"] = concluding("in a good mood").scores["reflect"]
    live(made, 5)
    first, second = (one for one in made.state.stream if one.kind == "reflection")
    assert first.id in second.evidence


def test_an_insight_is_one_of_the_known_descriptions_whatever_the_model() -> None:
    made = begun(HandModel(), reflection_threshold=8.0)
    live(made, 8)
    known = {f"{who} is {what}." for who in ("Tom", "Ben") for what in phrases("descriptions")}
    known |= {f"The bakery is {what}." for what in phrases("descriptions_place")}
    insights = {one.text for one in made.state.stream if one.kind == "reflection"}
    assert insights and insights <= known


def test_the_oldest_memories_are_no_longer_thought_about() -> None:
    paul = persona(relations={"Paul": "Paul is kind."})
    made = begun(concluding("worried"), paul, focal_points=9, reflection_threshold=480.0)
    live(made, 60)  # 120 memories
    assert "Paul is worried." not in {one.text for one in made.state.stream}
    assert "Tom is worried." in {one.text for one in made.state.stream}
