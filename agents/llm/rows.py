"""Keys and values of the attention: of prefixes, kept across calls, and of the rows of a batch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from transformers.cache_utils import Cache

from burgh.agents.llm.encoding import Tokens

GROWTH = 32  # slots added when a batch outgrows its capacity


@dataclass(frozen=True, slots=True)
class Prefix:
    """What the attention keeps of a prefix. keys, values: one tensor (1, heads, length, width) a layer."""

    length: int
    keys: tuple[torch.Tensor, ...] = ()
    values: tuple[torch.Tensor, ...] = ()

    @property
    def size_bytes(self) -> int:
        return sum(tensor.nbytes for tensor in (*self.keys, *self.values))


class PrefixCache:
    """Keeps the most recently used prefixes, up to a number of bytes: few-shot examples recur all day.

    compute: what makes a prefix of tokens. A prefix has the same bits whenever it is computed, because it is
    always computed whole and alone.
    """

    def __init__(self, compute: Callable[[Tokens], Prefix], budget_bytes: int) -> None:
        self._compute = compute
        self._budget_bytes = budget_bytes
        self._kept: OrderedDict[Tokens, Prefix] = OrderedDict()

    def __contains__(self, tokens: Tokens) -> bool:
        return not tokens or tokens in self._kept

    def get(self, tokens: Tokens) -> Prefix:
        if not tokens:
            return Prefix(0)
        if tokens not in self._kept:
            self._kept[tokens] = self._compute(tokens)
        self._kept.move_to_end(tokens)
        prefix = self._kept[tokens]
        while len(self._kept) > 1 and self.size_bytes > self._budget_bytes:
            self._kept.popitem(last=False)
        return prefix

    @property
    def size_bytes(self) -> int:
        return sum(prefix.size_bytes for prefix in self._kept.values())


class Rows(Cache):  # type: ignore[misc]
    """The attention's memory of a batch of rows, laid out as [prefix, padded][own tokens] in each row.

    Rows may have different prefixes. capacity: how many own tokens a row will hold in all; None for a batch
    that is computed in one pass, of which nothing is kept. positions: (rows, slots) of what each slot holds.
    """

    def __init__(self, prefixes: Sequence[Prefix], device: torch.device, capacity: int | None) -> None:
        super().__init__(layers=[])
        self.prefixes = tuple(prefixes)
        self.width = max(prefix.length for prefix in prefixes)  # slots for the prefix
        self.capacity = capacity
        self.filled = 0  # own slots in use
        self.device = device
        self._buffers: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        lengths = torch.tensor([prefix.length for prefix in prefixes], device=device)
        slots = torch.arange(self.width, device=device).expand(len(self.prefixes), -1)
        self.positions = slots  # (rows, width + filled)
        self.prefix_seen = slots < lengths[:, None]  # (rows, width)
        self.starts = lengths  # (rows,): the position of a row's first own token

    def __len__(self) -> int:
        return len(self.prefixes)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return self.width + self.filled

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Takes in a layer's new keys and values (rows, heads, n, width); returns those of all slots."""
        count = key_states.shape[2]
        buffers = self._buffers.get(layer_idx)
        if buffers is None:
            slots = self.width + (count if self.capacity is None else self.capacity)
            buffers = self._allocate(key_states, value_states, layer_idx, slots)
            if self.capacity is not None:
                self._buffers[layer_idx] = buffers
        begin = self.width + self.filled
        if begin + count > buffers[0].shape[2]:
            buffers = self._buffers[layer_idx] = self._grown(buffers, max(count, GROWTH))
        keys, values = buffers
        keys[:, :, begin : begin + count] = key_states
        values[:, :, begin : begin + count] = value_states
        return keys[:, :, : begin + count], values[:, :, : begin + count]

    def _allocate(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, slots: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Zeros (what is masked must still be finite) with the prefixes copied in."""
        rows, heads = keys.shape[:2]
        made = tuple(like.new_zeros((rows, heads, slots, like.shape[3])) for like in (keys, values))
        for row, prefix in enumerate(self.prefixes):
            if prefix.length:
                made[0][row, :, : prefix.length] = prefix.keys[layer][0]
                made[1][row, :, : prefix.length] = prefix.values[layer][0]
        return made[0], made[1]

    @staticmethod
    def _grown(buffers: tuple[torch.Tensor, torch.Tensor], slots: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Room for replies that go on past what was foreseen, to end as their grammar wants."""
        return F.pad(buffers[0], (0, 0, 0, slots)), F.pad(buffers[1], (0, 0, 0, slots))

    def advance(self, positions: torch.Tensor) -> None:
        """Counts own tokens (rows, n), at these positions, as filled, once all layers have taken them in."""
        self.positions = torch.cat((self.positions, positions), dim=1)
        self.filled += positions.shape[1]

    def select(self, index: Sequence[int]) -> None:
        """Keeps these rows, in this order; a row may be named several times."""
        if list(index) == list(range(len(self))):
            return
        picked = torch.tensor(index, device=self.device)
        for layer, (keys, values) in self._buffers.items():
            self._buffers[layer] = (keys[picked], values[picked])
        self._reorder(index)

    def drop(self, done: Sequence[int]) -> list[int]:
        """Leaves out these rows; the last ones move into their places, so that little is copied.

        Returns which row each of those left was.
        """
        left = len(self) - len(done)
        order = list(range(left))
        holes = [row for row in done if row < left]
        movers = [row for row in range(left, len(self)) if row not in done]
        for hole, mover in zip(holes, movers, strict=True):
            order[hole] = mover
        used = self.width + self.filled
        for layer, (keys, values) in self._buffers.items():
            for buffer in (keys, values):
                buffer[holes, :, :used] = buffer[movers, :, :used]
            self._buffers[layer] = (keys[:left], values[:left])
        self._reorder(order)
        return order

    def _reorder(self, order: Sequence[int]) -> None:
        picked = torch.tensor(order, device=self.device)
        self.prefixes = tuple(self.prefixes[row] for row in order)
        self.positions, self.prefix_seen = self.positions[picked], self.prefix_seen[picked]
        self.starts = self.starts[picked]

    def as_prefix(self) -> Prefix:
        """The first row's own tokens as a prefix for others."""
        layers = [self._buffers[layer] for layer in sorted(self._buffers)]
        return Prefix(
            self.filled, tuple(keys[:1] for keys, _ in layers), tuple(values[:1] for _, values in layers)
        )
