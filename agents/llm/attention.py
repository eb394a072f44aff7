"""Attention over rows that share what they see, in numbers that do not depend on the rows beside them.

A pass holds the new tokens of all rows one after the other, without padding. What a token sees is summed up
in blocks of fixed positions, one after the other from the first; each block is one small matrix product. A
block has the same bits whoever shares it and whatever else is computed with it, as long as the product of a
row does not depend on how many rows there are: true of MKL for LEAST_ROWS and more (tests/test_llm_bits.py).
Where bits do not matter (a graphics card), "fused" hands each row with all it sees to torch's own attention.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F

from burgh.agents.llm.layout import BLOCK, Layout, Span
from burgh.agents.llm.room import ZERO

NAME = "burgh"  # of the attention among those of transformers
LEAST_ROWS = 4  # of a matrix product: below, MKL takes another way through it, with other last bits

Tensor = torch.Tensor


class Pool:
    """Keys and values by slot: for each layer two tensors (kv_heads, slots, width), made at its first use.

    poisoned: whether values that are no numbers are looked for.
    """

    def __init__(self, slots: int, device: torch.device) -> None:
        self.slots, self.device = slots, device
        self.poisoned = False
        self.keys: dict[int, Tensor] = {}
        self.values: dict[int, Tensor] = {}

    def write(self, layer: int, index: Tensor, keys: Tensor, values: Tensor) -> None:
        """Puts (kv_heads, n, width) into these slots."""
        if layer not in self.keys:
            for held, new in ((self.keys, keys), (self.values, values)):
                made = new.new_empty((new.shape[0], self.slots, new.shape[2]))
                made[:, ZERO] = 0
                held[layer] = made
        if self.poisoned:
            keys, values = poisoned(keys, values)
        self.keys[layer].index_copy_(1, index, keys)
        self.values[layer].index_copy_(1, index, values)

    @property
    def bytes_per_slot(self) -> int:
        """Of the layers that have written so far."""
        return sum(one.nbytes // self.slots for held in (self.keys, self.values) for one in held.values())


@dataclass(slots=True)
class SharedPart:
    """What several rows of a pass see alike. tokens [begin, end) of the pass; columns [first, last)."""

    begin: int
    end: int
    first: int
    last: int
    slots: Tensor


@dataclass(slots=True)
class Tails:
    """The tails of rows of like length, padded to (rows, count) tokens and (rows, width) slots.

    tokens: of the pass, (rows * count,). back, places: places[i] of the pass takes entry back[i]. queries:
    (rows, count) and columns: (rows, width), their positions. slots: (rows * width,).
    """

    rows: int
    count: int
    width: int
    tokens: Tensor
    back: Tensor
    places: Tensor
    queries: Tensor
    columns: Tensor
    slots: Tensor
    hidden: dict[int | None, Tensor] = field(default_factory=dict)

    def mask(self, window: int | None) -> Tensor:
        """(rows, count, width): what is hidden from each token."""
        if window not in self.hidden:
            self.hidden[window] = hidden(self.queries, self.columns, window)
        return self.hidden[window]


def hidden(queries: Tensor, columns: Tensor, window: int | None) -> Tensor:
    """Whether what stands at columns (..., m) is hidden from queries (..., n): (..., n, m)."""
    ahead = columns[..., None, :] > queries[..., :, None]
    if window is None:
        return ahead
    return ahead | (queries[..., :, None] - columns[..., None, :] >= window)


@dataclass(slots=True)
class Pass:
    """One run of new tokens through the model, as its attention needs it."""

    pool: Pool
    slots: Tensor  # (tokens,): where their keys and values go
    positions: Tensor  # (tokens,)
    shared: list[SharedPart]
    uncovered: list[tuple[int, int, int]]  # tokens [begin, end) have no shared part from this column on
    tails: list[Tails]
    fused: bool

    @property
    def width(self) -> int:
        return max((part.last for part in self.shared), default=0)

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor, how: How) -> Tensor:
        """query: (heads, tokens, width); keys, values: (kv_heads, tokens, width), of the new tokens. Returns
        (tokens, heads, width)."""
        self.pool.write(layer, self.slots, keys, values)
        heads, count, _ = query.shape
        kv = keys.shape[0]
        group = heads // kv
        asked = (query * how.scaling).view(kv, group, count, -1).transpose(1, 2).contiguous()
        found = values.new_zeros((kv, count, group, values.shape[2]))
        if self.fused and how.softcap is None:
            for tails in self.tails:
                tails_fused((self.pool.keys[layer], self.pool.values[layer]), tails, asked, found, how)
        else:
            self._attend_in_blocks(layer, asked, found, how)
        return found.permute(1, 0, 2, 3).reshape(count, heads, -1)

    def _attend_in_blocks(self, layer: int, asked: Tensor, found: Tensor, how: How) -> None:
        """asked: (kv, tokens, group, width). Fills `found`, of the same shape."""
        keys, values = self.pool.keys[layer], self.pool.values[layer]
        kv, _, group, _ = asked.shape
        scores = self._shared_scores(keys, asked, how)  # (kv, tokens, group, columns)
        highest = scores.amax(dim=-1) if scores is not None else None  # (kv, tokens, group)
        tail_scores = [self._tail_scores(keys, tails, asked, how) for tails in self.tails]
        tail_highest = []
        for tails, one in zip(self.tails, tail_scores, strict=True):
            top = one.amax(dim=-1)  # (kv, rows, count, group)
            if highest is not None:
                top = torch.maximum(top, highest[:, tails.tokens].view_as(top))
            tail_highest.append(top)
        total = None
        if scores is not None and highest is not None:
            for tails, top in zip(self.tails, tail_highest, strict=True):
                highest[:, tails.places] = top.view(kv, -1, group)[:, tails.back]
            weights = scores.sub_(highest[..., None]).exp_()
            total = block_sums(weights).cumsum(dim=-1)[..., -1]  # (kv, tokens, group)
            for part in self.shared:
                held = values.index_select(1, part.slots)
                here = slice(part.begin, part.end)
                summed = found[:, here].reshape(kv, -1, found.shape[3])
                seen = weights[:, here].reshape(kv, summed.shape[1], -1)[:, :, part.first : part.last]
                found[:, here] = add_blocks(summed, seen, held).view_as(found[:, here])
        for tails, one, top in zip(self.tails, tail_scores, tail_highest, strict=True):
            weights = one.sub_(top[..., None]).exp_()
            sums = block_sums(weights)  # (kv, rows, count, group, blocks)
            if total is not None:
                before = total[:, tails.tokens].view(*sums.shape[:-1], 1)
                sums = torch.cat((before, sums), dim=-1)
            whole = sums.cumsum(dim=-1)[..., -1].to(found.dtype)
            held = values.index_select(1, tails.slots).view(kv * tails.rows, tails.width, -1)
            summed = found[:, tails.tokens].view(kv * tails.rows, tails.count * group, -1)
            summed = add_blocks(summed, weights.view(*summed.shape[:2], tails.width), held)
            done = summed.view(*whole.shape, -1) / whole[..., None]
            found[:, tails.places] = done.view(kv, -1, group, found.shape[3])[:, tails.back]

    def _shared_scores(self, keys: Tensor, asked: Tensor, how: How) -> Tensor | None:
        if not self.shared:
            return None
        kv, count, group, _ = asked.shape
        scores = asked.new_empty((kv, count, group, self.width))
        for begin, end, column in self.uncovered:
            scores[:, begin:end, :, column:] = -torch.inf
        for part in self.shared:
            here = slice(part.begin, part.end)
            held = keys.index_select(1, part.slots)
            product = matrix(asked[:, here].reshape(kv, -1, asked.shape[3]), held.transpose(1, 2))
            scores[:, here, :, part.first : part.last] = how.cap(product).view(
                kv, part.end - part.begin, group, -1
            )
        if how.window is not None:
            columns = torch.arange(self.width, device=scores.device)
            scores.masked_fill_(hidden(self.positions, columns, how.window)[None, :, None], -torch.inf)
        return scores

    def _tail_scores(self, keys: Tensor, tails: Tails, asked: Tensor, how: How) -> Tensor:
        """(kv, rows, count, group, width)."""
        kv, _, group, wide = asked.shape
        held = keys.index_select(1, tails.slots).view(kv * tails.rows, tails.width, wide)
        question = asked[:, tails.tokens].view(kv * tails.rows, tails.count * group, wide)
        product = how.cap(matrix(question, held.transpose(1, 2)))
        scores = product.view(kv, tails.rows, tails.count, group, tails.width)
        return scores.masked_fill_(tails.mask(how.window)[None, :, :, None], -torch.inf)


@dataclass(frozen=True, slots=True)
class How:
    """What a layer asks of its attention."""

    scaling: float
    window: int | None = None
    softcap: float | None = None

    def cap(self, scores: Tensor) -> Tensor:
        return scores if self.softcap is None else torch.tanh(scores / self.softcap) * self.softcap


def poisoned(keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Values that are not numbers are left to the keys: who sees such a key has no score, while such a value
    would reach those too from whom it is hidden (0 times NaN is NaN)."""
    bad = ~torch.isfinite(values).all(dim=-1, keepdim=True)
    return keys.masked_fill(bad, torch.nan), values.masked_fill(bad, 0)


