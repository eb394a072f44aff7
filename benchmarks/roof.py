"""Decoding held against the memory's bandwidth: random weights of real shapes, counted bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from burgh.agents.llm.lanes import Lanes
from burgh.agents.llm.layout import Span
from burgh.agents.llm.loading import cache_bytes
from burgh.agents.llm.network import Network
from burgh.agents.llm.packing import pack_linears
from burgh.agents.llm.transformers_backend import TransformersModel

BATCH, CONTEXT, STEPS, WARM = 64, 512, 16, 4
COPIED_BYTES = 1 << 28
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A Llama of these sizes (Qwen 2.5 0.5B and 3B, Llama 3 8B, and one that a test can run)."""

    name: str
    hidden: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    vocabulary: int


def shapes() -> dict[str, Shape]:
    return {
        "tiny": Shape("tiny", 64, 128, 2, 4, 2, 512),
        "0.5b": Shape("0.5b", 896, 4864, 24, 14, 2, 151_936),
        "3b": Shape("3b", 2048, 11_008, 36, 16, 2, 151_936),
        "8b": Shape("8b", 4096, 14_336, 32, 32, 8, 128_256),
    }


@dataclass(frozen=True, slots=True)
class Roof:
    """step_ms: of one token for each of `batch` rows with CONTEXT before it, the median of STEPS; roof_ms:
    what reading all weights and all keys and values once takes at the measured bandwidth. overhead: the share
    of the step outside of the forward pass."""

    shape: str
    batch: int
    dtype: str
    step_ms: float
    roof_ms: float
    bandwidth_gb_s: float
    overhead: float

    def row(self) -> tuple[str, ...]:
        share = self.roof_ms / self.step_ms
        cells = (f"{self.step_ms:.1f}", f"{self.roof_ms:.1f}", f"{share:.0%}", f"{self.overhead:.1%}")
        return (f"{self.shape}, {self.dtype}", str(self.batch), *cells)


def make_network(shape: Shape, device: torch.device) -> Network:
    """Random weights of that shape, in bf16 on a graphics card and in fp32 elsewhere."""
    from transformers import AutoModelForCausalLM, LlamaConfig

    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        max_position_embeddings=4096,
        tie_word_embeddings=False,
    )
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    with torch.device(device), torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config, dtype=dtype).eval()
    if device.type == "cpu":
        pack_linears(model)
    return Network(
        model,
        cache_bytes=cache_bytes(device),
        most_tokens=BATCH * (CONTEXT + 4 * STEPS),
        pass_tokens=4096,
        max_rows=BATCH,
    )


def bandwidth(device: torch.device, now: Clock) -> float:
    """Bytes a second that a copy reads and writes."""
    source = torch.ones(COPIED_BYTES // 4, device=device)
    target = torch.empty_like(source)
    best = float("inf")
    for _ in range(6):
        begin = now()
        target.copy_(source)
        best = min(best, now() - begin)
    return 2 * COPIED_BYTES / best


@torch.inference_mode()
def decode_against_roof(shape: Shape, device: torch.device) -> Roof:
    """Times steps of BATCH rows that share nothing."""
    now = _clock(device)
    network = make_network(shape, device)
    context = CONTEXT if device.type == "cuda" else CONTEXT // 8
    lanes = Lanes(network.pool, fused=network.fused)
    fresh = iter(range(1, network.cache_tokens + 1))
    paths = [[next(fresh) for _ in range(context)] for _ in range(BATCH)]
    for path in paths:
        network.prefill([Span(path, context)], [[1 + n % 7 for n in range(context)]])
    lanes.join(paths)
    taken, inside = [], []
    tokens = [3] * BATCH
    for _ in range(WARM + STEPS):
        begin = now()
        step = lanes.step([next(fresh) for _ in range(BATCH)])
        before = now()
        states = network.run(tokens, step)
        logits = network.logits(states)
        after = now()
        tokens = logits.argmax(dim=-1).tolist()
        taken.append(now() - begin)
        inside.append(after - before)
    middle = sorted(taken[WARM:])[STEPS // 2]
    own = 1 - sum(inside[WARM:]) / sum(taken[WARM:])
    parameters = sum(one.nbytes for one in network.model.parameters())
    parameters -= network.model.get_input_embeddings().weight.nbytes  # of which a step reads a few rows
    packed = sum(
        getattr(one, "in_features", 0) * getattr(one, "out_features", 0) * 4
        for one in network.model.modules()
        if type(one).__name__ == "PackedLinear"
    )
    read = parameters + packed + BATCH * (context + WARM + STEPS) * network.bytes_per_token
    speed = bandwidth(device, now)
    return Roof(
        shape.name,
        BATCH,
        str(network.model.dtype).removeprefix("torch."),
        middle * 1e3,
        read / speed * 1e3,
        speed / 1e9,
        own,
    )


def _clock(device: torch.device) -> Clock:
    if device.type != "cuda":
        return time.process_time

    def now() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return now


def overhead_of_steps(model: TransformersModel, work: Callable[[], Any], now: Clock) -> tuple[float, float]:
    """Seconds of some work in all, and of them in the network's forward passes and its head."""
    network = model.network
    inside = 0.0

    def timed(inner: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            nonlocal inside
            begin = now()
            found = inner(*arguments)
            inside += now() - begin
            return found

        return called

    work()  # grammars are compiled once
    kept = (network.run, network.logits)
    network.run, network.logits = timed(network.run), timed(network.logits)  # type: ignore[method-assign]
    try:
        begin = now()
        work()
        seconds = now() - begin
    finally:
        network.run, network.logits = kept  # type: ignore[method-assign]
    return seconds, inside
