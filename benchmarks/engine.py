"""What the engine gains over stock transformers: `python -m benchmarks.engine [--device cuda] [--json]`.

All figures of one case are taken in one run, the engine and its baselines in turn, in processor time of one
thread (on a graphics card: seconds of the clock): a busy machine slows all of them alike. The baseline is
transformers' own `generate`, the same weights, dtype, threads and grammar.
"""

from __future__ import annotations

import gc
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import torch
import typer

from benchmarks.roof import Shape, decode_against_roof, overhead_of_steps, shapes
from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.grammar import Grammars, Matcher
from burgh.agents.llm.jobs import Answer, Job, Request
from burgh.agents.llm.loading import choose_device, load_transformers
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.scenarios.cli.console import line, out, table, write_json
from burgh.sim.protocols import Call, CompleteRequest, Prompt, ScoreRequest
from burgh.sim.spec import ActionSpec, Choice, Form, Number, Text

AGENTS, COMMON, OWN, NEW = 25, 600, 64, 32
MEMORIES, OPTIONS, CONTEXT, GENERATED = 16, 10, 300, 8
WORDS = "bakery market bread morning road children school mill Anna goes says to the and a of"
FORM = Form(
    (
        ("act", Choice("?", ("go", "say", "wait", "work"))),
        ("hour", Number("?", 6, 22)),
        ("place", Choice("?", ("bakery", "square", "chapel", "school", "mill"))),
        ("why", Text("?", 8)),
    )
)


@dataclass(frozen=True, slots=True)
class Figure:
    """seconds: of each way. gains: how many times as long the baselines take. same: how many answers are
    those of the first baseline, of how many."""

    case: str
    seconds: dict[str, float]
    gains: dict[str, float]
    same: tuple[int, int] | None = None


def clock(device: torch.device) -> Callable[[], float]:
    if device.type == "cpu":
        return time.process_time

    def now() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return now


def text_of(encoder: Encoder, rng: random.Random, tokens: int) -> str:
    """Words that are so many tokens, or one or two less."""
    text = ""
    while True:
        more = f"{text} {rng.choice(WORDS.split())}"
        if len(encoder.tokens(more)) > tokens:
            return text
        text = more


def ask(model: TransformersModel, requests: Sequence[Request]) -> list[Any]:
    """The engine's answers, without a thread between; it remembers nothing of what was asked before."""
    engine, encoder = model.engine, model.encoder
    engine._start_anew()
    engine._known._contexts.clear()
    found: dict[int, Answer | Exception] = {}

    def deliver(place: int) -> Callable[[Answer | Exception], None]:
        return lambda answer: found.__setitem__(place, answer)

    jobs = []
    for place, request in enumerate(requests):
        prefix, suffix = encoder.prompt(request.prompt)
        options = tuple(map(encoder.tokens, request.options)) if isinstance(request, ScoreRequest) else ()
        jobs.append(Job(request, prefix + suffix, options, deliver(place)))
    engine.queue.add(jobs)
    engine.drain()
    for answer in found.values():
        if isinstance(answer, Exception):
            raise answer
    return [found[place] for place in range(len(requests))]


class Allowed:
    """The grammar of each row for transformers' `generate`."""

    def __init__(self, grammars: Grammars, spec: ActionSpec, rows: int, vocabulary: int) -> None:
        self._matchers: list[Matcher] = [grammars.matcher(spec) for _ in range(rows)]
        self._vocabulary, self._first = vocabulary, True

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        for row, matcher in enumerate(self._matchers):
            if not self._first and not matcher.over:
                matcher.take(int(input_ids[row, -1]))
            if not matcher.over:
                allowed = torch.from_numpy(matcher.allowed(self._vocabulary)).to(scores.device)
                scores[row].masked_fill_(~allowed, -torch.inf)
        self._first = False
        return scores


