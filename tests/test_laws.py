"""Laws that hold for every part with a state: put away and taken up again, it behaves the same ever after;
and thinking about a step changes nothing until the step is committed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from minds_for_tests import HandModel, mind, persona, seed
from town_for_tests import CLOCK, SHOP, SQUARE, town

from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.mind import GenerativeMind
from burgh.agents.persona import Errand, Persona, Stroke
from burgh.memory.record import Memory
from burgh.memory.stream import MemoryStream
from burgh.sim.clock import parse_time
from burgh.sim.engine import Engine
from burgh.sim.rng import stream
from burgh.sim.types import Action, BurghError, Event, Json
from burgh.worlds.conformance import check_world
from burgh.worlds.town import Happening, Town

MARKET = "There is a market on the square at 08:20 today."
FIRE = "The mill is on fire and burning."


def people() -> list[Persona]:
    """Three with news, in and out of one shop: they talk, plan, change their plans and reflect."""

    def day(*errands: tuple[str, str, tuple[str, ...]]) -> tuple[Stroke, ...]:
        return tuple(Stroke(parse_time(at), 15, (Errand(place, doing),)) for at, place, doing in errands)

    work = ("selling bread", "sweeping the shop", "counting the money")
    return [
        persona(
            "Mira",
            day=day(("07:30", SHOP, work), ("07:45", SHOP, work[1:]), ("08:00", SHOP, work)),
            memories=(seed(FIRE, fact="fire"), seed("Mira lost money.", say="I lost money.")),
            relations={"Ben": "Ben is kind."},
            wishes=("Mira wants to rest.",),
        ),
        persona("Ben", day=day(("07:30", SHOP, work[:1]), ("07:45", SQUARE, ("resting", "fetching water")))),
        persona("Tom", day=day(("07:40", SHOP, work), ("08:00", SQUARE, ("selling apples", "resting")))),
    ]


class Village:
    """Some minds in a town, run tick by tick."""

    def __init__(self) -> None:
        news = [Happening(30, "the crier", "Ben", MARKET, "market")]
        self.town = town(*((one.name, SHOP) for one in people()), happenings=news, seed=3)
        self.model = ScriptedModel(5)
        self.minds = [mind(self.model, one, reflection_threshold=12.0, tell_rating=3.0) for one in people()]
        self.engine = Engine(self.town, self.minds, self, CLOCK)
        self.events: list[Event] = []
        asyncio.run(self.engine.begin({}))

    def append(self, events: Any) -> None:
        self.events += events

    def end_tick(self, tick: int) -> None: ...

    def aside(self, tick: int, data: Mapping[str, Json]) -> None: ...

    def close(self, reason: str) -> None: ...

    def run(self, until: int) -> list[Event]:
        """Goes on to a tick; what happened on the way."""
        before = len(self.events)
        asyncio.run(self.engine.run(until))
        return self.events[before:]


def far_enough() -> Village:
    """Half an hour on."""
    village = Village()
    village.run(180)
    return village


@dataclass(frozen=True)
class Case:
    """A part with a state: how it comes to be, how an empty one is made, and what it does ever after."""

    name: str
    lived: Callable[[], Any]
    fresh: Callable[[], Any]
    after: Callable[[Any], Any]


def lived_stream() -> MemoryStream:
    rng = stream(1, "law")
    made = MemoryStream("Mira", 8, 10)
    for n in range(70):  # more than it first has room for
        memory = Memory(made.next_id(), "observation", f"Thing {n}.", n, n, 1 + 9 * rng.random())
        made.add(memory, [rng.gauss(0, 1) for _ in range(8)])
        if n % 7 == 0:
            made.touch([one.memory.id for one in made.retrieve([1.0] * 8, n, 3)], n)
    return made


def stream_after(made: MemoryStream) -> Any:
    found = made.retrieve([0.5, -1.0] * 4, 90, 12)
    made.touch([one.memory.id for one in found], 90)
    made.add(Memory(made.next_id(), "speech", "New.", 91, 91, 3.0, from_agent="Ben"), [1.0] * 8)
    return [*found, *made.retrieve([1.0] * 8, 95, 12), list(made)]


def lived_town() -> Town:
    return far_enough().town


def town_after(made: Town) -> Any:
    happened: list[Any] = []
    for tick in range(made.tick + 1, made.tick + 60):
        seen = made.observe(tick)
        answers = {
            name: Action(name, one.spec.sample(stream(2, "law", name, tick)), f"{tick}.{name}.0")
            for name, one in seen.items()
            if one.free
        }
        happened += [repr(seen), *made.apply(tick, answers), made.next_tick(tick)]
    return happened


def lived_mind() -> GenerativeMind:
    return far_enough().minds[0]


def mind_after(made: GenerativeMind) -> Any:
    """Its steps in a town that goes on: the others, and the town, are the same for all."""
    village = far_enough()
    village.minds[0] = village.engine.minds["Mira"] = made
    return village.run(360), made.snapshot()


CASES = [
    Case("MemoryStream", lived_stream, lambda: MemoryStream("nobody", 2), stream_after),
    Case("Town", lived_town, lambda: Village().town, town_after),
    Case(
        "GenerativeMind",
        lived_mind,
        lambda: mind(ScriptedModel(5), people()[0], reflection_threshold=12.0, tell_rating=3.0),
        mind_after,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_put_away_and_taken_up_it_behaves_the_same_ever_after(case: Case) -> None:
    lived = case.lived()
    text = json.dumps(lived.snapshot())
    again = case.fresh()
    assert json.dumps(again.snapshot()) != text
    again.restore(json.loads(text))
    assert json.dumps(again.snapshot()) == text
    after = case.after(lived)
    assert after and case.after(again) == after
    assert json.dumps(lived.snapshot()) != text, "it did live on"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_put_away_is_the_callers_own(case: Case) -> None:
    """What lives on does not change a snapshot, nor one that took it up."""
    lived = case.lived()
    state = lived.snapshot()
    text = json.dumps(state)
    other = case.fresh()
    other.restore(state)
    case.after(lived)
    assert json.dumps(state) == text and json.dumps(other.snapshot()) == text


def test_a_whole_village_put_away_at_any_time_goes_on_alike() -> None:
    """The wakes that minds asked for are all that the engine knows besides."""
    whole = Village()
    events = whole.run(330)
    kinds = {event.kind for event in events}
    assert {"reflected", "said", "planned", "began", "arrived"} <= kinds, (
        "it is a village where things happen"
    )
    for stop in (7, 31, 120, 200):
        first, second = Village(), Village()
        begun = first.run(stop)
        second.town.restore(json.loads(json.dumps(first.town.snapshot())))
        for one, other in zip(first.minds, second.minds, strict=True):
            other.restore(json.loads(json.dumps(one.snapshot())))
        second.engine.tick = first.engine.tick
        second.engine._wake = dict(first.engine._wake)
        assert begun + second.run(330) == events


def test_a_step_changes_nothing() -> None:
    """Asked twice at once, a mind wants the same twice; only the commit makes it so."""
    village = Village()
    steps = 0
    while (tick := village.engine.upcoming()) is not None and tick <= 240:
        observations = village.town.observe(tick)
        for made in village.minds:
            if village.engine._is_asked(observations[made.name], tick):
                state = json.dumps(made.snapshot())
                first, second = (asyncio.run(made.step(observations[made.name])) for _ in range(2))
                assert (first.action, first.events, first.wake_tick) == (
                    second.action, second.events, second.wake_tick,
                )  # fmt: skip
                assert json.dumps(made.snapshot()) == state
                assert first.changes[0].snapshot() == second.changes[0].snapshot()
                steps += 1
        asyncio.run(village.engine.step(tick))
    assert steps > 30


def test_a_step_that_fails_changes_nothing() -> None:
    class Failing(HandModel):
        async def score(self, request: Any) -> Any:
            if request.call.tick and request.call.purpose == "importance":
                raise BurghError("no answer")
            return await super().score(request)

    made = mind(Failing(), people()[0])
    village = town(("Mira", SHOP), ("Ben", SHOP))
    village.begin()
    made.commit(asyncio.run(made.begin(village.observe(0)["Mira"])))
    state = json.dumps(made.snapshot())
    with pytest.raises(BurghError, match="no answer"):
        asyncio.run(made.step(village.observe(1)["Mira"]))
    assert json.dumps(made.snapshot()) == state


def test_a_mind_takes_up_its_own_state_only() -> None:
    ben = mind(HandModel(), people()[1])
    with pytest.raises(BurghError, match="the snapshot is of Mira's mind, not of Ben's"):
        ben.restore(mind(HandModel(), people()[0]).snapshot())


def test_the_town_of_these_laws_conforms() -> None:
    check_world(lambda: Village().town, ticks=60)
