"""A radix tree over token prefixes: which tokens' keys and values are held, and in which slots.

Bookkeeping only: no tensors, no torch. A node is a run of tokens with one slot each; the path from the root
to it spells a prefix. Prompts that share their beginning share a path (world, persona, examples, what was
said so far), and a run is split where they part.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence


class Node:
    """A run of tokens after those of its parent. refs: how many rows rest on it; used: when it last was."""

    __slots__ = ("children", "parent", "refs", "slots", "tokens", "used")

    def __init__(self, tokens: list[int], slots: list[int], parent: Node | None, used: int) -> None:
        self.tokens, self.slots = tokens, slots
        self.parent, self.used = parent, used
        self.children: dict[int, Node] = {}  # by their first token
        self.refs = 0


class Tree:
    """Held prefixes. What is not rested on can be taken back, least recently used first."""

    def __init__(self) -> None:
        self.root = Node([], [], None, 0)
        self._clock = 0

    def __len__(self) -> int:
        """How many tokens are held."""
        return sum(len(node.tokens) for node in self._nodes())

    def _nodes(self) -> Iterator[Node]:
        stack = [self.root]
        while stack:
            node = stack.pop()
            yield node
            stack += node.children.values()

    def match(self, tokens: Sequence[int]) -> tuple[Node, list[int]]:
        """The node at which the longest held prefix of these tokens ends, and the slots of that prefix."""
        self._clock += 1
        node, slots, at = self.root, list[int](), 0
        while at < len(tokens) and (child := node.children.get(tokens[at])) is not None:
            shared = _shared(child.tokens, tokens, at)
            if shared < len(child.tokens):
                child = self._split(child, shared)
            child.used = self._clock
            node = child
            slots += child.slots
            at += shared
        return node, slots

    def extend(self, node: Node, tokens: Sequence[int], slots: Sequence[int]) -> Node:
        """Holds a run after a node at which `match` ended; the node at its end."""
        if not tokens:
            return node
        child = Node(list(tokens), list(slots), node, self._clock)
        node.children[tokens[0]] = child
        return child

    def _split(self, node: Node, at: int) -> Node:
        """Cuts a run in two and returns the upper part, a new node: who rests on the lower rests on both."""
        assert node.parent is not None
        upper = Node(node.tokens[:at], node.slots[:at], node.parent, node.used)
        node.parent.children[upper.tokens[0]] = upper
        node.tokens, node.slots, node.parent = node.tokens[at:], node.slots[at:], upper
        upper.children[node.tokens[0]] = node
        return upper

    def hold(self, node: Node) -> None:
        """The path to this node stays until it is released."""
        node.refs += 1

    def release(self, node: Node) -> None:
        assert node.refs > 0
        node.refs -= 1

    def evictable(self) -> int:
        """How many held tokens could be taken back: those that nothing in flight rests on."""
        held: dict[int, bool] = {}
        total = 0
        for node in reversed(list(self._nodes())):  # children before their parents
            kept = node.refs > 0 or any(held[id(child)] for child in node.children.values())
            held[id(node)] = kept
            total += 0 if kept else len(node.tokens)
        return total

    def evict(self, count: int) -> list[int]:
        """Takes back at least so many tokens, leaf by leaf, if there are so many; the freed slots."""
        leaves = [
            (node.used, number, node)
            for number, node in enumerate(self._nodes())
            if not node.children and not node.refs and node.parent is not None
        ]
        heapq.heapify(leaves)
        number, freed = len(leaves), list[int]()
        while leaves and len(freed) < count:
            node = heapq.heappop(leaves)[2]
            parent = node.parent
            freed += self._cut(node)
            if parent is not None and parent.parent is not None and not parent.children and not parent.refs:
                number += 1
                heapq.heappush(leaves, (parent.used, -number, parent))
        return freed

    def trim(self, node: Node, slots: set[int]) -> list[int]:
        """Takes back those of these slots with which the path to a node ends, unless something rests on them;
        the freed slots."""
        freed: list[int] = []
        while node.parent is not None and not node.children and not node.refs:
            kept = next((n for n, slot in enumerate(node.slots) if slot in slots), len(node.slots))
            if kept:
                freed += node.slots[kept:]
                del node.tokens[kept:], node.slots[kept:]
                break
            above = node.parent
            freed += self._cut(node)
            node = above
        return freed

    @staticmethod
    def _cut(node: Node) -> list[int]:
        assert node.parent is not None
        del node.parent.children[node.tokens[0]]
        node.parent = None
        return node.slots


def _shared(run: Sequence[int], tokens: Sequence[int], at: int) -> int:
    """How many tokens of a run follow at this place; the first is known to."""
    count, most = 1, min(len(run), len(tokens) - at)
    while count < most and run[count] == tokens[at + count]:
        count += 1
    return count
