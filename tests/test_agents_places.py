"""Places as minds speak of them."""

from __future__ import annotations

import pytest
from minds_for_tests import MENU, SHOP, SQUARE

from burgh.agents.places import destinations, mentioned, options_of, spoken
from burgh.sim.spec import Number

TAVERN = "Burgh : Tavern : Taproom"


@pytest.mark.parametrize(
    ("path", "words"), [(SHOP, "bakery"), (SQUARE, "market square"), ("Burgh", "burgh"), (TAVERN, "tavern")]
)
def test_a_place_is_spoken_of_by_its_building_or_area(path: str, words: str) -> None:
    assert spoken(path) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("There is a market on the square at 11:00.", [SQUARE]),
        ("Come to the tavern, or to the BAKERY!", [SHOP, TAVERN]),
        ("'Tavern'", [TAVERN]),
        ("A tavernkeeper came.", []),
        ("", []),
    ],
)
def test_news_names_places_by_any_of_their_words(text: str, found: list[str]) -> None:
    assert mentioned([SHOP, SQUARE, TAVERN], text) == found


def test_what_a_spec_allows() -> None:
    spec = MENU.spec(SHOP, ("Ben",))
    assert options_of(spec, "say", "to") == ("Ben",)
    assert options_of(MENU.spec(SHOP, ()), "say", "to") is None
    assert options_of(spec, "wait", "minutes") is None, "a number is no choice"
    assert {SHOP, SQUARE, TAVERN} <= set(destinations(spec))
    assert destinations(Number("How many?", 1, 2)) == ()