def matrix(left: Tensor, right: Tensor) -> Tensor:
    """Products (n, rows, k) with (n, k, columns), in the way that many rows take."""
    rows = left.shape[1]
    if rows >= LEAST_ROWS:
        return torch.bmm(left, right)
    return torch.bmm(F.pad(left, (0, 0, 0, LEAST_ROWS - rows)), right)[:, :rows]


def add_blocks(summed: Tensor, weights: Tensor, values: Tensor) -> Tensor:
    """summed (n, rows, width) plus weights (n, rows, columns) times values (n, columns, width), block after
    block."""
    rows = summed.shape[1]
    if rows < LEAST_ROWS:
        padding = (0, 0, 0, LEAST_ROWS - rows)
        summed, weights = F.pad(summed, padding), F.pad(weights, padding)
    summed = torch.baddbmm(summed, weights[:, :, :BLOCK], values[:, :BLOCK])
    for begin in range(BLOCK, weights.shape[2], BLOCK):
        block = slice(begin, begin + BLOCK)
        summed.baddbmm_(weights[:, :, block], values[:, block])
    return summed[:, :rows]


def block_sums(weights: Tensor) -> Tensor:
    """Sums of blocks of columns, (..., columns) to (..., blocks), in double precision: what is added to them
    later is added in the same order and to the same bits wherever a row is cut."""
    return weights.view(*weights.shape[:-1], -1, BLOCK).sum(dim=-1).double()


