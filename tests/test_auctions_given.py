"""What a sale is given from Python that is no such thing: one sentence, and no raw error."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from burgh.sim.types import BurghError
from burgh.worlds.auctions import Lot, SealedAuction, SequentialSale, Terms
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.values import Private

NAMES = ("Ann", "Ben")
VALUES: Any = Private(Uniform(0, 101))


@pytest.mark.parametrize("lots", [(), [], 3, ("hat",), "hat", 2.5])
def test_a_sequential_sale_needs_lots_with_prices(lots: Any) -> None:
    with pytest.raises(BurghError, match=r"lot"):
        SequentialSale(NAMES, seed=1, lots=lots)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"lots": ("hat",)}, "'hat' is not a lot: write Lot"),
        ({"lots": 2.5}, "the lots of a sale are 2.5"),
        ({"lots": None}, "the lots of a sale are None"),
        ({"lots": True}, "the lots of a sale are True"),
        ({"budgets": "much"}, "budgets are 'much': they must be one whole number, or a mapping"),
        ({"budgets": [1, 2]}, r"budgets are \[1, 2\]"),
        ({"budgets": 1.5}, "budgets are 1.5"),
        ({"budgets": math.nan}, "budgets are nan"),
        ({"budgets": True}, "the budget is True: it must be a whole number"),
        ({"budgets": -1}, "the budget is -1: it must be at least 0"),
        ({"budgets": {"Ann": None}}, "the budget of Ann is None"),
        ({"budgets": {"Ann": -4}}, "the budget of Ann is -4: it must be at least 0"),
        ({"budgets": {"Zoe": 4}}, "there is a budget for 'Zoe', who is none of Ann, Ben"),
        ({"terms": {"reserve": 3}}, "they must be Terms"),
    ],
)
def test_what_a_sale_cannot_take_is_one_sentence(more: dict[str, Any], said: str) -> None:
    with pytest.raises(BurghError, match=said):
        SealedAuction(NAMES, VALUES, seed=1, **more)


@pytest.mark.parametrize("values", [None, 3, (1, 2)])
def test_values_have_a_law(values: Any) -> None:
    with pytest.raises(BurghError, match="they must be Values"):
        SealedAuction(NAMES, values, seed=1)


@pytest.mark.parametrize(
    ("name", "value"), [("reserve", None), ("step", 1.5), ("entry_fee", "2"), ("step", 0)]
)
def test_terms_are_whole_numbers(name: str, value: Any) -> None:
    with pytest.raises(BurghError, match=f"terms: {name} is {value!r}: it must be"):
        Terms(**{name: value})


@pytest.mark.parametrize("lot", [(None, 0), ("", 0), ("hat", -1), ("hat", "4")])
def test_a_lot_has_a_name_and_a_price(lot: tuple[Any, Any]) -> None:
    with pytest.raises(BurghError, match=r"lot is called|start price of hat is"):
        Lot(*lot)


def test_numbers_of_numpy_are_numbers() -> None:
    sale = SealedAuction(NAMES, VALUES, seed=1, budgets={"Ann": np.int64(7)}, lots=np.int32(2))
    assert [type(money) for money in sale.ledger.money.values()] == [int] * 3
    assert (sale.ledger.money["Ann"], sale.ledger.money["Ben"], len(sale.lots)) == (7, 0, 2)
