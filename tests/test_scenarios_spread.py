"""Who heard of a fact from whom, and who came because of it, read from events that were made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import pytest

import burgh
from burgh.scenarios.report import report
from burgh.scenarios.spec import Scenario
from burgh.scenarios.spread import Spread, chance_of_at_least, chance_of_lead, spread, spread_of
from burgh.sim.record import Run
from burgh.sim.types import BurghError, Event, Json

AGENTS = ("Ann", "Ben", "Cid", "Dan", "Eve")
SQUARE = "Town : Square"
MEETING = 100
THERE, ELSEWHERE = (6, 3), (1, 1)


class Story:
    """Events made by hand, numbered as a run numbers them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        places = [
            {"path": "Town", "kind": "town", "x": 0, "y": 0, "width": 20, "height": 20},
            {"path": SQUARE, "kind": "area", "x": 5, "y": 2, "width": 4, "height": 3},
        ]
        self.add(0, "scene", None, {"kind": "tiles", "places": places})
        for agent in AGENTS:
            self.add(0, "placed", agent, {"x": ELSEWHERE[0], "y": ELSEWHERE[1], "place": "Town"})

    def add(
        self, tick: int, kind: str, agent: str | None, data: Mapping[str, Json], causes: Sequence[str] = ()
    ) -> str:
        name = f"{tick}.{agent or 'world'}.{len(self.events)}"
        self.events.append(Event(name, kind, agent, data, tuple(causes)))
        return name

    def says(self, tick: int, speaker: str, hearers: Sequence[str], fact: str = "market") -> str:
        agent = speaker if speaker in AGENTS else None
        data = {"speaker": speaker, "to": hearers[0], "fact": fact, "heard_by": list(hearers)}
        return self.add(tick, "said", agent, data)

    def remembers(
        self, tick: int, agent: str, said: str = "", source: str = "", *, fact: str = "market", kind: str = ""
    ) -> str:
        data = {"fact": fact, "from": source, "kind": kind or ("speech" if source else "observation")}
        return self.add(tick, "memory", agent, data, (said,) if said else ())

    def hears(self, tick: int, agent: str, source: str, fact: str = "market") -> str:
        return self.remembers(tick + 1, agent, self.says(tick, source, [agent], fact), source, fact=fact)

    def plans(self, tick: int, agent: str, causes: Sequence[str]) -> str:
        return self.add(tick, "planned", agent, {"entries": [], "changed": "revised"}, causes)

    def goes(self, tick: int, agent: str, causes: Sequence[str], place: str = SQUARE, to: Json = None) -> str:
        """Decides to go, sets out, and is at a tile in the next tick."""
        answer = {"tool": "go", "arguments": {"place": place}}
        go = self.add(tick, "decided", agent, {"answer": answer, "why": ""}, causes)
        self.add(tick, "set_out", agent, {"place": place}, (go,))
        x, y = to or THERE
        self.add(tick + 1, "moved", agent, {"x": x, "y": y})
        return go

    def spread(self, fact: str = "market", meeting: tuple[str, int] | None = (SQUARE, MEETING)) -> Spread:
        self.add(MEETING + 5, "waited", "Ann", {"until_tick": 200})
        order = sorted(range(len(self.events)), key=lambda n: (self.events[n].tick, n))
        return spread_of([self.events[n] for n in order], AGENTS, fact, meeting)


def test_who_heard_of_it_from_other_villagers_and_in_which_utterance() -> None:
    story = Story()
    story.hears(5, "Ann", "Crier")
    said = story.says(10, "Ann", ["Ben", "Cid"])
    memory = story.remembers(11, "Ben", said, "Ann")
    story.remembers(11, "Cid", said, "Ann")
    story.hears(20, "Dan", "Cid", fact="weather")
    found = story.spread()
    assert found.knew_first == ("Ann",)
    assert found.hearers == ("Ben", "Cid")
    assert (found.hearings[0].source, found.hearings[0].utterance, found.hearings[0].memory) == (
        "Ann",
        said,
        memory,
    )
    assert found.hearings[0].tick == 11


