"""Vectors on disk from run to run: the same bits, never another machine's, and never a fault."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from burgh.memory.kept import Kept
from burgh.memory.score import Vectors
from burgh.memory.shelf import FOLDER, PROBE, Shelf

IDENTITY = {"embedder": "letters", "dimension": 3}


class Letters:
    """Counts letters, and how often it was asked."""

    def __init__(self, more: float = 0.0) -> None:
        self.asked: list[str] = []
        self.more = more

    def __call__(self, text: str) -> Vectors:
        if text != PROBE:
            self.asked.append(text)
        return np.array([text.count("a"), len(text), self.more], dtype=np.float32)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BURGH_HOME", str(tmp_path))
    return tmp_path


def kept(letters: Letters) -> tuple[Kept, Shelf]:
    shelf = Shelf(IDENTITY, letters)
    return Kept(shelf=shelf), shelf


def test_what_one_run_computed_the_next_knows() -> None:
    first = Letters()
    vectors, shelf = kept(first)
    before = vectors.vectors(["banana", "fig", "banana"], first, 3)
    shelf.write()
    again = Letters()
    vectors, _ = kept(again)
    assert vectors.vectors(["fig", "banana", "pear"], again, 3)[:2].tobytes() == before[[1, 0]].tobytes()
    assert (first.asked, again.asked) == (["banana", "fig"], ["pear"])


def test_what_another_machine_computed_is_not_taken() -> None:
    first = Letters()
    vectors, shelf = kept(first)
    vectors.vectors(["banana"], first, 3)
    shelf.write()
    other = Letters(more=1e-7)
    vectors, _ = kept(other)
    assert vectors.vectors(["banana"], other, 3)[0, 2] == np.float32(1e-7)
    assert other.asked == ["banana"]


def test_a_damaged_vector_is_computed_again(home: Path) -> None:
    first = Letters()
    vectors, shelf = kept(first)
    vectors.vectors(["banana"], first, 3)
    shelf.write()
    (file,) = (home / FOLDER).glob("*.sqlite")
    with sqlite3.connect(file) as database:
        database.execute(
            "UPDATE vectors SET vector = x'00112233445566778899aabbccddeeff0011' WHERE rowid > 1"
        )
    database.close()
    again = Letters()
    vectors, _ = kept(again)
    assert vectors.vectors(["banana"], again, 3).tolist() == [[3.0, 6.0, 0.0]]
    assert again.asked == ["banana"]


def test_a_file_that_is_none_and_a_folder_that_cannot_be_are_no_fault(home: Path) -> None:
    first = Letters()
    vectors, shelf = kept(first)
    vectors.vectors(["banana"], first, 3)
    shelf.write()
    (file,) = (home / FOLDER).glob("*.sqlite")
    for path in (home / FOLDER).iterdir():
        path.unlink()
    file.write_bytes(b"no database" * 100)
    vectors, shelf = kept(first)
    assert vectors.vectors(["banana"], first, 3).tolist() == [[3.0, 6.0, 0.0]]
    shelf.write()
    file.unlink()
    (home / FOLDER).rmdir()
    (home / FOLDER).write_text("a file")
    vectors, shelf = kept(first)
    assert vectors.vectors(["fig"], first, 3).tolist() == [[0.0, 3.0, 0.0]]
