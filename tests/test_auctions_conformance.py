"""Every auction format keeps the contract of worlds, with no bidder, with one, and with many."""

from __future__ import annotations

import pytest
from auctions_for_tests import MAKERS, NAMES, TERMS, of_kind, sale

from burgh.sim.types import BurghError
from burgh.worlds.auctions import House, Terms
from burgh.worlds.conformance import check_world


@pytest.mark.parametrize("name", MAKERS)
def test_every_format_keeps_the_contract(name: str) -> None:
    for seed in range(3):
        check_world(lambda seed=seed: MAKERS[name](seed=seed, lots=2), ticks=60, seed=seed)  # type: ignore[misc]
        check_world(lambda: MAKERS[name](seed=5, terms=TERMS, budgets=15), ticks=60, seed=seed)


def test_the_sequential_sale_keeps_the_contract() -> None:
    for order in ("random", "ascending", "descending"):
        check_world(lambda order=order: sale(order=order), ticks=120)  # type: ignore[misc]


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "bargaining"])
@pytest.mark.parametrize("bidders", [0, 1])
def test_hardly_any_bidder(name: str, bidders: int) -> None:
    def make() -> House:
        return MAKERS[name](names=NAMES[:bidders], seed=2)

    check_world(make, ticks=40)
    world = make()
    world.begin()
    events = [event for tick in range(1, 40) for event in world.apply(tick, {})]
    assert len(of_kind(events, "unsold")) == 1
    assert not world.is_open


@pytest.mark.parametrize("name", MAKERS)
def test_a_budget_of_zero_buys_nothing_that_costs(name: str) -> None:
    check_world(lambda: MAKERS[name](seed=3, terms=Terms(reserve=1), budgets=0), ticks=40)


@pytest.mark.parametrize("name", MAKERS)
def test_facts_say_what_is_so(name: str) -> None:
    world = MAKERS[name](seed=1)
    assert world.facts.values == "private"
    assert world.facts.conserved == ("money", "goods")
    assert world.snapshot()["totals"]["goods"] > 0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: MAKERS["first-price"](names=("Ann", "Ann"), seed=1), "two bidders have one name"),
        (lambda: MAKERS["first-price"](names=("the house",), seed=1), "the auctioneer's account"),
        (lambda: MAKERS["first-price"](seed=1, budgets={"Ann": -1}), "the budget of Ann is -1"),
        (lambda: MAKERS["first-price"](seed=1, lots=-1), "a sale of -1 lots cannot be"),
        (lambda: Terms(step=0), "terms: step is 0: it must be at least 1"),
        (lambda: sale(order="odd"), "'odd' is no order of lots"),
        (lambda: MAKERS["dutch"](seed=1, notch=3, terms=Terms(step=2)), "no multiple of the step 2"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(BurghError, match=said):
        make()
