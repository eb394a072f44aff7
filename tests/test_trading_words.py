"""What sales, exchanges and storefronts are told as: in words, and no more of them than one can read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ask_for_tests import asked
from sales_for_tests import FORMATS, text

from burgh.agents.bidders.strategies import ZeroIntelligence
from burgh.agents.prompts import render
from burgh.agents.strategies.situation import Elsewhere, Sale
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.trading import TRADES
from burgh.scenarios.ask.why import why
from burgh.scenarios.kinds.exchange_picture import clock_time, hour_ticks
from burgh.scenarios.load import check_scenario, load_scenario
from burgh.scenarios.run import run_scenario
from burgh.scenarios.seating import with_minds, with_players
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.record import open_log
from burgh.sim.types import BurghError
from burgh.sim.viewer.answers import answer_words
from burgh.sim.viewer.wording import told

LIBRARY = {"auction-house": 20, "sealed-bids": 6, "double-auction": 50, "exchange": 4, "storefront": 8}
Burgh = Callable[..., tuple[int, str, str]]


@pytest.fixture
def burgh(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Burgh:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: asked(capsys, *arguments)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The beginning of each scenario of the library, and a small sale of each format, on rules."""
    place, found = tmp_path_factory.mktemp("runs"), {}
    for name, ticks in LIBRARY.items():
        given = load_scenario(name, {"model": "scripted"}).until_ticks(ticks)
        found[name] = run_scenario(given, place / name).folder
    for kind in FORMATS:
        given = check_scenario(parse_yaml(text(kind), "sale.yaml"), Path())
        found[f"small-{kind}"] = run_scenario(given, place / f"small-{kind}").folder
    return found


@pytest.mark.parametrize("name", [*LIBRARY, *(f"small-{kind}" for kind in FORMATS)])
def test_why_and_the_log_tell_in_words(runs: dict[str, Path], name: str) -> None:
    log = open_log(runs[name])
    past = Past.of(runs[name], log.last_frame.tick if log.last_frame else 0)
    told_of = [step for agent in past.agents for step in why(past, agent).all()]
    lines = [line for step in told_of for line in (step.text, *step.notes)]
    lines += [told(event) for event in past.events if event.kind == "decided"]
    assert told_of
    for line in lines:
        assert "{" not in line and "'act'" not in line and "decides to answer" not in line, line
    assert not [step.text for step in told_of if step.text.endswith(f": {step.kind}")]
    for event in past.events:
        if event.kind in TRADES:
            assert TRADES[event.kind](past, event, None).text


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("metrics", "RUN", "--interview"), "is no run of a town: there are no facts to ask anybody about"),
        (("metrics", "RUN", "--csv", "m.csv"), "is no run of a town: of its measures there is no series"),
        (
            ("tree", "RUN", "Agnes"),
            "Agnes does not reflect: that part of its mind is off, or its kind has none",
        ),
    ],
)
def test_what_only_a_town_has_is_not_asked_of_a_sale(
    runs: dict[str, Path], burgh: Burgh, command: tuple[str, ...], said: str
) -> None:
    run = str(runs["auction-house"])
    code, _, err = burgh(*(run if part == "RUN" else part for part in command))
    assert code == 2 and said in " ".join(err.split())


@pytest.mark.parametrize(
    ("answer", "sells", "words"),
    [
        ({"act": "bid", "price": 1200}, False, "bid 1,200"),
        ({"act": "bid", "price": 12}, True, "ask 12"),
        ({"act": "bid", "unit 1": 8, "unit 2": 0}, False, "bid 8 for unit 1"),
        ({"act": "pass"}, False, "pass"),
        ({"rule": "linear", "price": 30, "pace": 50}, False, "bid linear 30, 50% of all"),
        ({"rule": "pause"}, False, "pause"),
        ({"offer": "Ann"}, False, "take the offer of Ann"),
        ({"offer": "none"}, False, "take no offer"),
        ({"tool": "go", "arguments": {}}, False, ""),
        (4, False, ""),
    ],
)
def test_an_answer_in_words(answer: object, sells: bool, words: str) -> None:
    assert answer_words(answer, sells=sells) == words


