"""The engine's bookkeeping, which knows no tensors: the tree of prefixes, room, layouts, the queue."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_for_tests import call

import burgh.agents.llm
from burgh.agents.llm.jobs import Job, Queue
from burgh.agents.llm.layout import BLOCK, Span, lay_out
from burgh.agents.llm.room import Room
from burgh.agents.llm.tree import Tree
from burgh.sim.protocols import Prompt, ScoreRequest

RUNS = st.lists(st.integers(0, 2), min_size=1, max_size=9)


class Naive:
    """What a tree is to hold: a slot for each prefix."""

    def __init__(self) -> None:
        self.slots: dict[tuple[int, ...], int] = {}

    def held(self, tokens: list[int]) -> list[int]:
        found = []
        for end in range(1, len(tokens) + 1):
            if (slot := self.slots.get(tuple(tokens[:end]))) is None:
                break
            found.append(slot)
        return found


@settings(max_examples=200, deadline=None)
@given(st.lists(RUNS, max_size=25), st.integers(0, 30))
def test_the_tree_holds_what_a_table_of_all_prefixes_holds(paths: list[list[int]], evicted: int) -> None:
    tree, naive, fresh = Tree(), Naive(), iter(range(1, 1000))
    for tokens in paths:
        node, slots = tree.match(tokens)
        assert slots == naive.held(tokens)
        new = [next(fresh) for _ in tokens[len(slots) :]]
        for n, slot in enumerate(new, len(slots) + 1):
            naive.slots[tuple(tokens[:n])] = slot
        tree.extend(node, tokens[len(slots) :], new)
    assert len(tree) == len(naive.slots) == tree.evictable()
    freed = set(tree.evict(evicted))
    assert len(freed) >= min(evicted, len(naive.slots))
    naive.slots = {prefix: slot for prefix, slot in naive.slots.items() if slot not in freed}
    assert len(tree) == len(naive.slots)
    for tokens in paths:
        assert tree.match(tokens)[1] == naive.held(tokens)  # what is left still begins at the root


def test_the_least_recently_used_goes_first_and_what_is_held_stays() -> None:
    tree = Tree()
    for slot, tokens in enumerate(([1, 2], [1, 3], [4, 5]), 1):
        node, slots = tree.match(tokens)
        tree.extend(node, tokens[len(slots) :], [10 * slot + n for n in range(2 - len(slots))])
    held, _ = tree.match([1, 2])
    tree.hold(held)
    tree.match([4, 5])
    assert tree.evictable() == 3
    assert tree.evict(1) == [20]
    assert sorted(tree.evict(9)) == [30, 31]
    assert tree.match([1, 2])[1] == [10, 11]
    tree.release(held)
    assert sorted(tree.evict(9)) == [10, 11]


def test_a_run_is_trimmed_where_nothing_rests_on_it() -> None:
    tree = Tree()
    node = tree.extend(tree.root, [1, 2, 3, 4], [11, 12, 13, 14])
    below = tree.extend(node, [5], [15])
    assert tree.trim(node, {13, 14}) == []  # something rests on it
    assert tree.trim(below, {13, 14, 15}) == [15, 13, 14]
    assert tree.match([1, 2, 3])[1] == [11, 12]


def test_room_gives_up_prefixes_before_it_says_no() -> None:
    tree = Tree()
    room = Room(9, tree)  # one of them is never given out
    first = room.take(5)
    assert first is not None and len(set(first)) == 5 and 0 not in first
    tree.extend(tree.root, [1, 2, 3, 4, 5], first)
    assert room.fits(8) and not room.fits(9)
    room.promised = 4
    assert room.fits(4) and not room.fits(5)
    more = room.take(4)
    assert more is not None and len(more) == 4 and len(tree) == 0
    assert room.take(5) is None
    room.give_back(more)
    assert room.free == 8


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_every_row_sees_each_block_once_and_in_order(seed: int) -> None:
    rng = random.Random(seed)
    pieces = [list(range(1000 * n, 1000 * n + 4 * BLOCK)) for n in range(4)]
    paths: list[list[int]] = []
    for n in range(rng.randrange(1, 9)):
        shared = pieces[rng.randrange(2)][: rng.randrange(4 * BLOCK)]
        if rng.random() < 0.5 and len(shared) > BLOCK:
            shared = [*shared, *pieces[2 + rng.randrange(2)][: rng.randrange(3 * BLOCK)]]
        paths.append([*shared, *range(-100 * n - 60, -100 * n - 60 + rng.randrange(1, 40))])
    spans = [Span(path, rng.randrange(1, min(len(path), 30) + 1)) for path in paths]
    layout = lay_out(spans)
    assert sorted(layout.order) == list(range(len(spans)))
    for place, (row, tail) in enumerate(zip(layout.order, layout.tails, strict=True)):
        seen = [slot for one in layout.segments if one.begin <= place < one.end for slot in one.slots]
        assert [*seen, *spans[row].slots[tail * BLOCK :]] == list(spans[row].slots)
        assert tail <= spans[row].full_blocks
    covered = lay_out(spans, [tail for _, tail in sorted(zip(layout.order, layout.tails, strict=True))])
    for place, row in enumerate(covered.order):
        seen = [slot for one in covered.segments if one.begin <= place < one.end for slot in one.slots]
        assert seen == list(spans[row].slots[: covered.tails[place] * BLOCK])


def test_rows_of_one_beginning_share_it() -> None:
    common = list(range(1, 5 * BLOCK + 1))
    spans = [Span([*common, 1000 + n], 1) for n in range(3)]
    layout = lay_out(spans)
    assert [(one.begin, one.end, one.first, one.last) for one in layout.segments] == [(0, 3, 0, 5)]
    assert layout.tails == (5, 5, 5)
    assert lay_out(spans[:1]).segments == ()


@pytest.mark.parametrize("seed", range(4))
def test_the_queue_is_in_order_of_tick_agent_and_call(seed: int) -> None:
    calls = [call(n, agent, tick) for tick in (3, 12) for agent in ("Anna", "Ben") for n in (1, 2, 11)]
    jobs = [Job(ScoreRequest(one, Prompt("", "x"), ()), (1,), (), lambda _: None) for one in calls]
    shuffled = list(jobs)
    random.Random(seed).shuffle(shuffled)
    queue = Queue()
    queue.add(shuffled[:5])
    queue.add(shuffled[5:])
    jobs[4].cancelled = True
    assert len(queue) == len(jobs)
    assert [queue.pop() for _ in jobs] == [*jobs[:4], *jobs[5:], None]


def test_bookkeeping_imports_no_torch() -> None:
    folder = Path(burgh.agents.llm.__file__).parent
    for name in ("tree", "room", "layout", "jobs", "reply"):
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not any(one.split(".")[0] in ("torch", "transformers", "numpy") for one in names), name
