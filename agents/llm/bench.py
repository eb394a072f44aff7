"""Measures a language model and the hardware under it: how fast it is, and how fast it could be."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from burgh.agents.llm.load import load_model
from burgh.sim.protocols import Call, CompleteRequest, Completion, LanguageModel, Prompt, ScoreRequest, Scores
from burgh.sim.rng import stream
from burgh.sim.types import Json

if TYPE_CHECKING:
    import torch

Request = CompleteRequest | ScoreRequest
Reply = Completion | Scores

BATCHES = (1, 8, 32)
READ_WORDS, PREFIX_WORDS, OWN_WORDS = 128, 200, 16
WRITTEN = 32  # tokens of a reply
CONTEXTS, OPTIONS, GENERATED = 8, 10, 8  # of scoring against generating
COPIED_BYTES = 1 << 28
WORDS = (
    *("bread", "mill", "well", "road", "market", "square", "baker", "river"),
    *("stone", "bridge", "wool", "lamp", "letter", "garden", "winter", "horse"),
)


@dataclass(frozen=True, slots=True)
class Roof:
    """What the hardware can do, measured. bytes_per_second: read and written by a copy.
    operations_per_second: of a matrix product in the model's dtype, two for each multiplication with its
    addition."""

    bytes_per_second: float
    operations_per_second: float

    def decode(self, batch: int, parameters: int, weight_bytes: int) -> float:
        """Tokens a second that a batch can be written at: each step reads all weights once, and takes two
        operations for each parameter and row (keys and values left out)."""
        by_bytes = batch * self.bytes_per_second / weight_bytes
        return min(by_bytes, self.prefill(parameters))

    def prefill(self, parameters: int) -> float:
        """Tokens a second that can be read."""
        return self.operations_per_second / (2 * parameters)


def bench(
    name: str, *, device: str = "auto", threads: int | None = None, batches: Sequence[int] = BATCHES
) -> dict[str, Json]:
    """Plain data. rates: `what` ("prefill", "decode"), batch, tokens_per_second and, for a model on this
    machine, its roof and the share of it that was reached. gains: how many times faster. Seconds are wall
    clock: on a busy machine all of it is a lower bound. Raises BurghError."""
    began = time.perf_counter()
    model = load_model(name, device=device, threads=threads)
    loaded = time.perf_counter() - began
    meter = _Meter(model)
    meter.run(meter.reads(1, 0))  # what is compiled and allocated at first
    roof, parameters, weight_bytes = _hardware(model)
    rates: list[dict[str, Json]] = []
    for batch in batches:
        top = roof.prefill(parameters) if roof else None
        rates.append(_rate("prefill", batch, meter.prefill(batch), top))
    for batch in batches:
        top = roof.decode(batch, parameters, weight_bytes) if roof else None
        rates.append(_rate("decode", batch, meter.decode(batch), top))
    return {
        "model": dict(model.identity),
        "load_seconds": loaded,
        "parameters": parameters,
        "weight_bytes": weight_bytes,
        "roof": None
        if roof is None
        else {
            "bytes_per_second": roof.bytes_per_second,
            "operations_per_second": roof.operations_per_second,
        },
        "rates": rates,
        "gains": {"prefix": meter.prefix_gain(), "score": meter.score_gain()},
    }


def _rate(what: str, batch: int, found: float, roof: float | None) -> dict[str, Json]:
    share = None if roof is None else found / roof
    return {"what": what, "batch": batch, "tokens_per_second": found, "roof": roof, "share": share}


class _Meter:
    """Asks a model and looks at the clock. Every prompt is new to it, unless it is meant not to be."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self._rng = stream(0, "bench")
        self._index = 0

    def prefill(self, batch: int) -> float:
        """Tokens read a second, none of them known."""
        replies, seconds = self.run(self.reads(batch, READ_WORDS))
        return sum(one.usage.tokens_in - one.usage.tokens_cached for one in replies) / seconds

    def decode(self, batch: int) -> float:
        """Tokens written a second, by what the last of them take longer than the first; by all of them where
        that is lost in the noise (rules take no time)."""
        first, few = self.run(self.writes(batch, 1))
        all_of_them, many = self.run(self.writes(batch, WRITTEN))
        written = sum(one.usage.tokens_out for one in all_of_them)
        more = written - sum(one.usage.tokens_out for one in first)
        return more / (many - few) if more > 0 and many > few else written / many

    def prefix_gain(self) -> float:
        """How many times faster many prompts are read where they share a prefix."""
        prefix = self._text(PREFIX_WORDS)
        shared = [self._score(Prompt(prefix, f" {self._text(OWN_WORDS)}")) for _ in range(CONTEXTS)]
        apart = [
            self._score(Prompt("", f"{self._text(PREFIX_WORDS)} {self._text(OWN_WORDS)}"))
            for _ in range(CONTEXTS)
        ]
        return self.run(apart)[1] / self.run(shared)[1]

    def score_gain(self) -> float:
        """How many times faster options are scored than an answer is written."""
        prefix = self._text(PREFIX_WORDS)
        options = tuple(f" {self._text(2)}" for _ in range(OPTIONS))
        prompts = [Prompt(prefix, f" {self._text(OWN_WORDS)}") for _ in range(CONTEXTS)]
        others = [Prompt(prefix, f" {self._text(OWN_WORDS)}") for _ in range(CONTEXTS)]
        written = self.run([self._write(prompt, GENERATED) for prompt in others])[1]
        return written / self.run([self._score(prompt, options) for prompt in prompts])[1]

    def reads(self, batch: int, words: int) -> list[Request]:
        return [self._score(Prompt("", self._text(max(1, words)))) for _ in range(batch)]

    def writes(self, batch: int, tokens: int) -> list[Request]:
        return [self._write(Prompt("", self._text(OWN_WORDS)), tokens) for _ in range(batch)]

    def run(self, requests: Sequence[Request]) -> tuple[list[Reply], float]:
        """The replies to all of them asked at once, and the seconds that took."""

        async def ask() -> list[Reply]:
            return list(await asyncio.gather(*map(self._asked, requests)))

        began = time.perf_counter()
        return asyncio.run(ask()), time.perf_counter() - began

    def _asked(self, request: Request) -> Coroutine[Any, Any, Reply]:
        if isinstance(request, CompleteRequest):
            return self.model.complete(request)
        return self.model.score(request)

    def _score(self, prompt: Prompt, options: tuple[str, ...] = (" bread", " stone")) -> ScoreRequest:
        return ScoreRequest(self._call(), prompt, options)

    def _write(self, prompt: Prompt, tokens: int) -> CompleteRequest:
        return CompleteRequest(self._call(), prompt, tokens, temperature=1.0, seed=self._index)

    def _call(self) -> Call:
        self._index += 1
        return Call("bench", 0, "bench", self._index)

    def _text(self, words: int) -> str:
        rng: random.Random = self._rng
        return " ".join(rng.choice(WORDS) for _ in range(words))


