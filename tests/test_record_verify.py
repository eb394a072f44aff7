"""Whatever is changed in a record afterwards is found; what a crash cuts off is not taken for a change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds_for_tests import meta, record_run, started

from burgh.sim.record import Frame, RunWriter, open_log, verify
from burgh.sim.record.chain import NO_HASH, Packer, frame_hash
from burgh.sim.types import BurghError, Event


class Copy:
    """A run's folder and the bytes of its frames, to be damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "events.jsonl.zst"
        self.raw = self.path.read_bytes()
        self.frames: list[Frame] = list(open_log(folder).frames())
        self.pieces = [self.raw[frame.offset : frame.offset + frame.length] for frame in self.frames]

    def fault(self, raw: bytes) -> str | None:
        self.path.write_bytes(raw)
        return verify(self.folder).fault


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("ended") / "run"
    record_run(folder, ticks=30)
    return Copy(folder)


@pytest.fixture(scope="module")
def unended(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("unended") / "run"
    record_run(folder, ticks=30, reason=None)
    return Copy(folder)


@pytest.fixture
def copy(tmp_path: Path, ended: Copy) -> Copy:
    ended.path.write_bytes(ended.raw)
    shutil.copytree(ended.folder, tmp_path / "run")
    return Copy(tmp_path / "run")


def test_a_whole_run_verifies(copy: Copy) -> None:
    verdict = verify(copy.folder)
    assert verdict.ok
    assert verdict.complete
    assert (verdict.frames, verdict.tick, verdict.torn) == (len(copy.frames), 30, None)
    assert verdict.final_hash == frame_hash(copy.pieces[-1]) == copy.frames[-1].hash


@given(st.integers(min_value=0), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_any_changed_byte_of_an_ended_run_is_a_fault(ended: Copy, place: int, change: int) -> None:
    raw = bytearray(ended.raw)
    raw[place % len(raw)] ^= change
    assert ended.fault(bytes(raw)) is not None


@given(st.integers(min_value=0), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_changed_byte_of_an_unended_run_is_a_fault_or_a_torn_end(
    unended: Copy, place: int, change: int
) -> None:
    """In the last frame a changed length cannot be told from a frame that a crash cut short."""
    place %= len(unended.raw)
    raw = bytearray(unended.raw)
    raw[place] ^= change
    unended.path.write_bytes(raw)
    verdict = verify(unended.folder)
    last = unended.frames[-1]
    assert verdict.fault is not None or (verdict.torn is not None and place >= last.offset)


@pytest.mark.parametrize("bit", range(8))
def test_any_flipped_bit_of_the_last_frame_is_noticed(unended: Copy, bit: int) -> None:
    """No later frame holds its hash, and zstd reads some changed bytes as the same text."""
    for place in range(unended.frames[-1].offset, len(unended.raw)):
        raw = bytearray(unended.raw)
        raw[place] ^= 1 << bit
        unended.path.write_bytes(raw)
        verdict = verify(unended.folder)
        assert verdict.fault or verdict.torn, f"bit {bit} of byte {place}"


@given(st.integers(min_value=0))
@settings(max_examples=200, deadline=None)
def test_any_truncation_verifies_to_a_prefix(unended: Copy, size: int) -> None:
    size %= len(unended.raw) + 1
    unended.path.write_bytes(unended.raw[:size])
    whole = [frame for frame in unended.frames if frame.offset + frame.length <= size]
    verdict = verify(unended.folder)
    assert verdict.fault is None
    assert verdict.frames == len(whole)
    assert verdict.final_hash == (whole[-1].hash if whole else NO_HASH)
    assert list(open_log(unended.folder).frames()) == whole
    kept = whole[-1].offset + whole[-1].length if whole else 0
    assert (verdict.torn is None) == (size == kept)


@given(st.integers(min_value=0), st.integers(1, 5000))
@settings(max_examples=200, deadline=None)
def test_an_end_that_was_never_filled_is_torn(unended: Copy, size: int, zeros: int) -> None:
    """After a power cut a file may have its new length and zeros in place of its last bytes."""
    size %= len(unended.raw) + 1
    unended.path.write_bytes(unended.raw[:size] + bytes(zeros))
    found = unended.raw[:size] + bytes(zeros)
    whole = [f for f in unended.frames if found[: f.offset + f.length] == unended.raw[: f.offset + f.length]]
    verdict = verify(unended.folder)
    assert verdict.fault is None
    assert (verdict.torn is None) == (len(found) == sum(frame.length for frame in whole))
    assert list(open_log(unended.folder).frames()) == whole


def test_a_torn_end_is_told_apart_from_a_change(unended: Copy) -> None:
    unended.path.write_bytes(unended.raw[:-7])
    verdict = verify(unended.folder)
    left = unended.frames[-1].length - 7
    count = len(unended.frames) - 1
    assert verdict.torn == (
        f"the last {left} bytes are the beginning of a frame that was never finished;"
        f" the {count} frames before them are intact"
    )
    assert verdict.ok
    unended.path.write_bytes(unended.raw[:3])
    assert "nothing is before them" in str(verify(unended.folder).torn)


def test_an_ended_run_cannot_be_torn(copy: Copy) -> None:
    assert copy.fault(copy.raw[:-7]) == (
        f"end.yaml counts {len(copy.frames)} frames, of which the record holds {len(copy.frames) - 1}"
    )
    assert "though the run had ended" in str(copy.fault(copy.raw + copy.raw[:50]))


Change = Callable[[list[bytes]], None]


def _swap(pieces: list[bytes]) -> None:
    pieces[17], pieces[18] = pieces[18], pieces[17]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p.pop(17), "tick 16: the hash of frame 16 differs from the one that frame 17 names"),
        (lambda p: p.pop(0), "tick 1: frame 0 was not the first: it names a frame before it"),
        (
            lambda p: p.insert(17, p[17]),
            "tick 17: the hash of frame 17 differs from the one that frame 18 names",
        ),
        (_swap, "tick 16: the hash of frame 16 differs from the one that frame 17 names"),
        (lambda p: p.pop(), "end.yaml counts 32 frames, of which the record holds 31"),
        (lambda p: p.append(p[4]), "tick 30: the hash of frame 31 differs from the one that frame 32 names"),
        (lambda p: p.clear(), "end.yaml counts 32 frames, of which the record holds 0"),
        (lambda p: p.insert(9, b"\x28\xb5"), "frame 9 (after tick 8): no frame begins there"),
    ],
)
def test_removed_inserted_and_moved_frames_are_named(copy: Copy, change: Change, sentence: str) -> None:
    pieces = list(copy.pieces)
    change(pieces)
    assert copy.fault(b"".join(pieces)) == sentence