def tails_fused(held: Sequence[Tensor], tails: Tails, asked: Tensor, found: Tensor, how: How) -> None:
    """The rows with all that they see, by torch's own attention. held: keys and values of all slots."""
    kv, _, group, wide = asked.shape
    held = [one.index_select(1, tails.slots) for one in held]
    keys, values = (one.view(kv, tails.rows, tails.width, -1).transpose(0, 1) for one in held)
    question = asked[:, tails.tokens].view(kv, tails.rows, tails.count * group, wide).transpose(0, 1)
    seen = ~tails.mask(how.window).repeat_interleave(group, dim=1)[:, None]  # (rows, 1, count * group, width)
    made = F.scaled_dot_product_attention(question, keys, values, attn_mask=seen, scale=1.0)
    flat = made.transpose(0, 1).reshape(kv, tails.rows * tails.count, group, -1)
    found[:, tails.places] = flat[:, tails.back]


def plan(pool: Pool, spans: Sequence[Span], layout: Layout, *, fused: bool) -> Pass:
    """The tensors of a pass over these rows, in the order of their layout."""
    device = pool.device
    rows = [spans[row] for row in layout.order]
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + row.count)
    shared = [
        SharedPart(
            starts[one.begin],
            starts[one.end],
            one.first * BLOCK,
            one.last * BLOCK,
            torch.tensor(one.slots, device=device),
        )
        for one in layout.segments
    ]
    width = max((part.last for part in shared), default=0)
    uncovered: list[tuple[int, int, int]] = []
    for begin, end, tail in zip(starts, starts[1:], layout.tails, strict=False):
        if tail * BLOCK < width:
            uncovered.append((begin, end, tail * BLOCK))
    classes: dict[tuple[int, int], list[int]] = {}
    for number, (row, tail) in enumerate(zip(rows, layout.tails, strict=True)):
        blocks = row.blocks - tail
        classes.setdefault((row.count.bit_length(), blocks.bit_length()), []).append(number)
    tails = [_tails(device, rows, starts, layout.tails, members) for members in classes.values()]
    positions = [place for row in rows for place in range(row.begin, len(row.slots))]
    slots = [slot for row in rows for slot in row.slots[row.begin :]]
    return Pass(
        pool,
        torch.tensor(slots, device=device),
        torch.tensor(positions, device=device),
        shared,
        uncovered,
        tails,
        fused,
    )


def _tails(
    device: torch.device,
    rows: Sequence[Span],
    starts: Sequence[int],
    tails: Sequence[int],
    members: Sequence[int],
) -> Tails:
    count = max(rows[n].count for n in members)
    width = max(rows[n].blocks - tails[n] for n in members) * BLOCK
    tokens: list[int] = []
    back: list[int] = []
    places: list[int] = []
    queries: list[list[int]] = []
    columns: list[list[int]] = []
    slots: list[int] = []
    for line, n in enumerate(members):
        row, first = rows[n], tails[n] * BLOCK
        own = list(range(starts[n], starts[n] + row.count))
        tokens += own + own[:1] * (count - row.count)
        places += own
        back += range(line * count, line * count + row.count)
        queries.append([*range(row.begin, len(row.slots)), *[row.begin] * (count - row.count)])
        columns.append(list(range(first, first + width)))
        held = list(row.slots[first:])
        slots += held + [ZERO] * (width - len(held))

    def as_index(numbers: Any) -> Tensor:
        return torch.tensor(numbers, device=device)

    return Tails(
        len(members),
        count,
        width,
        as_index(tokens),
        as_index(back),
        as_index(places),
        as_index(queries),
        as_index(columns),
        as_index(slots),
    )
