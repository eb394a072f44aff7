"""Who knows whom: who has spoken with whom, what they told each other, and when they last met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from burgh.scenarios.ask.past import Past
from burgh.sim.types import Event, Json

if TYPE_CHECKING:
    import networkx

    Relations: TypeAlias = networkx.Graph[str]


class _Side:
    """What one of a pair has to do with the other. met: ticks; -1 for never."""

    def __init__(self) -> None:
        self.spoken = 0
        self.facts: set[str] = set()
        self.knows = False
        self.met = -1


class Acquaintance:
    """Takes in events and can tell, at any moment, who knows whom."""

    def __init__(self, agents: Iterable[str]) -> None:
        self.agents = tuple(agents)
        self._sides = {(one, other): _Side() for one in self.agents for other in self.agents if one != other}

    def apply(self, event: Event) -> None:
        """Takes over what an event changes; other kinds are passed over."""
        if event.kind == "said" and event.agent is not None:
            self._said(event.agent, event)
        elif event.kind == "memory" and event.agent is not None:
            for subject in event.data["subjects"]:
                self._meets(event.agent, subject, event.tick if event.causes else -1)

    def _said(self, speaker: str, event: Event) -> None:
        to, heard = event.data["to"], event.data["heard_by"]
        if (side := self._sides.get((speaker, to))) is not None and to in heard:
            side.spoken += 1
            if event.data["fact"]:
                side.facts.add(event.data["fact"])
            self._meets(speaker, to, event.tick)
            self._meets(to, speaker, event.tick)

    def _meets(self, one: str, other: str, tick: int) -> None:
        if (side := self._sides.get((one, other))) is not None:
            side.knows = True
            side.met = max(side.met, tick)

    def knows(self, one: str, other: str) -> bool:
        """Whether one has spoken with the other or remembers something about the other."""
        return self._sides[one, other].knows

    def density(self) -> float:
        """2 |E| / n (n - 1): the share of pairs in which both know each other (Park et al. 2023, 7.1.1).

        0 where there are no pairs.
        """
        pairs = list(combinations(self.agents, 2))
        known = sum(self.knows(one, other) and self.knows(other, one) for one, other in pairs)
        return known / len(pairs) if pairs else 0.0

    def graph(self) -> Relations:
        """Nodes are the agents; an edge joins two where at least one knows the other.

        Of an edge: mutual (both know each other), spoken (utterances of each to the other, by name), facts
        (roots of what each told the other, by name), exchanged (how many different ones), last_met (a tick,
        None where they have not met).
        """
        import networkx

        graph: Relations = networkx.Graph()
        graph.add_nodes_from(self.agents)
        for one, other in combinations(self.agents, 2):
            sides = {one: self._sides[one, other], other: self._sides[other, one]}
            if not any(side.knows for side in sides.values()):
                continue
            met = max(side.met for side in sides.values())
            graph.add_edge(
                one,
                other,
                mutual=all(side.knows for side in sides.values()),
                spoken={name: side.spoken for name, side in sides.items()},
                facts={name: sorted(side.facts) for name, side in sides.items()},
                exchanged=len(set[str]().union(*(side.facts for side in sides.values()))),
                last_met=met if met >= 0 else None,
            )
        return graph


def acquaintance(past: Past) -> Acquaintance:
    """Who knows whom at the end of that past."""
    found = Acquaintance(past.agents)
    for event in past.events:
        found.apply(event)
    return found


def relations(past: Past) -> Relations:
    """The same as a graph (see `Acquaintance.graph`)."""
    return acquaintance(past).graph()


def relations_json(past: Past) -> dict[str, Json]:
    """Plain data: the agents, each pair of which one knows the other, and the density."""
    found = acquaintance(past)
    graph = found.graph()
    pairs = [
        {"agents": [one, other], **data, "last_met_time": _time(past, data["last_met"])}
        for one, other, data in graph.edges(data=True)
    ]
    return {"tick": past.tick, "agents": list(past.agents), "density": found.density(), "pairs": pairs}


def _time(past: Past, tick: int | None) -> str | None:
    return None if tick is None else past.time(tick)


def closest(graph: Relations) -> Sequence[tuple[str, str, dict[str, Json]]]:
    """The edges, those who have spoken most first."""
    edges = [(one, other, dict(data)) for one, other, data in graph.edges(data=True)]
    return sorted(edges, key=lambda edge: (-sum(edge[2]["spoken"].values()), edge[0], edge[1]))
