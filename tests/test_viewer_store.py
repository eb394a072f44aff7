"""What is drawn comes from the index: the same as from the events, at any tick, however it was made."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest
from test_viewer_scene import busy_events
from viewer_for_tests import by_tick, morning, recorded

from burgh.sim.record import open_index, open_log
from burgh.sim.types import Event
from burgh.sim.viewer import store as store_module
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.playback import Playback, RecordedPlayback, open_playback
from burgh.sim.viewer.sale import BidderView, LotView, SaleView
from burgh.sim.viewer.scene import Person
from burgh.sim.viewer.store import pack, unpack


def same(one: Playback, other: Playback) -> None:
    """Both show the same at many moments, in any order, and know the same marks."""
    assert (one.last_tick, one.marks, one.ended) == (other.last_tick, other.marks, other.ended)
    moments = [tick / 2 for tick in range(2 * one.last_tick)]
    for moment in random.Random(3).sample(moments, min(60, len(moments))):
        assert one.at(moment) == other.at(moment), moment


def test_a_recorded_run_shows_what_its_events_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEY_WEIGHT", 60)
    events = busy_events(150)
    recorded(tmp_path / "run", events)
    whole = Playback(open_log(tmp_path / "run").events())
    first = open_playback(tmp_path / "run")
    same(first, whole)
    assert first.store.key(10**9)[0] > 50  # whole states were kept
    frames = first.store.frames
    first.close()
    again = open_playback(tmp_path / "run", whole=False)
    assert (again.store.frames, again.share_read) == (frames, 0.0)
    assert not again.read_on() and again.share_read == 1.0  # nothing was left to read
    same(again, whole)
    again.close()


def test_it_is_read_bit_by_bit_and_kept_so_far(tmp_path: Path) -> None:
    recorded(tmp_path / "run", busy_events(300))
    playback = open_playback(tmp_path / "run", whole=False)
    rounds = 0
    while playback.share_read < 1:
        playback.read_on(0.002)
        playback.at(playback.last_tick / 2)  # looking on meanwhile
        rounds += 1
        assert rounds < 10_000
    assert rounds > 1
    same(playback, Playback(open_log(tmp_path / "run").events()))
    playback.close()


def test_an_index_that_others_have_made_is_gone_on_with(tmp_path: Path) -> None:
    recorded(tmp_path / "run", busy_events(80))
    open_index(tmp_path / "run").close()  # has the events, and nothing of what is drawn
    one = open_playback(tmp_path / "run", whole=False)
    two = open_playback(tmp_path / "run", whole=False)
    two.read_on()
    one.read_on()
    same(one, two)
    one.close()
    two.close()


def test_a_window_waits_for_no_other_process(tmp_path: Path) -> None:
    recorded(tmp_path / "run", busy_events(40))
    playback = open_playback(tmp_path / "run", whole=False)
    other = sqlite3.connect(tmp_path / "run" / "index.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not playback.read_on() and playback.share_read < 1
    other.execute("COMMIT")
    other.close()
    assert playback.read_on() and playback.share_read == 1
    playback.close()


def test_tables_of_another_version_are_made_anew(tmp_path: Path) -> None:
    recorded(tmp_path / "run", busy_events(40))
    open_playback(tmp_path / "run").close()
    with sqlite3.connect(tmp_path / "run" / "index.sqlite") as database:
        database.execute("UPDATE shown_version SET version = 999")
        database.execute("DELETE FROM shown_marks")
    database.close()
    playback = open_playback(tmp_path / "run")
    same(playback, Playback(open_log(tmp_path / "run").events()))
    playback.close()


def test_an_index_of_another_record_is_made_anew(tmp_path: Path) -> None:
    recorded(tmp_path / "one", busy_events(60))
    recorded(tmp_path / "two", morning())
    open_playback(tmp_path / "one").close()
    (tmp_path / "one" / "index.sqlite").replace(tmp_path / "two" / "index.sqlite")
    playback = open_playback(tmp_path / "two")
    same(playback, Playback(open_log(tmp_path / "two").events()))
    playback.close()


def test_where_the_index_may_not_be_written_it_is_made_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(tmp_path / "run", morning())

    def refuse(self: RecordedPlayback) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(RecordedPlayback, "need_write", refuse)
    playback = open_playback(tmp_path / "run")
    assert playback.index.database.execute("PRAGMA database_list").fetchone()[2] == ""
    same(playback, Playback(open_log(tmp_path / "run").events()))
    playback.close()


def test_a_run_that_is_being_written_is_followed(tmp_path: Path) -> None:
    ticks = by_tick(busy_events(60))
    writer = recorded(tmp_path / "run", ticks[0], close=False)
    playback = open_playback(tmp_path / "run", whole=False)
    for tick, events in ticks.items():
        if tick:
            writer.append(events)
            writer.end_tick(tick)
            assert playback.read_on(0.01)
            assert playback.last_tick == tick
    writer.close("end")
    assert playback.read_on() and playback.ended
    same(playback, Playback(open_log(tmp_path / "run").events()))
    playback.close()


def test_a_state_there_and_back() -> None:
    builder = SceneBuilder()
    for event in morning()[:40]:
        builder.apply(event)
    builder.people["Ada"] = Person(
        "Ada", 2.5, 3, "Ham", {"coat": "#112233"}, "left", True, "x", "y", True, "oven"
    )
    builder.sale = SaleView(
        "english", lots=(LotView(0, "vase", "sold", 3, (("Ada", 7),)),), bidders={"Ada": BidderView("Ada", 5)}
    )
    kept = builder.keep()
    assert unpack(pack(kept)) == kept
    assert SceneBuilder.of(unpack(pack(kept)), builder.town).scene(9) == builder.scene(9)


def test_marks_are_found_by_their_kind() -> None:
    sold = Event(
        "11.world.9",
        "sold",
        "Ada",
        {"lot": 0, "item": "vase", "price": 3, "seller": "the house", "quantity": 1, "value": 4},
    )
    playback = Playback(sorted([*morning(), sold], key=lambda event: event.tick))
    assert playback.next_mark(0, kind="speech") == 6
    assert playback.next_mark(0, kind="plan") == 8
    assert playback.next_mark(0, kind="sale") == 11
    assert playback.next_mark(12, kind="speech", forward=False) == 7
    assert playback.next_mark(0, kind="reflection") is None


def test_going_back_to_the_start_keeps_the_map(tmp_path: Path) -> None:
    playback = Playback(morning())
    towns = {id(playback.at(tick).town) for tick in (7, 0, 12, 3, 0)}
    assert len(towns) == 1  # or its backdrop would be painted again
    recorded(tmp_path / "run", morning())
    kept = open_playback(tmp_path / "run")
    assert len({id(kept.at(tick).town) for tick in (7, 0, 12, 3, 0)}) == 1
    kept.close()


def test_the_density_counts_every_event() -> None:
    events = busy_events(100)
    playback = Playback(events)
    assert sum(playback.store.density(10)) == len(events)
    assert all(count > 0 for count in playback.store.density(10))
