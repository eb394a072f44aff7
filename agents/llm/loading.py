"""From a name to a loaded transformers model: known weights, a hub name, a local folder or a GGUF file."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from burgh.agents.llm.adapters import adapter_identity, with_adapters
from burgh.agents.llm.compiling import compile_layers
from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.load import EMBEDDED, GGUF, is_place
from burgh.agents.llm.load_options import LoadOptions
from burgh.agents.llm.names import read_options
from burgh.agents.llm.network import Network
from burgh.agents.llm.packing import pack_linears
from burgh.agents.llm.sizes import form_of, free_bytes, must_fit, shape_of
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.agents.llm.whole import must_be_whole
from burgh.agents.llm.window import Window
from burgh.sim import weights
from burgh.sim.types import BurghError, Json

CPU_PASS_TOKENS, GPU_PASS_TOKENS = 512, 16_384
CPU_ROWS, GPU_ROWS = 48, 256  # replies written at once
CPU_CACHE_TOKENS = 12_288  # a processor computes no more at a time, and its memory is everyone's
CPU_SHARE, GPU_SHARE = 0.25, 0.6  # of the memory (of a graphics card: what the weights leave of it)
DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True, slots=True)
class Source:
    """Where weights are. where: what transformers takes. file: the GGUF file there, or None."""

    name: str
    where: str
    file: str | None

    @property
    def folder(self) -> Path | None:
        return Path(self.where) if Path(self.where).is_dir() else None

    @property
    def shown(self) -> str:
        """Its name in the record: without the folder it is in."""
        if self.file is not None and self.folder is not None:
            return self.file
        return Path(self.name).name if Path(self.name).is_dir() else self.name

    def weights_hash(self) -> str | None:
        """The sha256 of weights that are on this machine; None for a hub's."""
        if self.folder is None:
            return None
        return weights.file_hash(self.folder / self.file) if self.file else weights.weight_hash(self.folder)


def source_of(name: str, file: str | None = None) -> Source:
    """Where the weights of that name are. Raises BurghError where they are not on this machine and could not
    be fetched."""
    if Path(name).suffix == GGUF:
        if not Path(name).is_file():
            raise BurghError(f"there is no file {name}: a name that ends in {GGUF} is a path")
        return Source(name, str(Path(name).parent), Path(name).name)
    where = weights.resolve(name)
    if file is None and Path(where).is_dir() and not (Path(where) / "config.json").is_file():
        file = next((path.name for path in sorted(Path(where).glob(f"*{GGUF}"))), None)
    return Source(name, where, file)


class LocalModel(TransformersModel):
    """A model on this machine, that says how it was loaded where that was not as usual, and what it holds."""

    how: Mapping[str, Json] = {}
    most_tokens: int | None = None

    @property
    def identity(self) -> Mapping[str, Json]:
        return {**super().identity, **self.how}

    @property
    def window(self) -> Window | None:
        own = getattr(self.network.config, "max_position_embeddings", None)
        known = [tokens for tokens in (own, self.most_tokens) if tokens is not None]
        return Window(min(known), lambda text: len(self.encoder.tokens(text))) if known else None


def load_transformers(
    name: str,
    *,
    device: str = "auto",
    threads: int | None = None,
    options: LoadOptions | None = None,
) -> LocalModel:
    """A language model by known name, hub name (org/name), local folder or GGUF file. Raises BurghError.

    device: "auto" takes a graphics card where there is one. threads: of the processor, all where None.
    """
    options = options or LoadOptions()
    source = source_of(name, options.file)
    chosen = choose_device(device)
    if threads is not None:
        torch.set_num_threads(threads)
    weights_hash = source.weights_hash()
    if options.draft is not None and not is_place(options.draft) and options.draft not in weights.PACKAGED:
        raise BurghError(
            f"--model: there is no draft model {options.draft!r}: name a folder, a hub name org/name, or one"
            f" of {', '.join(weights.PACKAGED)}"
        )
    tokenizer, model = _from_pretrained(source, chosen, options)
    draft = None if options.draft is None else _draft(options.draft, source, tokenizer, chosen, options)
    loaded = LocalModel(
        _network(source, model, options),
        Encoder(tokenizer, _stops(model, tokenizer)),
        name=source.shown,
        weights_hash=str(model.config._commit_hash or "") if weights_hash is None else weights_hash,
        threads=threads,
        draft=draft,
    )
    loaded.how, loaded.most_tokens = _how(options), options.context
    return loaded


