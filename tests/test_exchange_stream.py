"""Impressions: the synthetic law is the one that is told; files are read, or refused with line and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from burgh.sim.types import BurghError
from burgh.worlds.exchange import Campaign, Exchange, IPinYou, LogLogistic, LogNormal, Synthetic
from burgh.worlds.exchange.stream import CELLS, PriceLaw

BIG = {"impressions": 200_000, "periods": 4, "period_minutes": 360}


@pytest.mark.parametrize("law", [LogNormal(0.6), LogLogistic()])
def test_prices_and_cells_follow_the_law_that_is_told(law: PriceLaw) -> None:
    stream = Synthetic(5, price=law, **BIG)  # type: ignore[arg-type]
    batch = stream.batch(2)
    prices = np.arange(1, 400, dtype=np.float64)
    told = stream.price_cdf(2, prices)
    seen = np.searchsorted(np.sort(batch.market), prices, side="right") / batch.market.size
    assert np.abs(told - seen).max() < 1.95 / np.sqrt(batch.market.size)  # Kolmogorov, p = .001
    expected = stream.shares(2) * batch.cells.size
    counts = np.bincount(batch.cells, minlength=CELLS)
    frequent = expected > 5
    ratio = counts[frequent].sum() / expected[frequent].sum()
    assert chisquare(counts[frequent], expected[frequent] * ratio).pvalue > 0.001
    assert counts[expected == 0].sum() == 0


def test_clicks_follow_the_true_rates() -> None:
    stream = Synthetic(5, **BIG)  # type: ignore[arg-type]
    batch, rates = stream.batch(1), stream.true(1, ("Ann", "Ben"))
    assert batch.chance is not None
    assert kstest(batch.chance, "uniform").pvalue > 0.001
    clicks, expected = (batch.chance < rates[0][batch.cells]).sum(), rates[0][batch.cells].sum()
    assert abs(clicks - expected) < 4 * np.sqrt(expected)
    assert not np.allclose(rates[0], rates[1])


def test_equal_seeds_give_equal_impressions_and_others_others() -> None:
    one, same, other = (Synthetic(seed, impressions=500, periods=2) for seed in (1, 1, 2))
    assert np.array_equal(one.batch(1).market, same.batch(1).market)
    assert not np.array_equal(one.batch(1).market[:50], other.batch(1).market[:50])
    assert not np.array_equal(one.batch(0).market[:50], one.batch(1).market[:50])


def test_the_day_has_a_shape_and_a_drift() -> None:
    stream = Synthetic(4, impressions=10_000)
    expected = [stream.expected(period) for period in range(48)]
    assert sum(expected) == pytest.approx(10_000)
    assert expected[40] > 3 * expected[6]  # 20:00 against 03:00
    flat = Synthetic(4, impressions=10_000, daily=False, drift=0.0)
    assert {flat.expected(period) for period in range(48)} == {10_000 / 48}
    assert np.array_equal(flat.scales(0), flat.scales(47))
    assert np.array_equal(flat.true(0, ("A",)), flat.true(47, ("A",)))
    assert not np.allclose(stream.believed(47, ("A",)), stream.true(47, ("A",)))
    assert np.allclose(stream.believed(0, ("A",)), stream.true(0, ("A",)))


def test_a_stream_without_impressions_is_a_day_too() -> None:
    world = Exchange([Campaign("Ann", 10, 10)], Synthetic(1, impressions=0, periods=2), seed=1)
    world.begin()
    events = world.apply(1, {})
    assert [event.kind for event in events] == ["period", "result"]


HEADER = "click\tweekday\thour\ttimestamp\tregion\tslotvisibility\tslotprice\tbidprice\tpayprice"


def written(tmp_path: Path, *lines: str, header: str = HEADER) -> Path:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def line(
    click: int = 0, stamp: str = "20130606001500000", region: int = 1, floor: int = 0, pay: int = 50
) -> str:
    return f"{click}\t4\t0\t{stamp}\t{region}\tFirst\t{floor}\t300\t{pay}"


def test_a_file_in_the_columns_of_ipinyou_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path, line(1), line(pay=70, floor=60), line(stamp="20130606014500000", region=2, pay=9)
    )
    stream = IPinYou(path)
    first, later = stream.batch(0), stream.batch(3)
    assert first.market.tolist() == [50, 70] and first.clicked is not None
    assert first.clicked.tolist() == [True, False]
    assert first.floors is not None and first.floors.tolist() == [0, 60]
    assert later.market.tolist() == [9] and later.cells.tolist() == [1]
    assert stream.about["impressions"] == 3
    # rates are those of earlier periods: before anything was seen all alike, and drawn towards the mean
    assert np.ptp(stream.believed(0, ("A",))) == 0
    rates = stream.believed(1, ("A",))[0]
    assert rates[0] > rates[1] > 0.001


def test_commas_and_hours_alone_will_do(tmp_path: Path) -> None:
    stream = IPinYou(written(tmp_path, "1,13,20", "0,13,0", header="click,hour,payprice"), 24, 60)
    assert stream.batch(13).market.tolist() == [20, 1]


def test_a_day_of_a_file_is_played(tmp_path: Path) -> None:
    path = written(tmp_path, *(line(int(n % 3 == 0), pay=10 + n) for n in range(40)))
    world = Exchange([Campaign("Ann", 10_000, 100)], IPinYou(path), seed=1)
    world.begin()
    from burgh.sim.types import Action

    setting = {"rule": "constant", "price": 30, "pace": 100}
    events = world.apply(1, {"Ann": Action("Ann", setting, "1.Ann.0")})
    (result,) = (event.data for event in events if event.kind == "result")
    assert result["bids"] == 40 and result["won"] in (20, 21)
    assert result["clicks"] == 7


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((line(), line().replace("\t50", "\tx")), r"log.csv:3: payprice: 'x' is not a whole number"),
        (
            (line(), line().replace("\t50", "\t" + "5" * 5_000)),
            r"log.csv:3: payprice: '5555.* is not a whole number",
        ),
        ((line(), line().replace("\t50", "\t" + "x" * 200_000)), r"log.csv:3: field larger than field limit"),
        ((line(pay=-4),), r"log.csv:2: payprice: -4 is not from 0"),
        ((line(click=2),), r"log.csv:2: click: 2 is not from 0 to 1"),
        ((line()[:-3],), r"log.csv:2: 8 fields, for 9 columns"),
        ((line(stamp="20130606"),), r"log.csv:2: timestamp: '20130606' is not a time"),
        ((line(stamp="20130606991500000"),), r"has no such time of day"),
        ((), r"there is no impression in it"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_line_and_column(
    lines: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BurghError, match=said):
        IPinYou(written(tmp_path, *lines)).batch(0)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"period_minutes": 0}, "IPinYou: period_minutes is 0: it must be at least 1"),
        ({"period_minutes": -5}, "period_minutes is -5"),
        ({"periods": 0}, "IPinYou: periods is 0"),
        ({"periods": 2.5}, "periods is 2.5: it must be a whole number"),
        ({"first_minute": 1441}, "first_minute is 1441: a day has 1440 minutes"),
    ],
)
def test_periods_that_make_no_day_are_refused(more: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(BurghError, match=said):
        IPinYou(written(tmp_path, line()), **more)


def test_a_column_that_is_there_twice_is_refused_and_any_end_of_line_is_one(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("click,click,payprice,hour\n0,1,5,3\n")
    with pytest.raises(BurghError, match=r"log.csv:1: there are 2 columns 'click': one is needed"):
        IPinYou(path).batch(0)
    for end in ("\n", "\r\n", "\r"):
        path.write_bytes(f"click,payprice,hour,region{end}0,5,3,a\x85b{end}{end}1,6,3,c{end}".encode())
        assert IPinYou(path).batch(6).market.tolist() == [5, 6]
    assert IPinYou(str(path)).about["impressions"] == 2  # type: ignore[arg-type]
    with pytest.raises(BurghError, match="7 is not the path of a file"):
        IPinYou(7)  # type: ignore[arg-type]


def test_missing_columns_and_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match=r"log.csv:1: there is no column 'payprice'"):
        IPinYou(written(tmp_path, header="click\thour")).batch(0)
    with pytest.raises(BurghError, match=r"log.csv:1: there is no column 'hour'"):
        IPinYou(written(tmp_path, header="click\tpayprice")).batch(0)
    with pytest.raises(BurghError, match="No such file"):
        IPinYou(tmp_path / "none.csv").batch(0)
    (tmp_path / "log.csv").write_bytes(b"click\xff\xfe")
    with pytest.raises(BurghError, match="is not UTF-8"):
        IPinYou(tmp_path / "log.csv").batch(0)