def test_only_the_first_knowledge_counts_and_the_crier_is_no_villager() -> None:
    story = Story()
    story.hears(5, "Ann", "Crier")
    story.hears(10, "Ann", "Ben")  # told again what it knew from the crier
    story.remembers(0, "Ben")  # knew it from the start
    story.hears(12, "Ben", "Ann")
    story.hears(20, "Cid", "Ann")
    story.hears(30, "Cid", "Ben")
    found = story.spread()
    assert found.knew_first == ("Ben", "Ann")
    assert [(one.agent, one.source) for one in found.hearings] == [("Cid", "Ann")]


def test_what_the_record_does_not_bear_out_is_no_hearing() -> None:
    story = Story()
    story.remembers(8, "Ann", "", "Ben")  # no utterance behind it
    story.remembers(9, "Ben", story.says(8, "Cid", ["Ben"], fact="weather"), "Cid")  # one of something else
    story.remembers(9, "Cid", story.says(8, "Ann", ["Dan"]), "Ann")  # not within earshot
    story.remembers(9, "Dan", story.says(8, "Ann", ["Dan"]), "Ben")  # said by another than remembered
    story.remembers(9, "Eve", story.says(8, "Eve", ["Eve"]), "Eve")  # said to oneself
    found = story.spread()
    assert found.hearings == ()
    assert set(found.knew_first) == set(AGENTS)


def test_who_comes_by_plan_is_told_from_who_happens_to_be_there() -> None:
    story = Story()
    heard = {agent: story.hears(5, agent, "Crier") for agent in ("Ann", "Ben", "Cid")}
    intent = story.remembers(6, "Ann", kind="plan")
    story.events[-1] = Event(intent, "memory", "Ann", story.events[-1].data, (heard["Ann"],))
    go = story.goes(90, "Ann", [story.plans(6, "Ann", [intent])])
    # Ben knows of it and stands there, but the plan that brought him is of the morning.
    story.goes(90, "Ben", [story.plans(0, "Ben", [])])
    # Cid stands there without any plan, with the memory alone.
    story.goes(90, "Cid", [heard["Cid"]])
    # Dan knows nothing and was set down there.
    story.add(50, "moved", "Dan", {"x": THERE[0], "y": THERE[1]})
    # Eve planned for it and is not there yet.
    story.goes(
        99,
        "Eve",
        [story.plans(7, "Eve", [story.remembers(7, "Eve", story.says(6, "Ann", ["Eve"]), "Ann")])],
        to=ELSEWHERE,
    )
    found = story.spread()
    assert found.standing == ("Ann", "Ben", "Cid", "Dan")
    assert found.comers == ("Ann",)
    (only,) = found.by_plan
    assert (only.x, only.y, only.go) == (*THERE, go)
    assert only.memory in (intent, heard["Ann"])


def test_another_s_memory_is_no_ground_and_a_circle_of_causes_ends() -> None:
    story = Story()
    other = story.hears(5, "Ben", "Crier")
    first = f"6.Ann.{len(story.events) + 1}"
    second = story.plans(6, "Ann", [first, other])
    assert story.plans(6, "Ann", [second]) == first
    story.goes(90, "Ann", [first])
    found = story.spread()
    assert found.standing == ("Ann",)
    assert found.comers == ()


def test_who_came_for_it_and_left_again_or_passes_by_on_another_way() -> None:
    story = Story()
    for agent in ("Ann", "Ben"):
        plan = story.plans(6, agent, [story.hears(5, agent, "Crier")])
        story.goes(80, agent, [plan])
    story.goes(95, "Ann", [story.plans(0, "Ann", [])], place="Town", to=ELSEWHERE)
    story.goes(95, "Ben", [story.plans(0, "Ben", [])], place="Town", to=(8, 4))  # crossing the square
    found = story.spread()
    assert found.standing == ("Ben",)
    assert found.comers == ()