@pytest.mark.parametrize("place", [1, 16, 29])
def test_a_rewritten_frame_is_named_though_it_reads_well(copy: Copy, place: int) -> None:
    frame = copy.frames[place]
    events = [Event(e.id, e.kind, e.agent, {**e.data, "x": 99}, e.causes) for e in frame.events]
    pieces = list(copy.pieces)
    pieces[place] = Packer().pack(frame.tick, frame.prev, events)
    named = f"tick {frame.tick}: the hash of frame {place} differs from the one that frame {place + 1} names"
    assert copy.fault(b"".join(pieces)) == named


def test_a_chain_that_was_forged_to_its_end_does_not_fit_the_end_beside_it(copy: Copy) -> None:
    packer, prev, pieces = Packer(), NO_HASH, []
    for frame in copy.frames:
        events = [Event(e.id, e.kind, e.agent, {**e.data, "forged": 1}, e.causes) for e in frame.events]
        pieces.append(packer.pack(frame.tick, prev, events))
        prev = frame_hash(pieces[-1])
    assert (
        copy.fault(b"".join(pieces)) == "tick 30: the hash of the last frame differs from the one in end.yaml"
    )


def test_a_last_frame_that_miscounts_is_told(copy: Copy) -> None:
    (copy.folder / "end.yaml").unlink()
    last = copy.frames[-1]
    end = Event(last.events[0].id, "run_ended", None, {"reason": "end", "frames": 99})
    forged = Packer().pack(last.tick, last.prev, [end])
    assert copy.fault(b"".join((*copy.pieces[:-1], forged))) == (
        "the run ended with 99 frames, of which the record holds 32"
    )


def test_nothing_may_stand_after_the_end(copy: Copy) -> None:
    more = Packer().pack(31, copy.frames[-1].hash, [Event("31.world.0", "moved", "Ada", {"x": 1})])
    assert copy.fault(copy.raw + more) == "frame 32 (tick 31) stands after the run's end"


