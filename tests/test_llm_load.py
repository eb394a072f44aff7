"""From a name to a model: known names, hub names, folders, strangers' backends, and the faults of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
from llm_for_tests import END, answers, call, naive_scores, tiny_model, tiny_tokenizer

from burgh.agents.llm import load, loading
from burgh.agents.llm.load import known_names, load_model
from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.sim.protocols import LanguageModel, Prompt, ScoreRequest
from burgh.sim.types import BurghError


def stranger(name: str, *, device: str, threads: int | None, seed: int) -> LanguageModel:
    """A backend such as someone else's package would bring."""
    return ScriptedModel(seed + 100)


@pytest.fixture
def with_strangers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if two packages with backends were installed, of which one is broken."""
    package = ModuleType("strange_package")
    monkeypatch.setattr(package, "make", stranger, raising=False)
    monkeypatch.setitem(sys.modules, "strange_package", package)
    points = [
        EntryPoint("strange", "strange_package:make", load.GROUP),
        EntryPoint("broken", "no_such_package:make", load.GROUP),
    ]
    monkeypatch.setattr(load, "entry_points", lambda group: points)
    load.backends.cache_clear()
    yield
    load.backends.cache_clear()


def test_the_known_names() -> None:
    assert {"scripted", "embedded", "smollm2-135m"} <= set(known_names())
    assert load_model("scripted", seed=7).identity["seed"] == 7


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("scriptd", "no language model is called 'scriptd' (did you mean 'scripted'?): known are embedded,"),
        ("smollm2", "(did you mean 'smollm2-135m'?)"),
        ("xyzzy", "no language model is called 'xyzzy': known are"),
        ("./nowhere", "no language model is called './nowhere'"),
        ("/no/such/folder", "no language model is called '/no/such/folder'"),
        ("", "no language model is called ''"),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones_and_the_nearest(name: str, sentence: str) -> None:
    with pytest.raises(BurghError) as caught:
        load_model(name)
    assert sentence in str(caught.value)


def test_a_folder_without_a_model_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match=r"holds no language model: there is no config\.json"):
        load_model(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BurghError, match="cannot load the language model"):
        load_model(str(tmp_path))


def test_a_device_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match="'gpu' is not a device: write one of auto, cpu, cuda, mps"):
        loading.choose_device("gpu")
    assert str(loading.choose_device("cpu")) == "cpu"


def test_weights_that_were_not_pulled_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURGH_HOME", str(tmp_path))
    with pytest.raises(BurghError) as caught:
        load_model("embedded")
    assert "run `burgh models pull smollm2-135m` while online" in str(caught.value)
    assert str(tmp_path / "models" / "smollm2-135m") in str(caught.value)


def test_a_special_tokens_name_within_a_text_is_text() -> None:
    encoder = tiny_model().encoder
    assert encoder.tokenizer(END)["input_ids"] == [0], "so a tokenizer reads it, left to itself"
    for text in (END, f"Anna says: {END} and"):
        assert not encoder.ends & set(encoder.tokens(text))
        assert encoder.text(encoder.tokens(text)) == text


def test_a_local_folder_is_loaded_and_its_path_is_no_part_of_its_identity(tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    original = tiny_model()
    original.network.model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    model = load_model(str(folder), device="cpu", threads=1)
    assert isinstance(model, TransformersModel)
    assert model.name == "my-model"
    assert len(str(model.identity["weights_sha256"])) == 64
    assert str(tmp_path) not in str(model.identity)
    prompt, options = Prompt("the town ", "and"), (" the", " or")
    scores = answers(model, [ScoreRequest(call(), prompt, options)])[0]
    assert scores.logprobs == pytest.approx(naive_scores(original, prompt, options), abs=1e-3)
    model.close()


def test_strangers_bring_their_own_backends(with_strangers: None) -> None:
    assert "strange" in known_names()
    assert load_model("strange", seed=1).identity["seed"] == 101
    with pytest.raises(
        BurghError, match=r"the model backend 'broken' \(no_such_package:make\) cannot be loaded"
    ):
        load_model("broken")
