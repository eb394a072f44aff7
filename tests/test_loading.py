"""How weights are loaded: dtype, attention, adapters, GGUF, what fits, and what is said where not."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from llm_for_tests import answers, call, naive_scores, tiny_llama_config, tiny_model, tiny_tokenizer
from peft import LoraConfig, get_peft_model

from burgh.agents.llm.load import load_model
from burgh.agents.llm.load_options import LoadOptions
from burgh.agents.llm.loading import LocalModel, choose_dtype
from burgh.agents.llm.sizes import Shape, must_fit, shape_of
from burgh.agents.llm.window import window_of
from burgh.sim.protocols import Prompt, ScoreRequest
from burgh.sim.types import BurghError

PROMPT, OPTIONS = Prompt("the town ", "and"), (" the", " or")
CPU, CUDA = torch.device("cpu"), torch.device("cuda")
GIB = 1 << 30
QUERY = "model.layers.1.self_attn.q_proj.weight"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random Llama as transformers saves it."""
    where = tmp_path_factory.mktemp("models") / "tiny"
    tiny_model().network.model.save_pretrained(where)
    tiny_tokenizer().save_pretrained(where)
    return where


@pytest.fixture(scope="module")
def adapters(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two random LoRA adapters for it."""
    made = []
    for seed, name in ((1, "bold"), (2, "shy")):
        where = tmp_path_factory.mktemp("adapters") / name
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            config = LoraConfig(
                r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], init_lora_weights=False
            )
            get_peft_model(tiny_model().network.model, config).save_pretrained(where)
        made.append(where)
    return made[0], made[1]


def loaded(name: str) -> LocalModel:
    model = load_model(name, device="cpu", threads=1)
    assert isinstance(model, LocalModel)
    return model


def scores(model: LocalModel) -> Sequence[float]:
    found: Sequence[float] = answers(model, [ScoreRequest(call(), PROMPT, OPTIONS)])[0].logprobs
    return found


def test_dtype_and_attention_are_as_asked(folder: Path) -> None:
    plain = loaded(str(folder))
    assert plain.identity["dtype"] == "float32"
    half = loaded(f"{folder}?dtype=bfloat16")
    assert half.identity["dtype"] == "bfloat16"
    assert scores(half) == pytest.approx(scores(plain), abs=0.2)
    assert scores(half) != scores(plain)
    eager = loaded(f"{folder}?attention=eager")
    assert eager.network.config._attn_implementation == "eager"
    assert eager.identity["attention"] == "eager"
    assert scores(eager) == pytest.approx(scores(plain), abs=1e-3)


def with_deltas(paths: Sequence[Path]) -> Any:
    """The tiny network, with the products of adapters added to its weights by hand."""
    from safetensors.torch import load_file

    network = tiny_model().network.model
    weights = dict(network.named_parameters())
    for path in paths:
        tensors = load_file(path / "adapter_model.safetensors")
        for key, down in tensors.items():
            if "lora_A" in key:
                up = tensors[key.replace("lora_A", "lora_B")]
                name = key.removeprefix("base_model.model.").replace("lora_A.weight", "weight")
                weights[name].data += (8 / 4) * up @ down
    return network


@pytest.mark.parametrize("which", [(0,), (1,), (0, 1)])
def test_adapters_change_the_weights_by_their_sum(
    folder: Path, adapters: tuple[Path, Path], which: tuple[int, ...]
) -> None:
    paths = [adapters[number] for number in which]
    model = loaded(f"{folder}?adapters={','.join(map(str, paths))}")
    original = tiny_model()
    expected = naive_scores(original, PROMPT, OPTIONS, with_deltas(paths))
    assert scores(model) == pytest.approx(expected, abs=1e-3)
    assert scores(model) != pytest.approx(naive_scores(original, PROMPT, OPTIONS), abs=1e-2)
    named = model.identity["adapters"]
    assert [one["name"] for one in named] == [path.name for path in paths]
    assert all(len(one["sha256"]) == 64 for one in named)
    assert str(folder.parent) not in str(model.identity)


def test_what_is_no_adapter_or_one_of_another_model_is_told(
    folder: Path, adapters: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(BurghError, match="there is no adapter 'bold': name a folder, or a hub name org/name"):
        loaded(f"{folder}?adapters=bold")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BurghError, match=r"the adapter '.*empty' cannot be put on the model"):
        loaded(f"{folder}?adapters={tmp_path / 'empty'}")
    config = tiny_llama_config()
    config.hidden_size, config.head_dim = 64, 16
    tiny_model(config).network.model.save_pretrained(tmp_path / "other")
    tiny_tokenizer().save_pretrained(tmp_path / "other")
    with pytest.raises(BurghError, match=r"the adapter '.*bold' cannot be put on the model"):
        loaded(f"{tmp_path / 'other'}?adapters={adapters[0]}")


def test_how_much_a_model_takes_is_known_before_it_is_loaded(folder: Path) -> None:
    network = tiny_model().network.model
    shape = shape_of("tiny", network.config)
    assert shape.parameters == sum(one.numel() for one in network.parameters())


@pytest.mark.parametrize(
    ("billions", "form", "device", "free", "said"),
    [
        (
            8,
            "bfloat16",
            CUDA,
            12 * GIB,
            "org/big?quantise=8bit would: quantise=8bit (9.4 GiB), quantise=4",
        ),
        (8, "bfloat16", CUDA, 7 * GIB, "org/big?quantise=4bit would: quantise=4bit (5.6 GiB)"),
        (
            8,
            "bfloat16",
            CUDA,
            3 * GIB,
            "choose a model of at most 4.3 billion parameters, or one on",
        ),
        (3, "float32", CPU, 8 * GIB, "org/big?dtype=bfloat16 would: dtype=bfloat16 (6.4 GiB)"),
        (8, "float32", CPU, 8 * GIB, "choose a model of at most 3.7 billion parameters"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(
    billions: int, form: str, device: torch.device, free: int, said: str
) -> None:
    with pytest.raises(BurghError) as caught:
        must_fit(Shape("org/big", billions * 10**9), form, device, free)
    assert said in str(caught.value)
    assert f"of {billions}.00 billion parameters takes" in str(caught.value)
    must_fit(Shape("org/big", billions * 10**9), form, device, 1000 * GIB)
    must_fit(Shape("org/big", billions * 10**9), form, device, None)


def test_a_model_that_does_not_fit_is_not_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from burgh.agents.llm import loading

    monkeypatch.setattr(loading, "free_bytes", lambda device: 1000)
    with pytest.raises(BurghError, match=r"takes 0\.\d MiB as float32, and on cpu 0\.0 MiB are free: choose"):
        loaded(str(folder))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            "dtype=float8",
            "dtype='float8' is not right: it should be 'auto', 'float32', 'bfloat16'",
        ),
        ("dtyp=float32", "have no option 'dtyp' (did you mean 'dtype'?): there are dtype, device, attention"),
        ("device=gpu", "'gpu' is not a device"),
        ("context=1", "context='1' is not right"),
    ],
)
def test_options_that_are_none_are_told(folder: Path, options: str, said: str) -> None:
    with pytest.raises(BurghError) as caught:
        loaded(f"{folder}?{options}")
    assert said in str(caught.value)


def test_quantising_needs_its_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)  # not to be imported, installed or not
    with pytest.raises(BurghError, match="quantise=4bit needs bitsandbytes: install burgh with"):
        loaded(f"{folder}?quantise=4bit")


@pytest.mark.parametrize(
    ("method", "more", "package"),
    [
        ("gptq", {"bits": 4, "group_size": 32}, "optimum"),
        ("awq", {"bits": 4, "group_size": 32, "zero_point": True}, "gptqmodel"),
        ("bitsandbytes", {"load_in_4bit": True}, "bitsandbytes"),
        ("compressed-tensors", {}, "compressed_tensors"),
    ],
)
def test_weights_that_are_quantised_need_the_package_that_reads_them(
    folder: Path, tmp_path: Path, method: str, more: dict[str, Any], package: str
) -> None:
    """As a model's own config says; what was seen where each is installed stands in docs/models.md."""
    if find_spec(package) is not None:
        pytest.skip(f"{package} is installed: that its absence is told was NOT tried")
    where = with_config(folder, tmp_path, {"quant_method": method, **more})
    with pytest.raises(BurghError, match=rf"cannot load the language model .*{package.replace('_', '.')}"):
        loaded(str(where))


def test_weights_quantised_in_no_known_way_are_refused(folder: Path, tmp_path: Path) -> None:
    where = with_config(folder, tmp_path, {"quant_method": "squeezed"})
    with pytest.raises(
        BurghError, match=r"quantised in a way \('squeezed'\) that transformers does not know"
    ):
        loaded(str(where))


def with_config(folder: Path, tmp_path: Path, quantised: dict[str, Any]) -> Path:
    """The tiny model, with a config that says that its weights are quantised."""
    where = tmp_path / "quantised"
    shutil.copytree(folder, where)
    config = json.loads((where / "config.json").read_text())
    (where / "config.json").write_text(json.dumps({**config, "quantization_config": quantised}))
    return where


def test_compiling_without_a_compiler_is_told(folder: Path) -> None:
    import torch._inductor.config as inductor

    said = r"is loaded, but cannot be run \(.*No working C\+\+ compiler found.*\): leave out compile"
    with inductor.patch({"cpp.cxx": (None, "/nowhere/c++")}), pytest.raises(BurghError, match=said):
        loaded(f"{folder}?compile=true")


def test_layers_of_one_kind_are_compiled_once_and_answer_as_before(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each layer for itself took the embedded model more than eight minutes."""
    sizes: list[int] = []

    def counted(graph: Any, inputs: Any) -> Any:
        sizes.append(len(graph.graph.nodes))
        return graph.forward

    def compiles(module: Any, **how: Any) -> None:
        module._compiled_call_impl = torch.compile(module._call_impl, backend=counted, **how)

    monkeypatch.setattr(torch.nn.Module, "compile", compiles)
    config = tiny_llama_config()
    config.num_hidden_layers = 6
    tiny_model(config).network.model.save_pretrained(tmp_path / "six")
    tiny_tokenizer().save_pretrained(tmp_path / "six")
    compiled = []
    for where in (folder, tmp_path / "six"):
        torch.compiler.reset()
        sizes.clear()
        found = scores(loaded(f"{where}?compile=true"))
        compiled.append(sum(sizes))
        assert found == pytest.approx(scores(loaded(str(where))), abs=1e-3)
    assert compiled[0] == compiled[1] > 0
    torch.compiler.reset()


def broken(folder: Path, where: Path, how: str) -> Path:
    """The tiny model with one of its matrices changed."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, where)
    tensors = load_file(where / "model.safetensors")
    if how == "missing":
        del tensors[QUERY]
    elif how == "other":
        tensors[QUERY] = torch.zeros(8, 32)
    else:
        tensors[QUERY][3, 3] = torch.nan
    save_file(tensors, where / "model.safetensors", metadata={"format": "pt"})
    return where


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("missing", f"are not whole: there is no {QUERY}"),
        ("other", f"do not have the shapes that its config says: {QUERY}"),
        ("nan", f"are not all numbers: see {QUERY}"),
    ],
)
def test_weights_that_are_not_whole_are_told(
    folder: Path, tmp_path: Path, how: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Else they would be drawn at random, anew with each run, and answer."""
    with pytest.raises(BurghError) as caught:
        loaded(str(broken(folder, tmp_path / "broken", how)))
    assert str(caught.value).endswith(said)
    assert capfd.readouterr() == ("", ""), "and nothing is said besides"


def test_a_draft_model_of_other_tokens_or_of_no_name_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BurghError, match="there is no draft model 'none': name a folder, a hub name"):
        loaded(f"{folder}?draft=none")
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(["market"])
    tokenizer.save_pretrained(other)
    with pytest.raises(BurghError, match=r"the draft model '.*other' has other tokens than '.*tiny': choose"):
        loaded(f"{folder}?draft={other}")
    assert loaded(f"{folder}?draft={folder}").identity["draft"] == folder.name


def test_a_kernel_that_cannot_take_the_weights_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """bitsandbytes on a processor, of weights narrower than its blocks: it fails in the first pass."""
    from burgh.agents.llm import loading

    def fails(model: Any) -> Any:
        raise RuntimeError("shape '[32, 0]' is invalid for input of size 16\nmore of it")

    monkeypatch.setattr(loading, "make_network", fails)
    with pytest.raises(BurghError) as caught:
        loaded(f"{folder}?attention=eager")
    assert str(caught.value).endswith(
        "is loaded, but cannot be run (shape '[32, 0]' is invalid for input of size 16): leave out attention"
    )


def test_beside_quantised_weights_all_else_is_bfloat16() -> None:
    assert choose_dtype(LoadOptions(quantise="8bit"), CPU) is torch.bfloat16
    assert choose_dtype(LoadOptions(quantise="4bit", dtype="float32"), CPU) is torch.float32
    assert choose_dtype(LoadOptions(), CPU) is torch.float32


def test_a_gguf_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BurghError, match=r"there is no file .*none\.gguf"):
        load_model(str(tmp_path / "none.gguf"))
    (tmp_path / "torn.gguf").write_bytes(b"GGUF")
    for name in (str(tmp_path / "torn.gguf"), str(tmp_path)):
        with pytest.raises(BurghError, match="cannot load the language model"):
            load_model(name)
    with pytest.raises(BurghError, match=r"none\.gguf cannot be read: No such file"):
        load_model(f"{tmp_path}?file=none.gguf")
    (tmp_path / "torn.gguf").unlink()
    with pytest.raises(BurghError, match=r"there is no config\.json in it, nor a \.gguf file"):
        load_model(str(tmp_path))


def test_a_local_model_says_what_it_holds(folder: Path) -> None:
    window = window_of(loaded(str(folder)))
    assert window is not None
    assert window.tokens == 512
    smaller = loaded(f"{folder}?context=100")
    assert window_of(smaller) is not None
    assert smaller.window is not None
    assert smaller.window.tokens == 100
    assert smaller.identity["context"] == 100
    assert smaller.window.count("the town") == len(smaller.encoder.tokens("the town"))