def test_ticks_must_go_on(unended: Copy) -> None:
    last = unended.frames[-1]
    more = Packer().pack(last.tick, last.hash, [Event("30.world.9", "moved", "Ada", {"x": 1})])
    assert unended.fault(unended.raw + more) == "frame 31 (tick 30) stands after tick 30"


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (
            "scenario",
            {"name": "other"},
            "run.yaml: its scenario is not the one that tick 0 holds the hash of",
        ),
        ("seed", 8, "run.yaml: its seed is 8, the run was started with 7"),
        ("model", {"name": "another"}, "run.yaml is not the one that host.yaml holds the hash of"),
    ],
)
def test_a_changed_run_yaml_is_a_fault(copy: Copy, key: str, value: object, sentence: str) -> None:
    path = copy.folder / "run.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), key: value}, sort_keys=False))
    assert verify(copy.folder).fault == sentence
    (copy.folder / "host.yaml").unlink()
    assert (verify(copy.folder).fault is None) == (key == "model"), "the first frame holds the hash, too"


@given(st.integers(min_value=0), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_any_changed_byte_of_run_yaml_is_a_fault(ended: Copy, place: int, change: int) -> None:
    ended.path.write_bytes(ended.raw)
    path = ended.folder / "run.yaml"
    before = path.read_bytes()
    raw = bytearray(before)
    raw[place % len(raw)] ^= change
    path.write_bytes(raw)
    try:
        assert verify(ended.folder).fault is not None
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["run.yaml", "host.yaml", "end.yaml"])
@pytest.mark.parametrize("text", [b"\xff\xfe", b"a: [", b"- 1\n", b"when: 2026-99-99\n"])
def test_a_spoilt_file_beside_the_log_is_one_sentence(copy: Copy, name: str, text: bytes) -> None:
    (copy.folder / name).write_bytes(text)
    fault = verify(copy.folder).fault
    assert fault is not None
    assert name in fault


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": "stopped"}, "end.yaml: its reason is stopped, the record ends with end"),
        ({"tick": 29}, "end.yaml: its tick is 29, the record ends with 30"),
        ({"frames": 31}, "end.yaml counts 31 frames, of which the record holds 32"),
        ({"final_hash": "0" * 64}, "tick 30: the hash of the last frame differs from the one in end.yaml"),
    ],
)
def test_a_changed_end_yaml_is_a_fault(copy: Copy, change: dict[str, object], sentence: str) -> None:
    path = copy.folder / "end.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **change}))
    assert verify(copy.folder).fault == sentence


@pytest.mark.parametrize("key", ["reason", "tick", "frames", "final_hash"])
def test_an_end_yaml_that_lacks_something_is_a_fault(copy: Copy, key: str) -> None:
    path = copy.folder / "end.yaml"
    end = yaml.safe_load(path.read_text())
    del end[key]
    path.write_text(yaml.safe_dump(end))
    assert verify(copy.folder).fault == (
        f"end.yaml does not say {key}: it is not what was written when the run ended"
    )
    path.write_text("{}\n")
    assert "does not say frames, final_hash, tick, reason" in str(verify(copy.folder).fault)


def test_a_missing_run_yaml_is_a_fault(copy: Copy) -> None:
    (copy.folder / "run.yaml").unlink()
    assert "run.yaml cannot be read: No such file" in str(verify(copy.folder).fault)


def test_a_record_that_does_not_begin_with_its_start_is_a_fault(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run", meta())
    writer.append([Event("0.world.0", "placed", "Ada", {"x": 0, "y": 0})])
    writer.end_tick(0)
    writer.close("end")
    assert verify(tmp_path / "run").fault == "frame 0 (tick 0) does not begin with run_started"


def test_a_run_that_never_began_is_empty_and_no_fault(tmp_path: Path) -> None:
    RunWriter(tmp_path / "run", meta())
    verdict = verify(tmp_path / "run")
    assert (verdict.frames, verdict.final_hash, verdict.complete, verdict.fault) == (0, NO_HASH, False, None)
    with pytest.raises(BurghError, match="holds nothing yet"):
        _ = open_log(tmp_path / "run").started


def test_big_frames_are_walked_over_too(tmp_path: Path) -> None:
    """Frames of several blocks, compressible and not, longer than one read."""
    writer = RunWriter(tmp_path / "run", meta())
    writer.append([Event("0.engine.0", "run_started", None, started())])
    writer.end_tick(0)
    noise = [frame_hash(str(n).encode()) for n in range(60_000)]
    for tick, text in enumerate(("a" * 3_000_000, "".join(noise), "b"), 1):
        writer.append([Event(f"{tick}.world.0", "said", "Ada", {"words": text})])
        writer.end_tick(tick)
    writer.close("end")
    assert verify(tmp_path / "run").ok
    events = [event for event in open_log(tmp_path / "run").events() if event.kind == "said"]
    assert [len(event.data["words"]) for event in events] == [3_000_000, 3_840_000, 1]
