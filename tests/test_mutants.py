"""Mutants: each fault of the list in test_faults.py is planted, and the tests named for it have to fail.

A fault is planted in this process by putting something else in the place of a function, in others by a hook
that changes a module as it is imported. A test that passes all the same could not have found the fault.
"""

from __future__ import annotations

import random
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import test_agents_reflect as reflecting
import test_faults as faults
from ask_for_tests import market_day

import burgh.memory.score
import burgh.worlds.town.talk
from burgh.agents.mind import GenerativeMind
from burgh.agents.turn import Turn
from burgh.memory.stream import MemoryStream
from burgh.sim.engine import Engine, Tick
from burgh.sim.protocols import Prompt
from burgh.sim.record import open_log
from burgh.sim.types import ENGINE, Events, Percept
from burgh.worlds.town.deeds import Deeds

Patch = pytest.MonkeyPatch
MIND, CONVERSE = (cast(Any, import_module(f"burgh.agents.{name}")) for name in ("mind", "converse"))
TRIMMING = import_module("burgh.agents.trimming")  # where prompts are rendered
MIND_EVENTS = ("memory", "retrieved", "reflected", "planned", "model", "prompt")


@dataclass(frozen=True)
class Mutant:
    """fault: its number. plant: plants it, until the patch is undone. tests: those that have to fail."""

    fault: int
    name: str
    plant: Callable[[Patch, Path], None]
    tests: Sequence[Callable[[], object]]


def oldest_first(patch: Patch, _: Path) -> None:
    def recency(age_hours: Any, decay: float = 0.995) -> Any:
        return np.power(decay, age_hours.max() - age_hours) if age_hours.size else age_hours

    patch.setattr(burgh.memory.score, "recency", recency)


def divided_by_zero(patch: Patch, _: Path) -> None:
    def normalised(values: Any, tolerance: float = 0.0) -> Any:
        with np.errstate(invalid="ignore"):
            return (values - values.min()) / (values.max() - values.min()) if values.size else values

    patch.setattr(burgh.memory.score, "normalised", normalised)


def threshold_out_of_reach(patch: Patch, _: Path) -> None:
    reflect = MIND.reflect

    async def never(turn: Turn) -> None:
        turn.settings = replace(turn.settings, reflection_threshold=1e9)
        await reflect(turn)

    patch.setattr(MIND, "reflect", never)


def rubbish_as_insight(patch: Patch, _: Path) -> None:
    remember = Turn.remember

    def careless(self: Turn, kind: Any, text: str, *args: Any, **more: Any) -> Any:
        return remember(self, kind, "this is blank" if kind == "reflection" else text, *args, **more)

    patch.setattr(Turn, "remember", careless)


def whatever_was_written(patch: Patch, _: Path) -> None:
    worded = CONVERSE.worded

    async def unchecked(turn: Turn, other: str, inputs: Any, *args: Any, **more: Any) -> str:
        plain = await worded(turn, other, inputs, *args, **more)
        written = [e for e in turn.events.all() if e.kind == "model" and e.data["method"] == "complete"]
        return f"{other}, {written[-1].data['replies'][0]}" if written else plain

    patch.setattr(CONVERSE, "worded", unchecked)


def thinking_in_place(patch: Patch, _: Path) -> None:
    make = GenerativeMind._turn

    def unforked(self: GenerativeMind, observation: Any) -> Turn:
        turn = make(self, observation)
        turn.state = self.state
        return turn

    patch.setattr(GenerativeMind, "_turn", unforked)


def filtered_too_late(patch: Patch, _: Path) -> None:
    retrieve = MemoryStream.retrieve

    def late(self: MemoryStream, query: Any, tick: int, k: int, *, among: Any = None, **more: Any) -> Any:
        found = retrieve(self, query, tick, k, **more)
        return tuple(one for one in found if among is None or among(one.memory))

    patch.setattr(MemoryStream, "retrieve", late)


def everybody_has_the_floor(patch: Patch, _: Path) -> None:
    def floor(utterances: Sequence[Any], *_: object) -> dict[str, str]:
        return {one.speaker: one.speaker for one in utterances}

    patch.setattr(burgh.worlds.town.talk, "take_floor", floor)


