"""The example bank: worked examples by domain, chosen for each decision, and grown from games that went well.

What is near in meaning is asked of chroma; of what it brings the nearest are taken exactly, so that equal
banks give equal choices.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import yaml
from pydantic import TypeAdapter, ValidationError

from burgh.agents.strategies.files import Example, Shots
from burgh.agents.strategies.ordering import Order, at_random, nearest_last
from burgh.agents.tools.bank import Embeds
from burgh.memory.score import Vectors
from burgh.sim.types import BurghError

MORE = 4  # times as many as are wanted are asked of chroma
EXAMPLES = TypeAdapter(tuple[Example, ...])


@dataclass(frozen=True, slots=True)
class Chosen:
    """Examples for a decision, in an order. nearness: of each to the situation, as a cosine."""

    examples: tuple[Example, ...]
    nearness: tuple[float, ...]

    def ordered(self, order: Order) -> tuple[Example, ...]:
        return tuple(self.examples[n] for n in order)


class ExampleBank:
    """Examples, found by meaning. Equal examples stand in it once."""

    def __init__(self, examples: Iterable[Example], embedder: Embeds) -> None:
        self.examples = tuple(dict.fromkeys(examples))
        self.embedder = embedder
        texts = [one.situation for one in self.examples]
        self._vectors: Vectors = (
            embedder.embed(texts) if texts else np.zeros((0, 1), np.float32)
        )  # (n, dimension)
        self._collection = _collection(self.examples, self._vectors)

    def of(self, domain: str) -> tuple[int, ...]:
        """The numbers of those of a domain; of all where it has none."""
        found = tuple(n for n, one in enumerate(self.examples) if one.domain == domain)
        return found or tuple(range(len(self.examples)))

    def choose(self, situation: str, domain: str, shots: Shots) -> Chosen:
        """So many as `shots` says, by its way of choosing."""
        among = self.of(domain)
        count = min(shots.count, len(among))
        if count == 0:
            return Chosen((), ())
        question = self.embedder.embed([situation])[0]
        if shots.choose == "fixed":
            picked = among[:count]
        elif shots.choose == "similar":
            picked = self._nearest(question, among, count)
        else:
            picked = self._diverse(among, count)
        nearness = tuple(float(self._vectors[n] @ question) for n in picked)
        return Chosen(tuple(self.examples[n] for n in picked), nearness)

    def probes(self, domain: str, chosen: Sequence[Example], count: int) -> tuple[Example, ...]:
        """Others of the domain, whose situations orders are put before."""
        others = [self.examples[n] for n in self.of(domain) if self.examples[n] not in chosen]
        return tuple(others[:count])

    def _nearest(self, question: Vectors, among: Sequence[int], count: int) -> tuple[int, ...]:
        wanted = min(len(self.examples), MORE * count)
        found = self._collection.query(query_embeddings=[question.tolist()], n_results=wanted, include=[])
        near = {int(one) for one in found["ids"][0]} & set(among)
        if len(near) < count:  # others crowd them out: all of the domain are looked at
            near = set(among)
        scores = self._vectors @ question
        return tuple(sorted(near, key=lambda n: (-round(float(scores[n]), 6), n))[:count])

    def _diverse(self, among: Sequence[int], count: int) -> tuple[int, ...]:
        """Each the one that is least like any before it, from the first on."""
        picked = [among[0]]
        while len(picked) < count:
            likeness = (self._vectors[list(among)] @ self._vectors[picked].T).max(axis=1)
            order = sorted(range(len(among)), key=lambda n: (round(float(likeness[n]), 6), n))
            picked.append(next(among[n] for n in order if among[n] not in picked))
        return tuple(picked)


def in_order(chosen: Chosen, shots: Shots, rng: random.Random) -> tuple[Example, ...]:
    """The examples in the order that `shots` names, where that needs no model."""
    if shots.order == "random":
        return chosen.ordered(at_random(len(chosen.examples), rng))
    if shots.order == "nearest-last":
        return chosen.ordered(nearest_last(chosen.nearness))
    return chosen.examples


def _collection(examples: Sequence[Example], vectors: Vectors) -> Any:
    """A collection of chroma in this process's memory, named after what is in it."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
    digest = hashlib.sha256(vectors.tobytes() + repr(examples).encode()).hexdigest()[:32]
    kind: Any = {"hnsw": {"space": "l2", "ef_search": 200}}
    name = f"examples-{digest}"
    collection = client.get_or_create_collection(name, configuration=kind, embedding_function=None)
    if examples and collection.count() == 0:
        ids = [str(n) for n in range(len(examples))]
        domains = [{"domain": one.domain or "any"} for one in examples]
        collection.add(ids=ids, embeddings=vectors.tolist(), metadatas=domains)
    return collection


@cache
def own_examples() -> tuple[Example, ...]:
    """Ours, written by hand: bank/DOMAIN.yaml."""
    folder = files("burgh.agents") / "strategies" / "bank"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(one for name in names for one in parse((folder / name).read_text("utf-8"), name))


def read_examples(path: Path) -> tuple[Example, ...]:
    """A file of examples: a list in YAML. Raises BurghError with file and key."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        raise BurghError(f"there is no file of examples {path}") from None
    except UnicodeDecodeError:
        raise BurghError(f"{path} is not a text in UTF-8") from None


def bank_id(path: Path) -> str:
    """A short hash of what a bank's file says. Raises BurghError as `read_examples` does."""
    told = [one.model_dump(mode="json") for one in read_examples(path)]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()[:8]


def parse(text: str, where: str) -> tuple[Example, ...]:
    try:
        return EXAMPLES.validate_python(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise BurghError(f"{where}: this is no YAML: {str(error).splitlines()[0]}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BurghError(f"{where}: {'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}") from None


def written(examples: Sequence[Example]) -> str:
    """As `read_examples` reads them."""
    data = [one.model_dump(mode="json", exclude_defaults=True) for one in examples]
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110))
