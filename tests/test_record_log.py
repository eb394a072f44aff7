"""Writing and reading a record."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import orjson
import pytest
import yaml
import zstandard
from worlds_for_tests import meta, record_into, record_run, scenario, started

from burgh.sim.protocols import Recorder
from burgh.sim.record import RunWriter, Tail, open_log, scenario_hash, verify
from burgh.sim.record.reader import FORMAT
from burgh.sim.types import BurghError, Event, fixed


def happened(tick: int, n: int = 0, **data: object) -> Event:
    return Event(f"{tick}.world.{n}", "happened", "Ada", data)


def test_a_frame_is_json_lines_under_a_chained_head(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    assert isinstance(writer, Recorder)
    writer.append([happened(3, b=[1, {"z": None}], a=True), happened(3, 1)])
    writer.end_tick(3)
    writer.append([happened(9)])
    writer.end_tick(9)
    first, second = open_log(tmp_path / "run").frames()
    raw = (tmp_path / "run" / "events.jsonl.zst").read_bytes()
    content = zstandard.ZstdDecompressor().decompress(raw[: first.length])
    assert content == (
        b'{"prev":"' + b"0" * 64 + b'","tick":3}\n'
        b'{"agent":"Ada","causes":[],"data":{"a":true,"b":[1,{"z":null}]},"id":"3.world.0","kind":"happened"}\n'
        b'{"agent":"Ada","causes":[],"data":{},"id":"3.world.1","kind":"happened"}\n'
    )
    assert (first.tick, second.tick, second.number, second.offset) == (3, 9, 1, first.length)
    assert second.prev == first.hash
    assert second.hash == writer.final_hash == open_log(tmp_path / "run").final_hash
    assert second.offset + second.length == len(raw)
    writer.close("end")


def test_what_is_read_is_what_was_appended(tmp_path: Path) -> None:
    event = Event(
        "0.Ada.0", "memory", "Ada", {"text": 'Zoë said "hm"\n', "n": -5, "none": None}, ("0.world.1",)
    )
    writer = RunWriter(tmp_path / "run", meta())
    writer.append([event])
    writer.end_tick(0)
    writer.close("end")
    assert next(open_log(tmp_path / "run").events()) == event


def test_mappings_that_are_no_dict_and_tuples_are_plain_data(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    writer.append([Event("0.world.0", "happened", None, MappingProxyType({"a": (1, MappingProxyType({}))}))])
    writer.end_tick(0)
    writer.close("end")
    assert next(open_log(tmp_path / "run").events()).data == {"a": [1, {}]}


def test_equal_runs_have_equal_bytes_and_other_seeds_have_not(tmp_path: Path) -> None:
    a, b, c = (record_run(tmp_path / name, seed=seed) for name, seed in (("a", 7), ("b", 7), ("c", 8)))
    assert a.final_hash == b.final_hash != c.final_hash
    for name in ("run.yaml", "events.jsonl.zst"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_asides_and_host_do_not_touch_the_hash(tmp_path: Path) -> None:
    plain = record_run(tmp_path / "plain")
    writer = RunWriter(tmp_path / "run", meta(), host={"out": "elsewhere"})
    writer.aside(0, {"seconds": 0.25})
    record_into(writer)
    writer.aside(60, {"seconds": 1.5})
    writer.close("end")
    assert writer.final_hash == plain.final_hash
    log = open_log(tmp_path / "run")
    assert list(log.asides()) == [{"tick": 0, "seconds": 0.25}, {"tick": 60, "seconds": 1.5}]
    assert list(open_log(tmp_path / "plain").asides()) == []
    with (tmp_path / "run" / "aside.jsonl").open("ab") as file:
        file.write(b"\xff garbage\n[1]\n{}\n\n" + b'{"tick":61,"seconds":2.0}\n' + b'{"tick":62')
    assert [aside["tick"] for aside in log.asides()] == [0, 60, 61]
    assert yaml.safe_load((tmp_path / "run" / "host.yaml").read_text())["out"] == "elsewhere"


def test_ticks_without_events_write_no_frame(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    writer.end_tick(0)
    writer.append([])
    writer.end_tick(1)
    assert (tmp_path / "run" / "events.jsonl.zst").stat().st_size == 0
    assert open_log(tmp_path / "run").final_hash == "0" * 64
    assert not open_log(tmp_path / "run").complete
    writer.close("end")


def test_the_last_frame_says_why_the_run_ended_and_counts_the_frames(tmp_path: Path) -> None:
    writer = record_run(tmp_path / "run", ticks=60, reason="stopped")
    writer.close("again")
    *_, last = open_log(tmp_path / "run").frames()
    (ended,) = last.events
    assert (ended.kind, ended.data) == ("run_ended", {"reason": "stopped", "frames": writer.frames})
    assert last.number == writer.frames - 1
    assert open_log(tmp_path / "run").complete
    end = yaml.safe_load((tmp_path / "run" / "end.yaml").read_text())
    assert end == {"reason": "stopped", "tick": last.tick, "frames": writer.frames, "final_hash": last.hash}


def test_the_id_of_run_ended_is_not_one_that_the_engine_gave_in_that_tick(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    writer.append([Event(f"4.engine.{n}", "refused", "Ada", {"answer": 0, "why": ""}) for n in range(2)])
    writer.end_tick(4)
    writer.close("end")
    ids = [event.id for event in open_log(tmp_path / "run").events()]
    assert ids == ["4.engine.0", "4.engine.1", "4.engine.2"]


def test_events_of_a_tick_that_never_ended_are_dropped(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    writer.append([happened(0)])
    writer.end_tick(0)
    writer.append([happened(1)])
    writer.close("failed")
    assert [event.kind for event in open_log(tmp_path / "run").events()] == ["happened", "run_ended"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"x": 0.5}, r"event 2.world.0 \(happened\): data.x is the float 0.5"),
        ({"picked": [{"score": 1}, {"score": 1.0}]}, r"data.picked\[1\].score is the float 1.0"),
        ({"t": ("a", float("nan"))}, r"data.t\[1\] is the float nan"),
        ({"who": {"Ada"}}, "data.who is a set, not plain data"),
        ({"at": {1: 2}}, "data.at has the key 1, which is no text"),
    ],
)
def test_what_is_not_plain_data_is_refused_by_event_and_key(
    tmp_path: Path, data: dict[str, object], sentence: str
) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    bad = Event("2.world.0", "happened", "Ada", data)
    with pytest.raises(TypeError, match=sentence):
        writer.append([happened(2, 1, real=fixed(0.5)), bad])
    writer.end_tick(2)
    assert writer.frames == 0, "nothing of a refused batch is kept"
    writer.close("end")


def test_our_own_mistakes_are_told_at_once(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    writer.append([happened(1)])
    with pytest.raises(ValueError, match="tick 2's events are not its own"):
        writer.end_tick(2)
    writer.append([happened(2), happened(2)])
    with pytest.raises(ValueError, match="not distinct"):
        writer.end_tick(2)
    writer.append([happened(2)])
    writer.end_tick(2)
    writer.append([happened(2)])
    with pytest.raises(ValueError, match="tick 2 was ended already"):
        writer.end_tick(2)
    writer.close("end")
    with pytest.raises(ValueError, match="is closed"):
        writer.end_tick(3)


def test_meta_comes_back_as_it_went_in(tmp_path: Path) -> None:
    record_run(tmp_path / "run")
    read = open_log(tmp_path / "run").meta
    assert read == {"format": FORMAT, **meta()}
    assert scenario_hash(read["scenario"]) == scenario_hash(scenario()) == started()["scenario_hash"]


def test_the_scenario_hash_knows_no_order_of_keys_but_every_value() -> None:
    assert scenario_hash({"a": 1, "b": [1, 2]}) == scenario_hash({"b": [1, 2], "a": 1})
    assert scenario_hash({"a": 1, "b": [1, 2]}) != scenario_hash({"a": 1, "b": [2, 1]})
    assert len(scenario_hash({})) == 64


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(BurghError, match=r"already holds letter.txt: a run needs a folder of its own"):
        RunWriter(tmp_path, meta())
    assert (tmp_path / "letter.txt").read_text() == "dear"
    assert not (tmp_path / "run.yaml").exists()


def test_an_empty_folder_will_do_and_a_file_will_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    record_run(tmp_path / "empty", ticks=3)
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BurghError, match="no run can be recorded in"):
            RunWriter(folder, meta())


def test_two_processes_cannot_write_one_run(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    script = (
        "import sys; from pathlib import Path; from burgh.sim.record import RunWriter\n"
        "from burgh.sim.types import BurghError\n"
        "try:\n    RunWriter(Path(sys.argv[1]), {})\nexcept BurghError as error:\n    sys.exit(str(error))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "run")], capture_output=True, text=True, check=False
    )
    assert "another process is recording a run" in other.stderr
    assert "Traceback" not in other.stderr
    writer.close("end")


def test_a_folder_that_is_no_run_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match=r"is not the folder of a run: it has no events.jsonl.zst"):
        open_log(tmp_path)
    with pytest.raises(BurghError, match="is not the folder of a run: it is no folder"):
        open_log(tmp_path / "nowhere")


def test_the_log_file_itself_names_its_run(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=3)
    assert open_log(tmp_path / "run" / "events.jsonl.zst").folder == tmp_path / "run"


def test_a_tail_gives_each_frame_once_and_nothing_half_written(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    record_run(whole, ticks=30)
    raw = (whole / "events.jsonl.zst").read_bytes()
    frames = list(open_log(whole).frames())
    growing = tmp_path / "growing"
    growing.mkdir()
    (growing / "events.jsonl.zst").write_bytes(b"")
    tail, seen = Tail(open_log(growing)), []
    for size in range(0, len(raw) + 1, 37):
        (growing / "events.jsonl.zst").write_bytes(raw[:size])
        seen += tail.new_frames()
        assert len(seen) == sum(frame.offset + frame.length <= size for frame in frames)
        assert not tail.ended or len(seen) == len(frames)
    (growing / "events.jsonl.zst").write_bytes(raw)
    seen += tail.new_frames()
    assert seen == frames
    assert tail.ended
    assert tail.new_frames() == []


def test_frames_can_be_read_from_the_middle(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=30)
    log = open_log(tmp_path / "run")
    frames = list(log.frames())
    assert list(log.frames(frames[10].offset, 10)) == frames[10:]


def test_a_torn_run_is_gone_on_with_from_its_last_whole_tick(tmp_path: Path) -> None:
    whole = record_run(tmp_path / "whole", ticks=20)
    frames = list(open_log(tmp_path / "whole").frames())
    torn = record_run(tmp_path / "torn", ticks=20, reason=None)
    torn._lock.release()  # as the death of its process would
    path = tmp_path / "torn" / "events.jsonl.zst"
    path.write_bytes(path.read_bytes()[: frames[12].offset + 5])
    writer = RunWriter.resume(tmp_path / "torn")
    assert (writer.frames, writer.final_hash) == (12, frames[11].hash)
    assert path.stat().st_size == frames[12].offset
    for frame in frames[12:-1]:
        writer.append(frame.events)
        writer.end_tick(frame.tick)
    writer.close("end")
    assert writer.final_hash == whole.final_hash
    assert verify(tmp_path / "torn").ok


def test_an_ended_or_damaged_run_is_not_gone_on_with(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=20)
    with pytest.raises(BurghError, match=r"has ended \(end\): nothing can be added"):
        RunWriter.resume(tmp_path / "run")
    path = tmp_path / "run" / "events.jsonl.zst"
    raw = path.read_bytes()
    path.write_bytes(raw[:100] + raw[101:])
    with pytest.raises(BurghError, match="is damaged at frame"):
        RunWriter.resume(tmp_path / "run")
    assert path.read_bytes() == raw[:100] + raw[101:], "damage is never cut away"


def test_reading_a_damaged_frame_names_it(tmp_path: Path) -> None:
    record_run(tmp_path / "run", ticks=20)
    log = open_log(tmp_path / "run")
    frame = list(log.frames())[5]
    raw = bytearray(log.path.read_bytes())
    raw[frame.offset + frame.length - 1] ^= 1  # in its checksum
    log.path.write_bytes(raw)
    with pytest.raises(BurghError, match="frame 5 is damaged: it cannot be read"):
        list(log.frames())


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b'{"id": 1}', "event 1 cannot be read"),
        (b"[]", "event 1 cannot be read"),
        (b'{"id":', "event 1 cannot be read"),
        (b'{"id": 1, "kind": "moved", "agent": null, "data": {}, "causes": []}', "event 1 is not an event"),
    ],
)
def test_an_event_that_cannot_be_read_is_named(tmp_path: Path, line: bytes, sentence: str) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    lines = [orjson.dumps(Event("0.engine.0", "run_started", None, started()).to_json()), line]
    writer._log.append(writer._packer.pack_lines(0, "0" * 64, lines))
    writer._lock.release()
    assert verify(tmp_path / "run").fault == f"frame 0 (tick 0): {sentence}"