def answers_for_the_other(patch: Patch, _: Path) -> None:
    speak = MIND.speak

    async def both(turn: Turn) -> Any:
        action = await speak(turn)
        if action is not None:
            turn.remember("speech", "Ben told Mira: I know.", 2.0, from_agent="Ben")
        return action

    patch.setattr(MIND, "speak", both)


def one_after_another(patch: Patch, _: Path) -> None:
    """Whoever comes later sees what those before have just done."""

    async def step(self: Engine, tick: int) -> Tick:
        seen = self.world.observe(tick)
        asked = [name for name in self.world.agents if self._is_asked(seen.get(name), tick)]
        done, told = [], list[Percept]()
        for name in asked:
            observation = replace(seen[name], percepts=(*seen[name].percepts, *told))
            done.append(await self.minds[name].step(observation))
            if (action := done[-1].action) is not None:
                told.append(Percept(action.id, "sight", f"{name}: {action.answer}", (name,), {}))
        events = self._commit(asked, done)
        own = Events(tick, ENGINE)
        happened = self.world.apply(tick, self._legal(own, seen, done))
        self.tick = tick
        return self._record(tick, (*events, *own.all(), *happened))

    patch.setattr(Engine, "step", step)


def in_other_processes(module: str, code: str) -> Callable[[Patch, Path], None]:
    """Adds code to the end of a module, in every process that is started."""

    def plant(patch: Patch, scratch: Path) -> None:
        hook = (
            "import sys\nfrom importlib.machinery import PathFinder, SourceFileLoader\n"
            "class Mutated(SourceFileLoader):\n"
            "    def get_code(self, name):\n"
            f"        text = self.get_data(self.path).decode() + {code!r}\n"
            "        return compile(text, self.path, 'exec')\n"
            "class Finder:\n"
            "    @staticmethod\n"
            "    def find_spec(name, path=None, target=None):\n"
            f"        if name != {module!r}: return None\n"
            "        spec = PathFinder.find_spec(name, path)\n"
            "        spec.loader = Mutated(name, spec.origin)\n"
            "        return spec\n"
            "sys.meta_path.insert(0, Finder)\n"
        )
        (scratch / "sitecustomize.py").write_text(hook)
        patch.setenv("PYTHONPATH", str(scratch))

    return plant


def random_ids(patch: Patch, _: Path) -> None:
    render = TRIMMING.render

    def marked(inputs: Any, language: str = "en") -> Prompt:
        prompt = render(inputs, language)
        return Prompt(prompt.prefix, f"[{uuid.uuid4()}] {prompt.suffix}")

    patch.setattr(TRIMMING, "render", marked)


def unseeded_choices(patch: Patch, _: Path) -> None:
    patch.setattr(Turn, "choose", lambda self, options, logprobs: random.SystemRandom().choice(list(options)))


def everything_comes_to_mind(patch: Patch, _: Path) -> None:
    retrieve = Turn.retrieve

    def all_of_it(self: Turn, query: str, k: int, *args: Any, **more: Any) -> Any:
        return retrieve(self, query, len(self.state.stream), *args, **more)

    patch.setattr(Turn, "retrieve", all_of_it)


def a_name_in_a_prompt(patch: Patch, scratch: Path) -> None:
    shutil.copytree(str(files("burgh.agents") / "prompts" / "en"), scratch / "prompts" / "en")
    prompt = scratch / "prompts" / "en" / "words.j2"
    prompt.write_text(prompt.read_text(encoding="utf-8").replace("Lena", "Greta"), encoding="utf-8")
    patch.setattr(faults, "files", lambda package: scratch)


def things_forget(patch: Patch, _: Path) -> None:
    set_out = Deeds._set_out

    def forgetful(self: Deeds, body: Any, path: str, events: Any) -> None:
        here = self.place(body)
        self.objects.update({one.path: one.state for one in self.map.tree.objects_in(here)})
        set_out(self, body, path, events)

    patch.setattr(Deeds, "_set_out", forgetful)


def nothing(patch: Patch, _: Path) -> None:
    """The fault is in what the test is given."""


