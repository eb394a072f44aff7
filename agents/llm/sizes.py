"""Whether a model fits, before it is loaded: from its config, and from what is free on the device."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from burgh.agents.llm.load_options import LoadOptions
from burgh.sim.types import BurghError

GIBIBYTE = 1 << 30
BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "8bit": 1.1, "4bit": 0.65}  # of a parameter
RESERVE = 1.15  # for what the passes themselves take, and the keys and values of a small batch
MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Shape:
    """parameters: of all weights. name: as it was asked for."""

    name: str
    parameters: int

    def needs(self, form: str) -> int:
        """Bytes that it takes in a form (a key of BYTES), with room to work in."""
        return int(self.parameters * BYTES[form] * RESERVE)


def shape_of(name: str, config: Any) -> Shape:
    """How many parameters a config stands for: the network is built without memory for its weights."""
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config)
    return Shape(name, sum(one.numel() for one in network.parameters()))


def free_bytes(device: torch.device) -> int | None:
    """What is free on a device; None where that cannot be told."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free)
    try:
        for line in MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def must_fit(shape: Shape, form: str, device: torch.device, free: int | None) -> None:
    """Raises BurghError where a model does not fit into what is free, with what would. form: that was asked
    for."""
    if free is None or (needed := shape.needs(form)) <= free:
        return
    others = [one for one in _forms(form, device) if shape.needs(one) <= free]
    if others:
        listed = ", ".join(f"{_option(one)} ({_size(shape.needs(one))})" for one in others)
        would = f"{shape.name}?{_option(others[0])} would: {listed}"
    else:
        most = free / (BYTES["4bit" if device.type == "cuda" else "bfloat16"] * RESERVE)
        would = f"choose a model of at most {most / 1e9:.1f} billion parameters, or one on a server"
    raise BurghError(
        f"the language model {shape.name!r} of {shape.parameters / 1e9:.2f} billion parameters takes"
        f" {_size(needed)} as {form}, and on {device.type} {_size(free)} are free: {would}"
    )


def _forms(asked: str, device: torch.device) -> Sequence[str]:
    """Smaller forms than one, the largest first. bitsandbytes is for graphics cards."""
    forms = ("bfloat16", "8bit", "4bit") if device.type == "cuda" else ("bfloat16",)
    return [one for one in forms if BYTES[one] < BYTES[asked]]


def _option(form: str) -> str:
    return f"quantise={form}" if form.endswith("bit") else f"dtype={form}"


def _size(count: int) -> str:
    return f"{count / GIBIBYTE:.1f} GiB" if count >= GIBIBYTE / 10 else f"{count / (1 << 20):.1f} MiB"


def form_of(options: LoadOptions, dtype: torch.dtype) -> str:
    """The form (a key of BYTES) that weights are loaded in."""
    return options.quantise if options.quantise != "none" else str(dtype).removeprefix("torch.")
