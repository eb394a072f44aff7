"""What else a mind's record tells: insights as trees, relations, decisions and the calls behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp

from burgh.sim.record.index import EventTable
from burgh.sim.types import Event, Json, real
from burgh.sim.viewer.mind import MemoryLine

DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Branch:
    """A memory and what it rests on."""

    memory: MemoryLine
    branches: tuple[Branch, ...] = ()

    @property
    def depth(self) -> int:
        """How many levels it has: 1 for a memory that rests on nothing."""
        return 1 + max((branch.depth for branch in self.branches), default=0)


def trees(memories: Sequence[MemoryLine], most: int = 12) -> list[Branch]:
    """The insights that no other insight rests on, the newest first, each with its evidence below it."""
    by_id = {memory.id: memory for memory in memories}
    insights = [memory for memory in memories if memory.kind == "reflection"]
    cited = {id_ for memory in insights for id_ in memory.evidence}

    def grown(memory: MemoryLine, above: frozenset[str]) -> Branch:
        if memory.kind != "reflection" or len(above) >= DEEPEST:
            return Branch(memory)
        below = above | {memory.id}
        found = [by_id[id_] for id_ in memory.evidence if id_ in by_id and id_ not in below]
        return Branch(memory, tuple(grown(one, below) for one in found))

    roots = [memory for memory in reversed(insights) if memory.id not in cited]
    return [grown(memory, frozenset()) for memory in roots[:most]]


@dataclass(frozen=True, slots=True)
class Relation:
    """What one remembers of another. count: memories about it. heard: what it told. last: the newest of them;
    insight: the newest thought about it, "" for none."""

    name: str
    count: int
    heard: int
    last: MemoryLine
    insight: str


def relations(memories: Sequence[MemoryLine], name: str, people: Sequence[str]) -> list[Relation]:
    """Whom one knows, the best known first."""
    about: dict[str, list[MemoryLine]] = {}
    others = set(people) - {name}
    for memory in memories:
        for other in sorted({*memory.subjects, memory.told_by} & others):
            about.setdefault(other, []).append(memory)
    found = [
        Relation(
            other,
            len(some),
            sum(memory.told_by == other for memory in some),
            some[-1],
            next((m.text for m in reversed(some) if m.kind == "reflection"), ""),
        )
        for other, some in about.items()
    ]
    return sorted(found, key=lambda relation: (-relation.count, relation.name))


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the language model. options: (text, probability among the options), the likeliest first."""

    purpose: str
    method: str
    prefix: str
    suffix: str
    options: tuple[tuple[str, float], ...] = ()
    replies: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided at a tick, and the calls that were made for it."""

    id: str
    tick: int
    answer: str
    why: str
    calls: tuple[Call, ...] = field(default=())


def decisions(table: EventTable, name: str, tick: float, most: int = 30) -> list[Decision]:
    """The latest decisions of an agent at a tick, the newest first, without their calls."""
    return [
        Decision(event.id, event.tick, answer_text(event.data["answer"]), str(event.data["why"]))
        for event in table.latest(("decided",), name, tick, most)
    ]


def calls(table: EventTable, name: str, tick: int) -> tuple[Call, ...]:
    """The calls that an agent's mind made at a tick, in order."""
    found = table.events(first_tick=tick, last_tick=tick, kind="model", agent=name)
    return tuple(_call(table, event) for event in found)


def _call(table: EventTable, event: Event) -> Call:
    data = event.data
    prompt = table.last("prompt", event.agent or "", event.tick, _hash_is(str(data.get("prefix", ""))))
    options: list[tuple[str, float]] = []
    if data.get("options") and data.get("logprobs"):
        logs = [real(value) for value in data["logprobs"]]
        weights = [exp(value - max(logs)) for value in logs]
        options = [
            (str(text), weight / sum(weights)) for text, weight in zip(data["options"], weights, strict=True)
        ]
    return Call(
        str(data["purpose"]),
        str(data["method"]),
        str(prompt.data["text"]) if prompt is not None else "",
        str(data.get("suffix", "")),
        tuple(sorted(options, key=lambda option: -option[1])),
        tuple(str(reply) for reply in data.get("replies", ())),
        int(data.get("tokens_in", 0)),
        int(data.get("tokens_out", 0)),
    )


def _hash_is(prefix: str) -> str:
    """The condition that finds a prompt; a hash is hexadecimal, and nothing else gets into a query."""
    return f"json_extract(data, '$.hash') = '{''.join(c for c in prefix if c.isalnum())}'"


def answer_text(answer: Json) -> str:
    """An answer in words: a tool and what it was given."""
    if isinstance(answer, Mapping):
        given = answer.get("arguments", answer)
        words = [str(v) for v in given.values()] if isinstance(given, Mapping) else [str(given)]
        return " ".join([str(answer.get("tool", "")), ", ".join(words)]).strip()
    return str(answer)
