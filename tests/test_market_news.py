"""News of an auction: what was cried there is told to those who were not, and to nobody else."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from ask_for_tests import asked
from minds_for_tests import CLOCK, HandModel, begun, heard, observed, persona, said, seed, stepped

from burgh.agents.mind import GenerativeMind
from burgh.agents.state import MindState
from burgh.scenarios.ask.metrics import metrics_of
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.why import why
from burgh.scenarios.load import load_town
from burgh.scenarios.run import run_scenario
from burgh.sim.record import open_log
from burgh.sim.types import Percept

OPENED = "There is an auction at the market square: a coil of rope is for sale."
OVER = "The auction at the market square is over: everything was sold."
SOLD = "Mira bought the coil of rope at the auction for 7 coins."
AGAIN = CLOCK.ticks(20)


def cried(meaning: str, fact: str, *, by: tuple[str, ...] = ("Mira", "Ben")) -> Percept:
    """As the auctioneer's word comes to Mira."""
    one = heard("Hugo", "Mira", meaning, fact=fact, by=by, event=f"1.{fact}.0")
    about = tuple(name for name in ("Mira", "Ben") if name in meaning)
    return Percept(one.event, "speech", one.text, about, {**one.data, "cried": True})


def at_auction(*percepts: Percept) -> GenerativeMind:
    """Mira, to whom nothing of the auction matters much (1)."""
    made = begun(HandModel(), persona(), talk_turns=8)
    stepped(made, observed("Mira", 299, *percepts))
    return made


def tells(made: GenerativeMind, tick: int, other: str) -> str:
    telling = said(stepped(made, observed("Mira", tick, near=(other,))))
    return str(telling["words"]) if telling is not None and telling["act"] == "tell" else ""


def test_what_was_cried_is_told_to_one_who_was_not_there_in_ones_own_person() -> None:
    made = at_auction(cried(SOLD, "lot 1"))
    assert tells(made, 300, "Ben") == "", "he was there"
    told = "Tom, have you heard? I bought the coil of rope at the auction for 7 coins."
    assert tells(made, 301, "Tom") == told
    assert tells(made, 301 + AGAIN, "Tom") == "", "he knows it now"


def test_the_record_says_why_so_small_a_thing_was_told() -> None:
    made = at_auction(cried(SOLD, "lot 1"))
    step = stepped(made, observed("Mira", 300, near=("Tom",)))
    decided = next(event for event in step.events if event.kind == "decided")
    assert decided.data["why"] == "it was cried to all who were there, and Tom was not"


def test_what_was_heard_otherwise_and_matters_little_is_told_to_nobody() -> None:
    made = at_auction(heard("Hugo", "Mira", "Ben bought a hat.", fact="hat"))
    assert tells(made, 300, "Tom") == ""


def test_what_matters_more_is_told_first() -> None:
    model = HandModel()
    model.importance["A wolf"] = 8.0
    made = begun(model, persona(memories=(seed("A wolf was seen at the wood."),)))
    stepped(made, observed("Mira", 299, cried(SOLD, "lot 1")))
    assert "wolf" in tells(made, 300, "Tom")


def test_when_it_is_over_nobody_says_that_it_is_on() -> None:
    made = at_auction(cried(OPENED, "auction"))
    assert OPENED in tells(made, 300, "Tom")
    made = at_auction(cried(OPENED, "auction"))
    stepped(made, observed("Mira", 300, cried(OVER, "auction")))
    assert OVER in tells(made, 301, "Tom")
    assert tells(made, 301 + AGAIN, "Tom") == ""


def test_hearsay_of_it_is_stale_too_once_one_hears_that_it_is_over() -> None:
    model = HandModel()
    model.importance |= {OPENED: 9.0, OVER: 9.0}
    for heard_of_the_end in (False, True):
        made = begun(model, persona(), talk_turns=8)
        stepped(made, observed("Mira", 299, heard("Ben", "Mira", OPENED, fact="auction")))
        if heard_of_the_end:
            told = heard("Ben", "Mira", OVER, fact="auction", event="2.Ben.0")
            stepped(made, observed("Mira", 300, told))
        assert (OVER if heard_of_the_end else OPENED) in tells(made, 301, "Tom")


def test_a_snapshot_keeps_what_was_cried() -> None:
    made = at_auction(cried(SOLD, "lot 1"))
    assert MindState.restore(made.state.snapshot()).witnessed == made.state.witnessed != set()


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scripted market-day whose crier comes at 10:20: few bid, and towards noon they meet the others."""
    scenario = load_town("market-day", {"model": "scripted"})
    crier = scenario.happenings[0].model_copy(update={"at": time(10, 20)})
    scenario = scenario.model_copy(update={"happenings": [crier]})
    return run_scenario(scenario, tmp_path_factory.mktemp("late") / "run").folder


def test_in_the_town_one_who_was_not_there_knows_of_a_sale_and_from_whom(
    late: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = list(open_log(late).events())
    there = next(e.data["heard_by"] for e in events if e.kind == "said" and e.data["fact"] == "lot 4")
    learnt = [
        event
        for event in events
        if event.kind == "memory" and event.data["fact"].startswith("lot ") and event.agent not in there
    ]
    assert learnt, "nobody who was not at the auction knows of a sale"
    teller = learnt[0].data["from"]
    assert teller in there
    measured = metrics_of(late, events[-1].tick)["cried"]
    sale = next(one for one in measured if one["fact"] == learnt[0].data["fact"])
    path = next(one["path"] for one in sale["knew"] if one["agent"] == learnt[0].agent)
    assert path == ["Hugo", teller, learnt[0].agent]
    code, out, _ = asked(capsys, "metrics", late)
    assert code == 0 and f"{learnt[0].agent} from {teller} at 1" in " ".join(out.split())


def test_why_of_the_telling_leads_back_to_the_sale(late: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = list(open_log(late).events())
    told = next(e for e in events if e.kind == "said" and e.agent and e.data["fact"].startswith("lot "))
    steps = list(why(Past.of(late, told.tick), str(told.agent)).all())
    assert {"said", "sold"} <= {step.kind for step in steps}
    code, out, _ = asked(capsys, "why", late, told.agent, "--tick", told.tick)
    assert code == 0 and "Hugo, a voice from outside, says to all who are there" in " ".join(
        out.replace("│", " ").split()
    )
