"""Colours that carry a meaning are told apart without red and green (deuteranopia, Vienot et al. 1999)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from burgh.assets.art import palette as pal
from burgh.sim.viewer.pages import KIND_COLOURS, PARTS
from burgh.sim.viewer.timeline import MARK_COLOURS

TO_LMS = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
DEUTERANOPE = np.array([[1.0, 0.0, 0.0], [0.494207, 0.0, 1.24827], [0.0, 0.0, 1.0]])
LEAST = 16.0  # CIE76 difference: a just noticeable one is 2.3


def linear(colour: pal.Colour) -> NDArray[np.float64]:
    part = np.array(colour) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = matrix @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour: pal.Colour) -> NDArray[np.float64]:
    """How a deuteranope sees a colour, as CIE Lab."""
    return lab(np.linalg.inv(TO_LMS) @ DEUTERANOPE @ TO_LMS @ linear(colour))


def difference(one: pal.Colour, other: pal.Colour) -> float:
    return float(np.linalg.norm(seen(one) - seen(other)))


@pytest.mark.parametrize(
    "colours", [MARK_COLOURS, KIND_COLOURS, dict(PARTS)], ids=["marks", "kinds of memory", "parts of a score"]
)
def test_colours_of_one_family_differ_without_red_and_green(colours: dict[str, pal.Colour]) -> None:
    near = {
        (one, other): round(difference(colours[one], colours[other]), 1)
        for one, other in combinations(colours, 2)
        if difference(colours[one], colours[other]) < LEAST
    }
    assert near == {}


def test_the_check_would_find_red_beside_green() -> None:
    assert difference((170, 100, 40), (110, 130, 40)) < LEAST
    assert difference((0, 0, 255), (255, 255, 0)) > 100
