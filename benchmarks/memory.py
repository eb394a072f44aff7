"""What remembering costs: `python -m benchmarks.memory [--whole]`.

Time: how long a retrieval takes in process, over agents with many memories each. Space: what the mirror of
the memory streams holds, measured on some agents and reckoned up, or with --whole measured on all of them.
Vectors are synthetic: random ones of unit length.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np
import typer

from burgh.memory.record import KINDS, Memory
from burgh.memory.score import USUAL, Vectors
from burgh.memory.stream import MemoryStream
from burgh.scenarios.cli.console import line, out, table, write_json

DIMENSION = 384  # of all-MiniLM-L6-v2
TICKS_APART = 6  # a memory a game minute
QUERIES = 8  # for each agent
K = 8
QUESTION = "What did Agent3 do on the market square?"  # a name of some memories, and a place of all
WARM_UP = 50  # retrievals that are not measured
LIMIT_MS, LIMIT_GIB = 1.0, 3.0


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds for a retrieval of the K best."""

    agents: int
    memories: int
    retrievals: int
    p50_ms: float
    p95_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True)
class Space:
    """bytes_per_memory: measured on `measured_agents` with `memories` each. gib: for `agents` of them."""

    agents: int
    memories: int
    measured_agents: int
    bytes_per_memory: float
    gib: float


def stream_of(agent: int, memories: int) -> MemoryStream:
    """An agent's stream of synthetic memories, one a game minute."""
    rng = np.random.default_rng(agent)
    stream = MemoryStream(f"Agent{agent}", DIMENSION)
    vectors = rng.standard_normal((memories, DIMENSION), dtype=np.float32)
    importances = rng.integers(1, 11, memories)
    for n in range(memories):
        memory = Memory(
            id=stream.next_id(),
            kind=KINDS[n % len(KINDS)],
            text=f"Agent{agent} saw how somebody went about errand {n} on the market square.",
            created=n * TICKS_APART,
            last_access=n * TICKS_APART,
            importance=float(importances[n]),
            subjects=(f"Agent{n % 25}",),
            place="Burgh : Market Square",
        )
        stream.add(memory, vectors[n])
    return stream


def queries(agent: int) -> Iterator[Vectors]:
    """Vectors of unit length to ask with."""
    rng = np.random.default_rng((1, agent))
    for _ in range(QUERIES):
        vector = rng.standard_normal(DIMENSION, dtype=np.float32)
        yield vector / np.linalg.norm(vector)


def measure_times(agents: int, memories: int) -> Times:
    """Retrievals by all agents in turn, as in a tick in which everyone thinks."""
    streams = [stream_of(agent, memories) for agent in range(agents)]
    now = memories * TICKS_APART
    for query in list(queries(agents)) * (WARM_UP // QUERIES):
        streams[0].retrieve(query, now, K, text=QUESTION, weights=USUAL)
    taken: list[float] = []
    asked = [list(queries(agent)) for agent in range(agents)]
    for n in range(QUERIES):
        for stream, own in zip(streams, asked, strict=True):
            begin = time.thread_time()  # of this thread, whatever else the machine does
            found = stream.retrieve(own[n], now, K, text=QUESTION, weights=USUAL)
            taken.append((time.thread_time() - begin) * 1000)
            stream.touch((one.memory.id for one in found), now)
    p50, p95 = np.percentile(taken, [50, 95])
    return Times(agents, memories, len(taken), float(p50), float(p95), max(taken))


def measure_space(agents: int, memories: int, measured: int) -> Space:
    """How much this process grows by the streams of some agents, and what that makes for all."""
    spare = stream_of(0, memories)  # what is allocated once is allocated by now
    before = resident_bytes()
    streams = [stream_of(agent, memories) for agent in range(measured)]
    for stream in streams:  # what is derived for retrieval counts too
        stream.retrieve(stream.vectors[0], memories, K, text=QUESTION, weights=USUAL)
    grown = resident_bytes() - before
    each = grown / sum(map(len, streams))
    del spare
    return Space(agents, memories, measured, each, each * agents * memories / 2**30)


def resident_bytes() -> int:
    """What this process holds in memory now."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def main(
    *,
    whole: Annotated[bool, typer.Option("--whole", help="Measures the space of all agents.")] = False,
    agents: Annotated[int, typer.Option(min=1, help="Whose space is reckoned up.")] = 1000,
    memories: Annotated[int, typer.Option(min=2, help="Of each agent.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="As json.")] = False,
) -> None:
    """Measures retrieval and the space of the mirror."""
    times = measure_times(25, memories)
    space = measure_space(agents, memories, agents if whole else min(agents, 40))
    if as_json:
        write_json({"times": asdict(times), "space": asdict(space), "cores": os.cpu_count()})
        return
    line(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", "bold")
    rows = [
        ("agents x memories", f"{times.agents:,} x {times.memories:,}", ""),
        (f"retrieval of {K}, p50, ms", f"{times.p50_ms:.3f}", f"under {LIMIT_MS:g}"),
        (f"retrieval of {K}, p95, ms", f"{times.p95_ms:.3f}", ""),
        ("bytes per memory", f"{space.bytes_per_memory:,.0f}", ""),
        (
            f"{space.agents:,} x {space.memories:,}, {'measured' if whole else 'reckoned up'}, GiB",
            f"{space.gib:.2f}",
            f"under {LIMIT_GIB:g}",
        ),
    ]
    out.print(table(("figure", "value", "asked for"), rows, right=("value",)))


if __name__ == "__main__":
    typer.run(main)