def generate(
    model: TransformersModel, stock: Any, prompts: Sequence[Prompt], new: int, spec: ActionSpec | None
) -> list[str]:
    """What transformers' own `generate` says to all these prompts as one batch, padded on the left."""
    encoder = model.encoder
    rows = [[*prefix, *suffix] for prefix, suffix in map(encoder.prompt, prompts)]
    longest, (end, *_) = max(map(len, rows)), encoder.stops
    ids = torch.tensor([[end] * (longest - len(row)) + row for row in rows], device=stock.device)
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=stock.device)
    processors: list[Any] = []
    if spec is not None:
        if model.engine._grammars is None:
            model.engine._grammars = Grammars(encoder, model.network.vocabulary)
        processors.append(Allowed(model.engine._grammars, spec, len(rows), model.network.vocabulary))
    written = stock.generate(
        ids,
        attention_mask=mask,
        max_new_tokens=new,
        do_sample=False,
        logits_processor=processors,
        pad_token_id=end,
        eos_token_id=sorted(encoder.ends),
    )
    texts = []
    for tokens in written[:, longest:].tolist():
        ended = next((n for n, token in enumerate(tokens) if token in encoder.ends), len(tokens))
        texts.append(encoder.text(tokens[:ended]))
    return texts


@dataclass(frozen=True, slots=True)
class Effort:
    """scale: of the common beginnings' lengths. repeats: of each case. alone: how many requests are run one
    at a time; the seconds of all are reckoned from them."""

    scale: float = 1.0
    repeats: int = 1
    alone: int | None = None

    def some(self, prompts: Sequence[Prompt]) -> tuple[Sequence[Prompt], float]:
        """Prompts spread over all of them, and how many each stands for."""
        count = min(self.alone or len(prompts), len(prompts))
        picked = [prompts[n * len(prompts) // count] for n in range(count)]
        return picked, len(prompts) / count


def agents_case(model: TransformersModel, stock: Any, effort: Effort) -> Figure:
    """(a) Agents with a common beginning and own ragged ends write a form each."""
    rng = random.Random(7)
    common = text_of(model.encoder, rng, int(COMMON * effort.scale))
    ends = [text_of(model.encoder, rng, rng.randrange(4, OWN + 1)) for _ in range(AGENTS)]
    prompts = [Prompt(common, f"{end}\nAnswer: ") for end in ends]
    requests = [
        CompleteRequest(Call(f"agent {n:02}", 1, "bench", n), prompt, NEW, spec=FORM)
        for n, prompt in enumerate(prompts)
    ]
    now = clock(model.network.device)
    taken: dict[str, list[float]] = {}

    def timed(way: str, work: Callable[[], list[str]], each: float = 1.0) -> list[str]:
        begin = now()
        texts = work()
        taken.setdefault(way, []).append((now() - begin) * each)
        return texts

    few, each = effort.some(prompts)
    mine: list[str] = []
    theirs: list[str] = []
    ask(model, requests[:1])  # the grammar is compiled once
    for _ in range(effort.repeats):
        mine = timed("engine", lambda: [one.texts[0] for one in ask(model, requests)])
        theirs = timed(
            "one at a time", lambda: [generate(model, stock, [one], NEW, FORM)[0] for one in few], each
        )
        timed("one static batch", lambda: generate(model, stock, prompts, NEW, FORM))
    said = dict(zip(prompts, mine, strict=True))
    # `generate` breaks off after so many tokens; the engine closes the form
    same = sum(said[one].startswith(text) for one, text in zip(few, theirs, strict=True))
    return figure("25 agents, a form each", taken, (same, len(few)))


def memories_case(model: TransformersModel, stock: Any, effort: Effort) -> Figure:
    """(b) Memories scored against options, where others would generate a few tokens for each."""
    rng = random.Random(8)
    common = text_of(model.encoder, rng, int(CONTEXT * effort.scale))
    memories = [f" Memory: {text_of(model.encoder, rng, 16)}. This was" for _ in range(MEMORIES)]
    options = tuple(f" {text_of(model.encoder, rng, 3).strip()}" for _ in range(OPTIONS))
    prompts = [Prompt(common, memory) for memory in memories]
    requests = [
        ScoreRequest(Call(f"agent {n:02}", 1, "bench", n), prompt, options)
        for n, prompt in enumerate(prompts)
    ]
    now = clock(model.network.device)
    taken: dict[str, list[float]] = {"engine, all scored": [], "one at a time": [], "one static batch": []}
    few, each = effort.some(prompts)
    for _ in range(effort.repeats):
        begin = now()
        ask(model, requests)
        taken["engine, all scored"].append(now() - begin)
        begin = now()
        for prompt in few:
            generate(model, stock, [prompt], GENERATED, None)
        taken["one at a time"].append((now() - begin) * each)
        begin = now()
        generate(model, stock, prompts, GENERATED, None)
        taken["one static batch"].append(now() - begin)
    return figure("16 memories, 10 options", taken, None)


def figure(case: str, taken: dict[str, list[float]], same: tuple[int, int] | None) -> Figure:
    """Medians, and the medians of the ratios run by run."""
    first, *others = taken
    gains = {
        other: statistics.median(b / a for a, b in zip(taken[first], taken[other], strict=True))
        for other in others
    }
    return Figure(case, {way: statistics.median(seconds) for way, seconds in taken.items()}, gains, same)


def overhead_case(model: TransformersModel, effort: Effort) -> Figure:
    """(c) Of a batch of agents: what is spent in the engine's own code, outside of forward passes."""
    rng = random.Random(9)
    common = text_of(model.encoder, rng, int(COMMON * effort.scale))
    requests = [
        CompleteRequest(
            Call(f"agent {n:02}", 1, "bench", n),
            Prompt(common, f"{text_of(model.encoder, rng, rng.randrange(4, OWN + 1))}\nAnswer: "),
            NEW,
            spec=FORM if n % 2 else None,
            temperature=0.7 if n % 3 else 0.0,
        )
        for n in range(AGENTS)
    ]
    seconds, inside = overhead_of_steps(model, lambda: ask(model, requests), clock(model.network.device))
    return Figure("own overhead", {"all": seconds, "in forward passes": inside}, {})


def main(
    *,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
    model: Annotated[str, typer.Option(help="The model of the first cases.")] = "smollm2-135m",
    scale: Annotated[float, typer.Option(help="Of the common beginnings' lengths.")] = 1.0,
    repeats: Annotated[int, typer.Option(min=1, help="Of each case.")] = 1,
    alone: Annotated[
        int | None, typer.Option(min=1, help="So many are run one at a time; all if none.")
    ] = None,
    roof: Annotated[
        str, typer.Option(help="Shapes held against the roof: tiny, 0.5b, 3b, 8b, with commas.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As json.")] = False,
) -> None:
    """Times the engine beside stock transformers."""
    torch.set_num_threads(1)
    chosen = choose_device(device)
    wanted = roof or ("0.5b,3b,8b" if chosen.type == "cuda" else "tiny")
    figures = first_cases(model, device, Effort(scale, repeats, alone))
    gc.collect()
    roofs = [decode_against_roof(shape, chosen) for shape in chosen_shapes(wanted)]
    if as_json:
        write_json(
            {
                "device": str(chosen),
                "model": model,
                "cores": os.cpu_count(),
                "figures": [asdict(one) for one in figures],
                "roofs": [asdict(one) for one in roofs],
            }
        )
        return
    line(f"{model} on {chosen}, {platform.machine()}, {os.cpu_count()} cores, one thread", "bold")
    rows = []
    for one in figures:
        for way, seconds in one.seconds.items():
            gain = f"{one.gains[way]:.1f} x" if way in one.gains else ""
            rows.append((one.case, way, f"{seconds:.2f}", gain))
        if one.same is not None:
            rows.append((one.case, "texts as one at a time", f"{one.same[0]} of {one.same[1]}", ""))
    out.print(table(("case", "way", "s", "engine's gain"), rows, right=("s", "engine's gain")))
    if figures[-1].case == "own overhead":
        spent, inside = figures[-1].seconds.values()
        line(f"own overhead: {1 - inside / spent:.1%}")
    out.print(
        table(
            ("shape", "batch", "step, ms", "roof, ms", "of the roof", "own overhead"),
            [one.row() for one in roofs],
            right=("batch", "step, ms", "roof, ms", "of the roof", "own overhead"),
        )
    )


def first_cases(name: str, device: str, effort: Effort) -> list[Figure]:
    """The cases with a real model, beside stock transformers."""
    from transformers import AutoModelForCausalLM

    from burgh.sim import weights

    model = load_transformers(name, device=device, threads=1)
    stock = AutoModelForCausalLM.from_pretrained(weights.resolve(name), dtype=model.network.model.dtype)
    stock = stock.to(model.network.device).eval()
    with torch.inference_mode():
        return [
            agents_case(model, stock, effort),
            memories_case(model, stock, effort),
            overhead_case(model, effort),
        ]


def chosen_shapes(names: str) -> list[Shape]:
    known = shapes()
    return [known[name] for name in names.split(",")]


if __name__ == "__main__":
    typer.run(main)
