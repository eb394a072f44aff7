"""The pages on the exchange and the storefront: the example runs, every kind of mind is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from burgh.agents.kinds import CAMPAIGNS, PROVIDERS, SELECTORS, registered

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "exchange.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(compile(source, "exchange.md", "exec"), {})
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in told] == ["Ann", "Ben"]
    assert all(int(line[1]) >= int(line[2]) > 0 for line in told)


@pytest.mark.parametrize(
    ("page", "groups"), [("exchange.md", (CAMPAIGNS,)), ("storefront.md", (PROVIDERS, SELECTORS))]
)
def test_every_kind_of_mind_is_named(page: str, groups: tuple[str, ...]) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    names = [name for group in groups for name in registered(group)]
    assert [name for name in names if f"`{name}`" not in text] == []
