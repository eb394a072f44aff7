"""From a name to a loaded transformers model: known weights, a hub name, or a local folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.load import EMBEDDED
from burgh.agents.llm.network import Network
from burgh.agents.llm.packing import pack_linears
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.sim import weights
from burgh.sim.types import BurghError

CPU_PASS_TOKENS, GPU_PASS_TOKENS = 512, 16_384
CPU_ROWS, GPU_ROWS = 48, 256  # replies written at once
CPU_CACHE_TOKENS = 12_288  # a processor computes no more at a time, and its memory is everyone's
CPU_SHARE, GPU_SHARE = 0.25, 0.6  # of the memory (of a graphics card: what the weights leave of it)
DEVICES = ("auto", "cpu", "cuda", "mps")


def load_transformers(name: str, *, device: str = "auto", threads: int | None = None) -> TransformersModel:
    """A language model by known name, hub name (org/name) or local folder. Raises BurghError.

    device: "auto" takes a graphics card where there is one. threads: of the processor, all where None.
    """
    where = weights.resolve(name)
    folder = Path(where)
    chosen = choose_device(device)
    if threads is not None:
        torch.set_num_threads(threads)
    local_hash = weights.weight_hash(folder) if folder.is_dir() else None
    tokenizer, model = _from_pretrained(name, where, chosen)
    return TransformersModel(
        make_network(model),
        Encoder(tokenizer, _stops(model, tokenizer)),
        name=Path(name).name if folder.is_dir() else name,
        weights_hash=str(model.config._commit_hash or "") if local_hash is None else local_hash,
        threads=threads,
    )


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


def _from_pretrained(name: str, where: str, device: torch.device) -> tuple[Any, Any]:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, padding_side="left")
        model = AutoModelForCausalLM.from_pretrained(where, dtype=dtype)
    except Exception as error:  # torn files, unknown kinds, no network: each library has its own
        reason = (
            str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
        )
        raise BurghError(f"cannot load the language model {name!r}: {reason}") from None
    model = model.to(device).eval()
    if device.type == "cpu":
        pack_linears(model)
    return tokenizer, model


def _stops(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end a text, as the model and its tokenizer name them."""
    named = (getattr(model.generation_config, "eos_token_id", None), tokenizer.eos_token_id)
    stops: list[int] = []
    for one in named:
        stops += one if isinstance(one, list) else [] if one is None else [one]
    return stops


def make(name: str, *, device: str, threads: int | None, seed: int) -> TransformersModel:
    """The backend `transformers` of the group `burgh.models`. A model has no seed: requests have."""
    return load_transformers(name, device=device, threads=threads)


def make_embedded(name: str, *, device: str, threads: int | None, seed: int) -> TransformersModel:
    """The model that burgh brings its own weights for."""
    return load_transformers(EMBEDDED, device=device, threads=threads)
