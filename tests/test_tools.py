"""Tools: what they answer, and that whatever one does the caller gets a bounded line."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any

import pytest
from annotated_types import Ge, Le
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from burgh.agents.tools import bank, base, market
from burgh.agents.tools.around import Places, Timetable, WhoIsWhere
from burgh.agents.tools.bank import SHOWN, call_spec, fitting, registered, tool
from burgh.agents.tools.base import Desk, Result, Tool, call
from burgh.agents.tools.calculator import Calculator, calculate
from burgh.agents.tools.remembering import ReadNotes, Recall, WriteNote
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.sale import make_world
from burgh.sim.types import BurghError, Json

EMPTY = Desk("Ann", {})


def shown(name: str) -> Mapping[str, Json]:
    """What the first bidder is shown of the first lot."""
    world = make_world(Contest(format=name, strategies=("direct",), ids={}), 3)
    world.begin()
    return dict(world.observe(1)["Bidder 1"].state)


@given(st.integers(-999, 999), st.integers(-999, 999), st.sampled_from("+-*"))
def test_the_calculator_agrees_with_python(one: int, other: int, sign: str) -> None:
    assert calculate(f"{one} {sign} ({other})") == eval(f"{one} {sign} ({other})")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2 * 45 / 3", "2 * 45 / 3 = 30"),
        ("1 / 0", "error: '1 / 0' divides by zero"),
        ("9 ** 9", "is no sum"),
        ("__import__('os').system('true')", "is no sum"),
        ("'a' * 9", "is no sum"),
        ("True + 1", "is no sum"),
        ("", "is no sum"),
        ("(" * 250 + "1" + ")" * 250, "is no sum"),
    ],
)
def test_the_calculator_runs_no_code(text: str, said: str) -> None:
    found = call(Calculator(), {"sum": text}, EMPTY)
    assert said in found.text
    assert found.fault == said.startswith(("error", "is no"))


@pytest.mark.parametrize(
    ("name", "value", "best"),
    [
        ("first-price", 60, 40),
        ("first-price", 90, 60),
        ("second-price", 60, 60),
        ("dutch", 60, 40),
        ("english", 60, 60),
        ("third-price", 60, 120),
    ],
)
def test_the_best_response_to_rivals_in_equilibrium_is_the_equilibrium(
    name: str, value: int, best: int
) -> None:
    found = market.best_bid(value, Desk("Bidder 1", shown(name)))
    assert found == pytest.approx(best, abs=2)


def test_the_best_response_moves_with_what_rivals_bid() -> None:
    state = dict(shown("first-price"))
    lots = [{"item": "x", "price": 20, "bids": {"Bidder 1": 1, "Bidder 2": 20, "Bidder 3": 5}}] * 60
    state["history"] = lots
    shy = market.best_bid(80, Desk("Bidder 1", state))
    assert 20 < shy < 30
    assert "mean price 20" in call(market.PriceStatistics(), {}, Desk("Bidder 1", state)).text
    assert call(market.PriceHistory(), {}, EMPTY).text == "nothing has been sold yet"


def test_the_landscape_rises_with_the_bid() -> None:
    chance = market.win_chance(Desk("Bidder 1", shown("first-price")))
    chances = [chance(bid) for bid in range(0, 100, 5)]
    assert chances == sorted(chances)
    assert chance(33) == pytest.approx(0.25, abs=0.02)  # both of two rivals below half of the highest value
    assert chances[-1] == 1


def test_memory_and_notebook() -> None:
    desk = Desk("Ann", {}, ("buy low",), ("Ben sells bread.", "The well is dry.", "Ben sold a loaf."))
    assert "bread" in call(Recall(), {"about": "bread of Ben"}, desk).text
    assert call(Recall(), {"about": "dragons"}, desk).text == "you remember nothing of that"
    assert call(WriteNote(), {"line": " sell  high "}, desk).note == "sell high"
    assert call(WriteNote(), {"line": "  "}, desk).fault
    assert call(ReadNotes(), {}, desk).text == "buy low"


def test_where_people_and_places_are() -> None:
    desk = Desk(
        "Ann",
        {"near": ("Ben",), "places": ("well", "mill"), "plan": ("07:00 bakery",)},
        (),
        ("Cid is at the mill.",),
    )
    assert call(WhoIsWhere(), {"name": "ben"}, desk).text == "ben is near you"
    assert "mill" in call(WhoIsWhere(), {"name": "Cid"}, desk).text
    assert call(WhoIsWhere(), {"name": "Dot"}, desk).text == "you have not seen Dot"
    assert call(Places(), {}, desk).text == "well, mill"
    assert call(Timetable(), {}, desk).text == "07:00 bakery"


class Misbehaves(Tool):
    name = "misbehaves"
    says = "does what it should not"
    most_seconds = 0.2

    def __init__(self, deed: Any) -> None:
        self.deed = deed

    def use(self, arguments: Any, desk: Desk) -> Any:
        return self.deed()


def _raise(error: BaseException) -> Any:
    raise error


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (lambda: _raise(ZeroDivisionError()), "failed with ZeroDivisionError"),
        (lambda: _raise(SystemExit(3)), "failed with SystemExit"),
        (lambda: _raise(BurghError("the mill is shut")), "error: the mill is shut"),
        (lambda: time.sleep(5), "gave no answer within 0.2 seconds"),
        (lambda: 7, "returned a int, not a text"),
        (lambda: None, "returned a NoneType"),
    ],
)
def test_a_tool_that_misbehaves_is_a_line_of_text(deed: Any, said: str) -> None:
    found = call(Misbehaves(deed), {}, EMPTY)
    assert found.fault
    assert said in found.text


def test_floods_are_cut_to_a_line() -> None:
    found = call(Misbehaves(lambda: "word\n" * 10_000), {}, EMPTY)
    assert len(found.text) <= base.MOST_CHARS
    assert "\n" not in found.text
    assert len(call(Misbehaves(lambda: Result("x", note="y " * 9_999)), {}, EMPTY).note) <= base.MOST_CHARS


def test_arguments_are_checked() -> None:
    assert "value: Input should be greater" in call(market.BestResponse(), {"value": -1}, EMPTY).text
    assert "Field required" in call(market.BestResponse(), {}, EMPTY).text
    assert "Extra inputs" in call(market.BestResponse(), {"value": 1, "file": "x"}, EMPTY).text


def test_arguments_need_bounds() -> None:
    class Loose(base.Arguments):
        size: int

    class Open(Tool):
        name, says, Arguments = "open", "has no bounds", Loose

    class Odd(base.Arguments):
        sizes: list[Annotated[int, Ge(0), Le(1)]]

    class Strange(Open):
        Arguments = Odd  # type: ignore[assignment]

    with pytest.raises(TypeError, match="no bounds"):
        Open().form()
    with pytest.raises(TypeError, match="whole numbers, texts"):
        Strange().form()


def test_a_text_of_a_form_is_asked_for_in_it() -> None:
    class When(base.Arguments):
        at: Annotated[str, Field(pattern=r"^[0-2]\d:[0-5]\d$")]

    class Clock(Tool):
        name, says, Arguments = "clock", "what is on at a time", When

        def use(self, arguments: When, desk: Desk) -> str:
            return f"nothing at {arguments.at}"

    spec = call_spec((Clock(),))
    spec.validate({"tool": "clock", "arguments": {"at": "07:30"}})
    with pytest.raises(BurghError, match=r"clock: at: '7.30' is not of the form \[0-2\]"):
        spec.validate({"tool": "clock", "arguments": {"at": "7.30"}})
    assert call(Clock(), {"at": "07:30"}, EMPTY).text == "nothing at 07:30"
    assert call(Clock(), {"at": "7.30"}, EMPTY).fault


@pytest.mark.parametrize(("pattern", "said"), [(r"\d\d", r"write \^\.\.\.\$"), (r"^\d+$", "without an end")])
def test_a_form_that_cannot_be_held_to_is_told(pattern: str, said: str) -> None:
    class Loose(base.Arguments):
        at: Annotated[str, Field(pattern=pattern)]

    class Clock(Tool):
        name, says, Arguments = "clock", "what is on at a time", Loose

    with pytest.raises(TypeError, match=said):
        Clock().form()


def test_all_registered_tools_can_be_called_by_grammar() -> None:
    assert {"calculator", "best_response", "recall", "timetable", "who_is_where"} <= set(registered())
    spec = call_spec(tuple(registered().values()))
    spec.validate({"tool": "best_response", "arguments": {"value": 3}})
    with pytest.raises(BurghError):
        spec.validate({"tool": "best_response", "arguments": {"value": -3}})
    with pytest.raises(BurghError, match="did you mean 'calculator'"):
        tool("calculater")


def test_a_tool_that_cannot_be_loaded_is_no_reason_to_do_without_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = {
        "gone": EntryPoint("gone", "no_such_module:Gone", bank.GROUP),
        "number": EntryPoint("number", "burgh.agents.tools.base:MOST_CALLS", bank.GROUP),
        "text": EntryPoint("text", "builtins:str", bank.GROUP),
    }
    everything = {**bank.known(), **broken}
    monkeypatch.setattr(bank, "known", lambda: everything)
    monkeypatch.setattr(bank, "tool", bank.tool.__wrapped__)
    assert set(registered.__wrapped__()) == set(everything) - set(broken)
    for name, said in (
        ("gone", "cannot be loaded: ModuleNotFoundError"),
        ("number", "cannot be loaded: TypeError"),
        ("text", "cannot be loaded: it is no Tool"),
    ):
        with pytest.raises(BurghError, match=said):
            bank.tool(name)


def test_of_many_tools_the_nearest_are_shown() -> None:
    class ByLetters:
        """An embedder in which texts are near that share a first letter."""

        def embed(self, texts: Any) -> Any:
            import numpy as np

            found = np.zeros((len(texts), 26), np.float32)
            for row, text in enumerate(texts):
                found[row, ord(text[0].lower()) - 97] = 1
            return found

    state = shown("first-price")
    many = tuple(registered().values())
    useful = fitting(many, state, "price", None)
    assert len(useful) > SHOWN
    assert not {"places", "timetable"} & {one.name for one in useful}
    near = fitting(many, state, "price", ByLetters())
    assert len(near) == SHOWN
    assert {"price_history", "price_statistics"} <= {one.name for one in near}


class Reaches(Misbehaves):
    """Needs the network, and says so."""

    name = "reaches"
    needs = frozenset({"network"})


@pytest.mark.parametrize(
    ("deed", "what"),
    [
        (lambda: Path("/etc/hostname").read_text(), "files"),
        (lambda: Path("made-by-a-tool").write_text("x"), "files"),
        (lambda: str(os.system("true")), "processes"),
        (lambda: subprocess.run(["true"], check=True), "processes"),
        (lambda: socket.create_connection(("127.0.0.1", 9)), "network"),
        (lambda: socket.getaddrinfo("localhost", 80), "network"),
    ],
)
def test_a_tool_touches_no_file_process_or_network(
    deed: Any, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = call(Misbehaves(deed), {}, EMPTY)
    assert found.fault
    assert f"it may not use {what}" in found.text
    assert not list(tmp_path.iterdir())
    assert Path("/etc/hostname").exists()  # others are not held to it


def test_what_is_granted_a_tool_that_needs_it_may_do() -> None:
    def resolve() -> str:
        return str(len(socket.getaddrinfo("127.0.0.1", 80)))

    granted = Desk("Ann", {}, granted=frozenset({"network", "files"}))
    assert not call(Reaches(resolve), {}, granted).fault
    assert call(Reaches(resolve), {}, EMPTY).fault
    assert call(Misbehaves(resolve), {}, granted).fault  # it did not say that it needs it
    assert (
        "it may not use files" in call(Reaches(lambda: Path("/etc/hostname").read_text()), {}, granted).text
    )


def test_a_tool_that_keeps_hanging_is_asked_no_more() -> None:
    class Hangs(Misbehaves):
        name = "hangs"
        most_seconds = 0.3

    done = threading.Event()
    for _ in range(base.MOST_HUNG):
        assert "gave no answer" in call(Hangs(done.wait), {}, EMPTY).text
    asked: list[int] = []
    assert "hung 3 times and is asked no more" in call(Hangs(lambda: asked.append(1)), {}, EMPTY).text
    assert not asked
    done.set()
    for thread in threading.enumerate():
        if thread.name == "tool hangs":
            thread.join(10)
    assert call(Hangs(lambda: "here again"), {}, EMPTY).text == "here again"