@pytest.mark.parametrize(
    ("where", "stands"),
    [((5, 2), True), ((8, 4), True), ((4, 2), False), ((9, 4), False), ((8, 5), False), ((5, 1), False)],
)
def test_the_square_ends_at_its_tiles(where: tuple[int, int], stands: bool) -> None:
    story = Story()
    story.goes(90, "Ann", [story.plans(6, "Ann", [story.hears(5, "Ann", "Crier")])], to=where)
    assert (story.spread().comers == ("Ann",)) == stands


@pytest.mark.parametrize(("tick", "there"), [(99, True), (100, False), (101, False)])
def test_it_is_the_tick_of_the_meeting_that_counts(tick: int, there: bool) -> None:
    story = Story()
    story.goes(tick, "Ann", [story.plans(6, "Ann", [story.hears(5, "Ann", "Crier")])])
    assert (story.spread().standing == ("Ann",)) == there


def test_how_many_places_were_chosen_among() -> None:
    story = Story()
    story.hears(5, "Ann", "Crier")
    for _ in range(2):
        story.add(6, "model", "Ann", {"purpose": "react", "options": ["home", "square", "inn", "mill"]})
    story.add(60, "model", "Ann", {"purpose": "react", "options": ["home", "square"]})  # over other news
    story.add(6, "model", "Ben", {"purpose": "react", "options": ["home", "square"]})
    story.hears(9, "Ben", "Ann")
    found = story.spread()
    assert found.considered == {"Ann": 4}
    assert found.chances == (0.25,)
    assert story.spread(meeting=None).considered == {}


def test_a_run_that_ended_too_soon_and_a_place_that_is_none() -> None:
    story = Story()
    with pytest.raises(BurghError, match="ended at tick 105, before tick 500"):
        story.spread(meeting=(SQUARE, 500))
    with pytest.raises(BurghError, match="no place 'Town : Mill'"):
        story.spread(meeting=("Town : Mill", MEETING))


def test_the_chance_of_at_least_so_many() -> None:
    chances = [0.2, 0.25, 1 / 3, 0.5]
    for count in range(6):
        counted = 0.0
        for outcome in product((False, True), repeat=len(chances)):
            weight = 1.0
            for happens, chance in zip(outcome, chances, strict=True):
                weight *= chance if happens else 1 - chance
            counted += weight * (sum(outcome) >= count)
        assert chance_of_at_least(count, chances) == pytest.approx(counted)
    assert chance_of_at_least(0, []) == 1.0
    assert chance_of_at_least(1, []) == 0.0


def test_the_sign_test() -> None:
    assert chance_of_lead(0, 0) == 1.0
    assert chance_of_lead(5, 0) == 1 / 32
    assert chance_of_lead(0, 5) == 1.0
    assert chance_of_lead(4, 1) == 6 / 32


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("spread") / "run"
    return burgh.run("market-day", model="scripted", seed=7, until="11:05", out=folder)


def test_a_recorded_run_agrees_with_its_report(recorded: Run, tmp_path: Path) -> None:
    scenario = Scenario.from_resolved(recorded.meta["scenario"])
    told = {one.fact: one for one in report(recorded.log, scenario)}
    for fact in scenario.facts:
        found = spread(recorded.log, scenario, fact)
        assert len(found.hearings) == told[fact].spread
        assert [(one.agent, one.tick, one.source) for one in found.hearings] == [
            (one.agent, one.tick, one.source) for one in told[fact].knew if one.source in recorded.agents
        ]
        assert found.knew_first == ("Anna",)
    market = spread(recorded.log, scenario, "market")
    assert market.hearings and market.by_plan
    assert set(market.comers) <= set(market.standing)
    assert set(told["market"].came or ()) <= set(market.standing)
    assert set(market.considered) == {"Anna", *market.hearers}
    events = {event.id: event for event in recorded.log.events()}
    for one in market.hearings:
        assert one.utterance in events[one.memory].causes
        assert one.agent in events[one.utterance].data["heard_by"]
    for came in market.by_plan:
        assert events[came.go].data["answer"]["arguments"]["place"] == scenario.facts["market"].place
        assert events[came.memory].data["fact"] == "market"
