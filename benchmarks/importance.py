"""How well importance is rated: `python -m benchmarks.importance [--model NAME] [--json]`.

Spearman's rank correlation of the ratings with the labels of tests/data/importance, on the half on which
prompts may be tuned and on the other.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from burgh.agents.prompts import Importance, importance_labels, references, render
from burgh.agents.rating import Likeness, likeness
from burgh.agents.settings import MindSettings
from burgh.agents.turn import rating
from burgh.scenarios.cli.console import line, out, table, write_json
from burgh.sim.protocols import Call, LanguageModel, ScoreRequest

LABELS = Path(__file__).resolve().parent.parent / "tests" / "data" / "importance" / "labels.jsonl"
HALVES = ("tune", "held-out")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A memory and how much it matters, 1 to 10, as the label has it."""

    half: str
    text: str
    importance: int


@dataclass(frozen=True, slots=True)
class Figure:
    """Of a half: how well the ratings rank it, and their mean beside the labels'."""

    half: str
    sentences: int
    spearman: float
    mean_label: float
    mean_rating: float
    ms_each: float


def labelled(half: str) -> list[Labelled]:
    """The labelled sentences of a half."""
    rows = [json.loads(row) for row in LABELS.read_text(encoding="utf-8").splitlines()]
    return [Labelled(row["half"], row["text"], row["importance"]) for row in rows if row["half"] == half]


async def weights(model: LanguageModel, near: Likeness | None, texts: Sequence[str]) -> list[float]:
    """How weighty each text is, in nats, as minds find it; without `near`, by the model alone."""
    requests = [
        ScoreRequest(Call("rater", 0, "importance", n), render(Importance(text)), importance_labels())
        for n, text in enumerate(texts)
    ]
    answers = await asyncio.gather(*(model.score(request) for request in requests))
    asked = [news - ordinary for ordinary, news in (answer.logprobs for answer in answers)]
    like = near.estimate(texts) if near else [0.0] * len(texts)
    share = MindSettings().likeness_nats
    return [nats + share * one for nats, one in zip(asked, like, strict=True)]


def measure(model: LanguageModel, half: str, near: Likeness | None) -> Figure:
    """Rates a half as a mind would: scores, read on the scale of the reference memories."""
    from scipy.stats import spearmanr

    rows = labelled(half)
    known = references()
    begin = time.perf_counter()

    async def ask() -> tuple[list[float], list[float]]:
        scale = await weights(model, near, [one.text for one in known])
        return sorted(scale), await weights(model, near, [row.text for row in rows])

    scale, found = asyncio.run(ask())
    seconds = time.perf_counter() - begin
    steps = sorted(one.rating for one in known)
    ratings = [rating(difference, scale, steps) for difference in found]
    labels = [row.importance for row in rows]
    return Figure(
        half,
        len(rows),
        float(spearmanr(ratings, labels).statistic),
        sum(labels) / len(labels),
        sum(ratings) / len(ratings),
        seconds * 1000 / (len(rows) + len(known)),
    )


def main(
    *,
    model: Annotated[str, typer.Option(help="The language model.")] = "smollm2-135m",
    alone: Annotated[bool, typer.Option("--alone", help="The model without rated sentences.")] = False,
    half: Annotated[str | None, typer.Option(help="Only this half: tune or held-out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As json.")] = False,
) -> None:
    """Measures the rating of importance against labels."""
    from burgh.agents.llm.load import load_model
    from burgh.memory.embed import load_embedder

    if half is not None and half not in HALVES:
        raise typer.BadParameter(f"{half!r} is no half: {' or '.join(HALVES)}")
    llm = load_model(model)
    near = None if alone else likeness(load_embedder(), "en")
    figures = [measure(llm, one, near) for one in HALVES if half in (None, one)]
    if as_json:
        write_json([asdict(figure) for figure in figures])
        return
    line(f"importance by {model}: rank correlation with the labels", "bold")
    rows = [
        (
            one.half,
            str(one.sentences),
            f"{one.spearman:.3f}",
            f"{one.mean_label:.2f}",
            f"{one.mean_rating:.2f}",
            f"{one.ms_each:.0f}",
        )
        for one in figures
    ]
    heads = ("half", "sentences", "Spearman", "mean label", "mean rating", "ms each")
    out.print(table(heads, rows, right=heads[1:]))


if __name__ == "__main__":
    typer.run(main)
