"""A scenario holds what is to happen in it: what would come after its end is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_texts import SMALL

from burgh.scenarios.load import ScenarioFaults, load_scenario


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'at: "07:30", speaker',
            'at: "09:00", speaker',
            "happenings[0].at: 2026-05-04 09:00 is not before the end",
        ),
        (
            'at: "07:30", speaker',
            'at: "07:30", day: 2, speaker',
            "happenings[0].day: 2026-05-05 07:30 is not before the end at 2026-05-04 09:00",
        ),
        (
            "happenings:",
            'whispers: [{at: "09:30", to: Ben, say: Go.}]\nhappenings:',
            "whispers[0].at: 2026-05-04 09:30 is not before the end",
        ),
    ],
)
def test_news_that_would_come_after_the_end_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SMALL
    path = tmp_path / "late.yaml"
    path.write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioFaults) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(str(path)) and said in str(caught.value)
    load_scenario(path, {"until": "08:00"})  # one may run the beginning alone
