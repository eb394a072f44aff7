"""What is new becomes memories; what was said is remembered with who said it."""

from __future__ import annotations

import pytest
from minds_for_tests import (
    SHOP,
    HandModel,
    begun,
    heard,
    mind,
    observed,
    of_kind,
    persona,
    run,
    seed,
    sight,
    stepped,
)

from burgh.sim.types import BurghError, Percept

WOLF = "A wolf was seen at the wood."


def test_the_day_begins_with_what_is_known_wished_and_thought() -> None:
    who = persona(
        memories=(seed("Mira has a new oven.", say="I have a new oven.", fact="oven"),),
        wishes=("Mira wants to rest.",),
        relations={"Ben": "Ben is kind."},
    )
    model = HandModel()
    model.importance["Mira has a new oven."] = 7.0
    made = begun(model, who)
    oven, wish, ben, *plans = made.state.stream
    assert (oven.text, oven.fact, oven.importance) == ("Mira has a new oven.", "oven", 7.0)
    assert made.state.firsthand == {oven.id: "I have a new oven."}
    assert (wish.text, ben.text, ben.subjects) == ("Mira wants to rest.", "Ben is kind.", ("Ben",))
    assert {plan.kind for plan in plans} == {"plan"}
    secrets = (wish, ben, *plans)
    assert made.state.meanings == {one.id: "" for one in secrets}, "these one keeps to oneself"


def test_each_different_text_is_rated_once() -> None:
    model = HandModel()
    made = begun(model)
    model.asked.clear()
    busy = "Ben is busy sawing."
    step = stepped(made, observed("Mira", 1, sight(busy, "Ben"), sight(busy, "Ben"), sight(WOLF)))
    assert model.purposes().count("importance") == 2
    stepped(made, observed("Mira", 2, sight(busy, "Ben")))
    assert model.purposes().count("importance") == 2
    remembered = [event.data["text"] for event in of_kind(step.events, "memory")]
    assert remembered == [busy, busy, WOLF], "but remembered as often as it was seen"


def test_importance_is_the_rating_and_gathers() -> None:
    model = HandModel()
    model.importance[WOLF] = 6.0
    made = begun(model)
    before = made.state.poignancy
    stepped(made, observed("Mira", 1, sight(WOLF, "Ben"), sight("Ben is here.", "Ben")))
    wolf, ben = tuple(made.state.stream)[-2:]
    assert (wolf.importance, ben.importance) == (6.0, 1.0)
    assert made.state.poignancy - before == 7.0
    assert wolf.subjects == ("Ben",) and wolf.place == SHOP


def test_speech_is_remembered_with_who_said_it_and_the_root_of_what_was_told() -> None:
    model = HandModel()
    model.importance[WOLF] = 8.0
    made = begun(model)
    stepped(made, observed("Mira", 1, heard("Ben", "Mira", WOLF, fact="Tom:3")))
    (memory,) = [one for one in made.state.stream if one.kind == "speech"]
    assert memory.text == f"Ben told Mira: {WOLF}"
    assert (memory.from_agent, memory.fact, memory.subjects) == ("Ben", "Tom:3", ("Ben",))
    assert made.state.meanings[memory.id] == WOLF
    assert memory.importance == 8.0, "judged by what is meant, whoever said it in whatever words"
    assert made.state.talks["Ben"].knows == {"Tom:3"}
    assert "Mira" not in made.state.talks


def test_what_is_overheard_tells_who_now_knows() -> None:
    made = begun(HandModel())
    stepped(made, observed("Mira", 1, heard("Ben", "Tom", WOLF, fact="Ben:1")))
    assert made.state.talks["Ben"].knows == made.state.talks["Tom"].knows == {"Ben:1"}


def test_small_talk_is_remembered_but_is_no_news() -> None:
    made = begun(HandModel())
    stepped(made, observed("Mira", 1, heard("Ben", "Mira", act="greet")))
    (memory,) = [one for one in made.state.stream if one.kind == "speech"]
    assert memory.text == 'Ben said to Mira: "Good day, Mira."'
    assert made.state.meanings[memory.id] == ""


@pytest.mark.parametrize("kind", ["arrived", "set_out", "waited", "unheard", "moved"])
def test_where_one_is_needs_no_memory(kind: str) -> None:
    made = begun(HandModel())
    known = len(made.state.stream)
    felt = {"kind": kind, "to": "Ben", "fact": "", "act": "tell", "place": SHOP}
    stepped(made, observed("Mira", 1, Percept("1.world.0", "outcome", "So it is.", ("Mira",), felt)))
    assert len(made.state.stream) == known


def test_what_one_did_and_how_things_look_is_no_news() -> None:
    made = begun(HandModel())
    """Nor is what anyone can see for themselves."""
    done = Percept("1.world.0", "outcome", "Mira finished baking.", ("Mira",), {"kind": "finished"})
    oven = Percept("1.world.1", "sight", "The oven is now hot.", ("Ben",), {"kind": "object"})
    ben = sight("Ben is in the shop.", "Ben")
    stepped(made, observed("Mira", 1, done, oven, ben))
    memories = tuple(made.state.stream)[-3:]
    assert [memory.text for memory in memories] == [done.text, oven.text, ben.text]
    assert [made.state.meanings[memory.id] for memory in memories] == ["", "", ""]


@pytest.mark.parametrize("bad", [(float("nan"), 0.0), (float("-inf"), 0.0), (0.0,), (0.0, 0.0, 0.0)])
def test_scores_that_are_none_are_refused_in_a_sentence(bad: tuple[float, ...]) -> None:
    model = HandModel()
    model.scores["importance scale"] = lambda _: bad
    made = mind(model)
    with pytest.raises(BurghError, match="the model by hand scored the 2 options of 'importance scale' for"):
        run(made.begin(observed()))