def _draft(name: str, source: Source, tokenizer: Any, device: torch.device, options: LoadOptions) -> Any:
    """The draft model. Raises BurghError for one of other tokens, whose drafts would mean something else."""
    own, draft = _from_pretrained(source_of(name), device, LoadOptions(dtype=options.dtype))
    if own.get_vocab() != tokenizer.get_vocab():
        raise BurghError(
            f"the draft model {name!r} has other tokens than {source.name!r}: choose a smaller model of the"
            " same family"
        )
    return draft


def _network(source: Source, model: Any, options: LoadOptions) -> Network:
    """The network, which is run once to see what it does: here it shows whether it can be run at all."""
    try:
        return make_network(model)
    except BurghError:
        raise
    except Exception as error:  # no compiler, no kernel for these shapes: each library has its own
        unusual = [name for name in ("compile", "quantise", "attention") if name in _how(options)]
        without = f": leave out {' and '.join(unusual)}" if unusual else ""
        raise BurghError(
            f"the language model {source.name!r} is loaded, but cannot be run ({_reason(error)}){without}"
        ) from None


def _how(options: LoadOptions) -> dict[str, Json]:
    """What of the options determines replies, where it is not the usual: the dtype is told anyway."""
    found: dict[str, Json] = {}
    if options.attention != "auto":
        found["attention"] = options.attention
    if options.compile:
        found["compile"] = True
    if options.quantise != "none":
        found["quantise"] = options.quantise
    if options.context is not None:
        found["context"] = options.context
    if options.draft is not None:
        found["draft"] = source_of(options.draft).shown
    if options.adapters:
        found["adapters"] = adapter_identity(options.adapters)
    return found


def choose_device(device: str) -> torch.device:
    """The device meant. Raises BurghError when there is none such here."""
    kind = device.partition(":")[0]
    if kind not in DEVICES:
        raise BurghError(f"{device!r} is not a device: write one of {', '.join(DEVICES)}")
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if device == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    if (kind == "cuda" and not cuda) or (kind == "mps" and not mps):
        raise BurghError(
            f"there is no device {device!r} on this machine: write cpu, or auto for what there is"
        )
    return torch.device(device)


def choose_dtype(options: LoadOptions, device: torch.device) -> torch.dtype:
    """What weights are held in: auto is bfloat16 on a graphics card and beside weights that are quantised
    here, float32 on a processor."""
    if options.dtype != "auto":
        named: torch.dtype = getattr(torch, options.dtype)
        return named
    return torch.bfloat16 if device.type == "cuda" or options.quantise != "none" else torch.float32


def make_network(model: Any) -> Network:
    """A network with a cache of the size that its device allows."""
    device = torch.device(model.device)
    if device.type == "cpu":
        return Network(
            model,
            cache_bytes=cache_bytes(device),
            most_tokens=CPU_CACHE_TOKENS,
            pass_tokens=CPU_PASS_TOKENS,
            max_rows=CPU_ROWS,
        )
    return Network(model, cache_bytes=cache_bytes(device), pass_tokens=GPU_PASS_TOKENS, max_rows=GPU_ROWS)


