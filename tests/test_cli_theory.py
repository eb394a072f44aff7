"""`burgh theory`: what it writes, its picture, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from burgh.scenarios.cli import main as cli
from burgh.scenarios.theory import formats
from burgh.scenarios.theory.estimate import Figure


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], width: None) -> object:
    def asked(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            cli.main(["theory", *map(str, arguments)])
        captured = capsys.readouterr()
        return Said(int(ended.value.code or 0), captured.out, captured.err)

    return asked


def test_a_table_of_80_columns(ask: object) -> None:
    assert callable(ask)
    said = ask("--games", 4000)
    assert said.code == 0, said.out
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= 80
    names = {line.split()[0] for line in lines[2:] if line.strip()}
    assert set(formats.FORMATS) <= names
    assert not [line for line in lines if line.startswith(" ")], "no cell is broken over two lines"
    assert "119 figures within 4 standard errors of theory." in said.out


def test_json_and_a_picture(ask: object, tmp_path: Path) -> None:
    assert callable(ask)
    picture = tmp_path / "new" / "bids.png"
    said = ask("first-price", "--n", "2,4", "--games", 5000, "--seed", 3, "--json", "--png", picture)
    assert said.code == 0
    found = json.loads(said.out)
    assert [(one["n"], one["measure"]) for one in found] == [
        (n, measure) for n in (2, 4) for measure in ("revenue", "efficiency", "surplus")
    ]
    assert found[0]["closed_form"] == pytest.approx(1 / 3)
    assert found[0]["mean"] == pytest.approx(1 / 3, abs=0.02)
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    again = ask("first-price", "--n", "2,4", "--games", 5000, "--seed", 3, "--json")
    assert json.loads(again.out) == found
    assert json.loads(ask("first-price", "--n", "2,4", "--games", 5000, "--json").out) != found


def test_a_figure_that_is_off_is_said(ask: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(ask)
    wrong = Figure("dutch", 2, "revenue", 0.4, 0.01, 1 / 3)
    monkeypatch.setitem(formats.FORMATS, "dutch", lambda n, games, seed: [wrong])
    said = ask("dutch", "--n", "2")
    assert said.code == 1
    assert "1 figure of 1 more than 4 standard errors off." in said.out
    assert "+6.7" in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frst-price"], "there is no format 'frst-price': did you mean 'first-price'?"),
        (["--n", "two"], "--n: 'two' is no list of numbers of bidders, as in 2,3,5"),
        (["--n", "0"], "--n: give numbers of bidders, as in 2,3,5"),
        (["unequal", "--n", "5"], "--n: unequal says nothing of 5 bidders"),
        (["--games", "1"], "--games: 1 is too few"),
        (["first-price", "--games", "9", "--png", "a.jpg"], "--png: a.jpg does not end in .png"),
        (["first-price", "--games", "9", "--png", "/proc/no/a.png"], "--png: /proc/no/a.png: "),
    ],
)
def test_faults_are_one_sentence(ask: object, arguments: list[str], said: str) -> None:
    assert callable(ask)
    found = ask(*arguments)
    assert found.code == 2
    assert found.err.startswith(f"burgh: {said}")
    assert len(found.err.strip().splitlines()) == 1