def test_a_moment_has_a_side_only_in_markets_and_counts_only_several(
    runs: dict[str, Path], burgh: Burgh
) -> None:
    _, out, _ = burgh("show", runs["double-auction"], "--at", "11:08:10")
    assert "tick 49" in out and "side" in out and "× unit" in out
    _, out, _ = burgh("show", runs["sealed-bids"])
    assert "side" not in out and "1 lot 1" not in out
    code, _, err = burgh("show", runs["double-auction"], "--at", "11:08:75")
    assert code == 2 and "'11:08:75' is not a time of day" in err


@pytest.mark.parametrize(
    ("name", "agent", "says"),
    [
        ("exchange", "Ann", "bids constant 90"),
        ("storefront", "Anna", "quality 80"),
        ("storefront", "Greta", "by what it bought so far"),
    ],
)
def test_show_tells_how_somebody_stands(
    runs: dict[str, Path], burgh: Burgh, name: str, agent: str, says: str
) -> None:
    code, out, _ = burgh("show", runs[name], "--agent", agent)
    assert code == 0 and says in out
    assert "Memories" not in out and "nothing in particular" not in out


def test_a_run_says_what_is_loaded_and_asked_and_trades_rather_than_orders(
    runs: dict[str, Path], burgh: Burgh
) -> None:
    code, out, err = burgh("run", "double-auction", "--ticks", "20", "--out", "book")
    assert code == 0 and "loading" not in err and "SOLD: unit to " in out and " asks " not in out
    assert "show book --agent Ada" in out and "--at" not in out, "it ended: what it shows is the end"
    code, out, err = burgh("run", "storefront", "--model", "scripted", "--ticks", "3", "--out", "shop")
    assert "loading" not in err
    assert "Asked of the rules in place of a model" in out and "the language model" not in out
    code, out, _ = burgh("run", "sealed-bids", "--ticks", "10", "--out", "sealed")
    assert "5 of 20 sales: first-price" in out
    code, out, err = burgh("run", "sealed-bids", "--ticks", "10", "--out", "quiet", "-q")
    assert err == "" and out.strip().startswith("Ended at 11:01. The run is in quiet")
    assert "Bidders" not in out and "revenue" not in out


def test_minds_of_one_role_leave_the_other_as_it_is() -> None:
    shop = load_scenario("storefront", {"model": "scripted"})

    def kinds(said: str) -> list[str]:
        return [agent["mind"]["kind"] for agent in with_minds(shop, said).resolved()["agents"]]

    own = [agent["mind"]["kind"] for agent in shop.resolved()["agents"]]
    assert kinds("honest") == [*["honest"] * 5, own[5]]
    assert kinds("cheapest") == [*own[:5], "cheapest"]
    assert kinds("llm") == ["llm"] * 6
    assert kinds("honest,puffing,random,llm,honest,value")[4:] == ["honest", "value"]
    with pytest.raises(
        BurghError, match=r"--minds: no kind of provider is called 'honset' \(did you mean 'honest'"
    ):
        with_minds(shop, "honset")


@pytest.mark.parametrize(("name", "who"), [("exchange", "Ann"), ("storefront", "Greta")])
def test_a_seat_that_no_person_can_take_is_refused(name: str, who: str) -> None:
    given = load_scenario(name, {"model": "scripted"})
    with pytest.raises(BurghError, match=f"--play: in a scenario of kind {name} a person can take no seat"):
        with_players(given, [who])


@pytest.mark.parametrize(
    ("first", "last", "marks"),
    [
        (6.0, 23.5, "06:00 09:00 12:00 15:00 18:00 21:00"),
        (0.5, 24.0, "04:00 08:00 12:00 16:00 20:00 00:00"),
        (6.0, 8.0, "06:00 06:30 07:00 07:30 08:00"),
        (9.1, 9.1, "09:06"),
    ],
)
def test_the_exchanges_picture_has_round_times(first: float, last: float, marks: str) -> None:
    assert " ".join(map(clock_time, hour_ticks(first, last))) == marks


def test_a_rule_is_named_as_scenarios_name_it() -> None:
    from burgh.agents.bidders.answers import rule_name

    assert rule_name(ZeroIntelligence()) == "zero-intelligence"


def test_a_sentence_begins_with_a_capital_and_keeps_the_names_in_it() -> None:
    sale = Sale("english", "item A", "5", 9, 2, 0, "", (), ())
    assert "Item A is for sale. It is worth 5 to you." in render(sale).suffix
    other = Elsewhere("Ann", "11:00", (), ("your rival is Tom",))
    assert "Your rival is Tom." in render(other).suffix
