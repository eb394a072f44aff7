"""How the rows of a pass share what they see: bookkeeping of the attention, without torch.

Each row sees a path of slots, one a position, and asks for what follows its last `count` tokens. Positions
are taken in blocks of BLOCK. Blocks that several rows see alike become a segment, computed for all of them
at once; the rest of each row is its tail. Blocks are summed up in their order whoever shares them, so that a
row's numbers do not depend on the rows beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BLOCK = 32


@dataclass(frozen=True, slots=True)
class Span:
    """A row of a pass: the slots of all its positions, and how many of the last ones are computed now."""

    slots: Sequence[int]
    count: int

    @property
    def begin(self) -> int:
        return len(self.slots) - self.count

    @property
    def blocks(self) -> int:
        """Blocks that it reaches into."""
        return -(-len(self.slots) // BLOCK)

    @property
    def full_blocks(self) -> int:
        """Blocks that are wholly before what is computed now."""
        return self.begin // BLOCK

    def key(self, block: int) -> int:
        """What names a block and all before it: paths of a tree that share a slot share all above."""
        return self.slots[(block + 1) * BLOCK - 1]


@dataclass(frozen=True, slots=True)
class Segment:
    """Blocks [first, last) that the rows [begin, end), in the layout's order, see alike."""

    begin: int
    end: int
    first: int
    last: int
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """order: which of the given rows stands where. tails: of each, in that order, the first block that is
    its own. Segments of one row are in rising order of their blocks."""

    order: tuple[int, ...]
    tails: tuple[int, ...]
    segments: tuple[Segment, ...]


def lay_out(spans: Sequence[Span], tails_at: Sequence[int] | None = None) -> Layout:
    """Groups rows by what they see alike.

    tails_at: of each row, the block at which its tail begins, where that was decided before; segments then
    cover all blocks before, those of single rows too.
    """
    limits = [span.full_blocks for span in spans] if tails_at is None else tails_at
    order: list[int] = []
    tails: list[int] = []
    segments: list[Segment] = []

    def group(rows: Sequence[int], block: int) -> None:
        """Places rows that see all blocks before this one alike."""
        parts: dict[int, list[int]] = {}
        for row in rows:
            parts.setdefault(spans[row].key(block) if limits[row] > block else -1, []).append(row)
        for key, members in parts.items():
            if key == -1 or (len(members) == 1 and tails_at is None):
                order.extend(members)
                tails.extend([block] * len(members))
                continue
            one = spans[members[0]]
            last = block + 1
            while all(limits[row] > last and spans[row].key(last) == one.key(last) for row in members):
                last += 1
            begin = len(order)
            place = len(segments)
            group(members, last)
            seen = tuple(one.slots[block * BLOCK : last * BLOCK])
            segments.insert(place, Segment(begin, len(order), block, last, seen))

    group(range(len(spans)), 0)
    return Layout(tuple(order), tuple(tails), tuple(segments))
