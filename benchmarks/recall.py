"""How well memories are found: `python -m benchmarks.recall [--json] [--embedder NAME] [--model NAME]`.

Asks the labelled questions of tests/data/retrieval of each mind's own memories, under several settings of
retrieval, and counts how often what answers is found: hit@k, MRR and nDCG@10, on the half on which settings
may be chosen and on the other, and by the type of question. With --model, the usual setting is besides
asked in other words and by imagined answers, which that model writes.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from burgh.agents.asking import Asker
from burgh.agents.recall import forms
from burgh.agents.settings import QUERY_FORMS, QueryForm
from burgh.memory.record import Memory
from burgh.memory.score import USUAL, Fusion, Weights
from burgh.memory.stream import MemoryStream
from burgh.scenarios.cli.console import line, out, table, write_json
from burgh.sim.protocols import LanguageModel
from burgh.sim.types import BurghError, Events

if TYPE_CHECKING:
    from burgh.memory.embed import Embedder

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "retrieval"
HALVES = ("tune", "held-out")
TYPES = ("plain", "paraphrase", "name", "place", "time")
DEPTH = 10  # of the lists that are judged
ANSWERS = 2  # the least grade of a memory that counts as found


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to retrieve."""

    name: str
    weights: Weights
    fusion: Fusion = "sum"
    query: QueryForm = "plain"


def _weights(recency: float, importance: float, relevance: float, words: float, names: float) -> Weights:
    return Weights(recency, importance, relevance, words, names)


SETTINGS = (
    Setting("published", Weights()),
    Setting("relevance alone", _weights(0, 0, 1, 0, 0)),
    Setting("words alone", _weights(0, 0, 0, 1, 0)),
    Setting("names alone", _weights(0, 0, 0, 0, 1)),
    Setting("published + words", _weights(1, 1, 1, 1, 0)),
    Setting("published + names", _weights(1, 1, 1, 0, 1)),
    Setting("published + both", _weights(1, 1, 1, 1, 1)),
    Setting("relevance + words", _weights(0, 0, 1, 1, 0)),
    Setting("relevance + names", _weights(0, 0, 1, 0, 1)),
    Setting("relevance + both", _weights(0, 0, 1, 1, 1)),
    Setting("relevance x2", _weights(1, 1, 2, 0, 0)),
    Setting("relevance x3", _weights(1, 1, 3, 0, 0)),
    Setting("relevance x2 + names", _weights(1, 1, 2, 0, 1)),
    Setting("relevance x3 + names", _weights(1, 1, 3, 0, 1)),
    Setting("relevance x3 + names x2 (usual)", USUAL),
    Setting("relevance x2 + both", _weights(1, 1, 2, 1, 1)),
    Setting("relevance x3 + both", _weights(1, 1, 3, 1, 1)),
    Setting("relevance x3 + both x2", _weights(1, 1, 3, 2, 2)),
    Setting("ranks, published", Weights(), "ranks"),
    Setting("ranks, all", _weights(1, 1, 1, 1, 1), "ranks"),
    Setting("ranks, relevance + both", _weights(0, 0, 1, 1, 1), "ranks"),
)