def cache_bytes(device: torch.device) -> int:
    """What keys and values may take: of replies being written, and of prompts kept for others."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free * GPU_SHARE)
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * CPU_SHARE)


def _from_pretrained(source: Source, device: torch.device, options: LoadOptions) -> tuple[Any, Any]:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()  # what is wrong is said in a sentence of ours
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it tells of each try to reach the hub
    dtype = choose_dtype(options, device)
    more: dict[str, Any] = {"dtype": dtype}
    if options.attention != "auto":
        more["attn_implementation"] = options.attention
    if options.quantise != "none":
        more |= {"quantization_config": _bitsandbytes(options, dtype), "device_map": {"": device}}
    gguf = {} if source.file is None else {"gguf_file": source.file}
    if gguf:
        _read_gguf_quietly()
    try:
        config = AutoConfig.from_pretrained(source.where, **gguf)
        quantised = getattr(config, "quantization_config", None) is not None or options.quantise != "none"
        if not quantised or options.quantise != "none":
            must_fit(shape_of(source.name, config), form_of(options, dtype), device, free_bytes(device))
        tokenizer = AutoTokenizer.from_pretrained(source.where, padding_side="left", **gguf)
        model, read = AutoModelForCausalLM.from_pretrained(
            source.where, output_loading_info=True, ignore_mismatched_sizes=True, **more, **gguf
        )
    except BurghError:
        raise
    except Exception as error:  # torn files, unknown kinds, no network: each library has its own
        raise BurghError(f"cannot load the language model {source.name!r}: {_reason(error)}") from None
    if quantised and source.file is None and getattr(model, "hf_quantizer", None) is None:
        method = dict(config.quantization_config).get("quant_method", "")
        raise BurghError(
            f"the weights of the language model {source.name!r} are quantised in a way ({method!r}) that"
            " transformers does not know: choose another form of it"
        )
    must_be_whole(source.name, model, read)
    if options.adapters:
        if quantised and source.file is None:
            raise BurghError(
                f"adapters are merged into weights, and those of {source.name!r} are quantised: load them in"
                " another form"
            )
        model = with_adapters(model, options.adapters)
    model = model.eval() if options.quantise != "none" else model.to(device).eval()
    if options.compile:
        compile_layers(model)
    elif device.type == "cpu":
        pack_linears(model)
    return tokenizer, model


def _reason(error: Exception) -> str:
    """What an error of another library says, in a line."""
    said = str(error).strip().splitlines()
    return said[0].rstrip(".:") if said else type(error).__name__


def _bitsandbytes(options: LoadOptions, dtype: torch.dtype) -> Any:
    try:
        import bitsandbytes  # noqa: F401
    except ImportError:
        raise BurghError(
            f"quantise={options.quantise} needs bitsandbytes: install burgh with the extra 'quantised'"
        ) from None
    from transformers import BitsAndBytesConfig

    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it tells of each layer that it casts
    eight = options.quantise == "8bit"
    return BitsAndBytesConfig(load_in_8bit=eight, load_in_4bit=not eight, bnb_4bit_compute_dtype=dtype)


def _read_gguf_quietly() -> None:
    """Without the progress bar that transformers shows whatever it is told."""
    from transformers import modeling_gguf_pytorch_utils as reading

    if hasattr(reading, "tqdm"):
        reading.tqdm = lambda tensors, **_: tensors


def _stops(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end a text, as the model and its tokenizer name them."""
    named = (getattr(model.generation_config, "eos_token_id", None), tokenizer.eos_token_id)
    stops: list[int] = []
    for one in named:
        stops += one if isinstance(one, list) else [] if one is None else [one]
    return stops


def make(name: str, *, device: str, threads: int | None, seed: int, **options: str) -> LocalModel:
    """The backend `transformers` of the group `burgh.models`. A model has no seed: requests have."""
    read = read_options(LoadOptions, options, "transformers")
    return load_transformers(name, device=device, threads=threads, options=read)


def make_embedded(name: str, *, device: str, threads: int | None, seed: int, **options: str) -> LocalModel:
    """The model that burgh brings its own weights for."""
    return make(EMBEDDED, device=device, threads=threads, seed=seed, **options)