def _hardware(model: LanguageModel) -> tuple[Roof | None, int, int]:
    """The roof of the machine under a model, the model's parameters and the bytes of its weights; none where
    it is not on this machine."""
    network = getattr(model, "network", None)
    if network is None:
        return None, 0, 0
    from burgh.agents.llm.sizes import BYTES, shape_of

    parameters = shape_of(model.name, network.model.config).parameters
    quantised = str(model.identity.get("quantise", ""))
    size = BYTES.get(quantised, float(network.model.dtype.itemsize))
    return measured_roof(network.device, network.model.dtype), parameters, int(parameters * size)


def measured_roof(device: torch.device, dtype: torch.dtype) -> Roof:
    """The bandwidth of a large copy and the rate of a large matrix product, each the best of several."""
    import torch

    source = torch.zeros(COPIED_BYTES // 4, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    copied = _best(lambda: target.copy_(source), device)
    side = 8192 if device.type == "cuda" else 1024
    left = torch.randn((side, side), device=device).to(dtype)
    product = _best(lambda: left @ left, device)
    return Roof(2 * COPIED_BYTES / copied, 2 * side**3 / product)


def _best(work: Callable[[], object], device: torch.device, times: int = 5) -> float:
    """The least seconds that a piece of work takes."""
    import torch

    least = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        elif device.type == "mps":
            torch.mps.synchronize()
        least = min(least, time.perf_counter() - began)
    return least
