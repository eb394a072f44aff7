"""Chains and graphs as trees of text. What goes on with a single cause stays on one level, so that a chain
through many people does not run off the page; only what branches off is set in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.reflections import grounds_of, roots
from burgh.scenarios.ask.why import Step
from burgh.scenarios.cli.console import line, out, table

if TYPE_CHECKING:
    from burgh.memory.tree import Tree as ReflectionTree
    from burgh.scenarios.ask.decided import DecidedAgain, Decision

MOST_DIFFERENCES = 12  # scores told of that a cause changes
NOTE_INDENT = 6  # where the words begin that follow a time


def why_tree(past: Past, step: Step) -> Tree:
    """The chain behind a step, its nearest cause first."""
    tree = Tree(_label(past, step), guide_style="dim")
    _grow(past, tree, tree, step)
    return tree


def _grow(past: Past, trunk: Tree, own: Tree, step: Step) -> None:
    """Adds what a step rests on. trunk: the level on which the chain goes on. own: the step's own branch."""
    if _is_crossroads(step):
        for cause in step.causes:
            branch = own.add(_label(past, cause))
            _grow(past, branch, branch, cause)
        return
    for cause in step.causes[1:]:
        own.add(_label(past, cause))
    for cause in step.causes[:1]:
        _grow(past, trunk, trunk.add(_label(past, cause)), cause)


def _is_crossroads(step: Step) -> bool:
    """Whether several things lie behind a step, none of which is the one that the chain goes on with."""
    return sum(cause.kind != "retrieved" for cause in step.causes) > 1


def _label(past: Past, step: Step) -> Group:
    head = Text.assemble((f"{past.time(step.tick)} ", "cyan"), step.text)
    if step.again:
        head.append(" (see above)", "dim")
    if step.root:
        head.append(" ■", "bold green")
    notes = [Text(note, style="dim") for note in step.notes]
    if step.left_out:
        notes.append(Text("more lies behind it: ask with a larger --most", style="yellow"))
    return Group(head, *(Padding(note, (0, 0, 0, NOTE_INDENT), expand=False) for note in notes))


def decided_again(past: Past, found: DecidedAgain) -> None:
    """What was decided, what is decided without a cause, and the scores that this changed."""
    line(f"{found.agent} at {past.time(found.tick)}, decided again without {found.cause}", "bold")
    for one in found.left_out:
        line(f"  left out: {one} “{past.memories[one].data['text']}”", "dim")
    for name, decision in (("as it was", found.as_it_was), ("without it", found.without)):
        why = f", because {decision.why}" if decision.why and decision.answer is not None else ""
        line(f"{name}: {found.agent} {_third_person(decision)}{why}")
        for plan in decision.plans:
            line(f"  and plans {plan}", "dim")
    rows = [
        (_score(before), _score(after), option, asked)
        for asked, option, before, after in found.differences()[:MOST_DIFFERENCES]
    ]
    if rows:
        columns = ("as it was", "without it", "option", "asked")
        out.print(table(columns, rows, right=columns[:2]))
    line(f"The {'cause changes' if len(found.causes) == 1 else 'causes change'} {found.changed}.")


def _third_person(decision: Decision) -> str:
    return decision.told if decision.answer is None else f"decides to {decision.told}"


def _score(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def reflection_branches(past: Past, agent: str, found: ReflectionTree) -> Tree:
    """Each insight with what it rests on; what was told of before is not opened again."""
    top = Tree(Text(f"What {agent} concludes, and from what, at {past.time(past.tick)}", style="bold"))
    top.guide_style = "dim"
    told: set[str] = set()

    def add(branch: Tree, node: str) -> None:
        memory = found.nodes[node]["memory"]
        label = Text.assemble((f"{past.time(memory.created)} ", "cyan"), memory.text)
        label.append(f" ({node}, importance {memory.importance:.1f})", "dim")
        again = node in told and found.out_degree(node) > 0
        if again:
            label.append(" (see above)", "dim")
        twig = branch.add(label)
        told.add(node)
        for ground in [] if again else grounds_of(found, node):
            add(twig, ground)

    for root in roots(found):
        add(top, root)
    return top