WRITTEN = (
    Setting("usual, rewritten", USUAL, query="rewritten"),
    Setting("usual, imagined answers", USUAL, query="imagined"),
    Setting("relevance alone, rewritten", _weights(0, 0, 1, 0, 0), query="rewritten"),
    Setting("relevance alone, imagined answers", _weights(0, 0, 1, 0, 0), query="imagined"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A labelled question: relevant: memory ids with their grade, 1 to 3."""

    mind: str
    tick: int
    type: str
    half: str
    text: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Figure:
    """Of a setting on a half: shares of questions with an answer among the first 1, 3, 5; the mean of 1 over
    the rank of the first answer; nDCG@10 by the grades; milliseconds for a question, embedding and what a
    language model writes left out."""

    setting: str
    half: str
    questions: int
    hit_1: float
    hit_3: float
    hit_5: float
    mrr: float
    ndcg_10: float
    ms: float
    mrr_by_type: Mapping[str, float]


def questions() -> list[Question]:
    """All labelled questions."""
    return [
        Question(row["mind"], row["now"], row["type"], row["half"], row["query"], row["relevant"])
        for row in _rows("queries")
    ]


def streams(embedder: Embedder) -> dict[str, MemoryStream]:
    """The minds' streams of labelled memories."""
    found: dict[str, MemoryStream] = {}
    for row in _rows("memories"):
        mind = row["id"].partition(":")[0]
        stream = found.setdefault(mind, MemoryStream(mind, embedder.dimension))
        memory = Memory(
            id=row["id"],
            kind=row["kind"],
            text=row["text"],
            created=row["created"],
            last_access=row["created"],
            importance=float(row["importance"]),
            subjects=tuple(row["subjects"]),
            place=row["place"],
            from_agent=row["from"],
        )
        stream.add(memory, embedder.embed([memory.text])[0])
    return found


def _rows(name: str) -> Iterator[dict[str, Any]]:
    for row in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(row)


def measure(
    setting: Setting,
    half: str,
    asked: Sequence[Question],
    minds: Mapping[str, MemoryStream],
    *,
    embedder: Embedder,
    written: Mapping[tuple[QueryForm, str], Sequence[str]] = MappingProxyType({}),
) -> Figure:
    """The figures of a setting on a half."""
    some = [one for one in asked if one.half == half]
    ranks: list[int | None] = []
    gains: list[float] = []
    seconds = 0.0
    for one in some:
        texts = [one.text, *written.get((setting.query, one.text), ())]
        vector = embedder.embed(texts).mean(axis=0)
        stream = minds[one.mind]
        begin = time.perf_counter()
        found = stream.retrieve(
            vector, one.tick, DEPTH, text=" ".join(texts), weights=setting.weights, fusion=setting.fusion
        )
        seconds += time.perf_counter() - begin
        grades = [one.relevant.get(got.memory.id, 0) for got in found]
        ranks.append(next((n for n, grade in enumerate(grades, 1) if grade >= ANSWERS), None))
        gains.append(_gain(grades) / _gain(sorted(one.relevant.values(), reverse=True)[:DEPTH]))
    inverse = [1 / rank if rank else 0.0 for rank in ranks]
    typed = list(zip(inverse, some, strict=True))
    by_type = {kind: _mean([value for value, one in typed if one.type == kind]) for kind in TYPES}
    found_at = [rank or DEPTH + 1 for rank in ranks]
    hit_1, hit_3, hit_5 = (_mean([float(rank <= k) for rank in found_at]) for k in (1, 3, 5))
    return Figure(
        setting=setting.name,
        half=half,
        questions=len(some),
        hit_1=hit_1,
        hit_3=hit_3,
        hit_5=hit_5,
        mrr=_mean(inverse),
        ndcg_10=_mean(gains),
        ms=seconds * 1000 / len(some),
        mrr_by_type=by_type,
    )


def rewrite(model: LanguageModel, asked: Sequence[Question]) -> dict[tuple[QueryForm, str], Sequence[str]]:
    """What the model writes for each question in each form, asked as minds ask."""

    async def write() -> dict[tuple[QueryForm, str], Sequence[str]]:
        found: dict[tuple[QueryForm, str], Sequence[str]] = {}
        for one in asked:
            ask = Asker(model, one.mind, one.tick, 1, Events(one.tick, one.mind), set())
            for form in QUERY_FORMS[1:]:
                found[form, one.text] = await forms(ask, form, one.text)
        return found

    return asyncio.run(write())


def _gain(grades: Sequence[int]) -> float:
    return sum(float(2**grade - 1) / log2(n + 1) for n, grade in enumerate(grades, 1))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main(
    *,
    embedder: Annotated[str, typer.Option(help="The embedder.")] = "minilm-l6",
    model: Annotated[str | None, typer.Option(help="A language model that writes queries anew.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As json.")] = False,
) -> None:
    """Measures recall under each setting."""
    from burgh.agents.llm.load import load_model
    from burgh.memory.embed import load_embedder

    try:
        embeds = load_embedder(embedder)
        llm = load_model(model) if model is not None else None
    except BurghError as error:
        typer.echo(f"benchmarks.recall: {error}", err=True)
        raise typer.Exit(2) from None
    minds, asked = streams(embeds), questions()
    for one in asked:  # what is computed once is computed by now
        vector = embeds.embed([one.text])[0]
        minds[one.mind].retrieve(vector, one.tick, 1, text=one.text, weights=Weights(words=1, names=1))
    written = rewrite(llm, asked) if llm is not None else {}
    settings = (*SETTINGS, *(WRITTEN if llm is not None else ()))
    figures = [
        measure(one, half, asked, minds, embedder=embeds, written=written)
        for one in settings
        for half in HALVES
    ]
    if as_json:
        write_json([asdict(figure) for figure in figures])
        return
    for half in HALVES:
        some = [figure for figure in figures if figure.half == half]
        line(f"{half}: {some[0].questions} questions to {len(minds)} minds, embedder {embedder}", "bold")
        rows = [
            (
                one.setting,
                *(f"{value:.2f}" for value in (one.hit_1, one.hit_3, one.hit_5)),
                *(f"{value:.3f}" for value in (one.mrr, one.ndcg_10)),
                f"{one.ms:.2f}",
                *(f"{one.mrr_by_type[kind]:.2f}" for kind in TYPES),
            )
            for one in some
        ]
        heads = ("setting", "hit@1", "hit@3", "hit@5", "MRR", "nDCG@10", "ms", *TYPES)
        out.print(table(heads, rows, right=heads[1:]))


if __name__ == "__main__":
    typer.run(main)
