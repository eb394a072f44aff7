"""An agent's insights and what they rest on, as a graph, a DOT file or GraphML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from burgh.memory.tree import reflection_tree
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.state import memories_of
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.memory.record import Memory
    from burgh.memory.tree import Tree


def reflections(past: Past, agent: str, *, reflects: bool = True) -> Tree:
    """The reflection tree (see memory/tree.py) of an agent at the end of that past.

    reflects: whether that agent's mind does so at all. Raises BurghError for an unknown agent, where nothing
    was reflected yet, and where the record's tree is not one: an insight that cites nothing, or what is no
    earlier memory of the same agent.
    """
    past.check_agent(agent)
    try:
        tree = reflection_tree(memories_of(past, agent))
    except ValueError as error:
        raise BurghError(f"{agent}'s reflections are not well founded: {error}") from None
    if not tree:
        if not reflects:
            raise BurghError(f"{agent} does not reflect: that part of its mind is off, or its kind has none")
        raise BurghError(
            f"{agent} has not reflected on anything by {past.time(past.tick)}: ask for a later time, or lower"
            " the scenario's reflection.threshold"
        )
    return tree


def roots(tree: Tree) -> list[str]:
    """The insights on which nothing rests, oldest first."""
    return sorted((node for node in tree if tree.in_degree(node) == 0), key=_number)


def grounds_of(tree: Tree, node: str) -> list[str]:
    """What an insight cites, in its own order."""
    return list(tree.nodes[node]["memory"].evidence)


def _number(memory_id: str) -> int:
    return int(memory_id.rpartition(":")[2])


def dot(tree: Tree) -> str:
    """The tree in the DOT language of Graphviz."""
    lines = ["digraph reflections {", '  node [shape=box, style="rounded,filled", fontname="sans-serif"];']
    for node in sorted(tree, key=_number):
        memory: Memory = tree.nodes[node]["memory"]
        colour = "#f0c674" if memory.kind == "reflection" else "#cfe3d4"
        label = _quoted(f"{node}\n{memory.text}")
        lines.append(f'  {_quoted(node)} [label={label}, fillcolor="{colour}"];')
    lines += [f"  {_quoted(insight)} -> {_quoted(ground)};" for insight, ground in sorted(tree.edges)]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def write_graphml(tree: Tree, path: Path) -> None:
    """The tree as GraphML, with each memory's particulars. Raises BurghError."""
    import networkx

    plain: Tree = networkx.DiGraph()
    for node, data in tree.nodes(data=True):
        memory: Memory = data["memory"]
        plain.add_node(
            node, kind=memory.kind, text=memory.text, importance=memory.importance, created=memory.created
        )
    plain.add_edges_from(tree.edges)
    try:
        networkx.write_graphml(plain, path)
    except OSError as error:
        raise BurghError(f"{path} cannot be written: {error.strerror}") from None