def moves_only() -> object:
    """The record of a run that keeps what bodies do, and of minds only the decisions."""
    events = [event for event in open_log(market_day()).events() if event.kind not in MIND_EVENTS]
    return faults.test_11_the_record_holds_the_minds_of_that_time(events)


SALTED = """
_snapshot = MindState.snapshot
MindState.snapshot = lambda self: {**_snapshot(self), "key": hash(self.doing + "!")}
"""
RUBBISH = "Error: the model is overloaded, please try again later."

MUTANTS = (
    Mutant(1, "oldest first", oldest_first, [faults.test_1_what_was_recalled_last_comes_to_mind_first]),
    Mutant(
        2,
        "divided by zero",
        divided_by_zero,
        [partial(faults.test_2_where_all_are_alike_each_part_counts_a_half, 3, faults.AXIS[0])],
    ),
    Mutant(
        3,
        "threshold out of reach",
        threshold_out_of_reach,
        [reflecting.test_reflection_comes_when_the_threshold_is_passed_and_begins_anew],
    ),
    Mutant(
        3,
        "rubbish as insight",
        rubbish_as_insight,
        [reflecting.test_insights_are_about_those_who_matter_and_cite_memories_that_are],
    ),
    Mutant(
        4,
        "whatever was written is said",
        whatever_was_written,
        [partial(faults.test_4_no_error_text_is_ever_said_remembered_or_planned, RUBBISH)],
    ),
    Mutant(
        4,
        "a step that failed leaves traces",
        thinking_in_place,
        [faults.test_4_a_model_that_fails_ends_the_step_and_leaves_no_trace],
    ),
    Mutant(
        5,
        "filtered too late",
        filtered_too_late,
        [faults.test_5_what_others_remember_takes_nobody_elses_place],
    ),
    Mutant(
        6,
        "everybody has the floor",
        everybody_has_the_floor,
        [faults.test_6_only_one_of_two_who_speak_at_once_is_heard],
    ),
    Mutant(
        6,
        "one answers for the other",
        answers_for_the_other,
        [faults.test_6_a_conversation_takes_its_ticks_and_the_other_may_be_silent],
    ),
    Mutant(
        7,
        "one after another",
        one_after_another,
        [partial(faults.test_7_whoever_stands_first_in_the_list_sees_no_more, ("Ann", "Ben"))],
    ),
    Mutant(
        8,
        "a window is needed",
        in_other_processes("burgh.sim.engine", "\nimport pygame\n"),
        [faults.test_8_running_needs_no_window],
    ),
    Mutant(9, "random ids", random_ids, [faults.test_9_prompts_hold_no_ids_and_are_the_same_again]),
    Mutant(
        9, "unseeded choices", unseeded_choices, [faults.test_9_prompts_hold_no_ids_and_are_the_same_again]
    ),
    Mutant(
        10,
        "salted hash",
        in_other_processes("burgh.agents.state", SALTED),
        [faults.test_10_nothing_depends_on_the_salt_of_hash],
    ),
    Mutant(
        10,
        "prompts without bound",
        everything_comes_to_mind,
        [faults.test_10_prompts_do_not_grow_with_what_is_remembered],
    ),
    Mutant(
        10, "a name in a prompt", a_name_in_a_prompt, [faults.test_10_no_prompt_names_anybody_of_a_scenario]
    ),
    Mutant(11, "moves only", nothing, [moves_only]),
    Mutant(12, "things forget", things_forget, [faults.test_12_things_stay_as_they_were_left]),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.fault}-{mutant.name}")
def test_a_planted_fault_is_found(mutant: Mutant, monkeypatch: Patch, tmp_path: Path) -> None:
    mutant.plant(monkeypatch, tmp_path)
    for test in mutant.tests:
        try:
            test()
        except (AssertionError, StopIteration):  # the latter: what is looked for is not there
            continue
        pytest.fail(f"fault {mutant.fault} ({mutant.name}) was planted, and {test} passed")


def test_every_fault_of_the_list_is_planted() -> None:
    assert {mutant.fault for mutant in MUTANTS} == set(range(1, 13))


def test_the_record_that_is_mutilated_is_a_right_one() -> None:
    faults.test_11_the_record_holds_the_minds_of_that_time(list(open_log(market_day()).events()))
