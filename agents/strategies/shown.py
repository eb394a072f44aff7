"""Which examples a decision is shown, and in which order; orders by entropy are found by asking the model."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np

from burgh.agents.strategies.examples import (
    Chosen,
    ExampleBank,
    in_order,
    own_examples,
    read_examples,
)
from burgh.agents.strategies.files import Example, PromptFile
from burgh.agents.strategies.ordering import (
    BINS,
    Order,
    Reals,
    binned,
    global_entropy,
    local_entropy,
    softmax,
    some_orders,
)
from burgh.agents.strategies.sitting import Sitting, prefix
from burgh.agents.tools.bank import Embeds
from burgh.sim.protocols import Prompt
from burgh.sim.types import fixed

PROBES = 6
MOST_LABELS = 8  # answers that a probe is scored on


@lru_cache(maxsize=32)
def bank_of(file: PromptFile, embedder: Hashable) -> ExampleBank:
    """The bank of a prompt file: its own examples, those of the file it names, ours. Raises BurghError."""
    assert file.shots is not None
    named = read_examples(Path(file.shots.bank)) if file.shots.bank else ()
    own = tuple(one for one in own_examples() if not one.steps)
    return ExampleBank((*file.examples, *named, *own), cast(Embeds, embedder))


async def shown_examples(
    at: Sitting, bank: ExampleBank, orders: Mapping[str, Order]
) -> tuple[tuple[Example, ...], Mapping[str, Order]]:
    """The examples for a decision, and the orders that are known after it."""
    shots = at.file.shots
    assert shots is not None
    chosen = bank.choose(at.situation, at.domain, shots)
    if not shots.order.endswith("entropy") or len(chosen.examples) < 2:
        return in_order(chosen, shots, at.rng), orders
    order = orders.get(at.domain)
    if order is None or len(order) != len(chosen.examples):
        order = await by_entropy(at, bank, chosen)
        orders = {**orders, at.domain: order}
    return chosen.ordered(order), orders


async def by_entropy(at: Sitting, bank: ExampleBank, chosen: Chosen) -> Order:
    """The order after which the model's answers to the probes vary most. All orders and probes are asked at
    once, so that they share the model's batches."""
    assert at.file.shots is not None
    probes = bank.probes(at.domain, chosen.examples, PROBES) or chosen.examples
    labels, bins = labelled([bank.examples[n] for n in bank.of(at.domain)])
    measure = global_entropy if at.file.shots.order == "global-entropy" else local_entropy
    orders = some_orders(len(chosen.examples), at.rng)
    shared = [prefix(at.file, at.domain, chosen.ordered(order)) for order in orders]
    asked = [f"{probe.situation.strip()}\n{at.file.cue}" for probe in probes]
    prompts = [Prompt(before, suffix) for before in shared for suffix in asked]
    scores = await at.ask.score_prompts("order examples", prompts, [f" {label}" for label in labels])
    rows = np.array([in_bins(softmax(one), bins) for one in scores]).reshape(len(orders), len(probes), -1)
    found = [(measure(each), order) for each, order in zip(rows, orders, strict=True)]
    best = max(found, key=lambda one: one[0])  # of equals the first
    data = {
        "domain": at.domain,
        "order": list(best[1]),
        "entropies": [[list(order), fixed(value)] for value, order in found],
    }
    at.ask.events.add("ordered", at.ask.agent, data)
    return best[1]


def labelled(examples: Sequence[Example]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Different answers of the examples, and the bin of each: of prices equal bins, else one each."""
    answers = list(dict.fromkeys(one.answer.strip() for one in examples))
    prices = {answer: price for answer in answers if (price := _price(answer)) is not None}
    if len(prices) < len(answers):
        kept = tuple(answers[:MOST_LABELS])
        return kept, tuple(range(len(kept)))
    rising = sorted(answers, key=lambda answer: prices[answer])
    step = max(1, len(rising) // MOST_LABELS)
    kept = tuple(rising[::step][:MOST_LABELS])
    low, high = prices[rising[0]], prices[rising[-1]]
    return kept, tuple(binned(prices[answer], low, high) for answer in kept)


def in_bins(probabilities: Reals, bins: Sequence[int]) -> Reals:
    """Probabilities of labels (labels,) summed by bin (bins,)."""
    summed = np.bincount(bins, weights=probabilities, minlength=max(BINS, max(bins) + 1))
    return np.asarray(summed, np.float64)


def _price(answer: str) -> float | None:
    try:
        found = json.loads(answer)
    except ValueError:
        return None
    price = found.get("price") if isinstance(found, dict) else None
    return float(price) if isinstance(price, int | float) and not isinstance(price, bool) else None
