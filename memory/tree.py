"""What an agent's insights rest on: reflections point to their evidence, down to what was seen or heard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from burgh.memory.record import Memory

if TYPE_CHECKING:
    import networkx

    Tree: TypeAlias = networkx.DiGraph[str]

SUMMARY = "summary"  # rests on evidence as a reflection does, but is no insight
GROUNDS = ("observation", "speech", "whisper")  # the kinds that need no evidence


def reflection_tree(memories: Iterable[Memory]) -> Tree:
    """The reflections and all they rest on, as a graph with an edge from each to each piece of its evidence.

    Nodes are memory ids, each with its Memory as `memory`. An insight may rest on insights. Raises
    ValueError where a reflection cites nothing, or something that is no earlier observation, speech or
    reflection.
    """
    import networkx

    known = {memory.id: memory for memory in memories}
    tree: Tree = networkx.DiGraph()
    for memory in known.values():
        if memory.kind != "reflection":
            continue
        if not memory.evidence:
            raise ValueError(f"the reflection {memory.id} cites no evidence")
        tree.add_node(memory.id, memory=memory)
        open_ids = [memory.id]
        while open_ids:
            citing = known[open_ids.pop()]
            for cited in citing.evidence:
                _check_evidence(citing, cited, known.get(cited))
                if known[cited].kind == SUMMARY and not tree.has_node(cited):
                    open_ids.append(cited)
                tree.add_node(cited, memory=known[cited])
                tree.add_edge(citing.id, cited)
    return tree


def _check_evidence(memory: Memory, cited: str, evidence: Memory | None) -> None:
    if evidence is None:
        raise ValueError(f"the reflection {memory.id} cites {cited}, which is no memory of this agent")
    if evidence.kind not in (*GROUNDS, SUMMARY, "reflection"):
        raise ValueError(f"the reflection {memory.id} cites {cited}, a {evidence.kind}")
    if evidence.row >= memory.row:
        raise ValueError(f"the reflection {memory.id} cites {cited}, which came later")


def grounds(tree: Tree, memory_id: str) -> tuple[str, ...]:
    """The ids of the observations and speech that a reflection rests on in the end, oldest first."""
    import networkx

    leaves = [node for node in networkx.descendants(tree, memory_id) if tree.out_degree(node) == 0]
    return tuple(sorted(leaves, key=lambda node: int(node.rpartition(":")[2])))


def depth(tree: Tree, memory_id: str) -> int:
    """How many steps an insight stands above what was seen or heard: 1 where it rests on that alone."""
    return 1 + max((depth(tree, cited) for cited in tree.successors(memory_id)), default=-1)
