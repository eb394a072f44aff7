"""The page on auctions: its examples run as they stand, and what they record is whole."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

from burgh.agents.bidders.kinds import bidder_kind
from burgh.agents.bidders.kinds import registered as bidders
from burgh.agents.kinds import CAMPAIGNS, PROVIDERS, SELECTORS, mind_kind
from burgh.agents.kinds import registered as minds
from burgh.scenarios.kinds import kind_named, registered
from burgh.scenarios.kinds.exchange import ExchangeWorld
from burgh.scenarios.kinds.sale_spec import SaleWorld
from burgh.scenarios.kinds.sale_values import ValuesSpec
from burgh.scenarios.kinds.sales import SaleKind
from burgh.scenarios.kinds.storefront import StorefrontWorld
from burgh.scenarios.load import check_scenario
from burgh.scenarios.run import run_scenario
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.record import verify
from burgh.worlds import auctions

OPTIONS = (Path(__file__).resolve().parent.parent / "docs" / "auction-options.md").read_text("utf-8")
PAGE = Path(__file__).resolve().parent.parent / "docs" / "auctions.md"


def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names: dict[str, Any] = {}
    sources = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(sources) == 2
    for source in (sources[0], *sources):  # what was run once can be run again
        exec(compile(source, str(PAGE), "exec"), names)
    sales, exploited = capsys.readouterr().out.splitlines()[4:7], names["gain"]
    assert [line.split()[:2] for line in sales] == [["lot", "1"], ["lot", "2"], ["lot", "3"]]
    assert names["game"].nash_conv([names["half"]] * 2) < names["game"].nash_conv([names["most"]] * 2)
    assert exploited > 0
    assert verify(names["folder"]).ok
    assert names["folder"].is_relative_to(tmp_path)


def test_it_names_every_world() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [
        name for name in auctions.__all__ if name not in ("House", "Lot") and f"`{name}`" not in page
    ] == []


def keys_of(row: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", row.split("|")[1])


def test_the_options_are_listed_with_their_defaults() -> None:
    """Every key that a scenario of any sale, an exchange or a storefront takes, in the table of its kind."""
    own: dict[str, set[str]] = {}
    kinds: list[str] = []
    common, formats = (
        re.search(rf"## {title}\n(.*?)\n## ", OPTIONS, re.DOTALL) for title in ("All sales", "By format")
    )
    assert common is not None and formats is not None
    for row in formats[1].splitlines()[3:]:
        cells = row.split("|")
        kinds = re.findall(r"`([\w-]+)`", cells[1]) or kinds
        for kind in kinds:
            own.setdefault(kind, set()).update(re.findall(r"`([\w-]+)`", cells[2]))
    shared = {key for row in common[1].splitlines()[3:] for key in keys_of(row)}
    sales = {name: made for name in registered() if isinstance(made := kind_named(name), SaleKind)}
    assert set(own) == set(sales)
    for name, sale in sales.items():
        fields = set(sale.world_model.model_fields)
        assert fields == shared | own[name], name
        assert own[name] >= fields - set(SaleWorld.model_fields), name
    for model, title in ((ExchangeWorld, "An exchange"), (StorefrontWorld, "A storefront")):
        part = OPTIONS.split(f"## {title}\n", 1)[1].split("\n## ")[0]
        assert set(model.model_fields) - {"kind"} <= set(re.findall(r"`([\w-]+)`", part)), title
    values = OPTIONS.split("## `values`", 1)[1].split("\n## ")[0]
    assert set(ValuesSpec.model_fields) <= set(re.findall(r"`([\w-]+)`", values))


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        ("double-auction", "units_each", "1"),
        ("double-auction", "rounds", "30"),
        ("sequential", "estimate_percent", "110"),
        ("sequential", "order", "`random`"),
        ("uniform-price", "units", "2"),
        ("bargaining", "first", "`sell`"),
        ("call-market", "price_percent", "50"),
    ],
)
def test_a_default_is_as_the_page_says(kind: str, key: str, said: str) -> None:
    rows = [row.split("|") for row in OPTIONS.splitlines() if row.startswith("|")]
    at = next(n for n, row in enumerate(rows) if f"`{kind}`" in row[1])
    row = next(row for row in rows[at:] if f"`{key}`" in row[2])
    assert row[3].strip() == said
    made = kind_named(kind)
    assert isinstance(made, SaleKind)
    assert str(made.world_model.model_fields[key].default) == said.strip("`")


def test_bidders_options_are_listed() -> None:
    for group in (None, CAMPAIGNS, PROVIDERS, SELECTORS):
        names = bidders() if group is None else minds(group)
        for name in names:
            kind = bidder_kind(name) if group is None else mind_kind(group, name)
            for key in kind.options.model_fields:
                assert f"`{key}`" in OPTIONS, (name, key)


def test_theory_lists_its_formats_and_so_does_the_page() -> None:
    from burgh.scenarios.cli.theory import FORMATS as SAID
    from burgh.scenarios.theory.formats import FORMATS

    assert tuple(FORMATS) == SAID
    page = PAGE.read_text(encoding="utf-8").split("| format | what is simulated |")[1].split("\n\n")[0]
    assert re.findall(r"`([\w-]+)`", "".join(row.split("|")[1] for row in page.splitlines()[2:])) == list(
        SAID
    )


def test_the_scenario_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (written,) = (block for block in blocks if block.startswith("name:"))
    scenario = check_scenario(parse_yaml(written, "three.yaml"), tmp_path)
    assert run_scenario(scenario, tmp_path / "run").reason == "end"
