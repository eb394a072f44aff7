"""Minds as they were at a tick, put together from the record alone: what an interview asks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.agents.asking import Asker
from burgh.agents.interview import Interviewee, Planned
from burgh.memory.stream import MemoryStream
from burgh.scenarios.ask.memories import check_embedder
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.state import memories_of, plans_of
from burgh.scenarios.build import persona, settings
from burgh.scenarios.recorded import scenario_of
from burgh.scenarios.run import MEMORY
from burgh.scenarios.spec import Basis, Scenario
from burgh.scenarios.travel.changes import OF_SCENARIO, changed
from burgh.sim.record import RunLog
from burgh.sim.types import BurghError, Events

if TYPE_CHECKING:
    from burgh.memory.embed import Embedder
    from burgh.memory.score import Vectors
    from burgh.sim.protocols import LanguageModel


def scenario_then(log: RunLog, past: Past) -> Scenario:
    """The run's scenario with what was changed until then. Raises BurghError where it is no town's."""
    scenario: Basis = scenario_of(log)
    for event in past.events:
        if event.kind == "intervention" and event.data["what"] in OF_SCENARIO:
            scenario = changed(scenario, event.data)
    if not isinstance(scenario, Scenario):
        raise BurghError(
            f"nobody in {log.folder} can be interviewed: those in a world of kind {scenario.world.kind}"
            " keep no memories"
        )
    return scenario


def stream_then(past: Past, agent: str, embedder: Embedder, kept: Kept, tick_seconds: int) -> MemoryStream:
    """Somebody's memories at the end of a past, as their mind had them: accessed when they were, and
    without what was forgotten."""
    memories = memories_of(past, agent)
    stream = MemoryStream(agent, embedder.dimension, tick_seconds)
    vectors = kept.of([one.id for one in memories], [one.text for one in memories])
    for memory, vector in zip(memories, vectors, strict=True):
        stream.add(memory, vector)
    for event in past.of_agent(agent, "intervention"):
        if event.data["what"] == "forget":
            stream.forget(event.data["memory"])
    return stream


class Kept:
    """The embeddings beside the record, where they are whole; others are computed, and nothing is written."""

    def __init__(self, log: RunLog, embedder: Embedder) -> None:
        from burgh.memory.vectors import load_vectors

        self.embedder = embedder
        self._rows: dict[str, Vectors] = {}
        folder: Path = log.folder / MEMORY
        try:
            check_embedder(log, embedder)
            ids, vectors = load_vectors(folder)
        except BurghError:
            return
        if vectors.shape[1] == embedder.dimension:
            self._rows = dict(zip(ids, vectors, strict=True))

    def of(self, ids: Iterable[str], texts: Iterable[str]) -> list[Vectors]:
        """The embeddings of these memories, one each."""
        return [
            self._rows[one] if one in self._rows else self.embedder.embed([text])[0]
            for one, text in zip(ids, texts, strict=True)
        ]


def interviewees(
    log: RunLog, past: Past, agents: Iterable[str], llm: LanguageModel, embedder: Embedder
) -> list[Interviewee]:
    """Those agents' minds as they were at the end of that past. Raises BurghError for one there is not."""
    scenario = scenario_then(log, past)
    by_name = {agent.name: agent for agent in scenario.agents}
    kept = Kept(log, embedder)
    found = []
    for name in agents:
        past.check_agent(name)
        agent = by_name[name]
        stream = stream_then(past, name, embedder, kept, scenario.tick_seconds)
        says = {one.text: one.say for one in agent.memories if one.say}
        known = (one for one in stream if one.kind == "observation" and one.created == 0)
        ask = Asker(llm, name, past.tick, scenario.seed, Events(past.tick, name), set(), scenario.language)
        found.append(
            Interviewee(
                persona(agent),
                settings(scenario, agent),
                stream,
                past.tick,
                past.clock,
                ask,
                embedder,
                sayings={one.id: str(says[one.text]) for one in known if one.text in says},
                plans=_plans(past, name),
            )
        )
    return found


def _plans(past: Past, agent: str) -> list[tuple[int, list[Planned]]]:
    """Each plan, with the memory that holds each entry: its own, or that of the day's plan."""
    return [
        (
            tick,
            [
                Planned(one["start"], one["end"], one["place"], one["activity"], _memory_of(past, one))
                for one in plan
            ],
        )
        for tick, plan in plans_of(past, agent)
    ]


def _memory_of(past: Past, entry: dict[str, object]) -> str:
    if entry["why"]:
        return str(entry["why"])
    planned = past.by_id[str(entry["event"])]
    causes = (past.by_id[one] for one in planned.causes if one in past.by_id)
    return next((str(one.data["id"]) for one in causes if one.kind == "memory"), "")
