"""The playthroughs are what happens: `tests/write_playthroughs.py` writes them anew after a change."""

from __future__ import annotations

from itertools import zip_longest

import pytest
from write_playthroughs import FOLDER, PLAYTHROUGHS, playthrough


@pytest.mark.model
@pytest.mark.parametrize("name", PLAYTHROUGHS)
def test_what_happens_is_what_is_written(name: str) -> None:
    written = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    now = playthrough(name).splitlines()
    for number, (was, line) in enumerate(zip_longest(written, now), 1):
        assert line == was, f"line {number} of {name}.txt; if that is meant: tests/write_playthroughs.py"


def test_every_playthrough_that_stands_there_is_held() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(PLAYTHROUGHS)
