"""Graphs as pictures, with matplotlib, on no display."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burgh.scenarios.ask.past import Past
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.memory.tree import Tree
    from burgh.scenarios.ask.relations import Relations

INK, FAINT, PAPER = "#2b2b33", "#b9b4a7", "#fbf8f1"
COLOURS = {
    "reflection": "#f0c674",
    "observation": "#cfe3d4",
    "speech": "#c7d9ee",
    "whisper": "#c7d9ee",
    "plan": "#e6d3e3",
    "summary": "#d9d4ee",
}
CARD_LINES = 3  # of text on a card
CARD_CHARS = 46  # in such a line
COLUMN_INCHES, ROW_INCHES = 4.4, 0.72


def save(figure: Any, path: Path) -> None:
    """Writes a figure as PNG. Raises BurghError where the file cannot be written."""
    from matplotlib import pyplot as plt

    try:
        figure.savefig(path, dpi=150, facecolor=PAPER, bbox_inches="tight", format="png")
    except OSError as error:
        raise BurghError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        plt.close(figure)


def figure(width: float, height: float) -> tuple[Any, Any]:
    """A page, inches wide and high, without axes."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    page, axes = plt.subplots(figsize=(width, height), facecolor=PAPER)
    axes.set_facecolor(PAPER)
    axes.axis("off")
    return page, axes


def draw_tree(past: Past, agent: str, tree: Tree, path: Path) -> None:
    """The insights on the left and what they rest on to the right, each a card with its text."""
    levels = _levels(tree)
    tallest = max(len(level) for level in levels)
    page, axes = figure(COLUMN_INCHES * len(levels), 0.6 + ROW_INCHES * tallest)
    spots = _spots(tree, levels)
    for insight, ground in tree.edges:
        (x, y), (right_x, right_y) = spots[insight], spots[ground]
        bend = x + 0.5
        axes.plot([x, bend, bend + 0.06, right_x], [y, y, right_y, right_y], color=FAINT, lw=1.1, zorder=1)
    for node, (x, y) in spots.items():
        memory = tree.nodes[node]["memory"]
        lines = textwrap.wrap(memory.text, CARD_CHARS, max_lines=CARD_LINES, placeholder=" …")
        head = f"{past.time(memory.created)}  {node}, importance {memory.importance:.0f}"
        box = {"boxstyle": "round,pad=0.45", "fc": COLOURS[memory.kind], "ec": INK, "lw": 0.8}
        axes.text(
            x,
            y,
            "\n".join([head, *lines]),
            ha="center",
            va="center",
            fontsize=8,
            color=INK,
            bbox=box,
            zorder=2,
        )
    axes.set_xlim(-0.5, len(levels) - 0.5)
    axes.set_ylim(tallest - 0.4, -0.6)
    title = f"What {agent} concludes, and from what, at {past.time(past.tick)}"
    axes.set_title(title, fontsize=13, color=INK, loc="left")
    save(page, path)


def _levels(tree: Tree) -> list[list[str]]:
    """The nodes by their height above what was seen or heard: level 0 is that."""
    from burgh.memory.tree import depth

    heights = {node: depth(tree, node) for node in tree.nodes}
    levels: list[list[str]] = [[] for _ in range(max(heights.values()) + 1)]
    for node, height in heights.items():
        levels[height].append(node)
    return levels


def _spots(tree: Tree, levels: list[list[str]]) -> dict[str, tuple[float, float]]:
    """A place for each node, column by column: what rests on the same stands together, so few lines cross."""
    import networkx

    tops = sorted(
        (node for node in tree if tree.in_degree(node) == 0), key=lambda n: tree.nodes[n]["memory"].row
    )
    order: dict[str, int] = {}
    for top in tops:
        for node in networkx.dfs_preorder_nodes(tree, top):
            order.setdefault(node, len(order))
    tallest = max(len(level) for level in levels)
    spots: dict[str, tuple[float, float]] = {}
    for height, level in enumerate(levels):
        ranked = sorted(level, key=order.__getitem__)
        step = tallest / len(ranked)
        column = float(len(levels) - 1 - height)
        spots |= {node: (column, (n + 0.5) * step - 0.5) for n, node in enumerate(ranked)}
    return spots


def draw_relations(past: Past, graph: Relations, density: float, path: Path) -> None:
    """The people in a ring; a line is the thicker the more two have spoken, dashed where only one knows."""
    import networkx

    page, axes = figure(8.5, 8.5)
    spots = networkx.circular_layout(graph)
    most = max((sum(data["spoken"].values()) for _, _, data in graph.edges(data=True)), default=0) or 1
    for one, other, data in graph.edges(data=True):
        spoken = sum(data["spoken"].values())
        (x, y), (to_x, to_y) = spots[one], spots[other]
        colour = "#8a5a44" if spoken else FAINT
        style = "-" if data["mutual"] else (0, (3, 3))
        axes.plot(
            [x, to_x], [y, to_y], color=colour, lw=0.8 + 6 * spoken / most, ls=style, alpha=0.75, zorder=1
        )
        if spoken and len(graph) <= 10:
            axes.text(
                x + 0.38 * (to_x - x),
                y + 0.38 * (to_y - y),
                f"{spoken}",
                fontsize=9,
                color=INK,
                ha="center",
                va="center",
                bbox={"boxstyle": "round,pad=0.15", "fc": PAPER, "ec": "none"},
                zorder=2,
            )
    for name, (x, y) in spots.items():
        box = {"boxstyle": "round,pad=0.5", "fc": COLOURS["reflection"], "ec": INK, "lw": 1}
        axes.text(x, y, name, ha="center", va="center", fontsize=11, color=INK, bbox=box, zorder=3)
    axes.set_xlim(-1.25, 1.25)
    axes.set_ylim(-1.25, 1.25)
    axes.set_aspect("equal")
    axes.set_title(f"Who knows whom at {past.time(past.tick)}", fontsize=13, color=INK, loc="left")
    legend = (
        f"Density {density:.2f}. Thicker and numbered: utterances between the two. Dashed: only one knows."
    )
    axes.text(-1.25, -1.3, legend, fontsize=9, color=INK, va="top")
    save(page, path)
